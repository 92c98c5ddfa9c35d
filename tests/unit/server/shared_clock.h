#ifndef TESTS_UNIT_SERVER_SHARED_CLOCK_H
#define TESTS_UNIT_SERVER_SHARED_CLOCK_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * The time that a test has set, for the roles it starts from then on: a locked
 * role learns nothing later.
 */
#define SHARED_CLOCK_ROOM 64

static inline void shared_clock_path(
    char path[static SHARED_CLOCK_ROOM], pid_t of)
{
    (void)snprintf(
        path, SHARED_CLOCK_ROOM, "/tmp/chancery-test-clock-%d", (int)of);
}

static inline void shared_clock_set(int64_t time)
{
    char path[SHARED_CLOCK_ROOM];
    FILE *file;

    shared_clock_path(path, getpid());
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "%lld", (long long)time);
    assert_int_equal(fclose(file), 0);
    clock_set(time);
}

/* For a role, before role_main. */
static inline void shared_clock_take(void)
{
    char path[SHARED_CLOCK_ROOM];
    char text[32] = "";
    FILE *file;

    shared_clock_path(path, getppid());
    file = fopen(path, "r");
    if (file == NULL)
        return;
    if (fgets(text, sizeof(text), file) != NULL)
        clock_set(strtoll(text, NULL, 10));
    (void)fclose(file);
}

static inline void shared_clock_remove(void)
{
    char path[SHARED_CLOCK_ROOM];

    shared_clock_path(path, getpid());
    (void)unlink(path);
    clock_follow_the_machine();
}

#endif
