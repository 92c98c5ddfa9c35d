#include "revocation_fixture.h"

#include "authority/control_protocol.h"
#include "authority/requests.h"
#include "base/base64.h"
#include "base/message.h"
#include "server/pages/html.h"
#include "server/pages/pages.h"
#include "x509/pem.h"

/* Pages that ask for something, with verbs that remember what they were asked.
 */
static struct {
    bool issues, asks;
    char profile[PROFILE_NAME_MAX], origin[64], id[64];
    struct buffer request, proof;
    uint16_t message;
    exchange_finish_issue *finish_issue;
    exchange_finish_ask *finish_ask;
} verb;

static bool remember_issue(struct exchange *exchange,
    const struct exchange_wish *wish, exchange_finish_issue *finish,
    struct failure *why)
{
    (void)exchange;
    verb.issues = true;
    verb.finish_issue = finish;
    (void)snprintf(verb.profile, sizeof(verb.profile), "%s", wish->profile);
    (void)snprintf(verb.origin, sizeof(verb.origin), "%s",
        wish->origin == NULL ? "" : wish->origin);
    return buffer_append(&verb.request, wish->request, why);
}

static bool remember_ask(struct exchange *exchange, uint16_t message,
    struct bytes fields, exchange_finish_ask *finish, struct failure *why)
{
    struct reader reader = reader_of(fields);

    (void)exchange;
    verb.asks = true;
    verb.message = message;
    verb.finish_ask = finish;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        assert_done(message_next(&reader, &field, why), *why);
        if (field.tag == CONTROL_ID)
            assert_done(
                field_text(&field, verb.id, sizeof(verb.id), why), *why);
        else
            assert_done(buffer_append(&verb.proof, field.value, why), *why);
    }
    return true;
}

static const struct exchange_verbs verbs = {
    .issue = remember_issue, .ask = remember_ask};

static struct exchange asked(enum exchange_method method, const char *path)
{
    buffer_free(&verb.request);
    buffer_free(&verb.proof);
    memset(&verb, 0, sizeof(verb));
    verb.request = BUFFER("request", REQUEST_MAX);
    verb.proof = BUFFER("proof", REQUEST_MAX);
    return (struct exchange){.listener = LISTENER_PUBLIC,
        .method = method,
        .path = path,
        .host = "pki.example.org",
        .is_tls = true,
        .authority = &here.authority,
        .store = here.reading,
        .verbs = &verbs,
        .caller = {.door = DOOR_WEB, .way = CALLER_ANYONE, .who = "anyone"}};
}

static void with(
    struct exchange *exchange, const char *name, struct bytes value)
{
    exchange->parameters[exchange->parameter_count++] =
        (struct exchange_parameter){.name = name, .value = value};
}

static void open_to(const char *name, unsigned int askers)
{
    for (size_t i = 0; i < here.configuration->profile_count; i++) {
        if (strcmp(here.configuration->profiles[i].name, name) == 0)
            here.configuration->profiles[i].who |= askers;
    }
}

static void expect_page(struct exchange *exchange, const char *part)
{
    const char *text = NULL;
    struct failure why = {0};

    assert_int_equal(exchange->status, 200);
    assert_done(buffer_as_text(&exchange->answer, &text, &why), why);
    if (strstr(text, part) == NULL)
        fail_msg("not on the page: %s", part);
}

static void shows(exchange_handler *handler, const char *path, const char *part)
{
    struct exchange exchange = asked(EXCHANGE_GET, path);
    struct failure why = {0};

    assert_done(handler(&exchange, &why), why);
    expect_page(&exchange, part);
    buffer_free(&exchange.answer);
}

static void refuses(exchange_handler *handler, struct exchange *exchange,
    enum failure_kind kind, const char *part)
{
    struct failure why = {0};

    assert_false(handler(exchange, &why));
    assert_int_equal(why.kind, kind);
    if (strstr(why.reason, part) == NULL)
        fail_msg("%s", why.reason);
    assert_false(verb.issues);
    assert_false(verb.asks);
    buffer_free(&exchange->answer);
}

static void new_pem(struct buffer *pem)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    struct failure why = {0};

    new_request("a.example.org", &request);
    assert_done(
        pem_append(pem, "CERTIFICATE REQUEST", buffer_view(&request), &why),
        why);
}

/* --- enrol --------------------------------------------------------------- */

static void profiles_are_listed_when_they_are_open(void **state)
{
    (void)state;
    shows(page_enrol, "/enrol", "No profile is open here");
    open_to("server", ASKER_ANYONE);
    shows(page_enrol, "/enrol", "<a href=\"/enrol/server\">server</a>");
}

static void a_profile_says_what_it_takes_before_it_is_asked(void **state)
{
    (void)state;
    open_to("server", ASKER_ACCOUNT);
    shows(page_enrol_profile, "/enrol/server", "serverAuth");
    shows(page_enrol_profile, "/enrol/server", "dns, ip (at least one)");
    shows(page_enrol_profile, "/enrol/server", "90d, at most 397d");
    shows(page_enrol_profile, "/enrol/server",
        "name and password of your account");
}

static void a_closed_profile_is_not_found_and_says_who_issues(void **state)
{
    struct exchange closed = asked(EXCHANGE_GET, "/enrol/server");
    struct exchange unknown = asked(EXCHANGE_GET, "/enrol/nothing");
    struct exchange posted = asked(EXCHANGE_POST, "/enrol/subordinate");

    (void)state;
    refuses(page_enrol_profile, &closed, FAILURE_NOT_FOUND,
        "issued by the administrators");
    refuses(page_enrol_profile, &unknown, FAILURE_NOT_FOUND, "nothing");
    open_to("subordinate", ASKER_ANYONE);
    refuses(page_enrol_profile, &posted, FAILURE_NOT_FOUND, "not open here");
}

static void kb056_a_pasted_request_is_handed_in_without_a_script(void **state)
{
    RELEASED(buffer) pem = BUFFER("request", REQUEST_MAX);
    struct exchange exchange = asked(EXCHANGE_POST, "/enrol/server");
    struct failure why = {0};

    (void)state;
    open_to("server", ASKER_ANYONE);
    new_pem(&pem);
    with(&exchange, "request", buffer_view(&pem));
    exchange.idempotency_key = "key-1";
    assert_done(page_enrol_profile(&exchange, &why), why);
    assert_true(verb.issues);
    assert_string_equal(verb.profile, "server");
    assert_string_equal(verb.origin, "key-1");
    assert_true(verb.request.length > 0);
}

static void an_account_is_asked_for_where_the_profile_wants_one(void **state)
{
    RELEASED(buffer) pem = BUFFER("request", REQUEST_MAX);
    struct exchange anyone = asked(EXCHANGE_POST, "/enrol/server");
    struct failure why = {0};

    (void)state;
    open_to("server", ASKER_ACCOUNT);
    new_pem(&pem);
    with(&anyone, "request", buffer_view(&pem));
    refuses(page_enrol_profile, &anyone, FAILURE_UNAUTHENTICATED,
        "sign in with its name and password");
    struct exchange account = asked(EXCHANGE_POST, "/enrol/server");
    with(&account, "request", buffer_view(&pem));
    account.caller.way = CALLER_ACCOUNT;
    assert_done(page_enrol_profile(&account, &why), why);
    assert_true(verb.issues);
}

static void another_sites_form_hands_nothing_in(void **state)
{
    RELEASED(buffer) pem = BUFFER("request", REQUEST_MAX);
    struct exchange exchange = asked(EXCHANGE_POST, "/enrol/server");

    (void)state;
    open_to("server", ASKER_ANYONE);
    new_pem(&pem);
    with(&exchange, "request", buffer_view(&pem));
    exchange.fetch_site = "cross-site";
    refuses(page_enrol_profile, &exchange, FAILURE_FORBIDDEN, "");
}

static void kb058_what_is_no_request_is_refused_by_what_it_is(void **state)
{
    struct exchange empty = asked(EXCHANGE_POST, "/enrol/server");
    struct exchange both = asked(EXCHANGE_POST, "/enrol/server");
    struct exchange words = asked(EXCHANGE_POST, "/enrol/server");

    (void)state;
    open_to("server", ASKER_ANYONE);
    refuses(page_enrol_profile, &empty, FAILURE_MALFORMED,
        "the field request is empty");
    with(&both, "request", bytes_of_text("a"));
    with(&both, "file", bytes_of_text("b"));
    refuses(
        page_enrol_profile, &both, FAILURE_MALFORMED, "hand in one of them");
    with(&words, "request", bytes_of_text("hello"));
    refuses(page_enrol_profile, &words, FAILURE_MALFORMED, "the request");
}

static void finish_with(
    struct exchange *exchange, const struct exchange_issued *issued)
{
    RELEASED(buffer) pem = BUFFER("request", REQUEST_MAX);
    struct failure why = {0};

    open_to("server", ASKER_ANYONE);
    new_pem(&pem);
    with(exchange, "request", buffer_view(&pem));
    assert_done(page_enrol_profile(exchange, &why), why);
    assert_done(verb.finish_issue(exchange, issued, &why), why);
}

static void the_certificate_is_shown_and_its_files_are_in_the_page(void **state)
{
    const struct bytes root = buffer_view(&here.authority.issuers[0].der);
    const struct exchange_issued issued = {.certificate = root,
        .chain = &root,
        .chain_count = 1,
        .notices = bytes_of_text("the <lifetime> was cut\n")};
    struct exchange page = asked(EXCHANGE_POST, "/enrol/server");
    struct exchange script = asked(EXCHANGE_POST, "/enrol/server");
    const char *text = NULL;
    struct failure why = {0};

    (void)state;
    finish_with(&page, &issued);
    expect_page(&page, "-----BEGIN CERTIFICATE-----");
    expect_page(&page, "download=\"chain.p7b\"");
    expect_page(&page, "the &lt;lifetime&gt; was cut");
    script.accept = "application/pem-certificate-chain";
    finish_with(&script, &issued);
    assert_string_equal(
        script.answer_type, "application/pem-certificate-chain");
    assert_done(buffer_as_text(&script.answer, &text, &why), why);
    assert_memory_equal(text, "-----BEGIN", 10);
    buffer_free(&page.answer);
    buffer_free(&script.answer);
}

static void a_request_that_waits_is_told_by_its_number(void **state)
{
    const struct exchange_issued issued = {.awaits = true,
        .request_id = "abcdefghijkmnpqrstuvwxyz23",
        .approvals = 2};
    struct exchange exchange = asked(EXCHANGE_POST, "/enrol/server");

    (void)state;
    finish_with(&exchange, &issued);
    expect_page(&exchange, "2 people approve it");
    expect_page(&exchange, "<a href=\"/requests/abcdefghijkmnpqrstuvwxyz23\">");
    buffer_free(&exchange.answer);
}

/* --- requests ------------------------------------------------------------ */

static void kb059_a_request_is_asked_for_by_number_and_proof_in_any_letters(
    void **state)
{
    struct exchange exchange =
        asked(EXCHANGE_POST, "/requests/ABCDEFGHIJKMNPQRSTUVWXYZ23");
    struct failure why = {0};

    (void)state;
    with(&exchange, "proof", bytes_of_text("c2lnbmF0\ndXJl\n"));
    assert_done(page_request(&exchange, &why), why);
    assert_true(verb.asks);
    assert_int_equal(verb.message, CONTROL_FETCH);
    assert_string_equal(verb.id, "abcdefghijkmnpqrstuvwxyz23");
    assert_int_equal(verb.proof.length, strlen("signature"));
}

static void a_request_without_a_proof_is_a_form_and_nothing_else(void **state)
{
    struct exchange empty = asked(EXCHANGE_POST, "/requests/abc");
    struct exchange broken = asked(EXCHANGE_POST, "/requests/abc");

    (void)state;
    shows(
        page_request, "/requests/abc<b>", "chancery request 1\\nabc&lt;b&gt;");
    refuses(page_request, &empty, FAILURE_MALFORMED, "proof is empty");
    with(&broken, "proof", bytes_of_text("!"));
    refuses(page_request, &broken, FAILURE_MALFORMED, "");
}

static void tell(json_t *facts, const char *part)
{
    struct exchange exchange = asked(EXCHANGE_POST, "/requests/abc");
    struct failure why = {0};

    with(&exchange, "proof", bytes_of_text("c2ln"));
    assert_done(page_request(&exchange, &why), why);
    assert_done(verb.finish_ask(&exchange, facts, &why), why);
    expect_page(&exchange, part);
    buffer_free(&exchange.answer);
    json_decref(facts);
}

static void what_became_of_a_request_is_told(void **state)
{
    RELEASED(buffer) encoded = BUFFER("certificate", REQUEST_MAX);
    const char *text = NULL;
    struct failure why = {0};

    (void)state;
    tell(json_pack("{s:s,s:s}", "id", "abc", "state", "waiting"),
        "waits for the approval");
    tell(json_pack("{s:s,s:s,s:s}", "id", "abc", "state", "denied", "reason",
             "not <yours>"),
        "not &lt;yours&gt;");
    assert_done(base64_append(&encoded,
                    buffer_view(&here.authority.issuers[0].der), 0, &why),
        why);
    assert_done(buffer_as_text(&encoded, &text, &why), why);
    tell(json_pack("{s:s,s:s,s:s,s:[s]}", "id", "abc", "state", "issued",
             "certificate", text, "chain", text),
        "-----BEGIN CERTIFICATE-----");
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_desk(profiles_are_listed_when_they_are_open),
        on_a_desk(a_profile_says_what_it_takes_before_it_is_asked),
        on_a_desk(a_closed_profile_is_not_found_and_says_who_issues),
        on_a_desk(kb056_a_pasted_request_is_handed_in_without_a_script),
        on_a_desk(an_account_is_asked_for_where_the_profile_wants_one),
        on_a_desk(another_sites_form_hands_nothing_in),
        on_a_desk(kb058_what_is_no_request_is_refused_by_what_it_is),
        on_a_desk(the_certificate_is_shown_and_its_files_are_in_the_page),
        on_a_desk(a_request_that_waits_is_told_by_its_number),
        on_a_desk(
            kb059_a_request_is_asked_for_by_number_and_proof_in_any_letters),
        on_a_desk(a_request_without_a_proof_is_a_form_and_nothing_else),
        on_a_desk(what_became_of_a_request_is_told),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
