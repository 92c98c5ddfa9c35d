#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/chain_desk.h"
#include "x509/chain/search.h"
#include "x509/chain/signature_key.h"
#include "x509/der_writer.h"

/* Sizes of keys where they end, and a budget that ends between signatures. */

#define ROOM 4096

static int clear(void **state)
{
    (void)state;
    desk_clear();
    return 0;
}

/* --- DSA (FIPS 186-4, 4.2) -------------------------------------------------
 */

struct dsa_sizes {
    size_t prime, subprime, generator, value; /* bytes */
};

/* A number of this many bytes whose highest bit is not set. */
static struct bytes number_of(size_t bytes)
{
    static const uint8_t seven[ROOM] = {0x7f, 1};

    assert_true(bytes <= ROOM);
    return (struct bytes){seven, bytes};
}

static bool read_dsa(const struct dsa_sizes *sizes, struct failure *why)
{
    static const uint8_t type[] = {
        0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01};
    uint8_t room[2][ROOM];
    struct der_writer value = der_writer_in(room[0], ROOM);
    struct der_writer algorithm = der_writer_in(room[1], ROOM);
    struct signature_key key = {0};
    struct verifying_key found = {0};
    size_t ends = der_writer_mark(&algorithm);

    der_write_element(&value, DER_INTEGER, number_of(sizes->value));
    assert_true(der_writer_take(&value, &key.spki.bits, why));
    der_write_element(&algorithm, DER_INTEGER, number_of(sizes->generator));
    der_write_element(&algorithm, DER_INTEGER, number_of(sizes->subprime));
    der_write_element(&algorithm, DER_INTEGER, number_of(sizes->prime));
    der_write_head(&algorithm, DER_SEQUENCE, ends);
    der_write_raw(&algorithm, (struct bytes){type, sizeof(type)});
    der_write_head(&algorithm, DER_SEQUENCE, ends);
    assert_true(der_writer_take(&algorithm, &key.spki.algorithm, why));
    return verifying_key_read(&key, ALGORITHMS_RFC5280, &found, why);
}

static void a_dsa_key_has_one_of_the_standards_sizes(void **state)
{
    static const struct dsa_sizes good[] = {
        {129, 20, 129, 129}, {129, 32, 1, 1}, {256, 28, 256, 256}};
    static const struct dsa_sizes bad[] = {{129, 19, 129, 129},
        {129, 33, 129, 129}, {129, 20, 130, 129}, {129, 20, 129, 130},
        {64, 20, 64, 64}, {1100, 20, 64, 64}};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        if (!read_dsa(&good[i], &why))
            fail_msg("row %zu: %s", i, why.reason);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        if (read_dsa(&bad[i], &why))
            fail_msg("row %zu is taken", i);
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        assert_non_null(
            strstr(why.reason, "which are none of FIPS 186-4's sizes"));
    }
}

/* --- id-RSASSA-PSS (RFC 4055, 3.3) -----------------------------------------
 */

static void a_key_of_rsassa_pss_is_read_like_one_of_rsa(void **state)
{
    static const uint8_t plain[] = {0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48,
        0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a};
    static const uint8_t damaged[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
        0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x05, 0x00};
    const struct bytes root = desk_root("root", DESK_RSA);
    struct certificate read = {0};
    struct verifying_key found = {0};
    struct signature_key key = {0};
    struct failure why = {0};

    (void)state;
    assert_true(certificate_read(root, &read, &why));
    key.spki.bits = read.tbs.key.bits;
    key.spki.algorithm = (struct bytes){plain, sizeof(plain)};
    assert_true(verifying_key_read(&key, ALGORITHMS_RFC5280, &found, &why));
    assert_false(found.is_restricted);
    key.spki.algorithm = (struct bytes){damaged, sizeof(damaged)};
    assert_false(verifying_key_read(&key, ALGORITHMS_RFC5280, &found, &why));
    key.spki.algorithm = (struct bytes){plain, sizeof(plain)};
    key.spki.bits.length--;
    assert_false(verifying_key_read(&key, ALGORITHMS_RFC5280, &found, &why));
}

/* --- the signatures of one path --------------------------------------------
 */

struct stand {
    struct chain_certificate certificates[2];
    const struct chain_certificate *path[2];
    struct chain_question question;
    struct chain_budget budget;
    struct failure failure;
    struct chain_search search;
    struct verdict_path record;
    struct judgement judgement;
};

static void stand_open(struct stand *stand, size_t leaf_key,
    enum algorithm_policy policy, bool tells)
{
    const struct bytes made[] = {
        desk_make(&(struct desk_plan){
            .subject = "leaf", .issuer = "root", .key = leaf_key, .signer = 1}),
        desk_root("root", 1)};
    bool at_extension = false;

    *stand = (struct stand){0};
    for (size_t i = 0; i < 2; i++) {
        assert_true(chain_certificate_read(made[i], NULL,
            &stand->certificates[i], &at_extension, &stand->failure));
        stand->path[i] = &stand->certificates[i];
    }
    stand->search = (struct chain_search){.question = &stand->question,
        .algorithms = policy,
        .budget = &stand->budget,
        .failure = &stand->failure};
    stand->judgement = (struct judgement){.question = &stand->question,
        .path = stand->path,
        .length = 2,
        .has_anchor = true,
        .search = &stand->search,
        .budget = &stand->budget,
        .record = tells ? &stand->record : NULL};
}

static void stand_close(struct stand *stand)
{
    for (size_t i = 0; i < stand->record.check_count; i++)
        free(stand->record.checks[i].evidence);
    free(stand->record.checks);
    chain_search_free(&stand->search);
}

static void a_budget_that_ends_at_a_signature_is_told(void **state)
{
    (void)state;
    for (int tells = 0; tells < 2; tells++) {
        struct stand stand;

        stand_open(&stand, 3, ALGORITHMS_RFC5280, tells != 0);
        stand.budget.signatures = BUDGET_SIGNATURES;
        assert_false(judge_signatures(&stand.judgement));
        assert_int_equal(stand.judgement.code, VERDICT_BUDGET_EXCEEDED);
        assert_int_equal(stand.judgement.rule, RULE_BUDGET);
        assert_string_equal(stand.judgement.evidence,
            "the limit of 200 signature checks is reached");
        assert_false(stand.judgement.out_of_memory);
        stand_close(&stand);
    }
}

/* It signs nothing here, and is refused all the same. */
static void the_key_of_a_leaf_is_held_against_the_policy(void **state)
{
    (void)state;
    for (int tells = 0; tells < 2; tells++) {
        struct stand stand;

        stand_open(&stand, DESK_ED25519, ALGORITHMS_WEBPKI, tells != 0);
        assert_false(judge_signatures(&stand.judgement));
        assert_int_equal(stand.judgement.code, VERDICT_KEY_TOO_WEAK);
        assert_int_equal(stand.judgement.place, 0);
        assert_non_null(strstr(stand.judgement.evidence,
            "the key is one of Ed25519 (Baseline Requirements, 6.1.5)"));
        stand_close(&stand);
        stand_open(&stand, DESK_ED25519, ALGORITHMS_RFC5280, tells != 0);
        assert_true(judge_signatures(&stand.judgement));
        stand_close(&stand);
    }
}

/* --- the search above a leaf -----------------------------------------------
 */

/* Pairs of certificate and issuer end anywhere: a good path or a limit. */
static void a_search_that_spends_its_pairs_finds_nothing_wrong(void **state)
{
    const struct bytes root = desk_root("root", 1);
    bool is_good = false;

    (void)state;
    for (int valid = 0; valid < 2; valid++) {
        for (size_t left = 0; left < 12; left++) {
            struct stand stand;

            stand_open(&stand, 3, ALGORITHMS_RFC5280, false);
            stand.question.roots = desk_pool(&root, 1);
            stand.question.time = valid ? DESK_NOW : DESK_NOW + 90 * DESK_DAY;
            stand.budget.edges = BUDGET_EDGES - left;
            chain_search_run(&stand.search, &stand.certificates[0]);
            is_good = stand.search.best.length > 0;
            assert_false(stand.search.has_failure);
            assert_true(is_good || stand.budget.exceeded != NULL);
            if (is_good && valid != 0)
                assert_int_equal(stand.search.best.rule, CHAIN_RULE_COUNT);
            stand_close(&stand);
        }
        assert_true(is_good);
    }
}

/* Whichever comes first. */
static void a_path_to_an_anchor_is_told_before_one_without(void **state)
{
    const struct bytes root = desk_root("root", 1);
    const struct bytes between[] = {desk_authority("issuing", 2, "root", 1),
        desk_authority("issuing", 2, "nobody", 4)};
    struct chain_question question = {.roots = desk_pool(&root, 1),
        .untrusted = desk_pool(between, 2),
        .time = DESK_NOW};

    (void)state;
    for (long serial = 1; serial < 9; serial++) {
        RELEASED(verdict) verdict = {0};

        question.leaf = desk_make(&(struct desk_plan){.subject = "leaf",
            .issuer = "issuing",
            .key = 3,
            .signer = 2,
            .serial = serial,
            .from = -3,
            .until = -1});
        assert_int_equal(desk_ask(&question, &verdict), VERDICT_EXPIRED);
        assert_int_equal(verdict.paths->length, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dsa_key_has_one_of_the_standards_sizes),
        cmocka_unit_test(a_key_of_rsassa_pss_is_read_like_one_of_rsa),
        cmocka_unit_test(a_budget_that_ends_at_a_signature_is_told),
        cmocka_unit_test(the_key_of_a_leaf_is_held_against_the_policy),
        cmocka_unit_test(a_search_that_spends_its_pairs_finds_nothing_wrong),
        cmocka_unit_test(a_path_to_an_anchor_is_told_before_one_without),
    };

    return cmocka_run_group_tests(tests, NULL, clear);
}
