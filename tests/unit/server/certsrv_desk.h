#ifndef TESTS_UNIT_SERVER_CERTSRV_DESK_H
#define TESTS_UNIT_SERVER_CERTSRV_DESK_H

#include "bare_road.h"

#include <regex.h>

#include "authority/doors.h"
#include "authority/lists.h"
#include "authority/requests.h"
#include "base/text.h"
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

static inline bool refuse_as_web_does(
    struct exchange *asked, const struct failure *refusal, struct failure *why)
{
    bool answered = false;

    if (!certsrv_refuse(asked, refusal, &answered, why))
        return false;
    if (!answered)
        asked->status = exchange_status(refusal->kind);
    return true;
}

static inline bool take_road(struct exchange *asked,
    const struct exchange_wish *wish, exchange_finish_issue *finish,
    struct failure *why)
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

static inline void settings(struct configuration *configuration)
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

static inline struct caller account(const char *name)
{
    struct caller caller = {.door = DOOR_CERTSRV,
        .way = CALLER_ACCOUNT,
        .profiles = "server code-signing",
        .names = "*.example.org"};

    (void)snprintf(caller.actor, sizeof(caller.actor), "account:%s", name);
    return caller;
}

static inline void begin_exchange(const char *path)
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

static inline void add_parameter(const char *name, const char *value)
{
    exchange.parameters[exchange.parameter_count++] =
        (struct exchange_parameter){
            .name = name, .value = bytes_of_text(value)};
}

static inline int open_desk(void **state)
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

static inline int close_desk(void **state)
{
    buffer_free(&exchange.answer);
    exchange = (struct exchange){0};
    store_close(reading);
    return close_road(state);
}

static inline int make_once(void **state)
{
    key = new_key("p256");
    return make_template(state);
}

static inline int free_once(void **state)
{
    private_key_free(key);
    return remove_template(state);
}

static inline void answer(exchange_handler *handler)
{
    struct failure why = {0};

    if (!handler(&exchange, &why))
        assert_done(refuse_as_web_does(&exchange, &why, &why), why);
}

static inline void assert_refused_as(
    exchange_handler *handler, enum failure_kind kind, const char *said)
{
    struct failure why = {0};

    assert_false(handler(&exchange, &why));
    if (strstr(why.reason, said) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", why.reason, said);
    assert_int_equal(why.kind, kind);
}

static inline const char *page(void)
{
    struct failure why = {0};
    const char *text = NULL;

    assert_done(buffer_as_text(&exchange.answer, &text, &why), why);
    return text;
}

static inline void assert_type(const char *type)
{
    if (exchange.status != 200 || strcmp(exchange.answer_type, type) != 0)
        fail_msg("%u %s: %s", exchange.status, exchange.answer_type, page());
}

/* What the first group of a client's expression finds. */
static inline const char *find(const char *expression)
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
static inline const char *request_text(
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
static inline void submit(
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

static inline void ask_certificate(const char *number, const char *encoding)
{
    begin_exchange("/certsrv/certnew.cer");
    add_parameter("ReqID", number);
    add_parameter("Enc", encoding);
}

#define SERVER "CertificateTemplate:server\r\n"

static inline void read_certificate(struct certificate *certificate)
{
    struct failure why = {0};

    assert_type("application/pkix-cert");
    assert_done(
        certificate_read(buffer_view(&exchange.answer), certificate, &why),
        why);
}

#define at_desk(function) \
    cmocka_unit_test_setup_teardown(function, open_desk, close_desk)

#endif
