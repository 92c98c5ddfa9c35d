#include "server/watch/health.h"

#include <stdlib.h>

#include "base/clock.h"
#include "server/keeper_state.h"
#include "server/web/visit.h"

static json_t *warning_to_json(const struct warning *row)
{
    char since[CLOCK_TEXT];

    clock_print(row->since, since);
    return json_pack("{s:o,s:o,s:s}", "about", json_of_text(row->about),
        "sentence", json_of_text(row->sentence), "since", since);
}

static json_t *rows_to_json(const struct warnings *found, bool are_red)
{
    json_t *array = json_array();

    for (size_t i = 0; i < found->count; i++) {
        if (found->rows[i].is_red == are_red)
            (void)json_array_append_new(
                array, warning_to_json(&found->rows[i]));
    }
    return array;
}

static bool is_told_all(const struct exchange *exchange)
{
    return exchange->listener == LISTENER_ADMIN &&
           exchange->caller.way != CALLER_ANYONE;
}

static bool answer(struct exchange *exchange, const struct warnings *found,
    struct failure *why)
{
    const bool is_red = warnings_are_red(found);
    SCOPED(json_t) *told = json_pack("{s:s}", "status", is_red ? "red" : "ok");

    if (is_told_all(exchange) &&
        json_object_update_new(
            told, json_pack("{s:o,s:o}", "reasons", rows_to_json(found, true),
                      "warnings", rows_to_json(found, false))) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return exchange_header(exchange, "Cache-Control", "no-store", why) &&
           exchange_answer_json(
               exchange, is_red ? 503 : 200, "application/json", told, why);
}

bool health_tell(struct exchange *exchange, struct failure *why)
{
    struct warnings *found = calloc(1, sizeof(*found));
    bool ok;

    if (found == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    watch_warnings(&visit_of(exchange)->keeper->watch, found);
    ok = answer(exchange, found, why);
    free(found);
    return ok;
}
