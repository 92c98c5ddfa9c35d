#include <stdlib.h>

#include "x509/der.h"
#include "x509/der_writer.h"
#include "x509/oid.h"
#include "x509/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (64 * 1024)
#define DEPTH_MAX 32
#define CONSTRUCTED 0x20u

static uint8_t room[INPUT_MAX + 16];

/* There is one DER head for a tag and a length: what was read is what the
 * writer makes of its parts. */
static void check_written_again(
    unsigned int tag, struct bytes contents, struct bytes element)
{
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes again = {0};
    struct failure why;

    der_write_element(&writer, tag, contents);
    if (!der_writer_take(&writer, &again, &why) || !bytes_equal(again, element))
        abort();
}

static void read_oid(struct der_reader reader)
{
    char text[OID_TEXT] = "";
    uint8_t contents[OID_TEXT] = {0};
    size_t length = 0;
    struct bytes oid = {0};
    struct failure why;

    if (!der_read_oid(&reader, &oid, &why))
        return;
    (void)oid_of(oid);
    if (!oid_print(oid, text, &why))
        return;
    if (!oid_read(text, contents, sizeof(contents), &length, &why))
        abort();
    if (!bytes_equal(oid, (struct bytes){.start = contents, .length = length}))
        abort();
}

static void read_integer(struct der_reader reader)
{
    struct der_reader small = reader;
    struct bytes value = {0};
    uint32_t number = 0;
    struct failure why;

    bool read = der_read_integer(&reader, &value, &why);
    if (der_read_small_integer(&small, &number, &why) && !read)
        abort();
}

/* Reads the element that begins here as each type that may refuse it. */
static void read_as_its_type(struct der_reader reader, unsigned int tag)
{
    struct der_reader copy = reader;
    struct bytes bytes = {0};
    int64_t time = 0;
    uint8_t unused = 0;
    bool value = false;
    struct failure why;

    (void)!der_read_boolean(&copy, &value, &why);
    (void)!der_read_bit_string(&copy, &bytes, &unused, &why);
    if (tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME)
        (void)!der_read_time(&copy, &time, &why);
    read_oid(reader);
    read_integer(reader);
}

static void walk(struct der_reader reader, size_t depth)
{
    struct der_reader contents = {0};
    struct bytes element = {0};
    struct failure why;
    uint8_t tag = 0;

    while (!der_at_end(&reader)) {
        read_as_its_type(reader, (unsigned int)der_peek(&reader));
        if (!der_read_any(&reader, &tag, &contents, &element, &why))
            return;
        check_written_again(tag, der_remaining(&contents), element);
        if ((tag & CONSTRUCTED) != 0 && depth < DEPTH_MAX)
            walk(contents, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size <= INPUT_MAX)
        walk(der_reader_of((struct bytes){.start = data, .length = size}), 0);
    return 0;
}
