#ifndef CLI_AUTHORITIES_H
#define CLI_AUTHORITIES_H

#include "authority/authorities.h"
#include "authority/configuration.h"
#include "cli/call.h"
#include "server/place.h"

/* DIR of the call, which holds an authority. */
MUST_CHECK bool call_place(
    struct call *call, struct place *place, struct failure *why);
/* Its store, to be read. */
MUST_CHECK bool place_open_store(
    const struct place *place, struct store **store, struct failure *why);
/* The settings as they stand (text), and as they were understood; either may be
 * NULL. */
MUST_CHECK bool place_read_settings(const struct place *place,
    struct buffer *text, struct configuration **settings, struct failure *why);

#endif
