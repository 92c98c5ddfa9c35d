#include "server/clerk.h"

#include <stdio.h>
#include <string.h>

#include "authority/hierarchy.h"
#include "authority/rollover.h"
#include "base/base64.h"

/*
 * What changes authorities is done in the command's own household alone: the
 * signer of one that serves has no root, and learns of no new key.
 */
static bool is_ceremony(const struct clerk *clerk, struct failure *why)
{
    return clerk->keeper->listener < 0 ||
           fail_because(why, FAILURE_UNAVAILABLE,
               "authorities are changed only while nothing serves them: stop "
               "the server, or `chancery lock`, and try again");
}

/* --- fields -------------------------------------------------------------- */

struct asked {
    char name[PROFILE_NAME_MAX];
    char authority[PROFILE_NAME_MAX];
    char words[160];
    struct bytes request, certificate;
    struct bytes chain[HIERARCHY_CHAIN_MAX];
    size_t chain_count;
    struct bytes roots[HIERARCHY_CHAIN_MAX];
    size_t root_count;
    int path_length; /* -1: none was said */
    int64_t lifetime_s;
    bool forced;
};

static bool take_text(
    struct asked *asked, const struct field *field, struct failure *why)
{
    if (field->tag == CONTROL_NAME)
        return field_text(field, asked->name, sizeof(asked->name), why);
    if (field->tag == CONTROL_AUTHORITY)
        return field_text(
            field, asked->authority, sizeof(asked->authority), why);
    return field_text(field, asked->words, sizeof(asked->words), why);
}

static bool take_number(
    struct asked *asked, const struct field *field, struct failure *why)
{
    uint64_t number = 0;

    if (!field_number(field, &number, why))
        return false;
    if (field->tag == CONTROL_FORCE)
        asked->forced = number == 1;
    else if (field->tag == CONTROL_LIFETIME && number <= INT64_MAX)
        asked->lifetime_s = (int64_t)number;
    else if (number <= PROFILE_PATH_LENGTH_MAX)
        asked->path_length = (int)number;
    else
        return fail_because(why, FAILURE_MALFORMED, "a path length above %d",
            PROFILE_PATH_LENGTH_MAX);
    return true;
}

static bool take_one_of_many(const struct field *field, struct bytes *list,
    size_t *count, struct failure *why)
{
    if (*count == HIERARCHY_CHAIN_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "more than %d certificates", HIERARCHY_CHAIN_MAX);
    list[(*count)++] = field->value;
    return true;
}

static bool take_field(
    struct asked *asked, const struct field *field, struct failure *why)
{
    switch (field->tag) {
    case CONTROL_NAME:
    case CONTROL_AUTHORITY:
    case CONTROL_WORDS:
        return take_text(asked, field, why);
    case CONTROL_NUMBER:
    case CONTROL_LIFETIME:
    case CONTROL_FORCE:
        return take_number(asked, field, why);
    case CONTROL_REQUEST:
        asked->request = field->value;
        return true;
    case CONTROL_CERTIFICATE:
        asked->certificate = field->value;
        return true;
    case CONTROL_CHAIN:
        return take_one_of_many(field, asked->chain, &asked->chain_count, why);
    case CONTROL_DER:
        return take_one_of_many(field, asked->roots, &asked->root_count, why);
    default:
        return fail_because(why, FAILURE_MALFORMED,
            "a field %u that a change of authorities does not have",
            field->tag);
    }
}

static bool take_fields(struct clerk *clerk,
    const struct clerk_question *question, struct asked *asked,
    char object[static 128], struct failure *why)
{
    struct reader reader = reader_of(question->body);

    *asked = (struct asked){.path_length = -1};
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(asked, &field, why))
            return false;
    }
    (void)snprintf(object, 128, "%s",
        asked->name[0] != '\0' ? asked->name : asked->authority);
    return is_ceremony(clerk, why);
}

static const char *or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

/* --- answers ------------------------------------------------------------- */

static bool say(json_t *answer, json_t *facts, struct failure *why)
{
    SCOPED(json_t) *taken = facts;

    return (taken != NULL && json_object_update(answer, taken) == 0) ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool say_bytes(
    json_t *answer, const char *key, struct bytes der, struct failure *why)
{
    RELEASED(buffer) encoded = BUFFER("certificate", 2 * CERTIFICATE_MAX);
    const char *text = "";

    return base64_append(&encoded, der, 0, why) &&
           buffer_as_text(&encoded, &text, why) &&
           say(answer, json_pack("{s:s}", key, text), why);
}

/* --- add, await ---------------------------------------------------------- */

/* NAME, REQUEST; AUTHORITY (whom it hangs below: the root), NUMBER (its path
 * length), LIFETIME may be left out.  Facts: name, parent, present,
 * certificate, notices. */
bool clerk_authority_add(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    RELEASED(hierarchy_made)
    made = {.certificate = BUFFER("certificate", CERTIFICATE_MAX),
        .notices = BUFFER("notices", 4096)};
    struct asked asked;
    struct hierarchy_wish wish = {.caller = question->caller};
    const char *notices = "";

    if (!take_fields(clerk, question, &asked, object, why))
        return false;
    wish.name = asked.name;
    wish.parent = or_null(asked.authority);
    wish.request = asked.request;
    wish.path_length = asked.path_length;
    wish.lifetime_s = asked.lifetime_s;
    if (!hierarchy_add(clerk->authority, &clerk->desk, &wish, &made, why) ||
        !buffer_as_text(&made.notices, &notices, why))
        return false;
    return say(answer,
               json_pack("{s:s,s:s,s:b,s:s}", "name", asked.name, "parent",
                   made.parent, "present", (int)made.was_there, "notices",
                   notices),
               why) &&
           say_bytes(
               answer, "certificate", buffer_view(&made.certificate), why);
}

/* NAME, REQUEST.  Facts: name. */
bool clerk_authority_await(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    struct asked asked;

    return take_fields(clerk, question, &asked, object, why) &&
           hierarchy_await(clerk->authority, question->caller, asked.name,
               asked.request, 0, why) &&
           say(answer, json_pack("{s:s}", "name", asked.name), why);
}

/* --- install ------------------------------------------------------------- */

/* CHAIN...: the certificates of the answer; WORDS: what its file is called;
 * DER...: roots of --root.  Facts: name, present, coming, above, root. */
bool clerk_authority_install(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    struct hierarchy_answer given = {.caller = question->caller};
    struct hierarchy_installed installed = {0};
    struct asked asked;

    if (!take_fields(clerk, question, &asked, object, why))
        return false;
    (void)snprintf(object, 128, "%.127s", asked.words);
    given.file = asked.words;
    memcpy(given.certificates, asked.chain, sizeof(asked.chain));
    given.count = asked.chain_count;
    memcpy(given.roots, asked.roots, sizeof(asked.roots));
    given.root_count = asked.root_count;
    return hierarchy_install(clerk->authority, &given, &installed, why) &&
           say(answer,
               json_pack("{s:s,s:b,s:b,s:i,s:s}", "name", installed.name,
                   "present", (int)installed.was_there, "coming",
                   (int)installed.is_coming, "above", (int)installed.above,
                   "root_sha256", installed.root_sha256),
               why);
}

/* --- cross-sign ---------------------------------------------------------- */

/* CERTIFICATE; AUTHORITY (the root), NUMBER (a narrower path length) and
 * LIFETIME may be left out.  Facts: name (of who signed), certificate. */
bool clerk_cross_sign(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    RELEASED(buffer) made = BUFFER("certificate", CERTIFICATE_MAX);
    struct cross_sign sign = {.caller = question->caller};
    char name[PROFILE_NAME_MAX] = "";
    struct asked asked;

    if (!take_fields(clerk, question, &asked, object, why))
        return false;
    sign.authority = or_null(asked.authority);
    sign.certificate = asked.certificate;
    sign.path_length = asked.path_length;
    sign.lifetime_s = asked.lifetime_s;
    return hierarchy_cross_sign(
               clerk->authority, &clerk->desk, &sign, &made, name, why) &&
           say(answer, json_pack("{s:s}", "name", name), why) &&
           say_bytes(answer, "certificate", buffer_view(&made), why);
}

/* --- rollover, retire ---------------------------------------------------- */

static bool undo_step(struct clerk *clerk, const struct rollover_wish *wish,
    json_t *answer, struct failure *why)
{
    enum rollover_step undone = ROLLOVER_NONE;

    return rollover_undo(
               clerk->authority, clerk->reading, wish, &undone, why) &&
           say(answer, json_pack("{s:s}", "undone", rollover_step_name(undone)),
               why);
}

/* WORDS: the step, or "undo"; AUTHORITY; REQUEST (key); FORCE (retire).
 * Facts: half, needs_answer, list; or undone. */
bool clerk_rollover(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct rollover_wish wish = {.caller = question->caller};
    struct rollover_done done = {0};
    struct asked asked;

    if (!take_fields(clerk, question, &asked, object, why))
        return false;
    wish.name = or_null(asked.authority);
    wish.request = asked.request;
    wish.forced = asked.forced;
    if (strcmp(asked.words, "undo") == 0)
        return undo_step(clerk, &wish, answer, why);
    wish.step = rollover_step_named(asked.words);
    return rollover_take(clerk->authority, &clerk->desk, clerk->reading, &wish,
               &done, why) &&
           say(answer,
               json_pack("{s:b,s:b,s:b}", "half", (int)done.is_half,
                   "needs_answer", (int)done.needs_answer, "list",
                   (int)done.made_list),
               why);
}

/* AUTHORITY, FORCE.  Facts: name, state, valid, valid_until, list. */
bool clerk_authority_retire(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why)
{
    struct retirement retirement = {0};
    char until[CLOCK_TEXT] = "";
    struct asked asked;

    if (!take_fields(clerk, question, &asked, object, why) ||
        !authority_retire(clerk->authority, clerk->reading, question->caller,
            asked.authority, asked.forced, &retirement, why))
        return false;
    if (retirement.valid > 0)
        clock_print(retirement.until, until);
    return say(answer,
        json_pack("{s:s,s:s,s:I,s:s,s:b}", "name", asked.authority, "state",
            retirement.state == AUTHORITY_RETIRED ? "retired" : "retiring",
            "valid", (json_int_t)retirement.valid, "valid_until", until, "list",
            (int)retirement.lists.made_list),
        why);
}
