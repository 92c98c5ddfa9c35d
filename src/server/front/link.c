#include "server/front/link.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"
#include "server/front_protocol.h"

/* Frames taken at one turn of the loop, so that answers don't starve it. */
#define FRAMES_AT_ONCE 64

/* Of an id, the low bits are the place, the others count. */
struct question {
    uint64_t id; /* 0: free */
    void *asker; /* NULL: cancelled */
    link_finish *finish;
};

struct link {
    struct event_base *loop;
    struct channel *channel; /* NULL: no keeper */
    struct event *readable, *writable;
    uint64_t count;
    size_t next_free;
    struct question questions[FRONT_CREDIT];
};

static const struct channel_rule keeper_rules[] = {
    {FRONT_ANSWER, "answer", FRONT_ANSWER_MAX, 1, 0},
    {FRONT_CERTIFIED, "certified", FRONT_ANSWER_MAX, 1, 0},
    {FRONT_REFUSED, "refused", 4096, 1, 0},
    {0},
};

bool link_new(struct event_base *loop, struct link **link, struct failure *why)
{
    struct link *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for a link to the keeper");
    made->loop = loop;
    *link = made;
    return true;
}

static void disconnect(struct link *link)
{
    if (link->readable != NULL)
        event_free(link->readable);
    if (link->writable != NULL)
        event_free(link->writable);
    link->readable = NULL;
    link->writable = NULL;
    channel_free(link->channel);
    link->channel = NULL;
}

void link_free(struct link *link)
{
    if (link == NULL)
        return;
    disconnect(link);
    free(link);
}

bool link_is_connected(const struct link *link)
{
    return link->channel != NULL;
}

/* A finish may ask again: that fails, since the channel is gone already. */
static void lose(struct link *link)
{
    disconnect(link);
    for (size_t i = 0; i < FRONT_CREDIT; i++) {
        struct question lost = link->questions[i];

        link->questions[i] = (struct question){0};
        if (lost.id != 0 && lost.asker != NULL)
            lost.finish(lost.asker, NULL);
    }
}

/* --- what comes ----------------------------------------------------------- */

static void answer(struct link *link, const struct frame *frame)
{
    struct question *place = &link->questions[frame->id % FRONT_CREDIT];
    struct question answered = *place;

    if (answered.id == 0 || answered.id != frame->id) {
        log_event(LOG_LEVEL_WARNING, "answer-without-question", NULL);
        return;
    }
    *place = (struct question){0};
    if (answered.asker != NULL)
        answered.finish(answered.asker, frame);
}

/* Several threads of the keeper write to the channel: nothing here may trust
 * that one answer is all that has come. */
static void take_frames(evutil_socket_t socket, short what, void *state)
{
    struct link *link = state;

    (void)socket;
    (void)what;
    for (size_t i = 0; i < FRAMES_AT_ONCE && link->channel != NULL; i++) {
        struct failure why = {0};
        struct frame frame = {0};

        if (channel_receive(link->channel, 0, &frame, &why)) {
            answer(link, &frame);
            continue;
        }
        if (why.kind != FAILURE_UNAVAILABLE) {
            log_event(
                LOG_LEVEL_WARNING, "keeper-gone", "why", why.reason, NULL);
            lose(link);
        }
        return;
    }
    /* What was taken from the socket already, no event tells of. */
    if (link->channel != NULL && channel_holds_frame(link->channel))
        event_active(link->readable, EV_READ, 0);
}

static void send_waiting(evutil_socket_t socket, short what, void *state)
{
    struct link *link = state;
    struct failure why = {0};
    bool is_empty = false;

    (void)socket;
    (void)what;
    if (!channel_flush(link->channel, &is_empty, &why)) {
        log_event(LOG_LEVEL_WARNING, "keeper-gone", "why", why.reason, NULL);
        lose(link);
    } else if (!is_empty) {
        (void)event_add(link->writable, NULL);
    }
}

bool link_connect(struct link *link, int socket, struct failure *why)
{
    lose(link);
    if (!channel_new(socket, keeper_rules, 0, &link->channel, why))
        return false;
    if (!channel_read_ahead(link->channel, why)) {
        disconnect(link);
        return false;
    }
    link->readable = event_new(link->loop, channel_descriptor(link->channel),
        EV_READ | EV_PERSIST, take_frames, link);
    link->writable = event_new(link->loop, channel_descriptor(link->channel),
        EV_WRITE, send_waiting, link);
    if (link->readable == NULL || link->writable == NULL ||
        event_add(link->readable, NULL) != 0) {
        disconnect(link);
        return fail_because(why, FAILURE_INTERNAL,
            "the loop takes no event for the channel to the keeper");
    }
    return true;
}

/* --- what goes ------------------------------------------------------------ */

static struct question *free_place(struct link *link)
{
    for (size_t i = 0; i < FRONT_CREDIT; i++) {
        const size_t place = (link->next_free + i) % FRONT_CREDIT;

        if (link->questions[place].id == 0) {
            link->next_free = (place + 1) % FRONT_CREDIT;
            return &link->questions[place];
        }
    }
    return NULL;
}

static bool queue(struct link *link, uint16_t type, uint64_t id,
    struct bytes body, uint32_t time_left_ms, struct failure *why)
{
    bool is_empty = false;

    if (!channel_queue(link->channel, type, id, body, time_left_ms, why) ||
        !channel_flush(link->channel, &is_empty, why))
        return false;
    if (!is_empty && event_add(link->writable, NULL) != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the loop takes no event for the channel to the keeper");
    return true;
}

bool link_ask(struct link *link, uint16_t type, struct bytes body,
    uint32_t time_left_ms, void *asker, link_finish *finish, uint64_t *id,
    struct failure *why)
{
    struct question *place;
    uint64_t number;

    if (link->channel == NULL)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the authority is not running at the moment");
    place = free_place(link);
    if (place == NULL)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%d requests are under way, as many as may be", FRONT_CREDIT);
    number = ++link->count * FRONT_CREDIT + (uint64_t)(place - link->questions);
    if (!queue(link, type, number, body, time_left_ms, why))
        return false;
    *place = (struct question){.id = number, .asker = asker, .finish = finish};
    *id = number;
    return true;
}

void link_cancel(struct link *link, uint64_t id)
{
    struct question *place = &link->questions[id % FRONT_CREDIT];
    struct failure why = {0};

    if (place->id != id || id == 0)
        return;
    place->asker = NULL;
    if (link->channel != NULL &&
        !queue(link, CHANNEL_CANCEL, id, (struct bytes){0}, 0, &why))
        log_event(LOG_LEVEL_DEBUG, "cancel-not-sent", "why", why.reason, NULL);
}
