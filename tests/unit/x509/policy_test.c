#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/path_desk.h"
#include "x509/chain/policy.h"

/* Policies 1.2.1, 1.2.2, ... in one byte, and how certificates speak of them.
 */
#define ANY 0

static struct bytes policy(uint8_t number)
{
    const uint8_t contents[] = {0x2a, number};

    if (number == ANY)
        return oid_contents(OID_ANY_POLICY);
    return kept((struct bytes){contents, sizeof(contents)});
}

static struct bytes identifier(uint8_t number)
{
    return element(DER_OBJECT_IDENTIFIER, policy(number));
}

static void give(struct draft *draft, const uint8_t *numbers, size_t count)
{
    struct bytes all = {0};

    for (size_t i = 0; i < count; i++)
        all = joined(all, element(DER_SEQUENCE, identifier(numbers[i])));
    add(draft, OID_CERTIFICATE_POLICIES, false, element(DER_SEQUENCE, all));
}

#define GIVE(draft, ...)                          \
    give((draft), (const uint8_t[]){__VA_ARGS__}, \
        sizeof((const uint8_t[]){__VA_ARGS__}))

static struct bytes pair(uint8_t issuers, uint8_t subjects)
{
    return element(
        DER_SEQUENCE, joined(identifier(issuers), identifier(subjects)));
}

static void map(struct draft *draft, struct bytes pairs)
{
    add(draft, OID_POLICY_MAPPINGS, true, element(DER_SEQUENCE, pairs));
}

/* requireExplicitPolicy, inhibitPolicyMapping; negative: absent */
static void constrain(
    struct draft *draft, int explicit_after, int mapping_until)
{
    struct bytes all = {0};

    if (explicit_after >= 0)
        all = joined(
            all, element(DER_CONTEXT(0), BYTES((uint8_t)explicit_after)));
    if (mapping_until >= 0)
        all =
            joined(all, element(DER_CONTEXT(1), BYTES((uint8_t)mapping_until)));
    add(draft, OID_POLICY_CONSTRAINTS, true, element(DER_SEQUENCE, all));
}

static void inhibit_any(struct draft *draft, uint8_t after)
{
    add(draft, OID_INHIBIT_ANY_POLICY, true,
        element(DER_INTEGER, BYTES(after)));
}

static struct draft drafts[PATH_DESK_MAX];
static struct path_desk desk;
static struct bytes wanted[4];

/* Every test asks for an explicit policy, where it doesn't say otherwise. */
static void put(size_t count)
{
    path_desk_put(&desk, drafts, count);
    desk.question.policies.require_explicit = true;
}

static void want(uint8_t number)
{
    wanted[desk.question.policies.initial_count++] = policy(number);
    desk.question.policies.initial = wanted;
}

static void holds(const char *policies)
{
    assert_keeps(&desk, judge_policies);
    assert_tells(&desk, judge_policies, RULE_POLICY, policies);
}

static void fails(size_t place, const char *words)
{
    assert_fails(&desk, judge_policies, RULE_POLICY, VERDICT_POLICY_VIOLATED,
        place, words);
}

/* --- the plain graph --------------------------------------------------------
 */

static void a_policy_that_all_give_holds(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 1, 2);
    GIVE(&drafts[1], 1, 3);
    put(3);
    holds("policies that hold: 1.2.1");
    want(1);
    holds("policies that hold: 1.2.1");
}

static void a_policy_that_was_not_asked_for_does_not_count(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 1, 2);
    GIVE(&drafts[1], 1, 2);
    put(3);
    want(3);
    fails(0, "none is left that every authority gave and that was asked for");
    want(2);
    holds("policies that hold: 1.2.2");
}

static void policies_without_one_in_common_hold_nothing(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 1);
    GIVE(&drafts[1], 2);
    put(3);
    fails(0, "a policy is required, and at CN=www.example.org,O=Example,C=DE "
             "none is left");
}

static void a_certificate_without_policies_ends_them(void **state)
{
    (void)state;
    path_desk_good(drafts, 4);
    GIVE(&drafts[0], 1);
    GIVE(&drafts[2], 1);
    put(4);
    fails(1, "at CN=Authority 1 none is left");
}

static void without_a_demand_nothing_is_required(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 1);
    GIVE(&drafts[1], 2);
    path_desk_put(&desk, drafts, 3);
    holds("none, and none is required");
    want(3);
    holds("none, and none is required");
}

static void the_anchor_gives_no_policies_and_asks_for_none(void **state)
{
    (void)state;
    path_desk_good(drafts, 2);
    GIVE(&drafts[0], 1);
    GIVE(&drafts[1], 2);
    constrain(&drafts[1], 0, 0);
    put(2);
    holds("policies that hold: 1.2.1");
    desk.judgement.length = 1;
    desk.path[0] = &desk.certificates[1];
    assert_keeps(&desk, judge_policies);
}

/* --- anyPolicy --------------------------------------------------------------
 */

static void any_policy_stands_for_each(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 1);
    GIVE(&drafts[1], ANY);
    put(3);
    want(1);
    holds("policies that hold: 1.2.1");
}

static void any_policy_of_the_leaf_keeps_what_its_issuer_gave(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], ANY);
    GIVE(&drafts[1], 1);
    put(3);
    want(1);
    holds("policies that hold: 1.2.1");
    desk.question.policies.initial_count = 0;
    want(2);
    fails(0, "none is left that every authority gave");
}

static void any_policy_all_the_way_is_whatever_was_asked_for(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], ANY);
    GIVE(&drafts[1], ANY);
    put(3);
    want(7);
    holds("policies that hold: 2.5.29.32.0");
}

static void inhibited_any_policy_is_a_policy_like_none(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], ANY);
    GIVE(&drafts[1], 1);
    put(3);
    desk.question.policies.inhibit_any = true;
    fails(0, "none is left");
}

static void inhibit_any_policy_counts_the_certificates_below(void **state)
{
    (void)state;
    for (uint8_t after = 0; after < 2; after++) {
        clear_desk(NULL);
        path_desk_good(drafts, 4);
        GIVE(&drafts[0], 1);
        GIVE(&drafts[1], ANY);
        GIVE(&drafts[2], 1);
        inhibit_any(&drafts[2], after);
        put(4);
        if (after > 0)
            holds("policies that hold: 1.2.1");
        else
            fails(1, "none is left");
    }
}

/* 6.1.3 (d)(2): i < n and self-issued. */
static void a_self_issued_authority_may_say_any_policy_all_the_same(
    void **state)
{
    (void)state;
    path_desk_good(drafts, 4);
    drafts[1].subject = drafts[2].subject;
    drafts[0].issuer = drafts[1].subject;
    GIVE(&drafts[0], 1);
    GIVE(&drafts[1], ANY);
    GIVE(&drafts[2], 1);
    inhibit_any(&drafts[2], 0);
    put(4);
    holds("policies that hold: 1.2.1");
}

/* --- policyConstraints ------------------------------------------------------
 */

static void an_authority_may_require_a_policy(void **state)
{
    for (int after = 0; after < 4; after++) {
        clear_desk(NULL);
        path_desk_good(drafts, 4);
        GIVE(&drafts[2], 1);
        GIVE(&drafts[1], 1);
        constrain(&drafts[2], after, -1);
        path_desk_put(&desk, drafts, 4);
        /* Two certificates are below it; the leaf itself counts. */
        if (after <= 2)
            fails(0, "none is left");
        else
            holds("none, and none is required");
    }
    (void)state;
}

/* 6.1.4 (h) */
static void a_self_issued_authority_is_not_counted(void **state)
{
    (void)state;
    for (int after = 1; after < 3; after++) {
        clear_desk(NULL);
        path_desk_good(drafts, 4);
        drafts[1].subject = drafts[2].subject;
        drafts[0].issuer = drafts[1].subject;
        constrain(&drafts[2], after, -1);
        path_desk_put(&desk, drafts, 4);
        if (after == 1)
            fails(0, "none is left");
        else
            holds("none, and none is required");
    }
}

static void a_leaf_may_require_a_policy_for_itself(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        clear_desk(NULL);
        path_desk_good(drafts, 3);
        GIVE(&drafts[1], 1);
        constrain(&drafts[0], after, -1);
        path_desk_put(&desk, drafts, 3);
        if (after == 0)
            fails(0, "none is left");
        else
            holds("none, and none is required");
    }
}

/* --- mapping ----------------------------------------------------------------
 */

static void a_mapped_policy_is_the_same_by_another_name(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 2);
    GIVE(&drafts[1], 1);
    map(&drafts[1], pair(1, 2));
    put(3);
    want(1);
    holds("policies that hold: 1.2.1");
    desk.question.policies.initial_count = 0;
    want(2);
    fails(0, "none is left that every authority gave");
    desk.question.policies.inhibit_mapping = true;
    fails(0, "none is left");
}

static void a_mapped_policy_no_longer_has_its_own_name(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 1);
    GIVE(&drafts[1], 1);
    map(&drafts[1], pair(1, 2));
    put(3);
    fails(0, "none is left");
}

static void one_policy_may_be_mapped_to_several_and_several_to_one(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 4);
    GIVE(&drafts[1], 1, 2);
    map(&drafts[1], joined(pair(1, 3), joined(pair(1, 4), pair(2, 4))));
    put(3);
    holds("policies that hold: 1.2.1, 1.2.2");
}

static void what_any_policy_stands_for_may_be_mapped(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 2);
    GIVE(&drafts[1], ANY);
    map(&drafts[1], pair(1, 2));
    put(3);
    want(1);
    holds("policies that hold: 1.2.1");
}

static void a_mapped_policy_has_one_node_beside_any_policy(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 2);
    GIVE(&drafts[1], 1, ANY);
    map(&drafts[1], pair(1, 2));
    put(3);
    holds("policies that hold: 1.2.1");
}

static void inhibited_mapping_deletes_what_is_mapped(void **state)
{
    (void)state;
    for (int until = 0; until < 2; until++) {
        clear_desk(NULL);
        path_desk_good(drafts, 4);
        GIVE(&drafts[0], 1, 2);
        GIVE(&drafts[1], 1);
        GIVE(&drafts[2], 1);
        constrain(&drafts[2], -1, until);
        map(&drafts[1], pair(1, 2));
        put(4);
        if (until > 0)
            holds("policies that hold: 1.2.1");
        else
            fails(0, "none is left");
    }
}

static void any_policy_is_not_mapped(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        clear_desk(NULL);
        path_desk_good(drafts, 3);
        GIVE(&drafts[1], 1);
        map(&drafts[1], turn == 0 ? pair(ANY, 1) : pair(1, ANY));
        path_desk_put(&desk, drafts, 3);
        assert_fails(&desk, judge_policies, RULE_POLICY_MAPPING,
            VERDICT_POLICY_VIOLATED, 1,
            "CN=Authority 1 maps anyPolicy, which stands for no policy");
    }
}

/* What is said twice is said once. */
static void a_policy_or_pair_that_is_there_twice_counts_once(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 2, 2, 2);
    GIVE(&drafts[1], 1, ANY, 1);
    map(&drafts[1], joined(pair(1, 2), joined(pair(1, 2), pair(1, 3))));
    put(3);
    holds("policies that hold: 1.2.1");
}

static void any_policy_has_one_node_for_each_that_is_mapped(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 5, 6);
    GIVE(&drafts[1], ANY);
    map(&drafts[1], joined(pair(1, 5), joined(pair(1, 6), pair(2, 6))));
    put(3);
    holds("policies that hold: 1.2.1, 1.2.2");
}

static void any_policy_among_what_is_asked_takes_each(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    GIVE(&drafts[0], 1);
    GIVE(&drafts[1], 1);
    put(3);
    want(9);
    fails(0, "none is left");
    want(ANY);
    holds("policies that hold: 1.2.1");
}

static void a_leaf_whose_constraint_is_for_later_requires_nothing(void **state)
{
    (void)state;
    path_desk_good(drafts, 3);
    constrain(&drafts[0], 1, 0);
    path_desk_put(&desk, drafts, 3);
    holds("none, and none is required");
    constrain(&drafts[1], -1, 0);
    path_desk_put(&desk, drafts, 3);
    holds("none, and none is required");
}

static void a_long_list_of_policies_is_cut(void **state)
{
    static const uint8_t numbers[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
        14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48};

    (void)state;
    path_desk_good(drafts, 3);
    give(&drafts[0], numbers, sizeof(numbers));
    give(&drafts[1], numbers, sizeof(numbers));
    put(3);
    assert_keeps(&desk, judge_policies);
    assert_tells(&desk, judge_policies, RULE_POLICY, ", 1.2.31, 1.2.32");
}

/* --- floods -----------------------------------------------------------------
 */

#define KINDS 20

static struct bytes every_pair(void)
{
    RELEASED(buffer) all = BUFFER("pairs", 16 * 1024);
    struct failure why = {0};

    for (uint8_t from = 1; from <= KINDS; from++) {
        for (uint8_t to = 1; to <= KINDS; to++) {
            const uint8_t one[] = {DER_SEQUENCE, 8, DER_OBJECT_IDENTIFIER, 2,
                0x2a, from, DER_OBJECT_IDENTIFIER, 2, 0x2a, to};

            assert_true(
                buffer_append(&all, (struct bytes){one, sizeof(one)}, &why));
        }
    }
    return kept(buffer_view(&all));
}

/* CVE-2023-0464: a tree would have 20 to the 4th leaves. */
static void a_graph_does_not_multiply(void **state)
{
    uint8_t numbers[KINDS];
    struct bytes pairs = {0};

    (void)state;
    path_desk_good(drafts, 5);
    pairs = every_pair();
    for (uint8_t i = 0; i < KINDS; i++)
        numbers[i] = (uint8_t)(i + 1);
    for (size_t i = 0; i < 4; i++) {
        give(&drafts[i], numbers, KINDS);
        if (i > 0)
            map(&drafts[i], pairs);
    }
    put(5);
    holds(", 1.2.19, 1.2.20");
}

static struct bytes flood(void)
{
    RELEASED(buffer) all = BUFFER("policies", 120 * 1024);
    struct failure why = {0};

    for (unsigned int i = 0; i < 2 * 5000; i += 2) {
        const uint8_t one[] = {DER_SEQUENCE, 5, DER_OBJECT_IDENTIFIER, 3, 0x2a,
            (uint8_t)(0x81 + (i >> 8)), (uint8_t)(i >> 1 & 0x7f)};

        assert_true(
            buffer_append(&all, (struct bytes){one, sizeof(one)}, &why));
    }
    return element(DER_SEQUENCE, buffer_view(&all));
}

static void a_flood_of_policies_ends_at_the_named_limit(void **state)
{
    struct bytes policies = {0};

    (void)state;
    path_desk_good(drafts, 2);
    policies = flood();
    add(&drafts[0], OID_CERTIFICATE_POLICIES, false, policies);
    put(2);
    assert_fails(&desk, judge_policies, RULE_POLICY, VERDICT_BUDGET_EXCEEDED, 0,
        "the policies of this path take more than 10000 steps");
    desk.question.policies.require_explicit = false;
    assert_keeps(&desk, judge_policies);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clear_desk)
    const struct CMUnitTest tests[] = {
        TEST(a_policy_that_all_give_holds),
        TEST(a_policy_that_was_not_asked_for_does_not_count),
        TEST(policies_without_one_in_common_hold_nothing),
        TEST(a_certificate_without_policies_ends_them),
        TEST(without_a_demand_nothing_is_required),
        TEST(the_anchor_gives_no_policies_and_asks_for_none),
        TEST(any_policy_stands_for_each),
        TEST(any_policy_of_the_leaf_keeps_what_its_issuer_gave),
        TEST(any_policy_all_the_way_is_whatever_was_asked_for),
        TEST(inhibited_any_policy_is_a_policy_like_none),
        TEST(inhibit_any_policy_counts_the_certificates_below),
        TEST(a_self_issued_authority_may_say_any_policy_all_the_same),
        TEST(an_authority_may_require_a_policy),
        TEST(a_self_issued_authority_is_not_counted),
        TEST(a_leaf_may_require_a_policy_for_itself),
        TEST(a_mapped_policy_is_the_same_by_another_name),
        TEST(a_mapped_policy_no_longer_has_its_own_name),
        TEST(one_policy_may_be_mapped_to_several_and_several_to_one),
        TEST(what_any_policy_stands_for_may_be_mapped),
        TEST(a_mapped_policy_has_one_node_beside_any_policy),
        TEST(inhibited_mapping_deletes_what_is_mapped),
        TEST(any_policy_is_not_mapped),
        TEST(a_policy_or_pair_that_is_there_twice_counts_once),
        TEST(any_policy_has_one_node_for_each_that_is_mapped),
        TEST(any_policy_among_what_is_asked_takes_each),
        TEST(a_leaf_whose_constraint_is_for_later_requires_nothing),
        TEST(a_long_list_of_policies_is_cut),
        TEST(a_graph_does_not_multiply),
        TEST(a_flood_of_policies_ends_at_the_named_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
