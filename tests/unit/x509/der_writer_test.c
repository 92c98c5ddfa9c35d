#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "x509/der.h"
#include "x509/der_writer.h"
#include "x509/time.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define ROOM 256

/* What the writer wrote, which must be exactly these bytes. */
static void assert_written(struct der_writer *writer, struct bytes expected)
{
    struct bytes encoding = {0};
    struct failure why = {0};

    assert_true(der_writer_take(writer, &encoding, &why));
    assert_int_equal(encoding.length, expected.length);
    assert_memory_equal(encoding.start, expected.start, expected.length);
}

static void what_is_written_last_stands_first(void **state)
{
    uint8_t room[ROOM];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);

    (void)state;
    der_write_boolean(&writer, true);
    der_write_small_integer(&writer, 3);
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_written(
        &writer, BYTES(0x30, 0x06, 0x02, 0x01, 0x03, 0x01, 0x01, 0xff));
}

static void integers_are_positive_and_short(void **state)
{
    const struct {
        struct bytes magnitude;
        struct bytes encoding;
    } rows[] = {
        {{0}, BYTES(0x02, 0x01, 0x00)},
        {BYTES(0x00, 0x00), BYTES(0x02, 0x01, 0x00)},
        {BYTES(0x7f), BYTES(0x02, 0x01, 0x7f)},
        {BYTES(0x80), BYTES(0x02, 0x02, 0x00, 0x80)},
        {BYTES(0x00, 0x00, 0x01, 0x02), BYTES(0x02, 0x02, 0x01, 0x02)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t room[ROOM];
        struct der_writer writer = der_writer_in(room, sizeof(room));

        der_write_unsigned(&writer, rows[i].magnitude);
        assert_written(&writer, rows[i].encoding);
    }
}

static void named_bits_leave_out_trailing_zeros(void **state)
{
    const struct {
        uint32_t bits;
        unsigned int count;
        struct bytes encoding;
    } rows[] = {
        {0, 9, BYTES(0x03, 0x01, 0x00)},
        {1 << 0, 9, BYTES(0x03, 0x02, 0x07, 0x80)},
        {1 << 5 | 1 << 6, 9, BYTES(0x03, 0x02, 0x01, 0x06)},
        {1 << 7, 9, BYTES(0x03, 0x02, 0x00, 0x01)},
        {1 << 8, 9, BYTES(0x03, 0x03, 0x07, 0x00, 0x80)},
        {1 << 8 | 1 << 0, 8, BYTES(0x03, 0x02, 0x07, 0x80)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t room[ROOM];
        struct der_writer writer = der_writer_in(room, sizeof(room));

        der_write_named_bits(&writer, rows[i].bits, rows[i].count);
        assert_written(&writer, rows[i].encoding);
    }
}

static void spare_bits_are_written_as_zeros(void **state)
{
    uint8_t room[ROOM];
    struct der_writer writer = der_writer_in(room, sizeof(room));

    (void)state;
    der_write_bit_string(&writer, BYTES(0xff, 0xff), 3);
    assert_written(&writer, BYTES(0x03, 0x03, 0x03, 0xff, 0xf8));
}

static void an_oid_is_written_in_its_element(void **state)
{
    uint8_t room[ROOM];
    struct der_writer writer = der_writer_in(room, sizeof(room));

    (void)state;
    der_write_oid(&writer, BYTES(0x55, 0x04, 0x03));
    assert_written(&writer, BYTES(0x06, 0x03, 0x55, 0x04, 0x03));
}

static void times_change_their_form_in_2050(void **state)
{
    const struct {
        int64_t time;
        const char *encoding;
    } rows[] = {
        {INT64_C(-631152000), "\x17\x0d"
                              "500101000000Z"},
        {INT64_C(-631152001), "\x18\x0f"
                              "19491231235959Z"},
        {0, "\x17\x0d"
            "700101000000Z"},
        {INT64_C(2524607999), "\x17\x0d"
                              "491231235959Z"},
        {INT64_C(2524608000), "\x18\x0f"
                              "20500101000000Z"},
        {TIME_WITHOUT_END, "\x18\x0f"
                           "99991231235959Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t room[ROOM];
        struct der_writer writer = der_writer_in(room, sizeof(room));

        der_write_time(&writer, rows[i].time);
        assert_written(&writer, bytes_of_text(rows[i].encoding));
    }
}

static void a_time_without_an_encoding_is_refused_at_the_end(void **state)
{
    uint8_t room[ROOM];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    struct failure why = {0};

    (void)state;
    der_write_time(&writer, TIME_WITHOUT_END + 1);
    assert_false(der_writer_take(&writer, &encoding, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "a time outside the years 1 to 9999 cannot be encoded");
}

static void a_room_that_is_too_small_is_refused_at_the_end(void **state)
{
    uint8_t room[4];
    struct failure why = {0};
    struct bytes encoding = {0};

    (void)state;
    struct der_writer writer = der_writer_in(room, sizeof(room));
    der_write_element(&writer, DER_OCTET_STRING, BYTES(1, 2));
    assert_written(&writer, BYTES(0x04, 0x02, 1, 2));
    der_write_byte(&writer, 0);
    der_write_raw(&writer, BYTES(1));
    assert_false(der_writer_take(&writer, &encoding, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "the encoding is longer than the 4 bytes it may have");
    assert_int_equal(encoding.length, 0);
}

static void a_writer_that_ran_out_of_room_writes_no_more(void **state)
{
    uint8_t room[] = {0xaa, 0xaa, 0xaa};
    struct der_writer writer = der_writer_in(room, sizeof(room));

    (void)state;
    der_write_raw(&writer, BYTES(1, 2, 3, 4));
    der_write_byte(&writer, 5);
    assert_memory_equal(room, "\xaa\xaa\xaa", sizeof(room));
}

/* An OCTET STRING of this many bytes, inside a SEQUENCE. */
static void assert_length_round_trips(
    const uint8_t *contents, size_t length, uint8_t *room, size_t size)
{
    struct der_writer writer = der_writer_in(room, size);
    struct bytes encoding = {0};
    struct der_reader sequence = {0};
    struct der_reader octets = {0};
    struct failure why = {0};
    size_t mark = der_writer_mark(&writer);

    der_write_element(&writer, DER_OCTET_STRING,
        (struct bytes){.start = contents, .length = length});
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &encoding, &why));

    struct der_reader reader = der_reader_of(encoding);
    assert_true(der_read(&reader, DER_SEQUENCE, &sequence, &why));
    assert_true(der_finish(&reader, "the sequence", &why));
    assert_true(der_read(&sequence, DER_OCTET_STRING, &octets, &why));
    assert_true(der_finish(&sequence, "the octets", &why));
    assert_int_equal(der_remaining(&octets).length, length);
    if (length > 0)
        assert_memory_equal(der_remaining(&octets).start, contents, length);
}

static void kb041_no_encoded_length_is_refused(void **state)
{
    static const size_t ranges[][2] = {
        {0, 3}, {120, 132}, {250, 260}, {65530, 65540}, {16777214, 16777217}};
    size_t most = 16777217;
    size_t size = most + 16;
    uint8_t *contents = malloc(most);
    uint8_t *room = malloc(size);

    (void)state;
    assert_non_null(contents);
    assert_non_null(room);
    memset(contents, 0x5a, most);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
        for (size_t length = ranges[i][0]; length <= ranges[i][1]; length++)
            assert_length_round_trips(contents, length, room, size);
    }
    free(room);
    free(contents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_last_stands_first),
        cmocka_unit_test(integers_are_positive_and_short),
        cmocka_unit_test(named_bits_leave_out_trailing_zeros),
        cmocka_unit_test(spare_bits_are_written_as_zeros),
        cmocka_unit_test(an_oid_is_written_in_its_element),
        cmocka_unit_test(times_change_their_form_in_2050),
        cmocka_unit_test(a_time_without_an_encoding_is_refused_at_the_end),
        cmocka_unit_test(a_room_that_is_too_small_is_refused_at_the_end),
        cmocka_unit_test(a_writer_that_ran_out_of_room_writes_no_more),
        cmocka_unit_test(kb041_no_encoded_length_is_refused),
    };

    return cmocka_run_group_tests_name("der writer", tests, NULL, NULL);
}
