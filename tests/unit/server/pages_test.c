#include "revocation_fixture.h"

#include "server/pages/html.h"
#include "server/pages/pages.h"

/* A request as server/web hands it to a page. */
static struct exchange asked(enum exchange_method method, const char *path)
{
    return (struct exchange){.listener = LISTENER_PUBLIC,
        .method = method,
        .path = path,
        .authority = &here.authority,
        .store = here.reading};
}

static void with(
    struct exchange *exchange, const char *name, struct bytes value)
{
    exchange->parameters[exchange->parameter_count++] =
        (struct exchange_parameter){.name = name, .value = value};
}

static const char *page_of(exchange_handler *handler, struct exchange *exchange)
{
    const char *text = NULL;
    struct failure why = {0};

    assert_done(handler(exchange, &why), why);
    assert_int_equal(exchange->status, 200);
    assert_string_equal(exchange->answer_type, "text/html; charset=utf-8");
    assert_done(buffer_as_text(&exchange->answer, &text, &why), why);
    return text;
}

static void exchange_end(struct exchange *exchange)
{
    buffer_free(&exchange->answer);
}

static void publish_list(void)
{
    struct lists_made made;
    struct failure why = {0};

    assert_done(
        lists_publish(&here.authority, here.reading, issuing(), &made, &why),
        why);
}

static void home_tells_roots_authorities_and_their_lists(void **state)
{
    struct exchange before = asked(EXCHANGE_GET, "/");
    struct exchange after = asked(EXCHANGE_GET, "/");
    const char *text = page_of(page_home, &before);

    (void)state;
    assert_non_null(strstr(text, "<th scope=\"row\">issuing</th>"));
    assert_non_null(strstr(text, "issues certificates"));
    assert_non_null(strstr(text, "class=\"hash\""));
    publish_list();
    assert_non_null(strstr(page_of(page_home, &after), "good until"));
    exchange_end(&before);
    exchange_end(&after);
}

/* --- status -------------------------------------------------------------- */

struct issued {
    char serial[SERIAL_TEXT];
    struct issuance issuance;
};

static void issue_one(struct issued *issued)
{
    struct certificate certificate = {0};
    struct failure why = {0};

    issue_here(&issued->issuance);
    assert_done(certificate_read(buffer_view(&issued->issuance.certificate),
                    &certificate, &why),
        why);
    serial_print(certificate.tbs.serial, issued->serial);
}

static void revoke_one(const struct issued *issued, enum revocation_act act)
{
    struct certificate certificate = {0};
    struct revoked revoked = {0};
    struct failure why = {0};

    assert_done(certificate_read(buffer_view(&issued->issuance.certificate),
                    &certificate, &why),
        why);
    assert_done(revoke_certificate(&here.authority,
                    &(struct revocation){.act = act,
                        .caller = &alice,
                        .serial = certificate.tbs.serial,
                        .reason = REASON_KEY_COMPROMISE},
                    &revoked, &why),
        why);
}

static void expect_status(const char *serial, const char *part)
{
    struct exchange exchange = asked(EXCHANGE_GET, "/status");

    with(&exchange, "serial", bytes_of_text(serial));
    if (strstr(page_of(page_status, &exchange), part) == NULL)
        fail_msg("not told: %s", part);
    exchange_end(&exchange);
}

static void status_tells_good_revoked_with_its_reason_and_held(void **state)
{
    static struct issued issued;

    (void)state;
    issue_one(&issued);
    expect_status(issued.serial, "Not revoked");
    revoke_one(&issued, ACT_HOLD);
    expect_status(issued.serial, "On hold");
    revoke_one(&issued, ACT_REVOKE);
    expect_status(issued.serial, "reason: keyCompromise");
    issuance_free(&issued.issuance);
}

static void assert_unasked(
    struct exchange *exchange, enum failure_kind kind, const char *part)
{
    struct failure why = {0};

    assert_false(page_status(exchange, &why));
    assert_int_equal(why.kind, kind);
    if (strstr(why.reason, part) == NULL)
        fail_msg("%s", why.reason);
    exchange_end(exchange);
}

static void incident51_an_unknown_serial_is_neither_good_nor_revoked(
    void **state)
{
    struct exchange exchange = asked(EXCHANGE_GET, "/status");

    (void)state;
    with(&exchange, "serial", bytes_of_text("0123456789abcdef"));
    assert_unasked(&exchange, FAILURE_NOT_FOUND, "neither good nor revoked");
}

static void a_serial_that_is_none_is_refused(void **state)
{
    struct exchange exchange = asked(EXCHANGE_GET, "/status");

    (void)state;
    with(&exchange, "serial", bytes_of_text("<script>"));
    assert_unasked(&exchange, FAILURE_MALFORMED, "");
}

static void an_uploaded_certificate_is_found_by_all_of_it(void **state)
{
    static struct issued issued;
    struct exchange good = asked(EXCHANGE_POST, "/status");
    struct exchange other = asked(EXCHANGE_POST, "/status");
    struct exchange none = asked(EXCHANGE_POST, "/status");
    struct buffer *der = &issued.issuance.certificate;

    (void)state;
    issue_one(&issued);
    with(&good, "certificate", buffer_view(der));
    assert_non_null(strstr(page_of(page_status, &good), "Not revoked"));
    /* Another signature: not the certificate that was issued. */
    der->start[der->length - 1] ^= 1;
    with(&other, "certificate", buffer_view(der));
    assert_unasked(&other, FAILURE_CONFLICT, "another one than yours");
    assert_unasked(&none, FAILURE_MALFORMED, "brought no certificate");
    exchange_end(&good);
    issuance_free(&issued.issuance);
}

static void the_form_stands_there_before_anything_is_asked(void **state)
{
    struct exchange exchange = asked(EXCHANGE_GET, "/status");

    (void)state;
    assert_non_null(
        strstr(page_of(page_status, &exchange), "<label for=\"serial\">"));
    exchange_end(&exchange);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_desk(home_tells_roots_authorities_and_their_lists),
        on_a_desk(status_tells_good_revoked_with_its_reason_and_held),
        on_a_desk(incident51_an_unknown_serial_is_neither_good_nor_revoked),
        on_a_desk(a_serial_that_is_none_is_refused),
        on_a_desk(an_uploaded_certificate_is_found_by_all_of_it),
        on_a_desk(the_form_stands_there_before_anything_is_asked),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
