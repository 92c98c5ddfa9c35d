#include "fixture.h"

#include <signal.h>

#include "store/store_revocations.h"

/* Stores of before there was a second schema: a file as the first program made
 * it, from 0001 alone. */

#define CERTIFICATES 300
#define EVENTS 400

static int set_up_file(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (fixture == NULL)
        return -1;
    (void)snprintf(
        fixture->folder, sizeof(fixture->folder), "/tmp/chancery-store-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL)
        return -1;
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/chancery.db",
        fixture->folder);
    *state = fixture;
    return 0;
}

static void execute(sqlite3 *database, const char *text)
{
    char *words = NULL;

    if (sqlite3_exec(database, text, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s", words);
}

static void run(sqlite3_stmt *statement)
{
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    assert_int_equal(sqlite3_reset(statement), SQLITE_OK);
}

/* Every seventh is revoked, every eleventh of the others held. */
static void fill_certificates(sqlite3 *database)
{
    static const uint8_t der[] = {0x30, 0x03, 0x02, 0x01, 0x05};
    sqlite3_stmt *statement = NULL;
    uint8_t serial[SERIAL_BYTES];

    assert_int_equal(
        sqlite3_prepare_v2(database,
            "INSERT INTO certificate (serial, authority, profile, issued_at,"
            " not_after, status, revoked_at, reason, sealed, origin, der)"
            " VALUES (?1, 1, 'server', ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8)",
            -1, &statement, NULL),
        SQLITE_OK);
    for (uint32_t i = 1; i <= CERTIFICATES; i++) {
        int status = i % 7 == 0 ? 1 : i % 11 == 0 ? 2 : 0;
        char origin[24];

        (void)snprintf(origin, sizeof(origin), "control:%u", (unsigned int)i);
        assert_true(bind_bytes(statement, 1, serial_of(i, serial)) &&
                    bind_number(statement, 2, 1700000000 + i) &&
                    bind_number(statement, 3, 1707776000 + i) &&
                    bind_number(statement, 4, status) &&
                    bind_number(statement, 5, status == 0 ? 0 : 1700000900) &&
                    bind_number(statement, 6, status == 1 ? 4 : 0) &&
                    bind_text(statement, 7, i % 2 == 0 ? origin : NULL) &&
                    bind_bytes(statement, 8, (struct bytes){der, sizeof(der)}));
        run(statement);
    }
    (void)sqlite3_finalize(statement);
}

static void fill_journal(sqlite3 *database)
{
    struct journal_head head = {0};
    struct failure why;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(database,
            "INSERT INTO journal (seq, at_ms, kind, actor, object, detail, "
            "hash)"
            " VALUES (?1, 1700000000123, 'issued', 'cli:alice', ?2, '{}', ?3)",
            -1, &statement, NULL),
        SQLITE_OK);
    for (int i = 1; i <= EVENTS; i++) {
        char object[16];
        struct journal_event event = {.at_ms = 1700000000123,
            .kind = "issued",
            .actor = "cli:alice",
            .object = object,
            .detail = "{}"};

        (void)snprintf(object, sizeof(object), "%08x", (unsigned int)i);
        assert_true(journal_hash(&head, &event, event.hash, &why));
        head.seq++;
        memcpy(head.hash, event.hash, SHA256_BYTES);
        assert_true(
            bind_number(statement, 1, i) && bind_text(statement, 2, object) &&
            bind_bytes(statement, 3, (struct bytes){head.hash, SHA256_BYTES}));
        run(statement);
    }
    (void)sqlite3_finalize(statement);
}

static void make_version_one(struct fixture *fixture)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(fixture->path, &database), SQLITE_OK);
    execute(database, "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;"
                      "BEGIN");
    execute(database, migration_steps[0].text);
    execute(database,
        "PRAGMA application_id = 1128809305; PRAGMA user_version = 1;"
        "INSERT INTO authority VALUES (1, 'root', '00', 1, 0, 17, x'3000'),"
        " (2, 'issuing', '11', 1, 1, 18, x'300100');"
        "INSERT INTO number VALUES ('sign-log-taken-in', 12345)");
    fill_certificates(database);
    fill_journal(database);
    execute(database, "COMMIT");
    (void)sqlite3_close(database);
}

/* --- every row ----------------------------------------------------------- */

/* The columns of the first schema; of the numbers, those it had. */
static const char *const tables[] = {
    "SELECT id, name, key_sha256, parent, issues, made_at, certificate"
    " FROM authority ORDER BY id",
    "SELECT id, serial, authority, profile, issued_at, not_after, status,"
    " revoked_at, reason, sealed, origin, der FROM certificate ORDER BY id",
    "SELECT seq, at_ms, kind, actor, object, detail, hash FROM journal"
    " ORDER BY seq",
    "SELECT name, value FROM number WHERE name <> 'status-change'"
    " ORDER BY name"};
#define TABLES (sizeof(tables) / sizeof(*tables))

struct contents {
    int64_t rows[TABLES];
    uint8_t hashes[TABLES][SHA256_BYTES];
};

/* Each row into the hash of those before it, with types and lengths. */
static void add_row(sqlite3_stmt *statement, uint8_t hash[static SHA256_BYTES])
{
    struct failure why;

    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        uint8_t type = (uint8_t)sqlite3_column_type(statement, i);
        struct bytes value = column_bytes(statement, i);
        uint32_t length = (uint32_t)value.length;
        const struct bytes parts[] = {{hash, SHA256_BYTES}, {&type, 1},
            {(const uint8_t *)&length, sizeof(length)}, value};

        assert_true(sha256(parts, 4, hash, &why));
    }
}

static struct contents contents_of(const char *path)
{
    struct contents contents = {0};
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    for (size_t i = 0; i < TABLES; i++) {
        sqlite3_stmt *statement = NULL;

        assert_int_equal(
            sqlite3_prepare_v2(database, tables[i], -1, &statement, NULL),
            SQLITE_OK);
        for (; sqlite3_step(statement) == SQLITE_ROW; contents.rows[i]++)
            add_row(statement, contents.hashes[i]);
        (void)sqlite3_finalize(statement);
    }
    (void)sqlite3_close(database);
    return contents;
}

static void assert_same(
    const struct contents *before, const struct contents *after)
{
    for (size_t i = 0; i < TABLES; i++) {
        assert_int_equal(before->rows[i], after->rows[i]);
        assert_memory_equal(before->hashes[i], after->hashes[i], SHA256_BYTES);
    }
}

static int64_t number_from(struct fixture *fixture, const char *text)
{
    sqlite3_stmt *statement = NULL;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(
                         fixture->store->database, text, -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return number;
}

/* --- tests --------------------------------------------------------------- */

static void a_store_of_schema_1_keeps_every_row_and_hash(void **state)
{
    struct fixture *fixture = *state;
    struct contents before;
    struct contents after;

    make_version_one(fixture);
    before = contents_of(fixture->path);
    assert_int_equal(before.rows[0], 2);
    assert_int_equal(before.rows[1], CERTIFICATES);
    assert_int_equal(before.rows[2], EVENTS);
    assert_int_equal(before.rows[3], 1);

    reopen(fixture);
    assert_int_equal(number_from(fixture, "PRAGMA user_version"), 2);
    assert_int_equal(events_of(fixture), EVENTS);
    close_store(fixture);
    after = contents_of(fixture->path);
    assert_same(&before, &after);
}

static bool check_revocation(
    void *context, const struct revocation_row *row, struct failure *why)
{
    int64_t *changes = context;

    (void)why;
    assert_int_equal(row->change, ++*changes);
    assert_int_equal(row->shard, 0);
    assert_int_equal(row->authority, 1);
    assert_int_equal(row->revoked_at, 1700000900);
    assert_int_equal(row->not_after, 1707776000 + row->certificate);
    assert_int_equal(row->reason, row->certificate % 7 == 0
                                      ? REASON_SUPERSEDED
                                      : REASON_CERTIFICATE_HOLD);
    return true;
}

static void incident16_what_was_revoked_in_schema_1_is_on_the_list(void **state)
{
    struct fixture *fixture = *state;
    const struct revocation_filter all = {.authority = 1, .shard = -1};
    int64_t changes = 0;
    int64_t last = 0;

    make_version_one(fixture);
    reopen(fixture);
    assert_done(fixture, store_list_revocations(fixture->store, &all,
                             check_revocation, &changes, &fixture->why));
    assert_int_equal(
        changes, CERTIFICATES / 7 + CERTIFICATES / 11 - CERTIFICATES / 77);
    assert_done(
        fixture, store_last_change(fixture->store, &last, &fixture->why));
    assert_int_equal(last, changes);
}

static bool compare_new_columns(
    void *context, const struct certificate_row *row, struct failure *why)
{
    (void)context;
    (void)why;
    assert_string_equal(row->actor, "");
    assert_int_equal(row->request, 0);
    return true;
}

static bool compare_authority(
    void *context, const struct authority_row *row, struct failure *why)
{
    (void)context;
    (void)why;
    assert_int_equal(row->state, AUTHORITY_ACTIVE);
    assert_int_equal(row->crl_shards, 1);
    assert_int_equal(row->follows, 0);
    return true;
}

static void rows_of_schema_1_have_the_new_columns_as_if_nobody_had_said(
    void **state)
{
    struct fixture *fixture = *state;
    const struct certificate_filter all = {0};

    make_version_one(fixture);
    reopen(fixture);
    assert_done(fixture, store_list_certificates(fixture->store, &all,
                             compare_new_columns, NULL, &fixture->why));
    assert_done(fixture, store_list_authorities(fixture->store,
                             compare_authority, NULL, &fixture->why));
}

static void a_reader_of_schema_1_is_told_what_brings_it_up_to_date(void **state)
{
    struct fixture *fixture = *state;

    make_version_one(fixture);
    assert_false(
        store_open(fixture->path, STORE_READ, &fixture->store, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "has schema 1"));
    assert_non_null(
        strstr(fixture->why.reason, "the next command that writes"));
}

/* --- kills --------------------------------------------------------------- */

/* Ends only by being killed, with the whole step taken and not committed. */
static _Noreturn void migrate_and_hang(const char *path, int pipe_end)
{
    const char byte = 'x';
    sqlite3 *database = NULL;

    if (sqlite3_open(path, &database) != SQLITE_OK ||
        sqlite3_exec(database, "PRAGMA cache_size = 2; BEGIN IMMEDIATE", NULL,
            NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(database, migration_steps[1].text, NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(database, "PRAGMA user_version = 2", NULL, NULL, NULL) !=
            SQLITE_OK ||
        write(pipe_end, &byte, 1) != 1)
        _exit(2);
    for (;;)
        (void)pause();
}

static void properties16_a_kill_within_the_migration_leaves_schema_1(
    void **state)
{
    struct fixture *fixture = *state;
    struct contents before;
    struct contents after;
    char byte = 0;
    int status = 0;
    int ends[2];
    pid_t child;

    make_version_one(fixture);
    before = contents_of(fixture->path);
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        migrate_and_hang(fixture->path, ends[1]);
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(ends[0]);

    after = contents_of(fixture->path);
    assert_same(&before, &after);
    reopen(fixture);
    assert_int_equal(number_from(fixture, "PRAGMA user_version"), 2);
    assert_int_equal(
        number_from(fixture, "SELECT count(*) FROM revocation"), 66);
    close_store(fixture);
    after = contents_of(fixture->path);
    assert_same(&before, &after);
}

#define test_with_file(function) \
    cmocka_unit_test_setup_teardown(function, set_up_file, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_file(a_store_of_schema_1_keeps_every_row_and_hash),
        test_with_file(incident16_what_was_revoked_in_schema_1_is_on_the_list),
        test_with_file(
            rows_of_schema_1_have_the_new_columns_as_if_nobody_had_said),
        test_with_file(a_reader_of_schema_1_is_told_what_brings_it_up_to_date),
        test_with_file(
            properties16_a_kill_within_the_migration_leaves_schema_1),
    };

    return cmocka_run_group_tests_name("version one", tests, NULL, NULL);
}
