#include "x509/view/view.h"

#include "x509/pkcs7.h"
#include "x509/view/element.h"
#include "x509/view/fields.h"
#include "x509/view/raw.h"
#include "x509/view/time_stamp.h"

static void show_pkcs12(
    struct view_document *document, const struct view_options *options)
{
    (void)options;
    (void)view_print(document, document->general, "Holds",
        "keys and certificates behind a password");
}

static void show_other(
    struct view_document *document, const struct view_options *options)
{
    (void)options;
    (void)view_print(document, document->general, "Holds",
        "an object of another kind: its elements stand under Raw");
}

static void show_encrypted(
    struct view_document *document, const struct view_options *options)
{
    (void)options;
    (void)view_print(document, document->general, "Holds",
        "a private key that a passphrase encrypts; nothing of it is shown");
}

struct view_row {
    const char *kind, *title;
    void (*show)(struct view_document *, const struct view_options *);
};

static const struct view_row rows[VIEW_OBJECT_KINDS] = {
    [VIEW_CERTIFICATE] = {"certificate", "Certificate", view_certificate},
    [VIEW_REQUEST] = {"request", "Certificate request", view_request},
    [VIEW_CRL] = {"crl", "Revocation list", view_crl},
    [VIEW_PRIVATE_KEY] = {"private_key", "Private key", view_private_key},
    [VIEW_ENCRYPTED_KEY] = {"encrypted_key", "Encrypted private key",
        show_encrypted},
    [VIEW_PUBLIC_KEY] = {"public_key", "Public key", view_public_key},
    [VIEW_CMS] = {"cms", "PKCS#7 or CMS", view_cms},
    [VIEW_PKCS12] = {"pkcs12", "PKCS#12 store", show_pkcs12},
    [VIEW_OCSP] = {"ocsp", "OCSP answer", view_ocsp},
    [VIEW_TIME_STAMP_ANSWER] = {"time_stamp_answer", "Time-stamp answer",
        view_time_stamp_answer},
    [VIEW_OTHER] = {"other", "Other object", show_other},
};

/* --- what it is ------------------------------------------------------------
 */

static bool enter(
    struct der_reader *reader, uint8_t tag, struct der_reader *contents)
{
    struct view_element element = {0};
    struct failure why = {0};

    return view_element_next(reader, &element, contents, &why) &&
           element.tag == tag;
}

/* RFC 6960, 4.2.1: a status, and the answer's bytes. */
static bool is_ocsp(struct der_reader members)
{
    struct der_reader contents = {0};

    return enter(&members, DER_ENUMERATED, &contents) &&
           contents.end - contents.position == 1 &&
           (der_at_end(&members) ||
               der_peek(&members) == DER_CONTEXT_HOLDING(0));
}

/* RFC 3161, 2.4.2: a status that begins with a number, and a token. */
static bool is_time_stamp_answer(struct der_reader members)
{
    struct der_reader contents = {0};
    struct der_reader status = {0};
    struct failure why = {0};

    return der_read(&members, DER_SEQUENCE, &contents, &why) &&
           der_read(&contents, DER_INTEGER, &status, &why) &&
           (der_at_end(&members)
                   ? status.end - status.position == 1
                   : pkcs7_is_content_info(der_remaining(&members)));
}

/* A key whose end is missing is no less secret: RFC 5958, 2, RFC 8017, A.1.2,
 * RFC 5915, 3, RFC 7292, 4. */
static bool is_cut_key(struct der_reader members)
{
    struct der_reader version = {0};

    return enter(&members, DER_INTEGER, &version) &&
           version.end - version.position == 1 &&
           version.whole.start[version.position] <= 3 &&
           (der_at_end(&members) || der_peek(&members) == DER_SEQUENCE ||
               der_peek(&members) == DER_OCTET_STRING ||
               der_peek(&members) == DER_INTEGER);
}

/* What begins as a body of RFC 5280, 4.1 and 5.1, or of RFC 2986, 4.1, or as
 * a ContentInfo (RFC 5652, 3), in a file that ends too early for
 * input_kind_of. */
static enum view_object_kind kind_of_cut(struct der_reader members)
{
    struct der_reader body = {0};
    struct der_reader contents = {0};

    if (der_peek(&members) == DER_OBJECT_IDENTIFIER)
        return VIEW_CMS;
    if (!enter(&members, DER_SEQUENCE, &body))
        return VIEW_OTHER;
    if (der_peek(&body) == DER_CONTEXT_HOLDING(0))
        return VIEW_CERTIFICATE;
    if (der_peek(&body) == DER_INTEGER && !enter(&body, DER_INTEGER, &contents))
        return VIEW_OTHER;
    if (!enter(&body, DER_SEQUENCE, &contents))
        return VIEW_OTHER;
    return der_peek(&contents) == DER_OBJECT_IDENTIFIER ? VIEW_CRL
                                                        : VIEW_REQUEST;
}

static enum view_object_kind kind_of_other(struct bytes der)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader members = {0};
    struct der_reader whole = reader;
    struct failure why = {0};
    bool is_whole = der_read(&whole, DER_SEQUENCE, &members, &why);

    if (!enter(&reader, DER_SEQUENCE, &members))
        return VIEW_OTHER;
    if (is_ocsp(members))
        return VIEW_OCSP;
    if (is_time_stamp_answer(members))
        return VIEW_TIME_STAMP_ANSWER;
    if (is_cut_key(members))
        return VIEW_PRIVATE_KEY;
    return is_whole ? VIEW_OTHER : kind_of_cut(members);
}

enum view_object_kind view_kind_of(struct bytes der)
{
    static const enum view_object_kind kinds[INPUT_KINDS] = {
        [INPUT_CERTIFICATE] = VIEW_CERTIFICATE,
        [INPUT_REQUEST] = VIEW_REQUEST,
        [INPUT_CRL] = VIEW_CRL,
        [INPUT_PRIVATE_KEY] = VIEW_PRIVATE_KEY,
        [INPUT_ENCRYPTED_KEY] = VIEW_ENCRYPTED_KEY,
        [INPUT_PUBLIC_KEY] = VIEW_PUBLIC_KEY,
        [INPUT_PKCS7] = VIEW_CMS,
        [INPUT_PKCS12] = VIEW_PKCS12,
        [INPUT_OTHER] = VIEW_OTHER,
    };
    enum input_kind kind = input_kind_of(der);

    return kind == INPUT_OTHER ? kind_of_other(der) : kinds[kind];
}

/* What its PEM label calls a key stays one, whatever the bytes look like. */
static enum view_object_kind kind_of(const struct input_object *object)
{
    if (object->kind == INPUT_PRIVATE_KEY)
        return VIEW_PRIVATE_KEY;
    return object->kind == INPUT_ENCRYPTED_KEY ? VIEW_ENCRYPTED_KEY
                                               : view_kind_of(object->der);
}

/* Raw would show a private key's numbers. */
static bool is_secret(enum view_object_kind kind)
{
    return kind == VIEW_PRIVATE_KEY || kind == VIEW_ENCRYPTED_KEY ||
           kind == VIEW_PKCS12;
}

bool view_object(const struct input_object *object,
    const struct view_options *options, struct view_document *document,
    struct failure *why)
{
    enum view_object_kind kind = kind_of(object);
    const struct view_row *row = &rows[kind];

    if (!view_start(document, object->der, row->kind, row->title, why))
        return false;
    row->show(document, options);
    if (!is_secret(kind))
        view_raw(document);
    return view_finish(document, why);
}
