#include "server/front/front_start.h"

#include <stdlib.h>

#include "base/message.h"
#include "server/front/front_state.h"
#include "server/front_protocol.h"

void front_start_free(struct front_start *start)
{
    free(start);
}

static bool take_number(const struct field *field, uint64_t below,
    uint64_t *number, struct failure *why)
{
    if (!field_number(field, number, why))
        return false;
    return *number < below ||
           fail_because(why, FAILURE_MALFORMED,
               "the number %llu of a front's start is too large",
               (unsigned long long)*number);
}

static bool take_field(
    struct front_start *start, const struct field *field, struct failure *why)
{
    uint64_t number = 0;

    switch (field->tag) {
    case FRONT_FIELD_LISTENER:
        if (!take_number(field, LISTENER_KINDS, &number, why))
            return false;
        start->listener = (enum listener)number;
        return true;
    case FRONT_FIELD_PER_ADDRESS:
        if (!take_number(field, front_limits.in_all + 1, &number, why))
            return false;
        start->per_address = (size_t)number;
        return true;
    case FRONT_FIELD_DIRECTORY:
        return field_text(
            field, start->directory, sizeof(start->directory), why);
    case FRONT_FIELD_NAME:
        if (start->name_count == FRONT_NAMES_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "a front has more than %d names", FRONT_NAMES_MAX);
        return field_text(
            field, start->names[start->name_count++], FRONT_NAME_ROOM, why);
    default:
        return fail_because(why, FAILURE_MALFORMED,
            "a front's start has a field of no meaning");
    }
}

static bool check(const struct front_start *start, struct failure *why)
{
    if (start->directory[0] != '/')
        return fail_because(why, FAILURE_MALFORMED,
            "a front was given no directory to serve from");
    if (start->per_address == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a front may take no connection from any address");
    if (start->listener != LISTENER_PLAIN && start->name_count == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a front with TLS was given no name of the server");
    return true;
}

bool front_start_read(
    struct bytes body, struct front_start **start, struct failure *why)
{
    SCOPED_STRUCT(front_start) *made = calloc(1, sizeof(*made));
    struct reader reader = reader_of(body);

    if (made == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for a front's start");
    made->listener = LISTENER_PLAIN;
    made->per_address = front_limits.per_address;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(made, &field, why))
            return false;
    }
    if (!check(made, why))
        return false;
    *start = KEEP(front_start, &made);
    return true;
}
