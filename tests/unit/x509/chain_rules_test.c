#include "chain_rules_desk.h"

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
