#include "web_routes.h"

/* The keeper's side of the web, spoken to as a front speaks. */

/* --- what arrives --------------------------------------------------------- */

static void a_request_reaches_its_handler_decoded(void **state)
{
    RELEASED(answered) answered = {0};
    SCOPED(json_t) *told = NULL;

    (void)state;
    ask(front[LISTENER_PUBLIC],
        &(struct asked){.path = "/echo/a%20b/%C3%A9",
            .query = "x=1+2&y=%26",
            .headers = {"cookie", "a=b"}},
        &answered);
    assert_int_equal(answered.status, 200);
    told = json_of(&answered);
    assert_string_equal(member(told, "path"), "/echo/a b/\xc3\xa9");
    assert_string_equal(member(told, "listener"), "public");
    assert_string_equal(member(told, "host"), "pki.example.org");
    assert_string_equal(member(told, "peer"), "192.0.2.7");
    assert_string_equal(member(told, "cookie"), "a=b");
    assert_string_equal(member(told, "request_id"), REQUEST_ID);
    assert_string_equal(member(told, "role"), "nobody");
    assert_string_equal(member(told, "actor"), "anyone:192.0.2.7");
    assert_string_equal(
        member(
            json_object_get(json_object_get(told, "parameters"), "x"), "value"),
        "1 2");
    assert_string_equal(
        member(
            json_object_get(json_object_get(told, "parameters"), "y"), "value"),
        "&");
}

static const char *parameter_of(
    const json_t *told, const char *name, const char *what)
{
    return member(
        json_object_get(json_object_get(told, "parameters"), name), what);
}

static void fields_of_a_form_follow_those_of_the_query(void **state)
{
    RELEASED(answered) answered = {0};
    SCOPED(json_t) *told = NULL;

    (void)state;
    ask(front[LISTENER_PUBLIC],
        &(struct asked){.method = "POST",
            .path = "/echo",
            .query = "first=q",
            .headers = {"content-type",
                "Application/X-WWW-Form-URLEncoded; charset=UTF-8"},
            .body = bytes_of_text("second=%C3%A9&third=")},
        &answered);
    told = json_of(&answered);
    assert_string_equal(
        member(told, "type"), "application/x-www-form-urlencoded");
    assert_string_equal(parameter_of(told, "first", "value"), "q");
    assert_string_equal(parameter_of(told, "second", "value"), "\xc3\xa9");
    assert_string_equal(parameter_of(told, "third", "value"), "");
}

static void parts_of_a_form_bring_files_with_their_names(void **state)
{
    RELEASED(answered) answered = {0};
    SCOPED(json_t) *told = NULL;

    (void)state;
    ask(front[LISTENER_PUBLIC],
        &(struct asked){.method = "POST",
            .path = "/echo",
            .headers = {"content-type", "multipart/form-data; boundary=X"},
            .body = bytes_of_text(
                "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
                "one\r\n--X\r\nContent-Disposition: form-data; name=\"b\"; "
                "filename=\"r.pem\"\r\nContent-Type: text/plain\r\n\r\n"
                "two\r\nlines\r\n--X--\r\n")},
        &answered);
    assert_int_equal(answered.status, 200);
    told = json_of(&answered);
    assert_string_equal(parameter_of(told, "a", "value"), "one");
    assert_string_equal(parameter_of(told, "b", "value"), "two\r\nlines");
    assert_string_equal(parameter_of(told, "b", "file"), "r.pem");
}

static void what_http_forbids_is_refused_by_the_rules_status(void **state)
{
    static const struct {
        struct asked asked;
        unsigned status;
        const char *kind, *detail;
    } rows[] = {
        {{.path = "/echo/%2e%2e/x"}, 400, "path-dots", NULL},
        {{.path = "/echo/a%2fb"}, 400, "escape-slash", NULL},
        {{.path = "/echo/%zz"}, 400, "escape-malformed", NULL},
        {{.path = "/echo", .query = "a=1&&b"}, 400, "form-malformed", NULL},
        {{.path = "/echo", .headers = {"content-type", "nonsense"}}, 400,
            "media-malformed", NULL},
        {{.path = "/echo",
             .method = "POST",
             .headers = {"content-type", "multipart/form-data; boundary=X"},
             .body = {(const uint8_t *)"--Y\r\n", 5}},
            400, "part-preamble", NULL},
        {{.path = "/small",
             .method = "POST",
             .body = {(const uint8_t *)"12345", 5}},
            413, "body-long", NULL},
        {{.path = "/echo", .headers = {"accept", "a/b", "accept", "c/d"}}, 400,
            "malformed",
            "a header stands twice in the request, and which "
            "of them counts is not guessed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(answered) answered = {0};
        SCOPED(json_t) *told = NULL;
        char type[80];

        ask(front[LISTENER_PUBLIC], &rows[i].asked, &answered);
        assert_int_equal(answered.status, rows[i].status);
        if (strcmp(answered.media, "application/problem+json") != 0)
            continue;
        told = json_of(&answered);
        (void)snprintf(
            type, sizeof(type), "urn:chancery:problem:%s", rows[i].kind);
        assert_string_equal(member(told, "type"), type);
        if (rows[i].detail != NULL)
            assert_string_equal(member(told, "detail"), rows[i].detail);
    }
}

static void the_tail_of_an_ocsp_question_keeps_its_slashes(void **state)
{
    RELEASED(answered) answered = {0};
    SCOPED(json_t) *told = NULL;

    (void)state;
    ask(front[LISTENER_PLAIN], &(struct asked){.path = "/ocsp/MF%2FA//%2B"},
        &answered);
    told = json_of(&answered);
    assert_string_equal(member(told, "path"), "/ocsp/MF/A//+");
    assert_false(json_is_true(json_object_get(told, "tls")));
}

/* --- what is not there ---------------------------------------------------- */

static void a_path_of_no_route_is_not_found_in_the_readers_manner(void **state)
{
    RELEASED(answered) answered = {0};

    (void)state;
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/api/nothing"},
        &answered);
    assert_problem(
        &answered, 404, "not-found", "there is nothing at this address");
    ask(front[LISTENER_PUBLIC],
        &(struct asked){
            .path = "/nothing", .headers = {"accept", "text/html,*/*"}},
        &answered);
    assert_int_equal(answered.status, 404);
    assert_string_equal(answered.media, "text/html; charset=utf-8");
    assert_non_null(strstr(text_of(&answered), REQUEST_ID));
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/file"}, &answered);
    assert_int_equal(answered.status, 404);
    assert_string_equal(
        text_of(&answered), "there is nothing at this address\n");
}

static void another_method_is_refused_with_those_there_are(void **state)
{
    RELEASED(answered) answered = {0};

    (void)state;
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/small"}, &answered);
    assert_problem(&answered, 405, "method-not-allowed",
        "GET is no method of this address");
    assert_string_equal(header_of(&answered, "Allow"), "POST, DELETE");
    ask(front[LISTENER_PUBLIC],
        &(struct asked){.path = "/echo", .method = "TRACE"}, &answered);
    assert_int_equal(answered.status, 405);
    assert_string_equal(header_of(&answered, "Allow"), "GET, HEAD, POST");
    ask(front[LISTENER_PUBLIC],
        &(struct asked){.path = "/echo", .method = "HEAD"}, &answered);
    assert_int_equal(answered.status, 200);
}

/* --- refusals ------------------------------------------------------------- */

static void what_failed_within_is_not_told_to_strangers(void **state)
{
    RELEASED(answered) answered = {0};

    (void)state;
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/broken"}, &answered);
    assert_problem(&answered, 500, "internal",
        "the server failed at this request; its log says why, under the "
        "request's id");
    assert_null(strstr(text_of(&answered), "secret"));
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/silent"}, &answered);
    assert_int_equal(answered.status, 500);
}

static void a_refusal_takes_the_place_of_half_an_answer(void **state)
{
    RELEASED(answered) answered = {0};

    (void)state;
    ask(front[LISTENER_PUBLIC],
        &(struct asked){.path = "/page", .query = "what=%3Cscript%3E"},
        &answered);
    assert_int_equal(answered.status, 503);
    assert_string_equal(header_of(&answered, "Retry-After"), "5");
    assert_string_equal(header_of(&answered, "Cache-Control"), "no-store");
    assert_null(header_of(&answered, "X-Half"));
    assert_non_null(strstr(text_of(&answered),
        "&lt;script&gt; &lt;b&gt;is closed&lt;/b&gt; "
        "\\x{9b}"));
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/text"}, &answered);
    assert_string_equal(answered.media, "text/plain; charset=utf-8");
    ask(front[LISTENER_PLAIN], &(struct asked){.path = "/ocsp-busy"},
        &answered);
    assert_int_equal(answered.status, 200);
    assert_string_equal(answered.media, "application/ocsp-response");
    assert_int_equal(answered.body.length, 5);
    assert_memory_equal(answered.body.start, "\x30\x03\x0a\x01\x03", 5);
}

/* --- ceilings ------------------------------------------------------------- */

/* Issue 5, section 1: it was taken over, and claims an administrator's
 * certificate. */
static void a_public_front_that_claims_a_certificate_is_cut_off(void **state)
{
    static const enum listener kinds[] = {LISTENER_PUBLIC, LISTENER_PLAIN};
    static const char *const paths[] = {"/person", "/admin/echo", "/issue"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 3; k++) {
            SCOPED_STRUCT(channel) *captured = NULL;
            RELEASED(answered) answered = {0};
            struct asked asked = as_administrator(paths[k]);

            new_front(&served, kinds[i], &captured);
            ask(captured, &asked, &answered);
            assert_int_equal(answered.type, FRONT_REFUSED);
            assert_int_equal(answered.refusal.kind, FAILURE_FORBIDDEN);
            assert_non_null(
                strstr(answered.refusal.reason, "which asks for none"));
            assert_closed(captured);
        }
    }
}

static void a_path_of_the_admin_listener_is_nowhere_else(void **state)
{
    struct asked asked = as_administrator("/admin/echo");
    RELEASED(answered) answered = {0};
    SCOPED(json_t) *told = NULL;

    (void)state;
    ask(front[LISTENER_MTLS], &asked, &answered);
    assert_int_equal(answered.status, 404);
    asked.certificate = (struct bytes){0};
    asked.code = NULL;
    ask(front[LISTENER_PUBLIC], &asked, &answered);
    assert_int_equal(answered.status, 404);
    ask(front[LISTENER_PLAIN], &asked, &answered);
    assert_int_equal(answered.status, 404);
    asked = as_administrator("/admin/echo");
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 200);
    told = json_of(&answered);
    assert_string_equal(member(told, "role"), "administrator");
    assert_string_equal(member(told, "actor"), "alice");
}

static void a_breach_ends_its_front_alone(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {
        {"garbage", 7},
        {"\4\0\0\0\3GET", 8},
        {"", 0},
    };
    RELEASED(answered) answered = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        SCOPED_STRUCT(channel) *captured = NULL;

        new_front(&served, LISTENER_PUBLIC, &captured);
        send_frame(captured, FRONT_REQUEST, 1,
            (struct bytes){(const uint8_t *)rows[i].bytes, rows[i].length});
        receive_answer(captured, &answered);
        assert_int_equal(answered.type, FRONT_REFUSED);
        assert_int_equal(answered.refusal.kind, FAILURE_MALFORMED);
        assert_closed(captured);
    }
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/echo"}, &answered);
    assert_int_equal(answered.status, 200);
}

/* --- who asks ------------------------------------------------------------- */

static void revoke_certificate(struct bytes certificate)
{
    RELEASED(buffer) fields = BUFFER("fields", CONTROL_FRAME_MAX);
    struct certificate read = {0};
    struct failure why = {0};

    assert_done(certificate_read(certificate, &read, &why), why);
    assert_true(message_add(&fields, CONTROL_SERIAL, read.tbs.serial, &why));
    tell_keeper(CONTROL_REVOKE, buffer_view(&fields));
}

static void kb100_a_revoked_certificate_is_refused_at_once(void **state)
{
    RELEASED(buffer) certificate = EMPTY_CERTIFICATE;
    RELEASED(answered) answered = {0};
    struct asked asked = {.path = "/admin/echo", .code = "ok"};

    (void)state;
    issue_for("client", "CN=Bob", NULL, &certificate);
    add_person("bob", "operator", buffer_view(&certificate));
    asked.certificate = buffer_view(&certificate);
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 200);
    /* The front's lists do not tell of it yet. */
    revoke_certificate(buffer_view(&certificate));
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_problem(&answered, 403, "not-authenticated",
        "the client certificate was refused (revoked): the certificate was "
        "revoked");
}

static void a_certificate_that_does_not_let_in_says_why(void **state)
{
    RELEASED(buffer) nobodys = EMPTY_CERTIFICATE;
    RELEASED(answered) answered = {0};
    struct asked asked = {.path = "/admin/echo"};

    (void)state;
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_problem(&answered, 403, "not-authenticated",
        "no client certificate was sent, and here one says who asks");
    asked = as_administrator("/admin/echo");
    asked.code = "expired";
    asked.sentence = "it ended yesterday";
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_problem(&answered, 403, "not-authenticated",
        "the client certificate was refused (expired): it ended yesterday");
    issue_for("client", "CN=Nobody", NULL, &nobodys);
    asked = (struct asked){.path = "/admin/echo",
        .certificate = buffer_view(&nobodys),
        .code = "ok"};
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_problem(&answered, 403, "not-authenticated",
        "the client certificate is good, and is nobody's here: an "
        "administrator gives it a role with chancery admin add NAME --role "
        "ROLE --certificate FILE");
    /* Where anyone may come, so may they. */
    asked.path = "/person";
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 200);
}

static void credentials_are_asked_for_and_judged(void **state)
{
    RELEASED(answered) answered = {0};
    struct asked asked = {.path = "/token"};

    (void)state;
    ask(front[LISTENER_PUBLIC], &asked, &answered);
    assert_problem(&answered, 401, "not-authenticated",
        "this address is not for everybody");
    assert_string_equal(
        header_of(&answered, "WWW-Authenticate"), "Bearer realm=\"Chancery\"");
    assert_string_equal(
        answered.headers[2][1], "Basic realm=\"Chancery\", charset=\"UTF-8\"");
    asked.headers[0] = "authorization";
    asked.headers[1] = "Bearer nonsense";
    ask(front[LISTENER_PUBLIC], &asked, &answered);
    assert_int_equal(answered.status, 401);
    asked.headers[1] = "Negotiate abc";
    ask(front[LISTENER_PUBLIC], &asked, &answered);
    assert_problem(&answered, 401, "not-authenticated",
        "credentials of this scheme are not taken at this address");
    asked.headers[1] = "Basic YTpi";
    ask(front[LISTENER_PLAIN], &asked, &answered);
    assert_problem(&answered, 403, "not-allowed",
        "credentials are taken over TLS alone, and these went over the network "
        "in the clear: change them");
    assert_null(header_of(&answered, "WWW-Authenticate"));
    /* Pages for everybody don't look at a password meant for others. */
    asked.path = "/echo";
    ask(front[LISTENER_PLAIN], &asked, &answered);
    assert_int_equal(answered.status, 200);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_reaches_its_handler_decoded),
        cmocka_unit_test(fields_of_a_form_follow_those_of_the_query),
        cmocka_unit_test(parts_of_a_form_bring_files_with_their_names),
        cmocka_unit_test(what_http_forbids_is_refused_by_the_rules_status),
        cmocka_unit_test(the_tail_of_an_ocsp_question_keeps_its_slashes),
        cmocka_unit_test(a_path_of_no_route_is_not_found_in_the_readers_manner),
        cmocka_unit_test(another_method_is_refused_with_those_there_are),
        cmocka_unit_test(what_failed_within_is_not_told_to_strangers),
        cmocka_unit_test(a_refusal_takes_the_place_of_half_an_answer),
        cmocka_unit_test(a_public_front_that_claims_a_certificate_is_cut_off),
        cmocka_unit_test(a_path_of_the_admin_listener_is_nowhere_else),
        cmocka_unit_test(a_breach_ends_its_front_alone),
        cmocka_unit_test(kb100_a_revoked_certificate_is_refused_at_once),
        cmocka_unit_test(a_certificate_that_does_not_let_in_says_why),
        cmocka_unit_test(credentials_are_asked_for_and_judged),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, serve_all, end_all);
}
