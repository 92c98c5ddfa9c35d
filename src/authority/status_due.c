#include "authority/status_road_parts.h"

#include <string.h>

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

bool status_due_consider(struct status_road *road, struct lane *lane,
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

bool status_due_has_room(const struct status_road *road)
{
    return road->due_count + 2 <= STATUS_TURN;
}

bool status_due_consider_serial(struct status_road *road, struct lane *lane,
    struct bytes serial, struct status_said said, struct failure *why)
{
    struct due due = {
        .serial_length = serial.length, .hash = OCSP_ID_SHA1, .said = said};

    if (serial.length > OCSP_SERIAL_MAX)
        return true;
    memcpy(due.serial, serial.start, serial.length);
    if (!status_due_consider(road, lane, &due, true, why))
        return false;
    due.hash = OCSP_ID_SHA256;
    return status_due_consider(road, lane, &due, false, why);
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

bool status_due_sign(
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
