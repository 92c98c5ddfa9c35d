#include "admin_desk.h"

/* Who gets in, with which session, and what a form must carry. */

/* --- certificates ----------------------------------------------------------
 */

static void expect_reason(
    struct exchange *exchange, const char *code, const char *title)
{
    char part[128];

    answers(exchange, 403);
    (void)snprintf(part, sizeof(part), "Reason: <code>%s</code>", code);
    has(exchange, part);
    (void)snprintf(part, sizeof(part), "<h1>%s</h1>", title);
    has(exchange, part);
    has_not(exchange, "<form");
    assert_false(person.asks);
    leave(exchange);
}

static void kb094_kb103_each_reason_has_its_code_and_title(void **state)
{
    static const char *const rows[][2] = {
        {"expired", "Your certificate has expired"},
        {"not-yet-valid", "Your certificate is not valid yet"},
        {"revoked", "Your certificate was revoked or is on hold"},
        {"revocation-unknown",
            "Whether your certificate is revoked is not known"},
        {"crl-expired", "The revocation list for your certificate has ended"},
        {"root-untrusted", "Your certificate is of another authority"},
        {"self-signed-untrusted", "Your certificate is self-signed"},
        {"issuer-missing", "Your certificate&#39;s issuer is not known here"},
        {"usage-mismatch", "Your certificate is not for signing in"},
        {"key-too-weak", "Your certificate was refused"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct exchange exchange = visited(EXCHANGE_GET, "/admin/");

        exchange.certificate = CERTIFICATE_REFUSED;
        exchange.certificate_code = rows[i][0];
        exchange.certificate_sentence = "what the <judge> said";
        expect_reason(&exchange, rows[i][0], rows[i][1]);
    }
}

static void kb094_without_a_certificate_it_says_how_to_get_one(void **state)
{
    struct exchange exchange = visited(EXCHANGE_GET, "/admin/requests");

    (void)state;
    exchange.certificate = CERTIFICATE_ABSENT;
    exchange.certificate_der = (struct bytes){0};
    exchange.caller = (struct caller){.way = CALLER_ANYONE};
    expect_reason(&exchange, "absent", "No client certificate was sent");
}

static void kb094_a_good_certificate_of_nobody_is_unknown(void **state)
{
    struct exchange exchange = visited(EXCHANGE_POST, "/admin/sign-in");

    (void)state;
    exchange.caller = (struct caller){.way = CALLER_ANYONE};
    expect_reason(&exchange, "unknown",
        "Your certificate is good, and nobody&#39;s here");
}

static void a_certificate_that_is_none_is_not_described(void **state)
{
    struct exchange exchange = visited(EXCHANGE_GET, "/admin/");

    (void)state;
    exchange.certificate = CERTIFICATE_REFUSED;
    exchange.certificate_code = "malformed";
    exchange.certificate_der = bytes_of_text("no certificate");
    answers(&exchange, 403);
    has_not(&exchange, "<dl>");
    leave(&exchange);
}

/* --- sessions ----------------------------------------------------------------
 */

static void after_fifteen_idle_minutes_a_click_is_needed(void **state)
{
    struct exchange before = visited(EXCHANGE_GET, "/admin/journal");
    struct exchange after = visited(EXCHANGE_GET, "/admin/journal");

    (void)state;
    person.now_ms += SESSION_IDLE_MS - 1;
    answers(&before, 200);
    leave(&before);
    person.now_ms += SESSION_IDLE_MS;
    answers(&after, 303);
    assert_string_equal(
        header_of(&after, "Location"), "/admin/sign-in?to=/admin/journal");
    leave(&after);
}

static void what_is_sent_after_the_end_is_not_done(void **state)
{
    static const char path[] = "/admin/crl/issuing/publish";
    struct exchange exchange = visited(EXCHANGE_POST, path);
    char token[SHA256_TEXT];

    (void)state;
    take_token("/admin/crl", path, token);
    with_text(&exchange, "token", token);
    person.now_ms += SESSION_IDLE_MS;
    answers(&exchange, 403);
    has(&exchange, "nothing was changed");
    assert_false(person.asks);
    leave(&exchange);
}

static void signing_in_begins_a_session_of_a_new_cookie(void **state)
{
    char token[SHA256_TEXT], older[sizeof(person.cookie)];
    struct exchange exchange, page;

    (void)state;
    take_token("/admin/sign-in", "/admin/sign-in", token);
    exchange = visited(EXCHANGE_POST, "/admin/sign-in");
    with_text(&exchange, "token", token);
    with_text(&exchange, "to", "/admin/people");
    answers(&exchange, 303);
    assert_string_equal(header_of(&exchange, "Location"), "/admin/people");
    (void)snprintf(older, sizeof(older), "%s", person.cookie);
    (void)snprintf(person.cookie, sizeof(person.cookie), "%.*s",
        (int)strcspn(header_of(&exchange, "Set-Cookie"), ";"),
        header_of(&exchange, "Set-Cookie"));
    assert_string_not_equal(older, person.cookie);
    page = visited(EXCHANGE_GET, "/admin/people");
    answers(&page, 200);
    has(&page, "Signed in as <b>alice (administrator)</b>");
    leave(&page);
    leave(&exchange);
}

static void signing_in_needs_the_form_of_this_certificate(void **state)
{
    struct exchange exchange = visited(EXCHANGE_POST, "/admin/sign-in");
    char token[SHA256_TEXT];

    (void)state;
    take_token("/admin/sign-in", "/admin/sign-in", token);
    with_text(&exchange, "token", token);
    exchange.certificate_der = bytes_of_text("another one");
    refuses(&exchange, FAILURE_FORBIDDEN, "not one of this session's");
}

/* --- forms and where they come from -------------------------------------- */

static void a_form_without_its_token_changes_nothing(void **state)
{
    static const char path[] = "/admin/crl/issuing/publish";
    char tokens[3][SHA256_TEXT] = {"", ""};

    (void)state;
    take_token("/admin/crl", "/admin/sign-out", tokens[1]);
    take_token("/admin/crl", path, tokens[2]);
    sign_in_as(ROLE_ADMINISTRATOR);
    for (size_t i = 0; i < 3; i++) {
        struct exchange exchange = visited(EXCHANGE_POST, path);

        with_text(&exchange, "token", tokens[i]);
        refuses(&exchange, FAILURE_FORBIDDEN, "nothing was changed");
    }
}

static void another_sites_page_or_name_is_refused_before_all_else(void **state)
{
    struct exchange origin = visited(EXCHANGE_POST, "/admin/sign-out");
    struct exchange site = visited(EXCHANGE_POST, "/admin/sign-out");
    struct exchange host = visited(EXCHANGE_GET, "/admin/");
    struct exchange none = visited(EXCHANGE_GET, "/admin/");

    (void)state;
    origin.origin = "https://localhost:1";
    refuses(&origin, FAILURE_FORBIDDEN, "another site");
    site.fetch_site = "same-site";
    refuses(&site, FAILURE_FORBIDDEN, "another site");
    host.host = "localhost.example:8444";
    refuses(&host, FAILURE_FORBIDDEN, "no name of this server");
    none.host = "";
    refuses(&none, FAILURE_FORBIDDEN, "no name of this server");
}

/* --- roles --------------------------------------------------------------- */

static void a_page_is_for_the_roles_of_its_row(void **state)
{
    static const struct {
        const char *path;
        unsigned roles;
    } rows[] = {
        {"/admin/", 0x1e},
        {"/admin/requests", 0x1e},
        {"/admin/people",
            ROLE_BIT(ROLE_ADMINISTRATOR) | ROLE_BIT(ROLE_AUDITOR)},
        {"/admin/journal",
            ROLE_BIT(ROLE_ADMINISTRATOR) | ROLE_BIT(ROLE_AUDITOR)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (int role = ROLE_ADMINISTRATOR; role <= ROLE_AUDITOR; role++) {
            struct exchange exchange;

            sign_in_as((enum enrolment_role)role);
            exchange = visited(EXCHANGE_GET, rows[i].path);
            if ((rows[i].roles & ROLE_BIT(role)) == 0) {
                refuses(&exchange, FAILURE_FORBIDDEN, "not for that role");
                continue;
            }
            answers(&exchange, 200);
            leave(&exchange);
        }
    }
}

/* A page opened in another role: the clerk refuses, and journals it. */
static void what_a_role_may_do_is_left_to_the_clerk(void **state)
{
    static const char path[] = "/admin/crl/issuing/publish";
    struct exchange exchange;
    char token[SHA256_TEXT];

    (void)state;
    take_token("/admin/crl", path, token);
    person.role = ROLE_APPROVER;
    exchange = visited(EXCHANGE_POST, path);
    with_text(&exchange, "token", token);
    answers(&exchange, 0);
    assert_true(person.asks);
    assert_int_equal(person.message, CONTROL_CRL);
    assert_string_equal(person.authority, "issuing");
    leave(&exchange);
}

static void a_role_of_nobody_does_not_get_in(void **state)
{
    struct exchange exchange;

    (void)state;
    person.role = ROLE_NOBODY;
    exchange = visited(EXCHANGE_GET, "/admin/");
    answers(&exchange, 403);
    leave(&exchange);
}

/* --- addresses ----------------------------------------------------------- */

static void a_method_of_another_row_is_told(void **state)
{
    struct exchange get = visited(EXCHANGE_GET, "/admin/sign-out");
    struct exchange post = visited(EXCHANGE_POST, "/admin/journal");
    struct exchange bare = visited(EXCHANGE_GET, "/ADMIN");
    struct exchange none = visited(EXCHANGE_GET, "/admin/requests/a/b");
    struct exchange empty = visited(EXCHANGE_GET, "/admin/requests/");

    (void)state;
    answers(&get, 405);
    assert_string_equal(header_of(&get, "Allow"), "POST");
    answers(&post, 405);
    assert_string_equal(header_of(&post, "Allow"), "GET, HEAD");
    answers(&bare, 303);
    assert_string_equal(header_of(&bare, "Location"), "/admin/");
    refuses(&none, FAILURE_NOT_FOUND, "no such page");
    refuses(&empty, FAILURE_NOT_FOUND, "no such page");
    leave(&get);
    leave(&post);
    leave(&bare);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        at_the_pages(kb094_kb103_each_reason_has_its_code_and_title),
        at_the_pages(kb094_without_a_certificate_it_says_how_to_get_one),
        at_the_pages(kb094_a_good_certificate_of_nobody_is_unknown),
        at_the_pages(a_certificate_that_is_none_is_not_described),
        at_the_pages(after_fifteen_idle_minutes_a_click_is_needed),
        at_the_pages(what_is_sent_after_the_end_is_not_done),
        at_the_pages(signing_in_begins_a_session_of_a_new_cookie),
        at_the_pages(signing_in_needs_the_form_of_this_certificate),
        at_the_pages(a_form_without_its_token_changes_nothing),
        at_the_pages(another_sites_page_or_name_is_refused_before_all_else),
        at_the_pages(a_page_is_for_the_roles_of_its_row),
        at_the_pages(what_a_role_may_do_is_left_to_the_clerk),
        at_the_pages(a_role_of_nobody_does_not_get_in),
        at_the_pages(a_method_of_another_row_is_told),
    };

    return desk_main(
        tests, sizeof(tests) / sizeof(*tests), argument_count, arguments);
}
