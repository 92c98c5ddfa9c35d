#include "base/channel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel_parts.h"
#include "base/clock.h"
#include "base/reader.h"

/* How long one frame may take to send before the other end counts as gone. */
#define SEND_LIMIT_MS 30000

bool channel_new(int socket, const struct channel_rule *accepts,
    unsigned int credit, struct channel **channel, struct failure *why)
{
    SCOPED_DESCRIPTOR int held = socket;
    struct channel *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "no memory for a channel");
    if (pthread_mutex_init(&made->sending, NULL) != 0) {
        free(made);
        return fail_because(
            why, FAILURE_INTERNAL, "no mutex for a channel can be made");
    }
    made->socket = descriptor_keep(&held);
    made->accepts = accepts;
    made->credit = credit;
    made->send_limit_ms = SEND_LIMIT_MS;
    atomic_init(&made->state, 1);
    *channel = made;
    return true;
}

void channel_free(struct channel *channel)
{
    if (channel == NULL)
        return;
    frame_close_descriptors(&channel->frame);
    descriptor_close(&channel->socket);
    buffer_free(&channel->body);
    buffer_free(&channel->queue);
    free(channel->ahead);
    (void)pthread_mutex_destroy(&channel->sending);
    free(channel);
}

int channel_descriptor(const struct channel *channel)
{
    return channel->socket;
}

void channel_enter(struct channel *channel, unsigned int state)
{
    atomic_store(&channel->state, state);
}

bool channel_pair(int sockets[static 2], struct failure *why)
{
    int made[2] = {-1, -1};

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, made) != 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "no pair of sockets can be made: %s", strerror(errno));
    sockets[0] = made[0];
    sockets[1] = made[1];
    return true;
}

void frame_close_descriptors(struct frame *frame)
{
    for (size_t i = 0; i < frame->descriptor_count; i++)
        descriptor_close(&frame->descriptors[i]);
    frame->descriptor_count = 0;
}

bool frame_head_read(
    struct bytes bytes, struct frame_head *head, struct failure *why)
{
    struct reader reader = reader_of(bytes);
    struct frame_head found = {0};
    uint8_t zero = 0;

    if (!read_u32(&reader, &found.length, why) ||
        !read_u16(&reader, &found.type, why) ||
        !read_u8(&reader, &found.descriptor_count, why) ||
        !read_u8(&reader, &zero, why) || !read_u64(&reader, &found.id, why) ||
        !read_u32(&reader, &found.time_left_ms, why))
        return false;
    if (!reader_at_end(&reader))
        return fail_because(why, FAILURE_MALFORMED,
            "a frame's head has %zu bytes where %d belong", bytes.length,
            FRAME_HEAD_BYTES);
    if (zero != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "byte 7 of a frame's head is 0x%02x, not zero", zero);
    if (found.descriptor_count > CHANNEL_DESCRIPTORS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a frame announces %u descriptors where at most %d may come",
            found.descriptor_count, CHANNEL_DESCRIPTORS_MAX);
    *head = found;
    return true;
}

/* Takes the descriptors that came with some bytes.  Those that no frame may
 * have are closed, and *surplus becomes true. */
static void take_descriptors(
    struct msghdr *message, struct frame *frame, bool *surplus)
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control != NULL;
         control = CMSG_NXTHDR(message, control)) {
        size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (control->cmsg_level != SOL_SOCKET ||
            control->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < count; i++) {
            int came = -1;

            memcpy(&came, CMSG_DATA(control) + i * sizeof(int), sizeof(came));
            if (frame->descriptor_count < CHANNEL_DESCRIPTORS_MAX) {
                frame->descriptors[frame->descriptor_count++] = came;
            } else {
                descriptor_close(&came);
                *surplus = true;
            }
        }
    }
    if ((message->msg_flags & MSG_CTRUNC) != 0)
        *surplus = true;
}

enum progress channel_take(struct channel *channel, uint8_t *start,
    size_t length, bool may_bring, size_t *count, struct failure *why)
{
    struct iovec part = {.iov_base = start, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct descriptor_room control;
    bool surplus = false;
    ssize_t came;

    /* Without room for descriptors the kernel closes them and says so. */
    if (may_bring) {
        control = (struct descriptor_room){0};
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
    }
    came = recvmsg(channel->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (came < 0 && (errno == EAGAIN || errno == EINTR))
        return NOTHING_YET;
    if (came == 0 || (came < 0 && errno == ECONNRESET))
        return CLOSED;
    if (came < 0) {
        (void)fail_because(why, FAILURE_INTERNAL,
            "a frame can't be received: %s", strerror(errno));
        return REFUSED;
    }

    take_descriptors(&message, &channel->frame, &surplus);
    *count = (size_t)came;
    if (!surplus)
        return CAME;
    (void)fail_because(why, FAILURE_MALFORMED,
        "descriptors came that belong to no frame, or that this process has "
        "no room for");
    return REFUSED;
}

/* Reads at most this many bytes, never beyond the frame: the kernel hands out
 * descriptors with the bytes they were sent with. */
static enum progress receive_some(struct channel *channel, uint8_t *start,
    size_t length, bool in_head, struct failure *why)
{
    size_t count = 0;
    enum progress progress =
        channel->ahead != NULL
            ? channel_take_ahead(channel, start, length, &count, why)
            : channel_take(channel, start, length, in_head, &count, why);

    channel->received += count;
    return progress;
}

static const struct channel_rule *find_rule(
    const struct channel *channel, uint16_t type)
{
    static const struct channel_rule cancel = {
        .name = "cancel", .allowed_when = UINT_MAX};
    const struct channel_rule *rule = channel->accepts;

    if (type == CHANNEL_CANCEL)
        return &cancel;
    while (rule->name != NULL && rule->type != type)
        rule++;
    return rule->name != NULL ? rule : NULL;
}

static bool check_credit(const struct channel *channel, struct failure *why)
{
    if (channel->frame.type == CHANNEL_CANCEL || channel->credit == 0 ||
        atomic_load(&channel->unanswered) < channel->credit)
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "another question came while %u are unanswered, as many as this "
        "channel allows",
        channel->credit);
}

static bool check_head(struct channel *channel,
    const struct channel_rule **found, struct failure *why)
{
    const struct frame_head *head = &channel->head;
    const struct channel_rule *rule = find_rule(channel, head->type);

    if (rule == NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "this channel takes no message of type %u", head->type);
    if ((rule->allowed_when & atomic_load(&channel->state)) == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the message %s is not allowed in this state", rule->name);
    if (head->length > rule->body_max)
        return fail_because(why, FAILURE_MALFORMED,
            "the message %s announces %u bytes, above its ceiling of %zu",
            rule->name, head->length, rule->body_max);
    if (head->descriptor_count > rule->descriptors_max)
        return fail_because(why, FAILURE_MALFORMED,
            "the message %s announces %u descriptors, above its ceiling of %u",
            rule->name, head->descriptor_count, rule->descriptors_max);
    if (head->descriptor_count != channel->frame.descriptor_count)
        return fail_because(why, FAILURE_MALFORMED,
            "the message %s announces %u descriptors and brings %zu",
            rule->name, head->descriptor_count,
            channel->frame.descriptor_count);
    *found = rule;
    return check_credit(channel, why);
}

/* Nothing is allocated before the head has passed its rule. */
static bool begin_body(struct channel *channel, struct failure *why)
{
    struct bytes head_bytes = {
        .start = channel->head_bytes, .length = FRAME_HEAD_BYTES};
    const struct channel_rule *rule = NULL;

    if (!frame_head_read(head_bytes, &channel->head, why))
        return false;
    channel->frame.type = channel->head.type;
    channel->frame.id = channel->head.id;
    channel->frame.time_left_ms = channel->head.time_left_ms;
    if (!check_head(channel, &rule, why))
        return false;

    buffer_clear(&channel->body);
    channel->body.ceiling = rule->body_max;
    channel->body.name = rule->name;
    return buffer_reserve(&channel->body, channel->head.length, why);
}

static bool frame_is_whole(const struct channel *channel)
{
    return channel->received >= FRAME_HEAD_BYTES &&
           channel->received == FRAME_HEAD_BYTES + channel->head.length;
}

/* One step towards the whole frame. */
static enum progress receive_step(struct channel *channel, struct failure *why)
{
    size_t received = channel->received;
    enum progress progress;

    if (received >= FRAME_HEAD_BYTES) {
        size_t of_body = received - FRAME_HEAD_BYTES;

        return receive_some(channel, channel->body.start + of_body,
            channel->head.length - of_body, false, why);
    }

    progress = receive_some(channel, channel->head_bytes + received,
        FRAME_HEAD_BYTES - received, true, why);
    if (progress == CAME && channel->received == FRAME_HEAD_BYTES &&
        !begin_body(channel, why))
        return REFUSED;
    return progress;
}

static void hand_out(struct channel *channel, struct frame *frame)
{
    channel->body.length = channel->head.length;
    channel->frame.body = buffer_view(&channel->body);
    *frame = channel->frame;
    channel->frame = (struct frame){0};
    channel->received = 0;
    if (channel->credit != 0 && frame->type != CHANNEL_CANCEL)
        atomic_fetch_add(&channel->unanswered, 1);
}

static bool give_up(struct channel *channel)
{
    frame_close_descriptors(&channel->frame);
    atomic_store(&channel->breached, true);
    return false;
}

static bool fail_as_closed(struct channel *channel, struct failure *why)
{
    if (channel->received == 0)
        return fail_because(why, FAILURE_NOT_FOUND,
            "the other end of the channel has closed it");
    (void)fail_because(why, FAILURE_MALFORMED,
        "the other end of the channel closed it within a frame");
    return give_up(channel);
}

/* A signal counts as nothing yet: the loop asks again. */
static bool wait_for_bytes(const struct channel *channel, int timeout_ms,
    int64_t deadline_ms, struct failure *why)
{
    struct pollfd waited = {.fd = channel->socket, .events = POLLIN};
    int left = timeout_ms < 0 ? -1 : clock_ms_until(deadline_ms);
    int ready = timeout_ms == 0 ? 0 : poll(&waited, 1, left);

    if (ready > 0 || (ready < 0 && errno == EINTR))
        return true;
    if (ready < 0)
        return fail_because(why, FAILURE_INTERNAL,
            "a channel can't be waited for: %s", strerror(errno));
    return fail_because(
        why, FAILURE_UNAVAILABLE, "no frame came within %d ms", timeout_ms);
}

bool channel_receive(struct channel *channel, int timeout_ms,
    struct frame *frame, struct failure *why)
{
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;

    if (atomic_load(&channel->breached))
        return fail_because(why, FAILURE_MALFORMED,
            "the channel was given up after an earlier breach");
    while (!frame_is_whole(channel)) {
        switch (receive_step(channel, why)) {
        case CAME:
            break;
        case NOTHING_YET:
            if (!wait_for_bytes(channel, timeout_ms, deadline_ms, why))
                return false;
            break;
        case CLOSED:
            return fail_as_closed(channel, why);
        case REFUSED:
            return give_up(channel);
        }
    }
    hand_out(channel, frame);
    return true;
}
