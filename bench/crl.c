#include "crl_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "crypto/openssl_scoped.h"
#include "crypto/start.h"
#include "server/roles.h"
#include "x509/crl_scan.h"

/*
 * The encoder of revocation lists beside SHA-256 over what it wrote, in one
 * run, and the scan that the signer makes of it.
 *
 *     crl_bench [ENTRIES]              1,000,000 without a number
 *     crl_bench --store [ENTRIES]      from a store's rows to the published
 *                                      list (crl_store.c)
 *
 * Prints seconds, size, the growth of the process's peak memory and the ratio
 * of SHA-256's time to the encoder's; exit 1 when it is below 0.5.
 */

#define ROUNDS 5
#define ENTRIES 1000000
#define SERIAL_BYTES 17
#define PIECE_BYTES (64 * 1024)
#define NOW INT64_C(1795219200)
#define YEAR_S 31536000
#define RATIO_WANTED 0.5

double seconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void end_unless(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "crl_bench: %s\n", what);
    exit(EXIT_FAILURE);
}

long peak_kib(pid_t process)
{
    FILE *status;
    char line[256];
    long peak = 0;

    (void)snprintf(line, sizeof(line), "/proc/%d/status", (int)process);
    status = fopen(line, "re");
    end_unless(status != NULL, "a process's status can't be read");
    while (fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtol(line + 6, NULL, 10);
    }
    (void)fclose(status);
    return peak;
}

/* Numbers that look random, the same in every run (xorshift64). */
static uint64_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* As a store hands them out: in the order of their serials, so that times and
 * reasons are in none. */
static void add_entries(struct crl_writer *writer, size_t count)
{
    static const int reasons[] = {0, 1, 3, 4, 5, 6, 9, 4};
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    uint8_t serial[SERIAL_BYTES] = {0x41};
    struct failure why = {0};

    for (size_t i = 0; i < count; i++) {
        uint64_t high = next_number(&state);
        uint64_t low = next_number(&state);

        memcpy(serial + 1, &high, sizeof(high));
        memcpy(serial + 9, &low, sizeof(low));
        if (!crl_writer_add(writer, (struct bytes){serial, sizeof(serial)},
                NOW - (int64_t)(high % YEAR_S), reasons[low % 8], &why))
            end_unless(false, why.reason);
    }
}

static void encode(int descriptor, size_t count, struct crl_span *tbs)
{
    /* CN=Example Authority; ecdsa-with-SHA256 */
    static const uint8_t issuer[] = {0x30, 0x1c, 0x31, 0x1a, 0x30, 0x18, 0x06,
        0x03, 0x55, 0x04, 0x03, 0x0c, 0x11, 'E', 'x', 'a', 'm', 'p', 'l', 'e',
        ' ', 'A', 'u', 't', 'h', 'o', 'r', 'i', 't', 'y'};
    static const uint8_t algorithm[] = {
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    struct crl_plan plan = {.issuer = {issuer, sizeof(issuer)},
        .algorithm = {algorithm, sizeof(algorithm)},
        .this_update = NOW,
        .next_update = NOW + 7 * 86400,
        .number = 1,
        .key_identifier = {issuer, 20}};
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct failure why = {0};

    if (!crl_writer_new(descriptor, &writer, &why))
        end_unless(false, why.reason);
    add_entries(writer, count);
    if (!crl_writer_finish(writer, &plan, tbs, &why))
        end_unless(false, why.reason);
}

static bool update(void *context, struct bytes piece, struct failure *why)
{
    return EVP_DigestUpdate(context, piece.start, piece.length) == 1 ||
           fail_because(why, FAILURE_INTERNAL, "SHA-256 failed");
}

static bool ignore(void *context, struct bytes piece, struct failure *why)
{
    (void)context;
    (void)piece;
    (void)why;
    return true;
}

/* SHA-256 over the span in pieces that were read before the clock ran: the time
 * is the digest's alone. */
double time_digest(int descriptor, const struct crl_span *tbs)
{
    static uint8_t piece[PIECE_BYTES];
    SCOPED(EVP_MD_CTX) *digest = EVP_MD_CTX_new();
    uint8_t result[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    struct failure why = {0};
    double taken = 0;

    end_unless(
        digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1,
        "SHA-256 can't be started");
    for (uint64_t done = 0; done < tbs->length;) {
        ssize_t count = pread(descriptor, piece,
            tbs->length - done < PIECE_BYTES ? tbs->length - done : PIECE_BYTES,
            (off_t)(tbs->offset + done));
        double start = seconds();

        end_unless(count > 0 && update(digest,
                                    (struct bytes){piece, (size_t)count}, &why),
            "the list can't be digested");
        taken += seconds() - start;
        done += (uint64_t)count;
    }
    end_unless(EVP_DigestFinal_ex(digest, result, &length) == 1,
        "SHA-256 can't be finished");
    return taken;
}

static double time_scan(int descriptor, const struct crl_span *tbs)
{
    static struct crl_facts facts;
    struct failure why = {0};
    double start = seconds();

    if (!crl_scan(descriptor, tbs, ignore, NULL, &facts, &why))
        end_unless(false, why.reason);
    end_unless(facts.entries == tbs->entries, "the scan counts differently");
    return seconds() - start;
}

struct times {
    double encode, digest, scan;
};

void take_lesser(double *best, double taken)
{
    if (*best == 0 || taken < *best)
        *best = taken;
}

static uint64_t run_round(size_t count, struct times *best)
{
    SCOPED_DESCRIPTOR int descriptor = memfd_create("crl", MFD_CLOEXEC);
    struct crl_span tbs = {0};
    double start = seconds();

    end_unless(descriptor >= 0, "a memfd can't be made");
    encode(descriptor, count, &tbs);
    take_lesser(&best->encode, seconds() - start);
    take_lesser(&best->digest, time_digest(descriptor, &tbs));
    take_lesser(&best->scan, time_scan(descriptor, &tbs));
    return tbs.length;
}

static int run_encoder(size_t entries)
{
    long idle = peak_kib(getpid());
    struct times best = {0};
    uint64_t length = 0;
    double ratio;

    for (int i = 0; i < ROUNDS; i++)
        length = run_round(entries, &best);
    ratio = best.digest / best.encode;
    (void)printf("%zu entries, %.1f MB: encoded in %.3f s, SHA-256 %.3f s, "
                 "scanned in %.3f s; %ld KiB above idle; ratio %.2f (at least "
                 "%.1f is wanted)\n",
        entries, (double)length / 1e6, best.encode, best.digest, best.scan,
        peak_kib(getpid()) - idle, ratio, RATIO_WANTED);
    return ratio >= RATIO_WANTED ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **words)
{
    bool of_store = count > 1 && strcmp(words[1], "--store") == 0;
    int at = of_store ? 2 : 1;
    size_t entries =
        count > at ? (size_t)strtoull(words[at], NULL, 10) : ENTRIES;
    struct failure why = {0};

    if (count > 2 && strcmp(words[1], "--role") == 0)
        return role_main(words[2]);
    if (!of_store)
        return run_encoder(entries);
    end_unless(crypto_start(&why), why.reason);
    return run_store(entries);
}
