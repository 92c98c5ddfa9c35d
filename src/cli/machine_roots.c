#include "cli/machine_roots.h"

#include <stddef.h>
#include <unistd.h>

static const char *const files[] = {MACHINE_ROOTS_USUAL,
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"};

const char *machine_roots_file(void)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        if (access(files[i], R_OK) == 0)
            return files[i];
    }
    return NULL;
}
