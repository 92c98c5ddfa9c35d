#ifndef BASE_CHANNEL_H
#define BASE_CHANNEL_H

#include "base/bytes.h"

/*
 * Typed, bounded frames over a Unix stream socket between two roles.
 *
 *     frame: length of the body (4 bytes), type (2), descriptors (1), zero (1),
 *            id (8), time left in milliseconds (4; 0: none), body
 *
 * The id joins an answer to its question; the asker chooses it.  Each end has a
 * table of the messages it accepts: anything else, a body above the type's
 * ceiling, an unexpected descriptor, a message in a state that does not allow
 * it, or more unanswered questions than the credit, is a breach: the receive
 * fails as FAILURE_MALFORMED and the channel is of no more use.
 */
struct channel_rule {
    uint16_t type;
    const char *name;
    size_t body_max;           /* in bytes */
    unsigned int allowed_when; /* bits of the owner's own states; 0: never */
    uint8_t descriptors_max;
};

#define CHANNEL_DESCRIPTORS_MAX 16

/* Type of the built-in "the asker has gone": without body and descriptors, it
 * needs no rule and no credit.  The question is answered all the same. */
#define CHANNEL_CANCEL 0

struct channel;

/*
 * A channel over a connected socket, which it owns from here on, failure
 * included.  accepts: ended by a rule without a name; the caller's, for as long
 * as the channel.  credit: how many questions may be unanswered at once; an
 * answer counts when it is sent with channel_answer.  0: what comes in here are
 * answers, and nothing is counted.
 */
MUST_CHECK bool channel_new(int socket, const struct channel_rule *accepts,
    unsigned int credit, struct channel **channel, struct failure *why);
void channel_free(struct channel *channel); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(channel, channel_free)

int channel_descriptor(const struct channel *channel); /* for poll */

/* The state (one bit) that allowed_when is held against.  Starts as 1. */
void channel_enter(struct channel *channel, unsigned int state);

struct frame {
    uint16_t type;
    uint64_t id;
    uint32_t time_left_ms;
    struct bytes body; /* the channel's, until the next receive */
    int descriptors[CHANNEL_DESCRIPTORS_MAX]; /* the receiver's to close */
    size_t descriptor_count;
};

/*
 * Sends a frame whole; several threads may.  Descriptors stay the caller's.
 * FAILURE_UNAVAILABLE: the other end has gone, or did not read for the time
 * the channel allows (30 s).
 */
MUST_CHECK bool channel_send(struct channel *channel, uint16_t type,
    uint64_t id, struct bytes body, const int *descriptors,
    size_t descriptor_count, uint32_t time_left_ms, struct failure *why);

/* Sends the answer to the question with this id, and frees its credit. */
MUST_CHECK bool channel_answer(struct channel *channel, uint16_t type,
    uint64_t id, struct bytes body, struct failure *why);

/*
 * Answers that go at once: each is begun, its body appended to the buffer, and
 * ended; one that turns out otherwise is taken back by setting the buffer's
 * length to *start.  FAILURE_INTERNAL: a body that is too long for a frame.
 */
MUST_CHECK bool channel_answer_begin(
    struct buffer *answers, size_t *start, struct failure *why);
MUST_CHECK bool channel_answer_end(struct buffer *answers, size_t start,
    uint16_t type, uint64_t id, struct failure *why);
/* Sends them, and frees the credit of so many questions. */
MUST_CHECK bool channel_send_answers(struct channel *channel,
    struct bytes answers, unsigned count, struct failure *why);

/*
 * Sends a frame without ever waiting: what the socket does not take now is kept
 * (16 MiB at most, above which the send is FAILURE_UNAVAILABLE and nothing of
 * the frame goes out) until channel_flush.  For a loop that an other end which
 * has stopped must not stop.  Not together with channel_send: that refuses to
 * send before what is kept.
 */
MUST_CHECK bool channel_queue(struct channel *channel, uint16_t type,
    uint64_t id, struct bytes body, uint32_t time_left_ms, struct failure *why);
/* Sends what the socket takes; call it when the socket can be written to.
 * *is_empty: nothing is kept any more. */
MUST_CHECK bool channel_flush(
    struct channel *channel, bool *is_empty, struct failure *why);

/*
 * Waits for a whole frame, at most timeout_ms (negative: without end; 0: takes
 * what is there).  One thread at a time.  FAILURE_UNAVAILABLE: it did not come
 * in time, and what came of it is kept for the next call; FAILURE_NOT_FOUND:
 * the other end closed between two frames; FAILURE_MALFORMED: a breach.
 */
MUST_CHECK bool channel_receive(struct channel *channel, int timeout_ms,
    struct frame *frame, struct failure *why);

/*
 * From here on one call takes from the socket what has come, up to
 * CHANNEL_AHEAD_BYTES; descriptors that come are a breach.  For those who wait
 * for the socket with poll: they have to ask channel_holds_frame first, as a
 * frame that was taken already wakes nobody; and once all was handed out that
 * one call took, a receive without waiting says that nothing came, without
 * asking the socket.  FAILURE_INTERNAL: no memory.
 */
#define CHANNEL_AHEAD_BYTES ((size_t)64 * 1024)
MUST_CHECK bool channel_read_ahead(
    struct channel *channel, struct failure *why);
bool channel_holds_frame(const struct channel *channel);

/* Closes what descriptors a frame brought and nobody took (those not -1). */
void frame_close_descriptors(struct frame *frame);

/* Reads a head from 20 bytes; here for the fuzzer. */
struct frame_head {
    uint32_t length;
    uint16_t type;
    uint8_t descriptor_count;
    uint64_t id;
    uint32_t time_left_ms;
};
#define FRAME_HEAD_BYTES 20
MUST_CHECK bool frame_head_read(
    struct bytes bytes, struct frame_head *head, struct failure *why);

/* A connected pair of stream sockets, close-on-exec. */
MUST_CHECK bool channel_pair(int sockets[static 2], struct failure *why);

#endif
