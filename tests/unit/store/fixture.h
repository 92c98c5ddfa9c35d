#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_sqlite.h"

#define SERIAL_BYTES 17

/* A folder of its own with a store that has one authority, id 1. */
struct fixture {
    char folder[64];
    char path[96];
    struct store *store;
    struct failure why;
};

static inline struct bytes serial_of(
    uint32_t number, uint8_t serial[static SERIAL_BYTES])
{
    memset(serial, 0, SERIAL_BYTES);
    serial[0] = 1;
    for (size_t i = 0; i < sizeof(number); i++)
        serial[SERIAL_BYTES - 1 - i] = (uint8_t)(number >> (8 * i));
    return (struct bytes){.start = serial, .length = SERIAL_BYTES};
}

static inline struct certificate_row row_of(struct bytes serial)
{
    static const uint8_t der[700] = {0x30, 0x82, 0x02, 0xb8};

    return (struct certificate_row){.serial = serial,
        .der = {.start = der, .length = sizeof(der)},
        .sealed = true,
        .authority = 1,
        .profile = "server",
        .issued_at = 1700000000,
        .not_after = 1707776000};
}

static inline bool add_numbered(struct store *store, uint32_t number,
    const char *origin, bool *added, struct failure *why)
{
    uint8_t serial[SERIAL_BYTES];
    struct certificate_row row = row_of(serial_of(number, serial));

    row.origin = origin;
    return store_add_certificate(store, &row, added, why);
}

static inline bool journal_issued(
    struct store *store, uint32_t number, struct failure *why)
{
    char object[16];
    struct journal_event event = {.at_ms = 1700000000123,
        .kind = "issued",
        .actor = "cli:alice",
        .object = object,
        .detail = "{\"profile\":\"server\"}"};

    (void)snprintf(object, sizeof(object), "%08x", (unsigned int)number);
    return store_journal(store, &event, why);
}

static inline bool add_root(struct store *store, struct failure *why)
{
    static const uint8_t der[] = {0x30, 0x00};
    const struct authority_row row = {.name = "root",
        .certificate = {.start = der, .length = sizeof(der)},
        .key_sha256 = "00",
        .issues = true,
        .made_at = 1700000000};
    int64_t id = 0;

    return store_begin(store, why) &&
           store_add_authority(store, &row, &id, why) &&
           store_commit(store, why);
}

static inline int set_up(void **state)
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
    if (!store_open(
            fixture->path, STORE_CREATE, &fixture->store, &fixture->why) ||
        !add_root(fixture->store, &fixture->why)) {
        (void)fprintf(stderr, "%s\n", fixture->why.reason);
        return -1;
    }
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    static const char *const names[] = {
        "chancery.db", "chancery.db-wal", "chancery.db-shm", "other.db"};
    struct fixture *fixture = *state;
    char path[128];

    store_close(fixture->store);
    (void)chmod(fixture->folder, 0700);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", fixture->folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(fixture->folder);
    free(fixture);
    return 0;
}

/* As the last one to use it would: the log is moved and removed. */
static inline void close_store(struct fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
}

#define assert_done(fixture, call)                 \
    do {                                           \
        if (!(call))                               \
            fail_msg("%s", (fixture)->why.reason); \
    } while (0)

static inline int64_t count_of(struct store *store)
{
    struct failure why = {0};
    int64_t count = -1;

    assert_true(store_count_certificates(store, &count, &why));
    return count;
}

static inline bool add_group(
    struct store *store, uint32_t first, uint32_t count, struct failure *why)
{
    bool added = false;

    for (uint32_t i = first; i < first + count; i++) {
        if (!journal_issued(store, i, why) ||
            !add_numbered(store, i, NULL, &added, why))
            return false;
    }
    return true;
}

static inline bool commit_group(
    struct store *store, uint32_t first, uint32_t count, struct failure *why)
{
    return store_begin(store, why) && add_group(store, first, count, why) &&
           store_commit(store, why);
}

static inline void reopen(struct fixture *fixture)
{
    assert_done(fixture,
        store_open(fixture->path, STORE_WRITE, &fixture->store, &fixture->why));
    assert_done(fixture, store_check(fixture->store, &fixture->why));
}

static inline int64_t events_of(struct fixture *fixture)
{
    int64_t events = -1;

    assert_done(
        fixture, store_check_journal(fixture->store, &events, &fixture->why));
    return events;
}

#define test_with_store(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
