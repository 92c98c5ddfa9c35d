#include "server/reader_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include <openssl/err.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

/* Level 0: a weak key or an old version is what people look for. */
#define EVERY_CIPHER "ALL:COMPLEMENTOFALL:@SECLEVEL=0"

/* Trust is the chain engine's to judge; the library would build paths here out
 * of what a stranger sent, whatever the mode. */
static int take_any_chain(X509_STORE_CTX *chain, void *nothing)
{
    (void)chain;
    (void)nothing;
    return 1;
}

bool reader_tls_new(SSL_CTX **tls, struct failure *why)
{
    SCOPED(SSL_CTX) *made = SSL_CTX_new(TLS_client_method());

    if (made == NULL || !SSL_CTX_set_cipher_list(made, EVERY_CIPHER) ||
        !SSL_CTX_set_min_proto_version(made, 0))
        return fail_in_openssl(why, FAILURE_INTERNAL, "preparing TLS");
    SSL_CTX_set_verify(made, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(made, take_any_chain, NULL);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    *tls = KEEP(SSL_CTX, &made);
    return true;
}

/* RFC 6066, 3: no addresses. */
static bool is_address(const char *name)
{
    uint8_t bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, name, bytes) == 1 ||
           inet_pton(AF_INET6, name, bytes) == 1;
}

/* The library's macro casts the name's const away. */
static bool name_server(SSL *session, const char *name)
{
    return name[0] == '\0' || is_address(name) ||
           SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME,
               TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)name) != 0;
}

static bool prepare(
    SSL *session, int socket, const char *name, struct failure *why)
{
    if (session == NULL || !SSL_set_fd(session, socket) ||
        !SSL_set_tlsext_status_type(session, TLSEXT_STATUSTYPE_ocsp) ||
        !name_server(session, name))
        return fail_in_openssl(why, FAILURE_INTERNAL, "preparing TLS");
    return true;
}

static bool is_another_protocol(int reason)
{
    return reason == SSL_R_WRONG_VERSION_NUMBER ||
           reason == SSL_R_HTTP_REQUEST ||
           reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
           reason == SSL_R_RECORD_LENGTH_MISMATCH;
}

static bool refuse_handshake(
    const SSL *session, int done, int error, struct failure *why)
{
    const unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);
    const int number = ERR_GET_REASON(code);

    if (SSL_get_error(session, done) == SSL_ERROR_WANT_READ ||
        (code == 0 && (error == EAGAIN || error == EWOULDBLOCK)))
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the TCP connection stands, but TLS got no answer in time");
    ERR_clear_error();
    if (is_another_protocol(number))
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the TCP connection stands, but what answers does not speak TLS "
            "(%s): plain HTTP or a protocol with STARTTLS?",
            reason);
    if (code == 0 || number == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the other end closed the connection in the TLS handshake");
    if (number > SSL_AD_REASON_OFFSET)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the other end ended the TLS handshake with the alert \"%s\"",
            SSL_alert_desc_string_long(number - SSL_AD_REASON_OFFSET));
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the TLS handshake failed: %s", reason == NULL ? "unknown" : reason);
}

static bool add_certificates(
    SSL *session, struct container *container, struct failure *why)
{
    const struct container_object object = {.kind = INPUT_CERTIFICATE};
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(session);

    for (int i = 0; i < sk_X509_num(sent); i++) {
        SCOPED(openssl_bytes) *der = NULL;
        int length = i2d_X509(sk_X509_value(sent, i), &der);

        if (length <= 0)
            return fail_in_openssl(
                why, FAILURE_INTERNAL, "writing a certificate that was sent");
        if (!container_add(container, &object,
                (struct bytes){.start = der, .length = (size_t)length}, why))
            return false;
    }
    return true;
}

static bool add_stapled(
    SSL *session, struct container *container, struct failure *why)
{
    struct container_object object = {
        .kind = INPUT_OTHER, .name = "stapled OCSP answer"};
    const unsigned char *answer = NULL;
    const long length = SSL_get_tlsext_status_ocsp_resp(session, &answer);

    if (answer == NULL || length <= 0)
        return true;
    return container_add(container, &object,
        (struct bytes){.start = answer, .length = (size_t)length}, why);
}

bool reader_tls_read(SSL_CTX *tls, int socket, const char *name,
    struct container *container, struct failure *why)
{
    SCOPED(SSL) *session = SSL_new(tls);
    int done;
    int error;

    if (!prepare(session, socket, name, why))
        return false;
    ERR_clear_error();
    errno = 0;
    done = SSL_connect(session);
    error = errno;
    /* A server that wants a client's certificate ends the handshake after it
     * sent its own, and those are what was asked for. */
    if (done != 1 && SSL_get_peer_cert_chain(session) == NULL)
        return refuse_handshake(session, done, error, why);
    ERR_clear_error();
    (void)snprintf(container->kind, sizeof(container->kind), "TLS server");
    (void)snprintf(container->integrity, sizeof(container->integrity), "%s%s",
        SSL_get_version(session),
        done == 1 ? "" : ", ended by the server after its certificates");
    (void)snprintf(container->encryption, sizeof(container->encryption), "%s",
        SSL_get_cipher_name(session));
    return add_certificates(session, container, why) &&
           add_stapled(session, container, why);
}
