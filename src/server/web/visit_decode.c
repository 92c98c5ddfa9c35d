#include <string.h>

#include "base/text.h"
#include "server/front_protocol.h"
#include "server/http/form.h"
#include "server/http/media.h"
#include "server/http/multipart.h"
#include "server/http/request.h"
#include "server/http/url.h"
#include "server/web/visit.h"

/* Zeros behind every text; decoding makes nothing longer. */
#define WORDS_MORE 1024

/* --- texts --------------------------------------------------------------- */

/* Room for all at once: what was handed out never moves. */
static bool make_room(struct visit *visit, struct failure *why)
{
    visit->words = BUFFER("decoded request", visit->frame.length + WORDS_MORE);
    return buffer_reserve(&visit->words, visit->words.ceiling, why);
}

static bool keep(struct visit *visit, struct bytes text, const char **kept,
    struct failure *why)
{
    size_t start = visit->words.length;

    if (!buffer_append(&visit->words, text, why) ||
        !buffer_append_byte(&visit->words, 0, why))
        return false;
    *kept = (const char *)visit->words.start + start;
    return true;
}

/* A rule of HTTP, whose status is its own. */
static bool refuse_rule(
    struct visit *visit, enum http_rule broken, struct failure *why)
{
    visit->refused_with = http_rule_status(broken);
    visit->refused_as = http_rule_name(broken);
    return http_rule_fail(broken, why);
}

/* --- what is asked for --------------------------------------------------- */

static bool decode_path(struct visit *visit, struct failure *why)
{
    RELEASED(buffer) path = BUFFER("path", HTTP_PATH_MAX);
    struct exchange *exchange = &visit->exchange;
    enum http_rule broken = HTTP_NO_RULE;

    exchange->raw_path = visit->request.path;
    if (!url_path_decode(exchange->raw_path, route_slash(exchange->raw_path),
            &path, &broken))
        return refuse_rule(visit, broken, why);
    return keep(visit, buffer_view(&path), &exchange->path, why);
}

static void take_method(struct visit *visit)
{
    static const struct {
        const char *name;
        enum exchange_method method;
    } methods[] = {
        {"GET", EXCHANGE_GET},
        {"HEAD", EXCHANGE_GET},
        {"POST", EXCHANGE_POST},
        {"PUT", EXCHANGE_PUT},
        {"PATCH", EXCHANGE_PATCH},
        {"DELETE", EXCHANGE_DELETE},
    };

    visit->exchange.method = 0; /* of no route */
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (bytes_equal(visit->request.method, bytes_of_text(methods[i].name)))
            visit->exchange.method = methods[i].method;
    }
}

static bool find_route(struct visit *visit, struct failure *why)
{
    const struct exchange *exchange = &visit->exchange;

    visit->route = route_of(exchange->path, exchange->listener);
    visit->exchange.route = visit->route;
    if (visit->route == NULL || visit->route->place == ROUTE_FILE ||
        visit->route->place == ROUTE_FRONT)
        return fail_because(
            why, FAILURE_NOT_FOUND, "there is nothing at this address");
    if (visit->request.body.length > visit->route->body_max)
        return refuse_rule(visit, HTTP_BODY_LONG, why);
    return true;
}

/* --- headers ------------------------------------------------------------- */

static bool keep_header(struct visit *visit, const char *name,
    const char **kept, struct failure *why)
{
    struct bytes value = front_request_header(&visit->request, name);

    return value.start == NULL || keep(visit, value, kept, why);
}

static bool keep_headers(struct visit *visit, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;

    if (visit->request.has_header_twice)
        return fail_because(why, FAILURE_MALFORMED,
            "a header stands twice in the request, and which of them counts "
            "is not guessed");
    return keep_header(visit, "accept", &exchange->accept, why) &&
           keep_header(
               visit, "idempotency-key", &exchange->idempotency_key, why) &&
           keep_header(visit, "origin", &exchange->origin, why) &&
           keep_header(visit, "referer", &exchange->referer, why) &&
           keep_header(visit, "user-agent", &exchange->user_agent, why) &&
           keep_header(visit, "cookie", &exchange->cookie, why) &&
           keep_header(visit, "sec-fetch-site", &exchange->fetch_site, why) &&
           keep_header(visit, "if-match", &exchange->if_match, why);
}

static bool keep_particulars(struct visit *visit, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;
    const struct front_request *request = &visit->request;

    memcpy(exchange->request_id, request->request_id.start,
        request->request_id.length);
    exchange->body = request->body;
    return keep(visit, request->peer, &exchange->peer, why) &&
           keep(visit, request->host, &exchange->host, why);
}

/* What became of the certificate, as the front's verdict says; whose it is,
 * and whether it was revoked since, is looked at by visit_caller.c. */
static struct bytes sentence_of(const struct front_request *request)
{
    struct bytes sentence = request->certificate_sentence;

    /* It may show what a client's certificate says, cut within a letter. */
    while (sentence.length > 0 && !text_is_utf8(sentence))
        sentence.length--;
    return sentence;
}

static bool keep_certificate(struct visit *visit, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;
    const struct front_request *request = &visit->request;

    if (request->certificate.start == NULL)
        return true;
    exchange->certificate_der = request->certificate;
    exchange->certificate =
        bytes_equal(request->certificate_code, bytes_of_text("ok"))
            ? CERTIFICATE_VERIFIED
            : CERTIFICATE_REFUSED;
    return keep(visit, request->certificate_code, &exchange->certificate_code,
               why) &&
           keep(visit, sentence_of(request), &exchange->certificate_sentence,
               why);
}

/* --- parameters ---------------------------------------------------------- */

static bool add_parameter(struct visit *visit, struct bytes name,
    struct bytes value, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;
    struct exchange_parameter *parameter =
        &exchange->parameters[exchange->parameter_count];
    const char *kept = NULL;

    if (exchange->parameter_count == EXCHANGE_PARAMETERS_MAX)
        return refuse_rule(visit, HTTP_FORM_MANY, why);
    if (!keep(visit, name, &parameter->name, why) ||
        !keep(visit, value, &kept, why))
        return false;
    parameter->value = (struct bytes){(const uint8_t *)kept, value.length};
    exchange->parameter_count++;
    return true;
}

static bool take_form(
    struct visit *visit, struct bytes raw, struct failure *why)
{
    RELEASED(form) form = {0};
    enum http_rule broken = HTTP_NO_RULE;

    if (!form_read(raw, &form, &broken))
        return refuse_rule(visit, broken, why);
    for (size_t i = 0; i < form.count; i++) {
        if (!add_parameter(
                visit, form_name(&form, i), form_value(&form, i), why))
            return false;
    }
    return true;
}

static bool begin_part(
    struct visit *visit, const struct multipart_part *part, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;
    struct exchange_parameter *parameter =
        &exchange->parameters[exchange->parameter_count];

    if (exchange->parameter_count == EXCHANGE_PARAMETERS_MAX)
        return refuse_rule(visit, HTTP_PARTS_MANY, why);
    if (!keep(visit, bytes_of_text(part->name), &parameter->name, why) ||
        (part->is_file && !keep(visit, bytes_of_text(part->file_name),
                              &parameter->file, why)))
        return false;
    parameter->value.start = visit->words.start + visit->words.length;
    return true;
}

static bool end_part(struct visit *visit, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;
    struct exchange_parameter *parameter =
        &exchange->parameters[exchange->parameter_count];

    parameter->value.length =
        (size_t)(visit->words.start + visit->words.length -
                 parameter->value.start);
    exchange->parameter_count++;
    return buffer_append_byte(&visit->words, 0, why);
}

static bool take_event(struct visit *visit, const struct multipart *form,
    const struct multipart_event *event, struct failure *why)
{
    switch (event->kind) {
    case MULTIPART_NOTHING:
        return true;
    case MULTIPART_PART:
        return begin_part(visit, &form->part, why);
    case MULTIPART_PIECE:
        return buffer_append(&visit->words, event->piece, why);
    case MULTIPART_PART_END:
        return end_part(visit, why);
    }
    return false;
}

static bool take_parts(
    struct visit *visit, const struct http_media *media, struct failure *why)
{
    struct multipart form = {0};
    struct multipart_event event = {0};
    struct bytes rest = visit->request.body;
    enum http_rule broken = HTTP_NO_RULE;

    if (!multipart_begin(&form, media, &broken))
        return refuse_rule(visit, broken, why);
    do {
        size_t used = 0;

        if (!multipart_feed(&form, rest, &used, &event, &broken))
            return refuse_rule(visit, broken, why);
        rest.start += used;
        rest.length -= used;
        if (!take_event(visit, &form, &event, why))
            return false;
    } while (rest.length > 0 || event.kind != MULTIPART_NOTHING);
    return multipart_end(&form, &broken) || refuse_rule(visit, broken, why);
}

static bool keep_type(
    struct visit *visit, struct bytes type, struct failure *why)
{
    const char *kept = NULL;
    char *letter;

    if (!keep(visit, type, &kept, why))
        return false;
    letter = (char *)visit->words.start + (kept - (char *)visit->words.start);
    for (; *letter != '\0'; letter++) {
        if (*letter >= 'A' && *letter <= 'Z')
            *letter = (char)(*letter - 'A' + 'a');
    }
    visit->exchange.content_type = kept;
    return true;
}

static bool take_body(struct visit *visit, struct failure *why)
{
    struct bytes value = front_request_header(&visit->request, "content-type");
    struct http_media media = {0};
    enum http_rule broken = HTTP_NO_RULE;

    if (value.start == NULL)
        return true;
    if (!http_media_read(value, &media, &broken))
        return refuse_rule(visit, broken, why);
    if (!keep_type(visit, media.type, why))
        return false;
    if (visit->request.body.length == 0)
        return true;
    if (strcmp(visit->exchange.content_type,
            "application/x-www-form-urlencoded") == 0)
        return take_form(visit, visit->request.body, why);
    if (strcmp(visit->exchange.content_type, "multipart/form-data") == 0)
        return take_parts(visit, &media, why);
    return true;
}

/* The path first: what follows is refused in the manner of its route. */
bool visit_decode(struct visit *visit, struct failure *why)
{
    take_method(visit);
    return make_room(visit, why) && keep_particulars(visit, why) &&
           decode_path(visit, why) && keep_headers(visit, why) &&
           find_route(visit, why) && keep_certificate(visit, why) &&
           take_form(visit, visit->request.query, why) && take_body(visit, why);
}
