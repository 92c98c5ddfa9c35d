#include "server/clerk.h"

#include <inttypes.h>
#include <stdio.h>

#include "authority/lists.h"
#include "authority/revoke_where.h"

/* Which step a question is (CONTROL_KIND) stands in control_protocol.h. */
struct where_question {
    char text[QUERY_TEXT_MAX + 1];
    struct query query;
    uint64_t reason, step, number, after_id;
};

/* --- fields -------------------------------------------------------------- */

static bool take_field(struct where_question *where, const struct field *field,
    struct failure *why)
{
    if (field->tag == CONTROL_QUERY)
        return field_text(field, where->text, sizeof(where->text), why);
    if (field->tag == CONTROL_REASON)
        return field_number(field, &where->reason, why);
    if (field->tag == CONTROL_KIND)
        return field_number(field, &where->step, why);
    if (field->tag == CONTROL_NUMBER)
        return field_number(field, &where->number, why);
    if (field->tag == CONTROL_ID)
        return field_number(field, &where->after_id, why);
    return fail_because(why, FAILURE_MALFORMED,
        "a field %u that a revocation does not have", field->tag);
}

static bool take_fields(
    struct bytes body, struct where_question *where, struct failure *why)
{
    struct reader reader = reader_of(body);

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(where, &field, why))
            return false;
    }
    if (where->reason > REASON_AA_COMPROMISE ||
        where->number > (uint64_t)INT64_MAX ||
        where->after_id > (uint64_t)INT64_MAX)
        return fail_because(
            why, FAILURE_MALFORMED, "a revocation with a number too large");
    return query_read(where->text, &where->query, why);
}

/* --- the steps ----------------------------------------------------------- */

static bool begin(struct clerk *clerk, const struct where_question *where,
    const struct mass_revocation *mass, json_t *answer, struct failure *why)
{
    int64_t until_id = 0;

    return mass_revocation_begin(clerk->authority, clerk->reading, mass,
               (int64_t)where->number, &until_id, why) &&
           (json_object_set_new(
                answer, "until", json_integer((json_int_t)until_id)) == 0 ||
               fail_because(why, FAILURE_INTERNAL, "out of memory"));
}

static bool do_part(struct clerk *clerk, const struct where_question *where,
    const struct mass_revocation *mass, json_t *answer, struct failure *why)
{
    struct mass_part part = {.after_id = (int64_t)where->after_id,
        .until_id = (int64_t)where->number};

    return mass_revocation_part(
               clerk->authority, clerk->reading, mass, &part, why) &&
           (json_object_update_new(answer,
                json_pack("{s:I,s:I,s:b}", "revoked", (json_int_t)part.revoked,
                    "after", (json_int_t)part.last_id, "last",
                    (int)part.is_last)) == 0 ||
               fail_because(why, FAILURE_INTERNAL, "out of memory"));
}

/* Of all authorities: an earlier command may have been interrupted. */
static bool publish(struct clerk *clerk, json_t *answer, struct failure *why)
{
    json_t *lists = json_array();

    if (json_object_set_new(answer, "lists", lists) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (size_t i = 0; i < clerk->authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &clerk->authority->issuers[i];
        json_t *facts;
        bool is_behind = false;

        if (!lists_are_behind(
                clerk->authority, clerk->reading, issuer, &is_behind, why))
            return false;
        if (!is_behind)
            continue;
        facts = json_object();
        if (json_array_append_new(lists, facts) != 0)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
        if (!clerk_follow_lists(clerk, issuer->id, facts, why))
            return false;
    }
    return true;
}

static bool end(struct clerk *clerk, const struct where_question *where,
    const struct mass_revocation *mass, json_t *answer, struct failure *why)
{
    return mass_revocation_end(
               clerk->authority, mass, (int64_t)where->number, why) &&
           publish(clerk, answer, why);
}

/*
 * QUERY, REASON, KIND and
 *     WHERE_BEGINS: NUMBER of certificates that were shown; answers until
 *     WHERE_GOES_ON: ID to go on after, NUMBER as until; answers revoked, after
 *         and last
 *     WHERE_ENDS: NUMBER that were revoked; answers lists
 */
bool clerk_revoke_where(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    struct where_question where = {.text = ""};
    struct mass_revocation mass = {
        .caller = question->caller, .text = where.text, .query = &where.query};

    if (!take_fields(question->body, &where, why))
        return false;
    (void)snprintf(object, 128, "%.100s", where.text);
    mass.reason = (enum revocation_reason)where.reason;
    if (where.step == WHERE_BEGINS)
        return begin(clerk, &where, &mass, answer, why);
    if (where.step == WHERE_GOES_ON)
        return do_part(clerk, &where, &mass, answer, why);
    if (where.step == WHERE_ENDS)
        return end(clerk, &where, &mass, answer, why);
    return fail_because(why, FAILURE_MALFORMED,
        "a revocation has no step %" PRIu64, where.step);
}
