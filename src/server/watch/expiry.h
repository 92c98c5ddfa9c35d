#ifndef SERVER_WATCH_EXPIRY_H
#define SERVER_WATCH_EXPIRY_H

#include <stdatomic.h>

#include "authority/authority.h"
#include "protocols/listener.h"

/*
 * What of the server's own comes to an end: certificates of authorities,
 * revocation lists, certificates of those who sign OCSP answers and of the
 * server's listeners, those of people, and tokens.
 */
enum expiry_kind {
    EXPIRY_AUTHORITY,
    EXPIRY_LIST,
    EXPIRY_OCSP_SIGNER,
    EXPIRY_SERVER, /* a listener's own TLS certificate */
    EXPIRY_PERSON,
    EXPIRY_TOKEN,
    EXPIRY_CERTIFICATE, /* one that was issued */
    EXPIRY_KINDS
};

#define EXPIRY_NAME 160
struct expiry {
    enum expiry_kind kind;
    char name[EXPIRY_NAME]; /* "issuing", "issuing/3", "public", "alice" */
    int64_t begins, ends;   /* seconds since 1970 */
};

/* Until when the last certificate is good that the front of each listener was
 * given; 0: none is known. */
struct own_ends {
    atomic_int_fast64_t ends[LISTENER_KINDS];
};
void own_ends_note(struct own_ends *own, enum listener listener, int64_t ends);
/* Finds those of earlier keepers in the store: a walk through all rows. */
MUST_CHECK bool own_ends_find(struct own_ends *own, struct store *reading,
    int64_t now, struct failure *why);

/* "authority", "list", "ocsp-signer", "server", "person", "token",
 * "certificate". */
const char *expiry_kind_name(enum expiry_kind kind);
/* Days before an end at which it is told. */
#define EXPIRY_STEPS 4
extern const int expiry_days[EXPIRY_STEPS]; /* 30, 14, 7, 1 */

/*
 * The least of these days that is reached at now, 0 behind the end, or -1: it
 * is early.  A day that lies in the first two thirds of its life counts for
 * none: a list of a week is not told a month ahead, and what renews itself at
 * that point or before is told only when it did not.
 */
int expiry_step(const struct expiry *expiry, int64_t now);

/* In the order of kinds.  own: NULL leaves the listeners' out. */
typedef bool expiry_visitor(
    void *context, const struct expiry *expiry, struct failure *why);
MUST_CHECK bool expiries_visit(const struct authority *authority,
    struct own_ends *own, struct store *reading, expiry_visitor *visit,
    void *context, struct failure *why);

#endif
