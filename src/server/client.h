#ifndef SERVER_CLIENT_H
#define SERVER_CLIENT_H

#include "authority/signer_client.h"
#include "base/bytes.h"
#include "base/json.h"
#include "server/place.h"

/*
 * A command's way to the authority.  While a server (or `unlock`) holds DIR,
 * through DIR/control.sock; otherwise the command takes DIR/lock and starts
 * keeper and signer as its own children.  Commands that come at once wait for
 * each other, each in its turn.
 */
struct client;

struct client_options {
    const char *directory;
    const char *program; /* of ourselves; NULL: /proc/self/exe */
    /* A descriptor to read the passphrase from, or -1: then the systemd
     * credential "unlock", then keys/unlock (unless keys/locked is there),
     * otherwise the keys stay locked.  Stays the caller's. */
    int passphrase;
    const char *credentials; /* $CREDENTIALS_DIRECTORY, or NULL */
    /* Opens the roots kept apart too, and may make authorities.  Only by
     * children of the command: FAILURE_UNAVAILABLE while somebody serves DIR.
     * root_passphrase: a descriptor, or -1: keys/unlock-root.  A root that
     * isn't there or can't be opened is no failure here; what needs it says
     * why. */
    bool ceremony;
    const char *root_folder; /* --root-dir: where init --root-out put it */
    int root_passphrase;
    int wait_ms; /* how long to wait for DIR; 0: 60 s */
};

/*
 * FAILURE_NOT_FOUND: no authority there; FAILURE_UNAVAILABLE: another command
 * held it all the time; FAILURE_FORBIDDEN: files this user may not open.
 */
MUST_CHECK bool client_open(const struct client_options *options,
    struct client **client, struct failure *why);
void client_close(struct client *client); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(client, client_close)

/* How many certificates were found in the sign log that an earlier end left
 * unrecorded; they are stored as revoked. */
uint64_t client_recovered(const struct client *client);

struct client_issue {
    const char *profile;
    const char *authority;      /* --ca; NULL: the only issuing one */
    struct bytes request;       /* PKCS#10, DER */
    struct bytes subject;       /* a whole Name; length 0: the request's */
    struct bytes general_names; /* encoded, one after another; or length 0 */
    int64_t lifetime_s;         /* 0: the profile's */
    int64_t not_after;          /* 0: by lifetime */
    const char *origin;         /* idempotency key; NULL: none */
    /* A renewal (authority/renew.h): of the certificate with this serial, whose
     * profile, names and lifetime it gets.  One of the proofs, or a role. */
    struct bytes renews;
    struct bytes proof;          /* signature by the old key */
    struct bytes signed_request; /* PKCS#7 around the request, DER */
};

#define CLIENT_CHAIN_MAX 8

struct client_issued {
    struct buffer answer; /* owns the rest */
    /* It waits for people: the request's id, and how many approvals it needs;
     * then there is no certificate.  "" otherwise. */
    char request_id[64];
    uint64_t approvals_needed;
    struct bytes certificate;             /* DER */
    struct bytes chain[CLIENT_CHAIN_MAX]; /* issuers, without the root, DER */
    size_t chain_count;
    struct bytes notices[64]; /* sentences for the requester */
    size_t notice_count;
};
void client_issued_free(struct client_issued *issued);

MUST_CHECK bool client_issue(struct client *client,
    const struct client_issue *wish, struct client_issued *issued,
    struct failure *why);

/*
 * Asks one of the clerk's verbs (authority/control_protocol.h): fields is a
 * message, descriptor -1 for none.  *facts: the JSON object of the answer, the
 * caller's.
 */
MUST_CHECK bool client_call(struct client *client, uint16_t question,
    struct bytes fields, int descriptor, json_t **facts, struct failure *why);

struct client_key {
    char name[64]; /* of the authority */
    bool is_usable;
    char why[FAILURE_REASON_ROOM]; /* begins with "locked", or says what is
                                      wrong; or "" */
};
struct client_state {
    bool runs_here; /* keeper and signer are this command's own children */
    struct client_key keys[SIGNER_KEYS_MAX];
    size_t key_count;
    uint64_t signatures;   /* since the signer's start */
    uint64_t certificates; /* in the store */
    bool stays;            /* a server: `lock` does not end it */
};
MUST_CHECK bool client_state(
    struct client *client, struct client_state *state, struct failure *why);

/* Hands a descriptor of the passphrase on; it stays the caller's. */
MUST_CHECK bool client_unlock(struct client *client, int passphrase,
    struct client_state *state, struct failure *why);
MUST_CHECK bool client_lock(
    struct client *client, struct client_state *state, struct failure *why);

/* --- staying unlocked --------------------------------------------------------
 */

/* Is there somebody at DIR/control.sock? */
bool client_is_served(const struct place *place);

/*
 * Starts a parent of its own that keeps keeper and signer behind
 * DIR/control.sock until `lock`, when no file opens the keys by itself.  The
 * passphrase is proved before this returns.  FAILURE_UNAUTHENTICATED: it does
 * not open the keys.  FAILURE_CONFLICT: somebody serves already.
 */
MUST_CHECK bool client_stay_unlocked(
    const struct client_options *options, struct failure *why);

#endif
