#include "server/serve_state.h"

#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "authority/control_protocol.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"

/* One container is a matter of milliseconds; its own limits end it before. */
#define READER_LIFE_MS 10000
/* It ends when the keeper closes its channel; a look at everything that is
 * published takes less. */
#define VALIDATOR_LIFE_MS (15 * 60 * 1000)

static bool spawn(struct server *server, struct serve_reader *reader,
    const char *role, int channel, struct failure *why)
{
    const char *const arguments[] = {"chancery", "--role", role, NULL};
    const struct process_start start = {.program = server->plan->program != NULL
                                                       ? server->plan->program
                                                       : "/proc/self/exe",
        .arguments = arguments,
        .descriptors = &channel,
        .descriptor_count = 1,
        .user = server->place.owner,
        .group = server->place.group,
        .is_apart = true};
    int status = 0;

    if (!process_spawn(&start, &reader->process, why))
        return false;
    reader->handle = pidfd_open(reader->process, 0);
    reader->killed_at_ms =
        clock_monotonic_ms() +
        (strcmp(role, "reader") == 0 ? READER_LIFE_MS : VALIDATOR_LIFE_MS);
    if (reader->handle >= 0)
        return true;
    (void)!process_end(reader->process, 0, &status, why);
    reader->process = 0;
    return fail_because(
        why, FAILURE_INTERNAL, "a %s can't be waited for", role);
}

/* Owns the channel.  False: all places are taken, or it can't be started. */
static bool start(struct server *server, const char *role, int channel)
{
    SCOPED_DESCRIPTOR int theirs = channel;
    struct failure why = {0};

    for (size_t i = 0; i < READERS_MAX; i++) {
        if (server->readers[i].process != 0)
            continue;
        if (spawn(server, &server->readers[i], role, theirs, &why))
            return true;
        log_event(LOG_LEVEL_ERROR, "role-not-started", "role", role, "why",
            why.reason, NULL);
        return false;
    }
    return false;
}

void readers_start(struct server *server, int channel)
{
    (void)start(server, "reader", channel);
}

void validator_start(struct server *server)
{
    SCOPED_DESCRIPTOR int keepers = -1;
    int sockets[2] = {-1, -1};
    struct failure why = {0};

    if (!channel_pair(sockets, &why)) {
        log_event(LOG_LEVEL_ERROR, "role-not-started", "role", "validator",
            "why", why.reason, NULL);
        return;
    }
    keepers = sockets[0];
    if (start(server, "validator", sockets[1]) &&
        !channel_send(server->children[CHILD_KEEPER].channel, KEEPER_VALIDATOR,
            1, (struct bytes){0}, &keepers, 1, 0, &why))
        log_event(LOG_LEVEL_WARNING, "validator-not-handed-over", "why",
            why.reason, NULL);
}

void readers_tend(struct server *server, int64_t now_ms)
{
    for (size_t i = 0; i < READERS_MAX; i++) {
        struct serve_reader *reader = &server->readers[i];

        if (reader->process != 0 && now_ms >= reader->killed_at_ms)
            (void)pidfd_send_signal(reader->handle, SIGKILL, NULL, 0);
    }
}

void reader_has_ended(struct serve_reader *reader)
{
    struct failure why = {0};
    int status = 0;

    (void)!process_end(reader->process, 0, &status, &why);
    descriptor_close(&reader->handle);
    *reader = (struct serve_reader){.handle = -1};
}
