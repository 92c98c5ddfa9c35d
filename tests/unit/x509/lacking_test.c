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
