#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/channel_parts.h"

enum { ASK = 1, BULK = 2 };

static const struct channel_rule rules[] = {
    {.type = ASK, .name = "ask", .body_max = 100, .allowed_when = 1},
    {.type = BULK,
        .name = "bulk",
        .body_max = 1 << 20,
        .allowed_when = 1,
        .descriptors_max = 1},
    {0},
};

static void connect_channels(
    unsigned int credit, struct channel **asker, struct channel **answerer)
{
    struct failure why = {0};
    int sockets[2];

    assert_true(channel_pair(sockets, &why));
    assert_true(channel_new(sockets[0], rules, 0, asker, &why));
    assert_true(channel_new(sockets[1], rules, credit, answerer, &why));
}

#define THREADS 4
#define QUESTIONS 200

/* Longer than a socket's buffer, so that a frame goes in several parts. */
#define BULK_BYTES 300000
#define BULK_QUESTIONS 10

static void *send_bulk_and_descriptor(void *argument)
{
    static const uint8_t body[BULK_BYTES];
    const int descriptor = STDERR_FILENO;
    struct failure why = {0};

    return channel_send(argument, BULK, 1, (struct bytes){body, sizeof(body)},
               &descriptor, 1, 0, &why)
               ? argument
               : NULL;
}

static void descriptors_of_a_long_frame_go_with_its_first_part_alone(
    void **state)
{
    SCOPED_STRUCT(channel) *asker = NULL;
    SCOPED_STRUCT(channel) *answerer = NULL;
    struct failure why = {0};
    struct frame frame = {0};
    void *result = NULL;
    pthread_t thread;

    (void)state;
    connect_channels(1, &asker, &answerer);
    assert_int_equal(
        pthread_create(&thread, NULL, send_bulk_and_descriptor, asker), 0);
    assert_true(channel_receive(answerer, 10000, &frame, &why));
    assert_int_equal(frame.body.length, BULK_BYTES);
    assert_int_equal(frame.descriptor_count, 1);
    frame_close_descriptors(&frame);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, asker);
}

/* Fills the body with the low byte of its id, so that a mixed frame shows. */
static void *ask_from_a_thread(void *argument)
{
    struct channel *channel = argument;
    static _Thread_local uint8_t body[BULK_BYTES];
    struct failure why = {0};

    for (uint64_t id = 0; id < BULK_QUESTIONS; id++) {
        memset(body, (int)(id & 0xff), sizeof(body));
        if (!channel_send(channel, BULK, id,
                (struct bytes){body, sizeof(body) - id}, NULL, 0, 0, &why))
            return NULL;
    }
    return argument;
}

static bool is_filled_with(struct bytes body, uint8_t byte)
{
    for (size_t i = 0; i < body.length; i++)
        if (body.start[i] != byte)
            return false;
    return true;
}

static void join_all(pthread_t *threads, size_t count, void *expected)
{
    for (size_t i = 0; i < count; i++) {
        void *result = NULL;

        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, expected);
    }
}

static void frames_of_several_threads_arrive_whole(void **state)
{
    SCOPED_STRUCT(channel) *asker = NULL;
    SCOPED_STRUCT(channel) *answerer = NULL;
    pthread_t threads[THREADS];
    struct failure why = {0};
    struct frame frame = {0};

    (void)state;
    connect_channels(THREADS * BULK_QUESTIONS, &asker, &answerer);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, ask_from_a_thread, asker), 0);
    for (size_t i = 0; i < THREADS * BULK_QUESTIONS; i++) {
        assert_true(channel_receive(answerer, 10000, &frame, &why));
        assert_int_equal(frame.body.length, BULK_BYTES - frame.id);
        assert_true(is_filled_with(frame.body, (uint8_t)frame.id));
    }
    join_all(threads, THREADS, asker);
}

/* Questions that wait for a worker; handed over by a mutex. */
struct work {
    struct channel *channel;
    pthread_mutex_t mutex;
    uint64_t waiting[THREADS];
    size_t count;
    size_t answered;
    bool failed;
};

static bool take_work(struct work *work, uint64_t *id, bool *finished)
{
    bool taken = false;

    (void)pthread_mutex_lock(&work->mutex);
    if (work->count > 0) {
        *id = work->waiting[--work->count];
        work->answered++;
        taken = true;
    }
    *finished = !taken && (work->answered == QUESTIONS || work->failed);
    (void)pthread_mutex_unlock(&work->mutex);
    return taken;
}

static void *answer_from_a_thread(void *argument)
{
    struct work *work = argument;
    struct failure why = {0};
    bool finished = false;

    while (!finished) {
        uint64_t id = 0;

        if (!take_work(work, &id, &finished))
            (void)poll(NULL, 0, 1);
        else if (!channel_answer(
                     work->channel, ASK, id, bytes_of_text("done"), &why))
            return NULL;
    }
    return argument;
}

static void *receive_in_a_thread(void *argument)
{
    struct work *work = argument;
    struct failure why = {0};
    struct frame frame = {0};

    for (size_t i = 0; i < QUESTIONS; i++) {
        bool received = channel_receive(work->channel, 10000, &frame, &why);

        (void)pthread_mutex_lock(&work->mutex);
        if (received)
            work->waiting[work->count++] = frame.id;
        else
            work->failed = true;
        (void)pthread_mutex_unlock(&work->mutex);
        if (!received)
            return NULL;
    }
    return argument;
}

/* The asker uses its whole credit all the time: a credit that is freed after
 * the answer left would be a breach here, sooner or later. */
static void credit_holds_while_several_threads_answer(void **state)
{
    SCOPED_STRUCT(channel) *asker = NULL;
    SCOPED_STRUCT(channel) *answerer = NULL;
    struct work work = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS + 1];
    struct failure why = {0};
    struct frame frame = {0};
    uint64_t asked = 0;

    (void)state;
    connect_channels(THREADS, &asker, &answerer);
    work.channel = answerer;
    assert_int_equal(
        pthread_create(&threads[0], NULL, receive_in_a_thread, &work), 0);
    for (size_t i = 1; i <= THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, answer_from_a_thread, &work), 0);

    for (size_t answered = 0; answered < QUESTIONS; answered++) {
        while (asked < QUESTIONS && asked < answered + THREADS)
            assert_true(channel_send(
                asker, ASK, asked++, bytes_of_text("work"), NULL, 0, 0, &why));
        assert_true(channel_receive(asker, 10000, &frame, &why));
    }
    join_all(threads, THREADS + 1, &work);
    assert_int_equal(answerer->unanswered, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            descriptors_of_a_long_frame_go_with_its_first_part_alone),
        cmocka_unit_test(frames_of_several_threads_arrive_whole),
        cmocka_unit_test(credit_holds_while_several_threads_answer),
    };

    return cmocka_run_group_tests_name("channel threads", tests, NULL, NULL);
}
