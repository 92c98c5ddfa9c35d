#include "fixture.h"

#include <signal.h>

#define GROUP 5
#define GROUPS 10
#define WRITERS 8

/* --- children ------------------------------------------------------------ */

static void tell(int pipe_end)
{
    const char byte = 'x';

    if (write(pipe_end, &byte, 1) != 1)
        _exit(3);
}

/* Ends only by being killed, within a transaction. */
static _Noreturn void write_and_hang(const char *path, int pipe_end)
{
    struct store *store = NULL;
    struct failure why;
    uint32_t next = 0;

    if (!store_open(path, STORE_WRITE, &store, &why))
        _exit(2);
    for (; next < GROUPS * GROUP; next += GROUP) {
        if (!commit_group(store, next, GROUP, &why))
            _exit(2);
    }
    /* More than the page cache: some of it is in the log already. */
    if (!store_execute(store, "PRAGMA cache_size = 2", "set", &why) ||
        !store_begin(store, &why) || !add_group(store, next, 200, &why))
        _exit(2);
    tell(pipe_end);
    for (;;)
        (void)pause();
}

static _Noreturn void write_until_killed(const char *path, int pipe_end)
{
    struct store *store = NULL;
    struct failure why;

    if (!store_open(path, STORE_WRITE, &store, &why))
        _exit(2);
    for (uint32_t next = 0;; next += GROUP) {
        if (!commit_group(store, next, GROUP, &why))
            _exit(2);
        tell(pipe_end);
        if (next % (4 * GROUP) == 0 && !store_checkpoint(store, &why))
            _exit(2);
    }
}

typedef void child_work(const char *path, int pipe_end);

static pid_t start(struct fixture *fixture, child_work *work, int *told)
{
    int ends[2];
    pid_t child;

    close_store(fixture);
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        work(fixture->path, ends[1]);
    (void)close(ends[1]);
    *told = ends[0];
    return child;
}

static void kill_child(pid_t child)
{
    int status = 0;

    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* How many bytes came until the writer was gone. */
static int64_t drain(int told)
{
    char bytes[256];
    int64_t count = 0;
    ssize_t got;

    while ((got = read(told, bytes, sizeof(bytes))) > 0)
        count += got;
    (void)close(told);
    return count;
}

/* --- kills --------------------------------------------------------------- */

static void properties16_a_kill_within_a_transaction_leaves_the_ones_before(
    void **state)
{
    struct fixture *fixture = *state;
    int told = -1;
    char byte = 0;
    pid_t child = start(fixture, write_and_hang, &told);

    assert_int_equal(read(told, &byte, 1), 1);
    kill_child(child);
    (void)close(told);

    reopen(fixture);
    assert_int_equal(count_of(fixture->store), GROUPS * GROUP);
    assert_int_equal(events_of(fixture), GROUPS * GROUP);
    assert_done(
        fixture, commit_group(fixture->store, 9000, GROUP, &fixture->why));
    assert_int_equal(events_of(fixture), (GROUPS + 1) * GROUP);
}

static void properties16_acknowledged_is_there_at_any_kill(void **state)
{
    struct fixture *fixture = *state;
    char byte = 0;

    for (useconds_t wait = 0; wait < 4000; wait += 450) {
        int told = -1;
        int64_t acknowledged = 1;
        int64_t there;
        pid_t child = start(fixture, write_until_killed, &told);

        assert_int_equal(read(told, &byte, 1), 1);
        (void)usleep(wait);
        kill_child(child);
        acknowledged += drain(told);

        reopen(fixture);
        there = count_of(fixture->store);
        assert_int_equal(there % GROUP, 0);
        assert_in_range(
            there, acknowledged * GROUP, (acknowledged + 1) * GROUP);
        assert_int_equal(events_of(fixture), there);

        close_store(fixture);
        assert_int_equal(unlink(fixture->path), 0);
        assert_done(fixture, store_open(fixture->path, STORE_CREATE,
                                 &fixture->store, &fixture->why));
        assert_done(fixture, add_root(fixture->store, &fixture->why));
    }
}

/* --- several connections ------------------------------------------------- */

static _Noreturn void write_beside_others(const char *path, uint32_t first)
{
    struct store *store = NULL;
    struct failure why;

    if (!store_open(path, STORE_WRITE, &store, &why))
        _exit(2);
    for (uint32_t i = 0; i < GROUPS; i++) {
        if (!commit_group(store, first + i * GROUP, GROUP, &why)) {
            (void)fprintf(stderr, "%s\n", why.reason);
            _exit(3);
        }
    }
    store_close(store);
    _exit(0);
}

static void properties16_eight_processes_write_and_none_is_lost(void **state)
{
    struct fixture *fixture = *state;
    pid_t children[WRITERS];
    int status = -1;

    close_store(fixture);
    for (uint32_t i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_beside_others(fixture->path, i * 1000);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    reopen(fixture);
    assert_int_equal(count_of(fixture->store), WRITERS * GROUPS * GROUP);
    assert_int_equal(events_of(fixture), WRITERS * GROUPS * GROUP);
}

static void a_reader_sees_what_was_committed_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct store *reader = NULL;

    assert_done(
        fixture, store_open(fixture->path, STORE_READ, &reader, &fixture->why));
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, add_group(fixture->store, 0, GROUP, &fixture->why));
    assert_int_equal(count_of(reader), 0);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_int_equal(count_of(reader), GROUP);
    store_close(reader);
}

static void a_reader_can_not_write(void **state)
{
    struct fixture *fixture = *state;
    struct store *reader = NULL;

    assert_done(
        fixture, store_open(fixture->path, STORE_READ, &reader, &fixture->why));
    assert_false(store_begin(reader, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_INTERNAL);
    assert_int_equal(sqlite3_db_readonly(reader->database, "main"), 1);
    store_close(reader);
}

static void a_checkpoint_beside_a_writer_and_a_reader_fails_nothing(
    void **state)
{
    struct fixture *fixture = *state;
    struct store *mover = NULL;
    struct store *reader = NULL;

    assert_done(
        fixture, store_open(fixture->path, STORE_WRITE, &mover, &fixture->why));
    assert_done(
        fixture, store_open(fixture->path, STORE_READ, &reader, &fixture->why));
    for (uint32_t i = 0; i < GROUPS; i++) {
        assert_done(fixture, store_begin(fixture->store, &fixture->why));
        assert_done(fixture,
            add_group(fixture->store, i * GROUP, GROUP, &fixture->why));
        assert_done(fixture, store_checkpoint(mover, &fixture->why));
        assert_done(fixture, store_commit(fixture->store, &fixture->why));
        assert_done(fixture, store_checkpoint(mover, &fixture->why));
        assert_int_equal(count_of(reader), (i + 1) * GROUP);
    }
    store_close(reader);
    store_close(mover);
    assert_done(fixture, store_check(fixture->store, &fixture->why));
}

/* A checkpoint beside a busy writer never catches up with it. */
static void a_log_that_grew_long_is_begun_anew_by_its_writer(void **state)
{
    struct fixture *fixture = *state;
    int longest = 0;

    fixture->store->log_frames_most = 100;
    for (uint32_t i = 0; i < 60; i++) {
        assert_done(fixture,
            commit_group(fixture->store, i * GROUP, GROUP, &fixture->why));
        if (longest < fixture->store->log_frames)
            longest = fixture->store->log_frames;
    }
    assert_in_range(longest, 100, 130);
    assert_int_equal(events_of(fixture), 60 * GROUP);
}

/* The reader's transaction keeps the pages it began with in the log. */
static void a_log_that_a_reader_needs_grows_and_fails_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct store *reader = NULL;

    assert_done(
        fixture, store_open(fixture->path, STORE_READ, &reader, &fixture->why));
    assert_done(
        fixture, store_execute(reader, "BEGIN", "begin", &fixture->why));
    assert_int_equal(count_of(reader), 0);
    fixture->store->log_frames_most = 20;
    for (uint32_t i = 0; i < 20; i++)
        assert_done(fixture,
            commit_group(fixture->store, i * GROUP, GROUP, &fixture->why));
    assert_true(fixture->store->log_frames > 60);
    assert_int_equal(count_of(reader), 0);
    store_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(
            properties16_a_kill_within_a_transaction_leaves_the_ones_before),
        test_with_store(properties16_acknowledged_is_there_at_any_kill),
        test_with_store(properties16_eight_processes_write_and_none_is_lost),
        test_with_store(a_reader_sees_what_was_committed_and_nothing_else),
        test_with_store(a_reader_can_not_write),
        test_with_store(
            a_checkpoint_beside_a_writer_and_a_reader_fails_nothing),
        test_with_store(a_log_that_grew_long_is_begun_anew_by_its_writer),
        test_with_store(a_log_that_a_reader_needs_grows_and_fails_nothing),
    };

    return cmocka_run_group_tests_name("durability", tests, NULL, NULL);
}
