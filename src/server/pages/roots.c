#include "server/pages/roots.h"

#include <stdio.h>
#include <string.h>

#include "authority/hierarchy.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "server/pages/html.h"
#include "server/pages/pages.h"

bool root_fingerprint(struct bytes certificate,
    char text[static ROOT_FINGERPRINT], struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (!sha256(&certificate, 1, digest, why))
        return false;
    for (size_t i = 0; i < SHA256_BYTES; i++)
        (void)snprintf(text + 3 * i, ROOT_FINGERPRINT - 3 * i, "%02X%s",
            digest[i], i + 1 < SHA256_BYTES ? ":" : "");
    return true;
}

/* What a page says of one authority. */
struct shown {
    char subject[1024];
    char fingerprint[ROOT_FINGERPRINT];
    char sha256[SHA256_TEXT];
    char until[CLOCK_TEXT];
};

static bool show(const struct authority_issuer *issuer, struct shown *shown,
    struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("subject", NAME_TEXT_MAX);
    const char *text = NULL;
    struct bytes der = buffer_view(&issuer->der);

    clock_print(issuer->certificate.tbs.not_after, shown->until);
    if (!name_print(issuer->certificate.tbs.subject, &subject, why) ||
        !buffer_as_text(&subject, &text, why))
        return false;
    (void)snprintf(shown->subject, sizeof(shown->subject), "%s", text);
    return root_fingerprint(der, shown->fingerprint, why) &&
           sha256_text(der, shown->sha256, why);
}

/* Where commands fetch from: the declared address, or a word to be replaced. */
static const char *address_of(const struct authority *authority)
{
    return authority->configuration->url[0] != '\0'
               ? authority->configuration->url
               : "http://SERVER";
}

/* --- how a root is installed --------------------------------------------- */

struct way {
    const char *system;
    /* The commands, with the name of the file in between. */
    const char *before, *behind, *last;
    const char *hint;
};

static const struct way ways[] = {
    {"Debian, Ubuntu", "sudo install -m 0644 ",
        ".crt /usr/local/share/ca-certificates/\nsudo update-ca-certificates",
        NULL, NULL},
    {"Fedora, RHEL", "sudo install -m 0644 ",
        ".crt /etc/pki/ca-trust/source/anchors/\nsudo update-ca-trust", NULL,
        NULL},
    {"Windows (as administrator)", "certutil -addstore Root ", ".crt", NULL,
        "For many machines: Group Policy, Public Key Policies, Trusted Root "
        "Certification Authorities."},
    {"macOS",
        "sudo security add-trusted-cert -d -r trustRoot \\\n"
        "  -k /Library/Keychains/System.keychain ",
        ".crt", NULL, NULL},
    {"Firefox", NULL, NULL, NULL,
        "Settings, Privacy & Security, View Certificates, Authorities, "
        "Import: choose the file, and \xe2\x80\x9cTrust this CA to identify "
        "websites\xe2\x80\x9d. Since version 120 Firefox takes roots of the "
        "system by itself."},
    {"Java", "keytool -importcert -cacerts -alias ", " \\\n  -file ", ".crt",
        NULL},
    {"Node.js", "NODE_EXTRA_CA_CERTS=", ".crt node program.js", NULL, NULL},
    {"Python", "SSL_CERT_FILE=", ".crt python3 program.py", NULL,
        "The library requests reads REQUESTS_CA_BUNDLE in its place."},
    {"curl", "curl --cacert ", ".crt https://HOST/", NULL, NULL},
};

static bool add_commands(struct buffer *out, const struct way *way,
    const char *file, struct failure *why)
{
    if (way->before == NULL)
        return true;
    return html_print(
               out, why, "<pre><code>%s%s%s", way->before, file, way->behind) &&
           (way->last == NULL ||
               html_print(out, why, "%s%s", file, way->last)) &&
           html_raw(out, "</code></pre>\n", why);
}

static bool add_way(struct buffer *out, const struct way *way, const char *file,
    struct failure *why)
{
    return html_print(
               out, why, "<details><summary>%s</summary>\n", way->system) &&
           add_commands(out, way, file, why) &&
           (way->hint == NULL ||
               html_print(out, why, "<p class=\"hint\">%s</p>\n", way->hint)) &&
           html_raw(out, "</details>\n", why);
}

static bool add_apple(struct buffer *out, struct failure *why)
{
    return html_raw(out,
        "<details><summary>iPhone, iPad</summary>\n<ol>\n"
        "<li>Open <a href=\"/roots.mobileconfig\">roots.mobileconfig</a> in "
        "Safari, and allow it.</li>\n"
        "<li>Settings, General, VPN &amp; Device Management: install the "
        "profile, after comparing the certificate it shows.</li>\n"
        "<li>Settings, General, About, Certificate Trust Settings: switch the "
        "root on.</li>\n</ol>\n</details>\n",
        why);
}

static bool add_ways(struct buffer *out, const struct authority *authority,
    const struct shown *shown, const char *file, struct failure *why)
{
    if (!html_print(out, why,
            "<h3>Install it</h3>\n"
            "<p>First fetch it, and look at its fingerprint:</p>\n"
            "<pre><code>curl -fsS -o %s.cer %s/root/%s\n"
            "openssl x509 -inform DER -in %s.cer -out %s.crt\n"
            "openssl x509 -in %s.crt -noout -fingerprint "
            "-sha256</code></pre>\n",
            file, address_of(authority), shown->sha256, file, file, file))
        return false;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        if (!add_way(out, &ways[i], file, why))
            return false;
    }
    return add_apple(out, why);
}

/* --- the page ------------------------------------------------------------ */

static bool add_facts(
    struct buffer *out, const struct shown *shown, struct failure *why)
{
    return html_print(out, why,
               "<dl>\n<dt>Name</dt><dd>%s</dd>\n"
               "<dt>Valid until</dt><dd>%s</dd>\n<dt>SHA-256</dt><dd>",
               shown->subject, shown->until) &&
           html_fingerprint(out, shown->fingerprint, why) &&
           html_raw(out, "</dd>\n</dl>\n", why);
}

static bool add_root(struct buffer *out, const struct authority *authority,
    const struct authority_issuer *root, struct failure *why)
{
    struct shown shown = {0};

    return show(root, &shown, why) &&
           html_print(out, why,
               "<section class=\"card\">\n<h2>Root \xe2\x80\x9c%s\xe2\x80\x9d"
               "</h2>\n",
               root->name) &&
           add_facts(out, &shown, why) &&
           html_print(out, why,
               "<p><a href=\"/root/%s\">Certificate (DER)</a> \xc2\xb7 "
               "<a href=\"/roots.pem\">All roots (PEM)</a></p>\n",
               shown.sha256) &&
           add_ways(out, authority, &shown, root->name, why) &&
           html_raw(out, "</section>\n", why);
}

static bool add_authority(struct buffer *out,
    const struct authority_issuer *issuer, struct failure *why)
{
    struct shown shown = {0};

    return show(issuer, &shown, why) &&
           html_print(out, why, "<section class=\"card\">\n<h3>%s</h3>\n",
               issuer->name) &&
           add_facts(out, &shown, why) &&
           html_print(out, why,
               "<p><a href=\"/ca/%s.cer\">Certificate (DER)</a> \xc2\xb7 "
               "<a href=\"/ca/%s.p7b\">With its issuers (PKCS#7)</a> "
               "\xc2\xb7 <a href=\"/crl/%s.crl\">Revocation list</a></p>\n"
               "</section>\n",
               issuer->name, issuer->name, issuer->name);
}

enum kind { ROOTS, OTHERS };

static bool is_shown(const struct authority_issuer *issuer, enum kind kind)
{
    return issuer->der.length > 0 && issuer->state != AUTHORITY_RETIRED &&
           issuer_is_root(issuer) == (kind == ROOTS);
}

bool root_is_given_out(const struct authority_issuer *issuer)
{
    return is_shown(issuer, ROOTS);
}

static size_t count_of(const struct authority *authority, enum kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < authority->issuer_count; i++)
        count += is_shown(&authority->issuers[i], kind) ? 1 : 0;
    return count;
}

static const char advice[] =
    "<div class=\"note warn\">\n<p><b>Compare the fingerprint before you trust "
    "a root.</b> Ask for it by another way than this page: on paper, by "
    "telephone, from a colleague who has it. Whoever can change this page "
    "could show you another root with another fingerprint; a serial number or "
    "a name proves nothing.</p>\n</div>\n";

static bool add_roots(
    struct buffer *out, const struct authority *authority, struct failure *why)
{
    if (count_of(authority, ROOTS) == 0)
        return html_raw(out,
            "<p>The root above these authorities is another organisation's: "
            "its certificate comes from there.</p>\n",
            why);
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (is_shown(&authority->issuers[i], ROOTS) &&
            !add_root(out, authority, &authority->issuers[i], why))
            return false;
    }
    return true;
}

static bool add_others(
    struct buffer *out, const struct authority *authority, struct failure *why)
{
    if (count_of(authority, OTHERS) == 0)
        return true;
    if (!html_raw(out,
            "<h2>Authorities below</h2>\n<p>Servers send these with their own "
            "certificate; they are not installed as roots. <a "
            "href=\"/intermediates.pem\">All of them (PEM)</a></p>\n",
            why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (is_shown(&authority->issuers[i], OTHERS) &&
            !add_authority(out, &authority->issuers[i], why))
            return false;
    }
    return true;
}

bool roots_page(
    const struct authority *authority, struct buffer *out, struct failure *why)
{
    const struct html_page page = {.title = "Roots",
        .authority = page_authority(authority),
        .here = "/roots",
        .is_plain = true};

    return html_page_begin(out, &page, why) &&
           html_raw(out,
               "<p>A machine that trusts a root accepts every certificate "
               "issued below it.</p>\n",
               why) &&
           html_raw(out, advice, why) && add_roots(out, authority, why) &&
           add_others(out, authority, why) && html_page_end(out, why);
}

/* --- the old page -------------------------------------------------------- */

static bool add_old_root(struct buffer *out,
    const struct authority_issuer *root, struct failure *why)
{
    struct shown shown = {0};

    return show(root, &shown, why) &&
           html_print(out, why, "<li><a href=\"/root/%s\">%s</a><br>\nSHA-256 ",
               shown.sha256, shown.subject) &&
           html_fingerprint(out, shown.fingerprint, why) &&
           html_raw(out, "</li>\n", why);
}

bool roots_old_page(
    const struct authority *authority, struct buffer *out, struct failure *why)
{
    const struct html_page page = {.title = "Certificate authorities",
        .authority = page_authority(authority),
        .is_plain = true};

    if (!html_page_begin(out, &page, why) || !html_raw(out, advice, why) ||
        !html_raw(out, "<ul>\n", why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (is_shown(&authority->issuers[i], ROOTS) &&
            !add_old_root(out, &authority->issuers[i], why))
            return false;
    }
    return html_raw(out,
               "</ul>\n<p><a href=\"/roots\">How a root is installed</a></p>\n",
               why) &&
           html_page_end(out, why);
}
