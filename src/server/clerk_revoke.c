#include "server/clerk.h"

#include <stdio.h>

#include "authority/lists.h"
#include "authority/revoke.h"
#include "base/clock.h"
#include "base/log.h"

/* --- what is said of a list ---------------------------------------------- */

static const char *kind_of(const struct lists_made *made)
{
    if (made->has_delta)
        return "delta";
    return made->has_complete || made->shards > 0 ? "complete" : "unchanged";
}

/* "list": what was published; "others_until": until when others may still go by
 * an older list (kb 101, 102). */
static bool say_lists(
    json_t *answer, const struct lists_made *made, struct failure *why)
{
    char until[CLOCK_TEXT], next[CLOCK_TEXT];

    clock_print(made->older_until, until);
    clock_print(made->next_update, next);
    return json_object_update_new(answer,
               json_pack("{s:s,s:I,s:I,s:I,s:i,s:s,s:s}", "list", kind_of(made),
                   "list_number", (json_int_t)made->number, "list_entries",
                   (json_int_t)made->entries, "delta_entries",
                   (json_int_t)made->delta_entries, "shards", (int)made->shards,
                   "next_update", next, "others_until", until)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

struct failed_list {
    const char *name;
    const struct failure *refusal;
};

static bool journal_failed_list(
    struct authority *authority, void *context, struct failure *why)
{
    const struct failed_list *failed = context;

    return journal_event(authority->store,
        &(struct event){.kind = EVENT_CRL_FAILED,
            .object = failed->name,
            .refusal = failed->refusal},
        why);
}

/* The revocation stands; that others don't hear of it yet must be said. */
static bool say_no_list(struct clerk *clerk, const char *name, json_t *answer,
    const struct failure *refusal, struct failure *why)
{
    struct failed_list failed = {name, refusal};
    struct failure untold = {0};

    if (!authority_write(
            clerk->authority, journal_failed_list, &failed, &untold))
        log_event(LOG_LEVEL_WARNING, "refusal-not-journalled", "why",
            untold.reason, NULL);
    return json_object_update_new(
               answer, json_pack("{s:n,s:s}", "list", "list_failed",
                           refusal->reason)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool clerk_follow_lists(
    struct clerk *clerk, int64_t authority, json_t *answer, struct failure *why)
{
    const struct authority_issuer *issuer =
        authority_by_id(clerk->authority, authority);
    struct failure refusal = {0};
    struct lists_made made = {0};

    if (issuer == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "a certificate of an unknown authority");
    if (json_object_set_new(answer, "authority", json_string(issuer->name)) !=
        0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!lists_follow(
            clerk->authority, clerk->reading, issuer, &made, &refusal))
        return say_no_list(clerk, issuer->name, answer, &refusal, why);
    return say_lists(answer, &made, why);
}

/* --- revoke, hold, unhold ------------------------------------------------ */

#define WORDS_ROOM 400

static bool take_field(struct revocation *revocation,
    char words[static WORDS_ROOM], const struct field *field,
    struct failure *why)
{
    uint64_t reason = 0;

    if (field->tag == CONTROL_WORDS) {
        revocation->words = words;
        return field_text(field, words, WORDS_ROOM, why);
    }
    if (field->tag == CONTROL_SERIAL) {
        revocation->serial = field->value;
        return true;
    }
    if (field->tag == CONTROL_HASH) {
        revocation->sha256 = field->value;
        return true;
    }
    if (field->tag != CONTROL_REASON)
        return fail_because(why, FAILURE_MALFORMED,
            "a field %u that a revocation does not have", field->tag);
    if (!field_number(field, &reason, why))
        return false;
    if (reason > REASON_AA_COMPROMISE)
        return fail_because(
            why, FAILURE_MALFORMED, "a reason above %d", REASON_AA_COMPROMISE);
    revocation->reason = (enum revocation_reason)reason;
    return true;
}

static bool say_revoked(json_t *answer, const char *serial,
    const struct revoked *revoked, struct failure *why)
{
    char at[CLOCK_TEXT];

    clock_print(revoked->at, at);
    return json_object_update_new(answer,
               json_pack("{s:s,s:b,s:s,s:s}", "serial", serial, "changed",
                   (int)revoked->has_changed, "at", at, "reason",
                   revocation_reason_name(revoked->reason))) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool act(struct clerk *clerk, const struct clerk_question *question,
    enum revocation_act act, json_t *answer, char object[static 128],
    struct failure *why)
{
    struct revocation revocation = {.act = act, .caller = question->caller};
    struct reader reader = reader_of(question->body);
    char serial[SERIAL_TEXT], words[WORDS_ROOM];
    struct revoked revoked;

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(&revocation, words, &field, why))
            return false;
    }
    serial_print(revocation.serial, serial);
    (void)snprintf(object, 128, "%s", serial);
    return revoke_certificate(clerk->authority, &revocation, &revoked, why) &&
           say_revoked(answer, serial, &revoked, why) &&
           clerk_follow_lists(clerk, revoked.authority, answer, why);
}

/* SERIAL, REASON; WORDS, and HASH of the certificate, may be left out. */
bool clerk_revoke(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    return act(clerk, question, ACT_REVOKE, answer, object, why);
}

/* SERIAL, HASH. */
bool clerk_hold(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    return act(clerk, question, ACT_HOLD, answer, object, why);
}

/* SERIAL, HASH. */
bool clerk_unhold(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    return act(clerk, question, ACT_RELEASE, answer, object, why);
}

/* --- lists --------------------------------------------------------------- */

/* AUTHORITY (left out: the one that issues). */
bool clerk_crl(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    const struct authority_issuer *issuer = NULL;
    struct reader reader = reader_of(question->body);
    struct lists_made made = {0};
    char name[PROFILE_NAME_MAX];
    struct field field = {0};
    bool has_name = !reader_at_end(&reader);

    if (has_name && (!message_next(&reader, &field, why) ||
                        !field_text(&field, name, sizeof(name), why)))
        return false;
    if (!lists_issuer(clerk->authority, has_name ? name : NULL, &issuer, why))
        return false;
    (void)snprintf(object, 128, "%s", issuer->name);
    if (!lists_publish(clerk->authority, clerk->reading, issuer, &made, why))
        return false;
    return json_object_set_new(
               answer, "authority", json_string(issuer->name)) == 0
               ? say_lists(answer, &made, why)
               : fail_because(why, FAILURE_INTERNAL, "out of memory");
}
