#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_fill(uint8_t *start, size_t length)
{
    size_t filled = 0;

    while (filled < length) {
        ssize_t came = getrandom(start + filled, length - filled, 0);

        if (came > 0)
            filled += (size_t)came;
        else if (errno != EINTR)
            abort();
    }
}
