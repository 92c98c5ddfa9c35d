#ifndef AUTHORITY_REFUSALS_TOLD_H
#define AUTHORITY_REFUSALS_TOLD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Refusals that anybody may bring about are journalled as they come as long as
 * they are few, then one in half a minute, which says how many went untold
 * (properties 39).  Not locked by itself.
 */
#define REFUSALS_TOLD_AT_ONCE 20
#define REFUSALS_TOLD_EVERY_MS 30000

struct refusals_told {
    int64_t may_tell, since_ms, untold;
};

struct refusals_told refusals_told_from(int64_t now_ms);
/* May this one be told?  *untold: how many were not since the last that was. */
bool refusals_told_may(
    struct refusals_told *told, int64_t now_ms, int64_t *untold);

#endif
