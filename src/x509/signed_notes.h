#ifndef X509_SIGNED_NOTES_H
#define X509_SIGNED_NOTES_H

#include "x509/chain/verdict.h"

/*
 * What was found of one signature before its path is asked about: each rule
 * with its outcome and evidence; the first that failed is what is told.
 */
#define SIGNED_NOTES_MAX                                 \
    10 /* more are not kept; the first failure always is \
        */

struct signed_note {
    enum chain_rule rule;
    enum verdict_outcome outcome;
    char evidence[VERDICT_EVIDENCE];
};

struct signed_notes {
    struct signed_note notes[SIGNED_NOTES_MAX];
    size_t count;
    enum verdict_code code; /* VERDICT_OK: nothing failed */
    enum chain_rule rule;
    char evidence[VERDICT_EVIDENCE]; /* of what failed first */
    bool is_undecided; /* no memory, or our own fault: no verdict */
    struct failure undecided;
};

void note_pass(struct signed_notes *notes, enum chain_rule rule,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
void note_skip(struct signed_notes *notes, enum chain_rule rule,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Both always false. */
bool note_fail(struct signed_notes *notes, enum chain_rule rule,
    enum verdict_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A reader's refusal; FAILURE_INTERNAL leaves the question undecided. */
bool note_failure(struct signed_notes *notes, enum chain_rule rule,
    enum verdict_code code, const struct failure *failure);

#endif
