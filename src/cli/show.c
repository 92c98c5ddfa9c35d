#include <stdio.h>

#include "authority/certificate_row.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/show_history.h"
#include "x509/pem.h"

struct showing {
    const struct call *call;
    const struct place *place;
    struct store *store;
};

/* history: NULL without --history. */
static bool print_in_json(const struct certificate_row *row,
    const struct facts *facts, json_t *history, struct failure *why)
{
    SCOPED(json_t) *value = certificate_row_to_json(row, facts);

    if (value == NULL ||
        json_object_set_new(value, "certificate",
            row->sealed ? certificate_to_json(row->der) : json_null()) != 0 ||
        (history != NULL && json_object_set(value, "history", history) != 0))
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return output_json(value, why);
}

static bool print_fact(const char *name, const char *value, struct failure *why)
{
    (void)printf("%-12s ", name);
    return print_shown(value, why) && putchar('\n') >= 0;
}

static bool print_names(const struct facts *facts, struct failure *why)
{
    const json_t *name = NULL;
    size_t index = 0;

    json_array_foreach(facts->names, index, name)
    {
        if (!print_fact(
                index == 0 ? "names" : "", json_string_value(name), why))
            return false;
    }
    return true;
}

static bool print_status(const struct certificate_row *row, struct failure *why)
{
    char revoked_at[CLOCK_TEXT];

    if (!print_fact("status", certificate_row_status(row), why))
        return false;
    if (row->status != CERTIFICATE_VALID) {
        clock_print(row->revoked_at, revoked_at);
        (void)printf("%-12s %s, %s\n", "revoked at", revoked_at,
            revocation_reason_name(row->reason));
    }
    if (!row->sealed)
        (void)puts("             It may have been signed, but was never "
                   "delivered to anybody:\n             the authority was "
                   "interrupted while it issued it.");
    return true;
}

static bool print_pem(const struct certificate_row *row, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("certificate", PEM_MAX);

    return !row->sealed || (certificate_print(row->der, &pem, why) &&
                               output_bytes(buffer_view(&pem), why));
}

static bool print_for_people(const struct certificate_row *row,
    const struct facts *facts, struct failure *why)
{
    char issued_at[CLOCK_TEXT];

    clock_print(row->issued_at, issued_at);
    return print_fact("serial", facts->serial, why) &&
           print_fact("subject",
               *facts->subject == 0 ? "(empty)" : facts->subject, why) &&
           print_names(facts, why) &&
           print_fact("issuer", facts->issuer, why) &&
           print_fact("profile", row->profile, why) &&
           print_fact("key", facts->key, why) &&
           print_fact("not before", facts->not_before, why) &&
           print_fact("not after", facts->not_after, why) &&
           print_fact("issued at", issued_at, why) && print_status(row, why) &&
           (!row->sealed || print_fact("sha256", facts->sha256, why)) &&
           print_pem(row, why);
}

static bool visit(
    void *context, const struct certificate_row *row, struct failure *why)
{
    RELEASED(facts) facts = {0};
    SCOPED(json_t) *history = NULL;
    const struct showing *showing = context;

    if (!facts_read(row->der, row->sealed, &facts, why) ||
        (call_given(showing->call, "history") &&
            !history_open(showing->place, showing->store, row, &history, why)))
        return false;
    if (showing->call->json)
        return print_in_json(row, &facts, history, why);
    return history != NULL ? history_print(history, why)
                           : print_for_people(row, &facts, why);
}

/* The store knows serials as the contents of an INTEGER (X.690, 8.3), which
 * begins with a zero where the number would look negative. */
static bool read_operand(struct call *call, uint8_t contents[static 21],
    struct bytes *serial, struct failure *why)
{
    size_t length = 0;
    uint8_t *start = contents + 1;

    contents[0] = 0;
    if (!serial_read(call->options.operands[0], start, &length, why)) {
        advise(call, "chancery list shows those there are");
        return false;
    }
    if (length > 0 && (start[0] & 0x80) != 0) {
        start = contents;
        length++;
    }
    *serial = (struct bytes){start, length};
    return true;
}

bool run_show(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};
    struct showing showing = {.call = call, .place = &place};
    struct bytes serial = {0};
    uint8_t contents[21];

    if (!read_operand(call, contents, &serial, why) ||
        !call_place(call, &place, why) ||
        !place_open_store(&place, &store, why))
        return false;
    showing.store = store;
    return store_certificate_by_serial(store, serial, visit, &showing, why);
}
