#include "authority/status_road_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* How far back changes are held against the table at the start: what was put
 * in the last moments before a power cut may not be on the disk.  The first
 * sweep finds all else. */
#define CHANGES_AGAIN 10000
#define TABLE_LEAST 1024

/* --- open and close ------------------------------------------------------- */

static bool open_lane(struct lane *lane, const char *folder, size_t expected,
    bool *began, struct failure *why)
{
    const struct status_issuer issuer = {
        .name = lane->issuer->certificate.tbs.subject,
        .key_bits = lane->issuer->certificate.tbs.key.bits};
    char name[PROFILE_NAME_MAX + 8];
    char path[PATH_ROOM];

    (void)snprintf(name, sizeof(name), "%s.table", lane->issuer->name);
    return path_join(path, folder, name, why) &&
           status_table_open(path, &issuer, expected, &lane->table, began, why);
}

static bool open_lanes(struct status_road *road,
    const struct authority *authority, size_t *began, struct failure *why)
{
    char folder[PATH_ROOM];
    int64_t certificates = 0, change = 0;

    if (!path_join(folder, authority->publish, "ocsp", why) ||
        !store_count_certificates(road->reading, &certificates, why) ||
        !store_last_change(road->reading, &change, why) ||
        !folder_make_missing(folder, 0755, why))
        return false;
    for (size_t i = 0; i < ocsp_signer_count(road->signer); i++) {
        struct lane *lane = &road->lanes[road->lane_count++];
        bool is_new = false;

        *lane = (struct lane){.issuer = ocsp_signer_issuer(road->signer, i),
            .responder = i,
            .change = change > CHANGES_AGAIN ? change - CHANGES_AGAIN : 0,
            .sweeps = true};
        if (!open_lane(
                lane, folder, (size_t)certificates + TABLE_LEAST, &is_new, why))
            return false;
        *began += is_new ? 1 : 0;
    }
    return true;
}

static bool take_newest(
    void *context, const struct certificate_row *row, struct failure *why)
{
    int64_t *newest = context;

    (void)why;
    *newest = row->id;
    return true;
}

/* What is there already is the sweep's; what comes is new. */
static bool find_newest(struct status_road *road, struct failure *why)
{
    int64_t count = 0;
    int64_t newest = 0;

    if (!store_count_certificates(road->reading, &count, why))
        return false;
    /* Ids grow by one; where rows are missing, a few are met twice. */
    const struct certificate_filter filter = {.after_id = count};

    newest = count;
    if (!store_list_certificates(
            road->reading, &filter, take_newest, &newest, why))
        return false;
    for (size_t i = 0; i < road->lane_count; i++)
        road->lanes[i].newest = newest;
    return true;
}

bool status_road_open(struct authority *authority, struct ocsp_signer *signer,
    struct store *reading, struct status_road **road, size_t *began,
    struct failure *why)
{
    SCOPED_STRUCT(status_road) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->signer = signer;
    made->reading = reading;
    (void)pthread_mutex_init(&made->lock, NULL);
    for (size_t i = 0; i < STATUS_TURN; i++)
        made->bodies[i] = BUFFER("OCSP answer", STATUS_BODY_MAX);
    *began = 0;
    if (!open_lanes(made, authority, began, why) || !find_newest(made, why))
        return false;
    *road = KEEP(status_road, &made);
    return true;
}

void status_road_close(struct status_road *road)
{
    if (road == NULL)
        return;
    for (size_t i = 0; i < road->lane_count; i++)
        status_table_close(road->lanes[i].table);
    for (size_t i = 0; i < STATUS_TURN; i++)
        buffer_free(&road->bodies[i]);
    status_signing_free(&road->signing);
    (void)pthread_mutex_destroy(&road->lock);
    free(road);
}

/* --- wishes --------------------------------------------------------------- */

static bool fulfil(
    struct status_road *road, const struct ocsp_wish *wish, struct failure *why)
{
    struct lane *lane = &road->lanes[wish->responder];
    struct due due = {.serial_length = wish->serial_length, .hash = wish->hash};
    struct status_row row = {0};
    bool found = false;

    memcpy(due.serial, wish->serial, wish->serial_length);
    if (!store_status(road->reading, lane->issuer->id,
            (struct bytes){wish->serial, wish->serial_length}, &row, &found,
            why))
        return false;
    if (!found || row.not_after < road->now - ASKED_AFTER_END_S)
        return true;
    due.said =
        status_said_of(row.status, row.revoked_at, row.reason, road->now);
    road->due_count = 0;
    return status_due_consider(road, lane, &due, true, why) &&
           status_due_sign(road, lane, why);
}

static bool fulfil_some(struct status_road *road, struct failure *why)
{
    struct ocsp_wish wish = {0};

    for (int i = 0; i < STATUS_TURN; i++) {
        if (!ocsp_signer_take_wish(road->signer, &wish))
            return true;
        if (!fulfil(road, &wish, why))
            return false;
    }
    return true;
}

/* --- a turn --------------------------------------------------------------- */

static bool lane_turn(struct status_road *road, struct lane *lane,
    enum status_turn *turn, struct failure *why)
{
    bool has_changes = false, is_rushed = false, sweeps = false;

    if (!status_follow_changes(road, lane, &has_changes, why))
        return false;
    if (has_changes) {
        *turn = STATUS_RUSHED;
        return true;
    }
    if (!status_follow_new(road, lane, &is_rushed, why) ||
        (!is_rushed && !status_follow_sweep(road, lane, &sweeps, why)))
        return false;
    if (is_rushed)
        *turn = STATUS_RUSHED;
    else if (sweeps && *turn == STATUS_AT_REST)
        *turn = STATUS_SWEEPS;
    return true;
}

bool status_road_turn(struct status_road *road, int64_t now,
    enum status_turn *turn, struct failure *why)
{
    bool ok = true;

    *turn = STATUS_AT_REST;
    road->now = now;
    for (size_t i = 0; i < road->lane_count; i++)
        ok = lane_turn(road, &road->lanes[i], turn, why) && ok;
    return fulfil_some(road, why) && ok;
}

void status_road_facts(
    struct status_road *road, struct status_road_facts *facts)
{
    (void)pthread_mutex_lock(&road->lock);
    *facts = road->facts;
    (void)pthread_mutex_unlock(&road->lock);
}
