#include "protocols/ocsp/ocsp.h"

#include <string.h>

#include "authority/status_answer.h"
#include "base/clock.h"

#define GET_PREFIX "/ocsp/"

/* RFC 6960, A.1.  The path as it was sent: what decodes it first may merge
 * slashes of the base64 (incident 46). */
static bool take_path(
    const struct exchange *exchange, struct buffer *der, struct failure *why)
{
    const size_t prefix = strlen(GET_PREFIX);
    struct bytes raw = exchange->raw_path;

    if (raw.length <= prefix || memcmp(raw.start, GET_PREFIX, prefix) != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a GET of OCSP has the request behind %s (RFC 6960, A.1)",
            GET_PREFIX);
    return ocsp_question_from_path(
        (struct bytes){raw.start + prefix, raw.length - prefix}, der, why);
}

static bool take_request(
    const struct exchange *exchange, struct buffer *der, struct failure *why)
{
    if (exchange->method == EXCHANGE_GET)
        return take_path(exchange, der, why);
    return buffer_append(der, exchange->body, why);
}

static bool answer_with(
    struct exchange *exchange, struct bytes answer, struct failure *why)
{
    return exchange_header(exchange, "Cache-Control", "no-store", why) &&
           exchange_answer(exchange, 200, OCSP_ANSWER_TYPE, answer, why);
}

static bool answer_without_body(struct exchange *exchange,
    enum ocsp_response_status status, struct failure *why)
{
    return answer_with(exchange, ocsp_answer_without_body(status), why);
}

bool ocsp_ask(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("OCSP request", OCSP_QUESTION_MAX);
    RELEASED(buffer) answer = BUFFER("OCSP answer", OCSP_RESPONSE_MAX);
    struct ocsp_question question = {0};
    struct failure broken = {0};

    if (!take_request(exchange, &der, &broken) ||
        !ocsp_question_read(buffer_view(&der), &question, &broken))
        return answer_without_body(exchange, OCSP_MALFORMED_REQUEST, why);
    if (exchange->authority->ocsp == NULL)
        return answer_without_body(exchange, OCSP_TRY_LATER, why);
    return status_answer(exchange->authority->ocsp, exchange->store, &question,
               clock_now(), &answer, why) &&
           answer_with(exchange, buffer_view(&answer), why);
}
