#ifndef AUTHORITY_STATUS_IDENTITY_H
#define AUTHORITY_STATUS_IDENTITY_H

#include "crypto/digest.h"
#include "x509/ocsp_question.h"

/*
 * An issuer as CertIDs name it (RFC 6960, 4.1.1): its name and the bits of its
 * key, hashed with SHA-1 and with SHA-256.
 */
struct status_hash {
    uint8_t bytes[SHA256_BYTES];
    size_t length;
};

struct status_identity {
    struct status_hash names[2], keys[2]; /* by enum ocsp_id_hash */
};

/* name: whole Name of its subject; key_bits: of its subjectPublicKey. */
MUST_CHECK bool status_identity_of(struct bytes name, struct bytes key_bits,
    struct status_identity *identity, struct failure *why);

/* The hash that a CertID names, with NULL as its parameters or none. */
enum ocsp_id_hash status_hash_named(struct bytes algorithm);

/* Does the CertID name this issuer? */
bool status_identity_is_of(const struct status_identity *identity,
    const struct ocsp_certificate_id *id);

#endif
