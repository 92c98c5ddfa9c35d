#include <string.h>

#include "crypto/digest.h"
#include "x509/lint/rules.h"

void lint_extensions_readable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!facts->is_readable)
        lint_find(
            pen, "an extension can't be read: %s", facts->unreadable.reason);
}

/* Of n extensions n * n / 2 are compared; there are at most 64. */
void lint_extensions_once(const struct lint_facts *facts, struct lint_pen *pen)
{
    char type[OID_TEXT];
    struct failure unread = {0};

    for (size_t i = 1; i < facts->extension_count; i++) {
        const struct extension *second = &facts->extensions[i];

        for (size_t j = 0; j < i; j++) {
            if (!bytes_equal(
                    facts->extensions[j].type_contents, second->type_contents))
                continue;
            if (oid_print(second->type_contents, type, &unread))
                lint_find(pen, "the extension %s stands twice",
                    second->type == OID_UNKNOWN ? type
                                                : oid_row(second->type)->name);
            break;
        }
    }
}

/* RFC 5280, 4.2.1.1, 4.2.1.2, 4.2.2.1: MUST be marked non-critical. */
void lint_extensions_not_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const enum oid types[] = {OID_AUTHORITY_KEY_IDENTIFIER,
        OID_SUBJECT_KEY_IDENTIFIER, OID_AUTHORITY_INFO_ACCESS};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        const struct extension *extension = lint_extension(facts, types[i]);

        if (extension != NULL && extension->critical)
            lint_find(pen, "%s is critical", oid_row(types[i])->name);
    }
}

/* False when there is none, or none that can be read. */
static bool authority_identifier(
    const struct lint_facts *facts, struct bytes *identifier)
{
    struct authority_key_identifier authority = {0};
    struct failure unread = {0};
    const struct extension *extension =
        lint_extension(facts, OID_AUTHORITY_KEY_IDENTIFIER);

    if (extension == NULL || !extension_authority_key_identifier(
                                 extension->value, &authority, &unread))
        return false;
    *identifier = authority.identifier;
    return authority.identifier.length > 0;
}

/* A root may leave it out. */
void lint_authority_identifier_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct bytes identifier = {0};

    if (facts->issuer != NULL && !authority_identifier(facts, &identifier))
        lint_find(pen, "authorityKeyIdentifier or its keyIdentifier is "
                       "missing");
}

void lint_authority_identifier_matches(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct bytes identifier = {0};

    if (authority_identifier(facts, &identifier) &&
        !bytes_equal(identifier, facts->issuer_key_identifier))
        lint_find(pen, "authorityKeyIdentifier is not the "
                       "subjectKeyIdentifier of the issuer's certificate");
}

void lint_subject_identifier_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority &&
        lint_extension(facts, OID_SUBJECT_KEY_IDENTIFIER) == NULL)
        lint_find(pen, "an authority's subjectKeyIdentifier is missing");
}

void lint_subject_identifier_derived(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    uint8_t derived[KEY_IDENTIFIER_BYTES];
    struct bytes identifier = {0};
    struct failure why = {0};
    const struct extension *extension =
        lint_extension(facts, OID_SUBJECT_KEY_IDENTIFIER);

    if (extension == NULL)
        return;
    if (!extension_key_identifier(extension->value, &identifier, &why) ||
        !key_identifier(facts->draft->key.bits, derived, &why)) {
        lint_find(pen, "subjectKeyIdentifier can't be checked: %s", why.reason);
        return;
    }
    if (!bytes_equal(identifier,
            (struct bytes){.start = derived, .length = sizeof(derived)}))
        lint_find(pen, "subjectKeyIdentifier is not that of the public key");
}

void lint_authority_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *basic =
        lint_extension(facts, OID_BASIC_CONSTRAINTS);

    if (facts->basic.is_authority && !basic->critical)
        lint_find(pen, "an authority's basicConstraints is not critical");
}

void lint_authority_signs(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority &&
        (facts->key_usage & KEY_USAGE_CERT_SIGN) == 0)
        lint_find(pen, "an authority's keyUsage lacks keyCertSign");
}

void lint_leaf_does_not_sign(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!facts->basic.is_authority &&
        (facts->key_usage & KEY_USAGE_CERT_SIGN) != 0)
        lint_find(pen, "keyUsage has keyCertSign though this is no authority");
}

void lint_path_length(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!facts->basic.is_authority && facts->basic.has_path_length)
        lint_find(pen, "basicConstraints limits the path though this is no "
                       "authority");
}

void lint_key_usage_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->key_usage == 0)
        lint_find(
            pen, facts->key_usage_extension == NULL
                     ? "keyUsage is missing: the key would be good for all"
                     : "keyUsage has no bit set");
}

void lint_key_usage_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->key_usage_extension != NULL &&
        !facts->key_usage_extension->critical)
        lint_find(pen, "keyUsage is not critical");
}

/* RFC 3279, 2.3.1: RSA encrypts and does not agree; RFC 5480, 3: EC agrees and
 * does not encrypt; RFC 8410, 5 and RFC 9881, 5: the others sign alone. */
static uint32_t usages_of_no_use(enum key_kind kind)
{
    const uint32_t encrypts =
        KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT;
    const uint32_t agrees = KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY |
                            KEY_USAGE_DECIPHER_ONLY;

    switch (kind) {
    case KEY_KIND_RSA:
        return agrees;
    case KEY_KIND_EC:
        return encrypts;
    case KEY_KIND_RAW:
        return encrypts | agrees;
    }
    return 0;
}

void lint_key_usage_fits(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct key_algorithm *algorithm = facts->key_algorithm;

    if (algorithm != NULL &&
        (facts->key_usage & usages_of_no_use(algorithm->kind)) != 0)
        lint_find(pen, "keyUsage has a bit that a key of %s can't fulfil",
            algorithm->title);
}

void lint_purposes_present(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader purposes = {0};
    struct failure unread = {0};
    const struct extension *extension =
        lint_extension(facts, OID_EXTENDED_KEY_USAGE);

    if (extension == NULL)
        return;
    if (!extension_purposes(extension->value, &purposes, &unread))
        lint_find(pen, "extendedKeyUsage can't be read: %s", unread.reason);
    else if (der_at_end(&purposes))
        lint_find(pen, "extendedKeyUsage holds no purpose");
}

static bool stands_again(
    struct bytes purpose, struct der_reader rest, struct failure *why)
{
    struct bytes other = {0};

    while (!der_at_end(&rest) && der_read_oid(&rest, &other, why)) {
        if (bytes_equal(purpose, other))
            return true;
    }
    return false;
}

void lint_purposes_once(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader purposes = {0};
    struct bytes purpose = {0};
    struct failure unread = {0};
    char text[OID_TEXT];
    const struct extension *extension =
        lint_extension(facts, OID_EXTENDED_KEY_USAGE);

    if (extension == NULL ||
        !extension_purposes(extension->value, &purposes, &unread))
        return;
    while (
        !der_at_end(&purposes) && der_read_oid(&purposes, &purpose, &unread)) {
        if (stands_again(purpose, purposes, &unread) &&
            oid_print(purpose, text, &unread))
            lint_find(pen, "the purpose %s stands twice", text);
    }
}
