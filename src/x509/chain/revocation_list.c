#include <stdio.h>

#include "x509/chain/revocation_parts.h"

/* --- what its extensions say (5.2) ---------------------------------------- */

static bool take_number(const struct extension *extension,
    struct status_list *list, struct failure *why)
{
    list->has_number = true;
    list->number_is_critical = extension->critical;
    return extension_crl_number(extension->value, &list->number, why);
}

static bool take_extension(const struct extension *extension,
    struct status_list *list, struct failure *why)
{
    if (extension->type == OID_CRL_NUMBER)
        return take_number(extension, list, why);
    if (extension->type == OID_DELTA_CRL_INDICATOR) {
        list->is_delta = true;
        return extension_crl_number(extension->value, &list->base, why);
    }
    if (extension->type == OID_ISSUING_DISTRIBUTION_POINT) {
        list->has_point = true;
        list->point_value = extension->value;
        return extension_issuing_distribution_point(
            extension->value, &list->point, why);
    }
    if (extension->type == OID_AUTHORITY_KEY_IDENTIFIER)
        return extension_authority_key_identifier(
            extension->value, &list->authority_key, why);
    return true;
}

static bool take_extensions(struct status_list *list, struct failure *why)
{
    struct der_reader extensions = list->crl->extensions;
    struct extension extension = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why) ||
            !take_extension(&extension, list, why))
            return false;
    }
    return true;
}

/* 5.1.2.1: only version 2 has extensions, of the list or of an entry. */
static bool check_version(const struct crl *crl, struct failure *why)
{
    struct der_reader entries = crl->entries;
    struct crl_entry entry = {0};
    bool has_extensions = crl->has_extensions;

    if (crl->version > 0)
        return true;
    while (!der_at_end(&entries) && !has_extensions) {
        if (!crl_next_entry(&entries, &entry, why))
            return false;
        has_extensions = entry.has_extensions;
    }
    return !has_extensions ||
           fail_because(why, FAILURE_MALFORMED,
               "it is of version 1 and has extensions (RFC 5280, 5.1.2.1)");
}

static bool check_form(const struct crl *crl, struct failure *why)
{
    if (!bytes_equal(crl->signature_algorithm, crl->body_algorithm))
        return fail_because(why, FAILURE_MALFORMED,
            "the signature algorithm inside is not the one beside the "
            "signature (RFC 5280, 5.1.1.2)");
    if (crl->has_entries && der_at_end(&crl->entries))
        return fail_because(why, FAILURE_MALFORMED,
            "its revokedCertificates are there and empty (RFC 5280, 5.1.2.6)");
    return check_version(crl, why);
}

bool status_list_read(const struct status_source *source,
    struct status_list *list, struct failure *why)
{
    *list = (struct status_list){.source = source, .crl = &source->of.crl};
    return take_extensions(list, why) && check_form(list->crl, why);
}

void status_list_print(
    const struct status_list *list, char text[static STATUS_SOURCE_TEXT])
{
    char name[CHAIN_NAME_TEXT], time[CLOCK_TEXT];

    issuer_name_print(list->crl->issuer, name);
    clock_print(list->crl->this_update, time);
    (void)snprintf(text, STATUS_SOURCE_TEXT, "the %slist of %s (%.60s, of %s)",
        list->is_delta ? "delta " : "", name,
        list->source->origin != NULL ? list->source->origin : "at hand", time);
}

/* --- may it be used? ------------------------------------------------------ */

static bool is_useless(const struct status_list *list,
    enum chain_profile profile, struct signer_gap *gap)
{
    const char *cause = NULL;

    gap->rank = GAP_USELESS;
    gap->rule = RULE_CRL_CRITICAL_EXTENSIONS;
    gap->code = VERDICT_REVOCATION_UNKNOWN;
    if (list->crl->has_unknown_critical)
        cause = "has a critical extension that is not known";
    else if (profile != CHAIN_PLAIN && list->crl->version > 0 &&
             !list->has_number)
        cause = "has no CRL number (5.2.3)";
    else if (profile != CHAIN_PLAIN && list->number_is_critical)
        cause = "has a critical CRL number (5.2.3)";
    if (cause != NULL)
        (void)snprintf(gap->evidence, sizeof(gap->evidence), "%s", cause);
    return cause != NULL;
}

/* 6.3.3 (a).  A list without an end is taken (RFC 5280 wants one; older ones
 * have none): whoever keeps it must know how old it may be. */
static bool is_not_current(
    const struct crl *crl, int64_t time, struct signer_gap *gap)
{
    char when[CLOCK_TEXT];

    gap->rank = GAP_NOT_CURRENT;
    gap->rule = RULE_CRL_CURRENT;
    gap->code = VERDICT_REVOCATION_UNKNOWN;
    if (crl->this_update > time) {
        clock_print(crl->this_update, when);
        (void)snprintf(gap->evidence, sizeof(gap->evidence),
            "is not valid before %s", when);
        return true;
    }
    if (crl->next_update == 0 || crl->next_update >= time)
        return false;
    gap->code = VERDICT_CRL_EXPIRED;
    clock_print(crl->next_update, when);
    (void)snprintf(
        gap->evidence, sizeof(gap->evidence), "has expired at %s", when);
    return true;
}

/* Told of every certificate that the list is about. */
static void note_gap(struct revocation_desk *desk,
    const struct status_list *list, const struct signer_gap *gap)
{
    char text[STATUS_SOURCE_TEXT];

    status_list_print(list, text);
    for (size_t i = 0; i < desk->standing_count; i++) {
        if (desk->standings[i].is_sought)
            standing_note(&desk->standings[i], gap->rank, gap->rule, gap->code,
                "%s %s", text, gap->evidence);
    }
}

/* Marks the certificates that it is about, and tells the others why not. */
static bool concerns_anyone(
    struct revocation_desk *desk, const struct status_list *list)
{
    bool does = false;

    for (size_t i = 0; i < desk->standing_count; i++) {
        struct standing *standing = &desk->standings[i];
        const char *why_not = NULL;
        char text[STATUS_SOURCE_TEXT];

        standing->is_sought = list_covers(desk, list, standing, &why_not) != 0;
        does = does || standing->is_sought;
        if (standing->is_sought || why_not == NULL)
            continue;
        status_list_print(list, text);
        standing_note(standing, GAP_OTHER, RULE_CRL_SCOPE,
            VERDICT_REVOCATION_UNKNOWN, "%s %s", text, why_not);
    }
    return does;
}

void status_list_admit(struct revocation_desk *desk, struct status_list *list)
{
    struct signer_gap gap = {0};

    if (list->is_judged || desk_is_spent(desk) || !concerns_anyone(desk, list))
        return;
    list->is_judged = true;
    if (!is_useless(list, desk->judgement->question->profile, &gap) &&
        !is_not_current(list->crl, desk->time, &gap))
        list->signer = status_list_signer(desk, list, &gap);
    if (list->signer != NULL && list->is_delta)
        gap = (struct signer_gap){GAP_OTHER, RULE_CRL_SCOPE,
            VERDICT_REVOCATION_UNKNOWN, "counts only with its base"};
    if (list->signer == NULL || list->is_delta)
        note_gap(desk, list, &gap);
}

void status_list_audit(struct revocation_desk *desk, struct status_list *list)
{
    const struct signer_gap gap = {GAP_SIGNER, RULE_CRL_ISSUER,
        VERDICT_REVOCATION_UNKNOWN,
        "is signed by a key whose certificate is revoked"};

    if (list->signer == NULL || desk_has_on_path(desk, list->signer) ||
        !status_lists_revoke(desk, list->signer))
        return;
    list->signer = NULL;
    if (concerns_anyone(desk, list))
        note_gap(desk, list, &gap);
}
