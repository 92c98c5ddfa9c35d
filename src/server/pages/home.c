#include "authority/hierarchy.h"
#include "base/clock.h"
#include "server/pages/html.h"
#include "server/pages/pages.h"
#include "server/pages/roots.h"
#include "store/store_revocations.h"

static bool add_root(struct buffer *out, const struct authority_issuer *root,
    struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("subject", NAME_TEXT_MAX);
    char fingerprint[ROOT_FINGERPRINT];
    const char *text = NULL;

    return name_print(root->certificate.tbs.subject, &subject, why) &&
           buffer_as_text(&subject, &text, why) &&
           root_fingerprint(buffer_view(&root->der), fingerprint, why) &&
           html_print(out, why, "<dt>%s</dt><dd>", text) &&
           html_fingerprint(out, fingerprint, why) &&
           html_raw(out, "</dd>\n", why);
}

static bool add_roots(
    struct buffer *out, const struct authority *authority, struct failure *why)
{
    if (!html_raw(out,
            "<section class=\"card\">\n<h2>Roots, by SHA-256</h2>\n<dl>\n",
            why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->der.length > 0 && issuer_is_root(issuer) &&
            !add_root(out, issuer, why))
            return false;
    }
    return html_raw(out,
        "</dl>\n<p><a href=\"/roots\">Fetch and install a root</a>, after "
        "comparing its fingerprint by another way.</p>\n</section>\n",
        why);
}

/* --- the state of each authority ----------------------------------------- */

static bool add_list(struct buffer *out, const struct exchange *exchange,
    const struct authority_issuer *issuer, struct failure *why)
{
    struct crl_row list = {0};
    char made[CLOCK_TEXT], next[CLOCK_TEXT];
    bool found = false;

    if (!store_crl(
            exchange->store, issuer->id, CRL_COMPLETE, &list, &found, why))
        return false;
    if (!found)
        return html_raw(out, "<td class=\"warn\">none yet</td>", why);
    clock_print(list.this_update, made);
    clock_print(list.next_update, next);
    return html_print(out, why, "<td><a href=\"/crl/%s.crl\">of %s</a>, ",
               issuer->name, made) &&
           (list.next_update > clock_now()
                   ? html_print(out, why, "good until %s</td>", next)
                   : html_print(out, why,
                         "<span class=\"bad\">ended %s</span></td>", next));
}

static const char *role_of(const struct authority_issuer *issuer)
{
    switch (issuer->state) {
    case AUTHORITY_ACTIVE:
        return issuer->issues ? "issues certificates" : "is kept apart";
    case AUTHORITY_COMING:
        return "takes over soon";
    case AUTHORITY_RETIRING:
        return "signs its revocation lists alone";
    case AUTHORITY_RETIRED:
        break;
    }
    return "is retired";
}

static bool add_authority(struct buffer *out, const struct exchange *exchange,
    const struct authority_issuer *issuer, struct failure *why)
{
    char until[CLOCK_TEXT];

    clock_print(issuer->certificate.tbs.not_after, until);
    return html_print(out, why,
               "<tr><th scope=\"row\">%s</th><td>%s, until %s</td>",
               issuer->name, role_of(issuer), until) &&
           add_list(out, exchange, issuer, why) &&
           html_raw(out, "</tr>\n", why);
}

static bool add_authorities(
    struct buffer *out, const struct exchange *exchange, struct failure *why)
{
    const struct authority *authority = exchange->authority;

    if (!html_raw(out,
            "<h2>Authorities</h2>\n<div class=\"scroll\"><table>\n"
            "<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">State"
            "</th><th scope=\"col\">Revocation list</th></tr></thead>\n"
            "<tbody>\n",
            why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].der.length > 0 &&
            !add_authority(out, exchange, &authority->issuers[i], why))
            return false;
    }
    return html_raw(out, "</tbody>\n</table></div>\n", why);
}

bool page_home(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) out = BUFFER("page", HTML_PAGE_MAX);

    return page_begin(
               exchange, page_authority(exchange->authority), "/", &out, why) &&
           html_raw(&out,
               "<p>This server belongs to a certificate authority. It issues "
               "certificates, tells which of them are revoked, and shows what "
               "is in one.</p>\n",
               why) &&
           add_roots(&out, exchange->authority, why) &&
           add_authorities(&out, exchange, why) &&
           page_answer(exchange, &out, why);
}
