#ifndef CLI_SHOW_HISTORY_H
#define CLI_SHOW_HISTORY_H

#include "base/json.h"
#include "server/place.h"
#include "store/store.h"

/*
 * What the journal tells of a certificate and of the request it came from, and
 * which lists carry it: {"events":[...],"lists":[...]}.
 */
MUST_CHECK bool history_read(const struct place *place, struct store *store,
    const struct certificate_row *row, json_t **history, struct failure *why);

/* For people, a line for each thing that happened. */
MUST_CHECK bool history_print(const json_t *history, struct failure *why);

#endif
