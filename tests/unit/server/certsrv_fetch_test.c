#include "certsrv_desk.h"

/* What is fetched later: by its number, the authority's own, the pages. */

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
    text_copy_beginning(
        bytes_of_text(find(PENDING)), pending.number, sizeof(pending.number));
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

/* --- pages --------------------------------------------------------------- */

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

static void without_tls_it_is_refused_in_a_sentence(void **state)
{
    (void)state;
    begin_exchange("/certsrv/");
    assert_refused_as(certsrv_plain, FAILURE_FORBIDDEN, "over https:// alone");
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
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
        at_desk(without_tls_it_is_refused_in_a_sentence),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_once, free_once);
}
