#include "base/refusal.h"

/* Above all that the protocols themselves use. */
#define FIELD_REFUSAL_KIND 0xfe
#define FIELD_REFUSAL_REASON 0xff

#define REFUSAL_MAX 1024

bool refusal_write(
    struct buffer *message, const struct failure *refusal, struct failure *why)
{
    return message_add_number(
               message, FIELD_REFUSAL_KIND, refusal->kind, why) &&
           message_add_text(
               message, FIELD_REFUSAL_REASON, refusal->reason, why);
}

static bool read_refusal(struct bytes message, uint64_t *kind,
    char reason[static REFUSAL_MAX], struct failure *why)
{
    struct reader reader = reader_of(message);

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == FIELD_REFUSAL_KIND)
            ok = field_number(&field, kind, why);
        else if (ok && field.tag == FIELD_REFUSAL_REASON)
            ok = field_text(&field, reason, REFUSAL_MAX, why);
        if (!ok)
            return false;
    }
    return *kind != FAILURE_NONE && *kind <= FAILURE_INTERNAL;
}

bool fail_as_told(struct failure *why, struct bytes message, const char *who)
{
    char reason[REFUSAL_MAX] = "";
    struct failure ignored = {0};
    uint64_t kind = FAILURE_NONE;

    if (!read_refusal(message, &kind, reason, &ignored))
        return fail_because(
            why, FAILURE_INTERNAL, "the %s refused without a reason", who);
    return fail_because(why, (enum failure_kind)kind, "%s", reason);
}
