#include "server/household.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "authority/room.h"
#include "base/process.h"
#include "base/refusal.h"
#include "crypto/digest.h"

/* A slow machine deriving from a passphrase, under a sanitizer. */
#define READY_WAIT_MS 180000
#define END_WAIT_MS 10000
#define INSTANCE 1

static const struct channel_rule signer_answers[] = {
    {SIGNER_READY, "ready", 64 * 1024, 1, 0},
    {SIGNER_FAILED, "failed", 4096, 1, 0},
    {0},
};

static const struct channel_rule keeper_answers[] = {
    {KEEPER_READY, "ready", 4096, 1, 0},
    {KEEPER_NEEDS_VALIDATOR, "needs a validator", 0, 1, 0},
    {CONTROL_FAILED, "failed", 4096, 1, 0},
    {0},
};

/* systemd.socket(5), Accept=yes: each connection becomes descriptor 3 of a
 * process of its own. */
static bool connect_to_unit(const char *units, const char *role,
    const struct channel_rule *answers, struct channel **channel,
    struct failure *why)
{
    SCOPED_DESCRIPTOR int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(
        address.sun_path, sizeof(address.sun_path), "%s/%s.sock", units, role);

    if (length < 0 || (size_t)length >= sizeof(address.sun_path))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the path of %s/%s.sock is longer than %zu characters", units, role,
            sizeof(address.sun_path) - 1);
    if (made < 0 ||
        connect(made, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return fail_in_file(why, "connecting to", address.sun_path);
    return channel_new(descriptor_keep(&made), answers, 0, channel, why);
}

bool household_spawn(const struct household_plan *plan, const char *role,
    const struct channel_rule *answers, pid_t *process,
    struct channel **channel, struct failure *why)
{
    const char *program =
        plan->program != NULL ? plan->program : "/proc/self/exe";
    const char *const arguments[] = {"chancery", "--role", role, NULL};
    int sockets[2] = {-1, -1};
    SCOPED_DESCRIPTOR int theirs = -1;
    struct process_start start = {.program = program,
        .arguments = arguments,
        .descriptors = &theirs,
        .descriptor_count = 1,
        .user = plan->place->owner,
        .group = plan->place->group,
        .is_apart = plan->stays};

    if (plan->units != NULL) {
        if (!connect_to_unit(plan->units, role, answers, channel, why))
            return false;
        *process = ROLE_OF_A_UNIT;
        return true;
    }
    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    return channel_new(sockets[0], answers, 0, channel, why) &&
           process_spawn(&start, process, why);
}

static bool receive_ready(struct channel *channel, const char *role,
    struct frame *frame, struct failure *why)
{
    struct failure silence = {0};

    if (channel_receive(channel, READY_WAIT_MS, frame, &silence))
        return true;
    return fail_because(why, FAILURE_UNAVAILABLE, "the %s has not started: %s",
        role, silence.reason);
}

/* --- the signer ---------------------------------------------------------- */

bool household_write_key(const struct household_key *key,
    struct buffer *message, struct failure *why)
{
    RELEASED(buffer) limits = BUFFER("limits", 256 * 1024);

    return signer_limits_write(&key->limits, &limits, why) &&
           message_add(message, FIELD_LIMITS, buffer_view(&limits), why) &&
           message_add_number(message, FIELD_IS_ROOT, key->is_root, why) &&
           (key->why[0] == '\0' ||
               message_add_text(message, FIELD_WHY, key->why, why));
}

static bool send_key(const struct household_key *key, struct channel *channel,
    struct failure *why)
{
    RELEASED(buffer) message = BUFFER("key for the signer", 512 * 1024);

    return household_write_key(key, &message, why) &&
           channel_send(channel, SIGNER_KEY, 1, buffer_view(&message),
               &key->file, key->file >= 0 ? 1 : 0, 0, why);
}

static bool has_roots(const struct household_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->keys[i].is_root)
            return true;
    }
    return false;
}

static bool send_start(const struct household_plan *plan,
    struct channel *channel, int keeper_socket, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("signer's start", 64);
    int descriptors[4] = {keeper_socket, plan->sign_log};
    uint64_t passphrases = 0;
    size_t count = 2;

    if (plan->passphrase >= 0) {
        passphrases |= PASSPHRASE_OF_KEYS;
        descriptors[count++] = plan->passphrase;
    }
    if (has_roots(plan->keys) && plan->root_passphrase >= 0) {
        passphrases |= PASSPHRASE_OF_ROOTS;
        descriptors[count++] = plan->root_passphrase;
    }
    return message_add_number(&message, FIELD_INSTANCE, INSTANCE, why) &&
           message_add_number(&message, FIELD_PASSPHRASES, passphrases, why) &&
           channel_send(channel, SIGNER_START, 1, buffer_view(&message),
               descriptors, count, 0, why);
}

static bool send_signer_start(const struct household_plan *plan,
    struct channel *channel, int keeper_socket, struct failure *why)
{
    for (size_t i = 0; i < plan->keys->count; i++) {
        if (!send_key(&plan->keys->keys[i], channel, why))
            return false;
    }
    return send_start(plan, channel, keeper_socket, why);
}

bool household_begin_signer(const struct household_plan *plan,
    int keeper_socket, pid_t *process, struct channel **channel,
    struct failure *why)
{
    return household_spawn(
               plan, "signer", signer_answers, process, channel, why) &&
           send_signer_start(plan, *channel, keeper_socket, why);
}

bool household_take_signer(
    const struct frame *frame, struct signer_state *keys, struct failure *why)
{
    if (frame->type == SIGNER_FAILED)
        return fail_as_told(why, frame->body, "signer");
    return signer_state_read(frame->body, keys, why);
}

static bool start_signer(const struct household_plan *plan,
    struct household *household, int keeper_socket, struct failure *why)
{
    struct frame frame = {0};

    return household_begin_signer(plan, keeper_socket, &household->signer,
               &household->signer_channel, why) &&
           receive_ready(household->signer_channel, "signer", &frame, why) &&
           household_take_signer(&frame, &household->keys, why);
}

/* --- the keeper ---------------------------------------------------------- */

static bool write_keeper_start(const struct household_plan *plan,
    struct buffer *message, struct failure *why)
{
    for (size_t i = 0; i < plan->keys->count; i++) {
        char text[SHA256_TEXT];

        if (!sha256_text(plan->keys->keys[i].limits.own_key, text, why) ||
            !message_add_text(message, CONTROL_KEY, text, why))
            return false;
    }
    return message_add_text(
               message, CONTROL_DIRECTORY, plan->place->directory, why) &&
           message_add_number(message, CONTROL_STAYS, plan->stays, why) &&
           message_add_number(message, CONTROL_MODE, plan->mode, why);
}

static bool send_keeper_start(const struct household_plan *plan,
    struct channel *channel, int signer_socket, int connection,
    struct failure *why)
{
    RELEASED(buffer) message = BUFFER("keeper's start", 64 * 1024);
    const int descriptors[] = {
        signer_socket, plan->lock, connection, plan->listener};

    return write_keeper_start(plan, &message, why) &&
           channel_send(channel, KEEPER_START, 1, buffer_view(&message),
               descriptors, plan->listener >= 0 ? 4 : 3, 0, why);
}

bool household_begin_keeper(const struct household_plan *plan,
    int signer_socket, int connection, pid_t *process, struct channel **channel,
    struct failure *why)
{
    return household_spawn(
               plan, "keeper", keeper_answers, process, channel, why) &&
           send_keeper_start(plan, *channel, signer_socket, connection, why);
}

bool household_take_keeper(
    const struct frame *frame, uint64_t *recovered, struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct field field = {0};

    if (frame->type == CONTROL_FAILED)
        return fail_as_told(why, frame->body, "keeper");
    return message_next(&reader, &field, why) &&
           field_number(&field, recovered, why);
}

static bool start_keeper(const struct household_plan *plan,
    struct household *household, int signer_socket, struct failure *why)
{
    int sockets[2] = {-1, -1};
    SCOPED_DESCRIPTOR int theirs = -1;
    struct frame frame = {0};

    if (!channel_pair(sockets, why))
        return false;
    household->connection = sockets[0];
    theirs = sockets[1];
    return household_begin_keeper(plan, signer_socket, theirs,
               &household->keeper, &household->keeper_channel, why) &&
           receive_ready(household->keeper_channel, "keeper", &frame, why) &&
           household_take_keeper(&frame, &household->recovered, why);
}

/* --- both ---------------------------------------------------------------- */

static bool start_both(const struct household_plan *plan,
    struct household *household, struct failure *why)
{
    int sockets[2] = {-1, -1};
    SCOPED_DESCRIPTOR int for_keeper = -1;
    SCOPED_DESCRIPTOR int for_signer = -1;

    if (!channel_pair(sockets, why))
        return false;
    for_signer = sockets[0];
    for_keeper = sockets[1];
    return start_signer(plan, household, for_signer, why) &&
           start_keeper(plan, household, for_keeper, why);
}

bool household_start(const struct household_plan *plan,
    struct household *household, struct failure *why)
{
    *household = (struct household){.connection = -1};
    room_make_for_start(plan->place->directory);
    if (start_both(plan, household, why))
        return true;
    household_end(household);
    return false;
}

static void end_role(pid_t process)
{
    struct failure ignored = {0};
    int status = 0;

    if (process > 0)
        (void)!process_end(process, END_WAIT_MS, &status, &ignored);
}

/* The keeper first: it finishes what it has begun, with the signer there. */
void household_end(struct household *household)
{
    descriptor_close(&household->connection);
    channel_free(household->keeper_channel);
    end_role(household->keeper);
    channel_free(household->signer_channel);
    end_role(household->signer);
    *household = (struct household){.connection = -1};
}
