#ifndef TESTS_UNIT_SERVER_WEB_SERVED_H
#define TESTS_UNIT_SERVER_WEB_SERVED_H

#include "web_fixture.h"

/* --- all tests in one served folder --------------------------------------- */

static struct served served;
static struct channel *front[LISTENER_KINDS];
static struct buffer administrator; /* a person's certificate */

static inline void issue_for(const char *profile, const char *subject,
    const char *name, struct buffer *certificate)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    SCOPED_STRUCT(private_key) *key = new_key("p256");
    SCOPED_STRUCT(client) *client = NULL;

    make_request(key, subject, name, &request);
    open_client(folder, &client);
    must_issue(client,
        &(struct client_issue){
            .profile = profile, .request = buffer_view(&request)},
        certificate);
}

static inline void tell_keeper(uint16_t message, struct bytes fields)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};
    struct bytes answer = {0};

    open_client(folder, &client);
    assert_done(
        client_ask(client, message, fields, -1, CONTROL_DONE, &answer, &why),
        why);
}

static inline void add_person(
    const char *name, const char *role, struct bytes certificate)
{
    RELEASED(buffer) fields = BUFFER("fields", CONTROL_FRAME_MAX);
    struct failure why = {0};

    add_text(&fields, CONTROL_NAME, name);
    add_text(&fields, CONTROL_ROLE, role);
    assert_true(message_add(&fields, CONTROL_DER, certificate, &why));
    tell_keeper(CONTROL_PERSON_ADD, buffer_view(&fields));
}

static inline int serve_all(void **state)
{
    (void)make_template(state);
    (void)copy_template(state);
    administrator = EMPTY_CERTIFICATE;
    serve_folder(&served);
    issue_for("client", "CN=Alice", NULL, &administrator);
    add_person("alice", "administrator", buffer_view(&administrator));
    for (unsigned i = 0; i < LISTENER_KINDS; i++)
        new_front(&served, (enum listener)i, &front[i]);
    return 0;
}

static inline int end_all(void **state)
{
    for (unsigned i = 0; i < LISTENER_KINDS; i++)
        channel_free(front[i]);
    served_end(&served);
    buffer_free(&administrator);
    (void)remove_copy(state);
    return remove_template(state);
}

static inline struct asked as_administrator(const char *path)
{
    return (struct asked){
        .path = path, .certificate = buffer_view(&administrator), .code = "ok"};
}

static inline void assert_closed(struct channel *channel)
{
    struct failure why = {0};
    struct frame frame = {0};

    assert_false(channel_receive(channel, 10000, &frame, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
}

#endif
