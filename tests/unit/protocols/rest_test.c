#include "rest_fixture.h"

/* Which operation is meant, who may ask, and how a request must be. */

static void a_path_without_an_operation_is_not_found(void **state)
{
    static const char *const paths[] = {"/", "/nothing", "/certificates/",
        "/certificates//history", "/certificates/51/history/more",
        "/certificate", "/certificatesx", "/requests/a/approve/b"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        assert_int_equal(get(fixture, paths[i], NULL), 404);
        assert_problem(fixture, 404, "not-found", "");
    }
}

static void another_method_is_refused_with_those_there_are(void **state)
{
    static const struct {
        enum exchange_method method;
        const char *path, *allow;
    } cases[] = {
        {EXCHANGE_DELETE, "/certificates", "GET, HEAD, POST"},
        {EXCHANGE_POST, "/profiles", "GET, HEAD"},
        {EXCHANGE_GET, "/pause", "POST"},
        {EXCHANGE_PUT, "/certificates/51/revoke", "POST"},
        {EXCHANGE_PATCH, "/authorities/issuing/crl", "GET, HEAD, POST"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        (void)send_request(
            fixture, &(struct sent){.method = cases[i].method,
                         .path = cases[i].path,
                         .caller = caller_with(ROLE_ADMINISTRATOR)});
        assert_problem(fixture, 405, "method-not-allowed", "");
        assert_string_equal(header_of(fixture, "Allow"), cases[i].allow);
    }
}

/* A path of each row, with something for its argument. */
static const char *path_of(const struct operation *row)
{
    static char path[200];
    const char *start = strchr(row->path, '{');
    const char *end = strchr(row->path, '}');

    if (start == NULL)
        return row->path;
    (void)snprintf(path, sizeof(path), "%.*s%s%s", (int)(start - row->path),
        row->path, "issuing", end + 1);
    return path;
}

static void who_is_not_known_is_asked_to_be(void **state)
{
    struct fixture *fixture = *state;

    for (const struct operation *row = operations(); row->path != NULL; row++) {
        struct sent sent = {.method = row->method,
            .path = path_of(row),
            .caller = {.way = CALLER_ANYONE, .door = DOOR_API}};

        if (row->askers == ASKED_BY_ANYONE)
            continue;
        (void)send_request(fixture, &sent);
        assert_problem(fixture, 401, "not-authenticated", "");
        assert_string_equal(header_of(fixture, "WWW-Authenticate"),
            "Bearer realm=\"Chancery\"");
    }
}

static void kb094_a_certificate_that_was_refused_is_told_why(void **state)
{
    static const struct {
        enum exchange_certificate certificate;
        const char *code, *sentence, *type, *detail;
    } cases[] = {
        {CERTIFICATE_REFUSED, "revoked", "the certificate was revoked",
            "revoked",
            "the client certificate was refused (revoked): the certificate was "
            "revoked"},
        {CERTIFICATE_REFUSED, "expired", "it ended", "expired",
            "the client certificate was refused (expired): it ended"},
        {CERTIFICATE_VERIFIED, "", "", "not-authenticated",
            "the client certificate is good, and is nobody's here: an "
            "administrator gives it a role with chancery admin add NAME --role "
            "ROLE --certificate FILE"},
        {CERTIFICATE_ABSENT, "", "", "not-authenticated",
            "who asks must be known: by a token (Authorization: Bearer), or by "
            "a certificate at a listener that asks for one"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        (void)send_request(
            fixture, &(struct sent){.method = EXCHANGE_GET,
                         .path = "/status",
                         .caller = {.way = CALLER_ANYONE, .door = DOOR_API},
                         .certificate = cases[i].certificate,
                         .certificate_code = cases[i].code,
                         .certificate_sentence = cases[i].sentence});
        assert_problem(fixture, 401, cases[i].type, "");
        assert_string_equal(text_of(fixture, "detail"), cases[i].detail);
    }
}

/* What the clerk does, he judges (and journals); the rest is judged here. */
static void a_role_that_is_not_in_the_row_is_refused(void **state)
{
    struct fixture *fixture = *state;
    size_t refused = 0;

    for (const struct operation *row = operations(); row->path != NULL; row++) {
        for (int role = ROLE_NOBODY; role <= ROLE_AUDITOR; role++) {
            struct sent sent = {.method = row->method,
                .path = path_of(row),
                .caller = caller_with((enum enrolment_role)role)};

            if (row->askers != ASKED_BY_ROLES || row->verb != 0 ||
                (row->roles & ROLE_BIT(role)) != 0)
                continue;
            (void)send_request(fixture, &sent);
            assert_problem(fixture, 403, "not-allowed", "");
            refused++;
        }
    }
    assert_true(refused > 10);
}

static void an_approver_does_not_read_the_journal(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent = {.method = EXCHANGE_GET, .path = "/journal"};

    sent.caller = caller_with(ROLE_APPROVER);
    assert_int_equal(send_request(fixture, &sent), 403);
    sent.caller = caller_with(ROLE_AUDITOR);
    assert_int_equal(send_request(fixture, &sent), 200);
}

static void a_page_of_another_site_changes_nothing(void **state)
{
    static const struct {
        const char *origin, *site;
        unsigned status;
    } cases[] = {
        {NULL, NULL, 200},
        {"https://pki.example", NULL, 200},
        {"https://PKI.example", "same-origin", 200},
        {NULL, "none", 200},
        {"https://evil.example", NULL, 403},
        {"http://pki.example", NULL, 403},
        {"https://pki.example.evil", NULL, 403},
        {"null", NULL, 403},
        {"", NULL, 403},
        {NULL, "cross-site", 403},
        {NULL, "same-site", 403},
        {"https://pki.example", "cross-site", 403},
    };
    struct fixture *fixture = *state;
    struct sent sent = {.method = EXCHANGE_POST,
        .path = "/pause",
        .caller = caller_with(ROLE_ADMINISTRATOR)};

    saying.facts = "{\"profile\":\"*\",\"paused\":true,\"changed\":true}";
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        sent.origin = cases[i].origin;
        sent.fetch_site = cases[i].site;
        asked.message = 0;
        if (send_request(fixture, &sent) != cases[i].status)
            fail_msg("case %zu", i);
        assert_int_equal(asked.message != 0, cases[i].status == 200);
    }
}

/* --- the query ----------------------------------------------------------- */

static void kb058_a_wrong_parameter_is_named_with_rule_and_bounds(void **state)
{
    static const struct {
        const char *query, *rule, *field, *found, *allowed;
    } cases[] = {
        {"limit=0", "too-small", "limit", "0", "at least 1"},
        {"limit=1001", "too-large", "limit", "1001", "at most 1000"},
        {"limit=1e3", "wrong-type", "limit", "another text",
            "a whole number, in digits"},
        {"limit=-1", "wrong-type", "limit", "another text",
            "a whole number, in digits"},
        {"limit=99999999999999999999", "wrong-type", "limit", "another text",
            "a whole number, in digits"},
        {"status=gone", "unknown-word", "status", "gone",
            "valid, revoked, held, expired, all"},
        {"Status=valid", "unknown-parameter", "Status",
            "a name that this resource does not have",
            "those that /api/openapi.json lists"},
        {"limit=5&limit=6", "given-twice", "limit", "two values", "one value"},
        {"search=", "no-text", "search", "nothing, or a zero byte in it",
            "a text"},
        {"cursor=zzzzzzzzzzzzzzzz", "cursor", "cursor", "another text",
            "what the member next of a page said"},
        {"cursor=ffffffffffffffff", "cursor", "cursor", "another text",
            "what the member next of a page said"},
        {"cursor=00", "too-short", "cursor", "2 characters",
            "at least 16 characters"},
        {"expiring=soon", "duration", "expiring", "soon",
            "90d, 24h, 30m, 2w, 10y"},
        {"expiring=30d&status=revoked", "valid-ones-only", "expiring",
            "revoked", "status left out, or valid"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        (void)get(fixture, "/certificates", cases[i].query);
        assert_problem(fixture, 400, cases[i].rule, cases[i].field);
        assert_string_equal(text_of(fixture, "found"), cases[i].found);
        assert_string_equal(text_of(fixture, "allowed"), cases[i].allowed);
        assert_string_equal(text_of(fixture, "code"), "malformed");
        assert_string_equal(
            text_of(fixture, "request_id"), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
    }
}

static void a_zero_in_a_parameter_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct exchange *exchange = &fixture->exchange;

    (void)get(fixture, "/certificates", NULL);
    exchange->parameters[exchange->parameter_count++] =
        (struct exchange_parameter){
            .name = "search", .value = {(const uint8_t *)"ab\0cd", 5}};
    buffer_free(&exchange->answer);
    exchange->status = 0;
    assert_true(rest_answer(exchange, &fixture->why));
    assert_int_equal(exchange->status, 400);
}

/* --- the body ------------------------------------------------------------ */

static void kb058_a_wrong_body_is_named_with_rule_and_bounds(void **state)
{
    static const struct {
        const char *body, *rule, *field, *found, *allowed;
    } cases[] = {
        {"{\"profile\":\"server\"}", "missing", "csr", "not there", "a text"},
        {"{\"profile\":5,\"csr\":\"x\"}", "wrong-type", "profile",
            "a whole number", "a text"},
        {"{\"profile\":null,\"csr\":\"x\"}", "wrong-type", "profile", "null",
            "a text"},
        {"{\"profile\":\"\",\"csr\":\"x\"}", "too-short", "profile",
            "0 characters", "at least 1 characters"},
        {"{\"profile\":\"server\",\"csr\":\"x\",\"names\":\"a\"}", "wrong-type",
            "names", "a text", "an array of texts"},
        {"{\"profile\":\"server\",\"csr\":\"x\",\"names\":[\"a\",5]}",
            "wrong-type", "names/1", "a whole number", "a text"},
        {"{\"profile\":\"server\",\"csr\":\"x\",\"names\":[\"\"]}", "too-short",
            "names/0", "0 characters", "at least 1 characters"},
        {"[]", "wrong-type", "", "an array", "an object"},
        {"5", "wrong-type", "", "a whole number", "an object"},
        {"{\"Profile\":\"server\",\"csr\":\"x\"}", "unknown-member", "Profile",
            "a name that the interface does not have",
            "profile, csr, names, subject, lifetime, not_after, authority"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        (void)post(fixture, "/certificates", cases[i].body);
        assert_problem(fixture, 400, cases[i].rule, cases[i].field);
        assert_string_equal(text_of(fixture, "found"), cases[i].found);
        assert_string_equal(text_of(fixture, "allowed"), cases[i].allowed);
    }
    assert_false(asked.issues);
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
    static const char *const bodies[] = {"", "{", "{\"profile\":1,}",
        "{\"profile\":\"a\",\"profile\":\"b\"}", "{\"profile\":\"a\"} x",
        "\xff", "{\"profile\":\"\\u0000\"}"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        (void)post(fixture, "/certificates", bodies[i]);
        assert_problem(fixture, 400, "malformed", "");
        assert_non_null(strstr(text_of(fixture, "detail"), "the body, line 1"));
    }
}

static void a_body_deeper_than_32_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char deep[200];

    memset(deep, '[', 100);
    memset(deep + 100, ']', 99);
    deep[199] = '\0';
    (void)post(fixture, "/certificates", deep);
    assert_problem(fixture, 400, "malformed", "");
    assert_non_null(strstr(text_of(fixture, "detail"), "32"));
}

static void a_body_of_another_type_is_refused_with_415(void **state)
{
    static const char *const types[] = {"text/plain", "", "application/jsonx",
        "application/x-www-form-urlencoded", "application/problem+json"};
    struct fixture *fixture = *state;
    struct sent sent = {.method = EXCHANGE_POST,
        .path = "/certificates",
        .body = "{}",
        .caller = caller_with(ROLE_OPERATOR)};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        sent.type = types[i];
        (void)send_request(fixture, &sent);
        assert_problem(fixture, 415, "unsupported-media-type", "Content-Type");
        assert_string_equal(text_of(fixture, "allowed"), "application/json");
    }
    sent.type = "application/json; charset=utf-8";
    assert_int_equal(send_request(fixture, &sent), 400);
}

static void a_body_with_get_is_refused(void **state)
{
    struct fixture *fixture = *state;

    (void)send_request(fixture, &(struct sent){.method = EXCHANGE_GET,
                                    .path = "/profiles",
                                    .body = "{}",
                                    .caller = caller_with(ROLE_OPERATOR)});
    assert_problem(fixture, 400, "no-body", "");
}

/* --- kb 65 --------------------------------------------------------------- */

static void kb065_locked_busy_policy_and_rights_are_told_apart(void **state)
{
    static const struct {
        enum failure_kind kind;
        const char *reason;
        unsigned status;
        const char *type;
    } cases[] = {
        {FAILURE_UNAVAILABLE, "the key of \"issuing\" can't be used: locked",
            503, "locked"},
        {FAILURE_UNAVAILABLE, "the signer does not answer", 503, "unavailable"},
        {FAILURE_UNSUITABLE, "profile server takes no rsa1024 keys", 422,
            "refused"},
        {FAILURE_FORBIDDEN, "alice, as auditor, may not revoke here", 403,
            "not-allowed"},
        {FAILURE_UNAUTHENTICATED, "the proof is not by the old key", 401,
            "not-authenticated"},
        {FAILURE_CONFLICT, "it is revoked for good", 409, "conflict"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        saying.refusal.kind = cases[i].kind;
        (void)snprintf(saying.refusal.reason, sizeof(saying.refusal.reason),
            "%s", cases[i].reason);
        (void)post(fixture, "/resume", NULL);
        assert_problem(fixture, cases[i].status, cases[i].type, "");
        assert_string_equal(text_of(fixture, "detail"), cases[i].reason);
        assert_string_equal(header_of(fixture, "Retry-After"),
            cases[i].status == 503 ? "30" : "");
    }
}

static void our_own_fault_is_told_by_the_requests_id_alone(void **state)
{
    struct fixture *fixture = *state;

    (void)fail_because(
        &saying.refusal, FAILURE_INTERNAL, "no page in /var/lib/secret");
    assert_int_equal(post(fixture, "/resume", NULL), 500);
    assert_null(strstr(text_of(fixture, "detail"), "secret"));
    assert_string_equal(text_of(fixture, "type"), PROBLEM_URN "internal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(a_path_without_an_operation_is_not_found),
        on_a_store(another_method_is_refused_with_those_there_are),
        on_a_store(who_is_not_known_is_asked_to_be),
        on_a_store(kb094_a_certificate_that_was_refused_is_told_why),
        on_a_store(a_role_that_is_not_in_the_row_is_refused),
        on_a_store(an_approver_does_not_read_the_journal),
        on_a_store(a_page_of_another_site_changes_nothing),
        on_a_store(kb058_a_wrong_parameter_is_named_with_rule_and_bounds),
        on_a_store(a_zero_in_a_parameter_is_refused),
        on_a_store(kb058_a_wrong_body_is_named_with_rule_and_bounds),
        on_a_store(what_is_no_json_is_refused_with_its_place),
        on_a_store(a_body_deeper_than_32_is_refused),
        on_a_store(a_body_of_another_type_is_refused_with_415),
        on_a_store(a_body_with_get_is_refused),
        on_a_store(kb065_locked_busy_policy_and_rights_are_told_apart),
        on_a_store(our_own_fault_is_told_by_the_requests_id_alone),
    };

    return cmocka_run_group_tests_name("rest", tests, NULL, NULL);
}
