#ifndef CLI_EVENT_LINES_H
#define CLI_EVENT_LINES_H

#include "authority/event_json.h"

/* Events of the journal as people are shown them, and in tables. */

/* One line: number, time, kind, actor, object, and what was refused. */
MUST_CHECK bool print_event(
    const struct journal_event *event, struct failure *why);

/* RFC 4180: the same columns as in JSON, the detail exact. */
#define EVENT_COLUMNS "seq,at,at_ms,kind,actor,object,detail,hash\r\n"
MUST_CHECK bool event_to_csv(const struct journal_event *event,
    struct buffer *line, struct failure *why);

#endif
