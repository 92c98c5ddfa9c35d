#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/clerk.h"
#include "server/keeper_state.h"
#include "server/web/visit.h"

/* What is prepared here is queued when the handler has returned: until then the
 * visit is the worker's alone. */
static bool check_first(const struct visit *visit, struct failure *why)
{
    return (visit->errand == NULL && visit->question == 0 &&
               visit->status == NULL && visit->exchange.status == 0) ||
           fail_because(why, FAILURE_INTERNAL,
               "%s asked for a second thing, or after its answer",
               visit->exchange.path);
}

/* --- issue --------------------------------------------------------------- */

static bool name_origin(const struct exchange *exchange, const char *origin,
    struct errand *errand, struct failure *why)
{
    if (origin == NULL)
        return true;
    errand->enrolment.origin = errand->origin;
    return exchange_origin(exchange, origin, errand->origin, why);
}

static bool copy_name(const char *name, char room[static PROFILE_NAME_MAX],
    const char **copied, struct failure *why)
{
    if (name == NULL)
        return true;
    if (strlen(name) >= PROFILE_NAME_MAX)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no profile and no authority has a name of more than %d characters",
            PROFILE_NAME_MAX - 1);
    (void)snprintf(room, PROFILE_NAME_MAX, "%s", name);
    *copied = room;
    return true;
}

/* All the room is there: what was copied before does not move. */
static bool copy_bytes(struct errand *errand, struct bytes bytes,
    struct bytes *copied, struct failure *why)
{
    size_t start = errand->body.length;

    if (bytes.length == 0)
        return true;
    if (!buffer_append(&errand->body, bytes, why))
        return false;
    *copied = (struct bytes){errand->body.start + start, bytes.length};
    return true;
}

/* Over REST one is named; neither a form nor /certsrv can. */
static const char *authority_of(
    const struct errand *errand, const struct exchange_wish *wish)
{
    const struct exchange *exchange = &errand->visit->exchange;
    enum enrolment_door door = exchange->caller.door;

    return wish->authority == NULL && (door == DOOR_WEB || door == DOOR_CERTSRV)
               ? authority_of_doors(exchange->authority)
               : wish->authority;
}

static bool copy_wish(struct errand *errand, const struct exchange_wish *wish,
    struct failure *why)
{
    struct enrolment *enrolment = &errand->enrolment;
    const char *authority = authority_of(errand, wish);
    struct renewal *renewal = &errand->renewal;
    size_t room = wish->request.length + wish->subject.length +
                  wish->general_names.length + wish->renews.length +
                  wish->proof.length;

    enrolment->lifetime_s = wish->lifetime_s;
    enrolment->not_after = wish->not_after;
    return copy_name(
               wish->profile, errand->profile, &enrolment->profile, why) &&
           copy_name(
               authority, errand->authority, &enrolment->authority, why) &&
           buffer_reserve(&errand->body, room, why) &&
           copy_bytes(errand, wish->request, &enrolment->request, why) &&
           copy_bytes(errand, wish->subject, &enrolment->subject, why) &&
           copy_bytes(
               errand, wish->general_names, &enrolment->general_names, why) &&
           copy_bytes(errand, wish->renews, &renewal->serial, why) &&
           copy_bytes(errand, wish->proof, &renewal->proof, why);
}

static bool issue(struct exchange *exchange, const struct exchange_wish *wish,
    exchange_finish_issue *finish, struct failure *why)
{
    struct visit *visit = visit_of(exchange);

    if (!check_first(visit, why))
        return false;
    if (wish->profile == NULL && wish->renews.length == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "a request without a profile");
    visit->errand = calloc(1, sizeof(*visit->errand));
    if (visit->errand == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    visit->errand->visit = visit;
    visit->errand->body = BUFFER("request", CONTROL_FRAME_MAX);
    visit->errand->enrolment = (struct enrolment){.caller = &exchange->caller};
    visit->finish_issue = finish;
    return copy_wish(visit->errand, wish, why) &&
           name_origin(exchange, wish->origin, visit->errand, why);
}

/* --- ask ----------------------------------------------------------------- */

static bool ask(struct exchange *exchange, uint16_t message,
    struct bytes fields, exchange_finish_ask *finish, struct failure *why)
{
    struct visit *visit = visit_of(exchange);

    if (!check_first(visit, why))
        return false;
    if (!clerk_knows(message))
        return fail_because(
            why, FAILURE_INTERNAL, "message %u is no question", message);
    buffer_clear(&visit->fields);
    if (!buffer_append(&visit->fields, fields, why))
        return false;
    visit->question = message;
    visit->finish_ask = finish;
    return true;
}

/* --- status -------------------------------------------------------------- */

static bool status(struct exchange *exchange,
    const struct ocsp_question *question, exchange_finish_status *finish,
    struct failure *why)
{
    struct visit *visit = visit_of(exchange);

    if (!check_first(visit, why))
        return false;
    visit->status = question;
    visit->finish_status = finish;
    return true;
}

const struct exchange_verbs *visit_verbs(void)
{
    static const struct exchange_verbs verbs = {issue, ask, status};

    return &verbs;
}
