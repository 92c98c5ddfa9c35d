#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "authority/status_image.h"
#include "authority/status_table.h"
#include "base/file.h"
#include "x509/crl.h"
#include "x509/ocsp_writer.h"

/*
 * A table of a few answers whose bytes are changed by the input: its first byte
 * says how, each three that follow where and to what.  Without its sums made
 * right again, it answers nothing or what was put; with them, whatever it says
 * does no harm.
 */
#define SERIALS 8
#define NOW INT64_C(1795219200)
#define SUMS_ARE_MADE_RIGHT 1
#define IS_MAPPED_ANEW 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t issuer_bytes[] = {0x30, 0};
static const struct status_issuer issuer = {
    .name = {issuer_bytes, 2}, .key_bits = {issuer_bytes, 1}};

static struct {
    char folder[32];
    struct status_map *map;
    uint8_t *file; /* mapped for writing */
    uint8_t *clean;
    size_t size, used;
    uint64_t records[SERIALS + 1]; /* offsets; the last is the end */
    struct ocsp_question questions[SERIALS];
    struct buffer bodies[SERIALS];
} scene = {.folder = "/tmp/fuzz-status-XXXXXX"};

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void remove_scene(void)
{
    struct failure ignored = {0};

    if (!folder_remove(scene.folder, &ignored))
        (void)fprintf(stderr, "%s\n", ignored.reason);
}

static void make_answer(size_t number)
{
    static const uint8_t key[20] = {1};
    struct buffer id = BUFFER("id", OCSP_ID_MAX);
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};
    struct failure why = {0};
    const uint8_t serial = (uint8_t)(number + 1);

    scene.bodies[number] = BUFFER("body", 4096);
    expect(ocsp_certificate_id_write("SHA1", issuer.name, issuer.key_bits,
        (struct bytes){&serial, 1}, &id, &why));
    struct ocsp_answer_single told = {.id = buffer_view(&id),
        .reason = CRL_REASON_ABSENT,
        .this_update = NOW,
        .next_update = NOW + 100};
    struct ocsp_answer_plan plan = {.responder_key = {key, sizeof(key)},
        .produced_at = NOW,
        .singles = &told,
        .single_count = 1};
    expect(ocsp_answer_body(&plan, &scene.bodies[number], &why));
    expect(ocsp_body_read(buffer_view(&scene.bodies[number]), &response, &why));
    expect(ocsp_next_single(&response.singles, &single, &why));
    scene.questions[number].id_count = 1;
    scene.questions[number].ids[0].id = single.id;
    scene.questions[number].ids[0].hash = OCSP_ID_SHA1;
    buffer_free(&id);
}

static void put_answers(struct status_table *table)
{
    static const uint8_t signature[72] = {0x30, 70};
    struct status_table_facts facts = {0};
    struct failure why = {0};

    expect(status_table_responder(table, issuer.name, &why));
    for (size_t i = 0; i < SERIALS; i++) {
        make_answer(i);
        status_table_facts(table, &facts);
        scene.records[i] = status_first_record(256) + facts.bytes;
        expect(status_table_put(table, scene.questions[i].ids[0].id.serial,
            OCSP_ID_SHA1, buffer_view(&scene.bodies[i]),
            (struct bytes){signature, sizeof(signature)}, issuer.name,
            NOW + 100, &why));
    }
    status_table_facts(table, &facts);
    scene.records[SERIALS] = status_first_record(256) + facts.bytes;
}

static void map_file(const char *path)
{
    SCOPED_DESCRIPTOR int file = -1;
    struct failure why = {0};

    expect(file_open(path, O_RDWR, 0, &file, &why));
    scene.size = (size_t)lseek(file, 0, SEEK_END);
    scene.used = (size_t)scene.records[SERIALS];
    scene.file =
        mmap(NULL, scene.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    expect(scene.file != MAP_FAILED);
    scene.clean = malloc(scene.used);
    expect(scene.clean != NULL);
    memcpy(scene.clean, scene.file, scene.used);
}

static void make_scene(void)
{
    struct status_table *table = NULL;
    struct failure why = {0};
    char path[64];
    bool began = false;

    expect(mkdtemp(scene.folder) != NULL);
    expect(atexit(remove_scene) == 0);
    (void)snprintf(path, sizeof(path), "%s/a.table", scene.folder);
    expect(status_table_open(path, &issuer, 0, &table, &began, &why));
    put_answers(table);
    status_table_close(table);
    map_file(path);
    expect(status_map_open(scene.folder, &scene.map, &why));
}

/* As somebody would who knows how a table is made. */
static void make_sums_right(void)
{
    struct status_file_head head;

    memcpy(&head, scene.file, sizeof(head));
    head.sum = status_head_sum(&head);
    memcpy(scene.file, &head, sizeof(head));
    for (size_t i = 0; i < SERIALS; i++) {
        uint64_t offset = scene.records[i];
        struct status_record_head record;

        memcpy(&record, scene.file + offset, sizeof(record));
        if (record.length < sizeof(record) ||
            record.length > scene.size - offset)
            continue;
        record.sum = status_sum(head.seed, offset,
            (struct bytes){scene.file + offset + sizeof(record.sum),
                record.length - sizeof(record.sum)});
        memcpy(scene.file + offset, &record.sum, sizeof(record.sum));
    }
}

static bool has_body(struct bytes answer, struct bytes body)
{
    return memmem(answer.start, answer.length, body.start, body.length) != NULL;
}

static void ask(size_t number, bool is_honest)
{
    struct buffer answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct failure why = {0};
    int64_t since = 0, until = 0;
    bool found = false;

    if (!status_map_answer(scene.map, &scene.questions[number], NOW, &answer,
            &found, &since, &until, &why))
        expect(!found && answer.length == 0);
    else if (found && is_honest)
        expect(
            since == NOW && until == NOW + 100 &&
            has_body(buffer_view(&answer), buffer_view(&scene.bodies[number])));
    buffer_free(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure ignored = {0};

    if (size == 0)
        return 0;
    if (scene.file == NULL)
        make_scene();
    if (!status_map_refresh(scene.map, &ignored))
        abort();
    for (size_t i = 1; i + 3 <= size; i += 3)
        scene.file[((size_t)data[i] << 8 | data[i + 1]) % scene.used] =
            data[i + 2];
    if ((data[0] & SUMS_ARE_MADE_RIGHT) != 0)
        make_sums_right();
    if ((data[0] & IS_MAPPED_ANEW) != 0) {
        status_map_close(scene.map);
        expect(status_map_open(scene.folder, &scene.map, &ignored));
        (void)!status_map_refresh(scene.map, &ignored);
    }
    for (size_t i = 0; i < SERIALS; i++)
        ask(i, (data[0] & SUMS_ARE_MADE_RIGHT) == 0);
    memcpy(scene.file, scene.clean, scene.used);
    return 0;
}
