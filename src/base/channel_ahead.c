#include "base/channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/channel_parts.h"

bool channel_read_ahead(struct channel *channel, struct failure *why)
{
    channel->ahead = malloc(CHANNEL_AHEAD_BYTES);
    return channel->ahead != NULL ||
           fail_because(why, FAILURE_INTERNAL, "no memory for a channel");
}

static size_t held(const struct channel *channel)
{
    return channel->ahead_end - channel->ahead_start;
}

/* The head is read again when its turn comes; a head that is none is found
 * then. */
bool channel_holds_frame(const struct channel *channel)
{
    const struct bytes bytes = {.start = channel->ahead + channel->ahead_start,
        .length = FRAME_HEAD_BYTES};
    struct frame_head head = {0};
    struct failure malformed = {0};

    if (channel->received != 0 || held(channel) < FRAME_HEAD_BYTES)
        return false;
    return !frame_head_read(bytes, &head, &malformed) ||
           held(channel) - FRAME_HEAD_BYTES >= head.length;
}

/* A socket that gave less than there was room for has no more; whoever polls it
 * is told of what comes later. */
static enum progress fill(struct channel *channel, struct failure *why)
{
    size_t count = 0;
    enum progress progress;

    if (channel->is_drained) {
        channel->is_drained = false;
        return NOTHING_YET;
    }
    progress = channel_take(
        channel, channel->ahead, CHANNEL_AHEAD_BYTES, false, &count, why);
    if (progress != CAME)
        return progress;
    channel->ahead_start = 0;
    channel->ahead_end = count;
    channel->is_drained = count < CHANNEL_AHEAD_BYTES;
    return CAME;
}

enum progress channel_take_ahead(struct channel *channel, uint8_t *start,
    size_t length, size_t *count, struct failure *why)
{
    if (held(channel) == 0) {
        enum progress progress;

        /* The rest of a long body needs no copy. */
        if (length >= CHANNEL_AHEAD_BYTES)
            return channel_take(channel, start, length, false, count, why);
        progress = fill(channel, why);
        if (progress != CAME)
            return progress;
    }
    *count = length < held(channel) ? length : held(channel);
    memcpy(start, channel->ahead + channel->ahead_start, *count);
    channel->ahead_start += *count;
    return CAME;
}
