#include "x509/pkcs12.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "crypto/openssl_scoped.h"
#include "x509/ber.h"
#include "x509/der_element.h"
#include "x509/pkcs12_parts.h"
#include "x509/pkcs7_oid.h"

/* RFC 7292, 4.2 and D: 1.2.840.113549.1.12.10.1 and the bags below it */
#define BAG_ARC "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01"
#define BAG_BYTES (sizeof(BAG_ARC) - 1)
#define FRIENDLY_NAME CONTENTS(PKCS9_ARC "\x14")
#define X509_CERTIFICATE CONTENTS(PKCS9_ARC "\x16\x01")
#define X509_CRL_IN_BAG CONTENTS(PKCS9_ARC "\x17\x01")
#define PFX_VERSION 3

enum bag {
    BAG_KEY = 1,
    BAG_SHROUDED_KEY,
    BAG_CERTIFICATE,
    BAG_CRL,
    BAG_SECRET,
    BAG_SAFE_CONTENTS
};

static bool read_safe_contents(struct pkcs12_work *work, struct bytes ber,
    unsigned int nesting, struct failure *why);

/* --- names ---------------------------------------------------------------- */

static size_t append_character(char *name, size_t length, unsigned int unit)
{
    if (length + 4 > CONTAINER_NAME)
        return length;
    if (unit < 0x80) {
        name[length++] = (char)unit;
    } else if (unit < 0x800) {
        name[length++] = (char)(0xc0 | unit >> 6);
        name[length++] = (char)(0x80 | (unit & 0x3f));
    } else {
        name[length++] = (char)(0xe0 | unit >> 12);
        name[length++] = (char)(0x80 | (unit >> 6 & 0x3f));
        name[length++] = (char)(0x80 | (unit & 0x3f));
    }
    return length;
}

/* From a BMPString (big-endian, two bytes each).  What has no place in a line
 * of text, a half of a surrogate pair among it, becomes a question mark: who
 * shows the name escapes the rest. */
static void copy_name(struct bytes text, char name[static CONTAINER_NAME])
{
    size_t length = 0;

    for (size_t i = 0; i + 1 < text.length; i += 2) {
        unsigned int unit =
            (unsigned int)text.start[i] << 8 | text.start[i + 1];

        if (unit < 0x20 || unit == 0x7f || (unit >= 0xd800 && unit < 0xe000))
            unit = '?';
        length = append_character(name, length, unit);
    }
    name[length] = '\0';
}

/* SET OF { type, SET OF value }: the first name is taken. */
static bool read_name(struct der_reader *bag, char name[static CONTAINER_NAME],
    struct failure *why)
{
    struct der_reader attributes = {0};
    bool present = false;

    if (!der_read_optional(bag, DER_SET, &attributes, &present, why))
        return false;
    while (present && !der_at_end(&attributes)) {
        struct der_reader attribute = {0};
        struct der_reader values = {0};
        struct der_reader value = {0};
        struct bytes type = {0};

        if (!der_read(&attributes, DER_SEQUENCE, &attribute, why) ||
            !der_read_oid(&attribute, &type, why) ||
            !der_read(&attribute, DER_SET, &values, why))
            return false;
        if (!bytes_equal(type, FRIENDLY_NAME) || name[0] != '\0' ||
            der_peek(&values) != DER_BMP_STRING)
            continue;
        if (!der_read(&values, DER_BMP_STRING, &value, why))
            return false;
        copy_name(der_remaining(&value), name);
    }
    return true;
}

/* --- bags ----------------------------------------------------------------- */

static bool add(struct pkcs12_work *work, struct container_object *object,
    struct bytes der, struct failure *why)
{
    if (container_add(work->container, object, der, why))
        return true;
    work->code = VERDICT_BUDGET_EXCEEDED;
    return false;
}

/* CertBag, CRLBag: type and [0] OCTET STRING.  SDSI certificates, whose type is
 * another, are told as something else. */
static bool read_wrapped(struct pkcs12_work *work, struct der_reader value,
    struct bytes wanted, struct container_object *object, struct failure *why)
{
    struct der_reader bag = {0};
    struct der_reader outer = {0};
    struct der_reader inside = {0};
    struct bytes type = {0};

    if (!der_read(&value, DER_SEQUENCE, &bag, why) ||
        !der_read_oid(&bag, &type, why) ||
        !der_read(&bag, DER_CONTEXT_HOLDING(0), &outer, why))
        return false;
    if (!bytes_equal(type, wanted)) {
        object->kind = INPUT_OTHER;
        return add(work, object, (struct bytes){0}, why);
    }
    return der_read(&outer, DER_OCTET_STRING, &inside, why) &&
           add(work, object, der_remaining(&inside), why);
}

/* The public half of a PrivateKeyInfo; the private one ends here. */
static bool add_public_part(struct pkcs12_work *work, struct bytes key_info,
    struct container_object *object, struct failure *why)
{
    const unsigned char *start = key_info.start;
    PKCS8_PRIV_KEY_INFO *info =
        d2i_PKCS8_PRIV_KEY_INFO(NULL, &start, (long)key_info.length);
    SCOPED(EVP_PKEY) *key = info == NULL ? NULL : EVP_PKCS82PKEY(info);
    SCOPED(openssl_bytes) *spki = NULL;
    int length = key == NULL ? 0 : i2d_PUBKEY(key, &spki);

    PKCS8_PRIV_KEY_INFO_free(info);
    ERR_clear_error();
    if (length <= 0)
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "a private key in the PKCS#12 is of a kind that is not read here");
    object->kind = INPUT_PRIVATE_KEY;
    object->is_of_private_key = true;
    return add(work, object,
        (struct bytes){.start = spki, .length = (size_t)length}, why);
}

/* EncryptedPrivateKeyInfo, RFC 5958, 3. */
static bool read_shrouded_key(struct pkcs12_work *work, struct der_reader value,
    struct container_object *object, struct failure *why)
{
    RELEASED(secret) plain = {0};
    struct der_reader info = {0};
    struct der_reader encrypted = {0};
    struct algorithm_identifier algorithm = {0};

    return der_read(&value, DER_SEQUENCE, &info, why) &&
           algorithm_identifier_read(&info, &algorithm, why) &&
           der_read(&info, DER_OCTET_STRING, &encrypted, why) &&
           pkcs12_decrypt(
               work, algorithm.whole, der_remaining(&encrypted), &plain, why) &&
           add_public_part(work, secret_view(&plain), object, why);
}

static bool read_value(struct pkcs12_work *work, unsigned int bag,
    struct der_reader value, struct container_object *object,
    unsigned int nesting, struct failure *why)
{
    switch (bag) {
    case BAG_KEY:
        return add_public_part(work, der_remaining(&value), object, why);
    case BAG_SHROUDED_KEY:
        return read_shrouded_key(work, value, object, why);
    case BAG_CERTIFICATE:
        object->kind = INPUT_CERTIFICATE;
        return read_wrapped(work, value, X509_CERTIFICATE, object, why);
    case BAG_CRL:
        object->kind = INPUT_CRL;
        return read_wrapped(work, value, X509_CRL_IN_BAG, object, why);
    case BAG_SAFE_CONTENTS:
        return read_safe_contents(
            work, der_remaining(&value), nesting + 1, why);
    case BAG_SECRET:
    default:
        object->kind = INPUT_OTHER;
        return add(work, object, (struct bytes){0}, why);
    }
}

/* SafeBag, RFC 7292, 4.2: type, [0] value, SET OF attributes. */
static bool read_bag(struct pkcs12_work *work, struct der_reader *bags,
    unsigned int nesting, struct failure *why)
{
    struct container_object object = {0};
    struct der_reader bag = {0};
    struct der_reader value = {0};
    struct bytes type = {0};
    unsigned int kind = 0;

    if (!der_read(bags, DER_SEQUENCE, &bag, why) ||
        !der_read_oid(&bag, &type, why) ||
        !der_read(&bag, DER_CONTEXT_HOLDING(0), &value, why) ||
        !read_name(&bag, object.name, why))
        return false;
    if (type.length == BAG_BYTES + 1 &&
        memcmp(type.start, BAG_ARC, BAG_BYTES) == 0)
        kind = type.start[BAG_BYTES];
    return read_value(work, kind, value, &object, nesting, why);
}

static bool read_safe_contents(struct pkcs12_work *work, struct bytes ber,
    unsigned int nesting, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("safe contents", CONTAINER_BYTES_MAX);
    struct der_reader reader = {0};
    struct der_reader bags = {0};
    bool ok;

    if (nesting > PKCS12_NESTING_MAX)
        return pkcs12_refuse(work, VERDICT_BUDGET_EXCEEDED, why,
            "the PKCS#12 has safe contents nested deeper than %d, which is the "
            "limit",
            PKCS12_NESTING_MAX);
    ok = buffer_reserve(&der, ber.length, why) && ber_to_der(ber, &der, why);
    reader = der_reader_of(buffer_view(&der));
    ok = ok && der_read(&reader, DER_SEQUENCE, &bags, why);
    while (ok && !der_at_end(&bags))
        ok = read_bag(work, &bags, nesting, why);
    wipe(der.start, der.length);
    return ok;
}

/* --- the file ------------------------------------------------------------- */

/* EncryptedData, RFC 5652, 8: version, EncryptedContentInfo. */
static bool read_encrypted(
    struct pkcs12_work *work, struct der_reader content, struct failure *why)
{
    RELEASED(secret) plain = {0};
    struct der_reader data = {0};
    struct der_reader info = {0};
    struct der_reader encrypted = {0};
    struct algorithm_identifier algorithm = {0};
    struct bytes type = {0};
    uint32_t version = 0;

    return der_read(&content, DER_SEQUENCE, &data, why) &&
           der_read_small_integer(&data, &version, why) &&
           der_read(&data, DER_SEQUENCE, &info, why) &&
           der_read_oid(&info, &type, why) &&
           algorithm_identifier_read(&info, &algorithm, why) &&
           der_read(&info, DER_CONTEXT(0), &encrypted, why) &&
           pkcs12_decrypt(
               work, algorithm.whole, der_remaining(&encrypted), &plain, why) &&
           read_safe_contents(work, secret_view(&plain), 1, why);
}

static bool read_safe(
    struct pkcs12_work *work, struct der_reader *safes, struct failure *why)
{
    struct der_reader safe = {0};
    struct der_reader content = {0};
    struct der_reader octets = {0};
    struct bytes type = {0};

    if (!der_read(safes, DER_SEQUENCE, &safe, why) ||
        !der_read_oid(&safe, &type, why) ||
        !der_read(&safe, DER_CONTEXT_HOLDING(0), &content, why))
        return false;
    if (bytes_equal(type, PKCS7_ENCRYPTED))
        return read_encrypted(work, content, why);
    if (bytes_equal(type, PKCS7_ENVELOPED))
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "a part of the PKCS#12 is encrypted for a certificate, not under a "
            "password, which is not read here");
    if (!bytes_equal(type, PKCS7_DATA))
        return pkcs12_refuse(work, VERDICT_MALFORMED, why,
            "a part of the PKCS#12 is of no kind that RFC 7292 has");
    return der_read(&content, DER_OCTET_STRING, &octets, why) &&
           read_safe_contents(work, der_remaining(&octets), 1, why);
}

static bool read_authenticated_safe(
    struct pkcs12_work *work, struct bytes ber, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("authenticated safe", CONTAINER_BYTES_MAX);
    struct der_reader reader = {0};
    struct der_reader safes = {0};

    if (!ber_to_der(ber, &der, why))
        return false;
    reader = der_reader_of(buffer_view(&der));
    if (!der_read(&reader, DER_SEQUENCE, &safes, why))
        return false;
    while (!der_at_end(&safes)) {
        if (!read_safe(work, &safes, why))
            return false;
    }
    return true;
}

/* PFX, RFC 7292, 4: version, ContentInfo of data, MacData OPTIONAL. */
static bool read_pfx(struct pkcs12_work *work, struct der_reader *contents,
    struct der_reader *mac, struct bytes *content, struct failure *why)
{
    struct der_reader info = {0};
    struct der_reader outer = {0};
    struct der_reader octets = {0};
    struct bytes type = {0};
    uint32_t version = 0;

    if (!der_read_small_integer(contents, &version, why) ||
        !der_read(contents, DER_SEQUENCE, &info, why) ||
        !der_read_oid(&info, &type, why))
        return false;
    if (version != PFX_VERSION)
        return pkcs12_refuse(work, VERDICT_MALFORMED, why,
            "its version is %u, and PKCS#12 has 3", version);
    if (bytes_equal(type, PKCS7_SIGNED))
        return pkcs12_refuse(work, VERDICT_UNSUPPORTED_ALGORITHM, why,
            "the PKCS#12 is signed instead of having a MAC, which is not read "
            "here");
    if (!der_read(&info, DER_CONTEXT_HOLDING(0), &outer, why) ||
        !der_read(&outer, DER_OCTET_STRING, &octets, why) ||
        !der_read_optional(contents, DER_SEQUENCE, mac, &work->has_mac, why) ||
        !der_finish(contents, "the PKCS#12's fields", why))
        return false;
    *content = der_remaining(&octets);
    return true;
}

static bool is_no_pkcs12(struct pkcs12_work *work, struct failure *why)
{
    const struct failure cause = *why;

    if (cause.kind != FAILURE_MALFORMED)
        return false;
    return pkcs12_refuse(work, VERDICT_MALFORMED, why,
        "this is not a PKCS#12: %.300s", cause.reason);
}

static bool read_whole(
    struct pkcs12_work *work, struct bytes der, struct failure *why)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    struct der_reader mac = {0};
    struct bytes content = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !read_pfx(work, &contents, &mac, &content, why))
        return work->code == VERDICT_UNSUPPORTED_ALGORITHM
                   ? false
                   : is_no_pkcs12(work, why);
    if (work->has_mac && !pkcs12_check_mac(work, mac, content, why))
        return false;
    return read_authenticated_safe(work, content, why);
}

static bool read_file(
    struct pkcs12_work *work, struct bytes file, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("PKCS#12", CONTAINER_BYTES_MAX);

    if (file.length > CONTAINER_BYTES_MAX)
        return pkcs12_refuse(work, VERDICT_BUDGET_EXCEEDED, why,
            "the PKCS#12 has more than %d bytes, which is the limit",
            CONTAINER_BYTES_MAX);
    if (!ber_to_der(file, &der, why)) {
        if (why->kind == FAILURE_UNSUITABLE)
            work->code = VERDICT_BUDGET_EXCEEDED;
        return is_no_pkcs12(work, why);
    }
    return read_whole(work, buffer_view(&der), why);
}

bool pkcs12_read_within(uint64_t iterations, struct bytes file,
    const struct secret *passphrase, struct container *container,
    enum verdict_code *code, struct failure *why)
{
    RELEASED(container) found = container_new();
    const bool is_given = passphrase != NULL && passphrase->length > 0;
    struct pkcs12_work work = {
        .password = is_given ? (const char *)passphrase->start : NULL,
        .password_length = is_given ? (int)passphrase->length : 0,
        .iterations_left = iterations,
        .container = &found,
        .code = VERDICT_MALFORMED};

    memcpy(found.kind, "PKCS#12", sizeof("PKCS#12"));
    if (!read_file(&work, file, why)) {
        *code = work.code;
        return false;
    }
    *container = found;
    found = (struct container){0};
    return true;
}

bool pkcs12_read(struct bytes file, const struct secret *passphrase,
    struct container *container, enum verdict_code *code, struct failure *why)
{
    return pkcs12_read_within(
        PKCS12_ITERATIONS_TOTAL, file, passphrase, container, code, why);
}
