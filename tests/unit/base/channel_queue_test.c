#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"

enum { ASK = 1 };
#define BODY_BYTES ((size_t)64 * 1024)

static const struct channel_rule rules[] = {
    {.type = ASK, .name = "ask", .body_max = 1 << 20, .allowed_when = 1},
    {0},
};

struct ends {
    struct channel *asker, *answerer;
};

static void ends_free(struct ends *ends)
{
    channel_free(ends->asker);
    channel_free(ends->answerer);
}

static struct ends connect_ends(void)
{
    struct ends ends = {0};
    struct failure why = {0};
    int sockets[2];

    assert_true(channel_pair(sockets, &why));
    assert_true(channel_new(sockets[0], rules, 0, &ends.asker, &why));
    assert_true(channel_new(sockets[1], rules, 0, &ends.answerer, &why));
    return ends;
}

/* Queues until this many frames wait or are under way. */
static void queue_frames(struct ends *ends, uint64_t count)
{
    static uint8_t body[BODY_BYTES];
    struct failure why = {0};

    for (uint64_t id = 1; id <= count; id++) {
        memset(body, (int)(id & 0xff), sizeof(body));
        assert_true(channel_queue(
            ends->asker, ASK, id, (struct bytes){body, sizeof(body)}, 0, &why));
    }
}

static void frames_are_queued_without_waiting_and_come_whole(void **state)
{
    enum { COUNT = 100 };
    RELEASED(ends) ends = connect_ends();
    const int64_t began = clock_monotonic_ms();
    struct failure why = {0};
    bool is_empty = false;

    (void)state;
    queue_frames(&ends, COUNT); /* far more than a socket takes */
    assert_true(clock_monotonic_ms() - began < 5000);
    assert_true(channel_flush(ends.asker, &is_empty, &why));
    assert_false(is_empty);
    for (uint64_t id = 1; id <= COUNT; id++) {
        struct frame frame = {0};

        while (!channel_receive(ends.answerer, 0, &frame, &why)) {
            assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
            assert_true(channel_flush(ends.asker, &is_empty, &why));
        }
        assert_true(frame.id == id);
        assert_int_equal(frame.body.length, BODY_BYTES);
        assert_int_equal(frame.body.start[0], id & 0xff);
        assert_int_equal(frame.body.start[BODY_BYTES - 1], id & 0xff);
    }
    assert_true(channel_flush(ends.asker, &is_empty, &why));
    assert_true(is_empty);
}

static void the_queue_has_a_ceiling_and_refuses_a_frame_whole(void **state)
{
    RELEASED(ends) ends = connect_ends();
    static uint8_t body[BODY_BYTES];
    struct failure why = {0};
    uint64_t queued = 0, came = 0;
    struct frame frame = {0};
    bool is_empty = false;

    (void)state;
    while (channel_queue(ends.asker, ASK, queued + 1,
        (struct bytes){body, sizeof(body)}, 0, &why))
        queued++;
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_non_null(strstr(why.reason, "does not read"));
    assert_in_range(queued, 250, 270);
    do {
        assert_true(channel_flush(ends.asker, &is_empty, &why));
        while (channel_receive(ends.answerer, 0, &frame, &why))
            assert_true(frame.id == ++came);
        assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    } while (!is_empty || came < queued);
    assert_true(came == queued);
    queue_frames(&ends, 1);
}

static void what_is_queued_goes_before_what_is_sent(void **state)
{
    RELEASED(ends) ends = connect_ends();
    struct failure why = {0};

    (void)state;
    queue_frames(&ends, 100);
    assert_false(
        channel_send(ends.asker, ASK, 1, (struct bytes){0}, NULL, 0, 0, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    assert_non_null(strstr(why.reason, "before those that are queued"));
}

static void an_end_that_has_gone_is_told(void **state)
{
    RELEASED(ends) ends = connect_ends();
    struct failure why = {0};
    bool is_empty = false;

    (void)state;
    queue_frames(&ends, 100);
    channel_free(ends.answerer);
    ends.answerer = NULL;
    assert_false(channel_flush(ends.asker, &is_empty, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason, "the other end of the channel has gone");
    assert_false(channel_queue(ends.asker, ASK, 1, (struct bytes){0}, 0, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_queued_without_waiting_and_come_whole),
        cmocka_unit_test(the_queue_has_a_ceiling_and_refuses_a_frame_whole),
        cmocka_unit_test(what_is_queued_goes_before_what_is_sent),
        cmocka_unit_test(an_end_that_has_gone_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
