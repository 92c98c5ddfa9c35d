#include <stdlib.h>

#include "x509/ber.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was written anew once is written anew as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RELEASED(buffer) der = BUFFER("DER", 2 * (size_t)BER_MAX);
    RELEASED(buffer) again = BUFFER("DER", 2 * (size_t)BER_MAX);
    struct bytes ber = {.start = data, .length = size};
    struct failure why = {0};

    if (!ber_to_der(ber, &der, &why))
        return 0;
    if (!ber_to_der(buffer_view(&der), &again, &why) ||
        !bytes_equal(buffer_view(&der), buffer_view(&again)))
        abort();
    return 0;
}
