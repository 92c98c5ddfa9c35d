#include "x509/signed_notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 0))) static void write_down(
    struct signed_notes *notes, enum chain_rule rule,
    enum verdict_outcome outcome, const char *format, va_list arguments)
{
    struct signed_note note = {.rule = rule, .outcome = outcome};

    (void)vsnprintf(note.evidence, sizeof(note.evidence), format, arguments);
    if (notes->count < SIGNED_NOTES_MAX)
        notes->notes[notes->count++] = note;
    if (outcome != VERDICT_FAIL || notes->code != VERDICT_OK)
        return;
    notes->rule = rule;
    memcpy(notes->evidence, note.evidence, sizeof(notes->evidence));
}

void note_pass(
    struct signed_notes *notes, enum chain_rule rule, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_down(notes, rule, VERDICT_PASS, format, arguments);
    va_end(arguments);
}

void note_skip(
    struct signed_notes *notes, enum chain_rule rule, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_down(notes, rule, VERDICT_SKIPPED, format, arguments);
    va_end(arguments);
}

bool note_fail(struct signed_notes *notes, enum chain_rule rule,
    enum verdict_code code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_down(notes, rule, VERDICT_FAIL, format, arguments);
    va_end(arguments);
    if (notes->code == VERDICT_OK)
        notes->code = code;
    return false;
}

bool note_failure(struct signed_notes *notes, enum chain_rule rule,
    enum verdict_code code, const struct failure *failure)
{
    if (failure->kind == FAILURE_INTERNAL && !notes->is_undecided) {
        notes->is_undecided = true;
        notes->undecided = *failure;
    }
    return note_fail(notes, rule, code, "%.350s", failure->reason);
}
