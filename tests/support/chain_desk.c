#include "support/chain_desk.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "crypto/openssl_scoped.h"

#define KEPT_MAX 8192

static EVP_PKEY *pairs[DESK_KEYS];
static void *kept[KEPT_MAX];
static size_t kept_count;
static struct chain_pool *pools[KEPT_MAX];
static size_t pool_count;

/* A test that can't go on ends. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

static EVP_PKEY *new_pair(size_t number)
{
    if (number >= DESK_ED25519)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (number >= DESK_RSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

EVP_PKEY *desk_key(size_t number)
{
    must(number < DESK_KEYS);
    if (pairs[number] == NULL)
        pairs[number] = new_pair(number);
    must(pairs[number] != NULL);
    return pairs[number];
}

static struct bytes keep(const uint8_t *start, size_t length)
{
    uint8_t *copy = malloc(length == 0 ? 1 : length);

    must(copy != NULL && kept_count < KEPT_MAX);
    memcpy(copy, start, length);
    kept[kept_count++] = copy;
    return (struct bytes){copy, length};
}

void desk_clear_made(void)
{
    while (kept_count > 0)
        free(kept[--kept_count]);
    while (pool_count > 0)
        chain_pool_free(pools[--pool_count]);
}

void desk_clear(void)
{
    desk_clear_made();
    for (size_t i = 0; i < DESK_KEYS; i++) {
        EVP_PKEY_free(pairs[i]);
        pairs[i] = NULL;
    }
}

static void set_name(X509_NAME *name, const char *text)
{
    if (*text != 0)
        must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                 (const unsigned char *)text, -1, -1, 0) == 1);
}

static void add(X509 *made, int type, const char *value)
{
    X509_EXTENSION *extension = NULL;
    X509V3_CTX context;

    if (value == NULL)
        return;
    X509V3_set_ctx(&context, NULL, made, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, type, value);
    must(extension != NULL && X509_add_ext(made, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* "1.2.3.4=critical,DER:0500" */
static void add_line(X509 *made, const char *line, size_t length)
{
    X509_EXTENSION *extension = NULL;
    char text[1024] = "";
    char *equals = NULL;

    must(length < sizeof(text));
    memcpy(text, line, length);
    equals = strchr(text, '=');
    must(equals != NULL);
    *equals = '\0';
    extension = X509V3_EXT_conf(NULL, NULL, text, equals + 1);
    must(extension != NULL && X509_add_ext(made, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void add_other(X509 *made, const char *other)
{
    while (other != NULL && *other != '\0') {
        const size_t length = strcspn(other, "\n");

        add_line(made, other, length);
        other += length + (other[length] == '\n');
    }
}

static ASN1_OCTET_STRING *identifier_of(size_t key)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned char *encoded = NULL;
    int length = i2d_PUBKEY(desk_key(key), &encoded);
    ASN1_OCTET_STRING *identifier = ASN1_OCTET_STRING_new();

    must(length > 0 && identifier != NULL &&
         EVP_Digest(encoded, (size_t)length, digest, NULL, EVP_sha1(), NULL) ==
             1 &&
         ASN1_OCTET_STRING_set(identifier, digest, 20) == 1);
    OPENSSL_free(encoded);
    return identifier;
}

static void add_identifiers(X509 *made, const struct desk_plan *plan)
{
    ASN1_OCTET_STRING *own = identifier_of(plan->key);
    AUTHORITY_KEYID *above = AUTHORITY_KEYID_new();

    must(above != NULL);
    above->keyid =
        identifier_of(plan->wanted_key != 0 ? plan->wanted_key : plan->signer);
    must(X509_add1_ext_i2d(made, NID_subject_key_identifier, own, 0, 0) == 1 &&
         X509_add1_ext_i2d(made, NID_authority_key_identifier, above, 0, 0) ==
             1);
    ASN1_OCTET_STRING_free(own);
    AUTHORITY_KEYID_free(above);
}

static void fill(X509 *made, const struct desk_plan *plan)
{
    bool has_dates = plan->from != 0 || plan->until != 0;
    int64_t from = has_dates ? plan->from : -1;
    int64_t until = has_dates ? plan->until : 30;

    must(X509_set_version(made, plan->is_v1 ? 0 : 2) == 1 &&
         ASN1_INTEGER_set(X509_get_serialNumber(made),
             plan->serial == 0 ? 1 : plan->serial) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(made), DESK_NOW + from * DESK_DAY) !=
             NULL &&
         ASN1_TIME_set(X509_getm_notAfter(made), DESK_NOW + until * DESK_DAY) !=
             NULL &&
         X509_set_pubkey(made, desk_key(plan->key)) == 1);
    set_name(X509_get_subject_name(made), plan->subject);
    set_name(X509_get_issuer_name(made), plan->issuer);
    add(made, NID_basic_constraints, plan->basic);
    add(made, NID_key_usage, plan->key_usage);
    add(made, NID_ext_key_usage, plan->purposes);
    add(made, NID_subject_alt_name, plan->names);
    add(made, NID_name_constraints, plan->constraints);
    add_other(made, plan->other);
    if (plan->has_key_identifier)
        add_identifiers(made, plan);
}

struct bytes desk_make(const struct desk_plan *plan)
{
    SCOPED(X509) *made = X509_new();
    SCOPED(openssl_bytes) *encoded = NULL;
    int length = 0;

    must(made != NULL);
    fill(made, plan);
    must(X509_sign(made, desk_key(plan->signer),
             plan->signer >= DESK_ED25519 ? NULL : EVP_sha256()) > 0);
    length = i2d_X509(made, &encoded);
    must(length > 0);
    return keep(encoded, (size_t)length);
}

struct bytes desk_root(const char *name, size_t key)
{
    return desk_authority(name, key, name, key);
}

struct bytes desk_authority(
    const char *name, size_t key, const char *issuer, size_t signer)
{
    return desk_make(&(struct desk_plan){.subject = name,
        .issuer = issuer,
        .key = key,
        .signer = signer,
        .basic = "critical,CA:TRUE",
        .key_usage = "critical,keyCertSign,cRLSign",
        .has_key_identifier = true});
}

struct bytes desk_leaf(const char *issuer, size_t signer)
{
    return desk_make(&(struct desk_plan){.subject = "leaf",
        .issuer = issuer,
        .key = 3,
        .signer = signer,
        .key_usage = "critical,digitalSignature",
        .purposes = "serverAuth",
        .names = "DNS:www.example.org",
        .has_key_identifier = true});
}

struct bytes desk_flip(struct bytes der, size_t bit)
{
    struct bytes copy = keep(der.start, der.length);

    ((uint8_t *)kept[kept_count - 1])[bit / 8] ^= (uint8_t)(1u << bit % 8);
    return copy;
}

struct chain_pool *desk_pool(const struct bytes *certificates, size_t count)
{
    struct chain_pool *pool = NULL;
    struct failure why = {0};

    must(chain_pool_new(&pool, &why) && pool_count < KEPT_MAX);
    pools[pool_count++] = pool;
    for (size_t i = 0; i < count; i++)
        must(chain_pool_add(pool, certificates[i], "desk", &why));
    return pool;
}

struct chain_pool *desk_damaged_pool(struct bytes certificate)
{
    struct chain_pool *pool = desk_pool(NULL, 0);
    struct failure why = {0};

    must(!chain_pool_add(pool, certificate, "desk", &why));
    return pool;
}

enum verdict_code desk_ask(
    const struct chain_question *question, struct verdict *verdict)
{
    struct failure why = {0};

    must(chain_verify(question, verdict, &why));
    return verdict->code;
}
