#include "authority/status_table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/status_table_parts.h"

#define PENDING_MAX ((size_t)1024 * 1024)
#define SERIALS_MAX ((size_t)1 << 30)

/* --- opening -------------------------------------------------------------- */

static bool paths_of(
    const char *path, struct status_paths *paths, struct failure *why)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    int folder = slash == NULL ? 1 : (int)(slash - path);
    int length = snprintf(paths->folder, sizeof(paths->folder), "%.*s", folder,
        slash == NULL ? "." : path);

    if (length < 0 || (size_t)length >= sizeof(paths->folder) ||
        snprintf(paths->table, sizeof(paths->table), "%s/%s", paths->folder,
            name) >= (int)sizeof(paths->table) ||
        snprintf(paths->beside, sizeof(paths->beside), "%s/.%s.new",
            paths->folder, name) >= (int)sizeof(paths->beside))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the path of a status table is longer than %d bytes",
            PATH_ROOM - 1);
    return true;
}

static bool hash(
    const char *name, struct bytes bytes, uint8_t *digest, struct failure *why)
{
    const EVP_MD *algorithm = NULL;

    return digest_named(name, &algorithm, why) &&
           (EVP_Digest(bytes.start, bytes.length, digest, NULL, algorithm,
                NULL) == 1 ||
               fail_because(
                   why, FAILURE_INTERNAL, "%s can't be computed", name));
}

static bool hash_issuer(const struct status_issuer *issuer,
    struct status_file_head *head, struct failure *why)
{
    return hash("SHA1", issuer->name, head->sha1_name, why) &&
           hash("SHA1", issuer->key_bits, head->sha1_key, why) &&
           hash("SHA256", issuer->name, head->sha256_name, why) &&
           hash("SHA256", issuer->key_bits, head->sha256_key, why);
}

static bool is_of_issuer(
    const struct status_image *image, const struct status_file_head *issuer)
{
    struct status_file_head head;

    memcpy(&head, image->start, sizeof(head));
    return memcmp(head.sha256_name, issuer->sha256_name, SHA256_BYTES) == 0 &&
           memcmp(head.sha256_key, issuer->sha256_key, SHA256_BYTES) == 0;
}

static bool begin(struct status_table *table,
    const struct status_file_head *issuer, struct failure *why)
{
    if (!status_generation_make(&table->paths, issuer, 2 * table->expected,
            status_room_for(table->expected), &table->descriptor, &table->image,
            why))
        return false;
    table->end = table->image.first_record;
    if (status_generation_publish(&table->paths, table->descriptor, why))
        return true;
    (void)unlink(table->paths.beside);
    return false;
}

/* *is_whole is false when there is no file, or one whose head is damaged. */
static bool open_present(struct status_table *table,
    const struct status_file_head *issuer, bool *is_whole, struct failure *why)
{
    struct failure damage = {0};

    *is_whole = false;
    if (!file_open(
            table->paths.table, O_RDWR, 0, &table->descriptor, &damage)) {
        if (damage.kind == FAILURE_NOT_FOUND)
            return true;
        *why = damage;
        return false;
    }
    if (!status_image_map(table->descriptor, true, &table->image, &damage)) {
        descriptor_close(&table->descriptor);
        if (damage.kind == FAILURE_MALFORMED)
            return true;
        *why = damage;
        return false;
    }
    if (!is_of_issuer(&table->image, issuer))
        return fail_because(why, FAILURE_CONFLICT,
            "%s tells of certificates of another issuer", table->paths.table);
    *is_whole = true;
    return true;
}

static bool open_or_begin(struct status_table *table,
    const struct status_issuer *issuer, bool *began, struct failure *why)
{
    struct status_file_head head = {0};
    bool is_whole = false;

    if (!hash_issuer(issuer, &head, why) ||
        !open_present(table, &head, &is_whole, why))
        return false;
    *began = !is_whole;
    if (!is_whole)
        return begin(table, &head, why);
    status_table_take_stock(table, &is_whole);
    *began = !is_whole;
    return is_whole || status_table_renew(table, 0, why);
}

bool status_table_open(const char *path, const struct status_issuer *issuer,
    size_t expected, struct status_table **table, bool *began,
    struct failure *why)
{
    SCOPED_STRUCT(status_table) *opened = calloc(1, sizeof(*opened));

    if (opened == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for a status table");
    opened->descriptor = -1;
    opened->pending = BUFFER("pending answers", PENDING_MAX);
    opened->expected = expected;
    if (expected > SERIALS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a status table holds at most %zu serials", SERIALS_MAX);
    if (!paths_of(path, &opened->paths, why) ||
        !open_or_begin(opened, issuer, began, why))
        return false;
    *table = KEEP(status_table, &opened);
    return true;
}

void status_table_close(struct status_table *table)
{
    if (table == NULL)
        return;
    status_image_unmap(&table->image);
    descriptor_close(&table->descriptor);
    buffer_free(&table->pending);
    free(table);
}

bool status_table_find(const struct status_table *table, struct bytes serial,
    enum ocsp_id_hash hash, struct bytes *body, int64_t *next_update,
    bool *found, struct failure *why)
{
    struct status_record record = {0};
    struct status_place place = {0};

    *found = false;
    if (hash == OCSP_ID_OTHER)
        return true;
    if (!status_image_find(&table->image, status_kind_of(hash), serial, &place,
            &record, found, why))
        return false;
    if (*found) {
        *body = record.body;
        *next_update = record.head.until;
    }
    return true;
}

/* --- facts ---------------------------------------------------------------- */

static void find_earliest(struct status_table *table)
{
    struct status_record record = {0};
    bool is_whole = true;
    uint64_t slot = 0;

    table->counts.earliest = 0;
    table->counts.earliest_is_old = false;
    while (status_table_next(table, &slot, &record, &is_whole)) {
        if (table->counts.earliest == 0 ||
            record.head.until < table->counts.earliest)
            table->counts.earliest = record.head.until;
    }
}

void status_table_facts(
    struct status_table *table, struct status_table_facts *facts)
{
    const size_t *answers = table->counts.answers;

    if (table->counts.earliest_is_old)
        find_earliest(table);
    *facts = (struct status_table_facts){
        .serials = answers[STATUS_RECORD_SHA1] > answers[STATUS_RECORD_SHA256]
                       ? answers[STATUS_RECORD_SHA1]
                       : answers[STATUS_RECORD_SHA256],
        .records = table->counts.records,
        .bytes = table->end - table->image.first_record,
        .earliest_end = table->counts.earliest};
}

bool status_table_sync(const struct status_table *table, struct failure *why)
{
    return fdatasync(table->descriptor) == 0 ||
           fail_in_file(why, "syncing", table->paths.table);
}
