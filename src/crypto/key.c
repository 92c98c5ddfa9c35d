#include "crypto/key.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "crypto/digest.h"
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

/* A signature that does not match may give the key away. */
static bool hold_back(const struct private_key *key,
    uint8_t signature[static SIGNATURE_MAX], struct failure *why)
{
    wipe(signature, SIGNATURE_MAX);
    return fail_because(why, FAILURE_INTERNAL,
        "a signature of the %s key in the %s home does not match its public "
        "key; it was not let out",
        key->algorithm->title, key->home->name);
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
    if (!verify_own(key, algorithm, message, made, why))
        return hold_back(key, bytes, why);
    memcpy(signature, bytes, made.length);
    *length = made.length;
    return true;
}

/* --- in pieces ----------------------------------------------------------- */

struct signing_in_pieces {
    const struct private_key *key;
    EVP_MD_CTX *signed_hash;
    EVP_MD_CTX *verified_hash;
};

bool private_key_signs_in_pieces(const struct private_key *key)
{
    return key->algorithm->signs_with->digest != NULL;
}

static bool begin_hash(
    const EVP_MD *digest, EVP_MD_CTX **hash, struct failure *why)
{
    *hash = EVP_MD_CTX_new();
    if (*hash == NULL || EVP_DigestInit_ex(*hash, digest, NULL) <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "hashing a message");
    return true;
}

bool private_key_sign_begin(const struct private_key *key,
    struct signing_in_pieces **signing, struct failure *why)
{
    SCOPED_STRUCT(signing_in_pieces) *begun = NULL;
    const EVP_MD *digest = NULL;

    if (!private_key_signs_in_pieces(key))
        return fail_because(why, FAILURE_UNSUITABLE,
            "an %s key signs no message in pieces", key->algorithm->title);
    begun = calloc(1, sizeof(*begun));
    if (begun == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    begun->key = key;
    if (!digest_named(key->algorithm->signs_with->digest, &digest, why) ||
        !begin_hash(digest, &begun->signed_hash, why) ||
        !begin_hash(digest, &begun->verified_hash, why))
        return false;
    *signing = KEEP(signing_in_pieces, &begun);
    return true;
}

void signing_in_pieces_free(struct signing_in_pieces *signing)
{
    if (signing == NULL)
        return;
    EVP_MD_CTX_free(signing->signed_hash);
    EVP_MD_CTX_free(signing->verified_hash);
    free(signing);
}

bool private_key_sign_add(
    struct signing_in_pieces *signing, struct bytes piece, struct failure *why)
{
    if (EVP_DigestUpdate(signing->signed_hash, piece.start, piece.length) > 0 &&
        EVP_DigestUpdate(signing->verified_hash, piece.start, piece.length) > 0)
        return true;
    return fail_in_openssl(why, FAILURE_INTERNAL, "hashing a message");
}

static bool end_hash(EVP_MD_CTX *hash, uint8_t room[static EVP_MAX_MD_SIZE],
    struct bytes *digest, struct failure *why)
{
    unsigned int length = 0;

    if (EVP_DigestFinal_ex(hash, room, &length) <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "hashing a message");
    *digest = (struct bytes){room, length};
    return true;
}

bool private_key_sign_end(struct signing_in_pieces *signing,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    const struct private_key *key = signing->key;
    uint8_t signed_room[EVP_MAX_MD_SIZE];
    uint8_t verified_room[EVP_MAX_MD_SIZE];
    uint8_t bytes[SIGNATURE_MAX];
    struct bytes signed_digest = {0};
    struct bytes verified_digest = {0};
    struct bytes made = {bytes, 0};

    if (!end_hash(signing->signed_hash, signed_room, &signed_digest, why) ||
        !end_hash(
            signing->verified_hash, verified_room, &verified_digest, why) ||
        !key->home->sign_digest(key, signed_digest, bytes, &made.length, why))
        return false;
    if (!signature_operation_verify_digest(
            key->verification, verified_digest, made, why))
        return hold_back(key, bytes, why);
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
