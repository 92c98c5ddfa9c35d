#ifndef CLI_SHOW_HISTORY_H
#define CLI_SHOW_HISTORY_H

#include "base/json.h"
#include "server/place.h"
#include "store/store.h"

/* history_read of authority/history.h, with the index of DIR. */
MUST_CHECK bool history_open(const struct place *place, struct store *store,
    const struct certificate_row *row, json_t **history, struct failure *why);

/* For people, a line for each thing that happened. */
MUST_CHECK bool history_print(const json_t *history, struct failure *why);

#endif
