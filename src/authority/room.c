#include "authority/room.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/scoped.h"

#define UNTOLD_BYTES 1

/* Bytes that a user without privilege may still write; at most INT64_MAX. */
static int64_t bytes_left(int reserve)
{
    struct statfs found;

    if (fstatfs(reserve, &found) != 0)
        return INT64_MAX;
    if (found.f_bavail > (uint64_t)INT64_MAX / (uint64_t)found.f_bsize)
        return INT64_MAX;
    return (int64_t)(found.f_bavail * (uint64_t)found.f_bsize);
}

static int64_t size_of(int reserve)
{
    struct stat found;

    return fstat(reserve, &found) == 0 ? found.st_size : 0;
}

static bool is_held(int reserve)
{
    return size_of(reserve) >= ROOM_RESERVE_BYTES;
}

/* Room for it and for as much again: else it stays as it is. */
static void fill(int reserve)
{
    if (is_held(reserve) || bytes_left(reserve) < 2 * ROOM_RESERVE_BYTES)
        return;
    if (posix_fallocate(reserve, 0, ROOM_RESERVE_BYTES) != 0)
        (void)!ftruncate(reserve, 0);
}

/* The parent may be root where DIR's owner is not: what has a second name is
 * not touched. */
void room_make_for_start(const char *directory)
{
    SCOPED_DESCRIPTOR int reserve = -1;
    struct failure absent = {0};
    char path[PATH_ROOM];
    struct stat found;

    if (!path_join(path, directory, "reserve", &absent) ||
        !file_open(path, O_RDWR | O_NONBLOCK, 0, &reserve, &absent) ||
        fstat(reserve, &found) != 0 || !S_ISREG(found.st_mode) ||
        found.st_nlink != 1)
        return;
    if (is_held(reserve) && bytes_left(reserve) < ROOM_START_BYTES)
        (void)!ftruncate(reserve, UNTOLD_BYTES);
}

bool room_start(struct room *room, const char *directory, struct failure *why)
{
    char path[PATH_ROOM];

    *room = (struct room){.reserve = -1};
    if (!path_join(path, directory, "reserve", why) ||
        !file_open(path, O_RDWR | O_CREAT, 0600, &room->reserve, why))
        return false;
    room->is_kept = true;
    fill(room->reserve);
    return true;
}

void room_end(struct room *room)
{
    if (!room->is_kept)
        return;
    descriptor_close(&room->reserve);
    room->is_kept = false;
}

bool room_check(struct room *room, struct failure *why)
{
    int64_t left = room->is_kept ? bytes_left(room->reserve) : INT64_MAX;
    int64_t least = ROOM_LEAST_BYTES;

    if (!room_is_filled(room))
        least += ROOM_RESERVE_BYTES;
    if (left >= least)
        return true;
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the disk is full: %" PRId64 " KiB are left of it, no space to issue "
        "below %" PRId64 " KiB; make room and try again (revocation goes on)",
        left / 1024, least / 1024);
}

bool room_make(struct room *room)
{
    if (!room->is_kept)
        return false;
    if (bytes_left(room->reserve) < ROOM_LEAST_BYTES && is_held(room->reserve))
        (void)!ftruncate(room->reserve, UNTOLD_BYTES);
    return size_of(room->reserve) == UNTOLD_BYTES;
}

void room_told(struct room *room)
{
    (void)!ftruncate(room->reserve, 0);
}

bool room_is_filled(const struct room *room)
{
    return !room->is_kept || is_held(room->reserve);
}
