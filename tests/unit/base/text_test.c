#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"

static void well_formed_utf8_is_recognised(void **state)
{
    (void)state;
    assert_true(text_is_utf8((struct bytes){0}));
    assert_true(text_is_utf8(bytes_of_text("plain")));
    assert_true(text_is_utf8(bytes_of_text("M\u00fcller \u4e2d \U0001f512")));
    assert_true(text_is_utf8(bytes_of_text("\xc2\x80\xdf\xbf")));
    assert_true(text_is_utf8(bytes_of_text("\xe0\xa0\x80\xef\xbf\xbf")));
    assert_true(text_is_utf8(bytes_of_text("\xed\x9f\xbf\xee\x80\x80")));
    assert_true(
        text_is_utf8(bytes_of_text("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")));
}

/* RFC 3629, 3 and 10. */
static void overlong_surrogate_cut_and_stray_bytes_are_no_utf8(void **state)
{
    static const char *const wrong[] = {"\x80", "a\xbf", "\xc0\x80", "\xc1\xbf",
        "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80", "\xff", "\xfe", "\xc3", "\xe4\xb8",
        "\xf0\x9f\x94", "\xc3(", "\xe4\xb8(", "\xf0\x9f\x94("};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(text_is_utf8(bytes_of_text(wrong[i])));
}

static void expect_visible(struct bytes text, const char *expected)
{
    RELEASED(buffer) out = BUFFER("line", 1000);
    struct failure why = {0};
    const char *shown = NULL;

    assert_true(text_append_visible(&out, text, &why));
    assert_true(buffer_as_text(&out, &shown, &why));
    assert_string_equal(shown, expected);
}

static void a_visible_text_stays_as_it_is(void **state)
{
    (void)state;
    expect_visible((struct bytes){0}, "");
    expect_visible(bytes_of_text("O=M\u00fcller & S\u00f6hne, \"x\" = /'+"),
        "O=M\u00fcller & S\u00f6hne, \"x\" = /'+");
    expect_visible(bytes_of_text("\u5e97 \U0001f512 \u0434\u043e\u043c"),
        "\u5e97 \U0001f512 \u0434\u043e\u043c");
}

static void controls_cannot_reach_the_terminal(void **state)
{
    (void)state;
    expect_visible((struct bytes){(const uint8_t *)"a\0b", 3}, "a\\u{0}b");
    expect_visible(bytes_of_text("a\nb\r\tc"), "a\\u{a}b\\u{d}\\u{9}c");
    expect_visible(bytes_of_text("\x1b[31m\x7f"), "\\u{1b}[31m\\u{7f}");
    expect_visible(bytes_of_text("\xc2\x9b"
                                 "2J\xc2\x85"),
        "\\u{9b}2J\\u{85}");
}

static void a_backslash_is_doubled_so_that_no_escape_can_be_forged(void **state)
{
    (void)state;
    expect_visible(bytes_of_text("\\u{202e}"), "\\\\u{202e}");
}

static void every_invisible_or_reordering_character_is_named(void **state)
{
    static const uint32_t ranges[][2] = {{0x200b, 0x200f}, {0x2028, 0x202e},
        {0x2066, 0x2069}, {0x2060, 0x2064}, {0xfeff, 0xfeff}, {0x061c, 0x061c},
        {0x80, 0x9f}};

    (void)state;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        for (uint32_t code = ranges[i][0]; code <= ranges[i][1]; code++) {
            RELEASED(buffer) expected = BUFFER("expected", 100);
            const uint8_t three[3] = {(uint8_t)(0xe0 | code >> 12),
                (uint8_t)(0x80 | (code >> 6 & 0x3f)),
                (uint8_t)(0x80 | (code & 0x3f))};
            const uint8_t two[2] = {
                (uint8_t)(0xc0 | code >> 6), (uint8_t)(0x80 | (code & 0x3f))};
            const char *text = NULL;
            struct failure why = {0};

            assert_true(buffer_print(&expected, &why, "\\u{%x}", code));
            assert_true(buffer_as_text(&expected, &text, &why));
            expect_visible(code < 0x800 ? (struct bytes){two, 2}
                                        : (struct bytes){three, 3},
                text);
        }
    }
}

static void their_neighbours_are_shown(void **state)
{
    (void)state;
    expect_visible(bytes_of_text("\u200a\u2010\u2027\u202f\u205f\u2070"),
        "\u200a\u2010\u2027\u202f\u205f\u2070");
    expect_visible(bytes_of_text(" ~\u00a0"), " ~\u00a0");
}

static void bytes_that_are_no_utf8_are_shown_one_by_one(void **state)
{
    (void)state;
    expect_visible(bytes_of_text("M\xfcller"), "M\\x{fc}ller");
    expect_visible(bytes_of_text("\xed\xa0\x80"), "\\x{ed}\\x{a0}\\x{80}");
    expect_visible(bytes_of_text("\xe4\xb8"), "\\x{e4}\\x{b8}");
    expect_visible(bytes_of_text("\x9b\xc3\xa4"), "\\x{9b}\u00e4");
}

static void a_text_above_the_ceiling_is_not_added_in_part(void **state)
{
    RELEASED(buffer) out = BUFFER("line", 10);
    struct failure why = {0};

    (void)state;
    assert_true(text_append_visible(&out, bytes_of_text("abc"), &why));
    assert_false(text_append_visible(&out, bytes_of_text("abc\n\n"), &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(out.length, 3);
}

static void what_is_shown_keeps_its_backslashes_and_hides_nothing(void **state)
{
    RELEASED(buffer) text = BUFFER("text", 256);
    struct failure why = {0};
    const char *shown = NULL;

    (void)state;
    assert_true(text_append_shown(
        &text, "CN=a\\, b\x1b[31m \xe2\x80\xae\xc3\x9c \xff\\", &why));
    assert_true(buffer_as_text(&text, &shown, &why));
    assert_string_equal(
        shown, "CN=a\\, b\\u{1b}[31m \\u{202e}\xc3\x9c \\x{ff}\\");
}

static void expect_beginning(const char *text, size_t most, size_t length)
{
    struct bytes whole = bytes_of_text(text);
    struct bytes beginning = text_beginning(whole, most);

    assert_ptr_equal(beginning.start, whole.start);
    assert_int_equal(beginning.length, length);
}

static void a_beginning_cuts_no_letter_in_two(void **state)
{
    (void)state;
    expect_beginning("abc", 3, 3);
    expect_beginning("abcd", 3, 3);
    expect_beginning("a\xc3\x9c", 3, 3);
    expect_beginning("a\xc3\x9c!", 3, 3);
    expect_beginning("a\xc3\x9c!", 2, 1);
    expect_beginning("\xf0\x9f\x94\x92!", 4, 4);
    expect_beginning("a\xf0\x9f\x94\x92!", 4, 1);
    expect_beginning("a\x80\x80\x80\x80\x80\x80", 6, 6);
    expect_beginning("\x80\x80\x80", 1, 1);
}

static void five_bytes_have_an_entity_and_no_other(void **state)
{
    size_t count = 0;

    (void)state;
    for (int byte = 0; byte < 256; byte++)
        count += text_entity((uint8_t)byte) != NULL ? 1 : 0;
    assert_int_equal(count, 5);
    assert_string_equal(text_entity('&'), "&amp;");
    assert_string_equal(text_entity('<'), "&lt;");
    assert_string_equal(text_entity('>'), "&gt;");
    assert_string_equal(text_entity('"'), "&quot;");
    assert_string_equal(text_entity('\''), "&#39;");
}

static void a_beginning_fits_the_room_with_its_zero(void **state)
{
    char room[4] = "???";

    (void)state;
    text_copy_beginning(bytes_of_text("abcd"), room, sizeof(room));
    assert_string_equal(room, "abc");
    text_copy_beginning(bytes_of_text("ab\xc3\x9c"), room, sizeof(room));
    assert_string_equal(room, "ab");
    text_copy_beginning((struct bytes){0}, room, sizeof(room));
    assert_string_equal(room, "");
}

static void a_number_is_printed_as_the_c_library_does(void **state)
{
    static const uint64_t numbers[] = {
        0, 9, 10, 99, 100, 200, 1234567890, UINT64_MAX - 1, UINT64_MAX};
    char text[NUMBER_TEXT], expected[NUMBER_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        RELEASED(buffer) buffer = BUFFER("a number", 64);
        struct failure why = {0};

        (void)snprintf(expected, sizeof(expected), "%" PRIu64, numbers[i]);
        number_print(numbers[i], text);
        assert_string_equal(text, expected);
        assert_true(buffer_append_number(&buffer, numbers[i], &why));
        assert_true(bytes_equal(buffer_view(&buffer), bytes_of_text(expected)));
    }
}

static void digits_fill_their_place_and_no_more(void **state)
{
    char text[] = "________";

    (void)state;
    digits_put(7, text + 1, 2);
    digits_put(2026, text + 4, 3);
    assert_string_equal(text, "_07_026_");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_utf8_is_recognised),
        cmocka_unit_test(overlong_surrogate_cut_and_stray_bytes_are_no_utf8),
        cmocka_unit_test(a_visible_text_stays_as_it_is),
        cmocka_unit_test(controls_cannot_reach_the_terminal),
        cmocka_unit_test(
            a_backslash_is_doubled_so_that_no_escape_can_be_forged),
        cmocka_unit_test(every_invisible_or_reordering_character_is_named),
        cmocka_unit_test(their_neighbours_are_shown),
        cmocka_unit_test(bytes_that_are_no_utf8_are_shown_one_by_one),
        cmocka_unit_test(a_text_above_the_ceiling_is_not_added_in_part),
        cmocka_unit_test(what_is_shown_keeps_its_backslashes_and_hides_nothing),
        cmocka_unit_test(a_beginning_cuts_no_letter_in_two),
        cmocka_unit_test(a_beginning_fits_the_room_with_its_zero),
        cmocka_unit_test(a_number_is_printed_as_the_c_library_does),
        cmocka_unit_test(digits_fill_their_place_and_no_more),
        cmocka_unit_test(five_bytes_have_an_entity_and_no_other),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
