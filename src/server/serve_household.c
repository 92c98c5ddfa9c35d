#include "server/serve_state.h"

#include <string.h>
#include <unistd.h>

#include "authority/signer_protocol.h"
#include "base/log.h"
#include "server/client_internal.h"

/* A signer that dies takes its keeper's work with it. */
#define KEEPER_END_MS 1000
#define SIGNER_END_MS 2000

static struct household_plan plan_of(struct server *server)
{
    return (struct household_plan){.program = server->plan->program,
        .place = &server->place,
        .mode = KEEPER_SERVES,
        .keys = &server->keys,
        .lock = server->lock,
        .passphrase = -1,
        .root_passphrase = -1,
        .listener = server->control,
        .sign_log = -1,
        .units = server->plan->units,
        .stays = true};
}

/* --- the signer ---------------------------------------------------------- */

/* `lock` lasts: what opened the keys before does not open them again until
 * `unlock` has taken the mark away. */
static bool open_passphrase(
    struct server *server, int *descriptor, struct failure *why)
{
    const struct client_options options = {
        .passphrase = server->plan->passphrase,
        .credentials = server->plan->credentials};
    char path[PATH_ROOM];

    if (!place_path(&server->place, "keys/locked", path, why))
        return false;
    if (access(path, F_OK) == 0)
        return true;
    return client_open_passphrase(&options, &server->place, descriptor, why);
}

bool household_tell_keys(
    const struct household_keys *keys, struct buffer *told, struct failure *why)
{
    buffer_clear(told);
    for (size_t i = 0; i < keys->count; i++) {
        if (!household_write_key(&keys->keys[i], told, why))
            return false;
    }
    return true;
}

/* What they say stays known; the files are the signer's alone. */
static void close_key_files(struct household_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        descriptor_close(&keys->keys[i].file);
}

static bool find_keys(struct server *server, struct failure *why)
{
    static const struct household_wishes nothing_else = {0};

    household_keys_free(&server->keys);
    return household_find_keys(&server->place, server->configuration,
               &nothing_else, &server->keys, why) &&
           household_tell_keys(&server->keys, &server->keys_told, why);
}

bool signer_begin(
    struct server *server, struct child *child, struct failure *why)
{
    struct household_plan plan = plan_of(server);
    SCOPED_DESCRIPTOR int passphrase = -1;
    SCOPED_DESCRIPTOR int sign_log = -1;
    SCOPED_DESCRIPTOR int theirs = -1;
    int sockets[2] = {-1, -1};
    bool begun;

    if (!find_keys(server, why) || !open_passphrase(server, &passphrase, why) ||
        !household_open_sign_log(&server->place, &sign_log, why) ||
        !channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    descriptor_close(&server->for_keeper);
    server->for_keeper = sockets[0];
    plan.passphrase = passphrase;
    plan.sign_log = sign_log;
    begun = household_begin_signer(
        &plan, theirs, &child->process, &child->channel, why);
    close_key_files(&server->keys);
    return begun;
}

static bool is_any_locked(const struct signer_state *keys)
{
    for (size_t i = 0; i < keys->key_count; i++) {
        if (!keys->keys[i].is_usable &&
            strncmp(keys->keys[i].why, "locked", 6) == 0)
            return true;
    }
    return false;
}

bool signer_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why)
{
    if (!household_take_signer(frame, &server->key_states, why))
        return false;
    server->signer_takes = false;
    if (child->state == CHILD_STARTS && is_any_locked(&server->key_states))
        log_event(LOG_LEVEL_WARNING, "locked", "what",
            "nothing is issued until chancery unlock", NULL);
    return true;
}

void signer_ended(struct server *server, struct child *child)
{
    (void)child;
    descriptor_close(&server->for_keeper);
    server->signer_takes = false;
    server->renews_signer = false;
    child_stop(&server->children[CHILD_KEEPER], KEEPER_END_MS);
}

/* --- the keeper ---------------------------------------------------------- */

bool keeper_may_start(const struct server *server)
{
    return server->children[CHILD_SIGNER].state == CHILD_RUNS &&
           server->for_keeper >= 0 && !server->signer_takes &&
           !server->renews_signer;
}

bool keeper_begin(
    struct server *server, struct child *child, struct failure *why)
{
    const struct household_plan plan = plan_of(server);
    SCOPED_DESCRIPTOR int signer = descriptor_keep(&server->for_keeper);
    SCOPED_DESCRIPTOR int connection = -1;
    SCOPED_DESCRIPTOR int unused = -1;
    int sockets[2] = {-1, -1};

    /* A keeper has a command from its birth; this one's hangs up. */
    if (!channel_pair(sockets, why))
        return false;
    connection = sockets[0];
    unused = sockets[1];
    return household_begin_keeper(
        &plan, signer, connection, &child->process, &child->channel, why);
}

bool keeper_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why)
{
    uint64_t recovered = 0;

    if (frame->type == KEEPER_NEEDS_VALIDATOR && child->state == CHILD_RUNS) {
        validator_start(server);
        return true;
    }
    if (child->state != CHILD_STARTS)
        return fail_because(why, FAILURE_MALFORMED, "the keeper answers twice");
    if (!household_take_keeper(frame, &recovered, why))
        return false;
    if (recovered > 0)
        log_event(LOG_LEVEL_WARNING, "recovered", "what",
            "certificates that were signed and never delivered are revoked",
            NULL);
    fronts_meet_keeper(server);
    status_meets_keeper(server);
    return true;
}

/* --- both ---------------------------------------------------------------- */

static bool hand_over_channel(struct server *server, struct failure *why)
{
    SCOPED_DESCRIPTOR int theirs = -1;
    int sockets[2] = {-1, -1};

    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    server->for_keeper = sockets[0];
    server->signer_takes = true;
    return channel_send(server->children[CHILD_SIGNER].channel, SIGNER_KEEPER,
        1, (struct bytes){0}, &theirs, 1, 0, why);
}

void household_tend(struct server *server)
{
    struct child *signer = &server->children[CHILD_SIGNER];
    struct failure why = {0};

    if (server->stopping != 0 || signer->state != CHILD_RUNS ||
        signer->channel == NULL ||
        child_is_there(&server->children[CHILD_KEEPER]))
        return;
    if (server->renews_signer)
        child_stop(signer, SIGNER_END_MS);
    else if (server->for_keeper < 0 && !hand_over_channel(server, &why))
        child_stop(signer, SIGNER_END_MS);
}
