#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/key_file.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

#define NAME_TEXT 80
#define PEM_BEGIN "-----BEGIN "

typedef bool read_form(struct bytes der, const struct secret *passphrase,
    EVP_PKEY **pair, struct failure *why);

/* OpenSSL's d2i functions stop at the end of an element and leave the rest. */
static ASN1_VALUE *decode(struct bytes der, const ASN1_ITEM *item)
{
    const unsigned char *position = der.start;
    ASN1_VALUE *value = ASN1_item_d2i(NULL, &position, (long)der.length, item);

    if (value != NULL && position != der.start + der.length) {
        ASN1_item_free(value, item);
        value = NULL;
    }
    ERR_clear_error();
    return value;
}

static X509_SIG *decode_encrypted(struct bytes der)
{
    return (X509_SIG *)decode(der, ASN1_ITEM_rptr(X509_SIG));
}

static PKCS8_PRIV_KEY_INFO *decode_plain(struct bytes der)
{
    return (PKCS8_PRIV_KEY_INFO *)decode(
        der, ASN1_ITEM_rptr(PKCS8_PRIV_KEY_INFO));
}

/* "the key file holds a key of id-ecPublicKey with secp256k1, ...". */
static bool fail_unknown(const X509_ALGOR *algorithm, struct failure *why)
{
    const ASN1_TYPE *parameter = algorithm->parameter;
    char name[NAME_TEXT] = "";
    char curve[NAME_TEXT] = "these parameters";

    (void)OBJ_obj2txt(name, sizeof(name), algorithm->algorithm, 0);
    if (parameter != NULL && parameter->type == V_ASN1_OBJECT)
        (void)OBJ_obj2txt(curve, sizeof(curve), parameter->value.object, 0);
    return fail_because(why, FAILURE_UNSUITABLE,
        "the key file holds a key of %s with %s, which is not used here", name,
        curve);
}

/* Named curves only, and known algorithms only, before OpenSSL's decoders see
 * the key (incident 26). */
static bool check_algorithm(const X509_ALGOR *algorithm, struct failure *why)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    SCOPED(EVP_PKEY_CTX) *context = NULL;
    const struct key_algorithm *row = key_algorithms();
    int length = i2d_X509_ALGOR(algorithm, &encoded);
    struct bytes identifier = {.start = encoded};

    if (length <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "encoding an algorithm");
    identifier.length = (size_t)length;
    while (row->name != NULL && !bytes_equal(row->identifier, identifier))
        row++;
    if (row->name == NULL)
        return fail_unknown(algorithm, why);
    context = EVP_PKEY_CTX_new_from_name(NULL, row->openssl_name, NULL);
    if (context == NULL)
        return key_algorithm_is_missing(row, why);
    return true;
}

static bool open_plain(
    const PKCS8_PRIV_KEY_INFO *plain, EVP_PKEY **pair, struct failure *why)
{
    const X509_ALGOR *algorithm = NULL;

    if (!PKCS8_pkey_get0(NULL, NULL, NULL, &algorithm, plain))
        return fail_in_openssl(why, FAILURE_MALFORMED, "reading a key");
    if (!check_algorithm(algorithm, why))
        return false;
    *pair = EVP_PKCS82PKEY(plain);
    if (*pair == NULL)
        return fail_in_openssl(why, FAILURE_MALFORMED, "reading a key");
    return true;
}

static bool read_plain(struct bytes der, const struct secret *passphrase,
    EVP_PKEY **pair, struct failure *why)
{
    SCOPED(PKCS8_PRIV_KEY_INFO) *plain = decode_plain(der);

    (void)passphrase;
    if (plain == NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "the key file is cut off or damaged: it is no PKCS#8 key");
    return open_plain(plain, pair, why);
}

static bool read_parameters(
    const X509_SIG *encrypted, struct pbes2 *parameters, struct failure *why)
{
    const X509_ALGOR *algorithm = NULL;

    if (encrypted == NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "the key file is cut off or damaged: it is no encrypted PKCS#8 "
            "key");
    X509_SIG_get0(encrypted, &algorithm, NULL);
    return pbes2_read(algorithm, parameters, why);
}

static bool read_encrypted(struct bytes der, const struct secret *passphrase,
    EVP_PKEY **pair, struct failure *why)
{
    SCOPED(X509_SIG) *encrypted = decode_encrypted(der);
    SCOPED(PKCS8_PRIV_KEY_INFO) *plain = NULL;
    RELEASED(secret) decrypted = {0};
    const ASN1_OCTET_STRING *bytes = NULL;
    struct pbes2 parameters = {0};

    if (!read_parameters(encrypted, &parameters, why))
        return false;
    if (passphrase == NULL)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "locked: the key file is encrypted and no passphrase was given");
    X509_SIG_get0(encrypted, NULL, &bytes);
    if (!pbes2_decrypt(&parameters, secret_view(passphrase),
            (struct bytes){.start = ASN1_STRING_get0_data(bytes),
                .length = (size_t)ASN1_STRING_length(bytes)},
            &decrypted, why))
        return false;
    plain = decode_plain(secret_view(&decrypted));
    if (plain == NULL)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the passphrase does not open the key file");
    return open_plain(plain, pair, why);
}

/* RFC 8017, A.1.2. */
static bool read_older(
    struct bytes der, int type, EVP_PKEY **pair, struct failure *why)
{
    const unsigned char *position = der.start;
    SCOPED(EVP_PKEY) *read =
        d2i_PrivateKey_ex(type, NULL, &position, (long)der.length, NULL, NULL);

    if (read == NULL || position != der.start + der.length) {
        ERR_clear_error();
        return fail_because(why, FAILURE_MALFORMED,
            "the key file is cut off or damaged: it is no %s private key",
            OBJ_nid2sn(type));
    }
    *pair = KEEP(EVP_PKEY, &read);
    return true;
}

static bool read_rsa(struct bytes der, const struct secret *passphrase,
    EVP_PKEY **pair, struct failure *why)
{
    (void)passphrase;
    return read_older(der, EVP_PKEY_RSA, pair, why);
}

/* The next element of an encoding; its contents, and what follows it. */
static bool next_element(struct bytes *rest, int wanted_tag, int wanted_class,
    struct bytes *contents)
{
    const unsigned char *position = rest->start;
    long length = 0;
    int tag = 0;
    int class = 0;
    int flags =
        ASN1_get_object(&position, &length, &tag, &class, (long)rest->length);

    ERR_clear_error();
    /* Bit 0x80: no element; 0x01: an indefinite length. */
    if ((flags & 0x81) != 0 || tag != wanted_tag || class != wanted_class)
        return false;
    *contents = (struct bytes){.start = position, .length = (size_t)length};
    rest->length -= (size_t)(position + length - rest->start);
    rest->start = position + length;
    return true;
}

/* RFC 5915, section 3: SEQUENCE { version, privateKey, [0] parameters, ... };
 * the parameters are the end of our rows' identifiers. */
static bool has_our_curve(struct bytes der)
{
    const struct key_algorithm *row = key_algorithms();
    struct bytes key = {0};
    struct bytes part = {0};

    if (!next_element(&der, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, &key) ||
        !next_element(&key, V_ASN1_INTEGER, V_ASN1_UNIVERSAL, &part) ||
        !next_element(&key, V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL, &part) ||
        !next_element(&key, 0, V_ASN1_CONTEXT_SPECIFIC, &part))
        return false;
    for (; row->name != NULL; row++) {
        struct bytes end = row->identifier;

        if (row->kind != KEY_KIND_EC || part.length > end.length)
            continue;
        end.start += end.length - part.length;
        end.length = part.length;
        if (part.length > 2 && bytes_equal(end, part))
            return true;
    }
    return false;
}

static bool read_ec(struct bytes der, const struct secret *passphrase,
    EVP_PKEY **pair, struct failure *why)
{
    (void)passphrase;
    if (!has_our_curve(der))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key file is no EC key with one of the named curves P-256, "
            "P-384 and P-521");
    return read_older(der, EVP_PKEY_EC, pair, why);
}

static bool read_der(struct bytes der, const struct secret *passphrase,
    EVP_PKEY **pair, struct failure *why)
{
    SCOPED(X509_SIG) *encrypted = decode_encrypted(der);
    SCOPED(PKCS8_PRIV_KEY_INFO) *plain = decode_plain(der);
    struct failure ignored = {0};

    if (encrypted != NULL)
        return read_encrypted(der, passphrase, pair, why);
    if (plain != NULL)
        return open_plain(plain, pair, why);
    if (has_our_curve(der))
        return read_ec(der, NULL, pair, why);
    if (read_rsa(der, NULL, pair, &ignored))
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "the file is no private key: neither PEM nor PKCS#8, RSA or EC in "
        "DER");
}

/* What PEM_read_bio allocates. */
struct pem_block {
    char *label;
    char *headers;
    unsigned char *contents;
    long length;
};

static void pem_block_free(struct pem_block *block)
{
    OPENSSL_free(block->label);
    OPENSSL_free(block->headers);
    OPENSSL_clear_free(block->contents, (size_t)block->length);
    *block = (struct pem_block){0};
}

static read_form *form_labelled(const char *label)
{
    static const struct {
        const char *label;
        read_form *read;
    } forms[] = {
        {PEM_STRING_PKCS8, read_encrypted},
        {PEM_STRING_PKCS8INF, read_plain},
        {PEM_STRING_RSA, read_rsa},
        {PEM_STRING_ECPRIVATEKEY, read_ec},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        if (strcmp(forms[i].label, label) == 0)
            return forms[i].read;
    }
    return NULL;
}

/* The first block with a private key; "EC PARAMETERS" or a certificate may
 * stand before it. */
static bool find_block(
    struct bytes file, struct pem_block *found, struct failure *why)
{
    SCOPED(BIO) *source = BIO_new_mem_buf(file.start, (int)file.length);

    if (source == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "reading PEM");
    while (PEM_read_bio(source, &found->label, &found->headers,
        &found->contents, &found->length)) {
        if (form_labelled(found->label) != NULL)
            return true;
        pem_block_free(found);
    }
    ERR_clear_error();
    return fail_because(why, FAILURE_MALFORMED,
        "the file has no whole PEM block with a private key");
}

/* Proc-Type and DEK-Info, RFC 1421: the key comes from one round of MD5. */
static bool check_headers(const struct pem_block *block, struct failure *why)
{
    if (block->headers[0] != '\0')
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key file is encrypted in the old way of PEM headers, which "
            "protects little; \"openssl pkcs8 -topk8\" writes it anew");
    return true;
}

static struct bytes block_view(const struct pem_block *block)
{
    return (struct bytes){
        .start = block->contents, .length = (size_t)block->length};
}

static bool read_pem(struct bytes file, const struct secret *passphrase,
    EVP_PKEY **pair, struct failure *why)
{
    RELEASED(pem_block) block = {0};

    return find_block(file, &block, why) && check_headers(&block, why) &&
           form_labelled(block.label)(
               block_view(&block), passphrase, pair, why);
}

static bool is_pem(struct bytes file)
{
    return memmem(file.start, file.length, PEM_BEGIN, strlen(PEM_BEGIN)) !=
           NULL;
}

bool key_file_encryption(
    struct bytes file, struct pbes2 *parameters, struct failure *why)
{
    RELEASED(pem_block) block = {0};
    SCOPED(X509_SIG) *encrypted = NULL;

    if (is_pem(file) && !find_block(file, &block, why))
        return false;
    if (block.label != NULL && form_labelled(block.label) != read_encrypted)
        return fail_because(
            why, FAILURE_UNSUITABLE, "the key file is not encrypted");
    encrypted =
        decode_encrypted(block.label == NULL ? file : block_view(&block));
    return read_parameters(encrypted, parameters, why);
}

static bool check_length(struct bytes file, struct failure *why)
{
    if (file.length == 0)
        return fail_because(why, FAILURE_MALFORMED, "the key file is empty");
    if (file.length > KEY_FILE_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key file has %zu bytes; %d are the limit", file.length,
            KEY_FILE_MAX);
    return true;
}

bool key_file_read(struct bytes file, const struct secret *passphrase,
    struct private_key **key, struct failure *why)
{
    SCOPED(EVP_PKEY) *pair = NULL;
    SCOPED_STRUCT(private_key) *read = NULL;
    read_form *read_file = is_pem(file) ? read_pem : read_der;

    if (!check_length(file, why) || !read_file(file, passphrase, &pair, why) ||
        !key_file_check_pair(pair, why) || !key_file_wrap(pair, &read, why))
        return false;
    if (!private_key_prove(read, why))
        return fail_because(why, FAILURE_MALFORMED,
            "the private and the public part of the key file don't belong "
            "together");
    *key = KEEP(private_key, &read);
    return true;
}
