#include <stdlib.h>
#include <string.h>

#include "x509/pkcs12_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the seeds need, and little more. */
#define ITERATIONS 8192

/* The password of the seeds: a file is opened or refused with one of four
 * codes, and what is opened lies within its bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t text[] = "geheim";
    const struct secret passphrase = {
        .start = text, .length = sizeof(text) - 1};
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    if (!pkcs12_read_within(ITERATIONS, (struct bytes){data, size}, &passphrase,
            &container, &code, &why)) {
        if (code != VERDICT_MALFORMED && code != VERDICT_WRONG_PASSWORD &&
            code != VERDICT_BUDGET_EXCEEDED &&
            code != VERDICT_UNSUPPORTED_ALGORITHM)
            abort();
        return 0;
    }
    for (size_t i = 0; i < container.count; i++) {
        if (container.objects[i].start + container.objects[i].length >
            container.bytes.length)
            abort();
    }
    return 0;
}
