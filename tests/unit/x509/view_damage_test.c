#include "view_shown.h"

/* --- damage ----------------------------------------------------------------
 */

static void a_certificate_cut_anywhere_is_shown_up_to_there(void **state)
{
    struct shown whole = {0};

    (void)state;
    show_file("view/root.der", &whole);
    assert_int_equal(whole.damaged, 0);
    for (size_t length = 1; length < whole.file.length; length++) {
        struct shown shown = {0};

        start(&shown);
        show_der((struct bytes){whole.file.start, length}, &shown);
        assert_int_equal(shown.damaged, 1);
        assert_shows(&shown, "Damaged");
        shown_free(&shown);
    }
    shown_free(&whole);
}

static void a_cut_certificate_still_says_who_and_when(void **state)
{
    struct shown whole = {0};
    struct shown shown = {0};

    (void)state;
    show_file("view/root.der", &whole);
    start(&shown);
    show_der((struct bytes){whole.file.start, 300}, &shown);
    assert_shows(&shown, "Issued to            CN=Example Root,O=Example\n");
    assert_shows(&shown, "Valid until          2027-01-01T00:00:00Z");
    assert_shows(&shown,
        "Damaged              an element reaches beyond its end at offset 4");
    shown_free(&shown);
    shown_free(&whole);
}

static void a_cut_list_still_says_whose_it_is_and_whom_it_revokes(void **state)
{
    struct shown whole = {0};

    (void)state;
    show_file("input/inter.crl", &whole);
    for (size_t length = 1; length < whole.file.length; length++) {
        struct shown shown = {0};

        start(&shown);
        show_der((struct bytes){whole.file.start, length}, &shown);
        assert_int_equal(shown.damaged, 1);
        if (length > 300)
            assert_shows(&shown, "  Issued by ");
        shown_free(&shown);
    }
    shown_free(&whole);
}

/* An identifier of 20 bytes whose second says 18 is whole from outside. */
static void an_identifier_that_looks_like_der_is_not_damaged(void **state)
{
    struct shown whole = {0};
    uint8_t *identifier = NULL;

    (void)state;
    show_file("input/openssl.der", &whole);
    identifier = memmem(
        whole.file.start, whole.file.length, "\x55\x1d\x0e\x04\x16\x04\x14", 7);
    assert_non_null(identifier);
    identifier += 7;
    memcpy(identifier + 1, "\x12\xb5\x86\x53", 4);
    for (unsigned int tag = 0; tag <= UINT8_MAX; tag++) {
        struct shown shown = {0};

        start(&shown);
        identifier[0] = (uint8_t)tag;
        show_der(buffer_view(&whole.file), &shown);
        assert_int_equal(shown.damaged, 0);
        shown_free(&shown);
    }
    shown_free(&whole);
}

static void a_damaged_extension_hides_none_of_the_others(void **state)
{
    struct shown shown = {0};

    (void)state;
    show_file("certificates/zlint-aiacrit.der", &shown);
    assert_int_equal(shown.damaged, 1);
    assert_shows(&shown,
        "Damaged   in the value at offset 627: an element reaches beyond its");
    assert_shows(&shown, "authorityInfoAccess\n");
    shown_free(&shown);
}

static void any_flipped_byte_leaves_something_to_show(void **state)
{
    struct shown whole = {0};

    (void)state;
    show_file("view/zoo.der", &whole);
    for (size_t i = 0; i < whole.file.length; i++) {
        struct shown shown = {0};

        start(&shown);
        whole.file.start[i] ^= 0x55;
        show_der(buffer_view(&whole.file), &shown);
        assert_true(shown.text.length > 100);
        whole.file.start[i] ^= 0x55;
        shown_free(&shown);
    }
    shown_free(&whole);
}

static void deep_nesting_is_shown_to_a_named_depth(void **state)
{
    uint8_t deep[2000] = {0};
    struct shown shown = {0};

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(deep); i += 2) {
        deep[i] = 0x30;
        deep[i + 1] = 0x80;
    }
    start(&shown);
    show_der((struct bytes){deep, sizeof(deep)}, &shown);
    assert_true(shown.text.length < 64 * 1024);
    shown_free(&shown);
}

/* --- the look --------------------------------------------------------------
 */

static void a_narrow_terminal_gets_no_line_that_is_wider(void **state)
{
    RELEASED(buffer) file = BUFFER("file", 1024 * 1024);
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    RELEASED(view_document) document = {0};
    struct view_look look = {.width = 72};
    struct input_object object = {.kind = INPUT_CERTIFICATE};
    struct view_options options = {.now = NOW};
    struct failure why = {0};
    const char *line = NULL;

    (void)state;
    assert_true(file_read(OBJECTS "view/zoo.der", &file, &why));
    object.der = buffer_view(&file);
    assert_true(view_object(&object, &options, &document, &why));
    assert_true(view_render_text(&document, &look, &text, &why));
    assert_true(buffer_as_text(&text, &line, &why));
    while (*line != 0) {
        size_t length = strcspn(line, "\n");

        /* What has no blank is left to the terminal. */
        if (length > look.width && memchr(line + 30, ' ', length - 30) != NULL)
            fail_msg("too wide: %.*s", (int)length, line);
        line += length + (line[length] != 0);
    }
}

static void colours_come_where_they_are_asked_for_alone(void **state)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    RELEASED(view_document) document = {0};
    struct view_look look = {.width = 72, .has_colour = true};
    struct failure why = {0};

    (void)state;
    assert_true(
        view_start(&document, (struct bytes){0}, "other", "Other", &why));
    view_tone(&document, view_print(&document, document.general, "A", "bad"),
        VIEW_BAD);
    assert_true(view_render_text(&document, &look, &text, &why));
    assert_non_null(
        memmem(text.start, text.length, "\x1b[31mbad\n\x1b[0m", 13));
    buffer_clear(&text);
    look.has_colour = false;
    assert_true(view_render_text(&document, &look, &text, &why));
    assert_null(memchr(text.start, 0x1b, text.length));
}

static void a_page_fetches_nothing_and_runs_nothing(void **state)
{
    RELEASED(buffer) page = BUFFER("page", VIEW_RENDERED_MAX);
    struct failure why = {0};
    const char *text = NULL;

    (void)state;
    assert_true(view_html_begin(&page, "<i>\"a\"&'b'", &why) &&
                view_html_end(&page, &why) &&
                buffer_as_text(&page, &text, &why));
    assert_non_null(
        strstr(text, "<title>&lt;i&gt;&quot;a&quot;&amp;&#39;b&#39;</title>"));
    assert_non_null(strstr(text, "default-src 'none'"));
    assert_non_null(strstr(text, "prefers-color-scheme:dark"));
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "http://"));
    assert_null(strstr(text, "https://"));
    assert_null(strstr(text, "url("));
    assert_null(strstr(text, "@import"));
}

/* --- limits ----------------------------------------------------------------
 */

static void a_document_takes_a_named_number_of_fields_and_says_so(void **state)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    RELEASED(view_document) document = {0};
    struct view_look look = {.width = 72};
    struct failure why = {0};

    (void)state;
    assert_true(
        view_start(&document, (struct bytes){0}, "other", "Other", &why));
    for (size_t i = 0; i < VIEW_NODES_MAX + 10; i++)
        (void)view_number(&document, document.details, "N", 1);
    assert_true(document.is_cut);
    assert_int_equal(document.count, VIEW_NODES_MAX);
    assert_true(view_finish(&document, &why));
    assert_true(view_render_text(&document, &look, &text, &why));
    assert_non_null(memmem(
        text.start, text.length, "There is more than is shown here.", 33));
}

#define ENTRIES 30000

/* RFC 5280, 5.1, with serials of one byte and no extensions. */
static void make_list(struct buffer *der)
{
    static const uint8_t entry[] = {0x30, 0x12, 2, 1, 7, 0x17, 13, '2', '6',
        '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z'};
    static const uint8_t algorithm[] = {
        0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2};
    static const uint8_t signature[] = {3, 2, 0, 1};
    size_t entries = sizeof(entry) * ENTRIES;
    size_t body = sizeof(algorithm) + 2 + 15 + 4 + entries + 1;
    size_t whole = 4 + 1 + body + sizeof(algorithm) + sizeof(signature);
    struct failure why = {0};

    assert_true(
        buffer_print(der, &why, "%c%c%c%c%c", 0x30, 0x83, (int)(whole >> 16),
            (int)(whole >> 8 & 0xff), (int)(whole & 0xff)) &&
        buffer_print(der, &why, "%c%c%c%c%c", 0x30, 0x83, (int)(body >> 16),
            (int)(body >> 8 & 0xff), (int)(body & 0xff)) &&
        buffer_append(
            der, (struct bytes){algorithm, sizeof(algorithm)}, &why) &&
        buffer_print(der, &why, "%c%c%c%c260101000000Z%c%c%c%c%c", 0x30, 0,
            0x17, 13, 0x30, 0x83, (int)(entries >> 16),
            (int)(entries >> 8 & 0xff), (int)(entries & 0xff)));
    for (size_t i = 0; i < ENTRIES; i++)
        assert_true(
            buffer_append(der, (struct bytes){entry, sizeof(entry)}, &why));
    assert_true(
        buffer_append(
            der, (struct bytes){algorithm, sizeof(algorithm)}, &why) &&
        buffer_append(der, (struct bytes){signature, sizeof(signature)}, &why));
}

static void a_long_list_is_counted_and_its_first_entries_are_shown(void **state)
{
    RELEASED(buffer) der = BUFFER("list", 1024 * 1024);
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    struct view_options options = {.now = NOW};
    struct view_look look = {.width = 72};
    struct input_object object = {.kind = INPUT_CRL};
    struct failure why = {0};
    static const char *const notes[] = {"Entries (the first 20 of 30000)",
        "Entries (the first 20000 of 30000)"};
    static const char *const behind[] = {"    #21\n", "    #20001\n"};

    (void)state;
    make_list(&der);
    object.der = buffer_view(&der);
    for (size_t i = 0; i < 2; i++) {
        RELEASED(view_document) document = {0};

        options.shows_all = i == 1;
        buffer_clear(&text);
        assert_true(view_object(&object, &options, &document, &why));
        assert_true(view_render_text(&document, &look, &text, &why));
        assert_false(document.is_cut);
        assert_false(document.is_damaged);
        assert_true(tells(&text, notes[i]));
        assert_false(tells(&text, behind[i]));
        assert_true(tells(&text, "Revoked certificates  30000\n"));
    }
}

static void a_long_text_is_cut_between_characters(void **state)
{
    static uint8_t value[VIEW_VALUE_MAX + 3];
    RELEASED(view_document) document = {0};
    struct failure why = {0};
    const struct view_node *node = NULL;
    const char *shown = NULL;

    (void)state;
    memset(value, 'a', sizeof(value));
    value[VIEW_VALUE_MAX - 1] = 0xc3;
    value[VIEW_VALUE_MAX] = 0xa9;
    assert_true(
        view_start(&document, (struct bytes){0}, "other", "Other", &why));
    node =
        view_node_at(&document, view_text(&document, document.details, "Text",
                                    (struct bytes){value, sizeof(value)}));
    shown = view_text_at(&document, node->value);
    assert_string_equal(shown + VIEW_VALUE_MAX - 1, "... (4099 bytes in all)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_cut_anywhere_is_shown_up_to_there),
        cmocka_unit_test(a_cut_certificate_still_says_who_and_when),
        cmocka_unit_test(a_cut_list_still_says_whose_it_is_and_whom_it_revokes),
        cmocka_unit_test(an_identifier_that_looks_like_der_is_not_damaged),
        cmocka_unit_test(a_damaged_extension_hides_none_of_the_others),
        cmocka_unit_test(any_flipped_byte_leaves_something_to_show),
        cmocka_unit_test(deep_nesting_is_shown_to_a_named_depth),
        cmocka_unit_test(a_narrow_terminal_gets_no_line_that_is_wider),
        cmocka_unit_test(colours_come_where_they_are_asked_for_alone),
        cmocka_unit_test(a_page_fetches_nothing_and_runs_nothing),
        cmocka_unit_test(a_document_takes_a_named_number_of_fields_and_says_so),
        cmocka_unit_test(
            a_long_list_is_counted_and_its_first_entries_are_shown),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
