#include "front_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "server/front/answerers.h"
#include "server/front_protocol.h"

static const struct channel_rule front_rules[] = {
    {FRONT_REQUEST, "request", FRONT_REQUEST_MAX, 1, 0},
    {0},
};

/* --- routes --------------------------------------------------------------- */

static struct scene *present;

static const struct route routes_of_test[] = {
    {.path = "/hello",
        .methods = EXCHANGE_GET,
        .place = ROUTE_FRONT,
        .manner = MANNER_TEXT},
    {.path = "/big",
        .methods = EXCHANGE_GET,
        .place = ROUTE_FRONT,
        .manner = MANNER_TEXT},
    {.path = "/keeper",
        .methods = EXCHANGE_GET | EXCHANGE_POST,
        .body_max = 4096,
        .place = ROUTE_KEEPER,
        .manner = MANNER_TEXT},
    {.path = "/api/v1",
        .methods = EXCHANGE_POST,
        .body_max = 4096,
        .place = ROUTE_KEEPER,
        .manner = MANNER_PROBLEM},
    {.path = "/ocsp",
        .methods = EXCHANGE_GET | EXCHANGE_POST,
        .body_max = 4096,
        .place = ROUTE_OCSP,
        .manner = MANNER_OCSP},
    {.path = "/version",
        .methods = EXCHANGE_GET,
        .place = ROUTE_FRONT,
        .manner = MANNER_TEXT},
    {.path = "/style.css",
        .methods = EXCHANGE_GET,
        .place = ROUTE_FRONT,
        .manner = MANNER_TEXT},
    {.path = "/page",
        .methods = EXCHANGE_GET,
        .place = ROUTE_KEEPER,
        .manner = MANNER_PAGE},
};

static const struct route *route_of_test(
    const char *path, enum listener listener)
{
    assert_int_equal(listener, LISTENER_PLAIN);
    for (size_t i = 0; i < sizeof(routes_of_test) / sizeof(*routes_of_test);
         i++) {
        if (strcmp(routes_of_test[i].path, path) == 0 ||
            (strncmp(path, "/ocsp/", 6) == 0 &&
                routes_of_test[i].place == ROUTE_OCSP))
            return &routes_of_test[i];
    }
    return NULL;
}

static bool say_hello(struct connection *connection, struct failure *why)
{
    static uint8_t big[BIG_BYTES];
    struct answer answer = {
        .status = 200, .type = "text/plain", .content = bytes_of_text("hello")};

    present->hellos++;
    if (strcmp(connection->path, "/big") == 0) {
        for (size_t i = 0; i < BIG_BYTES; i++)
            big[i] = (uint8_t)('a' + i % 26);
        answer.content = (struct bytes){big, BIG_BYTES};
    }
    return connection_answer(connection, &answer, why);
}

/* --- the scene ------------------------------------------------------------ */

struct front_limits short_limits(void)
{
    struct front_limits limits = front_limits;

    limits.handshake_ms = 60;
    limits.head_ms = 60;
    limits.body_ms = 60;
    limits.idle_ms = 120;
    limits.answer_ms = 60;
    limits.answer_ms_per_kib = 0;
    limits.keeper_ms = 100;
    limits.drain_ms = 60;
    limits.tick_ms = 5;
    return limits;
}

struct scene *scene_new(const struct front_limits *limits)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct failure why = {0};

    assert_non_null(scene);
    assert_true(front_new(limits, &scene->front, &why));
    scene->front->listener = LISTENER_PLAIN;
    scene->front->route_of = route_of_test;
    scene->front->answerers[ROUTE_FRONT] = say_hello;
    scene->front->answerers[ROUTE_OCSP] = answer_status;
    scene->front->answerers[ROUTE_KEEPER] = connection_ask_keeper;
    present = scene;
    return scene;
}

void scene_free(struct scene *scene)
{
    if (scene == NULL)
        return;
    front_free(scene->front);
    channel_free(scene->keeper);
    free(scene);
}

void scene_keeper(struct scene *scene)
{
    struct failure why = {0};
    int sockets[2];

    assert_true(channel_pair(sockets, &why));
    channel_free(scene->keeper);
    scene->keeper = NULL;
    assert_true(channel_new(
        sockets[0], front_rules, FRONT_CREDIT, &scene->keeper, &why));
    assert_true(link_connect(scene->front->link, sockets[1], &why));
}

void scene_keeper_dies(struct scene *scene)
{
    channel_free(scene->keeper);
    scene->keeper = NULL;
}

void scene_turn(struct scene *scene, int64_t milliseconds)
{
    const int64_t until = clock_monotonic_ms() + milliseconds;

    do {
        (void)event_base_loop(
            scene->front->loop, EVLOOP_NONBLOCK | EVLOOP_NO_EXIT_ON_EMPTY);
        (void)poll(NULL, 0, milliseconds > 0 ? 1 : 0);
    } while (clock_monotonic_ms() < until);
}

int scene_client(struct scene *scene, uint8_t last)
{
    struct sockaddr_in from = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000200u | last)};
    struct sockaddr_storage storage = {0};
    struct address address = {0};
    struct failure why = {0};
    int sockets[2];

    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    memcpy(&storage, &from, sizeof(from));
    assert_true(address_of(&storage, &address));
    assert_true(front_welcome(scene->front, sockets[1], &address, &why));
    return sockets[0];
}

/* --- the client ----------------------------------------------------------- */

void client_send(int client, struct bytes bytes)
{
    assert_int_equal(send(client, bytes.start, bytes.length, MSG_NOSIGNAL),
        (ssize_t)bytes.length);
}

void client_say(int client, const char *words)
{
    client_send(client, bytes_of_text(words));
}

struct bytes client_receive(struct scene *scene, int client, bool *closed)
{
    static char heard[2 * BIG_BYTES];
    size_t used = 0;
    int quiet = 0;

    *closed = false;
    while (quiet < 20 && used < sizeof(heard) - 1) {
        ssize_t came;

        scene_turn(scene, 0);
        came =
            recv(client, heard + used, sizeof(heard) - 1 - used, MSG_DONTWAIT);
        if (came == 0) {
            *closed = true;
            break;
        }
        if (came > 0) {
            used += (size_t)came;
            quiet = 0;
        } else {
            quiet++;
        }
    }
    heard[used] = '\0';
    return (struct bytes){(const uint8_t *)heard, used};
}

const char *client_hear(struct scene *scene, int client, bool *closed)
{
    return (const char *)client_receive(scene, client, closed).start;
}

unsigned count_of(const char *text, const char *piece)
{
    unsigned count = 0;

    while ((text = strstr(text, piece)) != NULL) {
        text += strlen(piece);
        count++;
    }
    return count;
}

/* --- the keeper ----------------------------------------------------------- */

bool keeper_hear(struct scene *scene, struct frame *frame)
{
    struct failure why = {0};

    for (int i = 0; i < 20; i++) {
        scene_turn(scene, 0);
        if (channel_receive(scene->keeper, 0, frame, &why))
            return true;
        assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    }
    return false;
}

const char *keeper_field(const struct frame *frame, uint8_t tag)
{
    static char text[8192];
    struct reader reader = reader_of(frame->body);
    struct failure why = {0};

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        assert_true(message_next(&reader, &field, &why));
        if (field.tag == tag) {
            assert_true(field_text(&field, text, sizeof(text), &why));
            return text;
        }
    }
    return "(absent)";
}

void keeper_answer(
    struct scene *scene, uint64_t id, uint64_t status, const char *body)
{
    RELEASED(buffer) message = BUFFER("an answer", FRONT_ANSWER_MAX);
    struct failure why = {0};

    assert_true(
        message_add_number(&message, FRONT_FIELD_STATUS, status, &why) &&
        message_add_text(&message, FRONT_FIELD_TYPE, "text/plain", &why) &&
        message_add_text(&message, FRONT_FIELD_HEADER_NAME, "X-Kept", &why) &&
        message_add_text(&message, FRONT_FIELD_HEADER_VALUE, "yes", &why) &&
        message_add_text(&message, FRONT_FIELD_BODY, body, &why));
    assert_true(channel_answer(
        scene->keeper, FRONT_ANSWER, id, buffer_view(&message), &why));
}
