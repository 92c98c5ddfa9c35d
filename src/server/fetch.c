#include "server/fetch.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "server/fetch_connection.h"
#include "server/http_answer.h"

#define PIECE (32 * 1024)

struct exchange {
    const struct fetch_wish *wish;
    int connection;
    struct buffer head; /* with what of the body came along */
    struct http_answer answer;
    struct http_chunks chunks;
};

size_t fetch_bytes_max(enum fetch_kind kind)
{
    return kind == FETCH_LIST ? FETCH_LIST_MAX : FETCH_OTHER_MAX;
}

/* --- asking --------------------------------------------------------------- */

static bool write_request(const struct fetch_wish *wish,
    const struct fetch_url *url, struct buffer *text, struct failure *why)
{
    const bool is_notice = wish->kind == FETCH_NOTICE;
    const bool is_post = wish->kind == FETCH_ANSWER || is_notice;

    if (!buffer_print(text, why, "%s %s HTTP/1.1\r\nHost: %s%s%s",
            is_post ? "POST" : "GET", url->target, url->is_bracketed ? "[" : "",
            url->host, url->is_bracketed ? "]" : "") ||
        (url->has_port &&
            !buffer_print(text, why, ":%u", (unsigned)url->port)) ||
        !buffer_append_text(text,
            "\r\nUser-Agent: chancery\r\nAccept: */*\r\nConnection: close\r\n",
            why))
        return false;
    if (is_post &&
        !buffer_print(text, why,
            "Content-Type: application/%s\r\nContent-Length: %zu\r\n",
            is_notice ? "json" : "ocsp-request", wish->request.length))
        return false;
    return buffer_append_text(text, "\r\n", why) &&
           buffer_append(text, wish->request, why);
}

static bool send_all(
    const struct exchange *exchange, struct bytes text, struct failure *why)
{
    while (text.length > 0) {
        ssize_t sent;

        if (!fetch_wait(
                exchange->connection, true, exchange->wish->deadline_ms, why))
            return false;
        sent =
            send(exchange->connection, text.start, text.length, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (sent <= 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "the server closed the connection: %s", strerrordesc_np(errno));
        text.start += sent;
        text.length -= (size_t)sent;
    }
    return true;
}

/* --- reading -------------------------------------------------------------- */

/* *count 0: the server closed. */
static bool receive(const struct exchange *exchange,
    uint8_t piece[static PIECE], size_t *count, struct failure *why)
{
    for (;;) {
        ssize_t got;

        if (!fetch_wait(
                exchange->connection, false, exchange->wish->deadline_ms, why))
            return false;
        got = recv(exchange->connection, piece, PIECE, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got < 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "the server closed the connection: %s", strerrordesc_np(errno));
        *count = (size_t)got;
        return true;
    }
}

/* *rest: what came behind the head. */
static bool read_head(
    struct exchange *exchange, struct bytes *rest, struct failure *why)
{
    uint8_t piece[PIECE];
    struct bytes view;
    size_t count = 0, end = 0;

    while (end == 0) {
        if (exchange->head.length >= HTTP_HEAD_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "the head of the answer is longer than %d bytes",
                HTTP_HEAD_MAX);
        if (!receive(exchange, piece, &count, why))
            return false;
        if (count == 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "the server closed the connection without an answer");
        if (!buffer_append(&exchange->head, (struct bytes){piece, count}, why))
            return false;
        end = http_head_end(buffer_view(&exchange->head));
    }
    view = buffer_view(&exchange->head);
    *rest = (struct bytes){view.start + end, view.length - end};
    return http_answer_read(
        (struct bytes){view.start, end}, &exchange->answer, why);
}

static bool fail_large(const struct buffer *body, struct failure *why)
{
    return fail_because(why, FAILURE_UNSUITABLE,
        "it is larger than %zu bytes, which is the limit", body->ceiling);
}

static bool take_piece(struct exchange *exchange, struct bytes piece,
    struct buffer *body, struct failure *why)
{
    if (exchange->answer.is_chunked)
        return http_chunks_take(&exchange->chunks, piece, body, why);
    if (exchange->answer.has_length &&
        piece.length > exchange->answer.length - body->length)
        return fail_because(why, FAILURE_MALFORMED,
            "the answer goes on behind its Content-Length");
    if (piece.length > body->ceiling - body->length)
        return fail_large(body, why);
    return buffer_append(body, piece, why);
}

static bool is_whole(const struct exchange *exchange, const struct buffer *body)
{
    if (exchange->answer.is_chunked)
        return exchange->chunks.at == CHUNKS_ENDED;
    return exchange->answer.has_length &&
           body->length == exchange->answer.length;
}

static bool read_body(struct exchange *exchange, struct bytes rest,
    struct buffer *body, struct failure *why)
{
    uint8_t piece[PIECE];
    size_t count = 0;

    if (exchange->answer.has_length && exchange->answer.length > body->ceiling)
        return fail_large(body, why);
    if (!take_piece(exchange, rest, body, why))
        return false;
    while (!is_whole(exchange, body)) {
        if (!receive(exchange, piece, &count, why))
            return false;
        if (count == 0)
            break;
        if (!take_piece(exchange, (struct bytes){piece, count}, body, why))
            return false;
    }
    if (!is_whole(exchange, body) &&
        (exchange->answer.is_chunked || exchange->answer.has_length))
        return fail_because(why, FAILURE_MALFORMED,
            "the server closed the connection after %zu bytes, before the end",
            body->length);
    return true;
}

/* --- what the answer says ------------------------------------------------- */

static bool is_redirect(unsigned int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 ||
           status == 308;
}

static bool is_type(struct bytes type, const char *name)
{
    return type.length == strlen(name) &&
           strncasecmp((const char *)type.start, name, type.length) == 0;
}

/* Lists and certificates come under many types; what a person would be shown
 * (a page of a proxy or of a sign-in) is none of them. */
static bool check_type(const struct exchange *exchange, struct failure *why)
{
    const struct bytes type = exchange->answer.type;

    if (exchange->wish->kind == FETCH_ANSWER &&
        !is_type(type, "application/ocsp-response"))
        return fail_because(why, FAILURE_MALFORMED,
            "the answer is of another type than application/ocsp-response "
            "(RFC 6960, A.2)");
    return !is_type(type, "text/html") ||
           fail_because(why, FAILURE_MALFORMED,
               "the answer is a page for people (text/html)");
}

static bool check_answer(const struct exchange *exchange, struct failure *why)
{
    const unsigned int status = exchange->answer.status;

    if (exchange->wish->kind == FETCH_NOTICE && status >= 200 && status < 300)
        return true;
    if (status != 200)
        return fail_because(why,
            status == 404 || status == 410 ? FAILURE_NOT_FOUND
                                           : FAILURE_UNAVAILABLE,
            "the server answers with the status %u", status);
    return check_type(exchange, why);
}

/* One question and its answer; *next is filled in where it is elsewhere. */
static bool fetch_once(struct exchange *exchange, struct fetch_url *url,
    bool *is_elsewhere, struct buffer *body, struct failure *why)
{
    RELEASED(buffer)
    request = BUFFER("a request", 8 * FETCH_URL_MAX + FETCH_REQUEST_MAX);
    struct bytes rest = {0};

    if (!write_request(exchange->wish, url, &request, why) ||
        !fetch_connect(exchange->wish, url, &exchange->connection, why) ||
        !send_all(exchange, buffer_view(&request), why) ||
        !read_head(exchange, &rest, why))
        return false;
    *is_elsewhere = is_redirect(exchange->answer.status);
    if (*is_elsewhere)
        return fetch_url_follow(url, exchange->answer.location, url, why);
    return check_answer(exchange, why) &&
           (exchange->wish->kind == FETCH_NOTICE ||
               read_body(exchange, rest, body, why));
}

static void exchange_free(struct exchange *exchange)
{
    descriptor_close(&exchange->connection);
    buffer_free(&exchange->head);
}

bool fetch(
    const struct fetch_wish *wish, struct buffer *body, struct failure *why)
{
    struct fetch_url url = {0};
    bool is_elsewhere = true;

    if (!fetch_url_read(wish->address, &url, why))
        return false;
    for (int i = 0; i <= FETCH_REDIRECTS_MAX && is_elsewhere; i++) {
        RELEASED(exchange)
        exchange = {.wish = wish,
            .connection = -1,
            .head = BUFFER("the head of an answer", HTTP_HEAD_MAX + PIECE)};

        if (!fetch_once(&exchange, &url, &is_elsewhere, body, why))
            return false;
    }
    return !is_elsewhere ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the server sends on more than %d times", FETCH_REDIRECTS_MAX);
}
