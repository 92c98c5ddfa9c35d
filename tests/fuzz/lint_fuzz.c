#include <stdlib.h>

#include "x509/lint/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(
    const struct tbs_certificate *draft, const struct tbs_certificate *issuer)
{
    struct lint_report report;
    struct failure why = {0};

    if (lint_draft(draft, issuer, &report) != (report.count == 0) ||
        report.count > LINT_FINDINGS_MAX)
        abort();
    if (report.count > 0 && fail_in_lint(&why, &report))
        abort();
}

/* A certificate or a bare draft, below itself and as its own issuer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {.start = data, .length = size};
    struct certificate certificate = {0};
    struct failure why = {0};

    if (!certificate_read(input, &certificate, &why) &&
        !tbs_certificate_read(input, &certificate.tbs, &why))
        return 0;
    check(&certificate.tbs, NULL);
    check(&certificate.tbs, &certificate.tbs);
    return 0;
}
