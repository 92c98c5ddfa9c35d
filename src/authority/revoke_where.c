#include "authority/revoke_where.h"

#include <inttypes.h>
#include <string.h>

#include "authority/event.h"
#include "base/json.h"

/* --- begin and end ------------------------------------------------------- */

struct telling {
    const struct mass_revocation *mass;
    enum event_kind kind;
    int64_t count;
};

static bool tell(
    struct authority *authority, void *context, struct failure *why)
{
    const struct telling *telling = context;
    const struct mass_revocation *mass = telling->mass;

    return journal_event(authority->store,
        &(struct event){.kind = telling->kind,
            .caller = mass->caller,
            .object = "",
            .more = json_pack("{s:s,s:s,s:I}", "query", mass->text,
                "revocation_reason", revocation_reason_name(mass->reason),
                "certificates", (json_int_t)telling->count)},
        why);
}

static bool pass(
    void *context, const struct certificate_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

bool mass_revocation_begin(struct authority *authority, struct store *reading,
    const struct mass_revocation *mass, int64_t expected, int64_t *until_id,
    struct failure *why)
{
    struct query_walk walk = {.query = mass->query, .to_revoke = true};
    struct telling telling = {mass, EVENT_MASS_REVOCATION_STARTED, expected};

    if (!revocation_reason_check(mass->reason, why) ||
        !query_walk(reading, &walk, pass, NULL, why))
        return false;
    if (walk.found != expected)
        return fail_because(why, FAILURE_CONFLICT,
            "the query finds %" PRId64 " certificates by now, not %" PRId64
            "; nothing is revoked",
            walk.found, expected);
    *until_id = walk.last_id;
    return authority_write(authority, tell, &telling, why);
}

bool mass_revocation_end(struct authority *authority,
    const struct mass_revocation *mass, int64_t revoked, struct failure *why)
{
    struct telling telling = {mass, EVENT_MASS_REVOCATION_DONE, revoked};

    return authority_write(authority, tell, &telling, why);
}

/* --- a part -------------------------------------------------------------- */

#define SERIAL_ROOM 24

struct part {
    const struct mass_revocation *mass;
    uint8_t serials[REVOKE_PART][SERIAL_ROOM];
    size_t lengths[REVOKE_PART];
    size_t count;
    int64_t revoked;
};

static bool take_serial(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct part *part = context;

    if (part->count == REVOKE_PART || row->serial.length > SERIAL_ROOM)
        return fail_because(why, FAILURE_INTERNAL,
            "a serial of %zu bytes can't be revoked", row->serial.length);
    memcpy(part->serials[part->count], row->serial.start, row->serial.length);
    part->lengths[part->count++] = row->serial.length;
    return true;
}

static bool revoke_part(
    struct authority *authority, void *context, struct failure *why)
{
    struct part *part = context;

    part->revoked = 0;
    for (size_t i = 0; i < part->count; i++) {
        const struct revocation revocation = {.act = ACT_REVOKE,
            .caller = part->mass->caller,
            .serial = {part->serials[i], part->lengths[i]},
            .reason = part->mass->reason};
        struct revoked revoked;

        if (!revocation_record(authority, &revocation, &revoked, why))
            return false;
        part->revoked += revoked.has_changed ? 1 : 0;
    }
    return true;
}

bool mass_revocation_part(struct authority *authority, struct store *reading,
    const struct mass_revocation *mass, struct mass_part *part,
    struct failure *why)
{
    struct query_walk walk = {.query = mass->query,
        .after_id = part->after_id,
        .until_id = part->until_id,
        .limit = REVOKE_PART,
        .to_revoke = true};
    struct part taken = {.mass = mass};

    if (!revocation_reason_check(mass->reason, why) ||
        !query_walk(reading, &walk, take_serial, &taken, why) ||
        (taken.count > 0 &&
            !authority_write(authority, revoke_part, &taken, why)))
        return false;
    part->revoked = taken.revoked;
    part->last_id = walk.last_id;
    part->is_last = walk.has_reached;
    return true;
}
