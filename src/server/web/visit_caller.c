#include <stdio.h>
#include <string.h>

#include "authority/doors.h"
#include "server/http/basic.h"
#include "server/http/syntax.h"
#include "server/keeper_state.h"
#include "server/web/visit.h"
#include "store/store_revocations.h"
#include "x509/name_match.h"

/* --- certificates -------------------------------------------------------- */

/* The front's verdict is as old as its lists; the store knows at once. */
struct standing {
    bool is_ours, is_known;
    struct status_row row;
};

static bool look_up(const struct authority *authority, struct store *reading,
    const struct certificate *certificate, struct standing *standing,
    struct failure *why)
{
    *standing = (struct standing){0};
    for (size_t i = 0; i < authority->issuer_count && !standing->is_known;
         i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->id == 0 ||
            !name_matches(certificate->tbs.issuer, issuer->issuer.subject))
            continue;
        standing->is_ours = true;
        if (!store_status(reading, issuer->id, certificate->tbs.serial,
                &standing->row, &standing->is_known, why))
            return false;
    }
    return true;
}

static void refuse_certificate(
    struct exchange *exchange, const char *code, const char *sentence)
{
    exchange->certificate = CERTIFICATE_REFUSED;
    exchange->certificate_code = code;
    exchange->certificate_sentence = sentence;
}

/* A serial that we never gave out is never good (incident 51). */
static bool check_standing(
    struct exchange *exchange, struct store *reading, struct failure *why)
{
    struct certificate certificate = {0};
    struct standing standing;

    if (!certificate_read(exchange->certificate_der, &certificate, why) ||
        !look_up(exchange->authority, reading, &certificate, &standing, why))
        return false;
    if (!standing.is_ours)
        return true;
    if (!standing.is_known)
        refuse_certificate(exchange, "revocation-unknown",
            "the certificate names this authority as its issuer, which never "
            "issued it");
    else if (standing.row.status == CERTIFICATE_HELD)
        refuse_certificate(exchange, "revoked", "the certificate is on hold");
    else if (standing.row.status == CERTIFICATE_REVOKED)
        refuse_certificate(exchange, "revoked", "the certificate was revoked");
    return true;
}

/* Whose certificate it is.  Nobody's is no refusal here: it may be that of a
 * machine which renews, and the handler looks at it. */
static bool find_person(
    struct visit *visit, struct store *reading, struct failure *why)
{
    struct exchange *exchange = &visit->exchange;
    const struct door_visit door = {
        reading, visit->route->door, exchange->peer};
    struct failure refusal = {0};

    if (!check_standing(exchange, reading, why))
        return false;
    if (exchange->certificate != CERTIFICATE_VERIFIED ||
        door_certificate(visit->keeper->doors, &door, exchange->certificate_der,
            &exchange->caller, &refusal) ||
        refusal.kind == FAILURE_UNAUTHENTICATED)
        return true;
    *why = refusal;
    return false;
}

/* --- credentials in a header --------------------------------------------- */

static bool enter_by_password(struct visit *visit,
    const struct door_visit *door, struct bytes header, struct failure *why)
{
    RELEASED(http_basic) basic = {0};

    return http_basic_read(header, &basic, why) &&
           door_account(visit->keeper->doors, door, basic.user,
               secret_view(&basic.password), &visit->exchange.caller, why);
}

/* RFC 9110, 11.4: a scheme, blanks, the credentials. */
static struct bytes scheme_of(struct bytes value, struct bytes *credentials)
{
    size_t length = 0;

    while (length < value.length && value.start[length] != ' ')
        length++;
    *credentials = http_trim(http_slice(value, length, value.length - length));
    return http_slice(value, 0, length);
}

/* Credentials that are not taken here are refused and not overlooked: who sends
 * a token means to be known by it. */
static bool enter_by_header(struct visit *visit, struct store *reading,
    struct bytes value, struct failure *why)
{
    const struct door_visit door = {
        reading, visit->route->door, visit->exchange.peer};
    unsigned ways = visit->route->ways;
    struct bytes credentials = {0};
    struct bytes scheme = scheme_of(value, &credentials);

    if (!visit->exchange.is_tls)
        return fail_because(why, FAILURE_FORBIDDEN,
            "credentials are taken over TLS alone, and these went over the "
            "network in the clear: change them");
    if ((ways & WAY_TOKEN) != 0 && http_same_word(scheme, "Bearer"))
        return door_token(visit->keeper->doors, &door, credentials,
            &visit->exchange.caller, why);
    if ((ways & WAY_BASIC) != 0 && http_same_word(scheme, "Basic"))
        return enter_by_password(visit, &door, value, why);
    return fail_because(why, FAILURE_UNAUTHENTICATED,
        "credentials of this scheme are not taken at this address");
}

/* --- who asks ------------------------------------------------------------ */

static void begin_as_anyone(struct visit *visit)
{
    struct caller *caller = &visit->exchange.caller;

    *caller = door_anyone(visit->route->door);
    (void)snprintf(caller->actor, sizeof(caller->actor), "anyone:%.70s",
        visit->exchange.peer);
}

/* Why nobody in particular is not enough. */
static bool refuse_anyone(const struct visit *visit, struct failure *why)
{
    const struct exchange *exchange = &visit->exchange;
    unsigned ways = visit->route->ways;

    if ((ways & WAY_CERTIFICATE) != 0 &&
        exchange->certificate == CERTIFICATE_REFUSED)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the client certificate was refused (%s): %s",
            exchange->certificate_code, exchange->certificate_sentence);
    if ((ways & WAY_CERTIFICATE) != 0 &&
        exchange->certificate == CERTIFICATE_VERIFIED)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the client certificate is good, and is nobody's here: an "
            "administrator gives it a role with chancery admin add NAME --role "
            "ROLE --certificate FILE");
    if ((ways & WAY_CERTIFICATE) != 0 &&
        (exchange->listener == LISTENER_ADMIN ||
            exchange->listener == LISTENER_MTLS))
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "no client certificate was sent, and here one says who asks");
    return fail_because(
        why, FAILURE_UNAUTHENTICATED, "this address is not for everybody");
}

bool visit_find_caller(
    struct visit *visit, struct store *reading, struct failure *why)
{
    const unsigned by_header = WAY_BASIC | WAY_TOKEN;
    struct exchange *exchange = &visit->exchange;
    unsigned ways = visit->route->ways;
    struct bytes header =
        front_request_header(&visit->request, "authorization");

    begin_as_anyone(visit);
    if (exchange->certificate == CERTIFICATE_VERIFIED &&
        (ways & WAY_CERTIFICATE) != 0 && !find_person(visit, reading, why))
        return false;
    /* A browser sends a password that it took elsewhere to pages, too. */
    if (header.start != NULL && (ways & by_header) != 0)
        return enter_by_header(visit, reading, header, why);
    return (ways & WAY_ANYONE) != 0 || exchange->caller.way != CALLER_ANYONE ||
           refuse_anyone(visit, why);
}
