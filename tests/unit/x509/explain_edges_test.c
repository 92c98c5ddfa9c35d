#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/chain_desk.h"
#include "x509/chain/explain.h"
#include "x509/chain/explain_words.h"

/* Verdicts with a part missing are told without it. */

static struct verdict_certificate certificates[2];
static struct verdict_path path;
static struct verdict verdict;
static struct chain_question question;

static int begin(void **state)
{
    struct bytes root = desk_root("root", 1);

    (void)state;
    certificates[0] = (struct verdict_certificate){.der = desk_leaf("root", 1)};
    certificates[1] = (struct verdict_certificate){.der = root};
    path = (struct verdict_path){.certificates = certificates, .length = 2};
    verdict = (struct verdict){.paths = &path, .path_count = 1};
    question =
        (struct chain_question){.roots = desk_pool(NULL, 0), .time = DESK_NOW};
    return 0;
}

static int clear(void **state)
{
    (void)state;
    desk_clear();
    clock_follow_the_machine();
    return 0;
}

static void refuse(enum verdict_code code, enum chain_rule rule)
{
    verdict.code = path.code = code;
    verdict.rule = path.rule = rule;
}

static void says(const char *sentence)
{
    explain_verdict(&question, &verdict);
    if (strstr(verdict.sentence, sentence) == NULL)
        assert_string_equal(verdict.sentence, sentence);
}

static void valid_is_said_without_path_and_origin(void **state)
{
    (void)state;
    verdict.valid = true;
    says("CN=leaf is valid: a path of 2 certificates ends at CN=root");
    assert_null(strstr(verdict.sentence, "from"));
    path.length = 0;
    says("the certificate is valid");
    verdict.path_count = 0;
    says("the certificate is valid");
    assert_string_equal(verdict.remedy, "");
}

static void a_place_is_told_with_the_origin_where_there_is_one(void **state)
{
    (void)state;
    refuse(VERDICT_EXPIRED, RULE_NOT_AFTER);
    verdict.place = 1;
    says("CN=root (certificate 2 of the path) ");
    certificates[1].origin = "roots.pem";
    says("CN=root (certificate 2 of the path, from roots.pem) ");
    verdict.place = 7;
    says("CN=root (certificate 8 of the path, from roots.pem) ");
    path.length = 0;
    says("the certificate ");
}

static void what_was_looked_in_is_told_up_to_three(void **state)
{
    static const char *const origins[] = {
        "one.pem", "two.pem", NULL, "three.pem", "four.pem", NULL};
    const char same[] = "one.pem"; /* by its text, wherever that stands */
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    struct failure why = {0};

    (void)state;
    refuse(VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND);
    says("; there were no certificates to look in");
    assert_true(chain_pool_new(&pool, &why));
    question.untrusted = pool;
    for (size_t i = 0; i < 6; i++) {
        struct desk_plan plan = {.subject = "one",
            .issuer = "one",
            .key = 1,
            .signer = 1,
            .serial = (long)i + 1};

        assert_true(chain_pool_add(
            pool, desk_make(&plan), i == 2 ? same : origins[i], &why));
    }
    says("; looked in one.pem, two.pem, three.pem and others");
}

static void a_missing_issuer_without_a_path_is_the_issuer(void **state)
{
    (void)state;
    refuse(VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND);
    verdict.path_count = 0;
    explain_verdict(&question, &verdict);
    assert_string_equal(verdict.remedy,
        "get the certificate of the issuer; add it with --untrusted FILE, or "
        "with --roots FILE if it is a root you trust");
    refuse(VERDICT_ROOT_UNTRUSTED, RULE_ANCHOR);
    explain_verdict(&question, &verdict);
    assert_string_equal(
        verdict.remedy, explain_code(VERDICT_ROOT_UNTRUSTED)->remedy);
}

/* kb 96 */
static void only_a_time_of_this_machine_blames_its_clock(void **state)
{
    static const int64_t clocks[] = {0, INT64_C(4102444800)};

    (void)state;
    refuse(VERDICT_EXPIRED, RULE_NOT_AFTER);
    for (size_t i = 0; i < 2; i++) {
        clock_set(clocks[i]);
        question.time = clocks[i];
        explain_verdict(&question, &verdict);
        assert_non_null(strstr(verdict.remedy, "this machine's clock says"));
        question.time = clocks[i] + 2 * DESK_DAY;
        explain_verdict(&question, &verdict);
        assert_null(strstr(verdict.remedy, "clock"));
        question.time = clocks[i] - 2 * DESK_DAY;
        explain_verdict(&question, &verdict);
        assert_null(strstr(verdict.remedy, "clock"));
    }
}

/* --- where the issuer may be
 * -------------------------------------------------- */

static void leaf_with(const char *access)
{
    struct desk_plan plan = {.subject = "leaf",
        .issuer = "root",
        .key = 3,
        .signer = 1,
        .other = access};

    certificates[0].der = desk_make(&plan);
}

static void the_first_http_address_of_the_issuer_is_told(void **state)
{
    /* caIssuers with ldap:, OCSP with http:, caIssuers with http:a. */
    static const struct {
        const char *access, *address; /* NULL: none */
    } rows[] = {
        {"1.3.6.1.5.5.7.1.1=DER:3014301206082b06010505073002860668"
         "7474703a61",
            "http:a"},
        {"1.3.6.1.5.5.7.1.1=DER:3014301206082b06010505073001860668"
         "7474703a61",
            NULL},
        {"1.3.6.1.5.5.7.1.1=DER:3014301206082b0601050507300286066c"
         "6461703a61",
            NULL},
        {"1.3.6.1.5.5.7.1.1=DER:3011300f06082b06010505073002860361"
         "3a62",
            NULL},
        {"1.3.6.1.5.5.7.1.1=DER:3014301206082b06010505073002820668"
         "7474703a61",
            NULL},
        {NULL, NULL},
    };
    char address[EXPLAIN_ADDRESS] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        leaf_with(rows[i].access);
        assert_int_equal(explain_issuer_address(certificates[0].der, address),
            rows[i].address != NULL);
        if (rows[i].address != NULL)
            assert_string_equal(address, rows[i].address);
    }
    certificates[0].der.length--;
    assert_false(explain_issuer_address(certificates[0].der, address));
}

static void a_damaged_list_of_addresses_has_none(void **state)
{
    static const char *const damaged[] = {"1.3.6.1.5.5.7.1.1=DER:0500",
        "1.3.6.1.5.5.7.1.1=DER:30020500", "1.3.6.1.5.5.7.1.1=DER:300430020500",
        "1.3.6.1.5.5.7.1.1=DER:3005300306012a", "1.3.6.1.5.5.7.1.1=DER:3000"};
    char address[EXPLAIN_ADDRESS] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
        leaf_with(damaged[i]);
        assert_false(explain_issuer_address(certificates[0].der, address));
    }
}

static void a_long_key_identifier_is_cut(void **state)
{
    char issuer[EXPLAIN_ISSUER] = "";

    (void)state;
    leaf_with(
        "2.5.29.35=DER:3017801500000102030405060708090a0b0c0d0e0f10111213");
    explain_issuer(certificates[0].der, issuer);
    assert_non_null(strstr(issuer, "CN=root (key identifier 00:00:01:"));
    assert_non_null(strstr(issuer, ":12...)"));
    leaf_with("2.5.29.35=DER:0500");
    explain_issuer(certificates[0].der, issuer);
    assert_string_equal(issuer, "CN=root");
}

/* --- JSON
 * --------------------------------------------------------------------- */

static void json_of_nothing_is_empty_and_whole(void **state)
{
    json_t *json = NULL;
    struct failure why = {0};

    (void)state;
    verdict.path_count = 0;
    assert_true(explain_json(&verdict, &json, &why));
    assert_int_equal(json_array_size(json_object_get(json, "path")), 0);
    assert_int_equal(json_array_size(json_object_get(json, "other_paths")), 0);
    json_decref(json);
}

static void json_of_bytes_that_are_none_has_no_subject(void **state)
{
    json_t *json = NULL, *first = NULL;
    struct failure why = {0};

    (void)state;
    certificates[0].der.length--;
    assert_true(explain_json(&verdict, &json, &why));
    first = json_array_get(json_object_get(json, "path"), 0);
    assert_string_equal(
        json_string_value(json_object_get(first, "subject")), "");
    json_decref(json);
}

#define EDGE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EDGE_TEST(valid_is_said_without_path_and_origin),
        EDGE_TEST(a_place_is_told_with_the_origin_where_there_is_one),
        EDGE_TEST(what_was_looked_in_is_told_up_to_three),
        EDGE_TEST(a_missing_issuer_without_a_path_is_the_issuer),
        EDGE_TEST(only_a_time_of_this_machine_blames_its_clock),
        EDGE_TEST(the_first_http_address_of_the_issuer_is_told),
        EDGE_TEST(a_damaged_list_of_addresses_has_none),
        EDGE_TEST(a_long_key_identifier_is_cut),
        EDGE_TEST(json_of_nothing_is_empty_and_whole),
        EDGE_TEST(json_of_bytes_that_are_none_has_no_subject),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
