#include "cli/machine_roots.h"

#include <stddef.h>
#include <unistd.h>

/* Debian's ca-certificates, then where others keep the same. */
static const char *const files[] = {"/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"};

const char *machine_roots_file(void)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        if (access(files[i], R_OK) == 0)
            return files[i];
    }
    return NULL;
}
