#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "support/chain_desk.h"
#include "x509/chain/lacking.h"
#include "x509/ocsp_request.h"

/* What a verdict lacks and what is told of its fetching, and the request that
 * asks for a status. */

#define PLACES                                                               \
    "authorityInfoAccess=caIssuers;URI:http://a.example/1.cer,caIssuers;URI" \
    ":ldap://a.example/,OCSP;URI:http://o.example/\n"                        \
    "crlDistributionPoints=URI:http://c.example/1.crl,URI:http://c.example/" \
    "2.crl\nfreshestCRL=URI:http://c.example/delta.crl\n"

static int clear(void **state)
{
    (void)state;
    desk_clear();
    return 0;
}

static struct bytes leaf_with_places(int64_t until)
{
    const struct desk_plan plan = {.subject = "Leaf",
        .issuer = "Root",
        .key = 3,
        .signer = 1,
        .from = -2,
        .until = until,
        .basic = "critical,CA:FALSE",
        .other = PLACES,
        .has_key_identifier = true};

    return desk_make(&plan);
}

static struct chain_question question_of(
    struct bytes leaf, bool knows_root, enum chain_revocation revocation)
{
    const struct bytes root = desk_root("Root", 1);

    return (struct chain_question){.leaf = leaf,
        .roots = desk_pool(&root, knows_root ? 1 : 0),
        .time = DESK_NOW,
        .revocation = revocation,
        .explains = true};
}

static void assert_one(
    const struct lacking *lacking, enum lacking_kind kind, const char *address)
{
    assert_int_equal(lacking->kind, kind);
    if (!bytes_equal(lacking->address, bytes_of_text(address)))
        fail_msg("%.*s is not %s", (int)lacking->address.length,
            (const char *)lacking->address.start, address);
}

static void a_missing_issuer_may_be_at_every_address_that_is_named(void **state)
{
    const struct chain_question question =
        question_of(leaf_with_places(30), false, CHAIN_REVOCATION_HARD);
    RELEASED(verdict) verdict = {0};
    struct lacking found[LACKING_MAX];

    (void)state;
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_ISSUER_MISSING);
    assert_int_equal(chain_lacking(&verdict, found), 2);
    assert_one(&found[0], LACKING_ISSUER, "http://a.example/1.cer");
    assert_one(&found[1], LACKING_ISSUER, "ldap://a.example/");
}

static void a_status_may_be_an_answer_a_list_or_a_delta(void **state)
{
    const enum chain_revocation hows[] = {
        CHAIN_REVOCATION_SOFT, CHAIN_REVOCATION_HARD};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct chain_question question =
            question_of(leaf_with_places(30), true, hows[i]);
        RELEASED(verdict) verdict = {0};
        struct lacking found[LACKING_MAX];

        (void)desk_ask(&question, &verdict);
        assert_int_equal(chain_lacking(&verdict, found), 4);
        assert_one(&found[0], LACKING_ANSWER, "http://o.example/");
        assert_ptr_equal(found[0].issuer, &verdict.paths->certificates[1]);
        assert_one(&found[1], LACKING_LIST, "http://c.example/1.crl");
        assert_one(&found[2], LACKING_LIST, "http://c.example/2.crl");
        assert_one(&found[3], LACKING_DELTA, "http://c.example/delta.crl");
    }
}

static void nothing_lacks_where_it_would_change_nothing(void **state)
{
    struct lacking found[LACKING_MAX];
    struct chain_question question =
        question_of(leaf_with_places(30), true, CHAIN_REVOCATION_OFF);
    RELEASED(verdict) unasked = {0};
    RELEASED(verdict) expired = {0};

    (void)state;
    assert_int_equal(desk_ask(&question, &unasked), VERDICT_OK);
    assert_int_equal(chain_lacking(&unasked, found), 0);
    question = question_of(leaf_with_places(-1), true, CHAIN_REVOCATION_HARD);
    assert_int_equal(desk_ask(&question, &expired), VERDICT_EXPIRED);
    assert_int_equal(chain_lacking(&expired, found), 0);
}

static void a_certificate_without_addresses_lacks_none(void **state)
{
    const struct chain_question question =
        question_of(desk_leaf("Elsewhere", 2), false, CHAIN_REVOCATION_HARD);
    RELEASED(verdict) verdict = {0};
    struct lacking found[LACKING_MAX];

    (void)state;
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_ISSUER_MISSING);
    assert_int_equal(chain_lacking(&verdict, found), 0);
}

/* The places of one certificate alone; "type=value" lines as openssl has them.
 */
static size_t gather(
    const char *places, bool knows_root, struct lacking found[LACKING_MAX])
{
    const struct chain_question question =
        question_of(desk_make(&(struct desk_plan){.subject = "Leaf",
                        .issuer = "Root",
                        .key = 3,
                        .signer = 1,
                        .other = places}),
            knows_root, CHAIN_REVOCATION_SOFT);
    RELEASED(verdict) verdict = {0};

    (void)desk_ask(&question, &verdict);
    return chain_lacking(&verdict, found);
}

static void an_address_is_told_once_and_only_an_address(void **state)
{
    struct lacking found[LACKING_MAX];

    (void)state;
    assert_int_equal(
        gather("crlDistributionPoints=URI:http://c.example/,URI:http://c."
               "example/\nauthorityInfoAccess=OCSP;DNS:o.example,OCSP;URI:http:"
               "//o.example/",
            true, found),
        2);
    assert_one(&found[0], LACKING_ANSWER, "http://o.example/");
    assert_one(&found[1], LACKING_LIST, "http://c.example/");
    assert_int_equal(
        gather("crlDistributionPoints=DNS:c.example", true, found), 0);
}

/* Such a certificate is malformed, and no address of it is told. */
static void damaged_places_are_none(void **state)
{
    const char *const damaged[] = {"1.3.6.1.5.5.7.1.1=DER:0500",
        "1.3.6.1.5.5.7.1.1=DER:30020500", "1.3.6.1.5.5.7.1.1=DER:300430020500",
        "1.3.6.1.5.5.7.1.1=DER:300c300a06082b06010505073002",
        "2.5.29.46=DER:0500", "2.5.29.46=DER:30020500",
        "2.5.29.31=DER:30020500"};

    (void)state;
    for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
        const struct chain_question question =
            question_of(desk_make(&(struct desk_plan){.subject = "Leaf",
                            .issuer = "Root",
                            .key = 3,
                            .signer = 1,
                            .other = damaged[i]}),
                false, CHAIN_REVOCATION_SOFT);
        RELEASED(verdict) verdict = {0};
        struct lacking found[LACKING_MAX];

        if (desk_ask(&question, &verdict) != VERDICT_MALFORMED)
            fail_msg("%s: %s", damaged[i], verdict.sentence);
        assert_int_equal(chain_lacking(&verdict, found), 0);
    }
}

static void as_many_addresses_are_told_as_there_is_room_for(void **state)
{
    char places[1024] = "authorityInfoAccess=";
    struct lacking found[LACKING_MAX];
    size_t used = strlen(places);

    (void)state;
    for (int i = 0; i <= LACKING_MAX; i++) {
        (void)snprintf(places + used, sizeof(places) - used, "%sOCSP;URI:a%d",
            i == 0 ? "" : ",", i);
        used = strlen(places);
    }
    assert_int_equal(gather(places, true, found), LACKING_MAX);
    assert_one(&found[LACKING_MAX - 1], LACKING_ANSWER, "a63");
}

static void two_certificates_may_lack_the_same_place(void **state)
{
    struct desk_plan plan = {.subject = "Between",
        .issuer = "Root",
        .key = 2,
        .signer = 1,
        .basic = "critical,CA:TRUE",
        .other = "crlDistributionPoints=URI:http://c.example/"};
    const struct bytes between = desk_make(&plan);
    const struct bytes root = desk_root("Root", 1);
    struct chain_question question = {.roots = desk_pool(&root, 1),
        .untrusted = desk_pool(&between, 1),
        .time = DESK_NOW,
        .revocation = CHAIN_REVOCATION_HARD,
        .explains = true};
    RELEASED(verdict) verdict = {0};
    struct lacking found[LACKING_MAX];

    (void)state;
    plan = (struct desk_plan){.subject = "Leaf",
        .issuer = "Between",
        .key = 3,
        .signer = 2,
        .other = plan.other};
    question.leaf = desk_make(&plan);
    (void)desk_ask(&question, &verdict);
    assert_int_equal(chain_lacking(&verdict, found), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_one(&found[i], LACKING_LIST, "http://c.example/");
        assert_ptr_equal(found[i].certificate, &verdict.paths->certificates[i]);
    }
}

static void a_verdict_without_paths_lacks_nothing(void **state)
{
    struct lacking found[LACKING_MAX];

    (void)state;
    assert_int_equal(chain_lacking(&(struct verdict){0}, found), 0);
}

/* The rules of status stand together, from the first to the last of these. */
static void every_rule_of_status_makes_one_lack(void **state)
{
    const struct chain_question question =
        question_of(leaf_with_places(30), true, CHAIN_REVOCATION_HARD);
    RELEASED(verdict) verdict = {0};
    struct lacking found[LACKING_MAX];
    struct verdict_check *last = NULL;

    (void)state;
    (void)desk_ask(&question, &verdict);
    last = &verdict.paths->checks[verdict.paths->check_count - 1];
    assert_int_equal(last->rule, RULE_STATUS_KNOWN);
    for (int rule = 0; rule < CHAIN_RULE_COUNT; rule++) {
        const bool is_of_status =
            rule >= RULE_STATUS_KNOWN && rule <= RULE_OCSP_CURRENT;

        verdict.paths->rule = (enum chain_rule)rule;
        last->rule = RULE_STATUS_KNOWN;
        assert_int_equal(chain_lacking(&verdict, found), is_of_status ? 4 : 0);
        verdict.paths->rule = RULE_STATUS_KNOWN;
        last->rule = (enum chain_rule)rule;
        assert_int_equal(chain_lacking(&verdict, found), is_of_status ? 4 : 0);
    }
}

static void a_status_lacks_where_it_was_looked_for_and_not_found(void **state)
{
    const struct chain_question question =
        question_of(leaf_with_places(30), true, CHAIN_REVOCATION_HARD);
    RELEASED(verdict) verdict = {0};
    struct lacking found[LACKING_MAX];
    struct verdict_check *last = NULL;

    (void)state;
    (void)desk_ask(&question, &verdict);
    last = &verdict.paths->checks[verdict.paths->check_count - 1];
    last->place = 1;
    assert_int_equal(chain_lacking(&verdict, found), 0);
    last->place = 0;
    last->outcome = VERDICT_PASS;
    assert_int_equal(chain_lacking(&verdict, found), 0);
    last->outcome = VERDICT_SKIPPED;
    assert_int_equal(chain_lacking(&verdict, found), 4);
}

/* What is valid needs no other issuer, whatever other paths wanted. */
static void a_valid_verdict_lacks_no_issuer(void **state)
{
    const struct chain_question question =
        question_of(leaf_with_places(30), false, CHAIN_REVOCATION_OFF);
    RELEASED(verdict) verdict = {0};
    struct lacking found[LACKING_MAX];

    (void)state;
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_ISSUER_MISSING);
    verdict.valid = true;
    assert_int_equal(chain_lacking(&verdict, found), 0);
    verdict.valid = false;
    verdict.paths->code = VERDICT_EXPIRED;
    assert_int_equal(chain_lacking(&verdict, found), 0);
}

/* --- what is told --------------------------------------------------------- */

static void kb103_what_did_not_come_is_told_where_it_is_missing(void **state)
{
    const struct bytes leaf = leaf_with_places(30);
    struct chain_fetched fetched = {.what = "CRL",
        .address = "http://c.example/1.crl",
        .outcome = CHAIN_FETCH_UNREACHABLE,
        .milliseconds = 7,
        .reason = "nothing listens"};
    struct chain_question question =
        question_of(leaf, true, CHAIN_REVOCATION_HARD);
    RELEASED(verdict) verdict = {0};
    const struct verdict_check *last = NULL;

    (void)state;
    assert_true(sha256(&leaf, 1, fetched.named_by, &(struct failure){0}));
    question.fetched = &fetched;
    question.fetched_count = 1;
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_REVOCATION_UNKNOWN);
    assert_non_null(strstr(verdict.sentence,
        "neither a list nor an OCSP answer of CN=Root is at hand; CRL "
        "http://c.example/1.crl: not reachable: nothing listens"));
    last = &verdict.paths->checks[verdict.paths->check_count - 1];
    assert_int_equal(last->rule, RULE_FETCHED);
    assert_int_equal(last->outcome, VERDICT_SKIPPED);
    assert_string_equal(last->evidence,
        "CRL http://c.example/1.crl: not reachable after 7 ms: nothing "
        "listens");
}

static void a_fetch_of_another_certificate_is_not_told(void **state)
{
    const struct chain_fetched fetched = {
        .what = FETCHED_ISSUER, .address = "a", .reason = "b"};
    struct chain_question question =
        question_of(leaf_with_places(30), false, CHAIN_REVOCATION_OFF);
    RELEASED(verdict) verdict = {0};

    (void)state;
    question.fetched = &fetched;
    question.fetched_count = 1;
    (void)desk_ask(&question, &verdict);
    for (size_t i = 0; i < verdict.paths->check_count; i++)
        assert_int_not_equal(verdict.paths->checks[i].rule, RULE_FETCHED);
}

static void the_missing_issuer_tells_why_it_did_not_come(void **state)
{
    const struct bytes leaf = leaf_with_places(30);
    struct chain_fetched fetched[] = {{.what = FETCHED_ISSUER,
                                          .address = "http://a.example/1.cer",
                                          .outcome = CHAIN_FETCH_REFUSED,
                                          .reason = "a rule"},
        {.what = "CRL",
            .address = "http://c.example/1.crl",
            .outcome = CHAIN_FETCH_DAMAGED,
            .reason = "no list"}};
    struct chain_question question =
        question_of(leaf, false, CHAIN_REVOCATION_OFF);
    RELEASED(verdict) verdict = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_true(
            sha256(&leaf, 1, fetched[i].named_by, &(struct failure){0}));
    question.fetched = fetched;
    question.fetched_count = 2;
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_ISSUER_MISSING);
    assert_non_null(strstr(verdict.sentence,
        "; issuer http://a.example/1.cer: refused: a rule (rule"));
    assert_null(strstr(verdict.sentence, "no list"));
}

static void an_issuer_that_came_at_last_is_told_as_fetched(void **state)
{
    const struct bytes leaf = leaf_with_places(30);
    struct chain_fetched fetched[] = {
        {.what = FETCHED_ISSUER, .outcome = CHAIN_FETCH_REFUSED},
        {.what = FETCHED_ISSUER, .outcome = CHAIN_FETCH_LEFT},
        {.what = FETCHED_ISSUER,
            .address = "http://a.example/1.cer",
            .outcome = CHAIN_FETCHED,
            .milliseconds = 9,
            .reason = "1 certificate"}};
    struct chain_question question =
        question_of(leaf, false, CHAIN_REVOCATION_OFF);
    const struct verdict_check *last = NULL;
    RELEASED(verdict) early = {0};
    RELEASED(verdict) verdict = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_true(
            sha256(&leaf, 1, fetched[i].named_by, &(struct failure){0}));
    fetched[0].address = fetched[1].address = "http://b.example/";
    fetched[0].reason = "the first";
    fetched[1].reason = "the second";
    question.fetched = fetched;
    question.fetched_count = 2;
    assert_int_equal(desk_ask(&question, &early), VERDICT_ISSUER_MISSING);
    assert_non_null(strstr(early.sentence, "refused: the first"));
    assert_null(strstr(early.sentence, "the second"));

    question.fetched_count = 3;
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_ISSUER_MISSING);
    assert_null(strstr(verdict.sentence, "the first"));
    last = &verdict.paths->checks[verdict.paths->check_count - 1];
    assert_int_equal(last->rule, RULE_FETCHED);
    assert_int_equal(last->outcome, VERDICT_PASS);
    assert_string_equal(last->evidence,
        "issuer http://a.example/1.cer: fetched in 9 ms, 1 certificate");
}

/* --- the request ---------------------------------------------------------- */

static bool request(const char *digest, struct bytes nonce,
    struct buffer *written, struct failure *why)
{
    const struct bytes root = desk_root("Root", 1);
    const struct bytes leaf = leaf_with_places(30);
    struct certificate certificate = {0}, issuer = {0};

    assert_true(certificate_read(leaf, &certificate, why));
    assert_true(certificate_read(root, &issuer, why));
    return ocsp_request_write(
        &certificate, &issuer, digest, nonce, written, why);
}

/* Its heads, by hand from RFC 6960, 4.1.1; that responders take it:
 * tests/integration/test_fetch.py. */
static void a_request_has_one_certificate_and_its_nonce(void **state)
{
    const uint8_t nonce[] = {1, 2, 3};
    const char *const wanted[] = {
        "305a3058303e303c303a300906052b0e03021a05000414",
        "020101a2163014301206092b060105050730010204050403010203"};
    RELEASED(buffer) written = BUFFER("a request", OCSP_REQUEST_MAX);
    char text[2 * OCSP_REQUEST_MAX + 1];
    struct failure why = {0};

    (void)state;
    assert_true(
        request("SHA1", (struct bytes){nonce, sizeof(nonce)}, &written, &why));
    hex_print(buffer_view(&written), text);
    print_message("%s\n", text);
    assert_memory_equal(text, wanted[0], strlen(wanted[0]));
    assert_string_equal(text + strlen(text) - strlen(wanted[1]), wanted[1]);
}

static void a_request_may_go_without_nonce(void **state)
{
    RELEASED(buffer) written = BUFFER("a request", OCSP_REQUEST_MAX);
    char text[2 * OCSP_REQUEST_MAX + 1];
    struct failure why = {0};

    (void)state;
    assert_true(request("SHA256", (struct bytes){0}, &written, &why));
    hex_print(buffer_view(&written), text);
    assert_non_null(strstr(text, "0609608648016503040201"));
    assert_null(strstr(text, "2b0601050507300102"));
}

static void another_digest_is_refused(void **state)
{
    RELEASED(buffer) written = BUFFER("a request", OCSP_REQUEST_MAX);
    struct failure why = {0};

    (void)state;
    assert_false(request("MD5", (struct bytes){0}, &written, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(written.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            a_missing_issuer_may_be_at_every_address_that_is_named, clear),
        cmocka_unit_test_teardown(
            a_status_may_be_an_answer_a_list_or_a_delta, clear),
        cmocka_unit_test_teardown(
            nothing_lacks_where_it_would_change_nothing, clear),
        cmocka_unit_test_teardown(
            a_certificate_without_addresses_lacks_none, clear),
        cmocka_unit_test_teardown(
            an_address_is_told_once_and_only_an_address, clear),
        cmocka_unit_test_teardown(damaged_places_are_none, clear),
        cmocka_unit_test_teardown(
            as_many_addresses_are_told_as_there_is_room_for, clear),
        cmocka_unit_test_teardown(
            two_certificates_may_lack_the_same_place, clear),
        cmocka_unit_test(a_verdict_without_paths_lacks_nothing),
        cmocka_unit_test_teardown(
            an_issuer_that_came_at_last_is_told_as_fetched, clear),
        cmocka_unit_test_teardown(every_rule_of_status_makes_one_lack, clear),
        cmocka_unit_test_teardown(
            a_status_lacks_where_it_was_looked_for_and_not_found, clear),
        cmocka_unit_test_teardown(a_valid_verdict_lacks_no_issuer, clear),
        cmocka_unit_test_teardown(
            kb103_what_did_not_come_is_told_where_it_is_missing, clear),
        cmocka_unit_test_teardown(
            a_fetch_of_another_certificate_is_not_told, clear),
        cmocka_unit_test_teardown(
            the_missing_issuer_tells_why_it_did_not_come, clear),
        cmocka_unit_test_teardown(
            a_request_has_one_certificate_and_its_nonce, clear),
        cmocka_unit_test_teardown(a_request_may_go_without_nonce, clear),
        cmocka_unit_test_teardown(another_digest_is_refused, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
