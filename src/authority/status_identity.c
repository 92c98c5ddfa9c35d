#include "authority/status_identity.h"

/* AlgorithmIdentifiers: id-sha1 (RFC 3279, 2.1), id-sha256 (RFC 5754, 2.2).
 * Both forms are sent, with NULL and without. */
static const uint8_t sha1_null[] = {
    0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00};
static const uint8_t sha1_bare[] = {
    0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a};
static const uint8_t sha256_null[] = {0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
    0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};
static const uint8_t sha256_bare[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
    0x01, 0x65, 0x03, 0x04, 0x02, 0x01};

static const struct {
    struct bytes identifier;
    enum ocsp_id_hash hash;
} algorithms[] = {
    {{sha1_null, sizeof(sha1_null)}, OCSP_ID_SHA1},
    {{sha1_bare, sizeof(sha1_bare)}, OCSP_ID_SHA1},
    {{sha256_null, sizeof(sha256_null)}, OCSP_ID_SHA256},
    {{sha256_bare, sizeof(sha256_bare)}, OCSP_ID_SHA256},
};

static bool hash(const char *digest, struct bytes bytes,
    struct status_hash *hashed, struct failure *why)
{
    const EVP_MD *algorithm = NULL;
    unsigned int length = 0;

    if (!digest_named(digest, &algorithm, why))
        return false;
    if (EVP_Digest(bytes.start, bytes.length, hashed->bytes, &length, algorithm,
            NULL) != 1)
        return fail_because(
            why, FAILURE_INTERNAL, "%s can't be computed", digest);
    hashed->length = length;
    return true;
}

bool status_identity_of(struct bytes name, struct bytes key_bits,
    struct status_identity *identity, struct failure *why)
{
    return hash("SHA1", name, &identity->names[OCSP_ID_SHA1], why) &&
           hash("SHA1", key_bits, &identity->keys[OCSP_ID_SHA1], why) &&
           hash("SHA256", name, &identity->names[OCSP_ID_SHA256], why) &&
           hash("SHA256", key_bits, &identity->keys[OCSP_ID_SHA256], why);
}

enum ocsp_id_hash status_hash_named(struct bytes algorithm)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
        if (bytes_equal(algorithms[i].identifier, algorithm))
            return algorithms[i].hash;
    }
    return OCSP_ID_OTHER;
}

static bool is_same(const struct status_hash *hashed, struct bytes bytes)
{
    return bytes_equal((struct bytes){hashed->bytes, hashed->length}, bytes);
}

bool status_identity_is_of(const struct status_identity *identity,
    const struct ocsp_certificate_id *id)
{
    enum ocsp_id_hash named = status_hash_named(id->hash_algorithm);

    return named != OCSP_ID_OTHER &&
           is_same(&identity->names[named], id->name_hash) &&
           is_same(&identity->keys[named], id->key_hash);
}
