#include <stddef.h>
#include <stdint.h>

#include "crypto/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Without a passphrase: nothing is derived, and what a file wants derived is
 * read all the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    struct failure why = {0};

    if (!key_file_read((struct bytes){data, size}, NULL, &key, &why) &&
        why.kind == FAILURE_NONE)
        __builtin_trap();
    return 0;
}
