#include "fixture.h"

static void a_new_store_is_private_and_has_the_settings_it_promises(
    void **state)
{
    static const char *const wanted[][2] = {{"journal_mode", "wal"},
        {"synchronous", "2"}, {"foreign_keys", "1"}, {"page_size", "4096"},
        {"wal_autocheckpoint", "0"}, {"cell_size_check", "1"},
        {"trusted_schema", "0"}, {"locking_mode", "normal"},
        {"busy_timeout", "10000"}, {"temp_store", "2"},
        {"application_id", "1128809305"}, {"user_version", "2"},
        {"recursive_triggers", "1"}};
    struct fixture *fixture = *state;
    struct stat found;
    char text[64];

    assert_int_equal(stat(fixture->path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        sqlite3_stmt *statement = NULL;

        (void)snprintf(text, sizeof(text), "PRAGMA %s", wanted[i][0]);
        assert_int_equal(sqlite3_prepare_v2(fixture->store->database, text, -1,
                             &statement, NULL),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_string_equal(column_text(statement, 0), wanted[i][1]);
        (void)sqlite3_finalize(statement);
    }
}

static void making_a_store_where_a_file_is_leaves_the_file(void **state)
{
    struct fixture *fixture = *state;
    struct store *second = NULL;

    close_store(fixture);
    assert_false(
        store_open(fixture->path, STORE_CREATE, &second, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_null(second);
    assert_done(fixture,
        store_open(fixture->path, STORE_WRITE, &fixture->store, &fixture->why));
}

static void a_store_that_is_not_there_is_not_made_by_opening(void **state)
{
    struct fixture *fixture = *state;
    struct store *second = NULL;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/none.db", fixture->folder);
    assert_false(store_open(path, STORE_WRITE, &second, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_non_null(strstr(fixture->why.reason, path));
    assert_false(store_open(path, STORE_READ, &second, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_path_that_sqlite_would_read_as_a_uri_is_a_plain_name(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    struct fixture *fixture = *state;
    struct store *odd = NULL;
    char path[128];

    (void)snprintf(
        path, sizeof(path), "%s/a%%20b?mode=memory#c.db", fixture->folder);
    assert_done(fixture, store_open(path, STORE_CREATE, &odd, &fixture->why));
    assert_done(fixture, add_root(odd, &fixture->why));
    store_close(odd);
    assert_int_equal(access(path, F_OK), 0);
    assert_done(fixture, store_open(path, STORE_READ, &odd, &fixture->why));
    store_close(odd);
    for (size_t i = 0; i < 3; i++) {
        char name[136];

        (void)snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        (void)unlink(name);
    }
}

static bool compare_authority(
    void *context, const struct authority_row *row, struct failure *why)
{
    int *visits = context;

    (void)why;
    (*visits)++;
    assert_int_equal(row->id, *visits);
    assert_string_equal(row->name, *visits == 1 ? "root" : "issuing");
    assert_int_equal(row->parent, 1);
    assert_int_equal(row->issues, *visits == 1);
    return true;
}

static void an_authority_has_one_name_and_a_parent_that_is_there(void **state)
{
    struct fixture *fixture = *state;
    struct authority_row row = {.name = "issuing",
        .certificate = bytes_of_text("der"),
        .key_sha256 = "11",
        .parent = 9};
    int64_t id = 0;
    int visits = 0;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_false(store_add_authority(fixture->store, &row, &id, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    row.parent = 1;
    assert_done(
        fixture, store_add_authority(fixture->store, &row, &id, &fixture->why));
    assert_int_equal(id, 2);
    assert_false(store_add_authority(fixture->store, &row, &id, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "issuing"));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_done(fixture, store_list_authorities(fixture->store,
                             compare_authority, &visits, &fixture->why));
    assert_int_equal(visits, 2);
}

static void a_number_is_zero_until_it_is_set(void **state)
{
    struct fixture *fixture = *state;
    int64_t number = 5;

    assert_done(fixture, store_number(fixture->store, "sign-log-offset",
                             &number, &fixture->why));
    assert_int_equal(number, 0);
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (int64_t i = 1; i <= 2; i++)
        assert_done(fixture, store_set_number(fixture->store, "sign-log-offset",
                                 i << 40, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_done(fixture, store_number(fixture->store, "sign-log-offset",
                             &number, &fixture->why));
    assert_int_equal(number, INT64_C(2) << 40);
}

static bool compare_states(
    void *context, const struct authority_row *row, struct failure *why)
{
    const struct authority_row *wanted = context;

    (void)why;
    if (row->id == 1) {
        assert_int_equal(row->state, AUTHORITY_RETIRING);
        assert_int_equal(row->crl_shards, 1);
        return true;
    }
    assert_int_equal(row->state, wanted->state);
    assert_int_equal(row->crl_shards, wanted->crl_shards);
    assert_int_equal(row->follows, wanted->follows);
    return true;
}

static void an_authority_changes_its_state_and_never_its_shards(void **state)
{
    struct fixture *fixture = *state;
    struct authority_row row = {.name = "root-2",
        .certificate = bytes_of_text("der"),
        .key_sha256 = "11",
        .state = AUTHORITY_COMING,
        .crl_shards = 16,
        .follows = 1};
    int64_t id = 0;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, store_add_authority(fixture->store, &row, &id, &fixture->why));
    assert_done(fixture, store_set_authority_state(fixture->store, 1,
                             AUTHORITY_RETIRING, &fixture->why));
    assert_false(store_set_authority_state(
        fixture->store, 9, AUTHORITY_RETIRED, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_done(fixture, store_list_authorities(fixture->store, compare_states,
                             &row, &fixture->why));
    assert_false(store_execute(fixture->store,
        "UPDATE authority SET crl_shards = 2", "spoil", &fixture->why));
}

static bool print_cross(
    void *context, const struct cross_certificate *row, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 128 - used, "%lld/%s/%.*s/%lld ",
        (long long)row->authority, row->kind, (int)row->certificate.length,
        (const char *)row->certificate.start, (long long)row->made_at);
    return true;
}

static void assert_crosses(struct fixture *fixture, const char *crosses)
{
    char text[128] = "";

    assert_done(fixture, store_list_cross_certificates(
                             fixture->store, print_cross, text, &fixture->why));
    assert_string_equal(text, crosses);
}

static void kb073_a_cross_certificate_is_kept_once_until_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct cross_certificate row = {.authority = 1,
        .kind = "old-with-new",
        .certificate = bytes_of_text("one"),
        .made_at = 5};

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (int i = 0; i < 2; i++)
        assert_done(fixture,
            store_add_cross_certificate(fixture->store, &row, &fixture->why));
    row.authority = 9;
    row.certificate = bytes_of_text("two");
    assert_false(
        store_add_cross_certificate(fixture->store, &row, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    row.authority = 0;
    row.kind = "cross";
    assert_done(fixture,
        store_add_cross_certificate(fixture->store, &row, &fixture->why));
    assert_crosses(fixture, "1/old-with-new/one/5 0/cross/two/5 ");
    assert_done(fixture,
        store_forget_cross_certificates(fixture->store, 1, &fixture->why));
    assert_crosses(fixture, "0/cross/two/5 ");
    assert_done(fixture,
        store_forget_cross_certificates(fixture->store, 0, &fixture->why));
    assert_crosses(fixture, "");
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static bool print_awaited(
    void *context, const struct awaited_row *row, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 128 - used, "%s/%s/%.*s/%lld/%d/%lld ",
        row->name, row->key_sha256, (int)row->request.length,
        (const char *)row->request.start, (long long)row->made_at,
        row->crl_shards, (long long)row->follows);
    return true;
}

static void assert_awaited(struct fixture *fixture, const char *awaited)
{
    char text[128] = "";

    assert_done(fixture,
        store_list_awaited(fixture->store, print_awaited, text, &fixture->why));
    assert_string_equal(text, awaited);
}

static void an_awaited_authority_takes_the_place_of_its_name(void **state)
{
    struct fixture *fixture = *state;
    struct awaited_row row = {.name = "issuing",
        .key_sha256 = "aa",
        .request = bytes_of_text("one"),
        .made_at = 5};

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, store_await_authority(fixture->store, &row, &fixture->why));
    row.key_sha256 = "bb";
    row.request = bytes_of_text("two");
    row.crl_shards = 4;
    row.follows = 1;
    assert_done(
        fixture, store_await_authority(fixture->store, &row, &fixture->why));
    assert_awaited(fixture, "issuing/bb/two/5/4/1 ");
    row.name = "other";
    row.crl_shards = 0;
    assert_done(
        fixture, store_await_authority(fixture->store, &row, &fixture->why));
    assert_done(fixture,
        store_forget_awaited(fixture->store, "issuing", &fixture->why));
    assert_awaited(fixture, "other/bb/two/5/1/1 ");
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(
            a_new_store_is_private_and_has_the_settings_it_promises),
        test_with_store(making_a_store_where_a_file_is_leaves_the_file),
        test_with_store(a_store_that_is_not_there_is_not_made_by_opening),
        test_with_store(a_path_that_sqlite_would_read_as_a_uri_is_a_plain_name),
        test_with_store(an_authority_has_one_name_and_a_parent_that_is_there),
        test_with_store(an_authority_changes_its_state_and_never_its_shards),
        test_with_store(kb073_a_cross_certificate_is_kept_once_until_forgotten),
        test_with_store(an_awaited_authority_takes_the_place_of_its_name),
        test_with_store(a_number_is_zero_until_it_is_set),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
