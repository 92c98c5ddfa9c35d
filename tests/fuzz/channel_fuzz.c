#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/channel.h"

/*
 * Hostile bytes into one end of a pair, received at the other under a table.
 * The first byte says how many descriptors come with the rest, the second after
 * how many bytes they do.
 */
enum { FIRST_STATE = 1, SECOND_STATE = 2 };

static const struct channel_rule rules[] = {
    {.type = 1, .name = "ask", .body_max = 64, .allowed_when = FIRST_STATE},
    {.type = 2,
        .name = "give",
        .body_max = 4096,
        .allowed_when = FIRST_STATE | SECOND_STATE,
        .descriptors_max = 3},
    {.type = 3, .name = "late", .allowed_when = SECOND_STATE},
    {0},
};

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void send_part(
    int socket, const uint8_t *data, size_t size, size_t descriptors)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    _Alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(32 * sizeof(int))] = {0};

    if (descriptors > 0) {
        struct cmsghdr *control;

        message.msg_control = room;
        message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
        control = CMSG_FIRSTHDR(&message);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
        for (size_t i = 0; i < descriptors; i++)
            ((int *)(void *)CMSG_DATA(control))[i] = socket;
    }
    if (size > 0)
        (void)sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void check_frame(const struct frame *frame)
{
    /* Volatile, so that every byte is read under the sanitizer's eyes. */
    volatile uint8_t last = 0;

    insist(frame->type <= 3);
    insist(frame->body.length <= 4096);
    insist(frame->descriptor_count <= (frame->type == 2 ? 3 : 0));
    for (size_t i = 0; i < frame->body.length; i++)
        last = frame->body.start[i];
    (void)last;
}

static void receive_all(struct channel *channel)
{
    struct failure why = {0};
    struct frame frame = {0};

    while (channel_receive(channel, 0, &frame, &why)) {
        check_frame(&frame);
        frame_close_descriptors(&frame);
        if (frame.type == 2)
            channel_enter(channel, SECOND_STATE);
    }
    insist(why.kind == FAILURE_MALFORMED || why.kind == FAILURE_UNAVAILABLE ||
           why.kind == FAILURE_NOT_FOUND);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_STRUCT(channel) *channel = NULL;
    SCOPED_DESCRIPTOR int hostile = -1;
    struct failure why = {0};
    int sockets[2];
    size_t first;

    if (size < 2 || size > 65536 || !channel_pair(sockets, &why))
        return 0;
    hostile = sockets[1];
    insist(channel_new(sockets[0], rules, 4, &channel, &why));

    first = data[1] < size - 2 ? data[1] : size - 2;
    send_part(hostile, data + 2, first, 0);
    if (data[0] >= 128)
        receive_all(channel);
    send_part(hostile, data + 2 + first, size - 2 - first, data[0] % 32);
    receive_all(channel);
    descriptor_close(&hostile);
    receive_all(channel);
    return 0;
}
