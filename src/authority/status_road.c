#include "authority/status_road.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/status_answer.h"
#include "authority/status_table.h"
#include "base/clock.h"
#include "base/file.h"

/* Each answer is looked at about as often. */
#define SWEEP_AGAIN_MS (5 * 60 * 1000)
#define SWEEP_ROWS 1000
/* How far back changes are held against the table at the start: what was put
 * in the last moments before a power cut may not be on the disk.  The first
 * sweep finds all else. */
#define CHANGES_AGAIN 10000
/* An ended certificate is asked about no more after a day. */
#define ASKED_AFTER_END_S 86400
#define TABLE_LEAST 1024

/* The table of one responder. */
struct lane {
    const struct authority_issuer *issuer;
    size_t responder;
    struct status_table *table;
    struct ocsp_responder_facts put_for; /* as the table knows it */
    int64_t change, newest, swept;       /* how far each has come */
    bool sweeps;
    int64_t sweep_again_ms;
    size_t overdue; /* met in this sweep */
};

/* An answer to be signed. */
struct due {
    uint8_t serial[OCSP_SERIAL_MAX];
    size_t serial_length;
    enum ocsp_id_hash hash;
    struct status_said said;
};

struct status_road {
    struct ocsp_signer *signer;
    struct store *reading;
    struct lane lanes[AUTHORITY_ISSUERS_MAX];
    size_t lane_count;
    struct due dues[STATUS_TURN];
    size_t due_count;
    struct buffer bodies[STATUS_TURN];
    struct status_signing signing;
    int64_t now;
    pthread_mutex_t lock;
    struct status_road_facts facts; /* behind the lock */
};

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
    struct failure exists = {0};

    if (!path_join(folder, authority->publish, "ocsp", why) ||
        !store_count_certificates(road->reading, &certificates, why) ||
        !store_last_change(road->reading, &change, why))
        return false;
    if (!folder_make(folder, 0755, &exists) &&
        exists.kind != FAILURE_CONFLICT) {
        *why = exists;
        return false;
    }
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

/* --- what is due ---------------------------------------------------------- */

static bool is_same(
    const struct status_said *said, struct bytes body, struct failure *why)
{
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};

    return ocsp_body_read(body, &response, why) &&
           ocsp_next_single(&response.singles, &single, why) &&
           single.status == said->status &&
           single.revoked_at == said->revoked_at &&
           single.reason == said->reason;
}

/* At half of its life, or up to an eighth of it earlier, each at its own time:
 * what was signed in one hour is not due in one hour. */
static bool is_half_over(
    int64_t next_update, int64_t now, const struct due *due)
{
    uint8_t last =
        due->serial_length > 0 ? due->serial[due->serial_length - 1] : 0;
    int64_t early = STATUS_LIFE_S / 8 * last / 256;

    return next_update - now < STATUS_LIFE_S / 2 + early;
}

/* Puts it among the dues where the table lacks it, or tells otherwise.  is_new:
 * an answer by this hash is wanted though there is none yet. */
static bool consider(struct status_road *road, struct lane *lane,
    const struct due *due, bool is_wanted, struct failure *why)
{
    const struct bytes serial = {due->serial, due->serial_length};
    struct failure ignored = {0};
    struct bytes body = {0};
    int64_t end = 0;
    bool found = false;

    if (!status_table_find(
            lane->table, serial, due->hash, &body, &end, &found, why))
        return false;
    if (!found && !is_wanted)
        return true;
    if (found && end - road->now < STATUS_LIFE_S * 2 / 5)
        lane->overdue++;
    if (found && is_same(&due->said, body, &ignored) &&
        !is_half_over(end, road->now, due))
        return true;
    road->dues[road->due_count++] = *due;
    return true;
}

/* Room for one serial by both hashes. */
static bool has_room(const struct status_road *road)
{
    return road->due_count + 2 <= STATUS_TURN;
}

static bool consider_serial(struct status_road *road, struct lane *lane,
    struct bytes serial, struct status_said said, struct failure *why)
{
    struct due due = {
        .serial_length = serial.length, .hash = OCSP_ID_SHA1, .said = said};

    if (serial.length > OCSP_SERIAL_MAX)
        return true;
    memcpy(due.serial, serial.start, serial.length);
    if (!consider(road, lane, &due, true, why))
        return false;
    due.hash = OCSP_ID_SHA256;
    return consider(road, lane, &due, false, why);
}

/* --- signing -------------------------------------------------------------- */

/* The table keeps the certificate beside the answers that it vouches for. */
static bool tell_responder(struct status_road *road, struct lane *lane,
    struct ocsp_responder_facts *facts, struct failure *why)
{
    RELEASED(buffer) certificate = BUFFER("certificate", CERTIFICATE_MAX);

    if (!ocsp_signer_facts(
            road->signer, lane->responder, road->now, facts, &certificate, why))
        return false;
    if (memcmp(&facts->key, &lane->put_for.key, sizeof(facts->key)) == 0 &&
        facts->not_after == lane->put_for.not_after)
        return true;
    if (!status_table_responder(lane->table, buffer_view(&certificate), why))
        return false;
    lane->put_for = *facts;
    return true;
}

static bool write_body(struct status_road *road, const struct lane *lane,
    size_t number, int64_t end, struct failure *why)
{
    RELEASED(buffer) id = BUFFER("CertID", OCSP_ID_MAX);
    const struct tbs_certificate *issuer = &lane->issuer->certificate.tbs;
    const struct due *due = &road->dues[number];
    struct ocsp_answer_single single = {.status = due->said.status,
        .revoked_at = due->said.revoked_at,
        .reason = due->said.reason,
        .this_update = road->now,
        .next_update = end};
    const struct ocsp_answer_plan plan = {
        .responder_key = {lane->put_for.key.bytes, lane->put_for.key.length},
        .produced_at = road->now,
        .singles = &single,
        .single_count = 1};

    if (!ocsp_certificate_id_write(
            due->hash == OCSP_ID_SHA1 ? "SHA1" : "SHA256", issuer->subject,
            issuer->key.bits, (struct bytes){due->serial, due->serial_length},
            &id, why))
        return false;
    single.id = buffer_view(&id);
    buffer_clear(&road->bodies[number]);
    return ocsp_answer_body(&plan, &road->bodies[number], why);
}

/* One that is refused keeps none of the others out. */
static bool put_all(struct status_road *road, struct lane *lane, int64_t end,
    struct failure *why)
{
    struct failure refused = {0};

    for (size_t i = 0; i < road->due_count; i++) {
        const struct signed_status *answer = &road->signing.answers[i];
        const struct due *due = &road->dues[i];

        if (answer->why.kind != FAILURE_NONE) {
            refused = answer->why;
            continue;
        }
        if (!status_table_put(lane->table,
                (struct bytes){due->serial, due->serial_length}, due->hash,
                buffer_view(&road->bodies[i]), answer->signature,
                road->signing.algorithm, end, why))
            return false;
    }
    if (refused.kind == FAILURE_NONE)
        return true;
    *why = refused;
    return false;
}

static void count_signatures(struct status_road *road)
{
    (void)pthread_mutex_lock(&road->lock);
    road->facts.signatures += road->due_count;
    (void)pthread_mutex_unlock(&road->lock);
}

/* Signs what is due in this lane, and puts it into its table. */
static bool sign_dues(
    struct status_road *road, struct lane *lane, struct failure *why)
{
    struct bytes bodies[STATUS_TURN];
    struct ocsp_responder_facts facts = {0};
    int64_t end;

    if (road->due_count == 0)
        return true;
    if (!tell_responder(road, lane, &facts, why))
        return false;
    end = status_end(road->now, STATUS_LIFE_S, &facts);
    for (size_t i = 0; i < road->due_count; i++) {
        if (!write_body(road, lane, i, end, why))
            return false;
        bodies[i] = buffer_view(&road->bodies[i]);
    }
    if (!ocsp_signer_sign(road->signer, lane->responder, bodies,
            road->due_count, &road->signing, why) ||
        !put_all(road, lane, end, why))
        return false;
    count_signatures(road);
    return true;
}

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
    walk->is_full = !has_room(walk->road);
    return !walk->is_full ||
           fail_because(why, FAILURE_UNAVAILABLE, "the turn is full");
}

static bool take_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct walk *walk = context;

    if (!stop_when_full(walk, why) ||
        !consider_serial(walk->road, walk->lane, row->serial,
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
        (found && !consider_serial(walk->road, walk->lane, row->serial,
                      status_said_of(now.status, now.revoked_at, now.reason,
                          walk->road->now),
                      why)))
        return false;
    walk->reached = row->change;
    return true;
}

/* Revoked, held and released since. */
static bool follow_changes(struct status_road *road, struct lane *lane,
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
        !sign_dues(road, lane, why))
        return false;
    lane->change = walk.reached;
    *is_full = walk.is_full;
    return true;
}

static bool follow_new(struct status_road *road, struct lane *lane,
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
        !sign_dues(road, lane, why))
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
        !sign_dues(road, lane, why))
        return false;
    lane->swept = walk.reached;
    if (walk.is_full || walk.rows == SWEEP_ROWS)
        return true;
    end_sweep(road, lane);
    return status_table_sync(lane->table, why);
}

static bool sweep(struct status_road *road, struct lane *lane, bool *sweeps,
    struct failure *why)
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
    return consider(road, lane, &due, true, why) && sign_dues(road, lane, why);
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

    if (!follow_changes(road, lane, &has_changes, why))
        return false;
    if (has_changes) {
        *turn = STATUS_RUSHED;
        return true;
    }
    if (!follow_new(road, lane, &is_rushed, why) ||
        (!is_rushed && !sweep(road, lane, &sweeps, why)))
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
