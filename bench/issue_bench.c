/*
 * What a certificate costs on the whole road: keeper, signer, sign log, store.
 *
 *     issue_bench [--full] [--present N] [--key KIND] [--window W]
 *                 [--rounds N] [--seconds S] [--no-peers] [--folder DIR]
 *
 * bench/README.md says what is printed.  The roles are processes of this
 * program.
 */
#include "issue_bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/start.h"
#include "server/roles.h"

#define REQUESTS 2048
#define IDLE_COUNT 400
#define WARM_UP_SECONDS 1.0
#define PEER_SECONDS 5
#define LIMIT_SECONDS 0.25
#define PRESENT_FULL 1000000

struct options {
    const char *folder;
    const char *key; /* NULL: all */
    size_t window;   /* 0: 1024, 64 and 1 */
    int64_t present; /* 0: on empty stores alone */
    size_t rounds;
    double seconds; /* of one round */
    bool with_peers;
};

_Noreturn void give_up(const struct failure *why)
{
    (void)fprintf(stderr, "issue_bench: %s\n", why->reason);
    exit(EXIT_FAILURE);
}

void give_up_unless(bool holds, const char *sentence)
{
    struct failure why = {0};

    if (holds)
        return;
    (void)fail_because(&why, FAILURE_INTERNAL, "%s", sentence);
    give_up(&why);
}

/* --- one measurement ----------------------------------------------------- */

/* What the rounds have in common. */
struct sums {
    struct figure all;
    double limit, alone;    /* means of the rounds */
    double lowest, highest; /* ratio of a round */
};

static size_t cores(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    return online < 1 ? 1 : (size_t)online;
}

static void add_round(
    struct sums *sums, const struct figure *figure, double limit)
{
    double ratio = limit * (double)figure->certificates /
                   (figure->keeper + figure->signer);

    sums->all.seconds += figure->seconds;
    sums->all.certificates += figure->certificates;
    sums->all.groups += figure->groups;
    sums->all.keeper += figure->keeper;
    sums->all.signer += figure->signer;
    sums->all.bench += figure->bench;
    sums->limit += limit;
    if (sums->lowest == 0 || ratio < sums->lowest)
        sums->lowest = ratio;
    if (ratio > sums->highest)
        sums->highest = ratio;
}

static void print_sums(const struct sums *sums, size_t window, size_t rounds)
{
    const struct figure *all = &sums->all;
    double count = (double)all->certificates;
    double cost = (all->keeper + all->signer) / count;
    double limit = sums->limit / (double)rounds;
    double alone = sums->alone / (double)rounds;

    (void)printf("  window %4zu: groups of %5.1f, %5.0f/s, keeper %5.1f us, "
                 "signer %5.1f us, door %4.1f us\n"
                 "               limit %5.1f us, ratio %.2f (%.2f to %.2f); "
                 "one core alone: limit %5.1f us, ratio %.2f\n",
        window, count / (double)all->groups, count / all->seconds,
        1e6 * all->keeper / count, 1e6 * all->signer / count,
        1e6 * all->bench / count, 1e6 * limit, limit / cost, sums->lowest,
        sums->highest, 1e6 * alone, alone / cost);
    (void)fflush(stdout);
}

/* The limit is measured between the rounds, so that both have the machine as it
 * is in these seconds. */
static void measure(struct bench_place *place,
    const struct bench_requests *requests, const char *key, size_t window,
    const struct options *options)
{
    struct sums sums = {0};
    double before;

    (void)load_for(place, requests, window, WARM_UP_SECONDS);
    before = limit_cost(key, cores(), LIMIT_SECONDS);
    for (size_t i = 0; i < options->rounds; i++) {
        struct figure figure =
            load_for(place, requests, window, options->seconds);
        double after = limit_cost(key, cores(), LIMIT_SECONDS);

        add_round(&sums, &figure, (before + after) / 2);
        sums.alone += limit_cost(key, 1, LIMIT_SECONDS);
        before = after;
    }
    print_sums(&sums, window, options->rounds);
}

static void measure_place(const char *directory,
    const struct bench_requests *requests, const char *key,
    const struct options *options)
{
    static const size_t windows[] = {1024, 64, 1};
    struct bench_place place;
    struct latency latency;

    bench_place_open(&place, directory);
    if (options->window != 0) {
        measure(&place, requests, key, options->window, options);
        bench_place_close(&place);
        return;
    }
    for (size_t i = 0; i < sizeof(windows) / sizeof(*windows); i++)
        measure(&place, requests, key, windows[i], options);
    latency = load_idle(&place, requests, IDLE_COUNT);
    (void)printf("  idle: p50 %.2f ms, p99 %.2f ms\n", latency.median,
        latency.most_of_100);
    bench_place_close(&place);
}

/* --- all of them --------------------------------------------------------- */

static void path_of(const struct options *options, const char *name,
    char path[static PATH_ROOM])
{
    struct failure why = {0};

    if (!path_join(path, options->folder, name, &why))
        give_up(&why);
}

static void measure_key(const struct bench_requests *requests, const char *key,
    const struct options *options)
{
    char directory[PATH_ROOM];

    path_of(options, key, directory);
    found_in(directory, key);
    (void)printf("%s authority, empty store\n", key);
    measure_place(directory, requests, key, options);
    if (options->present > 0 && strcmp(key, "p256") == 0) {
        (void)printf("%s authority, %lld certificates present\n", key,
            (long long)options->present);
        (void)fflush(stdout);
        fill_store(directory, options->present);
        measure_place(directory, requests, key, options);
    }
    remove_place(directory);
}

static void measure_all(const struct options *options)
{
    static const char *const keys[] = {"p256", "rsa2048", "ed25519"};
    struct bench_requests requests = {0};

    make_requests(&requests, REQUESTS);
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (options->key == NULL || strcmp(options->key, keys[i]) == 0)
            measure_key(&requests, keys[i], options);
    }
    if (options->with_peers) {
        char folder[PATH_ROOM];

        path_of(options, "peers", folder);
        if (make_peer_authority(folder)) {
            run_openssl_ca(folder, &requests);
            run_cfssl(folder, &requests, PEER_SECONDS);
        }
        remove_place(folder);
    }
    bench_requests_free(&requests);
}

/* --- options ------------------------------------------------------------- */

static bool read_number(const char *text, double least, double *number)
{
    char *end = NULL;

    errno = 0;
    *number = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && *number >= least;
}

static bool read_value(
    const char *word, const char *value, struct options *options)
{
    double number = 0;

    if (strcmp(word, "--folder") == 0)
        options->folder = value;
    else if (strcmp(word, "--key") == 0)
        options->key = value;
    else if (!read_number(value, 0, &number))
        return false;
    else if (strcmp(word, "--present") == 0)
        options->present = (int64_t)number;
    else if (strcmp(word, "--window") == 0 && number <= CONTROL_CREDIT)
        options->window = (size_t)number;
    else if (strcmp(word, "--rounds") == 0 && number >= 1)
        options->rounds = (size_t)number;
    else if (strcmp(word, "--seconds") == 0)
        options->seconds = number;
    else
        return false;
    return true;
}

static bool read_options(int count, char **words, struct options *options)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--full") == 0)
            options->present = PRESENT_FULL;
        else if (strcmp(words[i], "--no-peers") == 0)
            options->with_peers = false;
        else if (i + 1 == count || !read_value(words[i], words[i + 1], options))
            return false;
        else
            i++;
    }
    return true;
}

int main(int count, char **words)
{
    struct options options = {
        .folder = "/tmp", .rounds = 6, .seconds = 1, .with_peers = true};
    char folder[PATH_ROOM];
    struct failure why = {0};

    if (count == 3 && strcmp(words[1], "--role") == 0)
        return role_main(words[2]);
    if (!read_options(count, words, &options)) {
        (void)fprintf(stderr,
            "usage: issue_bench [--full] [--present N] [--key KIND] "
            "[--window W]\n                   [--rounds N] [--seconds S] "
            "[--no-peers] [--folder DIR]\n");
        return 2;
    }
    if (!crypto_start(&why) ||
        !path_join(folder, options.folder, "issue-bench-XXXXXX", &why))
        give_up(&why);
    give_up_unless(mkdtemp(folder) != NULL, "no folder can be made there");
    options.folder = folder;
    measure_all(&options);
    remove_place(folder);
    return 0;
}
