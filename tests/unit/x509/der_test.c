#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "x509/der.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

static void an_element_is_read_and_passed(void **state)
{
    struct der_reader reader =
        der_reader_of(BYTES(0x30, 0x03, 0x02, 0x01, 0x05, 0x05, 0x00));
    struct der_reader sequence = {0};
    struct der_reader integer = {0};
    struct failure why = {0};

    (void)state;
    assert_true(der_read(&reader, DER_SEQUENCE, &sequence, &why));
    assert_int_equal(der_peek(&sequence), DER_INTEGER);
    assert_true(der_read(&sequence, DER_INTEGER, &integer, &why));
    assert_true(der_at_end(&sequence));
    assert_int_equal(der_peek(&sequence), -1);
    assert_int_equal(der_remaining(&integer).length, 1);
    assert_int_equal(der_remaining(&integer).start[0], 5);
    assert_int_equal(der_remaining(&reader).length, 2);
    assert_int_equal(der_remaining(&sequence).length, 0);
}

static void what_is_not_der_is_refused_with_its_offset(void **state)
{
    const struct {
        const char *reason;
        struct bytes encoding;
    } refusals[] = {
        {"an element is cut off at offset 0", {0}},
        {"an element is cut off at offset 1", BYTES(0x30)},
        {"an element is cut off at offset 3", BYTES(0x30, 0x82, 0x01)},
        {"tag 0x31 where 0x30 belongs, at offset 0", BYTES(0x31, 0x00)},
        {"an indefinite length is not DER at offset 2",
            BYTES(0x30, 0x80, 0x00, 0x00)},
        {"a length is longer than 4 bytes at offset 2",
            BYTES(0x30, 0x85, 1, 0, 0, 0, 0)},
        {"a length starts with a zero at offset 3",
            BYTES(0x30, 0x82, 0x00, 0x80)},
        {"a short length is written long at offset 3", BYTES(0x30, 0x81, 0x7f)},
        {"an element reaches beyond its end at offset 2",
            BYTES(0x30, 0x02, 0x05)},
        {"an element reaches beyond its end at offset 6",
            BYTES(0x30, 0x84, 0xff, 0xff, 0xff, 0xff)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct der_reader reader = der_reader_of(refusals[i].encoding);
        struct der_reader contents = {0};
        struct failure why = {0};

        assert_false(der_read(&reader, DER_SEQUENCE, &contents, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, refusals[i].reason);
        assert_int_equal(reader.position, 0);
    }
}

static void an_inner_element_cannot_reach_beyond_the_outer_one(void **state)
{
    struct der_reader reader =
        der_reader_of(BYTES(0x30, 0x02, 0x04, 0x01, 0xaa));
    struct der_reader sequence = {0};
    struct der_reader contents = {0};
    struct failure why = {0};

    (void)state;
    assert_true(der_read(&reader, DER_SEQUENCE, &sequence, &why));
    assert_false(der_read(&sequence, DER_OCTET_STRING, &contents, &why));
    assert_string_equal(
        why.reason, "an element reaches beyond its end at offset 4");
}

static void contents_may_be_read_into_the_reader_itself(void **state)
{
    struct der_reader reader = der_reader_of(BYTES(0x30, 0x02, 0x05, 0x00));
    struct failure why = {0};

    (void)state;
    assert_true(der_read(&reader, DER_SEQUENCE, &reader, &why));
    assert_true(der_read(&reader, DER_NULL, &reader, &why));
    assert_true(der_at_end(&reader));
}

static void an_optional_element_says_whether_it_is_there(void **state)
{
    struct der_reader reader = der_reader_of(BYTES(0xa0, 0x02, 0x05, 0x00));
    struct der_reader contents = {0};
    struct failure why = {0};
    bool present = true;

    (void)state;
    assert_true(
        der_read_optional(&reader, DER_CONTEXT(0), &contents, &present, &why));
    assert_false(present);
    assert_true(der_read_optional(
        &reader, DER_CONTEXT_HOLDING(0), &contents, &present, &why));
    assert_true(present);
    assert_int_equal(der_peek(&contents), DER_NULL);
    assert_true(
        der_read_optional(&reader, DER_NULL, &contents, &present, &why));
    assert_false(present);
}

static void an_optional_element_that_is_there_must_be_whole(void **state)
{
    struct der_reader reader = der_reader_of(BYTES(0xa0, 0x02, 0x05));
    struct der_reader contents = {0};
    struct failure why = {0};
    bool present = false;

    (void)state;
    assert_false(der_read_optional(
        &reader, DER_CONTEXT_HOLDING(0), &contents, &present, &why));
    assert_false(present);
}

static void any_element_is_given_with_its_head(void **state)
{
    struct der_reader reader =
        der_reader_of(BYTES(0x05, 0x00, 0x0c, 0x01, 0x41));
    struct der_reader contents = {0};
    struct failure why = {0};
    struct bytes element = {0};
    uint8_t tag = 0;

    (void)state;
    assert_true(der_read_any(&reader, &tag, &contents, &element, &why));
    assert_int_equal(tag, DER_NULL);
    assert_true(der_read_any(&reader, &tag, &contents, &element, &why));
    assert_int_equal(tag, DER_UTF8_STRING);
    assert_true(bytes_equal(element, BYTES(0x0c, 0x01, 0x41)));
    assert_true(bytes_equal(der_remaining(&contents), BYTES(0x41)));
}

static void a_tag_of_several_bytes_is_refused(void **state)
{
    struct der_reader reader = der_reader_of(BYTES(0x1f, 0x81, 0x01, 0x00));
    struct der_reader contents = {0};
    struct failure why = {0};
    struct bytes element = {0};
    uint8_t tag = 0;

    (void)state;
    assert_false(der_read_any(&reader, &tag, &contents, &element, &why));
    assert_string_equal(
        why.reason, "a tag is longer than one byte at offset 0");
}

static void bytes_left_over_are_refused_by_name(void **state)
{
    struct der_reader reader = der_reader_of(BYTES(0x05, 0x00, 0xaa, 0xbb));
    struct der_reader contents = {0};
    struct failure why = {0};

    (void)state;
    assert_true(der_read(&reader, DER_NULL, &contents, &why));
    assert_true(der_finish(&contents, "a NULL", &why));
    assert_false(der_finish(&reader, "the certificate", &why));
    assert_string_equal(
        why.reason, "bytes are left over after the certificate at offset 2");
}

static void a_boolean_has_two_encodings(void **state)
{
    struct der_reader reader =
        der_reader_of(BYTES(0x01, 0x01, 0xff, 0x01, 0x01, 0x00));
    struct failure why = {0};
    bool value = false;

    (void)state;
    assert_true(der_read_boolean(&reader, &value, &why));
    assert_true(value);
    assert_true(der_read_boolean(&reader, &value, &why));
    assert_false(value);
}

static void integers_are_given_as_encoded(void **state)
{
    struct der_reader reader = der_reader_of(BYTES(0x02, 0x01, 0x00, 0x02, 0x02,
        0x00, 0x80, 0x02, 0x01, 0x80, 0x02, 0x02, 0xff, 0x7f));
    struct failure why = {0};
    struct bytes value = {0};

    (void)state;
    assert_true(der_read_integer(&reader, &value, &why));
    assert_true(bytes_equal(value, BYTES(0x00)));
    assert_true(der_read_integer(&reader, &value, &why));
    assert_true(bytes_equal(value, BYTES(0x00, 0x80)));
    assert_true(der_read_integer(&reader, &value, &why));
    assert_true(bytes_equal(value, BYTES(0x80)));
    assert_true(der_read_integer(&reader, &value, &why));
    assert_true(bytes_equal(value, BYTES(0xff, 0x7f)));
}

static void small_integers_end_at_two_to_the_31(void **state)
{
    struct der_reader reader = der_reader_of(
        BYTES(0x02, 0x01, 0x02, 0x02, 0x04, 0x7f, 0xff, 0xff, 0xff));
    struct failure why = {0};
    uint32_t value = 0;

    (void)state;
    assert_true(der_read_small_integer(&reader, &value, &why));
    assert_int_equal(value, 2);
    assert_true(der_read_small_integer(&reader, &value, &why));
    assert_int_equal(value, 0x7fffffff);
}

static void a_bit_string_is_given_without_its_count(void **state)
{
    struct der_reader reader =
        der_reader_of(BYTES(0x03, 0x02, 0x05, 0xa0, 0x03, 0x01, 0x00));
    struct failure why = {0};
    struct bytes bits = {0};
    uint8_t unused = 0;

    (void)state;
    assert_true(der_read_bit_string(&reader, &bits, &unused, &why));
    assert_true(bytes_equal(bits, BYTES(0xa0)));
    assert_int_equal(unused, 5);
    assert_true(der_read_bit_string(&reader, &bits, &unused, &why));
    assert_int_equal(bits.length, 0);
    assert_int_equal(unused, 0);
}

enum whole_element {
    A_BOOLEAN,
    AN_INTEGER,
    A_SMALL_INTEGER,
    A_BIT_STRING,
    AN_OID
};

static bool read_whole(
    enum whole_element kind, struct der_reader *reader, struct failure *why)
{
    struct bytes bytes = {0};
    uint32_t number = 0;
    uint8_t unused = 0;
    bool truth = false;

    switch (kind) {
    case A_BOOLEAN:
        return der_read_boolean(reader, &truth, why);
    case AN_INTEGER:
        return der_read_integer(reader, &bytes, why);
    case A_SMALL_INTEGER:
        return der_read_small_integer(reader, &number, why);
    case A_BIT_STRING:
        return der_read_bit_string(reader, &bytes, &unused, why);
    case AN_OID:
        return der_read_oid(reader, &bytes, why);
    }
    return false;
}

static void values_with_a_second_encoding_are_refused(void **state)
{
    const struct {
        enum whole_element kind;
        const char *reason;
        struct bytes encoding;
    } refusals[] = {
        {A_BOOLEAN, "a BOOLEAN is neither 00 nor ff at offset 2",
            BYTES(0x01, 0x01, 0x01)},
        {A_BOOLEAN, "a BOOLEAN is neither 00 nor ff at offset 2",
            BYTES(0x01, 0x00)},
        {A_BOOLEAN, "a BOOLEAN is neither 00 nor ff at offset 2",
            BYTES(0x01, 0x02, 0xff, 0xff)},
        {AN_INTEGER, "an INTEGER is empty at offset 2", BYTES(0x02, 0x00)},
        {AN_INTEGER, "an INTEGER has a needless byte at offset 2",
            BYTES(0x02, 0x02, 0x00, 0x7f)},
        {AN_INTEGER, "an INTEGER has a needless byte at offset 2",
            BYTES(0x02, 0x02, 0xff, 0x80)},
        {A_SMALL_INTEGER, "an INTEGER is negative at offset 0",
            BYTES(0x02, 0x01, 0xff)},
        {A_SMALL_INTEGER, "an INTEGER is above 2147483647 at offset 0",
            BYTES(0x02, 0x05, 0x00, 0x80, 0x00, 0x00, 0x00)},
        {A_BIT_STRING, "a BIT STRING is empty at offset 2", BYTES(0x03, 0x00)},
        {A_BIT_STRING, "a BIT STRING has more than 7 spare bits at offset 2",
            BYTES(0x03, 0x02, 0x08, 0x00)},
        {A_BIT_STRING, "spare bits of a BIT STRING are not zero at offset 2",
            BYTES(0x03, 0x02, 0x01, 0x01)},
        {A_BIT_STRING, "spare bits of a BIT STRING are not zero at offset 2",
            BYTES(0x03, 0x01, 0x01)},
        {AN_OID, "an OBJECT IDENTIFIER is empty at offset 2",
            BYTES(0x06, 0x00)},
        {AN_OID,
            "an OBJECT IDENTIFIER has an arc that is padded or cut off at "
            "offset 2",
            BYTES(0x06, 0x03, 0x55, 0x80, 0x01)},
        {AN_OID,
            "an OBJECT IDENTIFIER has an arc that is padded or cut off at "
            "offset 2",
            BYTES(0x06, 0x02, 0x55, 0x84)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct der_reader reader = der_reader_of(refusals[i].encoding);
        struct failure why = {0};

        assert_false(read_whole(refusals[i].kind, &reader, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, refusals[i].reason);
        assert_int_equal(reader.position, 0);
    }
}

/* Nothing longer than the input is ever handed out, whatever the bytes. */
static void inputs_of_three_bytes_stay_within_their_bounds(void **state)
{
    (void)state;
    for (uint32_t value = 0; value < 1u << 24; value += 31) {
        const uint8_t bytes[] = {
            (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
        struct der_reader reader = der_reader_of(
            (struct bytes){.start = bytes, .length = sizeof(bytes)});
        struct der_reader contents = {0};
        struct failure why;
        struct bytes element = {0};
        uint8_t tag = 0;

        if (!der_read_any(&reader, &tag, &contents, &element, &why))
            continue;
        assert_true(contents.position <= contents.end && contents.end <= 3);
        assert_true(element.length >= 2 && element.length <= 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_element_is_read_and_passed),
        cmocka_unit_test(what_is_not_der_is_refused_with_its_offset),
        cmocka_unit_test(an_inner_element_cannot_reach_beyond_the_outer_one),
        cmocka_unit_test(contents_may_be_read_into_the_reader_itself),
        cmocka_unit_test(an_optional_element_says_whether_it_is_there),
        cmocka_unit_test(an_optional_element_that_is_there_must_be_whole),
        cmocka_unit_test(any_element_is_given_with_its_head),
        cmocka_unit_test(a_tag_of_several_bytes_is_refused),
        cmocka_unit_test(bytes_left_over_are_refused_by_name),
        cmocka_unit_test(a_boolean_has_two_encodings),
        cmocka_unit_test(integers_are_given_as_encoded),
        cmocka_unit_test(small_integers_end_at_two_to_the_31),
        cmocka_unit_test(a_bit_string_is_given_without_its_count),
        cmocka_unit_test(values_with_a_second_encoding_are_refused),
        cmocka_unit_test(inputs_of_three_bytes_stay_within_their_bounds),
    };

    return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
