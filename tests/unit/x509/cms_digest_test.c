#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "x509/cms_digest.h"
#include "x509/pkcs7_oid.h"

#define SHA2(last) CONTENTS("\x60\x86\x48\x01\x65\x03\x04\x02" last)
#define RSA_NAMED "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"

static struct algorithm_identifier read_algorithm(struct bytes whole)
{
    struct der_reader reader = der_reader_of(whole);
    struct algorithm_identifier algorithm = {0};
    struct failure why = {0};

    assert_true(algorithm_identifier_read(&reader, &algorithm, &why));
    return algorithm;
}

/* FIPS 180-4, "abc". */
static void parts_are_hashed_one_after_the_other(void **state)
{
    const struct bytes parts[] = {bytes_of_text("a"), bytes_of_text("bc")};
    uint8_t value[EVP_MAX_MD_SIZE] = {0};
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    assert_true(cms_digest_compute(
        cms_digest_of(SHA2("\x01")), parts, 2, value, &length, &why));
    hex_print((struct bytes){.start = value, .length = length}, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
                              "b410ff61f20015ad");
}

static void old_digests_are_known_and_called_broken(void **state)
{
    (void)state;
    assert_true(cms_digest_of(CONTENTS("\x2b\x0e\x03\x02\x1a"))->is_broken);
    assert_true(
        cms_digest_of(CONTENTS("\x2a\x86\x48\x86\xf7\x0d\x02\x05"))->is_broken);
    assert_false(cms_digest_of(SHA2("\x01"))->is_broken);
    assert_null(cms_digest_of(SHA2("\x7f")));
}

/* RFC 3370, 3.2: rsaEncryption and a digest are one algorithm. */
static void a_kind_of_key_takes_the_digest_beside_it(void **state)
{
    struct algorithm_identifier algorithm =
        read_algorithm(CONTENTS(RSA_NAMED "\x01\x05\x00"));
    struct bytes combined = {0};
    struct failure why = {0};

    (void)state;
    assert_true(cms_signature_algorithm(
        &algorithm, cms_digest_of(SHA2("\x02")), &combined, &why));
    assert_true(bytes_equal(combined, CONTENTS(RSA_NAMED "\x0c\x05\x00")));
}

static void a_whole_algorithm_stays_as_it_is(void **state)
{
    struct algorithm_identifier algorithm =
        read_algorithm(CONTENTS(RSA_NAMED "\x0b\x05\x00"));
    struct bytes combined = {0};
    struct failure why = {0};

    (void)state;
    assert_true(cms_signature_algorithm(
        &algorithm, cms_digest_of(SHA2("\x01")), &combined, &why));
    assert_ptr_equal(combined.start, algorithm.whole.start);
    algorithm = read_algorithm(CONTENTS("\x30\x05\x06\x03\x2b\x65\x70"));
    assert_true(cms_signature_algorithm(
        &algorithm, cms_digest_of(SHA2("\x03")), &combined, &why));
    assert_ptr_equal(combined.start, algorithm.whole.start);
}

static void an_algorithm_with_another_digest_is_refused(void **state)
{
    struct algorithm_identifier algorithm =
        read_algorithm(CONTENTS(RSA_NAMED "\x0b\x05\x00"));
    struct bytes combined = {0};
    struct failure why = {0};

    (void)state;
    assert_false(cms_signature_algorithm(
        &algorithm, cms_digest_of(SHA2("\x02")), &combined, &why));
    assert_string_equal(why.reason,
        "the signature is made with sha256WithRSAEncryption, and SHA384 is "
        "named as its digest");
}

static void a_pair_that_no_standard_has_is_refused(void **state)
{
    struct algorithm_identifier algorithm =
        read_algorithm(CONTENTS(RSA_NAMED "\x01\x05\x00"));
    struct bytes combined = {0};
    struct failure why = {0};

    (void)state;
    assert_false(cms_signature_algorithm(
        &algorithm, cms_digest_of(SHA2("\x08")), &combined, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_hashed_one_after_the_other),
        cmocka_unit_test(old_digests_are_known_and_called_broken),
        cmocka_unit_test(a_kind_of_key_takes_the_digest_beside_it),
        cmocka_unit_test(a_whole_algorithm_stays_as_it_is),
        cmocka_unit_test(an_algorithm_with_another_digest_is_refused),
        cmocka_unit_test(a_pair_that_no_standard_has_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
