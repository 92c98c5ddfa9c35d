#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "cli/verify_batch.h"

/* Standard input and output are files while a batch runs. */
struct stage {
    FILE *input, *output;
    int kept_input, kept_output;
};

static void open_stage(struct stage *stage, struct bytes lines)
{
    stage->input = tmpfile();
    stage->output = tmpfile();
    assert_non_null(stage->input);
    assert_non_null(stage->output);
    if (lines.length > 0)
        assert_int_equal(
            fwrite(lines.start, 1, lines.length, stage->input), lines.length);
    rewind(stage->input);
    (void)fflush(stdout);
    stage->kept_input = dup(STDIN_FILENO);
    stage->kept_output = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(stage->input), STDIN_FILENO) >= 0);
    assert_true(dup2(fileno(stage->output), STDOUT_FILENO) >= 0);
}

static void close_stage(struct stage *stage)
{
    (void)fflush(stdout);
    assert_true(dup2(stage->kept_input, STDIN_FILENO) >= 0);
    assert_true(dup2(stage->kept_output, STDOUT_FILENO) >= 0);
    (void)close(stage->kept_input);
    (void)close(stage->kept_output);
    (void)fclose(stage->input);
    rewind(stage->output);
}

static FILE *run_batch(struct bytes lines)
{
    struct stage stage = {0};
    struct failure why = {0};
    bool done;

    open_stage(&stage, lines);
    done = verify_batch(&why);
    close_stage(&stage);
    if (!done)
        fail_msg("%s", why.reason);
    return stage.output;
}

/* The next answer; NULL behind the last. */
static json_t *next_answer(FILE *output)
{
    char line[4096];
    struct failure why = {0};
    json_t *value = NULL;

    if (fgets(line, sizeof(line), output) == NULL)
        return NULL;
    if (!json_read(bytes_of_text(line), "an answer", &value, &why))
        fail_msg("%s", why.reason);
    return value;
}

static void assert_code(const json_t *value, const char *code)
{
    assert_non_null(value);
    assert_string_equal(
        json_string_value(json_object_get(value, "code")), code);
}

/* Several times what the window holds. */
#define MANY (5 * BATCH_WINDOW + 3)

static void answers_of_many_threads_keep_the_order_of_the_lines(void **state)
{
    RELEASED(buffer) lines = BUFFER("lines", BATCH_LINE_MAX);
    struct failure why = {0};
    json_t *value = NULL;
    FILE *output;

    (void)state;
    for (int i = 0; i < MANY; i++)
        assert_true(buffer_print(&lines, &why,
            "{\"id\": %d, \"leaf\": \"MAA=\", \"roots\": []}\n", i));
    output = run_batch(buffer_view(&lines));
    for (int i = 0; i < MANY; i++) {
        value = next_answer(output);
        assert_code(value, "malformed");
        assert_int_equal(json_integer_value(json_object_get(value, "id")), i);
        json_decref(value);
    }
    assert_null(next_answer(output));
    (void)fclose(output);
}

static void a_last_line_without_its_newline_is_answered(void **state)
{
    FILE *output = run_batch(bytes_of_text("\n  \r\n{\"id\": 1"));
    json_t *value = next_answer(output);

    (void)state;
    assert_code(value, "malformed");
    assert_non_null(
        strstr(json_string_value(json_object_get(value, "sentence")),
            "line 3 can't be read: "));
    json_decref(value);
    assert_null(next_answer(output));
    (void)fclose(output);
}

static void a_line_above_the_limit_is_left_and_the_next_is_read(void **state)
{
    RELEASED(buffer) lines = BUFFER("lines", BATCH_LINE_MAX + 1024);
    struct failure why = {0};
    FILE *output;

    (void)state;
    assert_true(buffer_reserve(&lines, BATCH_LINE_MAX + 1, &why));
    memset(lines.start, 'x', BATCH_LINE_MAX + 1);
    lines.length = BATCH_LINE_MAX + 1;
    assert_true(buffer_append_text(&lines, "\n{\"id\": 2}\n", &why));
    output = run_batch(buffer_view(&lines));
    for (int i = 0; i < 2; i++) {
        json_t *value = next_answer(output);

        assert_code(value, "malformed");
        assert_int_equal(json_is_null(json_object_get(value, "id")), i == 0);
        json_decref(value);
    }
    (void)fclose(output);
}

/* More bytes than are held at a time. */
static void long_lines_wait_for_one_another_and_keep_their_order(void **state)
{
    RELEASED(buffer) lines = BUFFER("lines", 4 * BATCH_HELD_MAX);
    const size_t blanks = BATCH_LINE_MAX / 2;
    struct failure why = {0};
    FILE *output;

    (void)state;
    for (int i = 0; i < 12; i++) {
        assert_true(buffer_print(&lines, &why, "{\"id\": %d,", i));
        assert_true(buffer_reserve(&lines, blanks, &why));
        memset(lines.start + lines.length, ' ', blanks);
        lines.length += blanks;
        assert_true(buffer_append_text(
            &lines, "\"leaf\": \"MAA=\", \"roots\": []}\n", &why));
    }
    assert_true(lines.length > 2 * BATCH_HELD_MAX);
    output = run_batch(buffer_view(&lines));
    for (int i = 0; i < 12; i++) {
        json_t *value = next_answer(output);

        assert_int_equal(json_integer_value(json_object_get(value, "id")), i);
        json_decref(value);
    }
    assert_null(next_answer(output));
    (void)fclose(output);
}

static void nothing_is_answered_by_nothing(void **state)
{
    FILE *output = run_batch((struct bytes){0});

    (void)state;
    assert_null(next_answer(output));
    (void)fclose(output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_of_many_threads_keep_the_order_of_the_lines),
        cmocka_unit_test(a_last_line_without_its_newline_is_answered),
        cmocka_unit_test(a_line_above_the_limit_is_left_and_the_next_is_read),
        cmocka_unit_test(long_lines_wait_for_one_another_and_keep_their_order),
        cmocka_unit_test(nothing_is_answered_by_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
