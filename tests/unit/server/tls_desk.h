#ifndef TESTS_UNIT_SERVER_TLS_DESK_H
#define TESTS_UNIT_SERVER_TLS_DESK_H

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "base/file.h"
#include "crypto/openssl_scoped.h"
#include "server/front/tls.h"

/*
 * A small authority made by OpenSSL, published in a folder as Chancery does it,
 * and clients of OpenSSL at the other end of a pair of sockets.
 */
#define TLS_DAY INT64_C(86400)

struct desk_identity {
    X509 *certificate;
    EVP_PKEY *key;
    X509_CRL *list; /* the last; NULL: none */
};

struct tls_desk {
    char folder[64];                           /* DIR */
    struct desk_identity root, issuing, other; /* other: of nobody's trust */
    int64_t now;
    long serial;
};

void tls_desk_open(struct tls_desk *desk);
void tls_desk_close(struct tls_desk *desk);
const char *tls_desk_path(const struct tls_desk *desk, const char *name);

/* A leaf of the issuer's: life in seconds from now, purpose as OpenSSL words
 * it ("clientAuth"), names as it words subjectAltName or NULL. */
struct desk_wish {
    const struct desk_identity *issuer;
    const char *name, *purpose, *alternative;
    const char *addresses; /* as it words authorityInfoAccess, or NULL */
    int64_t begins, ends;
    EVP_PKEY *key; /* NULL: a new P-256 one */
};
void tls_desk_make(struct tls_desk *desk, const struct desk_wish *wish,
    struct desk_identity *made);
void desk_identity_free(struct desk_identity *identity);

/* publish/crl/NAME.crl of the issuer: with one serial, or none (0); ends in so
 * many seconds. */
void tls_desk_list(struct tls_desk *desk, struct desk_identity *issuer,
    const char *name, long revoked, int64_t ends);
void tls_desk_publish(const struct tls_desk *desk, const char *file,
    const struct desk_identity *const *identities, size_t count);

long desk_serial(const struct desk_identity *identity);
void desk_encode(X509 *certificate, struct buffer *der);

/* Certifies what the listener asks for, as the keeper would. */
void tls_desk_certify(
    struct tls_desk *desk, struct tls_listener *listener, int64_t lives);
/* The listener with a certificate for "localhost". */
void tls_desk_listener(
    struct tls_desk *desk, enum listener kind, struct tls_listener **listener);

/* --- a client ------------------------------------------------------------- */
struct desk_client {
    SSL_CTX *context;
    SSL *session;
    struct transport *server;
    enum transport_step step; /* of the last handshake, on the server */
    struct failure why;
    int answer; /* of SSL_connect */
    unsigned long error;
};

/* A context that trusts the desk's root and takes any version. */
void desk_client_open(struct tls_desk *desk, struct desk_client *client);
void desk_client_show(
    struct desk_client *client, const struct desk_identity *identity);
void desk_client_also(
    struct desk_client *client, const struct desk_identity *issuer);
/* Connects; both sides go on until they are done or one fails. */
void desk_client_connect(
    struct desk_client *client, struct tls_listener *listener);
/* Ends the connection; the context stays. */
void desk_client_end(struct desk_client *client);
void desk_client_close(struct desk_client *client);

/* Reads on the server what the client wrote, until it wants more. */
size_t desk_server_read(struct desk_client *client, uint8_t *room, size_t size);

#endif
