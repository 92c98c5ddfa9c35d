#include "authority/status_road_parts.h"

#include "base/clock.h"

/* Each answer is looked at about as often. */
#define SWEEP_AGAIN_MS (5 * 60 * 1000)
#define SWEEP_ROWS 1000

/* --- walks ---------------------------------------------------------------- */

/* One walk through rows of a lane, which ends when there is no more room. */
struct walk {
    struct status_road *road;
    struct lane *lane;
    int64_t reached; /* the last that was considered */
    size_t rows;
    bool is_full;
};

static bool stop_when_full(struct walk *walk, struct failure *why)
{
    walk->is_full = !status_due_has_room(walk->road);
    return !walk->is_full ||
           fail_because(why, FAILURE_UNAVAILABLE, "the turn is full");
}

static bool take_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct walk *walk = context;

    if (!stop_when_full(walk, why) ||
        !status_due_consider_serial(walk->road, walk->lane, row->serial,
            status_said_of(
                row->status, row->revoked_at, row->reason, walk->road->now),
            why))
        return false;
    walk->reached = row->id;
    walk->rows++;
    return true;
}

static bool take_change(
    void *context, const struct revocation_row *row, struct failure *why)
{
    struct walk *walk = context;
    struct status_row now = {0};
    bool found = false;

    if (!stop_when_full(walk, why) ||
        !store_status(walk->road->reading, walk->lane->issuer->id, row->serial,
            &now, &found, why) ||
        (found &&
            !status_due_consider_serial(walk->road, walk->lane, row->serial,
                status_said_of(
                    now.status, now.revoked_at, now.reason, walk->road->now),
                why)))
        return false;
    walk->reached = row->change;
    return true;
}

bool status_follow_changes(struct status_road *road, struct lane *lane,
    bool *is_full, struct failure *why)
{
    const struct revocation_filter filter = {.authority = lane->issuer->id,
        .shard = -1,
        .after_change = lane->change};
    struct walk walk = {road, lane, lane->change, 0, false};

    road->due_count = 0;
    if ((!store_list_revocations(
             road->reading, &filter, take_change, &walk, why) &&
            !walk.is_full) ||
        !status_due_sign(road, lane, why))
        return false;
    lane->change = walk.reached;
    *is_full = walk.is_full;
    return true;
}

bool status_follow_new(struct status_road *road, struct lane *lane,
    bool *is_full, struct failure *why)
{
    const struct certificate_filter filter = {.authority = lane->issuer->id,
        .after_id = lane->newest,
        .limit = STATUS_TURN};
    struct walk walk = {road, lane, lane->newest, 0, false};

    road->due_count = 0;
    if ((!store_list_certificates(
             road->reading, &filter, take_certificate, &walk, why) &&
            !walk.is_full) ||
        !status_due_sign(road, lane, why))
        return false;
    lane->newest = walk.reached;
    *is_full = walk.is_full || walk.rows == STATUS_TURN;
    return true;
}

/* --- sweeps --------------------------------------------------------------- */

static void end_sweep(struct status_road *road, struct lane *lane)
{
    size_t overdue = 0;

    lane->sweeps = false;
    lane->swept = 0;
    lane->sweep_again_ms = clock_monotonic_ms() + SWEEP_AGAIN_MS;
    (void)pthread_mutex_lock(&road->lock);
    road->facts.serials = 0;
    road->facts.earliest_end = 0;
    for (size_t i = 0; i < road->lane_count; i++) {
        struct status_table_facts facts = {0};

        status_table_facts(road->lanes[i].table, &facts);
        road->facts.serials += facts.serials;
        if (facts.earliest_end != 0 &&
            (road->facts.earliest_end == 0 ||
                facts.earliest_end < road->facts.earliest_end))
            road->facts.earliest_end = facts.earliest_end;
        overdue += road->lanes[i].overdue;
    }
    road->facts.overdue = overdue;
    (void)pthread_mutex_unlock(&road->lock);
}

static bool sweep_some(
    struct status_road *road, struct lane *lane, struct failure *why)
{
    const struct certificate_filter filter = {.authority = lane->issuer->id,
        .after_id = lane->swept,
        .by_end = true,
        .not_after_from = road->now - ASKED_AFTER_END_S,
        .not_after_until = INT64_MAX,
        .limit = SWEEP_ROWS};
    struct walk walk = {road, lane, lane->swept, 0, false};

    road->due_count = 0;
    if ((!store_list_certificates(
             road->reading, &filter, take_certificate, &walk, why) &&
            !walk.is_full) ||
        !status_due_sign(road, lane, why))
        return false;
    lane->swept = walk.reached;
    if (walk.is_full || walk.rows == SWEEP_ROWS)
        return true;
    end_sweep(road, lane);
    return status_table_sync(lane->table, why);
}

bool status_follow_sweep(struct status_road *road, struct lane *lane,
    bool *sweeps, struct failure *why)
{
    if (!lane->sweeps && clock_monotonic_ms() >= lane->sweep_again_ms) {
        lane->sweeps = true;
        lane->overdue = 0;
    }
    if (!lane->sweeps)
        return true;
    if (!sweep_some(road, lane, why))
        return false;
    *sweeps = *sweeps || lane->sweeps;
    return true;
}
