#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/chain_desk.h"
#include "x509/chain/search.h"

/* One rule after another, asked of whole paths: its code, its name and its
 * words, whether they are wanted or not. */

static struct bytes between[4];
static struct chain_question question;
static struct verdict last;

static int begin(void **state)
{
    (void)state;
    question = (struct chain_question){0};
    return 0;
}

static int clear(void **state)
{
    (void)state;
    verdict_free(&last);
    last = (struct verdict){0};
    desk_clear();
    return 0;
}

/* A root, the authority "issuing" (key 2) below it, and this leaf (key 3). */
static struct desk_plan leaf_plan(void)
{
    return (struct desk_plan){.subject = "leaf",
        .issuer = "issuing",
        .key = 3,
        .signer = 2,
        .has_key_identifier = true};
}

static struct desk_plan issuing_plan(void)
{
    return (struct desk_plan){.subject = "issuing",
        .issuer = "root",
        .key = 2,
        .signer = 1,
        .basic = "critical,CA:TRUE",
        .has_key_identifier = true};
}

static void put(const struct desk_plan *leaf, const struct desk_plan *issuing)
{
    struct bytes root = desk_root("root", 1);

    between[0] = desk_make(issuing);
    question.leaf = desk_make(leaf);
    question.roots = desk_pool(&root, 1);
    question.untrusted = desk_pool(between, 1);
    question.time = DESK_NOW;
}

static void put_leaf(const struct desk_plan *leaf)
{
    struct desk_plan issuing = issuing_plan();

    put(leaf, &issuing);
}

static void assert_said(
    enum verdict_code code, enum chain_rule rule, const char *words)
{
    for (int explains = 0; explains < 2; explains++) {
        verdict_free(&last);
        last = (struct verdict){0};
        question.explains = explains != 0;
        if (desk_ask(&question, &last) != code ||
            strstr(last.sentence, words) == NULL)
            fail_msg("%s: %s", verdict_code_name(last.code), last.sentence);
        if (code != VERDICT_OK)
            assert_string_equal(
                chain_rule_name(last.rule), chain_rule_name(rule));
    }
}

static void assert_valid(void)
{
    assert_said(VERDICT_OK, RULE_READABLE, "is valid");
}

/* What the explained path tells of this rule. */
static void assert_told(
    enum chain_rule rule, enum verdict_outcome outcome, const char *evidence)
{
    const struct verdict_path *path = last.paths;

    for (size_t i = 0; i < path->check_count; i++) {
        if (path->checks[i].rule == rule && path->checks[i].place == 0) {
            assert_int_equal(path->checks[i].outcome, outcome);
            assert_string_equal(path->checks[i].evidence, evidence);
            return;
        }
    }
    fail_msg("%s was not judged", chain_rule_name(rule));
}

/* --- purposes --------------------------------------------------------------
 */

static void a_leaf_is_for_what_is_asked_or_refused(void **state)
{
    static const struct {
        const char *purposes;
        enum chain_purpose asked;
        const char *refusal; /* NULL: it is for that */
    } rows[] = {
        {"serverAuth", CHAIN_SERVER, NULL},
        {NULL, CHAIN_SERVER, NULL},
        {"anyExtendedKeyUsage", CHAIN_CLIENT, NULL},
        {"emailProtection,clientAuth", CHAIN_CLIENT, NULL},
        {"serverAuth", CHAIN_CLIENT, "does not list clientAuth"},
        {"serverAuth", CHAIN_EMAIL, "does not list emailProtection"},
        {"codeSigning", CHAIN_CODE_SIGNING, NULL},
        {NULL, CHAIN_CODE_SIGNING, "is absent, and lists no codeSigning"},
        {"anyExtendedKeyUsage", CHAIN_CODE_SIGNING,
            "does not list codeSigning"},
        {"critical,timeStamping", CHAIN_TIME_STAMPING, NULL},
        {"timeStamping", CHAIN_TIME_STAMPING,
            "is not critical, or lists more than timeStamping (RFC 3161, 2.3)"},
        {"critical,timeStamping,clientAuth", CHAIN_TIME_STAMPING,
            "is not critical, or lists more than timeStamping (RFC 3161, 2.3)"},
        {"OCSPSigning", CHAIN_OCSP, NULL},
        {NULL, CHAIN_OCSP, "is absent, and lists no OCSPSigning"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct desk_plan leaf = leaf_plan();

        leaf.purposes = rows[i].purposes;
        put_leaf(&leaf);
        question.purpose = rows[i].asked;
        if (rows[i].refusal == NULL)
            assert_valid();
        else
            assert_said(
                VERDICT_USAGE_MISMATCH, RULE_LEAF_PURPOSE, rows[i].refusal);
    }
}

static void a_purpose_is_refused_where_the_key_may_not_do_it(void **state)
{
    static const struct {
        const char *purposes, *usages;
        enum chain_purpose asked;
        const char *refused; /* NULL: it goes */
    } rows[] = {
        {"serverAuth", "keyEncipherment", CHAIN_SERVER, NULL},
        {"serverAuth", "keyAgreement", CHAIN_SERVER, NULL},
        {"serverAuth", "cRLSign,dataEncipherment", CHAIN_SERVER, "serverAuth"},
        {"serverAuth", "cRLSign", CHAIN_ANY_PURPOSE, NULL},
        {"clientAuth", "keyAgreement", CHAIN_CLIENT, NULL},
        {"clientAuth", "keyEncipherment", CHAIN_CLIENT, "clientAuth"},
        {"emailProtection", "nonRepudiation", CHAIN_EMAIL, NULL},
        {"emailProtection", "keyEncipherment", CHAIN_EMAIL, NULL},
        {"emailProtection", "keyCertSign", CHAIN_EMAIL, "emailProtection"},
        {"codeSigning", "digitalSignature", CHAIN_CODE_SIGNING, NULL},
        {"codeSigning", "nonRepudiation", CHAIN_CODE_SIGNING, "codeSigning"},
        {"critical,timeStamping", "nonRepudiation", CHAIN_TIME_STAMPING, NULL},
        {"critical,timeStamping", "keyEncipherment", CHAIN_TIME_STAMPING,
            "timeStamping"},
        {"OCSPSigning", "digitalSignature", CHAIN_OCSP, NULL},
        {"OCSPSigning", "cRLSign", CHAIN_OCSP, "OCSPSigning"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct desk_plan leaf = leaf_plan();
        char refusal[120];

        leaf.purposes = rows[i].purposes;
        leaf.key_usage = rows[i].usages;
        put_leaf(&leaf);
        question.purpose = rows[i].asked;
        (void)snprintf(refusal, sizeof(refusal),
            "its key usage has none of those that go with %s "
            "(RFC 5280, 4.2.1.12)",
            rows[i].refused == NULL ? "" : rows[i].refused);
        if (rows[i].refused == NULL)
            assert_valid();
        else
            assert_said(VERDICT_USAGE_MISMATCH, RULE_LEAF_KEY_USAGE, refusal);
    }
}

/* limbo, rfc5280::ca-as-leaf */
static void an_authority_in_question_may_sign_certificates_alone(void **state)
{
    struct desk_plan leaf = leaf_plan();

    (void)state;
    leaf.basic = "critical,CA:TRUE";
    leaf.key_usage = "critical,keyCertSign";
    put_leaf(&leaf);
    question.purpose = CHAIN_SERVER;
    assert_valid();
}

static void an_authority_hands_down_no_purpose_that_it_lacks(void **state)
{
    struct desk_plan leaf = leaf_plan(), issuing = issuing_plan();

    (void)state;
    leaf.purposes = "serverAuth,OCSPSigning";
    issuing.purposes = "clientAuth";
    put(&leaf, &issuing);
    question.purpose = CHAIN_SERVER;
    assert_said(VERDICT_USAGE_MISMATCH, RULE_ISSUER_PURPOSE,
        "the extended key usage of CN=issuing does not list serverAuth, "
        "which is asked");
    /* RFC 6960, 4.2.2.2: the delegation is the responder's certificate. */
    question.purpose = CHAIN_OCSP;
    assert_valid();
    issuing.purposes = "clientAuth,serverAuth";
    put(&leaf, &issuing);
    question.purpose = CHAIN_SERVER;
    assert_valid();
}

static void further_purposes_are_asked_of_all(void **state)
{
    static const uint8_t private_purpose[] = {0x2a, 0x03};
    const struct bytes asked[] = {oid_contents(OID_CLIENT_AUTH),
        oid_contents(OID_OCSP_SIGNING), {private_purpose, 2}};
    struct desk_plan leaf = leaf_plan(), issuing = issuing_plan();

    (void)state;
    leaf.purposes = "clientAuth,OCSPSigning,1.2.3";
    issuing.purposes = "clientAuth,1.2.3";
    put(&leaf, &issuing);
    question.purposes = asked;
    question.purpose_count = 3;
    assert_valid();
    leaf.purposes = "clientAuth,OCSPSigning";
    put(&leaf, &issuing);
    assert_said(VERDICT_USAGE_MISMATCH, RULE_LEAF_PURPOSE_ASKED,
        "its extended key usage does not list 1.2.3, which is asked");
    leaf.purposes = "clientAuth,OCSPSigning,1.2.3";
    issuing.purposes = "clientAuth";
    put(&leaf, &issuing);
    assert_said(VERDICT_USAGE_MISMATCH, RULE_ISSUER_PURPOSE,
        "the extended key usage of CN=issuing does not list 1.2.3");
}

/* What can't be written is not written, and not allowed either. */
static void a_purpose_that_is_no_identifier_is_none_of_the_leafs(void **state)
{
    static const uint8_t damaged[] = {0x80};
    const struct bytes asked = {damaged, 1};
    struct desk_plan leaf = leaf_plan();

    (void)state;
    leaf.purposes = "clientAuth";
    put_leaf(&leaf);
    question.purposes = &asked;
    question.purpose_count = 1;
    assert_said(VERDICT_USAGE_MISMATCH, RULE_LEAF_PURPOSE_ASKED,
        "its extended key usage does not list , which is asked");
}

static void a_key_usage_that_is_asked_must_be_there_whole(void **state)
{
    struct desk_plan leaf = leaf_plan();

    (void)state;
    put_leaf(&leaf);
    assert_valid();
    assert_told(RULE_LEAF_KEY_USAGE, VERDICT_SKIPPED, "no key usage is asked");
    question.key_usage =
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT;
    assert_valid();
    assert_told(RULE_LEAF_KEY_USAGE, VERDICT_SKIPPED, "it has no key usage");
    leaf.key_usage = "digitalSignature";
    put_leaf(&leaf);
    assert_said(VERDICT_USAGE_MISMATCH, RULE_LEAF_KEY_USAGE,
        "its key usage has the bits 0x001; 0x005 are asked");
    leaf.key_usage = "digitalSignature,keyEncipherment,keyAgreement";
    put_leaf(&leaf);
    assert_valid();
    assert_told(RULE_LEAF_KEY_USAGE, VERDICT_PASS, "0x015");
}

/* --- authorities -----------------------------------------------------------
 */

static void intermediates_are_counted_without_the_ends(void **state)
{
    struct desk_plan leaf = leaf_plan();

    (void)state;
    put_leaf(&leaf);
    question.has_max_depth = true;
    assert_said(VERDICT_PATH_TOO_LONG, RULE_MAX_DEPTH,
        "stands too far below its root: intermediates on the path: 1; at most "
        "0 are wanted");
    assert_non_null(strstr(last.remedy, "allow more intermediates"));
    question.max_depth = 1;
    assert_valid();
    assert_told(RULE_MAX_DEPTH, VERDICT_PASS, "1 of 1");
    question.max_depth = 0;
    question.leaf = desk_root("alone", 4);
    question.roots = desk_pool(&question.leaf, 1);
    assert_valid();
}

/* RFC 5280, 4.2.1.9: self-issued ones are not counted. */
static void a_path_length_counts_the_authorities_below(void **state)
{
    struct desk_plan leaf = leaf_plan(), issuing = issuing_plan();
    struct desk_plan lower = {.subject = "lower",
        .issuer = "issuing",
        .key = 4,
        .signer = 2,
        .basic = "critical,CA:TRUE"};

    (void)state;
    issuing.basic = "critical,CA:TRUE,pathlen:0";
    leaf.issuer = "lower";
    leaf.signer = 4;
    put(&leaf, &issuing);
    between[1] = desk_make(&lower);
    question.untrusted = desk_pool(between, 2);
    assert_said(VERDICT_PATH_TOO_LONG, RULE_PATH_LENGTH,
        "CN=issuing allows 0 authorities below it; there are 1");
    leaf.issuer = "issuing";
    lower.subject = "issuing";
    put(&leaf, &issuing);
    between[1] = desk_make(&lower);
    question.untrusted = desk_pool(between, 2);
    assert_valid();
    assert_int_equal(last.paths[0].length, 4);
}

static void an_authority_must_say_that_it_is_one(void **state)
{
    struct desk_plan leaf = leaf_plan(), issuing = issuing_plan();

    (void)state;
    issuing.basic = NULL;
    put(&leaf, &issuing);
    assert_said(VERDICT_NOT_AN_AUTHORITY, RULE_BASIC_CONSTRAINTS,
        "it has no basicConstraints");
    issuing.basic = "CA:FALSE";
    put(&leaf, &issuing);
    assert_said(VERDICT_NOT_AN_AUTHORITY, RULE_BASIC_CONSTRAINTS,
        "its basicConstraints say that it is no authority");
    issuing.basic = NULL;
    issuing.is_v1 = true;
    issuing.has_key_identifier = false;
    put(&leaf, &issuing);
    assert_said(VERDICT_NOT_AN_AUTHORITY, RULE_ISSUER_VERSION,
        "it has version 1, which can't say that it is an authority");
    /* Whoever made it an anchor said so. */
    question.roots = desk_pool(between, 1);
    question.untrusted = NULL;
    assert_valid();
    assert_int_equal(last.paths[0].length, 2);
}

static void a_critical_extension_must_be_known(void **state)
{
    static const struct {
        const char *other, *words;
    } rows[] = {
        {"1.2.3.4=critical,DER:0500",
            "its critical extension 1.2.3.4 is not processed here"},
        {"2.5.29.32=critical,DER:300f300d06022a03300730050601290500",
            "its certificatePolicies are critical and have a qualifier that "
            "is not known here (RFC 5280, 4.2.1.4)"},
        {"2.5.29.16=critical,DER:3000",
            "its critical extension privateKeyUsagePeriod is not processed "
            "here"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct desk_plan leaf = leaf_plan();

        leaf.other = rows[i].other;
        put_leaf(&leaf);
        assert_said(VERDICT_CRITICAL_EXTENSION_UNKNOWN,
            RULE_CRITICAL_EXTENSIONS, rows[i].words);
    }
}

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

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(a_leaf_is_for_what_is_asked_or_refused),
        RULE_TEST(a_purpose_is_refused_where_the_key_may_not_do_it),
        RULE_TEST(an_authority_in_question_may_sign_certificates_alone),
        RULE_TEST(an_authority_hands_down_no_purpose_that_it_lacks),
        RULE_TEST(further_purposes_are_asked_of_all),
        RULE_TEST(a_purpose_that_is_no_identifier_is_none_of_the_leafs),
        RULE_TEST(a_key_usage_that_is_asked_must_be_there_whole),
        RULE_TEST(intermediates_are_counted_without_the_ends),
        RULE_TEST(a_path_length_counts_the_authorities_below),
        RULE_TEST(an_authority_must_say_that_it_is_one),
        RULE_TEST(a_critical_extension_must_be_known),
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
