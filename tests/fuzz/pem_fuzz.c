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
    struct pem_block block = {0};
    struct failure why;

    (void)snprintf(name, sizeof(name), "%.*s", (int)label.length,
        (const char *)label.start);
    if (!pem_append(&text, name, der, &why))
        abort();
    struct pem_walk walk = pem_walk_of(buffer_view(&text));
    if (!pem_next(&walk, &block, &again, &why) || block.line != 1)
        abort();
    if (!bytes_equal(label, block.label) ||
        !bytes_equal(der, buffer_view(&again)))
        abort();
}

static void walk_blocks(struct bytes text)
{
    RELEASED(buffer) der = BUFFER("object", INPUT_MAX);
    struct pem_walk walk = pem_walk_of(text);
    struct pem_block block = {0};
    struct failure why;

    while (pem_next(&walk, &block, &der, &why)) {
        if (walk.position > text.length || walk.line < block.line)
            abort();
        if (!block.is_encrypted)
            check_written_again(block.label, buffer_view(&der));
        buffer_clear(&der);
    }
    (void)!pem_bare_base64(text, &der, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const labels[] = {"CERTIFICATE", NULL};
    struct bytes file = {.start = data, .length = size};
    RELEASED(buffer) der = BUFFER("object", INPUT_MAX);
    RELEASED(buffer) room = BUFFER("text", INPUT_MAX);
    struct bytes text = {0};
    struct failure why;

    if (size > INPUT_MAX)
        return 0;
    if (pem_text(file, &room, &text, &why))
        walk_blocks(text);
    (void)!pem_or_der(file, labels, &der, &why);
    return 0;
}
