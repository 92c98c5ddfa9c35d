#include "issue_bench.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/message.h"
#include "base/random.h"
#include "crypto/key.h"
#include "server/client_internal.h"
#include "server/founding.h"
#include "store/store.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/request.h"

#define FILL_GROUP 20000
#define FILL_DER_BYTES 640 /* as what is issued here */

/* --- requests ------------------------------------------------------------ */

static bool make_request(
    struct bench_request *request, size_t number, struct failure *why)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    RELEASED(buffer) subject = BUFFER("subject", 1024);
    RELEASED(buffer) names = BUFFER("names", 1024);
    char text[64];

    request->der = BUFFER("request", REQUEST_MAX);
    request->message = BUFFER("message", CONTROL_FRAME_MAX);
    (void)snprintf(text, sizeof(text), "CN=host-%zu.example.org", number);
    if (!key_generate(key_algorithm_named("p256"), &key, why) ||
        !name_read(text, &subject, why))
        return false;
    (void)snprintf(text, sizeof(text), "dns:host-%zu.example.org", number);
    return general_name_read(text, &names, why) &&
           request_make(key, buffer_view(&subject), buffer_view(&names),
               &request->der, why) &&
           message_add_text(
               &request->message, CONTROL_PROFILE, "server", why) &&
           message_add(&request->message, CONTROL_REQUEST,
               buffer_view(&request->der), why);
}

void make_requests(struct bench_requests *requests, size_t count)
{
    struct failure why = {0};

    requests->all = calloc(count, sizeof(*requests->all));
    give_up_unless(requests->all != NULL, "out of memory");
    requests->count = count;
    for (size_t i = 0; i < count; i++) {
        if (!make_request(&requests->all[i], i, &why))
            give_up(&why);
    }
}

void bench_requests_free(struct bench_requests *requests)
{
    for (size_t i = 0; i < requests->count; i++) {
        buffer_free(&requests->all[i].der);
        buffer_free(&requests->all[i].message);
    }
    free(requests->all);
}

/* --- an authority -------------------------------------------------------- */

void found_in(const char *directory, const char *algorithm)
{
    const struct founding founding = {.directory = directory,
        .name = "Bench",
        .url = "http://pki.example.org",
        .algorithm = key_algorithm_named(algorithm),
        .crl_shards = 1,
        .use_key_passphrase = -1,
        .passphrase = -1,
        .root_passphrase = -1};
    RELEASED(founded) founded = {0};
    struct failure why = {0};

    give_up_unless(founding.algorithm != NULL, "no such kind of key");
    if (!found_authority(&founding, &founded, &why))
        give_up(&why);
}

static int remove_one(
    const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void remove_place(const char *directory)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- certificates that are there already --------------------------------- */

static bool take_issuing(
    void *context, const struct authority_row *row, struct failure *why)
{
    int64_t *issuing = context;

    (void)why;
    if (row->issues)
        *issuing = row->id;
    return true;
}

static bool add_one(struct store *store, int64_t issuing, struct failure *why)
{
    static const uint8_t der[FILL_DER_BYTES] = {0x30, 0x82, 0x02, 0x7c};
    uint8_t serial[SERIAL_BYTES] = {1};
    char text[2 * SERIAL_BYTES + 1];
    const struct certificate_row row = {
        .serial = {.start = serial, .length = sizeof(serial)},
        .der = {.start = der, .length = sizeof(der)},
        .sealed = true,
        .authority = issuing,
        .profile = "server",
        .issued_at = 1700000000,
        .not_after = 1707776000};
    const struct journal_event event = {.at_ms = 1700000000123,
        .kind = "issued",
        .actor = "command",
        .object = text,
        .detail = "{\"profile\":\"server\",\"authority\":\"issuing\"}"};
    bool added = false;

    random_fill(serial + 1, sizeof(serial) - 1);
    hex_print(row.serial, text);
    return store_add_certificate(store, &row, &added, why) &&
           store_journal(store, &event, why);
}

static bool add_group(struct store *store, int64_t issuing, struct failure *why)
{
    if (!store_begin(store, why))
        return false;
    for (int i = 0; i < FILL_GROUP; i++) {
        if (!add_one(store, issuing, why))
            return false;
    }
    return store_commit(store, why) && store_checkpoint(store, why);
}

static bool fill(const char *path, int64_t wanted, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    int64_t issuing = 0, count = 0;

    if (!store_open(path, STORE_WRITE, &store, why) ||
        !store_list_authorities(store, take_issuing, &issuing, why) ||
        !store_count_certificates(store, &count, why))
        return false;
    for (; count < wanted; count += FILL_GROUP) {
        if (!add_group(store, issuing, why))
            return false;
    }
    return true;
}

void fill_store(const char *directory, int64_t wanted)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    if (!path_join(path, directory, "chancery.db", &why) ||
        !fill(path, wanted, &why))
        give_up(&why);
}

/* --- its roles ----------------------------------------------------------- */

static const struct channel_rule keeper_answers[] = {
    {CONTROL_ISSUED, "issued", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_FAILED, "failed", 4096, 1, 0},
    {0},
};

static bool start(struct bench_place *place, struct failure *why)
{
    const struct client_options options = {
        .directory = place->directory, .passphrase = -1};
    char path[PATH_ROOM];

    if (!place_open(place->directory, &place->place, why) ||
        !place_lock(&place->place, &place->lock, why))
        return false;
    give_up_unless(place->lock >= 0, "the folder is in use");
    return place_path(&place->place, "sign.log", path, why) &&
           file_open(path, O_RDONLY, 0, &place->sign_log, why) &&
           client_start_household(&options, &place->place, place->lock, -1,
               &place->household, why) &&
           channel_new(descriptor_keep(&place->household.connection),
               keeper_answers, 0, &place->channel, why);
}

void bench_place_open(struct bench_place *place, const char *directory)
{
    struct failure why = {0};

    *place = (struct bench_place){.lock = -1, .sign_log = -1};
    (void)snprintf(place->directory, sizeof(place->directory), "%s", directory);
    if (!start(place, &why))
        give_up(&why);
}

void bench_place_close(struct bench_place *place)
{
    channel_free(place->channel);
    household_end(&place->household);
    descriptor_close(&place->sign_log);
    descriptor_close(&place->lock);
}
