#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/message.h"

enum { TAG_NAME = 1, TAG_COUNT = 2, TAG_PART = 3 };

static void fields_come_back_in_order_and_may_repeat(void **state)
{
    RELEASED(buffer) message = BUFFER("message", 100);
    struct failure why = {0};
    struct field field = {0};
    struct reader reader;
    uint64_t number = 0;
    char text[8];

    (void)state;
    assert_true(message_add_text(&message, TAG_NAME, "leaf", &why));
    assert_true(message_add_number(&message, TAG_COUNT, UINT64_MAX - 1, &why));
    assert_true(message_add(&message, TAG_PART, (struct bytes){0}, &why));
    assert_true(message_add_text(&message, TAG_PART, "two", &why));

    reader = reader_of(buffer_view(&message));
    assert_true(message_next(&reader, &field, &why));
    assert_int_equal(field.tag, TAG_NAME);
    assert_true(field_text(&field, text, 5, &why));
    assert_string_equal(text, "leaf");
    assert_true(message_next(&reader, &field, &why));
    assert_true(field_number(&field, &number, &why));
    assert_true(number == UINT64_MAX - 1);
    assert_true(message_next(&reader, &field, &why));
    assert_int_equal(field.value.length, 0);
    assert_true(field_text(&field, text, 1, &why));
    assert_string_equal(text, "");
    assert_true(message_next(&reader, &field, &why));
    assert_int_equal(field.tag, TAG_PART);
    assert_true(reader_at_end(&reader));
}

static void a_field_is_written_as_tag_length_and_value(void **state)
{
    static const uint8_t expected[] = {7, 0, 0, 0, 2, 'h', 'i'};
    RELEASED(buffer) message = BUFFER("message", 7);
    struct failure why = {0};

    (void)state;
    assert_true(message_add_text(&message, 7, "hi", &why));
    assert_int_equal(message.length, sizeof(expected));
    assert_memory_equal(message.start, expected, sizeof(expected));
}

static void a_field_above_the_ceiling_is_not_added_in_part(void **state)
{
    RELEASED(buffer) message = BUFFER("sign request", 12);
    struct failure why = {0};

    (void)state;
    assert_true(message_add_text(&message, 1, "a", &why));
    assert_false(message_add_text(&message, 1, "ab", &why));
    assert_string_equal(
        why.reason, "sign request is longer than its ceiling of 12 bytes");
    assert_int_equal(message.length, 6);
    assert_true(message_add_text(&message, 1, "b", &why));
}

static void refuse_next(struct bytes bytes, const char *reason)
{
    struct reader reader = reader_of(bytes);
    struct failure why = {0};
    struct field field = {.tag = 99};

    assert_false(message_next(&reader, &field, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_int_equal(field.tag, 99);
    assert_int_equal(reader.position, 0);
}

static void a_cut_field_is_refused_with_its_offset(void **state)
{
    static const uint8_t whole[] = {1, 0, 0, 0, 3, 'a', 'b', 'c'};

    (void)state;
    refuse_next((struct bytes){0},
        "a number of 1 bytes was expected at offset 0, 0 are left");
    refuse_next((struct bytes){whole, 4},
        "a number of 4 bytes was expected at offset 1, 3 are left");
    refuse_next((struct bytes){whole, 7},
        "3 bytes were expected at offset 5, 2 are left");
}

static void a_length_of_four_gigabytes_is_refused(void **state)
{
    static const uint8_t huge[] = {1, 0xff, 0xff, 0xff, 0xff, 'a'};

    (void)state;
    refuse_next((struct bytes){huge, sizeof(huge)},
        "4294967295 bytes were expected at offset 5, 1 are left");
}

static void a_number_has_exactly_eight_bytes(void **state)
{
    static const uint8_t nine[9] = {0};
    struct failure why = {0};
    uint64_t number = 5;

    (void)state;
    for (size_t length = 0; length <= 9; length++) {
        struct field field = {.tag = 4, .value = {nine, length}};

        assert_int_equal(field_number(&field, &number, &why), length == 8);
    }
    assert_string_equal(
        why.reason, "field 4 has 9 bytes where a number of 8 belongs");
}

static void a_text_that_does_not_fit_or_hides_a_zero_is_refused(void **state)
{
    struct field field = {.tag = 4, .value = bytes_of_text("abcd")};
    struct failure why = {0};
    char text[5] = "old";

    (void)state;
    assert_false(field_text(&field, text, 4, &why));
    assert_string_equal(
        why.reason, "the text in field 4 has 4 bytes where at most 3 belong");
    field.value = (struct bytes){(const uint8_t *)"a\0b", 3};
    assert_false(field_text(&field, text, sizeof(text), &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(
        why.reason, "the text in field 4 has a zero byte within");
    assert_string_equal(text, "old");
}

static void numbers_are_big_endian(void **state)
{
    static const uint8_t expected[] = {
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xfe};
    RELEASED(buffer) buffer = BUFFER("numbers", 100);
    struct failure why = {0};
    struct reader reader;
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;

    (void)state;
    assert_true(append_u16(&buffer, 0x0102, &why));
    assert_true(append_u32(&buffer, 0x03040506, &why));
    assert_true(append_u64(&buffer, UINT64_C(0x0102030405060708), &why));
    assert_true(buffer_append_byte(&buffer, 0xfe, &why));
    assert_int_equal(buffer.length, sizeof(expected));
    assert_memory_equal(buffer.start, expected, sizeof(expected));

    reader = reader_of(buffer_view(&buffer));
    assert_true(read_u16(&reader, &u16, &why) && u16 == 0x0102);
    assert_true(read_u32(&reader, &u32, &why) && u32 == 0x03040506);
    assert_true(
        read_u64(&reader, &u64, &why) && u64 == UINT64_C(0x0102030405060708));
    assert_int_equal(reader_left(&reader), 1);
    assert_true(read_u8(&reader, &u8, &why) && u8 == 0xfe);
    assert_true(reader_at_end(&reader));
    assert_false(read_u8(&reader, &u8, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_back_in_order_and_may_repeat),
        cmocka_unit_test(a_field_is_written_as_tag_length_and_value),
        cmocka_unit_test(a_field_above_the_ceiling_is_not_added_in_part),
        cmocka_unit_test(a_cut_field_is_refused_with_its_offset),
        cmocka_unit_test(a_length_of_four_gigabytes_is_refused),
        cmocka_unit_test(a_number_has_exactly_eight_bytes),
        cmocka_unit_test(a_text_that_does_not_fit_or_hides_a_zero_is_refused),
        cmocka_unit_test(numbers_are_big_endian),
    };

    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
