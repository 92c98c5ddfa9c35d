#include "protocols/rest/enrol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/facts.h"
#include "authority/names.h"
#include "authority/renew.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "protocols/rest/certificates.h"
#include "x509/pem.h"
#include "x509/request.h"

/* --- the idempotency key ------------------------------------------------- */

#define KEY_MOST 255
#define HALF_BYTES 16
#define HALF_TEXT (2 * HALF_BYTES + 1)

static bool half_hash(const struct bytes *parts, size_t count,
    char half[static HALF_TEXT], struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (!sha256(parts, count, digest, why))
        return false;
    hex_print((struct bytes){digest, HALF_BYTES}, half);
    return true;
}

static bool check_key(
    struct rest_call *call, const char *key, struct failure *why)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < length; i++) {
        if (key[i] < ' ' || key[i] > '~')
            return blame_field(&call->problem.blame, why, "Idempotency-Key",
                "visible-ascii", "another character", "visible ASCII");
    }
    return (length > 0 && length <= KEY_MOST) ||
           blame_field(&call->problem.blame, why, "Idempotency-Key",
               length == 0 ? "too-short" : "too-long",
               length == 0 ? "no character" : "more characters",
               "1 to 255 characters");
}

/* Asked for before, by the same caller with the same key? */
static bool check_asked(struct rest_call *call, const char *beginning,
    const char *whole, struct failure *why)
{
    struct exchange *exchange = call->exchange;
    char stored[STORE_ORIGIN_ROOM], asked[STORE_ORIGIN_ROOM];
    bool found = false;

    if (!exchange_origin(exchange, beginning, asked, why) ||
        !store_origin_beginning(exchange->store, asked, &found, stored, why) ||
        !exchange_origin(exchange, whole, asked, why))
        return false;
    if (!found || strcmp(stored, asked) == 0)
        return true;
    call->problem.type = "idempotency-key-used";
    (void)rest_blame(call, "Idempotency-Key", "idempotency-key-used",
        "a key of another request", "a new key for a new request");
    return fail_because(why, FAILURE_CONFLICT,
        "this Idempotency-Key was used before, for another request");
}

bool rest_origin(struct rest_call *call, char origin[static REST_ORIGIN_ROOM],
    struct failure *why)
{
    struct exchange *exchange = call->exchange;
    const char *key = exchange->idempotency_key;
    const struct bytes zero = {(const uint8_t *)"", 1};
    char first[HALF_TEXT], second[HALF_TEXT], beginning[HALF_TEXT + 1];

    origin[0] = '\0';
    if (key == NULL)
        return true;
    if (!check_key(call, key, why) ||
        !half_hash((const struct bytes[]){bytes_of_text(key)}, 1, first, why) ||
        !half_hash((const struct bytes[]){bytes_of_text(exchange->path), zero,
                       exchange->body},
            3, second, why))
        return false;
    (void)snprintf(beginning, sizeof(beginning), "%s:", first);
    (void)snprintf(origin, REST_ORIGIN_ROOM, "%s:%s", first, second);
    return check_asked(call, beginning, origin, why);
}

/* --- the request --------------------------------------------------------- */

static bool blame_request(struct rest_call *call)
{
    return rest_blame(call, "csr", "pkcs10", "something else",
        "a PKCS#10 request, as PEM (BEGIN CERTIFICATE REQUEST) or as base64 "
        "of its DER");
}

bool rest_read_request(
    struct rest_call *call, struct buffer *request, struct failure *why)
{
    static const char *const labels[] = {
        "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", NULL};
    struct bytes text = bytes_of_text(rest_member(call, "csr"));
    struct request read = {0};
    bool is_pem = strstr((const char *)text.start, "-----BEGIN") != NULL;

    if (!(is_pem ? pem_or_der(text, labels, request, why)
                 : base64_read(text, request, why)) ||
        !request_read(buffer_view(request), &read, why))
        return why->kind == FAILURE_INTERNAL ? false : blame_request(call);
    return true;
}

bool rest_read_base64(struct rest_call *call, const char *name,
    struct buffer *bytes, struct failure *why)
{
    const char *text = rest_member(call, name);

    return text == NULL || base64_read(bytes_of_text(text), bytes, why) ||
           rest_blame(call, name, "base64", "something else",
               "base64 (RFC 4648, section 4)");
}

/* --- the answer ---------------------------------------------------------- */

static json_t *notices_to_json(struct bytes notices)
{
    json_t *array = json_array();
    const char *line = (const char *)notices.start;
    size_t left = notices.length;

    while (array != NULL && left > 0) {
        const char *end = memchr(line, '\n', left);
        size_t length = end == NULL ? left : (size_t)(end - line);

        if (length > 0)
            (void)json_array_append_new(array, json_stringn(line, length));
        length += end != NULL;
        line += length;
        left -= length;
    }
    return array;
}

static bool answer_made(struct exchange *exchange, unsigned status,
    const char *place, const char *name, json_t *value, struct failure *why)
{
    SCOPED(json_t) *facts = value;
    char location[200];

    if (facts == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    (void)snprintf(
        location, sizeof(location), REST_ROOT "/%s/%.100s", place, name);
    return exchange_header(exchange, "Location", location, why) &&
           exchange_answer_json(
               exchange, status, "application/json", facts, why);
}

static bool answer_awaits(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why)
{
    return answer_made(exchange, 202, "requests", issued->request_id,
        json_pack("{s:{s:s,s:i},s:o}", "request", "id", issued->request_id,
            "approvals_needed", issued->approvals, "notices",
            notices_to_json(issued->notices)),
        why);
}

static json_t *chain_to_json(const struct exchange_issued *issued)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < issued->chain_count; i++)
        (void)json_array_append_new(
            array, certificate_to_json(issued->chain[i]));
    return array;
}

static bool finish_issue(struct exchange *exchange,
    const struct exchange_issued *issued, struct failure *why)
{
    RELEASED(facts) facts = {0};
    const char *profile = exchange->own;

    if (issued->awaits)
        return answer_awaits(exchange, issued, why);
    if (!facts_read(issued->certificate, true, &facts, why))
        return false;
    return answer_made(exchange, 201, "certificates", facts.serial,
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:O,s:o,s:o,s:o}", "serial",
            facts.serial, "subject", facts.subject, "issuer", facts.issuer,
            "profile", profile, "not_before", facts.not_before, "not_after",
            facts.not_after, "sha256", facts.sha256, "names", facts.names,
            "certificate", certificate_to_json(issued->certificate), "chain",
            chain_to_json(issued), "notices", notices_to_json(issued->notices)),
        why);
}

bool rest_hand_on(struct rest_call *call, const struct exchange_wish *wish,
    const char *profile, struct failure *why)
{
    struct exchange *exchange = call->exchange;

    exchange->own = strdup(profile);
    exchange->free_own = free;
    if (exchange->own == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return exchange->verbs->issue(exchange, wish, finish_issue, why);
}

/* --- issue --------------------------------------------------------------- */

static bool read_names(
    struct rest_call *call, struct buffer *names, struct failure *why)
{
    const json_t *name = NULL;
    size_t index = 0;

    json_array_foreach(json_object_get(call->body, "names"), index, name)
    {
        char field[32];

        (void)snprintf(field, sizeof(field), "names/%zu", index);
        if (!general_name_read(json_string_value(name), names, why))
            return rest_blame(call, field, "general-name",
                json_string_value(name),
                "dns:N, ip:A, email:E, uri:U, or a bare name, address or "
                "mailbox");
    }
    return true;
}

static bool read_subject(
    struct rest_call *call, struct buffer *subject, struct failure *why)
{
    const char *text = rest_member(call, "subject");

    return text == NULL || name_read(text, subject, why) ||
           rest_blame(call, "subject", "distinguished-name", text,
               "CN=...,O=... (RFC 4514)");
}

static bool read_times(
    struct rest_call *call, struct exchange_wish *wish, struct failure *why)
{
    const char *lifetime = rest_member(call, "lifetime");
    const char *end = rest_member(call, "not_after");

    if (lifetime != NULL && end != NULL)
        return blame_field(&call->problem.blame, why, "not_after", "exclusive",
            "beside a lifetime", "one of the two");
    if (lifetime != NULL &&
        (!duration_read(lifetime, &wish->lifetime_s, why) ||
            (wish->lifetime_s == 0 &&
                !fail_because(why, FAILURE_MALFORMED,
                    "lifetime: %.20s is no time at all", lifetime))))
        return rest_blame(
            call, "lifetime", "duration", lifetime, "90d, 24h, 30m, 2w, 10y");
    if (end == NULL)
        return true;
    if (clock_read(end, &wish->not_after, why) &&
        (wish->not_after > 0 || fail_because(why, FAILURE_MALFORMED,
                                    "not_after: %.40s lies before 1970", end)))
        return true;
    return rest_blame(
        call, "not_after", "time", end, "RFC 3339: 2027-01-31T12:00:00Z");
}

bool rest_issue(struct rest_call *call, struct failure *why)
{
    RELEASED(buffer) request = BUFFER("csr", REQUEST_MAX);
    RELEASED(buffer) names = BUFFER("names", REST_BODY_MAX);
    RELEASED(buffer) subject = BUFFER("subject", NAME_TEXT_MAX);
    struct exchange_wish wish = {.profile = rest_member(call, "profile"),
        .authority = rest_member(call, "authority")};
    char origin[REST_ORIGIN_ROOM];

    if (!rest_read_request(call, &request, why) ||
        !read_names(call, &names, why) || !read_subject(call, &subject, why) ||
        !read_times(call, &wish, why) || !rest_origin(call, origin, why))
        return false;
    wish.request = buffer_view(&request);
    wish.general_names = buffer_view(&names);
    wish.subject = buffer_view(&subject);
    wish.origin = origin[0] == '\0' ? NULL : origin;
    return rest_hand_on(call, &wish, wish.profile, why);
}

/* --- renew --------------------------------------------------------------- */

struct renewing {
    struct rest_call *call;
    struct buffer *serial;
    char profile[PROFILE_NAME_MAX];
};

static bool take_old(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct renewing *renewing = context;

    (void)snprintf(
        renewing->profile, sizeof(renewing->profile), "%s", row->profile);
    return buffer_append(renewing->serial, row->serial, why) &&
           rest_reaches(renewing->call, row->profile, why);
}

/* Who has neither role nor proof learns nothing of serials. */
static bool may_renew(const struct rest_call *call, struct failure *why)
{
    return call->exchange->caller.way != CALLER_ANYONE ||
           rest_member(call, "proof") != NULL ||
           fail_because(why, FAILURE_UNAUTHENTICATED,
               "a renewal needs the member proof, a signature by the old key, "
               "or a caller with a role");
}

/* The same key for the same old certificate gets the same new one, as by
 * `chancery renew`. */
static bool natural_origin(struct bytes request, struct bytes serial,
    char *origin, size_t room, struct failure *why)
{
    struct request read = {0};
    char text[SERIAL_TEXT], sha256[SHA256_TEXT];

    if (!request_read(request, &read, why) ||
        !sha256_text(read.key.whole, sha256, why))
        return false;
    serial_print(serial, text);
    (void)snprintf(origin, room, "renew:%s:%s", text, sha256);
    return true;
}

bool rest_renew(struct rest_call *call, struct failure *why)
{
    RELEASED(buffer) request = BUFFER("csr", REQUEST_MAX);
    RELEASED(buffer) proof = BUFFER("proof", SIGNATURE_MAX);
    RELEASED(buffer) serial = BUFFER("serial", SERIAL_TEXT);
    struct renewing renewing = {.call = call, .serial = &serial};
    struct exchange_wish wish = {0};
    char key[REST_ORIGIN_ROOM], origin[200];

    if (!may_renew(call, why) || !rest_read_request(call, &request, why) ||
        !rest_read_base64(call, "proof", &proof, why) ||
        !rest_find_certificate(call, take_old, &renewing, why) ||
        !rest_origin(call, key, why) ||
        !natural_origin(buffer_view(&request), buffer_view(&serial), origin,
            sizeof(origin), why))
        return false;
    wish.request = buffer_view(&request);
    wish.renews = buffer_view(&serial);
    wish.proof = buffer_view(&proof);
    wish.origin = key[0] == '\0' ? origin : key;
    return rest_hand_on(call, &wish, renewing.profile, why);
}
