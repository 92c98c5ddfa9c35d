#include <stdio.h>

#include "authority/status_table.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "server/front/answerers.h"
#include "server/http/conditional.h"
#include "server/http/date.h"
#include "server/http/media.h"
#include "server/http/syntax.h"

/* What stands before the base64 of a GET. */
#define PREFIX "/ocsp/"
#define PREFIX_BYTES (sizeof(PREFIX) - 1)

static bool check_type(const struct http_request *request, struct failure *why)
{
    enum http_rule broken = HTTP_NO_RULE;
    struct http_media media = {0};
    struct bytes value = {0};

    if (!http_request_field(request, "Content-Type", &value) ||
        !http_media_read(value, &media, &broken) ||
        !http_same_word(media.type, "application/ocsp-request"))
        return fail_because(why, FAILURE_MALFORMED,
            "the body is not declared as application/ocsp-request");
    return true;
}

/* RFC 6960, A.1: base64 in the path, or the body. */
static bool read_question(const struct connection *connection,
    struct buffer *der, struct ocsp_question *question, struct failure *why)
{
    const struct http_request *request = &connection->request;
    struct bytes raw = request->path;

    if (request->method == HTTP_POST)
        return check_type(request, why) &&
               ocsp_question_read(
                   buffer_view(&connection->body), question, why);
    if (raw.length < PREFIX_BYTES)
        return fail_because(
            why, FAILURE_MALFORMED, "the address holds no request");
    raw = http_slice(raw, PREFIX_BYTES, raw.length - PREFIX_BYTES);
    return ocsp_question_from_path(raw, der, why) &&
           ocsp_question_read(buffer_view(der), question, why);
}

/* RFC 5019, 6.2: an answer by GET may be kept by caches until it ends. */
static bool answer_cached(struct connection *connection, struct answer *answer,
    int64_t since, int64_t until, struct failure *why)
{
    const int64_t left = until - clock_now();
    char cached[96], expires[HTTP_DATE_TEXT], modified[HTTP_DATE_TEXT];
    char tag[HTTP_TAG_TEXT];
    uint8_t digest[SHA256_BYTES];

    (void)snprintf(cached, sizeof(cached),
        "max-age=%lld, public, no-transform, must-revalidate",
        (long long)(left > 0 ? left : 0));
    http_date_print(until, expires);
    http_date_print(since, modified);
    if (!sha256(&answer->content, 1, digest, why))
        return false;
    http_tag_print(digest, tag);
    return answer_add(answer, "Cache-Control", cached, why) &&
           answer_add(answer, "Expires", expires, why) &&
           connection_answer_tagged(
               connection, answer, tag, modified, since, why);
}

static bool look_up(struct connection *connection,
    const struct ocsp_question *question, bool *found, struct failure *why)
{
    struct front *front = connection->front;
    struct answer answer = {.status = 200, .type = "application/ocsp-response"};
    int64_t since = 0, until = 0;
    struct failure damaged = {0};

    buffer_clear(&front->content);
    *found = false;
    if (!status_map_answer(front->statuses, question, clock_now(),
            &front->content, found, &since, &until, &damaged)) {
        log_event(LOG_LEVEL_WARNING, "status-table-damaged", "why",
            damaged.reason, NULL);
        *found = false;
    }
    if (!*found)
        return true;
    answer.content = buffer_view(&front->content);
    return connection->request.method == HTTP_POST
               ? connection_answer(connection, &answer, why)
               : answer_cached(connection, &answer, since, until, why);
}

bool answer_status(struct connection *connection, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("an OCSP request", OCSP_QUESTION_MAX);
    struct ocsp_question question;
    bool found = false;

    question.id_count = 0;
    if (!read_question(connection, &der, &question, why))
        return false;
    if (question.id_count == 1 && question.nonce.length == 0 &&
        !look_up(connection, &question, &found, why))
        return false;
    return found || connection_ask_keeper(connection, why);
}
