#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/channel_parts.h"

enum { ASK = 1, TELL = 2, LATER = 3, BULK = 4, UNKNOWN = 77 };
enum { FIRST_STATE = 1, SECOND_STATE = 2 };

static const struct channel_rule rules[] = {
    {.type = ASK, .name = "ask", .body_max = 100, .allowed_when = 3},
    {.type = TELL,
        .name = "tell",
        .body_max = 8,
        .allowed_when = 3,
        .descriptors_max = 2},
    {.type = LATER, .name = "later", .allowed_when = SECOND_STATE},
    {.type = BULK, .name = "bulk", .body_max = 1 << 20, .allowed_when = 3},
    {0},
};

/* A channel and the bare socket at its other end. */
struct ends {
    struct channel *ours;
    int theirs;
};

static void ends_free(struct ends *ends)
{
    channel_free(ends->ours);
    descriptor_close(&ends->theirs);
}

static struct ends connect_ends(unsigned int credit)
{
    struct ends ends = {.theirs = -1};
    struct failure why = {0};
    int sockets[2];

    assert_true(channel_pair(sockets, &why));
    assert_true(channel_new(sockets[0], rules, credit, &ends.ours, &why));
    ends.theirs = sockets[1];
    return ends;
}

static void connect_channels(
    unsigned int credit, struct channel **asker, struct channel **answerer)
{
    struct failure why = {0};
    int sockets[2];

    assert_true(channel_pair(sockets, &why));
    assert_true(channel_new(sockets[0], rules, 0, asker, &why));
    assert_true(channel_new(sockets[1], rules, credit, answerer, &why));
}

struct head_bytes {
    uint8_t bytes[FRAME_HEAD_BYTES];
};

static struct head_bytes head_of(
    uint16_t type, uint32_t length, uint8_t descriptors)
{
    return (struct head_bytes){
        {(uint8_t)(length >> 24), (uint8_t)(length >> 16),
            (uint8_t)(length >> 8), (uint8_t)length, (uint8_t)(type >> 8),
            (uint8_t)type, descriptors, 0, 0, 0, 0, 0, 0, 0, 0, 9}};
}

/* Sends bytes of any kind, with this many copies of a descriptor. */
static void send_raw(
    int socket, const void *bytes, size_t length, size_t copies)
{
    struct iovec part = {
        .iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    _Alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(40 * sizeof(int))] = {0};
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0 && copies <= 40);
    if (copies > 0) {
        struct cmsghdr *control;

        message.msg_control = room;
        message.msg_controllen = CMSG_SPACE(copies * sizeof(int));
        control = CMSG_FIRSTHDR(&message);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(copies * sizeof(int));
        for (size_t i = 0; i < copies; i++)
            memcpy(CMSG_DATA(control) + i * sizeof(int), &file, sizeof(file));
    }
    assert_int_equal(sendmsg(socket, &message, MSG_NOSIGNAL), (ssize_t)length);
    descriptor_close(&file);
}

static void send_head(
    int socket, uint16_t type, uint32_t length, uint8_t descriptors)
{
    struct head_bytes head = head_of(type, length, descriptors);

    send_raw(socket, head.bytes, sizeof(head.bytes), descriptors);
}

static size_t count_open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

static void expect_breach(struct channel *channel, const char *reason)
{
    struct frame frame = {.type = 99};
    struct failure why = {0};

    assert_false(channel_receive(channel, 1000, &frame, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_int_equal(frame.type, 99);
}

static void a_frame_arrives_as_it_was_sent(void **state)
{
    SCOPED_STRUCT(channel) *asker = NULL;
    SCOPED_STRUCT(channel) *answerer = NULL;
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    connect_channels(4, &asker, &answerer);
    assert_true(channel_send(asker, ASK, UINT64_MAX - 5, bytes_of_text("who?"),
        NULL, 0, 1234567890, &why));
    assert_true(
        channel_send(asker, ASK, 6, (struct bytes){0}, NULL, 0, 0, &why));

    assert_true(channel_receive(answerer, 1000, &frame, &why));
    assert_int_equal(frame.type, ASK);
    assert_true(frame.id == UINT64_MAX - 5);
    assert_int_equal(frame.time_left_ms, 1234567890);
    assert_true(bytes_equal(frame.body, bytes_of_text("who?")));
    assert_int_equal(frame.descriptor_count, 0);

    assert_true(channel_receive(answerer, 1000, &frame, &why));
    assert_true(frame.id == 6);
    assert_int_equal(frame.body.length, 0);
    assert_int_equal(frame.time_left_ms, 0);
}

static void descriptors_arrive_open_and_close_on_exec(void **state)
{
    SCOPED_STRUCT(channel) *asker = NULL;
    SCOPED_STRUCT(channel) *answerer = NULL;
    struct failure why = {0};
    struct frame frame = {0};
    int pipes[2];
    char byte = 0;

    (void)state;
    connect_channels(4, &asker, &answerer);
    assert_int_equal(pipe(pipes), 0);
    assert_true(
        channel_send(asker, TELL, 1, bytes_of_text("pipe"), pipes, 2, 0, &why));
    assert_true(channel_receive(answerer, 1000, &frame, &why));
    assert_int_equal(frame.descriptor_count, 2);
    assert_true(fcntl(frame.descriptors[0], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(frame.descriptors[1], "x", 1), 1);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');

    descriptor_close(&frame.descriptors[0]);
    frame_close_descriptors(&frame);
    assert_int_equal(frame.descriptor_count, 0);
    descriptor_close(&pipes[0]);
    descriptor_close(&pipes[1]);
}

static void descriptors_stay_with_the_frame_they_were_sent_with(void **state)
{
    SCOPED_STRUCT(channel) *asker = NULL;
    SCOPED_STRUCT(channel) *answerer = NULL;
    static const size_t counts[] = {1, 0, 2, 0, 0, 1};
    const int both[2] = {STDERR_FILENO, STDERR_FILENO};
    struct failure why = {0};

    (void)state;
    connect_channels(20, &asker, &answerer);
    for (size_t i = 0; i < 6; i++)
        assert_true(channel_send(asker, TELL, i, bytes_of_text("12345678"),
            both, counts[i], 0, &why));
    for (size_t i = 0; i < 6; i++) {
        struct frame frame = {0};

        assert_true(channel_receive(answerer, 1000, &frame, &why));
        assert_true(frame.id == i);
        assert_int_equal(frame.descriptor_count, counts[i]);
        frame_close_descriptors(&frame);
    }
}

static void a_message_without_a_rule_is_a_breach(void **state)
{
    RELEASED(ends) ends = connect_ends(1);

    (void)state;
    send_head(ends.theirs, UNKNOWN, 0, 0);
    expect_breach(ends.ours, "this channel takes no message of type 77");
}

static void after_a_breach_the_channel_is_of_no_more_use(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    struct failure why = {0};

    (void)state;
    send_head(ends.theirs, UNKNOWN, 0, 0);
    send_head(ends.theirs, ASK, 0, 0);
    expect_breach(ends.ours, "this channel takes no message of type 77");
    expect_breach(
        ends.ours, "the channel was given up after an earlier breach");
    assert_false(
        channel_send(ends.ours, ASK, 1, (struct bytes){0}, NULL, 0, 0, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
}

static void a_message_in_a_state_that_forbids_it_is_a_breach(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    RELEASED(ends) other = connect_ends(1);
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    send_head(ends.theirs, LATER, 0, 0);
    expect_breach(ends.ours, "the message later is not allowed in this state");

    channel_enter(other.ours, SECOND_STATE);
    send_head(other.theirs, LATER, 0, 0);
    assert_true(channel_receive(other.ours, 1000, &frame, &why));
}

static void a_body_above_its_ceiling_is_refused_before_any_memory(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    RELEASED(ends) other = connect_ends(1);

    (void)state;
    send_head(ends.theirs, ASK, 101, 0);
    expect_breach(ends.ours,
        "the message ask announces 101 bytes, above its ceiling "
        "of 100");
    assert_null(ends.ours->body.start);
    send_head(other.theirs, BULK, UINT32_MAX, 0);
    expect_breach(other.ours, "the message bulk announces 4294967295 bytes, "
                              "above its ceiling of 1048576");
    assert_null(other.ours->body.start);
}

static void the_room_for_bodies_is_reused_under_each_rules_ceiling(void **state)
{
    RELEASED(ends) ends = connect_ends(9);
    static const uint8_t body[1000];
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    send_head(ends.theirs, BULK, sizeof(body), 0);
    send_raw(ends.theirs, body, sizeof(body), 0);
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    assert_int_equal(frame.body.length, sizeof(body));
    send_head(ends.theirs, ASK, 100, 0);
    send_raw(ends.theirs, body, 100, 0);
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    assert_int_equal(frame.body.length, 100);
    assert_int_equal(ends.ours->body.capacity, sizeof(body));
    send_head(ends.theirs, ASK, 101, 0);
    expect_breach(ends.ours,
        "the message ask announces 101 bytes, above its ceiling "
        "of 100");
}

static void a_head_whose_zero_byte_is_not_zero_is_a_breach(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    struct head_bytes head = head_of(ASK, 0, 0);

    (void)state;
    head.bytes[7] = 1;
    send_raw(ends.theirs, head.bytes, sizeof(head.bytes), 0);
    expect_breach(ends.ours, "byte 7 of a frame's head is 0x01, not zero");
}

static void descriptors_that_belong_to_no_frame_are_closed(void **state)
{
    RELEASED(ends) unexpected = connect_ends(1);
    RELEASED(ends) surplus = connect_ends(1);
    RELEASED(ends) flood = connect_ends(1);
    RELEASED(ends) in_the_body = connect_ends(1);
    RELEASED(ends) missing = connect_ends(1);
    struct head_bytes head = head_of(TELL, 0, 1);
    size_t before = count_open_descriptors();

    (void)state;
    send_head(unexpected.theirs, ASK, 0, 1);
    expect_breach(unexpected.ours, "the message ask announces 1 descriptors, "
                                   "above its ceiling of 0");
    send_raw(surplus.theirs, head.bytes, sizeof(head.bytes), 2);
    expect_breach(
        surplus.ours, "the message tell announces 1 descriptors and brings 2");
    send_raw(flood.theirs, head.bytes, sizeof(head.bytes), 40);
    expect_breach(flood.ours, "descriptors came that belong to no frame, or "
                              "that this process has no room for");
    send_head(in_the_body.theirs, ASK, 4, 0);
    send_raw(in_the_body.theirs, "body", 4, 1);
    expect_breach(in_the_body.ours, "descriptors came that belong to no frame, "
                                    "or that this process has no room for");
    send_raw(missing.theirs, head.bytes, sizeof(head.bytes), 0);
    expect_breach(
        missing.ours, "the message tell announces 1 descriptors and brings 0");
    assert_int_equal(count_open_descriptors(), before);
}

static void descriptors_spread_over_a_head_are_counted_together(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    struct head_bytes head = head_of(TELL, 0, 2);
    size_t before = count_open_descriptors();

    (void)state;
    for (size_t i = 0; i < sizeof(head.bytes); i++)
        send_raw(ends.theirs, head.bytes + i, 1, 1);
    expect_breach(ends.ours, "descriptors came that belong to no frame, or "
                             "that this process has no room for");
    assert_int_equal(count_open_descriptors(), before);
}

static void a_frame_nobody_finished_leaks_no_descriptor(void **state)
{
    size_t before = count_open_descriptors();

    (void)state;
    {
        RELEASED(ends) ends = connect_ends(1);
        struct failure why = {0};
        struct frame frame = {0};

        send_head(ends.theirs, TELL, 8, 2);
        assert_false(channel_receive(ends.ours, 0, &frame, &why));
        assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
        frame_close_descriptors(&frame);
    }
    assert_int_equal(count_open_descriptors(), before);
}

static void more_questions_than_the_credit_are_a_breach(void **state)
{
    RELEASED(ends) ends = connect_ends(2);
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    for (int i = 0; i < 3; i++)
        send_head(ends.theirs, ASK, 0, 0);
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    expect_breach(ends.ours, "another question came while 2 are unanswered, "
                             "as many as this channel allows");
}

static void an_answer_frees_its_credit(void **state)
{
    SCOPED_STRUCT(channel) *asker = NULL;
    SCOPED_STRUCT(channel) *answerer = NULL;
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    connect_channels(1, &asker, &answerer);
    for (uint64_t id = 1; id <= 5; id++) {
        assert_true(
            channel_send(asker, ASK, id, bytes_of_text("q"), NULL, 0, 0, &why));
        assert_true(channel_receive(answerer, 1000, &frame, &why));
        assert_true(channel_send(
            answerer, TELL, id, bytes_of_text("part"), NULL, 0, 0, &why));
        assert_true(
            channel_answer(answerer, ASK, frame.id, bytes_of_text("a"), &why));
        assert_true(channel_receive(asker, 1000, &frame, &why));
        assert_int_equal(frame.type, TELL);
        assert_true(channel_receive(asker, 1000, &frame, &why));
        assert_true(frame.id == id);
        assert_true(bytes_equal(frame.body, bytes_of_text("a")));
    }
    /* More answers than questions are no credit for later. */
    assert_true(channel_answer(answerer, ASK, 9, (struct bytes){0}, &why));
    assert_int_equal(answerer->unanswered, 0);
}

static void a_cancel_needs_neither_a_rule_nor_credit(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    send_head(ends.theirs, ASK, 0, 0);
    send_head(ends.theirs, CHANNEL_CANCEL, 0, 0);
    send_head(ends.theirs, CHANNEL_CANCEL, 0, 0);
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    assert_int_equal(frame.type, CHANNEL_CANCEL);
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    send_head(ends.theirs, CHANNEL_CANCEL, 1, 0);
    expect_breach(ends.ours,
        "the message cancel announces 1 bytes, above its ceiling "
        "of 0");
}

static void a_close_between_frames_is_no_breach(void **state)
{
    RELEASED(ends) ends = connect_ends(2);
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    send_head(ends.theirs, ASK, 0, 0);
    descriptor_close(&ends.theirs);
    assert_true(channel_receive(ends.ours, 1000, &frame, &why));
    assert_false(channel_receive(ends.ours, 1000, &frame, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_false(
        channel_send(ends.ours, ASK, 1, (struct bytes){0}, NULL, 0, 0, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason, "the other end of the channel has gone");
}

static void a_close_within_a_frame_is_a_breach(void **state)
{
    RELEASED(ends) in_head = connect_ends(1);
    RELEASED(ends) in_body = connect_ends(1);
    const char *reason =
        "the other end of the channel closed it within a frame";

    (void)state;
    send_raw(in_head.theirs, "\0\0\0", 3, 0);
    descriptor_close(&in_head.theirs);
    expect_breach(in_head.ours, reason);
    send_head(in_body.theirs, ASK, 4, 0);
    send_raw(in_body.theirs, "bod", 3, 0);
    descriptor_close(&in_body.theirs);
    expect_breach(in_body.ours, reason);
}

static void a_frame_may_come_byte_by_byte_over_many_receives(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    struct head_bytes head = head_of(ASK, 4, 0);
    uint8_t bytes[FRAME_HEAD_BYTES + 4];
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    memcpy(bytes, head.bytes, FRAME_HEAD_BYTES);
    memcpy(bytes + FRAME_HEAD_BYTES, "slow", 4);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        assert_false(channel_receive(ends.ours, 0, &frame, &why));
        assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
        assert_string_equal(why.reason, "no frame came within 0 ms");
        send_raw(ends.theirs, bytes + i, 1, 0);
    }
    assert_true(channel_receive(ends.ours, 0, &frame, &why));
    assert_true(bytes_equal(frame.body, bytes_of_text("slow")));
    assert_false(channel_receive(ends.ours, 10, &frame, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
}

static void an_end_that_does_not_read_is_given_up_in_time(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    static const uint8_t body[1 << 20];
    struct failure why = {0};

    (void)state;
    ends.ours->send_limit_ms = 50;
    assert_false(channel_send(ends.ours, BULK, 1,
        (struct bytes){body, sizeof(body)}, NULL, 0, 0, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason, "the other end of the channel did not read "
                                    "a frame within 50 ms");
    assert_false(
        channel_send(ends.ours, ASK, 2, (struct bytes){0}, NULL, 0, 0, &why));
    assert_string_equal(
        why.reason, "the channel was given up after an earlier failure");
}

static void what_no_frame_can_take_is_refused_and_nothing_is_sent(void **state)
{
    RELEASED(ends) ends = connect_ends(1);
    const int closed[17] = {-1};
    struct failure why = {0};
    struct pollfd readable = {.fd = ends.theirs, .events = POLLIN};

    (void)state;
    assert_false(channel_send(
        ends.ours, TELL, 1, (struct bytes){0}, closed, 17, 0, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    assert_false(channel_send(
        ends.ours, TELL, 1, (struct bytes){0}, closed, 1, 0, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    assert_int_equal(poll(&readable, 1, 0), 0);
    assert_true(
        channel_send(ends.ours, TELL, 1, (struct bytes){0}, NULL, 0, 0, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_arrives_as_it_was_sent),
        cmocka_unit_test(descriptors_arrive_open_and_close_on_exec),
        cmocka_unit_test(descriptors_stay_with_the_frame_they_were_sent_with),
        cmocka_unit_test(a_message_without_a_rule_is_a_breach),
        cmocka_unit_test(after_a_breach_the_channel_is_of_no_more_use),
        cmocka_unit_test(a_message_in_a_state_that_forbids_it_is_a_breach),
        cmocka_unit_test(a_body_above_its_ceiling_is_refused_before_any_memory),
        cmocka_unit_test(
            the_room_for_bodies_is_reused_under_each_rules_ceiling),
        cmocka_unit_test(a_head_whose_zero_byte_is_not_zero_is_a_breach),
        cmocka_unit_test(descriptors_that_belong_to_no_frame_are_closed),
        cmocka_unit_test(descriptors_spread_over_a_head_are_counted_together),
        cmocka_unit_test(a_frame_nobody_finished_leaks_no_descriptor),
        cmocka_unit_test(more_questions_than_the_credit_are_a_breach),
        cmocka_unit_test(an_answer_frees_its_credit),
        cmocka_unit_test(a_cancel_needs_neither_a_rule_nor_credit),
        cmocka_unit_test(a_close_between_frames_is_no_breach),
        cmocka_unit_test(a_close_within_a_frame_is_a_breach),
        cmocka_unit_test(a_frame_may_come_byte_by_byte_over_many_receives),
        cmocka_unit_test(an_end_that_does_not_read_is_given_up_in_time),
        cmocka_unit_test(what_no_frame_can_take_is_refused_and_nothing_is_sent),
    };

    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
