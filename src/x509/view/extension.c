#include "x509/view/extension.h"

#include <string.h>

#include "x509/view/element.h"
#include "x509/view/fields.h"
#include "x509/view/oid_name.h"

struct known_extension {
    enum oid type;
    view_extension_shower *show;
};

static const struct known_extension known[] = {
    {OID_SUBJECT_KEY_IDENTIFIER, view_subject_key_identifier},
    {OID_KEY_USAGE, view_key_usage},
    {OID_PRIVATE_KEY_USAGE_PERIOD, view_usage_period},
    {OID_SUBJECT_ALT_NAME, view_alternative_names},
    {OID_ISSUER_ALT_NAME, view_alternative_names},
    {OID_BASIC_CONSTRAINTS, view_basic_constraints},
    {OID_CRL_NUMBER, view_crl_number},
    {OID_REASON_CODE, view_reason_code},
    {OID_INVALIDITY_DATE, view_invalidity_date},
    {OID_DELTA_CRL_INDICATOR, view_crl_number},
    {OID_ISSUING_DISTRIBUTION_POINT, view_issuing_distribution_point},
    {OID_CERTIFICATE_ISSUER, view_certificate_issuer},
    {OID_NAME_CONSTRAINTS, view_name_constraints},
    {OID_CRL_DISTRIBUTION_POINTS, view_distribution_points},
    {OID_CERTIFICATE_POLICIES, view_policies},
    {OID_POLICY_MAPPINGS, view_policy_mappings},
    {OID_AUTHORITY_KEY_IDENTIFIER, view_authority_key_identifier},
    {OID_POLICY_CONSTRAINTS, view_policy_constraints},
    {OID_EXTENDED_KEY_USAGE, view_purposes},
    {OID_FRESHEST_CRL, view_distribution_points},
    {OID_INHIBIT_ANY_POLICY, view_inhibit_any_policy},
    {OID_AUTHORITY_INFO_ACCESS, view_access_descriptions},
    {OID_SUBJECT_INFO_ACCESS, view_access_descriptions},
    {OID_TLS_FEATURE, view_features},
    {OID_OCSP_NO_CHECK, view_null},
    {OID_SCT_LIST, view_sct_list},
    {OID_PRECERT_POISON, view_null},
};

/* Those that have no row in x509/oid.h, since nothing is decided by them. */
static const struct {
    const char *oid;
    view_extension_shower *show;
} foreign[] = {
    {"1.3.6.1.4.1.311.20.2", view_template_name},
    {"1.3.6.1.4.1.311.21.7", view_template},
    {"1.3.6.1.4.1.311.21.1", view_ca_version},
    {"1.3.6.1.4.1.311.21.10", view_application_policies},
    {"1.3.6.1.4.1.311.25.2", view_security},
    {"2.16.840.1.113730.1.1", view_netscape_type},
    {"2.16.840.1.113730.1.2", view_string},
    {"2.16.840.1.113730.1.3", view_string},
    {"2.16.840.1.113730.1.4", view_string},
    {"2.16.840.1.113730.1.7", view_string},
    {"2.16.840.1.113730.1.8", view_string},
    {"2.16.840.1.113730.1.12", view_string},
    {"2.16.840.1.113730.1.13", view_string},
    {"1.3.6.1.5.5.7.1.3", view_statements},
};

static view_extension_shower *shower_of(const struct extension *extension)
{
    char dotted[OID_TEXT] = "";
    struct failure why = {0};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (extension->type != OID_UNKNOWN && known[i].type == extension->type)
            return known[i].show;
    }
    if (!oid_print(extension->type_contents, dotted, &why))
        return NULL;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
        if (strcmp(foreign[i].oid, dotted) == 0)
            return foreign[i].show;
    }
    return NULL;
}

static void show_value(struct view_document *document, size_t group,
    const struct extension *extension)
{
    view_extension_shower *show = shower_of(extension);
    struct failure cause = {0};
    struct failure why = {0};

    if (show == NULL) {
        (void)view_hex(document, group, "Value", extension->value);
        return;
    }
    if (show(document, group, extension->value, &cause))
        return;
    /* Reasons count from the value's first byte. */
    (void)fail_because(&why, cause.kind, "in the value at offset %zu: %.300s",
        (size_t)(extension->value.start - document->der.start), cause.reason);
    view_damage(document, group, &why);
    (void)view_hex(document, group, "Value", extension->value);
}

static void show_extension(struct view_document *document, size_t list,
    const struct extension *extension)
{
    char room[OID_TEXT] = "";
    char dotted[OID_TEXT] = "";
    struct failure why = {0};
    const char *name = view_oid_name(extension->type_contents, room);
    size_t group = VIEW_NOWHERE;

    if (!oid_print(extension->type_contents, dotted, &why))
        return;
    group = view_group(document, list, name == NULL ? dotted : name);
    view_at(document, group, extension->whole);
    if (name == NULL)
        view_note(document, group, "not known here");
    (void)view_print(document, group, "OID", "%s", dotted);
    (void)view_yes_no(document, group, "Critical", extension->critical);
    show_value(document, group, extension);
}

void view_extensions(struct view_document *document, size_t parent,
    const char *label, struct der_reader extensions)
{
    size_t list = view_list(document, parent, label);
    struct extension extension = {0};
    struct view_element element = {0};
    struct der_reader contents = {0};
    struct failure why = {0};
    struct failure unread = {0};
    size_t count = 0;

    while (!der_at_end(&extensions)) {
        if (count++ == VIEW_ITEMS_MAX) {
            view_note(document, list, "the first %d", VIEW_ITEMS_MAX);
            return;
        }
        if (extension_next(&extensions, &extension, &why)) {
            show_extension(document, list, &extension);
            continue;
        }
        view_damage(document, list, &why);
        if (!view_element_next(&extensions, &element, &contents, &unread) ||
            element.is_cut || element.is_indefinite)
            return;
    }
}
