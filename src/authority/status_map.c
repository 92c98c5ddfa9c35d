#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/status_image.h"
#include "authority/status_table.h"
#include "base/file.h"
#include "x509/ocsp_writer.h"

#define TABLES_MAX 256
#define NAME_ROOM 256
#define SUFFIX ".table"

struct mapped_table {
    char name[NAME_ROOM];
    dev_t device;
    ino_t number;
    struct status_image image;
    bool is_seen;
    /* The responder's certificate that was read last: the same in nearly all
     * answers, and checked once.  offset 0: none was. */
    uint64_t responder;
    struct buffer certificate;
};

struct status_map {
    DIR *folder;
    size_t count;
    struct mapped_table *tables[TABLES_MAX];
};

static void free_table(struct mapped_table *table)
{
    status_image_unmap(&table->image);
    buffer_free(&table->certificate);
    free(table);
}

void status_map_close(struct status_map *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->count; i++)
        free_table(map->tables[i]);
    if (map->folder != NULL)
        (void)closedir(map->folder);
    free(map);
}

bool status_map_open(
    const char *folder, struct status_map **map, struct failure *why)
{
    SCOPED_STRUCT(status_map) *opened = calloc(1, sizeof(*opened));

    if (opened == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for status tables");
    opened->folder = opendir(folder);
    if (opened->folder == NULL)
        return fail_in_file(why, "opening", folder);
    *map = KEEP(status_map, &opened);
    return true;
}

/* --- which tables there are ----------------------------------------------- */

static bool map_file(int folder, const char *name, struct mapped_table *table,
    struct failure *why)
{
    SCOPED_DESCRIPTOR int file =
        openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat found;

    if (file < 0 || fstat(file, &found) != 0)
        return fail_in_file(why, "opening", name);
    if (!status_image_map(file, false, &table->image, why))
        return false;
    table->device = found.st_dev;
    table->number = found.st_ino;
    return true;
}

static bool add_table(
    struct status_map *map, const char *name, struct failure *why)
{
    if (map->count == TABLES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "there are more than %d status tables", TABLES_MAX);

    struct mapped_table *added = calloc(1, sizeof(*added));
    if (added == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for a status table");
    memcpy(added->name, name, strlen(name) + 1);
    added->certificate =
        BUFFER("a responder's certificate", STATUS_RESPONDER_MAX);
    if (!map_file(dirfd(map->folder), name, added, why)) {
        free_table(added);
        return false;
    }
    added->is_seen = true;
    map->tables[map->count++] = added;
    return true;
}

/* What was mapped is let go first: an old generation's answers would be told
 * while the new one, perhaps of a revocation, can't be read. */
static bool map_anew(
    struct status_map *map, struct mapped_table *table, struct failure *why)
{
    status_image_unmap(&table->image);
    table->responder = 0;
    return map_file(dirfd(map->folder), table->name, table, why);
}

static struct mapped_table *table_named(
    const struct status_map *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->tables[i]->name, name) == 0)
            return map->tables[i];
    }
    return NULL;
}

static bool see_table(
    struct status_map *map, const char *name, struct failure *why)
{
    struct mapped_table *table = table_named(map, name);
    struct stat found;

    if (table == NULL)
        return add_table(map, name, why);
    if (fstatat(dirfd(map->folder), name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || fail_in_file(why, "reading", name);
    if (table->image.start != NULL && table->device == found.st_dev &&
        table->number == found.st_ino) {
        table->is_seen = true;
        return true;
    }
    table->is_seen = map_anew(map, table, why);
    return table->is_seen;
}

static bool is_table(const char *name)
{
    size_t length = strlen(name);

    return name[0] != '.' && length > sizeof(SUFFIX) - 1 &&
           length < NAME_ROOM &&
           strcmp(name + length - (sizeof(SUFFIX) - 1), SUFFIX) == 0;
}

static void drop_unseen(struct status_map *map)
{
    size_t kept = 0;

    for (size_t i = 0; i < map->count; i++) {
        if (map->tables[i]->is_seen)
            map->tables[kept++] = map->tables[i];
        else
            free_table(map->tables[i]);
    }
    map->count = kept;
}

/* One that can't be read does not keep the others from being seen; the first
 * reason is told. */
bool status_map_refresh(struct status_map *map, struct failure *why)
{
    struct failure ignored = {0};
    const struct dirent *entry;
    bool all_seen = true;

    for (size_t i = 0; i < map->count; i++)
        map->tables[i]->is_seen = false;
    rewinddir(map->folder);
    while ((entry = readdir(map->folder)) != NULL) {
        if (is_table(entry->d_name) &&
            !see_table(map, entry->d_name, all_seen ? why : &ignored))
            all_seen = false;
    }
    drop_unseen(map);
    return all_seen;
}

/* --- answers -------------------------------------------------------------- */

static bool read_responder(
    struct mapped_table *table, uint64_t offset, struct failure *why)
{
    struct status_record record = {0};

    if (table->responder == offset)
        return true;
    table->responder = 0;
    if (!status_image_record(&table->image, offset, &record, why))
        return false;
    if (record.head.kind != STATUS_RECORD_RESPONDER)
        return fail_because(why, FAILURE_MALFORMED,
            "an answer of a status table has no responder");
    buffer_clear(&table->certificate);
    if (!buffer_append(&table->certificate, record.body, why))
        return false;
    table->responder = offset;
    return true;
}

/* What the keeper of a table must be asked: a nonce, more than one certificate,
 * a hash that no table knows. */
static bool can_be_answered(const struct ocsp_question *question)
{
    return question->id_count == 1 && question->nonce.length == 0 &&
           question->ids[0].hash != OCSP_ID_OTHER;
}

/* A mapping that was replaced is put aside at once, not when the next refresh
 * comes: the new one may tell of a revocation. */
static bool find_record(struct status_map *map, struct mapped_table *table,
    const struct ocsp_question_id *id, struct status_record *record,
    bool *found, struct failure *why)
{
    struct status_place place = {0};

    if (status_image_is_replaced(&table->image) && !map_anew(map, table, why))
        return false;
    return status_image_find(&table->image,
        id->hash == OCSP_ID_SHA1 ? STATUS_RECORD_SHA1 : STATUS_RECORD_SHA256,
        id->id.serial, &place, record, found, why);
}

static bool answer_from(struct status_map *map, struct mapped_table *table,
    const struct ocsp_question_id *id, int64_t now, struct buffer *answer,
    bool *found, struct status_record *record, struct failure *why)
{
    if (!find_record(map, table, id, record, found, why))
        return false;
    *found = *found && record->head.since <= now && now < record->head.until;
    if (!*found)
        return true;
    *found = false;
    if (!read_responder(table, record->head.responder, why) ||
        !ocsp_answer_seal(record->body, record->algorithm, record->signature,
            buffer_view(&table->certificate), answer, why))
        return false;
    *found = true;
    return true;
}

/* Two authorities may have the same name and key: each is asked. */
bool status_map_answer(struct status_map *map,
    const struct ocsp_question *question, int64_t now, struct buffer *answer,
    bool *found, int64_t *since, int64_t *until, struct failure *why)
{
    const struct ocsp_question_id *id = &question->ids[0];
    struct status_record record = {0};

    *found = false;
    if (!can_be_answered(question))
        return true;
    for (size_t i = 0; i < map->count && !*found; i++) {
        struct mapped_table *table = map->tables[i];

        if (table->image.start != NULL &&
            status_image_is_about(&table->image, id) &&
            !answer_from(map, table, id, now, answer, found, &record, why))
            return false;
    }
    if (*found) {
        *since = record.head.since;
        *until = record.head.until;
    }
    return true;
}
