#include "server/clerk.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* --- what a command did by itself ---------------------------------------- */

struct told {
    const struct clerk_question *question;
    enum event_kind kind;
    char object[128];
    char words[300];       /* of a refusal; "" */
    char key[SHA256_TEXT]; /* "" */
};

/* What the keeper sees itself, it tells itself. */
static bool may_be_told(enum event_kind kind)
{
    return kind == EVENT_KEY_PROVED || kind == EVENT_KEY_UNUSABLE ||
           kind == EVENT_PASSPHRASE_CHANGED;
}

static bool take_kind(
    const struct field *field, struct told *told, struct failure *why)
{
    char name[40];

    if (!field_text(field, name, sizeof(name), why))
        return false;
    return (event_named(name, &told->kind) && may_be_told(told->kind)) ||
           fail_because(why, FAILURE_FORBIDDEN,
               "\"%s\" is no event that a command tells of", name);
}

static bool take_told_field(
    const struct field *field, struct told *told, struct failure *why)
{
    if (field->tag == CONTROL_KIND)
        return take_kind(field, told, why);
    if (field->tag == CONTROL_NAME)
        return field_text(field, told->object, sizeof(told->object), why);
    if (field->tag == CONTROL_WORDS)
        return field_text(field, told->words, sizeof(told->words), why);
    if (field->tag == CONTROL_HASH)
        return field_text(field, told->key, sizeof(told->key), why);
    return fail_because(why, FAILURE_MALFORMED,
        "a field %u that an event does not have", field->tag);
}

static bool journal_told(
    struct authority *authority, void *context, struct failure *why)
{
    const struct told *told = context;
    struct failure refusal = {0};

    (void)fail_because(&refusal, FAILURE_UNSUITABLE, "%s", told->words);
    return journal_event(authority->store,
        &(struct event){.kind = told->kind,
            .caller = told->question->caller,
            .object = told->object,
            .refusal = told->words[0] == '\0' ? NULL : &refusal,
            .more = told->key[0] == '\0'
                        ? NULL
                        : json_pack("{s:s}", "key_sha256", told->key)},
        why);
}

/* KIND, NAME; WORDS of a refusal and HASH of a key may be left out. */
bool clerk_tell(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct reader reader = reader_of(question->body);
    struct told told = {.question = question, .kind = EVENT_KINDS};

    (void)answer;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_told_field(&field, &told, why))
            return false;
    }
    (void)snprintf(object, 128, "%s", told.object);
    if (told.kind == EVENT_KINDS)
        return fail_because(
            why, FAILURE_MALFORMED, "an event without its kind");
    return authority_write(clerk->authority, journal_told, &told, why);
}

/* --- the clock ----------------------------------------------------------- */

struct acceptance {
    const struct caller *caller;
    enum clock_trouble trouble;
    int64_t ahead_ms;
};

static bool accept_clock(
    struct authority *authority, void *context, struct failure *why)
{
    const struct acceptance *acceptance = context;

    store_correct_clock(authority->store, 0);
    return clock_guard_accept(&authority->clock, authority->store, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_CLOCK_ACCEPTED,
                   .caller = acceptance->caller,
                   .object = "clock",
                   .more = json_pack("{s:s,s:I}", "was",
                       acceptance->trouble == CLOCK_BEHIND ? "behind"
                                                           : "jumped",
                       "ahead_ms", (json_int_t)acceptance->ahead_ms)},
               why);
}

/* Nothing.  Facts: accepted, was ("right", "behind", "jumped"), ahead_ms: by
 * how much the clock is before the time that was known. */
bool clerk_accept_clock(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    static const char *const names[] = {
        [CLOCK_RIGHT] = "right",
        [CLOCK_BEHIND] = "behind",
        [CLOCK_JUMPED] = "jumped",
    };
    struct acceptance acceptance = {.caller = question->caller};

    (void)snprintf(object, 128, "clock");
    if (question->body.length > 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the clock is accepted as it is, without a word more");
    acceptance.trouble =
        clock_guard_look(&clerk->authority->clock, &acceptance.ahead_ms);
    if (acceptance.trouble != CLOCK_RIGHT &&
        !authority_write(clerk->authority, accept_clock, &acceptance, why))
        return false;
    return json_object_update_new(
               answer, json_pack("{s:b,s:s,s:I}", "accepted",
                           (int)(acceptance.trouble != CLOCK_RIGHT), "was",
                           names[acceptance.trouble], "ahead_ms",
                           (json_int_t)acceptance.ahead_ms)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}
