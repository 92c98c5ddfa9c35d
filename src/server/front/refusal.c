#include "protocols/problem.h"
#include "server/front/connection_parts.h"
#include "server/http/response.h"
#include "server/pages/html.h"
#include "x509/ocsp_writer.h"

static bool compose_text(
    const char *sentence, struct buffer *words, struct failure *why)
{
    return buffer_print(words, why, "%s\n", sentence);
}

static bool compose_page(const struct connection *connection, unsigned status,
    const char *sentence, struct buffer *words, struct failure *why)
{
    const struct html_page page = {.title = http_status_phrase(status),
        .authority = "Chancery",
        .here = "",
        .is_plain = !connection_is_tls(connection)};

    return html_page_begin(words, &page, why) &&
           html_print(words, why,
               "<p>%s</p>\n<p class=\"quiet\">Request <code>%s</code></p>\n",
               sentence, connection->request_id) &&
           html_page_end(words, why);
}

static bool compose_problem(const struct connection *connection,
    unsigned status, const char *sentence, struct buffer *words,
    struct failure *why)
{
    struct problem problem = {.status = status};
    SCOPED(json_t) *document = NULL;

    (void)fail_because(
        &problem.refusal, problem_kind_of(status), "%s", sentence);
    return problem_document(&problem, connection->request_id, &document, why) &&
           json_append(words, document, why) &&
           buffer_append_byte(words, '\n', why);
}

/* RFC 6960, 4.2.1: who can't answer now says so in the answer, and clients
 * look at that.  False: it is no question of status at all; a broken frame is
 * HTTP's. */
static bool find_ocsp_status(const struct connection *connection,
    unsigned status, enum ocsp_response_status *answer)
{
    if (connection->broken != HTTP_NO_RULE)
        return false;
    switch (status) {
    case 400:
    case 422:
        *answer = OCSP_MALFORMED_REQUEST;
        return true;
    case 500:
        *answer = OCSP_INTERNAL_ERROR;
        return true;
    case 503:
    case 504:
        *answer = OCSP_TRY_LATER;
        return true;
    default:
        return false;
    }
}

bool refusal_compose(const struct connection *connection, const char *sentence,
    unsigned *status, const char **type, struct buffer *words,
    struct failure *why)
{
    enum ocsp_response_status ocsp = OCSP_TRY_LATER;

    switch (connection->manner) {
    case MANNER_PAGE:
    case MANNER_CERTSRV:
        *type = "text/html; charset=utf-8";
        return compose_page(connection, *status, sentence, words, why);
    case MANNER_PROBLEM:
        *type = PROBLEM_TYPE;
        return compose_problem(connection, *status, sentence, words, why);
    case MANNER_OCSP:
        if (find_ocsp_status(connection, *status, &ocsp)) {
            *type = "application/ocsp-response";
            *status = 200;
            return buffer_append(words, ocsp_answer_without_body(ocsp), why);
        }
        break;
    case MANNER_TEXT:
        break;
    }
    *type = "text/plain; charset=utf-8";
    return compose_text(sentence, words, why);
}
