#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "authority/people.h"
#include "protocols/certsrv/attributes.h"
#include "protocols/certsrv/certsrv.h"
#include "protocols/certsrv/markup.h"
#include "protocols/certsrv/numbers.h"
#include "protocols/origin.h"
#include "x509/input.h"
#include "x509/request.h"

/* --- the three answers --------------------------------------------------- */

/*
 * certsrv.py and adcs-issuer: certnew.cer\?ReqID=(\d+)& ; scripts take the
 * first text in double quotes on the line after "function handleGetCert() {".
 */
static bool answer_issued(
    struct exchange *exchange, int64_t number, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);

    return markup_begin(&page, exchange, "Certificate Issued", why) &&
           buffer_print(&page, why,
               "<p>The certificate you requested was issued to you.</p>\n"
               "<!--\nfunction handleGetCert() {\n"
               "location=\"certnew.cer?ReqID=%" PRId64 "&Enc=b64\";\n}\n-->\n",
               number) &&
           buffer_print(&page, why,
               "<ul>\n<li><a href=\"certnew.cer?ReqID=%" PRId64
               "&amp;Enc=b64\">Download certificate</a>, <a "
               "href=\"certnew.cer?ReqID=%" PRId64 "&amp;Enc=bin\">in "
               "DER</a></li>\n",
               number, number) &&
           buffer_print(&page, why,
               "<li><a href=\"certnew.p7b?ReqID=%" PRId64
               "&amp;Enc=b64\">Download certificate chain</a>, <a "
               "href=\"certnew.p7b?ReqID=%" PRId64 "&amp;Enc=bin\">in "
               "DER</a></li>\n</ul>\n",
               number, number) &&
           markup_answer(exchange, &page, why);
}

/* "Certificate Pending", and Your Request Id is (\d+). */
static bool answer_waits(
    struct exchange *exchange, int64_t number, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);

    return markup_begin(&page, exchange, "Certificate Pending", why) &&
           buffer_print(&page, why,
               "<p>Your certificate request has been received. A person must "
               "approve it first.</p>\n<p>Your Request Id is %" PRId64
               ".</p>\n",
               number) &&
           buffer_print(&page, why,
               "<p>Later: <a href=\"certnew.cer?ReqID=%" PRId64
               "\">certnew.cer</a> has the certificate.</p>\n",
               number) &&
           markup_answer(exchange, &page, why);
}

/* The disposition message is "([^"]+) */
static bool answer_denied(
    struct exchange *exchange, const char *sentence, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);
    char unquoted[600];

    (void)snprintf(unquoted, sizeof(unquoted), "%s", sentence);
    markup_without_quotes(unquoted);
    return markup_begin(&page, exchange, "Certificate Request Denied", why) &&
           buffer_append_text(&page,
               "<p>Your certificate request was denied.</p>\n<p>The "
               "disposition message is \"",
               why) &&
           markup_text(&page, unquoted, why) &&
           buffer_append_text(&page, "\".</p>\n<p>Request <code>", why) &&
           markup_text(&page, exchange->request_id, why) &&
           buffer_append_text(&page, "</code></p>\n", why) &&
           markup_answer(exchange, &page, why);
}

/* --- refusals ------------------------------------------------------------ */

/* Marks an exchange whose submission has begun: what is refused from there on
 * is a rule's word about it. */
static char begun;

bool certsrv_refuse(struct exchange *exchange, const struct failure *refusal,
    bool *answered, struct failure *why)
{
    *answered = false;
    if (exchange->own != &begun)
        return true;
    switch (refusal->kind) {
    case FAILURE_MALFORMED:
    case FAILURE_FORBIDDEN:
    case FAILURE_UNSUITABLE:
    case FAILURE_NOT_FOUND:
    case FAILURE_CONFLICT:
        *answered = true;
        return answer_denied(exchange, refusal->reason, why);
    case FAILURE_NONE:
    case FAILURE_UNAUTHENTICATED:
    case FAILURE_UNAVAILABLE:
    case FAILURE_INTERNAL:
        break;
    }
    return true;
}

/* --- what is asked for --------------------------------------------------- */

struct asked {
    struct buffer request; /* PKCS#10, DER */
    char template_name[PROFILE_NAME_MAX];
};

static void asked_free(struct asked *asked)
{
    buffer_free(&asked->request);
}

static bool read_request(
    const struct exchange *exchange, struct asked *asked, struct failure *why)
{
    RELEASED(buffer) renewed = BUFFER("certificate", CERTIFICATE_MAX);
    const struct exchange_parameter *given =
        exchange_parameter(exchange, "CertRequest");

    if (given == NULL || given->value.length == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "CertRequest is missing: it is a PKCS#10 in PEM or base64");
    asked->request = BUFFER("request", REQUEST_MAX);
    if (!input_request(
            given->value, "CertRequest", &asked->request, &renewed, why))
        return false;
    return renewed.length == 0 ||
           fail_because(why, FAILURE_UNSUITABLE,
               "CertRequest is a renewal in PKCS#7, which is not taken here; "
               "send the PKCS#10 itself");
}

static bool read_templates(
    const struct exchange *exchange, struct asked *asked, struct failure *why)
{
    const struct exchange_parameter *attributes =
        exchange_parameter(exchange, "CertAttrib");
    const struct exchange_parameter *alone =
        exchange_parameter(exchange, "CertificateTemplate");

    return (attributes == NULL || certsrv_attributes_read(attributes->value,
                                      asked->template_name, why)) &&
           (alone == NULL || alone->value.length == 0 ||
               certsrv_take_template(alone->value, asked->template_name, why));
}

/* The only profile of an account needs no name: the scripts of servers without
 * templates send none. */
static bool take_only_profile(
    const struct caller *caller, struct asked *asked, struct failure *why)
{
    if (caller_is_limited(caller) && caller->profiles[0] != '\0' &&
        strchr(caller->profiles, ' ') == NULL)
        return certsrv_take_template(
            bytes_of_text(caller->profiles), asked->template_name, why);
    return fail_because(why, FAILURE_UNSUITABLE,
        "no template is named: send CertAttrib=CertificateTemplate:PROFILE%s%s",
        caller->profiles[0] == '\0' ? "" : "; the account's profiles are: ",
        caller->profiles);
}

/* Templates' names have no case, and profiles' names do: one that is exact goes
 * first. */
static const char *profile_of(
    const struct configuration *settings, const char *template_name)
{
    const char *found = template_name;

    for (size_t i = 0; i < settings->profile_count; i++) {
        const char *name = settings->profiles[i].name;

        if (strcmp(name, template_name) == 0)
            return name;
        if (strcasecmp(name, template_name) == 0)
            found = name;
    }
    return found;
}

/* --- submitting ---------------------------------------------------------- */

static bool finish(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why)
{
    int64_t number = 0;

    if (!submission_number(exchange, issued, &number, why))
        return false;
    return issued->awaits ? answer_waits(exchange, number, why)
                          : answer_issued(exchange, number, why);
}

static bool submit_new(struct exchange *exchange, struct failure *why)
{
    RELEASED(asked) asked = {0};
    struct exchange_wish wish = {0};

    if (!read_templates(exchange, &asked, why) ||
        !read_request(exchange, &asked, why))
        return false;
    if (asked.template_name[0] == '\0' &&
        !take_only_profile(&exchange->caller, &asked, why))
        return false;
    wish.profile =
        profile_of(exchange->authority->configuration, asked.template_name);
    wish.request = buffer_view(&asked.request);
    return exchange->verbs->issue(exchange, &wish, finish, why);
}

/* Mode=chkpnd: what became of one that waits. */
static bool answer_found(struct exchange *exchange, struct failure *why)
{
    RELEASED(submission) submission = {0};

    if (!submission_find(
            exchange, exchange_text(exchange, "ReqID"), &submission, why))
        return false;
    switch (submission.state) {
    case SUBMISSION_ISSUED:
        return answer_issued(exchange, submission.number, why);
    case SUBMISSION_WAITS:
        return answer_waits(exchange, submission.number, why);
    case SUBMISSION_ENDED:
        break;
    }
    return answer_denied(exchange, submission.sentence, why);
}

/* A foreign page's form would be sent with the password the browser keeps. */
bool certsrv_submit(struct exchange *exchange, struct failure *why)
{
    const char *mode = exchange_text(exchange, "Mode");

    if (!exchange_check_origin(exchange, why))
        return false;
    exchange->own = &begun;
    exchange->free_own = NULL;
    if (strcasecmp(mode, "chkpnd") == 0)
        return answer_found(exchange, why);
    if (mode[0] == '\0' || strcasecmp(mode, "newreq") == 0)
        return submit_new(exchange, why);
    return fail_because(why, FAILURE_UNSUITABLE,
        "Mode is newreq, for a request, or chkpnd, for one that waits");
}
