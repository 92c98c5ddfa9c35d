#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "signed_desk.h"

/* --- what holds ----------------------------------------------------------- */

static void every_form_that_openssl_writes_holds(void **state)
{
    static const struct {
        const char *name, *content;
        enum signed_file_kind kind;
        size_t signatures;
    } cases[] = {
        {"attached.der", NULL, SIGNED_FILE_CMS, 1},
        {"attached.pem", NULL, SIGNED_FILE_CMS, 1},
        {"stream.ber", NULL, SIGNED_FILE_CMS, 1},
        {"noattr.der", NULL, SIGNED_FILE_CMS, 1},
        {"two.der", NULL, SIGNED_FILE_CMS, 2},
        {"keyid.der", NULL, SIGNED_FILE_CMS, 1},
        {"cades.der", NULL, SIGNED_FILE_CMS, 1},
        {"rsa.der", NULL, SIGNED_FILE_CMS, 1},
        {"rsa-pss.der", NULL, SIGNED_FILE_CMS, 1},
        {"ed25519.der", NULL, SIGNED_FILE_CMS, 1},
        {"detached.der", "content.txt", SIGNED_FILE_CMS, 1},
        {"detached-text.der", "content.txt", SIGNED_FILE_CMS, 1},
        {"attached.der", "content.txt", SIGNED_FILE_CMS, 1},
        {"mail.eml", NULL, SIGNED_FILE_MAIL, 1},
        {"mail-opaque.eml", NULL, SIGNED_FILE_MAIL, 1},
    };
    struct desk *desk = *state;

    desk->question.purpose = CHAIN_EMAIL;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        print_message("%s\n", cases[i].name);
        assert_code(desk, cases[i].name, cases[i].content, VERDICT_OK);
        assert_int_equal(desk->file.kind, cases[i].kind);
        assert_int_equal(desk->file.signatures.count, cases[i].signatures);
        assert_true(signed_file_is(buffer_view(&desk->bytes)));
    }
}

static void every_signature_of_a_program_is_judged(void **state)
{
    static const struct {
        const char *name;
        size_t signatures;
    } cases[] = {{"signed.exe", 1}, {"several.exe", 2}, {"nested.exe", 2},
        {"short-stamped.exe", 1}, {"short-counter.exe", 1}};
    struct desk *desk = *state;

    desk->question.purpose = CHAIN_CODE_SIGNING;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        print_message("%s\n", cases[i].name);
        assert_code(desk, cases[i].name, NULL, VERDICT_OK);
        assert_int_equal(desk->file.kind, SIGNED_FILE_PROGRAM);
        assert_int_equal(desk->file.signatures.count, cases[i].signatures);
        for (size_t j = 0; j < cases[i].signatures; j++)
            assert_true(desk->file.signatures.all[j]->verdict.valid);
    }
}

static void the_facts_of_a_signature_are_told(void **state)
{
    struct desk *desk = *state;
    const struct signature_verdict *signature = NULL;

    assert_code(desk, "attached.der", NULL, VERDICT_OK);
    signature = desk->file.signatures.all[0];
    assert_non_null(strstr(signature->signer, "CN=signer"));
    assert_string_equal(signature->digest, "SHA256");
    assert_true(signature->has_signing_time);
    assert_false(signature->is_stamped);
    assert_true(signature->certificate.length > 0);
}

/* --- kb 96, 99: what does not, each with its own code --------------------- */

static void kb096_kb099_no_signature_is_told_as_none(void **state)
{
    static const char *const names[] = {
        "content.txt", "plain.exe", "unsigned.der", "encrypted.der"};
    struct desk *desk = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        print_message("%s\n", names[i]);
        assert_code(desk, names[i], NULL, VERDICT_NO_SIGNATURE);
        assert_int_equal(signed_file_verdict(&desk->file)->rule, RULE_SIGNED);
    }
    assert_non_null(strstr(
        signed_file_verdict(&desk->file)->sentence, "which is encrypted"));
}

static void kb096_each_cause_has_its_own_code(void **state)
{
    struct desk *desk = *state;

    desk->question.purpose = CHAIN_CODE_SIGNING;
    assert_code(desk, "plain.exe", NULL, VERDICT_NO_SIGNATURE);
    read_signed("signed.exe", &desk->bytes);
    desk->bytes.start[0x210] ^= 1;
    assert_code_of_bytes(desk, NULL, VERDICT_CONTENT_ALTERED);
    desk->question.roots = desk->strangers;
    assert_code(desk, "signed.exe", NULL, VERDICT_ISSUER_MISSING);
    desk->question.roots = desk->roots;
    desk->question.time = SIGNED_AFTER;
    assert_code(desk, "short.exe", NULL, VERDICT_EXPIRED_WITHOUT_TIMESTAMP);
    assert_non_null(strstr(signed_file_verdict(&desk->file)->sentence,
        "no time-stamp says that it signed before"));
    assert_non_null(
        strstr(signed_file_verdict(&desk->file)->remedy, "time-stamp"));
}

static void a_signer_for_another_purpose_is_refused(void **state)
{
    struct desk *desk = *state;

    desk->question.purpose = CHAIN_EMAIL;
    assert_code(desk, "server.der", NULL, VERDICT_USAGE_MISMATCH);
    desk->question.purpose = CHAIN_ANY_PURPOSE;
    assert_code(desk, "server.der", NULL, VERDICT_OK);
}

static void a_signer_whose_certificate_is_missing_is_told_as_that(void **state)
{
    struct desk *desk = *state;

    assert_code(desk, "nocerts.der", NULL, VERDICT_ISSUER_MISSING);
    assert_int_equal(signed_file_verdict(&desk->file)->rule, RULE_SIGNER_FOUND);
    add_file(desk->given, "signer.crt", &desk->signer);
    add_file(desk->given, "authority.crt", &desk->authority);
    desk->question.untrusted = desk->given;
    assert_code(desk, "nocerts.der", NULL, VERDICT_OK);
}

static void a_broken_digest_is_refused_only_where_the_content_is_the_same(
    void **state)
{
    struct desk *desk = *state;

    assert_code(desk, "sha1.der", NULL, VERDICT_ALGORITHM_REFUSED);
    assert_code(desk, "sha1.exe", NULL, VERDICT_ALGORITHM_REFUSED);
    read_signed("sha1.exe", &desk->bytes);
    desk->bytes.start[0x210] ^= 1;
    assert_code_of_bytes(desk, NULL, VERDICT_CONTENT_ALTERED);
}

/* A signature over attributes is none over content that looks like them. */
static void signed_attributes_given_out_as_content_are_refused(void **state)
{
    struct desk *desk = *state;

    assert_code(desk, "attributes.der", NULL, VERDICT_MALFORMED);
    assert_non_null(strstr(signed_file_verdict(&desk->file)->sentence,
        "the content is itself a set of signed attributes"));
}

/* kb 96: a file that was cut was signed once. */
static void kb096_signed_data_that_was_cut_is_malformed(void **state)
{
    struct desk *desk = *state;

    read_signed("attached.der", &desk->bytes);
    desk->bytes.length -= 9;
    assert_true(signed_file_is(buffer_view(&desk->bytes)));
    assert_code_of_bytes(desk, NULL, VERDICT_MALFORMED);
    read_signed("stream.ber", &desk->bytes);
    desk->bytes.length -= 9;
    assert_code_of_bytes(desk, NULL, VERDICT_MALFORMED);
}

/* .p7b files are chains, for whoever asks about certificates. */
static void certificates_without_a_signer_are_no_signed_file(void **state)
{
    struct desk *desk = *state;

    read_signed("../input/openssl-chain.p7b", &desk->bytes);
    assert_false(signed_file_is(buffer_view(&desk->bytes)));
    read_signed("../input/openssl-chain.p7c", &desk->bytes);
    assert_false(signed_file_is(buffer_view(&desk->bytes)));
    read_signed("root.crt", &desk->bytes);
    assert_false(signed_file_is(buffer_view(&desk->bytes)));
    read_signed("unsigned.der", &desk->bytes);
    assert_true(signed_file_is(buffer_view(&desk->bytes)));
}

static void a_detached_signature_without_its_content_is_no_verdict(void **state)
{
    struct desk *desk = *state;
    struct failure why = {0};

    read_signed("detached.der", &desk->bytes);
    assert_false(signed_file_verify(
        buffer_view(&desk->bytes), NULL, &desk->question, &desk->file, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_non_null(strstr(why.reason, "--content FILE"));
}

static void signatures_beyond_the_files_budget_are_not_judged(void **state)
{
    RELEASED(signature_list)
    list = {.cpu_started_ms = clock_thread_cpu_ms() - SIGNATURES_CPU_MS};
    struct desk *desk = *state;
    struct cms_content content = {.count = 1};
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    read_signed("attached.der", &desk->bytes);
    assert_true(pkcs7_read(buffer_view(&desk->bytes), &pkcs7, &why));
    content.readings[0] = pkcs7.content;
    assert_true(cms_verify(&pkcs7, &content, &desk->question, SIGNATURE_OF_CMS,
        "the file", &list, &why));
    assert_int_equal(list.all[0]->verdict.code, VERDICT_BUDGET_EXCEEDED);
    assert_non_null(strstr(list.all[0]->verdict.sentence, "1000 ms of CPU"));
}

/* --- time-stamps ---------------------------------------------------------- */

static void with_a_time_stamp_a_signature_outlives_its_certificates(
    void **state)
{
    static const char *const names[] = {"short-stamper.der",
        "short-counter.der", "short-stamped.exe", "short-counter.exe"};
    struct desk *desk = *state;

    desk->question.time = SIGNED_AFTER;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        print_message("%s\n", names[i]);
        assert_code(desk, names[i], NULL, VERDICT_OK);
        assert_true(desk->file.signatures.all[0]->is_stamped);
        assert_non_null(
            strstr(desk->file.signatures.all[0]->stamps.all[0].authority,
                "CN=stamper"));
    }
    assert_code(desk, "short-stamped.exe", NULL, VERDICT_OK);
    assert_int_equal(desk->file.signatures.all[0]->stamped_at, STAMPED_AT);
}

static void a_time_stamp_that_does_not_hold_proves_nothing(void **state)
{
    static const struct {
        const char *name;
        enum verdict_code code;
        const char *evidence;
    } cases[] = {
        {"short-loose.der", VERDICT_USAGE_MISMATCH, "is not critical"},
        {"short-mixed.der", VERDICT_USAGE_MISMATCH,
            "is not for timeStamping alone"},
        {"short-stranger.der", VERDICT_ISSUER_MISSING, "stranger"},
        {"short-other.der", VERDICT_CONTENT_ALTERED,
            "the time-stamp is of other content"},
    };
    struct desk *desk = *state;

    desk->question.time = SIGNED_AFTER;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct stamp *stamp = NULL;

        print_message("%s\n", cases[i].name);
        assert_code(
            desk, cases[i].name, NULL, VERDICT_EXPIRED_WITHOUT_TIMESTAMP);
        stamp = &desk->file.signatures.all[0]->stamps.all[0];
        assert_false(stamp->is_valid);
        assert_int_equal(stamp->notes.code, cases[i].code);
        assert_non_null(strstr(stamp->notes.evidence, cases[i].evidence));
    }
}

static void a_stamp_of_a_time_that_has_not_come_does_not_count(void **state)
{
    struct desk *desk = *state;

    desk->question.time = STAMPED_AT - 3600;
    assert_code(desk, "short-stamped.exe", NULL, VERDICT_OK);
    assert_false(desk->file.signatures.all[0]->is_stamped);
    assert_int_equal(desk->file.signatures.all[0]->stamps.all[0].notes.code,
        VERDICT_NOT_YET_VALID);
}

static void a_time_stamp_alone_is_held_against_its_content(void **state)
{
    struct desk *desk = *state;

    assert_code(desk, "answer.tsr", "content.txt", VERDICT_OK);
    assert_int_equal(desk->file.kind, SIGNED_FILE_TIME_STAMP);
    assert_code(desk, "token.der", "content.txt", VERDICT_OK);
    assert_code(desk, "answer.tsr", "plain.exe", VERDICT_CONTENT_ALTERED);
    assert_code(desk, "sha1.tsr", "content.txt", VERDICT_ALGORITHM_REFUSED);
    desk->question.time = SIGNED_AFTER;
    assert_code(desk, "answer.tsr", "content.txt", VERDICT_EXPIRED);
}

/* --- revocation ----------------------------------------------------------- */

static void hold_list(struct desk *desk, const char *name)
{
    read_signed(name, &desk->list);
    status_source_read(buffer_view(&desk->list), name, false, &desk->source);
    desk->sources[0] = &desk->source;
    desk->question.sources = desk->sources;
    desk->question.source_count = 1;
    desk->question.revocation = CHAIN_REVOCATION_SOFT;
}

static void a_signer_revoked_after_the_stamp_still_counts(void **state)
{
    struct desk *desk = *state;

    hold_list(desk, "revoked-later.crl");
    assert_code(desk, "short-stamped.exe", NULL, VERDICT_OK);
    assert_code(desk, "short.exe", NULL, VERDICT_REVOKED);
    hold_list(desk, "revoked-earlier.crl");
    assert_code(desk, "short-stamped.exe", NULL, VERDICT_REVOKED);
}

int main(void)
{
#define DESK_TEST(test) \
    cmocka_unit_test_setup_teardown(test, desk_open, desk_close)
    const struct CMUnitTest tests[] = {
        DESK_TEST(every_form_that_openssl_writes_holds),
        DESK_TEST(every_signature_of_a_program_is_judged),
        DESK_TEST(the_facts_of_a_signature_are_told),
        DESK_TEST(kb096_kb099_no_signature_is_told_as_none),
        DESK_TEST(kb096_each_cause_has_its_own_code),
        DESK_TEST(a_signer_for_another_purpose_is_refused),
        DESK_TEST(a_signer_whose_certificate_is_missing_is_told_as_that),
        DESK_TEST(
            a_broken_digest_is_refused_only_where_the_content_is_the_same),
        DESK_TEST(signed_attributes_given_out_as_content_are_refused),
        DESK_TEST(kb096_signed_data_that_was_cut_is_malformed),
        DESK_TEST(certificates_without_a_signer_are_no_signed_file),
        DESK_TEST(a_detached_signature_without_its_content_is_no_verdict),
        DESK_TEST(signatures_beyond_the_files_budget_are_not_judged),
        DESK_TEST(with_a_time_stamp_a_signature_outlives_its_certificates),
        DESK_TEST(a_time_stamp_that_does_not_hold_proves_nothing),
        DESK_TEST(a_stamp_of_a_time_that_has_not_come_does_not_count),
        DESK_TEST(a_time_stamp_alone_is_held_against_its_content),
        DESK_TEST(a_signer_revoked_after_the_stamp_still_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
