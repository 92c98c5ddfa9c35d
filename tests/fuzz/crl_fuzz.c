#include <stdlib.h>
#include <string.h>

#include "x509/crl.h"
#include "x509/lint/lint_crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* Entries that the list was read with are read again, and end where it does. */
static void walk_entries(const struct crl *crl)
{
    struct der_reader entries = crl->entries;
    struct crl_entry entry = {0};
    struct failure why = {0};

    while (!der_at_end(&entries)) {
        expect(crl_next_entry(&entries, &entry, &why));
        expect(entry.serial.length > 0);
        expect(entry.reason >= CRL_REASON_ABSENT);
    }
}

static void decode_extensions(const struct crl *crl)
{
    struct der_reader extensions = crl->extensions;
    struct extension extension = {0};
    struct bytes number = {0};
    struct issuing_distribution_point point = {0};
    struct der_reader points = {0};
    struct failure why = {0};

    while (!der_at_end(&extensions)) {
        expect(extension_next(&extensions, &extension, &why));
        (void)!extension_crl_number(extension.value, &number, &why);
        (void)!extension_issuing_distribution_point(
            extension.value, &point, &why);
        (void)!extension_distribution_points(extension.value, &points, &why);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes der = {.start = data, .length = size};
    struct crl crl = {0};
    struct crl body = {0};
    struct lint_report report;
    struct failure why = {0};

    (void)lint_crl_encoded(der, NULL, LINT_SCOPES, &report);
    if (!crl_read(der, &crl, &why))
        return 0;
    walk_entries(&crl);
    decode_extensions(&crl);
    /* A list and its body are told apart, and say the same. */
    expect(!crl_body_read(der, &body, &why));
    expect(crl_body_read(crl.body, &body, &why));
    expect(
        bytes_equal(der_remaining(&body.entries), der_remaining(&crl.entries)));
    expect(!crl_read(crl.body, &body, &why));
    return 0;
}
