/*
 * What the index for searching takes in and how soon a page is there.
 *
 *     search_bench [--rows N] [--folder DIR]
 *
 * N (1,000,000) certificates with their journal events are put into a store,
 * the index takes them in, and then the first page (50) of prefixes is asked
 * for: milliseconds, p50 and p99 and the longest of 1,000.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/x509v3.h>

#include "store/search.h"
#include "x509/certificate.h"

#define SERIAL_BYTES 17
#define FILL_GROUP 20000
#define TAKEN_AT_ONCE 1000
#define PAGE 50
#define QUESTIONS 1000
#define PATH_BYTES 256
#define DER_ROOM 2048

/* As long as what takes their places. */
#define NAME_FORMAT "host-%08x.dept-%03x.example.org"
#define NAME_BYTES 34

struct bench {
    char folder[PATH_BYTES - 16], store_path[PATH_BYTES];
    char index_path[PATH_BYTES];
    int64_t rows;
    struct store *store;
    struct search *search;
    uint8_t der[DER_ROOM];
    size_t der_length;
    size_t serial_at, names_at[4], name_count;
};

static _Noreturn void give_up(const char *reason)
{
    (void)fprintf(stderr, "search_bench: %s\n", reason);
    exit(1);
}

static void need(bool done, const struct failure *why)
{
    if (!done)
        give_up(why->reason);
}

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu_now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* splitmix64: by its number, so that what is asked for is there. */
static uint64_t random_of(uint64_t number)
{
    uint64_t value = (number + 1) * 0x9e3779b97f4a7c15u;

    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static void serial_of(int64_t number, uint8_t serial[static SERIAL_BYTES])
{
    const uint64_t halves[2] = {
        random_of((uint64_t)number), random_of(~(uint64_t)number)};

    serial[0] = 0x41;
    memcpy(serial + 1, halves, sizeof(halves));
}

static void name_of(int64_t number, char name[static NAME_BYTES + 1])
{
    uint64_t random = random_of((uint64_t)number);

    (void)snprintf(name, NAME_BYTES + 1, NAME_FORMAT,
        (unsigned int)(random >> 32), (unsigned int)(random & 0xfff));
}

/* --- a certificate with holes -------------------------------------------- */

static X509 *new_certificate(const uint8_t *serial, const char *name)
{
    X509 *certificate = X509_new();
    BIGNUM *number = BN_bin2bn(serial, SERIAL_BYTES, NULL);
    X509_NAME *subject = X509_get_subject_name(certificate);
    char names[128];
    X509_EXTENSION *extension;

    (void)snprintf(names, sizeof(names), "DNS:%s", name);
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    (void)X509_set_version(certificate, X509_VERSION_3);
    (void)BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 7776000);
    (void)X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    (void)X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    BN_free(number);
    return certificate;
}

static void find_holes(
    struct bench *bench, const uint8_t *serial, const char *name)
{
    const uint8_t *found =
        memmem(bench->der, bench->der_length, serial, SERIAL_BYTES);
    const uint8_t *from = bench->der;

    if (found == NULL)
        give_up("the certificate has no serial");
    bench->serial_at = (size_t)(found - bench->der);
    while (
        (found = memmem(from, bench->der_length - (size_t)(from - bench->der),
             name, NAME_BYTES)) != NULL &&
        bench->name_count < 4) {
        bench->names_at[bench->name_count++] = (size_t)(found - bench->der);
        from = found + NAME_BYTES;
    }
}

static void make_template(struct bench *bench)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    uint8_t serial[SERIAL_BYTES];
    char name[NAME_BYTES + 1];
    uint8_t *end = bench->der;
    X509 *certificate;
    int length;

    serial_of(0, serial);
    name_of(0, name);
    certificate = new_certificate(serial, name);
    if (X509_set_pubkey(certificate, key) != 1 ||
        X509_sign(certificate, key, EVP_sha256()) <= 0)
        give_up("no certificate could be made");
    length = i2d_X509(certificate, NULL);
    if (length <= 0 || length > DER_ROOM)
        give_up("the certificate is too long");
    bench->der_length = (size_t)i2d_X509(certificate, &end);
    X509_free(certificate);
    EVP_PKEY_free(key);
    find_holes(bench, serial, name);
}

static void fill_holes(
    struct bench *bench, int64_t number, uint8_t serial[static SERIAL_BYTES])
{
    char name[NAME_BYTES + 1];

    serial_of(number, serial);
    name_of(number, name);
    memcpy(bench->der + bench->serial_at, serial, SERIAL_BYTES);
    for (size_t i = 0; i < bench->name_count; i++)
        memcpy(bench->der + bench->names_at[i], name, NAME_BYTES);
}

/* --- the store ----------------------------------------------------------- */

static bool add_one(struct bench *bench, int64_t number, struct failure *why)
{
    uint8_t serial[SERIAL_BYTES];
    char text[SERIAL_TEXT];
    struct certificate_row row = {
        .serial = {.start = serial, .length = sizeof(serial)},
        .der = {.start = bench->der, .length = bench->der_length},
        .sealed = true,
        .authority = 1,
        .profile = "server",
        .issued_at = 1700000000,
        .not_after = 1707776000,
        .actor = ""};
    const struct journal_event event = {.at_ms = 1700000000123,
        .kind = "issued",
        .actor = "cli:alice",
        .object = text,
        .detail = "{\"profile\":\"server\",\"authority\":\"issuing\"}"};
    bool added = false;

    fill_holes(bench, number, serial);
    serial_print(row.serial, text);
    return store_add_certificate(bench->store, &row, &added, why) &&
           store_journal(bench->store, &event, why);
}

static void open_store(struct bench *bench)
{
    const struct authority_row row = {.name = "root",
        .certificate = bytes_of_text("none"),
        .key_sha256 = "none",
        .issues = true};
    struct failure why = {0};
    int64_t id = 0;

    need(store_open(bench->store_path, STORE_CREATE, &bench->store, &why) &&
             store_begin(bench->store, &why) &&
             store_add_authority(bench->store, &row, &id, &why) &&
             store_commit(bench->store, &why),
        &why);
}

static void fill_store(struct bench *bench)
{
    struct failure why = {0};
    double begun = now();

    for (int64_t i = 0; i < bench->rows;) {
        int64_t end =
            i + FILL_GROUP < bench->rows ? i + FILL_GROUP : bench->rows;

        need(store_begin(bench->store, &why), &why);
        for (; i < end; i++)
            need(add_one(bench, i, &why), &why);
        need(store_commit(bench->store, &why), &why);
    }
    need(store_checkpoint(bench->store, &why), &why);
    (void)printf(
        "%lld certificates of %zu bytes put into the store in %.1f s\n",
        (long long)bench->rows, bench->der_length, now() - begun);
}

/* --- the index ----------------------------------------------------------- */

static void fill_index(struct bench *bench)
{
    struct failure why = {0};
    double begun = now();
    double cpu_begun = cpu_now();
    double longest = 0;
    struct stat status = {0};
    bool behind = true;

    need(search_open(bench->index_path, true, &bench->search, &why), &why);
    while (behind) {
        double at = now();

        need(search_take_in(
                 bench->search, bench->store, TAKEN_AT_ONCE, &behind, &why),
            &why);
        longest = now() - at > longest ? now() - at : longest;
    }
    (void)stat(bench->index_path, &status);
    (void)printf("taken in: %.0f certificates/s, %.1f us CPU each; %d at once "
                 "took %.0f ms at most; %.0f bytes each\n",
        (double)bench->rows / (now() - begun),
        1e6 * (cpu_now() - cpu_begun) / (double)bench->rows, TAKEN_AT_ONCE,
        1e3 * longest, (double)status.st_size / (double)bench->rows);
}

static bool count_one(void *context, int64_t number, struct failure *why)
{
    int64_t *count = context;

    (void)number;
    (void)why;
    (*count)++;
    return true;
}

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return *left < *right ? -1 : *left > *right;
}

typedef void question(struct bench *bench, int64_t number, char *text);

static void measure(struct bench *bench, const char *what, question *ask)
{
    static double took_ms[QUESTIONS];
    int64_t found = 0;

    for (size_t i = 0; i < QUESTIONS; i++) {
        struct failure why = {0};
        char text[128];
        double begun;

        ask(bench, (int64_t)(random_of(i + 77) % (uint64_t)bench->rows), text);
        begun = now();
        need(search_certificates(bench->search, bench->store, text, 0, PAGE,
                 count_one, &found, &why),
            &why);
        took_ms[i] = 1e3 * (now() - begun);
    }
    qsort(took_ms, QUESTIONS, sizeof(*took_ms), compare);
    (void)printf("%-24s p50 %6.2f ms  p99 %6.2f ms  longest %6.2f ms  "
                 "%.1f found\n",
        what, took_ms[QUESTIONS / 2], took_ms[QUESTIONS * 99 / 100],
        took_ms[QUESTIONS - 1], (double)found / QUESTIONS);
}

static void ask_serial(struct bench *bench, int64_t number, char *text)
{
    uint8_t serial[SERIAL_BYTES];

    (void)bench;
    serial_of(number, serial);
    serial_print((struct bytes){serial, SERIAL_BYTES}, text);
    text[4 + number % 8] = '\0';
}

static void ask_fingerprint(struct bench *bench, int64_t number, char *text)
{
    uint8_t serial[SERIAL_BYTES];
    struct failure why = {0};

    fill_holes(bench, number, serial);
    need(sha256_text((struct bytes){bench->der, bench->der_length}, text, &why),
        &why);
    text[4 + number % 8] = '\0';
}

static void ask_name(struct bench *bench, int64_t number, char *text)
{
    (void)bench;
    name_of(number, text);
    text[8 + number % 8] = '\0';
}

static void ask_label(struct bench *bench, int64_t number, char *text)
{
    char name[NAME_BYTES + 1];

    (void)bench;
    name_of(number, name);
    (void)snprintf(text, 128, "%s", strchr(name, '.') + 1);
    text[5 + number % 10] = '\0';
}

static void ask_common(struct bench *bench, int64_t number, char *text)
{
    static const char *const texts[] = {"e", "h", "o", "example.org", "host-"};

    (void)bench;
    (void)snprintf(text, 128, "%s",
        texts[number % (int64_t)(sizeof(texts) / sizeof(*texts))]);
}

static void ask_absent(struct bench *bench, int64_t number, char *text)
{
    (void)bench;
    (void)snprintf(text, 128, "absent-%llx", (unsigned long long)number);
}

static void ask_events(struct bench *bench)
{
    double begun = now();
    int64_t found = 0;

    for (int64_t i = 0; i < QUESTIONS; i++) {
        struct failure why = {0};
        char text[SERIAL_TEXT];
        uint8_t serial[SERIAL_BYTES];

        serial_of(i * 7919 % bench->rows, serial);
        serial_print((struct bytes){serial, SERIAL_BYTES}, text);
        need(search_events(
                 bench->search, bench->store, text, count_one, &found, &why),
            &why);
    }
    (void)printf("%-24s mean %.2f ms, %.1f found\n", "events of a serial",
        1e3 * (now() - begun) / QUESTIONS, (double)found / QUESTIONS);
}

static void run(struct bench *bench)
{
    make_template(bench);
    open_store(bench);
    fill_store(bench);
    fill_index(bench);
    measure(bench, "serial", ask_serial);
    measure(bench, "fingerprint", ask_fingerprint);
    measure(bench, "common name, DNS name", ask_name);
    measure(bench, "DNS label inside", ask_label);
    measure(bench, "what all have", ask_common);
    measure(bench, "what none has", ask_absent);
    ask_events(bench);
    search_close(bench->search);
    store_close(bench->store);
    (void)unlink(bench->index_path);
    (void)unlink(bench->store_path);
    (void)rmdir(bench->folder);
}

int main(int count, char **words)
{
    struct bench bench = {.rows = 1000000};
    const char *folder = "/tmp";

    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(words[i], "--folder") == 0)
            folder = words[i + 1];
        else if (strcmp(words[i], "--rows") == 0)
            bench.rows = strtoll(words[i + 1], NULL, 10);
    }
    if (count % 2 == 0 || bench.rows < 1)
        give_up("usage: search_bench [--rows N] [--folder DIR]");
    (void)snprintf(
        bench.folder, sizeof(bench.folder), "%s/search-bench-XXXXXX", folder);
    if (mkdtemp(bench.folder) == NULL)
        give_up("no folder could be made");
    (void)snprintf(bench.store_path, sizeof(bench.store_path), "%s/bench.db",
        bench.folder);
    (void)snprintf(bench.index_path, sizeof(bench.index_path), "%s/search.db",
        bench.folder);
    run(&bench);
    return 0;
}
