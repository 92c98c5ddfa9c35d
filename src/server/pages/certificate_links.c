#include "server/pages/certificate_links.h"

#include "base/base64.h"
#include "server/pages/html.h"
#include "server/pages/roots.h"
#include "x509/pem.h"
#include "x509/pkcs7.h"

#define FILES_MAX (1024 * 1024)

bool certificates_as_pem(struct buffer *pem, struct bytes certificate,
    const struct bytes *chain, size_t chain_count, struct failure *why)
{
    if (!pem_append(pem, "CERTIFICATE", certificate, why))
        return false;
    for (size_t i = 0; i < chain_count; i++) {
        if (!pem_append(pem, "CERTIFICATE", chain[i], why))
            return false;
    }
    return true;
}

static bool add_file(struct buffer *out, const char *name, const char *label,
    struct bytes contents, struct failure *why)
{
    return html_print(out, why,
               "<li><a download=\"%s\" "
               "href=\"data:application/octet-stream;base64,",
               name) &&
           base64_append(out, contents, 0, why) &&
           html_print(out, why, "\">%s</a> (%s)</li>\n", label, name);
}

static bool add_chains(struct buffer *out, struct bytes certificate,
    const struct bytes *chain, size_t chain_count, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("chain", FILES_MAX);
    RELEASED(buffer) p7b = BUFFER("chain", FILES_MAX);
    struct bytes all[PKCS7_CERTIFICATES_MAX] = {certificate};
    size_t count = 1;

    while (count <= chain_count && count < PKCS7_CERTIFICATES_MAX) {
        all[count] = chain[count - 1];
        count++;
    }
    return certificates_as_pem(&pem, certificate, chain, chain_count, why) &&
           pkcs7_certificates_write(all, count, &p7b, why) &&
           add_file(out, "chain.pem", "Certificate and issuers, PEM",
               buffer_view(&pem), why) &&
           add_file(out, "chain.p7b", "Certificate and issuers, PKCS#7",
               buffer_view(&p7b), why);
}

bool certificate_links(struct buffer *out, struct bytes certificate,
    const struct bytes *chain, size_t chain_count, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("certificate", FILES_MAX);
    char fingerprint[ROOT_FINGERPRINT];

    return pem_append(&pem, "CERTIFICATE", certificate, why) &&
           root_fingerprint(certificate, fingerprint, why) &&
           html_raw(out, "<dl><dt>SHA-256</dt><dd>", why) &&
           html_fingerprint(out, fingerprint, why) &&
           html_raw(out, "</dd></dl>\n<pre><code>", why) &&
           html_value(out, buffer_view(&pem), why) &&
           html_raw(out, "</code></pre>\n<h2>Files</h2>\n<ul>\n", why) &&
           add_file(out, "certificate.pem", "Certificate, PEM",
               buffer_view(&pem), why) &&
           add_file(
               out, "certificate.cer", "Certificate, DER", certificate, why) &&
           add_chains(out, certificate, chain, chain_count, why) &&
           html_raw(out, "</ul>\n", why);
}
