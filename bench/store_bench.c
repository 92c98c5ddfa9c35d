/*
 * What one certificate with its journal event costs in the store.
 *
 *     store_bench [--rows N] [--seconds S] [--folder DIR]
 *
 * For groups of 1, 16 and 256: CPU microseconds per certificate (of all
 * threads, the checkpoints included, and of the writer alone) and certificates
 * per second of wall time; on an empty store, and again with N rows present.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "store/store.h"

#define SERIAL_BYTES 17
#define DER_BYTES 1000
#define FILL_GROUP 20000
#define CHECKPOINT_EVERY_MS 200
#define PATH_BYTES 256

struct options {
    int64_t rows;
    double seconds;
    const char *folder;
};

struct bench {
    char path[PATH_BYTES];
    struct store *store;
    uint64_t random;
    atomic_bool stopped;
};

struct moment {
    double wall, all_threads, writer;
};

static _Noreturn void give_up(const struct failure *why)
{
    (void)fprintf(stderr, "store_bench: %s\n", why->reason);
    exit(1);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu_of(int who)
{
    struct rusage usage;

    (void)getrusage(who, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static struct moment moment_now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (struct moment){
        .wall = (double)time.tv_sec + (double)time.tv_nsec / 1e9,
        .all_threads = cpu_of(RUSAGE_SELF),
        .writer = cpu_of(RUSAGE_THREAD)};
}

/* splitmix64: serials must be spread, not secret. */
static uint64_t next_random(struct bench *bench)
{
    uint64_t value = bench->random += 0x9e3779b97f4a7c15u;

    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static bool add_one(struct bench *bench, struct failure *why)
{
    static const uint8_t der[DER_BYTES] = {0x30, 0x82, 0x03, 0xe4};
    const uint64_t halves[2] = {next_random(bench), next_random(bench)};
    uint8_t serial[SERIAL_BYTES] = {1};
    char serial_text[2 * SERIAL_BYTES + 1];
    struct certificate_row row = {
        .serial = {.start = serial, .length = sizeof(serial)},
        .der = {.start = der, .length = sizeof(der)},
        .sealed = true,
        .authority = 1,
        .profile = "server",
        .issued_at = 1700000000,
        .not_after = 1707776000,
        .origin = serial_text};
    const struct journal_event event = {.at_ms = 1700000000123,
        .kind = "issued",
        .actor = "cli:alice",
        .object = serial_text,
        .detail = "{\"profile\":\"server\",\"authority\":\"issuing\"}"};
    bool added = false;

    memcpy(serial + 1, halves, sizeof(halves));
    hex_print(row.serial, serial_text);
    return store_add_certificate(bench->store, &row, &added, why) &&
           store_journal(bench->store, &event, why);
}

static void add_group(struct bench *bench, int64_t count)
{
    struct failure why;

    if (!store_begin(bench->store, &why))
        give_up(&why);
    for (int64_t i = 0; i < count; i++) {
        if (!add_one(bench, &why))
            give_up(&why);
    }
    if (!store_commit(bench->store, &why))
        give_up(&why);
}

static void *checkpoint_until_stopped(void *context)
{
    struct bench *bench = context;
    SCOPED_STRUCT(store) *mover = NULL;
    struct failure why;
    const struct timespec pause = {.tv_nsec = CHECKPOINT_EVERY_MS * 1000000L};

    if (!store_open(bench->path, STORE_WRITE, &mover, &why))
        give_up(&why);
    while (!atomic_load(&bench->stopped)) {
        if (!store_checkpoint(mover, &why))
            give_up(&why);
        (void)nanosleep(&pause, NULL);
    }
    return NULL;
}

static void measure(struct bench *bench, int64_t group, double seconds)
{
    struct moment begun = moment_now();
    struct moment ended = begun;
    int64_t count = 0;

    while (ended.wall - begun.wall < seconds) {
        add_group(bench, group);
        count += group;
        ended = moment_now();
    }
    (void)printf("  group %3lld: %6.1f us CPU (writer alone %6.1f), "
                 "%8.0f certificates/s, %lld added\n",
        (long long)group,
        1e6 * (ended.all_threads - begun.all_threads) / (double)count,
        1e6 * (ended.writer - begun.writer) / (double)count,
        (double)count / (ended.wall - begun.wall), (long long)count);
}

static void measure_groups(struct bench *bench, double seconds)
{
    static const int64_t groups[] = {1, 16, 256};
    int64_t count = 0;
    struct failure why;

    if (!store_count_certificates(bench->store, &count, &why))
        give_up(&why);
    (void)printf("%lld certificates present\n", (long long)count);
    for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
        measure(bench, groups[i], seconds);
}

static void fill(struct bench *bench, int64_t rows)
{
    int64_t count = 0;
    struct failure why;
    struct moment begun = moment_now();

    if (!store_count_certificates(bench->store, &count, &why))
        give_up(&why);
    for (; count < rows; count += FILL_GROUP)
        add_group(bench, FILL_GROUP);
    (void)printf("filled in %.1f s\n", moment_now().wall - begun.wall);
}

static void add_authority(struct bench *bench)
{
    const struct authority_row row = {.name = "root",
        .certificate = bytes_of_text("none"),
        .key_sha256 = "none",
        .issues = true};
    struct failure why;
    int64_t id = 0;

    if (!store_begin(bench->store, &why) ||
        !store_add_authority(bench->store, &row, &id, &why) ||
        !store_commit(bench->store, &why))
        give_up(&why);
}

static void run(struct bench *bench, const struct options *options)
{
    struct failure why;
    pthread_t mover;

    if (!store_open(bench->path, STORE_CREATE, &bench->store, &why))
        give_up(&why);
    add_authority(bench);
    if (pthread_create(&mover, NULL, checkpoint_until_stopped, bench) != 0)
        give_up(&(struct failure){.reason = "no second thread"});
    measure_groups(bench, options->seconds);
    if (options->rows > 0) {
        fill(bench, options->rows);
        measure_groups(bench, options->seconds);
    }
    atomic_store(&bench->stopped, true);
    (void)pthread_join(mover, NULL);
    store_close(bench->store);
}

static bool read_number(const char *text, double *number)
{
    char *end = NULL;

    errno = 0;
    *number = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && *number >= 0;
}

static bool read_options(int count, char **words, struct options *options)
{
    for (int i = 1; i + 1 < count; i += 2) {
        double number = 0;

        if (strcmp(words[i], "--folder") == 0) {
            options->folder = words[i + 1];
            continue;
        }
        if (!read_number(words[i + 1], &number))
            return false;
        if (strcmp(words[i], "--rows") == 0)
            options->rows = (int64_t)number;
        else if (strcmp(words[i], "--seconds") == 0)
            options->seconds = number;
        else
            return false;
    }
    return count % 2 == 1;
}

int main(int count, char **words)
{
    struct options options = {.seconds = 2, .folder = "/tmp"};
    struct bench bench = {.random = 1};
    char folder[PATH_BYTES - 16];

    if (!read_options(count, words, &options)) {
        (void)fprintf(stderr,
            "usage: store_bench [--rows N] [--seconds S] [--folder DIR]\n");
        return 2;
    }
    (void)snprintf(
        folder, sizeof(folder), "%s/store-bench-XXXXXX", options.folder);
    if (mkdtemp(folder) == NULL) {
        (void)fprintf(stderr, "store_bench: no folder in %s\n", options.folder);
        return 1;
    }
    (void)snprintf(bench.path, sizeof(bench.path), "%s/bench.db", folder);
    run(&bench, &options);
    (void)unlink(bench.path);
    (void)rmdir(folder);
    return 0;
}
