#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written, in ASCII, and read as the same again. */
static void check(const json_t *value)
{
    RELEASED(buffer) written = BUFFER("a value", (size_t)16 * 1024 * 1024);
    SCOPED(json_t) *again = NULL;
    struct failure why = {0};

    if (!json_append(&written, value, &why))
        abort();
    for (size_t i = 0; i < written.length; i++) {
        if (written.start[i] < ' ' || written.start[i] > 0x7f)
            abort();
    }
    if (written.length <= (size_t)1024 * 1024 &&
        (!json_read(buffer_view(&written), "again", &again, &why) ||
            !json_equal(value, again)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(json_t) *value = NULL;
    struct bytes text = {.start = data, .length = size};
    struct failure why = {0};

    if (json_read(text, "fuzz", &value, &why))
        check(value);
    else if (why.kind != FAILURE_MALFORMED || strlen(why.reason) == 0)
        abort();
    return 0;
}
