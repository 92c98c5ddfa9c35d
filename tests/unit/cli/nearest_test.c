#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/nearest.h"

static void distance_counts_letters_put_in_left_out_changed_or_swapped(
    void **state)
{
    (void)state;
    assert_int_equal(word_distance("list", "list"), 0);
    assert_int_equal(word_distance("lists", "list"), 1);
    assert_int_equal(word_distance("lst", "list"), 1);
    assert_int_equal(word_distance("lust", "list"), 1);
    assert_int_equal(word_distance("lsit", "list"), 1);
    assert_int_equal(word_distance("", "list"), 4);
    assert_int_equal(word_distance("unlock", "lock"), 2);
}

static void a_word_that_is_too_long_is_far_from_everything(void **state)
{
    char word[64], found[WORD_ROOM];

    (void)state;
    memset(word, 'a', sizeof(word) - 1);
    word[sizeof(word) - 1] = 0;
    assert_true(word_distance(word, word) == SIZE_MAX);
    assert_false(nearest_word(NULL, word, found));
}

static void assert_near(const char *group, const char *word, const char *meant)
{
    char found[WORD_ROOM] = "";

    assert_true(nearest_word(group, word, found));
    assert_string_equal(found, meant);
}

static void a_slip_names_the_command_that_was_meant(void **state)
{
    char found[WORD_ROOM];

    (void)state;
    assert_near(NULL, "isue", "issue");
    assert_near(NULL, "key", "keys");
    assert_near(NULL, "versoin", "version");
    assert_near("keys", "pasphrase", "passphrase");
    assert_near("config", "shw", "show");
    assert_false(nearest_word(NULL, "banana", found));
    assert_false(nearest_word("keys", "check", found));
}

static const struct command *named(const char *words)
{
    int used = 0;

    return command_named(words, NULL, &used);
}

static void an_option_is_found_by_a_slip_or_its_beginning(void **state)
{
    (void)state;
    assert_string_equal(
        nearest_option(named("issue"), "--profil")->name, "profile");
    assert_string_equal(
        nearest_option(named("issue"), "--pro=x")->name, "profile");
    assert_string_equal(
        nearest_option(named("issue"), "--lifetmie")->name, "lifetime");
    assert_null(nearest_option(named("list"), "--colour"));
}

static void words_of_other_tools_are_translated(void **state)
{
    (void)state;
    assert_string_equal(translated_word("sign"), "chancery issue --csr FILE");
    assert_string_equal(translated_word("x509"), "chancery view FILE");
    assert_string_equal(translated_word("-viewstore"), "chancery ca list");
    assert_null(translated_word("issue"));
    assert_string_equal(translated_option("-subj"), "--subject DN");
    assert_non_null(strstr(translated_option("--password=hunter2"), "secret"));
    assert_null(translated_option("--passwordless"));
}

/* "chancery keys list --json": the command behind the first word. */
static void assert_translation_exists(const char *here)
{
    char first[WORD_ROOM] = "", second[WORD_ROOM] = "";
    const struct command *command;
    int used = 0;

    assert_memory_equal(here, "chancery ", 9);
    here += 9;
    memcpy(first, here, strcspn(here, " "));
    here += strlen(first);
    here += *here == ' ';
    memcpy(second, here, strcspn(here, " ,"));
    command = command_named(first, second, &used);
    assert_non_null(command);
    while ((here = strstr(here, "--")) != NULL) {
        here += 2;
        assert_non_null(
            command_option_named(command, here, strcspn(here, " ,")));
    }
}

static void no_translation_names_what_is_not_there(void **state)
{
    (void)state;
    assert_non_null(translation_at(0));
    for (size_t i = 0; translation_at(i) != NULL; i++)
        assert_translation_exists(translation_at(i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            distance_counts_letters_put_in_left_out_changed_or_swapped),
        cmocka_unit_test(a_word_that_is_too_long_is_far_from_everything),
        cmocka_unit_test(a_slip_names_the_command_that_was_meant),
        cmocka_unit_test(an_option_is_found_by_a_slip_or_its_beginning),
        cmocka_unit_test(words_of_other_tools_are_translated),
        cmocka_unit_test(no_translation_names_what_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
