#ifndef CLI_EVENT_LINES_H
#define CLI_EVENT_LINES_H

#include "base/json.h"
#include "store/store.h"

/* Events of the journal as people and programs are shown them. */

/* "2026-11-21T00:47:03.250Z" and its zero. */
#define MOMENT_TEXT 32
void moment_print(int64_t at_ms, char text[static MOMENT_TEXT]);

/*
 * {"seq","at","at_ms","kind","actor","object","detail","hash"}; NULL: no
 * memory.  exact: the detail is the text that was hashed, otherwise the object
 * that it holds.
 */
json_t *event_to_json(const struct journal_event *event, bool exact);

/* One line: number, time, kind, actor, object, and what was refused. */
MUST_CHECK bool print_event(
    const struct journal_event *event, struct failure *why);

/* RFC 4180: the same columns as in JSON, the detail exact. */
#define EVENT_COLUMNS "seq,at,at_ms,kind,actor,object,detail,hash\r\n"
MUST_CHECK bool event_to_csv(const struct journal_event *event,
    struct buffer *line, struct failure *why);

#endif
