#ifndef X509_CRL_SCAN_H
#define X509_CRL_SCAN_H

#include "x509/crl_writer.h"

/*
 * How the signer looks at a to-be-signed list that somebody else wrote, who
 * may still be changing it: every byte is read once, parsed, and handed to the
 * sink (for the digest) from the same memory.
 *
 * It lets pass what crl_writer writes, byte for byte, and beyond that only an
 * invalidityDate in an entry.  Everything else is FAILURE_MALFORMED and named
 * with its offset in the list: another version, an empty issuer, a nextUpdate
 * not after thisUpdate, an empty list of entries, a serial that is not positive
 * or longer than 20 octets, a reason without a meaning, removeFromCRL outside
 * a delta, any other extension, a critical bit that is not as RFC 5280 has it,
 * an element longer than the limits of crl_writer.h.
 */
struct crl_facts {
    uint8_t issuer[CRL_ISSUER_MAX]; /* whole Name */
    size_t issuer_length;
    uint8_t algorithm[CRL_ALGORITHM_MAX]; /* whole AlgorithmIdentifier */
    size_t algorithm_length;
    int64_t this_update, next_update;
    uint64_t number;
    uint64_t base_number; /* 0: complete */
    uint8_t key_identifier[CRL_KEY_IDENTIFIER_MAX];
    size_t key_identifier_length;
    char distribution_point[CRL_URL_MAX + 1]; /* "": none */
    char freshest[CRL_URL_MAX + 1];           /* "": none */
    uint64_t entries;
};

/* Takes the next bytes of the list, in order; false ends the scan. */
typedef bool crl_sink(void *context, struct bytes piece, struct failure *why);

/*
 * Reads the span once, by pread in pieces of 64 KiB; memory is flat.
 * FAILURE_UNAVAILABLE: the file can't be read, or ends before the span.  The
 * sink may have been given bytes of a list that is refused afterwards.
 * tbs->entries is not believed: facts->entries counts them.
 */
MUST_CHECK bool crl_scan(int descriptor, const struct crl_span *tbs,
    crl_sink *sink, void *context, struct crl_facts *facts,
    struct failure *why);

/* The same over memory that nobody else writes: for Ed25519 and ML-DSA, which
 * want the whole message. */
MUST_CHECK bool crl_scan_bytes(
    struct bytes tbs, struct crl_facts *facts, struct failure *why);

#endif
