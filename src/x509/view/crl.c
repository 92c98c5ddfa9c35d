#include "x509/crl.h"

#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/view.h"

#define ENTRIES_FIRST 20
#define ENTRIES_ALL 20000 /* fields of theirs stay within VIEW_NODES_MAX */

static void show_entry(
    struct view_document *document, size_t list, const struct crl_entry *entry)
{
    size_t group = view_group(document, list, NULL);

    (void)view_serial(document, group, "Serial number", entry->serial);
    (void)view_time(document, group, "Revoked at", entry->revoked_at);
    if (entry->reason != CRL_REASON_ABSENT) {
        const char *name = crl_reason_name(entry->reason);

        (void)view_print(document, group, "Reason", "%s",
            name == NULL ? "a number without a meaning" : name);
    }
    if (entry->invalidity_date != 0)
        (void)view_time(
            document, group, "Invalid since", entry->invalidity_date);
    if (entry->certificate_issuer.length > 0)
        (void)view_general_names(document, group, "Certificate issuer",
            der_reader_of(entry->certificate_issuer));
    if (entry->has_unknown_critical)
        view_extensions(document, group, "Extensions", entry->extensions);
}

/* A list of a million is counted, and its first are shown. */
static size_t show_entries(struct view_document *document,
    struct der_reader entries, const struct view_options *options)
{
    size_t list = view_list(document, document->details, "Entries");
    struct crl_entry entry = {0};
    struct failure why = {0};
    size_t most = options->shows_all ? ENTRIES_ALL : ENTRIES_FIRST;
    size_t count = 0;

    while (!der_at_end(&entries)) {
        if (!crl_next_entry(&entries, &entry, &why)) {
            view_damage(document, list, &why);
            break;
        }
        if (count++ < most)
            show_entry(document, list, &entry);
    }
    if (count > most)
        view_note(document, list, "the first %zu of %zu", most, count);
    return count;
}

static void show_dates(struct view_document *document, const struct crl *crl,
    const struct view_options *options)
{
    char distance[VIEW_DISTANCE_TEXT] = "";
    size_t node =
        view_time(document, document->general, "Issued at", crl->this_update);

    view_distance_print(crl->this_update - options->now, distance);
    view_note(document, node, "%s", distance);
    if (crl->next_update == 0) {
        (void)view_print(
            document, document->general, "Next one at", "(it does not say)");
        return;
    }
    node =
        view_time(document, document->general, "Next one at", crl->next_update);
    view_distance_print(crl->next_update - options->now, distance);
    view_note(document, node, "%s", distance);
    node = view_print(document, document->general, "Status",
        crl->next_update < options->now
            ? "out of date: a newer list should be there"
            : "current by its dates");
    view_tone(document, node,
        crl->next_update < options->now ? VIEW_BAD : VIEW_PLAIN);
}

static void show_list(struct view_document *document, const struct crl *crl,
    const struct view_options *options)
{
    size_t details = document->details;
    size_t count = 0;

    (void)view_number(document, details, "Version", (int64_t)crl->version + 1);
    (void)view_algorithm(
        document, details, "Signature algorithm", crl->body_algorithm);
    (void)view_name(document, details, "Issuer", crl->issuer);
    (void)view_attributes(document, details, "Issuer attributes", crl->issuer);
    (void)view_time(document, details, "This update", crl->this_update);
    if (crl->next_update != 0)
        (void)view_time(document, details, "Next update", crl->next_update);
    if (crl->has_extensions)
        view_extensions(document, details, "Extensions", crl->extensions);
    count = show_entries(document, crl->entries, options);
    (void)view_algorithm(
        document, details, "Signed with", crl->signature_algorithm);
    (void)view_hex(document, details, "Signature", crl->signature);

    (void)view_name(document, document->general, "Issued by", crl->issuer);
    show_dates(document, crl, options);
    (void)view_number(
        document, document->general, "Revoked certificates", (int64_t)count);
}

/* --- a damaged one --------------------------------------------------------
 */

/* RFC 5280, 5.1: up to the dates; false where it broke. */
static bool show_head(struct view_document *document, struct der_reader *body,
    struct failure *why)
{
    size_t details = document->details;
    struct algorithm_identifier algorithm = {0};
    struct der_reader inside = {0};
    struct bytes issuer = {0};
    int64_t time = 0;
    uint32_t version = 0;

    if (der_peek(body) == DER_INTEGER &&
        !der_read_small_integer(body, &version, why))
        return false;
    if (!algorithm_identifier_read(body, &algorithm, why) ||
        !der_read_element(body, DER_SEQUENCE, &inside, &issuer, why))
        return false;
    (void)view_name(document, document->general, "Issued by", issuer);
    (void)view_name(document, details, "Issuer", issuer);
    if (!der_read_time(body, &time, why))
        return false;
    (void)view_time(document, details, "This update", time);
    if (der_peek(body) != DER_UTC_TIME &&
        der_peek(body) != DER_GENERALIZED_TIME)
        return true;
    if (!der_read_time(body, &time, why))
        return false;
    (void)view_time(document, details, "Next update", time);
    return true;
}

/* What its reader refused is shown as far as it goes. */
static void show_damaged(struct view_document *document,
    const struct view_options *options, const struct failure *refused)
{
    size_t details = document->details;
    struct der_reader reader = der_reader_of(document->der);
    struct der_reader contents = {0};
    struct der_reader body = {0};
    struct der_reader entries = {0};
    struct failure why = {0};

    if (view_open(document, details, &reader, DER_SEQUENCE, &contents) &&
        view_open(document, details, &contents, DER_SEQUENCE, &body)) {
        if (!show_head(document, &body, &why))
            view_damage(document, details, &why);
        else if (der_peek(&body) == DER_SEQUENCE &&
                 view_open(document, details, &body, DER_SEQUENCE, &entries))
            (void)show_entries(document, entries, options);
    }
    if (!document->is_damaged)
        view_damage(document, details, refused);
}

void view_crl(
    struct view_document *document, const struct view_options *options)
{
    struct crl crl = {0};
    struct failure why = {0};

    if (crl_read(document->der, &crl, &why))
        show_list(document, &crl, options);
    else
        show_damaged(document, options, &why);
    (void)view_fingerprint(document, document->general, document->der);
}
