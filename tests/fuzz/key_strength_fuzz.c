#include "crypto/key_strength.h"
#include "x509/spki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A SubjectPublicKeyInfo. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct der_reader reader =
        der_reader_of((struct bytes){.start = data, .length = size});
    struct spki spki = {0};
    struct public_key_parts parts = {0};
    struct failure why = {0};

    if (spki_read(&reader, &spki, &why) && spki_parts(&spki, &parts, &why))
        (void)!key_strength_check(&parts, &why);
    return 0;
}
