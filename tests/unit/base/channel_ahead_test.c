#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/channel_parts.h"

enum { ASK = 1, BULK = 2 };
#define BULK_BYTES ((size_t)200 * 1024)

static const struct channel_rule rules[] = {
    {.type = ASK, .name = "ask", .body_max = 100, .allowed_when = 1},
    {.type = BULK, .name = "bulk", .body_max = BULK_BYTES, .allowed_when = 1},
    {0},
};

/* ours takes what theirs sends. */
static struct {
    struct channel *ours, *theirs;
} ends;

static int connect_ends(void **state)
{
    struct failure why = {0};
    int sockets[2];

    (void)state;
    assert_true(channel_pair(sockets, &why));
    assert_true(channel_new(sockets[0], rules, 4, &ends.ours, &why));
    assert_true(channel_read_ahead(ends.ours, &why));
    assert_true(channel_new(sockets[1], rules, 0, &ends.theirs, &why));
    return 0;
}

static int close_ends(void **state)
{
    (void)state;
    channel_free(ends.ours);
    channel_free(ends.theirs);
    return 0;
}

static void tell(uint16_t type, uint64_t id, struct bytes body)
{
    struct failure why = {0};

    assert_true(channel_send(ends.theirs, type, id, body, NULL, 0, 0, &why));
}

static void expect(uint64_t id, struct bytes body)
{
    struct frame frame = {0};
    struct failure why = {0};

    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    assert_int_equal(frame.id, id);
    assert_true(bytes_equal(frame.body, body));
}

static void expect_none(enum failure_kind kind)
{
    struct frame frame = {0};
    struct failure why = {0};

    assert_false(channel_receive(ends.ours, 0, &frame, &why));
    assert_int_equal(why.kind, kind);
}

static void frames_that_came_together_are_handed_out_one_by_one(void **state)
{
    (void)state;
    assert_false(channel_holds_frame(ends.ours));
    tell(ASK, 1, bytes_of_text("first"));
    tell(ASK, 2, bytes_of_text(""));
    tell(ASK, 3, bytes_of_text("third"));
    assert_false(channel_holds_frame(ends.ours));
    expect(1, bytes_of_text("first"));
    assert_true(channel_holds_frame(ends.ours));
    expect(2, bytes_of_text(""));
    assert_true(channel_holds_frame(ends.ours));
    expect(3, bytes_of_text("third"));
    assert_false(channel_holds_frame(ends.ours));
    expect_none(FAILURE_UNAVAILABLE);
    tell(ASK, 4, bytes_of_text("fourth"));
    expect(4, bytes_of_text("fourth"));
}

static void a_frame_that_came_in_part_is_not_held_yet(void **state)
{
    const uint8_t head[FRAME_HEAD_BYTES] = {[3] = 2, [5] = ASK, [15] = 9};
    const int socket = channel_descriptor(ends.theirs);

    (void)state;
    tell(ASK, 1, bytes_of_text("whole"));
    assert_int_equal(send(socket, head, 10, 0), 10);
    expect(1, bytes_of_text("whole"));
    assert_false(channel_holds_frame(ends.ours));
    expect_none(FAILURE_UNAVAILABLE);
    assert_int_equal(send(socket, head + 10, 10, 0), 10);
    expect_none(FAILURE_UNAVAILABLE);
    assert_int_equal(send(socket, "ab", 2, 0), 2);
    expect(9, bytes_of_text("ab"));
}

/* More than is taken at once, with frames before and behind it. */
static void a_long_body_is_taken_whole(void **state)
{
    static uint8_t much[BULK_BYTES];
    struct failure why = {0};
    bool is_empty = false;

    (void)state;
    for (size_t i = 0; i < sizeof(much); i++)
        much[i] = (uint8_t)(i * 7 + i / 256);
    tell(ASK, 1, bytes_of_text("before"));
    assert_true(channel_queue(
        ends.theirs, BULK, 2, (struct bytes){much, sizeof(much)}, 0, &why));
    assert_true(
        channel_queue(ends.theirs, ASK, 3, bytes_of_text("behind"), 0, &why));
    expect(1, bytes_of_text("before"));
    while (!is_empty) {
        struct frame frame = {0};

        assert_true(channel_flush(ends.theirs, &is_empty, &why));
        if (channel_receive(ends.ours, 0, &frame, &why)) {
            assert_int_equal(frame.id, 2);
            assert_true(
                bytes_equal(frame.body, (struct bytes){much, sizeof(much)}));
        }
    }
    while (!channel_holds_frame(ends.ours)) {
        struct frame frame = {0};

        if (channel_receive(ends.ours, 0, &frame, &why)) {
            assert_int_equal(frame.id == 2 || frame.id == 3, 1);
            if (frame.id == 3)
                return;
        }
    }
    expect(3, bytes_of_text("behind"));
}

static void what_came_before_the_end_is_handed_out_first(void **state)
{
    (void)state;
    tell(ASK, 1, bytes_of_text("a"));
    tell(ASK, 2, bytes_of_text("b"));
    channel_free(ends.theirs);
    ends.theirs = NULL;
    expect(1, bytes_of_text("a"));
    expect(2, bytes_of_text("b"));
    expect_none(FAILURE_UNAVAILABLE);
    expect_none(FAILURE_NOT_FOUND);
}

static void a_descriptor_is_a_breach_and_is_closed(void **state)
{
    struct frame frame = {0};
    struct failure why = {0};
    int standard = STDERR_FILENO;

    (void)state;
    assert_true(channel_send(
        ends.theirs, ASK, 1, bytes_of_text("x"), &standard, 1, 0, &why));
    assert_false(channel_receive(ends.ours, 1000, &frame, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason,
        "descriptors came that belong to no frame, or that this process has "
        "no room for");
}

static void a_head_that_is_none_is_held_until_it_is_refused(void **state)
{
    const uint8_t head[FRAME_HEAD_BYTES] = {[5] = ASK, [7] = 1};

    (void)state;
    tell(ASK, 1, bytes_of_text("x"));
    assert_int_equal(
        send(channel_descriptor(ends.theirs), head, sizeof(head), 0),
        (ssize_t)sizeof(head));
    expect(1, bytes_of_text("x"));
    assert_true(channel_holds_frame(ends.ours));
    expect_none(FAILURE_MALFORMED);
}

static void credit_holds_for_frames_that_came_together(void **state)
{
    (void)state;
    for (uint64_t id = 1; id <= 5; id++)
        tell(ASK, id, bytes_of_text("x"));
    for (uint64_t id = 1; id <= 4; id++)
        expect(id, bytes_of_text("x"));
    expect_none(FAILURE_MALFORMED);
}

/* --- answers that go together -------------------------------------------- */

static void add_answer(struct buffer *answers, uint64_t id, const char *text)
{
    size_t start = 0;
    struct failure why = {0};

    assert_true(channel_answer_begin(answers, &start, &why));
    assert_true(buffer_append(answers, bytes_of_text(text), &why));
    assert_true(channel_answer_end(answers, start, ASK, id, &why));
}

static void answers_go_together_and_free_their_credit(void **state)
{
    RELEASED(buffer) answers = BUFFER("answers", 1024);
    struct frame frame = {0};
    struct failure why = {0};
    size_t start = 0;

    (void)state;
    for (uint64_t id = 1; id <= 4; id++)
        tell(ASK, id, bytes_of_text("x"));
    for (uint64_t id = 1; id <= 4; id++)
        expect(id, bytes_of_text("x"));
    add_answer(&answers, 2, "two");
    assert_true(channel_answer_begin(&answers, &start, &why));
    answers.length = start; /* taken back */
    add_answer(&answers, 1, "");
    assert_true(
        channel_send_answers(ends.ours, buffer_view(&answers), 2, &why));
    assert_true(channel_receive(ends.theirs, 0, &frame, &why));
    assert_int_equal(frame.id, 2);
    assert_true(bytes_equal(frame.body, bytes_of_text("two")));
    assert_true(channel_receive(ends.theirs, 0, &frame, &why));
    assert_int_equal(frame.id, 1);
    assert_int_equal(frame.body.length, 0);
    tell(ASK, 5, bytes_of_text("x"));
    tell(ASK, 6, bytes_of_text("x"));
    tell(ASK, 7, bytes_of_text("x"));
    expect(5, bytes_of_text("x"));
    expect(6, bytes_of_text("x"));
    expect_none(FAILURE_MALFORMED);
}

#define at_both_ends(function) \
    cmocka_unit_test_setup_teardown(function, connect_ends, close_ends)

int main(void)
{
    const struct CMUnitTest tests[] = {
        at_both_ends(frames_that_came_together_are_handed_out_one_by_one),
        at_both_ends(a_frame_that_came_in_part_is_not_held_yet),
        at_both_ends(a_long_body_is_taken_whole),
        at_both_ends(what_came_before_the_end_is_handed_out_first),
        at_both_ends(a_descriptor_is_a_breach_and_is_closed),
        at_both_ends(a_head_that_is_none_is_held_until_it_is_refused),
        at_both_ends(credit_holds_for_frames_that_came_together),
        at_both_ends(answers_go_together_and_free_their_credit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
