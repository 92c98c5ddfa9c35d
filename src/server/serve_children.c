#include "server/serve_state.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "authority/control_protocol.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "server/front_protocol.h"

/* A child that lived for so long did not end because of how it was started. */
#define STEADY_MS 5000
#define DELAY_FIRST_MS 25
#define DELAY_MAX_MS 1000
/* Keys may have to be derived from a passphrase, under a sanitizer. */
#define SIGNER_READY_MS 180000
/* A log of signatures to take in, perhaps on a slow disk. */
#define KEEPER_READY_MS 600000
#define STATUS_READY_MS 60000
#define FRONT_READY_MS 60000
/* For a child whose channel has broken to end by itself. */
#define BROKEN_END_MS 500

static const struct child_kind kinds[] = {
    [CHILD_SIGNER] = {.name = "signer",
        .begin = signer_begin,
        .heard = signer_heard,
        .ended = signer_ended,
        .ready_ms = SIGNER_READY_MS,
        .is_vital = true},
    [CHILD_KEEPER] = {.name = "keeper",
        .may_start = keeper_may_start,
        .begin = keeper_begin,
        .heard = keeper_heard,
        .stop_message = KEEPER_STOP,
        .ready_ms = KEEPER_READY_MS,
        .is_vital = true},
    [CHILD_STATUS] = {.name = "status",
        .may_start = status_may_start,
        .begin = status_begin,
        .heard = status_heard,
        .ended = status_ended,
        .ready_ms = STATUS_READY_MS},
    [CHILD_FRONTS] = {.name = "front",
        .begin = front_begin,
        .heard = front_heard,
        .ended = front_ended,
        .stop_message = FRONT_STOP,
        .ready_ms = FRONT_READY_MS},
};

const struct child_kind *child_kind_of(enum child_place place)
{
    return &kinds[place];
}

bool child_is_there(const struct child *child)
{
    return child->process != 0;
}

/* --- ends ---------------------------------------------------------------- */

static bool is_of_a_unit(const struct child *child)
{
    return child->process == ROLE_OF_A_UNIT;
}

/* The process of a unit is the service manager's to kill: until its channel
 * closes nobody takes its place, but the end does not wait for it. */
static void kill_child(struct server *server, struct child *child)
{
    if (!is_of_a_unit(child))
        (void)pidfd_send_signal(child->handle, SIGKILL, NULL, 0);
    else if (server->stopping > 0)
        child_has_ended(server, child);
    else
        log_event(LOG_LEVEL_ERROR, "role-hangs", "role", child->kind->name,
            "what", "its unit has to be stopped", NULL);
}

/* Its channel says that nothing more comes.  What a unit's process does then is
 * heard by the other half. */
static void hang_up(struct child *child)
{
    if (is_of_a_unit(child) && child->channel != NULL) {
        (void)shutdown(channel_descriptor(child->channel), SHUT_WR);
        return;
    }
    channel_free(child->channel);
    child->channel = NULL;
}

void child_stop(struct child *child, int within_ms)
{
    struct failure gone = {0};

    if (!child_is_there(child) || child->state == CHILD_STOPS)
        return;
    child->state = CHILD_STOPS;
    child->killed_at_ms = clock_monotonic_ms() + within_ms;
    if (child->kind->stop_message == 0 || child->channel == NULL ||
        !channel_send(child->channel, child->kind->stop_message, 1,
            (struct bytes){0}, NULL, 0, 0, &gone))
        hang_up(child);
}

static const char *end_text(int status, char text[static 32])
{
    if (status < 0)
        (void)snprintf(text, 32, "its channel's end");
    else if (WIFSIGNALED(status))
        (void)snprintf(text, 32, "signal %s",
            sigabbrev_np(WTERMSIG(status)) == NULL
                ? "unknown"
                : sigabbrev_np(WTERMSIG(status)));
    else
        (void)snprintf(text, 32, "status %d", WEXITSTATUS(status));
    return text;
}

static const char *listener_of(
    const struct server *server, const struct child *child)
{
    return child - server->children >= CHILD_FRONTS
               ? listener_name(child->listener)
               : "";
}

static void tell_end(
    const struct server *server, const struct child *child, int status)
{
    char text[32], delay[24];
    int64_t wait_ms = child->starts_at_ms - clock_monotonic_ms();

    (void)snprintf(delay, sizeof(delay), "%lld ms",
        (long long)(wait_ms < 0 ? 0 : wait_ms));
    log_event(LOG_LEVEL_WARNING, "role-ended", "role", child->kind->name,
        "listener", listener_of(server, child), "by", end_text(status, text),
        "starts-again-in", delay, NULL);
}

/* At once the first time; then, while it keeps ending, at longer times. */
static int64_t delay_of(struct child *child, int64_t now_ms)
{
    int64_t delay_ms = DELAY_FIRST_MS;

    if (child->state == CHILD_STOPS)
        return 0;
    if (now_ms - child->started_ms >= STEADY_MS)
        child->deaths = 0;
    if (child->deaths++ == 0)
        return 0;
    for (unsigned int i = 2; i < child->deaths && delay_ms < DELAY_MAX_MS; i++)
        delay_ms *= 2;
    return delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS;
}

void child_has_ended(struct server *server, struct child *child)
{
    int64_t now_ms = clock_monotonic_ms();
    struct failure why = {0};
    int status = -1; /* nobody knows that of a unit's */
    bool was_told = child->state == CHILD_STOPS;

    if (!is_of_a_unit(child))
        (void)!process_end(child->process, 0, &status, &why);
    child->starts_at_ms = now_ms + delay_of(child, now_ms);
    if (!was_told && server->stopping == 0)
        tell_end(server, child, status);
    if (child->kind->is_vital && !child->has_answered && !was_told &&
        server->failure.kind == FAILURE_NONE)
        (void)fail_because(&server->failure, FAILURE_UNAVAILABLE,
            "the %s has ended without an answer", child->kind->name);
    channel_free(child->channel);
    child->channel = NULL;
    descriptor_close(&child->handle);
    child->process = 0;
    child->killed_at_ms = 0;
    if (child->kind->ended != NULL)
        child->kind->ended(server, child);
    child->state = CHILD_IS_DOWN;
    child->has_answered |= !child->kind->is_vital;
}

/* --- starts -------------------------------------------------------------- */

static bool begin(
    struct server *server, struct child *child, struct failure *why)
{
    bool begun = child->kind->begin(server, child, why);

    if (child->process == 0 || is_of_a_unit(child))
        return begun;
    child->handle = pidfd_open(child->process, 0);
    if (child->handle < 0) {
        int status = 0;

        (void)!process_end(child->process, 0, &status, why);
        child->process = 0;
        return fail_because(why, FAILURE_INTERNAL, "the %s can't be waited for",
            child->kind->name);
    }
    return begun;
}

static void start(struct server *server, struct child *child, int64_t now_ms)
{
    struct failure why = {0};

    child->started_ms = now_ms;
    child->state = CHILD_STARTS;
    child->killed_at_ms = now_ms + child->kind->ready_ms;
    if (begin(server, child, &why))
        return;
    log_event(LOG_LEVEL_ERROR, "role-not-started", "role", child->kind->name,
        "listener", listener_of(server, child), "why", why.reason, NULL);
    if (child->kind->is_vital && !child->has_answered)
        server->failure = why;
    if (child->process != 0) {
        child->killed_at_ms = now_ms + BROKEN_END_MS;
        if (is_of_a_unit(child))
            hang_up(child);
        else
            kill_child(server, child);
        return;
    }
    channel_free(child->channel);
    child->channel = NULL;
    child->killed_at_ms = 0;
    child->starts_at_ms = now_ms + DELAY_MAX_MS;
    child->state = CHILD_IS_DOWN;
    child->has_answered |= !child->kind->is_vital;
}

static bool is_due(
    const struct server *server, const struct child *child, int64_t now_ms)
{
    return server->stopping == 0 && child->state == CHILD_IS_DOWN &&
           now_ms >= child->starts_at_ms &&
           (child->kind->may_start == NULL || child->kind->may_start(server));
}

void children_tend(struct server *server, int64_t now_ms)
{
    for (size_t i = 0; i < server->child_count; i++) {
        struct child *child = &server->children[i];

        if (is_due(server, child, now_ms))
            start(server, child, now_ms);
        if (child_is_there(child) && child->killed_at_ms != 0 &&
            now_ms >= child->killed_at_ms) {
            child->killed_at_ms = now_ms + DELAY_MAX_MS;
            kill_child(server, child);
        }
    }
}

int64_t children_due_ms(const struct server *server)
{
    int64_t due_ms = INT64_MAX;

    for (size_t i = 0; i < server->child_count; i++) {
        const struct child *child = &server->children[i];
        int64_t next_ms =
            child_is_there(child) ? child->killed_at_ms : child->starts_at_ms;

        /* One that waits for another is started by what that one says. */
        if (!child_is_there(child) &&
            (server->stopping != 0 || (child->kind->may_start != NULL &&
                                          !child->kind->may_start(server))))
            continue;
        if (next_ms != 0 && next_ms < due_ms)
            due_ms = next_ms;
    }
    return due_ms;
}

/* --- what they say ------------------------------------------------------- */

static void break_with(
    struct server *server, struct child *child, const struct failure *why)
{
    if (child->state != CHILD_STOPS)
        log_event(LOG_LEVEL_ERROR,
            child->state == CHILD_STARTS ? "role-not-started" : "role-broken",
            "role", child->kind->name, "listener", listener_of(server, child),
            "why", why->reason, NULL);
    if (child->kind->is_vital && !child->has_answered)
        server->failure = *why;
    hang_up(child);
    child->killed_at_ms = clock_monotonic_ms() + BROKEN_END_MS;
}

/* A process of ours is on its way to its end, and seen there. */
static void lose_channel(struct server *server, struct child *child)
{
    channel_free(child->channel);
    child->channel = NULL;
    child->killed_at_ms = clock_monotonic_ms() + BROKEN_END_MS;
    if (is_of_a_unit(child))
        child_has_ended(server, child);
}

void child_speaks(struct server *server, struct child *child)
{
    struct failure why = {0};
    struct frame frame = {0};
    bool starts = child->state == CHILD_STARTS;
    bool ok;

    if (!channel_receive(child->channel, 0, &frame, &why)) {
        if (why.kind == FAILURE_UNAVAILABLE)
            return;
        if (why.kind == FAILURE_NOT_FOUND || child->state == CHILD_STOPS) {
            lose_channel(server, child);
            return;
        }
        break_with(server, child, &why);
        if (is_of_a_unit(child))
            child->state = CHILD_STOPS;
        return;
    }
    ok = child->kind->heard(server, child, &frame, &why);
    frame_close_descriptors(&frame);
    if (!ok) {
        break_with(server, child, &why);
        return;
    }
    child->has_answered = true;
    if (starts) {
        child->state = CHILD_RUNS;
        child->killed_at_ms = 0;
    }
}
