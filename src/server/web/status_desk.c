#include "server/web/status_desk.h"

#include <pthread.h>
#include <stdlib.h>

#include "authority/status_answer.h"
#include "base/clock.h"
#include "server/keeper_state.h"
#include "server/web/web.h"

struct status_desk {
    struct store *reading;
    struct status_room *room;
    struct status_asked asked[STATUS_GROUP_MAX];
    struct visit *group[STATUS_GROUP_MAX];

    pthread_t thread;
    bool is_running;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t filled;
    struct visits received, asking;
    bool is_closed;
};

/* --- the queues ---------------------------------------------------------- */

void status_desk_receive(struct status_desk *desk, struct visits *visits)
{
    if (visits->count == 0)
        return;
    (void)pthread_mutex_lock(&desk->lock);
    visits_move(&desk->received, visits);
    (void)pthread_mutex_unlock(&desk->lock);
    (void)pthread_cond_signal(&desk->filled);
}

void status_desk_ask(struct status_desk *desk, struct visit *visit)
{
    (void)pthread_mutex_lock(&desk->lock);
    visits_add(&desk->asking, visit);
    (void)pthread_mutex_unlock(&desk->lock);
    (void)pthread_cond_signal(&desk->filled);
}

/* False: closed and empty. */
static bool wait_for_visits(struct status_desk *desk, struct visits *received)
{
    bool has_some;

    (void)pthread_mutex_lock(&desk->lock);
    while (desk->received.count + desk->asking.count == 0 && !desk->is_closed)
        (void)pthread_cond_wait(&desk->filled, &desk->lock);
    has_some = desk->received.count + desk->asking.count > 0;
    visits_move(received, &desk->received);
    (void)pthread_mutex_unlock(&desk->lock);
    return has_some;
}

static size_t take_group(struct status_desk *desk)
{
    size_t count = 0;

    (void)pthread_mutex_lock(&desk->lock);
    while (count < STATUS_GROUP_MAX &&
           (desk->group[count] = visits_take(&desk->asking)) != NULL)
        count++;
    (void)pthread_mutex_unlock(&desk->lock);
    return count;
}

/* --- a group ------------------------------------------------------------- */

/* What goes to one front goes at once. */
static void send_to_front(
    struct visits *answered, struct front_link *front, struct visits *others)
{
    struct visits same;
    struct visit *visit;

    visits_begin(&same);
    while ((visit = visits_take(answered)) != NULL)
        visits_add(visit->front == front ? &same : others, visit);
    front_link_send_all(front, &same);
}

static void send_all(struct visits *answered)
{
    while (answered->first != NULL) {
        struct visits others;

        visits_begin(&others);
        send_to_front(answered, answered->first->front, &others);
        visits_move(answered, &others);
    }
}

static void answer_group(struct status_desk *desk, size_t count)
{
    struct ocsp_signer *signer = desk->group[0]->exchange.authority->ocsp;
    struct visits answered;

    visits_begin(&answered);
    for (size_t i = 0; i < count; i++)
        desk->asked[i].question = desk->group[i]->status;
    status_answer(
        desk->room, signer, desk->reading, desk->asked, count, clock_now());
    for (size_t i = 0; i < count; i++) {
        if (visit_has_status(
                desk->group[i], desk->asked[i].answer, &desk->asked[i].why))
            visits_add(&answered, desk->group[i]);
    }
    send_all(&answered);
}

static void *desk_main(void *context)
{
    struct status_desk *desk = context;
    struct visits received;
    struct visit *visit;
    size_t count;

    visits_begin(&received);
    while (wait_for_visits(desk, &received)) {
        while ((visit = visits_take(&received)) != NULL)
            visit_receive(visit, desk->reading, NULL);
        while ((count = take_group(desk)) > 0)
            answer_group(desk, count);
    }
    return NULL;
}

/* --- its life ------------------------------------------------------------ */

bool status_desk_new(
    const char *store_path, struct status_desk **desk, struct failure *why)
{
    SCOPED_STRUCT(status_desk) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    visits_begin(&made->received);
    visits_begin(&made->asking);
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->filled, NULL);
    if (!store_open(store_path, STORE_READ, &made->reading, why) ||
        !status_room_new(STATUS_GROUP_MAX, &made->room, why))
        return false;
    *desk = KEEP(status_desk, &made);
    return true;
}

bool status_desk_start(struct status_desk *desk, struct failure *why)
{
    if (desk->is_running)
        return true;
    if (pthread_create(&desk->thread, NULL, desk_main, desk) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper can't start a thread");
    desk->is_running = true;
    return true;
}

void status_desk_close(struct status_desk *desk)
{
    if (!desk->is_running)
        return;
    (void)pthread_mutex_lock(&desk->lock);
    desk->is_closed = true;
    (void)pthread_cond_signal(&desk->filled);
    (void)pthread_mutex_unlock(&desk->lock);
    (void)pthread_join(desk->thread, NULL);
    desk->is_running = false;
}

void status_desk_free(struct status_desk *desk)
{
    if (desk == NULL)
        return;
    status_room_free(desk->room);
    store_close(desk->reading);
    (void)pthread_cond_destroy(&desk->filled);
    (void)pthread_mutex_destroy(&desk->lock);
    free(desk);
}
