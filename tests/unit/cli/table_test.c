#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/man.h"

#define PAGE_MAX (256 * 1024)

static void every_command_says_what_it_does_and_shows_an_example(void **state)
{
    (void)state;
    for (EACH_COMMAND(row)) {
        assert_true(strlen(row->summary) > 8);
        assert_null(strchr(row->summary, '.'));
        assert_true(strlen(row->text) > 20);
        assert_non_null(row->synopsis);
        assert_non_null(row->run);
        assert_non_null(strstr(row->example, row->words));
        assert_non_null(strstr(row->example, "chancery "));
    }
}

static void no_option_is_declared_twice(void **state)
{
    (void)state;
    for (EACH_COMMAND(row)) {
        for (const struct command_option *option = row->options;
             option->name != NULL; option++) {
            size_t length = strlen(option->name);

            assert_ptr_equal(
                command_option_named(row, option->name, length), option);
            assert_true(strlen(option->help) > 5);
            if (option->alias != NULL)
                assert_ptr_equal(command_option_named(
                                     row, option->alias, strlen(option->alias)),
                    option);
        }
    }
}

static bool is_option_letter(char character)
{
    return character == '-' || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9');
}

/* Every "--word" of a text. */
static void assert_options_exist(const struct command *row, const char *text)
{
    while ((text = strstr(text, "--")) != NULL) {
        size_t length = 0;

        text += 2;
        while (is_option_letter(text[length]))
            length++;
        assert_non_null(command_option_named(row, text, length));
    }
}

static void synopsis_and_example_name_options_that_exist(void **state)
{
    (void)state;
    for (EACH_COMMAND(row)) {
        assert_options_exist(row, row->synopsis);
        assert_options_exist(row, row->example);
    }
}

static bool needs_no_authority(const char *words)
{
    static const char *const known[] = {"version", "lint", "view", "verify"};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(words, known[i]) == 0)
            return true;
    }
    return false;
}

static void every_command_can_print_json_and_says_where_the_authority_is(
    void **state)
{
    (void)state;
    for (EACH_COMMAND(row)) {
        assert_non_null(command_option_named(row, "json", 4));
        if (!needs_no_authority(row->words))
            assert_non_null(command_option_named(row, "dir", 3));
    }
}

static void a_secret_is_never_the_argument_of_an_option(void **state)
{
    (void)state;
    for (EACH_COMMAND(row)) {
        for (const struct command_option *option = row->options;
             option->name != NULL; option++) {
            if (strstr(option->name, "passphrase") == NULL)
                continue;
            assert_true(strcmp(option->argument, "FILE") == 0 ||
                        strcmp(option->argument, "N") == 0);
        }
    }
}

static void a_command_is_found_by_one_word_or_two(void **state)
{
    int used = 0;

    (void)state;
    assert_string_equal(command_named("issue", NULL, &used)->words, "issue");
    assert_int_equal(used, 1);
    assert_string_equal(command_named("list", "list", &used)->words, "list");
    assert_int_equal(used, 1);
    assert_string_equal(
        command_named("keys", "prove", &used)->words, "keys prove");
    assert_int_equal(used, 2);
    assert_null(command_named("keys", NULL, &used));
    assert_null(command_named("keys", "pro", &used));
    assert_null(command_named("iss", NULL, &used));
    assert_null(command_named("", "list", &used));
    assert_true(command_is_group("keys"));
    assert_false(command_is_group("list"));
    assert_false(command_is_group("key"));
}

static void read_help(
    const struct command *command, struct buffer *page, const char **text)
{
    struct failure why = {0};

    assert_true(help_append_command(command, page, &why));
    assert_true(buffer_as_text(page, text, &why));
}

static void help_names_every_option_in_lines_of_a_terminal(void **state)
{
    (void)state;
    for (EACH_COMMAND(row)) {
        RELEASED(buffer) page = BUFFER("help", PAGE_MAX);
        const char *text = NULL;
        const char *example;

        read_help(row, &page, &text);
        example = strstr(text, "\nExample:\n");
        assert_non_null(example);
        for (const struct command_option *option = row->options;
             option->name != NULL; option++)
            assert_non_null(strstr(text, option->name));
        for (const char *line = text; line < example;
             line += strcspn(line, "\n") + 1)
            assert_true(strcspn(line, "\n") <= 80);
    }
}

static void the_program_s_help_lists_every_command(void **state)
{
    RELEASED(buffer) page = BUFFER("help", PAGE_MAX);
    struct failure why = {0};
    const char *text = NULL;

    (void)state;
    assert_true(help_append_program(&page, &why));
    assert_true(buffer_as_text(&page, &text, &why));
    for (EACH_COMMAND(row))
        assert_non_null(strstr(text, row->summary));
}

/* --- manual pages ------------------------------------------------------------
 */

static void every_command_has_a_manual_page_that_is_built(void **state)
{
    (void)state;
    for (EACH_COMMAND(row)) {
        RELEASED(buffer) name = BUFFER("the name of a page", 128);
        RELEASED(buffer) page = BUFFER("a page", PAGE_MAX);
        struct failure why = {0};
        const char *text = NULL, *roff = NULL;

        assert_true(buffer_print(&name, &why, " chancery-%s ", row->words));
        for (size_t i = 1; i + 1 < name.length; i++) {
            if (name.start[i] == ' ')
                name.start[i] = '-';
        }
        assert_true(buffer_as_text(&name, &text, &why));
        assert_non_null(strstr(" " MAN_PAGES " ", text));
        name.start[name.length - 1] = 0;
        assert_true(man_append(text + 1, &page, &why));
        assert_true(buffer_as_text(&page, &roff, &why));
        assert_memory_equal(roff, ".TH CHANCERY-", 13);
        assert_non_null(strstr(roff, ".SH EXAMPLE"));
        assert_non_null(strstr(roff, ".SH OPTIONS"));
    }
}

static void no_line_of_a_page_is_a_request_by_accident(void **state)
{
    RELEASED(buffer) page = BUFFER("a page", PAGE_MAX);
    struct failure why = {0};
    const char *line = NULL;

    (void)state;
    assert_true(man_append("chancery", &page, &why));
    assert_true(man_append("chancery-init", &page, &why));
    assert_true(buffer_as_text(&page, &line, &why));
    for (; *line != 0; line += strcspn(line, "\n") + 1) {
        if (*line == '.')
            assert_true(strchr("TSBPnf", line[1]) != NULL);
        assert_true(*line != '\'');
    }
    assert_false(man_append("nothing", &page, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_string_equal(why.reason, "there is no manual page nothing");
}

/* --- completion --------------------------------------------------------------
 */

static void completion_offers_every_command_with_its_options(void **state)
{
    RELEASED(buffer) page = BUFFER("the completion", PAGE_MAX);
    struct failure why = {0};
    const char *text = NULL;

    (void)state;
    assert_true(completion_append(&page, &why));
    assert_true(buffer_as_text(&page, &text, &why));
    assert_non_null(strstr(text, "-W \"init issue list show keys ca unlock "));
    assert_non_null(strstr(text, " requests "));
    assert_non_null(strstr(text, " help\""));
    assert_non_null(strstr(text, "keys) values=\"list prove passphrase\""));
    assert_non_null(strstr(text, "\"status \"*) options=\"--json --dir\""));
    assert_non_null(strstr(text, "\"ca list\") options=\"--ca --json --dir\""));
    assert_non_null(
        strstr(text, "--status) values=\"valid revoked expired held all\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_says_what_it_does_and_shows_an_example),
        cmocka_unit_test(no_option_is_declared_twice),
        cmocka_unit_test(synopsis_and_example_name_options_that_exist),
        cmocka_unit_test(
            every_command_can_print_json_and_says_where_the_authority_is),
        cmocka_unit_test(a_secret_is_never_the_argument_of_an_option),
        cmocka_unit_test(a_command_is_found_by_one_word_or_two),
        cmocka_unit_test(help_names_every_option_in_lines_of_a_terminal),
        cmocka_unit_test(the_program_s_help_lists_every_command),
        cmocka_unit_test(every_command_has_a_manual_page_that_is_built),
        cmocka_unit_test(no_line_of_a_page_is_a_request_by_accident),
        cmocka_unit_test(completion_offers_every_command_with_its_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
