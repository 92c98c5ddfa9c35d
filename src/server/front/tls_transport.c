#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "server/front/tls_parts.h"

/* Pieces of what a client still sends after our close_notify, at one call. */
#define LEFT_OVERS_MAX 16

struct tls_transport {
    struct transport head;
    struct tls_listener *listener;
    SSL *session;
    bool is_broken; /* nothing may be asked of the session any more */
    bool said_goodbye;
    struct client_verdict *client; /* NULL: no certificate was shown */
};

static struct tls_transport *of(struct transport *transport)
{
    return (struct tls_transport *)transport;
}

/* --- what a call came to -------------------------------------------------- */

static enum transport_step broken(struct tls_transport *tls, const char *doing,
    int error, struct failure *why)
{
    const unsigned long code = ERR_peek_last_error();
    const char *words = code == 0 ? NULL : ERR_reason_error_string(code);

    tls->is_broken = true;
    ERR_clear_error();
    if (words != NULL)
        (void)fail_because(why, FAILURE_MALFORMED, "%s: %s", doing, words);
    else if (error != 0)
        (void)fail_because(
            why, FAILURE_UNAVAILABLE, "%s: %s", doing, strerrordesc_np(error));
    else
        (void)fail_because(
            why, FAILURE_UNAVAILABLE, "%s: the client went away", doing);
    return TRANSPORT_BROKEN;
}

static enum transport_step step_of(struct tls_transport *tls, int answer,
    const char *doing, struct failure *why)
{
    const int error = errno;

    switch (SSL_get_error(tls->session, answer)) {
    case SSL_ERROR_NONE:
        return TRANSPORT_DONE;
    case SSL_ERROR_WANT_READ:
        return TRANSPORT_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TRANSPORT_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TRANSPORT_ENDED;
    default:
        return broken(tls, doing, error, why);
    }
}

/* The error queue is the thread's: what another connection left there would be
 * taken for this one's. */
static void begin(void)
{
    ERR_clear_error();
    errno = 0;
}

static enum transport_step refuse_broken(struct failure *why)
{
    (void)fail_because(why, FAILURE_UNAVAILABLE, "the connection is broken");
    return TRANSPORT_BROKEN;
}

/* --- the verbs ------------------------------------------------------------ */

static bool judge_client(struct tls_transport *tls, struct failure *why)
{
    if (tls->listener->judge == NULL)
        return true;
    return client_judge_session(
        tls->listener->judge, tls->session, &tls->client, why);
}

static enum transport_step handshake(
    struct transport *transport, struct failure *why)
{
    struct tls_transport *tls = of(transport);
    enum transport_step step;

    if (tls->is_broken)
        return refuse_broken(why);
    begin();
    step = step_of(
        tls, SSL_do_handshake(tls->session), "the TLS handshake failed", why);
    if (step != TRANSPORT_DONE)
        return step;
    tls->listener->handshakes++;
    if (!judge_client(tls, why)) {
        tls->is_broken = true;
        return TRANSPORT_BROKEN;
    }
    return TRANSPORT_DONE;
}

static enum transport_step read_some(struct transport *transport, uint8_t *room,
    size_t size, size_t *count, struct failure *why)
{
    struct tls_transport *tls = of(transport);
    enum transport_step step;
    size_t got = 0;

    if (tls->is_broken)
        return refuse_broken(why);
    begin();
    step = step_of(
        tls, SSL_read_ex(tls->session, room, size, &got), "reading", why);
    if (step == TRANSPORT_DONE)
        *count = got;
    return step;
}

static enum transport_step write_some(struct transport *transport,
    struct bytes bytes, size_t *count, struct failure *why)
{
    struct tls_transport *tls = of(transport);
    enum transport_step step;
    size_t put = 0;

    if (tls->is_broken)
        return refuse_broken(why);
    *count = 0;
    if (bytes.length == 0)
        return TRANSPORT_DONE;
    begin();
    step = step_of(tls,
        SSL_write_ex(tls->session, bytes.start, bytes.length, &put), "writing",
        why);
    if (step == TRANSPORT_DONE)
        *count = put;
    return step;
}

/* What the client still sends is thrown away up to its close_notify:
 * SSL_shutdown would take it for a fault. */
static enum transport_step await_goodbye(struct tls_transport *tls)
{
    struct failure unheard = {0};
    enum transport_step step = TRANSPORT_DONE;
    uint8_t room[1024];
    size_t count = 0;

    for (int i = 0; step == TRANSPORT_DONE && i < LEFT_OVERS_MAX; i++) {
        begin();
        step =
            step_of(tls, SSL_read_ex(tls->session, room, sizeof(room), &count),
                "ending", &unheard);
    }
    wipe(room, sizeof(room));
    return step == TRANSPORT_ENDED ? TRANSPORT_DONE : step;
}

static enum transport_step finish(struct transport *transport)
{
    struct tls_transport *tls = of(transport);
    struct failure unheard = {0};
    int answer;

    if (tls->is_broken)
        return TRANSPORT_BROKEN;
    if (!tls->said_goodbye) {
        begin();
        answer = SSL_shutdown(tls->session);
        if (answer < 0)
            return step_of(tls, answer, "ending", &unheard);
        tls->said_goodbye = true;
    }
    return await_goodbye(tls);
}

/* A session that ended otherwise than in order may not be resumed, which
 * SSL_free sees to. */
static void free_tls(struct transport *transport)
{
    struct tls_transport *tls = of(transport);

    if (tls == NULL)
        return;
    SSL_free(tls->session);
    client_verdict_free(tls->client);
    descriptor_close(&tls->head.socket);
    free(tls);
}

static const struct transport_verbs tls_verbs = {.handshake = handshake,
    .read = read_some,
    .write = write_some,
    .finish = finish,
    .free = free_tls};

/* --- making one ----------------------------------------------------------- */

static bool make_session(struct tls_listener *listener, int socket,
    SSL **session, struct failure *why)
{
    SCOPED(SSL) *made = NULL;

    if (listener->context == NULL)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "there is no certificate for TLS yet");
    made = SSL_new(listener->context);
    if (made == NULL || !SSL_set_fd(made, socket))
        return fail_in_openssl(why, FAILURE_INTERNAL, "beginning TLS");
    SSL_set_accept_state(made);
    *session = KEEP(SSL, &made);
    return true;
}

bool tls_transport_new(struct tls_listener *listener, int socket,
    struct transport **transport, struct failure *why)
{
    SCOPED_DESCRIPTOR int owned = socket;
    SCOPED(SSL) *session = NULL;
    struct tls_transport *made = NULL;

    if (!make_session(listener, socket, &session, why))
        return false;
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->head.verbs = &tls_verbs;
    made->head.socket = descriptor_keep(&owned);
    made->listener = listener;
    made->session = KEEP(SSL, &session);
    *transport = &made->head;
    return true;
}

bool tls_transport_holds(struct transport *transport)
{
    const struct tls_transport *tls = of(transport);

    return !tls->is_broken && SSL_has_pending(tls->session) == 1;
}

void transport_client(
    struct transport *transport, struct transport_client *client)
{
    struct tls_transport *tls = NULL;
    const struct client_verdict *shown = NULL;

    if (transport->verbs == &tls_verbs)
        tls = of(transport);
    if (tls != NULL && tls->client != NULL) {
        client_judge_again(tls->listener->judge, tls->session, &tls->client);
        shown = tls->client;
    }
    *client = (struct transport_client){.code = CLIENT_ABSENT,
        .sentence = "no client certificate was shown",
        .protocol = tls == NULL ? NULL : SSL_get_version(tls->session)};
    if (shown == NULL)
        return;
    client->certificate = shown->certificate;
    client->code = shown->code;
    client->sentence = shown->sentence;
}

void tls_transport_age(struct transport *transport, int64_t ms)
{
    of(transport)->client->judged_ms -= ms;
}
