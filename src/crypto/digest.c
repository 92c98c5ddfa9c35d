#include "crypto/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <openssl/hmac.h>

#include "base/hex.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

static struct held_digest {
    const char *name;
    _Atomic(EVP_MD *) digest;
} held_digests[] = {{"SHA256", NULL}, {"SHA384", NULL}, {"SHA512", NULL},
    {"SHA224", NULL}, {"SHA1", NULL}};

/* Two threads may fetch at once; the first to finish is kept. */
static bool fetch(struct held_digest *held, struct failure *why)
{
    SCOPED(EVP_MD) *fetched = EVP_MD_fetch(NULL, held->name, NULL);
    EVP_MD *none = NULL;

    if (fetched == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "fetching a digest");
    if (atomic_compare_exchange_strong(&held->digest, &none, fetched))
        (void)KEEP(EVP_MD, &fetched);
    return true;
}

bool digest_named(const char *name, const EVP_MD **digest, struct failure *why)
{
    for (size_t i = 0; i < sizeof(held_digests) / sizeof(*held_digests); i++) {
        struct held_digest *held = &held_digests[i];

        if (strcmp(held->name, name) != 0)
            continue;
        if (atomic_load(&held->digest) == NULL && !fetch(held, why))
            return false;
        *digest = atomic_load(&held->digest);
        return true;
    }
    return fail_because(
        why, FAILURE_UNSUITABLE, "the digest %s is not one of ours", name);
}

bool sha256(const struct bytes *parts, size_t count,
    uint8_t digest[static SHA256_BYTES], struct failure *why)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();
    const EVP_MD *algorithm = NULL;

    if (!digest_named("SHA256", &algorithm, why))
        return false;
    if (context == NULL || !EVP_DigestInit_ex2(context, algorithm, NULL))
        return fail_in_openssl(why, FAILURE_INTERNAL, "starting a SHA-256");
    for (size_t i = 0; i < count; i++) {
        if (!EVP_DigestUpdate(context, parts[i].start, parts[i].length))
            return fail_in_openssl(why, FAILURE_INTERNAL, "hashing");
    }
    if (!EVP_DigestFinal_ex(context, digest, NULL))
        return fail_in_openssl(why, FAILURE_INTERNAL, "ending a SHA-256");
    return true;
}

#define READ_AT_ONCE 65536

static bool hash_part(EVP_MD_CTX *context, int descriptor, uint64_t offset,
    uint64_t length, struct failure *why)
{
    uint8_t piece[READ_AT_ONCE];

    while (length > 0) {
        ssize_t count = pread(descriptor, piece,
            length < sizeof(piece) ? (size_t)length : sizeof(piece),
            (off_t)offset);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "a file that is hashed ends %" PRIu64 " bytes early", length);
        if (!EVP_DigestUpdate(context, piece, (size_t)count))
            return fail_in_openssl(why, FAILURE_INTERNAL, "hashing");
        offset += (uint64_t)count;
        length -= (uint64_t)count;
    }
    return true;
}

bool digest_part(const EVP_MD *algorithm, int descriptor, uint64_t offset,
    uint64_t length, uint8_t digest[static EVP_MAX_MD_SIZE],
    struct failure *why)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();

    if (context == NULL || !EVP_DigestInit_ex2(context, algorithm, NULL))
        return fail_in_openssl(why, FAILURE_INTERNAL, "starting a digest");
    if (!hash_part(context, descriptor, offset, length, why))
        return false;
    return EVP_DigestFinal_ex(context, digest, NULL) == 1 ||
           fail_in_openssl(why, FAILURE_INTERNAL, "ending a digest");
}

bool sha256_part(int descriptor, uint64_t offset, uint64_t length,
    uint8_t digest[static SHA256_BYTES], struct failure *why)
{
    uint8_t room[EVP_MAX_MD_SIZE];
    const EVP_MD *algorithm = NULL;

    if (!digest_named("SHA256", &algorithm, why) ||
        !digest_part(algorithm, descriptor, offset, length, room, why))
        return false;
    memcpy(digest, room, SHA256_BYTES);
    return true;
}

#define KEYED_PARTS_MAX 8

bool keyed_digest(const uint8_t key[static DIGEST_KEY_BYTES],
    const struct bytes *parts, size_t count,
    uint8_t digest[static SHA256_BYTES], struct failure *why)
{
    struct bytes framed[2 * KEYED_PARTS_MAX];
    uint64_t lengths[KEYED_PARTS_MAX];
    uint8_t plain[SHA256_BYTES];
    const EVP_MD *algorithm = NULL;
    bool ok;

    if (count > KEYED_PARTS_MAX)
        return fail_because(
            why, FAILURE_INTERNAL, "a digest of %zu parts", count);
    for (size_t i = 0; i < count; i++) {
        lengths[i] = parts[i].length;
        framed[2 * i] =
            (struct bytes){(uint8_t *)&lengths[i], sizeof(*lengths)};
        framed[2 * i + 1] = parts[i];
    }
    if (!sha256(framed, 2 * count, plain, why) ||
        !digest_named("SHA256", &algorithm, why))
        return false;
    ok = HMAC(algorithm, key, DIGEST_KEY_BYTES, plain, sizeof(plain), digest,
             NULL) != NULL;
    wipe(plain, sizeof(plain));
    return ok || fail_in_openssl(why, FAILURE_INTERNAL, "an HMAC");
}

bool sha256_text(
    struct bytes bytes, char text[static SHA256_TEXT], struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (!sha256(&bytes, 1, digest, why))
        return false;
    hex_print((struct bytes){.start = digest, .length = sizeof(digest)}, text);
    return true;
}

bool key_identifier(struct bytes key_bits,
    uint8_t identifier[static KEY_IDENTIFIER_BYTES], struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (!sha256(&key_bits, 1, digest, why))
        return false;
    memcpy(identifier, digest, KEY_IDENTIFIER_BYTES);
    return true;
}
