#include <stdio.h>
#include <string.h>

#include "authority/configuration.h"
#include "protocols/origin.h"
#include "server/pages/certificate_links.h"
#include "server/pages/html.h"
#include "server/pages/pages.h"
#include "server/pages/profile_page.h"
#include "x509/input.h"

#define ENROL "/enrol"
#define REQUEST_FILE_MAX (256 * 1024)

/* --- the profiles -------------------------------------------------------- */

static bool add_profile(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    return html_print(out, why,
               "<section class=\"card\">\n<h2><a href=\"" ENROL
               "/%s\">%s</a></h2>\n",
               profile->name, profile->name) &&
           profile_describe(out, profile, why) &&
           html_raw(out, "</section>\n", why);
}

static bool add_profiles(struct buffer *out,
    const struct configuration *configuration, struct failure *why)
{
    size_t open = 0;

    for (size_t i = 0; i < configuration->profile_count; i++) {
        if (!profile_is_open(&configuration->profiles[i]))
            continue;
        if (!add_profile(out, &configuration->profiles[i], why))
            return false;
        open++;
    }
    return open > 0 ||
           html_raw(out,
               "<div class=\"note\"><p>No profile is open here: certificates "
               "are issued by the administrators of this authority. "
               "<i>For them:</i> a profile is opened by <code>who: [..., "
               "account]</code> or <code>anyone</code> in chancery.yaml.</p>"
               "</div>\n",
               why);
}

bool page_enrol(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);

    return page_begin(exchange, "Enrol", ENROL, &out, why) &&
           html_raw(&out,
               "<p>Make a key and a request for it on your own machine, "
               "choose what the certificate is for, and hand the request in. "
               "The key stays with you.</p>\n"
               "<pre><code>openssl req -new -newkey ec -pkeyopt "
               "ec_paramgen_curve:P-256 -nodes \\\n"
               "  -keyout my.key -out my.csr -subj /CN=www.example.org \\\n"
               "  -addext subjectAltName=DNS:www.example.org</code></pre>\n",
               why) &&
           add_profiles(&out, exchange->authority->configuration, why) &&
           page_answer(exchange, &out, why);
}

/* --- one profile --------------------------------------------------------- */

/* The profile that the path names, if it is open here. */
static bool find_profile(const struct exchange *exchange,
    const struct profile **profile, struct failure *why)
{
    const char *name = exchange->path + strlen(ENROL "/");

    if (!configuration_profile(
            exchange->authority->configuration, name, profile, why))
        return false;
    return profile_is_open(*profile) ||
           fail_because(why, FAILURE_NOT_FOUND,
               "profile %s is not open here: its certificates are issued by "
               "the administrators of this authority",
               (*profile)->name);
}

static bool show_form(struct exchange *exchange, const struct profile *profile,
    struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);

    return page_begin(exchange, profile->name, exchange->path, &out, why) &&
           profile_describe(&out, profile, why) &&
           html_print(&out, why,
               "<form method=\"post\" action=\"" ENROL
               "/%s\" enctype=\"multipart/form-data\">\n"
               "<label for=\"request\">The request (PKCS#10): paste it</label>"
               "\n<textarea id=\"request\" name=\"request\" spellcheck="
               "\"false\" autocomplete=\"off\" aria-describedby=\"hint\">"
               "</textarea>\n"
               "<p class=\"hint\" id=\"hint\">PEM, or base64 without BEGIN and "
               "END. Never a private key.</p>\n"
               "<label for=\"file\">Or choose its file</label>\n"
               "<input type=\"file\" id=\"file\" name=\"file\">\n",
               profile->name) &&
           ((profile->who & ASKER_ANYONE) != 0 ||
               html_raw(&out,
                   "<p class=\"hint\">You will be asked for the name and "
                   "password of your account.</p>\n",
                   why)) &&
           html_raw(&out, "<button>Hand in</button>\n</form>\n", why) &&
           (!profile->browser_key ||
               html_print(&out, why,
                   "<p>Or <a href=\"/enrol-key/%s\">have the key made in "
                   "this browser</a>.</p>\n",
                   profile->name)) &&
           page_answer(exchange, &out, why);
}

/* --- what became of it --------------------------------------------------- */

static bool add_notices(
    struct buffer *out, struct bytes notices, struct failure *why)
{
    if (notices.length == 0)
        return true;
    return html_raw(out, "<div class=\"note warn\"><pre>", why) &&
           html_value(out, notices, why) &&
           html_raw(out, "</pre></div>\n", why);
}

static bool answer_awaits(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);

    return page_begin(exchange, "Your request waits", ENROL, &out, why) &&
           html_print(&out, why,
               "<p>%d %s it before a certificate is issued.</p>\n"
               "<dl><dt>Number of the request</dt><dd class=\"hash\">%s</dd>"
               "</dl>\n"
               "<p>Keep the number and the key. Look again at "
               "<a href=\"/requests/%s\">its page</a>, from any machine: the "
               "key proves that the request is yours.</p>\n",
               issued->approvals,
               issued->approvals == 1 ? "person approves" : "people approve",
               issued->request_id, issued->request_id) &&
           add_notices(&out, issued->notices, why) &&
           page_answer(exchange, &out, why);
}

static bool answer_page(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);

    return page_begin(exchange, "Your certificate", ENROL, &out, why) &&
           add_notices(&out, issued->notices, why) &&
           certificate_links(&out, issued->certificate, issued->chain,
               issued->chain_count, why) &&
           page_answer(exchange, &out, why);
}

/* A script asks for it by Accept, and gets the chain in PEM. */
static bool wants_pem(const struct exchange *exchange)
{
    return exchange->accept != NULL &&
           strstr(exchange->accept, "application/pem-certificate-chain") !=
               NULL;
}

static bool finish(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("certificates", HTML_PAGE_MAX);

    if (issued->awaits)
        return answer_awaits(exchange, issued, why);
    if (!wants_pem(exchange))
        return answer_page(exchange, issued, why);
    return certificates_as_pem(&pem, issued->certificate, issued->chain,
               issued->chain_count, why) &&
           exchange_answer(exchange, 200, "application/pem-certificate-chain",
               buffer_view(&pem), why);
}

/* --- handing in ---------------------------------------------------------- */

static bool find_request(
    const struct exchange *exchange, struct bytes *file, struct failure *why)
{
    const struct exchange_parameter *pasted =
        exchange_parameter(exchange, "request");
    const struct exchange_parameter *chosen =
        exchange_parameter(exchange, "file");
    bool has_pasted = pasted != NULL && pasted->value.length > 0;
    bool has_chosen = chosen != NULL && chosen->value.length > 0;

    if (has_pasted && has_chosen)
        return fail_because(why, FAILURE_MALFORMED,
            "a request was pasted and a file chosen; hand in one of them");
    if (!has_pasted && !has_chosen)
        return fail_because(
            why, FAILURE_MALFORMED, "the field request is empty");
    *file = has_pasted ? pasted->value : chosen->value;
    return true;
}

/* Who has no account, and needs one, is asked for it. */
static bool may_hand_in(const struct exchange *exchange,
    const struct profile *profile, struct failure *why)
{
    return exchange->caller.way != CALLER_ANYONE ||
           (profile->who & ASKER_ANYONE) != 0 ||
           fail_because(why, FAILURE_UNAUTHENTICATED,
               "profile %s is for those who have an account: sign in with "
               "its name and password",
               profile->name);
}

static bool hand_in(struct exchange *exchange, const struct profile *profile,
    struct failure *why)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_FILE_MAX);
    RELEASED(buffer) old = BUFFER("certificate", REQUEST_FILE_MAX);
    struct bytes file = {0};

    if (!exchange_check_origin(exchange, why) ||
        !may_hand_in(exchange, profile, why) ||
        !find_request(exchange, &file, why) ||
        !input_request(file, "the request", &request, &old, why))
        return false;
    return exchange->verbs->issue(exchange,
        &(struct exchange_wish){.profile = profile->name,
            .request = buffer_view(&request),
            .origin = exchange->idempotency_key},
        finish, why);
}

bool page_enrol_profile(struct exchange *exchange, struct failure *why)
{
    const struct profile *profile = NULL;

    if (strcmp(exchange->path, ENROL "/") == 0)
        return exchange_redirect(exchange, ENROL, why);
    if (!find_profile(exchange, &profile, why))
        return false;
    return exchange->method == EXCHANGE_POST
               ? hand_in(exchange, profile, why)
               : show_form(exchange, profile, why);
}
