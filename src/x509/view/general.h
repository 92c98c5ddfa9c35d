#ifndef X509_VIEW_GENERAL_H
#define X509_VIEW_GENERAL_H

#include "x509/certificate.h"
#include "x509/view/view.h"

/* What was found in a certificate; what a damage hides is of length 0. */
struct view_certificate_facts {
    struct bytes serial, issuer, subject;
    bool has_validity;
    int64_t not_before, not_after;
    bool has_key;
    struct spki key;
    struct der_reader extensions; /* at its end when there are none */
};

/* The part "General": who, by whom, from when to when, what for.  A root ends
 * with the line that trusts it. */
void view_certificate_general(struct view_document *document,
    const struct view_certificate_facts *facts,
    const struct view_options *options);

/* "valid for 89 more days", and whether it is bad news. */
void view_validity(struct view_document *document, size_t parent,
    int64_t not_before, int64_t not_after, int64_t now);

#endif
