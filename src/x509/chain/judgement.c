#include "x509/chain/judgement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room grows by doubling; a full array has a power of two. */
static bool make_room(struct verdict_path *record)
{
    size_t count = record->check_count;
    struct verdict_check *grown = NULL;

    if (count != 0 && (count & (count - 1)) != 0)
        return true;
    grown =
        realloc(record->checks, (count == 0 ? 1 : 2 * count) * sizeof(*grown));
    if (grown == NULL)
        return false;
    record->checks = grown;
    return true;
}

static void write_down(struct judgement *judgement,
    const struct verdict_check *check, const char *evidence)
{
    struct verdict_path *record = judgement->record;
    char *copy = NULL;

    if (!make_room(record) || (copy = strdup(evidence)) == NULL) {
        judgement->out_of_memory = true;
        return;
    }
    record->checks[record->check_count] = *check;
    record->checks[record->check_count++].evidence = copy;
}

__attribute__((format(printf, 3, 0))) static void tell(
    struct judgement *judgement, const struct verdict_check *check,
    const char *format, va_list arguments)
{
    char evidence[VERDICT_EVIDENCE];

    (void)vsnprintf(evidence, sizeof(evidence), format, arguments);
    write_down(judgement, check, evidence);
}

void judge_pass(struct judgement *judgement, enum chain_rule rule, size_t place,
    const char *format, ...)
{
    const struct verdict_check check = {
        .rule = rule, .outcome = VERDICT_PASS, .place = place};
    va_list arguments;

    if (judgement->record == NULL)
        return;
    va_start(arguments, format);
    tell(judgement, &check, format, arguments);
    va_end(arguments);
}

void judge_skip(struct judgement *judgement, enum chain_rule rule, size_t place,
    const char *format, ...)
{
    const struct verdict_check check = {
        .rule = rule, .outcome = VERDICT_SKIPPED, .place = place};
    va_list arguments;

    if (judgement->record == NULL)
        return;
    va_start(arguments, format);
    tell(judgement, &check, format, arguments);
    va_end(arguments);
}

bool judge_fail(struct judgement *judgement, enum chain_rule rule,
    enum verdict_code code, size_t place, const char *format, ...)
{
    const struct verdict_check check = {
        .rule = rule, .outcome = VERDICT_FAIL, .code = code, .place = place};
    char evidence[VERDICT_EVIDENCE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(evidence, sizeof(evidence), format, arguments);
    va_end(arguments);
    if (judgement->record != NULL)
        write_down(judgement, &check, evidence);
    if (judgement->has_failed)
        return false;
    judgement->has_failed = true;
    judgement->rule = rule;
    judgement->code = code;
    judgement->place = place;
    memcpy(judgement->evidence, evidence, sizeof(evidence));
    return false;
}

const char *judge_name(const struct judgement *judgement, size_t place,
    char text[static CHAIN_NAME_TEXT])
{
    chain_certificate_print(judgement->path[place], text);
    return text;
}
