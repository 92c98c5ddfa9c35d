#include "cli/verify_tell.h"

#include <stdio.h>

#include "base/hex.h"
#include "cli/output.h"
#include "x509/chain/explain.h"
#include "x509/chain/explain_words.h"

#define STATUS_NO 1
#define STATUS_MALFORMED 3

static enum colour colour_of(enum verdict_outcome outcome)
{
    switch (outcome) {
    case VERDICT_PASS:
        return COLOUR_GREEN;
    case VERDICT_FAIL:
        return COLOUR_RED;
    case VERDICT_SKIPPED:
        break;
    }
    return COLOUR_DIM;
}

static bool print_coloured(
    enum colour colour, const char *text, struct failure *why)
{
    (void)fputs(colour_begin(stdout, colour), stdout);
    if (!print_shown(text, why))
        return false;
    (void)fputs(colour_end(stdout, colour), stdout);
    return true;
}

static bool print_check(const struct verdict_check *check, struct failure *why)
{
    (void)fputs("      ", stdout);
    if (!print_coloured(colour_of(check->outcome),
            verdict_outcome_name(check->outcome), why))
        return false;
    (void)printf(" %s (%s): ", chain_rule_name(check->rule),
        chain_rule_reference(check->rule));
    return print_shown(check->evidence, why) && putchar('\n') != EOF;
}

static bool print_certificate(const struct verdict_path *path, size_t place,
    bool all_rules, struct failure *why)
{
    const struct verdict_certificate *certificate = &path->certificates[place];
    char name[CHAIN_NAME_TEXT], sha256[SHA256_TEXT];

    explain_name(certificate->der, name);
    hex_print((struct bytes){certificate->sha256, SHA256_BYTES}, sha256);
    (void)printf("  %zu ", place);
    if (!print_shown(name, why))
        return false;
    (void)printf("%s\n      ", certificate->is_anchor ? ", trusted" : "");
    if (!print_coloured(COLOUR_DIM, sha256, why))
        return false;
    if (certificate->origin != NULL) {
        (void)fputs(" from ", stdout);
        if (!print_shown(certificate->origin, why))
            return false;
    }
    (void)putchar('\n');
    for (size_t i = 0; i < path->check_count; i++) {
        const struct verdict_check *check = &path->checks[i];

        if (check->place == place &&
            (all_rules || check->outcome == VERDICT_FAIL) &&
            !print_check(check, why))
            return false;
    }
    return true;
}

static bool print_path(
    const struct verdict_path *path, bool all_rules, struct failure *why)
{
    for (size_t i = 0; i < path->length; i++) {
        if (!print_certificate(path, i, all_rules, why))
            return false;
    }
    return true;
}

static bool print_paths(
    const struct verdict *verdict, bool all_rules, struct failure *why)
{
    if (verdict->path_count == 0)
        return true;
    (void)puts("path, the certificate first:");
    if (!print_path(verdict->paths, all_rules, why))
        return false;
    for (size_t i = 1; i < verdict->path_count && all_rules; i++) {
        (void)printf(
            "another path, %s:\n", verdict_code_name(verdict->paths[i].code));
        if (!print_path(&verdict->paths[i], true, why))
            return false;
    }
    if (verdict->path_count > 1 && !all_rules)
        (void)printf("%zu other paths were looked at; --all-rules tells of "
                     "them\n",
            verdict->path_count - 1);
    if (verdict->paths_cut)
        (void)puts("there are more paths than are told of");
    return true;
}

static bool print_verdict(
    const struct verdict *verdict, bool all_rules, struct failure *why)
{
    enum colour colour = verdict->valid ? COLOUR_GREEN : COLOUR_RED;

    if (!print_coloured(colour, verdict->valid ? "valid" : "not valid", why))
        return false;
    if (!verdict->valid)
        (void)printf(": %s", verdict_code_name(verdict->code));
    (void)putchar('\n');
    if (!print_shown(verdict->sentence, why) || putchar('\n') == EOF)
        return false;
    if (*verdict->remedy != 0 &&
        (fputs("what to do: ", stdout) == EOF ||
            !print_shown(verdict->remedy, why) || putchar('\n') == EOF))
        return false;
    return print_paths(verdict, all_rules, why) && output_finish(why);
}

void verdict_settle(struct call *call, const struct verdict *verdict)
{
    call->status = STATUS_NO;
    if (verdict->valid)
        call->status = 0;
    else if (verdict->code == VERDICT_MALFORMED)
        call->status = STATUS_MALFORMED;
}

bool verdict_tell(struct call *call, const struct verdict *verdict,
    bool all_rules, struct failure *why)
{
    json_t *told = NULL;
    bool done;

    verdict_settle(call, verdict);
    if (!call->json)
        return print_verdict(verdict, all_rules, why);
    if (!explain_json(verdict, &told, why))
        return false;
    done = output_json(told, why);
    json_decref(told);
    return done;
}
