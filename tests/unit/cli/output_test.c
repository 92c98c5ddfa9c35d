#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "authority/certificate_row.h"
#include "authority/facts.h"
#include "cli/output.h"

static void every_kind_of_failure_has_its_exit_code_and_word(void **state)
{
    static const struct {
        enum failure_kind kind;
        int status;
        const char *code;
    } rows[] = {
        {FAILURE_MALFORMED, 3, "malformed"},
        {FAILURE_UNAUTHENTICATED, 4, "not-authenticated"},
        {FAILURE_FORBIDDEN, 4, "not-allowed"},
        {FAILURE_UNSUITABLE, 5, "refused"},
        {FAILURE_NOT_FOUND, 6, "not-found"},
        {FAILURE_CONFLICT, 7, "conflict"},
        {FAILURE_UNAVAILABLE, 8, "unavailable"},
        {FAILURE_INTERNAL, 9, "internal"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(exit_code(rows[i].kind), rows[i].status);
        assert_string_equal(failure_code(rows[i].kind), rows[i].code);
    }
}

static void a_text_that_is_no_utf8_is_told_visibly_in_json(void **state)
{
    SCOPED(json_t) *value = json_of_text("/tmp/\xff");
    SCOPED(json_t) *plain = json_of_text("/tmp/\xc3\xa4");

    (void)state;
    assert_string_equal(json_string_value(value), "/tmp/\\x{ff}");
    assert_string_equal(json_string_value(plain), "/tmp/\xc3\xa4");
}

static void a_fingerprint_is_pairs_in_capitals(void **state)
{
    char text[FINGERPRINT_TEXT];
    char sha256[SHA256_TEXT];

    (void)state;
    memset(sha256, 'a', SHA256_TEXT - 1);
    sha256[SHA256_TEXT - 1] = 0;
    memcpy(sha256, "09f", 3);
    fingerprint_print(sha256, text);
    assert_int_equal(strlen(text), 95);
    assert_memory_equal(text, "09:FA:AA", 8);
    assert_string_equal(text + 87, "AA:AA:AA");
}

static void a_valid_certificate_after_its_end_is_told_as_expired(void **state)
{
    struct certificate_row row = {.not_after = 1000};

    (void)state;
    clock_set(1000);
    assert_string_equal(certificate_row_status(&row), "valid");
    clock_set(1001);
    assert_string_equal(certificate_row_status(&row), "expired");
    row.status = CERTIFICATE_REVOKED;
    assert_string_equal(certificate_row_status(&row), "revoked");
    row.status = CERTIFICATE_HELD;
    assert_string_equal(certificate_row_status(&row), "held");
    clock_follow_the_machine();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_failure_has_its_exit_code_and_word),
        cmocka_unit_test(a_text_that_is_no_utf8_is_told_visibly_in_json),
        cmocka_unit_test(a_fingerprint_is_pairs_in_capitals),
        cmocka_unit_test(a_valid_certificate_after_its_end_is_told_as_expired),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
