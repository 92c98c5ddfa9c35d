#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/chain_desk.h"
#include "x509/chain/budget.h"

static int clear(void **state)
{
    (void)state;
    desk_clear();
    return 0;
}

static struct chain_question question_of(struct bytes leaf, struct bytes root,
    const struct bytes *pool, size_t count)
{
    return (struct chain_question){.leaf = leaf,
        .roots = desk_pool(&root, 1),
        .untrusted = desk_pool(pool, count),
        .time = DESK_NOW};
}

static void assert_asked(const struct chain_question *question,
    enum verdict_code code, size_t length)
{
    RELEASED(verdict) verdict = {0};

    if (desk_ask(question, &verdict) != code)
        fail_msg("%s: %s", verdict_code_name(verdict.code), verdict.sentence);
    assert_int_equal(verdict.paths[0].length, length);
}

/* The same numbers in every run. */
static size_t next_number(uint64_t *state, size_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (size_t)(*state >> 33) % below;
}

static void shuffle(struct bytes *list, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = next_number(state, i);
        struct bytes moved = list[i - 1];

        list[i - 1] = list[other];
        list[other] = moved;
    }
}

/* Cross-signed, re-keyed and expired, and one twice. */
static size_t fill_mesh(struct bytes list[static 10])
{
    size_t count = 0;

    list[count++] = desk_authority("issuing", 2, "root", 1);
    list[count++] = desk_authority("issuing", 2, "other", 5);
    list[count++] = desk_authority("issuing", 6, "root", 1);
    list[count++] = desk_authority("other", 5, "root", 1);
    list[count++] = desk_authority("other", 5, "issuing", 2);
    list[count++] = desk_authority("root", 1, "other", 5);
    list[count++] = desk_make(&(struct desk_plan){.subject = "issuing",
        .issuer = "root",
        .key = 2,
        .signer = 1,
        .basic = "CA:TRUE",
        .from = -9,
        .until = -1});
    list[count] = list[0];
    return count + 1;
}

static void kb095_a_thousand_orders_give_one_verdict_and_one_path(void **state)
{
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    struct bytes list[10], leaf = desk_leaf("issuing", 2);
    struct bytes root = desk_root("root", 1);
    size_t count = fill_mesh(list);
    RELEASED(verdict) first = {0};
    struct failure why = {0};
    uint64_t random = 95;

    (void)state;
    assert_true(signature_cache_new(&cache, &why));
    for (size_t round = 0; round < 1000; round++) {
        struct chain_question question = question_of(leaf, root, list, count);
        RELEASED(verdict) verdict = {0};

        question.cache = cache;
        assert_int_equal(desk_ask(&question, &verdict), VERDICT_OK);
        if (round == 0) {
            first = verdict;
            verdict = (struct verdict){0};
        } else {
            assert_string_equal(verdict.sentence, first.sentence);
            assert_int_equal(verdict.paths[0].length, first.paths[0].length);
            for (size_t i = 0; i < first.paths[0].length; i++)
                assert_memory_equal(verdict.paths[0].certificates[i].sha256,
                    first.paths[0].certificates[i].sha256, SHA256_BYTES);
        }
        shuffle(list, count, &random);
    }
    /* Which of the two certificates of "issuing" is first by SHA-256 hangs on
     * the keys of this run. */
    assert_in_range(first.paths[0].length, 3, 4);
}

/* Equal names say nothing: only the arithmetic does. */
static void kb090_signed_by_itself_is_what_the_arithmetic_says(void **state)
{
    const struct bytes root = desk_root("root", 1);
    struct desk_plan plan = {
        .subject = "box", .issuer = "box", .key = 3, .signer = 3};
    struct chain_question question =
        question_of(desk_make(&plan), root, NULL, 0);

    (void)state;
    assert_asked(&question, VERDICT_SELF_SIGNED_UNTRUSTED, 1);
    plan.signer = 4;
    question = question_of(desk_make(&plan), root, NULL, 0);
    assert_asked(&question, VERDICT_ISSUER_MISSING, 1);
}

static void a_leaf_that_is_an_anchor_is_trusted_until_it_expires(void **state)
{
    struct bytes leaf = desk_leaf("unknown", 9);
    struct chain_question question = question_of(leaf, leaf, NULL, 0);

    (void)state;
    assert_asked(&question, VERDICT_OK, 1);
    question.time += 31 * DESK_DAY;
    assert_asked(&question, VERDICT_EXPIRED, 1);
}

static void an_expired_or_re_keyed_sibling_is_passed_by(void **state)
{
    const struct bytes list[] = {
        desk_make(&(struct desk_plan){.subject = "issuing",
            .issuer = "root",
            .key = 2,
            .signer = 1,
            .basic = "CA:TRUE",
            .from = -9,
            .until = -1}),
        desk_authority("issuing", 6, "root", 1),
        desk_make(&(struct desk_plan){.subject = "issuing",
            .issuer = "root",
            .key = 7,
            .signer = 1,
            .basic = "CA:TRUE"}),
        desk_authority("issuing", 2, "root", 1)};
    struct chain_question question =
        question_of(desk_leaf("issuing", 2), desk_root("root", 1), list, 4);

    (void)state;
    assert_asked(&question, VERDICT_OK, 3);
}

static void a_cross_certificate_leads_to_the_other_root(void **state)
{
    const struct bytes list[] = {desk_authority("issuing", 2, "new root", 5),
        desk_root("new root", 5), desk_authority("new root", 5, "root", 1)};
    struct chain_question question =
        question_of(desk_leaf("issuing", 2), desk_root("root", 1), list, 3);

    (void)state;
    assert_asked(&question, VERDICT_OK, 4);
}

static void authorities_that_sign_each_other_lead_nowhere(void **state)
{
    const struct bytes list[] = {desk_authority("issuing", 2, "other", 5),
        desk_authority("other", 5, "issuing", 2)};
    struct chain_question question =
        question_of(desk_leaf("issuing", 2), desk_root("root", 1), list, 2);

    (void)state;
    assert_asked(&question, VERDICT_ROOT_UNTRUSTED, 3);
}

static void what_is_distrusted_is_refused_wherever_it_stands(void **state)
{
    const struct bytes list[] = {desk_authority("issuing", 2, "root", 1)};
    const struct bytes root = desk_root("root", 1);
    struct chain_question question =
        question_of(desk_leaf("issuing", 2), root, list, 1);
    RELEASED(verdict) verdict = {0};

    (void)state;
    question.distrusted = desk_pool(&root, 1);
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_DISTRUSTED);
    assert_int_equal(verdict.place, 2);
}

/* 16 levels of 64 certificates of one name: none leads to an anchor. */
static void look_alikes_end_within_the_limits(void **state)
{
    static struct bytes list[64 * 16];
    char names[17][8];
    int64_t started = 0;
    struct chain_question question = {0};
    RELEASED(verdict) verdict = {0};

    (void)state;
    for (size_t i = 0; i < 17; i++)
        (void)snprintf(names[i], sizeof(names[i]), "l%zu", i);
    for (size_t i = 0; i < 64 * 16; i++)
        list[i] = desk_make(&(struct desk_plan){.subject = names[i / 64],
            .issuer = names[i / 64 + 1],
            .key = 10 + i % 64,
            .signer = 10,
            .serial = (long)i + 1,
            .basic = "CA:TRUE"});
    question =
        question_of(desk_leaf("l0", 10), desk_root("root", 1), list, 64 * 16);
    started = clock_thread_cpu_ms();
    (void)desk_ask(&question, &verdict);
    assert_in_range(clock_thread_cpu_ms() - started, 0, 2000);
    assert_false(verdict.valid);
    assert_true(verdict.code == VERDICT_BUDGET_EXCEEDED ||
                verdict.code == VERDICT_ISSUER_MISSING);
}

/* What a certificate itself rules out costs no signature: more of them than may
 * be checked stand in front of the one that is good, which names no key. */
static void who_may_not_issue_is_passed_by_unchecked(void **state)
{
    static const struct desk_plan wrong[] = {
        {.basic = "critical,CA:TRUE", .other = "1.2.3.4=critical,DER:0500"},
        {.basic = "critical,CA:TRUE", .purposes = "clientAuth"},
        {.basic = "critical,CA:FALSE"},
        {.basic = NULL},
        {.basic = "critical,CA:TRUE", .key_usage = "critical,cRLSign"},
    };
    static struct bytes list[BUDGET_SIGNATURES + 1];
    struct desk_plan good = {.subject = "issuing",
        .issuer = "root",
        .key = 2,
        .signer = 1,
        .basic = "critical,CA:TRUE"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct desk_plan plan = wrong[i];
        struct chain_question question = {0};

        plan.subject = "issuing";
        plan.issuer = "root";
        plan.key = 2;
        plan.signer = 1;
        plan.has_key_identifier = true;
        list[0] = desk_make(&good);
        for (size_t j = 1; j <= BUDGET_SIGNATURES; j++) {
            plan.serial = (long)j + 1;
            list[j] = desk_make(&plan);
        }
        question = question_of(desk_leaf("issuing", 2), desk_root("root", 1),
            list, BUDGET_SIGNATURES + 1);
        question.purpose = CHAIN_SERVER;
        assert_asked(&question, VERDICT_OK, 3);
        desk_clear_made();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb095_a_thousand_orders_give_one_verdict_and_one_path),
        cmocka_unit_test(kb090_signed_by_itself_is_what_the_arithmetic_says),
        cmocka_unit_test(a_leaf_that_is_an_anchor_is_trusted_until_it_expires),
        cmocka_unit_test(an_expired_or_re_keyed_sibling_is_passed_by),
        cmocka_unit_test(a_cross_certificate_leads_to_the_other_root),
        cmocka_unit_test(authorities_that_sign_each_other_lead_nowhere),
        cmocka_unit_test(what_is_distrusted_is_refused_wherever_it_stands),
        cmocka_unit_test(look_alikes_end_within_the_limits),
        cmocka_unit_test(who_may_not_issue_is_passed_by_unchecked),
    };

    return cmocka_run_group_tests(tests, NULL, clear);
}
