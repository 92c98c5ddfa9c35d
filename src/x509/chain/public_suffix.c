#include "x509/chain/public_suffix.h"

#include <libpsl.h>

#define HOST_MAX 253

bool is_public_suffix(struct bytes host)
{
    char domain[HOST_MAX + 1] = "";

    if (host.length > HOST_MAX)
        return false;
    /* The list is in small letters, and libpsl compares byte by byte. */
    for (size_t i = 0; i < host.length; i++) {
        char byte = (char)host.start[i];

        domain[i] =
            byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
    }
    return psl_is_public_suffix2(psl_builtin(), domain, PSL_TYPE_ANY) != 0;
}
