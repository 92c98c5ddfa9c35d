#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "authority/status_table.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "x509/crl.h"
#include "x509/ocsp_writer.h"

/*
 * What an OCSP answer from the table costs: its request read, the answer found,
 * checked and put together, beside a copy of the same bytes.
 *
 *     ocsp_table [SERIALS]      100,000 without a number; by SHA-1 and SHA-256
 *
 * Prints nanoseconds of CPU time for one; the serials are asked for in no
 * order, so that the table's pages are met as in a responder.
 */

#define SERIALS 100000
#define ASKED 200000
#define ROUNDS 5
#define NOW INT64_C(1795219200)
#define DAY 86400
#define REQUEST_MAX 256
/* As a delegate's certificate with P-256 has. */
#define CERTIFICATE_BYTES 640

static const uint8_t issuer_name[] = {0x30, 0x1c, 0x31, 0x1a, 0x30, 0x18, 0x06,
    0x03, 0x55, 0x04, 0x03, 0x0c, 0x11, 'E', 'x', 'a', 'm', 'p', 'l', 'e', ' ',
    'A', 'u', 't', 'h', 'o', 'r', 'i', 't', 'y'};
static const struct status_issuer issuer = {
    .name = {issuer_name, sizeof(issuer_name)},
    .key_bits = {issuer_name, sizeof(issuer_name)}};

static struct {
    char folder[32];
    struct status_map *map;
    size_t serials;
    struct buffer answer;
    size_t answer_bytes;
} scene = {.folder = "/tmp/ocsp-table-XXXXXX"};

static void end_unless(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "ocsp_table: %s\n", what);
    exit(EXIT_FAILURE);
}

static double cpu_seconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Numbers that look random, the same in every run (xorshift64). */
static uint64_t mixed(uint64_t number)
{
    number = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    number ^= number >> 29;
    return number * UINT64_C(0xbf58476d1ce4e5b9);
}

static void id_of(size_t number, const char *digest, struct buffer *id)
{
    uint8_t serial[17] = {0x41};
    uint64_t low = mixed(number);
    struct failure why = {0};

    memcpy(serial + 1, &low, sizeof(low));
    memcpy(serial + 9, &low, sizeof(low));
    buffer_clear(id);
    if (!ocsp_certificate_id_write(digest, issuer.name, issuer.key_bits,
            (struct bytes){serial, sizeof(serial)}, id, &why))
        end_unless(false, why.reason);
}

/* --- the table ------------------------------------------------------------ */

static void put(struct status_table *table, size_t number, const char *digest,
    enum ocsp_id_hash hash)
{
    static const uint8_t algorithm[] = {
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    static const uint8_t bytes[72] = {0x30, 70};
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    RELEASED(buffer) body = BUFFER("body", 4096);
    struct failure why = {0};

    id_of(number, digest, &id);
    struct ocsp_answer_single single = {.id = buffer_view(&id),
        .reason = CRL_REASON_ABSENT,
        .this_update = NOW,
        .next_update = NOW + DAY};
    struct ocsp_answer_plan plan = {.responder_key = {bytes, 20},
        .produced_at = NOW,
        .singles = &single,
        .single_count = 1};
    if (!ocsp_answer_body(&plan, &body, &why) ||
        !status_table_put(table, (struct bytes){id.start + id.length - 17, 17},
            hash, buffer_view(&body), (struct bytes){bytes, sizeof(bytes)},
            (struct bytes){algorithm, sizeof(algorithm)}, NOW + DAY, &why))
        end_unless(false, why.reason);
}

static void fill_table(void)
{
    static const uint8_t certificate[CERTIFICATE_BYTES] = {0x30, 0x82};
    SCOPED_STRUCT(status_table) *table = NULL;
    struct status_table_facts facts = {0};
    struct failure why = {0};
    char path[64];
    bool began = false;
    double started = cpu_seconds();

    (void)snprintf(path, sizeof(path), "%s/a.table", scene.folder);
    if (!status_table_open(
            path, &issuer, scene.serials, &table, &began, &why) ||
        !status_table_responder(
            table, (struct bytes){certificate, sizeof(certificate)}, &why))
        end_unless(false, why.reason);
    for (size_t i = 0; i < scene.serials; i++) {
        put(table, i, "SHA1", OCSP_ID_SHA1);
        put(table, i, "SHA256", OCSP_ID_SHA256);
    }
    status_table_facts(table, &facts);
    (void)printf("put, body and CertID made too  %6.0f ns; %zu bytes each\n",
        (cpu_seconds() - started) * 1e9 / (double)facts.records,
        facts.bytes / facts.records);
}

/* --- requests ------------------------------------------------------------- */

struct asked {
    size_t length, path_length;
    uint8_t der[REQUEST_MAX];
    uint8_t path[REQUEST_MAX];
};

/* SEQUENCEs around a CertID of fewer than 120 bytes: each length is one byte.
 */
static void make_request(size_t number, struct asked *asked)
{
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    RELEASED(buffer) text = BUFFER("text", REQUEST_MAX);
    struct failure why = {0};

    id_of(number, "SHA1", &id);
    for (size_t i = 0; i < 4; i++) {
        asked->der[2 * i] = 0x30;
        asked->der[2 * i + 1] = (uint8_t)(id.length + 2 * (3 - i));
    }
    memcpy(asked->der + 8, id.start, id.length);
    asked->length = id.length + 8;
    if (!base64_append(
            &text, (struct bytes){asked->der, asked->length}, 0, &why))
        end_unless(false, why.reason);
    memcpy(asked->path, text.start, text.length);
    asked->path_length = text.length;
}

static void answer(struct bytes der)
{
    struct ocsp_question question;
    struct failure why = {0};
    int64_t since = 0, until = 0;
    bool found = false;

    buffer_clear(&scene.answer);
    if (!ocsp_question_read(der, &question, &why) ||
        !status_map_answer(scene.map, &question, NOW, &scene.answer, &found,
            &since, &until, &why))
        end_unless(false, why.reason);
    end_unless(found, "an answer is not found");
}

static void ask_by_post(const struct asked *asked)
{
    answer((struct bytes){asked->der, asked->length});
}

static void ask_by_get(const struct asked *asked)
{
    RELEASED(buffer) der = BUFFER("a request", OCSP_QUESTION_MAX);
    struct failure why = {0};

    if (!ocsp_question_from_path(
            (struct bytes){asked->path, asked->path_length}, &der, &why))
        end_unless(false, why.reason);
    answer(buffer_view(&der));
}

/* What nobody can do without: the request seen, the answer's bytes moved. */
static void copy_alone(const struct asked *asked)
{
    static uint8_t from[4096], to[4096];

    from[0] = asked->der[asked->length - 1];
    memcpy(to, from, scene.answer_bytes);
    /* The compiler is told that somebody reads it. */
    __asm__ volatile("" : : "r"(to) : "memory");
}

static double best_of(
    void (*ask)(const struct asked *), const struct asked *asked)
{
    double best = 1e9;

    for (size_t round = 0; round < ROUNDS; round++) {
        double started = cpu_seconds();

        for (size_t i = 0; i < ASKED; i++)
            ask(&asked[i]);
        double each = (cpu_seconds() - started) * 1e9 / ASKED;
        best = each < best ? each : best;
    }
    return best;
}

static void measure(void)
{
    struct asked *asked = calloc(ASKED, sizeof(*asked));

    end_unless(asked != NULL, "no memory");
    for (size_t i = 0; i < ASKED; i++)
        make_request((size_t)(mixed(i) % scene.serials), &asked[i]);
    double post = best_of(ask_by_post, asked);
    scene.answer_bytes = scene.answer.length;
    double get = best_of(ask_by_get, asked);
    double copy = best_of(copy_alone, asked);
    (void)printf("by POST                        %6.0f ns\n"
                 "by GET                         %6.0f ns\n"
                 "a copy of %4zu bytes           %6.0f ns\n",
        post, get, scene.answer_bytes, copy);
    free(asked);
}

int main(int count, char **arguments)
{
    struct failure why = {0};

    scene.serials =
        count > 1 ? (size_t)strtoul(arguments[1], NULL, 10) : SERIALS;
    scene.answer = BUFFER("an answer", OCSP_RESPONSE_MAX);
    clock_set(NOW);
    end_unless(scene.serials > 0, "how many serials?");
    end_unless(mkdtemp(scene.folder) != NULL, "no folder can be made");
    fill_table();
    if (!status_map_open(scene.folder, &scene.map, &why) ||
        !status_map_refresh(scene.map, &why))
        end_unless(false, why.reason);
    measure();
    status_map_close(scene.map);
    buffer_free(&scene.answer);
    end_unless(folder_remove(scene.folder, &why), why.reason);
    return EXIT_SUCCESS;
}
