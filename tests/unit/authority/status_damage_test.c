#include "status_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "authority/status_image.h"

#define SERIALS 20
#define DAMAGES 20000
#define MANY 100000
/* What a table of MANY may add to memory of the keeper's own; the file's pages
 * are the system's. */
#define MEMORY_MAX_KIB 4096
#define SECONDS_MAX 60
#define REVISIONS 200

/* Each has its own time, so that one answer is never taken for another. */
static struct status_told told_of(uint64_t number)
{
    struct status_told told = status_good(number);

    told.since = STATUS_NOW - 1000 + (int64_t)number;
    told.status = number % 2 == 0 ? OCSP_GOOD : OCSP_REVOKED;
    return told;
}

static void begin_with(struct status_scene *scene, uint64_t count)
{
    status_begin(scene, (size_t)count);
    for (uint64_t number = 0; number < count; number++) {
        struct status_told told = told_of(number);

        status_put(scene->table, &told);
    }
}

/* Nothing, or the right thing.  True when it is the answer. */
static bool is_right_or_nothing(struct status_map *map, uint64_t number)
{
    struct status_heard heard =
        status_ask(map, number, OCSP_ID_SHA1, STATUS_NOW);
    struct status_told told = told_of(number);

    if (!heard.done) {
        assert_int_equal(heard.why.kind, FAILURE_MALFORMED);
        return false;
    }
    if (!heard.found)
        return false;
    assert_int_equal(heard.status, told.status);
    assert_int_equal(heard.since, told.since);
    assert_int_equal(heard.until, told.until);
    return true;
}

static uint64_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint8_t exchange_byte(int file, uint64_t offset, uint8_t byte)
{
    uint8_t before = 0;

    assert_int_equal(pread(file, &before, 1, (off_t)offset), 1);
    assert_int_equal(pwrite(file, &byte, 1, (off_t)offset), 1);
    return before;
}

/* Where the head's fields, the index and the records are. */
static uint64_t place_of_damage(
    const struct status_scene *scene, uint64_t *numbers)
{
    struct status_table_facts facts = {0};
    uint64_t slots = 256;
    uint64_t number = next_number(numbers);

    status_table_facts(scene->table, &facts);
    if (number % 8 == 0)
        return next_number(numbers) % sizeof(struct status_file_head);
    if (number % 8 < 4)
        return STATUS_HEAD_BYTES + next_number(numbers) % (slots * 8);
    return status_first_record(slots) + next_number(numbers) % facts.bytes;
}

/* --- damage --------------------------------------------------------------- */

static void a_damaged_byte_leaves_nothing_or_the_right_answer(void **state)
{
    uint64_t numbers = UINT64_C(0x2545f4914f6cdd1d);
    struct status_scene scene;
    struct failure why = {0};
    size_t answered = 0;
    SCOPED_DESCRIPTOR int file = -1;

    (void)state;
    begin_with(&scene, SERIALS);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    assert_true(file_open(scene.path, O_RDWR, 0, &file, &why));
    for (size_t i = 0; i < DAMAGES; i++) {
        uint64_t offset = place_of_damage(&scene, &numbers);
        uint8_t damage = (uint8_t)next_number(&numbers);
        uint8_t before = exchange_byte(file, offset, damage);

        /* Sometimes it is damaged before it is mapped. */
        if (i % 16 == 0) {
            status_map_close(map);
            assert_true(status_map_open(scene.folder, &map, &why));
            if (!status_map_refresh(map, &why))
                assert_int_equal(why.kind, FAILURE_MALFORMED);
        }
        for (uint64_t number = 0; number < SERIALS; number++)
            answered += is_right_or_nothing(map, number) ? 1 : 0;
        (void)exchange_byte(file, offset, before);
    }
    /* One byte takes at most one answer away, or all when it is the head's. */
    assert_true(answered > (size_t)DAMAGES * SERIALS * 3 / 4);
    status_end(&scene);
}

/* The machine went down when the index was on the disk and the record was not,
 * or not all of it: zeros stand there. */
static void half_of_a_put_is_never_served(void **state)
{
    static const uint8_t zeros[1024];
    struct status_table_facts before = {0}, after = {0};
    struct status_told last = told_of(SERIALS);
    struct status_scene scene;
    struct failure why = {0};
    SCOPED_DESCRIPTOR int file = -1;

    (void)state;
    begin_with(&scene, SERIALS);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    status_table_facts(scene.table, &before);
    status_put(scene.table, &last);
    status_table_facts(scene.table, &after);
    assert_true(is_right_or_nothing(map, SERIALS));
    assert_true(file_open(scene.path, O_RDWR, 0, &file, &why));

    uint64_t first = status_first_record(256) + before.bytes;
    size_t length = after.bytes - before.bytes;
    /* The last bytes fill it up to words, with zeros. */
    for (size_t left = length - 8; left > 0; left--) {
        assert_int_equal(
            pwrite(file, zeros, length - left, (off_t)(first + left)),
            length - left);
        assert_false(is_right_or_nothing(map, SERIALS));
    }
    for (uint64_t number = 0; number < SERIALS; number++)
        assert_true(is_right_or_nothing(map, number));
    status_end(&scene);
}

static void a_damaged_table_is_begun_anew_with_what_is_whole(void **state)
{
    struct status_table_facts facts = {0};
    struct status_scene scene;
    struct failure why = {0};
    size_t answered = 0;
    SCOPED_DESCRIPTOR int file = -1;

    (void)state;
    begin_with(&scene, SERIALS);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    status_table_facts(scene.table, &facts);
    assert_true(file_open(scene.path, O_RDWR, 0, &file, &why));
    /* In the middle of the last record. */
    (void)exchange_byte(
        file, status_first_record(256) + facts.bytes - 100, 0xa5);
    status_table_close(scene.table);
    status_open(&scene, SERIALS);
    assert_true(scene.began);
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.serials, SERIALS - 1);
    for (uint64_t number = 0; number < SERIALS; number++)
        answered += is_right_or_nothing(map, number) ? 1 : 0;
    assert_int_equal(answered, SERIALS - 1);
    status_table_close(scene.table);
    status_open(&scene, SERIALS);
    assert_false(scene.began);
    status_end(&scene);
}

/* The hash in a slot is not the key's: nobody finds the answer there. */
static void a_damaged_slot_is_seen_when_the_table_is_opened(void **state)
{
    struct status_scene scene;
    struct failure why = {0};
    uint64_t word = 0;
    off_t slot = STATUS_HEAD_BYTES - 8;
    SCOPED_DESCRIPTOR int file = -1;

    (void)state;
    begin_with(&scene, SERIALS);
    assert_true(file_open(scene.path, O_RDWR, 0, &file, &why));
    do {
        slot += 8;
        assert_int_equal(pread(file, &word, sizeof(word), slot), sizeof(word));
    } while (word == 0);
    word ^= UINT64_C(1) << 63;
    assert_int_equal(pwrite(file, &word, sizeof(word), slot), sizeof(word));
    status_table_close(scene.table);
    status_open(&scene, SERIALS);
    assert_true(scene.began);
    status_end(&scene);
}

static void a_table_that_was_cut_is_left_out_and_begun_anew(void **state)
{
    static const off_t lengths[] = {0, 1, 100, 4095, 4096, 6000, 6144, 50000};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        SCOPED_STRUCT(status_map) *map = NULL;
        struct status_scene scene;
        struct failure why = {0};

        begin_with(&scene, SERIALS);
        status_table_close(scene.table);
        assert_int_equal(truncate(scene.path, lengths[i]), 0);
        assert_true(status_map_open(scene.folder, &map, &why));
        assert_false(status_map_refresh(map, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_false(is_right_or_nothing(map, 1));
        status_open(&scene, SERIALS);
        assert_true(scene.began);
        assert_true(status_map_refresh(map, &why));
        assert_false(is_right_or_nothing(map, 1));
        status_end(&scene);
    }
}

/* One that died while it wrote a generation leaves its file beside. */
static void a_generation_that_was_not_finished_is_written_over(void **state)
{
    struct status_scene scene;
    struct failure why = {0};
    char beside[128];

    (void)state;
    begin_with(&scene, SERIALS);
    (void)snprintf(beside, sizeof(beside), "%s/.a.table.new", scene.folder);
    assert_true(
        file_write(beside, bytes_of_text("half"), 0600, FILE_REPLACE, &why));
    for (uint64_t number = 0; number < 10 * SERIALS; number++) {
        struct status_told told = told_of(number);

        status_put(scene.table, &told);
    }
    assert_int_equal(access(beside, F_OK), -1);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    assert_true(is_right_or_nothing(map, 10 * SERIALS - 1));
    status_end(&scene);
}

/* No file may grow beyond what is there: as when the disk is full. */
static void a_full_disk_loses_nothing_that_was_put(void **state)
{
    const struct rlimit full = {1000, RLIM_INFINITY};
    const struct rlimit enough = {RLIM_INFINITY, RLIM_INFINITY};
    RELEASED(buffer) body = BUFFER("body", 4096);
    struct status_table_facts before = {0}, after = {0};
    struct status_told more = told_of(SERIALS);
    struct status_scene scene;
    struct failure why = {0};

    (void)state;
    begin_with(&scene, SERIALS);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    status_body(&more, &body);
    status_table_facts(scene.table, &before);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    bool done = status_put_body(scene.table, &more, buffer_view(&body), &why);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &enough), 0);
    assert_false(done);
    assert_non_null(strstr(why.reason, "writing"));
    status_table_facts(scene.table, &after);
    assert_memory_equal(&after, &before, sizeof(after));
    for (uint64_t number = 0; number < SERIALS; number++)
        assert_true(is_right_or_nothing(map, number));
    assert_false(is_right_or_nothing(map, SERIALS));
    status_put(scene.table, &more);
    assert_true(is_right_or_nothing(map, SERIALS));
    status_end(&scene);
}

/* --- a reader at the same time -------------------------------------------- */

/* Asks for all serials until told to end; none may ever go back in time or be
 * missing.  Exit: 0, or which rule was broken. */
static int read_until(const char *folder, int told_to_end)
{
    struct status_scene scene = {0};
    int64_t newest[SERIALS] = {0};
    uint64_t rounds = 0;
    uint8_t byte = 0;

    (void)snprintf(scene.folder, sizeof(scene.folder), "%s", folder);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    for (; read(told_to_end, &byte, 1) < 0; rounds++) {
        for (uint64_t number = 0; number < SERIALS; number++) {
            struct status_heard heard =
                status_ask(map, number, OCSP_ID_SHA1, STATUS_NOW);

            if (!heard.done || !heard.found)
                return 2;
            if (heard.since < newest[number])
                return 3;
            newest[number] = heard.since;
        }
    }
    for (uint64_t number = 0; number < SERIALS; number++) {
        if (newest[number] == 0 ||
            status_ask(map, number, OCSP_ID_SHA1, STATUS_NOW).since !=
                STATUS_NOW - 1000 + REVISIONS)
            return 4;
    }
    return rounds > 0 ? 0 : 5;
}

static void generations_change_under_another_process_that_reads(void **state)
{
    struct status_scene scene;
    int ends[2] = {-1, -1};
    int status = -1;

    (void)state;
    status_begin(&scene, 0);
    for (uint64_t number = 0; number < SERIALS; number++) {
        struct status_told told = status_good(number);

        told.since = STATUS_NOW - 1000;
        status_put(scene.table, &told);
    }
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    pid_t reader = fork();
    assert_true(reader >= 0);
    if (reader == 0) {
        (void)close(ends[1]);
        _exit(read_until(scene.folder, ends[0]));
    }
    for (int64_t revision = 1; revision <= REVISIONS; revision++) {
        for (uint64_t number = 0; number < SERIALS; number++) {
            struct status_told told = status_good(number);

            told.since = STATUS_NOW - 1000 + revision;
            status_put(scene.table, &told);
        }
    }
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(close(ends[0]), 0);
    status_end(&scene);
}

/* --- a large one ---------------------------------------------------------- */

static long own_memory_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "re");

    assert_non_null(status);
    while (fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtol(line + 8, NULL, 10);
    }
    (void)fclose(status);
    return kib;
}

static void a_hundred_thousand_answers_take_little_memory_and_time(void **state)
{
    struct status_table_facts facts = {0};
    struct status_scene scene;
    int64_t started = clock_monotonic_ms();

    (void)state;
    status_begin(&scene, 1000);
    long before = own_memory_kib();
    for (uint64_t number = 0; number < MANY; number++) {
        struct status_told told = told_of(number % 900);

        told.number = number;
        status_put(scene.table, &told);
    }
    long grown = own_memory_kib() - before;
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.serials, MANY);
    print_message("%d answers: %zu bytes each, %ld KiB of memory, %lld ms\n",
        MANY, facts.bytes / MANY, grown,
        (long long)(clock_monotonic_ms() - started));
    assert_true(clock_monotonic_ms() - started < SECONDS_MAX * 1000);
#ifndef __SANITIZE_ADDRESS__
    assert_true(grown < MEMORY_MAX_KIB);
#endif
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    for (uint64_t number = 0; number < MANY; number += 7)
        assert_true(status_ask(map, number, OCSP_ID_SHA1, STATUS_NOW).found);
    status_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_byte_leaves_nothing_or_the_right_answer),
        cmocka_unit_test(half_of_a_put_is_never_served),
        cmocka_unit_test(a_damaged_table_is_begun_anew_with_what_is_whole),
        cmocka_unit_test(a_damaged_slot_is_seen_when_the_table_is_opened),
        cmocka_unit_test(a_table_that_was_cut_is_left_out_and_begun_anew),
        cmocka_unit_test(a_generation_that_was_not_finished_is_written_over),
        cmocka_unit_test(a_full_disk_loses_nothing_that_was_put),
        cmocka_unit_test(generations_change_under_another_process_that_reads),
        cmocka_unit_test(
            a_hundred_thousand_answers_take_little_memory_and_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
