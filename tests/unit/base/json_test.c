#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static void assert_refused(const char *text, const char *reason)
{
    json_t *value = NULL;
    struct failure why = {0};

    assert_false(json_read(bytes_of_text(text), "order", &value, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_null(value);
}

static void a_value_is_read_and_written_in_its_order(void **state)
{
    const char *text = "{\"z\":1,\"a\":[true,null,\"\\u00fc\"]}";
    SCOPED(json_t) *value = NULL;
    RELEASED(buffer) written = BUFFER("an answer", 100);
    struct failure why = {0};

    (void)state;
    assert_true(json_read(bytes_of_text(text), "order", &value, &why));
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(value, "a"), 2)),
        "\xc3\xbc");
    assert_true(json_append(&written, value, &why));
    assert_true(bytes_equal(
        buffer_view(&written), bytes_of_text("{\"z\":1,\"a\":[true,null,"
                                             "\"\\u00FC\"]}")));
}

static void any_value_is_a_text(void **state)
{
    SCOPED(json_t) *value = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(json_read(bytes_of_text(" \"x\" "), "order", &value, &why));
    assert_string_equal(json_string_value(value), "x");
}

static void what_is_not_strict_is_refused_with_line_and_column(void **state)
{
    const char *const refusals[][2] = {
        {"", "order, line 1, column 1: it is empty"},
        {"{\"a\":1,\n \"a\":2}",
            "order, line 2, column 4: duplicate object key near '\"a\"'"},
        {"{} x", "order, line 1, column 4: end of file expected near 'x'"},
        {"[1,]", "order, line 1, column 4: unexpected token near ']'"},
        {"[1 // c\n]", "order, line 1, column 4: ']' expected near '/'"},
        {"{'a':1}", "order, line 1, column 2: string or '}' expected near '''"},
        {"[\"a\\u0000\"]",
            "order, line 1, column 10: \\\\u0000 is not allowed without "
            "JSON_ALLOW_NUL near '\"a\\\\u0000\"'"},
        {"[NaN]", "order, line 1, column 4: invalid token near 'NaN'"},
        {"[01]", "order, line 1, column 2: invalid token near '0'"},
        {"[99999999999999999999]",
            "order, line 1, column 21: too big integer near "
            "'99999999999999999999'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        assert_refused(refusals[i][0], refusals[i][1]);
}

/* A terminal escape within stays one no longer. */
static void bytes_that_are_quoted_are_made_visible(void **state)
{
    json_t *value = NULL;
    struct failure why = {0};

    (void)state;
    assert_false(json_read(bytes_of_text("\x1b[31m"), "order", &value, &why));
    assert_null(strchr(why.reason, '\x1b'));
    assert_false(
        json_read(bytes_of_text("[\"\xff\xfe\"]"), "order", &value, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

static void more_than_32_levels_are_refused(void **state)
{
    char text[70] = "";
    SCOPED(json_t) *value = NULL;
    struct failure why = {0};

    (void)state;
    memset(text, '[', 32);
    memset(text + 32, ']', 32);
    assert_true(json_read(bytes_of_text(text), "order", &value, &why));
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    assert_refused(text, "order, line 1, column 33: more than 32 levels");
}

static void brackets_within_a_text_are_no_levels(void **state)
{
    SCOPED(json_t) *value = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(json_read(
        bytes_of_text("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"),
        "order", &value, &why));
}

static void more_than_1_mib_is_refused(void **state)
{
    size_t length = (size_t)1024 * 1024 + 1;
    char *text = malloc(length);
    struct bytes bytes = {.start = (uint8_t *)text, .length = length};
    json_t *value = NULL;
    struct failure why = {0};

    (void)state;
    assert_non_null(text);
    memset(text, ' ', length);
    assert_false(json_read(bytes, "order", &value, &why));
    assert_string_equal(why.reason, "order is longer than 1048576 bytes");
    free(text);
}

static void an_answer_above_its_ceiling_leaves_the_buffer_as_it_was(
    void **state)
{
    SCOPED(json_t) *value = json_string("a long text");
    RELEASED(buffer) written = BUFFER("an answer", 8);
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&written, "ab", &why));
    assert_false(json_append(&written, value, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(written.length, 2);
}

static void a_time_is_a_text_and_no_time_is_null(void **state)
{
    SCOPED(json_t) *time = json_of_time(1795913264);
    SCOPED(json_t) *none = json_of_time(0);

    (void)state;
    assert_string_equal(json_string_value(time), "2026-11-29T00:47:44Z");
    assert_true(json_is_null(none));
}

static void a_member_that_is_no_text_is_read_as_an_empty_one(void **state)
{
    SCOPED(json_t) *object =
        json_pack("{s:s,s:i,s:n}", "name", "web", "age", 7, "end");

    (void)state;
    assert_string_equal(json_text(object, "name"), "web");
    assert_string_equal(json_text(object, "age"), "");
    assert_string_equal(json_text(object, "end"), "");
    assert_string_equal(json_text(object, "absent"), "");
    assert_string_equal(json_text(NULL, "name"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_read_and_written_in_its_order),
        cmocka_unit_test(any_value_is_a_text),
        cmocka_unit_test(what_is_not_strict_is_refused_with_line_and_column),
        cmocka_unit_test(bytes_that_are_quoted_are_made_visible),
        cmocka_unit_test(more_than_32_levels_are_refused),
        cmocka_unit_test(brackets_within_a_text_are_no_levels),
        cmocka_unit_test(more_than_1_mib_is_refused),
        cmocka_unit_test(
            an_answer_above_its_ceiling_leaves_the_buffer_as_it_was),
        cmocka_unit_test(a_time_is_a_text_and_no_time_is_null),
        cmocka_unit_test(a_member_that_is_no_text_is_read_as_an_empty_one),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
