#ifndef X509_VIEW_EXTENSION_H
#define X509_VIEW_EXTENSION_H

#include "x509/extension.h"
#include "x509/view/document.h"

/* Every extension of a certificate, request, list or answer, decoded; one that
 * is not known is shown with its object identifier, registered name and bytes.
 * extensions: contents of SEQUENCE OF Extension.  A damaged one is told in its
 * place, and the next is shown. */
void view_extensions(struct view_document *document, size_t parent,
    const char *label, struct der_reader extensions);

/* One kind of extension: shows its value, or says why it can't be read. */
typedef bool view_extension_shower(struct view_document *document,
    size_t parent, struct bytes value, struct failure *why);

/* extension_names.c */
view_extension_shower view_alternative_names, view_name_constraints,
    view_distribution_points, view_access_descriptions,
    view_authority_key_identifier, view_issuing_distribution_point,
    view_certificate_issuer;
/* extension_policy.c */
view_extension_shower view_policies, view_policy_mappings,
    view_policy_constraints, view_inhibit_any_policy, view_statements;
/* extension_basic.c */
view_extension_shower view_key_usage, view_purposes, view_basic_constraints,
    view_subject_key_identifier, view_usage_period, view_features, view_null,
    view_reason_code, view_invalidity_date, view_crl_number;
/* extension_vendor.c */
view_extension_shower view_sct_list, view_template_name, view_template,
    view_ca_version, view_security, view_netscape_type, view_string,
    view_application_policies;

/* What key usages are called, from bit 0 on. */
#define VIEW_KEY_USAGES 9
extern const char *const view_key_usage_words[VIEW_KEY_USAGES];
#define VIEW_REASONS 9
extern const char *const view_reason_words[VIEW_REASONS];

#endif
