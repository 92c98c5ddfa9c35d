#ifndef AUTHORITY_STATUS_TABLE_PARTS_H
#define AUTHORITY_STATUS_TABLE_PARTS_H

#include "authority/status_image.h"
#include "authority/status_table.h"
#include "base/file.h"

/* A name beside the table, for the generation that is being written.  The
 * keeper alone writes, so there is one. */
struct status_paths {
    char table[PATH_ROOM];
    char beside[PATH_ROOM];
    char folder[PATH_ROOM];
};

/* What is only known by walking, and is kept while the table is open. */
struct status_counts {
    size_t answers[STATUS_RECORD_SHA256 + 1]; /* by kind, each key once */
    size_t records;                           /* answers that were put */
    int64_t earliest;     /* end among the newest answers; 0: none */
    bool earliest_is_old; /* the one that ended first was replaced */
};

struct status_table {
    struct status_paths paths;
    int descriptor;
    struct status_image image; /* mapped for writing too */
    size_t expected;           /* serials */
    uint64_t end;              /* where the next record goes */
    uint64_t responder;        /* offset of its record; 0: none was named */
    struct status_counts counts;
    struct buffer pending; /* records that are not yet in the file */
};

/* An answer as it is put. */
struct status_answer {
    enum status_record_kind kind;
    struct bytes serial, body, signature, algorithm;
    int64_t since, until;
};

static inline enum status_record_kind status_kind_of(enum ocsp_id_hash hash)
{
    return hash == OCSP_ID_SHA1 ? STATUS_RECORD_SHA1 : STATUS_RECORD_SHA256;
}

/* --- status_generation.c -------------------------------------------------- */

/* Bytes of records for so many serials, each by two hashes, put twice. */
uint64_t status_room_for(size_t serials);

/* A new file beside the table's for so many keys and bytes of records, mapped;
 * it stays beside until status_generation_publish. */
MUST_CHECK bool status_generation_make(const struct status_paths *paths,
    const struct status_file_head *issuer, size_t keys, uint64_t bytes,
    int *descriptor, struct status_image *image, struct failure *why);
MUST_CHECK bool status_generation_publish(
    const struct status_paths *paths, int descriptor, struct failure *why);

/* Tells readers by one atomic store: of what stands at an offset; that there is
 * a newer generation. */
void status_image_set_slot(
    const struct status_image *image, uint64_t slot, uint64_t word);
void status_image_mark_replaced(const struct status_image *image);

/* --- status_record.c ------------------------------------------------------ */

uint64_t status_answer_length(const struct status_answer *answer);
bool status_table_has_room(const struct status_table *table, uint64_t length);
/* *offset: where it will be once it is flushed. */
MUST_CHECK bool status_table_append(struct status_table *table,
    const struct status_answer *answer, uint64_t responder, uint64_t *offset,
    struct failure *why);
MUST_CHECK bool status_table_flush(
    struct status_table *table, struct failure *why);

/* --- status_walk.c -------------------------------------------------------- */

/* The next slot that holds an answer, from *slot on, which is moved behind it.
 * *is_whole becomes false where one is passed over that is damaged.  False at
 * the end. */
bool status_table_next(const struct status_table *table, uint64_t *slot,
    struct status_record *record, bool *is_whole);

/* Sets end, counts and responder by what the file holds. */
void status_table_take_stock(struct status_table *table, bool *is_whole);

/* The table's whole self in a new generation, with room for more bytes, and
 * with what is in force of the present one. */
MUST_CHECK bool status_table_renew(
    struct status_table *table, uint64_t more, struct failure *why);

#endif
