#include "server/keeper_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "authority/event.h"
#include "authority/people.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/refusal.h"
#include "server/clerk.h"

/* Users without a role at one time, and how often one of them is journalled. */
#define NOBODIES_MAX 8
#define NOBODY_TOLD_MS 10000

/* The loop's own messages; the clerk's are added to them. */
static const struct channel_rule loop_rules[] = {
    {CONTROL_ISSUE, "issue", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_FOUND, "found", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_STATUS, "status", 0, 1, 0},
    {CONTROL_UNLOCK, "unlock", 0, 1, 1},
    {CONTROL_LOCK, "lock", 0, 1, 0},
};

#define LOOP_RULES (sizeof(loop_rules) / sizeof(*loop_rules))
#define RULES_MAX 64

/* Made once, by the loop's thread. */
static const struct channel_rule *command_rules(void)
{
    static struct channel_rule rules[RULES_MAX];
    size_t count = LOOP_RULES;

    if (rules[0].name != NULL)
        return rules;
    memcpy(rules, loop_rules, sizeof(loop_rules));
    for (const struct clerk_row *row = clerk_rows();
         row->name != NULL && count + 1 < RULES_MAX; row++)
        rules[count++] = (struct channel_rule){row->message, row->name,
            CONTROL_FRAME_MAX, 1, row->descriptors_max};
    return rules;
}

bool connection_new(int socket, const struct caller *caller,
    struct connection **connection, struct failure *why)
{
    struct connection *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        descriptor_close(&socket);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    if (!channel_new(
            socket, command_rules(), CONTROL_CREDIT, &made->channel, why)) {
        free(made);
        return false;
    }
    made->caller = *caller;
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

/* --- who asks ------------------------------------------------------------ */

struct caller caller_of_user(struct keeper *keeper, uid_t user)
{
    struct caller caller = {.door = DOOR_CONTROL};
    struct failure why = {0};
    bool found = false;

    (void)snprintf(caller.actor, sizeof(caller.actor), "uid:%u", user);
    (void)snprintf(caller.who, sizeof(caller.who), "uid:%u", user);
    if (user == 0 || user == keeper->owner) {
        caller.role = ROLE_ADMINISTRATOR;
        (void)snprintf(caller.who, sizeof(caller.who), "local");
    } else if (!people_by_user(
                   keeper->counting, (int64_t)user, &found, &caller, &why))
        log_event(LOG_LEVEL_WARNING, "caller-unknown", "why", why.reason, NULL);
    return caller;
}

/* Whoever can reach DIR/control.sock may connect. */
static bool has_room(const struct keeper *keeper, enum enrolment_role role)
{
    size_t others = 0, nobodies = 0;

    for (size_t i = 0; i < keeper->connection_count; i++) {
        enum enrolment_role held = keeper->connections[i]->caller.role;

        others += held != ROLE_ADMINISTRATOR;
        nobodies += held == ROLE_NOBODY;
    }
    if (keeper->connection_count == CONNECTIONS_MAX)
        return false;
    if (role == ROLE_NOBODY && nobodies >= NOBODIES_MAX)
        return false;
    return role == ROLE_ADMINISTRATOR || others < CONNECTIONS_MAX / 2;
}

void keeper_accept(struct keeper *keeper)
{
    SCOPED_DESCRIPTOR int socket =
        accept4(keeper->listener, NULL, NULL, SOCK_CLOEXEC);
    struct connection *connection = NULL;
    struct ucred peer = {0};
    socklen_t length = sizeof(peer);
    struct failure why = {0};
    struct caller caller;

    if (socket < 0 ||
        getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return;
    caller = caller_of_user(keeper, peer.uid);
    if (!has_room(keeper, caller.role) ||
        !connection_new(descriptor_keep(&socket), &caller, &connection, &why))
        return;
    connection->by_user = true;
    connection->user = peer.uid;
    keeper->connections[keeper->connection_count++] = connection;
}

/* --- may they ask? ------------------------------------------------------- */

static bool is_for_nobody(uint16_t message)
{
    for (const struct clerk_row *row = clerk_rows(); row->name != NULL; row++) {
        if (row->message == message)
            return (row->roles & ROLE_BIT(ROLE_NOBODY)) != 0;
    }
    return false;
}

struct nobody {
    const struct caller *caller;
    const struct failure *refusal;
};

static bool journal_nobody(
    struct authority *authority, void *context, struct failure *why)
{
    const struct nobody *nobody = context;

    return journal_event(authority->store,
        &(struct event){.kind = EVENT_SIGN_IN_REFUSED,
            .caller = nobody->caller,
            .object = nobody->caller->actor,
            .refusal = nobody->refusal},
        why);
}

/* A user without a role shall not fill the journal. */
static bool refuse_nobody(
    struct keeper *keeper, const struct caller *caller, struct failure *why)
{
    struct nobody nobody = {caller, why};
    struct failure unjournalled = {0};
    int64_t now_ms = clock_monotonic_ms();

    (void)fail_because(why, FAILURE_FORBIDDEN,
        "%s has no role here: an administrator gives one with chancery admin "
        "add NAME --role ROLE --local-user USER",
        caller->actor);
    if (keeper->nobody_told_ms != 0 &&
        now_ms - keeper->nobody_told_ms < NOBODY_TOLD_MS)
        return false;
    keeper->nobody_told_ms = now_ms;
    if (!authority_write(
            &keeper->authority, journal_nobody, &nobody, &unjournalled))
        log_event(LOG_LEVEL_WARNING, "refusal-not-journalled", "why",
            unjournalled.reason, NULL);
    return false;
}

bool connection_may_ask(struct keeper *keeper,
    const struct connection *connection, uint16_t message, struct failure *why)
{
    const struct caller *caller = &connection->caller;
    struct caller now;

    if (!connection->by_user)
        return true;
    now = caller_of_user(keeper, connection->user);
    if (now.role != caller->role || now.person != caller->person)
        return fail_because(why, FAILURE_FORBIDDEN,
            "the role of %s has changed since this command began",
            caller->actor);
    return caller->role != ROLE_NOBODY || is_for_nobody(message) ||
           refuse_nobody(keeper, caller, why);
}
