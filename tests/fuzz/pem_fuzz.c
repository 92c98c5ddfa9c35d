#include <stdio.h>
#include <stdlib.h>

#include "x509/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (64 * 1024)

/* What was decoded is written, and read back the same. */
static void check_written_again(struct bytes label, struct bytes der)
{
    RELEASED(buffer) text = BUFFER("text", 2 * INPUT_MAX);
    RELEASED(buffer) again = BUFFER("object", INPUT_MAX);
    char name[PEM_LABEL_MAX + 1] = "";
    struct bytes label_again = {0};
    size_t position = 0;
    struct failure why;

    (void)snprintf(name, sizeof(name), "%.*s", (int)label.length,
        (const char *)label.start);
    if (!pem_append(&text, name, der, &why) ||
        !pem_next(buffer_view(&text), &position, &label_again, &again, &why))
        abort();
    if (!bytes_equal(label, label_again) ||
        !bytes_equal(der, buffer_view(&again)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const labels[] = {"CERTIFICATE", NULL};
    struct bytes text = {.start = data, .length = size};
    RELEASED(buffer) der = BUFFER("object", INPUT_MAX);
    struct bytes label = {0};
    size_t position = 0;
    struct failure why;

    if (size > INPUT_MAX)
        return 0;
    while (pem_next(text, &position, &label, &der, &why)) {
        if (position > size)
            abort();
        check_written_again(label, buffer_view(&der));
        buffer_clear(&der);
    }
    (void)!pem_or_der(text, labels, &der, &why);
    return 0;
}
