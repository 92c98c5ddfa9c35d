#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/core_names.h>

#include "crypto/openssl_scoped.h"
#include "support/chain_desk.h"
#include "x509/name_match.h"

/*
 * Q305929, kb 88: a viewer said of valid certificates that their signature is
 * invalid.  Here it is said exactly where OpenSSL's EVP_DigestVerify, given the
 * issuer's key, says no - and the question came so far: the certificate can be
 * read, it names this issuer by name and key, its algorithm is the one it had,
 * and the issuer's key is one.  Elsewhere the verdict is another, and says why.
 */
#define INTACT 5000
#define FLIPPED 5000
#define BLOCK 125 /* that the desk keeps */

/* What the issuer signs with, and how often: RSA is slow. */
static const size_t issuers[] = {
    1, DESK_ED25519, 2, DESK_RSA, 3, DESK_ED25519 + 1, 4, DESK_ED25519 + 2};

#define ISSUERS (sizeof(issuers) / sizeof(*issuers))

enum part { PART_SIGNATURE, PART_BODY, PART_ISSUER_KEY, PART_ALGORITHM, PARTS };

struct pair {
    struct bytes leaf, issuer;
};

static struct bytes roots_made[DESK_KEYS];

static void next_block(void)
{
    desk_clear_made();
    memset(roots_made, 0, sizeof(roots_made));
}

static int clear(void **state)
{
    (void)state;
    next_block();
    desk_clear();
    return 0;
}

static struct bytes root_by(size_t key)
{
    if (roots_made[key].length == 0)
        roots_made[key] = desk_root("Issuing", key);
    return roots_made[key];
}

static size_t next_number(uint64_t *random, size_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (size_t)(*random >> 33) % below;
}

static struct pair pair_made(size_t number)
{
    size_t key = issuers[number % ISSUERS];

    return (struct pair){desk_make(&(struct desk_plan){.subject = "leaf",
                             .issuer = "Issuing",
                             .key = 10,
                             .signer = key,
                             .serial = (long)number + 1,
                             .key_usage = "critical,digitalSignature",
                             .names = "DNS:www.example.org",
                             .has_key_identifier = true}),
        root_by(key)};
}

static char sentence[VERDICT_SENTENCE]; /* of the last verdict */

static enum verdict_code judge(const struct pair *pair)
{
    SCOPED_STRUCT(chain_pool) *roots = NULL;
    RELEASED(verdict) verdict = {0};
    struct failure why = {0};
    struct chain_question question = {.leaf = pair->leaf, .time = DESK_NOW};

    assert_true(chain_pool_new(&roots, &why));
    /* One that can't be read is nobody's issuer. */
    (void)!chain_pool_add(roots, pair->issuer, "desk", &why);
    question.roots = roots;
    (void)desk_ask(&question, &verdict);
    memcpy(sentence, verdict.sentence, sizeof(sentence));
    return verdict.code;
}

/* --- the second opinion -------------------------------------------------- */

/* The key as OpenSSL reads it; NULL: it is none. */
static EVP_PKEY *key_read(const struct spki *key)
{
    const unsigned char *at = key->whole.start;

    return d2i_PUBKEY(NULL, &at, (long)key->whole.length);
}

static bool digest_verifies(const struct certificate *leaf, EVP_PKEY *key)
{
    SCOPED(EVP_MD_CTX) *digest = EVP_MD_CTX_new();
    const EVP_MD *hash =
        EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();

    return EVP_DigestVerifyInit(digest, NULL, hash, NULL, key) == 1 &&
           EVP_DigestVerify(digest, leaf->signature.start,
               leaf->signature.length, leaf->tbs.whole.start,
               leaf->tbs.whole.length) == 1;
}

static bool is_odd_and_large(EVP_PKEY *key, const char *name)
{
    BIGNUM *number = NULL;
    bool holds = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
                 BN_is_odd(number) && !BN_is_one(number);

    BN_free(number);
    return holds;
}

/* OpenSSL reads more than keys: negative and even moduli and exponents, and
 * points in hybrid form (RFC 8017, 3.1; RFC 5480, 2.2). */
static bool is_key(EVP_PKEY *read, const struct spki *spki)
{
    struct public_key_parts parts = {0};
    struct failure why = {0};

    switch (EVP_PKEY_get_base_id(read)) {
    case EVP_PKEY_RSA:
        return spki_rsa_numbers(spki->bits, &parts, &why) &&
               EVP_PKEY_get_bits(read) >= 1024 &&
               is_odd_and_large(read, OSSL_PKEY_PARAM_RSA_N) &&
               is_odd_and_large(read, OSSL_PKEY_PARAM_RSA_E);
    case EVP_PKEY_EC:
        return spki->bits.start[0] == 4;
    default:
        return true;
    }
}

static bool names(const struct chain_certificate *leaf,
    const struct chain_certificate *issuer)
{
    struct bytes wanted = leaf->authority_key.identifier;

    return name_matches(
               leaf->certificate.tbs.issuer, issuer->certificate.tbs.subject) &&
           (wanted.length == 0 || issuer->key_identifier.length == 0 ||
               bytes_equal(wanted, issuer->key_identifier));
}

/* Does the question come as far as the arithmetic?  *says_no: and what does
 * OpenSSL say then? */
static bool comes_so_far(const struct pair *pair, bool *says_no)
{
    struct chain_certificate leaf = {0}, issuer = {0};
    SCOPED(EVP_PKEY) *key = NULL;
    bool at_extension = false;
    struct failure why = {0};

    *says_no = false;
    if (!chain_certificate_read(pair->leaf, NULL, &leaf, &at_extension, &why) ||
        !chain_certificate_read(
            pair->issuer, NULL, &issuer, &at_extension, &why))
        return false;
    key = key_read(&issuer.certificate.tbs.key);
    if (key == NULL || !is_key(key, &issuer.certificate.tbs.key) ||
        !names(&leaf, &issuer))
        return false;
    *says_no = !digest_verifies(&leaf.certificate, key);
    return true;
}

/* --- the campaign -------------------------------------------------------- */

static void kb088_intact_certificates_are_never_called_invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < INTACT; i++) {
        const struct pair pair = pair_made(i);
        bool says_no = true;

        assert_int_equal(judge(&pair), VERDICT_OK);
        assert_true(comes_so_far(&pair, &says_no));
        assert_false(says_no);
        if (i % BLOCK == BLOCK - 1)
            next_block();
    }
}

static struct bytes flipped_within(
    struct bytes whole, struct bytes part, uint64_t *random)
{
    size_t begins = (size_t)(part.start - whole.start);

    return desk_flip(whole, begins * 8 + next_number(random, part.length * 8));
}

static struct pair spoiled(
    const struct pair *intact, enum part part, uint64_t *random)
{
    struct certificate leaf = {0}, issuer = {0};
    struct pair spoiled = *intact;
    struct failure why = {0};

    assert_true(certificate_read(intact->leaf, &leaf, &why) &&
                certificate_read(intact->issuer, &issuer, &why));
    switch (part) {
    case PART_SIGNATURE:
        spoiled.leaf = flipped_within(intact->leaf, leaf.signature, random);
        break;
    case PART_BODY:
        spoiled.leaf = flipped_within(intact->leaf, leaf.tbs.whole, random);
        break;
    case PART_ISSUER_KEY:
        spoiled.issuer =
            flipped_within(intact->issuer, issuer.tbs.key.bits, random);
        break;
    case PART_ALGORITHM:
    case PARTS:
        spoiled.leaf = flipped_within(intact->leaf,
            next_number(random, 2) == 0 ? leaf.signature_algorithm
                                        : leaf.tbs.signature_algorithm,
            random);
        break;
    }
    return spoiled;
}

static bool tells_another_reason(enum verdict_code code)
{
    return code == VERDICT_MALFORMED || code == VERDICT_ISSUER_MISSING ||
           code == VERDICT_ALGORITHM_REFUSED || code == VERDICT_KEY_TOO_WEAK;
}

static void kb088_a_signature_is_invalid_exactly_where_openssl_says_so(
    void **state)
{
    size_t invalid[PARTS] = {0};
    uint64_t random = 305929;
    struct pair intact = {0};

    (void)state;
    for (size_t i = 0; i < FLIPPED; i++) {
        enum part part = (enum part)(i % PARTS);
        enum verdict_code code = VERDICT_OK;
        bool says_no = false, goes_on = false;

        if (i % BLOCK == 0) {
            next_block();
            intact = pair_made(i / BLOCK);
        }
        const struct pair pair = spoiled(&intact, part, &random);
        code = judge(&pair);
        goes_on = comes_so_far(&pair, &says_no);
        if (goes_on != (code == VERDICT_SIGNATURE_INVALID) ||
            goes_on != says_no || !(goes_on || tells_another_reason(code)))
            fail_msg("%zu, part %d: %s, %d %d", i, (int)part, sentence, goes_on,
                says_no);
        invalid[part] += code == VERDICT_SIGNATURE_INVALID;
    }
    print_message("signature-invalid: %zu %zu %zu %zu\n", invalid[0],
        invalid[1], invalid[2], invalid[3]);
    assert_true(invalid[PART_SIGNATURE] > FLIPPED / PARTS / 2);
    assert_true(invalid[PART_BODY] > FLIPPED / PARTS / 3);
    assert_true(invalid[PART_ISSUER_KEY] > FLIPPED / PARTS / 10);
    assert_int_equal(invalid[PART_ALGORITHM], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb088_intact_certificates_are_never_called_invalid),
        cmocka_unit_test(
            kb088_a_signature_is_invalid_exactly_where_openssl_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, clear);
}
