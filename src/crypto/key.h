#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include <openssl/evp.h>

#include "crypto/algorithm.h"
#include "crypto/public_key.h"
#include "crypto/signature.h"

/*
 * A private key in its home.  What a key can do is said by the home's table,
 * so that a key in a PKCS#11 token or a TPM will differ from one in a file by a
 * table alone.  Only the signer and the keys role ever hold one (and
 * `issue --key-out`, for the requester's own key).  It keeps contexts made
 * ready for what it signs with (algorithm->signs_with): one thread at a time
 * may use it.
 */
struct private_key;

struct key_home_verbs {
    const char *name; /* "file" */
    MUST_CHECK bool (*sign)(const struct private_key *key,
        const struct signature_algorithm *algorithm, struct bytes message,
        uint8_t signature[static SIGNATURE_MAX], size_t *length,
        struct failure *why);
    /* Of a digest that signs_with hashes with; never of algorithms that have
     * none. */
    MUST_CHECK bool (*sign_digest)(const struct private_key *key,
        struct bytes digest, uint8_t signature[static SIGNATURE_MAX],
        size_t *length, struct failure *why);
    void (*release)(struct private_key *key); /* frees what held holds */
};

struct private_key {
    const struct key_home_verbs *home;
    const struct key_algorithm *algorithm;
    EVP_PKEY *public_key;                     /* for verifying what it signed */
    struct signature_operation *verification; /* made ready, of signs_with */
    void *held;                               /* the home's */
};

void private_key_free(struct private_key *key); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(private_key, private_key_free)

/* Signs, then verifies with the public key before the signature is let out: a
 * faulty signature may give the key away. */
MUST_CHECK bool private_key_sign(const struct private_key *key,
    const struct signature_algorithm *algorithm, struct bytes message,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why);

/*
 * Signs, with signs_with, what comes in pieces: one message of any length in
 * flat memory.  What is signed and what is verified are hashed apart, so that a
 * flaw in one of the two never leaves as a signature.  Nothing is signed before
 * private_key_sign_end.
 *
 * Ed25519 and ML-DSA hash themselves and take a message whole:
 * private_key_signs_in_pieces is false for them.
 */
struct signing_in_pieces;

bool private_key_signs_in_pieces(const struct private_key *key);

/* The key must live as long as what is begun. */
MUST_CHECK bool private_key_sign_begin(const struct private_key *key,
    struct signing_in_pieces **signing, struct failure *why);
MUST_CHECK bool private_key_sign_add(
    struct signing_in_pieces *signing, struct bytes piece, struct failure *why);
/* Once, as the last. */
MUST_CHECK bool private_key_sign_end(struct signing_in_pieces *signing,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why);
void signing_in_pieces_free(
    struct signing_in_pieces *signing); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(signing_in_pieces, signing_in_pieces_free)

/* Signs and verifies 32 fresh random bytes: is the key usable now? */
MUST_CHECK bool private_key_prove(
    const struct private_key *key, struct failure *why);

/* The DER SubjectPublicKeyInfo, appended. */
MUST_CHECK bool private_key_append_spki(
    const struct private_key *key, struct buffer *spki, struct failure *why);

/* --- the file home: PKCS#8, encrypted with PBES2 (RFC 8018) -------------- */

#define KEY_FILE_MAX (64 * 1024)
#define KEY_ITERATIONS 600000      /* PBKDF2-HMAC-SHA-256, then AES-256-CBC */
#define KEY_ITERATIONS_MAX 5000000 /* incident 36 */
#define KEY_SCRYPT_MEMORY_MAX (256u * 1024 * 1024) /* bytes, all lanes */

/* Makes a key of this kind in memory and wraps it in the file home. */
MUST_CHECK bool key_generate(const struct key_algorithm *algorithm,
    struct private_key **key, struct failure *why);

/*
 * Appends the key as encrypted PKCS#8, PEM, then reads what it wrote with the
 * passphrase, checks cipher, derivation and iterations, and signs with the
 * re-read key against the public key: what can't be read back is not written
 * (incident 56).  passphrase NULL: unencrypted, for a requester's own key.
 */
MUST_CHECK bool key_file_write(const struct private_key *key,
    const struct secret *passphrase, struct buffer *pem, struct failure *why);

/*
 * Reads a private key from PEM or DER: PKCS#8 encrypted (PBES2 only) or plain,
 * or the older RSA and EC forms.  Kinds: FAILURE_UNAUTHENTICATED: the
 * passphrase does not open it; FAILURE_UNAVAILABLE "locked": it is encrypted
 * and passphrase is NULL; FAILURE_MALFORMED: no key, or one whose parts don't
 * belong together; FAILURE_UNSUITABLE: a key without a row in key_algorithms,
 * an encryption other than PBES2, or a derivation beyond the limits above.
 */
MUST_CHECK bool key_file_read(struct bytes file,
    const struct secret *passphrase, struct private_key **key,
    struct failure *why);

#endif
