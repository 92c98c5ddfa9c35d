#ifndef SERVER_SERVE_STATE_H
#define SERVER_SERVE_STATE_H

#include "authority/signer_client.h"
#include "base/channel.h"
#include "server/household.h"
#include "server/serve.h"

/* What the parent's files share. */

struct server;
struct child;

/* What there is to know of one kind of child; the table is serve_children.c's.
 */
struct child_kind {
    const char *name; /* of the role, and in the log */
    /* May it be started now?  NULL: always. */
    bool (*may_start)(const struct server *server);
    /* Starts it (household_spawn) and sends its start. */
    MUST_CHECK bool (*begin)(
        struct server *server, struct child *child, struct failure *why);
    /* A frame of its.  A failure is that of its start, or a breach: it is ended
     * and started again. */
    MUST_CHECK bool (*heard)(struct server *server, struct child *child,
        struct frame *frame, struct failure *why);
    /* It has ended; NULL: nobody has to know. */
    void (*ended)(struct server *server, struct child *child);
    /* Says that it is to end; 0: closing its channel says it. */
    uint16_t stop_message;
    int ready_ms;  /* to answer its start */
    bool is_vital; /* without it nothing is served: its first start must work */
};

enum child_state {
    CHILD_IS_DOWN,
    CHILD_STARTS,
    CHILD_RUNS,
    CHILD_STOPS /* it was told to */
};

struct child {
    const struct child_kind *kind;
    enum listener listener; /* of a front */
    enum child_state state;
    pid_t process;
    int handle; /* of the process, for poll; -1 */
    struct channel *channel;
    int64_t started_ms;
    int64_t starts_at_ms; /* while it is down */
    int64_t killed_at_ms; /* 0: it has all the time */
    unsigned int deaths;  /* that came one soon after the other */
    bool has_answered;    /* once, since the parent began */
    int keepers_end;      /* of a front: its channel's other end, until the
                             keeper can take it; -1 */
};

enum child_place { CHILD_SIGNER, CHILD_KEEPER, CHILD_STATUS, CHILD_FRONTS };
#define CHILDREN_MAX (CHILD_FRONTS + LISTENER_KINDS)

#define READERS_MAX 8
struct serve_reader {
    pid_t process; /* 0: there is none */
    int handle;
    int64_t killed_at_ms;
};

struct server {
    const struct serve_plan *plan;
    struct place place;
    struct configuration *configuration;
    struct serve_address addresses[SERVE_LISTENERS];
    int listeners[SERVE_LISTENERS];
    bool is_inherited[SERVE_LISTENERS]; /* opened by the service manager */
    int lock, control, signals;

    struct child children[CHILDREN_MAX];
    size_t child_count;
    struct serve_reader readers[READERS_MAX];

    /* What the running signer was started with. */
    struct household_keys keys;
    struct buffer keys_told;
    struct signer_state key_states;
    int for_keeper;        /* the next keeper's channel to the signer; -1 */
    int status_for_keeper; /* its channel to the status signer; -1 */
    bool signer_takes;  /* it was sent such a channel, and has not answered */
    bool renews_signer; /* its limits have changed: it starts anew, once the
                           keeper has ended */
    bool is_up;         /* everything has answered once */
    bool is_reloading;  /* the service manager waits for the keeper */
    unsigned int stopping; /* how often we were told to end */
    int64_t watchdog_at_ms;
    int watchdog_ms;
    struct failure failure; /* of the first start, which ends the parent */
};

/* --- children (serve_children.c) ----------------------------------------- */
/* The kinds of the children, in the order of enum child_place. */
const struct child_kind *child_kind_of(enum child_place place);
/* Starts those that are due; kills those that were given enough time. */
void children_tend(struct server *server, int64_t now_ms);
/* When the next is due; INT64_MAX: none is. */
int64_t children_due_ms(const struct server *server);
/* Its process has ended. */
void child_has_ended(struct server *server, struct child *child);
/* Its channel has something to say, or closed. */
void child_speaks(struct server *server, struct child *child);
/* Tells it to end, within a time. */
void child_stop(struct child *child, int within_ms);
bool child_is_there(const struct child *child);

/* --- signer and keeper (serve_household.c) ------------------------------- */
bool signer_begin(
    struct server *server, struct child *child, struct failure *why);
bool signer_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why);
void signer_ended(struct server *server, struct child *child);
bool keeper_may_start(const struct server *server);
bool keeper_begin(
    struct server *server, struct child *child, struct failure *why);
bool keeper_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why);
/* Gives the signer that has lost its keeper the channel of the next one, and
 * ends the one whose limits have changed. */
void household_tend(struct server *server);
/* The keys as the signer is told of them. */
MUST_CHECK bool household_tell_keys(const struct household_keys *keys,
    struct buffer *told, struct failure *why);

/* --- the status signer (serve_status.c) ---------------------------------- */
bool status_may_start(const struct server *server);
bool status_begin(
    struct server *server, struct child *child, struct failure *why);
bool status_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why);
void status_ended(struct server *server, struct child *child);
/* A new keeper runs: it gets a channel to the status signer. */
void status_meets_keeper(struct server *server);

/* --- fronts (serve_fronts.c) --------------------------------------------- */
bool front_begin(
    struct server *server, struct child *child, struct failure *why);
bool front_heard(struct server *server, struct child *child,
    struct frame *frame, struct failure *why);
void front_ended(struct server *server, struct child *child);
/* What the fronts find in DIR: publish/, publish/ocsp/, tls/. */
MUST_CHECK bool fronts_make_folders(
    const struct server *server, struct failure *why);
/* A new keeper runs: each front gets its channel to it. */
void fronts_meet_keeper(struct server *server);
/* chancery.yaml has changed. */
void fronts_reload(struct server *server);

/* --- readers (serve_readers.c) ------------------------------------------- */
/* Starts one on this channel; when all are at work, or it fails, the channel is
 * closed, which tells who asked. */
void readers_start(struct server *server, int channel);
/* For the keeper, which gets the other end; the place of a reader is taken. */
void validator_start(struct server *server);
void readers_tend(struct server *server, int64_t now_ms);
void reader_has_ended(struct serve_reader *reader);

/* --- settings (serve_reload.c) ------------------------------------------- */
void serve_reload(struct server *server);
/* What the file says, with what the command and the service manager say in its
 * place. */
MUST_CHECK bool serve_addresses(const struct server *server,
    const struct configuration *configuration,
    struct serve_address addresses[static SERVE_LISTENERS],
    struct failure *why);

#endif
