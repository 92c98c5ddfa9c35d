#include "authority/clock_guard.h"

#include <inttypes.h>

#include "base/clock.h"

/* --- start and end ------------------------------------------------------- */

bool clock_guard_start(
    struct clock_guard *guard, struct store *store, struct failure *why)
{
    *guard =
        (struct clock_guard){.offset_ms = clock_now_ms() - clock_boot_ms()};
    (void)pthread_mutex_init(&guard->lock, NULL);
    if (!store_number(store, CLOCK_LATEST_MS, &guard->latest_ms, why))
        return false;
    guard->stored_ms = guard->latest_ms;
    return true;
}

void clock_guard_end(struct clock_guard *guard)
{
    (void)pthread_mutex_destroy(&guard->lock);
}

/* --- is it right? -------------------------------------------------------- */

static void watch_for_jumps(struct clock_guard *guard, int64_t now_ms)
{
    int64_t offset_ms = now_ms - clock_boot_ms();
    int64_t moved_ms = offset_ms - guard->offset_ms;

    if (moved_ms > CLOCK_JUMP_MAX_MS || moved_ms < -CLOCK_JUMP_MAX_MS) {
        guard->has_jumped = true;
        guard->jump_ms = moved_ms;
        return;
    }
    guard->has_jumped = false;
    guard->offset_ms = offset_ms;
}

static bool fail_behind(
    const struct clock_guard *guard, int64_t now_ms, struct failure *why)
{
    char now[CLOCK_TEXT], latest[CLOCK_TEXT];

    clock_print(now_ms / 1000, now);
    clock_print(guard->latest_ms / 1000, latest);
    return fail_because(why, FAILURE_UNAVAILABLE,
        "nothing is issued: the clock says %s, and the journal was written at "
        "%s already; set the clock, or, if it is right, say so with "
        "`chancery doctor --accept-clock`",
        now, latest);
}

static bool fail_jumped(const struct clock_guard *guard, struct failure *why)
{
    return fail_because(why, FAILURE_UNAVAILABLE,
        "nothing is issued: the clock was put %s by %" PRId64
        " s while the authority ran; set it, or, if it is right, say so with "
        "`chancery doctor --accept-clock`",
        guard->jump_ms < 0 ? "back" : "forward",
        (guard->jump_ms < 0 ? -guard->jump_ms : guard->jump_ms) / 1000);
}

static bool check_locked(
    struct clock_guard *guard, int64_t now_ms, struct failure *why)
{
    watch_for_jumps(guard, now_ms);
    if (now_ms + CLOCK_BEHIND_MAX_MS < guard->latest_ms)
        return fail_behind(guard, now_ms, why);
    return !guard->has_jumped || fail_jumped(guard, why);
}

bool clock_guard_check(struct clock_guard *guard, struct failure *why)
{
    bool ok;

    (void)pthread_mutex_lock(&guard->lock);
    ok = check_locked(guard, clock_now_ms(), why);
    (void)pthread_mutex_unlock(&guard->lock);
    return ok;
}

enum clock_trouble clock_guard_look(
    struct clock_guard *guard, int64_t *ahead_ms)
{
    enum clock_trouble trouble = CLOCK_RIGHT;
    int64_t now_ms = clock_now_ms();

    *ahead_ms = 0;
    (void)pthread_mutex_lock(&guard->lock);
    watch_for_jumps(guard, now_ms);
    if (now_ms + CLOCK_BEHIND_MAX_MS < guard->latest_ms) {
        trouble = CLOCK_BEHIND;
        *ahead_ms = now_ms - guard->latest_ms;
    } else if (guard->has_jumped) {
        trouble = CLOCK_JUMPED;
        *ahead_ms = guard->jump_ms;
    }
    (void)pthread_mutex_unlock(&guard->lock);
    return trouble;
}

/* --- what is remembered -------------------------------------------------- */

#define NOTED_EVERY_MS 1000

bool clock_guard_note(
    struct clock_guard *guard, struct store *store, struct failure *why)
{
    int64_t now_ms = clock_now_ms();
    struct failure ignored = {0};
    bool is_due;

    (void)pthread_mutex_lock(&guard->lock);
    if (check_locked(guard, now_ms, &ignored) && now_ms > guard->latest_ms)
        guard->latest_ms = now_ms;
    is_due = guard->latest_ms >= guard->stored_ms + NOTED_EVERY_MS;
    if (is_due)
        guard->stored_ms = guard->latest_ms;
    now_ms = guard->latest_ms;
    (void)pthread_mutex_unlock(&guard->lock);
    return !is_due || store_set_number(store, CLOCK_LATEST_MS, now_ms, why);
}

bool clock_guard_accept(
    struct clock_guard *guard, struct store *store, struct failure *why)
{
    int64_t now_ms = clock_now_ms();

    (void)pthread_mutex_lock(&guard->lock);
    guard->latest_ms = now_ms;
    guard->stored_ms = now_ms;
    guard->offset_ms = now_ms - clock_boot_ms();
    guard->has_jumped = false;
    (void)pthread_mutex_unlock(&guard->lock);
    return store_set_number(store, CLOCK_LATEST_MS, now_ms, why);
}
