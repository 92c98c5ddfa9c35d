#ifndef X509_VIEW_FIELDS_H
#define X509_VIEW_FIELDS_H

#include "crypto/digest.h"
#include "x509/certificate.h"
#include "x509/view/document.h"

/* Fields that many objects have.  Each gives the place of what it added. */

/* Names, requests and lists are shown up to this many of a kind. */
#define VIEW_ITEMS_MAX 200

/* name: the whole Name. */
size_t view_name(struct view_document *document, size_t parent,
    const char *label, struct bytes name);
/* Each attribute with its string type. */
size_t view_attributes(struct view_document *document, size_t parent,
    const char *label, struct bytes name);
size_t view_general_name(struct view_document *document, size_t parent,
    const char *label, const struct general_name *name);
/* names: contents of GeneralNames. */
size_t view_general_names(struct view_document *document, size_t parent,
    const char *label, struct der_reader names);
size_t view_time(struct view_document *document, size_t parent,
    const char *label, int64_t time);
size_t view_oid(struct view_document *document, size_t parent,
    const char *label, struct bytes contents);
/* The whole AlgorithmIdentifier. */
size_t view_algorithm(struct view_document *document, size_t parent,
    const char *label, struct bytes identifier);
size_t view_serial(struct view_document *document, size_t parent,
    const char *label, struct bytes serial);
/* A line for the key, and everything of it. */
size_t view_key_line(struct view_document *document, size_t parent,
    const char *label, const struct spki *key);
size_t view_key_details(
    struct view_document *document, size_t parent, const struct spki *key);
/* "Fingerprint (SHA-256)" of the whole DER. */
size_t view_fingerprint(
    struct view_document *document, size_t parent, struct bytes der);
/* bits: 1 << n is the n-th word. */
size_t view_bits(struct view_document *document, size_t parent,
    const char *label, uint32_t bits, const char *const *words, size_t count);

/* "in 12 days", "3 hours ago". */
#define VIEW_DISTANCE_TEXT 40
void view_distance_print(int64_t seconds, char text[static VIEW_DISTANCE_TEXT]);

/*
 * As der_read, for what may be cut off: then it enters what is there, and the
 * damage is told under the parent.  False: told as well, nothing was entered.
 */
MUST_CHECK bool view_open(struct view_document *document, size_t parent,
    struct der_reader *reader, unsigned int tag, struct der_reader *contents);

#endif
