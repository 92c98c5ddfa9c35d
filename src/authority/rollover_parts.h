#ifndef AUTHORITY_ROLLOVER_PARTS_H
#define AUTHORITY_ROLLOVER_PARTS_H

#include "authority/event.h"
#include "authority/rollover.h"
#include "base/json.h"

/* What rollover_steps.c and rollover_undo.c share. */

/* A step at work. */
struct taking {
    struct authority *authority;
    struct desk *desk;
    struct store *reading;
    const struct rollover_wish *wish;
    struct rollover *rollover;
    struct rollover_done *done;
};

/* A number of the store that says how far an authority has come. */
MUST_CHECK bool rollover_mark(struct store *store, const char *what,
    int64_t authority, int64_t number, struct failure *why);
/* An event of the old authority; more is taken over. */
MUST_CHECK bool rollover_tell(const struct taking *taking, enum event_kind kind,
    json_t *more, struct failure *why);

#endif
