#include <stdio.h>
#include <string.h>

#include <openssl/objects.h>

#include "crypto/key.h"
#include "crypto/pbe.h"
#include "x509/pkcs12_parts.h"

#define BYTES_OF_SCRYPT 128 /* RFC 7914, 2: 128 * r for each of N */

static void tell_encryption(
    struct pkcs12_work *work, const char *name, uint64_t iterations)
{
    char *known = work->container->encryption;
    size_t length = strlen(known);

    if (strstr(known, name) == NULL)
        (void)snprintf(known + length, CONTAINER_TEXT - length, "%s%s",
            length > 0 ? ", " : "", name);
    if (iterations > work->container->encryption_iterations)
        work->container->encryption_iterations = iterations;
}

/* Held against the product, as crypto/pbes2 does. */
static bool check_scrypt(
    struct pkcs12_work *work, struct der_reader parameters, struct failure *why)
{
    const uint64_t most = KEY_SCRYPT_MEMORY_MAX / BYTES_OF_SCRYPT;
    struct bytes salt = {0};
    uint64_t cost = 0;
    uint64_t block_size = 0;
    uint64_t lanes = 0;

    if (!pkcs12_read_salt(work, &parameters, &salt, why) ||
        !pkcs12_read_number(&parameters, &cost, why) ||
        !pkcs12_read_number(&parameters, &block_size, why) ||
        !pkcs12_read_number(&parameters, &lanes, why))
        return false;
    if (cost == 0 || block_size == 0 || lanes == 0)
        return pkcs12_refuse(work, VERDICT_MALFORMED, why,
            "these are no scrypt parameters in the PKCS#12");
    if (cost > most || block_size > most / cost ||
        lanes > most / cost / block_size)
        return pkcs12_refuse(work, VERDICT_BUDGET_EXCEEDED, why,
            "the PKCS#12 wants scrypt with N %llu, r %llu, p %llu; 128 * N * r "
            "* p = %u bytes are the limit",
            (unsigned long long)cost, (unsigned long long)block_size,
            (unsigned long long)lanes, KEY_SCRYPT_MEMORY_MAX);
    return true;
}

static bool check_derivation(struct pkcs12_work *work,
    const struct algorithm_identifier *derivation, uint64_t *iterations,
    struct failure *why)
{
    struct der_reader whole = der_reader_of(derivation->parameters);
    struct der_reader parameters = {0};
    struct pkcs12_pbkdf2 pbkdf2 = {0};
    char name[CONTAINER_NAME] = "";

    if (!der_read(&whole, DER_SEQUENCE, &parameters, why))
        return false;
    switch (pkcs12_nid(derivation->oid)) {
    case NID_id_pbkdf2:
        if (!pkcs12_read_pbkdf2(work, parameters, &pbkdf2, why))
            return false;
        *iterations = pbkdf2.derivation.iterations;
        return true;
    case NID_id_scrypt:
        return check_scrypt(work, parameters, why);
    default:
        pkcs12_algorithm_name(derivation->oid, name);
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "the PKCS#12 derives a key with %s, which is not read here", name);
    }
}

static bool check_pbes2(struct pkcs12_work *work,
    const struct algorithm_identifier *algorithm, struct failure *why)
{
    struct der_reader whole = der_reader_of(algorithm->parameters);
    struct der_reader parameters = {0};
    struct algorithm_identifier derivation = {0};
    struct algorithm_identifier cipher = {0};
    char derived[CONTAINER_NAME] = "";
    char encrypted[CONTAINER_NAME] = "";
    char name[CONTAINER_NAME] = "";
    uint64_t iterations = 0;

    if (!der_read(&whole, DER_SEQUENCE, &parameters, why) ||
        !algorithm_identifier_read(&parameters, &derivation, why) ||
        !algorithm_identifier_read(&parameters, &cipher, why) ||
        !der_finish(&parameters, "PBES2's parameters", why) ||
        !check_derivation(work, &derivation, &iterations, why))
        return false;
    pkcs12_algorithm_name(derivation.oid, derived);
    pkcs12_algorithm_name(cipher.oid, encrypted);
    (void)snprintf(
        name, sizeof(name), "PBES2 with %.40s and %.40s", derived, encrypted);
    tell_encryption(work, name, iterations);
    return true;
}

/* pkcs-12PbeIds (RFC 7292, C) and PBES1 (RFC 8018, A.3): salt, iterations. */
static bool check_pbes1(struct pkcs12_work *work,
    const struct algorithm_identifier *algorithm, struct failure *why)
{
    struct der_reader whole = der_reader_of(algorithm->parameters);
    struct der_reader parameters = {0};
    struct pkcs12_derivation derivation = {0};
    char name[CONTAINER_NAME] = "";

    if (!der_read(&whole, DER_SEQUENCE, &parameters, why) ||
        !pkcs12_read_salt(work, &parameters, &derivation.salt, why) ||
        !pkcs12_read_iterations(
            work, &parameters, &derivation.iterations, why) ||
        !der_finish(&parameters, "the cipher's parameters", why))
        return false;
    pkcs12_algorithm_name(algorithm->oid, name);
    tell_encryption(work, name, derivation.iterations);
    return true;
}

static bool check_cipher(
    struct pkcs12_work *work, struct bytes oid, struct failure *why)
{
    char name[CONTAINER_NAME] = "";

    if (pbe_has_cipher(pkcs12_nid(oid)))
        return true;
    pkcs12_algorithm_name(oid, name);
    return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
        "the PKCS#12 is encrypted with %s, which this machine's OpenSSL does "
        "not have; where there is one that has it, \"openssl pkcs12 -legacy\" "
        "opens it",
        name);
}

/* Behind a MAC that matches the password is right; without one nobody knows. */
static bool refuse_garbage(struct pkcs12_work *work, struct failure *why)
{
    if (work->has_mac)
        return pkcs12_refuse(work, VERDICT_MALFORMED, why,
            "the password of the PKCS#12 is right by its MAC, and yet a part "
            "of it does not decrypt: it was written wrong or under another "
            "password");
    return pkcs12_refuse(work, VERDICT_MALFORMED, why,
        "a part of the PKCS#12 does not decrypt; it has no MAC, so whether the "
        "password or the file is wrong can't be told");
}

static bool check_algorithm(struct pkcs12_work *work,
    const struct algorithm_identifier *algorithm, struct failure *why)
{
    if (pkcs12_nid(algorithm->oid) == NID_pbes2)
        return check_pbes2(work, algorithm, why);
    return check_cipher(work, algorithm->oid, why) &&
           check_pbes1(work, algorithm, why);
}

bool pkcs12_decrypt(struct pkcs12_work *work, struct bytes algorithm,
    struct bytes encrypted, struct secret *plain, struct failure *why)
{
    const struct pbe pbe = {.algorithm = algorithm,
        .password = work->password,
        .password_length = work->password_length};
    struct der_reader reader = der_reader_of(algorithm);
    struct algorithm_identifier identifier = {0};
    struct failure refused = {0};

    if (!algorithm_identifier_read(&reader, &identifier, why) ||
        !check_algorithm(work, &identifier, why))
        return false;
    if (pbe_decrypt(&pbe, encrypted, plain, &refused))
        return true;
    if (refused.kind == FAILURE_UNAUTHENTICATED ||
        refused.kind == FAILURE_MALFORMED)
        return refuse_garbage(work, why);
    if (refused.kind == FAILURE_UNSUITABLE)
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "in the PKCS#12, %.300s", refused.reason);
    *why = refused;
    return false;
}
