#include "authority/refusals_told.h"

struct refusals_told refusals_told_from(int64_t now_ms)
{
    return (struct refusals_told){
        .may_tell = REFUSALS_TOLD_AT_ONCE, .since_ms = now_ms};
}

bool refusals_told_may(
    struct refusals_told *told, int64_t now_ms, int64_t *untold)
{
    int64_t gained = (now_ms - told->since_ms) / REFUSALS_TOLD_EVERY_MS;
    bool may;

    told->since_ms += gained * REFUSALS_TOLD_EVERY_MS;
    told->may_tell += gained;
    if (told->may_tell > REFUSALS_TOLD_AT_ONCE)
        told->may_tell = REFUSALS_TOLD_AT_ONCE;
    may = told->may_tell > 0;
    *untold = told->untold;
    told->may_tell -= may;
    told->untold = may ? 0 : told->untold + 1;
    return may;
}
