#ifndef TESTS_UNIT_SERVER_WEB_ROUTES_H
#define TESTS_UNIT_SERVER_WEB_ROUTES_H

#include "web_served.h"

#include <poll.h>

#include "server/route.h"
#include "x509/der_element.h"

#define MUCH_BYTES (1024 * 1024)
#define LATE_MS 100

/*
 * The routes of the tests that speak as a front: they stand in for
 * server/routes.c, in the test and in the keeper it starts.
 */
static bool echo(struct exchange *exchange, struct failure *why)
{
    SCOPED(json_t) *parameters = json_object();
    SCOPED(json_t) *facts = NULL;

    for (size_t i = 0; i < exchange->parameter_count; i++) {
        const struct exchange_parameter *one = &exchange->parameters[i];

        (void)json_object_set_new(parameters, one->name,
            json_pack("{s:s%,s:s?}", "value", one->value.start,
                one->value.length, "file", one->file));
    }
    facts = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:i,s:s,s:i,s:i,s:s,s:s?,s:b,s:O}",
        "listener", listener_name(exchange->listener), "path", exchange->path,
        "host", exchange->host, "peer", exchange->peer, "request_id",
        exchange->request_id, "method", exchange->method, "way",
        exchange->caller.way, "role", role_name(exchange->caller.role), "door",
        exchange->caller.door, "actor", exchange->caller.actor, "certificate",
        exchange->certificate, "body", (int)exchange->body.length, "type",
        exchange->content_type, "cookie", exchange->cookie, "tls",
        exchange->is_tls, "parameters", parameters);
    return exchange_answer_json(exchange, 200, "application/json", facts, why);
}

static bool finish_issue(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why)
{
    SCOPED(json_t) *facts =
        json_pack("{s:b,s:i,s:i,s:i}", "awaits", issued->awaits, "approvals",
            issued->approvals, "chain", (int)issued->chain_count, "certificate",
            (int)issued->certificate.length);

    return exchange_answer_json(
        exchange, issued->awaits ? 202 : 201, "application/json", facts, why);
}

static bool wish(struct exchange *exchange, struct failure *why)
{
    const struct exchange_wish given = {
        .profile = exchange_text(exchange, "profile"),
        .request = exchange->body,
        .origin = exchange->idempotency_key};

    return exchange->verbs->issue(exchange, &given, finish_issue, why);
}

static bool wish_twice(struct exchange *exchange, struct failure *why)
{
    return wish(exchange, why) && wish(exchange, why);
}

static bool finish_ask(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    return exchange_answer_json(exchange, 200, "application/json", facts, why);
}

/* With ?then=... a second question follows the first. */
static bool finish_first(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    (void)facts;
    return exchange->verbs->ask(
        exchange, CONTROL_RESUME, (struct bytes){0}, finish_ask, why);
}

static bool pause_all(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) fields = BUFFER("fields", 1024);

    return message_add_text(&fields, CONTROL_WORDS, "a test", why) &&
           exchange->verbs->ask(exchange, CONTROL_PAUSE, buffer_view(&fields),
               exchange_text(exchange, "then")[0] == '\0' ? finish_ask
                                                          : finish_first,
               why);
}

/* What nobody in particular may ask of the clerk. */
static bool fetch(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) fields = BUFFER("fields", 1024);

    return message_add_text(&fields, CONTROL_ID, "nothing", why) &&
           message_add(&fields, CONTROL_PROOF, bytes_of_text("none"), why) &&
           exchange->verbs->ask(
               exchange, CONTROL_FETCH, buffer_view(&fields), finish_ask, why);
}

static bool break_down(struct exchange *exchange, struct failure *why)
{
    (void)exchange;
    return fail_because(
        why, FAILURE_INTERNAL, "no column \"secret\" in /var/lib/x.db");
}

/* More than a socket holds. */
static bool answer_much(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) much = BUFFER("much", MUCH_BYTES);

    if (!buffer_reserve(&much, MUCH_BYTES, why))
        return false;
    memset(much.start, 'x', MUCH_BYTES);
    much.length = MUCH_BYTES;
    return exchange_answer(
        exchange, 200, "text/plain", buffer_view(&much), why);
}

static bool answer_late(struct exchange *exchange, struct failure *why)
{
    (void)poll(NULL, 0, LATE_MS);
    return exchange_answer(exchange, 200, "text/plain", (struct bytes){0}, why);
}

static bool say_nothing(struct exchange *exchange, struct failure *why)
{
    (void)exchange;
    (void)why;
    return true;
}

static bool refuse(struct exchange *exchange, struct failure *why)
{
    return exchange_answer(
               exchange, 200, "text/plain", bytes_of_text("half"), why) &&
           exchange_header(exchange, "X-Half", "yes", why) &&
           fail_because(why, FAILURE_UNAVAILABLE, "%s <b>is closed</b> \x9b",
               exchange_text(exchange, "what"));
}

#define ALL 0xfu
#define ADMIN LISTENER_BIT(LISTENER_ADMIN)
#define KEEPERS(given, mask, way, as, by)                                    \
    {                                                                        \
        .path = (given), .methods = EXCHANGE_GET | EXCHANGE_POST,            \
        .listeners = (mask), .body_max = 1024 * 1024, .place = ROUTE_KEEPER, \
        .ways = (way), .manner = (as), .door = DOOR_API, .handler = (by)     \
    }

const struct route *routes(void)
{
    static const struct route table[] = {
        KEEPERS("/echo", ALL, WAY_ANYONE, MANNER_PROBLEM, echo),
        KEEPERS("/echo/*", ALL, WAY_ANYONE, MANNER_PROBLEM, echo),
        KEEPERS("/ocsp/*", ALL, WAY_ANYONE, MANNER_OCSP, echo),
        KEEPERS("/ocsp-busy", ALL, WAY_ANYONE, MANNER_OCSP, refuse),
        KEEPERS("/admin/echo", ADMIN, WAY_CERTIFICATE, MANNER_PROBLEM, echo),
        KEEPERS(
            "/person", ALL, WAY_CERTIFICATE | WAY_ANYONE, MANNER_PROBLEM, echo),
        KEEPERS("/token", ALL, WAY_TOKEN | WAY_BASIC, MANNER_PROBLEM, echo),
        KEEPERS(
            "/issue", ALL, WAY_CERTIFICATE | WAY_TOKEN, MANNER_PROBLEM, wish),
        KEEPERS(
            "/issue-twice", ALL, WAY_CERTIFICATE, MANNER_PROBLEM, wish_twice),
        KEEPERS("/pause", ALL, WAY_CERTIFICATE | WAY_ANYONE, MANNER_PROBLEM,
            pause_all),
        KEEPERS("/fetch", ALL, WAY_ANYONE, MANNER_PROBLEM, fetch),
        KEEPERS("/broken", ALL, WAY_ANYONE, MANNER_PROBLEM, break_down),
        KEEPERS("/much", ALL, WAY_ANYONE, MANNER_PROBLEM, answer_much),
        KEEPERS("/late", ALL, WAY_ANYONE, MANNER_PROBLEM, answer_late),
        KEEPERS("/silent", ALL, WAY_ANYONE, MANNER_PROBLEM, say_nothing),
        KEEPERS("/page", ALL, WAY_ANYONE, MANNER_PAGE, refuse),
        KEEPERS("/text", ALL, WAY_ANYONE, MANNER_TEXT, refuse),
        {.path = "/small",
            .methods = EXCHANGE_POST | EXCHANGE_DELETE,
            .listeners = ALL,
            .body_max = 4,
            .place = ROUTE_KEEPER,
            .ways = WAY_ANYONE,
            .manner = MANNER_PROBLEM,
            .handler = echo},
        {.path = "/file",
            .methods = EXCHANGE_GET,
            .listeners = ALL,
            .place = ROUTE_FILE,
            .manner = MANNER_TEXT},
        {.path = NULL},
    };

    return table;
}

#endif
