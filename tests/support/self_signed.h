#ifndef TESTS_SUPPORT_SELF_SIGNED_H
#define TESTS_SUPPORT_SELF_SIGNED_H

#include <openssl/x509.h>

#include "base/bytes.h"
#include "crypto/openssl_scoped.h"

/* A certificate that signs itself, made by OpenSSL: DER, appended. */
static inline bool self_signed(
    EVP_PKEY *pair, const char *name, int64_t not_after, struct buffer *der)
{
    SCOPED(X509) *made = X509_new();
    SCOPED(openssl_bytes) *encoded = NULL;
    struct failure why = {0};
    int length = 0;
    bool ok =
        made != NULL && X509_set_version(made, X509_VERSION_3) &&
        ASN1_INTEGER_set(X509_get_serialNumber(made), 7) &&
        ASN1_TIME_set(X509_getm_notBefore(made), 1000000000) != NULL &&
        ASN1_TIME_set(X509_getm_notAfter(made), (time_t)not_after) != NULL &&
        X509_set_pubkey(made, pair) &&
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN",
            MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) &&
        X509_set_issuer_name(made, X509_get_subject_name(made)) &&
        X509_sign(made, pair, EVP_sha256()) > 0;

    if (ok)
        length = i2d_X509(made, &encoded);
    return length > 0 &&
           buffer_append(der, (struct bytes){encoded, (size_t)length}, &why);
}

#endif
