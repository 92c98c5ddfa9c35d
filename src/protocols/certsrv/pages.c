#include <inttypes.h>
#include <string.h>

#include "authority/people.h"
#include "base/clock.h"
#include "protocols/certsrv/certsrv.h"
#include "protocols/certsrv/lineage.h"
#include "protocols/certsrv/markup.h"
#include "protocols/certsrv/numbers.h"
#include "store/store_requests.h"

/* --- home ---------------------------------------------------------------- */

bool certsrv_home(struct exchange *exchange, struct failure *why)
{
    static const char links[] =
        "<ul>\n"
        "<li><a href=\"certrqxt.asp\">Request a certificate</a> with a "
        "request you made (PKCS#10)</li>\n"
        "<li><a href=\"certckpn.asp\">View the status of pending "
        "requests</a></li>\n"
        "<li><a href=\"certcarc.asp\">Download a CA certificate, certificate "
        "chain, or CRL</a></li>\n"
        "<li><a href=\"/roots\">Install the root certificate</a>: its "
        "fingerprint, and how, for each system</li>\n"
        "</ul>\n";
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);

    /* Its links are relative, as the old server's were. */
    if (exchange->path[strlen(exchange->path) - 1] != '/')
        return exchange_redirect(exchange, "/certsrv/", why);
    return markup_begin(&page, exchange, "Certificate Services", why) &&
           buffer_append_text(&page, "<p>You are known here as ", why) &&
           markup_text(&page, exchange->caller.actor, why) &&
           buffer_append_text(&page, ".</p>\n", why) &&
           buffer_append_text(&page, links, why) &&
           markup_answer(exchange, &page, why);
}

/* --- the form ------------------------------------------------------------ */

static bool may_choose(
    const struct exchange *exchange, const struct profile *profile)
{
    const struct caller *caller = &exchange->caller;

    if (profile->is_authority)
        return false;
    if (caller_is_limited(caller))
        return rights_have_profile(caller->profiles, profile->name);
    return (caller->role == ROLE_ADMINISTRATOR &&
               profile_allows_asker(profile, ASKER_ADMINISTRATOR)) ||
           (caller->role == ROLE_OPERATOR &&
               profile_allows_asker(profile, ASKER_OPERATOR));
}

static bool add_choices(
    struct buffer *page, const struct exchange *exchange, struct failure *why)
{
    const struct configuration *settings = exchange->authority->configuration;

    for (size_t i = 0; i < settings->profile_count; i++) {
        const struct profile *profile = &settings->profiles[i];

        if (may_choose(exchange, profile) &&
            !(buffer_append_text(page, "<option>", why) &&
                markup_text(page, profile->name, why) &&
                buffer_append_text(page, "</option>\n", why)))
            return false;
    }
    return true;
}

/* Robots find the text and the button by their ids. */
bool certsrv_form(struct exchange *exchange, struct failure *why)
{
    static const char head[] =
        "<form method=\"post\" action=\"certfnsh.asp\" "
        "accept-charset=\"utf-8\">\n"
        "<input type=\"hidden\" name=\"Mode\" value=\"newreq\">\n"
        "<input type=\"hidden\" name=\"TargetStoreFlags\" value=\"0\">\n"
        "<input type=\"hidden\" name=\"SaveCert\" value=\"yes\">\n"
        "<p><label for=\"locTaRequest\">Saved request: PKCS#10, in base64 or "
        "PEM</label><br>\n"
        "<textarea id=\"locTaRequest\" name=\"CertRequest\" rows=\"12\" "
        "cols=\"66\" required spellcheck=\"false\"></textarea></p>\n"
        "<p><label for=\"lbCertTemplateID\">Certificate template "
        "(profile)</label><br>\n"
        "<select id=\"lbCertTemplateID\" name=\"CertificateTemplate\">\n";
    static const char tail[] =
        "</select></p>\n"
        "<p><button id=\"btnSubmit\" type=\"submit\">Submit</button></p>\n"
        "</form>\n"
        "<p>Names belong into the request itself, as subjectAltName; the "
        "attribute SAN is not taken.</p>\n";
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);

    return markup_begin(&page, exchange, "Submit a Certificate Request", why) &&
           buffer_append_text(&page, head, why) &&
           add_choices(&page, exchange, why) &&
           buffer_append_text(&page, tail, why) &&
           markup_answer(exchange, &page, why);
}

/* --- what waits ---------------------------------------------------------- */

#define PENDING_SHOWN 100

struct pending {
    const struct exchange *exchange;
    struct buffer *page;
    size_t count;
};

static bool add_pending(
    void *context, const struct request_row *row, struct failure *why)
{
    struct pending *pending = context;
    char when[CLOCK_TEXT];

    if (!submission_is_callers(pending->exchange, row->actor) ||
        pending->count++ >= PENDING_SHOWN)
        return true;
    clock_print(row->asked_at, when);
    return buffer_print(pending->page, why,
               "<li>Your Request Id is %" PRId64 ". Asked at %s for profile ",
               submission_number_of_request(row->number), when) &&
           markup_text(pending->page, row->profile, why) &&
           buffer_append_text(pending->page, "</li>\n", why);
}

bool certsrv_pending(struct exchange *exchange, struct failure *why)
{
    static const struct request_filter waiting = {
        .by_state = true, .state = REQUEST_WAITING};
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);
    struct pending pending = {exchange, &page, 0};

    return markup_begin(&page, exchange, "Pending Requests", why) &&
           buffer_append_text(&page, "<ul>\n", why) &&
           store_list_requests(
               exchange->store, &waiting, add_pending, &pending, why) &&
           buffer_print(&page, why,
               "</ul>\n<p>%zu of your requests wait for approval.</p>\n",
               pending.count) &&
           markup_answer(exchange, &page, why);
}

/* --- certificates of the authority --------------------------------------- */

static bool add_renewal(struct buffer *page,
    const struct authority_issuer *issuer, size_t renewal, struct failure *why)
{
    return buffer_append_text(page, "<li>", why) &&
           markup_text(page, issuer->name, why) &&
           buffer_print(page, why,
               ": certificate <a "
               "href=\"certnew.cer?ReqID=CACert&amp;Renewal=%zu&amp;Enc=bin\">"
               "DER</a>, <a "
               "href=\"certnew.cer?ReqID=CACert&amp;Renewal=%zu&amp;Enc=b64\">"
               "base64</a>; chain <a "
               "href=\"certnew.p7b?ReqID=CACert&amp;Renewal=%zu&amp;Enc=bin\">"
               "DER</a>, <a "
               "href=\"certnew.p7b?ReqID=CACert&amp;Renewal=%zu&amp;Enc=b64\">"
               "base64</a>; ",
               renewal, renewal, renewal, renewal) &&
           buffer_print(page, why,
               "<a href=\"certcrl.crl?Type=base&amp;Renewal=%zu&amp;Enc=bin\">"
               "base CRL</a>, <a "
               "href=\"certcrl.crl?Type=delta&amp;Renewal=%zu&amp;Enc=bin\">"
               "delta CRL</a></li>\n",
               renewal, renewal);
}

/* Clients look for the number of renewals as the old page's script had it. */
bool certsrv_authorities(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);
    struct lineage lineage = {0};

    if (!lineage_find(exchange->authority, &lineage, why) ||
        !markup_begin(&page, exchange,
            "Download a CA Certificate, Certificate Chain, or CRL", why) ||
        !buffer_print(&page, why, "<!-- var nRenewals=%zu; -->\n<ul>\n",
            lineage.count - 1))
        return false;
    for (size_t i = lineage.count; i > 0; i--) {
        if (!add_renewal(&page, lineage.issuers[i - 1], i - 1, why))
            return false;
    }
    return buffer_append_text(&page,
               "</ul>\n<p><a href=\"/roots\">Install the root "
               "certificate</a>: compare its fingerprint first.</p>\n",
               why) &&
           markup_answer(exchange, &page, why);
}

/* --- without TLS --------------------------------------------------------- */

bool certsrv_plain(struct exchange *exchange, struct failure *why)
{
    (void)exchange;
    return fail_because(why, FAILURE_FORBIDDEN,
        "/certsrv takes names and passwords, and so is there over https:// "
        "alone: one that was sent here went in the clear, so change it; "
        "certificates and lists are under /roots, /ca and /crl");
}
