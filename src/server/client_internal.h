#ifndef SERVER_CLIENT_INTERNAL_H
#define SERVER_CLIENT_INTERNAL_H

#include "base/channel.h"
#include "server/client.h"
#include "server/household.h"

/* What client.c, client_verbs.c and client_stay.c share. */
struct client {
    struct place place;
    struct household household; /* nothing runs when somebody else serves */
    bool runs_here;
    struct channel *channel;
    uint64_t next_id;
    uint16_t answered; /* the message that the last answer was */
};

/* Asks and waits.  *answer is the client's until the next question. */
MUST_CHECK bool client_ask(struct client *client, uint16_t question,
    struct bytes body, int descriptor, uint16_t answer, struct bytes *body_back,
    struct failure *why);

/* A descriptor of the passphrase of the keys that issue: the option, then the
 * systemd credential, then keys/unlock; -1: none. */
MUST_CHECK bool client_open_passphrase(const struct client_options *options,
    const struct place *place, int *descriptor, struct failure *why);

/* A household for this DIR, which must be locked by lock.  listener: as
 * household_plan. */
MUST_CHECK bool client_start_household(const struct client_options *options,
    const struct place *place, int lock, int listener,
    struct household *household, struct failure *why);

#endif
