#include "server/serve_state.h"

#include <unistd.h>

#include "authority/control_protocol.h"
#include "base/log.h"
#include "base/message.h"
#include "base/refusal.h"
#include "server/front_protocol.h"
#include "server/listening.h"
#include "server/web/own_names.h"

_Static_assert((int)SERVE_PUBLIC == (int)LISTENER_PUBLIC &&
                   (int)SERVE_PLAIN == (int)LISTENER_PLAIN &&
                   (int)SERVE_ADMIN == (int)LISTENER_ADMIN &&
                   (int)SERVE_MTLS == (int)LISTENER_MTLS &&
                   SERVE_LISTENERS == LISTENER_KINDS,
    "the settings know the listeners in the same order");

static const struct channel_rule answers[] = {
    {FRONT_READY, "ready", 4096, 1, 0},
    {FRONT_FAILED, "failed", 4096, 1, 0},
    {FRONT_READER, "reader", 0, 1, 1},
    {0},
};

static bool make_folder(const struct place *place, const char *name,
    mode_t mode, struct failure *why)
{
    struct failure made = {0};
    char path[PATH_ROOM];

    if (!place_path(place, name, path, why))
        return false;
    if (!folder_make(path, mode, &made)) {
        if (made.kind == FAILURE_CONFLICT)
            return true;
        *why = made;
        return false;
    }
    if (geteuid() == 0 && lchown(path, place->owner, place->group) != 0)
        return fail_in_file(why, "giving to its owner", path);
    return true;
}

/* A front opens no other folder once it is locked in. */
bool fronts_make_folders(const struct server *server, struct failure *why)
{
    return make_folder(&server->place, "publish", 0755, why) &&
           make_folder(&server->place, "publish/ocsp", 0755, why) &&
           make_folder(&server->place, "tls", 0700, why);
}

static bool write_start(const struct server *server, const struct child *child,
    struct buffer *message, struct failure *why)
{
    const struct serve_settings *settings = &server->configuration->serve;
    struct own_names names;

    own_names_of(server->configuration, &names);
    for (size_t i = 0; i < names.count; i++) {
        if (!message_add_text(message, FRONT_FIELD_NAME, names.texts[i], why))
            return false;
    }
    return message_add_number(
               message, FRONT_FIELD_LISTENER, child->listener, why) &&
           message_add_text(
               message, FRONT_FIELD_DIRECTORY, server->place.directory, why) &&
           message_add_number(
               message, FRONT_FIELD_PER_ADDRESS, settings->per_address, why);
}

static bool send_start(const struct server *server, const struct child *child,
    int keeper, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("front's start", 64 * 1024);
    const int descriptors[] = {server->listeners[child->listener], keeper};

    return write_start(server, child, &message, why) &&
           channel_send(child->channel, FRONT_START, 1, buffer_view(&message),
               descriptors, 2, 0, why);
}

/* The keeper's end of a channel, which gets its listener here and nowhere
 * else. */
static bool give_to_keeper(
    struct server *server, const struct child *child, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("front of the keeper", 64);

    return message_add_number(&message, CONTROL_NUMBER, child->listener, why) &&
           channel_send(server->children[CHILD_KEEPER].channel, KEEPER_FRONT, 1,
               buffer_view(&message), &child->keepers_end, 1, 0, why);
}

static bool keeper_runs(const struct server *server)
{
    const struct child *keeper = &server->children[CHILD_KEEPER];

    return keeper->state == CHILD_RUNS && keeper->channel != NULL;
}

/* What fails here is known by the keeper's end, too: its next one gets it. */
static void pass_on(struct server *server, struct child *child)
{
    struct failure gone = {0};

    if (child->keepers_end >= 0 && keeper_runs(server) &&
        give_to_keeper(server, child, &gone))
        descriptor_close(&child->keepers_end);
}

bool front_begin(
    struct server *server, struct child *child, struct failure *why)
{
    const struct household_plan plan = {.program = server->plan->program,
        .place = &server->place,
        .units = server->plan->units,
        .stays = true};
    SCOPED_DESCRIPTOR int theirs = -1;
    int sockets[2] = {-1, -1};

    if (!server->is_inherited[child->listener] &&
        !listening_again(server->listeners[child->listener],
            &server->addresses[child->listener], why))
        return false;
    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[0];
    descriptor_close(&child->keepers_end);
    child->keepers_end = sockets[1];
    if (!household_spawn(
            &plan, "front", answers, &child->process, &child->channel, why) ||
        !send_start(server, child, theirs, why))
        return false;
    pass_on(server, child);
    return true;
}

bool front_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why)
{
    if (frame->type == FRONT_FAILED)
        return fail_as_told(why, frame->body, "front");
    if (frame->type == FRONT_READER && child->state == CHILD_RUNS &&
        frame->descriptor_count == 1) {
        readers_start(server, descriptor_keep(&frame->descriptors[0]));
        return true;
    }
    return (frame->type == FRONT_READY && child->state == CHILD_STARTS) ||
           fail_because(
               why, FAILURE_MALFORMED, "the front says what it may not");
}

/* kb 119: where nobody can answer, nobody is let in; one that is back within
 * milliseconds keeps those that came. */
void front_ended(struct server *server, struct child *child)
{
    if (child->state == CHILD_STARTS && !server->is_inherited[child->listener])
        listening_pause(server->listeners[child->listener]);
    descriptor_close(&child->keepers_end);
}

/* --- all of them --------------------------------------------------------- */

static bool meet(struct child *child, struct failure *why)
{
    SCOPED_DESCRIPTOR int theirs = -1;
    int sockets[2] = {-1, -1};

    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[0];
    child->keepers_end = sockets[1];
    return channel_send(
        child->channel, FRONT_KEEPER, 1, (struct bytes){0}, &theirs, 1, 0, why);
}

/* The keeper's first frame is being heard: from here on it runs. */
void fronts_meet_keeper(struct server *server)
{
    server->children[CHILD_KEEPER].state = CHILD_RUNS;
    for (size_t i = CHILD_FRONTS; i < server->child_count; i++) {
        struct child *child = &server->children[i];
        struct failure why = {0};

        if (child->channel == NULL || child->state == CHILD_STOPS)
            continue;
        if (child->keepers_end < 0 && !meet(child, &why))
            log_event(LOG_LEVEL_ERROR, "front-without-keeper", "listener",
                listener_name(child->listener), "why", why.reason, NULL);
        pass_on(server, child);
    }
}

void fronts_reload(struct server *server)
{
    for (size_t i = CHILD_FRONTS; i < server->child_count; i++) {
        struct child *child = &server->children[i];
        RELEASED(buffer) message = BUFFER("front's settings", 64 * 1024);
        struct failure why = {0};

        if (child->channel == NULL || child->state == CHILD_STOPS)
            continue;
        if (!write_start(server, child, &message, &why) ||
            !channel_send(child->channel, FRONT_RELOAD, 1,
                buffer_view(&message), NULL, 0, 0, &why))
            log_event(LOG_LEVEL_ERROR, "front-not-told", "listener",
                listener_name(child->listener), "why", why.reason, NULL);
    }
}
