#include "crypto/pbe.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "crypto/pbes2.h"

bool pbe_has_cipher(int nid)
{
    int cipher_nid = NID_undef;
    EVP_CIPHER *cipher = NULL;
    bool has;

    if (EVP_PBE_find(EVP_PBE_TYPE_OUTER, nid, &cipher_nid, NULL, NULL) > 0 &&
        cipher_nid > 0)
        cipher = EVP_CIPHER_fetch(NULL, OBJ_nid2sn(cipher_nid), NULL);
    has = cipher != NULL;
    EVP_CIPHER_free(cipher);
    ERR_clear_error();
    return has;
}

static bool does_not_decrypt(struct failure *why)
{
    ERR_clear_error();
    return fail_because(
        why, FAILURE_UNAUTHENTICATED, "the password does not decrypt it");
}

static bool decrypt_pbes2(const struct pbe *pbe, const X509_ALGOR *algorithm,
    struct bytes encrypted, struct secret *plain, struct failure *why)
{
    const char *password = pbe->password == NULL ? "" : pbe->password;
    struct pbes2 parameters = {0};

    return pbes2_read(algorithm, &parameters, why) &&
           pbes2_decrypt(&parameters,
               (struct bytes){.start = (const uint8_t *)password,
                   .length = (size_t)pbe->password_length},
               encrypted, plain, why);
}

static bool decrypt_older(const struct pbe *pbe, const X509_ALGOR *algorithm,
    struct bytes encrypted, struct secret *plain, struct failure *why)
{
    unsigned char *found = NULL;
    int length = 0;
    bool done;

    if (PKCS12_pbe_crypt(algorithm, pbe->password, pbe->password_length,
            encrypted.start, (int)encrypted.length, &found, &length,
            0) == NULL ||
        length <= 0) {
        OPENSSL_free(found);
        return does_not_decrypt(why);
    }
    done = secret_new(plain, (size_t)length, why);
    if (done)
        memcpy(plain->start, found, (size_t)length);
    OPENSSL_clear_free(found, (size_t)length);
    return done;
}

bool pbe_decrypt(const struct pbe *pbe, struct bytes encrypted,
    struct secret *plain, struct failure *why)
{
    const unsigned char *start = pbe->algorithm.start;
    SCOPED(X509_ALGOR) *algorithm = (X509_ALGOR *)ASN1_item_d2i(
        NULL, &start, (long)pbe->algorithm.length, ASN1_ITEM_rptr(X509_ALGOR));

    if (algorithm == NULL)
        return fail_in_openssl(
            why, FAILURE_MALFORMED, "reading the parameters of an encryption");
    if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2)
        return decrypt_pbes2(pbe, algorithm, encrypted, plain, why);
    return decrypt_older(pbe, algorithm, encrypted, plain, why);
}
