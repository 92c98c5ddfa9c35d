#include "crypto/key.h"
#include "x509/der_writer.h"
#include "x509/name.h"
#include "x509/request.h"
#include "x509/signed_object.h"

/* Heads, object identifiers and the version: a little over 60 bytes. */
#define HEADS_ROOM 128

static struct bytes empty(void)
{
    return (struct bytes){0};
}

/* RFC 5280, 4.2.1.6: critical when the subject is empty. */
static void write_subject_alt_name(
    struct der_writer *writer, struct bytes general_names, bool critical)
{
    size_t extension = der_writer_mark(writer);
    size_t value = der_writer_mark(writer);

    der_write_element(writer, DER_SEQUENCE, general_names);
    der_write_head(writer, DER_OCTET_STRING, value);
    if (critical)
        der_write_boolean(writer, true);
    der_write_oid(writer, oid_contents(OID_SUBJECT_ALT_NAME));
    der_write_head(writer, DER_SEQUENCE, extension);
}

/* RFC 2985, 5.4.2: an attribute, a set, and in it Extensions. */
static void write_extension_request(
    struct der_writer *writer, struct bytes general_names, bool critical)
{
    size_t end = der_writer_mark(writer);

    write_subject_alt_name(writer, general_names, critical);
    der_write_head(writer, DER_SEQUENCE, end);
    der_write_head(writer, DER_SET, end);
    der_write_oid(writer, oid_contents(OID_EXTENSION_REQUEST));
    der_write_head(writer, DER_SEQUENCE, end);
}

/* CertificationRequestInfo, RFC 2986, 4.1. */
static void write_information(struct der_writer *writer, struct bytes subject,
    struct bytes spki, struct bytes general_names)
{
    size_t end = der_writer_mark(writer);

    if (general_names.length == 0) {
        der_write_element(writer, DER_CONTEXT_HOLDING(0), empty());
    } else {
        write_extension_request(writer, general_names, name_is_empty(subject));
        der_write_head(writer, DER_CONTEXT_HOLDING(0), end);
    }
    der_write_raw(writer, spki);
    der_write_raw(writer, subject);
    der_write_small_integer(writer, 0);
    der_write_head(writer, DER_SEQUENCE, end);
}

static bool sign_information(const struct private_key *key,
    struct bytes information, struct buffer *der, struct failure *why)
{
    const struct signature_algorithm *algorithm = key->algorithm->signs_with;
    uint8_t signature[SIGNATURE_MAX] = {0};
    size_t length = 0;

    return private_key_sign(
               key, algorithm, information, signature, &length, why) &&
           signed_object_append(information, algorithm->identifier,
               (struct bytes){.start = signature, .length = length}, der, why);
}

bool request_make(const struct private_key *key, struct bytes subject,
    struct bytes general_names, struct buffer *der, struct failure *why)
{
    RELEASED(buffer) spki = BUFFER("public key", REQUEST_MAX);
    RELEASED(buffer) room = BUFFER("request", REQUEST_MAX);
    struct der_writer writer = {0};
    struct bytes information = {0};

    if (!name_check(subject, why) ||
        !private_key_append_spki(key, &spki, why) ||
        !buffer_reserve(&room,
            subject.length + general_names.length + spki.length + HEADS_ROOM,
            why))
        return false;
    writer = der_writer_in(room.start, room.capacity);
    write_information(&writer, subject, buffer_view(&spki), general_names);
    return der_writer_take(&writer, &information, why) &&
           sign_information(key, information, der, why);
}
