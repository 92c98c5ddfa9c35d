#include <stdio.h>
#include <string.h>

#include "x509/crl.h"
#include "x509/crl_parts.h"
#include "x509/crl_window.h"

static bool take_number(
    struct bytes value, uint64_t *number, struct failure *why)
{
    struct bytes contents = {0};
    uint64_t found = 0;

    if (!extension_crl_number(value, &contents, why))
        return false;
    if (contents.length > sizeof(found) &&
        (contents.length > sizeof(found) + 1 || contents.start[0] != 0))
        return fail_because(
            why, FAILURE_MALFORMED, "a CRL number has more than 64 bits");
    for (size_t i = 0; i < contents.length; i++)
        found = found << 8 | contents.start[i];
    *number = found;
    return true;
}

static bool take_key_identifier(
    struct bytes value, struct crl_facts *facts, struct failure *why)
{
    struct authority_key_identifier key = {0};

    if (!extension_authority_key_identifier(value, &key, why))
        return false;
    if (key.identifier.length > CRL_KEY_IDENTIFIER_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a key identifier has more than %d bytes", CRL_KEY_IDENTIFIER_MAX);
    if (key.identifier.length > 0)
        memcpy(
            facts->key_identifier, key.identifier.start, key.identifier.length);
    facts->key_identifier_length = key.identifier.length;
    return true;
}

static bool take_url(struct distribution_point_name point,
    char url[static CRL_URL_MAX + 1], struct failure *why)
{
    struct general_name name = {0};

    if (der_at_end(&point.names))
        return fail_because(
            why, FAILURE_MALFORMED, "a distribution point has no full name");
    if (!general_name_next(&point.names, &name, why))
        return false;
    if (name.kind != GENERAL_NAME_URI || !crl_is_url(name.value))
        return fail_because(why, FAILURE_MALFORMED,
            "a distribution point is no URL of at most %d visible ASCII "
            "characters",
            CRL_URL_MAX);
    (void)snprintf(url, CRL_URL_MAX + 1, "%.*s", (int)name.value.length,
        (const char *)name.value.start);
    return true;
}

static bool take_distribution_point(
    struct bytes value, struct crl_facts *facts, struct failure *why)
{
    struct issuing_distribution_point point = {0};

    return extension_issuing_distribution_point(value, &point, why) &&
           take_url(point.name, facts->distribution_point, why);
}

static bool take_freshest(
    struct bytes value, struct crl_facts *facts, struct failure *why)
{
    struct der_reader points = {0};
    struct distribution_point point = {0};

    return extension_distribution_points(value, &points, why) &&
           distribution_point_next(&points, &point, why) &&
           take_url(point.name, facts->freshest, why);
}

static bool take_extension(const struct extension *extension,
    struct crl_facts *facts, struct failure *why)
{
    char name[OID_TEXT] = "";

    if (extension->type == OID_AUTHORITY_KEY_IDENTIFIER)
        return take_key_identifier(extension->value, facts, why);
    if (extension->type == OID_CRL_NUMBER)
        return take_number(extension->value, &facts->number, why);
    if (extension->type == OID_DELTA_CRL_INDICATOR)
        return take_number(extension->value, &facts->base_number, why);
    if (extension->type == OID_ISSUING_DISTRIBUTION_POINT)
        return take_distribution_point(extension->value, facts, why);
    if (extension->type == OID_FRESHEST_CRL)
        return take_freshest(extension->value, facts, why);
    return oid_print(extension->type_contents, name, why) &&
           fail_because(why, FAILURE_MALFORMED,
               "the extension %.60s is none that a list of ours has", name);
}

/*
 * The facts, encoded as we write them, are the same bytes: nothing is there
 * beside them (a flag, a second name, another order, another critical bit, an
 * extension missing or there twice).
 */
static bool check_encoding(struct bytes element, uint64_t start,
    const struct crl_facts *facts, struct failure *why)
{
    uint8_t room[CRL_ELEMENT_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes ours = {0};
    struct crl_plan plan = {.number = facts->number,
        .base_number = facts->base_number,
        .key_identifier = {facts->key_identifier, facts->key_identifier_length},
        .distribution_point = facts->distribution_point[0] == '\0'
                                  ? NULL
                                  : facts->distribution_point,
        .freshest = facts->freshest[0] == '\0' ? NULL : facts->freshest};
    size_t same = 0;

    crl_write_extensions(&writer, &plan);
    if (!der_writer_take(&writer, &ours, why))
        return false;
    if (bytes_equal(ours, element))
        return true;
    while (same < ours.length && same < element.length &&
           ours.start[same] == element.start[same])
        same++;
    return crl_refuse_at(start + same,
        "the extensions are not encoded as a list of ours has them", why);
}

/* What is wrong with the facts together, or NULL. */
static const char *fault_of_facts(
    const struct crl_facts *facts, bool has_removals)
{
    if (facts->key_identifier_length == 0)
        return "the issuer's key identifier is missing (RFC 5280, 5.2.1)";
    if (facts->base_number != 0 && facts->base_number >= facts->number)
        return "a delta is to a list that is not older (RFC 5280, 5.2.4)";
    if (facts->base_number != 0 && facts->freshest[0] != '\0')
        return "a delta names a delta (RFC 5280, 5.2.6)";
    if (facts->base_number == 0 && has_removals)
        return "removeFromCRL stands outside a delta (RFC 5280, 5.3.1)";
    return NULL;
}

static bool read_extensions(
    struct bytes element, struct crl_facts *facts, struct failure *why)
{
    struct der_reader reader = der_reader_of(element);
    struct der_reader outer = {0};
    struct der_reader extensions = {0};
    struct extension extension = {0};

    if (!der_read(&reader, DER_CONTEXT_HOLDING(0), &outer, why) ||
        !der_read(&outer, DER_SEQUENCE, &extensions, why) ||
        !extensions_check(extensions, why))
        return false;
    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why) ||
            !take_extension(&extension, facts, why))
            return false;
    }
    return true;
}

bool crl_scan_extensions(struct bytes element, uint64_t start,
    bool has_removals, struct crl_facts *facts, struct failure *why)
{
    struct failure inside = {0};

    if (!read_extensions(element, facts, &inside))
        return crl_refuse_element(start, "the extensions", &inside, why);
    const char *fault = fault_of_facts(facts, has_removals);
    if (fault != NULL)
        return crl_refuse_at(start, fault, why);
    return check_encoding(element, start, facts, why);
}
