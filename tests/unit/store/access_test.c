#include "fixture.h"

#include <signal.h>
#include <sys/resource.h>

#define GROUP 5
#define NOBODY 65534

/* --- reading where nobody writes ----------------------------------------- */

static off_t size_beside(const struct fixture *fixture, const char *ending)
{
    struct stat found;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s%s", fixture->path, ending);
    return stat(path, &found) == 0 ? found.st_size : -1;
}

static void a_cleanly_closed_store_is_one_file_and_can_be_read(void **state)
{
    struct fixture *fixture = *state;

    assert_done(fixture, commit_group(fixture->store, 0, GROUP, &fixture->why));
    close_store(fixture);
    assert_int_equal(size_beside(fixture, "-wal"), -1);
    assert_int_equal(size_beside(fixture, "-shm"), -1);
    assert_done(fixture,
        store_open(fixture->path, STORE_READ, &fixture->store, &fixture->why));
    assert_int_equal(count_of(fixture->store), GROUP);
}

/* Root may do everything: the child stops being root. */
static _Noreturn void read_as_nobody(
    const char *path, int64_t wanted, const char *refusal)
{
    struct store *store = NULL;
    struct failure why = {0};
    int64_t count = -1;

    if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
        _exit(4);
    if (!store_open(path, STORE_READ, &store, &why) ||
        !store_count_certificates(store, &count, &why)) {
        if (refusal != NULL && strstr(why.reason, refusal) != NULL)
            _exit(0);
        (void)fprintf(stderr, "%s\n", why.reason);
        _exit(2);
    }
    store_close(store);
    _exit(refusal == NULL && count == wanted ? 0 : 3);
}

static void assert_read_as_nobody(
    const struct fixture *fixture, int64_t wanted, const char *refusal)
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        read_as_nobody(fixture->path, wanted, refusal);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_store_in_a_folder_one_may_not_write_can_be_read(void **state)
{
    struct fixture *fixture = *state;

    assert_done(fixture, commit_group(fixture->store, 0, GROUP, &fixture->why));
    close_store(fixture);
    assert_int_equal(chmod(fixture->path, 0444), 0);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    assert_read_as_nobody(fixture, GROUP, NULL);
    assert_int_equal(size_beside(fixture, "-wal"), -1);
}

static void a_log_one_may_not_read_is_never_passed_over(void **state)
{
    struct fixture *fixture = *state;

    assert_done(fixture, commit_group(fixture->store, 0, GROUP, &fixture->why));
    assert_true(size_beside(fixture, "-wal") > 0);
    assert_int_equal(chmod(fixture->path, 0444), 0);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    assert_read_as_nobody(fixture, 0, "-wal");
}

static void a_store_one_may_not_read_is_refused_with_its_owner_and_mode(
    void **state)
{
    struct fixture *fixture = *state;

    close_store(fixture);
    assert_int_equal(chmod(fixture->path, 0000), 0);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    assert_read_as_nobody(fixture, 0, "mode 0000");
}

/* --- a disk that fails --------------------------------------------------- */

static void a_full_disk_is_named_and_undoes_the_transaction_only(void **state)
{
    struct fixture *fixture = *state;
    int64_t count;

    assert_done(fixture, commit_group(fixture->store, 0, GROUP, &fixture->why));
    count = count_of(fixture->store);
    assert_done(
        fixture, store_execute(fixture->store, "PRAGMA max_page_count = 20",
                     "set", &fixture->why));
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_false(add_group(fixture->store, 100, 500, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_UNAVAILABLE);
    assert_non_null(strstr(fixture->why.reason, "no space is left"));
    assert_non_null(strstr(fixture->why.reason, fixture->path));
    store_roll_back(fixture->store);
    assert_int_equal(count_of(fixture->store), count);
    assert_int_equal(events_of(fixture), count);
}

/* SQLite has rolled back by itself: the next member of the group must not
 * begin a transaction of its own. */
static _Noreturn void write_past_the_limit(const char *path)
{
    const struct rlimit limit = {.rlim_cur = 100000, .rlim_max = 100000};
    struct store *store = NULL;
    struct failure why = {0};
    bool added = false;

    (void)signal(SIGXFSZ, SIG_IGN);
    if (!store_open(path, STORE_WRITE, &store, &why) ||
        setrlimit(RLIMIT_FSIZE, &limit) != 0 || !store_begin(store, &why) ||
        !add_group(store, 0, 500, &why))
        _exit(2);
    if (store_commit(store, &why))
        _exit(3);
    if (why.kind != FAILURE_UNAVAILABLE ||
        strstr(why.reason, "input/output error (File too large)") == NULL) {
        (void)fprintf(stderr, "%s\n", why.reason);
        _exit(4);
    }
    if (add_numbered(store, 900, NULL, &added, &why) || count_of(store) != 0)
        _exit(5);
    store_close(store);
    _exit(0);
}

static void a_commit_that_fails_names_the_cause_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    int status = -1;
    pid_t child;

    close_store(fixture);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_past_the_limit(fixture->path);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    reopen(fixture);
    assert_int_equal(count_of(fixture->store), 0);
}

static void a_writer_that_waits_too_long_says_who_is_in_the_way(void **state)
{
    struct fixture *fixture = *state;
    struct store *second = NULL;

    assert_done(fixture,
        store_open(fixture->path, STORE_WRITE, &second, &fixture->why));
    (void)sqlite3_busy_timeout(second->database, 5);
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_false(store_begin(second, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_UNAVAILABLE);
    assert_non_null(strstr(fixture->why.reason, "another process"));
    store_roll_back(fixture->store);
    assert_done(fixture, store_begin(second, &fixture->why));
    store_close(second);
}

static void a_store_that_can_not_be_finished_is_not_left_behind(void **state)
{
    struct fixture *fixture = *state;
    const struct rlimit limit = {.rlim_cur = 6000, .rlim_max = 6000};
    struct store *store = NULL;
    char path[128];
    int status = -1;
    pid_t child;

    (void)snprintf(path, sizeof(path), "%s/other.db", fixture->folder);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(2);
        _exit(store_open(path, STORE_CREATE, &store, &fixture->why) ? 3 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(a_cleanly_closed_store_is_one_file_and_can_be_read),
        test_with_store(a_store_in_a_folder_one_may_not_write_can_be_read),
        test_with_store(a_log_one_may_not_read_is_never_passed_over),
        test_with_store(
            a_store_one_may_not_read_is_refused_with_its_owner_and_mode),
        test_with_store(a_full_disk_is_named_and_undoes_the_transaction_only),
        test_with_store(a_commit_that_fails_names_the_cause_and_leaves_nothing),
        test_with_store(a_writer_that_waits_too_long_says_who_is_in_the_way),
        test_with_store(a_store_that_can_not_be_finished_is_not_left_behind),
    };

    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
