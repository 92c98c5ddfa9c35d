#include "server/client_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/refusal.h"

#define WAIT_MS 60000
#define RETRY_MS 20
/* Our own question may wait behind a group signed with the slowest key. */
#define ANSWER_WAIT_MS 120000

static const struct channel_rule keeper_answers[] = {
    {CONTROL_ISSUED, "issued", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_FOUNDED, "founded", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_STATE, "state", 64 * 1024, 1, 0},
    {CONTROL_AWAITS, "awaits", 64 * 1024, 1, 0},
    {CONTROL_DONE, "done", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_FAILED, "failed", 4096, 1, 0},
    {0},
};

/* --- questions ----------------------------------------------------------- */

/* What is asked for may have to wait for people. */
static bool is_answer(uint16_t wanted, uint16_t type)
{
    return type == wanted ||
           (wanted == CONTROL_ISSUED && type == CONTROL_AWAITS);
}

bool client_ask(struct client *client, uint16_t question, struct bytes body,
    int descriptor, uint16_t answer, struct bytes *body_back,
    struct failure *why)
{
    struct frame frame = {0};
    struct failure silence = {0};

    if (!channel_send(client->channel, question, ++client->next_id, body,
            &descriptor, descriptor < 0 ? 0 : 1, ANSWER_WAIT_MS, why))
        return false;
    if (!channel_receive(client->channel, ANSWER_WAIT_MS, &frame, &silence))
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the authority's keeper has ended without an answer: whatever was "
            "issued but not delivered will be revoked when it next starts");
    if (frame.type == CONTROL_FAILED)
        return fail_as_told(why, frame.body, "keeper");
    client->answered = frame.type;
    if (!is_answer(answer, frame.type) || frame.id != client->next_id)
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper answered another question");
    *body_back = frame.body;
    return true;
}

/* --- somebody serves already --------------------------------------------- */

static int connect_to(const struct place *place)
{
    SCOPED_DESCRIPTOR int descriptor =
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof(address.sun_path),
        "%s/control.sock", place->directory);

    if (descriptor < 0 || length < 0 ||
        (size_t)length >= sizeof(address.sun_path))
        return -1;
    if (connect(descriptor, (const struct sockaddr *)&address,
            sizeof(address)) != 0)
        return -1;
    return descriptor_keep(&descriptor);
}

bool client_is_served(const struct place *place)
{
    SCOPED_DESCRIPTOR int descriptor = connect_to(place);

    return descriptor >= 0;
}

/* --- or we start our own ------------------------------------------------- */

/* A file that opens keys by itself; -1: it isn't there. */
static bool open_unlock_file(const struct place *place, const char *path,
    int *descriptor, struct failure *why)
{
    SCOPED_DESCRIPTOR int opened = -1;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true;
    if (!file_open(path, O_RDONLY, 0, &opened, why) ||
        !file_check_private(opened, path, place->owner, 0077, why))
        return false;
    *descriptor = descriptor_keep(&opened);
    return true;
}

static bool open_unlock(
    const struct place *place, int *descriptor, struct failure *why)
{
    char path[PATH_ROOM];

    if (!place_path(place, "keys/locked", path, why))
        return false;
    if (access(path, F_OK) == 0)
        return true;
    return place_path(place, "keys/unlock", path, why) &&
           open_unlock_file(place, path, descriptor, why);
}

static bool copy_given(int given, int *descriptor, struct failure *why)
{
    /* It may have been read before; a pipe is read but once. */
    (void)lseek(given, 0, SEEK_SET);
    *descriptor = fcntl(given, F_DUPFD_CLOEXEC, 3);
    return *descriptor >= 0 ||
           fail_because(why, FAILURE_INTERNAL,
               "the passphrase's descriptor can't be copied: %s",
               strerror(errno));
}

bool client_open_passphrase(const struct client_options *options,
    const struct place *place, int *descriptor, struct failure *why)
{
    const char *credentials = options->credentials;
    char path[PATH_ROOM];

    if (options->passphrase >= 0)
        return copy_given(options->passphrase, descriptor, why);
    if (credentials != NULL && path_join(path, credentials, "unlock", why) &&
        access(path, F_OK) == 0)
        return file_open(path, O_RDONLY, 0, descriptor, why);
    return open_unlock(place, descriptor, why);
}

/* `lock` concerns what serves: keys/locked says nothing of roots. */
static bool open_root_passphrase(const struct client_options *options,
    const struct place *place, int *descriptor, struct failure *why)
{
    char path[PATH_ROOM];
    bool ok;

    if (!options->ceremony)
        return true;
    if (options->root_passphrase >= 0)
        return copy_given(options->root_passphrase, descriptor, why);
    ok = options->root_folder != NULL
             ? path_join(path, options->root_folder, "unlock-root", why)
             : place_path(place, "keys/unlock-root", path, why);
    return ok && open_unlock_file(place, path, descriptor, why);
}

static bool read_settings(const struct place *place,
    struct configuration **configuration, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    char path[PATH_ROOM];

    return place_path(place, "chancery.yaml", path, why) &&
           file_read(path, &text, why) &&
           configuration_read(
               buffer_view(&text), "chancery.yaml", configuration, why);
}

bool client_start_household(const struct client_options *options,
    const struct place *place, int lock, int listener,
    struct household *household, struct failure *why)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    RELEASED(household_keys) keys = {0};
    SCOPED_DESCRIPTOR int passphrase = -1;
    SCOPED_DESCRIPTOR int root_passphrase = -1;
    SCOPED_DESCRIPTOR int sign_log = -1;
    const struct household_wishes wishes = {
        .ceremony = options->ceremony, .root_folder = options->root_folder};
    struct household_plan plan = {.program = options->program,
        .place = place,
        .mode = KEEPER_SERVES,
        .keys = &keys,
        .lock = lock,
        .listener = listener};

    if (!read_settings(place, &configuration, why) ||
        !household_find_keys(place, configuration, &wishes, &keys, why) ||
        !client_open_passphrase(options, place, &passphrase, why) ||
        !open_root_passphrase(options, place, &root_passphrase, why) ||
        !household_open_sign_log(place, &sign_log, why))
        return false;
    plan.passphrase = passphrase;
    plan.root_passphrase = root_passphrase;
    plan.sign_log = sign_log;
    return household_start(&plan, household, why);
}

/* --- one or the other ---------------------------------------------------- */

static bool start_own(const struct client_options *options,
    const struct place *place, int lock, struct client *client,
    struct failure *why)
{
    int connection;

    if (!client_start_household(
            options, place, lock, -1, &client->household, why))
        return false;
    client->runs_here = true;
    connection = descriptor_keep(&client->household.connection);
    return channel_new(connection, keeper_answers, 0, &client->channel, why);
}

/* *done stays false while another command holds DIR. */
static bool try_once(const struct client_options *options,
    const struct place *place, struct client *client, bool *done,
    struct failure *why)
{
    SCOPED_DESCRIPTOR int lock = -1;
    int served = connect_to(place);

    *done = true;
    if (served >= 0 && options->ceremony) {
        descriptor_close(&served);
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%s is being served; roots are opened only by a command of their "
            "own: stop the server, or `chancery lock`, first",
            place->directory);
    }
    if (served >= 0)
        return channel_new(served, keeper_answers, 0, &client->channel, why);
    if (!place_lock(place, &lock, why))
        return false;
    if (lock >= 0)
        return start_own(options, place, lock, client, why);
    *done = false;
    return true;
}

bool client_open(const struct client_options *options, struct client **client,
    struct failure *why)
{
    SCOPED_STRUCT(client) *made = calloc(1, sizeof(*made));
    int wait_ms = options->wait_ms != 0 ? options->wait_ms : WAIT_MS;
    int64_t deadline_ms = clock_monotonic_ms() + wait_ms;
    struct place place = {0};
    bool done = false;

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->household.connection = -1;
    if (!place_open(options->directory, &place, why))
        return false;
    made->place = place;
    while (!done) {
        if (!try_once(options, &place, made, &done, why))
            return false;
        if (!done && clock_monotonic_ms() > deadline_ms)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "another command has held %s for %d s", place.directory,
                wait_ms / 1000);
        if (!done)
            (void)poll(NULL, 0, RETRY_MS);
    }
    *client = KEEP(client, &made);
    return true;
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    channel_free(client->channel);
    household_end(&client->household);
    free(client);
}

uint64_t client_recovered(const struct client *client)
{
    return client->household.recovered;
}
