#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/name_assertions.h"
#include "x509/der_writer.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

/* A Name of one attribute: CN with a value of this tag. */
static struct bytes common_name_of(
    uint8_t *room, size_t size, unsigned int tag, struct bytes value)
{
    struct der_writer writer = der_writer_in(room, size);
    struct bytes encoding = {0};
    struct failure why = {0};
    size_t mark = der_writer_mark(&writer);

    der_write_element(&writer, tag, value);
    der_write_oid(&writer, oid_contents(OID_COMMON_NAME));
    der_write_head(&writer, DER_SEQUENCE, mark);
    der_write_head(&writer, DER_SET, mark);
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return encoding;
}

/* Marsaglia's xorshift: the same strings in every run. */
static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 32);
}

static void append_random_character(struct buffer *text, uint64_t *seed)
{
    static const char *const pieces[] = {",", "+", "\"", "\\", "<", ">", ";",
        "#", "=", "/", "&", " ", "  ", "'", "a", "Z", "7", "-", "_", "\t", "\n",
        "\x7f", "\xc2\x80", "\xc3\xa9", "\xd7\xa9", "\xd9\x85", "\xe2\x80\xae",
        "\xe2\x80\x8b", "\xe4\xb8\xad", "\xef\xbb\xbf", "\xef\xbf\xbd",
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", "\xf4\x8f\xbf\xbf",
        "CN=", "\\2C", "41"};
    struct failure why = {0};

    assert_true(buffer_append_text(text,
        pieces[next_random(seed) % (sizeof(pieces) / sizeof(*pieces))], &why));
}

static void random_string(struct buffer *text, uint64_t *seed)
{
    size_t count = next_random(seed) % 12;

    buffer_clear(text);
    for (size_t i = 0; i < count; i++)
        append_random_character(text, seed);
}

/* The name that holds these strings as CN, O and OU, made without name_read. */
static struct bytes name_of_strings(
    uint8_t *room, size_t size, const struct buffer strings[static 3])
{
    static const enum oid types[] = {
        OID_COMMON_NAME, OID_ORGANIZATION, OID_ORGANIZATIONAL_UNIT};
    struct der_writer writer = der_writer_in(room, size);
    struct bytes encoding = {0};
    struct failure why = {0};
    size_t whole = der_writer_mark(&writer);

    for (size_t i = 0; i < 3; i++) {
        size_t mark = der_writer_mark(&writer);

        der_write_element(&writer, DER_UTF8_STRING, buffer_view(&strings[i]));
        der_write_oid(&writer, oid_contents(types[i]));
        der_write_head(&writer, DER_SEQUENCE, mark);
        der_write_head(&writer, DER_SET, mark);
    }
    der_write_head(&writer, DER_SEQUENCE, whole);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return encoding;
}

static void assert_strings_round_trip(const struct buffer strings[static 3])
{
    RELEASED(buffer) text = NAME_BUFFER();
    RELEASED(buffer) again = NAME_BUFFER();
    uint8_t room[2048];
    const char *printed = NULL;
    struct failure why = {0};

    struct bytes name = name_of_strings(room, sizeof(room), strings);
    assert_true(name_print(name, &text, &why));
    assert_true(buffer_as_text(&text, &printed, &why));
    assert_read(printed, &again);
    assert_true(bytes_equal(buffer_view(&again), name));
    assert_printed(buffer_view(&again), printed);
}

static void kb039_any_unicode_name_round_trips(void **state)
{
    struct buffer strings[3] = {NAME_BUFFER(), NAME_BUFFER(), NAME_BUFFER()};
    uint64_t seed = 39;

    (void)state;
    for (size_t i = 0; i < 4000; i++) {
        for (size_t j = 0; j < 3; j++)
            random_string(&strings[j], &seed);
        assert_strings_round_trip(strings);
    }
    for (size_t j = 0; j < 3; j++)
        buffer_free(&strings[j]);
}

static void kb039_every_single_character_round_trips(void **state)
{
    struct buffer strings[3] = {NAME_BUFFER(), NAME_BUFFER(), NAME_BUFFER()};
    struct failure why = {0};

    (void)state;
    for (unsigned int character = 0; character < 0x80; character++) {
        buffer_clear(&strings[0]);
        assert_true(buffer_append_byte(&strings[0], (uint8_t)character, &why));
        assert_strings_round_trip(strings);
    }
    for (size_t j = 0; j < 3; j++)
        buffer_free(&strings[j]);
}

static void incident30_an_embedded_nul_is_shown_escaped(void **state)
{
    uint8_t room[64];
    struct bytes name = common_name_of(room, sizeof(room), DER_UTF8_STRING,
        (struct bytes){.start = (const uint8_t *)"bank\0.evil", .length = 10});
    RELEASED(buffer) shown = NAME_BUFFER();
    const char *text = NULL;
    struct failure why = {0};

    (void)state;
    assert_printed(name, "CN=bank\\00.evil");
    assert_true(name_describe(name, &shown, &why));
    assert_true(buffer_as_text(&shown, &text, &why));
    assert_int_equal(strlen(text), shown.length);
    assert_non_null(strstr(text, ".evil"));
}

static void every_string_type_is_shown_as_text(void **state)
{
    const struct {
        unsigned int tag;
        struct bytes value;
        const char *text;
    } rows[] = {
        {DER_UTF8_STRING, bytes_of_text("\xc3\xa9"), "CN=\xc3\xa9"},
        {DER_PRINTABLE_STRING, bytes_of_text("a"), "CN=a"},
        {DER_IA5_STRING, bytes_of_text("a@b"), "CN=a@b"},
        {DER_VISIBLE_STRING, bytes_of_text("a"), "CN=a"},
        {DER_NUMERIC_STRING, bytes_of_text("12"), "CN=12"},
        {DER_TELETEX_STRING, bytes_of_text("\xe9"), "CN=\xc3\xa9"},
        {DER_BMP_STRING, BYTES(0x20, 0xac, 0x00, 0x2c), "CN=\xe2\x82\xac\\,"},
        {DER_UNIVERSAL_STRING, BYTES(0x00, 0x01, 0xf6, 0x00),
            "CN=\xf0\x9f\x98\x80"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t room[64];

        assert_printed(
            common_name_of(room, sizeof(room), rows[i].tag, rows[i].value),
            rows[i].text);
    }
}

static void values_that_are_no_text_are_shown_by_their_bytes(void **state)
{
    const struct {
        unsigned int tag;
        struct bytes value;
        const char *text;
    } rows[] = {
        {DER_UTF8_STRING, BYTES(0xff), "CN=#0c01ff"},
        {DER_UTF8_STRING, BYTES(0xed, 0xa0, 0x80), "CN=#0c03eda080"},
        {DER_PRINTABLE_STRING, BYTES(0xe9), "CN=#1301e9"},
        {DER_BMP_STRING, BYTES(0x00), "CN=#1e0100"},
        {DER_BMP_STRING, BYTES(0xd8, 0x00), "CN=#1e02d800"},
        {DER_UNIVERSAL_STRING, BYTES(0x00, 0x11, 0x00, 0x00),
            "CN=#1c0400110000"},
        {DER_INTEGER, BYTES(0x05), "CN=#020105"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t room[64];

        assert_printed(
            common_name_of(room, sizeof(room), rows[i].tag, rows[i].value),
            rows[i].text);
    }
}

static void a_name_that_is_malformed_is_refused(void **state)
{
    const struct {
        struct bytes name;
        const char *reason;
    } rows[] = {
        {{0}, "an element is cut off at offset 0"},
        {BYTES(0x31, 0x00), "tag 0x31 where 0x30 belongs, at offset 0"},
        {BYTES(0x30, 0x00, 0x00),
            "bytes are left over after the name at offset 2"},
        {BYTES(0x30, 0x04, 0x31, 0x00, 0x31, 0x01),
            "an element reaches beyond its end at offset 6"},
        {BYTES(0x30, 0x04, 0x31, 0x02, 0x30, 0x00),
            "an element is cut off at offset 6"},
        {BYTES(0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x02, 0x55, 0x04, 0x05,
             0x00, 0x05, 0x00),
            "bytes are left over after the value of an attribute at offset "
            "12"},
        {BYTES(0x30, 0x14, 0x31, 0x12, 0x30, 0x07, 0x06, 0x03, 0x55, 0x04, 0x0b,
             0x0c, 0x00, 0x30, 0x07, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x00),
            "the attributes of a relative name are not in DER order"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};

        assert_false(name_check_form(rows[i].name, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, rows[i].reason);
        assert_false(name_check(rows[i].name, &why));
        assert_string_equal(why.reason, rows[i].reason);
    }
}

/* SET {}, SET { OU=a }, SET {}, SET {}, SET { CN=b }, SET {} */
static const uint8_t with_empty_sets[] = {0x30, 0x20, 0x31, 0x00, 0x31, 0x0a,
    0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x0b, 0x0c, 0x01, 'a', 0x31, 0x00, 0x31,
    0x00, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'b',
    0x31, 0x00};

static void a_relative_name_without_an_attribute_is_passed_over(void **state)
{
    const struct bytes name = {
        .start = with_empty_sets, .length = sizeof(with_empty_sets)};
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure why = {0};

    (void)state;
    assert_true(name_check_form(name, &why));
    assert_true(name_walk_start(name, &walk, &why));
    assert_int_equal(walk.empty, 1);
    assert_true(name_walk_next(&walk, &attribute, &why));
    assert_int_equal(attribute.type, OID_ORGANIZATIONAL_UNIT);
    assert_int_equal(attribute.relative, 1);
    assert_false(name_walk_at_end(&walk));
    assert_true(name_walk_next(&walk, &attribute, &why));
    assert_int_equal(attribute.type, OID_COMMON_NAME);
    assert_int_equal(attribute.relative, 4);
    assert_int_equal(walk.empty, 4);
    assert_true(name_walk_at_end(&walk));
    assert_false(name_walk_next(&walk, &attribute, &why));
}

static void a_relative_name_without_an_attribute_is_not_certified(void **state)
{
    const struct bytes names[] = {BYTES(0x30, 0x02, 0x31, 0x00),
        {.start = with_empty_sets, .length = sizeof(with_empty_sets)}};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct failure why = {0};

        assert_true(name_check_form(names[i], &why));
        assert_false(name_check(names[i], &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(
            why.reason, "a relative name has no attribute (X.501, 9.3)");
    }
}

static void a_relative_name_without_an_attribute_leaves_no_trace_in_text(
    void **state)
{
    RELEASED(buffer) shown = NAME_BUFFER();
    struct failure why = {0};

    (void)state;
    assert_printed((struct bytes){.start = with_empty_sets,
                       .length = sizeof(with_empty_sets)},
        "CN=b,OU=a");
    assert_printed(BYTES(0x30, 0x02, 0x31, 0x00), "");
    assert_true(name_describe(BYTES(0x30, 0x02, 0x31, 0x00), &shown, &why));
    assert_int_equal(shown.length, 0);
}

/* A Name of this many empty organizational units, one after another. */
static struct bytes name_of_units(struct buffer *room, size_t count)
{
    static const uint8_t relative[] = {
        0x31, 0x09, 0x30, 0x07, 0x06, 0x03, 0x55, 0x04, 0x0b, 0x0c, 0x00};
    size_t size = count * sizeof(relative) + 8;
    struct bytes name = {0};
    struct failure why = {0};

    assert_true(buffer_reserve(room, size, &why));
    struct der_writer writer = der_writer_in(room->start, size);
    size_t mark = der_writer_mark(&writer);
    for (size_t i = 0; i < count; i++)
        der_write_raw(&writer,
            (struct bytes){.start = relative, .length = sizeof(relative)});
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &name, &why));
    return name;
}

static void a_name_of_4096_attributes_is_read_but_not_certified(void **state)
{
    RELEASED(buffer) room = NAME_BUFFER();
    RELEASED(buffer) text = NAME_BUFFER();
    RELEASED(buffer) shown = NAME_BUFFER();
    struct failure why = {0};

    (void)state;
    struct bytes name = name_of_units(&room, NAME_ATTRIBUTES_MAX);
    assert_true(name_check_form(name, &why));
    assert_true(name_print(name, &text, &why));
    assert_int_equal(text.length, NAME_ATTRIBUTES_MAX * strlen("OU=,") - 1);
    assert_true(name_describe(name, &shown, &why));
    assert_false(name_check(name, &why));
    assert_string_equal(why.reason, "a name has more than 256 attributes");

    assert_true(
        name_check(name_of_units(&room, NAME_DRAFT_ATTRIBUTES_MAX), &why));
    assert_false(
        name_check(name_of_units(&room, NAME_DRAFT_ATTRIBUTES_MAX + 1), &why));
}

static void a_name_of_too_many_attributes_is_refused(void **state)
{
    static const char reason[] = "a name has more than 4096 attributes";
    RELEASED(buffer) room = NAME_BUFFER();
    RELEASED(buffer) text = NAME_BUFFER();
    struct failure why = {0};

    (void)state;
    struct bytes name = name_of_units(&room, NAME_ATTRIBUTES_MAX + 1);
    assert_false(name_check_form(name, &why));
    assert_string_equal(why.reason, reason);
    assert_false(name_print(name, &text, &why));
    assert_string_equal(why.reason, reason);
    assert_false(name_describe(name, &text, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(text.length, 0);
}

static void what_is_appended_comes_behind_what_was_there(void **state)
{
    RELEASED(buffer) name = NAME_BUFFER();
    RELEASED(buffer) text = NAME_BUFFER();
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&text, "subject ", &why));
    assert_read("CN=a", &name);
    assert_true(name_print(buffer_view(&name), &text, &why));
    assert_true(bytes_equal(buffer_view(&text), bytes_of_text("subject CN=a")));
}

static void a_preview_shows_each_encoding(void **state)
{
    RELEASED(buffer) name = NAME_BUFFER();
    RELEASED(buffer) shown = NAME_BUFFER();
    const char *text = NULL;
    struct failure why = {0};

    (void)state;
    assert_read("CN=a+1.2.3=#0500,O=AT&T\\, Inc.,C=DE", &name);
    assert_true(name_describe(buffer_view(&name), &shown, &why));
    assert_true(buffer_as_text(&shown, &text, &why));
    assert_string_equal(text, "C   PrintableString  \"DE\"\n"
                              "O   UTF8String       \"AT&T, Inc.\"\n"
                              "1.2.3 no string        #0500\n"
                              "+CN UTF8String       \"a\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb039_any_unicode_name_round_trips),
        cmocka_unit_test(kb039_every_single_character_round_trips),
        cmocka_unit_test(incident30_an_embedded_nul_is_shown_escaped),
        cmocka_unit_test(every_string_type_is_shown_as_text),
        cmocka_unit_test(values_that_are_no_text_are_shown_by_their_bytes),
        cmocka_unit_test(a_name_that_is_malformed_is_refused),
        cmocka_unit_test(a_relative_name_without_an_attribute_is_passed_over),
        cmocka_unit_test(a_relative_name_without_an_attribute_is_not_certified),
        cmocka_unit_test(
            a_relative_name_without_an_attribute_leaves_no_trace_in_text),
        cmocka_unit_test(a_name_of_4096_attributes_is_read_but_not_certified),
        cmocka_unit_test(a_name_of_too_many_attributes_is_refused),
        cmocka_unit_test(what_is_appended_comes_behind_what_was_there),
        cmocka_unit_test(a_preview_shows_each_encoding),
    };

    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
