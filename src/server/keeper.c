#include "server/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/ending.h"
#include "authority/journal.h"
#include "authority/life.h"
#include "authority/profile_lint.h"
#include "authority/recover.h"
#include "base/file.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "crypto/start.h"
#include "server/clerk.h"
#include "server/keeper_state.h"
#include "server/pages/roots.h"
#include "server/role_lock.h"
#include "server/web/web.h"

#define PARENT_DESCRIPTOR 3

/* The states of the parent's channel. */
#define STARTING 1u
#define STARTED 2u

/* Without credit: what comes after the start are orders that nothing answers.
 */
static const struct channel_rule parent_rules[] = {
    {KEEPER_START, "start", 64 * 1024, STARTING, 4},
    {KEEPER_FRONT, "front", 64, STARTED, 1},
    {KEEPER_STATUS_SIGNER, "status signer", 0, STARTED, 1},
    {KEEPER_VALIDATOR, "validator", 0, STARTED, 1},
    {KEEPER_STOP, "stop", 0, STARTED, 0},
    {0},
};

/* --- the start ----------------------------------------------------------- */

static bool take_start_field(
    struct keeper *keeper, const struct field *field, struct failure *why)
{
    uint64_t mode = 0, stays = 0;

    if (field->tag == CONTROL_DIRECTORY)
        return field_text(
            field, keeper->directory, sizeof(keeper->directory), why);
    if (field->tag == CONTROL_MODE) {
        if (!field_number(field, &mode, why))
            return false;
        keeper->mode = mode == KEEPER_FOUNDS ? KEEPER_FOUNDS : KEEPER_SERVES;
        return true;
    }
    if (field->tag == CONTROL_STAYS) {
        if (!field_number(field, &stays, why))
            return false;
        keeper->stays = stays == 1;
        return true;
    }
    if (field->tag == CONTROL_KEY && keeper->key_count < SIGNER_KEYS_MAX)
        return field_text(
            field, keeper->keys[keeper->key_count++], SHA256_TEXT, why);
    return fail_because(
        why, FAILURE_MALFORMED, "a start with a field %u", field->tag);
}

static bool take_start(
    struct keeper *keeper, struct frame *frame, struct failure *why)
{
    struct reader reader = reader_of(frame->body);

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_start_field(keeper, &field, why))
            return false;
    }
    if (frame->descriptor_count < 3)
        return fail_because(
            why, FAILURE_MALFORMED, "the start brought too few descriptors");
    keeper->lock = descriptor_keep(&frame->descriptors[1]);
    if (frame->descriptor_count == 4)
        keeper->listener = descriptor_keep(&frame->descriptors[3]);
    return signer_client_new(
        descriptor_keep(&frame->descriptors[0]), &keeper->signer, why);
}

/* The command that started us is its own user; DIR's owner administers. */
static bool take_command(
    struct keeper *keeper, struct frame *frame, struct failure *why)
{
    struct connection *connection = NULL;
    struct caller caller = {
        .door = DOOR_CONTROL, .role = ROLE_ADMINISTRATOR, .who = "local"};

    (void)snprintf(caller.actor, sizeof(caller.actor), "uid:%u", getuid());
    if (!connection_new(
            descriptor_keep(&frame->descriptors[2]), &caller, &connection, why))
        return false;
    keeper->connections[keeper->connection_count++] = connection;
    return true;
}

/* Before anything is issued by them (properties 55); an authority that is
 * being founded issues by none. */
static bool check_profiles(struct keeper *keeper, const char *settings,
    const struct stat *folder, struct failure *why)
{
    struct settings_place place = {.folder = *folder};

    if (keeper->mode == KEEPER_FOUNDS)
        return true;
    if (stat(settings, &place.file) != 0)
        return fail_in_file(why, "looking at", settings);
    return profiles_lint_check(keeper->configuration, &place, why);
}

static bool open_settings(struct keeper *keeper, struct failure *why)
{
    char path[PATH_ROOM];
    struct stat status;

    if (stat(keeper->directory, &status) != 0)
        return fail_in_file(why, "looking at", keeper->directory);
    keeper->owner = status.st_uid;
    return path_join(path, keeper->directory, "chancery.yaml", why) &&
           file_read(path, &keeper->settings, why) &&
           configuration_read(buffer_view(&keeper->settings), "chancery.yaml",
               &keeper->configuration, why) &&
           check_profiles(keeper, path, &status, why);
}

/* What an administrator wrote, and what is wrong with it, is told. */
static void tell_refused_settings(
    const struct keeper *keeper, const struct failure *refusal)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct failure why = {0};
    char path[PATH_ROOM];

    if (keeper->mode != KEEPER_SERVES ||
        !path_join(path, keeper->directory, "chancery.db", &why) ||
        !store_open(path, STORE_WRITE, &store, &why) ||
        !store_begin(store, &why))
        return;
    if (!journal_event(store,
            &(struct event){.kind = EVENT_SETTINGS_REFUSED,
                .object = "chancery.yaml",
                .refusal = refusal},
            &why) ||
        !store_commit(store, &why))
        log_event(LOG_LEVEL_WARNING, "refusal-not-journalled", "why",
            why.reason, NULL);
}

static bool take_settings(struct keeper *keeper, struct failure *why)
{
    if (open_settings(keeper, why))
        return true;
    tell_refused_settings(keeper, why);
    return false;
}

/* All connections to the store are opened before the sandbox closes: later no
 * file is opened any more. */
static bool open_store(struct keeper *keeper, struct failure *why)
{
    char path[PATH_ROOM];
    enum store_mode mode =
        keeper->mode == KEEPER_FOUNDS ? STORE_CREATE : STORE_WRITE;

    if (!path_join(path, keeper->directory, "chancery.db", why) ||
        !store_open(path, mode, &keeper->store, why) ||
        !store_open(path, STORE_WRITE, &keeper->checkpoint, why) ||
        !store_open(path, STORE_READ, &keeper->counting, why) ||
        !store_open(path, STORE_READ, &keeper->clerk_reading, why))
        return false;
    for (size_t i = 0; i < carriers_wanted(); i++) {
        if (!store_open(
                path, STORE_READ, &keeper->carriers[i].desk.reading, why))
            return false;
    }
    if (keeper->mode != KEEPER_FOUNDS &&
        !indexer_open(&keeper->indexer, keeper->directory, why))
        return false;
    /* A command's own keeper, and that of `unlock`, have no fronts. */
    return !keeper->stays ||
           (web_open(keeper, path, why) &&
               keeper_status_open(&keeper->status, keeper->directory, why) &&
               watch_open(&keeper->watch, keeper->directory, why));
}

static bool open_sign_log(struct keeper *keeper, struct failure *why)
{
    char path[PATH_ROOM];

    return path_join(path, keeper->directory, "sign.log", why) &&
           file_open(path, O_RDONLY, 0, &keeper->sign_log, why);
}

static bool open_authority(struct keeper *keeper, struct failure *why)
{
    if (!authority_open(&keeper->authority, keeper->configuration,
            keeper->signer, keeper->store, keeper->keys, keeper->key_count,
            why))
        return false;
    keeper->authority.publish = keeper->publish;
    keeper->authority.founds = keeper->mode == KEEPER_FOUNDS;
    return !keeper->stays ||
           keeper_status_begin(&keeper->status, &keeper->authority, why);
}

static bool open_room(struct keeper *keeper, struct failure *why)
{
    return keeper->mode != KEEPER_SERVES ||
           room_start(&keeper->authority.room, keeper->directory, why);
}

/* What is published is the one folder it may write to. */
static bool lock_in(struct keeper *keeper, struct failure *why)
{
    const char *const writable[] = {keeper->publish, NULL};

    return path_join(keeper->publish, keeper->directory, "publish", why) &&
           folder_make_missing(keeper->publish, 0755, why) &&
           role_lock_in(SANDBOX_KEEPER, writable, why);
}

static bool begin_life(struct keeper *keeper, struct failure *why)
{
    const struct life life = {CHANCERY_VERSION, buffer_view(&keeper->settings),
        keeper->listener >= 0};

    if (keeper->mode == KEEPER_FOUNDS)
        return true;
    keeper->has_begun = life_begin(&keeper->authority, &life, why);
    return keeper->has_begun;
}

/* Fronts go by what stands there; without it the rest is served all the same.
 * Without fronts nothing is written, so a wrong passphrase changes nothing. */
static void publish_pages(struct keeper *keeper)
{
    struct failure why = {0};

    if (keeper->stays && !roots_publish(&keeper->authority, &why))
        log_event(
            LOG_LEVEL_WARNING, "roots-not-published", "why", why.reason, NULL);
}

static bool begin_watch(struct keeper *keeper, struct failure *why)
{
    return !keeper->stays || watch_begin(&keeper->watch, &keeper->authority,
                                 &keeper->status, keeper->parent, why);
}

static bool start(struct keeper *keeper, struct frame *frame,
    uint64_t *recovered, struct failure *why)
{
    if (!take_start(keeper, frame, why) || !take_command(keeper, frame, why) ||
        !take_settings(keeper, why) || !open_store(keeper, why) ||
        !open_sign_log(keeper, why))
        return false;
    if (!open_room(keeper, why) || !lock_in(keeper, why) ||
        !open_authority(keeper, why))
        return false;
    if (!begin_life(keeper, why))
        return false;
    if (keeper->mode == KEEPER_SERVES &&
        !recover_from_sign_log(
            &keeper->authority, keeper->sign_log, recovered, why))
        return false;
    if (keeper->mode == KEEPER_SERVES && !ending_tell(&keeper->authority, why))
        return false;
    publish_pages(keeper);
    return indexer_start(&keeper->indexer, why) &&
           carriers_start(keeper, why) && clerk_start(keeper, why) &&
           begin_watch(keeper, why);
}

static bool answer_start(struct keeper *keeper, uint64_t id, bool ok,
    uint64_t recovered, const struct failure *refusal, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("answer", 4096);

    if (!ok)
        return refusal_write(&answer, refusal, why) &&
               channel_answer(keeper->parent, CONTROL_FAILED, id,
                   buffer_view(&answer), why);
    return message_add_number(&answer, CONTROL_RECOVERED, recovered, why) &&
           channel_answer(
               keeper->parent, KEEPER_READY, id, buffer_view(&answer), why);
}

static bool receive_start(struct keeper *keeper, struct failure *why)
{
    struct failure refusal = {0};
    struct frame frame = {0};
    uint64_t recovered = 0;
    bool ok;

    if (!channel_receive(keeper->parent, -1, &frame, why))
        return false;
    ok = start(keeper, &frame, &recovered, &refusal);
    frame_close_descriptors(&frame);
    channel_enter(keeper->parent, STARTED);
    return answer_start(keeper, frame.id, ok, recovered, &refusal, why) && ok;
}

/* --- from the parent, later ----------------------------------------------- */

static bool take_front(
    struct keeper *keeper, struct frame *frame, struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct field field = {0};
    uint64_t listener = 0;

    if (!message_next(&reader, &field, why) ||
        !field_number(&field, &listener, why))
        return false;
    if (field.tag != CONTROL_NUMBER || listener >= LISTENER_KINDS ||
        frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "a front without a listener or channel");
    if (!web_add_front(keeper, descriptor_keep(&frame->descriptors[0]),
            (enum listener)listener, why))
        return false;
    watch_be_served(&keeper->watch);
    return true;
}

static bool take_status_signer(
    struct keeper *keeper, struct frame *frame, struct failure *why)
{
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "a status signer without a channel");
    return keeper_status_connect(
        &keeper->status, descriptor_keep(&frame->descriptors[0]), why);
}

static bool take_validator(
    struct keeper *keeper, struct frame *frame, struct failure *why)
{
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "a validator without a channel");
    watch_take_validator(
        &keeper->watch, descriptor_keep(&frame->descriptors[0]));
    return true;
}

static bool take_order(
    struct keeper *keeper, struct frame *frame, struct failure *why)
{
    if (frame->type == KEEPER_FRONT)
        return take_front(keeper, frame, why);
    if (frame->type == KEEPER_STATUS_SIGNER)
        return take_status_signer(keeper, frame, why);
    if (frame->type == KEEPER_VALIDATOR)
        return take_validator(keeper, frame, why);
    keeper->ends = frame->type == KEEPER_STOP;
    return true;
}

/* False: the parent has gone, or says what no parent says.  An order that can't
 * be followed is told; the others go on. */
static bool take_orders(struct keeper *keeper)
{
    struct failure why = {0};
    struct frame frame = {0};

    while (!keeper->ends && channel_receive(keeper->parent, 0, &frame, &why)) {
        if (!take_order(keeper, &frame, &why))
            log_event(
                LOG_LEVEL_ERROR, "order-not-followed", "why", why.reason, NULL);
        frame_close_descriptors(&frame);
    }
    return keeper->ends || why.kind == FAILURE_UNAVAILABLE;
}

/* --- the loop ------------------------------------------------------------ */

/* Parent, listener, then the connections, then the fronts. */
static size_t fill_poll(const struct keeper *keeper, struct pollfd *polled)
{
    size_t count = 2;

    polled[0] = (struct pollfd){
        .fd = channel_descriptor(keeper->parent), .events = POLLIN};
    polled[1] = (struct pollfd){.fd = keeper->listener, .events = POLLIN};
    for (size_t i = 0; i < keeper->connection_count; i++)
        polled[count++] = (struct pollfd){
            .fd = channel_descriptor(keeper->connections[i]->channel),
            .events = POLLIN};
    return count + web_poll(keeper->web, &polled[count]);
}

static void serve_connections(
    struct keeper *keeper, const struct pollfd *polled)
{
    size_t kept = 0;
    size_t count = keeper->connection_count;

    for (size_t i = 0; i < count; i++) {
        struct connection *connection = keeper->connections[i];

        if (polled[2 + i].revents == 0 ||
            keeper_take_frames(keeper, connection))
            keeper->connections[kept++] = connection;
        else
            connection_release(connection);
    }
    keeper->connection_count = kept;
}

static bool serve(struct keeper *keeper, struct failure *why)
{
    struct pollfd polled[2 + CONNECTIONS_MAX + FRONTS_MAX];

    while (!keeper->ends) {
        size_t connections = keeper->connection_count;
        size_t count = fill_poll(keeper, polled);

        if (poll(polled, (nfds_t)count,
                web_holds_frames(keeper->web) ? 0 : -1) < 0) {
            if (errno == EINTR)
                continue;
            return fail_because(why, FAILURE_INTERNAL, "poll failed");
        }
        web_take(keeper->web, &polled[2 + connections]);
        serve_connections(keeper, polled);
        if (polled[0].revents != 0 && !take_orders(keeper))
            return true;
        if (polled[1].revents != 0)
            keeper_accept(keeper);
    }
    return true;
}

/* --- the role ------------------------------------------------------------ */

static void end_life(struct keeper *keeper)
{
    struct failure why = {0};

    /* A locked key signs nothing: the next keeper signs for this one, too. */
    if (keeper->has_begun && !life_end(&keeper->authority, &why) &&
        why.kind != FAILURE_UNAVAILABLE)
        log_event(LOG_LEVEL_WARNING, "end-not-told", "why", why.reason, NULL);
}

static void keeper_free(struct keeper *keeper)
{
    web_close(keeper->web);
    clerk_end(keeper);
    carriers_end(keeper);
    watch_end(&keeper->watch);
    keeper_status_end(&keeper->status);
    end_life(keeper);
    web_end(keeper->web); /* who sees the end finds it journalled */
    indexer_end(&keeper->indexer);
    for (size_t i = 0; i < keeper->connection_count; i++)
        connection_release(keeper->connections[i]);
    if (keeper->authority.configuration != NULL)
        authority_close(&keeper->authority);
    room_end(&keeper->authority.room);
    store_close(keeper->clerk_reading);
    store_close(keeper->counting);
    store_close(keeper->checkpoint);
    store_close(keeper->store);
    signer_client_free(keeper->signer);
    configuration_free(keeper->configuration);
    buffer_free(&keeper->settings);
    channel_free(keeper->parent);
    descriptor_close(&keeper->sign_log);
    descriptor_close(&keeper->listener);
    descriptor_close(&keeper->lock);
    free(keeper);
}

DEFINE_SCOPED_STRUCT(keeper, keeper_free)

static struct keeper *keeper_new(void)
{
    struct keeper *keeper = calloc(1, sizeof(*keeper));

    if (keeper == NULL)
        return NULL;
    keeper->settings = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    keeper->lock = -1;
    keeper->listener = -1;
    keeper->sign_log = -1;
    keeper->queue.last = &keeper->queue.first;
    (void)pthread_mutex_init(&keeper->queue.lock, NULL);
    (void)pthread_cond_init(&keeper->queue.filled, NULL);
    (void)pthread_mutex_init(&keeper->checkpointing, NULL);
    (void)pthread_mutex_init(&keeper->own_rate.lock, NULL);
    return keeper;
}

int keeper_main(void)
{
    SCOPED_STRUCT(keeper) *keeper = keeper_new();
    struct failure why = {0};

    if (keeper == NULL)
        return 9;
    log_open("keeper", LOG_LEVEL_INFO);
    if (!sandbox_keep_private(&why) || !crypto_start(&why) ||
        !channel_new(
            PARENT_DESCRIPTOR, parent_rules, 0, &keeper->parent, &why)) {
        log_event(LOG_LEVEL_ERROR, "not-started", "why", why.reason, NULL);
        return 9;
    }
    if (!receive_start(keeper, &why))
        return 9;
    if (!serve(keeper, &why)) {
        log_event(LOG_LEVEL_ERROR, "stopped", "why", why.reason, NULL);
        return 9;
    }
    return 0;
}
