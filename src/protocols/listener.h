#ifndef PROTOCOLS_LISTENER_H
#define PROTOCOLS_LISTENER_H

/*
 * The kinds of listeners.  Each has fronts and channels of its own, and the
 * kind is fixed by the channel a request came through: it is the ceiling of
 * what may be asked there, whatever the front says (DESIGN.md 1).
 */
enum listener {
    LISTENER_PUBLIC, /* TLS, no client certificates */
    LISTENER_PLAIN,  /* HTTP: lists, OCSP, certificates, roots */
    LISTENER_ADMIN,  /* TLS with a client certificate: people with a role */
    LISTENER_MTLS    /* TLS with a client certificate: those who enrol */
};
#define LISTENER_KINDS 4
#define LISTENER_BIT(listener) (1u << (listener))

/* "public", "plain", "admin", "mtls". */
const char *listener_name(enum listener listener);

#endif
