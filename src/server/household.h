#ifndef SERVER_HOUSEHOLD_H
#define SERVER_HOUSEHOLD_H

#include "authority/configuration.h"
#include "authority/signer_client.h"
#include "authority/signer_limits.h"
#include "base/channel.h"
#include "server/control_protocol.h"
#include "server/place.h"

/*
 * The parent's part: it starts a signer and a keeper, hands each what it needs
 * as descriptors it never reads, and holds them until the end.
 */

/* A key the signer is to open, with its limits. */
struct household_key {
    struct signer_limits limits; /* views of certificate */
    struct buffer certificate;   /* DER of the authority's, or of the request */
    int file;                    /* open for reading */
};

struct household_keys {
    struct household_key keys[SIGNER_KEYS_MAX];
    size_t count;
};
void household_keys_free(struct household_keys *keys);

/* The keys that issue: keys/NAME.key with keys/NAME.crt, limits by the
 * settings.  A certificate without its key file is FAILURE_NOT_FOUND. */
MUST_CHECK bool household_find_keys(const struct place *place,
    const struct configuration *configuration, struct household_keys *keys,
    struct failure *why);

struct household_plan {
    const char *program; /* of ourselves; NULL: /proc/self/exe */
    const struct place *place;
    enum keeper_mode mode;
    const struct household_keys *keys;
    int lock;       /* of place_lock; children hold it too */
    int passphrase; /* -1: none, the keys stay locked */
    int listener;   /* a listening control.sock, or -1 */
    int sign_log;   /* open for reading and appending */
};

struct household {
    pid_t signer, keeper;
    struct channel *signer_channel, *keeper_channel;
    int connection; /* to the keeper, as a command speaks to it */
    struct signer_state keys;
    uint64_t recovered; /* certificates taken in from the sign log */
};

/*
 * Starts both and waits until they are ready.  A key that can't be opened is
 * no failure: it is in keys, with its reason.  After a failure nothing runs.
 */
MUST_CHECK bool household_start(const struct household_plan *plan,
    struct household *household, struct failure *why);

/* Asks both to end by closing their channels, and waits for them. */
void household_end(struct household *household);

/* Opens DIR/sign.log for the signer (made when missing). */
MUST_CHECK bool household_open_sign_log(
    const struct place *place, int *descriptor, struct failure *why);

#endif
