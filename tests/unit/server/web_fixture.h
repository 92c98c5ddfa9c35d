#ifndef TESTS_UNIT_SERVER_WEB_FIXTURE_H
#define TESTS_UNIT_SERVER_WEB_FIXTURE_H

#include "road_fixture.h"

#include "base/json.h"
#include "protocols/listener.h"
#include "server/control_socket.h"
#include "server/front_protocol.h"

/*
 * A keeper that serves, and a front's end of a channel to it, whose listener
 * the parent named.
 */
static const struct channel_rule answer_rules[] = {
    {FRONT_ANSWER, "answer", FRONT_ANSWER_MAX, 1, 0},
    {FRONT_CERTIFIED, "certified", CONTROL_FRAME_MAX, 1, 0},
    {FRONT_REFUSED, "refused", 4096, 1, 0},
    {0},
};

struct served {
    struct place place;
    int lock, control;
    struct household household;
    struct channel *command;
};

static inline void read_own_settings(struct configuration **configuration)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    struct failure why = {0};

    assert_done(file_read(path_in(folder, "chancery.yaml"), &text, &why), why);
    assert_done(configuration_read(
                    buffer_view(&text), "chancery.yaml", configuration, &why),
        why);
}

/* As `chancery serve` does: a keeper that stays has desks for fronts. */
static inline void start_served(struct served *served)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    RELEASED(household_keys) keys = {0};
    SCOPED_DESCRIPTOR int passphrase = -1;
    SCOPED_DESCRIPTOR int sign_log = -1;
    const struct client_options options = {
        .directory = folder, .passphrase = -1, .root_passphrase = -1};
    struct household_plan plan = {.place = &served->place,
        .mode = KEEPER_SERVES,
        .keys = &keys,
        .lock = served->lock,
        .root_passphrase = -1,
        .listener = served->control,
        .stays = true};
    struct failure why = {0};

    read_own_settings(&configuration);
    assert_done(household_find_keys(&served->place, configuration,
                    &(struct household_wishes){0}, &keys, &why),
        why);
    assert_done(
        client_open_passphrase(&options, &served->place, &passphrase, &why),
        why);
    assert_done(household_open_sign_log(&served->place, &sign_log, &why), why);
    plan.passphrase = passphrase;
    plan.sign_log = sign_log;
    assert_done(household_start(&plan, &served->household, &why), why);
}

static inline void serve_folder(struct served *served)
{
    struct failure why = {0};

    *served = (struct served){
        .lock = -1, .control = -1, .household = {.connection = -1}};
    assert_done(place_open(folder, &served->place, &why), why);
    assert_done(place_lock(&served->place, &served->lock, &why), why);
    assert_true(served->lock >= 0);
    assert_done(
        control_socket_listen(&served->place, &served->control, &why), why);
    start_served(served);
}

static inline void served_end(struct served *served)
{
    household_end(&served->household);
    descriptor_close(&served->control);
    descriptor_close(&served->lock);
}

/* As the parent hands a front its channel. */
static inline void new_front(
    struct served *served, enum listener listener, struct channel **front)
{
    RELEASED(buffer) message = BUFFER("front", 64);
    int sockets[2] = {-1, -1};
    struct failure why = {0};

    assert_done(channel_pair(sockets, &why), why);
    assert_true(message_add_number(&message, CONTROL_NUMBER, listener, &why));
    assert_done(channel_send(served->household.keeper_channel, KEEPER_FRONT, 1,
                    buffer_view(&message), &sockets[1], 1, 0, &why),
        why);
    descriptor_close(&sockets[1]);
    assert_done(channel_new(sockets[0], answer_rules, 0, front, &why), why);
}

/* --- requests ------------------------------------------------------------ */

struct asked {
    const char *method, *path, *query, *host;
    const char *headers[8]; /* name, value, ... */
    struct bytes body, certificate;
    const char *code, *sentence;
};

#define REQUEST_ID "abcdefghijklmnopqrstuvwxyz"

static inline void add_text(
    struct buffer *message, uint8_t tag, const char *text)
{
    struct failure why = {0};

    if (text != NULL)
        assert_true(message_add_text(message, tag, text, &why));
}

static inline void write_request(
    const struct asked *asked, struct buffer *message)
{
    struct failure why = {0};

    add_text(message, FRONT_FIELD_METHOD,
        asked->method == NULL ? "GET" : asked->method);
    add_text(message, FRONT_FIELD_PATH, asked->path);
    add_text(message, FRONT_FIELD_QUERY, asked->query);
    add_text(message, FRONT_FIELD_HOST,
        asked->host == NULL ? "pki.example.org" : asked->host);
    add_text(message, FRONT_FIELD_PEER, "192.0.2.7");
    add_text(message, FRONT_FIELD_REQUEST_ID, REQUEST_ID);
    for (size_t i = 0; i < 8 && asked->headers[i] != NULL; i += 2) {
        add_text(message, FRONT_FIELD_HEADER_NAME, asked->headers[i]);
        add_text(message, FRONT_FIELD_HEADER_VALUE, asked->headers[i + 1]);
    }
    if (asked->certificate.length > 0)
        assert_true(message_add(
            message, FRONT_FIELD_CERTIFICATE, asked->certificate, &why));
    add_text(message, FRONT_FIELD_CERTIFICATE_CODE, asked->code);
    add_text(message, FRONT_FIELD_CERTIFICATE_SENTENCE, asked->sentence);
    if (asked->body.length > 0)
        assert_true(message_add(message, FRONT_FIELD_BODY, asked->body, &why));
}

static inline void send_frame(
    struct channel *front, uint16_t type, uint64_t id, struct bytes message)
{
    struct failure why = {0};

    assert_done(channel_send(front, type, id, message, NULL, 0, 0, &why), why);
}

static inline void send_request(
    struct channel *front, uint64_t id, const struct asked *asked)
{
    RELEASED(buffer) message = BUFFER("request", FRONT_REQUEST_MAX);

    write_request(asked, &message);
    send_frame(front, FRONT_REQUEST, id, buffer_view(&message));
}

/* --- answers ------------------------------------------------------------- */

struct answered {
    uint16_t type;
    uint64_t id;
    unsigned status;
    char media[80];
    char headers[8][2][256];
    size_t header_count;
    struct buffer body;
    struct failure refusal;
};

static inline void answered_free(struct answered *answered)
{
    buffer_free(&answered->body);
}

static inline void take_answer_field(
    struct answered *answered, const struct field *field)
{
    struct failure why = {0};
    uint64_t number = 0;

    if (field->tag == FRONT_FIELD_STATUS) {
        assert_true(field_number(field, &number, &why));
        answered->status = (unsigned)number;
    } else if (field->tag == FRONT_FIELD_TYPE) {
        assert_true(
            field_text(field, answered->media, sizeof(answered->media), &why));
    } else if (field->tag == FRONT_FIELD_HEADER_NAME) {
        assert_true(answered->header_count < 8);
        assert_true(field_text(
            field, answered->headers[answered->header_count++][0], 256, &why));
    } else if (field->tag == FRONT_FIELD_HEADER_VALUE) {
        assert_true(field_text(field,
            answered->headers[answered->header_count - 1][1], 256, &why));
    } else {
        assert_true(buffer_append(&answered->body, field->value, &why));
    }
}

/* The next answer, whichever it is to. */
static inline void receive_answer(
    struct channel *front, struct answered *answered)
{
    struct failure why = {0};
    struct frame frame = {0};
    struct reader reader;

    answered_free(answered);
    *answered = (struct answered){.body = BUFFER("answer", FRONT_ANSWER_MAX)};
    assert_done(channel_receive(front, 60000, &frame, &why), why);
    answered->type = frame.type;
    answered->id = frame.id;
    if (frame.type == FRONT_REFUSED) {
        (void)fail_as_told(&answered->refusal, frame.body, "keeper");
        return;
    }
    reader = reader_of(frame.body);
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        assert_true(message_next(&reader, &field, &why));
        take_answer_field(answered, &field);
    }
}

static inline void ask(
    struct channel *front, const struct asked *asked, struct answered *answered)
{
    send_request(front, 7, asked);
    receive_answer(front, answered);
    assert_int_equal(answered->id, 7);
}

static inline const char *text_of(struct answered *answered)
{
    const char *text = NULL;
    struct failure why = {0};

    assert_true(buffer_as_text(&answered->body, &text, &why));
    return text;
}

/* NULL: it has none. */
static inline const char *header_of(
    const struct answered *answered, const char *name)
{
    for (size_t i = 0; i < answered->header_count; i++) {
        if (strcmp(answered->headers[i][0], name) == 0)
            return answered->headers[i][1];
    }
    return NULL;
}

static inline json_t *json_of(const struct answered *answered)
{
    json_t *value = NULL;
    struct failure why = {0};

    assert_done(
        json_read(buffer_view(&answered->body), "answer", &value, &why), why);
    return value;
}

static inline const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

/* A problem document with this status, kind and sentence. */
static inline void assert_problem(const struct answered *answered,
    unsigned status, const char *kind, const char *detail)
{
    SCOPED(json_t) *problem = NULL;
    char type[128];

    assert_int_equal(answered->type, FRONT_ANSWER);
    if (strcmp(answered->media, "application/problem+json") != 0)
        fail_msg("%u %s for: %s", answered->status, answered->media, detail);
    problem = json_of(answered);
    (void)snprintf(type, sizeof(type), "urn:chancery:problem:%s", kind);
    assert_string_equal(member(problem, "detail"), detail);
    assert_string_equal(member(problem, "type"), type);
    assert_int_equal(
        json_integer_value(json_object_get(problem, "status")), status);
    assert_int_equal(answered->status, status);
    assert_string_equal(member(problem, "request_id"), REQUEST_ID);
}

#endif
