#include <stdlib.h>
#include <string.h>

#include "x509/smime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold_within(struct bytes view, struct bytes whole)
{
    if (view.length > 0 &&
        (view.start < whole.start ||
            view.start + view.length > whole.start + whole.length))
        abort();
}

/* A canonical text has no other line end than CR LF, and stays as it is. */
static void hold_canonical(struct bytes text)
{
    RELEASED(buffer) canonical = BUFFER("canonical", SMIME_MAX);
    RELEASED(buffer) again = BUFFER("canonical again", SMIME_MAX);
    struct failure why = {0};

    if (!smime_canonical(text, &canonical, &why))
        return;
    if (!smime_canonical(buffer_view(&canonical), &again, &why) ||
        !bytes_equal(buffer_view(&canonical), buffer_view(&again)))
        abort();
    for (size_t i = 0; i < canonical.length; i++) {
        if (canonical.start[i] == '\n' &&
            (i == 0 || canonical.start[i - 1] != '\r'))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file = {.start = data, .length = size};
    struct smime smime = {0};
    struct failure why = {0};

    if (smime_read(file, &smime, &why) && smime.kind != SMIME_NONE) {
        hold_within(smime.content, file);
        hold_within(smime.encoded, file);
    }
    hold_canonical(file);
    return 0;
}
