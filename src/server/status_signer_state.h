#ifndef SERVER_STATUS_SIGNER_STATE_H
#define SERVER_STATUS_SIGNER_STATE_H

#include "authority/status_limits.h"
#include "authority/status_protocol.h"
#include "base/channel.h"
#include "crypto/key.h"

/* What the status signer holds, shared by status_signer.c (the process) and
 * status_signer_verbs.c. */
struct status_key {
    struct status_limits limits;
    struct private_key *key;
};

struct status_signer {
    struct channel *parent;
    struct channel *keeper; /* NULL: it has gone */
    struct status_key keys[STATUS_ISSUERS_MAX];
    size_t key_count;
};

/* Makes a key for an authority with this certificate. */
MUST_CHECK bool status_signer_add(struct status_signer *signer,
    const char *name, struct bytes certificate, struct failure *why);

/* Listens to this keeper from here on.  Owns the socket, failure included. */
MUST_CHECK bool status_signer_listen(
    struct status_signer *signer, int socket, struct failure *why);

/* Waits for a question of the keeper and answers it.  A keeper that has gone,
 * or breaks the rules, is let go of: the parent brings the next one. */
void status_signer_answer(struct status_signer *signer);

/* Forgets the keys. */
void status_signer_release(struct status_signer *signer);

#endif
