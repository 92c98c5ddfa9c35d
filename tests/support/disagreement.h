#ifndef SUPPORT_DISAGREEMENT_H
#define SUPPORT_DISAGREEMENT_H

#include <openssl/x509.h>

#include "x509/certificate.h"

/* What both say about one certificate. */
struct opinions {
    const struct certificate *ours;    /* NULL: refused */
    const X509 *theirs;                /* NULL: refused */
    const struct extension *extension; /* NULL: not about one */
};

/* Counts a disagreement under the first reason that holds for it, or as
 * unexplained, which it says on standard error. */
void judge(bool agrees, struct opinions opinions, const char *field);

size_t disagreements_unexplained(void);

/* A reason that no disagreement was counted under, or NULL.  Such a one excuses
 * nothing that is known, and would hide what comes. */
const char *disagreement_without_case(void);

/* The reasons and how often each held, on standard output. */
void disagreements_print(void);

#endif
