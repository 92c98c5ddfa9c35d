#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"
#include "input_fixture.h"
#include "x509/ber.h"
#include "x509/pkcs7.h"

/* Blanks between the pairs are for the eye. */
static size_t bytes_of_hex(const char *text, uint8_t *bytes)
{
    char digits[512];
    size_t count = 0;
    size_t length = 0;
    struct failure why = {0};

    for (; *text != '\0'; text++) {
        if (*text != ' ')
            digits[count++] = *text;
    }
    digits[count] = '\0';
    assert_true(hex_read(digits, bytes, 256, &length, &why));
    return length;
}

static void assert_transcoded(const char *ber, const char *der)
{
    RELEASED(buffer) found = OBJECT_BUFFER();
    uint8_t given[256];
    uint8_t wanted[256];
    struct failure why = {0};
    struct bytes from = {given, bytes_of_hex(ber, given)};
    struct bytes to = {wanted, bytes_of_hex(der, wanted)};

    print_message("%s\n", ber);
    if (!ber_to_der(from, &found, &why))
        fail_msg("%s", why.reason);
    assert_bytes(buffer_view(&found), to);
}

static void assert_refused(
    const char *ber, enum failure_kind kind, const char *reason)
{
    RELEASED(buffer) found = OBJECT_BUFFER();
    uint8_t given[256];
    struct failure why = {0};
    struct bytes from = {given, bytes_of_hex(ber, given)};

    assert_false(ber_to_der(from, &found, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, kind);
    assert_int_equal(found.length, 0);
}

/* --- forms ---------------------------------------------------------------- */

static void an_indefinite_length_becomes_definite_at_every_depth(void **state)
{
    (void)state;
    assert_transcoded("30 80 00 00", "30 00");
    assert_transcoded("30 80 02 01 05 00 00", "30 03 02 01 05");
    assert_transcoded(
        "30 80 31 80 05 00 00 00 04 01 aa 00 00", "30 07 31 02 05 00 04 01 aa");
    assert_transcoded("30 07 31 80 02 01 05 00 00", "30 05 31 03 02 01 05");
}

static void a_length_written_long_becomes_short(void **state)
{
    (void)state;
    assert_transcoded("30 81 03 02 01 05", "30 03 02 01 05");
    assert_transcoded("30 84 00 00 00 03 02 01 05", "30 03 02 01 05");
    assert_transcoded("04 82 00 01 aa", "04 01 aa");
}

static void a_string_in_parts_becomes_one(void **state)
{
    (void)state;
    assert_transcoded("24 80 04 02 aa bb 04 01 cc 00 00", "04 03 aa bb cc");
    assert_transcoded("24 07 04 02 aa bb 04 01 cc", "04 03 aa bb cc");
    assert_transcoded(
        "24 80 24 80 04 01 aa 00 00 04 00 04 01 bb 00 00", "04 02 aa bb");
    /* X.690, 8.23.6: the parts of a text are OCTET STRINGs. */
    assert_transcoded(
        "3a 09 04 03 4a 6f 6e 04 02 65 73", "1a 05 4a 6f 6e 65 73");
    assert_transcoded("24 80 00 00", "04 00");
}

static void what_cms_encrypts_in_parts_becomes_one(void **state)
{
    (void)state;
    assert_transcoded(
        "30 80 06 01 2a 30 00 a0 80 04 01 aa 04 01 bb 00 00 00 00",
        "30 09 06 01 2a 30 00 80 02 aa bb");
    /* Behind anything else [0] is a tag around what it holds. */
    assert_transcoded("30 80 06 01 2a a0 80 04 01 aa 00 00 00 00",
        "30 08 06 01 2a a0 03 04 01 aa");
}

/* --- what is signed ------------------------------------------------------- */

/* The certificate's length is written long; rewriting it would break its
 * signature, and who reads it then would say so (Q305929). */
static void a_certificate_within_keeps_its_bytes(void **state)
{
    (void)state;
    assert_transcoded(
        "30 80 06 01 2a a0 80 30 80 02 01 01 31 80 00 00"
        "a0 80 30 81 03 02 01 05 00 00 31 80 00 00 00 00 00 00 00 00",
        "30 16 06 01 2a a0 11 30 0f 02 01 01 31 00"
        "a0 06 30 81 03 02 01 05 31 00");
}

static void a_signers_attributes_keep_their_bytes_and_order(void **state)
{
    (void)state;
    assert_transcoded(
        "30 80 06 01 2a a0 80 30 80 02 01 01 31 00 31 80 30 80 02 01 01"
        "a0 07 30 02 05 00 30 81 00 00 00 00 00 00 00 00 00 00 00",
        "30 1c 06 01 2a a0 17 30 15 02 01 01 31 00 31 0e 30 0c 02 01 01"
        "a0 07 30 02 05 00 30 81 00");
}

static void der_comes_out_as_it_went_in(void **state)
{
    static const char *const files[] = {"openssl.der", "inter.crl", "cms.der",
        "smime.der", "cms-two-signers.der", "openssl-chain.p7c", "request.der",
        "cms-enveloped.der", "key-pkcs8.der", "openssl.p12"};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        RELEASED(buffer) found = OBJECT_BUFFER();
        struct failure why = {0};

        print_message("%s\n", files[i]);
        read_object(files[i], &file);
        assert_false(ber_is_indefinite(buffer_view(&file)));
        assert_true(ber_to_der(buffer_view(&file), &found, &why));
        assert_bytes(buffer_view(&found), buffer_view(&file));
    }
}

static void what_openssl_streams_is_read_with_its_signers(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) der = OBJECT_BUFFER();
    struct pkcs7 pkcs7 = {0};
    struct pkcs7_signer signer = {0};
    struct bytes certificate = {0};
    struct failure why = {0};

    (void)state;
    read_object("cms-ber.der", &file);
    assert_true(ber_is_indefinite(buffer_view(&file)));
    assert_false(pkcs7_read(buffer_view(&file), &pkcs7, &why));
    assert_true(ber_to_der(buffer_view(&file), &der, &why));
    assert_true(pkcs7_read(buffer_view(&der), &pkcs7, &why));
    assert_true(pkcs7_next_signer(&pkcs7.signers, &signer, &why));
    assert_true(
        pkcs7_next_certificate(&pkcs7.certificates, &certificate, &why));
    assert_true(certificate.length > 0);
}

/* --- refusals ------------------------------------------------------------- */

static void damage_is_named_with_its_offset(void **state)
{
    static const struct {
        const char *ber, *reason;
    } cases[] = {
        {"30", "an element is cut off at offset 1"},
        {"30 80 02 01 05", "an indefinite length has no end at offset 5"},
        {"30 80 00 01", "an end of contents has contents at offset 2"},
        {"30 03 02 01", "an element reaches beyond its end at offset 2"},
        {"30 02 00 00", "an end of contents stands where none is at offset 3"},
        {"04 80 00 00", "a primitive has an indefinite length at offset 2"},
        {"1f 81 01 00", "a tag is longer than one byte at offset 1"},
        {"30 00 00", "bytes are left over at offset 2"},
        {"24 03 02 01 05",
            "a string in parts holds what is no OCTET STRING at offset 4"},
        {"23 04 03 02 00 aa", "a BIT STRING in parts is not read at offset 2"},
        {"30 89 01 00 00 00 00 00 00 00 00",
            "an element reaches beyond its end at offset 8"},
        {"30 82 01", "an element is cut off at offset 3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_refused(cases[i].ber, FAILURE_MALFORMED, cases[i].reason);
}

static void every_cut_of_a_file_is_refused(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    struct failure why = {0};

    (void)state;
    read_object("cms-ber.der", &file);
    for (size_t length = 0; length < file.length; length++) {
        RELEASED(buffer) der = OBJECT_BUFFER();

        assert_false(
            ber_to_der((struct bytes){file.start, length}, &der, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

static void depth_elements_and_size_have_limits(void **state)
{
    RELEASED(buffer) deep = OBJECT_BUFFER();
    RELEASED(buffer) many = OBJECT_BUFFER();
    RELEASED(buffer) der = OBJECT_BUFFER();
    static const uint8_t opened[] = {0x30, 0x80};
    static const uint8_t empty[] = {0x05, 0x00};
    struct failure why = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_true(buffer_append(&deep, (struct bytes){opened, 2}, &why));
    assert_false(ber_to_der(buffer_view(&deep), &der, &why));
    assert_string_equal(
        why.reason, "the BER is nested deeper than 32, which is the limit");
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);

    assert_true(buffer_append(&many, (struct bytes){opened, 2}, &why));
    for (int i = 0; i < BER_ELEMENTS_MAX; i++)
        assert_true(buffer_append(&many, (struct bytes){empty, 2}, &why));
    assert_false(ber_to_der(buffer_view(&many), &der, &why));
    assert_string_equal(why.reason,
        "the BER has more than 200000 elements, which is the limit");

    assert_false(ber_to_der(
        (struct bytes){many.start, (size_t)BER_MAX + 1}, &der, &why));
    assert_string_equal(
        why.reason, "the BER has more than 16777216 bytes, which is the limit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_indefinite_length_becomes_definite_at_every_depth),
        cmocka_unit_test(a_length_written_long_becomes_short),
        cmocka_unit_test(a_string_in_parts_becomes_one),
        cmocka_unit_test(what_cms_encrypts_in_parts_becomes_one),
        cmocka_unit_test(a_certificate_within_keeps_its_bytes),
        cmocka_unit_test(a_signers_attributes_keep_their_bytes_and_order),
        cmocka_unit_test(der_comes_out_as_it_went_in),
        cmocka_unit_test(what_openssl_streams_is_read_with_its_signers),
        cmocka_unit_test(damage_is_named_with_its_offset),
        cmocka_unit_test(every_cut_of_a_file_is_refused),
        cmocka_unit_test(depth_elements_and_size_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
