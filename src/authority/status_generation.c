#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/status_table_parts.h"
#include "base/random.h"

#define SLOTS_MIN UINT64_C(256)
#define SLOTS_MAX (UINT64_C(1) << 32)
#define BYTES_MAX (UINT64_C(1) << 42)
/* Bytes of a record with P-256, head and all. */
#define RECORD_GUESS 512
#define ROOM_AT_LEAST ((uint64_t)64 * 1024)
#define PIECE_BYTES ((size_t)64 * 1024)

uint64_t status_room_for(size_t serials)
{
    return 4 * (uint64_t)serials * RECORD_GUESS + ROOM_AT_LEAST;
}

/* At most half full. */
static uint64_t slots_for(size_t keys)
{
    uint64_t slots = SLOTS_MIN;

    while (slots < SLOTS_MAX && slots / 2 < keys)
        slots *= 2;
    return slots;
}

/* The index is written to through its mapping, where a full disk kills: its
 * blocks are taken now.  Records are written by calls that can fail. */
static bool fill_index(
    int descriptor, uint64_t end, const char *path, struct failure *why)
{
    static const uint8_t zeros[PIECE_BYTES];

    for (uint64_t offset = 0; offset < end;) {
        uint64_t left = end - offset;
        struct bytes piece = {
            zeros, left < sizeof(zeros) ? (size_t)left : sizeof(zeros)};

        if (!descriptor_write_at(descriptor, path, piece, offset, why))
            return false;
        offset += piece.length;
    }
    return true;
}

static bool fill(int descriptor, const char *path,
    const struct status_file_head *issuer, uint64_t slot_count, uint64_t bytes,
    struct failure *why)
{
    struct status_file_head head = *issuer;

    head.magic = STATUS_MAGIC;
    head.slot_count = slot_count;
    head.size = status_first_record(slot_count) + bytes;
    head.is_replaced = 0;
    random_fill((uint8_t *)&head.seed, sizeof(head.seed));
    head.sum = status_head_sum(&head);
    /* The umask does not decide: fronts run as somebody else. */
    if (fchmod(descriptor, 0644) != 0)
        return fail_in_file(why, "setting the mode of", path);
    if (!fill_index(descriptor, status_first_record(slot_count), path, why) ||
        !descriptor_write_at(descriptor, path,
            (struct bytes){(const uint8_t *)&head, sizeof(head)}, 0, why))
        return false;
    return ftruncate(descriptor, (off_t)head.size) == 0 ||
           fail_in_file(why, "writing", path);
}

bool status_generation_make(const struct status_paths *paths,
    const struct status_file_head *issuer, size_t keys, uint64_t bytes,
    int *descriptor, struct status_image *image, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = -1;

    if (keys > SLOTS_MAX / 2 || bytes > BYTES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a status table is to hold more than fits into one");
    /* Of a keeper that died while writing one. */
    if (unlink(paths->beside) != 0 && errno != ENOENT)
        return fail_in_file(why, "removing", paths->beside);
    if (!file_open(paths->beside, O_RDWR | O_CREAT | O_EXCL, 0600, &file, why))
        return false;
    if (!fill(file, paths->beside, issuer, slots_for(keys), (bytes + 7) / 8 * 8,
            why) ||
        !status_image_map(file, true, image, why)) {
        (void)unlink(paths->beside);
        return false;
    }
    *descriptor = descriptor_keep(&file);
    return true;
}

/* On the disk before it has the name: after a crash there is a whole one. */
bool status_generation_publish(
    const struct status_paths *paths, int descriptor, struct failure *why)
{
    if (fdatasync(descriptor) != 0)
        return fail_in_file(why, "syncing", paths->beside);
    if (rename(paths->beside, paths->table) != 0)
        return fail_in_file(why, "writing", paths->table);
    return folder_sync(paths->folder, why);
}

/* The keeper's mapping can be written to; that of fronts can't. */
static void set_word(
    const struct status_image *image, uint64_t offset, uint64_t word)
{
    atomic_store_explicit(
        (_Atomic(uint64_t) *)(uintptr_t)(image->start + offset), word,
        memory_order_release);
}

void status_image_mark_replaced(const struct status_image *image)
{
    set_word(image, offsetof(struct status_file_head, is_replaced), 1);
}

void status_image_set_slot(
    const struct status_image *image, uint64_t slot, uint64_t word)
{
    set_word(image, STATUS_HEAD_BYTES + slot * sizeof(uint64_t), word);
}
