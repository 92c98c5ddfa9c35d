#include "protocols/problem.h"

#include <stdio.h>
#include <string.h>

#define RETRY_AFTER_S "30"

/* The signer's words for a key that waits for `chancery unlock`
 * (server/signer_keys.c). */
static bool is_of_locked_key(const struct failure *refusal)
{
    static const char end[] = ": locked";
    size_t length = strlen(refusal->reason);

    return refusal->kind == FAILURE_UNAVAILABLE && length >= sizeof(end) - 1 &&
           strcmp(refusal->reason + length - (sizeof(end) - 1), end) == 0;
}

const char *problem_type_of(const struct failure *refusal)
{
    return is_of_locked_key(refusal) ? "locked" : failure_code(refusal->kind);
}

static const char *title_of(enum failure_kind kind)
{
    switch (kind) {
    case FAILURE_MALFORMED:
        return "The request can't be understood";
    case FAILURE_UNAUTHENTICATED:
        return "Nobody vouches for who asks";
    case FAILURE_FORBIDDEN:
        return "Who asks may not have this";
    case FAILURE_UNSUITABLE:
        return "A rule refuses it";
    case FAILURE_NOT_FOUND:
        return "There is no such thing";
    case FAILURE_CONFLICT:
        return "It does not fit what is there";
    case FAILURE_UNAVAILABLE:
        return "Not now; try again later";
    case FAILURE_NONE:
    case FAILURE_INTERNAL:
        break;
    }
    return "Something failed here";
}

/* Our own fault is not for the requester (base/failure.h). */
static const char *detail_of(const struct failure *refusal)
{
    return refusal->kind == FAILURE_INTERNAL || refusal->kind == FAILURE_NONE
               ? "the server failed at this request; its log says why, under "
                 "the "
                 "request's id"
               : refusal->reason;
}

static const char *end_of_type(const struct problem *problem)
{
    if (problem->type != NULL)
        return problem->type;
    return problem->blame.rule != NULL ? problem->blame.rule
                                       : problem_type_of(&problem->refusal);
}

static bool add_blame(
    json_t *document, const struct problem_field *blame, struct failure *why)
{
    const struct {
        const char *name, *value;
    } members[] = {
        {"field", blame->field},
        {"rule", blame->rule},
        {"found", blame->found},
        {"allowed", blame->allowed},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        if (members[i].value != NULL && members[i].value[0] != '\0' &&
            json_object_set_new(
                document, members[i].name, json_of_text(members[i].value)) != 0)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    return true;
}

static bool has_header(const struct exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->header_count; i++) {
        if (strcmp(exchange->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool add_headers(
    struct exchange *exchange, unsigned status, struct failure *why)
{
    const char *name = status == 503 ? "Retry-After" : "WWW-Authenticate";

    if (has_header(exchange, name))
        return true;
    if (status == 503)
        return exchange_header(exchange, "Retry-After", RETRY_AFTER_S, why);
    return status != 401 || exchange_header(exchange, "WWW-Authenticate",
                                "Bearer realm=\"Chancery\"", why);
}

static unsigned status_of(const struct problem *problem)
{
    return problem->status == 0 ? exchange_status(problem->refusal.kind)
                                : problem->status;
}

bool problem_document(const struct problem *problem, const char *request_id,
    json_t **document, struct failure *why)
{
    const struct failure *refusal = &problem->refusal;
    SCOPED(json_t) *made = NULL;
    char type[120];

    (void)snprintf(
        type, sizeof(type), PROBLEM_URN "%.80s", end_of_type(problem));
    made = json_pack("{s:s,s:s,s:i,s:s,s:o,s:s}", "type", type, "title",
        title_of(refusal->kind), "status", (int)status_of(problem), "code",
        failure_code(refusal->kind), "detail", json_of_text(detail_of(refusal)),
        "request_id", request_id);
    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!add_blame(made, &problem->blame, why))
        return false;
    *document = KEEP(json_t, &made);
    return true;
}

enum failure_kind problem_kind_of(unsigned status)
{
    switch (status) {
    case 401:
        return FAILURE_UNAUTHENTICATED;
    case 403:
        return FAILURE_FORBIDDEN;
    case 404:
        return FAILURE_NOT_FOUND;
    case 409:
        return FAILURE_CONFLICT;
    case 422:
        return FAILURE_UNSUITABLE;
    case 503:
    case 504:
        return FAILURE_UNAVAILABLE;
    default:
        return status < 500 ? FAILURE_MALFORMED : FAILURE_INTERNAL;
    }
}

bool problem_answer(struct exchange *exchange, const struct problem *problem,
    struct failure *why)
{
    unsigned status = status_of(problem);
    SCOPED(json_t) *document = NULL;

    return problem_document(problem, exchange->request_id, &document, why) &&
           add_headers(exchange, status, why) &&
           exchange_answer_json(exchange, status, PROBLEM_TYPE, document, why);
}

bool problem_answer_failure(struct exchange *exchange,
    const struct failure *refusal, struct failure *why)
{
    const struct problem problem = {.refusal = *refusal};

    return problem_answer(exchange, &problem, why);
}
