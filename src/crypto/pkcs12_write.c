#include "crypto/pkcs12_write.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "crypto/pbes2.h"

#define SALT_BYTES 16

typedef STACK_OF(X509) certificates;
typedef STACK_OF(PKCS7) safes;
typedef STACK_OF(PKCS12_SAFEBAG) bags;

static void certificates_free(certificates *held)
{
    sk_X509_pop_free(held, X509_free);
}

static void safes_free(safes *held)
{
    sk_PKCS7_pop_free(held, PKCS7_free);
}

static void bags_free(bags *held)
{
    sk_PKCS12_SAFEBAG_pop_free(held, PKCS12_SAFEBAG_free);
}

DEFINE_SCOPED(PKCS12, PKCS12_free)
DEFINE_SCOPED(certificates, certificates_free)
DEFINE_SCOPED(safes, safes_free)
DEFINE_SCOPED(bags, bags_free)

/* --- what goes in -------------------------------------------------------- */

/* OpenSSL takes a text that ends with a zero. */
static bool passphrase_text(
    const struct secret *passphrase, struct secret *text, struct failure *why)
{
    if (passphrase->length == 0 ||
        memchr(passphrase->start, 0, passphrase->length) != NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the passphrase is empty, or has a zero in it");
    if (!secret_new(text, passphrase->length + 1, why))
        return false;
    memcpy(text->start, passphrase->start, passphrase->length);
    text->start[passphrase->length] = 0;
    return true;
}

static bool read_certificate(
    struct bytes der, X509 **certificate, struct failure *why)
{
    const uint8_t *start = der.start;

    *certificate = d2i_X509(NULL, &start, (long)der.length);
    if (*certificate == NULL || start != der.start + der.length)
        return fail_in_openssl(why, FAILURE_MALFORMED, "reading a certificate");
    return true;
}

static bool read_chain(const struct pkcs12_contents *contents,
    certificates *chain, struct failure *why)
{
    for (size_t i = 0; i < contents->chain_count; i++) {
        SCOPED(X509) *certificate = NULL;

        if (!read_certificate(contents->chain[i], &certificate, why))
            return false;
        if (sk_X509_push(chain, certificate) <= 0)
            return fail_in_openssl(why, FAILURE_INTERNAL, "keeping a chain");
        (void)KEEP(X509, &certificate); /* the chain owns it now */
    }
    return true;
}

/* A key gives itself out as a file alone. */
static bool open_pair(
    const struct private_key *key, EVP_PKEY **pair, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("the key", KEY_FILE_MAX);
    bool is_written = key_file_write(key, NULL, &pem, why);
    SCOPED(BIO) *plain = NULL;

    if (is_written) {
        plain = BIO_new_mem_buf(pem.start, (int)pem.length);
        *pair = plain == NULL
                    ? NULL
                    : PEM_read_bio_PrivateKey(plain, NULL, NULL, NULL);
    }
    wipe(pem.start, pem.length);
    if (!is_written)
        return false;
    return *pair != NULL ||
           fail_in_openssl(why, FAILURE_INTERNAL, "reading a key");
}

/* --- writing ------------------------------------------------------------- */

static bool make(const struct pkcs12_contents *contents, const char *passphrase,
    PKCS12 **made, struct failure *why)
{
    SCOPED(X509) *certificate = NULL;
    SCOPED(certificates) *chain = sk_X509_new_null();
    SCOPED(EVP_PKEY) *pair = NULL;

    if (chain == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!read_certificate(contents->certificate, &certificate, why) ||
        !read_chain(contents, chain, why) ||
        !open_pair(contents->key, &pair, why))
        return false;
    /* -1: without a MAC, whose digest this function leaves to the library. */
    *made = PKCS12_create(passphrase, contents->name, pair, certificate, chain,
        NID_aes_256_cbc, NID_aes_256_cbc, KEY_ITERATIONS, -1, 0);
    if (*made == NULL || !PKCS12_set_mac(*made, passphrase, -1, NULL,
                             SALT_BYTES, KEY_ITERATIONS, EVP_sha256()))
        return fail_in_openssl(why, FAILURE_INTERNAL, "writing a PKCS#12 file");
    return true;
}

static bool append(PKCS12 *made, struct buffer *file, struct failure *why)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    int length = i2d_PKCS12(made, &encoded);

    if (length <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "encoding PKCS#12");
    return buffer_append(
        file, (struct bytes){.start = encoded, .length = (size_t)length}, why);
}

bool pkcs12_write(const struct pkcs12_contents *contents,
    const struct secret *passphrase, struct buffer *file, struct failure *why)
{
    RELEASED(secret) text = {0};
    SCOPED(PKCS12) *made = NULL;
    size_t before = file->length;

    if (!passphrase_text(passphrase, &text, why) ||
        !make(contents, (const char *)text.start, &made, why) ||
        !append(made, file, why))
        return false;
    if (pkcs12_check(contents, passphrase,
            (struct bytes){file->start + before, file->length - before}, why))
        return true;
    file->length = before;
    return false;
}

/* --- what is there ------------------------------------------------------- */

static bool check_encryption(const X509_ALGOR *algorithm, struct failure *why)
{
    struct pbes2 found = {0};

    if (!pbes2_read(algorithm, &found, why))
        return false;
    if (found.derivation != PBES2_PBKDF2 || found.prf != NID_hmacWithSHA256 ||
        found.iterations < KEY_ITERATIONS || found.cipher != NID_aes_256_cbc)
        return fail_because(why, FAILURE_INTERNAL,
            "the PKCS#12 file was not encrypted as it should be: PBKDF2 with "
            "HMAC-SHA-256, %d iterations, AES-256-CBC",
            KEY_ITERATIONS);
    return true;
}

/* Nothing but keys that are encrypted one by one may stand in the clear. */
static bool check_bags(const bags *held, struct failure *why)
{
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(held); i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(held, i);
        const X509_ALGOR *algorithm = NULL;

        if (PKCS12_SAFEBAG_get_nid(bag) != NID_pkcs8ShroudedKeyBag)
            return fail_because(why, FAILURE_INTERNAL,
                "the PKCS#12 file holds something that is not encrypted");
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
        if (!check_encryption(algorithm, why))
            return false;
    }
    return true;
}

static bool check_safe(PKCS7 *safe, struct failure *why)
{
    SCOPED(bags) *held = NULL;
    int kind = OBJ_obj2nid(safe->type);

    if (kind == NID_pkcs7_encrypted)
        return check_encryption(safe->d.encrypted->enc_data->algorithm, why);
    if (kind != NID_pkcs7_data)
        return fail_because(why, FAILURE_INTERNAL,
            "the PKCS#12 file has a part of an unknown kind");
    held = PKCS12_unpack_p7data(safe);
    if (held == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "reading PKCS#12");
    return check_bags(held, why);
}

static bool check_mac(const PKCS12 *file, struct failure *why)
{
    const ASN1_INTEGER *iterations = NULL;
    const ASN1_OCTET_STRING *salt = NULL;
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *digest = NULL;

    PKCS12_get0_mac(NULL, &algorithm, &salt, &iterations, file);
    if (algorithm != NULL)
        X509_ALGOR_get0(&digest, NULL, NULL, algorithm);
    if (digest == NULL || OBJ_obj2nid(digest) != NID_sha256 ||
        ASN1_STRING_length(salt) < SALT_BYTES ||
        ASN1_INTEGER_get(iterations) < KEY_ITERATIONS)
        return fail_because(why, FAILURE_INTERNAL,
            "the PKCS#12 file has not the MAC it should have: SHA-256, %d "
            "iterations",
            KEY_ITERATIONS);
    return true;
}

static bool check_parts(PKCS12 *file, struct failure *why)
{
    SCOPED(safes) *parts = PKCS12_unpack_authsafes(file);

    if (parts == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "reading PKCS#12");
    for (int i = 0; i < sk_PKCS7_num(parts); i++) {
        if (!check_safe(sk_PKCS7_value(parts, i), why))
            return false;
    }
    return check_mac(file, why);
}

static bool is_same(const X509 *found, struct bytes wanted)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    int length = i2d_X509(found, &encoded);

    return length > 0 && bytes_equal((struct bytes){.start = encoded,
                                         .length = (size_t)length},
                             wanted);
}

/* Verifies the MAC and decrypts every part on the way. */
static bool check_contents(const struct pkcs12_contents *contents,
    const char *passphrase, PKCS12 *file, struct failure *why)
{
    SCOPED(EVP_PKEY) *pair = NULL;
    SCOPED(X509) *certificate = NULL;
    SCOPED(certificates) *chain = NULL;
    size_t count;

    if (!PKCS12_parse(file, passphrase, &pair, &certificate, &chain))
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "opening the PKCS#12 file again");
    count = chain == NULL ? 0 : (size_t)sk_X509_num(chain);
    if (pair == NULL || EVP_PKEY_eq(pair, contents->key->public_key) != 1 ||
        certificate == NULL || !is_same(certificate, contents->certificate) ||
        count != contents->chain_count)
        return fail_because(why, FAILURE_INTERNAL,
            "the PKCS#12 file does not hold what was put into it");
    return true;
}

bool pkcs12_check(const struct pkcs12_contents *contents,
    const struct secret *passphrase, struct bytes file, struct failure *why)
{
    const uint8_t *start = file.start;
    SCOPED(PKCS12) *read = d2i_PKCS12(NULL, &start, (long)file.length);
    RELEASED(secret) text = {0};

    if (read == NULL || start != file.start + file.length)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "reading the PKCS#12 file again");
    return passphrase_text(passphrase, &text, why) && check_parts(read, why) &&
           check_contents(contents, (const char *)text.start, read, why);
}
