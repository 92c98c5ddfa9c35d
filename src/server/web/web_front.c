#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "server/front_protocol.h"
#include "server/web/web.h"

#define CERTIFY_MAX (64 * 1024)
/* The longest answer, its head, and what may stand before it. */
#define FRONT_BATCH_MAX (FRONT_ANSWER_MAX + 128 * 1024)

static const struct channel_rule front_rules[] = {
    {FRONT_REQUEST, "request", FRONT_REQUEST_MAX, 1, 0},
    {FRONT_CERTIFY, "certify", CERTIFY_MAX, 1, 0},
    {0},
};

struct front_link {
    struct channel *channel;
    enum listener listener;
    atomic_uint holders;
    atomic_size_t bytes; /* of requests under way */
    atomic_bool is_broken;

    pthread_t sender;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t filled, emptied;
    struct visits answered; /* to be sent */
    bool is_sending, ends, is_gone;
};

/* --- sending ------------------------------------------------------------- */

/* All that is answered; none: it is to end, and nothing is left. */
static void take_answered(struct front_link *front, struct visits *answered)
{
    (void)pthread_mutex_lock(&front->lock);
    front->is_sending = false;
    if (front->answered.count == 0)
        (void)pthread_cond_signal(&front->emptied);
    while (front->answered.count == 0 && !front->ends)
        (void)pthread_cond_wait(&front->filled, &front->lock);
    visits_move(answered, &front->answered);
    front->is_sending = answered->count > 0;
    (void)pthread_mutex_unlock(&front->lock);
}

static bool write_frame(
    const struct visit *visit, struct buffer *message, struct failure *why)
{
    if (visit->answers_with != FRONT_ANSWER)
        return buffer_append(message, buffer_view(&visit->reply), why);
    return visit_write_answer(visit, message, why);
}

/* Who does not read, or has gone, is of no more use: the loop sees it by the
 * socket's end. */
static void give_up(struct front_link *front)
{
    (void)pthread_mutex_lock(&front->lock);
    front->is_gone = true;
    (void)pthread_mutex_unlock(&front->lock);
    (void)shutdown(channel_descriptor(front->channel), SHUT_RDWR);
}

static bool is_gone(struct front_link *front)
{
    bool gone;

    (void)pthread_mutex_lock(&front->lock);
    gone = front->is_gone;
    (void)pthread_mutex_unlock(&front->lock);
    return gone;
}

/* Answers that go with one call; a longer one goes alone. */
#define BATCH_BYTES ((size_t)64 * 1024)

struct batch {
    struct front_link *front;
    struct buffer frames;
    unsigned count;
};

static void send_batch(struct batch *batch)
{
    struct failure why = {0};

    if (batch->count > 0 && !is_gone(batch->front) &&
        !channel_send_answers(batch->front->channel,
            buffer_view(&batch->frames), batch->count, &why))
        give_up(batch->front);
    batch->count = 0;
    buffer_clear(&batch->frames);
    if (batch->frames.capacity > 4 * BATCH_BYTES)
        buffer_free(&batch->frames);
}

static bool add_frame(
    struct batch *batch, const struct visit *visit, struct failure *why)
{
    size_t start = batch->frames.length;

    if (channel_answer_begin(&batch->frames, &start, why) &&
        write_frame(visit, &batch->frames, why) &&
        channel_answer_end(
            &batch->frames, start, visit->answers_with, visit->id, why)) {
        batch->count++;
        return true;
    }
    batch->frames.length = start;
    return false;
}

/* An answer that can't be written is answered all the same. */
static void send_visit(struct batch *batch, struct visit *visit)
{
    struct failure why = {0};

    if (batch->frames.length > 0 &&
        batch->frames.length + visit->exchange.answer.length > BATCH_BYTES)
        send_batch(batch);
    if (!add_frame(batch, visit, &why)) {
        visit_refuse(visit, &why);
        if (!add_frame(batch, visit, &why))
            give_up(batch->front);
    }
    if (visit->ends_front) {
        send_batch(batch);
        give_up(batch->front);
    }
}

static void *sender_main(void *context)
{
    struct front_link *front = context;
    struct batch batch = {
        .front = front, .frames = BUFFER("answers", FRONT_BATCH_MAX)};
    struct visits answered;
    struct visit *visit;

    visits_begin(&answered);
    for (take_answered(front, &answered); answered.count > 0;
         take_answered(front, &answered)) {
        while ((visit = visits_take(&answered)) != NULL) {
            if (!is_gone(front))
                send_visit(&batch, visit);
            visit_free(visit);
        }
        send_batch(&batch);
    }
    buffer_free(&batch.frames);
    return NULL;
}

void front_link_send_all(struct front_link *front, struct visits *visits)
{
    struct visit *visit;

    (void)pthread_mutex_lock(&front->lock);
    if (!front->is_gone && !front->ends) {
        visits_move(&front->answered, visits);
        /* Not later: with the visits the front may be gone, which they hold. */
        (void)pthread_cond_signal(&front->filled);
    }
    (void)pthread_mutex_unlock(&front->lock);
    while ((visit = visits_take(visits)) != NULL)
        visit_free(visit);
}

void front_link_send(struct front_link *front, struct visit *visit)
{
    struct visits one;

    visits_begin(&one);
    visits_add(&one, visit);
    front_link_send_all(front, &one);
}

static void wait_until_sent(struct front_link *front, int64_t until_ms)
{
    while (!front->is_gone &&
           (front->answered.count > 0 || front->is_sending) &&
           condition_wait_until(&front->emptied, &front->lock, until_ms))
        ;
}

void front_link_end(struct front_link *front, int64_t until_ms)
{
    (void)pthread_mutex_lock(&front->lock);
    if (until_ms != 0)
        wait_until_sent(front, until_ms);
    front->ends = true;
    (void)pthread_mutex_unlock(&front->lock);
    give_up(front);
    (void)pthread_cond_signal(&front->filled);
    (void)pthread_join(front->sender, NULL);
}

/* --- its life ------------------------------------------------------------ */

static bool start(int socket, struct front_link *front, struct failure *why)
{
    SCOPED_STRUCT(channel) *channel = NULL;

    if (!channel_new(socket, front_rules, FRONT_CREDIT, &channel, why) ||
        !channel_read_ahead(channel, why))
        return false;
    front->channel = channel;
    if (pthread_create(&front->sender, NULL, sender_main, front) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper can't start a thread");
    front->channel = KEEP(channel, &channel);
    return true;
}

bool front_link_new(int socket, enum listener listener,
    struct front_link **front, struct failure *why)
{
    SCOPED_DESCRIPTOR int held = socket;
    struct front_link *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->listener = listener;
    visits_begin(&made->answered);
    atomic_init(&made->holders, 1);
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->filled, NULL);
    condition_begin(&made->emptied);
    if (!start(descriptor_keep(&held), made, why)) {
        free(made);
        return false;
    }
    *front = made;
    return true;
}

void front_link_hold(struct front_link *front)
{
    (void)atomic_fetch_add(&front->holders, 1);
}

void front_link_release(struct front_link *front)
{
    if (front == NULL || atomic_fetch_sub(&front->holders, 1) > 1)
        return;
    channel_free(front->channel);
    (void)pthread_cond_destroy(&front->emptied);
    (void)pthread_cond_destroy(&front->filled);
    (void)pthread_mutex_destroy(&front->lock);
    free(front);
}

enum listener front_link_listener(const struct front_link *front)
{
    return front->listener;
}

/* --- taking -------------------------------------------------------------- */

/* Of one whose word was broken only the end is waited for. */
void front_link_poll(const struct front_link *front, struct pollfd *polled)
{
    *polled = (struct pollfd){.fd = channel_descriptor(front->channel),
        .events = front_link_is_broken(front) ? 0 : POLLIN};
}

bool front_link_holds(const struct front_link *front)
{
    return !front_link_is_broken(front) && channel_holds_frame(front->channel);
}

bool front_link_is_broken(const struct front_link *front)
{
    return atomic_load(&front->is_broken);
}

void front_link_break(struct front_link *front, const struct failure *why)
{
    if (!atomic_exchange(&front->is_broken, true))
        log_event(LOG_LEVEL_ERROR, "front-breach", "listener",
            listener_name(front->listener), "why", why->reason, NULL);
}

void front_link_discount(struct front_link *front, size_t bytes)
{
    (void)atomic_fetch_sub(&front->bytes, bytes);
}

static bool has_room(const struct front_link *front, size_t more)
{
    return atomic_load(&front->bytes) + more <= FRONT_BYTES_MAX;
}

/* It came, and there is no room for it: answered without being read. */
static bool turn_away(struct front_link *front, struct keeper *keeper,
    const struct frame *frame, struct failure *why)
{
    struct visit *visit = NULL;
    struct failure busy = {0};

    if (!visit_new(keeper, front, frame->id, (struct bytes){0}, &visit, why))
        return false;
    visit->certifies = frame->type == FRONT_CERTIFY;
    (void)fail_because(&busy, FAILURE_UNAVAILABLE,
        "more than %d MiB of requests are waiting already; try again later",
        FRONT_BYTES_MAX / (1024 * 1024));
    visit_settle(visit, false, &busy);
    return true;
}

static bool take_in(struct front_link *front, struct keeper *keeper,
    const struct frame *frame, struct visit **visit, struct failure *why)
{
    if (!has_room(front, frame->body.length))
        return turn_away(front, keeper, frame, why);
    if (!visit_new(keeper, front, frame->id, frame->body, visit, why))
        return false;
    (*visit)->certifies = frame->type == FRONT_CERTIFY;
    (*visit)->counted = frame->body.length;
    if (frame->time_left_ms != 0)
        (*visit)->deadline_ms = clock_monotonic_ms() + frame->time_left_ms;
    (void)atomic_fetch_add(&front->bytes, frame->body.length);
    return true;
}

/* What makes no visit ends nothing either: a front that was taken over could
 * send that without end. */
#define FRAMES_WITHOUT_VISIT_MAX 64

bool front_link_take(
    struct front_link *front, struct keeper *keeper, struct visit **visit)
{
    struct failure why = {0};
    struct frame frame = {0};

    *visit = NULL;
    for (int i = 0; *visit == NULL; i++) {
        if (front_link_is_broken(front))
            return !is_gone(front);
        if (i == FRAMES_WITHOUT_VISIT_MAX)
            return true;
        if (!channel_receive(front->channel, 0, &frame, &why))
            break;
        /* Who has gone is answered all the same; the front drops it. */
        if (frame.type != CHANNEL_CANCEL &&
            !take_in(front, keeper, &frame, visit, &why))
            break;
    }
    if (*visit != NULL || why.kind == FAILURE_UNAVAILABLE)
        return true;
    if (why.kind != FAILURE_NOT_FOUND)
        front_link_break(front, &why);
    return false;
}
