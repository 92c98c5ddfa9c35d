#ifndef TESTS_UNIT_SERVER_AUDIT_SCENE_H
#define TESTS_UNIT_SERVER_AUDIT_SCENE_H

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

static inline void copy_file(const char *from, const char *to)
{
    RELEASED(buffer) contents = BUFFER("file", 64 * 1024 * 1024);
    struct failure why = {0};

    assert_done(file_read(from, &contents, &why), why);
    assert_done(
        file_write(to, buffer_view(&contents), 0600, FILE_REPLACE, &why), why);
}

static inline sqlite3 *open_raw(const char *path)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    return database;
}

static inline void run(sqlite3 *database, const char *text)
{
    char *problem = NULL;

    if (sqlite3_exec(database, text, NULL, NULL, &problem) != SQLITE_OK)
        fail_msg("%s: %s", text, problem);
}

/* One file, without its log. */
static inline void keep_copy(const char *as)
{
    sqlite3 *database = open_raw(path_in(scene, "chancery.db"));

    run(database, "PRAGMA journal_mode = DELETE");
    (void)sqlite3_close(database);
    copy_file(path_in(scene, "chancery.db"), as);
}

static inline void issue_some(int count, uint8_t serial[static SERIAL_BYTES])
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

static inline void ask(uint16_t verb, const uint8_t serial[static SERIAL_BYTES])
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

static inline bool verify(
    const char *path, struct audit_report *report, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED_DESCRIPTOR int sign_log =
        open(path_in(scene, "sign.log"), O_RDONLY | O_CLOEXEC);

    assert_true(sign_log >= 0);
    return store_open(path, STORE_READ, &store, why) &&
           audit_verify(store, sign_log, report, why);
}

static inline int make_scene(void **state)
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

static inline int remove_scene(void **state)
{
    (void)state;
    remove_folder(scene);
    return 0;
}

#endif
