#include "server/front/front.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "authority/status_table.h"
#include "base/channel.h"
#include "base/file.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "server/front/accept.h"
#include "server/front/answerers.h"
#include "server/front/connection.h"
#include "server/front/files.h"
#include "server/front/front_start.h"
#include "server/front/tls.h"
#include "server/front_protocol.h"

#define PARENT_DESCRIPTOR 3
#define START_WAIT_MS 30000
/* The parent's own states of its channel to a front. */
#define BEFORE_START 1u
#define STARTED 2u

static const struct channel_rule parent_rules[] = {
    {FRONT_START, "start", FRONT_START_MAX, BEFORE_START, 2},
    {FRONT_KEEPER, "keeper", 0, STARTED, 1},
    {FRONT_STOP, "stop", 0, BEFORE_START | STARTED, 0},
    {FRONT_RELOAD, "reload", FRONT_START_MAX, STARTED, 0},
    {0},
};

struct role {
    struct channel *parent;
    struct front *front;
    struct event *from_parent;
    int keeper; /* the first channel to it, until it is connected; -1 */
    bool failed;
};

/* --- opening what it needs -------------------------------------------------
 */

/* As many descriptors as the machine lets it have, for as many connections. */
static void raise_limit(struct front *front)
{
    struct rlimit files = {0};

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (front->limits.in_all + FRONT_OTHER_DESCRIPTORS > files.rlim_cur &&
        files.rlim_cur > 2 * FRONT_OTHER_DESCRIPTORS)
        front->limits.in_all = (size_t)files.rlim_cur - FRONT_OTHER_DESCRIPTORS;
}

static void list_names(
    const struct front_start *start, const char *names[static FRONT_NAMES_MAX])
{
    for (size_t i = 0; i < start->name_count; i++)
        names[i] = start->names[i];
}

static bool open_tls(
    struct front *front, const struct front_start *start, struct failure *why)
{
    const char *names[FRONT_NAMES_MAX];
    const struct tls_wish wish = {.directory = start->directory,
        .listener = start->listener,
        .names = names,
        .name_count = start->name_count};

    if (start->listener == LISTENER_PLAIN)
        return true;
    list_names(start, names);
    return tls_listener_new(&wish, &front->tls, why);
}

/* The keeper writes its tables there, perhaps for the first time after this
 * front has started. */
static bool open_statuses(
    struct front *front, const char *directory, struct failure *why)
{
    char folder[PATH_ROOM];

    return path_join(folder, directory, "publish/ocsp", why) &&
           folder_make_missing(folder, 0755, why) &&
           status_map_open(folder, &front->statuses, why);
}

static bool open_front(
    struct role *role, const struct front_start *start, struct failure *why)
{
    struct front *front;

    if (!front_new(&front_limits, &role->front, why))
        return false;
    front = role->front;
    front->listener = start->listener;
    front->route_of = route_of;
    front->answerers[ROUTE_FILE] = answer_file;
    front->answerers[ROUTE_OCSP] = answer_status;
    front->answerers[ROUTE_VIEW] = answer_view;
    front->answerers[ROUTE_FRONT] = answer_constant;
    front->answerers[ROUTE_KEEPER] = connection_ask_keeper;
    front->parent = role->parent;
    front->limits.per_address = start->per_address;
    raise_limit(front);
    return files_open(start->directory, &front->files, why) &&
           open_statuses(front, start->directory, why) &&
           open_tls(front, start, why);
}

/* --- locking in ------------------------------------------------------------
 */

static bool lock_in(const struct front_start *start, struct failure *why)
{
    char publish[PATH_ROOM], tls[PATH_ROOM];
    const char *readable[] = {publish, NULL};
    const char *writable[] = {tls, NULL};
    const struct sandbox sandbox = {.role = SANDBOX_FRONT,
        .readable = readable,
        .writable = start->listener == LISTENER_PLAIN ? NULL : writable};
    char degraded[120] = "";

    if (!path_join(publish, start->directory, "publish", why) ||
        !tls_folder(start->directory, start->listener, tls, why) ||
        !sandbox_enter(&sandbox, degraded, why))
        return false;
    if (degraded[0] != '\0')
        log_event(
            LOG_LEVEL_DEBUG, "sandbox-degraded", "missing", degraded, NULL);
    return true;
}

/* --- what the parent says --------------------------------------------------
 */

static bool take_start(
    struct role *role, struct frame *frame, int *listening, struct failure *why)
{
    SCOPED_STRUCT(front_start) *start = NULL;

    if (frame->descriptor_count == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a front was given no socket to listen with");
    *listening = descriptor_keep(&frame->descriptors[0]);
    if (frame->descriptor_count > 1)
        role->keeper = descriptor_keep(&frame->descriptors[1]);
    return front_start_read(frame->body, &start, why) &&
           open_front(role, start, why) && lock_in(start, why);
}

static bool reload(struct role *role, struct bytes body, struct failure *why)
{
    SCOPED_STRUCT(front_start) *start = NULL;
    const char *names[FRONT_NAMES_MAX];
    struct front *front = role->front;

    if (!front_start_read(body, &start, why))
        return false;
    front->limits.per_address = start->per_address;
    if (front->tls == NULL)
        return true;
    list_names(start, names);
    return tls_listener_rename(front->tls, names, start->name_count, why);
}

static bool take_message(
    struct role *role, struct frame *frame, struct failure *why)
{
    switch (frame->type) {
    case FRONT_KEEPER:
        return frame->descriptor_count == 1 &&
               link_connect(role->front->link,
                   descriptor_keep(&frame->descriptors[0]), why);
    case FRONT_RELOAD:
        return reload(role, frame->body, why);
    default:
        front_stop(role->front);
        return true;
    }
}

/* A parent that has gone takes its fronts along. */
static void on_parent(evutil_socket_t socket, short what, void *state)
{
    struct role *role = state;
    struct failure why = {0};
    struct frame frame = {0};

    (void)socket;
    (void)what;
    if (!channel_receive(role->parent, 0, &frame, &why)) {
        if (why.kind == FAILURE_UNAVAILABLE)
            return;
        role->failed = why.kind != FAILURE_NOT_FOUND;
        (void)event_base_loopbreak(role->front->loop);
        return;
    }
    if (!take_message(role, &frame, &why))
        log_event(LOG_LEVEL_ERROR, "message-failed", "why", why.reason, NULL);
    frame_close_descriptors(&frame);
}

/* --- its life --------------------------------------------------------------
 */

static bool run(struct role *role, int listening, struct failure *why)
{
    struct front *front = role->front;
    SCOPED_DESCRIPTOR int socket = listening;

    role->from_parent = event_new(
        front->loop, PARENT_DESCRIPTOR, EV_READ | EV_PERSIST, on_parent, role);
    if (role->from_parent == NULL || event_add(role->from_parent, NULL) != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the loop takes no event for the parent's channel");
    if ((role->keeper >= 0 &&
            !link_connect(front->link, descriptor_keep(&role->keeper), why)) ||
        !front_listen(front, descriptor_keep(&socket), why))
        return false;
    log_hold();
    (void)event_base_dispatch(front->loop);
    log_flush();
    return !role->failed || fail_because(why, FAILURE_MALFORMED,
                                "the parent's channel was broken");
}

static bool start(struct role *role, struct failure *why)
{
    SCOPED_DESCRIPTOR int listening = -1;
    struct failure refusal = {0};
    struct frame frame = {0};
    bool started;

    if (!channel_receive(role->parent, START_WAIT_MS, &frame, why))
        return false;
    if (frame.type == FRONT_STOP)
        return true;
    started = take_start(role, &frame, &listening, &refusal);
    frame_close_descriptors(&frame);
    if (!started) {
        RELEASED(buffer) message = BUFFER("a refusal", 4096);

        *why = refusal;
        if (refusal_write(&message, why, &refusal))
            (void)!channel_send(role->parent, FRONT_FAILED, frame.id,
                buffer_view(&message), NULL, 0, 0, &refusal);
        return false;
    }
    channel_enter(role->parent, STARTED);
    return channel_send(role->parent, FRONT_READY, frame.id, (struct bytes){0},
               NULL, 0, 0, why) &&
           run(role, descriptor_keep(&listening), why);
}

static void role_free(struct role *role)
{
    if (role->from_parent != NULL)
        event_free(role->from_parent);
    front_free(role->front);
    descriptor_close(&role->keeper);
    channel_free(role->parent);
}

int front_main(void)
{
    RELEASED(role) role = {.keeper = -1};
    struct failure why = {0};

    log_open("front", LOG_LEVEL_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!sandbox_keep_private(&why) ||
        !channel_new(PARENT_DESCRIPTOR, parent_rules, 0, &role.parent, &why) ||
        !start(&role, &why)) {
        log_event(LOG_LEVEL_ERROR, "failed", "why", why.reason, NULL);
        return 9;
    }
    return 0;
}
