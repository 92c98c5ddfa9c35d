#include "certsrv_desk.h"

/* What is submitted, and what is refused of it. */

/* --- issued -------------------------------------------------------------- */

static void kb056_a_certificate_is_had_by_a_form_alone(void **state)
{
    struct certificate certificate = {0};
    struct request request = {0};
    RELEASED(buffer) der = BUFFER("request", REQUEST_MAX);
    struct failure why = {0};
    char number[32];

    (void)state;
    submit("CN=www.example.org", "www.example.org", SERVER);
    assert_type("text/html; charset=utf-8");
    text_copy_beginning(bytes_of_text(find(ISSUED)), number, sizeof(number));
    assert_non_null(strstr(page(), "function handleGetCert() {\nlocation=\""));
    ask_certificate(number, "bin");
    answer(certsrv_certificate);
    read_certificate(&certificate);
    make_request(key, "CN=www.example.org", "www.example.org", &der);
    assert_done(request_read(buffer_view(&der), &request, &why), why);
    assert_true(bytes_equal(certificate.tbs.key.whole, request.key.whole));
    ask_certificate(number, "b64");
    answer(certsrv_certificate);
    assert_type("application/pkix-cert");
    assert_int_equal(strncmp(page(), "-----BEGIN CERTIFICATE-----\n", 28), 0);
}

/* Templates have no case, and attributes of the browser are passed over. */
static void a_template_is_a_profile_in_any_case(void **state)
{
    (void)state;
    submit("CN=www.example.org", "www.example.org",
        "certificatetemplate: SERVER \nUserAgent:Mozilla/5.0 (X11; a:b)\r\n");
    (void)find(ISSUED);
    submit("CN=www.example.org", "www.example.org",
        "CertificateTemplate:WebServer\r\n");
    assert_non_null(strstr(find(DENIED), "WebServer"));
}

/* adcs-issuer names it a second time, as a parameter of its own. */
static void a_template_may_be_named_beside_the_attributes(void **state)
{
    (void)state;
    begin_exchange("/certsrv/certfnsh.asp");
    add_parameter("Mode", "newreq");
    add_parameter("CertRequest",
        request_text("CN=www.example.org", "www.example.org", false));
    add_parameter("CertAttrib", "CertificateTemplate:server");
    add_parameter("CertificateTemplate", "Server");
    answer(certsrv_submit);
    (void)find(ISSUED);
    buffer_free(&exchange.answer);
    exchange.status = 0;
    exchange.parameters[3].value = bytes_of_text("client");
    answer(certsrv_submit);
    assert_string_equal(find(DENIED),
        "the request names two templates, &#39;server&#39; and "
        "&#39;client&#39;");
}

static void a_request_without_newlines_is_read(void **state)
{
    (void)state;
    begin_exchange("/certsrv/certfnsh.asp");
    add_parameter("Mode", "newreq");
    add_parameter("CertRequest",
        request_text("CN=www.example.org", "www.example.org", true));
    add_parameter("CertAttrib", SERVER);
    answer(certsrv_submit);
    (void)find(ISSUED);
}

static void the_only_profile_of_an_account_needs_no_name(void **state)
{
    (void)state;
    begin_exchange("/certsrv/certfnsh.asp");
    (void)snprintf(
        exchange.caller.profiles, sizeof(exchange.caller.profiles), "server");
    add_parameter("CertRequest",
        request_text("CN=www.example.org", "www.example.org", false));
    answer(certsrv_submit);
    (void)find(ISSUED);
    submit("CN=www.example.org", "www.example.org", NULL);
    assert_string_equal(find(DENIED),
        "no template is named: send CertAttrib=CertificateTemplate:PROFILE; "
        "the account&#39;s profiles are: server code-signing");
}

/* --- denied -------------------------------------------------------------- */

static void kb058_a_refusal_names_the_field_and_the_rule(void **state)
{
    (void)state;
    submit("CN=www.example.org", "www.example.com", SERVER);
    assert_type("text/html; charset=utf-8");
    assert_string_equal(find(DENIED),
        "account:printer may not ask for &#39;dns:www.example.com&#39;; its "
        "names are: *.example.org");
    assert_non_null(strstr(page(), "aaaabbbbccccddddeeeeffffgg"));
    assert_null(strstr(page(), "certnew.cer?ReqID"));
    assert_null(strstr(page(), "Certificate Pending"));
    submit("CN=www.example.org", "www.example.org",
        "CertificateTemplate:email\r\n");
    assert_string_equal(find(DENIED),
        "account:printer may not ask for profile email: it is not for "
        "accounts (who)");
}

static void incident59_names_in_attributes_are_refused_in_words(void **state)
{
    (void)state;
    submit("CN=www.example.org", "www.example.org",
        SERVER "san:dns=admin.example.org&upn=administrator@example.org\r\n");
    assert_string_equal(find(DENIED),
        "names in the attribute SAN are not taken, since nobody signed them "
        "(ESC6); put them into the request itself, as the extension "
        "subjectAltName");
    submit("CN=www.example.org", "www.example.org",
        SERVER "ValidityPeriod:Years\r\n");
    assert_string_equal(find(DENIED),
        "the attribute &#39;ValidityPeriod&#39; is not taken here; "
        "CertificateTemplate is, with the name of a profile");
    submit("CN=www.example.org", "www.example.org", "server\r\n");
    assert_string_equal(find(DENIED),
        "an attribute is NAME:VALUE; &#39;server&#39; has no colon");
}

static void what_is_no_request_is_refused_by_what_it_is(void **state)
{
    (void)state;
    begin_exchange("/certsrv/certfnsh.asp");
    add_parameter("CertAttrib", SERVER);
    add_parameter("CertRequest", "hello");
    answer(certsrv_submit);
    assert_non_null(strstr(find(DENIED), "CertRequest"));
    begin_exchange("/certsrv/certfnsh.asp");
    add_parameter("CertAttrib", SERVER);
    answer(certsrv_submit);
    assert_string_equal(find(DENIED),
        "CertRequest is missing: it is a PKCS#10 in PEM or base64");
    begin_exchange("/certsrv/certfnsh.asp");
    add_parameter("Mode", "renew");
    answer(certsrv_submit);
    assert_string_equal(find(DENIED),
        "Mode is newreq, for a request, or chkpnd, for one that waits");
}

static void what_is_unavailable_has_its_status(void **state)
{
    (void)state;
    road.authority.is_broken = true;
    submit("CN=www.example.org", "www.example.org", SERVER);
    road.authority.is_broken = false;
    assert_int_equal(exchange.status, 503);
}

/* --- sites --------------------------------------------------------------- */

static void assert_site(const char *fetch_site, const char *origin,
    const char *referer, bool is_ours)
{
    begin_exchange("/certsrv/certfnsh.asp");
    exchange.fetch_site = fetch_site;
    exchange.origin = origin;
    exchange.referer = referer;
    if (is_ours) {
        answer(certsrv_submit);
        assert_int_equal(exchange.status, 200);
        return;
    }
    assert_refused_as(certsrv_submit, FAILURE_FORBIDDEN,
        "this was sent from a page of another site");
    assert_null(exchange.own);
}

static void a_form_of_another_site_is_refused(void **state)
{
    static const char ours[] = "https://CA.example.org:8443";

    (void)state;
    assert_site(NULL, NULL, NULL, true);
    assert_site("same-origin", ours, NULL, true);
    assert_site("none", NULL, NULL, true);
    assert_site("cross-site", ours, NULL, false);
    assert_site("same-site", NULL, NULL, false);
    assert_site(NULL, "https://evil.example", NULL, false);
    assert_site(NULL, "null", NULL, false);
    assert_site(NULL, "http://ca.example.org:8443", NULL, false);
    assert_site(NULL, "https://ca.example.org:9443", NULL, false);
    assert_site(NULL, "https://ca.example.org:8443.evil.example", NULL, false);
    assert_site(
        NULL, NULL, "https://ca.example.org/certsrv/certrqxt.asp", true);
    assert_site(
        NULL, NULL, "https://ca.example.org:8443/certsrv/certrqxt.asp", true);
    assert_site(NULL, NULL, "https://ca.example.org.evil.example/", false);
    assert_site(NULL, NULL, "https://evil.example/ca.example.org:8443", false);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        at_desk(kb056_a_certificate_is_had_by_a_form_alone),
        at_desk(a_template_is_a_profile_in_any_case),
        at_desk(a_template_may_be_named_beside_the_attributes),
        at_desk(a_request_without_newlines_is_read),
        at_desk(the_only_profile_of_an_account_needs_no_name),
        at_desk(kb058_a_refusal_names_the_field_and_the_rule),
        at_desk(incident59_names_in_attributes_are_refused_in_words),
        at_desk(what_is_no_request_is_refused_by_what_it_is),
        at_desk(what_is_unavailable_has_its_status),
        at_desk(a_form_of_another_site_is_refused),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_once, free_once);
}
