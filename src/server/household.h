#ifndef SERVER_HOUSEHOLD_H
#define SERVER_HOUSEHOLD_H

#include "authority/configuration.h"
#include "authority/control_protocol.h"
#include "authority/signer_client.h"
#include "authority/signer_limits.h"
#include "base/channel.h"
#include "server/place.h"

/*
 * The parent's part: it starts a signer and a keeper, hands each what it needs
 * as descriptors it never reads, and holds them until the end.
 */

/* A key the signer is to open, with its limits. */
struct household_key {
    struct signer_limits limits; /* views of certificate */
    struct buffer certificate;   /* DER of the authority's, or of the request */
    int file;                    /* open for reading; -1: see why */
    bool is_root;                /* opened by the root's passphrase */
    char why[FAILURE_REASON_ROOM]; /* why there is no file; "" */
};

struct household_keys {
    struct household_key keys[SIGNER_KEYS_MAX];
    size_t count;
};
void household_keys_free(struct household_keys *keys);

/*
 * The keys that issue: keys/NAME.key with keys/NAME.crt, limits by the
 * settings; and those that sign their CRLs alone, in keys/retired.  A key that
 * stands twice is opened once, as the first of these.
 *
 * What lies around changes nothing (kb 23): a certificate that can't be read,
 * or is none of an authority, is passed over and told in the log; a key file
 * that can't be read makes its key unusable, which its state tells.
 *
 * ceremony: what `ca` commands and `issue --profile` of an authority are, and
 * nothing that serves: the roots kept apart are opened too (in root_folder, or
 * DIR/keys/root when that is NULL), and keys whose own certificate allows it
 * may make authorities.
 */
struct household_wishes {
    bool ceremony;
    const char
        *root_folder; /* where --root-out put them; NULL: DIR/keys/root */
};
MUST_CHECK bool household_find_keys(const struct place *place,
    const struct configuration *configuration,
    const struct household_wishes *wishes, struct household_keys *keys,
    struct failure *why);

struct household_plan {
    const char *program; /* of ourselves; NULL: /proc/self/exe */
    const struct place *place;
    enum keeper_mode mode;
    const struct household_keys *keys;
    int lock;            /* of place_lock; children hold it too */
    int passphrase;      /* -1: none, the keys stay locked */
    int root_passphrase; /* of keys with is_root; -1: none */
    int listener;        /* a listening control.sock, or -1 */
    int sign_log;        /* open for reading and appending */
    const char *units; /* a folder of sockets ROLE.sock; whoever is connected to
                          one has a role of its own; NULL: we start them */
    bool stays; /* the parent serves: `lock` ends nothing, and a terminal's
                   signals are the parent's alone */
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

/*
 * The same in pieces, for a parent that waits for several at once.  What was
 * begun runs, failure included; its first frame is the answer to its start.
 * Descriptors stay the caller's.
 */
MUST_CHECK bool household_begin_signer(const struct household_plan *plan,
    int keeper_socket, pid_t *process, struct channel **channel,
    struct failure *why);
MUST_CHECK bool household_begin_keeper(const struct household_plan *plan,
    int signer_socket, int connection, pid_t *process, struct channel **channel,
    struct failure *why);
MUST_CHECK bool household_take_signer(
    const struct frame *frame, struct signer_state *keys, struct failure *why);
MUST_CHECK bool household_take_keeper(
    const struct frame *frame, uint64_t *recovered, struct failure *why);

/* What the signer is told of a key, its file apart. */
MUST_CHECK bool household_write_key(const struct household_key *key,
    struct buffer *message, struct failure *why);

/*
 * Starts a role of this program as DIR's owner, with one end of a channel as
 * its descriptor 3; answers: what it may say.  With plan->units it is the
 * service manager that starts it: *process is ROLE_OF_A_UNIT, and its end shows
 * by its channel's alone.
 */
#define ROLE_OF_A_UNIT ((pid_t)-1)
MUST_CHECK bool household_spawn(const struct household_plan *plan,
    const char *role, const struct channel_rule *answers, pid_t *process,
    struct channel **channel, struct failure *why);

/* What a key may sign, by its certificate and the settings; views of
 * key->certificate.  FAILURE_UNSUITABLE: it is no authority's. */
MUST_CHECK bool household_limit(struct household_key *key, const char *name,
    const struct configuration *configuration, bool ceremony,
    struct failure *why);

/* Opens DIR/sign.log for the signer (made when missing). */
MUST_CHECK bool household_open_sign_log(
    const struct place *place, int *descriptor, struct failure *why);

#endif
