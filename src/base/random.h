#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

/* Random bytes from the kernel (getrandom).  It can't fail once the machine
 * has started; if it does all the same, the process ends: there is no second
 * source to fall back to. */
void random_fill(uint8_t *start, size_t length);

#endif
