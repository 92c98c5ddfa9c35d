#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "server/admin/call.h"
#include "server/pages/roots.h"
#include "server/web/own_names.h"
#include "x509/certificate.h"

#define SIGN_IN "/admin/sign-in"
#define TO_ROOM 256

/* --- the host ----------------------------------------------------------------
 */

/* Without port and brackets; 0: it is none. */
static size_t host_of(const char *host, const char **start)
{
    if (host[0] == '[') {
        *start = host + 1;
        return strcspn(*start, "]");
    }
    *start = host;
    return strcspn(host, ":");
}

static const char *bare(const char *name)
{
    if (strncmp(name, "dns:", 4) == 0)
        return name + 4;
    return strncmp(name, "ip:", 3) == 0 ? name + 3 : name;
}

bool entry_check_host(const struct exchange *exchange, struct failure *why)
{
    struct own_names names;
    const char *host = NULL;
    size_t length = host_of(exchange->host, &host);

    own_names_of(exchange->authority->configuration, &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = bare(names.texts[i]);

        if (strlen(name) == length && strncasecmp(name, host, length) == 0)
            return true;
    }
    return fail_because(why, FAILURE_FORBIDDEN,
        "\"%.100s\" is no name of this server; one that should be is written "
        "in chancery.yaml below serve, names",
        exchange->host);
}

/* --- why not, and what to do (kb 94, 103; Q318380) ----------------------- */

struct refusal_text {
    const char *code, *title, *advice;
};

/* The first word of each sentence is the same as the code's in the log. */
static const struct refusal_text texts[] = {
    {"expired", "Your certificate has expired",
        "An administrator gives you a new one: chancery admin add YOUR-NAME "
        "--role ROLE --p12-out FILE. Your name and role stay."},
    {"not-yet-valid", "Your certificate is not valid yet",
        "Wait until it is, or look whether the clock of the server is right: "
        "chancery doctor."},
    {"revoked", "Your certificate was revoked or is on hold",
        "It is not taken again. An administrator releases one on hold with "
        "chancery unhold SERIAL, or gives you another one: chancery admin add "
        "YOUR-NAME --role ROLE --p12-out FILE."},
    {"revocation-unknown", "Whether your certificate is revoked is not known",
        "It was not found to be revoked; there is no list to ask. The "
        "administrator of this server publishes one: chancery ca crl."},
    {"crl-expired", "The revocation list for your certificate has ended",
        "Your certificate was not found to be revoked. The administrator of "
        "this server publishes a new list: chancery ca crl."},
    {"root-untrusted", "Your certificate is of another authority",
        "Choose a certificate that this authority issued. Browsers remember "
        "the choice until they are closed."},
    {"self-signed-untrusted", "Your certificate is self-signed",
        "Choose a certificate that this authority issued. Browsers remember "
        "the choice until they are closed."},
    {"issuer-missing", "Your certificate's issuer is not known here",
        "Choose a certificate that this authority issued, or send its "
        "intermediate certificates with it."},
    {"usage-mismatch", "Your certificate is not for signing in",
        "It needs the purpose clientAuth; an administrator gives you one: "
        "chancery admin add YOUR-NAME --role ROLE --p12-out FILE."},
    {NULL, "Your certificate was refused",
        "Choose another one. Browsers remember the choice until they are "
        "closed."},
};

static const struct refusal_text absent = {"absent",
    "No client certificate was sent",
    "Import the .p12 file that an administrator gave you into the browser, "
    "close the browser and open this page again: the choice of no certificate "
    "is remembered until then. An administrator makes one with chancery admin "
    "add NAME --role ROLE --p12-out FILE. With curl: --cert FILE --key FILE."};

static const struct refusal_text unknown = {"unknown",
    "Your certificate is good, and nobody's here",
    "An administrator gives it to a person with chancery admin add NAME --role "
    "ROLE --certificate FILE. If your role has ended, ask why first."};

static const struct refusal_text *text_for(const struct exchange *exchange)
{
    const struct refusal_text *text = texts;

    if (exchange->certificate == CERTIFICATE_ABSENT)
        return &absent;
    if (exchange->certificate == CERTIFICATE_VERIFIED)
        return &unknown;
    while (text->code != NULL &&
           strcmp(text->code, exchange->certificate_code) != 0)
        text++;
    return text;
}

/* What was sent may be no certificate at all: then it isn't described. */
static bool add_certificate(
    struct buffer *out, struct bytes der, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("subject", NAME_TEXT_MAX);
    char fingerprint[ROOT_FINGERPRINT], serial[SERIAL_TEXT];
    struct certificate certificate = {0};
    struct failure unreadable = {0};
    const char *text = NULL;

    if (der.length == 0 || !certificate_read(der, &certificate, &unreadable) ||
        !name_print(certificate.tbs.subject, &subject, &unreadable))
        return true;
    serial_print(certificate.tbs.serial, serial);
    return buffer_as_text(&subject, &text, why) &&
           root_fingerprint(der, fingerprint, why) &&
           html_raw(out, "<dl>\n", why) &&
           admin_fact(out, "Certificate", text, why) &&
           admin_fact(out, "Serial", serial, why) &&
           html_raw(out, "<dt>SHA-256</dt><dd>", why) &&
           html_fingerprint(out, fingerprint, why) &&
           html_raw(out, "</dd></dl>\n", why);
}

static bool refuse(struct admin_call *call, struct failure *why)
{
    const struct exchange *exchange = call->exchange;
    const struct refusal_text *text = text_for(exchange);
    const char *code =
        text->code == NULL ? exchange->certificate_code : text->code;
    struct buffer *out = &call->out;

    return admin_begin(call, text->title, why) &&
           (exchange->certificate_sentence[0] == '\0' ||
               html_print(out, why, "<p class=\"note bad\">%s</p>\n",
                   exchange->certificate_sentence)) &&
           html_print(out, why, "<p>%s</p>\n<p>Reason: <code>%s</code></p>\n",
               text->advice, code) &&
           add_certificate(out, exchange->certificate_der, why) &&
           admin_end_as(call, 403, why);
}

/* --- who it is ----------------------------------------------------------- */

static bool is_person(const struct exchange *exchange)
{
    return exchange->caller.way == CALLER_PERSON &&
           exchange->caller.person != 0 &&
           exchange->caller.role != ROLE_NOBODY &&
           exchange->certificate == CERTIFICATE_VERIFIED;
}

static struct session_holder holder_of(const struct exchange *exchange)
{
    return (struct session_holder){
        exchange->caller.person, exchange->certificate_der};
}

/* Where a page is that is gone back to: one of ours, in plain letters, so that
 * nobody is sent elsewhere. */
static bool is_ours(const char *to)
{
    return strncmp(to, "/admin/", 7) == 0 && strlen(to) < TO_ROOM &&
           strspn(to, "abcdefghijklmnopqrstuvwxyz"
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789/-_.") == strlen(to) &&
           strstr(to, "//") == NULL && strstr(to, "..") == NULL &&
           strncasecmp(to, SIGN_IN, strlen(SIGN_IN)) != 0;
}

static bool ask_to_sign_in(struct admin_call *call, struct failure *why)
{
    const char *path = call->exchange->path;
    char address[TO_ROOM + 32] = SIGN_IN;

    if (call->exchange->method == EXCHANGE_POST)
        return admin_begin(call, "Your session has ended", why) &&
               html_raw(&call->out,
                   "<p class=\"note warn\">A session ends after 15 minutes "
                   "without use, so what you sent was not done and nothing "
                   "was changed.</p>\n<p><a class=\"button\" href=\"" SIGN_IN
                   "\">Sign in again</a></p>\n",
                   why) &&
               admin_end_as(call, 403, why);
    if (is_ours(path))
        (void)snprintf(address, sizeof(address), SIGN_IN "?to=%s", path);
    return exchange_redirect(call->exchange, address, why);
}

static bool find_session(struct admin_call *call, struct failure *why)
{
    struct exchange *exchange = call->exchange;
    const struct session_holder holder = holder_of(exchange);

    return admin_session_find(exchange->sessions, &holder, exchange->cookie,
        &call->is_signed_in, call->secret, why);
}

bool entry_pass(struct admin_call *call, bool *is_in, struct failure *why)
{
    struct exchange *exchange = call->exchange;

    *is_in = false;
    if (exchange->sessions == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "the admin pages have no sessions");
    if (!is_person(exchange))
        return refuse(call, why);
    (void)snprintf(call->who, sizeof(call->who), "%s (%s)",
        exchange->caller.actor, role_name(exchange->caller.role));
    if (call->row->roles == 0) {
        *is_in = true;
        return admin_sessions_secret(
            exchange->sessions, exchange->certificate_der, call->secret, why);
    }
    if (!find_session(call, why))
        return false;
    *is_in = call->is_signed_in;
    return *is_in || ask_to_sign_in(call, why);
}

/* --- sign in and out ----------------------------------------------------- */

bool entry_show(struct admin_call *call, struct failure *why)
{
    const char *to = exchange_text(call->exchange, "to");
    struct buffer *out = &call->out;

    return admin_begin(call, NULL, why) &&
           html_print(out, why,
               "<p>Your certificate says that you are <b>%s</b>.</p>\n",
               call->who) &&
           add_certificate(out, call->exchange->certificate_der, why) &&
           form_begin(call, SIGN_IN, why) &&
           html_print(out, why,
               "<input type=\"hidden\" name=\"to\" value=\"%s\">\n",
               is_ours(to) ? to : "/admin/") &&
           form_end(call, "Sign in", false, why) &&
           html_raw(out,
               "<p class=\"hint\">A session ends after 15 minutes without "
               "use.</p>\n",
               why) &&
           admin_end(call, why);
}

/* What a browser keeps it under: never over plain HTTP, never for scripts,
 * never from another site's page (RFC 6265bis). */
static bool set_cookie(
    struct exchange *exchange, const char *cookie, struct failure *why)
{
    char value[256];
    bool ok;

    (void)snprintf(value, sizeof(value),
        SESSION_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s",
        cookie, cookie[0] == '\0' ? "; Max-Age=0" : "");
    ok = exchange_header(exchange, "Set-Cookie", value, why);
    wipe(value, sizeof(value));
    return ok;
}

bool entry_sign_in(struct admin_call *call, struct failure *why)
{
    struct exchange *exchange = call->exchange;
    const struct session_holder holder = holder_of(exchange);
    const char *to = exchange_text(exchange, "to");
    char cookie[SESSION_COOKIE_TEXT];
    bool ok;

    ok = admin_session_begin(exchange->sessions, &holder, cookie, why) &&
         set_cookie(exchange, cookie, why) &&
         exchange_redirect(exchange, is_ours(to) ? to : "/admin/", why);
    wipe(cookie, sizeof(cookie));
    return ok;
}

bool entry_sign_out(struct admin_call *call, struct failure *why)
{
    struct exchange *exchange = call->exchange;
    const struct session_holder holder = holder_of(exchange);

    call->is_signed_in = false;
    return admin_session_end(
               exchange->sessions, &holder, exchange->cookie, why) &&
           set_cookie(exchange, "", why) && admin_begin(call, NULL, why) &&
           html_raw(&call->out,
               "<p>The session has ended. The browser still has the "
               "certificate: whoever sits down at it can sign in "
               "again.</p>\n<p><a class=\"button\" href=\"" SIGN_IN
               "\">Sign in again</a></p>\n",
               why) &&
           admin_end(call, why);
}
