#include "server/serve_state.h"

#include "authority/status_protocol.h"
#include "base/log.h"
#include "base/message.h"
#include "base/refusal.h"

static const struct channel_rule answers[] = {
    {STATUS_READY, "ready", 0, 1, 0},
    {STATUS_FAILED, "failed", 4096, 1, 0},
    {0},
};

/* It answers for the authorities whose keys the signer was told of. */
bool status_may_start(const struct server *server)
{
    return server->children[CHILD_SIGNER].state == CHILD_RUNS;
}

static bool send_issuer(const struct child *child,
    const struct household_key *key, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("issuer of answers", 512 * 1024);

    return message_add_text(
               &message, STATUS_FIELD_NAME, key->limits.name, why) &&
           message_add(&message, STATUS_FIELD_ISSUER,
               buffer_view(&key->certificate), why) &&
           channel_send(child->channel, STATUS_ISSUER, 1, buffer_view(&message),
               NULL, 0, 0, why);
}

/* One end of a new pair goes with this message; the other is the keeper's. */
static bool send_with_channel(struct server *server, const struct child *child,
    enum status_message message, struct failure *why)
{
    SCOPED_DESCRIPTOR int theirs = -1;
    int sockets[2] = {-1, -1};

    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    descriptor_close(&server->status_for_keeper);
    server->status_for_keeper = sockets[0];
    return channel_send(child->channel, (uint16_t)message, 1, (struct bytes){0},
        &theirs, 1, 0, why);
}

bool status_begin(
    struct server *server, struct child *child, struct failure *why)
{
    const struct household_plan plan = {.program = server->plan->program,
        .place = &server->place,
        .units = server->plan->units,
        .stays = true};

    if (!household_spawn(
            &plan, "status", answers, &child->process, &child->channel, why))
        return false;
    for (size_t i = 0; i < server->keys.count; i++) {
        if (!server->keys.keys[i].is_root &&
            !send_issuer(child, &server->keys.keys[i], why))
            return false;
    }
    return send_with_channel(server, child, STATUS_START, why);
}

/* What fails here is known by the keeper's end, too: its next one gets it. */
static void pass_on(struct server *server)
{
    const struct child *keeper = &server->children[CHILD_KEEPER];
    struct failure gone = {0};

    if (server->status_for_keeper >= 0 && keeper->state == CHILD_RUNS &&
        keeper->channel != NULL &&
        server->children[CHILD_STATUS].state == CHILD_RUNS &&
        channel_send(keeper->channel, KEEPER_STATUS_SIGNER, 1,
            (struct bytes){0}, &server->status_for_keeper, 1, 0, &gone))
        descriptor_close(&server->status_for_keeper);
}

bool status_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why)
{
    if (frame->type == STATUS_FAILED)
        return fail_as_told(why, frame->body, "status signer");
    child->state = CHILD_RUNS;
    child->killed_at_ms = 0;
    pass_on(server);
    return true;
}

void status_ended(struct server *server, struct child *child)
{
    (void)child;
    descriptor_close(&server->status_for_keeper);
}

void status_meets_keeper(struct server *server)
{
    const struct child *child = &server->children[CHILD_STATUS];
    struct failure why = {0};

    if (child->channel == NULL || child->state == CHILD_STOPS)
        return;
    if (child->state == CHILD_RUNS && server->status_for_keeper < 0 &&
        !send_with_channel(server, child, STATUS_KEEPER, &why))
        log_event(LOG_LEVEL_ERROR, "status-signer-without-keeper", "why",
            why.reason, NULL);
    pass_on(server);
}
