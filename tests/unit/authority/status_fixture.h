#ifndef TESTS_STATUS_FIXTURE_H
#define TESTS_STATUS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority/status_table.h"
#include "base/clock.h"
#include "base/file.h"
#include "x509/crl.h"
#include "x509/ocsp_writer.h"

/* Answers for serials that are numbers, and a folder for tables of them.  The
 * signatures are nobody's: no table looks at them. */
#define STATUS_NOW INT64_C(1795219200) /* 2026-11-21 */
#define STATUS_DAY 86400

static const uint8_t status_issuer_name[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08,
    0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'A'};
static const uint8_t status_issuer_key[] = {0x04, 0x01, 0x02, 0x03};
static const uint8_t status_responder[] = {0x30, 3, 2, 1, 9};

static const struct status_issuer status_issuer = {
    .name = {status_issuer_name, sizeof(status_issuer_name)},
    .key_bits = {status_issuer_key, sizeof(status_issuer_key)}};

struct status_scene {
    char folder[64];
    char path[96];
    struct status_table *table;
    bool began;
};

static inline void status_open(struct status_scene *scene, size_t expected)
{
    struct failure why = {0};

    if (!status_table_open(scene->path, &status_issuer, expected, &scene->table,
            &scene->began, &why))
        fail_msg("%s", why.reason);
    assert_true(status_table_responder(scene->table,
        (struct bytes){status_responder, sizeof(status_responder)}, &why));
}

static inline void status_begin(struct status_scene *scene, size_t expected)
{
    *scene = (struct status_scene){.folder = "/tmp/status-XXXXXX"};
    clock_set(STATUS_NOW);
    assert_non_null(mkdtemp(scene->folder));
    (void)snprintf(
        scene->path, sizeof(scene->path), "%s/a.table", scene->folder);
    status_open(scene, expected);
}

static inline void status_end(struct status_scene *scene)
{
    struct failure why = {0};

    status_table_close(scene->table);
    assert_true(folder_remove(scene->folder, &why));
    clock_follow_the_machine();
}

/* 8 octets, the first of them 0x41. */
static inline struct bytes status_serial(
    uint64_t number, uint8_t room[static 8])
{
    for (size_t i = 0; i < 8; i++)
        room[i] = (uint8_t)(number >> (56 - 8 * i));
    room[0] = 0x41;
    return (struct bytes){room, 8};
}

struct status_told {
    uint64_t number;
    enum ocsp_id_hash hash;
    enum ocsp_status status;
    int64_t since, until;
};

static inline struct status_told status_good(uint64_t number)
{
    return (struct status_told){.number = number,
        .hash = OCSP_ID_SHA1,
        .status = OCSP_GOOD,
        .since = STATUS_NOW,
        .until = STATUS_NOW + STATUS_DAY};
}

static inline void status_id(
    uint64_t number, enum ocsp_id_hash hash, struct buffer *id)
{
    struct failure why = {0};
    uint8_t serial[8];

    assert_true(ocsp_certificate_id_write(
        hash == OCSP_ID_SHA1 ? "SHA1" : "SHA256", status_issuer.name,
        status_issuer.key_bits, status_serial(number, serial), id, &why));
}

static inline void status_body(
    const struct status_told *told, struct buffer *body)
{
    static const uint8_t key[20] = {1};
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    struct failure why = {0};

    status_id(told->number, told->hash, &id);
    struct ocsp_answer_single single = {.id = buffer_view(&id),
        .status = told->status,
        .reason = CRL_REASON_ABSENT,
        .revoked_at = told->since,
        .this_update = told->since,
        .next_update = told->until};
    struct ocsp_answer_plan plan = {.responder_key = {key, sizeof(key)},
        .produced_at = told->since,
        .singles = &single,
        .single_count = 1};
    if (!ocsp_answer_body(&plan, body, &why))
        fail_msg("%s", why.reason);
}

static const uint8_t status_algorithm[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t status_signature[72] = {0x30, 70, 2, 33};

static inline bool status_put_body(struct status_table *table,
    const struct status_told *told, struct bytes body, struct failure *why)
{
    uint8_t serial[8];

    return status_table_put(table, status_serial(told->number, serial),
        told->hash, body,
        (struct bytes){status_signature, sizeof(status_signature)},
        (struct bytes){status_algorithm, sizeof(status_algorithm)}, told->until,
        why);
}

static inline void status_put(
    struct status_table *table, const struct status_told *told)
{
    RELEASED(buffer) body = BUFFER("body", 4096);
    struct failure why = {0};

    status_body(told, &body);
    if (!status_put_body(table, told, buffer_view(&body), &why))
        fail_msg("%s", why.reason);
}

static inline struct status_map *status_map_of(const struct status_scene *scene)
{
    struct status_map *map = NULL;
    struct failure why = {0};

    assert_true(status_map_open(scene->folder, &map, &why));
    if (!status_map_refresh(map, &why))
        fail_msg("%s", why.reason);
    return map;
}

struct status_heard {
    bool done, found;
    struct failure why;
    int64_t since, until;
    enum ocsp_status status;
};

/* Asks the map; an answer must be whole and about the serial. */
static inline struct status_heard status_ask(struct status_map *map,
    uint64_t number, enum ocsp_id_hash hash, int64_t now)
{
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct ocsp_question question = {.id_count = 1};
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};
    struct status_heard heard = {0};
    struct failure why = {0};
    uint8_t serial[8];
    const size_t digest = hash == OCSP_ID_SHA1 ? 20 : 32;

    status_id(number, hash, &id);
    question.ids[0].whole = buffer_view(&id);
    question.ids[0].hash = hash;
    /* Serial and hashes stand at the end of a CertID of ours. */
    const uint8_t *end = id.start + id.length - 8;
    question.ids[0].id.serial = status_serial(number, serial);
    question.ids[0].id.key_hash = (struct bytes){end - 2 - digest, digest};
    question.ids[0].id.name_hash = (struct bytes){end - 4 - 2 * digest, digest};
    heard.done = status_map_answer(map, &question, now, &answer, &heard.found,
        &heard.since, &heard.until, &heard.why);
    if (!heard.done || !heard.found) {
        assert_int_equal(answer.length, 0);
        return heard;
    }
    if (!ocsp_response_read(buffer_view(&answer), &response, &why))
        fail_msg("%s", why.reason);
    assert_true(ocsp_next_single(&response.singles, &single, &why));
    assert_true(bytes_equal(single.id.serial, question.ids[0].id.serial));
    assert_int_equal(single.this_update, heard.since);
    assert_int_equal(single.next_update, heard.until);
    heard.status = single.status;
    return heard;
}

#endif
