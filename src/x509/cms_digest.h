#ifndef X509_CMS_DIGEST_H
#define X509_CMS_DIGEST_H

#include <openssl/evp.h>

#include "x509/algorithm_identifier.h"

/* Digests by their object identifier, for what strangers signed (RFC 5754, 2;
 * RFC 8702, 2): those of old signatures too, so that altered content is told
 * apart from an old algorithm. */
struct cms_digest {
    const char *name; /* "SHA256", as OpenSSL calls it */
    bool is_broken;   /* somebody can make two contents with one digest */
    struct bytes oid;
};

/* NULL: none that we know. */
const struct cms_digest *cms_digest_of(struct bytes oid);

/* Of the parts one after the other.  FAILURE_INTERNAL alone. */
MUST_CHECK bool cms_digest_compute(const struct cms_digest *digest,
    const struct bytes *parts, size_t count, uint8_t value[EVP_MAX_MD_SIZE],
    size_t *length, struct failure *why);

/*
 * The AlgorithmIdentifier of a signature: as it stands, or, where it names the
 * kind of key alone ("rsaEncryption", RFC 3370, 3.2; "id-ecPublicKey"), that of
 * the kind with this digest.  FAILURE_UNSUITABLE: it names another digest than
 * the one beside it, or there is no such pair.
 */
MUST_CHECK bool cms_signature_algorithm(
    const struct algorithm_identifier *algorithm,
    const struct cms_digest *digest, struct bytes *combined,
    struct failure *why);

#endif
