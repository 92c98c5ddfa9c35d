#include "x509/pkcs12_parts.h"

#include <stdarg.h>
#include <stdio.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "crypto/key.h"

#define DEFAULT_ITERATIONS 1 /* RFC 7292, 4 */

static enum failure_kind kind_of(enum verdict_code code)
{
    if (code == VERDICT_WRONG_PASSWORD)
        return FAILURE_UNAUTHENTICATED;
    return code == VERDICT_MALFORMED ? FAILURE_MALFORMED : FAILURE_UNSUITABLE;
}

bool pkcs12_refuse(struct pkcs12_work *work, enum verdict_code code,
    struct failure *why, const char *format, ...)
{
    char text[FAILURE_REASON_ROOM] = "";
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    work->code = code;
    return fail_because(why, kind_of(code), "%s", text);
}

bool pkcs12_read_number(
    struct der_reader *reader, uint64_t *number, struct failure *why)
{
    struct bytes integer = {0};
    size_t start;

    if (!der_read_integer(reader, &integer, why))
        return false;
    start = integer.start[0] == 0 ? 1 : 0;
    *number = UINT64_MAX;
    if ((integer.start[0] & 0x80) != 0 ||
        integer.length - start > sizeof(*number))
        return true;
    *number = 0;
    for (size_t i = start; i < integer.length; i++)
        *number = *number << 8 | integer.start[i];
    return true;
}

bool pkcs12_read_salt(struct pkcs12_work *work, struct der_reader *reader,
    struct bytes *salt, struct failure *why)
{
    struct der_reader contents = {0};

    if (!der_read(reader, DER_OCTET_STRING, &contents, why))
        return false;
    *salt = der_remaining(&contents);
    return salt->length <= PKCS12_SALT_MAX ||
           pkcs12_refuse(work, VERDICT_BUDGET_EXCEEDED, why,
               "a salt in the PKCS#12 has %zu bytes; %d are the limit",
               salt->length, PKCS12_SALT_MAX);
}

static bool spend(
    struct pkcs12_work *work, uint64_t iterations, struct failure *why)
{
    if (iterations == 0)
        return pkcs12_refuse(work, VERDICT_MALFORMED, why,
            "a derivation in the PKCS#12 has no iterations");
    if (iterations > KEY_ITERATIONS_MAX)
        return pkcs12_refuse(work, VERDICT_BUDGET_EXCEEDED, why,
            "the PKCS#12 wants %llu iterations for one key; %d are the limit",
            (unsigned long long)iterations, KEY_ITERATIONS_MAX);
    if (iterations > work->iterations_left)
        return pkcs12_refuse(work, VERDICT_BUDGET_EXCEEDED, why,
            "the parts of the PKCS#12 want more than %d iterations together, "
            "which is the limit",
            PKCS12_ITERATIONS_TOTAL);
    work->iterations_left -= iterations;
    return true;
}

bool pkcs12_read_iterations(struct pkcs12_work *work, struct der_reader *reader,
    uint64_t *iterations, struct failure *why)
{
    *iterations = DEFAULT_ITERATIONS;
    if (!der_at_end(reader) && !pkcs12_read_number(reader, iterations, why))
        return false;
    return spend(work, *iterations, why);
}

/* RFC 8018, A.2: HMAC with SHA-1 where nothing is said. */
static bool read_prf(struct der_reader *reader, struct pkcs12_pbkdf2 *pbkdf2,
    struct failure *why)
{
    struct algorithm_identifier prf = {0};

    pbkdf2->prf = NID_hmacWithSHA1;
    if (der_at_end(reader))
        return true;
    if (!algorithm_identifier_read(reader, &prf, why))
        return false;
    pbkdf2->prf = pkcs12_nid(prf.oid);
    return true;
}

bool pkcs12_read_pbkdf2(struct pkcs12_work *work, struct der_reader parameters,
    struct pkcs12_pbkdf2 *pbkdf2, struct failure *why)
{
    struct pkcs12_derivation *derivation = &pbkdf2->derivation;

    if (der_peek(&parameters) != DER_OCTET_STRING)
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "the PKCS#12 keeps a salt elsewhere than in it");
    *pbkdf2 = (struct pkcs12_pbkdf2){0};
    if (!pkcs12_read_salt(work, &parameters, &derivation->salt, why) ||
        !pkcs12_read_iterations(
            work, &parameters, &derivation->iterations, why))
        return false;
    if (der_peek(&parameters) == DER_INTEGER &&
        !pkcs12_read_number(&parameters, &pbkdf2->key_length, why))
        return false;
    return read_prf(&parameters, pbkdf2, why) &&
           der_finish(&parameters, "PBKDF2's parameters", why);
}

int pkcs12_nid(struct bytes oid)
{
    uint8_t element[2 + OID_TEXT] = {DER_OBJECT_IDENTIFIER};
    const unsigned char *start = element;
    ASN1_OBJECT *object;
    int nid = NID_undef;

    if (oid.length >= 0x80 || oid.length > OID_TEXT)
        return NID_undef;
    element[1] = (uint8_t)oid.length;
    for (size_t i = 0; i < oid.length; i++)
        element[2 + i] = oid.start[i];
    object = d2i_ASN1_OBJECT(NULL, &start, (long)oid.length + 2);
    if (object != NULL)
        nid = OBJ_obj2nid(object);
    ASN1_OBJECT_free(object);
    return nid;
}

void pkcs12_algorithm_name(struct bytes oid, char name[static CONTAINER_NAME])
{
    const int nid = pkcs12_nid(oid);
    char dotted[OID_TEXT] = "";
    struct failure why = {0};

    if (nid != NID_undef)
        (void)snprintf(name, CONTAINER_NAME, "%s", OBJ_nid2ln(nid));
    else if (oid_print(oid, dotted, &why))
        (void)snprintf(
            name, CONTAINER_NAME, "%.*s", CONTAINER_NAME - 1, dotted);
    else
        (void)snprintf(name, CONTAINER_NAME, "an unnamed algorithm");
}
