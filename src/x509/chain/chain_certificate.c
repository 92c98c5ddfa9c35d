#include "x509/chain/chain_certificate.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "x509/chain/extension_walk.h"
#include "x509/name_match.h"

/* What a type is to the engine; anything else is unknown to it. */
static const enum oid types[CHAIN_EXTENSIONS] = {
    [CHAIN_AUTHORITY_KEY_IDENTIFIER] = OID_AUTHORITY_KEY_IDENTIFIER,
    [CHAIN_SUBJECT_KEY_IDENTIFIER] = OID_SUBJECT_KEY_IDENTIFIER,
    [CHAIN_KEY_USAGE] = OID_KEY_USAGE,
    [CHAIN_CERTIFICATE_POLICIES] = OID_CERTIFICATE_POLICIES,
    [CHAIN_POLICY_MAPPINGS] = OID_POLICY_MAPPINGS,
    [CHAIN_SUBJECT_ALT_NAME] = OID_SUBJECT_ALT_NAME,
    [CHAIN_ISSUER_ALT_NAME] = OID_ISSUER_ALT_NAME,
    [CHAIN_BASIC_CONSTRAINTS] = OID_BASIC_CONSTRAINTS,
    [CHAIN_NAME_CONSTRAINTS] = OID_NAME_CONSTRAINTS,
    [CHAIN_POLICY_CONSTRAINTS] = OID_POLICY_CONSTRAINTS,
    [CHAIN_EXTENDED_KEY_USAGE] = OID_EXTENDED_KEY_USAGE,
    [CHAIN_CRL_DISTRIBUTION_POINTS] = OID_CRL_DISTRIBUTION_POINTS,
    [CHAIN_INHIBIT_ANY_POLICY] = OID_INHIBIT_ANY_POLICY,
    [CHAIN_FRESHEST_CRL] = OID_FRESHEST_CRL,
    [CHAIN_AUTHORITY_INFO_ACCESS] = OID_AUTHORITY_INFO_ACCESS,
    [CHAIN_SUBJECT_INFO_ACCESS] = OID_SUBJECT_INFO_ACCESS,
    [CHAIN_OCSP_NO_CHECK] = OID_OCSP_NO_CHECK,
    [CHAIN_TLS_FEATURE] = OID_TLS_FEATURE,
};

static enum chain_extension extension_of(enum oid type)
{
    unsigned int extension = 0;

    while (extension < CHAIN_EXTENSIONS && types[extension] != type)
        extension++;
    return (enum chain_extension)extension;
}

static bool read_value(struct chain_certificate *found,
    enum chain_extension extension, struct bytes value, struct failure *why)
{
    struct der_reader names = {0};

    switch (extension) {
    case CHAIN_AUTHORITY_KEY_IDENTIFIER:
        return extension_authority_key_identifier(
            value, &found->authority_key, why);
    case CHAIN_SUBJECT_KEY_IDENTIFIER:
        return extension_key_identifier(value, &found->key_identifier, why);
    case CHAIN_KEY_USAGE:
        return extension_key_usage(value, &found->key_usage, why);
    case CHAIN_CERTIFICATE_POLICIES:
        return walk_policies(value, why);
    case CHAIN_POLICY_MAPPINGS:
        return walk_policy_mappings(value, why);
    case CHAIN_SUBJECT_ALT_NAME:
        return extension_general_names(value, &found->other_names, why);
    case CHAIN_ISSUER_ALT_NAME:
        return extension_general_names(value, &names, why);
    case CHAIN_BASIC_CONSTRAINTS:
        return extension_basic_constraints(value, &found->basic, why);
    case CHAIN_NAME_CONSTRAINTS:
        return walk_name_constraints(value, why);
    case CHAIN_POLICY_CONSTRAINTS:
        return walk_policy_constraints(value, why);
    case CHAIN_EXTENDED_KEY_USAGE:
        return extension_purposes(value, &found->purposes, why);
    case CHAIN_CRL_DISTRIBUTION_POINTS:
    case CHAIN_FRESHEST_CRL:
        return walk_distribution_points(value, why);
    case CHAIN_INHIBIT_ANY_POLICY:
        return walk_inhibit_any_policy(value, why);
    case CHAIN_AUTHORITY_INFO_ACCESS:
    case CHAIN_SUBJECT_INFO_ACCESS:
        return walk_access(value, why);
    case CHAIN_OCSP_NO_CHECK:
        return walk_ocsp_no_check(value, why);
    case CHAIN_TLS_FEATURE:
        return walk_tls_feature(value, why);
    case CHAIN_EXTENSIONS:
        break;
    }
    return fail_because(why, FAILURE_INTERNAL, "an extension without a reader");
}

/* Hints, which never forbid a path here, and what a handshake heeds: a critical
 * one asks for more, so it is not processed (RFC 5280, 4.2).  An authority must
 * not mark them (4.2.1.1, 4.2.1.2, 4.2.1.15, 4.2.2). */
static bool is_hint(enum chain_extension extension)
{
    return extension == CHAIN_AUTHORITY_KEY_IDENTIFIER ||
           extension == CHAIN_SUBJECT_KEY_IDENTIFIER ||
           extension == CHAIN_ISSUER_ALT_NAME ||
           extension == CHAIN_FRESHEST_CRL ||
           extension == CHAIN_AUTHORITY_INFO_ACCESS ||
           extension == CHAIN_SUBJECT_INFO_ACCESS ||
           extension == CHAIN_TLS_FEATURE;
}

/* 4.2.1.4: who can't interpret a qualifier of a critical one rejects it. */
static bool is_processed(
    enum chain_extension place, const struct extension *extension)
{
    if (place == CHAIN_CERTIFICATE_POLICIES)
        return policy_qualifiers_are_known(extension->value);
    return !is_hint(place);
}

static void refuse_critical(
    struct chain_certificate *found, const struct extension *extension)
{
    if (extension->critical && found->unknown_critical.length == 0)
        found->unknown_critical = extension->type_contents;
}

static bool take_extension(struct chain_certificate *found,
    const struct extension *extension, struct failure *why)
{
    enum chain_extension place = extension_of(extension->type);
    struct failure inner = {0};

    if (place == CHAIN_EXTENSIONS) {
        refuse_critical(found, extension);
        return true;
    }
    if (!read_value(found, place, extension->value, &inner))
        return fail_because(why, inner.kind, "%s can't be read: %s",
            oid_row(extension->type)->name, inner.reason);
    if (!is_processed(place, extension))
        refuse_critical(found, extension);
    found->present |= UINT32_C(1) << place;
    if (extension->critical)
        found->critical |= UINT32_C(1) << place;
    found->values[place] = extension->value;
    return true;
}

static bool take_extensions(
    struct chain_certificate *found, struct failure *why)
{
    struct der_reader extensions = found->certificate.tbs.extensions;
    struct extension extension = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why) ||
            !take_extension(found, &extension, why))
            return false;
    }
    return true;
}

bool chain_certificate_read(struct bytes der, const char *origin,
    struct chain_certificate *certificate, bool *at_extension,
    struct failure *why)
{
    struct chain_certificate found = {.origin = origin};
    const struct tbs_certificate *tbs = &found.certificate.tbs;

    *at_extension = false;
    if (!certificate_read(der, &found.certificate, why) ||
        !sha256(&der, 1, found.sha256, why))
        return false;
    found.is_self_issued = name_matches(tbs->subject, tbs->issuer);
    if (!take_extensions(&found, why)) {
        *at_extension = true;
        return false;
    }
    *certificate = found;
    return true;
}

#define PRINTED_NAME_MAX (64 * 1024)

/* Certificates of servers often have no other name (RFC 5280, 4.1.2.6). */
static bool print_first_name(
    const struct tbs_certificate *tbs, struct buffer *printed)
{
    struct extension extension = {0};
    struct general_name name = {0};
    struct der_reader names = {0};
    struct failure unread = {0};
    bool found = false;

    return extensions_find(tbs->extensions, OID_SUBJECT_ALT_NAME, &extension,
               &found, &unread) &&
           found && extension_general_names(extension.value, &names, &unread) &&
           !der_at_end(&names) && general_name_next(&names, &name, &unread) &&
           buffer_append_text(printed, "the certificate for ", &unread) &&
           general_name_print(&name, printed, &unread);
}

void chain_certificate_print(const struct chain_certificate *certificate,
    char text[static CHAIN_NAME_TEXT])
{
    RELEASED(buffer) printed = BUFFER("a name", PRINTED_NAME_MAX);
    const struct tbs_certificate *tbs = &certificate->certificate.tbs;
    char serial[SERIAL_TEXT] = "";
    struct failure unread = {0};

    if (!name_is_empty(tbs->subject) &&
        name_print(tbs->subject, &printed, &unread) && printed.length > 0) {
        text_copy_beginning(buffer_view(&printed), text, CHAIN_NAME_TEXT);
        return;
    }
    buffer_clear(&printed);
    if (name_is_empty(tbs->subject) && print_first_name(tbs, &printed)) {
        text_copy_beginning(buffer_view(&printed), text, CHAIN_NAME_TEXT);
        return;
    }
    serial_print(tbs->serial, serial);
    (void)snprintf(
        text, CHAIN_NAME_TEXT, "the certificate with serial %s", serial);
}
