#include "base/channel.h"

#include <errno.h>

#include "base/channel_parts.h"

/* How much a channel keeps for an other end that does not read. */
#define QUEUE_BYTES_MAX (16 * 1024 * 1024)
/* Room that stays when nothing waits. */
#define QUEUE_BYTES_KEPT ((size_t)64 * 1024)

static bool fail_as_full(struct failure *why)
{
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the other end of the channel does not read; %d bytes wait for it",
        QUEUE_BYTES_MAX);
}

static struct bytes unsent(const struct channel *channel)
{
    return (struct bytes){.start = channel->queue.start + channel->queue_sent,
        .length = channel->queue.length - channel->queue_sent};
}

static bool send_queue(struct channel *channel, struct failure *why)
{
    while (channel->queue_sent < channel->queue.length) {
        struct bytes rest = unsent(channel);
        ssize_t sent = send(channel->socket, rest.start, rest.length,
            MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent > 0)
            channel->queue_sent += (size_t)sent;
        else if (sent < 0 && errno == EAGAIN)
            return true;
        else if (sent < 0 && errno != EINTR)
            return channel_fail_to_send(errno, why);
    }
    channel->queue_sent = 0;
    buffer_clear(&channel->queue);
    if (channel->queue.capacity > QUEUE_BYTES_KEPT)
        buffer_free(&channel->queue);
    return true;
}

/* What was sent is given back when it is more than what waits. */
static bool make_room(struct channel *channel, size_t more, struct failure *why)
{
    struct bytes rest = unsent(channel);

    channel->queue.ceiling = QUEUE_BYTES_MAX;
    channel->queue.name = "the queue of a channel";
    if (rest.length + more > QUEUE_BYTES_MAX)
        return fail_as_full(why);
    if (channel->queue_sent >= rest.length && channel->queue_sent > 0) {
        for (size_t i = 0; i < rest.length; i++)
            channel->queue.start[i] = rest.start[i];
        channel->queue.length = rest.length;
        channel->queue_sent = 0;
    }
    return buffer_reserve(&channel->queue, more, why);
}

static bool queue_frame(struct channel *channel,
    const uint8_t head[static FRAME_HEAD_BYTES], struct bytes body,
    struct failure *why)
{
    const struct bytes head_bytes = {.start = head, .length = FRAME_HEAD_BYTES};

    if (channel->torn || atomic_load(&channel->breached))
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the channel was given up after an earlier failure");
    if (!make_room(channel, FRAME_HEAD_BYTES + body.length, why) ||
        !buffer_append(&channel->queue, head_bytes, why) ||
        !buffer_append(&channel->queue, body, why))
        return false;
    if (send_queue(channel, why))
        return true;
    channel->torn = true;
    return false;
}

bool channel_queue(struct channel *channel, uint16_t type, uint64_t id,
    struct bytes body, uint32_t time_left_ms, struct failure *why)
{
    struct frame_head head = {
        .type = type, .id = id, .time_left_ms = time_left_ms};
    uint8_t head_bytes[FRAME_HEAD_BYTES];
    bool queued;

    if (body.length > QUEUE_BYTES_MAX - FRAME_HEAD_BYTES)
        return fail_because(why, FAILURE_INTERNAL,
            "a body of %zu bytes is longer than a channel's queue",
            body.length);
    head.length = (uint32_t)body.length;
    channel_write_head(&head, head_bytes);
    (void)pthread_mutex_lock(&channel->sending);
    queued = queue_frame(channel, head_bytes, body, why);
    (void)pthread_mutex_unlock(&channel->sending);
    return queued;
}

bool channel_flush(struct channel *channel, bool *is_empty, struct failure *why)
{
    bool sent;

    (void)pthread_mutex_lock(&channel->sending);
    sent = send_queue(channel, why);
    if (sent)
        *is_empty = channel->queue.length == 0;
    else
        channel->torn = true;
    (void)pthread_mutex_unlock(&channel->sending);
    return sent;
}
