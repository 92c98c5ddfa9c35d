#include <stdlib.h>

#include "x509/lint/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_report(bool is_clean, const struct lint_report *report)
{
    struct failure why = {0};

    if (is_clean != (report->count == 0) || report->count > LINT_FINDINGS_MAX)
        abort();
    if (report->count > 0 && fail_in_lint(&why, report))
        abort();
}

static void check_draft(
    const struct tbs_certificate *draft, const struct tbs_certificate *issuer)
{
    const struct lint_expectations expected = {.crl_address = "http://a/b",
        .issuer_address = "http://a/c",
        .ocsp_address = "http://a/d"};
    static struct lint_report report;

    check_report(lint_draft(draft, issuer, &expected, &report), &report);
}

/* What the strict reader takes, the lenient one takes as well. */
static void check_encoded(struct bytes input, const struct certificate *strict)
{
    static struct lint_report report;
    struct failure why = {0};

    if (!lint_encoded(input, NULL, LINT_SCOPES, &report, &why)) {
        if (strict != NULL)
            abort();
        return;
    }
    if (strict == NULL && report.count == 0)
        abort(); /* certificate-readable names it at least */
    if (strict == NULL)
        return;
    check_report(lint_certificate(strict, NULL, LINT_SCOPES, &report), &report);
    check_report(
        lint_certificate(strict, &strict->tbs, LINT_SCOPES, &report), &report);
}

/* A certificate, a bare draft or a request, below itself and as its own
 * issuer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {.start = data, .length = size};
    struct certificate certificate = {0};
    struct request request = {0};
    static struct lint_report report;
    struct failure why = {0};
    bool is_certificate = certificate_read(input, &certificate, &why);

    check_encoded(input, is_certificate ? &certificate : NULL);
    if (request_read(input, &request, &why))
        check_report(lint_request(&request, LINT_SCOPES, &report), &report);
    if (!is_certificate && !tbs_certificate_read(input, &certificate.tbs, &why))
        return 0;
    check_draft(&certificate.tbs, NULL);
    check_draft(&certificate.tbs, &certificate.tbs);
    return 0;
}
