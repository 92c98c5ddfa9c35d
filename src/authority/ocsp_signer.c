#include "authority/ocsp_signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/issue.h"
#include "base/clock.h"
#include "store/store_revocations.h"

#define PROFILE "ocsp"
#define TRY_AGAIN_MS 15000
/* Certificates that one key has had: at most one in a few days. */
#define RENEWALS_MAX 1000
#define ORIGIN_ROOM 192
#define WISHES_MAX 256

struct responder {
    const struct authority_issuer *issuer;
    struct status_identity identity;

    /* behind the lock */
    struct buffer certificate;
    struct ocsp_responder_facts facts; /* not_after 0: no certificate */
    int64_t renew_at, try_after_ms;
};

struct ocsp_signer {
    struct authority *authority;
    struct status_client *client;
    struct responder responders[AUTHORITY_ISSUERS_MAX];
    size_t count;
    pthread_mutex_t lock;
    /* behind the lock */
    uint64_t connections; /* whose keys the facts are of */
    struct ocsp_wish wishes[WISHES_MAX];
    size_t wish_count;
};

/* --- who answers ---------------------------------------------------------- */

static bool answers(const struct authority_issuer *issuer)
{
    return issuer->der.length > 0 &&
           (issuer->issues || issuer->state == AUTHORITY_RETIRING);
}

static bool add_responder(struct ocsp_signer *signer,
    const struct authority_issuer *issuer, struct failure *why)
{
    struct responder *responder = &signer->responders[signer->count++];

    responder->issuer = issuer;
    responder->certificate = BUFFER("certificate", CERTIFICATE_MAX);
    return status_identity_of(issuer->certificate.tbs.subject,
        issuer->certificate.tbs.key.bits, &responder->identity, why);
}

bool ocsp_signer_new(struct authority *authority, struct ocsp_signer **signer,
    struct failure *why)
{
    SCOPED_STRUCT(ocsp_signer) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->authority = authority;
    (void)pthread_mutex_init(&made->lock, NULL);
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (answers(&authority->issuers[i]) &&
            !add_responder(made, &authority->issuers[i], why))
            return false;
    }
    if (!status_client_new(&made->client, why))
        return false;
    *signer = KEEP(ocsp_signer, &made);
    return true;
}

void ocsp_signer_free(struct ocsp_signer *signer)
{
    if (signer == NULL)
        return;
    for (size_t i = 0; i < signer->count; i++)
        buffer_free(&signer->responders[i].certificate);
    status_client_free(signer->client);
    (void)pthread_mutex_destroy(&signer->lock);
    free(signer);
}

/* Its keys are perhaps others: no certificate is taken for granted. */
bool ocsp_signer_connect(
    struct ocsp_signer *signer, int socket, struct failure *why)
{
    if (!status_client_connect(signer->client, socket, why))
        return false;
    (void)pthread_mutex_lock(&signer->lock);
    signer->connections++;
    for (size_t i = 0; i < signer->count; i++) {
        signer->responders[i].facts.not_after = 0;
        signer->responders[i].renew_at = 0;
        signer->responders[i].try_after_ms = 0;
    }
    (void)pthread_mutex_unlock(&signer->lock);
    return true;
}

size_t ocsp_signer_count(const struct ocsp_signer *signer)
{
    return signer->count;
}

const struct authority_issuer *ocsp_signer_issuer(
    const struct ocsp_signer *signer, size_t responder)
{
    return signer->responders[responder].issuer;
}

bool ocsp_signer_find(const struct ocsp_signer *signer,
    const struct ocsp_certificate_id *id, size_t *responder)
{
    for (size_t i = 0; i < signer->count; i++) {
        if (status_identity_is_of(&signer->responders[i].identity, id)) {
            *responder = i;
            return true;
        }
    }
    return false;
}

/* --- a certificate -------------------------------------------------------- */

/* One key has one chain of certificates, each under the origin that names the
 * end of the one before: a keeper that was started anew finds the last. */
struct certifying {
    struct ocsp_signer *signer;
    struct responder *responder;
    struct desk *desk;
    struct store *reading;
    int64_t now;
    struct buffer request;
    struct issuance issuance;
    struct certificate certificate; /* views of the issuance's */
};

static void certifying_free(struct certifying *certifying)
{
    buffer_free(&certifying->request);
    issuance_free(&certifying->issuance);
}

static bool print_origin(const struct certifying *certifying, int64_t after,
    char origin[static ORIGIN_ROOM], struct failure *why)
{
    char key[SHA256_TEXT];
    struct request request = {0};

    if (!request_read(buffer_view(&certifying->request), &request, why) ||
        !sha256_text(request.key.whole, key, why))
        return false;
    (void)snprintf(origin, ORIGIN_ROOM, "own:ocsp:%s:%s:%lld",
        certifying->responder->issuer->name, key, (long long)after);
    return true;
}

/* The certificate of the key that follows the one which ends at `after`. */
static bool issue_after(
    struct certifying *certifying, int64_t after, struct failure *why)
{
    static const struct caller caller = {
        .door = DOOR_OWN, .actor = "keeper", .who = "keeper"};
    char origin[ORIGIN_ROOM];
    const struct enrolment enrolment = {.caller = &caller,
        .profile = PROFILE,
        .authority = certifying->responder->issuer->name,
        .request = buffer_view(&certifying->request),
        .origin = origin};
    struct issuance *issuance = &certifying->issuance;

    if (!print_origin(certifying, after, origin, why))
        return false;
    issuance_begin(issuance, &enrolment);
    issue_certificates(
        certifying->signer->authority, certifying->desk, issuance, 1);
    issuance->enrolment = NULL;
    if (issuance->why.kind != FAILURE_NONE) {
        *why = issuance->why;
        return false;
    }
    return certificate_read(
        buffer_view(&issuance->certificate), &certifying->certificate, why);
}

/* Two thirds of its life. */
static int64_t renewal_of(const struct certificate *certificate)
{
    int64_t life = certificate->tbs.not_after - certificate->tbs.not_before;

    return certificate->tbs.not_before + life * 2 / 3;
}

/* A certificate of ours that was revoked: its key is used no more.  What it
 * signed before stands, as nobody asks after a responder's revocation. */
static bool is_revoked(
    const struct certifying *certifying, bool *revoked, struct failure *why)
{
    struct status_row row = {0};
    bool found = false;

    if (!store_status(certifying->reading, certifying->responder->issuer->id,
            certifying->certificate.tbs.serial, &row, &found, why))
        return false;
    *revoked = found && row.status != CERTIFICATE_VALID;
    return true;
}

static bool ask_for_key(
    struct certifying *certifying, bool fresh, struct failure *why)
{
    buffer_clear(&certifying->request);
    return status_client_key(certifying->signer->client,
        certifying->responder->issuer->name, fresh, &certifying->request, why);
}

/* The last of the chain: the one that is not due yet. */
static bool issue_last(
    struct certifying *certifying, bool *revoked, struct failure *why)
{
    int64_t after = 0;

    for (int renewals = 0; renewals < RENEWALS_MAX; renewals++) {
        if (!issue_after(certifying, after, why) ||
            !is_revoked(certifying, revoked, why))
            return false;
        if (*revoked || !certifying->issuance.is_repeat ||
            certifying->now < renewal_of(&certifying->certificate))
            return true;
        after = certifying->certificate.tbs.not_after;
    }
    return fail_because(why, FAILURE_INTERNAL,
        "a key for OCSP answers had more than %d certificates", RENEWALS_MAX);
}

static bool issue_for_key(struct certifying *certifying, struct failure *why)
{
    bool revoked = false;

    if (!ask_for_key(certifying, false, why) ||
        !issue_last(certifying, &revoked, why))
        return false;
    if (!revoked)
        return true;
    return ask_for_key(certifying, true, why) &&
           issue_last(certifying, &revoked, why);
}

/* A connection that came meanwhile has other keys: its certificates are asked
 * for at the next care. */
static bool take_certificate(
    struct certifying *certifying, uint64_t connection, struct failure *why)
{
    const struct certificate *certificate = &certifying->certificate;
    struct responder *responder = certifying->responder;
    struct status_identity identity = {0};
    bool ok;

    if (!status_identity_of(
            (struct bytes){0}, certificate->tbs.key.bits, &identity, why))
        return false;
    (void)pthread_mutex_lock(&certifying->signer->lock);
    ok = connection == certifying->signer->connections;
    if (ok) {
        buffer_clear(&responder->certificate);
        ok = buffer_append(&responder->certificate, certificate->whole, why);
        responder->facts =
            (struct ocsp_responder_facts){.key = identity.keys[OCSP_ID_SHA1],
                .not_after = ok ? certificate->tbs.not_after : 0};
        responder->renew_at = renewal_of(certificate);
    } else {
        (void)fail_because(why, FAILURE_UNAVAILABLE,
            "the signer of OCSP answers was started anew");
    }
    (void)pthread_mutex_unlock(&certifying->signer->lock);
    return ok;
}

static bool certify(struct ocsp_signer *signer, struct responder *responder,
    struct desk *desk, struct store *reading, int64_t now, uint64_t connection,
    struct failure *why)
{
    RELEASED(certifying)
    certifying = {.signer = signer,
        .responder = responder,
        .desk = desk,
        .reading = reading,
        .now = now,
        .request = BUFFER("request", REQUEST_MAX)};

    return issue_for_key(&certifying, why) &&
           status_client_certify(signer->client, responder->issuer->name,
               certifying.certificate.whole, why) &&
           take_certificate(&certifying, connection, why);
}

/* --- care ----------------------------------------------------------------- */

static bool is_due(struct ocsp_signer *signer, struct responder *responder,
    int64_t now, uint64_t *connection)
{
    bool due;

    (void)pthread_mutex_lock(&signer->lock);
    *connection = signer->connections;
    due = signer->connections > 0 && now >= responder->renew_at &&
          clock_monotonic_ms() >= responder->try_after_ms;
    (void)pthread_mutex_unlock(&signer->lock);
    return due;
}

static void put_off(struct ocsp_signer *signer, struct responder *responder)
{
    (void)pthread_mutex_lock(&signer->lock);
    responder->try_after_ms = clock_monotonic_ms() + TRY_AGAIN_MS;
    (void)pthread_mutex_unlock(&signer->lock);
}

bool ocsp_signer_care(struct ocsp_signer *signer, struct desk *desk,
    struct store *reading, int64_t now, struct failure *why)
{
    bool ok = true;

    for (size_t i = 0; i < signer->count; i++) {
        struct responder *responder = &signer->responders[i];
        uint64_t connection = 0;

        if (!is_due(signer, responder, now, &connection) ||
            certify(signer, responder, desk, reading, now, connection, why))
            continue;
        put_off(signer, responder);
        ok = false;
    }
    return ok;
}

/* --- signing -------------------------------------------------------------- */

bool ocsp_signer_facts(struct ocsp_signer *signer, size_t number, int64_t now,
    struct ocsp_responder_facts *facts, struct buffer *certificate,
    struct failure *why)
{
    struct responder *responder = &signer->responders[number];
    bool ok;

    (void)pthread_mutex_lock(&signer->lock);
    ok = responder->facts.not_after > now;
    if (ok) {
        *facts = responder->facts;
        ok = certificate == NULL ||
             buffer_append(
                 certificate, buffer_view(&responder->certificate), why);
    } else {
        (void)fail_because(why, FAILURE_UNAVAILABLE,
            "the responder of \"%s\" has no certificate in force; try again "
            "later",
            responder->issuer->name);
    }
    (void)pthread_mutex_unlock(&signer->lock);
    return ok;
}

bool ocsp_signer_sign(struct ocsp_signer *signer, size_t responder,
    const struct bytes *bodies, size_t count, struct status_signing *signing,
    struct failure *why)
{
    return status_client_sign(signer->client,
        signer->responders[responder].issuer->name, bodies, count, signing,
        why);
}

/* --- wishes --------------------------------------------------------------- */

void ocsp_signer_wish(struct ocsp_signer *signer, size_t responder,
    struct bytes serial, enum ocsp_id_hash hash)
{
    struct ocsp_wish wish = {
        .responder = responder, .serial_length = serial.length, .hash = hash};

    if (serial.length > OCSP_SERIAL_MAX)
        return;
    memcpy(wish.serial, serial.start, serial.length);
    (void)pthread_mutex_lock(&signer->lock);
    if (signer->wish_count < WISHES_MAX)
        signer->wishes[signer->wish_count++] = wish;
    (void)pthread_mutex_unlock(&signer->lock);
}

bool ocsp_signer_take_wish(struct ocsp_signer *signer, struct ocsp_wish *wish)
{
    bool has_one;

    (void)pthread_mutex_lock(&signer->lock);
    has_one = signer->wish_count > 0;
    if (has_one)
        *wish = signer->wishes[--signer->wish_count];
    (void)pthread_mutex_unlock(&signer->lock);
    return has_one;
}
