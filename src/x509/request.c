#include "x509/request.h"

#include "crypto/key_strength.h"
#include "crypto/openssl_scoped.h"
#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/signed_object.h"

/* More attributes than any program writes. */
#define ATTRIBUTES_MAX 64

static bool read_version(struct der_reader *reader, struct failure *why)
{
    uint32_t version = 0;

    if (!der_read_small_integer(reader, &version, why))
        return false;
    return version == 0 ||
           fail_because(why, FAILURE_MALFORMED,
               "the request has version %u; there is only 1 (RFC 2986, 4.1)",
               version + 1);
}

static bool read_name(
    struct der_reader *reader, struct bytes *name, struct failure *why)
{
    struct der_reader contents = {0};

    return der_read_element(reader, DER_SEQUENCE, &contents, name, why) &&
           name_check(*name, why);
}

/* RFC 2986, 4.1 wants the attributes even if there are none; programs leave
 * them out, and OpenSSL reads that. */
static bool read_attributes(struct der_reader *reader,
    struct der_reader *attributes, struct failure *why)
{
    bool present = false;

    *attributes = (struct der_reader){.whole = reader->whole,
        .position = reader->position,
        .end = reader->position};
    return der_read_optional(
        reader, DER_CONTEXT_HOLDING(0), attributes, &present, why);
}

struct attribute {
    enum oid type;
    struct der_reader values; /* contents of the SET */
};

static bool attribute_next(struct der_reader *attributes,
    struct attribute *attribute, struct failure *why)
{
    struct der_reader contents = {0};
    struct der_reader walk = {0};
    struct der_reader inside = {0};
    struct bytes element = {0};
    struct bytes type = {0};
    uint8_t tag = 0;

    if (!der_read(attributes, DER_SEQUENCE, &contents, why) ||
        !der_read_oid(&contents, &type, why) ||
        !der_read(&contents, DER_SET, &attribute->values, why) ||
        !der_finish(&contents, "an attribute", why))
        return false;
    walk = attribute->values;
    while (!der_at_end(&walk)) {
        if (!der_read_any(&walk, &tag, &inside, &element, why))
            return false;
    }
    attribute->type = oid_of(type);
    return true;
}

/* RFC 2985, 5.4.2: one value, which is Extensions. */
static bool read_extension_request(struct der_reader values,
    struct der_reader *extensions, struct failure *why)
{
    return der_read(&values, DER_SEQUENCE, extensions, why) &&
           der_finish(&values, "the one value of extensionRequest", why) &&
           extensions_check(*extensions, why);
}

/* Microsoft's older identifier has the same contents.  Two lists would let one
 * reader see other names than the next. */
static bool walk_attributes(struct der_reader attributes,
    struct der_reader *extensions, struct failure *why)
{
    struct attribute attribute = {0};
    bool found = false;

    *extensions = attributes;
    extensions->position = extensions->end;
    for (size_t count = 0; !der_at_end(&attributes); count++) {
        if (count == ATTRIBUTES_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "the request has more than %d attributes", ATTRIBUTES_MAX);
        if (!attribute_next(&attributes, &attribute, why))
            return false;
        if (attribute.type != OID_EXTENSION_REQUEST &&
            attribute.type != OID_MS_EXTENSION_REQUEST)
            continue;
        if (found)
            return fail_because(why, FAILURE_MALFORMED,
                "the request has a second extensionRequest (RFC 2985, 5.4.2)");
        if (!read_extension_request(attribute.values, extensions, why))
            return false;
        found = true;
    }
    return true;
}

static bool read_fields(
    struct der_reader contents, struct request *request, struct failure *why)
{
    return read_version(&contents, why) &&
           read_name(&contents, &request->subject, why) &&
           spki_read(&contents, &request->key, why) &&
           read_attributes(&contents, &request->attributes, why) &&
           der_finish(&contents, "the request's fields", why) &&
           walk_attributes(request->attributes, &request->extensions, why);
}

bool request_read(
    struct bytes der, struct request *request, struct failure *why)
{
    struct signed_object object = {0};
    struct request found = {.whole = der};

    if (der.length > REQUEST_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the request has %zu bytes; at most %d are read", der.length,
            REQUEST_MAX);
    if (!signed_object_read(der, &object, why) ||
        !read_fields(object.contents, &found, why))
        return false;
    found.information = object.body;
    found.signature_algorithm = object.algorithm;
    found.signature = object.signature;
    *request = found;
    return true;
}

/* A raw kind signs with its own algorithm only: an Ed25519 key makes no ML-DSA
 * signature. */
static bool can_sign_with(const struct key_algorithm *key,
    const struct signature_algorithm *signature)
{
    if (key->kind != signature->kind)
        return false;
    return key->kind != KEY_KIND_RAW ||
           bytes_equal(key->signs_with->identifier, signature->identifier);
}

bool request_verify(const struct request *request,
    struct public_key_parts *parts, struct failure *why)
{
    const struct signature_algorithm *algorithm =
        signature_algorithm_of(request->signature_algorithm);
    struct public_key_parts found = {0};
    struct failure mismatch = {0};
    SCOPED(EVP_PKEY) *key = NULL;

    if (algorithm == NULL)
        return signature_algorithm_refuse(
            request->signature_algorithm, "request", why);
    if (!spki_parts(&request->key, &found, why))
        return false;
    if (!can_sign_with(found.algorithm, algorithm))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the request is signed with %s, which its key, %s, can't make",
            algorithm->name, found.algorithm->title);
    if (request->signature.length == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "the request has no signature");
    /* Its tests come before OpenSSL sees the key (incident 26). */
    if (!key_strength_check(&found, why) || !public_key_make(&found, &key, why))
        return false;
    if (!signature_verify(key, algorithm, request->information,
            request->signature, &mismatch))
        return fail_because(why, mismatch.kind,
            "the request is not signed by the key it asks for: %.160s",
            mismatch.reason);
    *parts = found;
    return true;
}
