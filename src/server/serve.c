#include "server/serve_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "server/client.h"
#include "server/control_socket.h"
#include "server/listening.h"

/* How long a command that holds DIR is waited for. */
#define LOCK_WAIT_MS 60000
#define LOCK_RETRY_MS 20
/* The steps of the end: together less than 10 s. */
#define FRONTS_END_MS 5000
#define KEEPER_END_MS 3500
#define SIGNER_END_MS 1000
#define KEYS_TOLD_MAX (8 * 1024 * 1024)
#define POLLED_MAX (1 + 2 * CHILDREN_MAX + READERS_MAX)

/* --- the start ----------------------------------------------------------- */

static bool take_lock(struct server *server, struct failure *why)
{
    int64_t deadline_ms = clock_monotonic_ms() + LOCK_WAIT_MS;

    for (;;) {
        if (client_is_served(&server->place))
            return fail_because(why, FAILURE_CONFLICT, "%s is served already",
                server->place.directory);
        if (!place_lock(&server->place, &server->lock, why))
            return false;
        if (server->lock >= 0)
            return true;
        if (clock_monotonic_ms() > deadline_ms)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "another command has held %s for %d s", server->place.directory,
                LOCK_WAIT_MS / 1000);
        (void)poll(NULL, 0, LOCK_RETRY_MS);
    }
}

static void take_inherited(struct server *server)
{
    for (size_t i = 0; i < SERVE_LISTENERS; i++) {
        notify_socket(listener_name((enum listener)i), &server->listeners[i]);
        server->is_inherited[i] = server->listeners[i] >= 0;
        if (server->is_inherited[i])
            listening_address(server->listeners[i], &server->addresses[i]);
    }
}

static bool open_listeners(struct server *server, struct failure *why)
{
    for (size_t i = 0; i < SERVE_LISTENERS; i++) {
        if (!server->is_inherited[i] && server->addresses[i].port != 0 &&
            !listening_open(&server->addresses[i], &server->listeners[i], why))
            return false;
    }
    return true;
}

static void add_child(struct server *server, enum child_place place,
    const struct child_kind *kind)
{
    struct child *child = &server->children[server->child_count++];

    *child = (struct child){.kind = kind, .handle = -1, .keepers_end = -1};
    if (place >= CHILD_FRONTS)
        child->listener = (enum listener)(place - CHILD_FRONTS);
}

static void list_children(struct server *server)
{
    for (enum child_place place = 0; place < CHILD_FRONTS; place++)
        add_child(server, place, child_kind_of(place));
    for (unsigned int i = 0; i < LISTENER_KINDS; i++) {
        if (server->listeners[i] >= 0)
            add_child(server, CHILD_FRONTS + i, child_kind_of(CHILD_FRONTS));
    }
}

/* Blocked before the first child, so that none is missed. */
static bool open_signals(struct server *server, struct failure *why)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        return fail_because(why, FAILURE_INTERNAL, "signals can't be blocked");
    server->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return server->signals >= 0 ||
           fail_because(why, FAILURE_INTERNAL, "signals can't be heard: %s",
               strerrordesc_np(errno));
}

static bool open_server(struct server *server, struct failure *why)
{
    const struct serve_plan *plan = server->plan;

    take_inherited(server);
    if (!place_open(plan->directory, &server->place, why) ||
        !take_lock(server, why) ||
        !serve_read_settings(&server->place, &server->configuration, why) ||
        !serve_addresses(
            server, server->configuration, server->addresses, why) ||
        !open_listeners(server, why) || !fronts_make_folders(server, why) ||
        !open_signals(server, why) ||
        !control_socket_listen(&server->place, &server->control, why))
        return false;
    list_children(server);
    server->watchdog_ms = notify_watchdog_ms();
    return true;
}

/* --- the loop ------------------------------------------------------------ */

static int timeout_of(const struct server *server, int64_t now_ms)
{
    int64_t due_ms = children_due_ms(server);

    if (server->watchdog_ms > 0 && server->watchdog_at_ms < due_ms)
        due_ms = server->watchdog_at_ms;
    for (size_t i = 0; i < READERS_MAX; i++) {
        if (server->readers[i].process != 0 &&
            server->readers[i].killed_at_ms < due_ms)
            due_ms = server->readers[i].killed_at_ms;
    }
    if (due_ms == INT64_MAX)
        return -1;
    if (due_ms <= now_ms)
        return 0;
    return due_ms - now_ms > 60000 ? 60000 : (int)(due_ms - now_ms);
}

/* Signals; a process and a channel for each child; a process for each reader.
 * poll(2): a negative descriptor is passed over. */
static void fill_poll(const struct server *server, struct pollfd *polled)
{
    polled[0] = (struct pollfd){.fd = server->signals, .events = POLLIN};
    for (size_t i = 0; i < CHILDREN_MAX; i++) {
        const struct child *child = &server->children[i];
        bool is_there = i < server->child_count && child_is_there(child);

        polled[1 + 2 * i] = (struct pollfd){
            .fd = is_there ? child->handle : -1, .events = POLLIN};
        polled[2 + 2 * i] =
            (struct pollfd){.fd = is_there && child->channel != NULL
                                      ? channel_descriptor(child->channel)
                                      : -1,
                .events = POLLIN};
    }
    for (size_t i = 0; i < READERS_MAX; i++)
        polled[1 + 2 * CHILDREN_MAX + i] = (struct pollfd){
            .fd = server->readers[i].process != 0 ? server->readers[i].handle
                                                  : -1,
            .events = POLLIN};
}

/* What a child has said before its end is heard before its end. */
static void hear_children(struct server *server, const struct pollfd *polled)
{
    for (size_t i = 0; i < server->child_count; i++) {
        if (polled[2 + 2 * i].revents != 0 &&
            server->children[i].channel != NULL)
            child_speaks(server, &server->children[i]);
    }
    for (size_t i = 0; i < server->child_count; i++) {
        if (polled[1 + 2 * i].revents != 0)
            child_has_ended(server, &server->children[i]);
    }
    for (size_t i = 0; i < READERS_MAX; i++) {
        if (polled[1 + 2 * CHILDREN_MAX + i].revents != 0)
            reader_has_ended(&server->readers[i]);
    }
}

/* --- the end ------------------------------------------------------------- */

static bool fronts_are_gone(const struct server *server)
{
    for (size_t i = CHILD_FRONTS; i < server->child_count; i++) {
        if (child_is_there(&server->children[i]))
            return false;
    }
    return true;
}

static bool all_are_gone(const struct server *server)
{
    return fronts_are_gone(server) &&
           !child_is_there(&server->children[CHILD_KEEPER]) &&
           !child_is_there(&server->children[CHILD_STATUS]) &&
           !child_is_there(&server->children[CHILD_SIGNER]);
}

static void begin_the_end(struct server *server)
{
    notify(NOTICE_STOPPING, NULL);
    for (size_t i = CHILD_FRONTS; i < server->child_count; i++)
        child_stop(&server->children[i], FRONTS_END_MS);
}

/* The keeper when nobody asks any more, the signers when nobody has anything to
 * sign. */
static void tend_the_end(struct server *server)
{
    if (server->stopping == 0 || !fronts_are_gone(server))
        return;
    child_stop(&server->children[CHILD_KEEPER], KEEPER_END_MS);
    if (child_is_there(&server->children[CHILD_KEEPER]))
        return;
    child_stop(&server->children[CHILD_STATUS], SIGNER_END_MS);
    child_stop(&server->children[CHILD_SIGNER], SIGNER_END_MS);
}

/* From here on each is killed when it is next tended. */
static void end_at_once(struct server *server)
{
    for (size_t i = 0; i < server->child_count; i++) {
        struct child *child = &server->children[i];

        child_stop(child, 0);
        child->killed_at_ms = child_is_there(child) ? 1 : 0;
    }
}

static void stop(struct server *server)
{
    if (server->stopping++ == 0)
        begin_the_end(server);
    else
        end_at_once(server);
}

static void take_signals(struct server *server)
{
    struct signalfd_siginfo taken;

    while (read(server->signals, &taken, sizeof(taken)) ==
           (ssize_t)sizeof(taken)) {
        if (taken.ssi_signo != SIGHUP)
            stop(server);
        else if (server->is_up && server->stopping == 0)
            serve_reload(server);
    }
}

/* --- all ----------------------------------------------------------------- */

static bool everything_has_answered(const struct server *server)
{
    for (size_t i = 0; i < server->child_count; i++) {
        const struct child *child = &server->children[i];

        if (!child->has_answered ||
            (child->kind->is_vital && child->state != CHILD_RUNS))
            return false;
    }
    return true;
}

static bool is_locked(const struct server *server)
{
    for (size_t i = 0; i < server->key_states.key_count; i++) {
        if (!server->key_states.keys[i].is_usable)
            return true;
    }
    return false;
}

static void tell_readiness(struct server *server)
{
    const struct serve_facts facts = {.place = &server->place,
        .configuration = server->configuration,
        .addresses = server->addresses,
        .is_locked = is_locked(server)};
    bool was_up = server->is_up;

    if ((was_up && !server->is_reloading) || !everything_has_answered(server))
        return;
    server->is_up = true;
    server->is_reloading = false;
    notify(NOTICE_READY, facts.is_locked ? "locked" : "serving");
    if (!was_up && server->plan->tell != NULL &&
        !server->plan->tell(&facts, server->plan->context, &server->failure))
        stop(server);
}

static void feed_watchdog(struct server *server, int64_t now_ms)
{
    if (server->watchdog_ms == 0 || now_ms < server->watchdog_at_ms)
        return;
    notify(NOTICE_WATCHDOG, NULL);
    server->watchdog_at_ms = now_ms + server->watchdog_ms;
}

static void tend(struct server *server)
{
    int64_t now_ms = clock_monotonic_ms();

    if (server->failure.kind != FAILURE_NONE && server->stopping == 0)
        stop(server);
    tend_the_end(server);
    household_tend(server);
    children_tend(server, now_ms);
    readers_tend(server, now_ms);
    tell_readiness(server);
    feed_watchdog(server, now_ms);
}

static bool serve(struct server *server, struct failure *why)
{
    struct pollfd polled[POLLED_MAX];

    for (;;) {
        tend(server);
        if (server->stopping > 0 && all_are_gone(server))
            break;
        fill_poll(server, polled);
        if (poll(polled, POLLED_MAX, timeout_of(server, clock_monotonic_ms())) <
            0) {
            if (errno == EINTR)
                continue;
            return fail_because(why, FAILURE_INTERNAL, "poll failed");
        }
        hear_children(server, polled);
        if (polled[0].revents != 0)
            take_signals(server);
    }
    if (server->failure.kind == FAILURE_NONE)
        return true;
    *why = server->failure;
    return false;
}

static void server_free(struct server *server)
{
    if (server->control >= 0)
        control_socket_remove(&server->place);
    for (size_t i = 0; i < SERVE_LISTENERS; i++)
        descriptor_close(&server->listeners[i]);
    for (size_t i = 0; i < READERS_MAX; i++) {
        if (server->readers[i].process != 0)
            reader_has_ended(&server->readers[i]);
    }
    household_keys_free(&server->keys);
    buffer_free(&server->keys_told);
    configuration_free(server->configuration);
    descriptor_close(&server->for_keeper);
    descriptor_close(&server->status_for_keeper);
    descriptor_close(&server->control);
    descriptor_close(&server->signals);
    descriptor_close(&server->lock);
    free(server);
}

DEFINE_SCOPED_STRUCT(server, server_free)

static struct server *server_new(const struct serve_plan *plan)
{
    struct server *server = calloc(1, sizeof(*server));

    if (server == NULL)
        return NULL;
    server->plan = plan;
    server->keys_told = BUFFER("keys", KEYS_TOLD_MAX);
    server->lock = server->control = server->signals = -1;
    server->for_keeper = -1;
    server->status_for_keeper = -1;
    for (size_t i = 0; i < SERVE_LISTENERS; i++)
        server->listeners[i] = -1;
    for (size_t i = 0; i < READERS_MAX; i++)
        server->readers[i].handle = -1;
    return server;
}

bool serve_run(const struct serve_plan *plan, struct failure *why)
{
    SCOPED_STRUCT(server) *server = server_new(plan);

    if (server == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    log_open("parent", LOG_LEVEL_INFO);
    return open_server(server, why) && serve(server, why);
}
