#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/rollover.h"
#include "base/message.h"
#include "cli/ceremony_call.h"
#include "cli/output.h"
#include "x509/pem.h"

/* What a step does, for people. */
static const char *meaning_of(
    const struct rollover *rollover, enum rollover_step step)
{
    switch (step) {
    case ROLLOVER_PLAN:
        return "say what will be done";
    case ROLLOVER_KEY:
        return "make the new key";
    case ROLLOVER_CERTIFY:
        if (rollover->is_foreign)
            return "have the request certified, and put the answer in by `ca "
                   "install`";
        return rollover->is_root
                   ? "certify the new key by the old one, and by itself"
                   : "have the new key certified by the authority above";
    case ROLLOVER_CROSS:
        return rollover->is_root
                   ? "certify the old key by the new one"
                   : "nothing: both keys hang below the same authority";
    case ROLLOVER_PUBLISH:
        return "publish the new certificates and the first list";
    case ROLLOVER_SWITCH:
        return "issue by the new key; the old one signs its lists alone (no "
               "way back)";
    case ROLLOVER_RETIRE:
        return "end the old key, once nothing it issued is valid";
    case ROLLOVER_NONE:
    case ROLLOVER_STEPS:
        break;
    }
    return "nothing: it is finished";
}

static enum rollover_step next_of(const struct rollover *rollover)
{
    return rollover->done + 1;
}

/* --- asking -------------------------------------------------------------- */

struct rolling {
    struct ceremony_call ceremony;
    struct rollover rollover;
    const char *name; /* --ca */
};

static void rolling_free(struct rolling *rolling)
{
    ceremony_call_free(&rolling->ceremony);
    rollover_free(&rolling->rollover);
}

static bool read_rollover(struct rolling *rolling, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;

    rollover_free(&rolling->rollover);
    rolling->rollover = (struct rollover){0};
    return place_open_store(&rolling->ceremony.ceremony.place, &store, why) &&
           rollover_read(store, rolling->name, &rolling->rollover, why);
}

static bool ask(struct call *call, const struct rolling *rolling,
    const char *step, struct bytes request, json_t **facts, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);

    return message_add_text(&message, CONTROL_WORDS, step, why) &&
           message_add_text(
               &message, CONTROL_AUTHORITY, rolling->rollover.old_name, why) &&
           (request.length == 0 ||
               message_add(&message, CONTROL_REQUEST, request, why)) &&
           message_add_number(&message, CONTROL_FORCE,
               call_given(call, "force") ? 1 : 0, why) &&
           ceremony_call_ask(call, &rolling->ceremony, CONTROL_ROLLOVER,
               buffer_view(&message), facts, why);
}

/* --- the steps ----------------------------------------------------------- */

static bool make_key(
    struct call *call, struct rolling *rolling, struct failure *why)
{
    const struct rollover *rollover = &rolling->rollover;
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    struct certificate certificate = {0};
    struct ceremony_key key = {
        .name = rollover->new_name, .kept_apart = !rollover->issues};
    SCOPED(json_t) *facts = NULL;
    bool is_new = false;

    if (!certificate_read(
            buffer_view(&rollover->certificate), &certificate, why) ||
        !ceremony_call_kind(
            call, buffer_view(&rollover->certificate), &key.algorithm, why))
        return false;
    key.subject = certificate.tbs.subject;
    return ceremony_call_make_key(
               call, &rolling->ceremony, &key, &request, &is_new, why) &&
           ask(call, rolling, "key", buffer_view(&request), &facts, why);
}

/* A root's successor signs itself once the signer knows its key. */
static bool certify(
    struct call *call, const struct rolling *rolling, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;
    SCOPED(json_t) *second = NULL;

    if (!ask(call, rolling, "certify", (struct bytes){0}, &facts, why))
        return false;
    return !json_is_true(json_object_get(facts, "half")) ||
           ask(call, rolling, "certify", (struct bytes){0}, &second, why);
}

static bool take_step(struct call *call, struct rolling *rolling,
    enum rollover_step step, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;

    if (step <= rolling->rollover.done)
        return true;
    if (step == ROLLOVER_KEY)
        return make_key(call, rolling, why);
    if (step == ROLLOVER_CERTIFY)
        return certify(call, rolling, why);
    return ask(call, rolling, rollover_step_name(step), (struct bytes){0},
        &facts, why);
}

/* --- telling ------------------------------------------------------------- */

static bool tell_in_json(const struct rolling *rolling, const char *step,
    bool is_rehearsal, struct failure *why)
{
    const struct rollover *rollover = &rolling->rollover;
    enum rollover_step next = next_of(rollover);
    char end[CLOCK_TEXT];
    SCOPED(json_t) *value = NULL;

    clock_print(rollover->old_not_after, end);
    value = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "name",
        rollover->old_name, "successor", rollover->new_name, "not_after", end,
        "step", step, "done", rollover_step_name(rollover->done), "next",
        next == ROLLOVER_STEPS ? json_null()
                               : json_string(rollover_step_name(next)),
        "dry_run", (int)is_rehearsal);
    return output_json(value, why);
}

static void print_plan(const struct rollover *rollover)
{
    char end[CLOCK_TEXT];

    clock_print(rollover->old_not_after, end);
    (void)printf("%s (until %s) gets a successor, %s, with a new key and the "
                 "same name:\n",
        rollover->old_name, end, rollover->new_name);
    for (enum rollover_step step = ROLLOVER_KEY; step < ROLLOVER_STEPS; step++)
        (void)printf("  %-8s %s\n", rollover_step_name(step),
            meaning_of(rollover, step));
    (void)printf("Up to the switch, `ca rollover --undo` takes back one step "
                 "at a time.\n");
}

static bool tell(const struct call *call, const struct rolling *rolling,
    enum rollover_step step, struct failure *why)
{
    const struct rollover *rollover = &rolling->rollover;
    enum rollover_step next = next_of(rollover);

    if (call->json)
        return tell_in_json(rolling, rollover_step_name(step), false, why);
    if (step == ROLLOVER_PLAN)
        print_plan(rollover);
    else
        (void)printf("%s: %s is done (%s).\n", rollover->old_name,
            rollover_step_name(step), meaning_of(rollover, step));
    if (next == ROLLOVER_STEPS)
        (void)printf("The rollover is finished.\n");
    else
        (void)printf("Next: %s: %s.\n", rollover_step_name(next),
            meaning_of(rollover, next));
    return output_finish(why);
}

/* Of one that others certify, the request is what goes out. */
static bool write_request(
    const struct call *call, const struct rolling *rolling, struct failure *why)
{
    const struct rollover *rollover = &rolling->rollover;
    RELEASED(buffer) pem = BUFFER("request", PEM_MAX);
    const char *file = call_text(call, "out");

    if (file == NULL || rollover->request.length == 0)
        return true;
    return pem_append(&pem, "CERTIFICATE REQUEST",
               buffer_view(&rollover->request), why) &&
           output_file_write(call, file, buffer_view(&pem), 0644, why);
}

/* --- one or the other ---------------------------------------------------- */

static bool undo(
    struct call *call, struct rolling *rolling, struct failure *why)
{
    const enum rollover_step last = rolling->rollover.done;
    SCOPED(json_t) *facts = NULL;

    if (!ask(call, rolling, "undo", (struct bytes){0}, &facts, why))
        return false;
    if (last == ROLLOVER_KEY &&
        !ceremony_remove_key(&rolling->ceremony.ceremony,
            rolling->rollover.new_name, !rolling->rollover.issues, why))
        return false;
    if (!read_rollover(rolling, why))
        return false;
    if (call->json)
        return tell_in_json(rolling, "undo", false, why);
    if (last == ROLLOVER_NONE)
        (void)printf("There is nothing to take back.\n");
    else
        (void)printf("%s: %s is taken back.\n", rolling->rollover.old_name,
            rollover_step_name(last));
    return output_finish(why);
}

static bool choose_step(struct call *call, const struct rollover *rollover,
    enum rollover_step *step, struct failure *why)
{
    const char *word = call_text(call, "step");

    *step = next_of(rollover);
    if (word != NULL) {
        *step = rollover_step_named(word);
        if (*step == ROLLOVER_NONE)
            return fail_usage(call, why,
                "--step is one of plan, key, certify, cross, publish, switch, "
                "retire");
        return true;
    }
    return *step != ROLLOVER_STEPS ||
           fail_because(why, FAILURE_CONFLICT,
               "the rollover of \"%s\" is finished: \"%s\" has taken over",
               rollover->old_name, rollover->new_name);
}

static bool rehearse(const struct call *call, const struct rolling *rolling,
    enum rollover_step step, struct failure *why)
{
    if (call->json)
        return tell_in_json(rolling, rollover_step_name(step), true, why);
    (void)printf("%s: the step %s would be taken: %s.\n",
        rolling->rollover.old_name, rollover_step_name(step),
        meaning_of(&rolling->rollover, step));
    return output_finish(why);
}

bool run_ca_rollover(struct call *call, struct failure *why)
{
    RELEASED(rolling) rolling = {.name = call_text(call, "ca")};
    const char *file = call_text(call, "out");
    enum rollover_step step = ROLLOVER_NONE;

    if (call_given(call, "undo") && call_given(call, "step"))
        return fail_usage(call, why, "--undo takes back the last step alone");
    if ((file != NULL && !output_file_check(call, file, why)) ||
        !ceremony_call_begin(call, &rolling.ceremony, why) ||
        !read_rollover(&rolling, why))
        return false;
    if (call_given(call, "undo") && !call_given(call, "dry-run"))
        return undo(call, &rolling, why);
    if (!choose_step(call, &rolling.rollover, &step, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, &rolling, step, why);
    if (step == ROLLOVER_CERTIFY && rolling.rollover.is_foreign &&
        rolling.rollover.done < ROLLOVER_CERTIFY)
        return fail_because(why, FAILURE_CONFLICT,
            "\"%s\" was certified by another authority: have the request of "
            "\"%s\" certified there (`ca rollover --step key --out FILE`), "
            "and put the answer in by `ca install`",
            rolling.rollover.old_name, rolling.rollover.new_name);
    return take_step(call, &rolling, step, why) &&
           read_rollover(&rolling, why) && write_request(call, &rolling, why) &&
           tell(call, &rolling, step, why);
}
