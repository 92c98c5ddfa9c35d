#include "crl_bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "server/client_internal.h"
#include "server/founding.h"
#include "store/store.h"

/*
 * From the store's rows to the published list: keeper and signer as everywhere
 * (processes of this program, sandboxes, syncs), one CONTROL_CRL at a time.
 */
#define FILL_GROUP 20000
#define ROUNDS 3
#define YEAR_S (INT64_C(365) * 86400)

/* --- an authority with rows ---------------------------------------------- */

static void found(const char *directory)
{
    const struct founding founding = {.directory = directory,
        .name = "Bench",
        .url = "http://pki.example.org",
        .algorithm = key_algorithm_named("p256"),
        .crl_shards = 1,
        .use_key_passphrase = -1,
        .passphrase = -1,
        .root_passphrase = -1};
    RELEASED(founded) founded = {0};
    struct failure why = {0};

    end_unless(found_authority(&founding, &founded, &why), why.reason);
}

static bool take_issuing(
    void *context, const struct authority_row *row, struct failure *why)
{
    int64_t *issuing = context;

    (void)why;
    if (row->issues)
        *issuing = row->id;
    return true;
}

static void add_revoked(
    struct store *store, int64_t issuing, size_t number, int64_t now)
{
    static const enum revocation_reason reasons[] = {REASON_UNSPECIFIED,
        REASON_KEY_COMPROMISE, REASON_SUPERSEDED, REASON_PRIVILEGE_WITHDRAWN};
    static const uint8_t der[640] = {0x30, 0x82, 0x02, 0x7c};
    uint8_t serial[17] = {1};
    const struct certificate_row row = {.serial = {serial, sizeof(serial)},
        .der = {der, sizeof(der)},
        .sealed = true,
        .authority = issuing,
        .profile = "server",
        .issued_at = now - YEAR_S,
        .not_after = now + YEAR_S,
        .status = CERTIFICATE_REVOKED,
        .revoked_at = now - (int64_t)(number * 7919 % (size_t)YEAR_S),
        .reason = reasons[number % 4]};
    struct failure why = {0};
    bool added = false;

    random_fill(serial + 1, sizeof(serial) - 1);
    end_unless(
        store_add_certificate(store, &row, &added, &why) && added, why.reason);
}

static void fill(const char *directory, size_t count)
{
    SCOPED_STRUCT(store) *store = NULL;
    char path[PATH_ROOM];
    struct failure why = {0};
    int64_t issuing = 0;
    int64_t now = clock_now();

    end_unless(path_join(path, directory, "chancery.db", &why) &&
                   store_open(path, STORE_WRITE, &store, &why) &&
                   store_list_authorities(store, take_issuing, &issuing, &why),
        why.reason);
    for (size_t i = 0; i < count; i++) {
        if (i % FILL_GROUP == 0)
            end_unless(store_begin(store, &why), why.reason);
        add_revoked(store, issuing, i, now);
        if (i + 1 == count || (i + 1) % FILL_GROUP == 0)
            end_unless(store_commit(store, &why), why.reason);
    }
    end_unless(store_checkpoint(store, &why), why.reason);
}

/* --- a list -------------------------------------------------------------- */

struct figures {
    double seconds; /* the best round */
    double cpu;     /* of keeper and signer for one list */
    long keeper_kib, signer_kib;
    int64_t entries;
};

static void publish(struct client *client, struct figures *figures)
{
    SCOPED(json_t) *facts = NULL;
    struct failure why = {0};
    double start = seconds();

    end_unless(
        client_call(client, CONTROL_CRL, (struct bytes){0}, -1, &facts, &why),
        why.reason);
    take_lesser(&figures->seconds, seconds() - start);
    figures->entries =
        json_integer_value(json_object_get(facts, "list_entries"));
}

/* User and system time of a process, in ticks: fields 14 and 15 (proc(5)); the
 * second, its name, may have blanks. */
static unsigned long ticks_of(pid_t process)
{
    char path[64], text[1024] = "";
    unsigned long user;
    char *next;
    FILE *file;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
    file = fopen(path, "re");
    end_unless(file != NULL && fgets(text, sizeof(text), file) != NULL,
        "a process's times can't be read");
    (void)fclose(file);
    next = strrchr(text, ')');
    for (int i = 2; next != NULL && i < 14; i++)
        next = strchr(next + 1, ' ');
    end_unless(next != NULL, "a process's times have another form");
    user = strtoul(next, &next, 10);
    return user + strtoul(next, NULL, 10);
}

/* The index of what was put in goes on by itself in the first keeper. */
static void let_index(const char *directory)
{
    const struct client_options options = {
        .directory = directory, .passphrase = -1};
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};
    unsigned long before;
    unsigned long now = 0;

    end_unless(client_open(&options, &client, &why), why.reason);
    do {
        before = now;
        (void)sleep(2);
        now = ticks_of(client->household.keeper);
    } while (now - before > 4);
}

/* The first list of all is made by the keeper's start; the clerk does one after
 * the other, so that the first answer comes after it. */
static struct figures measure(const char *directory)
{
    const struct client_options options = {
        .directory = directory, .passphrase = -1};
    SCOPED_STRUCT(client) *client = NULL;
    struct figures figures = {0};
    struct failure why = {0};
    unsigned long before;

    end_unless(client_open(&options, &client, &why), why.reason);
    publish(client, &figures);
    figures.seconds = 0;
    before =
        ticks_of(client->household.keeper) + ticks_of(client->household.signer);
    for (int i = 0; i < ROUNDS; i++)
        publish(client, &figures);
    figures.cpu = (double)(ticks_of(client->household.keeper) +
                           ticks_of(client->household.signer) - before) /
                  (double)sysconf(_SC_CLK_TCK) / ROUNDS;
    figures.keeper_kib = peak_kib(client->household.keeper);
    figures.signer_kib = peak_kib(client->household.signer);
    return figures;
}

static double time_published(const char *directory, uint64_t *length)
{
    SCOPED_DESCRIPTOR int descriptor = -1;
    char path[PATH_ROOM];
    struct crl_span whole = {0};
    struct failure why = {0};
    off_t end;

    end_unless(path_join(path, directory, "publish/crl/issuing.crl", &why) &&
                   file_open(path, O_RDONLY, 0, &descriptor, &why),
        why.reason);
    end = lseek(descriptor, 0, SEEK_END);
    end_unless(end > 0, "the published list is empty");
    whole.length = (uint64_t)end;
    *length = whole.length;
    return time_digest(descriptor, &whole);
}

int run_store(size_t entries)
{
    char directory[] = "/tmp/chancery-crl-bench-XXXXXX";
    struct figures idle, full;
    struct failure why = {0};
    uint64_t length = 0;
    double digest;
    bool is_good;

    end_unless(mkdtemp(directory) != NULL, "a folder can't be made");
    found(directory);
    idle = measure(directory);
    fill(directory, entries);
    let_index(directory);
    full = measure(directory);
    end_unless(full.entries == (int64_t)entries, "the list misses entries");
    digest = time_published(directory, &length);
    (void)printf("%zu entries, %.1f MB from the store to the published list in "
                 "%.3f s, CPU %.2f s (an empty one: %.3f s), SHA-256 %.3f s, "
                 "ratio %.2f; "
                 "above idle: keeper %ld KiB, signer %ld KiB\n",
        entries, (double)length / 1e6, full.seconds, full.cpu, idle.seconds,
        digest, digest / full.seconds, full.keeper_kib - idle.keeper_kib,
        full.signer_kib - idle.signer_kib);
    is_good = full.seconds <= SECONDS_WANTED &&
              full.keeper_kib - idle.keeper_kib <= KIB_WANTED;
    end_unless(folder_remove(directory, &why), why.reason);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
