#include "cli/event_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "cli/output.h"

static bool print_reason(const char *detail, struct failure *why)
{
    SCOPED(json_t) *details = event_details(detail);
    const char *reason = json_string_value(json_object_get(details, "reason"));

    return reason == NULL ||
           (fputs(": ", stdout) >= 0 && print_shown(reason, why));
}

bool print_event(const struct journal_event *event, struct failure *why)
{
    char moment[MOMENT_TEXT];

    moment_print(event->at_ms, moment);
    (void)printf("%7" PRId64 "  %s  %-18s  ", event->seq, moment, event->kind);
    if (!print_shown(event->actor, why))
        return false;
    (void)fputs("  ", stdout);
    return print_shown(event->object, why) &&
           print_reason(event->detail, why) && putchar('\n') >= 0;
}

/* --- CSV ----------------------------------------------------------------- */

static bool append_field(
    struct buffer *line, const char *text, char behind, struct failure *why)
{
    if (!buffer_append_byte(line, '"', why))
        return false;
    for (; *text != '\0'; text++) {
        if ((*text == '"' && !buffer_append_byte(line, '"', why)) ||
            !buffer_append_byte(line, (uint8_t)*text, why))
            return false;
    }
    return buffer_append_byte(line, '"', why) &&
           (behind == '\0' || buffer_append_byte(line, (uint8_t)behind, why));
}

bool event_to_csv(
    const struct journal_event *event, struct buffer *line, struct failure *why)
{
    char moment[MOMENT_TEXT], hash[SHA256_TEXT];

    moment_print(event->at_ms, moment);
    hex_print((struct bytes){event->hash, SHA256_BYTES}, hash);
    return buffer_print(line, why, "%" PRId64 ",%s,%" PRId64 ",", event->seq,
               moment, event->at_ms) &&
           append_field(line, event->kind, ',', why) &&
           append_field(line, event->actor, ',', why) &&
           append_field(line, event->object, ',', why) &&
           append_field(line, event->detail, ',', why) &&
           buffer_print(line, why, "%s\r\n", hash);
}
