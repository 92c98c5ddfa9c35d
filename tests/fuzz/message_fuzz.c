#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void read_field(const struct field *field)
{
    struct failure why = {0};
    uint64_t number = 0;
    char text[16];

    insist(field_number(field, &number, &why) == (field->value.length == 8));
    if (field_text(field, text, sizeof(text), &why))
        insist(strlen(text) == field->value.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read, written again, gives the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RELEASED(buffer) again = BUFFER("message", size);
    struct reader reader = reader_of((struct bytes){data, size});
    struct failure why = {0};
    struct field field = {0};

    while (!reader_at_end(&reader) && message_next(&reader, &field, &why)) {
        read_field(&field);
        insist(message_add(&again, field.tag, field.value, &why));
    }
    insist(again.length == reader.position);
    insist(again.length == 0 || memcmp(again.start, data, again.length) == 0);
    return 0;
}
