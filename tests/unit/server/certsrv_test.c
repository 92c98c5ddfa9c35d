#include "bare_road.h"

#include <regex.h>

#include "authority/doors.h"
#include "authority/lists.h"
#include "authority/requests.h"
#include "protocols/certsrv/certsrv.h"
#include "x509/pkcs7.h"

/*
 * /certsrv on a real road and a real store, with verbs that take it at once.
 * What clients look for is looked for by their own expressions: certsrv.py,
 * adcs-issuer and scripts with curl (docs/certsrv.md).
 */
static struct exchange exchange;
static struct private_key *key;
static struct store *reading;
static char publish[PATH_ROOM];

/* --- verbs that take the road at once ------------------------------------ */

static bool refuse_as_web_does(
    struct exchange *asked, const struct failure *refusal, struct failure *why)
{
    bool answered = false;

    if (!certsrv_refuse(asked, refusal, &answered, why))
        return false;
    if (!answered)
        asked->status = exchange_status(refusal->kind);
    return true;
}

static bool take_road(struct exchange *asked, const struct exchange_wish *wish,
    exchange_finish_issue *finish, struct failure *why)
{
    RELEASED(issuance) issuance = {0};
    const struct enrolment enrolment = {.caller = &asked->caller,
        .profile = wish->profile,
        .request = wish->request,
        .subject = wish->subject,
        .general_names = wish->general_names};
    struct exchange_issued issued = {0};

    issuance_begin(&issuance, &enrolment);
    issue_certificates(&road.authority, &road.desk, &issuance, 1);
    if (issuance.why.kind != FAILURE_NONE)
        return refuse_as_web_does(asked, &issuance.why, why);
    issued.awaits = issuance.awaits;
    issued.request_id = issuance.request_id;
    issued.certificate = buffer_view(&issuance.certificate);
    return finish(asked, &issued, why);
}

static const struct exchange_verbs verbs = {.issue = take_road};

/* --- asking -------------------------------------------------------------- */

static void settings(struct configuration *configuration)
{
    for (size_t i = 0; i < configuration->profile_count; i++) {
        struct profile *profile = &configuration->profiles[i];

        if (strcmp(profile->name, "server") == 0 ||
            strcmp(profile->name, "code-signing") == 0)
            profile->who |= ASKER_ACCOUNT;
        if (strcmp(profile->name, "code-signing") == 0)
            profile->approvals = 1;
    }
}

static struct caller account(const char *name)
{
    struct caller caller = {.door = DOOR_CERTSRV,
        .way = CALLER_ACCOUNT,
        .profiles = "server code-signing",
        .names = "*.example.org"};

    (void)snprintf(caller.actor, sizeof(caller.actor), "account:%s", name);
    return caller;
}

static void begin_exchange(const char *path)
{
    buffer_free(&exchange.answer);
    exchange = (struct exchange){.listener = LISTENER_PUBLIC,
        .request_id = "aaaabbbbccccddddeeeeffffgg",
        .peer = "192.0.2.7",
        .path = path,
        .host = "ca.example.org:8443",
        .is_tls = true,
        .caller = account("printer"),
        .authority = &road.authority,
        .store = reading,
        .verbs = &verbs};
}

static void add_parameter(const char *name, const char *value)
{
    exchange.parameters[exchange.parameter_count++] =
        (struct exchange_parameter){
            .name = name, .value = bytes_of_text(value)};
}

static int open_desk(void **state)
{
    struct failure why = {0};

    road_settings = settings;
    (void)open_road(state);
    (void)snprintf(publish, sizeof(publish), "%s", path_in(folder, "publish"));
    road.authority.publish = publish;
    reading = read_store(folder);
    assert_done(lists_catch_up(&road.authority, reading, &why), why);
    begin_exchange("/certsrv/");
    return 0;
}

static int close_desk(void **state)
{
    buffer_free(&exchange.answer);
    exchange = (struct exchange){0};
    store_close(reading);
    return close_road(state);
}

static int make_once(void **state)
{
    key = new_key("p256");
    return make_template(state);
}

static int free_once(void **state)
{
    private_key_free(key);
    return remove_template(state);
}

static void answer(exchange_handler *handler)
{
    struct failure why = {0};

    if (!handler(&exchange, &why))
        assert_done(refuse_as_web_does(&exchange, &why, &why), why);
}

static void assert_refused_as(
    exchange_handler *handler, enum failure_kind kind, const char *said)
{
    struct failure why = {0};

    assert_false(handler(&exchange, &why));
    if (strstr(why.reason, said) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", why.reason, said);
    assert_int_equal(why.kind, kind);
}

static const char *page(void)
{
    struct failure why = {0};
    const char *text = NULL;

    assert_done(buffer_as_text(&exchange.answer, &text, &why), why);
    return text;
}

static void assert_type(const char *type)
{
    if (exchange.status != 200 || strcmp(exchange.answer_type, type) != 0)
        fail_msg("%u %s: %s", exchange.status, exchange.answer_type, page());
}

/* What the first group of a client's expression finds. */
static const char *find(const char *expression)
{
    static char found[700];
    regex_t compiled;
    regmatch_t matches[2];
    size_t length;

    assert_int_equal(regcomp(&compiled, expression, REG_EXTENDED), 0);
    if (regexec(&compiled, page(), 2, matches, 0) != 0)
        fail_msg("no %s in\n%s", expression, page());
    length = (size_t)(matches[1].rm_eo - matches[1].rm_so);
    (void)snprintf(
        found, sizeof(found), "%.*s", (int)length, page() + matches[1].rm_so);
    regfree(&compiled);
    return found;
}

#define ISSUED "certnew.cer\\?ReqID=([0-9]+)&"
#define PENDING "Your Request Id is ([0-9]+)."
#define DENIED "The disposition message is \"([^\"]+)"
#define DISPOSITION "Disposition message:[^\t]+\t\t([^\r\n]+)"
#define LAST_STATUS "LastStatus:[^\t]+\t\t([^\r\n]+)"

/* The request as clients send it: whole, or with its newlines taken out. */
static const char *request_text(
    const char *subject, const char *name, bool one_line)
{
    static char text[8192];
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) pem = BUFFER("request", 2 * REQUEST_MAX);
    struct failure why = {0};
    size_t length = 0;

    make_request(key, subject, name, &request);
    assert_done(
        pem_append(&pem, "CERTIFICATE REQUEST", buffer_view(&request), &why),
        why);
    for (size_t i = 0; i < pem.length; i++) {
        if (!one_line || pem.start[i] != '\n')
            text[length++] = (char)pem.start[i];
    }
    text[length] = '\0';
    return text;
}

/* certsrv.py, get_cert(). */
static void submit(
    const char *subject, const char *name, const char *attributes)
{
    begin_exchange("/certsrv/certfnsh.asp");
    exchange.method = EXCHANGE_POST;
    add_parameter("Mode", "newreq");
    add_parameter("CertRequest", request_text(subject, name, false));
    if (attributes != NULL)
        add_parameter("CertAttrib", attributes);
    add_parameter("FriendlyType", "Saved-Request Certificate");
    add_parameter("TargetStoreFlags", "0");
    add_parameter("SaveCert", "yes");
    answer(certsrv_submit);
}

static void ask_certificate(const char *number, const char *encoding)
{
    begin_exchange("/certsrv/certnew.cer");
    add_parameter("ReqID", number);
    add_parameter("Enc", encoding);
}

#define SERVER "CertificateTemplate:server\r\n"

/* --- issued -------------------------------------------------------------- */

static void read_certificate(struct certificate *certificate)
{
    struct failure why = {0};

    assert_type("application/pkix-cert");
    assert_done(
        certificate_read(buffer_view(&exchange.answer), certificate, &why),
        why);
}

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
    (void)snprintf(number, sizeof(number), "%s", find(ISSUED));
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

/* --- pending ------------------------------------------------------------- */

static struct pending {
    char number[32];
    char id[REQUEST_ID_TEXT];
} pending;

static bool keep_id(
    void *context, const struct request_row *row, struct failure *why)
{
    (void)context;
    (void)why;
    (void)snprintf(pending.id, sizeof(pending.id), "%s", row->id);
    return true;
}

static void submit_one_that_waits(void)
{
    const struct request_filter all = {0};
    struct failure why = {0};

    submit("CN=Maker", NULL, "CertificateTemplate:code-signing\r\n");
    assert_type("text/html; charset=utf-8");
    assert_non_null(strstr(page(), "Certificate Pending"));
    (void)snprintf(pending.number, sizeof(pending.number), "%s", find(PENDING));
    assert_done(store_list_requests(reading, &all, keep_id, NULL, &why), why);
}

static void what_waits_says_so_with_status_200(void **state)
{
    (void)state;
    submit_one_that_waits();
    ask_certificate(pending.number, "b64");
    answer(certsrv_certificate);
    assert_type("text/html; charset=utf-8");
    assert_string_equal(find(DISPOSITION), "Taken Under Submission");
    assert_string_equal(
        find(LAST_STATUS), "The request waits for approval. Ask again later.");
    begin_exchange("/certsrv/certckpn.asp");
    answer(certsrv_pending);
    assert_string_equal(find(PENDING), pending.number);
    /* Mode=chkpnd asks the same as a form. */
    begin_exchange("/certsrv/certfnsh.asp");
    add_parameter("Mode", "chkpnd");
    add_parameter("ReqID", pending.number);
    answer(certsrv_submit);
    assert_string_equal(find(PENDING), pending.number);
}

static struct caller approver(void)
{
    return (struct caller){.door = DOOR_ADMIN,
        .role = ROLE_ADMINISTRATOR,
        .actor = "uid:0",
        .who = "local"};
}

static void kb059_what_waited_is_found_when_it_is_approved(void **state)
{
    const struct caller caller = approver();
    struct certificate certificate = {0};
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) notices = BUFFER("notices", 4096);
    struct approved approved = {.certificate = der, .notices = notices};
    struct request_decision decision = {.caller = &caller};
    struct failure why = {0};

    (void)state;
    submit_one_that_waits();
    decision.id = pending.id;
    assert_done(request_approve(&road.authority, &road.desk, reading, &decision,
                    &approved, &why),
        why);
    assert_true(approved.is_issued);
    ask_certificate(pending.number, "bin");
    answer(certsrv_certificate);
    read_certificate(&certificate);
    buffer_free(&approved.certificate);
    buffer_free(&approved.notices);
}

static void what_was_denied_says_why(void **state)
{
    const struct caller caller = approver();
    struct request_decision decision = {
        .caller = &caller, .words = "no \"such\"\nmachine <here>"};
    struct failure why = {0};

    (void)state;
    submit_one_that_waits();
    decision.id = pending.id;
    assert_done(request_deny(&road.authority, &decision, &why), why);
    ask_certificate(pending.number, "b64");
    answer(certsrv_certificate);
    assert_type("text/html; charset=utf-8");
    assert_string_equal(find(DISPOSITION),
        "Denied by an approver: no &quot;such&quot; machine &lt;here&gt;");
}

/* --- whose it is --------------------------------------------------------- */

static void assert_not_there(const char *number)
{
    char sentence[120];

    (void)snprintf(sentence, sizeof(sentence),
        "account:scanner has asked for nothing under the number %s", number);
    ask_certificate(number, "b64");
    exchange.caller = account("scanner");
    answer(certsrv_certificate);
    assert_type("text/html; charset=utf-8");
    assert_string_equal(find(DISPOSITION), sentence);
}

static void kb059_a_number_is_found_by_who_asked_and_nobody_else(void **state)
{
    (void)state;
    submit("CN=www.example.org", "www.example.org", SERVER);
    assert_not_there(find(ISSUED));
    submit_one_that_waits();
    assert_not_there(pending.number);
    assert_not_there("999999999999999998");
    begin_exchange("/certsrv/certckpn.asp");
    exchange.caller = account("scanner");
    answer(certsrv_pending);
    assert_non_null(strstr(page(), "0 of your requests wait"));
    ask_certificate(pending.number, "b64");
    exchange.caller = door_anyone(DOOR_CERTSRV);
    assert_refused_as(certsrv_certificate, FAILURE_UNAUTHENTICATED,
        "a certificate is given to the account that asked for it");
}

static void a_number_that_is_none_is_told_in_a_page(void **state)
{
    static const char *const numbers[] = {
        "", "-1", "1e3", "0x10", "1000000000000000000", "../1"};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        ask_certificate(numbers[i], "b64");
        answer(certsrv_certificate);
        assert_type("text/html; charset=utf-8");
        assert_string_equal(
            find(DISPOSITION), "ReqID is a number of 1 to 18 digits");
    }
}

/* --- the authority's ----------------------------------------------------- */

static void the_authority_is_had_without_a_password(void **state)
{
    struct certificate certificate = {0};
    struct pkcs7 chain = {0};
    struct bytes element = {0};
    struct failure why = {0};
    size_t count = 0;

    (void)state;
    begin_exchange("/certsrv/certcarc.asp");
    exchange.caller = door_anyone(DOOR_CERTSRV);
    answer(certsrv_authorities);
    assert_string_equal(find("var nRenewals=([0-9]+);"), "0");
    ask_certificate("CACert", "bin");
    add_parameter("Renewal", "0");
    exchange.caller = door_anyone(DOOR_CERTSRV);
    answer(certsrv_certificate);
    read_certificate(&certificate);
    assert_true(bytes_equal(
        certificate.whole, buffer_view(&road.authority.issuers[1].der)));
    begin_exchange("/certsrv/certnew.p7b");
    add_parameter("reqid", "CACERT");
    add_parameter("ENC", "BIN");
    answer(certsrv_chain);
    assert_type("application/x-pkcs7-certificates");
    assert_done(pkcs7_read(buffer_view(&exchange.answer), &chain, &why), why);
    do {
        assert_done(
            pkcs7_next_certificate(&chain.certificates, &element, &why), why);
        count += element.length > 0;
    } while (element.length > 0);
    assert_int_equal(count, 2);
}

static void renewals_are_the_keys_it_had_before(void **state)
{
    struct authority_issuer issuers[2] = {
        road.authority.issuers[1], road.authority.issuers[1]};
    struct authority rolled = road.authority;
    struct certificate certificate = {0};

    (void)state;
    issuers[0].id = 77;
    issuers[0].state = AUTHORITY_RETIRING;
    issuers[0].issues = false;
    issuers[0].der = road.authority.issuers[0].der;
    issuers[1].follows = 77;
    rolled.issuers = issuers;
    rolled.issuer_count = 2;
    begin_exchange("/certsrv/certcarc.asp");
    exchange.authority = &rolled;
    answer(certsrv_authorities);
    assert_string_equal(find("var nRenewals=([0-9]+);"), "1");
    ask_certificate("CACert", "bin");
    add_parameter("Renewal", "0");
    exchange.authority = &rolled;
    answer(certsrv_certificate);
    read_certificate(&certificate);
    assert_true(bytes_equal(certificate.whole, buffer_view(&issuers[0].der)));
    ask_certificate("CACert", "bin");
    add_parameter("Renewal", "2");
    exchange.authority = &rolled;
    assert_refused_as(certsrv_certificate, FAILURE_NOT_FOUND,
        "Renewal is a number from 0 to 1 here");
}

static void a_list_is_had_bare_and_in_base64(void **state)
{
    (void)state;
    begin_exchange("/certsrv/certcrl.crl");
    answer(certsrv_list);
    assert_type("application/pkix-crl");
    assert_int_equal(exchange.answer.start[0], 0x30);
    begin_exchange("/certsrv/certcrl.crl");
    add_parameter("Type", "base");
    add_parameter("Enc", "b64");
    answer(certsrv_list);
    assert_type("application/pkix-crl");
    assert_int_equal(strncmp(page(), "-----BEGIN X509 CRL-----\n", 25), 0);
    begin_exchange("/certsrv/certcrl.crl");
    add_parameter("Type", "delta");
    assert_refused_as(certsrv_list, FAILURE_NOT_FOUND,
        "this authority has published no such list yet");
}

/* --- pages and sites ----------------------------------------------------- */

static void kb057_home_leads_to_the_root_and_how_to_install_it(void **state)
{
    (void)state;
    begin_exchange("/certsrv/");
    answer(certsrv_home);
    assert_type("text/html; charset=utf-8");
    assert_non_null(strstr(page(), "href=\"/roots\""));
    assert_non_null(strstr(page(), "account:printer"));
}

static void the_form_offers_the_profiles_of_the_account_alone(void **state)
{
    (void)state;
    begin_exchange("/certsrv/certrqxt.asp");
    answer(certsrv_form);
    assert_non_null(strstr(page(), "<textarea id=\"locTaRequest\""));
    assert_non_null(strstr(page(), "<button id=\"btnSubmit\""));
    assert_non_null(strstr(page(), "<option>server</option>"));
    assert_null(strstr(page(), "<option>client</option>"));
    assert_null(strstr(page(), "<script"));
}

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

static void without_tls_it_is_refused_in_a_sentence(void **state)
{
    (void)state;
    begin_exchange("/certsrv/");
    assert_refused_as(certsrv_plain, FAILURE_FORBIDDEN, "over https:// alone");
}

#define at_desk(function) \
    cmocka_unit_test_setup_teardown(function, open_desk, close_desk)

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
        at_desk(what_waits_says_so_with_status_200),
        at_desk(kb059_what_waited_is_found_when_it_is_approved),
        at_desk(what_was_denied_says_why),
        at_desk(kb059_a_number_is_found_by_who_asked_and_nobody_else),
        at_desk(a_number_that_is_none_is_told_in_a_page),
        at_desk(the_authority_is_had_without_a_password),
        at_desk(renewals_are_the_keys_it_had_before),
        at_desk(a_list_is_had_bare_and_in_base64),
        at_desk(kb057_home_leads_to_the_root_and_how_to_install_it),
        at_desk(the_form_offers_the_profiles_of_the_account_alone),
        at_desk(a_form_of_another_site_is_refused),
        at_desk(without_tls_it_is_refused_in_a_sentence),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_once, free_once);
}
