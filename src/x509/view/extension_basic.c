#include "x509/crl.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/oid_name.h"

const char *const view_key_usage_words[VIEW_KEY_USAGES] = {"digitalSignature",
    "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};

/* RFC 5280, 4.2.1.13: ReasonFlags */
const char *const view_reason_words[VIEW_REASONS] = {"unused", "keyCompromise",
    "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
    "certificateHold", "privilegeWithdrawn", "aACompromise"};

bool view_key_usage(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    uint32_t bits = 0;

    if (!extension_key_usage(value, &bits, why))
        return false;
    (void)view_bits(document, parent, "Usages", bits, view_key_usage_words,
        VIEW_KEY_USAGES);
    return true;
}

static bool show_oids(struct view_document *document, size_t list,
    struct der_reader oids, struct failure *why)
{
    struct bytes oid = {0};

    for (size_t i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&oids); i++) {
        if (!der_read_oid(&oids, &oid, why))
            return false;
        (void)view_oid(document, list, NULL, oid);
    }
    if (!der_at_end(&oids))
        view_note(document, list, "the first %d", VIEW_ITEMS_MAX);
    return true;
}

bool view_purposes(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader purposes = {0};

    return extension_purposes(value, &purposes, why) &&
           show_oids(document, view_list(document, parent, "Purposes"),
               purposes, why);
}

bool view_basic_constraints(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct basic_constraints basic = {0};

    if (!extension_basic_constraints(value, &basic, why))
        return false;
    (void)view_yes_no(document, parent, "Authority", basic.is_authority);
    if (basic.has_path_length)
        (void)view_number(
            document, parent, "Path length", (int64_t)basic.path_length);
    return true;
}

bool view_subject_key_identifier(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct bytes identifier = {0};

    if (!extension_key_identifier(value, &identifier, why))
        return false;
    (void)view_hex(document, parent, "Key identifier", identifier);
    return true;
}

/* RFC 3280, 4.2.1.4: GeneralizedTimes, tagged. */
static bool show_period_end(struct view_document *document, size_t parent,
    const char *label, unsigned int tag, struct der_reader *reader,
    struct failure *why)
{
    struct der_reader text = {0};
    bool present = false;

    if (!der_read_optional(reader, tag, &text, &present, why))
        return false;
    if (present)
        (void)view_text(document, parent, label, der_remaining(&text));
    return true;
}

bool view_usage_period(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           show_period_end(document, parent, "Not before", DER_CONTEXT(0),
               &contents, why) &&
           show_period_end(
               document, parent, "Not after", DER_CONTEXT(1), &contents, why) &&
           der_finish(&contents, "the period", why);
}

/* RFC 7633; the numbers are those of TLS extensions. */
bool view_features(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader features = {0};
    size_t list = view_list(document, parent, "Features");
    uint32_t feature = 0;

    if (!der_read(&reader, DER_SEQUENCE, &features, why))
        return false;
    for (size_t i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&features); i++) {
        if (!der_read_small_integer(&features, &feature, why))
            return false;
        (void)view_print(document, list, NULL, "%u%s", feature,
            feature == 5    ? " (status_request: OCSP must be stapled)"
            : feature == 17 ? " (status_request_v2)"
                            : "");
    }
    return true;
}

bool view_null(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    if (!der_read(&reader, DER_NULL, &contents, why))
        return false;
    (void)view_print(document, parent, "Value", "present (NULL)");
    return true;
}

bool view_reason_code(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    struct bytes number = {0};
    const char *name = NULL;

    if (!der_read(&reader, DER_ENUMERATED, &contents, why))
        return false;
    number = der_remaining(&contents);
    if (number.length == 1)
        name = crl_reason_name(number.start[0]);
    if (name == NULL)
        (void)view_hex(document, parent, "Reason", number);
    else
        (void)view_print(document, parent, "Reason", "%s", name);
    return true;
}

bool view_invalidity_date(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    int64_t time = 0;

    if (!der_read_time(&reader, &time, why))
        return false;
    (void)view_time(document, parent, "Invalid since", time);
    return true;
}

bool view_crl_number(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct bytes number = {0};

    if (!extension_crl_number(value, &number, why))
        return false;
    (void)view_serial(document, parent, "Number", number);
    return true;
}

bool view_application_policies(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    return view_policies(document, parent, value, why);
}
