#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/pages/html.h"

static void expect_shown(struct bytes text, const char *markup)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);
    const char *shown = NULL;
    struct failure why = {0};

    assert_true(html_value(&out, text, &why));
    assert_true(buffer_as_text(&out, &shown, &why));
    assert_string_equal(shown, markup);
}

static void text_from_outside_never_becomes_markup(void **state)
{
    (void)state;
    expect_shown(bytes_of_text("<script>alert('x' & \"y\")</script>"),
        "&lt;script&gt;alert(&#39;x&#39; &amp; "
        "&quot;y&quot;)&lt;/script&gt;");
    expect_shown(
        bytes_of_text("M\xc3\xbcller\n\tline"), "M\xc3\xbcller\n\tline");
}

static void what_is_no_letter_or_turns_letters_around_is_replaced(void **state)
{
    (void)state;
    expect_shown(bytes_of_text("a\xff"
                               "b"),
        "a\xef\xbf\xbd"
        "b");
    expect_shown((struct bytes){(const uint8_t *)"a\0b", 3}, "a\xef\xbf\xbd"
                                                             "b");
    expect_shown(bytes_of_text("\x1b[31m"), "\xef\xbf\xbd[31m");
    expect_shown(bytes_of_text("exe\xe2\x80\xaegnp"), "exe\xef\xbf\xbd"
                                                      "gnp");
}

static void printed_values_are_escaped_and_other_formats_refused(void **state)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);
    const char *shown = NULL, *format = "%5s";
    struct failure why = {0};

    (void)state;
    assert_true(html_print(
        &out, &why, "<b>%s</b> %d %zu %lld 5%%", "<a>", -1, (size_t)2, 3LL));
    assert_true(buffer_as_text(&out, &shown, &why));
    assert_string_equal(shown, "<b>&lt;a&gt;</b> -1 2 3 5%");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    assert_false(html_print(&out, &why, format, "a"));
#pragma GCC diagnostic pop
    assert_int_equal(why.kind, FAILURE_INTERNAL);
}

static const char *page_of(const struct html_page *page, struct buffer *out)
{
    const char *text = NULL;
    struct failure why = {0};

    assert_true(html_page_begin(out, page, &why));
    assert_true(html_page_end(out, &why));
    assert_true(buffer_as_text(out, &text, &why));
    return text;
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;

    while ((text = strstr(text, part)) != NULL) {
        found++;
        text += strlen(part);
    }
    return found;
}

static void a_page_says_where_one_is_once_and_escapes_its_names(void **state)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);
    const struct html_page page = {.title = "A < B",
        .authority = "Smith & Sons",
        .here = "/enrol/server",
        .who = "<eve>"};
    const char *text = page_of(&page, &out);

    (void)state;
    assert_int_equal(count(text, "aria-current"), 1);
    assert_non_null(strstr(text, "<a href=\"/enrol\" aria-current=\"page\">"));
    assert_non_null(strstr(text, "<h1>A &lt; B</h1>"));
    assert_non_null(strstr(text, "Smith &amp; Sons"));
    assert_non_null(strstr(text, "&lt;eve&gt;"));
    assert_int_equal(count(text, "<main"), 1);
    assert_int_equal(count(text, "</html>"), 1);
    assert_null(strstr(text, "<script"));
}

static void a_plain_page_leads_to_no_form(void **state)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);
    const struct html_page page = {.title = "Roots",
        .authority = "Example",
        .here = "/roots",
        .is_plain = true};

    (void)state;
    assert_null(strstr(page_of(&page, &out), "/enrol"));
}

static void the_home_page_is_not_every_page(void **state)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);
    RELEASED(buffer) admin = BUFFER("page", HTML_PAGE_MAX);
    const struct html_page page = {
        .title = "View", .authority = "Example", .here = "/view"};
    const struct html_page queue = {.title = "Requests",
        .authority = "Example",
        .here = "/admin/requests/7",
        .is_admin = true};
    const char *text = page_of(&page, &out);

    (void)state;
    assert_int_equal(count(text, "aria-current"), 1);
    text = page_of(&queue, &admin);
    assert_int_equal(count(text, "aria-current"), 1);
    assert_non_null(
        strstr(text, "<a href=\"/admin/requests\" aria-current=\"page\">"));
}

/* x^2.4 is the fifth root of x^12, by Newton's steps. */
static double to_the_2_4(double base)
{
    double square = base * base;
    double wanted = square * square * square * square * square * square;
    double root = 1.0;

    for (int step = 0; step < 60; step++)
        root -= (root * root * root * root * root - wanted) /
                (5.0 * root * root * root * root);
    return root;
}

/* WCAG 2.2, 1.4.3: relative luminance of sRGB. */
static double channel(const char *digits)
{
    const char pair[] = {digits[0], digits[1], '\0'};
    double value = (double)strtol(pair, NULL, 16) / 255.0;

    return value <= 0.03928 ? value / 12.92
                            : to_the_2_4((value + 0.055) / 1.055);
}

static double luminance(const char *from, const char *name)
{
    char key[32];
    const char *digits;

    (void)snprintf(key, sizeof(key), "--%s: #", name);
    digits = strstr(from, key);
    assert_non_null(digits);
    digits += strlen(key);
    return 0.2126 * channel(digits) + 0.7152 * channel(digits + 2) +
           0.0722 * channel(digits + 4);
}

static void expect_contrast(
    const char *from, const char *ink, const char *ground)
{
    double a = luminance(from, ink), b = luminance(from, ground);
    double ratio = a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);

    if (ratio < 4.5)
        fail_msg("%s on %s: %.2f", ink, ground, ratio);
}

static void every_colour_of_text_has_contrast_in_both_schemes(void **state)
{
    static const char *const inks[] = {
        "ink", "quiet", "accent", "good", "bad", "warn"};
    static const char *const grounds[] = {"ground", "card"};
    const char *schemes[] = {
        html_style(), strstr(html_style(), "prefers-color-scheme: dark")};

    (void)state;
    for (size_t scheme = 0; scheme < 2; scheme++) {
        for (size_t ink = 0; ink < sizeof(inks) / sizeof(*inks); ink++) {
            for (size_t ground = 0; ground < 2; ground++)
                expect_contrast(schemes[scheme], inks[ink], grounds[ground]);
        }
        expect_contrast(schemes[scheme], "on-accent", "accent");
        expect_contrast(schemes[scheme], "ink", "code");
        expect_contrast(schemes[scheme], "ink", "field");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_from_outside_never_becomes_markup),
        cmocka_unit_test(what_is_no_letter_or_turns_letters_around_is_replaced),
        cmocka_unit_test(printed_values_are_escaped_and_other_formats_refused),
        cmocka_unit_test(a_page_says_where_one_is_once_and_escapes_its_names),
        cmocka_unit_test(a_plain_page_leads_to_no_form),
        cmocka_unit_test(the_home_page_is_not_every_page),
        cmocka_unit_test(every_colour_of_text_has_contrast_in_both_schemes),
    };

    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
