#include "server/serve_state.h"

#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"

/* One container is a matter of milliseconds; its own limits end it before. */
#define READER_LIFE_MS 10000

static bool spawn(struct server *server, struct serve_reader *reader,
    int channel, struct failure *why)
{
    static const char *const arguments[] = {
        "chancery", "--role", "reader", NULL};
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
    reader->killed_at_ms = clock_monotonic_ms() + READER_LIFE_MS;
    if (reader->handle >= 0)
        return true;
    (void)!process_end(reader->process, 0, &status, why);
    reader->process = 0;
    return fail_because(why, FAILURE_INTERNAL, "a reader can't be waited for");
}

void readers_start(struct server *server, int channel)
{
    SCOPED_DESCRIPTOR int theirs = channel;
    struct failure why = {0};

    for (size_t i = 0; i < READERS_MAX; i++) {
        if (server->readers[i].process != 0)
            continue;
        if (!spawn(server, &server->readers[i], theirs, &why))
            log_event(LOG_LEVEL_ERROR, "role-not-started", "role", "reader",
                "why", why.reason, NULL);
        return;
    }
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
