#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/random.h"

static void a_buffer_grows_up_to_its_ceiling(void **state)
{
    RELEASED(buffer) body = BUFFER("request body", 1000);
    struct failure why = {0};

    (void)state;
    for (unsigned int i = 0; i < 1000; i++)
        assert_true(buffer_append_byte(&body, (uint8_t)i, &why));
    assert_int_equal(body.length, 1000);
    assert_int_equal(body.capacity, 1000);
    for (unsigned int i = 0; i < 1000; i++)
        assert_int_equal(body.start[i], (uint8_t)i);
}

static void what_passes_the_ceiling_is_refused_and_changes_nothing(void **state)
{
    RELEASED(buffer) body = BUFFER("request body", 4);
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&body, "abc", &why));
    assert_false(buffer_append_text(&body, "de", &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "request body is longer than its ceiling of 4 bytes");

    assert_false(buffer_print(&body, &why, "%d", 10));
    assert_false(buffer_reserve(&body, SIZE_MAX, &why));
    assert_int_equal(body.length, 3);
    assert_true(buffer_append_byte(&body, 'd', &why));
    assert_false(buffer_append_byte(&body, 'e', &why));
    assert_memory_equal(body.start, "abcd", 4);
}

static void an_all_zero_buffer_takes_nothing(void **state)
{
    RELEASED(buffer) nothing = {0};
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append(&nothing, (struct bytes){0}, &why));
    assert_false(buffer_append_byte(&nothing, 1, &why));
    assert_string_equal(
        why.reason, "a buffer is longer than its ceiling of 0 bytes");
}

static void a_beginning_is_all_of_the_text_and_no_less(void **state)
{
    (void)state;
    assert_true(bytes_begin_with(bytes_of_text("/ocsp/x"), "/ocsp/"));
    assert_true(bytes_begin_with(bytes_of_text("/ocsp/"), "/ocsp/"));
    assert_false(bytes_begin_with(bytes_of_text("/ocsp"), "/ocsp/"));
    assert_false(bytes_begin_with(bytes_of_text("/OCSP/"), "/ocsp/"));
    assert_false(bytes_begin_with((struct bytes){0}, "/"));
    assert_true(bytes_begin_with((struct bytes){0}, ""));
}

static void the_final_zero_of_a_text_is_not_counted(void **state)
{
    RELEASED(buffer) line = BUFFER("line", 6);
    struct failure why = {0};
    const char *text = NULL;

    (void)state;
    assert_true(buffer_as_text(&line, &text, &why));
    assert_string_equal(text, "");
    assert_true(buffer_print(&line, &why, "%s-%d", "abc", 12));
    assert_true(buffer_as_text(&line, &text, &why));
    assert_string_equal(text, "abc-12");
    assert_int_equal(line.length, 6);
    assert_true(bytes_equal(buffer_view(&line), bytes_of_text("abc-12")));
}

static void a_freed_buffer_can_be_used_again(void **state)
{
    RELEASED(buffer) line = BUFFER("line", 8);
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&line, "first", &why));
    buffer_free(&line);
    assert_int_equal(line.length, 0);
    assert_true(buffer_append_text(&line, "second", &why));
    assert_memory_equal(line.start, "second", 6);

    buffer_clear(&line);
    assert_int_equal(line.length, 0);
    assert_true(buffer_append_text(&line, "12345678", &why));
}

static void bytes_are_equal_when_all_of_them_are(void **state)
{
    (void)state;
    assert_true(bytes_equal((struct bytes){0}, bytes_of_text("")));
    assert_true(bytes_equal(bytes_of_text("abc"), bytes_of_text("abc")));
    assert_false(bytes_equal(bytes_of_text("abc"), bytes_of_text("abd")));
    assert_false(bytes_equal(bytes_of_text("abc"), bytes_of_text("ab")));

    assert_true(bytes_equal_secretly((struct bytes){0}, bytes_of_text("")));
    assert_true(
        bytes_equal_secretly(bytes_of_text("abc"), bytes_of_text("abc")));
    assert_false(
        bytes_equal_secretly(bytes_of_text("abc"), bytes_of_text("xbc")));
    assert_false(
        bytes_equal_secretly(bytes_of_text("abc"), bytes_of_text("abx")));
    assert_false(
        bytes_equal_secretly(bytes_of_text("abc"), bytes_of_text("ab")));
}

/* The VmFlags line of the mapping that begins here, from proc(5) smaps. */
static void read_mapping_flags(const void *start, char flags[static 200])
{
    char line[256], wanted[40];
    FILE *maps = fopen("/proc/self/smaps", "r");
    bool within = false;

    assert_non_null(maps);
    (void)snprintf(wanted, sizeof(wanted), "%lx-", (unsigned long)start);
    flags[0] = '\0';
    while (flags[0] == '\0' && fgets(line, sizeof(line), maps) != NULL) {
        if (strncmp(line, wanted, strlen(wanted)) == 0)
            within = true;
        else if (within && strncmp(line, "VmFlags:", 8) == 0)
            (void)snprintf(flags, 200, "%.190s", line);
    }
    (void)fclose(maps);
}

static void a_secret_is_locked_and_left_out_of_dumps_and_children(void **state)
{
    RELEASED(secret) key = {0};
    struct failure why = {0};
    char flags[200];

    (void)state;
    assert_true(secret_new(&key, 5000, &why));
    assert_int_equal(key.length, 5000);
    assert_true(key.mapped >= 5000);
    read_mapping_flags(key.start, flags);
    assert_non_null(strstr(flags, " dd"));
    assert_non_null(strstr(flags, " wf"));
#ifndef CHANCERY_SANITIZED /* the sanitizers leave mlock out */
    assert_non_null(strstr(flags, " lo"));
#endif
}

static int exit_of(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_child_finds_zeros_and_may_free_its_copy(void **state)
{
    RELEASED(secret) key = {0};
    struct failure why = {0};
    pid_t child;

    (void)state;
    assert_true(secret_new(&key, 3, &why));
    memcpy(key.start, "abc", 3);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int found = key.start[0] | key.start[1] | key.start[2];

        secret_free(&key);
        _exit(found);
    }
    assert_int_equal(exit_of(child), 0);
    assert_true(bytes_equal(secret_view(&key), bytes_of_text("abc")));
}

static void a_freed_secret_leaves_no_mapping(void **state)
{
    struct secret key = {0};
    struct failure why = {0};
    const void *start;
    char flags[200];

    (void)state;
    assert_true(secret_new(&key, 0, &why));
    start = key.start;
    secret_free(&key);
    assert_null(key.start);
    secret_free(&key);
    read_mapping_flags(start, flags);
    assert_string_equal(flags, "");
    assert_false(secret_new(&key, SIZE_MAX, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
}

#ifdef CHANCERY_SANITIZED
static void a_secret_that_could_be_swapped_out_is_not_made(void **state)
{
    (void)state;
    skip(); /* the sanitizers leave mlock out */
}
#else
/* Root may lock without a limit. */
static int try_without_locked_memory(void)
{
    struct rlimit none = {0};
    struct secret key = {0};
    struct failure why = {0};

    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 ||
        (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0))
        return 1;
    if (secret_new(&key, 32, &why) || key.start != NULL)
        return 2;
    if (why.kind != FAILURE_UNAVAILABLE)
        return 3;
    return strstr(why.reason, "may lock 0 bytes in all (RLIMIT_MEMLOCK") ==
           NULL;
}

static void a_secret_that_could_be_swapped_out_is_not_made(void **state)
{
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(try_without_locked_memory());
    assert_int_equal(exit_of(child), 0);
}
#endif

static void wiped_memory_is_zero(void **state)
{
    uint8_t memory[3] = {1, 2, 3};
    const uint8_t zeros[3] = {0};

    (void)state;
    wipe(memory, sizeof(memory));
    assert_memory_equal(memory, zeros, sizeof(zeros));
}

static void a_descriptor_is_closed_once_and_kept_on_request(void **state)
{
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int same = file;
    int kept;

    (void)state;
    assert_true(file >= 0);
    kept = descriptor_keep(&file);
    assert_int_equal(kept, same);
    assert_int_equal(file, -1);
    descriptor_close(&file);
    assert_true(fcntl(kept, F_GETFD) >= 0);
    descriptor_close(&kept);
    assert_int_equal(kept, -1);
    assert_int_equal(fcntl(same, F_GETFD), -1);
}

static void random_bytes_fill_the_whole_and_differ(void **state)
{
    uint8_t first[600] = {0}, second[600] = {0};
    const uint8_t zeros[16] = {0};

    (void)state;
    random_fill(first, sizeof(first));
    random_fill(second, sizeof(second));
    assert_memory_not_equal(first, second, sizeof(first));
    assert_memory_not_equal(first, zeros, 16);
    assert_memory_not_equal(first + sizeof(first) - 16, zeros, 16);
    random_fill(first, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_up_to_its_ceiling),
        cmocka_unit_test(
            what_passes_the_ceiling_is_refused_and_changes_nothing),
        cmocka_unit_test(an_all_zero_buffer_takes_nothing),
        cmocka_unit_test(a_beginning_is_all_of_the_text_and_no_less),
        cmocka_unit_test(the_final_zero_of_a_text_is_not_counted),
        cmocka_unit_test(a_freed_buffer_can_be_used_again),
        cmocka_unit_test(bytes_are_equal_when_all_of_them_are),
        cmocka_unit_test(a_secret_is_locked_and_left_out_of_dumps_and_children),
        cmocka_unit_test(a_child_finds_zeros_and_may_free_its_copy),
        cmocka_unit_test(a_freed_secret_leaves_no_mapping),
        cmocka_unit_test(a_secret_that_could_be_swapped_out_is_not_made),
        cmocka_unit_test(wiped_memory_is_zero),
        cmocka_unit_test(a_descriptor_is_closed_once_and_kept_on_request),
        cmocka_unit_test(random_bytes_fill_the_whole_and_differ),
    };

    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
