#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/refusal.h"
#include "base/text.h"
#include "protocols/certsrv/certsrv.h"
#include "protocols/problem.h"
#include "server/front_protocol.h"
#include "server/http/response.h"
#include "server/keeper_state.h"
#include "server/pages/html.h"
#include "server/web/visit.h"

/* What is worded, the same for every manner. */
struct wording {
    unsigned status;
    const char *sentence; /* for people */
};

static unsigned ways_of(const struct visit *visit)
{
    return visit->route == NULL ? WAY_ANYONE : visit->route->ways;
}

/* A password is asked for over TLS alone. */
static bool asks_for_password(const struct visit *visit)
{
    return (ways_of(visit) & WAY_BASIC) != 0 && visit->exchange.is_tls;
}

/* 401 must say by what credentials to come (RFC 9110, 15.5.2): where a header
 * can't bring them it is 403. */
static unsigned status_of(
    const struct visit *visit, const struct failure *refusal)
{
    if (visit->refused_with != 0)
        return visit->refused_with;
    if (refusal->kind == FAILURE_UNAUTHENTICATED &&
        (ways_of(visit) & WAY_TOKEN) == 0 && !asks_for_password(visit))
        return 403;
    return exchange_status(refusal->kind);
}

/* A reason may show bytes that a client sent, or end in half a letter. */
static const char *show(const char *reason, struct buffer *shown)
{
    struct failure why = {0};
    const char *text = "";

    return text_append_shown(shown, reason, &why) &&
                   buffer_as_text(shown, &text, &why)
               ? text
               : "";
}

/* What went wrong within is for the log: it may name files and statements. */
static struct wording word(const struct visit *visit,
    const struct failure *refusal, struct buffer *shown)
{
    struct wording wording = {
        status_of(visit, refusal), show(refusal->reason, shown)};

    if (wording.status != 500)
        return wording;
    log_event(LOG_LEVEL_ERROR, "request-failed", "request",
        visit->exchange.request_id, "path", visit->exchange.path, "why",
        refusal->reason, NULL);
    wording.sentence = "the server failed at this request; its log says why, "
                       "under the request's id";
    return wording;
}

/* --- headers ------------------------------------------------------------- */

static bool add_allow(
    struct exchange *exchange, const struct route *route, struct failure *why)
{
    static const struct {
        enum exchange_method method;
        const char *names;
    } rows[] = {
        {EXCHANGE_GET, "GET, HEAD"},
        {EXCHANGE_POST, "POST"},
        {EXCHANGE_PUT, "PUT"},
        {EXCHANGE_PATCH, "PATCH"},
        {EXCHANGE_DELETE, "DELETE"},
    };
    char allowed[64] = "";
    size_t used = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if ((route->methods & rows[i].method) != 0)
            used += (size_t)snprintf(allowed + used, sizeof(allowed) - used,
                "%s%s", used == 0 ? "" : ", ", rows[i].names);
    }
    return exchange_header(exchange, "Allow", allowed, why);
}

static bool add_challenges(struct visit *visit, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;

    if ((ways_of(visit) & WAY_TOKEN) != 0 &&
        !exchange_header(
            exchange, "WWW-Authenticate", "Bearer realm=\"Chancery\"", why))
        return false;
    return !asks_for_password(visit) ||
           exchange_header(exchange, "WWW-Authenticate",
               "Basic realm=\"Chancery\", charset=\"UTF-8\"", why);
}

static bool add_headers(
    struct visit *visit, unsigned status, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;

    if (!exchange_header(exchange, "Cache-Control", "no-store", why))
        return false;
    if (status == 401)
        return add_challenges(visit, why);
    if (status == 405 && visit->route != NULL)
        return add_allow(exchange, visit->route, why);
    return status != 503 || exchange_header(exchange, "Retry-After", "5", why);
}

/* --- manners ------------------------------------------------------------- */

/* RFC 9457; the status is perhaps another than the kind's. */
static bool answer_problem(struct visit *visit, const struct wording *wording,
    const struct failure *refusal, struct failure *why)
{
    struct problem problem = {.refusal = {.kind = refusal->kind},
        .status = wording->status,
        .type = visit->refused_as};

    (void)snprintf(problem.refusal.reason, sizeof(problem.refusal.reason), "%s",
        wording->sentence);
    return problem_answer(&visit->exchange, &problem, why);
}

static bool append_page(struct buffer *out, const struct exchange *exchange,
    const struct wording *wording, struct failure *why)
{
    const char *name = exchange->authority->configuration->name;
    const struct html_page page = {.title = http_status_phrase(wording->status),
        .authority = name[0] == '\0' ? "Chancery" : name,
        .is_admin = bytes_begin_with(exchange->raw_path, "/admin"),
        .is_plain = exchange->listener == LISTENER_PLAIN};

    return html_page_begin(out, &page, why) && html_raw(out, "<p>", why) &&
           html_text(out, wording->sentence, why) &&
           html_raw(out, "</p>\n<p class=\"faint\">Request <code>", why) &&
           html_text(out, exchange->request_id, why) &&
           html_raw(out, "</code></p>\n", why) && html_page_end(out, why);
}

static bool answer_page(struct exchange *exchange,
    const struct wording *wording, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("page", HTML_PAGE_MAX);

    return append_page(&page, exchange, wording, why) &&
           exchange_answer(exchange, wording->status,
               "text/html; charset=utf-8", buffer_view(&page), why);
}

/* What a rule says of a submission is found in a page of status 200; what went
 * wrong within is for the log. */
static bool answer_certsrv(struct visit *visit, const struct wording *wording,
    const struct failure *refusal, struct failure *why)
{
    bool answered = false;

    return certsrv_refuse(&visit->exchange, refusal, &answered, why) &&
           (answered || answer_page(&visit->exchange, wording, why));
}

static bool answer_text(struct exchange *exchange,
    const struct wording *wording, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("answer", 4096);

    return buffer_print(&text, why, "%s\n", wording->sentence) &&
           exchange_answer(exchange, wording->status,
               "text/plain; charset=utf-8", buffer_view(&text), why);
}

/* RFC 6960, 4.2.1: OCSPResponseStatus, and HTTP has done its part (A.1). */
static uint8_t ocsp_status(const struct failure *refusal)
{
    switch (refusal->kind) {
    case FAILURE_MALFORMED:
    case FAILURE_UNSUITABLE:
        return 1; /* malformedRequest */
    case FAILURE_UNAVAILABLE:
    case FAILURE_CONFLICT:
        return 3; /* tryLater */
    case FAILURE_UNAUTHENTICATED:
    case FAILURE_FORBIDDEN:
    case FAILURE_NOT_FOUND:
        return 6; /* unauthorized */
    case FAILURE_NONE:
    case FAILURE_INTERNAL:
        break;
    }
    return 2; /* internalError */
}

static bool answer_ocsp(struct exchange *exchange,
    const struct failure *refusal, struct failure *why)
{
    const uint8_t answer[] = {0x30, 3, 0x0a, 1, ocsp_status(refusal)};

    return exchange_answer(exchange, 200, "application/ocsp-response",
        (struct bytes){answer, sizeof(answer)}, why);
}

/* A path without a route: by what the client is likely to read. */
static enum route_manner manner_of(const struct visit *visit)
{
    const struct exchange *exchange = &visit->exchange;

    if (visit->route != NULL)
        return visit->route->manner;
    if (bytes_begin_with(exchange->raw_path, "/api/"))
        return MANNER_PROBLEM;
    return exchange->accept != NULL && strstr(exchange->accept, "text/html")
               ? MANNER_PAGE
               : MANNER_TEXT;
}

static bool answer_in_manner(struct visit *visit, const struct wording *wording,
    const struct failure *refusal, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;

    switch (manner_of(visit)) {
    case MANNER_PROBLEM:
        return answer_problem(visit, wording, refusal, why);
    case MANNER_CERTSRV:
        return answer_certsrv(visit, wording, refusal, why);
    case MANNER_PAGE:
        return answer_page(exchange, wording, why);
    case MANNER_OCSP:
        if (visit->refused_with == 0)
            return answer_ocsp(exchange, refusal, why);
        break;
    case MANNER_TEXT:
        break;
    }
    return answer_text(exchange, wording, why);
}

/* --- all of them --------------------------------------------------------- */

static void forget_answer(struct exchange *exchange)
{
    buffer_free(&exchange->answer);
    exchange->header_count = 0;
    exchange->status = 0;
}

static void refuse_certify(struct visit *visit, const struct failure *refusal)
{
    struct failure why = {0};

    visit->answers_with = FRONT_REFUSED;
    buffer_clear(&visit->reply);
    if (!refusal_write(&visit->reply, refusal, &why))
        buffer_clear(&visit->reply);
}

void visit_refuse(struct visit *visit, const struct failure *refusal)
{
    RELEASED(buffer) shown = BUFFER("sentence", 8 * FAILURE_REASON_ROOM);
    struct exchange *exchange = &visit->exchange;
    struct failure why = {0};
    struct wording wording;

    if (visit->certifies) {
        refuse_certify(visit, refusal);
        return;
    }
    wording = word(visit, refusal, &shown);
    forget_answer(exchange);
    if (add_headers(visit, wording.status, &why) &&
        answer_in_manner(visit, &wording, refusal, &why))
        return;
    /* Without memory the status alone is left to say. */
    forget_answer(exchange);
    exchange->status = wording.status;
    exchange->answer_type = "text/plain; charset=utf-8";
}
