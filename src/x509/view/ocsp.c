#include "x509/ocsp.h"

#include "x509/crl.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/view.h"

static void show_status(struct view_document *document, size_t group,
    const struct ocsp_single *single)
{
    const char *reason = crl_reason_name(single->reason);
    size_t node = VIEW_NOWHERE;

    switch (single->status) {
    case OCSP_GOOD:
        node = view_print(document, group, "Status", "good");
        view_tone(document, node, VIEW_GOOD);
        break;
    case OCSP_REVOKED:
        node = view_print(document, group, "Status", "revoked");
        view_tone(document, node, VIEW_BAD);
        (void)view_time(document, group, "Revoked at", single->revoked_at);
        if (single->reason != CRL_REASON_ABSENT)
            (void)view_print(document, group, "Reason", "%s",
                reason == NULL ? "a number without a meaning" : reason);
        break;
    case OCSP_UNKNOWN:
    default:
        (void)view_print(document, group, "Status",
            "unknown: the responder has not heard of it");
        break;
    }
}

static void show_dates(struct view_document *document, size_t group,
    const struct ocsp_single *single, const struct view_options *options)
{
    char distance[VIEW_DISTANCE_TEXT] = "";
    size_t node = view_time(document, group, "As of", single->this_update);

    view_distance_print(single->this_update - options->now, distance);
    view_note(document, node, "%s", distance);
    if (single->next_update == 0)
        return;
    node = view_time(document, group, "Next one at", single->next_update);
    view_distance_print(single->next_update - options->now, distance);
    view_note(document, node, "%s", distance);
    if (single->next_update < options->now)
        view_tone(document, node, VIEW_BAD);
}

static void show_single(struct view_document *document, size_t list,
    const struct ocsp_single *single, const struct view_options *options)
{
    size_t group = view_group(document, list, NULL);

    (void)view_serial(document, group, "Serial number", single->id.serial);
    show_status(document, group, single);
    show_dates(document, group, single, options);
    (void)view_algorithm(document, group, "Digest", single->id.hash_algorithm);
    (void)view_hex(
        document, group, "Digest of issuer's name", single->id.name_hash);
    (void)view_hex(
        document, group, "Digest of issuer's key", single->id.key_hash);
    if (!der_at_end(&single->extensions))
        view_extensions(document, group, "Extensions", single->extensions);
}

static int64_t show_singles(struct view_document *document,
    struct der_reader singles, const struct view_options *options)
{
    size_t list = view_list(document, document->details, "Answers");
    struct ocsp_single single = {0};
    struct failure why = {0};
    int64_t count = 0;

    while (!der_at_end(&singles)) {
        if (!ocsp_next_single(&singles, &single, &why)) {
            view_damage(document, list, &why);
            break;
        }
        if (count++ < VIEW_ITEMS_MAX)
            show_single(document, list, &single, options);
    }
    if (count > VIEW_ITEMS_MAX)
        view_note(document, list, "the first %d of %lld", VIEW_ITEMS_MAX,
            (long long)count);
    return count;
}

static void show_certificates(
    struct view_document *document, struct der_reader certificates)
{
    size_t list = view_list(document, document->details, "Certificates");
    struct bytes der = {0};
    struct failure why = {0};

    for (int i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&certificates); i++) {
        struct certificate certificate = {0};
        size_t node = VIEW_NOWHERE;

        if (!ocsp_next_certificate(&certificates, &der, &why)) {
            view_damage(document, list, &why);
            return;
        }
        if (certificate_read(der, &certificate, &why))
            node = view_name(document, list, NULL, certificate.tbs.subject);
        else
            node = view_print(document, list, NULL, "(damaged)");
        view_at(document, node, der);
    }
}

static void show_responder(struct view_document *document, size_t parent,
    const struct ocsp_response *answer)
{
    if (answer->responder_name.length > 0)
        (void)view_name(
            document, parent, "Answered by", answer->responder_name);
    else
        (void)view_hex(
            document, parent, "Answered by the key", answer->responder_key);
}

/* The one answer that most have is said in General too. */
static void show_first(struct view_document *document,
    struct der_reader singles, const struct view_options *options)
{
    struct ocsp_single single = {0};
    struct failure why = {0};

    if (der_at_end(&singles) || !ocsp_next_single(&singles, &single, &why))
        return;
    (void)view_serial(
        document, document->general, "About the certificate", single.id.serial);
    show_status(document, document->general, &single);
    show_dates(document, document->general, &single, options);
}

static void show_answer(struct view_document *document,
    const struct ocsp_response *answer, const struct view_options *options)
{
    size_t details = document->details;
    int64_t count = 0;

    show_responder(document, document->general, answer);
    show_responder(document, details, answer);
    (void)view_time(document, details, "Produced at", answer->produced_at);
    count = show_singles(document, answer->singles, options);
    if (count == 1)
        show_first(document, answer->singles, options);
    else
        (void)view_number(document, document->general, "Answers", count);
    if (!der_at_end(&answer->extensions))
        view_extensions(document, details, "Extensions", answer->extensions);
    show_certificates(document, answer->certificates);
    (void)view_algorithm(
        document, details, "Signed with", answer->signature_algorithm);
    (void)view_hex(document, details, "Signature", answer->signature);
}

void view_ocsp(
    struct view_document *document, const struct view_options *options)
{
    struct ocsp_response answer = {0};
    struct failure why = {0};

    if (!ocsp_response_read(document->der, &answer, &why)) {
        view_damage(document, document->details, &why);
        return;
    }
    if (answer.status == OCSP_SUCCESSFUL)
        show_answer(document, &answer, options);
    else
        view_tone(document,
            view_print(document, document->general, "Status",
                "no answer: the responder says %s",
                ocsp_response_status_name(answer.status)),
            VIEW_BAD);
    (void)view_fingerprint(document, document->general, document->der);
}
