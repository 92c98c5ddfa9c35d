#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static void assert_line(
    const char *event, const struct log_field *fields, const char *expected)
{
    RELEASED(buffer) line = BUFFER("a line", 1000);
    const char *text = NULL;
    struct failure why = {0};

    assert_true(log_compose(&line, event, fields, &why));
    assert_true(buffer_as_text(&line, &text, &why));
    assert_string_equal(text, expected);
}

static void a_line_is_an_event_and_its_fields(void **state)
{
    const struct log_field fields[] = {
        {"serial", "01ab"}, {"profile", ""}, {"requester", NULL}, {NULL, NULL}};

    (void)state;
    assert_line("issued", fields + 3, "issued");
    assert_line(
        "issued", fields, "issued serial=\"01ab\" profile=\"\" requester=\"\"");
}

static void no_value_forges_a_line(void **state)
{
    const struct log_field fields[] = {
        {"name", "x\n2026-11-21T00:47:03Z signer[1] error: lost"},
        {"a", "\" b=\"c"}, {"c", "\\\" d=\"\x1b[31m\xe2\x80\xae"},
        {NULL, NULL}};

    (void)state;
    assert_line("refused", fields,
        "refused name=\"x\\u{a}2026-11-21T00:47:03Z signer[1] error: lost\" "
        "a=\"\\\" b=\\\"c\" c=\"\\\\\\\" d=\\\"\\u{1b}[31m\\u{202e}\"");
}

static void properties34_what_is_named_a_secret_is_kept_out(void **state)
{
    const struct log_field fields[] = {{"passphrase", "x1"},
        {"clientSecret", "x2"}, {"TOKEN", "x3"}, {"private-key", "x4"},
        {"profile", "server"}, {NULL, NULL}};

    (void)state;
    assert_line("asked", fields,
        "asked passphrase=<kept out> clientSecret=<kept out> "
        "TOKEN=<kept out> private-key=<kept out> profile=\"server\"");
}

static void a_line_above_its_ceiling_adds_nothing(void **state)
{
    RELEASED(buffer) line = BUFFER("a line", 20);
    const struct log_field fields[] = {
        {"name", "a value that is too long"}, {NULL, NULL}};
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&line, "x", &why));
    assert_false(log_compose(&line, "issued", fields, &why));
    assert_int_equal(line.length, 1);
}

/* Runs deed with standard error at this descriptor. */
static void with_standard_error(int descriptor, void (*deed)(void))
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (dup2(descriptor, STDERR_FILENO) < 0)
            _exit(1);
        deed();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void tell_some(void)
{
    clock_set(1795222023);
    log_open("signer", LOG_LEVEL_WARNING);
    log_event(LOG_LEVEL_WARNING, "sandbox-degraded", "kernel", "5.10", NULL);
    log_event(LOG_LEVEL_INFO, "not-told", NULL);
    log_event(LOG_LEVEL_ERROR, "broken", NULL);
}

static void assert_read(int descriptor, const char *expected)
{
    char text[1000] = "";

    assert_true(read(descriptor, text, sizeof(text) - 1) > 0);
    assert_string_equal(text, expected);
}

/* The process number of a child is not known beforehand. */
static void without_process_number(char *text)
{
    char *start = text;

    while ((start = strchr(start, '[')) != NULL) {
        char *end = strchr(start, ']');

        assert_non_null(end);
        memmove(start + 1, end, strlen(end) + 1);
        start++;
    }
}

static void plain_lines_carry_time_role_and_level(void **state)
{
    int ends[2];
    char text[1000] = "";

    (void)state;
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    assert_int_equal(pipe(ends), 0);
    with_standard_error(ends[1], tell_some);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    without_process_number(text);
    assert_string_equal(text,
        "2026-11-21T00:47:03Z signer[] warning: sandbox-degraded "
        "kernel=\"5.10\"\n"
        "2026-11-21T00:47:03Z signer[] error: broken\n");
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

/* Ends without a flush: what is still kept then is lost. */
static void tell_held(void)
{
    clock_set(1795222023);
    log_open("front", LOG_LEVEL_INFO);
    log_hold();
    log_event(LOG_LEVEL_INFO, "first", NULL);
    log_event(LOG_LEVEL_WARNING, "second", NULL);
    log_event(LOG_LEVEL_INFO, "third", NULL);
    log_flush();
    for (int i = 0; i < 2000; i++)
        log_event(LOG_LEVEL_INFO, "request", "number", "of many", NULL);
}

static void lines_are_kept_until_a_flush_a_warning_or_their_ceiling(
    void **state)
{
    int ends[2];
    static char text[200000] = "";
    ssize_t came;
    size_t used = 0;

    (void)state;
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    assert_int_equal(pipe(ends), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 18) > 0);
    with_standard_error(ends[1], tell_held);
    assert_int_equal(close(ends[1]), 0);
    while ((came = read(ends[0], text + used, sizeof(text) - 1 - used)) > 0)
        used += (size_t)came;
    assert_int_equal(close(ends[0]), 0);
    assert_in_range(used, 65000, 131072 + 200);
    assert_int_equal(text[used - 1], '\n');
    without_process_number(text);
    assert_memory_equal(text,
        "2026-11-21T00:47:03Z front[] info: first\n"
        "2026-11-21T00:47:03Z front[] warning: second\n"
        "2026-11-21T00:47:03Z front[] info: third\n"
        "2026-11-21T00:47:03Z front[] info: request number=\"of many\"\n",
        186);
}

static char journal_path[100];

static void tell_journal(void)
{
    struct stat stream;
    char value[64];

    if (fstat(STDERR_FILENO, &stream) != 0)
        _exit(1);
    (void)snprintf(value, sizeof(value), "%ju:%ju", (uintmax_t)stream.st_dev,
        (uintmax_t)stream.st_ino);
    if (setenv("JOURNAL_STREAM", value, 1) != 0)
        _exit(2);
    log_open_at("keeper", LOG_LEVEL_INFO, journal_path);
    log_event(LOG_LEVEL_ERROR, "broken", "by", "a\nb", NULL);
}

static void tell_redirected(void)
{
    if (setenv("JOURNAL_STREAM", "1:1", 1) != 0)
        _exit(2);
    clock_set(1795222023);
    log_open_at("keeper", LOG_LEVEL_INFO, journal_path);
    log_event(LOG_LEVEL_ERROR, "broken", NULL);
}

static int open_journal(void)
{
    int journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)snprintf(journal_path, sizeof(journal_path),
        "/tmp/chancery-journal-%d", (int)getpid());
    (void)snprintf(
        address.sun_path, sizeof(address.sun_path), "%s", journal_path);
    assert_int_equal(
        bind(journal, (const struct sockaddr *)&address, sizeof(address)), 0);
    return journal;
}

static void what_journald_reads_is_sent_to_its_socket(void **state)
{
    SCOPED_DESCRIPTOR int journal = open_journal();
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    with_standard_error(ends[1], tell_journal);
    assert_read(journal,
        "MESSAGE=broken by=\"a\\u{a}b\"\nPRIORITY=3\n"
        "SYSLOG_IDENTIFIER=chancery-keeper\nCHANCERY_ROLE=keeper\n"
        "CHANCERY_EVENT=broken\n");
    with_standard_error(ends[1], tell_redirected);
    assert_int_equal(unlink(journal_path), 0);
    assert_int_equal(recv(journal, ends, 1, 0), -1);
    assert_int_equal(close(ends[1]), 0);
}

static void without_journald_the_line_is_on_standard_error(void **state)
{
    int ends[2];
    char text[1000] = "";

    (void)state;
    (void)snprintf(journal_path, sizeof(journal_path), "/tmp/no-journal-here");
    assert_int_equal(pipe(ends), 0);
    with_standard_error(ends[1], tell_journal);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_non_null(strstr(text, "] error: broken by=\"a\\u{a}b\"\n"));
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

static void tell_too_much(void)
{
    static char much[9000];

    memset(much, 'x', sizeof(much) - 1);
    log_open("keeper", LOG_LEVEL_INFO);
    log_event(LOG_LEVEL_ERROR, "broken", "much", much, NULL);
}

static void an_event_that_is_too_long_is_told_without_its_fields(void **state)
{
    int ends[2];
    char text[1000] = "";

    (void)state;
    assert_int_equal(pipe(ends), 0);
    with_standard_error(ends[1], tell_too_much);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_non_null(strstr(text, "] error: broken\n"));
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_an_event_and_its_fields),
        cmocka_unit_test(no_value_forges_a_line),
        cmocka_unit_test(properties34_what_is_named_a_secret_is_kept_out),
        cmocka_unit_test(a_line_above_its_ceiling_adds_nothing),
        cmocka_unit_test(plain_lines_carry_time_role_and_level),
        cmocka_unit_test(
            lines_are_kept_until_a_flush_a_warning_or_their_ceiling),
        cmocka_unit_test(what_journald_reads_is_sent_to_its_socket),
        cmocka_unit_test(without_journald_the_line_is_on_standard_error),
        cmocka_unit_test(an_event_that_is_too_long_is_told_without_its_fields),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
