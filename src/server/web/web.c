#include "server/web/web.h"

#include <stdlib.h>
#include <unistd.h>

#include "authority/doors.h"
#include "base/clock.h"
#include "server/admin/sessions.h"
#include "server/keeper_state.h"
#include "server/web/status_desk.h"
#include "store/search.h"

struct worker {
    pthread_t thread;
    struct web *web;
    struct store *reading;
    struct search *search; /* NULL: there is no index */
};

struct web {
    struct keeper *keeper;
    struct front_link *fronts[FRONTS_MAX];
    size_t front_count;
    struct worker workers[WEB_WORKERS_MAX];
    size_t worker_count, running;
    struct status_desk *status;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t filled;
    struct visits queues[LISTENER_KINDS];
    unsigned turn; /* the queue that is looked at first the next time */
    bool is_closed;
};

/* --- the queue ----------------------------------------------------------- */

/* Each kind of listener in turn: a crowd at the public one does not keep
 * administrators waiting. */
static struct visit *take_in_turn(struct web *web)
{
    for (unsigned i = 0; i < LISTENER_KINDS; i++) {
        unsigned number = (web->turn + i) % LISTENER_KINDS;
        struct visit *visit = visits_take(&web->queues[number]);

        if (visit == NULL)
            continue;
        web->turn = (number + 1) % LISTENER_KINDS;
        return visit;
    }
    return NULL;
}

/* NULL: closed and empty. */
static struct visit *take(struct web *web)
{
    struct visit *visit;

    (void)pthread_mutex_lock(&web->lock);
    while ((visit = take_in_turn(web)) == NULL && !web->is_closed)
        (void)pthread_cond_wait(&web->filled, &web->lock);
    (void)pthread_mutex_unlock(&web->lock);
    return visit;
}

/* How many wait is bounded by the credit of the fronts. */
static void put(struct web *web, struct visit *visit)
{
    enum listener listener = front_link_listener(visit->front);

    (void)pthread_mutex_lock(&web->lock);
    visits_add(&web->queues[listener], visit);
    (void)pthread_mutex_unlock(&web->lock);
    (void)pthread_cond_signal(&web->filled);
}

/* --- workers ------------------------------------------------------------- */

static void *worker_main(void *context)
{
    struct worker *worker = context;
    struct visit *visit;

    while ((visit = take(worker->web)) != NULL)
        visit_receive(visit, worker->reading, worker->search);
    return NULL;
}

static bool start_workers(struct web *web, struct failure *why)
{
    while (web->running < web->worker_count) {
        struct worker *worker = &web->workers[web->running];

        worker->web = web;
        if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
            return fail_because(
                why, FAILURE_INTERNAL, "the keeper can't start a thread");
        web->running++;
    }
    return true;
}

/* --- its life ------------------------------------------------------------ */

/* However many of them verify passwords or wait to, as many as cores are left.
 */
static size_t workers_wanted(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = (cores < 1 ? 1 : (size_t)cores) + DOOR_PASSWORDS_AT_ONCE +
                    DOOR_PASSWORDS_WAITING;

    return wanted < WEB_WORKERS_MAX ? wanted : WEB_WORKERS_MAX;
}

/* Without the index, rows are walked. */
static bool open_worker(struct worker *worker, const char *store_path,
    const char *search_path, struct failure *why)
{
    struct failure none = {0};

    if (!store_open(store_path, STORE_READ, &worker->reading, why))
        return false;
    if (!search_open(search_path, false, &worker->search, &none))
        worker->search = NULL;
    return true;
}

bool web_open(
    struct keeper *keeper, const char *store_path, struct failure *why)
{
    char search_path[PATH_ROOM];
    struct web *web = calloc(1, sizeof(*web));

    if (web == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    keeper->web = web;
    web->keeper = keeper;
    (void)pthread_mutex_init(&web->lock, NULL);
    (void)pthread_cond_init(&web->filled, NULL);
    if (!path_join(search_path, keeper->directory, "search.db", why) ||
        !doors_new(
            &keeper->authority, clock_monotonic_ms, &keeper->doors, why) ||
        !admin_sessions_new(clock_boot_ms, &keeper->sessions, why))
        return false;
    for (size_t i = 0; i < LISTENER_KINDS; i++)
        visits_begin(&web->queues[i]);
    if (!status_desk_new(store_path, &web->status, why))
        return false;
    for (size_t wanted = workers_wanted(); web->worker_count < wanted;
         web->worker_count++) {
        if (!open_worker(
                &web->workers[web->worker_count], store_path, search_path, why))
            return false;
    }
    return true;
}

bool web_add_front(struct keeper *keeper, int socket, enum listener listener,
    struct failure *why)
{
    SCOPED_DESCRIPTOR int held = socket;
    struct web *web = keeper->web;

    if (web == NULL)
        return fail_because(
            why, FAILURE_CONFLICT, "this keeper was not started to serve");
    if (web->front_count == FRONTS_MAX)
        return fail_because(
            why, FAILURE_UNSUITABLE, "there are %d fronts already", FRONTS_MAX);
    if (!start_workers(web, why) || !status_desk_start(web->status, why) ||
        !front_link_new(descriptor_keep(&held), listener,
            &web->fronts[web->front_count], why))
        return false;
    web->front_count++;
    return true;
}

void web_close(struct web *web)
{
    if (web == NULL)
        return;
    (void)pthread_mutex_lock(&web->lock);
    web->is_closed = true;
    (void)pthread_cond_broadcast(&web->filled);
    (void)pthread_mutex_unlock(&web->lock);
    for (size_t i = 0; i < web->running; i++)
        (void)pthread_join(web->workers[i].thread, NULL);
    web->running = 0;
    if (web->status != NULL)
        status_desk_close(web->status);
}

void web_ask_status(struct web *web, struct visit *visit)
{
    status_desk_ask(web->status, visit);
}

void web_end(struct web *web)
{
    int64_t until_ms = clock_monotonic_ms() + WEB_END_MS;

    if (web == NULL)
        return;
    for (size_t i = 0; i < web->front_count; i++) {
        front_link_end(web->fronts[i], until_ms);
        front_link_release(web->fronts[i]);
    }
    for (size_t i = 0; i < WEB_WORKERS_MAX; i++) {
        search_close(web->workers[i].search);
        store_close(web->workers[i].reading);
    }
    status_desk_free(web->status);
    doors_free(web->keeper->doors);
    admin_sessions_free(web->keeper->sessions);
    (void)pthread_cond_destroy(&web->filled);
    (void)pthread_mutex_destroy(&web->lock);
    free(web);
}

/* --- the loop's ---------------------------------------------------------- */

size_t web_poll(const struct web *web, struct pollfd *polled)
{
    size_t count = web == NULL ? 0 : web->front_count;

    for (size_t i = 0; i < count; i++)
        front_link_poll(web->fronts[i], &polled[i]);
    return count;
}

bool web_holds_frames(const struct web *web)
{
    size_t count = web == NULL ? 0 : web->front_count;

    for (size_t i = 0; i < count; i++) {
        if (front_link_holds(web->fronts[i]))
            return true;
    }
    return false;
}

/* Then it is the others' turn. */
#define FRAMES_AT_ONCE 64

static bool is_about_status(const struct visit *visit)
{
    return !visit->certifies &&
           front_request_is_below(buffer_view(&visit->frame), "/ocsp");
}

static bool take_some(
    struct web *web, struct front_link *front, struct visits *about_status)
{
    struct visit *visit = NULL;

    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        if (!front_link_take(front, web->keeper, &visit))
            return false;
        if (visit == NULL)
            break;
        if (is_about_status(visit))
            visits_add(about_status, visit);
        else
            put(web, visit);
    }
    return true;
}

static bool take_frames(struct web *web, struct front_link *front)
{
    struct visits about_status;
    bool is_there;

    visits_begin(&about_status);
    is_there = take_some(web, front, &about_status);
    status_desk_receive(web->status, &about_status);
    return is_there;
}

void web_take(struct web *web, const struct pollfd *polled)
{
    size_t count = web == NULL ? 0 : web->front_count;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct front_link *front = web->fronts[i];

        if ((polled[i].revents == 0 && !front_link_holds(front)) ||
            take_frames(web, front)) {
            web->fronts[kept++] = front;
            continue;
        }
        front_link_end(front, 0);
        front_link_release(front);
    }
    if (web != NULL)
        web->front_count = kept;
}
