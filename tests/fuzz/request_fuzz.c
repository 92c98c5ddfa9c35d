#include "x509/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request = {0};
    struct public_key_parts parts = {0};
    struct failure why = {0};

    if (request_read(
            (struct bytes){.start = data, .length = size}, &request, &why))
        (void)!request_verify(&request, &parts, &why);
    return 0;
}
