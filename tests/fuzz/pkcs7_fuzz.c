#include <stdlib.h>

#include "x509/pkcs7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was walked once is walked again without a failure. */
static void walk_again(struct der_reader members,
    bool (*next)(struct der_reader *, struct bytes *, struct failure *))
{
    struct bytes element = {0};
    struct failure why = {0};

    while (!der_at_end(&members)) {
        if (!next(&members, &element, &why))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes der = {.start = data, .length = size};
    struct pkcs7_renewal renewal = {0};
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    if (pkcs7_read(der, &pkcs7, &why)) {
        if (!pkcs7_is_content_info(der))
            abort();
        walk_again(pkcs7.certificates, pkcs7_next_certificate);
        walk_again(pkcs7.crls, pkcs7_next_crl);
    }
    if (pkcs7_renewal_read(der, &renewal, &why))
        (void)!pkcs7_renewal_verify(&renewal, renewal.certificate, &why);
    return 0;
}
