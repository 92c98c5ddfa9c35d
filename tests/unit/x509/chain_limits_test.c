#include "chain_rules_desk.h"

/* --- who is missing --------------------------------------------------------
 */

static void a_missing_issuer_is_told_as_the_leaf_names_it(void **state)
{
    struct bytes root = desk_root("root", 1);
    struct desk_plan leaf = leaf_plan();

    (void)state;
    leaf.has_key_identifier = false;
    leaf.issuer = "gone";
    question = (struct chain_question){.leaf = desk_make(&leaf),
        .roots = desk_pool(&root, 1),
        .time = DESK_NOW};
    assert_said(VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND,
        "no certificate of CN=gone is here");
    leaf.other = "2.5.29.35=DER:300aa104a402300082020102";
    question.leaf = desk_make(&leaf);
    assert_said(VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND,
        "no certificate of CN=gone, serial 0102 is here");
    leaf.other = "2.5.29.35=DER:302c802a0102030405060708090a0b0c0d0e0f10111213"
                 "1415161718191a1b1c1d1e1f202122232425262728292a";
    question.leaf = desk_make(&leaf);
    assert_said(
        VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, "key identifier 01020304");
    assert_null(strstr(last.paths->evidence, "29"));
}

static void a_path_of_one_needs_no_issuer(void **state)
{
    struct bytes root = desk_root("root", 1);

    (void)state;
    question.leaf = root;
    question.roots = desk_pool(&root, 1);
    question.time = DESK_NOW;
    assert_valid();
    assert_told(RULE_ISSUER_FOUND, VERDICT_PASS, "none is needed");
}

/* 40 bytes of an identifier are told, on either side, and no byte more. */
static void a_long_key_identifier_is_told_in_part(void **state)
{
    static const char digits[] =
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
        "2122232425262728292a2b2c2d2e2f30";
    struct desk_plan leaf = leaf_plan(), issuing = issuing_plan();

    (void)state;
    leaf.signer = 5;
    leaf.has_key_identifier = issuing.has_key_identifier = false;
    for (int length = 39; length < 44; length++) {
        const int told = length < 40 ? length : 40;
        char of_leaf[160], of_issuing[160], words[320];

        (void)snprintf(of_leaf, sizeof(of_leaf),
            "2.5.29.35=DER:30%02x80%02xff%.*s", (unsigned int)length + 2,
            (unsigned int)length, 2 * (length - 1), digits);
        (void)snprintf(of_issuing, sizeof(of_issuing),
            "2.5.29.14=DER:04%02x%.*s", (unsigned int)length, 2 * length,
            digits);
        (void)snprintf(words, sizeof(words),
            "CN=issuing, key identifier ff%.*s is here; one of this name with "
            "the key identifier %.*s is",
            2 * (told - 1), digits, 2 * told, digits);
        leaf.other = of_leaf;
        issuing.other = of_issuing;
        put(&leaf, &issuing);
        assert_said(VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, words);
        leaf.other = issuing.other = NULL;
    }
}

static void a_namesake_with_another_key_is_not_the_issuer(void **state)
{
    struct desk_plan leaf = leaf_plan(), issuing = issuing_plan();

    (void)state;
    leaf.signer = 5;
    put(&leaf, &issuing);
    assert_said(VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND,
        "is here; one of this name with the key identifier ");
    issuing.has_key_identifier = false;
    put(&leaf, &issuing);
    assert_said(VERDICT_SIGNATURE_INVALID, RULE_SIGNATURE, "");
    assert_told(RULE_KEY_STRENGTH, VERDICT_SKIPPED,
        "what an unsigned certificate says of its key is nobody's word");
}

static void without_any_certificate_nowhere_was_looked(void **state)
{
    struct desk_plan leaf = leaf_plan();

    (void)state;
    question = (struct chain_question){.leaf = desk_make(&leaf),
        .roots = desk_pool(NULL, 0),
        .time = DESK_NOW};
    assert_said(VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND,
        "; there were no certificates to look in");
}

/* --- limits ----------------------------------------------------------------
 */

static void a_budget_ends_at_its_limits_and_stays_there(void **state)
{
    struct chain_budget budget = {.cpu_started_ms = clock_thread_cpu_ms()};

    (void)state;
    for (size_t i = 0; i < BUDGET_EDGES; i++)
        assert_true(budget_spend_edge(&budget));
    assert_false(budget_spend_edge(&budget));
    assert_string_equal(
        budget.exceeded, "2000 pairs of certificate and issuer");
    assert_false(budget_spend_edge(&budget));
    assert_false(budget_spend_signature(&budget));

    budget = (struct chain_budget){.cpu_started_ms = clock_thread_cpu_ms()};
    for (size_t i = 0; i < BUDGET_SIGNATURES; i++)
        assert_true(budget_spend_signature(&budget));
    assert_false(budget_spend_signature(&budget));
    assert_string_equal(budget.exceeded, "200 signature checks");
    assert_false(budget_spend_signature(&budget));
}

static void time_that_is_up_ends_edges_and_signatures(void **state)
{
    int64_t long_ago = clock_thread_cpu_ms() - BUDGET_CPU_MS - 1000;
    struct chain_budget budget = {.cpu_started_ms = long_ago};
    size_t spent = 0;

    (void)state;
    while (budget_spend_edge(&budget))
        spent++;
    assert_int_equal(spent, 15);
    assert_string_equal(budget.exceeded, "200 ms of computing");
    budget = (struct chain_budget){.cpu_started_ms = long_ago};
    for (spent = 0; budget_spend_signature(&budget); spent++)
        continue;
    assert_int_equal(spent, 3);
}

/* Each signed by the next, and nowhere an anchor. */
static void a_path_ends_at_a_hundred_certificates(void **state)
{
    static struct bytes steps[110];
    struct desk_plan leaf = leaf_plan();
    struct bytes root = desk_root("root", 1);
    char names[111][16];

    (void)state;
    for (size_t i = 0; i < 111; i++)
        (void)snprintf(names[i], sizeof(names[i]), "step %zu", i);
    for (size_t i = 0; i < 110; i++)
        steps[i] = desk_make(&(struct desk_plan){.subject = names[i],
            .issuer = names[i + 1],
            .key = 2,
            .signer = 2,
            .basic = "CA:TRUE"});
    leaf.issuer = names[0];
    question = (struct chain_question){.leaf = desk_make(&leaf),
        .roots = desk_pool(&root, 1),
        .untrusted = desk_pool(steps, 110),
        .time = DESK_NOW};
    assert_said(VERDICT_BUDGET_EXCEEDED, RULE_BUDGET,
        "the limit of a path of 100 certificates is reached");
}

/* RFC 4158, 2.4.2 */
static void another_certificate_of_one_key_and_name_leads_round(void **state)
{
    struct desk_plan plan = {.subject = "one",
        .issuer = "one",
        .key = 2,
        .signer = 2,
        .basic = "CA:TRUE"};
    struct desk_plan leaf = leaf_plan();
    struct bytes root = desk_root("root", 1);

    (void)state;
    leaf.issuer = "one";
    for (size_t i = 0; i < 4; i++) {
        plan.serial = (long)i + 1;
        plan.names = i == 3 ? "DNS:other.example" : NULL;
        between[i] = desk_make(&plan);
    }
    question = (struct chain_question){.leaf = desk_make(&leaf),
        .roots = desk_pool(&root, 1),
        .untrusted = desk_pool(between, 4),
        .time = DESK_NOW};
    assert_said(VERDICT_ROOT_UNTRUSTED, RULE_ANCHOR, "");
    for (size_t i = 0; i < last.path_count; i++)
        assert_true(last.paths[i].length <= 3);
}

static void more_paths_than_are_kept_are_said_to_be_cut(void **state)
{
    static struct bytes siblings[20];
    struct desk_plan leaf = leaf_plan(), issuing = issuing_plan();
    struct bytes root = desk_root("root", 1);

    (void)state;
    leaf.has_key_identifier = false;
    issuing.has_key_identifier = false;
    issuing.from = -9;
    issuing.until = -2;
    for (size_t i = 0; i < 20; i++) {
        issuing.serial = (long)i + 1;
        siblings[i] = desk_make(&issuing);
    }
    question = (struct chain_question){.leaf = desk_make(&leaf),
        .roots = desk_pool(&root, 1),
        .untrusted = desk_pool(siblings, 20),
        .time = DESK_NOW};
    assert_said(VERDICT_EXPIRED, RULE_NOT_AFTER, "");
    assert_true(last.paths_cut);
    assert_int_equal(last.path_count, VERDICT_OTHER_PATHS_MAX + 1);
    question.untrusted = desk_pool(siblings, 3);
    assert_said(VERDICT_EXPIRED, RULE_NOT_AFTER, "");
    assert_false(last.paths_cut);
    assert_int_equal(last.path_count, 3);
}

/* --- the profile -----------------------------------------------------------
 */

static void the_forums_profile_has_its_own_algorithms(void **state)
{
    struct desk_plan leaf = leaf_plan();

    (void)state;
    leaf.names = "DNS:www.example.org";
    leaf.purposes = "serverAuth";
    put_leaf(&leaf);
    question.profile = CHAIN_WEBPKI;
    assert_said(VERDICT_PROFILE_VIOLATED, RULE_PROFILE, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(a_missing_issuer_is_told_as_the_leaf_names_it),
        RULE_TEST(a_namesake_with_another_key_is_not_the_issuer),
        RULE_TEST(a_long_key_identifier_is_told_in_part),
        RULE_TEST(a_path_of_one_needs_no_issuer),
        RULE_TEST(without_any_certificate_nowhere_was_looked),
        RULE_TEST(a_budget_ends_at_its_limits_and_stays_there),
        RULE_TEST(time_that_is_up_ends_edges_and_signatures),
        RULE_TEST(a_path_ends_at_a_hundred_certificates),
        RULE_TEST(another_certificate_of_one_key_and_name_leads_round),
        RULE_TEST(more_paths_than_are_kept_are_said_to_be_cut),
        RULE_TEST(the_forums_profile_has_its_own_algorithms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
