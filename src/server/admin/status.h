#ifndef SERVER_ADMIN_STATUS_H
#define SERVER_ADMIN_STATUS_H

#include "base/clock.h"
#include "server/admin/call.h"
#include "store/store_revocations.h"

/* The state of lists, OCSP answers and keys, in words. */

struct list_state {
    bool is_there, is_late; /* late: past its next update */
    char made[CLOCK_TEXT], next[CLOCK_TEXT];
    int64_t entries;
};
/* kind: CRL_COMPLETE, CRL_DELTA or a shard. */
MUST_CHECK bool status_of_list(const struct exchange *exchange,
    const struct authority_issuer *issuer, int kind, struct list_state *list,
    struct failure *why);

struct ocsp_state {
    size_t serials, overdue;
    char earliest_end[CLOCK_TEXT]; /* "" without answers */
};
void status_of_ocsp(const struct exchange *exchange, struct ocsp_state *state);

/* A paragraph for each authority that answers: until when its responder's
 * certificate is good, or why it has none. */
MUST_CHECK bool status_add_responders(
    struct buffer *out, const struct exchange *exchange, struct failure *why);

/* Which keys the signer can sign with. */
struct key_states {
    struct signer_state *state;       /* NULL: the signer has gone */
    char reason[FAILURE_REASON_ROOM]; /* ... and why */
};
MUST_CHECK bool key_states_read(const struct authority *authority,
    struct key_states *keys, struct failure *why);
void key_states_free(struct key_states *keys);
/* reason: why not; lives as long as keys. */
bool key_states_usable(const struct key_states *keys,
    const struct authority_issuer *issuer, const char **reason);

#endif
