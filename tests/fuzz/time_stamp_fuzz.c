#include <stdlib.h>

#include "x509/time_stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is a view into the bytes. */
static void hold_within(struct bytes view, struct bytes whole)
{
    if (view.length > 0 &&
        (view.start < whole.start ||
            view.start + view.length > whole.start + whole.length))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes der = {.start = data, .length = size};
    struct time_stamp_response response = {0};
    struct time_stamp stamp = {0};
    struct failure why = {0};

    if (time_stamp_read(der, &stamp, &why)) {
        hold_within(stamp.imprint, der);
        hold_within(stamp.serial, der);
        hold_within(stamp.nonce, der);
    }
    if (time_stamp_response_read(der, &response, &why))
        hold_within(response.token, der);
    else if (time_stamp_is_response(der))
        abort();
    return 0;
}
