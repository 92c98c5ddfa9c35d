#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/scoped.h"
#include "cli/options.h"

static size_t count_of(const char *const *arguments)
{
    size_t count = 0;

    while (arguments[count] != NULL)
        count++;
    return count;
}

static const struct command *named(const char *first, const char *second)
{
    int used = 0;

    return command_named(first, second, &used);
}

static void read(const struct command *command, struct options *options,
    const char *const *arguments)
{
    struct failure why = {0};

    assert_true(
        options_read(command, arguments, count_of(arguments), options, &why));
}

static void options_stand_before_and_after_operands_in_both_forms(void **state)
{
    RELEASED(options) options = {0};

    (void)state;
    read(named("show", NULL), &options,
        (const char *const[]){"--dir", "/d", "12ab", "--json", NULL});
    assert_int_equal(options.operand_count, 1);
    assert_string_equal(options.operands[0], "12ab");
    assert_string_equal(option_text(&options, "dir"), "/d");
    assert_true(option_is_given(&options, "json"));
    assert_null(option_text(&options, "json"));
    assert_false(option_is_given(&options, "out"));
}

static void a_value_may_follow_an_equals_sign_and_hold_more_of_them(
    void **state)
{
    RELEASED(options) options = {0};

    (void)state;
    read(named("issue", NULL), &options,
        (const char *const[]){
            "--subject=CN=a,O=b", "--out=", "--csr", "-", NULL});
    assert_string_equal(option_text(&options, "subject"), "CN=a,O=b");
    assert_string_equal(option_text(&options, "out"), "");
    assert_string_equal(option_text(&options, "csr"), "-");
}

static void a_repeated_option_keeps_its_order(void **state)
{
    RELEASED(options) options = {0};
    size_t position = 0;

    (void)state;
    read(named("issue", NULL), &options,
        (const char *const[]){
            "--san", "a.example", "--san=b.example", "--der", NULL});
    assert_string_equal(option_next(&options, "san", &position), "a.example");
    assert_string_equal(option_next(&options, "san", &position), "b.example");
    assert_null(option_next(&options, "san", &position));
}

static void an_alias_is_the_same_option(void **state)
{
    RELEASED(options) options = {0};

    (void)state;
    read(named("unlock", NULL), &options,
        (const char *const[]){"--password-file", "f", NULL});
    assert_string_equal(option_text(&options, "passphrase-file"), "f");
}

static void what_follows_two_hyphens_is_an_operand(void **state)
{
    RELEASED(options) options = {0};

    (void)state;
    read(named("config", "check"), &options,
        (const char *const[]){"--", "--odd.yaml", NULL});
    assert_string_equal(options.operands[0], "--odd.yaml");
}

static void help_is_wanted_whatever_is_missing(void **state)
{
    RELEASED(options) options = {0};

    (void)state;
    read(named("show", NULL), &options, (const char *const[]){"-h", NULL});
    assert_true(options.wants_help);
}

static void refuse(const struct command *command, const char *reason,
    const char *const *arguments)
{
    RELEASED(options) options = {0};
    struct failure why = {0};

    assert_false(
        options_read(command, arguments, count_of(arguments), &options, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_null(options.values);
}

static void wrong_usage_is_refused_by_name(void **state)
{
    (void)state;
    refuse(named("show", NULL),
        "something is missing: chancery show SERIAL [--history] [--json]",
        (const char *const[]){NULL});
    refuse(named("show", NULL), "chancery show does not take \"b\"",
        (const char *const[]){"a", "b", NULL});
    refuse(named("list", NULL), "--limit is given without its N",
        (const char *const[]){"--limit", NULL});
    refuse(named("list", NULL), "--limit is given without its N",
        (const char *const[]){"--limit", "--json", NULL});
    refuse(named("list", NULL), "--json takes no value",
        (const char *const[]){"--json=yes", NULL});
    refuse(named("list", NULL), "--limit is given twice",
        (const char *const[]){"--limit", "1", "--limit=2", NULL});
    refuse(named("list", NULL), "list has no option --limti: is --limit meant?",
        (const char *const[]){"--limti=3", NULL});
    refuse(named("list", NULL),
        "list has no option -z: chancery list --help lists those it has",
        (const char *const[]){"-z", NULL});
}

static void a_secret_among_the_arguments_is_not_shown(void **state)
{
    (void)state;
    refuse(named("unlock", NULL),
        "unlock has no option --passphrase: a secret is never an argument; "
        "--passphrase-file FILE reads it",
        (const char *const[]){"--passphrase=hunter2", NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_before_and_after_operands_in_both_forms),
        cmocka_unit_test(
            a_value_may_follow_an_equals_sign_and_hold_more_of_them),
        cmocka_unit_test(a_repeated_option_keeps_its_order),
        cmocka_unit_test(an_alias_is_the_same_option),
        cmocka_unit_test(what_follows_two_hyphens_is_an_operand),
        cmocka_unit_test(help_is_wanted_whatever_is_missing),
        cmocka_unit_test(wrong_usage_is_refused_by_name),
        cmocka_unit_test(a_secret_among_the_arguments_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
