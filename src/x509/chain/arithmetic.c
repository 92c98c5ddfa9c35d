#include "x509/chain/arithmetic.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/hex.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "x509/chain/signature_cache.h"
#include "x509/chain/signature_key.h"

/* One question, on its way. */
struct check {
    const struct signature_key *key;
    struct bytes identifier, message, signature;
    enum algorithm_policy policy;
    struct signature_cache *cache;
    char *evidence; /* NULL: nothing is told */

    struct algorithm_identifier algorithm;
    const struct signature_row *row;
    const char *digest; /* NULL: the scheme hashes itself */
    struct pss_parameters pss;
    struct verifying_key verifying;
};

/* --- in words ------------------------------------------------------------ */

static void print_identifier(const struct signature_key *key, char text[41])
{
    uint8_t computed[KEY_IDENTIFIER_BYTES] = {0};
    struct bytes identifier = key->identifier;
    struct failure unread = {0};

    text[0] = '\0';
    if (identifier.length == 0 &&
        key_identifier(key->spki.bits, computed, &unread))
        identifier = (struct bytes){computed, sizeof(computed)};
    if (identifier.length > sizeof(computed))
        identifier.length = sizeof(computed);
    hex_print(identifier, text);
}

static void tell_plainly(const struct check *check)
{
    char name[SIGNATURE_EVIDENCE], kind[SIGNATURE_EVIDENCE];
    char identifier[41];

    if (check->evidence == NULL)
        return;
    signature_algorithm_print(check->identifier, name);
    spki_print_kind(&check->key->spki, kind);
    print_identifier(check->key, identifier);
    (void)snprintf(check->evidence, SIGNATURE_EVIDENCE,
        "%.100s by the key %.60s with identifier %s", name, kind, identifier);
}

static void tell_refusal(const struct check *check, const char *reason)
{
    size_t used = 0;

    if (check->evidence == NULL)
        return;
    tell_plainly(check);
    used = strlen(check->evidence);
    (void)snprintf(
        check->evidence + used, SIGNATURE_EVIDENCE - used, ": %s", reason);
}

void signature_print(const struct signature_key *key, struct bytes algorithm,
    char text[static SIGNATURE_EVIDENCE])
{
    const struct check check = {
        .key = key, .identifier = algorithm, .evidence = text};

    tell_plainly(&check);
}

void signature_algorithm_print(
    struct bytes algorithm, char text[static SIGNATURE_EVIDENCE])
{
    struct der_reader reader = der_reader_of(algorithm);
    struct algorithm_identifier found = {0};
    struct pss_parameters pss = {0};
    struct failure unread = {0};

    (void)snprintf(text, SIGNATURE_EVIDENCE, "an unreadable algorithm");
    if (!algorithm_identifier_read(&reader, &found, &unread))
        return;
    algorithm_name_print(found.oid, text);
    const struct signature_row *row = signature_row_of(found.oid);
    if (row == NULL || row->scheme != SCHEME_PSS ||
        !pss_parameters_read(found.parameters, &pss, &unread))
        return;
    (void)snprintf(text, SIGNATURE_EVIDENCE,
        "RSASSA-PSS with %s, MGF1 with %s, a salt of %u bytes", pss.digest,
        pss.mask_digest, pss.salt_length);
}

void spki_print_kind(
    const struct spki *spki, char text[static SIGNATURE_EVIDENCE])
{
    const struct signature_key key = {.spki = *spki};
    struct verifying_key found = {0};
    struct failure why = {0};

    if (!verifying_key_read(&key, ALGORITHMS_RFC5280, &found, &why) &&
        found.title[0] == '\0') {
        struct der_reader reader = der_reader_of(spki->algorithm);
        struct algorithm_identifier algorithm = {0};

        (void)snprintf(text, SIGNATURE_EVIDENCE, "an unreadable key");
        if (algorithm_identifier_read(&reader, &algorithm, &why))
            algorithm_name_print(algorithm.oid, text);
        return;
    }
    (void)snprintf(text, SIGNATURE_EVIDENCE, "%s", found.title);
}

/* --- is it one that is taken? -------------------------------------------- */

static enum signature_answer refuse(
    const struct check *check, enum signature_answer answer, const char *reason)
{
    tell_refusal(check, reason);
    return answer;
}

static bool is_null(struct bytes element)
{
    return element.length == 2 && element.start[0] == DER_NULL;
}

/* RFC 4055, 5: NULL, and absent is to be accepted; BR, 7.1.3.2.1: NULL. */
static bool parameters_fit(const struct check *check)
{
    struct bytes parameters = check->algorithm.parameters;

    if (check->row->scheme == SCHEME_PKCS1)
        return is_null(parameters) ||
               (parameters.length == 0 && check->policy != ALGORITHMS_WEBPKI);
    return parameters.length == 0;
}

/* BR, 7.1.3.2.1: the same hash twice, a salt as long. */
static bool webpki_has(const struct pss_parameters *pss)
{
    return strcmp(pss->digest, pss->mask_digest) == 0 &&
           ((strcmp(pss->digest, "SHA256") == 0 && pss->salt_length == 32) ||
               (strcmp(pss->digest, "SHA384") == 0 && pss->salt_length == 48) ||
               (strcmp(pss->digest, "SHA512") == 0 && pss->salt_length == 64));
}

static enum signature_answer check_pss(struct check *check)
{
    struct failure why = {0};

    if (!pss_parameters_read(check->algorithm.parameters, &check->pss, &why))
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED, why.reason);
    check->digest = check->pss.digest;
    if (strcmp(check->digest, "SHA1") == 0)
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED,
            "SHA-1 no longer resists collisions (SP 800-131A)");
    if (check->policy == ALGORITHMS_WEBPKI && !webpki_has(&check->pss))
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED,
            "the Baseline Requirements, 7.1.3.2.1, have no such parameters");
    return SIGNATURE_MATCHES;
}

static enum signature_answer check_algorithm(struct check *check)
{
    struct der_reader reader = der_reader_of(check->identifier);
    struct failure why = {0};

    if (!algorithm_identifier_read(&reader, &check->algorithm, &why))
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED, why.reason);
    check->row = signature_row_of(check->algorithm.oid);
    if (check->row == NULL)
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED,
            "no verifier here knows this algorithm");
    if (!signature_row_is_taken(check->row, check->policy))
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED, check->row->refusal);
    check->digest = check->row->digest;
    if (check->row->scheme == SCHEME_PSS)
        return check_pss(check);
    return parameters_fit(check)
               ? SIGNATURE_MATCHES
               : refuse(check, SIGNATURE_ALGORITHM_REFUSED,
                     "its parameters are not those of its standard");
}

static bool families_agree(const struct check *check)
{
    switch (check->verifying.family) {
    case FAMILY_RSA:
        return check->row->scheme == SCHEME_PKCS1 ||
               check->row->scheme == SCHEME_PSS;
    case FAMILY_RSA_PSS:
        return check->row->scheme == SCHEME_PSS;
    case FAMILY_EC:
        return check->row->scheme == SCHEME_ECDSA;
    case FAMILY_DSA:
        return check->row->scheme == SCHEME_DSA;
    case FAMILY_RAW:
        return bytes_equal(check->identifier, check->key->spki.algorithm);
    case FAMILY_UNKNOWN:
        break;
    }
    return false;
}

/* RFC 4055, 3.3 */
static bool within_restrictions(const struct check *check)
{
    const struct pss_parameters *restricts = &check->verifying.restricts;

    return !check->verifying.is_restricted ||
           (strcmp(check->pss.digest, restricts->digest) == 0 &&
               strcmp(check->pss.mask_digest, restricts->mask_digest) == 0 &&
               check->pss.salt_length >= restricts->salt_length);
}

static enum signature_answer check_key(struct check *check)
{
    const struct curve_row *curve = NULL;
    struct failure why = {0};

    if (!verifying_key_read(check->key, check->policy, &check->verifying, &why))
        return refuse(check, SIGNATURE_KEY_REFUSED, why.reason);
    if (!families_agree(check))
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED,
            "the algorithm is not one of this key");
    if (!within_restrictions(check))
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED,
            "the key's own parameters allow no such signature (RFC 4055, 3.3)");
    curve = check->verifying.curve;
    if (check->policy == ALGORITHMS_WEBPKI && curve != NULL &&
        strcmp(curve->webpki_digest, check->digest) != 0)
        return refuse(check, SIGNATURE_ALGORITHM_REFUSED,
            "the curve wants another hash (Baseline Requirements, 7.1.3.2.2)");
    return SIGNATURE_MATCHES;
}

/* --- the arithmetic ------------------------------------------------------ */

static bool digest_key(const struct check *check,
    uint8_t digest[static SHA256_BYTES], struct failure *why)
{
    const struct bytes parts[] = {
        check->key->spki.whole, check->key->inherited};

    return sha256(parts, 2, digest, why);
}

/* Lengths stand in front: what is signed need not be DER, and no byte may
 * wander between it and the signature. */
static bool digest_signature(const struct check *check,
    uint8_t digest[static SHA256_BYTES], struct failure *why)
{
    const uint64_t lengths[] = {check->message.length, check->signature.length};
    const struct bytes parts[] = {
        {.start = (const uint8_t *)lengths, .length = sizeof(lengths)},
        check->key->spki.whole, check->key->inherited, check->identifier,
        check->message, check->signature};

    return sha256(parts, sizeof(parts) / sizeof(*parts), digest, why);
}

static bool make_key(
    const struct check *check, EVP_PKEY **key, struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (check->cache == NULL)
        return verifying_key_make(&check->verifying, key, why);
    if (!digest_key(check, digest, why))
        return false;
    *key = signature_cache_key(check->cache, digest);
    if (*key != NULL)
        return true;
    if (!verifying_key_make(&check->verifying, key, why))
        return false;
    signature_cache_add_key(check->cache, digest, *key);
    return true;
}

static bool set_rsa(const struct check *check, EVP_PKEY_CTX *context,
    const EVP_MD *digest, struct failure *why)
{
    const EVP_MD *mask = NULL;

    if (check->row->scheme != SCHEME_PSS)
        return EVP_PKEY_CTX_set_signature_md(context, digest) > 0 ||
               fail_in_openssl(why, FAILURE_INTERNAL, "choosing a digest");
    if (!digest_named(check->pss.mask_digest, &mask, why))
        return false;
    return (EVP_PKEY_CTX_set_signature_md(context, digest) > 0 &&
               EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) >
                   0 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(context, mask) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(
                   context, (int)check->pss.salt_length) > 0) ||
           fail_in_openssl(why, FAILURE_INTERNAL, "choosing RSASSA-PSS");
}

/* 1: matches, 0 or below: it doesn't. */
static bool verify_digest(
    const struct check *check, EVP_PKEY *key, int *answer, struct failure *why)
{
    uint8_t hashed[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    const EVP_MD *digest = NULL;
    SCOPED(EVP_PKEY_CTX) *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

    if (!digest_named(check->digest, &digest, why))
        return false;
    if (context == NULL || EVP_PKEY_verify_init(context) <= 0 ||
        EVP_Digest(check->message.start, check->message.length, hashed, &length,
            digest, NULL) != 1)
        return fail_in_openssl(why, FAILURE_INTERNAL, "starting to verify");
    if ((check->row->scheme == SCHEME_PKCS1 ||
            check->row->scheme == SCHEME_PSS) &&
        !set_rsa(check, context, digest, why))
        return false;
    *answer = EVP_PKEY_verify(context, check->signature.start,
        check->signature.length, hashed, length);
    return true;
}

static bool verify_whole(
    const struct check *check, EVP_PKEY *key, int *answer, struct failure *why)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();

    if (context == NULL || EVP_DigestVerifyInit_ex(
                               context, NULL, NULL, NULL, NULL, key, NULL) <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "starting to verify");
    *answer = EVP_DigestVerify(context, check->signature.start,
        check->signature.length, check->message.start, check->message.length);
    return true;
}

static bool compute(const struct check *check, EVP_PKEY *key,
    enum signature_answer *answer, struct failure *why)
{
    int matches = 0;

    if (!(check->digest == NULL ? verify_whole(check, key, &matches, why)
                                : verify_digest(check, key, &matches, why)))
        return false;
    if (matches != 1 &&
        ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE)
        return fail_in_openssl(why, FAILURE_INTERNAL, "verifying");
    if (matches != 1)
        ERR_clear_error();
    *answer = matches == 1 ? SIGNATURE_MATCHES : SIGNATURE_DIFFERS;
    return true;
}

static bool make_and_compute(const struct check *check,
    enum signature_answer *answer, struct failure *why)
{
    SCOPED(EVP_PKEY) *key = NULL;
    struct failure unmade = {0};

    if (make_key(check, &key, &unmade))
        return compute(check, key, answer, why);
    if (unmade.kind == FAILURE_UNAVAILABLE) {
        *answer = refuse(check, SIGNATURE_ALGORITHM_REFUSED, unmade.reason);
        return true;
    }
    if (unmade.kind == FAILURE_UNSUITABLE || unmade.kind == FAILURE_MALFORMED) {
        *answer = refuse(check, SIGNATURE_KEY_REFUSED, unmade.reason);
        return true;
    }
    *why = unmade;
    return false;
}

static bool answer_arithmetic(const struct check *check,
    enum signature_answer *answer, struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (check->cache != NULL) {
        if (!digest_signature(check, digest, why))
            return false;
        *answer = SIGNATURE_MATCHES;
        if (signature_cache_has(check->cache, digest))
            return true;
    }
    if (!make_and_compute(check, answer, why))
        return false;
    if (check->cache != NULL && *answer == SIGNATURE_MATCHES)
        signature_cache_add(check->cache, digest);
    return true;
}

bool signature_check(const struct signature_key *key, struct bytes algorithm,
    struct bytes message, struct bytes signature, enum algorithm_policy policy,
    struct signature_cache *cache, enum signature_answer *answer,
    char *evidence, struct failure *why)
{
    struct check check = {.key = key,
        .identifier = algorithm,
        .message = message,
        .signature = signature,
        .policy = policy,
        .cache = cache,
        .evidence = evidence};

    *answer = check_algorithm(&check);
    if (*answer == SIGNATURE_MATCHES)
        *answer = check_key(&check);
    if (*answer != SIGNATURE_MATCHES)
        return true;
    tell_plainly(&check);
    if (!answer_arithmetic(&check, answer, why))
        return false;
    if (*answer == SIGNATURE_DIFFERS)
        tell_refusal(&check, "the signature is invalid");
    return true;
}

bool signature_key_is_taken(const struct signature_key *key,
    enum algorithm_policy policy, char evidence[static SIGNATURE_EVIDENCE])
{
    struct verifying_key found = {0};
    struct failure refusal = {0};

    if (!verifying_key_read(key, policy, &found, &refusal)) {
        (void)snprintf(evidence, SIGNATURE_EVIDENCE, "%.319s", refusal.reason);
        return false;
    }
    if (found.family == FAMILY_UNKNOWN && policy == ALGORITHMS_WEBPKI) {
        (void)snprintf(evidence, SIGNATURE_EVIDENCE,
            "the Baseline Requirements, 6.1.5, have no key of %s", found.title);
        return false;
    }
    (void)snprintf(evidence, SIGNATURE_EVIDENCE, "%s", found.title);
    return true;
}
