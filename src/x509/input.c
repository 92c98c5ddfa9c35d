#include "x509/input.h"

#include <stdlib.h>
#include <string.h>

#include "x509/ber.h"
#include "x509/pkcs7.h"

#define LONG_LENGTH 0x80u /* X.690, 8.1.3.5: as a second byte, no text */

void input_free(struct input *input)
{
    free(input->objects);
    buffer_free(&input->text);
    buffer_free(&input->anew);
    if (input->bytes.start != NULL)
        wipe(input->bytes.start, input->bytes.length);
    buffer_free(&input->bytes);
    *input = (struct input){0};
}

/* --- objects -------------------------------------------------------------- */

static bool add(
    struct input *input, struct input_object object, struct failure *why)
{
    if (input->count == INPUT_OBJECTS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "there are more than %d objects in it", INPUT_OBJECTS_MAX);
    input->objects[input->count++] = object;
    return true;
}

static bool add_members(struct input *input, const struct input_object *holder,
    struct der_reader members, enum input_kind kind,
    bool (*next)(struct der_reader *, struct bytes *, struct failure *),
    struct failure *why)
{
    struct input_object member = *holder;

    member.kind = kind;
    while (!der_at_end(&members)) {
        if (!next(&members, &member.der, why))
            return false;
        member.offset = (size_t)(member.der.start - holder->der.start);
        if (member.der.length > 0 && !add(input, member, why))
            return false;
    }
    return true;
}

/* Room for all that the file may hold at once: the objects are views, so
 * nothing may move. */
static bool write_anew(
    struct input *input, struct input_object *object, struct failure *why)
{
    const size_t most = object->der.length > input->bytes.capacity
                            ? object->der.length
                            : input->bytes.capacity;
    const size_t start = input->anew.length;

    if (input->anew.start == NULL &&
        !buffer_reserve(&input->anew, 2 * most, why))
        return false;
    if (!ber_to_der(object->der, &input->anew, why))
        return false;
    object->der = (struct bytes){.start = input->anew.start + start,
        .length = input->anew.length - start};
    return true;
}

static bool add_with_members(
    struct input *input, struct input_object object, struct failure *why)
{
    struct pkcs7 pkcs7 = {0};

    if (object.kind != INPUT_PKCS7)
        return add(input, object, why);
    if (ber_is_indefinite(object.der) && !write_anew(input, &object, why))
        return false;
    return pkcs7_read(object.der, &pkcs7, why) && add(input, object, why) &&
           add_members(input, &object, pkcs7.certificates, INPUT_CERTIFICATE,
               pkcs7_next_certificate, why) &&
           add_members(
               input, &object, pkcs7.crls, INPUT_CRL, pkcs7_next_crl, why);
}

/* --- DER ------------------------------------------------------------------ */

static bool is_one_sequence(struct bytes der, struct failure *why)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           der_finish(&reader, "the object", why);
}

/* A PKCS#7 is written anew, a PKCS#12 is only named. */
static bool add_ber(struct input *input, struct bytes file, struct failure *why)
{
    enum input_kind kind = input_kind_of(file);

    if (kind == INPUT_OTHER)
        return fail_because(why, FAILURE_MALFORMED,
            "this is BER with indefinite lengths, and DER is wanted");
    return add_with_members(
        input, (struct input_object){.kind = kind, .der = file}, why);
}

static bool add_der(struct input *input, struct bytes file, struct failure *why)
{
    return add_with_members(input,
        (struct input_object){.kind = input_kind_of(file), .der = file}, why);
}

/* --- PEM ------------------------------------------------------------------ */

/* What a label says; INPUT_OTHER: one that is none of ours. */
static enum input_kind kind_labelled(struct bytes label)
{
    static const char key[] = "PRIVATE KEY";
    static const struct {
        const char *label;
        enum input_kind kind;
    } labels[] = {
        {"CERTIFICATE", INPUT_CERTIFICATE},
        {"X509 CERTIFICATE", INPUT_CERTIFICATE},
        {"TRUSTED CERTIFICATE", INPUT_CERTIFICATE},
        {"CERTIFICATE REQUEST", INPUT_REQUEST},
        {"NEW CERTIFICATE REQUEST", INPUT_REQUEST},
        {"X509 CRL", INPUT_CRL},
        {"PKCS7", INPUT_PKCS7},
        {"PKCS #7 SIGNED DATA", INPUT_PKCS7},
        {"CMS", INPUT_PKCS7},
        {"PUBLIC KEY", INPUT_PUBLIC_KEY},
        {"RSA PUBLIC KEY", INPUT_PUBLIC_KEY},
    };
    size_t key_length = strlen(key);

    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
        if (bytes_equal(bytes_of_text(labels[i].label), label))
            return labels[i].kind;
    }
    return label.length >= key_length &&
                   memcmp(label.start + label.length - key_length, key,
                       key_length) == 0
               ? INPUT_PRIVATE_KEY
               : INPUT_OTHER;
}

static bool is_key(enum input_kind kind)
{
    return kind == INPUT_PRIVATE_KEY || kind == INPUT_ENCRYPTED_KEY;
}

/* PKCS#7 stands under the labels of certificates and requests too: old servers
 * wrote chains and renewals so. */
static bool agree(enum input_kind labelled, enum input_kind found)
{
    return labelled == found || labelled == INPUT_OTHER ||
           found == INPUT_OTHER || found == INPUT_PKCS7 ||
           (is_key(labelled) && is_key(found));
}

/* OpenSSL's trusted certificates have its notes behind them. */
static struct bytes without_notes(struct bytes label, struct bytes der)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    struct bytes element = der;
    struct failure why = {0};
    uint8_t tag = 0;

    if (!bytes_equal(label, bytes_of_text("TRUSTED CERTIFICATE")) ||
        !der_read_any(&reader, &tag, &contents, &element, &why))
        return der;
    return element;
}

static bool add_block(struct input *input, const struct pem_block *block,
    struct bytes der, struct failure *why)
{
    enum input_kind labelled = kind_labelled(block->label);
    struct input_object object = {.der = without_notes(block->label, der),
        .label = block->label,
        .line = block->line};

    object.kind =
        block->is_encrypted ? INPUT_ENCRYPTED_KEY : input_kind_of(object.der);
    if (!agree(labelled, object.kind))
        return fail_because(why, FAILURE_MALFORMED, "it says %.*s and holds %s",
            (int)block->label.length, (const char *)block->label.start,
            input_kind_name(object.kind));
    if (object.kind == INPUT_OTHER)
        object.kind = labelled;
    return add_with_members(input, object, why);
}

static bool add_blocks(
    struct input *input, struct bytes text, struct failure *why)
{
    struct pem_walk walk = pem_walk_of(text);
    struct pem_block block = {0};
    struct failure cause = {0};

    for (;;) {
        size_t length = input->bytes.length;

        if (!pem_next(&walk, &block, &input->bytes, why))
            return why->kind == FAILURE_NOT_FOUND && input->count > 0;
        struct bytes der = {.start = input->bytes.start + length,
            .length = input->bytes.length - length};
        if (!add_block(input, &block, der, &cause))
            return fail_because(why, cause.kind,
                "the block that begins on line %zu: %.300s", block.line,
                cause.reason);
    }
}

/* --- a file --------------------------------------------------------------- */

static bool refuse_text(struct bytes file, struct failure *why)
{
    struct failure der = {0};

    if (file.start[0] == DER_SEQUENCE && !is_one_sequence(file, &der))
        return fail_because(
            why, FAILURE_MALFORMED, "the DER is damaged: %.300s", der.reason);
    return fail_because(why, FAILURE_MALFORMED,
        "neither PEM nor DER: no line begins with -----BEGIN, and the first "
        "byte is 0x%02x where DER begins with 0x30",
        file.start[0]);
}

static bool add_bare_base64(struct input *input, struct bytes file,
    struct bytes text, struct failure *why)
{
    struct failure cause = {0};

    if (!pem_bare_base64(text, &input->bytes, &cause)) {
        if (cause.kind == FAILURE_NOT_FOUND)
            return refuse_text(file, why);
        return fail_because(why, cause.kind,
            "no line begins with -----BEGIN, and this is not base64 alone: "
            "%.200s",
            cause.reason);
    }
    struct bytes der = buffer_view(&input->bytes);
    if (ber_is_indefinite(der))
        return add_ber(input, der, why);
    if (is_one_sequence(der, &cause))
        return add_der(input, der, why);
    return fail_because(why, FAILURE_MALFORMED,
        "the base64 holds no DER: %.300s", cause.reason);
}

static bool add_text(
    struct input *input, struct bytes file, struct failure *why)
{
    struct bytes text = {0};

    /* Room for all at once: the objects are views, so nothing may move. */
    if (!pem_text(file, &input->text, &text, why) ||
        !buffer_reserve(&input->bytes, text.length, why))
        return false;
    return add_blocks(input, text, why) ||
           (why->kind == FAILURE_NOT_FOUND &&
               add_bare_base64(input, file, text, why));
}

/* DER is tried first: no text is one whole SEQUENCE. */
static bool add_file(
    struct input *input, struct bytes file, struct failure *why)
{
    struct failure der = {0};

    if (file.length == 0)
        return fail_because(why, FAILURE_MALFORMED, "there are no bytes in it");
    if (file.start[0] == DER_SEQUENCE && ber_is_indefinite(file))
        return add_ber(input, file, why);
    if (is_one_sequence(file, &der))
        return add_der(input, file, why);
    if (file.start[0] == DER_SEQUENCE && file.length > 1 &&
        (file.start[1] & LONG_LENGTH) != 0)
        return refuse_text(file, why);
    return add_text(input, file, why);
}

bool input_read(struct bytes file, const char *name, struct input *input,
    struct failure *why)
{
    RELEASED(input)
    found = {
        .text = BUFFER("text in UTF-16", PEM_MAX),
        .anew = BUFFER("BER written as DER", 2 * (size_t)BER_MAX),
        .bytes = BUFFER("decoded PEM", PEM_MAX),
    };
    struct failure cause = {0};

    found.objects = calloc(INPUT_OBJECTS_MAX, sizeof(*found.objects));
    if (found.objects == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for what %.100s holds", name);
    if (!add_file(&found, file, &cause))
        return fail_because(
            why, cause.kind, "%.150s: %.240s", name, cause.reason);
    *input = found;
    found = (struct input){0};
    return true;
}
