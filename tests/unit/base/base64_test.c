#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/base64.h"

/* RFC 4648, 10. */
static const struct {
    const char *bytes, *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};
#define VECTOR_COUNT (sizeof(vectors) / sizeof(vectors[0]))

static void the_vectors_of_rfc_4648_hold_both_ways(void **state)
{
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        RELEASED(buffer) text = BUFFER("text", strlen(vectors[i].text));
        RELEASED(buffer) bytes = BUFFER("bytes", strlen(vectors[i].bytes));

        assert_true(
            base64_append(&text, bytes_of_text(vectors[i].bytes), 0, &why));
        assert_true(
            bytes_equal(buffer_view(&text), bytes_of_text(vectors[i].text)));
        assert_true(base64_read(buffer_view(&text), &bytes, &why));
        assert_true(
            bytes_equal(buffer_view(&bytes), bytes_of_text(vectors[i].bytes)));
    }
}

static void every_value_at_every_place_comes_back(void **state)
{
    uint8_t value[259];
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(value); i++)
        value[i] = (uint8_t)(i * 7);
    for (size_t length = 0; length <= sizeof(value); length++) {
        RELEASED(buffer) text = BUFFER("text", 1000);
        RELEASED(buffer) bytes = BUFFER("bytes", length);
        struct bytes view = {value, length};

        assert_true(base64_append(&text, view, 64, &why));
        assert_true(base64_read(buffer_view(&text), &bytes, &why));
        assert_true(bytes_equal(buffer_view(&bytes), view));
    }
}

static void each_line_has_its_length_and_a_newline(void **state)
{
    RELEASED(buffer) text = BUFFER("text", 100);
    struct failure why = {0};

    (void)state;
    assert_true(base64_append(&text, bytes_of_text("foobar"), 4, &why));
    assert_true(base64_append(&text, bytes_of_text("fooba"), 6, &why));
    assert_true(base64_append(&text, bytes_of_text(""), 6, &why));
    assert_true(bytes_equal(
        buffer_view(&text), bytes_of_text("Zm9v\nYmFy\nZm9vYm\nE=\n")));
}

static void white_space_is_passed_over(void **state)
{
    RELEASED(buffer) bytes = BUFFER("bytes", 6);
    struct failure why = {0};

    (void)state;
    assert_true(
        base64_read(bytes_of_text(" Zm\r\n9v\tY m E\n=\n "), &bytes, &why));
    assert_true(bytes_equal(buffer_view(&bytes), bytes_of_text("fooba")));
}

static void refuse(struct bytes text, const char *reason)
{
    RELEASED(buffer) bytes = BUFFER("bytes", 100);
    struct failure why = {0};

    assert_true(buffer_append_text(&bytes, "before", &why));
    assert_false(base64_read(text, &bytes, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_true(bytes_equal(buffer_view(&bytes), bytes_of_text("before")));
}

static void a_stranger_is_refused_with_its_offset(void **state)
{
    (void)state;
    refuse(bytes_of_text("Zm9vYm-y"),
        "base64: a character that is not in the alphabet at offset 6");
    refuse((struct bytes){(const uint8_t *)"Zm9v\0", 5},
        "base64: a character that is not in the alphabet at offset 4");
    refuse(bytes_of_text("Zm9v\xff"),
        "base64: a character that is not in the alphabet at offset 4");
    refuse(bytes_of_text("\vZm9v"),
        "base64: a character that is not in the alphabet at offset 0");
}

static void padding_stands_only_at_the_end_and_is_needed(void **state)
{
    (void)state;
    refuse(bytes_of_text("Zm9vZg"),
        "base64: a group of four characters is cut off at offset 6");
    refuse(bytes_of_text("Zg="),
        "base64: a group of four characters is cut off at offset 3");
    refuse(bytes_of_text("Z==="),
        "base64: padding where no padding belongs at offset 1");
    refuse(bytes_of_text("Zm9v===="),
        "base64: padding where no padding belongs at offset 4");
    refuse(bytes_of_text("Zg=v"),
        "base64: a character after the padding at offset 3");
    refuse(bytes_of_text("Zg==\nZm9v"),
        "base64: a character after the padding at offset 5");
    refuse(bytes_of_text("Zg==="),
        "base64: a character after the padding at offset 4");
}

static void spare_bits_are_zero(void **state)
{
    (void)state;
    refuse(bytes_of_text("Zh=="),
        "base64: spare bits that are not zero at offset 3");
    refuse(bytes_of_text("Zm9="),
        "base64: spare bits that are not zero at offset 3");
}

static void a_result_above_the_ceiling_is_refused(void **state)
{
    RELEASED(buffer) bytes = BUFFER("certificate", 5);
    RELEASED(buffer) text = BUFFER("line", 7);
    struct failure why = {0};

    (void)state;
    assert_false(base64_read(bytes_of_text("Zm9vYmFy"), &bytes, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(bytes.length, 0);
    assert_false(base64_append(&text, bytes_of_text("foobar"), 0, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(text.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4648_hold_both_ways),
        cmocka_unit_test(every_value_at_every_place_comes_back),
        cmocka_unit_test(each_line_has_its_length_and_a_newline),
        cmocka_unit_test(white_space_is_passed_over),
        cmocka_unit_test(a_stranger_is_refused_with_its_offset),
        cmocka_unit_test(padding_stands_only_at_the_end_and_is_needed),
        cmocka_unit_test(spare_bits_are_zero),
        cmocka_unit_test(a_result_above_the_ceiling_is_refused),
    };

    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
