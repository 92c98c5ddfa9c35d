#include "crypto/pbes2.h"

#include <string.h>

#include <openssl/err.h>

#include "crypto/key.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

#define NAME_TEXT 80

static bool malformed(const char *what, struct failure *why)
{
    ERR_clear_error();
    return fail_because(why, FAILURE_MALFORMED,
        "the encryption of the key file is damaged: %s", what);
}

/* "the key file uses rc2-cbc, which is not ...". */
static bool not_ours(
    const ASN1_OBJECT *algorithm, const char *ours, struct failure *why)
{
    char name[NAME_TEXT] = "";

    (void)OBJ_obj2txt(name, sizeof(name), algorithm, 0);
    return fail_because(why, FAILURE_UNSUITABLE,
        "the key file is encrypted with %s, which is not one of %s; "
        "\"openssl pkcs8 -topk8\" writes it anew",
        name, ours);
}

static void *sequence_of(const X509_ALGOR *algorithm, const ASN1_ITEM *item)
{
    if (algorithm->parameter == NULL)
        return NULL;
    return ASN1_TYPE_unpack_sequence(item, algorithm->parameter);
}

static const EVP_MD *prf_digest(int prf)
{
    switch (prf) {
    case NID_hmacWithSHA1:
        return EVP_sha1();
    case NID_hmacWithSHA224:
        return EVP_sha224();
    case NID_hmacWithSHA256:
        return EVP_sha256();
    case NID_hmacWithSHA384:
        return EVP_sha384();
    case NID_hmacWithSHA512:
        return EVP_sha512();
    default:
        return NULL;
    }
}

static const EVP_CIPHER *cipher_of(int cipher)
{
    switch (cipher) {
    case NID_aes_128_cbc:
        return EVP_aes_128_cbc();
    case NID_aes_192_cbc:
        return EVP_aes_192_cbc();
    case NID_aes_256_cbc:
        return EVP_aes_256_cbc();
    case NID_des_ede3_cbc:
        return EVP_des_ede3_cbc();
    default:
        return NULL;
    }
}

static bool read_cipher(
    const X509_ALGOR *algorithm, struct pbes2 *parameters, struct failure *why)
{
    int nid = OBJ_obj2nid(algorithm->algorithm);
    const EVP_CIPHER *cipher = cipher_of(nid);
    const ASN1_TYPE *vector = algorithm->parameter;

    if (cipher == NULL)
        return not_ours(algorithm->algorithm, "AES-CBC, 3DES-CBC", why);
    if (vector == NULL || vector->type != V_ASN1_OCTET_STRING ||
        ASN1_STRING_length(vector->value.octet_string) !=
            EVP_CIPHER_get_iv_length(cipher))
        return malformed("the cipher has no fitting start vector", why);
    memcpy(parameters->vector,
        ASN1_STRING_get0_data(vector->value.octet_string),
        (size_t)EVP_CIPHER_get_iv_length(cipher));
    parameters->cipher = nid;
    return true;
}

static bool read_salt(const ASN1_OCTET_STRING *salt, struct pbes2 *parameters,
    struct failure *why)
{
    int length = ASN1_STRING_length(salt);

    if (length == 0)
        return malformed("it has no salt", why);
    if (length > PBES2_SALT_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the salt of the key file has %d bytes; %d are the limit", length,
            PBES2_SALT_MAX);
    memcpy(parameters->salt, ASN1_STRING_get0_data(salt), (size_t)length);
    parameters->salt_length = (size_t)length;
    return true;
}

/* What does not fit 64 bits is as good as the largest number: beyond every
 * limit.  Negative numbers too. */
static uint64_t number_of(const ASN1_INTEGER *integer)
{
    uint64_t number = 0;

    if (ASN1_INTEGER_get_uint64(&number, integer))
        return number;
    ERR_clear_error();
    return UINT64_MAX;
}

/* RFC 8018, A.2: where it stands, the length must be the cipher's. */
static bool check_key_length(const ASN1_INTEGER *length,
    const struct pbes2 *parameters, struct failure *why)
{
    const EVP_CIPHER *cipher = cipher_of(parameters->cipher);

    if (length != NULL &&
        number_of(length) != (uint64_t)EVP_CIPHER_get_key_length(cipher))
        return malformed("the key's length is not its cipher's", why);
    return true;
}

static bool check_iterations(
    const struct pbes2 *parameters, struct failure *why)
{
    if (parameters->iterations == 0)
        return malformed("it has no iterations", why);
    if (parameters->iterations > KEY_ITERATIONS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key file wants %llu PBKDF2 iterations; %d are the limit",
            (unsigned long long)parameters->iterations, KEY_ITERATIONS_MAX);
    return true;
}

static bool read_pbkdf2(
    const X509_ALGOR *algorithm, struct pbes2 *parameters, struct failure *why)
{
    SCOPED(PBKDF2PARAM) *found =
        sequence_of(algorithm, ASN1_ITEM_rptr(PBKDF2PARAM));

    if (found == NULL)
        return malformed("PBKDF2 has no parameters", why);
    if (found->salt->type != V_ASN1_OCTET_STRING)
        return malformed("the salt stands elsewhere", why);
    parameters->derivation = PBES2_PBKDF2;
    parameters->iterations = number_of(found->iter);
    parameters->prf = found->prf == NULL ? NID_hmacWithSHA1
                                         : OBJ_obj2nid(found->prf->algorithm);
    if (prf_digest(parameters->prf) == NULL)
        return not_ours(found->prf->algorithm, "HMAC with SHA-1 or SHA-2", why);
    return read_salt(found->salt->value.octet_string, parameters, why) &&
           check_key_length(found->keylength, parameters, why) &&
           check_iterations(parameters, why);
}

/* RFC 7914, section 2.  Memory is 128 * N * r bytes, work p times as much; the
 * limit is held against the product. */
static bool check_scrypt(const struct pbes2 *parameters, struct failure *why)
{
    uint64_t cost = parameters->cost;
    uint64_t block_size = parameters->block_size;
    uint64_t lanes = parameters->parallelization;
    uint64_t most = KEY_SCRYPT_MEMORY_MAX / 128;

    if (cost < 2 || (cost & (cost - 1)) != 0 || block_size == 0 || lanes == 0)
        return malformed("these are no scrypt parameters", why);
    if (cost > most || block_size > most / cost ||
        lanes > most / cost / block_size)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key file wants scrypt with N %llu, r %llu, p %llu; 128 * N * "
            "r * p = %u bytes are the limit",
            (unsigned long long)cost, (unsigned long long)block_size,
            (unsigned long long)lanes, KEY_SCRYPT_MEMORY_MAX);
    if (block_size < 4 && cost >> (16 * block_size) != 0)
        return malformed("scrypt's N is too large for its r", why);
    return true;
}

static bool read_scrypt(
    const X509_ALGOR *algorithm, struct pbes2 *parameters, struct failure *why)
{
    SCOPED(SCRYPT_PARAMS) *found =
        sequence_of(algorithm, ASN1_ITEM_rptr(SCRYPT_PARAMS));

    if (found == NULL)
        return malformed("scrypt has no parameters", why);
    parameters->derivation = PBES2_SCRYPT;
    parameters->cost = number_of(found->costParameter);
    parameters->block_size = number_of(found->blockSize);
    parameters->parallelization = number_of(found->parallelizationParameter);
    return read_salt(found->salt, parameters, why) &&
           check_key_length(found->keyLength, parameters, why) &&
           check_scrypt(parameters, why);
}

static bool read_derivation(
    const X509_ALGOR *algorithm, struct pbes2 *parameters, struct failure *why)
{
    switch (OBJ_obj2nid(algorithm->algorithm)) {
    case NID_id_pbkdf2:
        return read_pbkdf2(algorithm, parameters, why);
    case NID_id_scrypt:
        return read_scrypt(algorithm, parameters, why);
    default:
        return not_ours(algorithm->algorithm, "PBKDF2, scrypt", why);
    }
}

bool pbes2_read(
    const X509_ALGOR *algorithm, struct pbes2 *parameters, struct failure *why)
{
    SCOPED(PBE2PARAM) *found = NULL;
    struct pbes2 read = {0};

    if (OBJ_obj2nid(algorithm->algorithm) != NID_pbes2)
        return not_ours(algorithm->algorithm, "PBES2", why);
    found = sequence_of(algorithm, ASN1_ITEM_rptr(PBE2PARAM));
    if (found == NULL)
        return malformed("PBES2 has no parameters", why);
    if (!read_cipher(found->encryption, &read, why) ||
        !read_derivation(found->keyfunc, &read, why))
        return false;
    *parameters = read;
    return true;
}

static bool derive(const struct pbes2 *parameters, struct bytes passphrase,
    struct secret *key, struct failure *why)
{
    const char *text = (const char *)passphrase.start;
    int done;

    if (parameters->derivation == PBES2_PBKDF2)
        done = PKCS5_PBKDF2_HMAC(text, (int)passphrase.length, parameters->salt,
            (int)parameters->salt_length, (int)parameters->iterations,
            prf_digest(parameters->prf), (int)key->length, key->start);
    else
        /* Its limit counts the working blocks as well; ours was checked. */
        done = EVP_PBE_scrypt(text, passphrase.length, parameters->salt,
            parameters->salt_length, parameters->cost, parameters->block_size,
            parameters->parallelization, 2ull * KEY_SCRYPT_MEMORY_MAX,
            key->start, key->length);
    if (done <= 0)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "deriving a key from a passphrase");
    return true;
}

static bool decipher(const struct pbes2 *parameters, const struct secret *key,
    struct bytes encrypted, struct secret *plain, struct failure *why)
{
    SCOPED(EVP_CIPHER_CTX) *context = EVP_CIPHER_CTX_new();
    int length = 0;
    int rest = 0;

    if (context == NULL ||
        !EVP_DecryptInit_ex2(context, cipher_of(parameters->cipher), key->start,
            parameters->vector, NULL) ||
        !EVP_DecryptUpdate(context, plain->start, &length, encrypted.start,
            (int)encrypted.length))
        return fail_in_openssl(why, FAILURE_INTERNAL, "decrypting a key");
    if (!EVP_DecryptFinal_ex(context, plain->start + length, &rest)) {
        ERR_clear_error();
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the passphrase does not open the key file");
    }
    plain->length = (size_t)length + (size_t)rest;
    return true;
}

bool pbes2_decrypt(const struct pbes2 *parameters, struct bytes passphrase,
    struct bytes encrypted, struct secret *plain, struct failure *why)
{
    const EVP_CIPHER *cipher = cipher_of(parameters->cipher);
    size_t block = (size_t)EVP_CIPHER_get_block_size(cipher);
    RELEASED(secret) key = {0};
    RELEASED(secret) made = {0};

    if (encrypted.length == 0 || encrypted.length % block != 0)
        return malformed("the encrypted bytes are no whole blocks", why);
    if (!secret_new(&key, (size_t)EVP_CIPHER_get_key_length(cipher), why) ||
        !derive(parameters, passphrase, &key, why) ||
        !secret_new(&made, encrypted.length + block, why) ||
        !decipher(parameters, &key, encrypted, &made, why))
        return false;
    *plain = made;
    made = (struct secret){0};
    return true;
}
