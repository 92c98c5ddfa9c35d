#ifndef BASE_CHANNEL_PARTS_H
#define BASE_CHANNEL_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/channel.h"

/* What channel.c (its life and receiving) and channel_send.c share; for nobody
 * else. */
struct channel {
    int socket;
    const struct channel_rule *accepts;
    unsigned int credit;
    int send_limit_ms; /* for one frame; tests shorten it */
    atomic_uint state;
    atomic_uint unanswered;
    atomic_bool breached;

    pthread_mutex_t sending;
    bool torn;           /* a frame was sent in part; guarded by sending */
    struct buffer queue; /* of channel_queue; guarded by sending */
    size_t queue_sent;

    /* The frame that is coming in, kept from one receive to the next. */
    uint8_t head_bytes[FRAME_HEAD_BYTES];
    size_t received; /* of the head and the body */
    struct frame_head head;
    struct frame frame;
    struct buffer body;

    /* What was taken ahead (channel_ahead.c); NULL: nothing ever is. */
    uint8_t *ahead;
    size_t ahead_start, ahead_end;
    bool is_drained; /* the last call took all that had come */
};

/* Room for the descriptors of one frame, aligned as cmsg(3) wants it. */
struct descriptor_room {
    _Alignas(struct cmsghdr)
        uint8_t bytes[CMSG_SPACE(CHANNEL_DESCRIPTORS_MAX * sizeof(int))];
};

enum progress { CAME, NOTHING_YET, CLOSED, REFUSED };
/* One call of recvmsg, for at most this many bytes: hands descriptors to the
 * frame that is coming in when it may have any. */
enum progress channel_take(struct channel *channel, uint8_t *start,
    size_t length, bool may_bring, size_t *count, struct failure *why);
/* The same from what was taken ahead, and from the socket when nothing was. */
enum progress channel_take_ahead(struct channel *channel, uint8_t *start,
    size_t length, size_t *count, struct failure *why);

void channel_write_head(
    const struct frame_head *head, uint8_t bytes[static FRAME_HEAD_BYTES]);
/* Records why a call to send failed; false. */
bool channel_fail_to_send(int error, struct failure *why);

#endif
