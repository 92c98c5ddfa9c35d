#include "fixture.h"

static const struct migration_step two_more[] = {
    {1, "foundation", "SELECT 1"},
    {2, "authority", "SELECT 1"},
    {3, "colours",
        "CREATE TABLE colour (name TEXT) STRICT;"
        "INSERT INTO colour VALUES ('red')"},
    {4, "shades",
        "ALTER TABLE colour ADD COLUMN shade TEXT;"
        "UPDATE colour SET shade = 'dark'"},
};

static void change(struct fixture *fixture, const char *text)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(fixture->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(database);
}

static int64_t version_of(struct store *store)
{
    struct store_identity identity;
    struct failure why;

    assert_true(store_identity(store, &identity, &why));
    assert_int_equal(identity.application, STORE_APPLICATION);
    return identity.version;
}

static void assert_refused(
    struct fixture *fixture, enum store_mode mode, const char *words)
{
    struct store *store = NULL;

    assert_false(store_open(fixture->path, mode, &store, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    if (strstr(fixture->why.reason, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", fixture->why.reason, words);
}

static void the_embedded_steps_are_numbered_without_gaps(void **state)
{
    (void)state;
    assert_true(migration_count >= 1);
    for (size_t i = 0; i < migration_count; i++)
        assert_int_equal(migration_steps[i].number, i + 1);
    assert_string_equal(migration_steps[0].name, "foundation");
    assert_string_equal(migration_steps[1].name, "authority");
}

static void an_older_store_takes_the_missing_steps_once(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 2; i++) {
        assert_done(fixture,
            migration_apply(fixture->store, two_more, 4, &fixture->why));
        assert_int_equal(version_of(fixture->store), 4);
    }
    assert_done(
        fixture, store_execute(fixture->store, "SELECT shade FROM colour",
                     "read", &fixture->why));
}

static void a_step_that_fails_leaves_the_step_before_it(void **state)
{
    static const struct migration_step broken[] = {
        {1, "foundation", "SELECT 1"},
        {2, "authority", "SELECT 1"},
        {3, "colours", "CREATE TABLE colour (name TEXT) STRICT"},
        {4, "broken",
            "CREATE TABLE shade (name TEXT) STRICT;"
            "INSERT INTO nowhere VALUES (1)"},
    };
    struct fixture *fixture = *state;

    assert_false(migration_apply(fixture->store, broken, 4, &fixture->why));
    assert_non_null(strstr(fixture->why.reason, "migration 4 (broken)"));
    assert_non_null(strstr(fixture->why.reason, "nowhere"));
    assert_int_equal(version_of(fixture->store), 3);
    assert_done(
        fixture, store_execute(fixture->store, "CREATE TABLE shade (name TEXT)",
                     "write", &fixture->why));
}

static void a_newer_store_is_refused_with_both_numbers(void **state)
{
    struct fixture *fixture = *state;

    close_store(fixture);
    change(fixture, "PRAGMA user_version = 12");
    assert_refused(fixture, STORE_WRITE, "has schema 12");
    assert_refused(fixture, STORE_WRITE, "up to 2");
    assert_refused(fixture, STORE_READ, "has schema 12");
}

static void a_store_of_somebody_else_is_refused_with_both_numbers(void **state)
{
    struct fixture *fixture = *state;

    close_store(fixture);
    change(fixture, "PRAGMA application_id = 4660");
    assert_refused(fixture, STORE_WRITE, "0x00001234 where 0x43484359");
    assert_refused(fixture, STORE_READ, "0x00001234 where 0x43484359");
    change(fixture, "PRAGMA application_id = 0; PRAGMA user_version = 0");
    assert_refused(fixture, STORE_WRITE, "0x00000000 where 0x43484359");
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    FILE *file;

    close_store(fixture);
    file = fopen(fixture->path, "we");
    assert_non_null(file);
    for (int i = 0; i < 100; i++)
        assert_true(fputs("this is no database at all\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_refused(fixture, STORE_WRITE, "it is no SQLite database");
    assert_refused(fixture, STORE_READ, "it is no SQLite database");
}

/* A kill between the making of the file and its first transaction. */
static void a_store_whose_making_was_cut_short_is_finished_by_a_writer(
    void **state)
{
    struct fixture *fixture = *state;

    close_store(fixture);
    assert_int_equal(truncate(fixture->path, 0), 0);
    assert_refused(fixture, STORE_READ, "its making was cut short");
    assert_done(fixture,
        store_open(fixture->path, STORE_WRITE, &fixture->store, &fixture->why));
    assert_done(fixture, add_root(fixture->store, &fixture->why));
    assert_int_equal(version_of(fixture->store), (int64_t)migration_count);
}

static void a_reader_does_not_migrate(void **state)
{
    struct fixture *fixture = *state;
    struct store_identity identity = {
        .application = STORE_APPLICATION, .version = 1};

    assert_false(migration_check(fixture->store, &identity, 2, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "needs 2"));
}

static void damage_is_found_and_put_in_words(void **state)
{
    struct fixture *fixture = *state;

    assert_done(fixture, store_check(fixture->store, &fixture->why));
    close_store(fixture);
    change(fixture, "PRAGMA foreign_keys = OFF;"
                    "UPDATE authority SET parent = 77");
    assert_done(fixture,
        store_open(fixture->path, STORE_WRITE, &fixture->store, &fixture->why));
    assert_false(store_check(fixture->store, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_INTERNAL);
    assert_non_null(strstr(fixture->why.reason, "the table authority"));

    close_store(fixture);
    change(fixture, "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON;"
                    "UPDATE authority SET parent = 1;"
                    "UPDATE sqlite_schema SET rootpage = 2"
                    " WHERE name = 'certificate_origin'");
    assert_done(fixture,
        store_open(fixture->path, STORE_WRITE, &fixture->store, &fixture->why));
    assert_false(store_check(fixture->store, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_INTERNAL);
    assert_non_null(strstr(fixture->why.reason, "damaged"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_embedded_steps_are_numbered_without_gaps),
        test_with_store(an_older_store_takes_the_missing_steps_once),
        test_with_store(a_step_that_fails_leaves_the_step_before_it),
        test_with_store(a_newer_store_is_refused_with_both_numbers),
        test_with_store(a_store_of_somebody_else_is_refused_with_both_numbers),
        test_with_store(a_file_that_is_no_database_is_refused),
        test_with_store(
            a_store_whose_making_was_cut_short_is_finished_by_a_writer),
        test_with_store(a_reader_does_not_migrate),
        test_with_store(damage_is_found_and_put_in_words),
    };

    return cmocka_run_group_tests_name("migration", tests, NULL, NULL);
}
