#ifndef SERVER_ADMIN_SESSIONS_H
#define SERVER_ADMIN_SESSIONS_H

#include "base/bytes.h"
#include "crypto/digest.h"

/*
 * Who is signed in at the admin pages: in the keeper's memory alone, so that
 * its end is the end of all sessions.  A session is found by the SHA-256 of
 * its cookie, 256 random bits, and is of one person with one certificate:
 * whoever comes with another one, or without, does not have it.
 *
 * It ends SESSION_IDLE_MS after its last use, and SESSION_LONGEST_MS after its
 * beginning.  A person has SESSIONS_EACH at most, the one that was used least
 * lately makes room; so nobody takes anybody's place.  Any thread may call.
 */
#define SESSION_IDLE_MS (INT64_C(15) * 60 * 1000)
#define SESSION_LONGEST_MS (INT64_C(12) * 3600 * 1000)
#define SESSIONS_EACH 4
#define SESSIONS_MAX 512

struct admin_sessions;

/* milliseconds: clock_boot_ms, as a machine that sleeps is idle too; a test's
 * own otherwise. */
MUST_CHECK bool admin_sessions_new(int64_t (*milliseconds)(void),
    struct admin_sessions **sessions, struct failure *why);
void admin_sessions_free(struct admin_sessions *sessions); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(admin_sessions, admin_sessions_free)

struct session_holder {
    int64_t person;           /* row of the store */
    struct bytes certificate; /* DER */
};

/* What forms of it are marked with; nobody else knows it. */
#define SESSION_SECRET_BYTES DIGEST_KEY_BYTES

#define SESSION_COOKIE "__Host-chancery"
#define SESSION_COOKIE_TEXT 65 /* 64 digits and a zero */

/* FAILURE_UNAVAILABLE: SESSIONS_MAX are in use. */
MUST_CHECK bool admin_session_begin(struct admin_sessions *sessions,
    const struct session_holder *holder,
    char cookie[static SESSION_COOKIE_TEXT], struct failure *why);
/* cookies: the header Cookie, or NULL.  Found: it is used, and *secret is its
 * own. */
MUST_CHECK bool admin_session_find(struct admin_sessions *sessions,
    const struct session_holder *holder, const char *cookies, bool *found,
    uint8_t secret[static SESSION_SECRET_BYTES], struct failure *why);
/* No session is no failure. */
MUST_CHECK bool admin_session_end(struct admin_sessions *sessions,
    const struct session_holder *holder, const char *cookies,
    struct failure *why);

/* The secret of forms before there is a session, of this certificate's. */
MUST_CHECK bool admin_sessions_secret(const struct admin_sessions *sessions,
    struct bytes certificate, uint8_t secret[static SESSION_SECRET_BYTES],
    struct failure *why);

/* Our cookie among those of a header (RFC 6265, 4.2.1).  False: it isn't there,
 * is no 64 digits, or is there twice: then somebody else set one. */
bool session_cookie_read(
    const char *cookies, char cookie[static SESSION_COOKIE_TEXT]);

#endif
