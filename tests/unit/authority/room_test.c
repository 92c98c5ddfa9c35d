#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority/room.h"
#include "base/file.h"

/* A disk of 32 MiB: a tmpfs where it may be mounted. */
#define DISK_KIB (32 * 1024)

struct disk {
    char folder[PATH_ROOM];
    char reserve[PATH_ROOM];
    char ballast[PATH_ROOM];
    struct room room;
    struct failure why;
};

static int set_up(void **state)
{
    struct disk *disk = calloc(1, sizeof(*disk));
    struct failure why;
    char options[32];

    if (disk == NULL)
        return -1;
    (void)snprintf(disk->folder, PATH_ROOM, "/tmp/chancery-room-XXXXXX");
    (void)snprintf(options, sizeof(options), "size=%dk", DISK_KIB);
    if (mkdtemp(disk->folder) == NULL ||
        !path_join(disk->reserve, disk->folder, "reserve", &why) ||
        !path_join(disk->ballast, disk->folder, "ballast", &why))
        return -1;
    if (mount("tmpfs", disk->folder, "tmpfs", 0, options) != 0) {
        (void)rmdir(disk->folder);
        free(disk);
        disk = NULL;
    }
    *state = disk;
    return 0;
}

static int tear_down(void **state)
{
    struct disk *disk = *state;

    if (disk == NULL)
        return 0;
    room_end(&disk->room);
    (void)umount(disk->folder);
    (void)rmdir(disk->folder);
    free(disk);
    return 0;
}

/* Mounting is root's. */
static struct disk *disk_of(void **state)
{
    if (*state == NULL)
        skip();
    return *state;
}

static void start(struct disk *disk)
{
    if (!room_start(&disk->room, disk->folder, &disk->why))
        fail_msg("%s", disk->why.reason);
}

static int64_t reserve_bytes(const struct disk *disk)
{
    struct stat found;

    assert_int_equal(stat(disk->reserve, &found), 0);
    return found.st_size;
}

/* So much is left for others. */
static void leave(const struct disk *disk, int64_t kib)
{
    int file = open(disk->ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int64_t reserve =
        access(disk->reserve, F_OK) == 0 ? reserve_bytes(disk) : 0;
    int64_t size = (int64_t)DISK_KIB * 1024 - kib * 1024 -
                   (reserve == ROOM_RESERVE_BYTES ? reserve : 0);

    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, 0), 0);
    if (size > 0)
        assert_int_equal(posix_fallocate(file, 0, size), 0);
    (void)close(file);
}

static void assert_refused(struct disk *disk)
{
    assert_false(room_check(&disk->room, &disk->why));
    assert_int_equal(disk->why.kind, FAILURE_UNAVAILABLE);
    assert_non_null(strstr(disk->why.reason, "the disk is full"));
}

/* --- tests --------------------------------------------------------------- */

static void properties19_the_start_fills_the_reserve(void **state)
{
    struct disk *disk = disk_of(state);
    struct stat found;

    start(disk);
    assert_int_equal(stat(disk->reserve, &found), 0);
    assert_int_equal(found.st_size, ROOM_RESERVE_BYTES);
    assert_true(found.st_blocks * 512 >= ROOM_RESERVE_BYTES);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_true(room_is_filled(&disk->room));
    assert_true(room_check(&disk->room, &disk->why));
    assert_false(room_make(&disk->room));
}

static void properties19_issuance_stops_while_some_is_left(void **state)
{
    struct disk *disk = disk_of(state);

    start(disk);
    leave(disk, ROOM_LEAST_BYTES / 1024 + 64);
    assert_true(room_check(&disk->room, &disk->why));
    leave(disk, ROOM_LEAST_BYTES / 1024 - 64);
    assert_refused(disk);
    assert_non_null(strstr(disk->why.reason, "below 2048 KiB"));
}

static void properties19_what_must_go_on_is_given_the_reserve(void **state)
{
    struct disk *disk = disk_of(state);

    start(disk);
    leave(disk, 100);
    assert_true(room_make(&disk->room));
    assert_int_equal(reserve_bytes(disk), 1);
    assert_false(room_is_filled(&disk->room));
}

static void properties19_issuance_is_never_given_the_reserve(void **state)
{
    struct disk *disk = disk_of(state);

    start(disk);
    leave(disk, 100);
    assert_true(room_make(&disk->room));
    assert_refused(disk);
    assert_non_null(strstr(disk->why.reason, "below 10240 KiB"));
}

static void a_reserve_given_up_is_told_of_once_also_over_a_restart(void **state)
{
    struct disk *disk = disk_of(state);

    start(disk);
    leave(disk, 100);
    assert_true(room_make(&disk->room));
    room_end(&disk->room);
    start(disk);
    assert_true(room_make(&disk->room));
    room_told(&disk->room);
    assert_false(room_make(&disk->room));
    leave(disk, 100);
    assert_false(room_make(&disk->room));
}

static void properties19_the_next_start_with_room_fills_it_again(void **state)
{
    struct disk *disk = disk_of(state);

    start(disk);
    leave(disk, 100);
    assert_true(room_make(&disk->room));
    room_told(&disk->room);
    room_end(&disk->room);
    assert_int_equal(unlink(disk->ballast), 0);
    start(disk);
    assert_int_equal(reserve_bytes(disk), ROOM_RESERVE_BYTES);
    assert_true(room_check(&disk->room, &disk->why));
}

static void a_disk_without_room_for_the_reserve_takes_none(void **state)
{
    struct disk *disk = disk_of(state);

    leave(disk, 2 * ROOM_RESERVE_BYTES / 1024 - 64);
    start(disk);
    assert_int_equal(reserve_bytes(disk), 0);
    assert_true(room_check(&disk->room, &disk->why));
    leave(disk, 100);
    assert_refused(disk);
    assert_false(room_make(&disk->room));
}

static void properties19_roles_find_room_to_start_in(void **state)
{
    struct disk *disk = disk_of(state);

    start(disk);
    room_end(&disk->room);
    leave(disk, ROOM_START_BYTES / 1024 + 64);
    room_make_for_start(disk->folder);
    assert_int_equal(reserve_bytes(disk), ROOM_RESERVE_BYTES);
    leave(disk, 0);
    room_make_for_start(disk->folder);
    assert_int_equal(reserve_bytes(disk), 1);
    start(disk);
    assert_true(room_make(&disk->room));
}

static void a_reserve_with_a_second_name_is_not_given_up(void **state)
{
    struct disk *disk = disk_of(state);
    char other[PATH_ROOM];

    start(disk);
    room_end(&disk->room);
    leave(disk, 0);
    assert_true(path_join(other, disk->folder, "other", &disk->why));
    assert_int_equal(link(disk->reserve, other), 0);
    room_make_for_start(disk->folder);
    assert_int_equal(reserve_bytes(disk), ROOM_RESERVE_BYTES);
}

static void where_none_is_kept_every_question_is_answered_with_yes(void **state)
{
    struct room room = {0};
    struct failure why;

    (void)state;
    assert_true(room_check(&room, &why));
    assert_false(room_make(&room));
    assert_true(room_is_filled(&room));
    room_make_for_start("/nowhere");
}

#define test_on_disk(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_disk(properties19_the_start_fills_the_reserve),
        test_on_disk(properties19_issuance_stops_while_some_is_left),
        test_on_disk(properties19_what_must_go_on_is_given_the_reserve),
        test_on_disk(properties19_issuance_is_never_given_the_reserve),
        test_on_disk(a_reserve_given_up_is_told_of_once_also_over_a_restart),
        test_on_disk(properties19_the_next_start_with_room_fills_it_again),
        test_on_disk(a_disk_without_room_for_the_reserve_takes_none),
        test_on_disk(properties19_roles_find_room_to_start_in),
        test_on_disk(a_reserve_with_a_second_name_is_not_given_up),
        cmocka_unit_test(
            where_none_is_kept_every_question_is_answered_with_yes),
    };

    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
