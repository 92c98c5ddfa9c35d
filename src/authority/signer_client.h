#ifndef AUTHORITY_SIGNER_CLIENT_H
#define AUTHORITY_SIGNER_CLIENT_H

#include "authority/signer_protocol.h"
#include "base/channel.h"
#include "crypto/key.h"
#include "x509/crl_writer.h"

/*
 * The keeper's end of the channel to the signer.  Any thread may call; one
 * question is at the signer at a time.
 *
 * Kinds: those the signer gives (signer_limits.h, serial_pool.h), and
 * FAILURE_UNAVAILABLE when it has gone.
 */
struct signer_client;

/* Owns the socket from here on, failure included. */
MUST_CHECK bool signer_client_new(
    int socket, struct signer_client **client, struct failure *why);
void signer_client_free(struct signer_client *client); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(signer_client, signer_client_free)

/* A serial that the signer gave out and will take once. */
struct reserved_serial {
    uint8_t bytes[SERIAL_BYTES];
    int64_t ends_ms; /* monotonic; 0: none */
};

/* They are fetched ahead, so that this seldom waits. */
MUST_CHECK bool signer_client_serial(struct signer_client *client,
    struct reserved_serial *serial, struct failure *why);
/* One that no draft took to the signer, for the next that asks: else whoever is
 * refused often enough would leave no serials for others.  *serial is none
 * afterwards; one that is none already is no error. */
void signer_client_give_back(
    struct signer_client *client, struct reserved_serial *serial);

struct signed_draft {
    struct bytes signature; /* the signing's */
    struct failure why;     /* FAILURE_NONE when there is a signature */
};

/* What came of one group.  All zero at first; used again and again. */
struct signing {
    struct buffer answer;
    struct signed_draft drafts[SIGNER_GROUP_MAX];
    size_t count;
    /* Groups are recorded in the order they were signed: the store then knows
     * by one number how far the sign log has been taken in. */
    uint64_t ticket; /* 0, 1, 2 ... */
    uint64_t log_end;
};
void signing_free(struct signing *signing);

struct draft_to_sign {
    unsigned int key; /* its number at the signer */
    struct bytes draft;
};

/* Fails only as a whole; members that the signer refuses say so in
 * signing->drafts. */
MUST_CHECK bool signer_client_sign(struct signer_client *client,
    const struct draft_to_sign *drafts, size_t count, struct signing *signing,
    struct failure *why);

/* Has the signer sign a revocation list that stands, without its signature, in
 * what the descriptor opens (crl_writer_finish). */
MUST_CHECK bool signer_client_sign_list(struct signer_client *client,
    unsigned int key, int descriptor, const struct crl_span *list,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why);

/* Has the signer sign a checkpoint over the journal's head and its own log's.
 * statement and signature are appended. */
MUST_CHECK bool signer_client_checkpoint(struct signer_client *client,
    unsigned int key, uint64_t journal_sequence, struct bytes journal_hash,
    struct buffer *statement, struct buffer *signature, struct failure *why);

struct signer_key_state {
    bool is_usable;
    char why[FAILURE_REASON_ROOM]; /* "locked", or what is wrong; "" when usable
                                    */
};
struct signer_state {
    struct signer_key_state keys[SIGNER_KEYS_MAX];
    size_t key_count;
    uint64_t signatures; /* since the signer's start */
    uint64_t log_end;
};
/* Is a key usable?  A pair that lies around under another passphrase is no
 * reason against the others (kb 23); its state tells.  Else why the first is
 * not; which kind says who asks. */
MUST_CHECK bool signer_state_is_open(const struct signer_state *state,
    enum failure_kind kind, struct failure *why);

MUST_CHECK bool signer_client_state(struct signer_client *client,
    struct signer_state *state, struct failure *why);

/* Hands a descriptor of the passphrase on, unread; or has all keys forgotten.
 */
MUST_CHECK bool signer_client_unlock(struct signer_client *client,
    int passphrase, struct signer_state *state, struct failure *why);
MUST_CHECK bool signer_client_lock(struct signer_client *client,
    struct signer_state *state, struct failure *why);

/* Reads a SIGNER_READY or SIGNER_STATE; the parent uses it too. */
MUST_CHECK bool signer_state_read(
    struct bytes message, struct signer_state *state, struct failure *why);

#endif
