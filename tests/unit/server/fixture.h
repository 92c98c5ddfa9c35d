#ifndef TESTS_UNIT_SERVER_FIXTURE_H
#define TESTS_UNIT_SERVER_FIXTURE_H

#include "signer_fixture.h"

#include <ftw.h>
#include <sys/wait.h>

#include "server/client.h"
#include "server/founding.h"
#include "server/household.h"
#include "store/store.h"
#include "x509/pem.h"
#include "x509/request.h"

/* --- folders ------------------------------------------------------------- */

#define FOLDER_ROOM 64

static inline void new_folder(char folder[static FOLDER_ROOM])
{
    (void)snprintf(folder, FOLDER_ROOM, "/tmp/chancery-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static inline void remove_folder(const char *folder)
{
    struct failure why = {0};

    assert_done(folder_remove(folder, &why), why);
}

static inline const char *path_in(const char *folder, const char *name)
{
    static char paths[8][PATH_ROOM];
    static size_t next;
    char *path = paths[next++ % 8];

    (void)snprintf(path, PATH_ROOM, "%.500s/%.400s", folder, name);
    return path;
}

static inline bool is_there(const char *folder, const char *name)
{
    return access(path_in(folder, name), F_OK) == 0;
}

static inline mode_t mode_in(const char *folder, const char *name)
{
    struct stat status;

    assert_int_equal(stat(path_in(folder, name), &status), 0);
    return status.st_mode & 07777;
}

static inline void put_file(
    const char *folder, const char *name, const char *text, mode_t mode)
{
    struct failure why = {0};

    assert_done(file_write(path_in(folder, name), bytes_of_text(text), mode,
                    FILE_REPLACE, &why),
        why);
}

/* A copy with owners and modes: what is slow to make is made once. */
static inline void copy_folder(const char *from, const char *to)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        (void)execl("/bin/cp", "cp", "-a", path_in(from, "."), to, NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* --- the disk's state: every path, mode and byte ------------------------- */

static struct disk_state {
    uint8_t sum[SHA256_BYTES];
    size_t entries;
} disk_sum;

static inline int add_entry(
    const char *path, const struct stat *status, int type, struct FTW *where)
{
    RELEASED(buffer) contents = BUFFER("file", 64 * 1024 * 1024);
    uint8_t digest[SHA256_BYTES];
    struct failure why = {0};

    (void)where;
    if (type == FTW_F)
        assert_done(file_read(path, &contents, &why), why);
    assert_true(
        sha256((const struct bytes[]){bytes_of_text(path),
                   {(const uint8_t *)&status->st_mode, sizeof(status->st_mode)},
                   buffer_view(&contents)},
            3, digest, &why));
    for (size_t i = 0; i < sizeof(digest); i++)
        disk_sum.sum[i] ^= digest[i];
    disk_sum.entries++;
    return 0;
}

static inline struct disk_state disk_of(const char *folder)
{
    disk_sum = (struct disk_state){0};
    assert_int_equal(nftw(folder, add_entry, 16, FTW_PHYS), 0);
    return disk_sum;
}

static inline void assert_same_disk(
    const struct disk_state *before, const char *folder)
{
    struct disk_state after = disk_of(folder);

    assert_int_equal(before->entries, after.entries);
    assert_memory_equal(before->sum, after.sum, sizeof(after.sum));
}

/* --- authorities --------------------------------------------------------- */

static inline struct founding founding_in(const char *folder)
{
    return (struct founding){.directory = folder,
        .name = "Test",
        .url = "",
        .algorithm = key_algorithm_named("p256"),
        .crl_shards = 1,
        .use_key_passphrase = -1,
        .passphrase = -1,
        .root_passphrase = -1};
}

static inline void found_in(const char *folder)
{
    const struct founding founding = founding_in(folder);
    struct founded founded = {0};
    struct failure why = {0};

    assert_done(found_authority(&founding, &founded, &why), why);
    founded_free(&founded);
}

/* From here on its key opens without a derivation. */
static inline void decrypt_key(const char *folder, const char *name)
{
    RELEASED(buffer) file = BUFFER("key file", KEY_FILE_MAX);
    RELEASED(buffer) plain = BUFFER("key file", KEY_FILE_MAX);
    RELEASED(secret) passphrase = {0};
    SCOPED_STRUCT(private_key) *key = NULL;
    SCOPED_DESCRIPTOR int unlock =
        open(path_in(folder, "keys/unlock"), O_RDONLY | O_CLOEXEC);
    struct failure why = {0};

    assert_done(file_read(path_in(folder, name), &file, &why), why);
    assert_done(
        descriptor_read_secret(unlock, "unlock", &passphrase, &why), why);
    assert_done(
        key_file_read(buffer_view(&file), &passphrase, &key, &why), why);
    assert_done(key_file_write(key, NULL, &plain, &why), why);
    assert_done(file_write(path_in(folder, name), buffer_view(&plain), 0600,
                    FILE_REPLACE, &why),
        why);
}

static inline void open_client(const char *folder, struct client **client)
{
    const struct client_options options = {
        .directory = folder, .passphrase = -1};
    struct failure why = {0};

    assert_done(client_open(&options, client, &why), why);
}

/* --- requests
 * ---------------------------------------------------------------------------
 */

static inline void make_request(const struct private_key *key,
    const char *subject, const char *dns_name, struct buffer *request)
{
    RELEASED(buffer) name = BUFFER("name", 4096);
    RELEASED(buffer) names = BUFFER("names", 4096);
    struct failure why = {0};

    assert_done(name_read(subject, &name, &why), why);
    if (dns_name != NULL)
        assert_done(general_name_read(dns_name, &names, &why), why);
    assert_done(request_make(key, buffer_view(&name), buffer_view(&names),
                    request, &why),
        why);
}

static inline void new_request(const char *dns_name, struct buffer *request)
{
    SCOPED_STRUCT(private_key) *key = new_key("p256");

    make_request(key, "CN=server", dns_name, request);
}

/* --- the store
 * ----------------------------------------------------------------------------
 */

static inline struct store *read_store(const char *folder)
{
    struct store *store = NULL;
    struct failure why = {0};

    assert_done(
        store_open(path_in(folder, "chancery.db"), STORE_READ, &store, &why),
        why);
    return store;
}

struct kind_count {
    const char *kind;
    size_t count;
};

static inline bool count_kind(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct kind_count *kinds = context;

    (void)why;
    kinds->count += strcmp(event->kind, kinds->kind) == 0;
    return true;
}

/* How many events of this kind; the chain is checked on the way. */
static inline size_t events_in(const char *folder, const char *kind)
{
    SCOPED_STRUCT(store) *store = read_store(folder);
    struct kind_count kinds = {kind, 0};
    struct failure why = {0};
    int64_t events = 0;

    assert_done(store_check_journal(store, &events, &why), why);
    assert_done(store_list_journal(store, 0, count_kind, &kinds, &why), why);
    return kinds.count;
}

static inline int64_t certificates_in(const char *folder)
{
    SCOPED_STRUCT(store) *store = read_store(folder);
    struct failure why = {0};
    int64_t count = 0;

    assert_done(store_count_certificates(store, &count, &why), why);
    return count;
}

#endif
