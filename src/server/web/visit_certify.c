#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/message.h"
#include "server/front_protocol.h"
#include "server/keeper_state.h"
#include "server/web/own_names.h"
#include "server/web/web.h"

/*
 * A front asks for its own TLS certificate.  It chooses the key alone: names
 * are what chancery.yaml declares, the profile is named here, the lifetime is
 * the profile's.
 */

/* A front that was taken over shall not fill the store: so many in this time
 * for all fronts together, which is more than restarts need. */
#define OWN_CERTIFICATES_MAX 12
#define OWN_CERTIFICATES_TIME_MS (10 * 60 * 1000)

/* Counted before it is given: many that are asked for at once are many. */
static bool reserve(struct visit *visit, struct failure *why)
{
    struct own_rate *rate = &visit->keeper->own_rate;
    int64_t now_ms = clock_monotonic_ms();

    (void)pthread_mutex_lock(&rate->lock);
    if (rate->since_ms == 0 ||
        now_ms - rate->since_ms >= OWN_CERTIFICATES_TIME_MS) {
        rate->since_ms = now_ms;
        rate->given = 0;
    }
    visit->reserves = rate->given < OWN_CERTIFICATES_MAX;
    rate->given += visit->reserves;
    (void)pthread_mutex_unlock(&rate->lock);
    return visit->reserves ||
           fail_because(why, FAILURE_UNAVAILABLE,
               "the fronts were given %d certificates of their own within 10 "
               "minutes; the next is given later",
               OWN_CERTIFICATES_MAX);
}

void visit_give_back(struct visit *visit)
{
    struct own_rate *rate = &visit->keeper->own_rate;

    if (!visit->reserves)
        return;
    (void)pthread_mutex_lock(&rate->lock);
    rate->given -= rate->given > 0;
    (void)pthread_mutex_unlock(&rate->lock);
}

static bool check_listener(const struct visit *visit, struct failure *why)
{
    return visit->exchange.is_tls ||
           fail_because(
               why, FAILURE_FORBIDDEN, "the plain listener has no certificate");
}

static bool take_request(
    struct visit *visit, struct bytes *request, struct failure *why)
{
    struct reader reader = reader_of(buffer_view(&visit->frame));
    struct field field = {0};

    if (!message_next(&reader, &field, why))
        return false;
    if (field.tag != FRONT_FIELD_REQUEST || !reader_at_end(&reader))
        return fail_because(why, FAILURE_MALFORMED,
            "a front asks for its certificate with its request alone");
    *request = field.value;
    return true;
}

/* Who asks is this server, whatever listens for it. */
static void be_the_keeper(struct visit *visit)
{
    struct caller *caller = &visit->exchange.caller;

    *caller = (struct caller){
        .door = DOOR_OWN, .way = CALLER_PERSON, .who = "keeper"};
    own_actor(visit->exchange.listener, caller->actor);
}

/* The first that issues; with several it does not matter which: whoever relies
 * on one relies on its root. */
static bool find_issuer(const struct authority *authority,
    struct errand *errand, struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (!issuer->issues || issuer->state != AUTHORITY_ACTIVE)
            continue;
        (void)snprintf(
            errand->authority, sizeof(errand->authority), "%s", issuer->name);
        errand->enrolment.authority = errand->authority;
        return true;
    }
    return fail_because(
        why, FAILURE_UNAVAILABLE, "there is no authority that issues");
}

/* The alternative names say all; a subject is nobody's to compare (RFC 6125,
 * 6.4.4). */
static const uint8_t empty_name[] = {0x30, 0x00};

static bool prepare(
    struct visit *visit, struct bytes request, struct failure *why)
{
    struct errand *errand = visit->errand;
    struct enrolment *enrolment = &errand->enrolment;

    errand->visit = visit;
    errand->body = BUFFER("names", CONTROL_FRAME_MAX);
    (void)snprintf(errand->profile, sizeof(errand->profile), OWN_PROFILE);
    *enrolment = (struct enrolment){.caller = &visit->exchange.caller,
        .profile = errand->profile,
        .request = request, /* the visit's frame */
        .subject = {empty_name, sizeof(empty_name)}};
    if (!find_issuer(&visit->keeper->authority, errand, why) ||
        !own_names_write(visit->keeper->configuration, &errand->body, why))
        return false;
    enrolment->general_names = buffer_view(&errand->body);
    return true;
}

bool visit_certify(struct visit *visit, struct failure *why)
{
    struct bytes request = {0};

    be_the_keeper(visit);
    if (!check_listener(visit, why) || !take_request(visit, &request, why) ||
        !reserve(visit, why))
        return false;
    visit->errand = calloc(1, sizeof(*visit->errand));
    if (visit->errand == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return prepare(visit, request, why);
}

/* For who watches what ends. */
static void note_end(struct visit *visit, struct bytes der)
{
    struct certificate certificate;
    struct failure why = {0};

    if (certificate_read(der, &certificate, &why))
        own_ends_note(&visit->keeper->watch.own, visit->exchange.listener,
            certificate.tbs.not_after);
}

bool visit_certified(struct visit *visit, const struct exchange_issued *issued,
    struct failure *why)
{
    if (!message_add(
            &visit->reply, FRONT_FIELD_CERTIFICATE, issued->certificate, why))
        return false;
    for (size_t i = 0; i < issued->chain_count; i++) {
        if (!message_add(
                &visit->reply, FRONT_FIELD_CHAIN, issued->chain[i], why))
            return false;
    }
    visit->answers_with = FRONT_CERTIFIED;
    note_end(visit, issued->certificate);
    visit->reserves = false; /* it is given */
    return true;
}
