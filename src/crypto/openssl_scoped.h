#ifndef CRYPTO_OPENSSL_SCOPED_H
#define CRYPTO_OPENSSL_SCOPED_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "base/scoped.h"

DEFINE_SCOPED(BIGNUM, BN_free)
DEFINE_SCOPED(BIO, BIO_free_all)
DEFINE_SCOPED(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
DEFINE_SCOPED(EVP_MD, EVP_MD_free)
DEFINE_SCOPED(EVP_MD_CTX, EVP_MD_CTX_free)
DEFINE_SCOPED(EVP_PKEY, EVP_PKEY_free)
DEFINE_SCOPED(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
DEFINE_SCOPED(OSSL_PARAM, OSSL_PARAM_free)
DEFINE_SCOPED(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
DEFINE_SCOPED(PBE2PARAM, PBE2PARAM_free)
DEFINE_SCOPED(PBKDF2PARAM, PBKDF2PARAM_free)
DEFINE_SCOPED(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
DEFINE_SCOPED(SCRYPT_PARAMS, SCRYPT_PARAMS_free)
DEFINE_SCOPED(X509, X509_free)
DEFINE_SCOPED(X509_ALGOR, X509_ALGOR_free)
DEFINE_SCOPED(X509_PUBKEY, X509_PUBKEY_free)
DEFINE_SCOPED(X509_REQ, X509_REQ_free)
DEFINE_SCOPED(X509_SIG, X509_SIG_free)
DEFINE_SCOPED(X509_STORE, X509_STORE_free)
DEFINE_SCOPED(X509_STORE_CTX, X509_STORE_CTX_free)

/* A buffer that OpenSSL allocated, as the i2d functions do. */
typedef unsigned char openssl_bytes;

static inline void openssl_bytes_free(openssl_bytes *bytes)
{
    OPENSSL_free(bytes);
}

DEFINE_SCOPED(openssl_bytes, openssl_bytes_free)

#endif
