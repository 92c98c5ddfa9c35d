#ifndef SERVER_FRONT_OWN_CERTIFICATE_H
#define SERVER_FRONT_OWN_CERTIFICATE_H

#include "base/file.h"
#include "crypto/key.h"

/*
 * The certificate that a front shows, and its key: DIR/tls/LISTENER/own.key
 * (0600) and own.pem (the leaf, then the issuers).  The key is made here and
 * never leaves; the keeper certifies a request.
 *
 * A new key lies in own.next before anybody is asked to certify it, and
 * becomes own.key after the certificate took its place: wherever a kill
 * falls, the certificate's key is in one of the two files.
 *
 * An old certificate serves until another has come, one that has ended too: who
 * can't be reached can't be mended (incident 15).
 */
#define OWN_CHAIN_MAX 8 /* certificates */
#define OWN_NAMES_MAX 64
#define OWN_FILE_MAX (256 * 1024)

enum own_state {
    OWN_GOOD,
    OWN_DUE,     /* in use; another is wanted, why says so */
    OWN_EXPIRED, /* in use for want of another */
    OWN_MISSING  /* no TLS */
};

struct own_certificate {
    char key_path[PATH_ROOM], next_path[PATH_ROOM], pem_path[PATH_ROOM];
    char *names[OWN_NAMES_MAX];
    size_t name_count;

    /* In use; none: key is NULL. */
    struct private_key *key;
    struct buffer ders; /* one after another */
    struct bytes chain[OWN_CHAIN_MAX];
    size_t chain_count;
    int64_t not_before, not_after;

    struct private_key *next; /* of the request that is under way */
    bool names_answered;      /* the keeper chose others; that is final */
    /* Why the files could not be used at the start; why another is wanted. */
    char damage[FAILURE_REASON_ROOM], why[FAILURE_REASON_ROOM];
    int64_t ask_again_ms; /* monotonic; not before */
    int refusals;         /* one after another */
};

/*
 * Loads what is there; damage, or nothing, is no failure but told in the log
 * and in why.  folder: DIR/tls.  name: of the listener.
 */
MUST_CHECK bool own_certificate_load(const char *folder, const char *name,
    struct own_certificate **own, struct failure *why);
void own_certificate_free(struct own_certificate *own);
DEFINE_SCOPED_STRUCT(own_certificate, own_certificate_free)

/* What it should be for; FAILURE_UNSUITABLE names the one that is no name. */
MUST_CHECK bool own_certificate_name(struct own_certificate *own,
    const char *const *names, size_t count, struct failure *why);

/* Judges at this time; own->why tells in words. */
enum own_state own_certificate_state(struct own_certificate *own, int64_t now);
const char *own_state_name(enum own_state state);

/*
 * Asks when it is time: makes a key, keeps it in own.next, and appends a
 * PKCS#10.  *wanted is false when nothing is wanted or something is under way.
 */
MUST_CHECK bool own_certificate_request(struct own_certificate *own,
    struct buffer *request, bool *wanted, struct failure *why);

/* Takes what the keeper certified: it is for our key and valid now, or
 * FAILURE_UNSUITABLE; then it is written and in use.  Failing, what was in use
 * stays in use, and it is asked again later. */
MUST_CHECK bool own_certificate_take(struct own_certificate *own,
    const struct bytes *chain, size_t count, struct failure *why);

/* Nothing came: not before 2 s, and twice as long each time, up to an hour, 60
 * s at most while there is none that is good. */
void own_certificate_refused(struct own_certificate *own);

#endif
