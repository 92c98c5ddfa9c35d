#include "authority/event_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/hex.h"

void moment_print(int64_t at_ms, char text[static MOMENT_TEXT])
{
    int64_t at = at_ms / 1000;
    int64_t rest = at_ms % 1000;
    char second[CLOCK_TEXT];

    if (rest < 0) {
        at--;
        rest += 1000;
    }
    clock_print(at, second);
    (void)snprintf(text, MOMENT_TEXT, "%.19s.%03" PRId64 "Z", second, rest);
}

json_t *event_details(const char *detail)
{
    struct failure unread = {0};
    json_t *details = NULL;

    return json_read(bytes_of_text(detail), "details", &details, &unread)
               ? details
               : json_of_text(detail);
}

json_t *event_to_json(const struct journal_event *event, bool exact)
{
    char moment[MOMENT_TEXT], hash[SHA256_TEXT];

    moment_print(event->at_ms, moment);
    hex_print((struct bytes){event->hash, SHA256_BYTES}, hash);
    return json_pack("{s:I,s:s,s:I,s:s,s:o,s:o,s:o,s:s}", "seq",
        (json_int_t)event->seq, "at", moment, "at_ms", (json_int_t)event->at_ms,
        "kind", event->kind, "actor", json_of_text(event->actor), "object",
        json_of_text(event->object), "detail",
        exact ? json_of_text(event->detail) : event_details(event->detail),
        "hash", hash);
}
