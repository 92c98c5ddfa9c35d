#include "front_fixture.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/refusal.h"
#include "server/front_protocol.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: ca.test\r\n\r\n"

static void a_question_tells_what_the_keeper_looks_at_and_nothing_else(
    void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 7);
    struct frame frame = {0};

    (void)state;
    scene_keeper(scene);
    client_say(client, "GET /keeper?a=%20b HTTP/1.1\r\nHost: ca.test:8443\r\n"
                       "User-Agent: test\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n");
    assert_true(keeper_hear(scene, &frame));
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_PATH), "/keeper");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_QUERY), "a=%20b");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_HOST), "ca.test:8443");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_PEER), "192.0.2.7");
    assert_string_equal(
        keeper_field(&frame, FRONT_FIELD_HEADER_NAME), "user-agent");
    assert_string_equal(
        keeper_field(&frame, FRONT_FIELD_CERTIFICATE), "(absent)");
    assert_int_equal(strlen(keeper_field(&frame, FRONT_FIELD_REQUEST_ID)), 26);
    assert_null(memmem(
        frame.body.start, frame.body.length, "10.0.0.1", strlen("10.0.0.1")));
}

static void without_a_keeper_there_is_a_503_and_the_front_goes_on(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client, GET("/keeper") GET("/hello"));
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_non_null(strstr(heard, "\r\nRetry-After: 5\r\n"));
    assert_non_null(strstr(heard, "\r\n\r\nhello"));
    assert_false(closed);
}

static void what_was_under_way_when_the_keeper_died_is_never_sent_again(
    void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame frame = {0};
    const char *heard;
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    scene_keeper_dies(scene);
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_non_null(strstr(heard, "whether it was carried out is not known"));
    assert_int_equal(count_of(heard, "HTTP/1.1 "), 1);

    scene_keeper(scene);
    assert_false(keeper_hear(scene, &frame));
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    keeper_answer(scene, frame.id, 200, "back");
    assert_non_null(strstr(client_hear(scene, client, &closed), "back"));
}

static void a_new_keeper_takes_the_place_of_one_that_seems_to_be_there(
    void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame frame = {0};
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    scene_keeper(scene);
    assert_non_null(
        strstr(client_hear(scene, client, &closed), "HTTP/1.1 503 "));
    assert_false(keeper_hear(scene, &frame));
}

static void an_answer_to_no_question_is_passed_over(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame frame = {0};
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    keeper_answer(scene, frame.id + FRONT_CREDIT, 200, "wrong");
    keeper_answer(scene, frame.id + 1, 200, "wrong");
    assert_string_equal(client_hear(scene, client, &closed), "");
    keeper_answer(scene, frame.id, 200, "right");
    assert_non_null(strstr(client_hear(scene, client, &closed), "right"));
}

/* Its parent begins another, with a channel that is believed. */
static void a_front_whose_word_was_refused_ends(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    RELEASED(buffer) refusal = BUFFER("a refusal", 4096);
    struct failure breach = {0}, why = {0};
    struct frame frame = {0};
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    (void)fail_because(&breach, FAILURE_MALFORMED, "a request without a path");
    assert_true(refusal_write(&refusal, &breach, &why));
    assert_true(channel_answer(
        scene->keeper, FRONT_REFUSED, frame.id, buffer_view(&refusal), &why));
    assert_non_null(
        strstr(client_hear(scene, client, &closed), "HTTP/1.1 500 "));
    assert_true(closed);
    assert_true(scene->front->stops);
}

static void a_client_that_goes_cancels_its_question(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame asked = {0}, cancelled = {0};

    (void)state;
    scene_keeper(scene);
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &asked));
    descriptor_close(&client);
    assert_true(keeper_hear(scene, &cancelled));
    assert_int_equal(cancelled.type, CHANNEL_CANCEL);
    assert_true(cancelled.id == asked.id);
    assert_int_equal(scene->front->count, 0);
    keeper_answer(scene, asked.id, 200, "for nobody");
    scene_turn(scene, 5);
    assert_true(link_is_connected(scene->front->link));
}

static void properties25_a_keeper_that_does_not_read_stops_nobody(void **state)
{
    struct front_limits limits = front_limits;
    SCOPED_STRUCT(scene) *scene = NULL;
    SCOPED_DESCRIPTOR int other = -1;
    int clients[FRONT_CREDIT + 1];
    const char *heard;
    bool closed;

    (void)state;
    limits.per_address = FRONT_CREDIT + 1;
    scene = scene_new(&limits);
    scene_keeper(scene);
    for (size_t i = 0; i <= FRONT_CREDIT; i++) {
        clients[i] = scene_client(scene, 1);
        client_say(clients[i], GET("/keeper"));
        scene_turn(scene, 0);
    }
    heard = client_hear(scene, clients[FRONT_CREDIT], &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_non_null(strstr(heard, "as many as may be"));
    assert_string_equal(client_hear(scene, clients[0], &closed), "");
    other = scene_client(scene, 2);
    client_say(other, GET("/hello"));
    assert_non_null(strstr(client_hear(scene, other, &closed), "hello"));
    for (size_t i = 0; i <= FRONT_CREDIT; i++)
        descriptor_close(&clients[i]);
}

static void an_answer_that_breaks_the_protocol_is_a_500_for_one(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame frame = {0};
    const char *heard;
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    keeper_answer(scene, frame.id, 7, "no status");
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 500 Internal Server Error\r\n"));
    assert_null(strstr(heard, "status of HTTP"));
    assert_false(closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_question_tells_what_the_keeper_looks_at_and_nothing_else),
        cmocka_unit_test(without_a_keeper_there_is_a_503_and_the_front_goes_on),
        cmocka_unit_test(
            what_was_under_way_when_the_keeper_died_is_never_sent_again),
        cmocka_unit_test(
            a_new_keeper_takes_the_place_of_one_that_seems_to_be_there),
        cmocka_unit_test(an_answer_to_no_question_is_passed_over),
        cmocka_unit_test(a_front_whose_word_was_refused_ends),
        cmocka_unit_test(a_client_that_goes_cancels_its_question),
        cmocka_unit_test(properties25_a_keeper_that_does_not_read_stops_nobody),
        cmocka_unit_test(an_answer_that_breaks_the_protocol_is_a_500_for_one),
    };

    log_open("front", LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
