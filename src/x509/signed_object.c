#include "x509/signed_object.h"

#include <string.h>

#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/der_writer.h"

/* Two heads of at most 6 bytes and the count of spare bits. */
#define HEADS_ROOM 16

bool signed_object_read(
    struct bytes der, struct signed_object *object, struct failure *why)
{
    struct signed_object found = {.whole = der};
    struct algorithm_identifier algorithm = {0};
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    uint8_t spare_bits = 0;

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the outermost element", why) ||
        !der_read_element(
            &contents, DER_SEQUENCE, &found.contents, &found.body, why) ||
        !algorithm_identifier_read(&contents, &algorithm, why) ||
        !der_read_bit_string(&contents, &found.signature, &spare_bits, why) ||
        !der_finish(&contents, "the signature", why))
        return false;
    if (spare_bits != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the signature has %u spare bits; it is whole bytes",
            (unsigned int)spare_bits);
    found.algorithm = algorithm.whole;
    *object = found;
    return true;
}

bool signed_object_append(struct bytes body, struct bytes algorithm,
    struct bytes signature, struct buffer *der, struct failure *why)
{
    size_t room =
        body.length + algorithm.length + signature.length + HEADS_ROOM;
    struct der_writer writer = {0};
    struct bytes encoding = {0};
    size_t mark = 0;

    if (!buffer_reserve(der, room, why))
        return false;
    writer = der_writer_in(der->start + der->length, room);
    mark = der_writer_mark(&writer);
    der_write_bit_string(&writer, signature, 0);
    der_write_raw(&writer, algorithm);
    der_write_raw(&writer, body);
    der_write_head(&writer, DER_SEQUENCE, mark);
    if (!der_writer_take(&writer, &encoding, why))
        return false;
    /* Written at the end of the room, wanted at its beginning. */
    memmove(der->start + der->length, encoding.start, encoding.length);
    der->length += encoding.length;
    return true;
}
