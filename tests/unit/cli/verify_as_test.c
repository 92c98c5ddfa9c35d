#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/verify_as.h"

static void assert_words(
    const char *program, const char *said, const char *expected)
{
    RELEASED(buffer) words = BUFFER("words", 4096);
    struct failure why = {0};
    const char *text = NULL;

    assert_true(
        as_words(as_program_named(program), bytes_of_text(said), &words, &why));
    assert_true(buffer_as_text(&words, &text, &why));
    assert_string_equal(text, expected);
}

static void the_words_of_openssl_are_its_lines_without_the_file(void **state)
{
    (void)state;
    assert_words("openssl",
        "CN = a\nerror 10 at 0 depth lookup: certificate has expired\n"
        "error /dev/fd/5: verification failed\n",
        "CN = a; error 10 at 0 depth lookup: certificate has expired");
    assert_words("openssl", "\n \nlast", "last");
    assert_words("openssl", "", "");
    assert_words("openssl", "error", "error");
}

static void the_words_of_certtool_stand_behind_its_last_opening(void **state)
{
    (void)state;
    assert_words("gnutls",
        "Loaded CAs (1 available)\n\tSubject: CN=Chain verification output: "
        "Verified.\n\tOutput: no\n\nChain verification output: Not verified. "
        "The certificate is NOT trusted. \n\n",
        "Not verified. The certificate is NOT trusted.");
    assert_words("gnutls",
        "Use --verify-profile low\nLoaded CAs (1 available)\n"
        "error parsing CRTs\n",
        "Loaded CAs (1 available); error parsing CRTs");
    assert_words("gnutls", "Chain verification output: ", "");
}

static void words_are_made_visible(void **state)
{
    (void)state;
    assert_words("openssl", "CN = \x1b[31m\r\nCN = \xff\\",
        "CN = \\u{1b}[31m\\u{d}; CN = \\x{ff}\\\\");
}

static void only_words_of_the_table_are_programs(void **state)
{
    char words[] = AS_PROGRAM_WORDS;
    char *rest = words;
    char *word;
    size_t count = 0;

    (void)state;
    while ((word = strsep(&rest, " ")) != NULL) {
        assert_non_null(as_program_named(word));
        assert_string_equal(as_program_named(word)->word, word);
        count++;
    }
    assert_int_equal(count, 2);
    assert_null(as_program_named(""));
    assert_null(as_program_named("OpenSSL"));
    assert_null(as_program_named("certtool"));
    assert_null(as_program_named("/usr/bin/openssl"));
}

static void a_program_is_found_in_its_folders_alone(void **state)
{
    char folder[] = "/tmp/chancery-as-XXXXXX";
    const char *const folders[] = {"/nonexistent", folder, NULL};
    const struct as_program *program = as_program_named("gnutls");
    char file[PATH_ROOM], path[PATH_ROOM];
    struct failure why = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_true(path_join(file, folder, "certtool", &why));
    assert_false(as_program_find(program, folders, path, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_string_equal(why.reason,
        "gnutls is asked by its program certtool, which is neither in /usr/bin "
        "nor in /usr/local/bin: the package gnutls-bin brings it");
    assert_true(file_write(
        file, bytes_of_text("#!/bin/sh\n"), 0644, FILE_NEW_ONLY, &why));
    assert_false(as_program_find(program, folders, path, &why));
    assert_int_equal(chmod(file, 0755), 0);
    assert_true(as_program_find(program, folders, path, &why));
    assert_string_equal(path, file);
    assert_true(folder_remove(folder, &why));
}

/* What a script in the program's place makes of it. */
static bool answered(
    const char *script, struct as_answer *answer, struct failure *why)
{
    char folder[] = "/tmp/chancery-as-XXXXXX";
    const struct as_question question = {
        .arguments = {"openssl", "verify", NULL}, .argument_count = 2};
    char file[PATH_ROOM];
    struct failure ignored = {0};
    bool done;

    assert_non_null(mkdtemp(folder));
    assert_true(path_join(file, folder, "openssl", &ignored));
    assert_true(
        file_write(file, bytes_of_text(script), 0755, FILE_NEW_ONLY, &ignored));
    answer->words = BUFFER("words", 8 * AS_OUTPUT_MAX);
    done = as_program_ask(
        as_program_named("openssl"), file, &question, answer, why);
    assert_true(folder_remove(folder, &ignored));
    return done;
}

#define SCRIPT(answer)                                                   \
    "#!/bin/sh\n[ \"$1\" = version ] && { echo OpenSSL 9.8.7 x; exit; }" \
    "\n" answer "\n"

static void the_answer_is_the_status_of_the_program(void **state)
{
    static const struct {
        const char *script;
        bool is_valid;
        const char *words;
    } rows[] = {{SCRIPT("echo all is well"), true, "all is well"},
        {SCRIPT("echo no; exit 2"), false, "no"},
        {SCRIPT("exit 2"), false, ""}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct as_answer answer = {0};
        struct failure why = {0};
        const char *words = NULL;

        if (!answered(rows[i].script, &answer, &why))
            fail_msg("%s", why.reason);
        assert_int_equal(answer.is_valid, rows[i].is_valid);
        assert_string_equal(answer.version, "9.8.7");
        assert_true(buffer_as_text(&answer.words, &words, &why));
        assert_string_equal(words, rows[i].words);
        buffer_free(&answer.words);
    }
}

static void what_is_no_yes_and_no_no_is_no_answer(void **state)
{
    static const struct {
        const char *script, *reason;
    } rows[] = {{SCRIPT("echo what?; exit 1"),
                    "openssl did not judge, and ended with 1: what?"},
        {SCRIPT("kill -SEGV $$"),
            "openssl was ended by signal 11 before it answered"},
        {"#!/bin/sh\necho OpenSSL\n", "does not tell its version"},
        {"#!/bin/sh\necho OpenSSL 1.2; exit 1\n", "does not tell its version"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct as_answer answer = {0};
        struct failure why = {0};

        assert_false(answered(rows[i].script, &answer, &why));
        assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
        assert_non_null(strstr(why.reason, rows[i].reason));
        buffer_free(&answer.words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_of_openssl_are_its_lines_without_the_file),
        cmocka_unit_test(the_words_of_certtool_stand_behind_its_last_opening),
        cmocka_unit_test(words_are_made_visible),
        cmocka_unit_test(only_words_of_the_table_are_programs),
        cmocka_unit_test(a_program_is_found_in_its_folders_alone),
        cmocka_unit_test(the_answer_is_the_status_of_the_program),
        cmocka_unit_test(what_is_no_yes_and_no_no_is_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
