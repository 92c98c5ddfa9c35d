#ifndef SERVER_SIGNER_STATE_H
#define SERVER_SIGNER_STATE_H

#include "authority/sign_log.h"
#include "authority/signer_limits.h"
#include "base/channel.h"
#include "crypto/key.h"
#include "server/serial_pool.h"

/* What the signer holds, shared by signer.c (channels), signer_start.c and
 * signer_keys.c, signer_sign.c, signer_list.c (verbs). */
struct signer_key {
    struct buffer limits_message; /* owns what limits view */
    struct signer_limits limits;
    bool is_root;                     /* the roots' passphrase opens it */
    int file;                         /* the encrypted key, read once; or -1 */
    bool has_file;                    /* it was read */
    struct buffer sealed;             /* what was in it */
    uint8_t key_sha256[SHA256_BYTES]; /* of limits.own_key */
    struct private_key *key;          /* NULL while locked or unusable */
    char why[FAILURE_REASON_ROOM];    /* why it is NULL */
};

/* The group at hand, signer_sign.c's. */
struct signer_group;

struct signer {
    struct channel *parent;
    struct channel *keeper;
    struct signer_key keys[SIGNER_KEYS_MAX];
    size_t key_count;
    struct sign_log log;
    struct serial_pool serials;
    struct signer_group *group; /* NULL until the first; its room is kept */
    uint64_t signatures;
    bool is_broken; /* the log failed: nothing more is signed */
};

/* The states of the parent's channel. */
#define SIGNER_IS_NEW 1u
#define SIGNER_IS_STARTED 2u

/* Takes the keeper's channel, the frame's first descriptor, in the place of the
 * one there was. */
MUST_CHECK bool signer_take_keeper(
    struct signer *signer, struct frame *frame, struct failure *why);

/* Takes the keys and what else the parent sends, locks the role in, answers
 * the parent. */
MUST_CHECK bool signer_start(struct signer *signer, struct failure *why);

enum signer_keys { SIGNER_OTHER_KEYS, SIGNER_ROOT_KEYS };

/* Reads every key of these with this passphrase (NULL: keys that need none),
 * proves it, and holds it against its limits; what fails is unusable with its
 * reason. */
void signer_open_keys(struct signer *signer, const struct secret *passphrase,
    enum signer_keys which);

/* The same with a descriptor of the passphrase. */
MUST_CHECK bool signer_open_with(struct signer *signer, int descriptor,
    enum signer_keys which, struct failure *why);

/* A KEY_STATE per key; SIGNATURES, LOG_END. */
MUST_CHECK bool signer_stat_keys(
    const struct signer *signer, struct buffer *answer, struct failure *why);

/* Forgets every key. */
void signer_lock_keys(struct signer *signer);

/* The usable key with this number. */
MUST_CHECK bool signer_key(struct signer *signer, uint64_t number,
    struct signer_key **key, struct failure *why);

/* Answers SIGNER_SIGN and SIGNER_CHECKPOINT.  A failure refuses the whole
 * question; refused members are said in the answer. */
MUST_CHECK bool signer_sign(struct signer *signer, struct bytes question,
    struct buffer *answer, struct failure *why);
MUST_CHECK bool signer_checkpoint(struct signer *signer, struct bytes question,
    struct buffer *answer, struct failure *why);

/* Logs why something was not signed. */
MUST_CHECK bool signer_log_refusal(
    struct signer *signer, const struct failure *refusal, struct failure *why);

/*
 * Answers SIGNER_SIGN_LIST.  Whoever wrote the list may still be writing it:
 * each byte is read once, and what is judged is what is hashed.  The intent is
 * durable before the signature is made.
 */
MUST_CHECK bool signer_sign_list(struct signer *signer,
    const struct frame *frame, struct buffer *answer, struct failure *why);

#endif
