#include "protocols/ocsp/ocsp.h"

#include <stdlib.h>
#include <string.h>

#include "x509/ocsp_question.h"
#include "x509/ocsp_writer.h"

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

/* What was asked, until it is answered. */
struct asked {
    struct buffer der; /* of a GET */
    struct ocsp_question question;
};

static void asked_free(void *own)
{
    struct asked *asked = own;

    buffer_free(&asked->der);
    free(asked);
}

static bool take_request(
    const struct exchange *exchange, struct asked *asked, struct failure *why)
{
    struct bytes request = exchange->body;

    if (exchange->method == EXCHANGE_GET) {
        if (!take_path(exchange, &asked->der, why))
            return false;
        request = buffer_view(&asked->der);
    }
    return ocsp_question_read(request, &asked->question, why);
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

static bool begin(
    struct exchange *exchange, struct asked **begun, struct failure *why)
{
    struct asked *asked = calloc(1, sizeof(*asked));

    if (asked == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    asked->der = BUFFER("OCSP request", OCSP_QUESTION_MAX);
    exchange->own = asked;
    exchange->free_own = asked_free;
    *begun = asked;
    return true;
}

bool ocsp_ask(struct exchange *exchange, struct failure *why)
{
    struct asked *asked = NULL;
    struct failure broken = {0};

    if (!begin(exchange, &asked, why))
        return false;
    if (!take_request(exchange, asked, &broken))
        return answer_without_body(exchange, OCSP_MALFORMED_REQUEST, why);
    if (exchange->authority->ocsp == NULL)
        return answer_without_body(exchange, OCSP_TRY_LATER, why);
    return exchange->verbs->status(
        exchange, &asked->question, answer_with, why);
}
