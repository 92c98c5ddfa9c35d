#ifndef AUTHORITY_HISTORY_H
#define AUTHORITY_HISTORY_H

#include "base/json.h"
#include "store/search.h"

/*
 * What the journal tells of a certificate and of the request it came from, and
 * which lists carry it: {"events":[...],"lists":[...]}.  search: NULL walks the
 * whole journal.
 */
MUST_CHECK bool history_read(struct search *search, struct store *store,
    const struct certificate_row *row, json_t **history, struct failure *why);

#endif
