#ifndef TESTS_UNIT_PROTOCOLS_REST_FIXTURE_H
#define TESTS_UNIT_PROTOCOLS_REST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority/authority.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/message.h"
#include "protocols/rest/operation.h"
#include "protocols/rest/schemas.h"
#include "store/search.h"
#include "store/store_requests.h"
#include "store/store_revocations.h"
#include "support/chain_desk.h"
#include "x509/pem.h"
#include "x509/request.h"

/*
 * A store with an authority and certificates that OpenSSL made, settings with
 * the seven profiles of init, and verbs that note what they are asked: what a
 * handler has in the keeper, without its threads.
 */
#define NOW DESK_NOW
#define DAY DESK_DAY

struct asked {
    bool issues;
    struct exchange_wish wish; /* with copies of its texts and bytes */
    char origin[STORE_ORIGIN_ROOM];
    char profile[64], authority[64];
    uint8_t request[4096], names[4096], subject[512], renews[64], proof[512];
    uint16_t message;
    uint8_t fields[4096];
    size_t fields_length;
};

/* What the verbs say; one at a time, as cmocka runs its tests. */
struct saying {
    struct failure refusal; /* of the verb, when it has a kind */
    struct exchange_issued issued;
    const char *facts; /* JSON */
};

struct fixture {
    char folder[64];
    struct store *store;
    struct search *search;
    struct configuration *configuration;
    char keys[1][SHA256_TEXT];
    struct authority authority;
    struct exchange exchange;
    struct failure why;
    json_t *body; /* of the answer */
};

static struct asked asked;
static struct saying saying;

#define assert_done(expression, why)       \
    do {                                   \
        if (!(expression))                 \
            fail_msg("%s", (why)->reason); \
    } while (false)

/* --- the verbs ----------------------------------------------------------- */

static inline struct bytes noted(uint8_t *room, size_t size, struct bytes bytes)
{
    assert_true(bytes.length <= size);
    if (bytes.length > 0)
        memcpy(room, bytes.start, bytes.length);
    return (struct bytes){room, bytes.length};
}

static inline bool note_issue(struct exchange *exchange,
    const struct exchange_wish *wish, exchange_finish_issue *finish,
    struct failure *why)
{
    asked = (struct asked){.issues = true, .wish = *wish};
    asked.wish.request =
        noted(asked.request, sizeof(asked.request), wish->request);
    asked.wish.general_names =
        noted(asked.names, sizeof(asked.names), wish->general_names);
    asked.wish.subject =
        noted(asked.subject, sizeof(asked.subject), wish->subject);
    asked.wish.renews = noted(asked.renews, sizeof(asked.renews), wish->renews);
    asked.wish.proof = noted(asked.proof, sizeof(asked.proof), wish->proof);
    (void)snprintf(asked.profile, sizeof(asked.profile), "%s",
        wish->profile == NULL ? "" : wish->profile);
    (void)snprintf(asked.authority, sizeof(asked.authority), "%s",
        wish->authority == NULL ? "" : wish->authority);
    (void)snprintf(asked.origin, sizeof(asked.origin), "%s",
        wish->origin == NULL ? "" : wish->origin);
    if (saying.refusal.kind != FAILURE_NONE)
        return problem_answer_failure(exchange, &saying.refusal, why);
    return finish(exchange, &saying.issued, why);
}

static inline bool note_ask(struct exchange *exchange, uint16_t message,
    struct bytes fields, exchange_finish_ask *finish, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;

    asked = (struct asked){.message = message};
    asked.fields_length =
        noted(asked.fields, sizeof(asked.fields), fields).length;
    if (saying.refusal.kind != FAILURE_NONE)
        return problem_answer_failure(exchange, &saying.refusal, why);
    assert_done(
        json_read(bytes_of_text(saying.facts), "facts", &facts, why), why);
    return finish(exchange, facts, why);
}

static const struct exchange_verbs noting_verbs = {
    .issue = note_issue, .ask = note_ask};

/* The field with this tag of what was asked; length 0: none. */
static inline struct bytes asked_field(uint8_t tag)
{
    struct reader reader =
        reader_of((struct bytes){asked.fields, asked.fields_length});
    struct failure why = {0};
    struct field field = {0};

    while (!reader_at_end(&reader)) {
        assert_true(message_next(&reader, &field, &why));
        if (field.tag == tag)
            return field.value;
    }
    return (struct bytes){0};
}

static inline void assert_asked_text(uint8_t tag, const char *text)
{
    struct bytes value = asked_field(tag);

    assert_int_equal(value.length, strlen(text));
    assert_memory_equal(value.start, text, value.length);
}

/* --- the store ----------------------------------------------------------- */

/* Serials of tests: 16 digits, as desk_make has them. */
#define SERIAL_BASE 0x5100000000000000L

static inline struct bytes make_leaf(size_t number, const char *names)
{
    return desk_make(&(struct desk_plan){.subject = "leaf",
        .issuer = "Test CA",
        .key = 3,
        .signer = 1,
        .serial = SERIAL_BASE + (long)number,
        .from = -1,
        .until = 30,
        .names = names});
}

static inline void add_certificate(struct fixture *fixture,
    const struct certificate_row *given, struct bytes der)
{
    struct certificate certificate = {0};
    struct certificate_row row = *given;
    struct failure *why = &fixture->why;
    bool added = false;

    assert_done(certificate_read(der, &certificate, why), why);
    row.serial = certificate.tbs.serial;
    row.der = der;
    row.sealed = true;
    row.authority = 1;
    row.issued_at = NOW - DAY;
    row.not_after =
        row.not_after == 0 ? certificate.tbs.not_after : row.not_after;
    row.profile = row.profile == NULL ? "server" : row.profile;
    row.actor = "alice";
    assert_done(store_begin(fixture->store, why), why);
    assert_done(store_add_certificate(fixture->store, &row, &added, why), why);
    assert_true(added);
    assert_done(store_commit(fixture->store, why), why);
}

/* Certificates 1 to count, named host1.example and so on. */
static inline void add_leaves(struct fixture *fixture, size_t count)
{
    for (size_t i = 1; i <= count; i++) {
        char names[64];

        (void)snprintf(names, sizeof(names), "DNS:host%zu.example", i);
        add_certificate(
            fixture, &(struct certificate_row){0}, make_leaf(i, names));
    }
}

static inline void add_authority(struct fixture *fixture)
{
    struct bytes root = desk_root("Test CA", 1);
    struct failure *why = &fixture->why;
    int64_t id = 0;

    assert_done(store_begin(fixture->store, why), why);
    assert_done(store_add_authority(fixture->store,
                    &(struct authority_row){.name = "issuing",
                        .certificate = root,
                        .key_sha256 = "key",
                        .issues = true,
                        .crl_shards = 1},
                    &id, why),
        why);
    assert_done(store_commit(fixture->store, why), why);
}

/* A signer that has gone. */
static inline struct signer_client *no_signer(struct fixture *fixture)
{
    struct signer_client *signer = NULL;
    int sockets[2];

    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    assert_int_equal(close(sockets[1]), 0);
    assert_done(
        signer_client_new(sockets[0], &signer, &fixture->why), &fixture->why);
    return signer;
}

static inline void read_settings(struct fixture *fixture)
{
    RELEASED(buffer) text = BUFFER("settings", CONFIGURATION_MAX);
    struct failure *why = &fixture->why;

    assert_done(configuration_write_first("Test", "http://pki.example",
                    key_algorithm_named("p256"), true, 1, &text, why),
        why);
    assert_done(configuration_read(buffer_view(&text), "chancery.yaml",
                    &fixture->configuration, why),
        why);
}

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    char path[96];

    assert_non_null(fixture);
    clock_set(NOW);
    saying = (struct saying){.facts = "{}"};
    asked = (struct asked){0};
    (void)snprintf(
        fixture->folder, sizeof(fixture->folder), "/tmp/chancery-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    (void)snprintf(path, sizeof(path), "%s/chancery.db", fixture->folder);
    assert_done(store_open(path, STORE_CREATE, &fixture->store, &fixture->why),
        &fixture->why);
    read_settings(fixture);
    add_authority(fixture);
    (void)snprintf(fixture->keys[0], sizeof(fixture->keys[0]), "key");
    assert_done(authority_open(&fixture->authority, fixture->configuration,
                    no_signer(fixture), fixture->store, fixture->keys, 1,
                    &fixture->why),
        &fixture->why);
    *state = fixture;
    return 0;
}

static inline void forget_answer(struct fixture *fixture)
{
    struct exchange *exchange = &fixture->exchange;

    if (exchange->free_own != NULL)
        exchange->free_own(exchange->own);
    buffer_free(&exchange->answer);
    json_decref(fixture->body);
    fixture->body = NULL;
    *exchange = (struct exchange){0};
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    struct failure why = {0};

    forget_answer(fixture);
    signer_client_free(fixture->authority.signer);
    authority_close(&fixture->authority);
    configuration_free(fixture->configuration);
    search_close(fixture->search);
    store_close(fixture->store);
    assert_true(folder_remove(fixture->folder, &why));
    desk_clear_made();
    clock_follow_the_machine();
    free(fixture);
    return 0;
}

#define on_a_store(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* An index of what the store holds. */
static inline void make_index(struct fixture *fixture)
{
    struct failure *why = &fixture->why;
    bool behind = true;
    char path[96];

    (void)snprintf(path, sizeof(path), "%s/search.db", fixture->folder);
    assert_done(search_open(path, true, &fixture->search, why), why);
    while (behind)
        assert_done(
            search_take_in(fixture->search, fixture->store, 1000, &behind, why),
            why);
}

/* --- asking -------------------------------------------------------------- */

static inline struct caller caller_with(enum enrolment_role role)
{
    struct caller caller = {
        .door = DOOR_API, .way = CALLER_PERSON, .role = role};

    (void)snprintf(caller.actor, sizeof(caller.actor), "alice");
    (void)snprintf(caller.who, sizeof(caller.who), "person:7");
    return caller;
}

/* What a test changes of a request before it is sent. */
struct sent {
    enum exchange_method method;
    const char *path;  /* below /api/v1 */
    const char *query; /* "a=1&b=2", with nothing escaped; NULL */
    const char *body;  /* JSON; NULL */
    const char *type;  /* NULL: application/json with a body */
    const char *accept, *idempotency_key, *origin, *fetch_site;
    struct caller caller;
    enum exchange_certificate certificate;
    const char *certificate_code, *certificate_sentence;
};

/* The texts of a query, taken apart. */
static char query_text[4096];

static inline void put_query(struct exchange *exchange, const char *query)
{
    char *rest = query_text, *piece;

    (void)snprintf(query_text, sizeof(query_text), "%s", query);
    while ((piece = strsep(&rest, "&")) != NULL) {
        char *value = strchr(piece, '=');

        assert_non_null(value);
        *value++ = '\0';
        exchange->parameters[exchange->parameter_count++] =
            (struct exchange_parameter){
                .name = piece, .value = bytes_of_text(value)};
    }
}

static inline const struct operation_answer *declared(
    const struct operation *row, unsigned status)
{
    for (size_t i = 0; i < OPERATION_ANSWERS_MAX; i++) {
        if (row->answers[i].status == status)
            return &row->answers[i];
    }
    return NULL;
}

/* Some row of this method declares an answer of this status that it fits. */
static inline bool fits_some_row(
    struct fixture *fixture, const struct sent *sent)
{
    struct problem_field blame;
    struct failure why;

    for (const struct operation *row = operations(); row->path != NULL; row++) {
        const struct operation_answer *answer =
            declared(row, fixture->exchange.status);

        if (row->method == sent->method && answer != NULL &&
            schema_check(answer->schema, fixture->body, &blame, &why))
            return true;
    }
    return false;
}

/* Every answer fits the document. */
static inline void check_answer(
    struct fixture *fixture, const struct sent *sent)
{
    struct exchange *exchange = &fixture->exchange;
    struct problem_field blame = {0};
    struct failure why = {0};

    if (strncmp(exchange->answer_type, "application/", 12) != 0 ||
        strstr(exchange->answer_type, "json") == NULL)
        return;
    assert_done(json_read_within(buffer_view(&exchange->answer),
                    EXCHANGE_ANSWER_MAX, "answer", &fixture->body, &why),
        &why);
    if (exchange->status >= 400) {
        assert_string_equal(exchange->answer_type, PROBLEM_TYPE);
        assert_done(
            schema_check(&schema_problem, fixture->body, &blame, &why), &why);
    } else if (!fits_some_row(fixture, sent)) {
        fail_msg("no row declares this answer: %.*s",
            (int)exchange->answer.length, (char *)exchange->answer.start);
    }
}

static inline unsigned send_request(
    struct fixture *fixture, const struct sent *sent)
{
    struct exchange *exchange = &fixture->exchange;
    static char path[600];

    forget_answer(fixture);
    (void)snprintf(path, sizeof(path), "/api/v1%s", sent->path);
    *exchange = (struct exchange){.listener = LISTENER_PUBLIC,
        .request_id = "aaaaaaaaaaaaaaaaaaaaaaaaaa",
        .method = sent->method,
        .path = path,
        .host = "pki.example",
        .is_tls = true,
        .content_type = sent->type != NULL   ? sent->type
                        : sent->body != NULL ? "application/json"
                                             : "",
        .accept = sent->accept,
        .idempotency_key = sent->idempotency_key,
        .origin = sent->origin,
        .fetch_site = sent->fetch_site,
        .caller = sent->caller,
        .certificate = sent->certificate,
        .certificate_code = sent->certificate_code,
        .certificate_sentence = sent->certificate_sentence,
        .authority = &fixture->authority,
        .store = fixture->store,
        .search = fixture->search,
        .verbs = &noting_verbs};
    if (sent->body != NULL)
        exchange->body = bytes_of_text(sent->body);
    if (sent->query != NULL)
        put_query(exchange, sent->query);
    fixture->why = (struct failure){0};
    assert_done(rest_answer(exchange, &fixture->why), &fixture->why);
    assert_int_not_equal(exchange->status, 0);
    check_answer(fixture, sent);
    return exchange->status;
}

static inline unsigned get(
    struct fixture *fixture, const char *path, const char *query)
{
    return send_request(
        fixture, &(struct sent){.method = EXCHANGE_GET,
                     .path = path,
                     .query = query,
                     .caller = caller_with(ROLE_ADMINISTRATOR)});
}

static inline unsigned post(
    struct fixture *fixture, const char *path, const char *body)
{
    return send_request(
        fixture, &(struct sent){.method = EXCHANGE_POST,
                     .path = path,
                     .body = body,
                     .caller = caller_with(ROLE_ADMINISTRATOR)});
}

static inline const char *text_of(struct fixture *fixture, const char *name)
{
    const char *text = json_string_value(json_object_get(fixture->body, name));

    return text == NULL ? "" : text;
}

static inline size_t count_of(struct fixture *fixture, const char *name)
{
    return json_array_size(json_object_get(fixture->body, name));
}

static inline const char *header_of(struct fixture *fixture, const char *name)
{
    for (size_t i = 0; i < fixture->exchange.header_count; i++) {
        if (strcmp(fixture->exchange.headers[i].name, name) == 0)
            return fixture->exchange.headers[i].value;
    }
    return "";
}

/* The last answer was a refusal of this kind, about this field and rule. */
static inline void assert_problem(struct fixture *fixture, unsigned status,
    const char *type, const char *field)
{
    char urn[120];

    (void)snprintf(urn, sizeof(urn), PROBLEM_URN "%s", type);
    assert_int_equal(fixture->exchange.status, status);
    assert_string_equal(text_of(fixture, "type"), urn);
    assert_string_equal(text_of(fixture, "field"), field);
}

#endif
