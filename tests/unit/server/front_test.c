#include "front_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/front_protocol.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: ca.test\r\n\r\n"
#define CLOSE(path) \
    "GET " path " HTTP/1.1\r\nHost: ca.test\r\nConnection: close\r\n\r\n"

/* --- answers -------------------------------------------------------------- */

static void an_answer_has_length_date_and_the_id_of_its_request(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client, GET("/hello"));
    heard = client_hear(scene, client, &closed);
    assert_false(closed);
    assert_ptr_equal(strstr(heard, "HTTP/1.1 200 OK\r\n"), heard);
    assert_non_null(strstr(heard, "\r\nDate: "));
    assert_non_null(strstr(heard, "\r\nContent-Length: 5\r\n"));
    assert_non_null(strstr(heard, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(heard, "\r\nX-Request-Id: "));
    assert_int_equal(strcspn(strstr(heard, "X-Request-Id: ") + 14, "\r"), 26);
    assert_string_equal(strstr(heard, "\r\n\r\n"), "\r\n\r\nhello");
}

static void head_is_answered_as_get_without_the_content(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client, "HEAD /hello HTTP/1.1\r\nHost: ca.test\r\n\r\n");
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "\r\nContent-Length: 5\r\n"));
    assert_string_equal(strstr(heard, "\r\n\r\n"), "\r\n\r\n");
    assert_false(closed);
}

static void bytes_may_come_one_by_one(void **state)
{
    static const char words[] =
        "POST /keeper HTTP/1.1\r\nHost: ca.test\r\n"
        "Transfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" GET("/hello");
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame frame = {0};
    const char *heard;
    bool closed;

    (void)state;
    scene_keeper(scene);
    for (size_t i = 0; i < sizeof(words) - 1; i++) {
        const char piece[2] = {words[i], '\0'};

        client_say(client, piece);
        scene_turn(scene, 0);
    }
    assert_true(keeper_hear(scene, &frame));
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_BODY), "abcde");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_METHOD), "POST");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_HOST), "ca.test");
    keeper_answer(scene, frame.id, 201, "kept");
    heard = client_hear(scene, client, &closed);
    assert_ptr_equal(strstr(heard, "HTTP/1.1 201 Created\r\n"), heard);
    assert_non_null(strstr(heard, "\r\nX-Kept: yes\r\n"));
    assert_non_null(strstr(heard, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(heard, "hello"));
    assert_int_equal(count_of(heard, "HTTP/1.1 "), 2);
}

static void requests_sent_ahead_are_answered_one_at_a_time_in_order(
    void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame first = {0}, second = {0};
    const char *heard;
    uint64_t id;
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(client, GET("/keeper?n=1") GET("/keeper?n=2") CLOSE("/hello"));
    assert_true(keeper_hear(scene, &first));
    assert_string_equal(keeper_field(&first, FRONT_FIELD_QUERY), "n=1");
    id = first.id;
    assert_false(keeper_hear(scene, &second));
    assert_int_equal(scene->hellos, 0);
    keeper_answer(scene, id, 200, "one");
    assert_true(keeper_hear(scene, &second));
    assert_string_equal(keeper_field(&second, FRONT_FIELD_QUERY), "n=2");
    keeper_answer(scene, second.id, 200, "two");
    heard = client_hear(scene, client, &closed);
    assert_true(closed);
    assert_true(strstr(heard, "one") < strstr(heard, "two"));
    assert_true(strstr(heard, "two") < strstr(heard, "hello"));
}

static void a_client_that_does_not_read_gets_all_when_it_does(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard, *content;
    bool closed;

    (void)state;
    client_say(client, GET("/big") GET("/hello"));
    scene_turn(scene, 20);
    assert_int_equal(scene->hellos, 1);
    heard = client_hear(scene, client, &closed);
    content = strstr(heard, "\r\n\r\n") + 4;
    for (size_t i = 0; i < BIG_BYTES; i++)
        assert_true(content[i] == (char)('a' + i % 26));
    assert_non_null(strstr(content + BIG_BYTES, "hello"));
}

static void what_is_not_there_and_not_allowed_is_told_in_its_manner(
    void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client, GET("/nothing"));
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 404 Not Found\r\n"));
    assert_non_null(strstr(heard, "\r\n\r\nthere is nothing at this address"));
    assert_non_null(strstr(heard, "Content-Type: text/plain"));

    client_say(client, "GET /<nothing> HTTP/1.1\r\nHost: ca.test\r\n"
                       "Accept: text/html\r\n\r\n");
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 400 Bad Request\r\n"));
    assert_true(closed);
}

static void a_method_that_is_not_allowed_is_told_those_that_are(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client, "DELETE /keeper HTTP/1.1\r\nHost: ca.test\r\n\r\n");
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 405 Method Not Allowed\r\n"));
    assert_non_null(strstr(heard, "\r\nAllow: GET, HEAD, POST\r\n"));
    assert_false(closed);

    client_say(client, "BREW /keeper HTTP/1.1\r\nHost: ca.test\r\n\r\n");
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 501 Not Implemented\r\n"));
    assert_false(closed);
}

static void a_problem_is_a_document_with_the_id_of_its_request(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    char id[64] = "";
    bool closed;

    (void)state;
    client_say(client,
        "POST /api/v1 HTTP/1.1\r\nHost: ca.test\r\nContent-Length: 0\r\n\r\n");
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_non_null(strstr(heard, "\r\nRetry-After: 5\r\n"));
    assert_non_null(strstr(heard, "application/problem+json"));
    (void)snprintf(id, sizeof(id), "\"request_id\":\"%.26s\"",
        strstr(heard, "X-Request-Id: ") + 14);
    assert_non_null(strstr(heard, id));
    assert_non_null(strstr(heard, "\"status\":503"));
}

static void a_page_has_the_headers_that_keep_it_a_page(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client, GET("/page"));
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 503 "));
    assert_non_null(
        strstr(heard, "\r\nContent-Security-Policy: default-src 'none'; "));
    assert_non_null(strstr(heard, "\r\nX-Frame-Options: DENY\r\n"));
    assert_null(strstr(heard, "Strict-Transport-Security"));
    assert_non_null(strstr(heard, "the authority is not running"));
}

/* --- bodies --------------------------------------------------------------- */

static void a_body_is_asked_for_once_it_is_known_to_fit(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame frame = {0};
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(client,
        "POST /keeper HTTP/1.1\r\nHost: ca.test\r\nContent-Length: 4\r\n"
        "Expect: 100-continue\r\n\r\n");
    assert_string_equal(
        client_hear(scene, client, &closed), "HTTP/1.1 100 Continue\r\n\r\n");
    client_say(client, "body");
    assert_true(keeper_hear(scene, &frame));
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_BODY), "body");
}

/* What the head was read into is written over by the body. */
static void a_body_that_comes_later_leaves_its_head_as_it_was(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    struct frame frame = {0};
    char body[201] = "";

    (void)state;
    memset(body, 'b', sizeof(body) - 1);
    scene_keeper(scene);
    client_say(client,
        "POST /keeper?n=1 HTTP/1.1\r\nHost: ca.test\r\nUser-Agent: test\r\n"
        "Content-Length: 200\r\n\r\n");
    scene_turn(scene, 5);
    client_say(client, body);
    assert_true(keeper_hear(scene, &frame));
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_PATH), "/keeper");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_QUERY), "n=1");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_HOST), "ca.test");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_HEADER_VALUE), "test");
    assert_string_equal(keeper_field(&frame, FRONT_FIELD_BODY), body);
}

static void a_body_that_does_not_fit_is_refused_before_it_comes(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client,
        "POST /keeper HTTP/1.1\r\nHost: ca.test\r\nContent-Length: 4097\r\n"
        "Expect: 100-continue\r\n\r\n");
    heard = client_hear(scene, client, &closed);
    assert_ptr_equal(
        strstr(heard, "HTTP/1.1 413 Content Too Large\r\n"), heard);
    assert_non_null(strstr(heard, "\r\nConnection: close\r\n"));
}

static void a_request_without_a_body_may_say_so_by_its_length(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client,
        "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    heard = client_hear(scene, client, &closed);
    assert_int_equal(count_of(heard, "HTTP/1.1 200 OK"), 1);
    assert_int_equal(count_of(heard, "HTTP/1.1 413 "), 1);
}

/* --- framing -------------------------------------------------------------- */

static void properties28_no_request_is_counted_as_two(void **state)
{
    static const char *const cases[] = {
        "POST /keeper HTTP/1.1\r\nHost: a\r\nContent-Length: 44\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET("/hello"),
        "POST /keeper HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
        "Content-Length: 44\r\n\r\n" GET("/hello"),
        "POST /keeper HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n" GET(
            "/hello"),
        "POST /keeper HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n"
        "\r\n0\r\n\r\n" GET("/hello"),
        "POST /keeper HTTP/1.1\r\nHost: a\r\n"
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" GET("/hello"),
        "POST /keeper HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "\r\n0x0\r\n\r\n" GET("/hello"),
        "GET /hello HTTP/1.1\nHost: a\n\n" GET("/hello"),
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n" GET(
            "/hello"),
        "GET /hello HTTP/1.1\r\n\r\n" GET("/hello"),
        "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" GET("/hello"),
        "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 41\r\n\r\n" GET(
            "/hello"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
        SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
        struct frame frame = {0};
        const char *heard;
        bool closed;

        scene_keeper(scene);
        client_say(client, cases[i]);
        heard = client_hear(scene, client, &closed);
        assert_true(closed);
        assert_int_equal(count_of(heard, "HTTP/1.1 "), 1);
        assert_true(strstr(heard, "HTTP/1.1 4") == heard ||
                    strstr(heard, "HTTP/1.1 501 ") == heard);
        assert_non_null(strstr(heard, "\r\nConnection: close\r\n"));
        assert_true(strstr(heard, " (RFC ") != NULL ||
                    strstr(heard, " 405 Method Not Allowed") != NULL);
        assert_int_equal(scene->hellos, 0);
        assert_false(keeper_hear(scene, &frame));
    }
}

/* --- deadlines ------------------------------------------------------------ */

/* Says a byte each 10 ms until the front ends it or the time is over. */
static const char *trickle(
    struct scene *scene, int client, int64_t at_most_ms, bool *closed)
{
    const int64_t until = clock_monotonic_ms() + at_most_ms;
    static char all[4096];
    size_t used = 0;

    *closed = false;
    while (!*closed && clock_monotonic_ms() < until) {
        const char *heard;

        (void)send(client, "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        scene_turn(scene, 10);
        heard = client_hear(scene, client, closed);
        used += (size_t)snprintf(all + used, sizeof(all) - used, "%s", heard);
    }
    all[used] = '\0';
    return all;
}

static void properties27_a_head_that_trickles_is_cut_at_its_deadline(
    void **state)
{
    const struct front_limits limits = short_limits();
    SCOPED_STRUCT(scene) *scene = scene_new(&limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    const char *heard;
    bool closed;

    (void)state;
    client_say(client, "GET /hello HTTP/1.1\r\nHost: a\r\nX: ");
    heard = trickle(scene, client, 400, &closed);
    assert_true(closed);
    assert_non_null(strstr(heard, "HTTP/1.1 408 Request Timeout\r\n"));
    scene_turn(scene, 80);
    assert_int_equal(scene->front->count, 0);
}

static void properties27_a_body_that_trickles_is_cut_at_its_deadline(
    void **state)
{
    struct front_limits limits = short_limits();
    SCOPED_STRUCT(scene) *scene = NULL;
    SCOPED_DESCRIPTOR int client = -1;
    const char *heard;
    bool closed;

    (void)state;
    scene = scene_new(&limits);
    client = scene_client(scene, 1);
    client_say(client,
        "POST /keeper HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n");
    heard = trickle(scene, client, 400, &closed);
    assert_true(closed);
    assert_non_null(strstr(heard, "HTTP/1.1 408 Request Timeout\r\n"));
}

static void a_connection_that_says_nothing_is_ended_without_a_word(void **state)
{
    const struct front_limits limits = short_limits();
    SCOPED_STRUCT(scene) *scene = scene_new(&limits);
    SCOPED_DESCRIPTOR int silent = scene_client(scene, 1);
    SCOPED_DESCRIPTOR int kept = scene_client(scene, 2);
    bool closed;

    (void)state;
    client_say(kept, GET("/hello"));
    assert_non_null(strstr(client_hear(scene, kept, &closed), "hello"));
    scene_turn(scene, 80);
    assert_string_equal(client_hear(scene, silent, &closed), "");
    assert_true(closed);
    assert_string_equal(client_hear(scene, kept, &closed), "");
    assert_false(closed);
    scene_turn(scene, 80);
    assert_string_equal(client_hear(scene, kept, &closed), "");
    assert_true(closed);
}

static void an_answer_that_nobody_reads_is_given_up(void **state)
{
    const struct front_limits limits = short_limits();
    SCOPED_STRUCT(scene) *scene = scene_new(&limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);

    (void)state;
    client_say(client, GET("/big"));
    scene_turn(scene, 20);
    assert_int_equal(scene->front->count, 1);
    scene_turn(scene, 80);
    assert_int_equal(scene->front->count, 0);
    assert_int_equal(scene->front->held, 0);
}

static void a_keeper_that_does_not_answer_in_time_is_a_504(void **state)
{
    struct front_limits limits = short_limits();
    SCOPED_STRUCT(scene) *scene = NULL;
    SCOPED_DESCRIPTOR int client = -1;
    struct frame frame = {0};
    const char *heard;
    bool closed;

    (void)state;
    limits.keeper_ms = -1950; /* and the 2 s that are added */
    scene = scene_new(&limits);
    client = scene_client(scene, 1);
    scene_keeper(scene);
    client_say(client, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    scene_turn(scene, 80);
    heard = client_hear(scene, client, &closed);
    assert_non_null(strstr(heard, "HTTP/1.1 504 Gateway Timeout\r\n"));
    assert_false(closed);
    /* Its answer comes too late for anybody. */
    keeper_answer(scene, frame.id, 200, "late");
    client_say(client, GET("/hello"));
    heard = client_hear(scene, client, &closed);
    assert_int_equal(count_of(heard, "HTTP/1.1 "), 1);
    assert_non_null(strstr(heard, "hello"));
}

/* --- ceilings ------------------------------------------------------------- */

static void at_the_ceiling_of_an_address_its_oldest_idle_gives_way(void **state)
{
    struct front_limits limits = front_limits;
    SCOPED_STRUCT(scene) *scene = NULL;
    SCOPED_DESCRIPTOR int first = -1, second = -1, third = -1, other = -1;
    bool closed;

    (void)state;
    limits.per_address = 2;
    scene = scene_new(&limits);
    other = scene_client(scene, 9);
    first = scene_client(scene, 1);
    second = scene_client(scene, 1);
    client_say(other, GET("/hello"));
    (void)client_hear(scene, other, &closed);
    client_say(second, GET("/hello"));
    (void)client_hear(scene, second, &closed);
    third = scene_client(scene, 1);
    assert_string_equal(client_hear(scene, second, &closed), "");
    assert_true(closed);
    client_say(third, GET("/hello"));
    assert_non_null(strstr(client_hear(scene, third, &closed), "hello"));
    assert_string_equal(client_hear(scene, other, &closed), "");
    assert_false(closed);
}

static void at_a_ceiling_without_an_idle_one_the_new_is_turned_away(
    void **state)
{
    struct front_limits limits = front_limits;
    SCOPED_STRUCT(scene) *scene = NULL;
    SCOPED_DESCRIPTOR int first = -1, second = -1, third = -1;
    bool closed;

    (void)state;
    limits.in_all = 2;
    scene = scene_new(&limits);
    first = scene_client(scene, 1);
    second = scene_client(scene, 2);
    third = scene_client(scene, 3);
    assert_non_null(strstr(client_hear(scene, third, &closed),
        "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_true(closed);
    assert_int_equal(scene->front->count, 2);
    descriptor_close(&first);
    scene_turn(scene, 5);
    assert_int_equal(scene->front->count, 1);
}

static void bodies_and_answers_together_have_a_ceiling(void **state)
{
    struct front_limits limits = front_limits;
    SCOPED_STRUCT(scene) *scene = NULL;
    SCOPED_DESCRIPTOR int first = -1, second = -1;
    bool closed;

    (void)state;
    limits.held_max = BIG_BYTES + BIG_BYTES / 2;
    scene = scene_new(&limits);
    first = scene_client(scene, 1);
    second = scene_client(scene, 2);
    client_say(first, GET("/big"));
    client_say(second, GET("/big"));
    scene_turn(scene, 5);
    assert_int_equal(scene->front->count, 1);
    assert_true(scene->front->held <= limits.held_max);
    assert_true(strlen(client_hear(scene, first, &closed)) > BIG_BYTES);
}

static void a_front_that_stops_ends_with_its_last_answer(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int idle = scene_client(scene, 1);
    SCOPED_DESCRIPTOR int busy = scene_client(scene, 2);
    SCOPED_DESCRIPTOR int silent = scene_client(scene, 3);
    struct frame frame = {0};
    const char *heard;
    bool closed;

    (void)state;
    scene_keeper(scene);
    client_say(idle, GET("/hello"));
    (void)client_hear(scene, idle, &closed);
    client_say(busy, GET("/keeper"));
    assert_true(keeper_hear(scene, &frame));
    front_stop(scene->front);
    (void)client_hear(scene, idle, &closed);
    assert_true(closed);
    (void)client_hear(scene, silent, &closed);
    assert_true(closed);
    keeper_answer(scene, frame.id, 200, "done");
    heard = client_hear(scene, busy, &closed);
    assert_non_null(strstr(heard, "\r\nConnection: close\r\n"));
    assert_non_null(strstr(heard, "done"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_length_date_and_the_id_of_its_request),
        cmocka_unit_test(head_is_answered_as_get_without_the_content),
        cmocka_unit_test(bytes_may_come_one_by_one),
        cmocka_unit_test(
            requests_sent_ahead_are_answered_one_at_a_time_in_order),
        cmocka_unit_test(a_client_that_does_not_read_gets_all_when_it_does),
        cmocka_unit_test(
            what_is_not_there_and_not_allowed_is_told_in_its_manner),
        cmocka_unit_test(a_method_that_is_not_allowed_is_told_those_that_are),
        cmocka_unit_test(a_problem_is_a_document_with_the_id_of_its_request),
        cmocka_unit_test(a_page_has_the_headers_that_keep_it_a_page),
        cmocka_unit_test(a_body_is_asked_for_once_it_is_known_to_fit),
        cmocka_unit_test(a_body_that_comes_later_leaves_its_head_as_it_was),
        cmocka_unit_test(a_body_that_does_not_fit_is_refused_before_it_comes),
        cmocka_unit_test(a_request_without_a_body_may_say_so_by_its_length),
        cmocka_unit_test(properties28_no_request_is_counted_as_two),
        cmocka_unit_test(
            properties27_a_head_that_trickles_is_cut_at_its_deadline),
        cmocka_unit_test(
            properties27_a_body_that_trickles_is_cut_at_its_deadline),
        cmocka_unit_test(
            a_connection_that_says_nothing_is_ended_without_a_word),
        cmocka_unit_test(an_answer_that_nobody_reads_is_given_up),
        cmocka_unit_test(a_keeper_that_does_not_answer_in_time_is_a_504),
        cmocka_unit_test(
            at_the_ceiling_of_an_address_its_oldest_idle_gives_way),
        cmocka_unit_test(
            at_a_ceiling_without_an_idle_one_the_new_is_turned_away),
        cmocka_unit_test(bodies_and_answers_together_have_a_ceiling),
        cmocka_unit_test(a_front_that_stops_ends_with_its_last_answer),
    };

    log_open("front", LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
