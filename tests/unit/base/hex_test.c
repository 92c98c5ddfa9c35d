#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"

static void every_byte_is_written_in_lower_case_and_read_back(void **state)
{
    uint8_t bytes[256], again[256];
    char text[513];
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    hex_print((struct bytes){bytes, sizeof(bytes)}, text);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_string_equal(text + 508, "feff");
    assert_true(hex_read(text, again, sizeof(again), &length, &why));
    assert_int_equal(length, sizeof(bytes));
    assert_memory_equal(again, bytes, sizeof(bytes));
}

static void sixteen_digits_have_a_value_and_no_other_byte_has(void **state)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int found = 0;

    (void)state;
    for (int i = 0; i < 22; i++)
        assert_int_equal(
            hex_digit_value((uint8_t)digits[i]), i < 16 ? i : i - 6);
    for (int byte = 0; byte < 256; byte++)
        found += hex_digit_value((uint8_t)byte) != -1;
    assert_int_equal(found, 22);
}

static void digits_of_either_case_are_read(void **state)
{
    uint8_t bytes[3] = {0};
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    assert_true(hex_read("aBCdeF", bytes, 3, &length, &why));
    assert_int_equal(length, 3);
    assert_memory_equal(bytes, "\xab\xcd\xef", 3);
    assert_true(hex_read("", bytes, 0, &length, &why));
    assert_int_equal(length, 0);
}

static void refuse(const char *text, const char *reason)
{
    uint8_t bytes[3] = {7, 7, 7};
    size_t length = 99;
    struct failure why = {0};

    assert_false(hex_read(text, bytes, sizeof(bytes), &length, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_int_equal(length, 99);
    assert_int_equal(bytes[0], 7);
}

static void anything_else_is_refused_and_nothing_is_written(void **state)
{
    (void)state;
    refuse("12g4", "no hexadecimal digit at offset 2");
    refuse("12:34", "no hexadecimal digit at offset 2");
    refuse("0x12", "no hexadecimal digit at offset 1");
    refuse("12 ", "no hexadecimal digit at offset 2");
    refuse("\xc3\xa4", "no hexadecimal digit at offset 0");
    refuse("123", "an odd number of hexadecimal digits: 3");
    refuse("12345678", "4 bytes in hexadecimal where at most 3 belong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_written_in_lower_case_and_read_back),
        cmocka_unit_test(sixteen_digits_have_a_value_and_no_other_byte_has),
        cmocka_unit_test(digits_of_either_case_are_read),
        cmocka_unit_test(anything_else_is_refused_and_nothing_is_written),
    };

    return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}
