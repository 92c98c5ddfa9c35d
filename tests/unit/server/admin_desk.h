#ifndef TESTS_UNIT_SERVER_ADMIN_DESK_H
#define TESTS_UNIT_SERVER_ADMIN_DESK_H

#include "revocation_fixture.h"

#include "authority/control_protocol.h"
#include "base/message.h"
#include "server/admin/admin.h"
#include "server/admin/sessions.h"

/* A person at the admin pages, with verbs that remember what they were asked
 * and sessions whose time passes as the test says. */
static struct {
    struct admin_sessions *sessions;
    int64_t now_ms;
    enum enrolment_role role;
    char cookie[128];
    struct bytes certificate; /* of the person; DER */
    bool asks;
    uint16_t message;
    exchange_finish_ask *finish;
    char id[64], words[512], name[64], authority[64];
    uint64_t reason;
    struct buffer serial;
} person;

#define PERSON_ROW 7

static inline bool take_text(
    const struct field *field, char *text, size_t room, struct failure *why)
{
    assert_done(field_text(field, text, room, why), *why);
    return true;
}

static inline bool remember_field(
    const struct field *field, struct failure *why)
{
    switch (field->tag) {
    case CONTROL_ID:
        return take_text(field, person.id, sizeof(person.id), why);
    case CONTROL_WORDS:
        return take_text(field, person.words, sizeof(person.words), why);
    case CONTROL_NAME:
        return take_text(field, person.name, sizeof(person.name), why);
    case CONTROL_AUTHORITY:
        return take_text(
            field, person.authority, sizeof(person.authority), why);
    case CONTROL_REASON:
        return field_number(field, &person.reason, why);
    default:
        assert_int_equal(field->tag, CONTROL_SERIAL);
        return buffer_append(&person.serial, field->value, why);
    }
}

static inline bool remember_ask(struct exchange *exchange, uint16_t message,
    struct bytes fields, exchange_finish_ask *finish, struct failure *why)
{
    struct reader reader = reader_of(fields);

    (void)exchange;
    person.asks = true;
    person.message = message;
    person.finish = finish;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        assert_done(message_next(&reader, &field, why), *why);
        assert_true(remember_field(&field, why));
    }
    return true;
}

static inline bool issue_nothing(struct exchange *exchange,
    const struct exchange_wish *wish, exchange_finish_issue *finish,
    struct failure *why)
{
    (void)exchange;
    (void)wish;
    (void)finish;
    return fail_because(why, FAILURE_INTERNAL, "no page of these issues");
}

static inline int64_t read_time(void)
{
    return person.now_ms;
}

static inline struct exchange visited(
    enum exchange_method method, const char *path)
{
    static const struct exchange_verbs verbs = {
        .issue = issue_nothing, .ask = remember_ask};
    struct exchange exchange = {.listener = LISTENER_ADMIN,
        .method = method,
        .path = path,
        .host = "localhost:8444",
        .is_tls = true,
        .cookie = person.cookie,
        .certificate = CERTIFICATE_VERIFIED,
        .certificate_der = person.certificate,
        .certificate_code = "",
        .certificate_sentence = "",
        .caller = {.door = DOOR_ADMIN,
            .way = CALLER_PERSON,
            .role = person.role,
            .actor = "alice",
            .who = "person:7",
            .person = PERSON_ROW},
        .authority = &here.authority,
        .store = here.reading,
        .sessions = person.sessions,
        .verbs = &verbs};

    return exchange;
}

static inline void with_text(
    struct exchange *exchange, const char *name, const char *value)
{
    exchange->parameters[exchange->parameter_count++] =
        (struct exchange_parameter){
            .name = name, .value = bytes_of_text(value)};
}

static inline const char *text_of(struct exchange *exchange)
{
    const char *text = NULL;
    struct failure why = {0};

    assert_done(buffer_as_text(&exchange->answer, &text, &why), why);
    return text;
}

static inline const char *header_of(
    const struct exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->header_count; i++) {
        if (strcmp(exchange->headers[i].name, name) == 0)
            return exchange->headers[i].value;
    }
    return "";
}

static inline void answers(struct exchange *exchange, unsigned status)
{
    struct failure why = {0};

    assert_done(admin_answer(exchange, &why), why);
    assert_int_equal(exchange->status, status);
}

static inline void has(struct exchange *exchange, const char *part)
{
    if (strstr(text_of(exchange), part) == NULL)
        fail_msg("not on the page: %s\n%s", part, text_of(exchange));
}

static inline void has_not(struct exchange *exchange, const char *part)
{
    if (strstr(text_of(exchange), part) != NULL)
        fail_msg("on the page: %s", part);
}

static inline void leave(struct exchange *exchange)
{
    buffer_free(&exchange->answer);
}

/* The token of the form with this action, on this page. */
static inline void take_token(
    const char *path, const char *action, char token[static SHA256_TEXT])
{
    static const char before[] = "name=\"token\" value=\"";
    struct exchange exchange = visited(EXCHANGE_GET, path);
    char form[300];
    const char *found;

    answers(&exchange, 200);
    (void)snprintf(form, sizeof(form), "action=\"%s\"", action);
    found = strstr(text_of(&exchange), form);
    assert_non_null(found);
    found = strstr(found, before);
    assert_non_null(found);
    (void)snprintf(token, SHA256_TEXT, "%s", found + sizeof(before) - 1);
    leave(&exchange);
}

static inline void refuses(
    struct exchange *exchange, enum failure_kind kind, const char *part)
{
    struct failure why = {0};

    assert_false(admin_answer(exchange, &why));
    assert_int_equal(why.kind, kind);
    if (strstr(why.reason, part) == NULL)
        fail_msg("%s", why.reason);
    assert_false(person.asks);
    leave(exchange);
}

static inline void sign_in_as(enum enrolment_role role)
{
    const struct session_holder holder = {PERSON_ROW, person.certificate};
    char cookie[SESSION_COOKIE_TEXT];
    struct failure why = {0};

    person.role = role;
    assert_done(
        admin_session_begin(person.sessions, &holder, cookie, &why), why);
    (void)snprintf(
        person.cookie, sizeof(person.cookie), SESSION_COOKIE "=%s", cookie);
}

static inline int open_desk(void **state)
{
    struct failure why = {0};

    (void)open_here(state);
    memset(&person, 0, sizeof(person));
    person.serial = BUFFER("serial", 64);
    person.now_ms = 1000;
    person.certificate = buffer_view(&issuing()->der);
    assert_done(admin_sessions_new(read_time, &person.sessions, &why), why);
    sign_in_as(ROLE_ADMINISTRATOR);
    return 0;
}

static inline int close_desk(void **state)
{
    clock_follow_the_machine();
    admin_sessions_free(person.sessions);
    buffer_free(&person.serial);
    return close_here(state);
}

#define at_the_pages(function) \
    cmocka_unit_test_setup_teardown(function, open_desk, close_desk)

static inline int desk_main(const struct CMUnitTest *tests, size_t count,
    int argument_count, char **arguments)
{
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return _cmocka_run_group_tests(
        "admin", tests, count, make_template, remove_template);
}

#endif
