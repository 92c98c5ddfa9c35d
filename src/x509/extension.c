#include "x509/extension.h"

#include "x509/der_element.h"

/* What fits into the result; nine bits have a meaning (RFC 5280, 4.2.1.3). */
#define KEY_USAGE_BYTES_MAX 4

/*
 * X.690, 11.5 wants a DEFAULT left out; authorities in today's trust stores
 * and test suites write "critical FALSE" all the same, and the bytes say
 * nothing ambiguous, so it is read and left to lint.
 */
static bool read_default_false(
    struct der_reader *reader, bool *value, struct failure *why)
{
    *value = false;
    return der_peek(reader) != DER_BOOLEAN ||
           der_read_boolean(reader, value, why);
}

bool extension_next(struct der_reader *extensions, struct extension *extension,
    struct failure *why)
{
    struct extension found = {0};
    struct der_reader next = *extensions;
    struct der_reader contents = {0};
    struct der_reader value = {0};

    if (!der_read_element(&next, DER_SEQUENCE, &contents, &found.whole, why) ||
        !der_read_oid(&contents, &found.type_contents, why) ||
        !read_default_false(&contents, &found.critical, why) ||
        !der_read(&contents, DER_OCTET_STRING, &value, why) ||
        !der_finish(&contents, "an extension", why))
        return false;
    found.type = oid_of(found.type_contents);
    found.value = der_remaining(&value);
    *extension = found;
    *extensions = next;
    return true;
}

static bool refuse_second(
    const struct extension *extension, struct failure *why)
{
    char name[OID_TEXT] = "";

    if (extension->type != OID_UNKNOWN)
        return fail_because(why, FAILURE_MALFORMED,
            "the extension %s is there twice (RFC 5280, 4.2)",
            oid_row(extension->type)->name);
    return oid_print(extension->type_contents, name, why) &&
           fail_because(why, FAILURE_MALFORMED,
               "the extension %s is there twice (RFC 5280, 4.2)", name);
}

static bool is_among(struct bytes type, const struct bytes *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(types[i], type))
            return true;
    }
    return false;
}

bool extensions_check(struct der_reader extensions, struct failure *why)
{
    struct bytes types[EXTENSIONS_MAX];
    struct extension extension = {0};
    size_t count = 0;

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        if (count == EXTENSIONS_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "there are more than %d extensions", EXTENSIONS_MAX);
        if (is_among(extension.type_contents, types, count))
            return refuse_second(&extension, why);
        types[count++] = extension.type_contents;
    }
    return true;
}

bool extensions_find(struct der_reader extensions, enum oid type,
    struct extension *extension, bool *found, struct failure *why)
{
    struct extension each = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &each, why))
            return false;
        if (each.type != type)
            continue;
        *extension = each;
        *found = true;
        return true;
    }
    *found = false;
    return true;
}

/*
 * Trailing zeros of a named bit list (X.690, 11.2.2) are allowed: roots in
 * today's trust stores have them.
 */
bool extension_key_usage(
    struct bytes value, uint32_t *bits, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct bytes list = {0};
    uint8_t spare_bits = 0;
    uint32_t found = 0;

    if (!der_read_bit_string(&reader, &list, &spare_bits, why) ||
        !der_finish(&reader, "keyUsage", why))
        return false;
    if (list.length > KEY_USAGE_BYTES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "keyUsage has %zu bytes; its nine bits take two, and at most %d "
            "are "
            "read",
            list.length, KEY_USAGE_BYTES_MAX);
    for (size_t i = 0; i < list.length * 8; i++) {
        if ((list.start[i / 8] & 0x80u >> i % 8) != 0)
            found |= 1u << i;
    }
    *bits = found;
    return true;
}

bool extension_basic_constraints(struct bytes value,
    struct basic_constraints *constraints, struct failure *why)
{
    struct basic_constraints found = {0};
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "basicConstraints", why) ||
        !read_default_false(&contents, &found.is_authority, why))
        return false;
    found.has_path_length = !der_at_end(&contents);
    if (found.has_path_length &&
        !der_read_small_integer(&contents, &found.path_length, why))
        return false;
    if (!der_finish(&contents, "basicConstraints", why))
        return false;
    *constraints = found;
    return true;
}

bool extension_purposes(
    struct bytes value, struct der_reader *purposes, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    struct der_reader walk = {0};
    struct bytes purpose = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "extKeyUsage", why))
        return false;
    /* An empty list must never be taken for "any purpose" (incident 4). */
    if (der_at_end(&contents))
        return fail_because(why, FAILURE_MALFORMED,
            "extKeyUsage is empty; it names at least one purpose (RFC 5280, "
            "4.2.1.12)");
    walk = contents;
    while (!der_at_end(&walk)) {
        if (!der_read_oid(&walk, &purpose, why))
            return false;
    }
    *purposes = contents;
    return true;
}

bool extension_key_identifier(
    struct bytes value, struct bytes *identifier, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    if (!der_read(&reader, DER_OCTET_STRING, &contents, why) ||
        !der_finish(&reader, "subjectKeyIdentifier", why))
        return false;
    *identifier = der_remaining(&contents);
    return true;
}

static bool check_issuer_names(
    struct der_reader names, bool present, struct failure *why)
{
    size_t count = 0;

    if (!present)
        return true;
    if (!general_names_check(names, &count, why))
        return false;
    return count > 0 ||
           fail_because(why, FAILURE_MALFORMED,
               "the authorityCertIssuer of authorityKeyIdentifier is empty");
}

bool extension_authority_key_identifier(struct bytes value,
    struct authority_key_identifier *identifier, struct failure *why)
{
    static const char *const what = "authorityKeyIdentifier";
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    struct der_reader key = {0};
    struct der_reader issuer = {0};
    struct der_reader serial = {0};
    bool has_key = false;
    bool has_issuer = false;
    bool has_serial = false;

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, what, why) ||
        !der_read_optional(&contents, DER_CONTEXT(0), &key, &has_key, why) ||
        !der_read_optional(
            &contents, DER_CONTEXT_HOLDING(1), &issuer, &has_issuer, why) ||
        !der_read_optional(
            &contents, DER_CONTEXT(2), &serial, &has_serial, why) ||
        !der_finish(&contents, what, why) ||
        !check_issuer_names(issuer, has_issuer, why))
        return false;
    if (has_serial && der_at_end(&serial))
        return fail_because(why, FAILURE_MALFORMED,
            "the authorityCertSerialNumber of %s is empty", what);
    *identifier =
        (struct authority_key_identifier){.identifier = der_remaining(&key),
            .issuer = der_remaining(&issuer),
            .serial = der_remaining(&serial)};
    return true;
}

bool extension_general_names(
    struct bytes value, struct der_reader *names, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    size_t count = 0;

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the list of names", why) ||
        !general_names_check(contents, &count, why))
        return false;
    if (count == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the list of names is empty; it has at least one (RFC 5280, "
            "4.2.1.6)");
    *names = contents;
    return true;
}
