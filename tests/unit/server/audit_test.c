#include "road_fixture.h"

#include <fcntl.h>
#include <sqlite3.h>

#include "authority/audit.h"

/*
 * A journal with all that verification looks at: certificates of several
 * commands, a refusal, a revocation, a hold, checkpoints; and the store as it
 * was a while before.  Each test tampers with a copy.
 */
static char template_store[PATH_ROOM], older_store[PATH_ROOM];
static char tampered[PATH_ROOM];
static char scene[FOLDER_ROOM];
static int64_t last_event, last_signed;

/* --- the scene ----------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
    RELEASED(buffer) contents = BUFFER("file", 64 * 1024 * 1024);
    struct failure why = {0};

    assert_done(file_read(from, &contents, &why), why);
    assert_done(
        file_write(to, buffer_view(&contents), 0600, FILE_REPLACE, &why), why);
}

static sqlite3 *open_raw(const char *path)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    return database;
}

static void run(sqlite3 *database, const char *text)
{
    char *problem = NULL;

    if (sqlite3_exec(database, text, NULL, NULL, &problem) != SQLITE_OK)
        fail_msg("%s: %s", text, problem);
}

/* One file, without its log. */
static void keep_copy(const char *as)
{
    sqlite3 *database = open_raw(path_in(scene, "chancery.db"));

    run(database, "PRAGMA journal_mode = DELETE");
    (void)sqlite3_close(database);
    copy_file(path_in(scene, "chancery.db"), as);
}

static void issue_some(int count, uint8_t serial[static SERIAL_BYTES])
{
    SCOPED_STRUCT(client) *client = NULL;
    struct certificate certificate = {0};
    struct failure why = {0};

    open_client(scene, &client);
    for (int i = 0; i < count; i++) {
        RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
        RELEASED(buffer) der = EMPTY_CERTIFICATE;

        new_request("www.example.org", &request);
        must_issue(client,
            &(struct client_issue){
                .profile = "server", .request = buffer_view(&request)},
            &der);
        assert_done(
            certificate_read(buffer_view(&der), &certificate, &why), why);
        memcpy(serial, certificate.tbs.serial.start, SERIAL_BYTES);
    }
}

static void ask(uint16_t verb, const uint8_t serial[static SERIAL_BYTES])
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED(json_t) *facts = NULL;
    struct failure why = {0};

    open_client(scene, &client);
    assert_done(message_add(&question, CONTROL_SERIAL,
                    (struct bytes){serial, SERIAL_BYTES}, &why),
        why);
    assert_done(
        client_call(client, verb, buffer_view(&question), -1, &facts, &why),
        why);
}

static bool verify(
    const char *path, struct audit_report *report, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED_DESCRIPTOR int sign_log =
        open(path_in(scene, "sign.log"), O_RDONLY | O_CLOEXEC);

    assert_true(sign_log >= 0);
    return store_open(path, STORE_READ, &store, why) &&
           audit_verify(store, sign_log, report, why);
}

static int make_scene(void **state)
{
    uint8_t revoked[SERIAL_BYTES], held[SERIAL_BYTES];
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    new_folder(scene);
    found_in(scene);
    decrypt_key(scene, "keys/issuing.key");
    (void)snprintf(template_store, PATH_ROOM, "%s", path_in(scene, "whole"));
    (void)snprintf(older_store, PATH_ROOM, "%s", path_in(scene, "older"));
    (void)snprintf(tampered, PATH_ROOM, "%s", path_in(scene, "tampered"));
    issue_some(3, revoked);
    keep_copy(older_store);
    issue_some(3, held);
    ask(CONTROL_REVOKE, revoked);
    ask(CONTROL_HOLD, held);
    keep_copy(template_store);
    assert_done(verify(template_store, &report, &why), why);
    last_event = report.events;
    last_signed = report.checkpoint_seq;
    return 0;
}

static int remove_scene(void **state)
{
    (void)state;
    remove_folder(scene);
    return 0;
}

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

/* --- the sign log -------------------------------------------------------- */

static bool verify_with_log(
    const char *sign_log_path, struct audit_report *report, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED_DESCRIPTOR int sign_log = open(sign_log_path, O_RDONLY | O_CLOEXEC);

    assert_done(store_open(template_store, STORE_READ, &store, why), *why);
    return audit_verify(store, sign_log, report, why);
}

static void a_sign_log_that_was_edited_or_cut_is_found_at_every_hundredth_byte(
    void **state)
{
    RELEASED(buffer) log = BUFFER("sign log", 1024 * 1024);
    char path[PATH_ROOM];
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    (void)snprintf(path, PATH_ROOM, "%s", path_in(scene, "log"));
    assert_done(file_read(path_in(scene, "sign.log"), &log, &why), why);
    for (size_t at = 0; at < log.length; at += 100) {
        log.start[at] ^= 4;
        assert_done(
            file_write(path, buffer_view(&log), 0600, FILE_REPLACE, &why), why);
        log.start[at] ^= 4;
        assert_false(verify_with_log(path, &report, &why));
        assert_done(file_write(path, (struct bytes){log.start, at}, 0600,
                        FILE_REPLACE, &why),
            why);
        assert_false(verify_with_log(path, &report, &why));
    }
}

static void a_record_that_was_being_written_is_told_and_is_no_damage(
    void **state)
{
    RELEASED(buffer) log = BUFFER("sign log", 1024 * 1024);
    char path[PATH_ROOM];
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    (void)snprintf(path, PATH_ROOM, "%s", path_in(scene, "log"));
    assert_done(file_read(path_in(scene, "sign.log"), &log, &why), why);
    assert_true(buffer_append_text(&log, "torn", &why));
    assert_done(
        file_write(path, buffer_view(&log), 0600, FILE_REPLACE, &why), why);
    assert_done(verify_with_log(path, &report, &why), why);
    assert_int_equal(report.log_torn, 4);
}

/* The last checkpoint of a log, as its own signer signed it. */
static bool keep_checkpoint(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct buffer *kept = context;

    if (record->type != SIGN_LOG_CHECKPOINT)
        return true;
    buffer_clear(kept);
    return buffer_append(kept, record->payload, why);
}

static void append_checkpoint(const char *path, struct bytes payload)
{
    RELEASED(sign_log) log = {0};
    SCOPED_DESCRIPTOR int file = open(path, O_RDWR | O_CLOEXEC);
    struct failure why = {0};
    uint64_t torn = 0;

    assert_done(sign_log_open(file, &log, &torn, &why), why);
    assert_done(
        sign_log_add(&log, SIGN_LOG_CHECKPOINT, &payload, 1, &why), why);
    assert_done(sign_log_write(&log, &why), why);
}

/* Whoever can write the log can chain a record into it, and sign none. */
static void properties40_a_checkpoint_that_no_authority_signed_is_found(
    void **state)
{
    RELEASED(buffer) payload = BUFFER("checkpoint", 64 * 1024);
    SCOPED_DESCRIPTOR int whole =
        open(path_in(scene, "sign.log"), O_RDONLY | O_CLOEXEC);
    char path[PATH_ROOM];
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    (void)snprintf(path, PATH_ROOM, "%s", path_in(scene, "log"));
    assert_done(sign_log_visit(whole, 0, keep_checkpoint, &payload, &why), why);
    copy_file(path_in(scene, "sign.log"), path);
    append_checkpoint(path, buffer_view(&payload));
    assert_false(verify_with_log(path, &report, &why));
    assert_non_null(strstr(why.reason, "was signed for another place"));
    payload.start[payload.length - 1] ^= 1;
    copy_file(path_in(scene, "sign.log"), path);
    append_checkpoint(path, buffer_view(&payload));
    assert_false(verify_with_log(path, &report, &why));
    assert_non_null(
        strstr(why.reason, "is signed by no authority of this store"));
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
        cmocka_unit_test(
            a_sign_log_that_was_edited_or_cut_is_found_at_every_hundredth_byte),
        cmocka_unit_test(
            a_record_that_was_being_written_is_told_and_is_no_damage),
        cmocka_unit_test(
            properties40_a_checkpoint_that_no_authority_signed_is_found),
    };

    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_scene, remove_scene);
}
