#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <chancery/view.h>

#include "support/library_desk.h"

static struct chancery_page *render(const struct chancery_view *view,
    enum chancery_form form, const char *path, enum chancery_result expected)
{
    struct chancery_page *page = NULL;
    struct held held = {.length = 0};

    read_object(path, &held);
    assert_int_equal(
        chancery_view_render(view, form, held.bytes, held.length, path, &page),
        expected);
    assert_non_null(page);
    return page;
}

static void assert_shows(const struct chancery_view *view,
    enum chancery_form form, const char *path, const char *words)
{
    struct chancery_page *page = render(view, form, path, CHANCERY_DONE);

    if (strstr(chancery_page_text(page), words) == NULL)
        fail_msg("%.2000s", chancery_page_text(page));
    assert_string_equal(chancery_page_reason(page), "");
    chancery_page_free(page);
}

static void assert_hides(const struct chancery_view *view,
    enum chancery_form form, const char *path, const char *words)
{
    struct chancery_page *page = render(view, form, path, CHANCERY_DONE);

    if (strstr(chancery_page_text(page), words) != NULL)
        fail_msg("%.2000s", chancery_page_text(page));
    chancery_page_free(page);
}

static void a_certificate_is_shown_in_three_forms(void **state)
{
    struct chancery_view *view = chancery_view_new();

    (void)state;
    assert_shows(view, CHANCERY_VIEW_TEXT, LEAF, "Certificate\n");
    assert_shows(view, CHANCERY_VIEW_JSON, LEAF, "{\"kind\":\"certificate\"");
    assert_shows(view, CHANCERY_VIEW_HTML, LEAF, "<!DOCTYPE html>");
    chancery_view_free(view);
}

static void the_path_is_what_the_question_answers(void **state)
{
    struct chancery_question *question = question_of_chain();
    struct chancery_view *view = chancery_view_new();

    (void)state;
    assert_hides(view, CHANCERY_VIEW_TEXT, LEAF, "Path");
    chancery_view_set_question(view, question);
    assert_shows(view, CHANCERY_VIEW_TEXT, LEAF, "a path of 3 certificates");
    assert_int_equal(chancery_question_add_name(question, "mail.example.org"),
        CHANCERY_DONE);
    assert_shows(view, CHANCERY_VIEW_JSON, LEAF, "name-mismatch");
    chancery_view_set_question(view, NULL);
    assert_hides(view, CHANCERY_VIEW_JSON, LEAF, "name-mismatch");
    chancery_view_free(view);
    chancery_question_free(question);
}

static void raw_all_width_and_colour_are_off_at_first(void **state)
{
    struct chancery_view *view = chancery_view_new();

    (void)state;
    assert_hides(view, CHANCERY_VIEW_TEXT, LEAF, "Raw");
    assert_hides(view, CHANCERY_VIEW_TEXT, LEAF, "\033[");
    chancery_view_set_raw(view, true);
    assert_shows(view, CHANCERY_VIEW_TEXT, LEAF, "Raw");
    chancery_view_set_raw(view, false);
    chancery_view_set_all(view, true);
    assert_shows(view, CHANCERY_VIEW_TEXT, LEAF, "Raw");
    chancery_view_set_terminal(view, 1, true);
    assert_shows(view, CHANCERY_VIEW_TEXT, LEAF, "\033[");
    chancery_view_set_terminal(view, 0, false);
    assert_hides(view, CHANCERY_VIEW_TEXT, LEAF, "\033[");
    chancery_view_free(view);
}

static void the_time_of_a_view_is_looked_at(void **state)
{
    struct chancery_view *view = chancery_view_new();

    (void)state;
    chancery_view_set_time(view, 0);
    assert_shows(view, CHANCERY_VIEW_TEXT, LEAF, "not yet valid");
    chancery_view_free(view);
}

static void a_damaged_file_is_shown_and_said_to_be_damaged(void **state)
{
    struct chancery_view *view = chancery_view_new();
    struct chancery_page *page = render(view, CHANCERY_VIEW_TEXT,
        OBJECTS "hostile/requests/cut-after-half.csr", CHANCERY_MALFORMED);

    (void)state;
    assert_non_null(strstr(chancery_page_text(page), "CN=hostile.example.org"));
    assert_non_null(strstr(
        chancery_page_reason(page), "reaches beyond its end at offset 4"));
    chancery_page_free(page);
    chancery_view_free(view);
}

static void where_there_is_nothing_to_show_the_reason_says_so(void **state)
{
    struct chancery_view *view = chancery_view_new();
    struct chancery_page *page = NULL;

    (void)state;
    assert_int_equal(chancery_view_render(view, CHANCERY_VIEW_HTML, "words", 5,
                         "words.txt", &page),
        CHANCERY_MALFORMED);
    assert_string_equal(chancery_page_text(page), "");
    assert_non_null(strstr(chancery_page_reason(page), "words.txt"));
    chancery_page_free(page);
    chancery_view_free(view);
}

static void no_secret_is_shown_and_no_store_is_opened(void **state)
{
    struct chancery_view *view = chancery_view_new();

    (void)state;
    chancery_view_set_all(view, true);
    assert_shows(view, CHANCERY_VIEW_TEXT, OBJECTS "input/key-pkcs8.pem",
        "the public part only");
    assert_shows(view, CHANCERY_VIEW_TEXT, OBJECTS "input/openssl.p12",
        "keys and certificates behind a password");
    chancery_view_free(view);
}

static void what_was_never_made_may_be_given_back(void **state)
{
    (void)state;
    chancery_question_free(NULL);
    chancery_answer_free(NULL);
    chancery_view_free(NULL);
    chancery_page_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_shown_in_three_forms),
        cmocka_unit_test(the_path_is_what_the_question_answers),
        cmocka_unit_test(raw_all_width_and_colour_are_off_at_first),
        cmocka_unit_test(the_time_of_a_view_is_looked_at),
        cmocka_unit_test(a_damaged_file_is_shown_and_said_to_be_damaged),
        cmocka_unit_test(where_there_is_nothing_to_show_the_reason_says_so),
        cmocka_unit_test(no_secret_is_shown_and_no_store_is_opened),
        cmocka_unit_test(what_was_never_made_may_be_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
