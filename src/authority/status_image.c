#include "authority/status_image.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"

#define OFFSET_BITS 40
#define OFFSET_MASK ((UINT64_C(1) << OFFSET_BITS) - 1)
#define UNIT 8
/* Odd, its bits in no order: 2^64 by the golden ratio. */
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)
/* An index is at most half full, so that no search is nearly as long. */
#define PROBES_MAX 4096

_Static_assert(sizeof(struct status_record_head) % UNIT == 0, "words");
_Static_assert(sizeof(struct status_file_head) < STATUS_HEAD_BYTES, "head");
_Static_assert(sizeof(_Atomic(uint64_t)) == sizeof(uint64_t), "words");

uint64_t status_first_record(uint64_t slot_count)
{
    return STATUS_HEAD_BYTES + slot_count * sizeof(uint64_t);
}

/* --- sums ----------------------------------------------------------------- */

static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * MULTIPLIER;
    return sum ^ sum >> 32;
}

/* Against accidents, not against somebody who may write the file: he could put
 * a whole table there, and clients verify the signatures.  Each step can be
 * undone, so that a change within one word always changes the sum. */
uint64_t status_sum(uint64_t seed, uint64_t offset, struct bytes bytes)
{
    uint64_t sum = mix(seed, offset);
    uint64_t word = 0;

    for (; bytes.length >= sizeof(word); bytes.length -= sizeof(word)) {
        memcpy(&word, bytes.start, sizeof(word));
        sum = mix(sum, word);
        bytes.start += sizeof(word);
    }
    word = 0;
    if (bytes.length > 0)
        memcpy(&word, bytes.start, bytes.length);
    return mix(mix(sum, word), bytes.length);
}

uint64_t status_head_sum(const struct status_file_head *head)
{
    return status_sum(STATUS_MAGIC, 0,
        (struct bytes){
            (const uint8_t *)head, offsetof(struct status_file_head, sum)});
}

/* --- the head ------------------------------------------------------------- */

static const struct status_file_head *head_of(const struct status_image *image)
{
    return (const struct status_file_head *)(const void *)image->start;
}

static bool is_power_of_two(uint64_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

bool status_image_read(
    struct bytes file, struct status_image *image, struct failure *why)
{
    struct status_file_head head;

    if (file.length < STATUS_HEAD_BYTES)
        return fail_because(why, FAILURE_MALFORMED,
            "a status table is cut off within its head");
    memcpy(&head, file.start, sizeof(head));
    if (head.magic != STATUS_MAGIC || head.sum != status_head_sum(&head))
        return fail_because(
            why, FAILURE_MALFORMED, "the head of a status table is damaged");
    if (head.size != file.length || !is_power_of_two(head.slot_count) ||
        head.slot_count > file.length / sizeof(uint64_t) ||
        status_first_record(head.slot_count) > file.length)
        return fail_because(why, FAILURE_MALFORMED,
            "a status table has %zu bytes and should have %llu", file.length,
            (unsigned long long)head.size);
    *image = (struct status_image){.start = file.start,
        .size = head.size,
        .seed = head.seed,
        .slot_count = head.slot_count,
        .first_record = status_first_record(head.slot_count)};
    return true;
}

bool status_image_map(int descriptor, bool is_writable,
    struct status_image *image, struct failure *why)
{
    struct stat found;
    void *start;

    if (fstat(descriptor, &found) != 0)
        return fail_in_file(why, "reading", "a status table");
    if (!S_ISREG(found.st_mode) || found.st_size < STATUS_HEAD_BYTES)
        return fail_because(why, FAILURE_MALFORMED,
            "a status table is no file, or cut off within its head");
    start = mmap(NULL, (size_t)found.st_size,
        is_writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
        descriptor, 0);
    if (start == MAP_FAILED)
        return fail_in_file(why, "mapping", "a status table");
    if (status_image_read(
            (struct bytes){start, (size_t)found.st_size}, image, why))
        return true;
    (void)munmap(start, (size_t)found.st_size);
    return false;
}

void status_image_unmap(struct status_image *image)
{
    /* munmap takes no const; nothing is written. */
    if (image->start != NULL)
        (void)munmap((void *)(uintptr_t)image->start, (size_t)image->size);
    *image = (struct status_image){0};
}

static uint64_t word_at(const struct status_image *image, uint64_t offset)
{
    return atomic_load_explicit(
        (const _Atomic(uint64_t) *)(const void *)(image->start + offset),
        memory_order_acquire);
}

bool status_image_is_replaced(const struct status_image *image)
{
    return word_at(image, offsetof(struct status_file_head, is_replaced)) != 0;
}

bool status_image_is_about(
    const struct status_image *image, const struct ocsp_question_id *id)
{
    const struct status_file_head *head = head_of(image);

    switch (id->hash) {
    case OCSP_ID_SHA1:
        return bytes_equal(id->id.key_hash,
                   (struct bytes){head->sha1_key, sizeof(head->sha1_key)}) &&
               bytes_equal(id->id.name_hash,
                   (struct bytes){head->sha1_name, sizeof(head->sha1_name)});
    case OCSP_ID_SHA256:
        return bytes_equal(id->id.key_hash, (struct bytes){head->sha256_key,
                                                sizeof(head->sha256_key)}) &&
               bytes_equal(id->id.name_hash, (struct bytes){head->sha256_name,
                                                 sizeof(head->sha256_name)});
    case OCSP_ID_OTHER:
        break;
    }
    return false;
}

/* --- records -------------------------------------------------------------- */

static bool record_is_damaged(uint64_t offset, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "a status table is damaged at offset %llu", (unsigned long long)offset);
}

/* What the lengths say fits into the record, and the record into the file. */
static bool has_room(const struct status_image *image, uint64_t offset,
    const struct status_record_head *head)
{
    return head->length % UNIT == 0 && head->length <= image->size - offset &&
           (uint64_t)sizeof(*head) + head->serial_length +
                   head->algorithm_length + head->signature_length +
                   head->body_length <=
               head->length;
}

static bool is_place_of_record(
    const struct status_image *image, uint64_t offset)
{
    return offset >= image->first_record && offset % UNIT == 0 &&
           offset <= image->size &&
           image->size - offset >= sizeof(struct status_record_head);
}

static struct bytes take(const uint8_t **place, size_t length)
{
    struct bytes taken = {*place, length};

    *place += length;
    return taken;
}

bool status_image_record(const struct status_image *image, uint64_t offset,
    struct status_record *record, struct failure *why)
{
    struct status_record_head *head = &record->head;

    if (!is_place_of_record(image, offset))
        return record_is_damaged(offset, why);
    memcpy(head, image->start + offset, sizeof(*head));
    if (!has_room(image, offset, head) ||
        head->sum !=
            status_sum(image->seed, offset,
                (struct bytes){image->start + offset + sizeof(head->sum),
                    head->length - sizeof(head->sum)}))
        return record_is_damaged(offset, why);

    const uint8_t *place = image->start + offset + sizeof(*head);
    record->offset = offset;
    record->serial = take(&place, head->serial_length);
    record->algorithm = take(&place, head->algorithm_length);
    record->signature = take(&place, head->signature_length);
    record->body = take(&place, head->body_length);
    return true;
}

/* --- the index ------------------------------------------------------------ */

uint64_t status_image_slot(const struct status_image *image, uint64_t slot)
{
    return word_at(image, STATUS_HEAD_BYTES + slot * sizeof(uint64_t));
}

uint64_t status_slot_word(uint64_t hash, uint64_t offset)
{
    return (hash & ~OFFSET_MASK) | offset / UNIT;
}

uint64_t status_slot_offset(uint64_t word)
{
    return (word & OFFSET_MASK) * UNIT;
}

static bool is_same_key(const struct status_record *record,
    enum status_record_kind kind, struct bytes serial)
{
    return record->head.kind == kind && bytes_equal(record->serial, serial);
}

uint64_t status_image_hash(const struct status_image *image,
    enum status_record_kind kind, struct bytes serial)
{
    return status_sum(image->seed, (uint64_t)kind, serial);
}

uint64_t status_image_free_slot(const struct status_image *image, uint64_t hash)
{
    uint64_t mask = image->slot_count - 1;
    uint64_t slot = hash & mask;

    while (status_image_slot(image, slot) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

/* The seed is nobody's to know, so that no serials can be chosen that all fall
 * into one place. */
bool status_image_find(const struct status_image *image,
    enum status_record_kind kind, struct bytes serial,
    struct status_place *place, struct status_record *record, bool *found,
    struct failure *why)
{
    uint64_t hash = status_image_hash(image, kind, serial);
    uint64_t mask = image->slot_count - 1;

    *found = false;
    for (uint64_t i = 0; i <= mask && i < PROBES_MAX; i++) {
        uint64_t slot = (hash + i) & mask;
        uint64_t word = status_image_slot(image, slot);

        *place = (struct status_place){.slot = slot, .hash = hash};
        if (word == 0)
            return true;
        if ((word & ~OFFSET_MASK) != (hash & ~OFFSET_MASK))
            continue;
        if (!status_image_record(image, status_slot_offset(word), record, why))
            return false;
        if (is_same_key(record, kind, serial)) {
            *found = true;
            return true;
        }
    }
    return fail_because(
        why, FAILURE_MALFORMED, "the index of a status table is damaged");
}
