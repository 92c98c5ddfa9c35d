#include <stddef.h>
#include <stdint.h>

#include "crypto/key.h"
#include "crypto/openssl_scoped.h"
#include "crypto/pbes2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHEAP 4096 /* iterations, or scrypt's N * r * p */

static bool is_within_limits(const struct pbes2 *parameters)
{
    uint64_t memory = 128 * parameters->cost * parameters->block_size *
                      parameters->parallelization;

    return parameters->derivation == PBES2_PBKDF2
               ? parameters->iterations <= KEY_ITERATIONS_MAX
               : memory <= KEY_SCRYPT_MEMORY_MAX;
}

static bool is_cheap(const struct pbes2 *parameters)
{
    return parameters->iterations <= CHEAP &&
           parameters->cost * parameters->block_size *
                   parameters->parallelization <=
               CHEAP;
}

/* An EncryptedPrivateKeyInfo: its parameters, and, where they ask for little
 * work, the decryption too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t passphrase[] = {'x'};
    const unsigned char *position = data;
    SCOPED(X509_SIG) *file = d2i_X509_SIG(NULL, &position, (long)size);
    RELEASED(secret) plain = {0};
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OCTET_STRING *contents = NULL;
    struct pbes2 parameters = {0};
    struct failure why = {0};

    if (file == NULL)
        return 0;
    X509_SIG_get0(file, &algorithm, &contents);
    if (!pbes2_read(algorithm, &parameters, &why))
        return 0;
    if (!is_within_limits(&parameters))
        __builtin_trap();
    if (is_cheap(&parameters) &&
        !pbes2_decrypt(&parameters,
            (struct bytes){passphrase, sizeof(passphrase)},
            (struct bytes){ASN1_STRING_get0_data(contents),
                (size_t)ASN1_STRING_length(contents)},
            &plain, &why) &&
        why.kind != FAILURE_UNAUTHENTICATED && why.kind != FAILURE_MALFORMED)
        __builtin_trap();
    return 0;
}
