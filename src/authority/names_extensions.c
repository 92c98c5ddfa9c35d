#include <stdio.h>

#include "authority/names_parts.h"

static bool has_purpose(const struct profile *profile, struct bytes purpose)
{
    for (size_t i = 0; i < profile->purpose_count; i++) {
        if (bytes_equal(oid_contents(profile->purposes[i]), purpose))
            return true;
    }
    return false;
}

/* An extension that can't be read asks for what the profile does not give. */
static bool asks_for_other_purposes(
    const struct extension *extension, const struct profile *profile)
{
    struct der_reader purposes = {0};
    struct bytes purpose = {0};
    struct failure unread = {0};

    if (!extension_purposes(extension->value, &purposes, &unread))
        return true;
    while (!der_at_end(&purposes)) {
        if (!der_read_oid(&purposes, &purpose, &unread) ||
            !has_purpose(profile, purpose))
            return true;
    }
    return false;
}

static bool asks_for_other_usages(
    const struct extension *extension, const struct profile *profile)
{
    struct failure unread = {0};
    uint32_t bits = 0;

    return !extension_key_usage(extension->value, &bits, &unread) ||
           (bits & ~profile->key_usage) != 0;
}

static bool asks_to_be_authority(
    const struct extension *extension, const struct profile *profile)
{
    struct failure unread = {0};
    struct basic_constraints basic = {0};

    return !extension_basic_constraints(extension->value, &basic, &unread) ||
           basic.is_authority != profile->is_authority;
}

/* What the certificate will say anyway needs no word, nor does a key
 * identifier, which programs add by themselves. */
static bool is_worth_a_notice(
    const struct extension *extension, const struct profile *profile)
{
    if (extension->type == OID_SUBJECT_ALT_NAME ||
        extension->type == OID_SUBJECT_KEY_IDENTIFIER)
        return false;
    if (extension->type == OID_EXTENDED_KEY_USAGE)
        return asks_for_other_purposes(extension, profile);
    if (extension->type == OID_KEY_USAGE)
        return asks_for_other_usages(extension, profile);
    if (extension->type == OID_BASIC_CONSTRAINTS)
        return asks_to_be_authority(extension, profile);
    return true;
}

/* AD CS ESC15: application policies that a request brought along were taken
 * over into certificates. */
bool names_tell_extensions(const struct request *request,
    const struct profile *profile, struct issuance_names *names,
    struct failure *why)
{
    struct der_reader extensions = request->extensions;
    struct extension extension = {0};
    char type[OID_TEXT];

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        if (!is_worth_a_notice(&extension, profile))
            continue;
        if (extension.type != OID_UNKNOWN)
            (void)snprintf(
                type, sizeof(type), "%s", oid_row(extension.type)->name);
        else if (!oid_print(extension.type_contents, type, why))
            return false;
        if (!buffer_print(&names->notices, why,
                "the request's extension %s is not taken over\n", type))
            return false;
    }
    return true;
}
