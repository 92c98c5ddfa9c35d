#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define NOBODY 65534

/* A folder for each test, and a path within. */
static char folder[PATH_ROOM];
static char path[PATH_ROOM];

static int make_folder(void **state)
{
    struct failure why;

    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/chancery-file-XXXXXX");
    if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0)
        return -1;
    return path_join(path, folder, "root.key", &why) ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct failure why;

    (void)state;
    return folder_remove(folder, &why) ? 0 : -1;
}

static void write_file(const char *contents, mode_t mode)
{
    struct failure why = {0};

    if (!file_write(path, bytes_of_text(contents), mode, FILE_REPLACE, &why))
        fail_msg("%s", why.reason);
}

static void assert_contents(const char *expected)
{
    RELEASED(buffer) contents = BUFFER("a file", 1000);
    struct failure why = {0};

    assert_true(file_read(path, &contents, &why));
    assert_true(bytes_equal(buffer_view(&contents), bytes_of_text(expected)));
}

static size_t count_entries(void)
{
    DIR *entries = opendir(folder);
    size_t count = 0;

    assert_non_null(entries);
    while (readdir(entries) != NULL)
        count++;
    assert_int_equal(closedir(entries), 0);
    return count - 2; /* . and .. */
}

static void assert_reason(const struct failure *why, enum failure_kind kind,
    const char *before, const char *named, const char *after)
{
    char expected[sizeof(why->reason)];

    (void)snprintf(
        expected, sizeof(expected), "%s%.80s%s", before, named, after);
    assert_string_equal(why->reason, expected);
    assert_int_equal(why->kind, kind);
}

static void a_file_is_written_with_its_mode_whatever_the_umask(void **state)
{
    mode_t before = umask(0077);
    struct stat found;

    (void)state;
    write_file("contents", 0644);
    (void)umask(before);
    assert_contents("contents");
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0644);
    write_file("other", 0400);
    assert_contents("other");
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0400);
    assert_int_equal(count_entries(), 1);
}

static void a_file_that_exists_is_kept_when_a_new_one_is_asked_for(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(
        file_write(path, bytes_of_text("first"), 0600, FILE_NEW_ONLY, &why));
    assert_false(
        file_write(path, bytes_of_text("second"), 0600, FILE_NEW_ONLY, &why));
    assert_reason(&why, FAILURE_CONFLICT, "writing ", path, ": File exists");
    assert_contents("first");
    assert_int_equal(count_entries(), 1);
}

static void a_link_is_replaced_and_not_written_through(void **state)
{
    char target[PATH_ROOM];
    struct failure why = {0};
    struct stat found;

    (void)state;
    assert_true(path_join(target, folder, "target", &why));
    assert_int_equal(symlink(target, path), 0);
    assert_false(
        file_write(path, bytes_of_text("x"), 0600, FILE_NEW_ONLY, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    write_file("x", 0600);
    assert_int_equal(lstat(path, &found), 0);
    assert_true(S_ISREG(found.st_mode));
    assert_int_equal(access(target, F_OK), -1);
}

static void what_is_no_file_is_not_replaced(void **state)
{
    struct failure why = {0};
    struct stat found;

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(
        file_write(path, bytes_of_text("x"), 0600, FILE_REPLACE, &why));
    assert_reason(&why, FAILURE_UNSUITABLE, "", path,
        " is no file: what is there is not replaced");
    assert_int_equal(lstat(path, &found), 0);
    assert_true(S_ISFIFO(found.st_mode));
}

/* RLIMIT_FSIZE makes write(2) fail in the middle, as a full disk does. */
static int write_beyond_the_limit(void)
{
    static uint8_t much[100000];
    const struct rlimit limit = {.rlim_cur = 5000, .rlim_max = 5000};
    struct bytes contents = {.start = much, .length = sizeof(much)};
    struct failure why = {0};

    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    if (file_write(path, contents, 0600, FILE_REPLACE, &why))
        return 2;
    return why.kind == FAILURE_UNSUITABLE &&
                   strstr(why.reason, "File too large") != NULL
               ? 0
               : 3;
}

static void in_child(int (*deed)(void))
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(deed());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_failed_write_leaves_the_old_file_and_nothing_beside(void **state)
{
    (void)state;
    write_file("old", 0600);
    in_child(write_beyond_the_limit);
    assert_contents("old");
    assert_int_equal(count_entries(), 1);
}

static void a_full_disk_is_told_as_unavailable(void **state)
{
    SCOPED_DESCRIPTOR int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct failure why = {0};

    (void)state;
    assert_true(full >= 0);
    assert_false(
        descriptor_write(full, "sign.log", bytes_of_text("intent"), &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "writing sign.log: No space left on device");
    assert_false(
        descriptor_write_at(full, "list", bytes_of_text("entry"), 7, &why));
    assert_string_equal(why.reason, "writing list: No space left on device");
}

static void errors_become_kinds(void **state)
{
    const struct {
        int error;
        enum failure_kind kind;
    } rows[] = {
        {ENOENT, FAILURE_NOT_FOUND},
        {EEXIST, FAILURE_CONFLICT},
        {ENOSPC, FAILURE_UNAVAILABLE},
        {EDQUOT, FAILURE_UNAVAILABLE},
        {EIO, FAILURE_UNAVAILABLE},
        {EROFS, FAILURE_UNAVAILABLE},
        {EACCES, FAILURE_FORBIDDEN},
        {EPERM, FAILURE_FORBIDDEN},
        {ELOOP, FAILURE_UNSUITABLE},
        {EISDIR, FAILURE_UNSUITABLE},
        {EBADF, FAILURE_INTERNAL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};

        errno = rows[i].error;
        assert_false(fail_in_file(&why, "reading", path));
        assert_int_equal(why.kind, rows[i].kind);
    }
}

static bool become_nobody(void)
{
    return setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
           setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static int matches(const struct failure *why, const char *expected)
{
    if (why->kind == FAILURE_FORBIDDEN && strcmp(why->reason, expected) == 0)
        return 0;
    (void)fprintf(stderr, "%s\n%s\n", why->reason, expected);
    return 1;
}

static int read_as_nobody(void)
{
    RELEASED(buffer) contents = BUFFER("a key", 1000);
    int file = -1;
    struct failure why = {0};
    char expected[3 * PATH_ROOM];

    if (!become_nobody() || file_read(path, &contents, &why))
        return 1;
    (void)snprintf(expected, sizeof(expected),
        "reading %s: it belongs to root (0), mode 0600; nobody (65534) needs "
        "read permission (0400 as its owner)",
        path);
    if (matches(&why, expected) != 0)
        return 2;
    if (file_open(path, O_WRONLY, 0, &file, &why))
        return 3;
    (void)snprintf(expected, sizeof(expected),
        "opening %s: it belongs to root (0), mode 0600; nobody (65534) needs "
        "write permission (0200 as its owner)",
        path);
    return matches(&why, expected);
}

static void kb013_an_unreadable_file_names_owner_mode_and_what_is_required(
    void **state)
{
    (void)state;
    write_file("a key", 0600);
    in_child(read_as_nobody);
}

static int read_in_closed_folder(void)
{
    RELEASED(buffer) contents = BUFFER("a key", 1000);
    struct failure why = {0};
    char expected[3 * PATH_ROOM];

    if (!become_nobody() || file_read(path, &contents, &why))
        return 1;
    (void)snprintf(expected, sizeof(expected),
        "reading %s: %s belongs to root (0), mode 0700; nobody (65534) needs "
        "search permission (0100 as its owner)",
        path, folder);
    return matches(&why, expected);
}

static void kb013_a_closed_folder_on_the_way_is_the_one_that_is_named(
    void **state)
{
    (void)state;
    write_file("a key", 0644);
    assert_int_equal(chmod(folder, 0700), 0);
    in_child(read_in_closed_folder);
}

static int write_as_nobody(void)
{
    struct failure why = {0};
    char expected[3 * PATH_ROOM];

    if (!become_nobody() ||
        file_write(path, bytes_of_text("x"), 0600, FILE_REPLACE, &why))
        return 1;
    (void)snprintf(expected, sizeof(expected),
        "writing %s: %s belongs to root (0), mode 0755; nobody (65534) needs "
        "write permission (0200 as its owner)",
        path, folder);
    return matches(&why, expected);
}

static void kb013_a_folder_that_takes_no_file_is_named(void **state)
{
    (void)state;
    write_file("a key", 0644);
    in_child(write_as_nobody);
    assert_contents("a key");
}

/* A long path is shortened, its end stays. */
static void a_reason_holds_what_matters_of_a_long_path(void **state)
{
    RELEASED(buffer) contents = BUFFER("a key", 1000);
    char name[200];
    struct failure why = {0};

    (void)state;
    memset(name, 'x', sizeof(name));
    (void)snprintf(name + sizeof(name) - 6, 6, ".key1");
    assert_true(path_join(path, folder, name, &why));
    assert_false(file_read(path, &contents, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_non_null(strstr(why.reason, "reading ...xxx"));
    assert_non_null(strstr(why.reason, "xx.key1: No such file or directory"));
}

static void only_a_regular_file_is_read(void **state)
{
    RELEASED(buffer) contents = BUFFER("a file", 1000);
    struct failure why = {0};

    (void)state;
    assert_false(file_read(folder, &contents, &why));
    assert_reason(&why, FAILURE_UNSUITABLE, "reading ", folder,
        ": it is not a regular file");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(file_read(path, &contents, &why));
    assert_reason(&why, FAILURE_UNSUITABLE, "reading ", path,
        ": it is not a regular file");
    assert_false(file_read("/nowhere", &contents, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_string_equal(
        why.reason, "reading /nowhere: No such file or directory");
}

static void the_pipe_that_a_shell_names_is_read_to_its_end(void **state)
{
    RELEASED(buffer) contents = BUFFER("a file", 1000);
    struct bytes words = {(const uint8_t *)"words", 5};
    struct failure why = {0};
    char name[32];
    int ends[2];
    pid_t writer;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
    writer = fork();
    if (writer == 0) {
        (void)usleep(50000); /* nothing there yet is no end */
        _exit(descriptor_write(ends[1], "pipe", words, &why) ? 0 : 1);
    }
    assert_int_equal(close(ends[1]), 0);
    assert_true(file_read(name, &contents, &why));
    assert_int_equal(contents.length, 5);
    assert_memory_equal(contents.start, "words", 5);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_int_equal(close(ends[0]), 0);
}

static void a_file_above_the_ceiling_is_refused_and_adds_nothing(void **state)
{
    RELEASED(buffer) contents = BUFFER("a request", 10);
    struct failure why = {0};

    (void)state;
    write_file("1234567", 0600);
    assert_true(file_read(path, &contents, &why));
    assert_false(file_read(path, &contents, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, "a request"));
    assert_int_equal(contents.length, 7);
    write_file("890", 0600);
    assert_true(file_read(path, &contents, &why));
    assert_true(
        bytes_equal(buffer_view(&contents), bytes_of_text("1234567890")));
}

static void a_link_is_not_opened(void **state)
{
    int file = -1;
    struct failure why = {0};

    (void)state;
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_false(file_open(path, O_RDONLY, 0, &file, &why));
    assert_reason(&why, FAILURE_UNSUITABLE, "opening ", path,
        ": it is a symbolic link, which is not followed here");
    assert_int_equal(file, -1);
}

static bool read_secret(const char *contents, size_t length,
    struct secret *secret, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = -1;
    struct bytes bytes = {.start = (const uint8_t *)contents, .length = length};

    assert_true(file_write(path, bytes, 0400, FILE_REPLACE, why));
    assert_true(file_open(path, O_RDONLY, 0, &file, why));
    return descriptor_read_secret(file, "keys/unlock", secret, why);
}

static void a_secret_is_read_without_one_final_newline(void **state)
{
    const struct {
        const char *written, *read;
    } rows[] = {{"pass\n", "pass"}, {"pass", "pass"}, {"pass\n\n", "pass\n"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(secret) secret = {0};
        struct failure why = {0};

        assert_true(read_secret(
            rows[i].written, strlen(rows[i].written), &secret, &why));
        assert_true(
            bytes_equal(secret_view(&secret), bytes_of_text(rows[i].read)));
    }
}

static void a_secret_has_1_byte_to_64_kib(void **state)
{
    static char much[65538];
    RELEASED(secret) secret = {0};
    struct failure why = {0};

    (void)state;
    memset(much, 'x', sizeof(much));
    assert_false(read_secret("\n", 1, &secret, &why));
    assert_string_equal(why.reason, "the secret in keys/unlock is empty");
    assert_false(read_secret(much, 65537, &secret, &why));
    assert_string_equal(
        why.reason, "the secret in keys/unlock is longer than 65536 bytes");
    assert_false(read_secret(much, 65538, &secret, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_null(secret.start);
    much[65536] = '\n';
    assert_true(read_secret(much, 65537, &secret, &why));
    assert_int_equal(secret.length, 65536);
}

static void what_others_may_read_is_not_private(void **state)
{
    SCOPED_DESCRIPTOR int file = -1;
    struct failure why = {0};

    (void)state;
    write_file("a key", 0640);
    assert_true(file_open(path, O_RDONLY, 0, &file, &why));
    assert_true(file_check_private(file, path, geteuid(), 0007, &why));
    assert_false(file_check_private(file, path, 0, 0077, &why));
    assert_reason(&why, FAILURE_UNSUITABLE, "", path,
        " belongs to root (0), mode 0640; required are owner root (0) and "
        "mode 0600");
    assert_int_equal(fchmod(file, 0600), 0);
    assert_true(file_check_private(file, path, 0, 0077, &why));
    assert_false(file_check_private(file, path, NOBODY, 0077, &why));
    assert_reason(&why, FAILURE_UNSUITABLE, "", path,
        " belongs to root (0), mode 0600; required are owner nobody (65534) "
        "and mode 0600");
}

static void a_folder_is_made_once_and_removed_with_all_in_it(void **state)
{
    char made[PATH_ROOM];
    char within[PATH_ROOM];
    struct failure why = {0};
    struct stat found;
    mode_t before = umask(0077);

    (void)state;
    assert_true(path_join(made, folder, "keys", &why));
    assert_true(folder_make(made, 0755, &why));
    (void)umask(before);
    assert_int_equal(stat(made, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0755);
    assert_false(folder_make(made, 0755, &why));
    assert_reason(&why, FAILURE_CONFLICT, "making ", made, ": File exists");
    assert_true(folder_make_missing(made, 0700, &why));
    assert_int_equal(stat(made, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0755);

    write_file("stays", 0600);
    assert_true(path_join(within, made, "root", &why));
    assert_true(folder_make(within, 0700, &why));
    assert_true(path_join(within, within, "link", &why));
    assert_int_equal(symlink(path, within), 0);
    assert_true(folder_remove(made, &why));
    assert_int_equal(access(made, F_OK), -1);
    assert_contents("stays");
}

static void a_tree_deeper_than_32_folders_is_not_removed(void **state)
{
    char deep[PATH_ROOM];
    char top[PATH_ROOM];
    struct failure why = {0};

    (void)state;
    assert_true(path_join(top, folder, "d", &why));
    (void)snprintf(deep, sizeof(deep), "%s", top);
    for (size_t i = 0; i < 33; i++) {
        assert_int_equal(mkdir(deep, 0700), 0);
        assert_true(path_join(deep, deep, "d", &why));
    }
    assert_false(folder_remove(top, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, "more than 32 folders"));
    deep[strlen(deep) - 2] = '\0';
    assert_int_equal(rmdir(deep), 0);
    assert_true(folder_remove(top, &why));
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    char name[PATH_ROOM];
    char joined[PATH_ROOM] = "as before";
    struct failure why = {0};

    (void)state;
    memset(name, 'x', sizeof(name));
    name[PATH_ROOM - 3] = '\0';
    assert_true(path_join(joined, "d", name, &why));
    name[PATH_ROOM - 3] = 'x';
    name[PATH_ROOM - 2] = '\0';
    assert_false(path_join(joined, "d", name, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason, "a path in d is longer than 1023 bytes");
    name[238] = '\0';
    assert_true(path_join(path, folder, name, &why));
    assert_false(
        file_write(path, bytes_of_text("x"), 0600, FILE_REPLACE, &why));
    assert_string_equal(why.reason, "a file name is longer than 237 bytes");
    path[strlen(path) - 1] = '\0';
    write_file("x", 0600);
}

#define CASE(name) \
    cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_file_is_written_with_its_mode_whatever_the_umask),
        CASE(a_file_that_exists_is_kept_when_a_new_one_is_asked_for),
        CASE(a_link_is_replaced_and_not_written_through),
        CASE(what_is_no_file_is_not_replaced),
        CASE(a_failed_write_leaves_the_old_file_and_nothing_beside),
        CASE(a_full_disk_is_told_as_unavailable),
        CASE(errors_become_kinds),
        CASE(kb013_an_unreadable_file_names_owner_mode_and_what_is_required),
        CASE(kb013_a_closed_folder_on_the_way_is_the_one_that_is_named),
        CASE(kb013_a_folder_that_takes_no_file_is_named),
        CASE(a_reason_holds_what_matters_of_a_long_path),
        CASE(only_a_regular_file_is_read),
        CASE(the_pipe_that_a_shell_names_is_read_to_its_end),
        CASE(a_file_above_the_ceiling_is_refused_and_adds_nothing),
        CASE(a_link_is_not_opened),
        CASE(a_secret_is_read_without_one_final_newline),
        CASE(a_secret_has_1_byte_to_64_kib),
        CASE(what_others_may_read_is_not_private),
        CASE(a_folder_is_made_once_and_removed_with_all_in_it),
        CASE(a_tree_deeper_than_32_folders_is_not_removed),
        CASE(a_path_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
