#include "server/keeper_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/refusal.h"

static const struct channel_rule command_rules[] = {
    {CONTROL_ISSUE, "issue", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_FOUND, "found", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_STATUS, "status", 0, 1, 0},
    {CONTROL_UNLOCK, "unlock", 0, 1, 1},
    {CONTROL_LOCK, "lock", 0, 1, 0},
    {0},
};

bool connection_new(int socket, enum enrolment_role role, const char *actor,
    struct connection **connection, struct failure *why)
{
    struct connection *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        descriptor_close(&socket);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    if (!channel_new(
            socket, command_rules, CONTROL_CREDIT, &made->channel, why)) {
        free(made);
        return false;
    }
    made->role = role;
    (void)snprintf(made->actor, sizeof(made->actor), "%s", actor);
    atomic_init(&made->holders, 1);
    *connection = made;
    return true;
}

void connection_hold(struct connection *connection)
{
    (void)atomic_fetch_add(&connection->holders, 1);
}

void connection_release(struct connection *connection)
{
    if (connection == NULL || atomic_fetch_sub(&connection->holders, 1) > 1)
        return;
    channel_free(connection->channel);
    free(connection);
}

void connection_refuse(
    struct connection *connection, uint64_t id, const struct failure *refusal)
{
    RELEASED(buffer) answer = BUFFER("refusal", 4096);
    struct failure gone = {0};

    if (refusal_write(&answer, refusal, &gone))
        (void)!channel_answer(connection->channel, CONTROL_FAILED, id,
            buffer_view(&answer), &gone);
}

static enum enrolment_role role_of(const struct keeper *keeper, uid_t user)
{
    return user == 0 || user == keeper->owner ? ROLE_ADMINISTRATOR
                                              : ROLE_NOBODY;
}

void keeper_accept(struct keeper *keeper)
{
    SCOPED_DESCRIPTOR int socket =
        accept4(keeper->listener, NULL, NULL, SOCK_CLOEXEC);
    struct connection *connection = NULL;
    struct ucred peer = {0};
    socklen_t length = sizeof(peer);
    struct failure why = {0};
    char actor[32];

    if (socket < 0 || keeper->connection_count == CONNECTIONS_MAX ||
        getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return;
    (void)snprintf(actor, sizeof(actor), "uid:%u", peer.uid);
    if (connection_new(descriptor_keep(&socket), role_of(keeper, peer.uid),
            actor, &connection, &why))
        keeper->connections[keeper->connection_count++] = connection;
}
