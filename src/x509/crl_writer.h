#ifndef X509_CRL_WRITER_H
#define X509_CRL_WRITER_H

#include "x509/der.h"

/*
 * A revocation list written into a file in one pass and flat memory.  DER puts
 * lengths in front of what they count, so the list leaves room there: entries
 * begin at CRL_HEADROOM, and what stands before them is written at the end,
 * backwards from there.  The list is a span of the file that does not begin at
 * 0.
 *
 *     SCOPED_STRUCT(crl_writer) *writer = NULL;
 *     crl_writer_new(descriptor, &writer, why)
 *     crl_writer_add(writer, serial, revoked_at, reason, why)   for each
 *     crl_writer_finish(writer, &plan, &tbs, why)
 *     crl_seal(descriptor, &tbs, algorithm, signature, &whole, why)
 */
#define CRL_HEADROOM 4096

/* The most bytes that a part of a list of ours has. */
#define CRL_ISSUER_MAX 3072
#define CRL_ALGORITHM_MAX 256
#define CRL_KEY_IDENTIFIER_MAX 64
#define CRL_URL_MAX 2048
#define CRL_SERIAL_MAX 20

struct crl_plan {
    struct bytes issuer;    /* whole Name */
    struct bytes algorithm; /* whole AlgorithmIdentifier */
    int64_t this_update, next_update;
    uint64_t number;
    uint64_t base_number;           /* 0: complete; else a delta to this one */
    struct bytes key_identifier;    /* of the issuer's key */
    const char *distribution_point; /* URL for issuingDistributionPoint; NULL:
                                       none */
    const char *freshest; /* URL of the delta list for freshestCRL, or NULL */
};

/* A part of a file. */
struct crl_span {
    uint64_t offset, length;
    uint64_t entries;
};

struct crl_writer;

/* descriptor: of an empty file or memfd that can be written at offsets; it
 * stays the caller's. */
MUST_CHECK bool crl_writer_new(
    int descriptor, struct crl_writer **writer, struct failure *why);
void crl_writer_free(struct crl_writer *writer); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(crl_writer, crl_writer_free)

/*
 * serial: contents of a positive INTEGER in its fewest bytes, at most
 * CRL_SERIAL_MAX; revoked_at: in the years 1950 to 9999; reason: an enum
 * crl_reason, of which 0 leaves the extension out (RFC 5280, 5.3.1), as does
 * -1.  Anything else is FAILURE_UNSUITABLE.  That 8 (removeFromCRL) stands in
 * deltas alone is the caller's rule.
 */
MUST_CHECK bool crl_writer_add(struct crl_writer *writer, struct bytes serial,
    int64_t revoked_at, int reason, struct failure *why);

/*
 * Writes everything around the entries; *tbs is the to-be-signed element.
 * Nothing is added to the writer afterwards.  FAILURE_UNSUITABLE: a plan that
 * makes no list (a part that is missing or longer than the limits above, an
 * end not after the beginning, a URL with other characters than ASCII's visible
 * ones, a delta to a number that is not below its own, or with a freshestCRL:
 * RFC 5280, 5.2.6), or a list beyond DER's 4 GiB.
 */
MUST_CHECK bool crl_writer_finish(struct crl_writer *writer,
    const struct crl_plan *plan, struct crl_span *tbs, struct failure *why);

/* Writes the outer head in front of the body, algorithm and signature behind
 * it. */
MUST_CHECK bool crl_seal(int descriptor, const struct crl_span *tbs,
    struct bytes algorithm, struct bytes signature, struct crl_span *whole,
    struct failure *why);

#endif
