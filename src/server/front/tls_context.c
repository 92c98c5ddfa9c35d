#include <openssl/x509.h>

#include "base/clock.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "server/front/tls_parts.h"

/* RFC 9325, 4.2: forward secrecy and AEAD alone. */
#define SUITES_1_2                                               \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"  \
    ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305" \
    ":ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define SUITES_1_3                                        \
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256" \
    ":TLS_AES_256_GCM_SHA384"

/* The last two are for TLS 1.2 alone, where OpenSSL holds the key of a client's
 * certificate against the groups of the key exchange. */
#define GROUPS "X25519:P-256:P-384:P-521"

/* No SHA-1, which OpenSSL 3.0 still lists by itself. */
#define SIGNATURES                                                 \
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448"         \
    ":rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512" \
    ":rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512"    \
    ":RSA+SHA256:RSA+SHA384:RSA+SHA512"

/* Bytes of the certificates that a client may show. */
#define CLIENT_CHAIN_MAX (64 * 1024)

#define OPTIONS                                        \
    (SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | \
        SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA)

#define MODE                                                    \
    (SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS | \
        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)

static bool set_versions(SSL_CTX *context, struct failure *why)
{
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_options(context, OPTIONS);
    SSL_CTX_set_mode(context, MODE);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_max_cert_list(context, CLIENT_CHAIN_MAX);
    if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
        !SSL_CTX_set_cipher_list(context, SUITES_1_2) ||
        !SSL_CTX_set_ciphersuites(context, SUITES_1_3) ||
        !SSL_CTX_set1_groups_list(context, GROUPS) ||
        !SSL_CTX_set1_sigalgs_list(context, SIGNATURES) ||
        !SSL_CTX_set_max_early_data(context, 0))
        return fail_in_openssl(why, FAILURE_INTERNAL, "preparing TLS");
    return true;
}

/* --- what we speak -------------------------------------------------------- */

/* RFC 7301, 3.2: who wants another protocol alone is refused, so that what is
 * meant for another server is not taken for HTTP. */
static int choose_protocol(SSL *session, const unsigned char **chosen,
    unsigned char *length, const unsigned char *offered, unsigned int size,
    void *nothing)
{
    static const unsigned char ours[] = "\x08http/1.1\x08http/1.0";
    unsigned char *found = NULL;

    (void)session;
    (void)nothing;
    if (SSL_select_next_proto(&found, length, ours, sizeof(ours) - 1, offered,
            size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

/* RFC 6066, 8.  The library frees what it is given. */
static int staple(SSL *session, void *owner)
{
    const struct tls_listener *listener = owner;
    const size_t length = listener->staple.length;
    void *answer;

    if (length == 0 || clock_now() >= listener->staple_until)
        return SSL_TLSEXT_ERR_NOACK;
    answer = OPENSSL_memdup(listener->staple.start, length);
    if (answer == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    if (!SSL_set_tlsext_status_ocsp_resp(session, answer, (long)length)) {
        OPENSSL_free(answer);
        return SSL_TLSEXT_ERR_NOACK;
    }
    return SSL_TLSEXT_ERR_OK;
}

/* --- the certificate ------------------------------------------------------ */

static bool add_issuer(SSL_CTX *context, struct bytes der, struct failure *why)
{
    const unsigned char *at = der.start;
    SCOPED(X509) *issuer = d2i_X509(NULL, &at, (long)der.length);

    if (issuer == NULL)
        return fail_in_openssl(
            why, FAILURE_MALFORMED, "reading the chain of the own certificate");
    if (!SSL_CTX_add0_chain_cert(context, issuer))
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "adding the chain of the own certificate");
    (void)KEEP(X509, &issuer);
    return true;
}

static bool set_certificate(SSL_CTX *context, EVP_PKEY *key,
    const struct bytes *chain, size_t count, struct failure *why)
{
    if (count == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "there is no certificate for TLS");
    if (!SSL_CTX_use_certificate_ASN1(
            context, (int)chain[0].length, chain[0].start) ||
        !SSL_CTX_use_PrivateKey(context, key) ||
        !SSL_CTX_check_private_key(context))
        return fail_in_openssl(
            why, FAILURE_UNSUITABLE, "using the own certificate for TLS");
    for (size_t i = 1; i < count; i++) {
        if (!add_issuer(context, chain[i], why))
            return false;
    }
    return true;
}

/* --- client certificates -------------------------------------------------- */

/* Trust is the chain engine's to judge, after the handshake, so that the page
 * can say what is wrong (kb 94). */
static int take_any_chain(X509_STORE_CTX *chain, void *nothing)
{
    (void)nothing;
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
}

/* Nothing is resumed where clients show certificates: a session would carry one
 * past the hour in which it was good, and its issuers not at all. */
static bool ask_clients(SSL_CTX *context, struct failure *why)
{
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, take_any_chain, NULL);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    if (!SSL_CTX_set_num_tickets(context, 0))
        return fail_in_openssl(why, FAILURE_INTERNAL, "preparing TLS");
    return true;
}

static void free_names(STACK_OF(X509_NAME) * *names)
{
    sk_X509_NAME_pop_free(*names, X509_NAME_free);
}

static bool add_name(
    STACK_OF(X509_NAME) * names, struct bytes der, struct failure *why)
{
    const unsigned char *at = der.start;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.length);

    if (name != NULL && sk_X509_NAME_push(names, name) > 0)
        return true;
    X509_NAME_free(name);
    return fail_in_openssl(
        why, FAILURE_INTERNAL, "telling clients the names of authorities");
}

bool tls_context_name_authorities(SSL_CTX *context, const struct bytes *names,
    size_t count, struct failure *why)
{
    __attribute__((cleanup(free_names))) STACK_OF(X509_NAME) *made =
        sk_X509_NAME_new_null();

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (!add_name(made, names[i], why))
            return false;
    }
    SSL_CTX_set_client_CA_list(context, made);
    made = NULL;
    return true;
}

/* --- the whole ------------------------------------------------------------ */

bool tls_context_new(struct tls_listener *listener, EVP_PKEY *key,
    const struct bytes *chain, size_t count, SSL_CTX **context,
    struct failure *why)
{
    SCOPED(SSL_CTX) *made = SSL_CTX_new(TLS_server_method());

    if (made == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "preparing TLS");
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(made, choose_protocol, NULL);
    SSL_CTX_set_tlsext_status_cb(made, staple);
    SSL_CTX_set_tlsext_status_arg(made, listener);
    if (!set_versions(made, why) ||
        !set_certificate(made, key, chain, count, why) ||
        !tls_tickets_use(listener->tickets, made, why) ||
        (tls_asks_clients(listener->kind) && !ask_clients(made, why)))
        return false;
    *context = KEEP(SSL_CTX, &made);
    return true;
}
