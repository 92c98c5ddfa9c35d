#ifndef SERVER_FRONT_TLS_H
#define SERVER_FRONT_TLS_H

#include "authority/status_table.h"
#include "base/file.h"
#include "protocols/listener.h"
#include "server/front/own_certificate.h"
#include "server/front/transport.h"

/*
 * What all TLS connections of one front share: the context of OpenSSL, the
 * front's own certificate, ticket keys, the stapled answer, and on the
 * listeners that ask for client certificates what these are judged by.
 *
 * TLS 1.2 and 1.3 with ECDHE and AEAD alone; no compression, no renegotiation,
 * no early data; whatever name a client asks for gets the one certificate.
 *
 * Made before the sandbox closes; afterwards it needs DIR/tls/LISTENER (to
 * write) and DIR/publish (to read).  One thread alone uses it, and it outlives
 * its transports.  SIGPIPE is ignored by who uses it.
 */
struct tls_wish {
    const char *directory; /* DIR; its folder tls is made where it is missing */
    enum listener listener;   /* any but LISTENER_PLAIN */
    const char *const *names; /* host names and addresses of ours; copied */
    size_t name_count;        /* at least 1 */
};

/* DIR/tls/LISTENER, which is all that a front may write to: who takes one over
 * has the keys of its own listener. */
MUST_CHECK bool tls_folder(const char *directory, enum listener kind,
    char path[static PATH_ROOM], struct failure *why);

/*
 * Loads what is in DIR/tls/LISTENER.  A missing, damaged or old certificate is
 * no failure: tls_listener_ready tells, and tls_listener_certify asks for
 * another.
 */
MUST_CHECK bool tls_listener_new(const struct tls_wish *wish,
    struct tls_listener **listener, struct failure *why);
void tls_listener_free(struct tls_listener *listener);
DEFINE_SCOPED_STRUCT(tls_listener, tls_listener_free)

/* Without a certificate no connection may be accepted (kb 119). */
bool tls_listener_ready(const struct tls_listener *listener);

/* --- the front's own certificate ------------------------------------------ */

/*
 * Is it time to ask the keeper for one?  Then *wanted, and the body of
 * FRONT_CERTIFY is appended, with a request for a new key.  What is under way
 * is not asked for again until it was answered or tls_listener_refused.
 */
MUST_CHECK bool tls_listener_certify(struct tls_listener *listener,
    struct buffer *message, bool *wanted, struct failure *why);

/* The body of FRONT_CERTIFIED: checked, written to DIR/tls (the key first), and
 * used for the connections from here on; those that run go on undisturbed.  A
 * failure leaves what was there, and it is asked again later. */
MUST_CHECK bool tls_listener_certified(
    struct tls_listener *listener, struct bytes body, struct failure *why);

/* FRONT_REFUSED, or the keeper died: it is asked again later, and later each
 * time. */
void tls_listener_refused(struct tls_listener *listener);

/* The names changed (FRONT_RELOAD). */
MUST_CHECK bool tls_listener_rename(struct tls_listener *listener,
    const char *const *names, size_t name_count, struct failure *why);

/* Uses another key and certificate for the connections from here on; the
 * chain's first is the leaf.  The context is the one that was when it fails. */
MUST_CHECK bool tls_listener_renew(struct tls_listener *listener, EVP_PKEY *key,
    const struct bytes *chain, size_t count, struct failure *why);

/* --- from time to time ---------------------------------------------------- */

/* Once a second or so: reads again what client certificates are judged by where
 * it changed, and tells the log of an own certificate that is missing or ended,
 * at once and each hour.  A failure names the file; what was read before stays
 * in use. */
MUST_CHECK bool tls_listener_look(
    struct tls_listener *listener, struct failure *why);

/* The OCSP answer of the own certificate that is stapled from here on (RFC
 * 6066, 8), until it ends; of length 0: none. */
MUST_CHECK bool tls_listener_staple(struct tls_listener *listener,
    struct bytes answer, int64_t until, struct failure *why);

/* The same from the mapped tables, which hold an answer for each certificate of
 * ours; looks every ten seconds, however often it is called.  What is stapled
 * already stays where the tables have none. */
MUST_CHECK bool tls_listener_staple_from(
    struct tls_listener *listener, struct status_map *map, struct failure *why);

#endif
