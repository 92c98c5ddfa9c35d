#include "audit_scene.h"

/* What the journal says, and who tampered with it. */

/* --- whole --------------------------------------------------------------- */

static void a_journal_that_nobody_touched_is_whole_to_its_last_checkpoint(
    void **state)
{
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    assert_done(verify(template_store, &report, &why), why);
    assert_int_equal(report.certificates, 8);
    assert_true(report.events > 20);
    assert_true(report.checkpoints >= 4);
    assert_int_equal(report.tail, 0);
    assert_int_equal(report.checkpoint_seq, report.events - 1);
    assert_int_equal(report.log_torn, 0);
    assert_non_null(strstr(report.signers, "issuing "));
    assert_int_equal(report.broken_seq, 0);
}

/* --- tampering ----------------------------------------------------------- */

static uint64_t random_state = 88172645463325252u;

/* xorshift64: the same everywhere. */
static int64_t below(int64_t end)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (int64_t)(random_state % (uint64_t)end);
}

/* A statement with two numbers. */
static void run_with(sqlite3 *database, const char *text, int64_t a, int64_t b)
{
    sqlite3_stmt *statement = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(database, text, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(statement, 1, a), SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(statement, 2, b), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    (void)sqlite3_finalize(statement);
}

static void read_bytes_of(sqlite3 *database, const char *query, int64_t key,
    uint8_t *bytes, size_t room, int *length)
{
    sqlite3_stmt *statement = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(statement, 1, key), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    *length = sqlite3_column_bytes(statement, 0);
    assert_true((size_t)*length <= room);
    if (*length > 0)
        memcpy(bytes, sqlite3_column_blob(statement, 0), (size_t)*length);
    (void)sqlite3_finalize(statement);
}

static int64_t time_of(sqlite3 *database, int64_t seq)
{
    sqlite3_stmt *statement = NULL;
    int64_t at_ms;

    assert_int_equal(
        sqlite3_prepare_v2(database, "SELECT at_ms FROM journal WHERE seq = ?1",
            -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(statement, 1, seq), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    at_ms = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return at_ms;
}

static void write_bytes_to(sqlite3 *database, const char *query, int64_t key,
    const uint8_t *bytes, int length)
{
    sqlite3_stmt *statement = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_bind_blob(statement, 1, bytes, length, SQLITE_STATIC),
        SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(statement, 2, key), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    (void)sqlite3_finalize(statement);
}

static const struct {
    const char *name, *read, *write;
} columns[] = {
    {"kind", "SELECT CAST(kind AS BLOB) FROM journal WHERE seq = ?1",
        "UPDATE journal SET kind = CAST(?1 AS TEXT) WHERE seq = ?2"},
    {"actor", "SELECT CAST(actor AS BLOB) FROM journal WHERE seq = ?1",
        "UPDATE journal SET actor = CAST(?1 AS TEXT) WHERE seq = ?2"},
    {"object", "SELECT CAST(object AS BLOB) FROM journal WHERE seq = ?1",
        "UPDATE journal SET object = CAST(?1 AS TEXT) WHERE seq = ?2"},
    {"detail", "SELECT CAST(detail AS BLOB) FROM journal WHERE seq = ?1",
        "UPDATE journal SET detail = CAST(?1 AS TEXT) WHERE seq = ?2"},
    {"hash", "SELECT hash FROM journal WHERE seq = ?1",
        "UPDATE journal SET hash = ?1 WHERE seq = ?2"},
};

/* One bit of one byte; of an empty text, it gets one. */
static void edit_column(sqlite3 *database, int64_t seq)
{
    size_t column = (size_t)below(5);
    uint8_t bytes[16 * 1024];
    int length = 0;

    read_bytes_of(
        database, columns[column].read, seq, bytes, sizeof(bytes), &length);
    if (length == 0)
        bytes[length++] = 'x';
    else
        bytes[below(length)] ^= (uint8_t)(1 << below(7));
    write_bytes_to(database, columns[column].write, seq, bytes, length);
}

static void edit(sqlite3 *database)
{
    int64_t seq = 1 + below(last_event);

    switch (below(7)) {
    case 0:
        run_with(database,
            "UPDATE journal SET at_ms = at_ms + ?1 WHERE seq = ?2",
            1 + below(100000), seq);
        return;
    case 1:
        run_with(database, "UPDATE journal SET seq = ?1 WHERE seq = ?2",
            last_event + 1 + below(5) + (seq == last_event), seq);
        return;
    default:
        edit_column(database, seq);
    }
}

static void delete (sqlite3 *database)
{
    run_with(database, "DELETE FROM journal WHERE seq = ?1 OR seq = ?2",
        1 + below(last_signed), -1);
}

static void reorder(sqlite3 *database)
{
    int64_t first = 1 + below(last_event - 1);
    int64_t second = first + 1 + below(last_event - first);

    run_with(database, "UPDATE journal SET seq = -?1 WHERE seq = ?2", 1, first);
    run_with(
        database, "UPDATE journal SET seq = ?1 WHERE seq = ?2", first, second);
    run_with(
        database, "UPDATE journal SET seq = ?1 WHERE seq = -?2", second, 1);
}

static void insert(sqlite3 *database)
{
    run_with(database,
        "INSERT INTO journal SELECT ?1, at_ms, kind, actor, object, detail,"
        " hash FROM journal WHERE seq = ?2",
        below(2) == 0 ? last_event + 1 : -below(3), 1 + below(last_event));
}

static void cut(sqlite3 *database)
{
    run_with(database, "DELETE FROM journal WHERE seq > ?1 + ?2",
        below(last_signed), 0);
}

/* --- by one who knows how the chain is made ------------------------------ */

static void hash_event(
    sqlite3 *database, int64_t seq, uint8_t hash[static SHA256_BYTES])
{
    uint8_t texts[4][16 * 1024], lengths[4][4], numbers[16];
    int64_t at_ms = time_of(database, seq);
    uint8_t before[SHA256_BYTES];
    struct bytes parts[10] = {{before, SHA256_BYTES}, {numbers, 16}};
    struct failure why = {0};
    int length = 0;

    memcpy(before, hash, SHA256_BYTES);
    for (int i = 0; i < 8; i++) {
        numbers[i] = (uint8_t)(seq >> (56 - 8 * i));
        numbers[8 + i] = (uint8_t)(at_ms >> (56 - 8 * i));
    }
    for (size_t i = 0; i < 4; i++) {
        read_bytes_of(database, columns[i].read, seq, texts[i],
            sizeof(texts[i]), &length);
        for (int j = 0; j < 4; j++)
            lengths[i][j] = (uint8_t)(length >> (24 - 8 * j));
        parts[2 + 2 * i] = (struct bytes){lengths[i], 4};
        parts[3 + 2 * i] = (struct bytes){texts[i], (size_t)length};
    }
    assert_true(sha256(parts, 10, hash, &why));
}

/* From the event on, to the end. */
static void rehash(sqlite3 *database, int64_t from)
{
    uint8_t hash[SHA256_BYTES] = {0};
    int length = 0;

    if (from > 1)
        read_bytes_of(
            database, columns[4].read, from - 1, hash, sizeof(hash), &length);
    for (int64_t seq = from; seq <= last_event; seq++) {
        hash_event(database, seq, hash);
        write_bytes_to(database, columns[4].write, seq, hash, SHA256_BYTES);
    }
}

static void edit_and_rehash(sqlite3 *database)
{
    int64_t seq = 1 + below(last_signed);

    run_with(database,
        "UPDATE journal SET actor = actor || 'x', at_ms = at_ms + ?1"
        " WHERE seq = ?2",
        below(3), seq);
    rehash(database, seq);
}

/* --- certificates -------------------------------------------------------- */

static void change_certificates(sqlite3 *database)
{
    static const char *const changes[] = {
        /* what is revoked is valid, and the other way round */
        "UPDATE certificate SET status = 0 WHERE status = 1",
        "UPDATE certificate SET status = 0 WHERE status = 2",
        "UPDATE certificate SET status = 1, reason = 0 WHERE id = 4",
        "DELETE FROM certificate WHERE id = 5",
        "UPDATE certificate SET serial = CAST(x'01' || randomblob(16) AS BLOB) "
        "WHERE id = 6",
        "UPDATE certificate SET der = CAST(der || x'00' AS BLOB) WHERE id = 3",
        "INSERT INTO certificate SELECT 99, CAST(x'01' || randomblob(16) AS "
        "BLOB), authority,"
        " profile, issued_at, not_after, 0, 0, 0, sealed, NULL, der, request,"
        " actor FROM certificate WHERE id = 4",
        /* what decides how long it stays on a list, and what is on it */
        "UPDATE certificate SET not_after = not_after - 86400 WHERE id = 4",
        "DELETE FROM revocation",
        "UPDATE revocation SET reason = 4 WHERE reason <> 6",
        "UPDATE revocation SET not_after = not_after - 86400",
        "UPDATE revocation SET serial = CAST(x'01' || randomblob(16) AS BLOB)",
        "INSERT INTO revocation SELECT id, authority, 0, serial, 1, 1,"
        " not_after, 99 FROM certificate WHERE status = 0 LIMIT 1",
    };

    run(database, "DROP TRIGGER certificate_does_not_change");
    run(database, "DROP TRIGGER certificate_revoked_stays_revoked");
    run(database, "DROP TRIGGER certificate_revoked_stays");
    run(database, "DROP TRIGGER revocation_does_not_change");
    run(database, "DROP TRIGGER revocation_stays");
    run(database, "PRAGMA foreign_keys = OFF");
    run(database, changes[below(sizeof(changes) / sizeof(changes[0]))]);
}

/* --- all of them --------------------------------------------------------- */

static const struct {
    const char *name;
    void (*tamper)(sqlite3 *database);
} tamperings[] = {
    {"edit", edit},
    {"delete", delete},
    {"reorder", reorder},
    {"insert", insert},
    {"cut", cut},
    {"edit and rehash", edit_and_rehash},
    {"change certificates", change_certificates},
};

#define TAMPERINGS (sizeof(tamperings) / sizeof(*tamperings))

static void tamper(size_t which)
{
    sqlite3 *database;

    copy_file(template_store, tampered);
    database = open_raw(tampered);
    run(database, "PRAGMA synchronous = OFF; BEGIN");
    tamperings[which].tamper(database);
    run(database, "COMMIT");
    (void)sqlite3_close(database);
}

/* CHANCERY_LONG: 10,000. */
static int samples(void)
{
    return getenv("CHANCERY_LONG") != NULL ? 10000 : 500;
}

static void properties40_every_tampering_below_the_last_checkpoint_is_found(
    void **state)
{
    int count = samples();

    (void)state;
    for (int i = 0; i < count; i++) {
        size_t which = (size_t)below(TAMPERINGS);
        uint64_t begun = random_state;
        struct audit_report report;
        struct failure why = {0};

        tamper(which);
        if (verify(tampered, &report, &why))
            fail_msg("number %d, %s (state %llu), is not found", i,
                tamperings[which].name, (unsigned long long)begun);
        assert_true(why.reason[0] != '\0');
    }
}

static void properties40_an_older_journal_in_its_place_is_found(void **state)
{
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    assert_false(verify(older_store, &report, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(why.reason, "an older one put in its place"));
    assert_int_equal(report.broken_seq, report.events + 1);
}

static void the_first_event_that_is_wrong_is_named(void **state)
{
    struct audit_report report;
    struct failure why = {0};
    sqlite3 *database;

    (void)state;
    copy_file(template_store, tampered);
    database = open_raw(tampered);
    run(database, "UPDATE journal SET actor = 'nobody' WHERE seq IN (5, 9)");
    (void)sqlite3_close(database);
    assert_false(verify(tampered, &report, &why));
    assert_int_equal(report.broken_seq, 5);
    assert_non_null(strstr(why.reason, "event 5 of the journal"));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_journal_that_nobody_touched_is_whole_to_its_last_checkpoint),
        cmocka_unit_test(
            properties40_every_tampering_below_the_last_checkpoint_is_found),
        cmocka_unit_test(properties40_an_older_journal_in_its_place_is_found),
        cmocka_unit_test(the_first_event_that_is_wrong_is_named),
    };

    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_scene, remove_scene);
}
