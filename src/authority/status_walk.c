#include <string.h>
#include <unistd.h>

#include "authority/status_table_parts.h"
#include "base/clock.h"

#define RESPONDERS_BYTES_MAX ((size_t)1024 * 1024)

/* --- what a file holds ---------------------------------------------------- */

static bool is_answer(const struct status_record *record)
{
    return record->head.kind == STATUS_RECORD_SHA1 ||
           record->head.kind == STATUS_RECORD_SHA256;
}

/* It is the one that is found by its key. */
static bool stands_at(const struct status_table *table, uint64_t slot,
    const struct status_record *record)
{
    struct status_record found_record = {0};
    struct status_place place = {0};
    struct failure ignored = {0};
    bool found = false;

    return status_image_find(&table->image,
               (enum status_record_kind)record->head.kind, record->serial,
               &place, &found_record, &found, &ignored) &&
           found && place.slot == slot;
}

bool status_table_next(const struct status_table *table, uint64_t *slot,
    struct status_record *record, bool *is_whole)
{
    struct failure ignored = {0};

    for (; *slot < table->image.slot_count; ++*slot) {
        uint64_t word = status_image_slot(&table->image, *slot);

        if (word == 0)
            continue;
        if (status_image_record(
                &table->image, status_slot_offset(word), record, &ignored) &&
            is_answer(record) && stands_at(table, *slot, record)) {
            ++*slot;
            return true;
        }
        *is_whole = false;
    }
    return false;
}

static bool has_responder(
    const struct status_table *table, uint64_t offset, uint64_t *known)
{
    struct status_record record = {0};
    struct failure ignored = {0};

    if (offset == *known)
        return true;
    if (!status_image_record(&table->image, offset, &record, &ignored) ||
        record.head.kind != STATUS_RECORD_RESPONDER)
        return false;
    *known = offset;
    return true;
}

/* The newest is the last. */
static void take_record(
    struct status_table *table, const struct status_record *record)
{
    struct status_counts *counts = &table->counts;

    counts->answers[record->head.kind]++;
    counts->records++;
    if (counts->earliest == 0 || record->head.until < counts->earliest)
        counts->earliest = record->head.until;
    if (record->offset + record->head.length > table->end) {
        table->end = record->offset + record->head.length;
        table->responder = record->head.responder;
    }
}

void status_table_take_stock(struct status_table *table, bool *is_whole)
{
    struct status_record record = {0};
    uint64_t slot = 0, known = 0;

    *is_whole = true;
    table->end = table->image.first_record;
    table->counts = (struct status_counts){0};
    while (status_table_next(table, &slot, &record, is_whole)) {
        if (has_responder(table, record.head.responder, &known))
            take_record(table, &record);
        else
            *is_whole = false;
    }
}

/* --- a new generation ----------------------------------------------------- */

/* Where responders' records of the old file are in the new one. */
struct moved {
    uint64_t from, to;
};

struct renewal {
    const struct status_table *old;
    struct status_table *fresh;
    struct buffer moved; /* of struct moved */
    int64_t now;
};

static bool was_moved(
    const struct renewal *renewal, uint64_t from, uint64_t *to)
{
    for (size_t place = 0; place < renewal->moved.length;
         place += sizeof(struct moved)) {
        struct moved moved;

        memcpy(&moved, renewal->moved.start + place, sizeof(moved));
        if (moved.from == from) {
            *to = moved.to;
            return true;
        }
    }
    return false;
}

/* *is_there is false when the old file's record is damaged. */
static bool move_responder(struct renewal *renewal, uint64_t from, uint64_t *to,
    bool *is_there, struct failure *why)
{
    struct status_record record = {0};
    struct failure ignored = {0};

    *is_there = true;
    if (was_moved(renewal, from, to))
        return true;
    *is_there =
        status_image_record(&renewal->old->image, from, &record, &ignored) &&
        record.head.kind == STATUS_RECORD_RESPONDER;
    if (!*is_there)
        return true;

    struct status_answer certificate = {
        .kind = STATUS_RECORD_RESPONDER, .body = record.body};
    if (!status_table_append(renewal->fresh, &certificate, 0, to, why))
        return false;
    struct moved moved = {.from = from, .to = *to};
    return buffer_append(&renewal->moved,
        (struct bytes){(const uint8_t *)&moved, sizeof(moved)}, why);
}

static bool move_answer(struct renewal *renewal,
    const struct status_record *record, struct failure *why)
{
    struct status_table *fresh = renewal->fresh;
    struct status_answer answer = {
        .kind = (enum status_record_kind)record->head.kind,
        .serial = record->serial,
        .body = record->body,
        .signature = record->signature,
        .algorithm = record->algorithm,
        .since = record->head.since,
        .until = record->head.until};
    uint64_t responder = 0, offset = 0;
    bool is_there = false;

    if (!move_responder(
            renewal, record->head.responder, &responder, &is_there, why))
        return false;
    if (!is_there)
        return true;
    if (!status_table_append(fresh, &answer, responder, &offset, why))
        return false;

    uint64_t hash =
        status_image_hash(&fresh->image, answer.kind, answer.serial);
    status_image_set_slot(&fresh->image,
        status_image_free_slot(&fresh->image, hash),
        status_slot_word(hash, offset));
    fresh->counts.answers[answer.kind]++;
    fresh->counts.records++;
    if (fresh->counts.earliest == 0 || answer.until < fresh->counts.earliest)
        fresh->counts.earliest = answer.until;
    return true;
}

/* What has ended answers nobody: it stays behind. */
static bool move_all(struct renewal *renewal, struct failure *why)
{
    struct status_table *fresh = renewal->fresh;
    struct status_record record = {0};
    bool is_whole = true, is_there = false;
    uint64_t slot = 0;

    if (renewal->old->responder != 0 &&
        !move_responder(renewal, renewal->old->responder, &fresh->responder,
            &is_there, why))
        return false;
    while (status_table_next(renewal->old, &slot, &record, &is_whole)) {
        if (record.head.until > renewal->now &&
            !move_answer(renewal, &record, why))
            return false;
    }
    return status_table_flush(fresh, why);
}

/* Twice what will be in it: as much is put again before it is full. */
static void measure(const struct status_table *table, int64_t now, size_t *keys,
    uint64_t *bytes)
{
    struct status_record record = {0};
    bool is_whole = true;
    uint64_t slot = 0;

    *keys = 0;
    *bytes = 0;
    while (status_table_next(table, &slot, &record, &is_whole)) {
        if (record.head.until <= now)
            continue;
        ++*keys;
        *bytes += record.head.length;
    }
    *keys = 2 * (*keys > table->expected ? *keys : table->expected);
    *bytes *= 2;
    if (*bytes < status_room_for(table->expected))
        *bytes = status_room_for(table->expected);
}

static bool make_fresh(const struct status_table *table, uint64_t more,
    int64_t now, struct status_table *fresh, struct failure *why)
{
    struct status_file_head issuer;
    uint64_t bytes = 0;
    size_t keys = 0;

    memcpy(&issuer, table->image.start, sizeof(issuer));
    measure(table, now, &keys, &bytes);
    if (!status_generation_make(&table->paths, &issuer, keys, bytes + more,
            &fresh->descriptor, &fresh->image, why))
        return false;
    fresh->end = fresh->image.first_record;
    return true;
}

bool status_table_renew(
    struct status_table *table, uint64_t more, struct failure *why)
{
    struct status_table fresh = {.paths = table->paths,
        .descriptor = -1,
        .expected = table->expected,
        .pending = BUFFER("pending answers", table->pending.ceiling)};
    struct renewal renewal = {.old = table,
        .fresh = &fresh,
        .moved = BUFFER("responders", RESPONDERS_BYTES_MAX),
        .now = clock_now()};

    if (!make_fresh(table, more, renewal.now, &fresh, why))
        return false;
    bool is_done =
        move_all(&renewal, why) &&
        status_generation_publish(&table->paths, fresh.descriptor, why);
    buffer_free(&renewal.moved);
    struct status_table *left = is_done ? table : &fresh;
    if (is_done)
        status_image_mark_replaced(&table->image);
    else
        (void)unlink(table->paths.beside);
    status_image_unmap(&left->image);
    descriptor_close(&left->descriptor);
    buffer_free(&left->pending);
    if (is_done)
        *table = fresh;
    return is_done;
}
