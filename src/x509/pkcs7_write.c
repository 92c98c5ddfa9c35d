#include "x509/pkcs7.h"

#include <stdlib.h>
#include <string.h>

#include "x509/der_writer.h"
#include "x509/pkcs7_oid.h"

#define VERSION 1 /* RFC 5652, 5.1: X.509 certificates alone, no signer */
/* Heads, types and the empty sets. */
#define FRAME_ROOM 64

static int order(const void *left, const void *right)
{
    const struct bytes *a = left;
    const struct bytes *b = right;
    size_t shorter = a->length < b->length ? a->length : b->length;
    int difference = memcmp(a->start, b->start, shorter);

    if (difference != 0 || a->length == b->length)
        return difference;
    return a->length < b->length ? -1 : 1;
}

static void write_signed_data(
    struct der_writer *writer, const struct bytes *certificates, size_t count)
{
    size_t end = der_writer_mark(writer);
    size_t mark;

    der_write_head(writer, DER_SET, der_writer_mark(writer)); /* signers */
    mark = der_writer_mark(writer);
    for (size_t i = count; i > 0; i--)
        der_write_raw(writer, certificates[i - 1]);
    der_write_head(writer, DER_CONTEXT_HOLDING(0), mark);
    mark = der_writer_mark(writer);
    der_write_oid(writer, PKCS7_DATA);
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_SET, der_writer_mark(writer)); /* digests */
    der_write_small_integer(writer, VERSION);
    der_write_head(writer, DER_SEQUENCE, end);
    der_write_head(writer, DER_CONTEXT_HOLDING(0), end);
    der_write_oid(writer, PKCS7_SIGNED);
    der_write_head(writer, DER_SEQUENCE, end);
}

bool pkcs7_certificates_write(const struct bytes *certificates, size_t count,
    struct buffer *der, struct failure *why)
{
    struct bytes sorted[PKCS7_CERTIFICATES_MAX], encoding = {0};
    RELEASED(buffer) room = {.name = "certificates", .ceiling = SIZE_MAX};
    struct der_writer writer;
    size_t length = FRAME_ROOM;

    if (count == 0 || count > PKCS7_CERTIFICATES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a PKCS#7 of %zu certificates; it takes 1 to %d", count,
            PKCS7_CERTIFICATES_MAX);
    memcpy(sorted, certificates, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), order);
    for (size_t i = 0; i < count; i++)
        length += sorted[i].length;
    if (!buffer_reserve(&room, length, why))
        return false;
    writer = der_writer_in(room.start, length);
    write_signed_data(&writer, sorted, count);
    return der_writer_take(&writer, &encoding, why) &&
           buffer_append(der, encoding, why);
}
