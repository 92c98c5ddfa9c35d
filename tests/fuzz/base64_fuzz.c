#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

static void insist(bool holds)
{
    if (!holds)
        abort();
}

/* The text without its white space. */
static struct bytes dense(struct bytes text, uint8_t *room)
{
    size_t length = 0;

    for (size_t i = 0; i < text.length; i++)
        if (text.start[i] == 0 || strchr(" \t\r\n", text.start[i]) == NULL)
            room[length++] = text.start[i];
    return (struct bytes){room, length};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text that is read is the only one for its bytes, white space apart. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[4096];
    RELEASED(buffer) bytes = BUFFER("bytes", sizeof(room));
    RELEASED(buffer) again = BUFFER("text", 2 * sizeof(room));
    struct bytes text = {data, size};
    struct failure why = {0};

    if (size > sizeof(room))
        return 0;
    if (!base64_read(text, &bytes, &why)) {
        insist(bytes.length == 0);
        return 0;
    }
    insist(base64_append(&again, buffer_view(&bytes), 0, &why));
    insist(bytes_equal(buffer_view(&again), dense(text, room)));
    return 0;
}
