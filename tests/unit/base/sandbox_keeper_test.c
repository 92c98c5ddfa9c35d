#include "sandbox_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

static int write_in_folder(const char *folder)
{
    RELEASED(buffer) contents = BUFFER("a file", 100);
    char path[PATH_ROOM];
    char second[PATH_ROOM];
    struct failure why = {0};

    if (path_join(path, folder, "published", &why) &&
        path_join(second, folder, "within", &why) &&
        file_write(path, bytes_of_text("old"), 0644, FILE_NEW_ONLY, &why) &&
        file_write(path, bytes_of_text("new"), 0644, FILE_REPLACE, &why) &&
        folder_make(second, 0700, &why) && folder_remove(second, &why) &&
        file_read(path, &contents, &why) && unlink(path) == 0)
        return 0;
    (void)fprintf(stderr, "%s\n", why.reason);
    return 1;
}

static int write_into_readable(const char *folder)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    if (!path_join(path, folder, "new", &why) ||
        is_refused(open(folder, O_RDONLY | O_DIRECTORY)))
        return 1;
    return is_refused(open(path, O_WRONLY | O_CREAT, 0600)) ? 0 : 2;
}

static int leave_folder(const char *folder)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    if (!is_refused(open("/etc/passwd", O_RDONLY)))
        return 1;
    if (!path_join(path, folder, "link", &why) ||
        !is_refused(open(path, O_RDONLY)))
        return 2;
    if (!path_join(path, folder, "../elsewhere", &why) ||
        !is_refused(open(path, O_WRONLY | O_CREAT, 0600)))
        return 3;
    return 0;
}

static void *touch_memory(void *unused)
{
    void *some = malloc(100000);

    (void)unused;
    free(some);
    return NULL;
}

static int start_threads(const char *folder)
{
    (void)folder;
    for (size_t i = 0; i < 3; i++) {
        pthread_t threads[4];

        for (size_t j = 0; j < 4; j++) {
            if (pthread_create(&threads[j], NULL, touch_memory, NULL) != 0)
                return 1;
        }
        for (size_t j = 0; j < 4; j++)
            (void)pthread_join(threads[j], NULL);
    }
    return 0;
}

static int use_sqlite(const char *folder)
{
    sqlite3 *store = NULL;
    char path[PATH_ROOM];
    struct failure why;
    int result = 1;

    if (path_join(path, folder, "chancery.db", &why) &&
        sqlite3_open(path, &store) == SQLITE_OK)
        result = sqlite3_exec(store,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE IF NOT EXISTS t(a, b);"
            "BEGIN IMMEDIATE; INSERT INTO t VALUES(1, zeroblob(100000));"
            "COMMIT; CREATE INDEX IF NOT EXISTS i ON t(a); PRAGMA "
            "wal_checkpoint(TRUNCATE);"
            "VACUUM; SELECT * FROM t ORDER BY a; PRAGMA integrity_check",
            NULL, NULL, NULL);
    if (result != SQLITE_OK)
        (void)fprintf(stderr, "%s\n", sqlite3_errmsg(store));
    if (sqlite3_close(store) != SQLITE_OK)
        result = 2;
    return result;
}

static void properties35_the_keeper_works_in_its_folders_alone(void **state)
{
    const deed deeds[] = {
        write_in_folder, leave_folder, start_threads, use_sqlite, use_sqlite};
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    struct failure why;
    const char *folders[] = {folder, NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .writable = folders};
    const struct sandbox reader = {.role = SANDBOX_KEEPER, .readable = folders};

    (void)state;
    make_folder(folder);
    assert_true(path_join(path, folder, "link", &why));
    assert_int_equal(symlink("/etc/passwd", path), 0);
    for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++)
        expect_done(&keeper, deeds[i], folder);
    expect_done(&reader, write_into_readable, folder);
    remove_folder(folder);
}

static int read_named_file(const char *path)
{
    RELEASED(buffer) contents = BUFFER("a file", 1000000);
    struct failure why;

    if (!file_read(path, &contents, &why))
        return 1;
    return is_refused(open("/etc/group", O_RDONLY)) ? 0 : 2;
}

static void a_single_file_can_be_named_too(void **state)
{
    const char *files[] = {"/etc/passwd", NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .readable = files};

    (void)state;
    expect_done(&keeper, read_named_file, "/etc/passwd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties35_the_keeper_works_in_its_folders_alone),
        cmocka_unit_test(a_single_file_can_be_named_too),
    };

    return cmocka_run_group_tests_name("sandbox_keeper", tests, NULL, NULL);
}
