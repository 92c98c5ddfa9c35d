#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/http/form.h"
#include "server/http/url.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct text_case {
    const char *rule, *raw, *decoded; /* decoded NULL: refused */
    enum http_rule broken;
};

static const struct text_case paths[] = {
    {"as it is", "/a/b.c", "/a/b.c", HTTP_NO_RULE},
    {"3986 2.1: an escape", "/%41%2d%2D", "/A--", HTTP_NO_RULE},
    {"3986 2.1: once and not twice", "/%2541", "/%41", HTTP_NO_RULE},
    {"a plus is a plus", "/a+b", "/a+b", HTTP_NO_RULE},
    {"a space", "/a%20b", "/a b", HTTP_NO_RULE},
    {"UTF-8", "/%c3%a9", "/\303\251", HTTP_NO_RULE},
    {"a question mark", "/a%3fb", "/a?b", HTTP_NO_RULE},
    {"empty segments stay", "//a//", "//a//", HTTP_NO_RULE},
    {"three dots are a name", "/.../a", "/.../a", HTTP_NO_RULE},
    {"a hidden name", "/.well-known/x", "/.well-known/x", HTTP_NO_RULE},
    {"dots behind a name", "/a..", "/a..", HTTP_NO_RULE},
    {"3986 2.1: nothing behind", "/%", NULL, HTTP_ESCAPE_MALFORMED},
    {"3986 2.1: one digit", "/%4", NULL, HTTP_ESCAPE_MALFORMED},
    {"3986 2.1: no digit", "/%4g", NULL, HTTP_ESCAPE_MALFORMED},
    {"3986 2.1: no digit first", "/%g4", NULL, HTTP_ESCAPE_MALFORMED},
    {"3986 2.1: two signs", "/%%41", NULL, HTTP_ESCAPE_MALFORMED},
    {"IIS's wide escape", "/%u0041", NULL, HTTP_ESCAPE_MALFORMED},
    {"NUL", "/a%00b", NULL, HTTP_ESCAPE_NUL},
    {"NUL behind a name", "/a.cer%00.html", NULL, HTTP_ESCAPE_NUL},
    {"LF", "/a%0ab", NULL, HTTP_ESCAPE_CONTROL},
    {"CR", "/a%0D", NULL, HTTP_ESCAPE_CONTROL},
    {"a tab", "/a%09", NULL, HTTP_ESCAPE_CONTROL},
    {"DEL", "/a%7f", NULL, HTTP_ESCAPE_CONTROL},
    {"ESC", "/a%1b", NULL, HTTP_ESCAPE_CONTROL},
    {"an escaped slash", "/a%2fb", NULL, HTTP_ESCAPE_SLASH},
    {"an escaped slash, capital", "/a%2Fb", NULL, HTTP_ESCAPE_SLASH},
    {"an escaped backslash", "/a%5cb", NULL, HTTP_ESCAPE_SLASH},
    {"a backslash", "/a\\b", NULL, HTTP_ESCAPE_SLASH},
    {"a dot", "/./a", NULL, HTTP_PATH_DOTS},
    {"two dots", "/a/../b", NULL, HTTP_PATH_DOTS},
    {"two dots at the end", "/a/..", NULL, HTTP_PATH_DOTS},
    {"a dot at the end", "/a/.", NULL, HTTP_PATH_DOTS},
    {"escaped dots", "/%2e%2e/a", NULL, HTTP_PATH_DOTS},
    {"one escaped dot of two", "/.%2E/a", NULL, HTTP_PATH_DOTS},
    {"an escaped dot", "/%2e", NULL, HTTP_PATH_DOTS},
    {"3629 3: a lone byte", "/%e9", NULL, HTTP_ESCAPE_UTF8},
    {"3629 3: a long slash", "/%c0%af", NULL, HTTP_ESCAPE_UTF8},
    {"3629 3: a long NUL", "/%c0%80", NULL, HTTP_ESCAPE_UTF8},
    {"3629 3: a surrogate", "/%ed%a0%80", NULL, HTTP_ESCAPE_UTF8},
    {"3629 3: cut off", "/%e2%82", NULL, HTTP_ESCAPE_UTF8},
};

static void check_path(const struct text_case *row, enum url_slash slash)
{
    RELEASED(buffer) path = BUFFER("path", HTTP_PATH_MAX);
    enum http_rule broken = HTTP_NO_RULE;
    bool is_taken =
        url_path_decode(bytes_of_text(row->raw), slash, &path, &broken);

    if (is_taken != (row->decoded != NULL) || broken != row->broken)
        fail_msg("%s: got %s", row->rule, http_rule_name(broken));
    if (is_taken &&
        !bytes_equal(buffer_view(&path), bytes_of_text(row->decoded)))
        fail_msg("%s: decoded differently", row->rule);
}

static void a_path_is_decoded_once_and_refused_by_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++)
        check_path(&paths[i], URL_SLASH_REFUSED);
}

/* The base64 of an OCSP request may hold both kinds of slashes, and two of them
 * in a row. */
static void incident46_the_tail_of_an_ocsp_request_keeps_its_slashes(
    void **state)
{
    static const struct text_case rows[] = {
        {"escaped", "/ocsp/MEow%2FSDBG%2B%3d",
            "/ocsp/MEow/SDBG+=", HTTP_NO_RULE},
        {"plain", "/ocsp/MEow/SDBG+=", "/ocsp/MEow/SDBG+=", HTTP_NO_RULE},
        {"two", "/ocsp/ME//ow%2f%2F", "/ocsp/ME//ow//", HTTP_NO_RULE},
        {"no way up", "/ocsp/..%2fadmin", NULL, HTTP_PATH_DOTS},
        {"no way down", "/ocsp%2f..%2fadmin", NULL, HTTP_PATH_DOTS},
        {"a backslash", "/ocsp/%5c", NULL, HTTP_ESCAPE_SLASH},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_path(&rows[i], URL_SLASH_DECODED);
}

static void a_path_may_have_8192_bytes_and_no_more(void **state)
{
    static uint8_t raw[HTTP_PATH_MAX + 1];
    RELEASED(buffer) path = BUFFER("path", sizeof(raw));
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    memset(raw, '/', sizeof(raw));
    assert_true(url_path_decode(
        (struct bytes){raw, HTTP_PATH_MAX}, URL_SLASH_REFUSED, &path, &broken));
    buffer_clear(&path);
    assert_false(url_path_decode((struct bytes){raw, HTTP_PATH_MAX + 1},
        URL_SLASH_REFUSED, &path, &broken));
    assert_int_equal(broken, HTTP_PATH_LONG);
    assert_int_equal(http_rule_status(broken), 414);
}

/* The ceiling of the caller's own room is kept as well. */
static void a_path_does_not_grow_beyond_its_room(void **state)
{
    RELEASED(buffer) path = BUFFER("path", 3);
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    assert_false(url_path_decode(
        bytes_of_text("/abc"), URL_SLASH_REFUSED, &path, &broken));
    assert_int_equal(broken, HTTP_PATH_LONG);
}

/* Decoded: "name=value|name=value". */
static const struct text_case forms[] = {
    {"URL 5.1: nothing", "", "", HTTP_NO_RULE},
    {"URL 5.1: one", "a=b", "a=b", HTTP_NO_RULE},
    {"URL 5.1: two", "a=b&c=d", "a=b|c=d", HTTP_NO_RULE},
    {"URL 5.1: a name twice", "a=b&a=c", "a=b|a=c", HTTP_NO_RULE},
    {"URL 5.1: a plus is a space", "a+b=c+d", "a b=c d", HTTP_NO_RULE},
    {"URL 5.1: an escaped plus", "a=%2B", "a=+", HTTP_NO_RULE},
    {"URL 5.1: no value", "a=", "a=", HTTP_NO_RULE},
    {"URL 5.1: no sign", "a", "a=", HTTP_NO_RULE},
    {"URL 5.1: no name", "=b", "=b", HTTP_NO_RULE},
    {"URL 5.1: signs in the value", "a=b=c", "a=b=c", HTTP_NO_RULE},
    {"URL 5.1: escaped separators", "a=%26%3d", "a=&=", HTTP_NO_RULE},
    {"URL 5.1: ends of lines", "a=%0D%0A", "a=\r\n", HTTP_NO_RULE},
    {"URL 5.1: UTF-8", "%c3%a9=%E2%82%AC", "\303\251=\342\202\254",
        HTTP_NO_RULE},
    {"a semicolon parts nothing", "a=b;c=d", "a=b;c=d", HTTP_NO_RULE},
    {"what encoders leave", "a=-._*~!'()/:@?,$[]", "a=-._*~!'()/:@?,$[]",
        HTTP_NO_RULE},
    {"an empty piece", "a=b&&c=d", NULL, HTTP_FORM_MALFORMED},
    {"an empty first piece", "&a=b", NULL, HTTP_FORM_MALFORMED},
    {"an empty last piece", "a=b&", NULL, HTTP_FORM_MALFORMED},
    {"a separator alone", "&", NULL, HTTP_FORM_MALFORMED},
    {"a raw space", "a=b c", NULL, HTTP_FORM_MALFORMED},
    {"a raw end of line", "a=b\r\n", NULL, HTTP_FORM_MALFORMED},
    {"a raw tab", "a=\tb", NULL, HTTP_FORM_MALFORMED},
    {"a raw quote", "a=\"b\"", NULL, HTTP_FORM_MALFORMED},
    {"a raw bracket", "a=<b>", NULL, HTTP_FORM_MALFORMED},
    {"a raw hash", "a=#b", NULL, HTTP_FORM_MALFORMED},
    {"raw UTF-8", "a=\303\251", NULL, HTTP_FORM_MALFORMED},
    {"raw DEL", "a=\177", NULL, HTTP_FORM_MALFORMED},
    {"3986 2.1: a bad escape", "a=%zz", NULL, HTTP_ESCAPE_MALFORMED},
    {"3986 2.1: a cut escape", "a=%4", NULL, HTTP_ESCAPE_MALFORMED},
    {"an escape cut by a separator", "a=%4&b=c", NULL, HTTP_ESCAPE_MALFORMED},
    {"NUL", "a=%00", NULL, HTTP_ESCAPE_NUL},
    {"NUL in a name", "a%00b=c", NULL, HTTP_ESCAPE_NUL},
    {"3629 3: Latin-1", "a=%e9", NULL, HTTP_ESCAPE_UTF8},
    {"3629 3: in a name", "%ff=a", NULL, HTTP_ESCAPE_UTF8},
    {"3629 3: parted by the sign", "%c3=%a9", NULL, HTTP_ESCAPE_UTF8},
};

static void print_form(const struct form *form, struct buffer *text)
{
    struct failure why = {0};

    for (size_t i = 0; i < form->count; i++) {
        if (i > 0)
            assert_true(buffer_append_byte(text, '|', &why));
        assert_true(buffer_append(text, form_name(form, i), &why));
        assert_true(buffer_append_byte(text, '=', &why));
        assert_true(buffer_append(text, form_value(form, i), &why));
    }
}

static void a_form_is_read_in_its_order_or_refused_by_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        const struct text_case *row = &forms[i];
        RELEASED(form) form = {0};
        RELEASED(buffer) text = BUFFER("text", 1000);
        enum http_rule broken = HTTP_NO_RULE;
        bool is_taken = form_read(bytes_of_text(row->raw), &form, &broken);

        if (is_taken != (row->decoded != NULL) || broken != row->broken)
            fail_msg("%s: got %s", row->rule, http_rule_name(broken));
        if (!is_taken)
            continue;
        print_form(&form, &text);
        if (!bytes_equal(buffer_view(&text), bytes_of_text(row->decoded)))
            fail_msg("%s: read differently", row->rule);
    }
}

static void a_form_may_have_64_fields_and_no_more(void **state)
{
    RELEASED(form) form = {0};
    char text[2 * FORM_FIELDS_MAX + 2];
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 2 == 0 ? 'a' : '&';
    assert_true(form_read(
        (struct bytes){(const uint8_t *)text, 2 * FORM_FIELDS_MAX - 1}, &form,
        &broken));
    assert_int_equal(form.count, FORM_FIELDS_MAX);
    assert_false(form_read(
        (struct bytes){(const uint8_t *)text, 2 * FORM_FIELDS_MAX + 1}, &form,
        &broken));
    assert_int_equal(broken, HTTP_FORM_MANY);
}

static void a_field_that_stands_twice_is_not_guessed(void **state)
{
    RELEASED(form) form = {0};
    struct bytes value = {0};
    bool is_there = false;
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    assert_true(form_read(bytes_of_text("a=1&b=2&a=3"), &form, &broken));
    assert_true(form_find(&form, "b", &is_there, &value, &broken));
    assert_true(is_there);
    assert_true(bytes_equal(value, bytes_of_text("2")));
    assert_true(form_find(&form, "B", &is_there, &value, &broken));
    assert_false(is_there);
    assert_false(form_find(&form, "a", &is_there, &value, &broken));
    assert_int_equal(broken, HTTP_FORM_TWICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_decoded_once_and_refused_by_its_rule),
        cmocka_unit_test(
            incident46_the_tail_of_an_ocsp_request_keeps_its_slashes),
        cmocka_unit_test(a_path_may_have_8192_bytes_and_no_more),
        cmocka_unit_test(a_path_does_not_grow_beyond_its_room),
        cmocka_unit_test(a_form_is_read_in_its_order_or_refused_by_its_rule),
        cmocka_unit_test(a_form_may_have_64_fields_and_no_more),
        cmocka_unit_test(a_field_that_stands_twice_is_not_guessed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
