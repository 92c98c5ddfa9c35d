#ifndef CRYPTO_SIGNATURE_H
#define CRYPTO_SIGNATURE_H

#include <openssl/evp.h>

#include "base/scoped.h"
#include "crypto/algorithm.h"

/*
 * A key made ready for one signature algorithm, for those who sign or verify
 * many messages with it.  One thread at a time may use it; it holds the key.
 */
enum signature_use { SIGNATURE_SIGN, SIGNATURE_VERIFY };

struct signature_operation;

MUST_CHECK bool signature_operation_new(EVP_PKEY *key,
    const struct signature_algorithm *algorithm, enum signature_use use,
    struct signature_operation **operation, struct failure *why);

void signature_operation_free(struct signature_operation *operation);
DEFINE_SCOPED_STRUCT(signature_operation, signature_operation_free)

const struct signature_algorithm *signature_operation_algorithm(
    const struct signature_operation *operation);

MUST_CHECK bool signature_operation_sign(
    const struct signature_operation *operation, struct bytes message,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why);

/* The reasons are those of signature_verify in crypto/public_key.h. */
MUST_CHECK bool signature_operation_verify(
    const struct signature_operation *operation, struct bytes message,
    struct bytes signature, struct failure *why);

/* The same for a message that was hashed before, with the algorithm's digest;
 * not for algorithms without one (Ed25519, ML-DSA). */
MUST_CHECK bool signature_operation_sign_digest(
    const struct signature_operation *operation, struct bytes digest,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why);
MUST_CHECK bool signature_operation_verify_digest(
    const struct signature_operation *operation, struct bytes digest,
    struct bytes signature, struct failure *why);

#endif
