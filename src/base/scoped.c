#include "base/scoped.h"

#include <unistd.h>

void descriptor_close(int *descriptor)
{
    /* close(2) gives the number back on Linux even when it fails or is
     * interrupted: a second try could close somebody else's. */
    if (*descriptor >= 0)
        (void)close(*descriptor);
    *descriptor = -1;
}

int descriptor_keep(int *descriptor)
{
    int kept = *descriptor;

    *descriptor = -1;
    return kept;
}
