#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ocsp.h>

#include "crypto/openssl_scoped.h"
#include "support/chain_desk.h"
#include "x509/chain/revocation.h"

DEFINE_SCOPED(OCSP_BASICRESP, OCSP_BASICRESP_free)
DEFINE_SCOPED(OCSP_RESPONSE, OCSP_RESPONSE_free)

/* OCSP answers that OpenSSL makes on the spot: each thing that keeps one from
 * being heard, and the words for it. */

#define ISSUER 1
#define RESPONDER 4
#define STRANGER 5
#define OLD INT64_C(1388534400) /* 2014-01-01: SHA-1 was everybody's */

struct answer {
    const EVP_MD *hash;      /* of the identifier; NULL: SHA-1 */
    const EVP_MD *signs;     /* NULL: SHA-256 */
    const char *issuer;      /* NULL: the leaf's */
    size_t issuer_key;       /* 0: the issuer's */
    struct bytes responder;  /* none: the issuer itself signs */
    size_t key;              /* of who signs */
    struct bytes beside[2];  /* enclosed before the responder */
    int64_t now;             /* 0: DESK_NOW */
    int64_t produced, later; /* days from now; its single, too */
    const char *critical;    /* a type, in a single answer */
    int status;              /* V_OCSP_CERTSTATUS_GOOD */
};

static struct bytes root;

static int clear(void **state)
{
    (void)state;
    desk_clear_made();
    return 0;
}

static int clear_all(void **state)
{
    (void)state;
    desk_clear();
    return 0;
}

static X509 *parsed(struct bytes der)
{
    const unsigned char *at = der.start;
    X509 *read = d2i_X509(NULL, &at, (long)der.length);

    assert_non_null(read);
    return read;
}

static OCSP_CERTID *identifier_of(const struct answer *answer)
{
    SCOPED(X509) *issuer =
        parsed(desk_root(answer->issuer == NULL ? "root" : answer->issuer,
            answer->issuer_key == 0 ? ISSUER : answer->issuer_key));
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    OCSP_CERTID *identifier = NULL;

    assert_true(ASN1_INTEGER_set(serial, 1) == 1);
    identifier = OCSP_cert_id_new(
        answer->hash == NULL ? EVP_sha1() : answer->hash,
        X509_get_subject_name(issuer), X509_get0_pubkey_bitstr(issuer), serial);
    ASN1_INTEGER_free(serial);
    assert_non_null(identifier);
    return identifier;
}

static void add_critical(OCSP_SINGLERESP *single, const char *type)
{
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *object = OBJ_txt2obj(type, 1);
    X509_EXTENSION *extension = NULL;

    assert_true(ASN1_OCTET_STRING_set(value, (const uint8_t *)"\5", 2) == 1);
    extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
    assert_true(OCSP_SINGLERESP_add_ext(single, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(object);
    ASN1_OCTET_STRING_free(value);
}

static void add_single(OCSP_BASICRESP *basic, const struct answer *answer)
{
    const int64_t now = answer->now == 0 ? DESK_NOW : answer->now;
    OCSP_CERTID *identifier = identifier_of(answer);
    ASN1_TIME *from = ASN1_TIME_set(NULL, now + (answer->later - 1) * DESK_DAY);
    ASN1_TIME *until =
        ASN1_TIME_set(NULL, now + (answer->later + 5) * DESK_DAY);
    ASN1_TIME *revoked = ASN1_TIME_set(NULL, now - 3 * DESK_DAY);
    OCSP_SINGLERESP *single = OCSP_basic_add1_status(
        basic, identifier, answer->status, 0, revoked, from, until);

    assert_non_null(single);
    if (answer->critical != NULL)
        add_critical(single, answer->critical);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    ASN1_TIME_free(revoked);
    OCSP_CERTID_free(identifier);
}

static void add_certificates(OCSP_BASICRESP *basic, const struct answer *answer)
{
    for (size_t i = 0; i < 2 && answer->beside[i].length > 0; i++) {
        SCOPED(X509) *beside = parsed(answer->beside[i]);

        assert_true(OCSP_basic_add1_cert(basic, beside) == 1);
    }
}

/* OpenSSL has no other way to another time than now. */
static void set_produced(OCSP_BASICRESP *basic, int64_t time)
{
    const ASN1_GENERALIZEDTIME *produced = OCSP_resp_get0_produced_at(basic);

    assert_non_null(ASN1_GENERALIZEDTIME_set(
        (ASN1_GENERALIZEDTIME *)(uintptr_t)produced, time));
}

/* The DER, OpenSSL's. */
static unsigned char *answer_make(const struct answer *answer, int *length)
{
    SCOPED(OCSP_BASICRESP) *basic = OCSP_BASICRESP_new();
    SCOPED(OCSP_RESPONSE) *response = NULL;
    SCOPED(X509) *signer =
        parsed(answer->responder.length == 0 ? root : answer->responder);
    unsigned char *encoded = NULL;

    add_single(basic, answer);
    add_certificates(basic, answer);
    set_produced(basic, (answer->now == 0 ? DESK_NOW : answer->now) +
                            (answer->produced - 1) * DESK_DAY);
    assert_true(OCSP_basic_sign(basic, signer,
                    desk_key(answer->key == 0 ? ISSUER : answer->key),
                    answer->signs == NULL ? EVP_sha256() : answer->signs, NULL,
                    OCSP_NOTIME) == 1);
    response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    *length = i2d_OCSP_RESPONSE(response, &encoded);
    assert_true(*length > 0);
    return encoded;
}

/* --- the question ----------------------------------------------------------
 */

static struct chain_question question;

/* The leaf has the serial 1 and stands below the root. */
static void assert_answer(const struct answer *answer, const char *origin,
    enum verdict_code code, const char *words)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    RELEASED(verdict) verdict = {0};
    struct status_source source = {0};
    const struct status_source *at_hand = &source;
    int length = 0;

    encoded = answer_make(answer, &length);
    status_source_read(
        (struct bytes){encoded, (size_t)length}, origin, true, &source);
    question.sources = &at_hand;
    question.source_count = 1;
    (void)desk_ask(&question, &verdict);
    if (verdict.code != code || strstr(verdict.sentence, words) == NULL)
        fail_msg("%s, not \"%s\"", verdict.sentence, words);
}

static void assert_unheard(const struct answer *answer, const char *words)
{
    assert_answer(answer, "o", VERDICT_REVOCATION_UNKNOWN, words);
}

static int open_question(void **state)
{
    (void)state;
    root = desk_root("root", ISSUER);
    question = (struct chain_question){.leaf = desk_leaf("root", ISSUER),
        .roots = desk_pool(&root, 1),
        .time = DESK_NOW,
        .revocation = CHAIN_REVOCATION_HARD};
    return 0;
}

static struct desk_plan delegate_plan(void)
{
    return (struct desk_plan){.subject = "responder",
        .issuer = "root",
        .key = RESPONDER,
        .signer = ISSUER,
        .serial = 7,
        .purposes = "OCSPSigning",
        .key_usage = "digitalSignature"};
}

static struct answer delegated(const struct desk_plan *plan)
{
    return (struct answer){.responder = desk_make(plan), .key = RESPONDER};
}

static void assert_delegate_unheard(
    const struct desk_plan *plan, const char *words)
{
    const struct answer answer = delegated(plan);

    assert_unheard(&answer, words);
}

/* --- whose answer it is ----------------------------------------------------
 */

static void an_answer_is_of_the_certificate_whose_issuer_it_hashes(void **state)
{
    const char *const nothing = "neither a list nor an OCSP answer";

    (void)state;
    assert_answer(&(struct answer){0}, "o", VERDICT_OK, "");
    assert_answer(&(struct answer){.hash = EVP_sha384()}, "o", VERDICT_OK, "");
    assert_unheard(&(struct answer){.hash = EVP_md5()}, nothing);
    assert_unheard(&(struct answer){.issuer = "other"}, nothing);
    assert_unheard(&(struct answer){.issuer_key = STRANGER}, nothing);
}

static void an_answer_without_a_place_is_at_hand(void **state)
{
    (void)state;
    assert_answer(&(struct answer){.status = V_OCSP_CERTSTATUS_UNKNOWN}, NULL,
        VERDICT_REVOCATION_UNKNOWN,
        "the OCSP answer (at hand) says unknown: the responder does not know");
    assert_answer(&(struct answer){.status = V_OCSP_CERTSTATUS_REVOKED}, NULL,
        VERDICT_REVOKED, "says the OCSP answer (at hand, of 2026-11-20");
}

static void an_unknown_critical_extension_of_one_answer_silences_it(
    void **state)
{
    (void)state;
    assert_unheard(&(struct answer){.critical = "1.2.3.4"},
        "has a critical extension that is not known");
}

/* --- when ------------------------------------------------------------------
 */

static void an_answer_of_the_future_is_not_heard(void **state)
{
    (void)state;
    assert_unheard(&(struct answer){.later = 2}, "is not valid before");
    assert_unheard(&(struct answer){.produced = 2}, "is not valid before");
}

/* --- who may sign ----------------------------------------------------------
 */

static void a_delegate_is_heard_with_key_usage_or_without(void **state)
{
    struct desk_plan plan = delegate_plan();
    struct answer answer = delegated(&plan);

    (void)state;
    assert_answer(&answer, "o", VERDICT_OK, "");
    plan.key_usage = "nonRepudiation";
    answer = delegated(&plan);
    assert_answer(&answer, "o", VERDICT_OK, "");
    plan.key_usage = NULL;
    plan.purposes = "clientAuth,OCSPSigning";
    answer = delegated(&plan);
    assert_answer(&answer, "o", VERDICT_OK, "");
}

/* RFC 5280, 4.1.2.5: both ends of a validity are in it. */
static void a_delegate_is_heard_from_its_first_second_to_its_last(void **state)
{
    struct desk_plan plan = delegate_plan();
    struct answer answer = {0};

    (void)state;
    plan.until = 1;
    answer = delegated(&plan);
    assert_answer(&answer, "o", VERDICT_OK, "");
    plan.from = -1;
    plan.until = 0;
    answer = delegated(&plan);
    assert_answer(&answer, "o", VERDICT_OK, "");
}

static void each_fault_of_a_delegate_has_its_words(void **state)
{
    struct desk_plan plan = delegate_plan();

    (void)state;
    plan.purposes = "clientAuth,serverAuth";
    assert_delegate_unheard(&plan, "without the purpose OCSPSigning");
    plan = delegate_plan();
    plan.purposes = NULL;
    assert_delegate_unheard(&plan, "without the purpose OCSPSigning");
    plan = delegate_plan();
    plan.key_usage = "keyEncipherment";
    assert_delegate_unheard(&plan, "whose key usage has no signatures");
    plan = delegate_plan();
    plan.from = 1;
    plan.until = 3;
    assert_delegate_unheard(&plan, "whose certificate is not valid then");
    plan.from = -3;
    plan.until = -1;
    assert_delegate_unheard(&plan, "whose certificate is not valid then");
    plan = delegate_plan();
    plan.other = "1.2.3.4=critical,DER:0500";
    assert_delegate_unheard(&plan, "with an unknown critical extension");
    plan = delegate_plan();
    plan.issuer = "other";
    assert_delegate_unheard(&plan, "a responder of another issuer");
    plan = delegate_plan();
    plan.signer = STRANGER;
    assert_delegate_unheard(&plan, "that the issuer did not delegate");
}

/* Any order, and what else is enclosed does no harm. */
static void the_delegate_is_found_among_what_is_enclosed(void **state)
{
    struct desk_plan plan = delegate_plan();
    struct answer answer = delegated(&plan);

    (void)state;
    plan.key = STRANGER;
    answer.beside[0] = desk_make(&plan);
    plan = delegate_plan();
    plan.other = "2.5.29.19=DER:0500";
    answer.beside[1] = desk_make(&plan);
    assert_answer(&answer, "o", VERDICT_OK, "");
}

/* --- how it is signed ------------------------------------------------------
 */

/* The path and the answer are of keys of RSA. */
static void open_old_question(void)
{
    struct desk_plan plan = {.subject = "root",
        .issuer = "root",
        .key = DESK_RSA,
        .signer = DESK_RSA,
        .from = -6000,
        .until = 30,
        .basic = "critical,CA:TRUE"};

    root = desk_make(&plan);
    plan.subject = "leaf";
    plan.key = 3;
    plan.basic = NULL;
    question.leaf = desk_make(&plan);
    question.roots = desk_pool(&root, 1);
}

static void sha1_is_taken_of_an_old_answer_about_an_old_time_alone(void **state)
{
    struct answer answer = {
        .signs = EVP_sha1(), .issuer_key = DESK_RSA, .key = DESK_RSA};

    (void)state;
    open_old_question();
    assert_unheard(&answer, "SHA-1 no longer resists collisions");
    answer.now = question.time = OLD;
    assert_answer(&answer, "o", VERDICT_OK, "");
    /* Made late of what was long past, and asked about today. */
    answer.produced = (OLD_OCSP_END - OLD) / DESK_DAY + 2;
    assert_unheard(&answer, "is not valid before");
    answer.produced = 0;
    answer.later = (DESK_NOW - OLD) / DESK_DAY;
    question.time = DESK_NOW;
    assert_unheard(&answer, "SHA-1 no longer resists collisions");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_answer_is_of_the_certificate_whose_issuer_it_hashes,
            open_question, clear),
        cmocka_unit_test_setup_teardown(
            an_answer_without_a_place_is_at_hand, open_question, clear),
        cmocka_unit_test_setup_teardown(
            an_unknown_critical_extension_of_one_answer_silences_it,
            open_question, clear),
        cmocka_unit_test_setup_teardown(
            an_answer_of_the_future_is_not_heard, open_question, clear),
        cmocka_unit_test_setup_teardown(
            a_delegate_is_heard_with_key_usage_or_without, open_question,
            clear),
        cmocka_unit_test_setup_teardown(
            a_delegate_is_heard_from_its_first_second_to_its_last,
            open_question, clear),
        cmocka_unit_test_setup_teardown(
            each_fault_of_a_delegate_has_its_words, open_question, clear),
        cmocka_unit_test_setup_teardown(
            the_delegate_is_found_among_what_is_enclosed, open_question, clear),
        cmocka_unit_test_setup_teardown(
            sha1_is_taken_of_an_old_answer_about_an_old_time_alone,
            open_question, clear),
    };

    return cmocka_run_group_tests(tests, NULL, clear_all);
}
