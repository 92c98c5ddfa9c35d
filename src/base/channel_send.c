#include "base/channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/channel_parts.h"
#include "base/clock.h"

static void write_number(uint8_t *bytes, size_t width, uint64_t number)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(number >> 8 * (width - 1 - i));
}

void channel_write_head(
    const struct frame_head *head, uint8_t bytes[static FRAME_HEAD_BYTES])
{
    write_number(bytes, 4, head->length);
    write_number(bytes + 4, 2, head->type);
    write_number(bytes + 6, 1, head->descriptor_count);
    write_number(bytes + 7, 1, 0);
    write_number(bytes + 8, 8, head->id);
    write_number(bytes + 16, 4, head->time_left_ms);
}

/* The bytes of a frame that are still to be sent. */
struct outgoing {
    struct iovec parts[2];
    struct descriptor_room control;
    size_t control_length; /* 0 once the descriptors have gone */
};

static void put_descriptors(
    struct outgoing *outgoing, const int *descriptors, size_t count)
{
    struct msghdr message = {.msg_control = &outgoing->control,
        .msg_controllen = sizeof(outgoing->control)};
    struct cmsghdr *control = CMSG_FIRSTHDR(&message);

    if (count == 0)
        return;
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(control), descriptors, count * sizeof(int));
    outgoing->control_length = CMSG_SPACE(count * sizeof(int));
}

static void pass_over_sent(struct outgoing *outgoing, size_t sent)
{
    /* Descriptors travel with the first byte. */
    outgoing->control_length = 0;
    for (size_t i = 0; i < 2; i++) {
        struct iovec *part = &outgoing->parts[i];
        size_t of_part = sent < part->iov_len ? sent : part->iov_len;

        if (of_part > 0)
            part->iov_base = (uint8_t *)part->iov_base + of_part;
        part->iov_len -= of_part;
        sent -= of_part;
    }
}

bool channel_fail_to_send(int error, struct failure *why)
{
    if (error == EPIPE || error == ECONNRESET)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "the other end of the channel has gone");
    return fail_because(why,
        error == EBADF || error == EINVAL ? FAILURE_INTERNAL
                                          : FAILURE_UNAVAILABLE,
        "a frame can't be sent: %s", strerror(error));
}

static bool wait_for_room(
    const struct channel *channel, int64_t deadline_ms, struct failure *why)
{
    struct pollfd waited = {.fd = channel->socket, .events = POLLOUT};
    int ready = poll(&waited, 1, clock_ms_until(deadline_ms));

    if (ready > 0 || (ready < 0 && errno == EINTR))
        return true;
    if (ready < 0)
        return channel_fail_to_send(errno, why);
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the other end of the channel did not read a frame within %d ms",
        channel->send_limit_ms);
}

static bool send_all(const struct channel *channel, struct outgoing *outgoing,
    bool *started, struct failure *why)
{
    int64_t deadline_ms = clock_monotonic_ms() + channel->send_limit_ms;

    while (outgoing->parts[0].iov_len + outgoing->parts[1].iov_len > 0) {
        struct msghdr message = {.msg_iov = outgoing->parts, .msg_iovlen = 2};
        ssize_t sent;

        if (outgoing->control_length > 0) {
            message.msg_control = &outgoing->control;
            message.msg_controllen = outgoing->control_length;
        }
        sent = sendmsg(channel->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            *started = true;
            pass_over_sent(outgoing, (size_t)sent);
        } else if (sent < 0 && errno == EAGAIN) {
            if (!wait_for_room(channel, deadline_ms, why))
                return false;
        } else if (sent < 0 && errno != EINTR) {
            return channel_fail_to_send(errno, why);
        }
    }
    return true;
}

/* A frame that was sent in part leaves the other end in the middle of it: no
 * other frame can follow. */
static bool send_in_turn(
    struct channel *channel, struct outgoing *outgoing, struct failure *why)
{
    bool started = false, sent = false;

    (void)pthread_mutex_lock(&channel->sending);
    if (channel->torn || atomic_load(&channel->breached))
        (void)fail_because(why, FAILURE_UNAVAILABLE,
            "the channel was given up after an earlier failure");
    else if (channel->queue.length > 0)
        (void)fail_because(why, FAILURE_INTERNAL,
            "a frame can't be sent before those that are queued");
    else
        sent = send_all(channel, outgoing, &started, why);
    if (!sent && started)
        channel->torn = true;
    (void)pthread_mutex_unlock(&channel->sending);
    return sent;
}

bool channel_send(struct channel *channel, uint16_t type, uint64_t id,
    struct bytes body, const int *descriptors, size_t descriptor_count,
    uint32_t time_left_ms, struct failure *why)
{
    struct frame_head head = {
        .type = type, .id = id, .time_left_ms = time_left_ms};
    uint8_t head_bytes[FRAME_HEAD_BYTES];
    struct outgoing outgoing = {0};

    if (body.length > UINT32_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a body of %zu bytes is longer than a frame can be (%u bytes)",
            body.length, UINT32_MAX);
    if (descriptor_count > CHANNEL_DESCRIPTORS_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "%zu descriptors are more than a frame can take (%d)",
            descriptor_count, CHANNEL_DESCRIPTORS_MAX);

    head.length = (uint32_t)body.length;
    head.descriptor_count = (uint8_t)descriptor_count;
    channel_write_head(&head, head_bytes);
    outgoing.parts[0] =
        (struct iovec){.iov_base = head_bytes, .iov_len = sizeof(head_bytes)};
    /* iov_base has no const, sendmsg(2) does not write to it all the same. */
    outgoing.parts[1] = (struct iovec){
        .iov_base = (void *)(uintptr_t)body.start, .iov_len = body.length};
    put_descriptors(&outgoing, descriptors, descriptor_count);
    return send_in_turn(channel, &outgoing, why);
}

static void free_credit(struct channel *channel, unsigned int count)
{
    unsigned int unanswered = atomic_load(&channel->unanswered);
    unsigned int left;

    do {
        left = unanswered > count ? unanswered - count : 0;
    } while (
        !atomic_compare_exchange_weak(&channel->unanswered, &unanswered, left));
}

bool channel_answer(struct channel *channel, uint16_t type, uint64_t id,
    struct bytes body, struct failure *why)
{
    /* Before it is sent: once the asker has it, the next question may come at
     * any time. */
    free_credit(channel, 1);
    return channel_send(channel, type, id, body, NULL, 0, 0, why);
}

bool channel_answer_begin(
    struct buffer *answers, size_t *start, struct failure *why)
{
    const uint8_t head[FRAME_HEAD_BYTES] = {0};
    size_t length = answers->length;

    if (!buffer_append(answers, (struct bytes){head, sizeof(head)}, why))
        return false;
    *start = length;
    return true;
}

bool channel_answer_end(struct buffer *answers, size_t start, uint16_t type,
    uint64_t id, struct failure *why)
{
    size_t length = answers->length - start - FRAME_HEAD_BYTES;
    const struct frame_head head = {
        .length = (uint32_t)length, .type = type, .id = id};

    if (length > UINT32_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a body of %zu bytes is longer than a frame can be (%u bytes)",
            length, UINT32_MAX);
    channel_write_head(&head, answers->start + start);
    return true;
}

bool channel_send_answers(struct channel *channel, struct bytes answers,
    unsigned count, struct failure *why)
{
    struct outgoing outgoing = {0};

    free_credit(channel, count);
    /* iov_base has no const, sendmsg(2) does not write to it all the same. */
    outgoing.parts[0] =
        (struct iovec){.iov_base = (void *)(uintptr_t)answers.start,
            .iov_len = answers.length};
    return send_in_turn(channel, &outgoing, why);
}
