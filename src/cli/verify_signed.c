#include "cli/verify_signed.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/verify_tell.h"
#include "x509/signed_file.h"

bool verify_is_signed_file(
    const struct call *call, struct bytes file, enum chain_purpose purpose)
{
    return call_given(call, "content") ||
           question_is_of_signed_file(file, purpose);
}

/* --- for people ----------------------------------------------------------- */

static bool print_signature(const struct signature_verdict *signature,
    size_t number, struct failure *why)
{
    char time[CLOCK_TEXT] = "";

    (void)printf("signature %zu: %s", number,
        verdict_code_name(signature->verdict.code));
    if (*signature->signer != 0) {
        (void)fputs(", by ", stdout);
        if (!print_shown(signature->signer, why))
            return false;
    }
    if (signature->is_stamped) {
        clock_print(signature->stamped_at, time);
        (void)printf(", stamped %s", time);
    }
    (void)putchar('\n');
    return true;
}

static bool print_checks(
    const struct signed_notes *notes, bool all_rules, struct failure *why)
{
    for (size_t i = 0; i < notes->count; i++) {
        const struct signed_note *note = &notes->notes[i];

        if (!all_rules && note->outcome == VERDICT_PASS)
            continue;
        (void)printf("  %s %s (%s): ", verdict_outcome_name(note->outcome),
            chain_rule_name(note->rule), chain_rule_reference(note->rule));
        if (!print_shown(note->evidence, why) || putchar('\n') == EOF)
            return false;
    }
    return true;
}

static bool print_signatures(
    const struct signed_file *file, bool all_rules, struct failure *why)
{
    for (size_t i = 0; i < file->signatures.count; i++) {
        const struct signature_verdict *signature = file->signatures.all[i];

        if (signature->kind == SIGNATURE_NONE)
            continue;
        if (!print_signature(signature, i + 1, why) ||
            !print_checks(&signature->notes, all_rules, why))
            return false;
    }
    return output_finish(why);
}

static bool tell(
    struct call *call, const struct signed_file *file, struct failure *why)
{
    const struct verdict *verdict = signed_file_verdict(file);
    const bool all_rules = call_given(call, "all-rules");
    SCOPED(json_t) *json = NULL;

    if (!call->json)
        return verdict_tell(call, verdict, all_rules, why) &&
               print_signatures(file, all_rules, why);
    verdict_settle(call, verdict);
    return signed_file_json(file, &json, why) && output_json(json, why);
}

bool verify_signed_file(
    struct call *call, const struct inquiry *inquiry, struct failure *why)
{
    RELEASED(buffer) content = BUFFER("the content", SIGNED_FILE_MAX);
    RELEASED(signed_file) file = {0};
    const char *path = call_text(call, "content");
    struct bytes view = {0};

    if (path != NULL) {
        if (!file_read(path, &content, why))
            return false;
        view = buffer_view(&content);
    }
    if (!signed_file_verify(inquiry->signed_bytes, path == NULL ? NULL : &view,
            &inquiry->question, &file, why))
        return false;
    if (inquiry->roots_file != NULL)
        notice(call, "trusted roots: those of %s", inquiry->roots_file);
    return tell(call, &file, why);
}
