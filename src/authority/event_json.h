#ifndef AUTHORITY_EVENT_JSON_H
#define AUTHORITY_EVENT_JSON_H

#include "base/json.h"
#include "store/store.h"

/* Events of the journal as programs are shown them. */

/* "2026-11-21T00:47:03.250Z" and its zero. */
#define MOMENT_TEXT 32
void moment_print(int64_t at_ms, char text[static MOMENT_TEXT]);

/*
 * {"seq","at","at_ms","kind","actor","object","detail","hash"}; NULL: no
 * memory.  exact: the detail is the text that was hashed, otherwise the object
 * that it holds.
 */
json_t *event_to_json(const struct journal_event *event, bool exact);

/* The object that a detail holds, or the text; NULL: no memory. */
json_t *event_details(const char *detail);

#endif
