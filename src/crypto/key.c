#include "crypto/key.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

void private_key_free(struct private_key *key)
{
    if (key == NULL)
        return;
    if (key->held != NULL)
        key->home->release(key);
    signature_operation_free(key->verification);
    EVP_PKEY_free(key->public_key);
    free(key);
}

static bool verify_own(const struct private_key *key,
    const struct signature_algorithm *algorithm, struct bytes message,
    struct bytes signature, struct failure *why)
{
    if (signature_operation_algorithm(key->verification) == algorithm)
        return signature_operation_verify(
            key->verification, message, signature, why);
    return signature_verify(
        key->public_key, algorithm, message, signature, why);
}

bool private_key_sign(const struct private_key *key,
    const struct signature_algorithm *algorithm, struct bytes message,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    struct bytes made = {0};
    uint8_t bytes[SIGNATURE_MAX];

    if (!key->home->sign(key, algorithm, message, bytes, &made.length, why))
        return false;
    made.start = bytes;
    if (!verify_own(key, algorithm, message, made, why)) {
        wipe(bytes, sizeof(bytes));
        return fail_because(why, FAILURE_INTERNAL,
            "a signature of the %s key in the %s home does not match its "
            "public key; it was not let out",
            key->algorithm->title, key->home->name);
    }
    memcpy(signature, bytes, made.length);
    *length = made.length;
    return true;
}

bool private_key_prove(const struct private_key *key, struct failure *why)
{
    uint8_t message[32];
    uint8_t signature[SIGNATURE_MAX];
    size_t length = 0;

    random_fill(message, sizeof(message));
    return private_key_sign(key, key->algorithm->signs_with,
        (struct bytes){.start = message, .length = sizeof(message)}, signature,
        &length, why);
}

bool private_key_append_spki(
    const struct private_key *key, struct buffer *spki, struct failure *why)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    int length = i2d_PUBKEY(key->public_key, &encoded);

    if (length <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "encoding a public key");
    return buffer_append(
        spki, (struct bytes){.start = encoded, .length = (size_t)length}, why);
}
