#include "x509/view/time_stamp.h"

#include <stdio.h>

#include "x509/algorithm_identifier.h"
#include "x509/pkcs7.h"
#include "x509/view/fields.h"

static bool show_imprint(struct view_document *document,
    struct der_reader *info, struct failure *why)
{
    struct der_reader imprint = {0};
    struct der_reader digest = {0};
    struct algorithm_identifier algorithm = {0};

    if (!der_read(info, DER_SEQUENCE, &imprint, why) ||
        !algorithm_identifier_read(&imprint, &algorithm, why) ||
        !der_read(&imprint, DER_OCTET_STRING, &digest, why))
        return false;
    (void)view_algorithm(
        document, document->details, "Digest algorithm", algorithm.whole);
    (void)view_hex(document, document->details, "Digest of what was stamped",
        der_remaining(&digest));
    return true;
}

#define DIGITS 14   /* YYYYMMDDHHMMSS */
#define TIME_MAX 40 /* the fraction of a second may be of any length */

static bool is_time(struct bytes text)
{
    if (text.length <= DIGITS || text.length > TIME_MAX ||
        text.start[text.length - 1] != 'Z')
        return false;
    for (size_t i = 0; i < text.length - 1; i++) {
        bool is_point = i == DIGITS && text.start[i] == '.';

        if (!is_point && (text.start[i] < '0' || text.start[i] > '9'))
            return false;
    }
    return true;
}

/* Its fraction of a second is why der_read_time does not take it; what is no
 * time is shown as it stands. */
static void show_when(struct view_document *document, size_t parent,
    const char *label, struct bytes text)
{
    const char *digits = (const char *)text.start;

    if (is_time(text))
        (void)view_print(document, parent, label,
            "%.4s-%.2s-%.2sT%.2s:%.2s:%.*s", digits, digits + 4, digits + 6,
            digits + 8, digits + 10, (int)(text.length - 12), digits + 12);
    else
        (void)view_text(document, parent, label, text);
}

/* RFC 3161, 2.4.2: seconds, [0] thousandths, [1] millionths of one. */
static bool show_accuracy(struct view_document *document,
    struct der_reader accuracy, struct failure *why)
{
    static const struct {
        unsigned int tag;
        const char *unit;
    } parts[] = {
        {DER_INTEGER, "s"}, {DER_CONTEXT(0), "ms"}, {DER_CONTEXT(1), "us"}};
    char text[80] = "";
    size_t length = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        struct der_reader number = {0};
        bool present = false;
        uint32_t value = 0;

        if (!der_read_optional(&accuracy, parts[i].tag, &number, &present, why))
            return false;
        if (!present)
            continue;
        for (; !der_at_end(&number); number.position++)
            value = value << 8 | number.whole.start[number.position];
        length += (size_t)snprintf(text + length, sizeof(text) - length,
            "%s%u %s", length == 0 ? "" : " ", value, parts[i].unit);
    }
    (void)view_print(document, document->details, "Accuracy", "%s", text);
    return true;
}

static bool show_time(struct view_document *document, struct der_reader *info,
    struct failure *why)
{
    struct der_reader time = {0};

    if (!der_read(info, DER_GENERALIZED_TIME, &time, why))
        return false;
    show_when(document, document->general, "Stamped at", der_remaining(&time));
    show_when(document, document->details, "Time", der_remaining(&time));
    return true;
}

static bool show_rest(struct view_document *document, struct der_reader *info,
    struct failure *why)
{
    struct der_reader contents = {0};
    struct bytes element = {0};
    struct bytes nonce = {0};
    struct general_name name = {0};
    bool present = false;
    bool ordering = false;

    if (!der_read_optional(info, DER_SEQUENCE, &contents, &present, why))
        return false;
    if (present && !show_accuracy(document, contents, why))
        return false;
    if (der_peek(info) == DER_BOOLEAN &&
        !der_read_boolean(info, &ordering, why))
        return false;
    (void)view_yes_no(document, document->details, "Ordering", ordering);
    if (der_peek(info) == DER_INTEGER) {
        if (!der_read_integer(info, &nonce, why))
            return false;
        (void)view_hex(document, document->details, "Nonce", nonce);
    }
    if (!der_read_optional(
            info, DER_CONTEXT_HOLDING(0), &contents, &present, why))
        return false;
    element = der_remaining(&contents);
    if (present && element.length > 0 &&
        general_name_next(&contents, &name, why))
        (void)view_general_name(
            document, document->general, "Stamped by", &name);
    return true;
}

void view_time_stamp(struct view_document *document, struct bytes content)
{
    struct der_reader reader = der_reader_of(content);
    struct der_reader info = {0};
    struct bytes policy = {0};
    struct bytes serial = {0};
    struct failure why = {0};
    uint32_t version = 0;

    if (!der_read(&reader, DER_SEQUENCE, &info, &why) ||
        !der_read_small_integer(&info, &version, &why) ||
        !der_read_oid(&info, &policy, &why) ||
        !show_imprint(document, &info, &why) ||
        !der_read_integer(&info, &serial, &why)) {
        view_damage(document, document->details, &why);
        return;
    }
    (void)view_oid(document, document->details, "Policy", policy);
    (void)view_serial(document, document->details, "Stamp number", serial);
    if (!show_time(document, &info, &why) || !show_rest(document, &info, &why))
        view_damage(document, document->details, &why);
}

/* PKIStatus, RFC 3161, 2.4.2 */
static const char *status_words(uint32_t status)
{
    static const char *const words[] = {"granted", "granted with changes",
        "refused", "waiting", "a revocation is near", "revoked"};

    return status < sizeof(words) / sizeof(*words) ? words[status]
                                                   : "a number without meaning";
}

static void show_token(struct view_document *document, struct bytes token)
{
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    if (!pkcs7_read(token, &pkcs7, &why)) {
        view_damage(document, document->details, &why);
        return;
    }
    if (pkcs7.has_content)
        view_time_stamp(document, pkcs7.content);
}

void view_time_stamp_answer(
    struct view_document *document, const struct view_options *options)
{
    struct der_reader reader = der_reader_of(document->der);
    struct der_reader contents = {0};
    struct der_reader status = {0};
    struct failure why = {0};
    uint32_t number = 0;

    (void)options;
    if (!view_open(
            document, document->details, &reader, DER_SEQUENCE, &contents) ||
        !view_open(
            document, document->details, &contents, DER_SEQUENCE, &status))
        return;
    if (!der_read_small_integer(&status, &number, &why)) {
        view_damage(document, document->details, &why);
        return;
    }
    view_tone(document,
        view_print(
            document, document->general, "Status", "%s", status_words(number)),
        number > 1 ? VIEW_BAD : VIEW_PLAIN);
    if (!der_at_end(&contents))
        show_token(document, der_remaining(&contents));
}
