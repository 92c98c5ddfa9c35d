#ifndef AUTHORITY_REQUEST_JSON_H
#define AUTHORITY_REQUEST_JSON_H

#include "authority/requests.h"
#include "base/json.h"

/* Requests that wait for people as programs are shown them. */

/* FAILURE_MALFORMED names the states there are. */
MUST_CHECK bool request_state_named(
    const char *name, enum request_state *state, struct failure *why);

/* {"id","state","subject","profile","profile_sha256","key_sha256","actor",
 * "approvals_needed","asked_at","decided_at","reason"} */
MUST_CHECK bool request_to_json(
    const struct request_row *row, json_t **value, struct failure *why);

/* The same with "approvals" ([{"actor","at"}]), "names" and "lint". */
MUST_CHECK bool request_details_to_json(struct store *store,
    const struct request_row *row, json_t **value, struct failure *why);

#endif
