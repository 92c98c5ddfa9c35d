#include <stdio.h>

#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pkcs12.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "x509/pkcs12_parts.h"
#include "x509/pkcs7_oid.h"

/* 1.2.840.113549.1.5.14, RFC 8018, A.5; OpenSSL 3.0 has no such MAC. */
#define PBMAC1 CONTENTS("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e")

/* MacData, with what PBMAC1 says in place of its salt and iterations. */
struct mac {
    bool is_pbmac1;
    struct pkcs12_derivation derivation;
    struct bytes value;
    uint64_t key_length;
    char digest[CONTAINER_NAME]; /* of the MAC, as OpenSSL calls it */
    char prf[CONTAINER_NAME];    /* of PBMAC1 */
};

/* "hmacWithSHA256" -> "SHA256"; "sha256" is a digest itself. */
static bool read_digest_name(struct pkcs12_work *work, int nid,
    struct bytes oid, char digest[static CONTAINER_NAME], struct failure *why)
{
    char name[CONTAINER_NAME] = "";
    int digest_nid = NID_undef;

    (void)EVP_PBE_find(EVP_PBE_TYPE_PRF, nid, NULL, &digest_nid, NULL);
    if (digest_nid == NID_undef)
        digest_nid = nid;
    SCOPED(EVP_MD) *found =
        digest_nid == NID_undef
            ? NULL
            : EVP_MD_fetch(NULL, OBJ_nid2sn(digest_nid), NULL);
    ERR_clear_error();
    if (found == NULL) {
        pkcs12_algorithm_name(oid, name);
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "the MAC of the PKCS#12 uses %s, which is not read here", name);
    }
    (void)snprintf(digest, CONTAINER_NAME, "%s", OBJ_nid2sn(digest_nid));
    return true;
}

static bool read_pbmac1(struct pkcs12_work *work,
    const struct algorithm_identifier *algorithm, struct mac *mac,
    struct failure *why)
{
    struct der_reader whole = der_reader_of(algorithm->parameters);
    struct der_reader parameters = {0};
    struct der_reader kdf = {0};
    struct algorithm_identifier derivation = {0};
    struct algorithm_identifier code = {0};
    struct pkcs12_pbkdf2 pbkdf2 = {0};

    if (!der_read(&whole, DER_SEQUENCE, &parameters, why) ||
        !algorithm_identifier_read(&parameters, &derivation, why) ||
        !algorithm_identifier_read(&parameters, &code, why))
        return false;
    if (pkcs12_nid(derivation.oid) != NID_id_pbkdf2)
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "the MAC of the PKCS#12 is PBMAC1 without PBKDF2, which is not "
            "read here");
    whole = der_reader_of(derivation.parameters);
    if (!der_read(&whole, DER_SEQUENCE, &kdf, why) ||
        !pkcs12_read_pbkdf2(work, kdf, &pbkdf2, why))
        return false;
    mac->derivation = pbkdf2.derivation;
    mac->key_length = pbkdf2.key_length;
    return read_digest_name(work, pbkdf2.prf, derivation.oid, mac->prf, why) &&
           read_digest_name(
               work, pkcs12_nid(code.oid), code.oid, mac->digest, why);
}

/* RFC 9579, 6: the length must be there; 20 bytes are the least we know of. */
static bool check_key_length(
    struct pkcs12_work *work, const struct mac *mac, struct failure *why)
{
    if (!mac->is_pbmac1 ||
        (mac->key_length >= 20 && mac->key_length <= EVP_MAX_MD_SIZE))
        return true;
    return pkcs12_refuse(work, VERDICT_MALFORMED, why,
        "PBMAC1 of the PKCS#12 says no key length from 20 to %d bytes (RFC "
        "9579, 6)",
        EVP_MAX_MD_SIZE);
}

static void tell_mac(struct pkcs12_work *work, const struct mac *mac)
{
    struct container *container = work->container;

    if (mac->is_pbmac1)
        (void)snprintf(container->integrity, CONTAINER_TEXT,
            "PBMAC1 with PBKDF2-HMAC-%.40s and HMAC-%.40s", mac->prf,
            mac->digest);
    else
        (void)snprintf(container->integrity, CONTAINER_TEXT,
            "HMAC-%.40s with the derivation of PKCS#12", mac->digest);
    container->integrity_iterations = mac->derivation.iterations;
}

/* MacData: DigestInfo, salt, iterations DEFAULT 1. */
static bool read_mac(struct pkcs12_work *work, struct der_reader reader,
    struct mac *mac, struct failure *why)
{
    struct der_reader info = {0};
    struct der_reader value = {0};
    struct bytes salt = {0};
    struct algorithm_identifier algorithm = {0};

    if (!der_read(&reader, DER_SEQUENCE, &info, why) ||
        !algorithm_identifier_read(&info, &algorithm, why) ||
        !der_read(&info, DER_OCTET_STRING, &value, why) ||
        !der_finish(&info, "the MAC", why) ||
        !pkcs12_read_salt(work, &reader, &salt, why))
        return false;
    mac->value = der_remaining(&value);
    mac->is_pbmac1 = bytes_equal(algorithm.oid, PBMAC1);
    if (mac->is_pbmac1)
        return read_pbmac1(work, &algorithm, mac, why) &&
               check_key_length(work, mac, why);
    mac->derivation.salt = salt;
    return pkcs12_read_iterations(
               work, &reader, &mac->derivation.iterations, why) &&
           der_finish(&reader, "the MAC's parameters", why) &&
           read_digest_name(work, pkcs12_nid(algorithm.oid), algorithm.oid,
               mac->digest, why);
}

static bool derive(const struct mac *mac, const EVP_MD *digest,
    const char *password, int password_length, unsigned char *key,
    size_t *key_length)
{
    const struct bytes salt = mac->derivation.salt;
    const int iterations = (int)mac->derivation.iterations;

    if (mac->is_pbmac1) {
        SCOPED(EVP_MD) *prf = EVP_MD_fetch(NULL, mac->prf, NULL);

        *key_length = (size_t)mac->key_length;
        return prf != NULL &&
               PKCS5_PBKDF2_HMAC(password == NULL ? "" : password,
                   password_length, salt.start, (int)salt.length, iterations,
                   prf, (int)*key_length, key) > 0;
    }
    *key_length = (size_t)EVP_MD_get_size(digest);
    return PKCS12_key_gen_utf8(password, password_length,
               (unsigned char *)(uintptr_t)salt.start, (int)salt.length,
               PKCS12_MAC_ID, iterations, (int)*key_length, key, digest) > 0;
}

static bool matches(const struct mac *mac, const char *password,
    int password_length, struct bytes content, bool *is_right,
    struct failure *why)
{
    SCOPED(EVP_MD) *digest = EVP_MD_fetch(NULL, mac->digest, NULL);
    unsigned char key[EVP_MAX_MD_SIZE] = {0};
    unsigned char found[EVP_MAX_MD_SIZE] = {0};
    unsigned int found_length = 0;
    size_t key_length = 0;
    bool done =
        digest != NULL &&
        derive(mac, digest, password, password_length, key, &key_length) &&
        HMAC(digest, key, (int)key_length, content.start, content.length, found,
            &found_length) != NULL;

    wipe(key, sizeof(key));
    if (!done)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "computing the MAC of the PKCS#12");
    *is_right = bytes_equal_secretly(
        mac->value, (struct bytes){.start = found, .length = found_length});
    return true;
}

/* Some programs derive from nothing where there is no password, some from an
 * empty text. */
static bool try_without_password(struct pkcs12_work *work,
    const struct mac *mac, struct bytes content, bool *is_right,
    struct failure *why)
{
    work->password = NULL;
    if (!matches(mac, NULL, 0, content, is_right, why))
        return false;
    if (*is_right || mac->is_pbmac1)
        return true;
    work->password = "";
    return matches(mac, "", 0, content, is_right, why);
}

bool pkcs12_check_mac(struct pkcs12_work *work, struct der_reader mac,
    struct bytes content, struct failure *why)
{
    struct mac found = {0};
    bool is_right = false;

    if (!read_mac(work, mac, &found, why))
        return false;
    tell_mac(work, &found);
    if (work->password_length == 0) {
        if (!try_without_password(work, &found, content, &is_right, why))
            return false;
        return is_right ||
               pkcs12_refuse(work, VERDICT_WRONG_PASSWORD, why,
                   "the PKCS#12 has a password: its MAC matches neither none "
                   "nor an empty one");
    }
    if (!matches(&found, work->password, work->password_length, content,
            &is_right, why))
        return false;
    return is_right ||
           pkcs12_refuse(work, VERDICT_WRONG_PASSWORD, why,
               "this is not the password of the PKCS#12, or the file was "
               "altered: its MAC (%s) does not match",
               work->container->integrity);
}
