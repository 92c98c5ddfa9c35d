#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "x509/chain/question_words.h"

/* The words of verify's options and of the lines of --batch. */

static void every_purpose_has_one_word(void **state)
{
    static const struct {
        const char *word;
        enum chain_purpose purpose;
    } rows[] = {{"server", CHAIN_SERVER}, {"client", CHAIN_CLIENT},
        {"email", CHAIN_EMAIL}, {"code-signing", CHAIN_CODE_SIGNING},
        {"time-stamping", CHAIN_TIME_STAMPING}, {"ocsp", CHAIN_OCSP},
        {"any", CHAIN_ANY_PURPOSE}};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        enum chain_purpose purpose = CHAIN_PURPOSES;

        assert_true(question_purpose(rows[i].word, &purpose, &why));
        assert_int_equal(purpose, rows[i].purpose);
    }
}

static void a_word_that_is_none_is_told_those_there_are(void **state)
{
    enum chain_purpose purpose = CHAIN_OCSP;
    enum chain_revocation revocation = CHAIN_REVOCATION_HARD;
    enum chain_profile profile = CHAIN_WEBPKI;
    struct failure why = {0};

    (void)state;
    assert_false(question_purpose("Server", &purpose, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason,
        "a purpose is one of server, client, email, code-signing, "
        "time-stamping, ocsp and any");
    assert_false(question_revocation("", &revocation, &why));
    assert_string_equal(why.reason, "revocation is one of off, soft and hard");
    assert_false(question_profile("web", &profile, &why));
    assert_non_null(strstr(why.reason, "a profile is rfc5280 or webpki"));
    assert_int_equal(purpose, CHAIN_OCSP);
    assert_int_equal(revocation, CHAIN_REVOCATION_HARD);
    assert_int_equal(profile, CHAIN_WEBPKI);
}

static void a_status_is_asked_for_in_three_ways_and_a_profile_in_two(
    void **state)
{
    enum chain_revocation revocation = CHAIN_REVOCATION_OFF;
    enum chain_profile profile = CHAIN_PLAIN;
    struct failure why = {0};

    (void)state;
    assert_true(question_revocation("hard", &revocation, &why));
    assert_int_equal(revocation, CHAIN_REVOCATION_HARD);
    assert_true(question_revocation("soft", &revocation, &why));
    assert_int_equal(revocation, CHAIN_REVOCATION_SOFT);
    assert_true(question_revocation("off", &revocation, &why));
    assert_int_equal(revocation, CHAIN_REVOCATION_OFF);
    assert_true(question_profile("webpki", &profile, &why));
    assert_int_equal(profile, CHAIN_WEBPKI);
    assert_true(question_profile("rfc5280", &profile, &why));
    assert_int_equal(profile, CHAIN_RFC5280);
}

/* Others write "digital_signature" and "Digital Signature". */
static void a_key_usage_is_compared_by_its_letters(void **state)
{
    uint32_t bits = 0;
    struct failure why = {0};

    (void)state;
    assert_true(question_key_usage("digital_signature", &bits, &why));
    assert_true(question_key_usage("Key Cert-Sign", &bits, &why));
    assert_int_equal(bits, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_CERT_SIGN);
    for (size_t i = 0; i < 3; i++) {
        const char *const others[] = {"", "digitalSignatures", "digital"};

        assert_false(question_key_usage(others[i], &bits, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    assert_string_equal(why.reason,
        "there is no key usage \"digital\"; RFC 5280, 4.2.1.3 lists them");
    assert_int_equal(bits, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_CERT_SIGN);
}

static void a_purpose_has_a_number_or_a_name(void **state)
{
    static const uint8_t server[] = {
        0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
    const char *const words[] = {"serverAuth", "1.3.6.1.5.5.7.3.1"};
    struct question_oid oid = {0};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        oid = (struct question_oid){0};
        assert_true(question_oid_read(words[i], &oid, &why));
        assert_int_equal(oid.length, sizeof(server));
        assert_memory_equal(oid.contents, server, sizeof(server));
    }
    assert_false(question_oid_read("serverauthor", &oid, &why));
    assert_string_equal(why.reason,
        "\"serverauthor\" is no object identifier and no name of one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_purpose_has_one_word),
        cmocka_unit_test(a_word_that_is_none_is_told_those_there_are),
        cmocka_unit_test(
            a_status_is_asked_for_in_three_ways_and_a_profile_in_two),
        cmocka_unit_test(a_key_usage_is_compared_by_its_letters),
        cmocka_unit_test(a_purpose_has_a_number_or_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
