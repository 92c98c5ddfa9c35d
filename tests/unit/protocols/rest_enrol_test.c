#include "rest_fixture.h"

#include "base/base64.h"
#include "crypto/key.h"

/* Issuing, renewing, and the keys that make them safe to repeat. */

struct made_request {
    char pem[4096], base64[4096];
    uint8_t der[2048];
    size_t length;
};

static struct made_request made;

static int make_request_once(void **state)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    RELEASED(buffer) name = BUFFER("name", 4096);
    RELEASED(buffer) names = BUFFER("names", 4096);
    RELEASED(buffer) der = BUFFER("request", sizeof(made.der));
    RELEASED(buffer) pem = BUFFER("pem", sizeof(made.pem));
    RELEASED(buffer) base64 = BUFFER("base64", sizeof(made.base64));
    struct failure why = {0};
    const char *text = NULL;

    (void)state;
    assert_done(key_generate(key_algorithm_named("p256"), &key, &why), &why);
    assert_done(name_read("CN=a", &name, &why), &why);
    assert_done(
        request_make(key, buffer_view(&name), buffer_view(&names), &der, &why),
        &why);
    memcpy(made.der, der.start, der.length);
    made.length = der.length;
    assert_done(
        pem_append(&pem, "CERTIFICATE REQUEST", buffer_view(&der), &why), &why);
    assert_done(buffer_as_text(&pem, &text, &why), &why);
    (void)snprintf(made.pem, sizeof(made.pem), "%s", text);
    assert_done(base64_append(&base64, buffer_view(&der), 0, &why), &why);
    assert_done(buffer_as_text(&base64, &text, &why), &why);
    (void)snprintf(made.base64, sizeof(made.base64), "%s", text);
    return 0;
}

/* A body with the request and these members more ("" or ",\"a\":..."). */
static const char *body_with(const char *more)
{
    static char body[8192];

    (void)snprintf(body, sizeof(body),
        "{\"profile\":\"server\",\"csr\":\"%s\"%s}", made.base64, more);
    return body;
}

static void will_issue(struct bytes certificate)
{
    static struct bytes chain[1];

    chain[0] = certificate;
    saying.issued = (struct exchange_issued){.certificate = certificate,
        .chain = chain,
        .chain_count = 1,
        .notices = bytes_of_text("one line\nanother\n")};
}

static unsigned issue(
    struct fixture *fixture, const char *body, const char *key)
{
    return send_request(fixture, &(struct sent){.method = EXCHANGE_POST,
                                     .path = "/certificates",
                                     .body = body,
                                     .idempotency_key = key,
                                     .caller = caller_with(ROLE_OPERATOR)});
}

/* --- issue --------------------------------------------------------------- */

static void what_is_asked_goes_down_the_road_as_it_was_said(void **state)
{
    RELEASED(buffer) names = BUFFER("names", 4096);
    RELEASED(buffer) subject = BUFFER("subject", 4096);
    struct fixture *fixture = *state;
    struct failure why = {0};

    will_issue(make_leaf(1, "DNS:a.example"));
    assert_done(general_name_read("dns:a.example", &names, &why), &why);
    assert_done(general_name_read("10.0.0.1", &names, &why), &why);
    assert_done(name_read("CN=b,O=c", &subject, &why), &why);
    assert_int_equal(issue(fixture,
                         body_with(",\"names\":[\"dns:a.example\",\"10.0.0.1\"]"
                                   ",\"subject\":\"CN=b,O=c\""
                                   ",\"lifetime\":\"30d\""
                                   ",\"authority\":\"issuing\""),
                         NULL),
        201);
    assert_true(asked.issues);
    assert_string_equal(asked.profile, "server");
    assert_string_equal(asked.authority, "issuing");
    assert_int_equal(asked.wish.lifetime_s, 30 * DAY);
    assert_int_equal(asked.wish.not_after, 0);
    assert_null(asked.wish.origin);
    assert_true(
        bytes_equal(asked.wish.request, (struct bytes){made.der, made.length}));
    assert_true(bytes_equal(asked.wish.general_names, buffer_view(&names)));
    assert_true(bytes_equal(asked.wish.subject, buffer_view(&subject)));
}

static void what_was_issued_is_answered_with_201_and_its_place(void **state)
{
    struct fixture *fixture = *state;

    will_issue(make_leaf(1, "DNS:a.example"));
    assert_int_equal(issue(fixture, body_with(""), NULL), 201);
    assert_string_equal(header_of(fixture, "Location"),
        "/api/v1/certificates/5100000000000001");
    assert_string_equal(text_of(fixture, "serial"), "5100000000000001");
    assert_string_equal(text_of(fixture, "profile"), "server");
    assert_non_null(strstr(text_of(fixture, "certificate"), "-----BEGIN"));
    assert_int_equal(count_of(fixture, "chain"), 1);
    assert_int_equal(count_of(fixture, "notices"), 2);
    assert_string_equal(json_string_value(json_array_get(
                            json_object_get(fixture->body, "names"), 0)),
        "dns:a.example");
}

static void what_waits_for_people_is_answered_with_202_and_its_place(
    void **state)
{
    struct fixture *fixture = *state;
    const json_t *request;

    saying.issued = (struct exchange_issued){.awaits = true,
        .request_id = "abcdefghijklmnopqrstuvwxyz",
        .approvals = 2};
    assert_int_equal(issue(fixture, body_with(""), NULL), 202);
    assert_string_equal(header_of(fixture, "Location"),
        "/api/v1/requests/abcdefghijklmnopqrstuvwxyz");
    request = json_object_get(fixture->body, "request");
    assert_int_equal(
        json_integer_value(json_object_get(request, "approvals_needed")), 2);
}

static void a_request_is_taken_as_pem_too(void **state)
{
    struct fixture *fixture = *state;
    SCOPED(json_t) *body =
        json_pack("{s:s,s:s}", "profile", "server", "csr", made.pem);
    char *text = json_dumps(body, JSON_COMPACT);

    will_issue(make_leaf(1, NULL));
    assert_int_equal(issue(fixture, text, NULL), 201);
    assert_true(
        bytes_equal(asked.wish.request, (struct bytes){made.der, made.length}));
    free(text);
}

static void kb058_what_can_not_be_read_names_the_field(void **state)
{
    static const struct {
        const char *more, *rule, *field;
    } cases[] = {
        {",\"names\":[\"a.example\",\"not a name\"]", "general-name",
            "names/1"},
        {",\"names\":[\"ip:1.2.3\"]", "general-name", "names/0"},
        {",\"subject\":\"no equals\"", "distinguished-name", "subject"},
        {",\"lifetime\":\"soon\"", "duration", "lifetime"},
        {",\"lifetime\":\"0d\"", "duration", "lifetime"},
        {",\"not_after\":\"tomorrow\"", "time", "not_after"},
        {",\"not_after\":\"1969-01-01T00:00:00Z\"", "time", "not_after"},
        {",\"not_after\":\"2027-01-01T00:00:00Z\",\"lifetime\":\"3d\"",
            "exclusive", "not_after"},
        {",\"lifetime\":\"99999999999999999d\"", "duration", "lifetime"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        (void)issue(fixture, body_with(cases[i].more), NULL);
        assert_problem(
            fixture, fixture->exchange.status, cases[i].rule, cases[i].field);
        assert_in_range(fixture->exchange.status, 400, 422);
        assert_string_not_equal(text_of(fixture, "allowed"), "");
    }
    assert_false(asked.issues);
}

static void what_is_no_request_is_refused(void **state)
{
    static const char *const wrong[] = {"AAAA", "not base64!", "MAA=",
        "-----BEGIN CERTIFICATE-----\\nMAA=\\n-----END CERTIFICATE-----\\n",
        "-----BEGIN CERTIFICATE REQUEST-----"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char body[300];

        (void)snprintf(body, sizeof(body),
            "{\"profile\":\"server\",\"csr\":\"%s\"}", wrong[i]);
        (void)issue(fixture, body, NULL);
        assert_problem(fixture, fixture->exchange.status, "pkcs10", "csr");
        assert_in_range(fixture->exchange.status, 400, 422);
    }
}

static void more_than_a_thousand_names_are_refused(void **state)
{
    struct fixture *fixture = *state;
    SCOPED(json_t) *body =
        json_pack("{s:s,s:s}", "profile", "server", "csr", made.base64);
    json_t *names = json_array();
    char *text;

    for (int i = 0; i < 1001; i++)
        (void)json_array_append_new(names, json_string("a.example"));
    (void)json_object_set_new(body, "names", names);
    text = json_dumps(body, JSON_COMPACT);
    (void)issue(fixture, text, NULL);
    assert_problem(fixture, 400, "too-many", "names");
    assert_string_equal(text_of(fixture, "allowed"), "at most 1000");
    free(text);
}

/* --- idempotency --------------------------------------------------------- */

/* As the road would have it. */
static void remember(struct fixture *fixture, size_t number)
{
    static char origin[STORE_ORIGIN_ROOM + 16];

    (void)snprintf(origin, sizeof(origin), "api:person:7:%s", asked.origin);
    add_certificate(fixture, &(struct certificate_row){.origin = origin},
        make_leaf(number, NULL));
}

static void a_key_stands_for_one_caller_and_one_request(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent = {.method = EXCHANGE_POST,
        .path = "/certificates",
        .idempotency_key = "order:17",
        .caller = caller_with(ROLE_OPERATOR)};
    char first[STORE_ORIGIN_ROOM];

    will_issue(make_leaf(1, NULL));
    sent.body = body_with("");
    assert_int_equal(send_request(fixture, &sent), 201);
    (void)snprintf(first, sizeof(first), "%s", asked.origin);
    assert_int_equal(strlen(first), 65);
    remember(fixture, 1);
    /* The same again. */
    assert_int_equal(send_request(fixture, &sent), 201);
    assert_string_equal(asked.origin, first);
    /* The key for something else. */
    sent.body = body_with(",\"lifetime\":\"1d\"");
    asked.issues = false;
    (void)send_request(fixture, &sent);
    assert_problem(fixture, 409, "idempotency-key-used", "Idempotency-Key");
    assert_false(asked.issues);
    /* Another caller's key is another key. */
    (void)snprintf(sent.caller.who, sizeof(sent.caller.who), "person:8");
    assert_int_equal(send_request(fixture, &sent), 201);
    assert_true(asked.issues);
}

static void a_key_of_a_request_that_waits_counts_too(void **state)
{
    struct fixture *fixture = *state;
    struct failure *why = &fixture->why;
    char origin[STORE_ORIGIN_ROOM + 16];
    int64_t number = 0;
    bool added = false;

    saying.issued = (struct exchange_issued){
        .awaits = true, .request_id = "a", .approvals = 1};
    assert_int_equal(issue(fixture, body_with(""), "key"), 202);
    (void)snprintf(origin, sizeof(origin), "api:person:7:%s", asked.origin);
    assert_done(store_begin(fixture->store, why), why);
    assert_done(
        store_keep_profile(fixture->store, "a1", "server", "{}", 5, why), why);
    assert_done(store_add_request(fixture->store,
                    &(struct request_row){.id = "a",
                        .key_sha256 = "c0de",
                        .authority = 1,
                        .profile = "server",
                        .profile_sha256 = "a1",
                        .door = "api",
                        .actor = "alice",
                        .der = {made.der, made.length},
                        .origin = origin,
                        .asked_at = NOW,
                        .reason = ""},
                    &number, &added, why),
        why);
    assert_done(store_commit(fixture->store, why), why);
    assert_int_equal(issue(fixture, body_with(""), "key"), 202);
    assert_int_equal(
        issue(fixture, body_with(",\"subject\":\"CN=b\""), "key"), 409);
}

static void a_key_that_is_no_line_of_1_to_255_characters_is_refused(
    void **state)
{
    struct fixture *fixture = *state;
    char longest[257];

    memset(longest, 'k', sizeof(longest));
    longest[256] = '\0';
    will_issue(make_leaf(1, NULL));
    (void)issue(fixture, body_with(""), "");
    assert_problem(fixture, 400, "too-short", "Idempotency-Key");
    (void)issue(fixture, body_with(""), longest);
    assert_problem(fixture, 400, "too-long", "Idempotency-Key");
    (void)issue(fixture, body_with(""), "\xc3\xa9");
    assert_problem(fixture, 400, "visible-ascii", "Idempotency-Key");
    longest[255] = '\0';
    assert_int_equal(issue(fixture, body_with(""), longest), 201);
}

/* --- renew --------------------------------------------------------------- */

static const char renewal[] = "/certificates/5100000000000001/renew";

static const char *renewal_with(const char *more)
{
    static char body[8192];

    (void)snprintf(body, sizeof(body), "{\"csr\":\"%s\"%s}", made.base64, more);
    return body;
}

static void a_renewal_names_the_old_one_and_brings_its_proof(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent = {.method = EXCHANGE_POST,
        .path = renewal,
        .caller = {.way = CALLER_ANYONE, .door = DOOR_API}};

    add_leaves(fixture, 1);
    will_issue(make_leaf(2, NULL));
    sent.body = renewal_with(",\"proof\":\"AQID\"");
    assert_int_equal(send_request(fixture, &sent), 201);
    assert_string_equal(text_of(fixture, "profile"), "server");
    assert_int_equal(asked.wish.renews.length, 8);
    assert_memory_equal(asked.wish.renews.start, "\x51\0\0\0\0\0\0\x01", 8);
    assert_int_equal(asked.wish.proof.length, 3);
    assert_memory_equal(asked.wish.proof.start, "\1\2\3", 3);
    assert_memory_equal(asked.origin, "renew:5100000000000001:", 23);
    assert_null(asked.wish.profile);
}

static void a_renewal_without_role_or_proof_is_refused_alike(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent = {.method = EXCHANGE_POST,
        .path = renewal,
        .caller = {.way = CALLER_ANYONE, .door = DOOR_API}};

    add_leaves(fixture, 1);
    sent.body = renewal_with("");
    for (int i = 0; i < 2; i++) {
        (void)send_request(fixture, &sent);
        assert_problem(fixture, 401, "not-authenticated", "");
        sent.path = "/certificates/5100000000000009/renew";
    }
    sent.body = renewal_with(",\"proof\":\"no base64!\"");
    (void)send_request(fixture, &sent);
    assert_problem(fixture, fixture->exchange.status, "base64", "proof");
    assert_false(asked.issues);
}

/* Incident 18: what a token was not given, it does not reach. */
static void incident18_a_token_renews_its_own_profiles_alone(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent = {.method = EXCHANGE_POST, .path = renewal};

    sent.caller = caller_with(ROLE_OPERATOR);
    sent.caller.way = CALLER_TOKEN;
    (void)snprintf(
        sent.caller.profiles, sizeof(sent.caller.profiles), "client server2");
    add_leaves(fixture, 1);
    will_issue(make_leaf(2, NULL));
    sent.body = renewal_with("");
    (void)send_request(fixture, &sent);
    assert_problem(fixture, 403, "not-allowed", "");
    (void)snprintf(
        sent.caller.profiles, sizeof(sent.caller.profiles), "client server");
    assert_int_equal(send_request(fixture, &sent), 201);
    sent.caller.profiles[0] = '\0';
    assert_int_equal(send_request(fixture, &sent), 403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(what_is_asked_goes_down_the_road_as_it_was_said),
        on_a_store(what_was_issued_is_answered_with_201_and_its_place),
        on_a_store(what_waits_for_people_is_answered_with_202_and_its_place),
        on_a_store(a_request_is_taken_as_pem_too),
        on_a_store(kb058_what_can_not_be_read_names_the_field),
        on_a_store(what_is_no_request_is_refused),
        on_a_store(more_than_a_thousand_names_are_refused),
        on_a_store(a_key_stands_for_one_caller_and_one_request),
        on_a_store(a_key_of_a_request_that_waits_counts_too),
        on_a_store(a_key_that_is_no_line_of_1_to_255_characters_is_refused),
        on_a_store(a_renewal_names_the_old_one_and_brings_its_proof),
        on_a_store(a_renewal_without_role_or_proof_is_refused_alike),
        on_a_store(incident18_a_token_renews_its_own_profiles_alone),
    };

    return cmocka_run_group_tests_name(
        "rest enrolment", tests, make_request_once, NULL);
}
