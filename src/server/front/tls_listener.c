#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "crypto/key_file.h"
#include "server/front/tls_parts.h"
#include "server/front_protocol.h"
#include "x509/request.h"

/* A certificate that is missing or ended is told of this often. */
#define TELL_AGAIN_MS (INT64_C(3600) * 1000)
#define HANDSHAKES_TO_GIVE_BACK 64
/* So long the first one may take before it is missed. */
#define PATIENCE_MS 5000

/* --- making --------------------------------------------------------------- */

void tls_listener_free(struct tls_listener *listener)
{
    if (listener == NULL)
        return;
    SSL_CTX_free(listener->context);
    own_certificate_free(listener->own);
    client_judge_free(listener->judge);
    tls_tickets_free(listener->tickets);
    buffer_free(&listener->staple);
    free(listener);
}

static bool tell_names(struct tls_listener *listener, struct failure *why)
{
    const struct bytes *names = NULL;
    uint64_t reading = 0;
    size_t count = 0;

    if (listener->judge == NULL || listener->context == NULL)
        return true;
    names = client_judge_names(listener->judge, &count, &reading);
    if (reading == listener->names_told)
        return true;
    if (!tls_context_name_authorities(listener->context, names, count, why))
        return false;
    listener->names_told = reading;
    return true;
}

bool tls_listener_renew(struct tls_listener *listener, EVP_PKEY *key,
    const struct bytes *chain, size_t count, struct failure *why)
{
    SCOPED(SSL_CTX) *made = NULL;

    if (!tls_context_new(listener, key, chain, count, &made, why))
        return false;
    SSL_CTX_free(listener->context);
    listener->context = KEEP(SSL_CTX, &made);
    listener->names_told = 0;
    buffer_clear(&listener->staple);
    listener->staple_look_ms = 0;
    return tell_names(listener, why);
}

static bool use_own(struct tls_listener *listener, struct failure *why)
{
    const struct own_certificate *own = listener->own;

    return tls_listener_renew(
        listener, key_file_pair(own->key), own->chain, own->chain_count, why);
}

bool tls_folder(const char *directory, enum listener kind,
    char path[static PATH_ROOM], struct failure *why)
{
    char all[PATH_ROOM];

    return path_join(all, directory, "tls", why) &&
           path_join(path, all, listener_name(kind), why);
}

static bool open_folder(const struct tls_wish *wish,
    char path[static PATH_ROOM], struct failure *why)
{
    char all[PATH_ROOM];

    return path_join(all, wish->directory, "tls", why) &&
           folder_make_missing(all, 0700, why) &&
           tls_folder(wish->directory, wish->listener, path, why) &&
           folder_make_missing(path, 0700, why);
}

/* A chain that OpenSSL does not take is like a damaged file: told, and made
 * anew. */
static void begin_with_own(struct tls_listener *listener)
{
    struct own_certificate *own = listener->own;
    struct failure why = {0};

    if (own->key == NULL || use_own(listener, &why))
        return;
    log_event(
        LOG_LEVEL_WARNING, "own-certificate-unusable", "why", why.reason, NULL);
    memcpy(own->damage, why.reason, sizeof(own->damage));
    private_key_free(own->key);
    own->key = NULL;
}

static bool load(
    struct tls_listener *made, const struct tls_wish *wish, struct failure *why)
{
    char folder[PATH_ROOM];

    if (!tls_tickets_new(&made->tickets, why) ||
        (tls_asks_clients(made->kind) &&
            !client_judge_new(wish->directory, &made->judge, why)) ||
        !open_folder(wish, folder, why) ||
        !own_certificate_load(folder, "own", &made->own, why) ||
        !own_certificate_name(made->own, wish->names, wish->name_count, why))
        return false;
    begin_with_own(made);
    return true;
}

bool tls_listener_new(const struct tls_wish *wish,
    struct tls_listener **listener, struct failure *why)
{
    SCOPED_STRUCT(tls_listener) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->kind = wish->listener;
    made->born_ms = clock_monotonic_ms();
    made->staple = BUFFER("stapled answer", STAPLE_MAX);
    if (!load(made, wish, why))
        return false;
    *listener = KEEP(tls_listener, &made);
    return true;
}

bool tls_listener_ready(const struct tls_listener *listener)
{
    return listener->context != NULL;
}

/* --- the own certificate -------------------------------------------------- */

bool tls_listener_certify(struct tls_listener *listener, struct buffer *message,
    bool *wanted, struct failure *why)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);

    if (!own_certificate_request(listener->own, &request, wanted, why))
        return false;
    if (!*wanted)
        return true;
    log_event(LOG_LEVEL_INFO, "own-certificate-asked", "listener",
        listener_name(listener->kind), "why", listener->own->why, NULL);
    return message_add(
        message, FRONT_FIELD_REQUEST, buffer_view(&request), why);
}

struct certified {
    struct bytes chain[OWN_CHAIN_MAX];
    size_t count;
};

static bool read_certified(
    struct bytes body, struct certified *certified, struct failure *why)
{
    struct reader reader = reader_of(body);
    struct field field = {0};

    while (!reader_at_end(&reader)) {
        if (!message_next(&reader, &field, why))
            return false;
        if (field.tag != FRONT_FIELD_CERTIFICATE &&
            field.tag != FRONT_FIELD_CHAIN)
            continue;
        if ((field.tag == FRONT_FIELD_CERTIFICATE) != (certified->count == 0) ||
            certified->count == OWN_CHAIN_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "a certificate for TLS comes first, and its issuers behind it, "
                "%d in all at most",
                OWN_CHAIN_MAX);
        certified->chain[certified->count++] = field.value;
    }
    return true;
}

bool tls_listener_certified(
    struct tls_listener *listener, struct bytes body, struct failure *why)
{
    struct certified certified = {0};

    if (!read_certified(body, &certified, why)) {
        own_certificate_refused(listener->own);
        return false;
    }
    return own_certificate_take(
               listener->own, certified.chain, certified.count, why) &&
           use_own(listener, why);
}

void tls_listener_refused(struct tls_listener *listener)
{
    own_certificate_refused(listener->own);
}

bool tls_listener_rename(struct tls_listener *listener,
    const char *const *names, size_t name_count, struct failure *why)
{
    return own_certificate_name(listener->own, names, name_count, why);
}

/* --- from time to time ---------------------------------------------------- */

static void tell_own(struct tls_listener *listener)
{
    const enum own_state state =
        own_certificate_state(listener->own, clock_now());
    const bool is_bad = state == OWN_MISSING || state == OWN_EXPIRED;
    const int64_t now_ms = clock_monotonic_ms();

    if (state == OWN_MISSING && listener->own->refusals == 0 &&
        now_ms - listener->born_ms < PATIENCE_MS)
        return;
    if (state == listener->told &&
        !(is_bad && now_ms - listener->told_ms >= TELL_AGAIN_MS))
        return;
    listener->told = state;
    listener->told_ms = now_ms;
    log_event(is_bad ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "own-certificate",
        "listener", listener_name(listener->kind), "state",
        own_state_name(state), "why", listener->own->why, NULL);
}

/* The library holds 16 KiB for each handshake that is under way.  After many at
 * once that room lies in holes between what the connections keep, and the
 * system gets it back only when asked. */
static void give_back_memory(struct tls_listener *listener)
{
    if (listener->handshakes < HANDSHAKES_TO_GIVE_BACK)
        return;
    listener->handshakes = 0;
    (void)malloc_trim(0);
}

bool tls_listener_look(struct tls_listener *listener, struct failure *why)
{
    tell_own(listener);
    give_back_memory(listener);
    return listener->judge == NULL ||
           (client_judge_look(listener->judge, why) &&
               tell_names(listener, why));
}

bool tls_listener_staple(struct tls_listener *listener, struct bytes answer,
    int64_t until, struct failure *why)
{
    buffer_clear(&listener->staple);
    listener->staple_until = until;
    return answer.length == 0 || buffer_append(&listener->staple, answer, why);
}
