#ifndef SERVER_KEEPER_STATE_H
#define SERVER_KEEPER_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "authority/authority.h"
#include "authority/control_protocol.h"
#include "authority/enrolment.h"
#include "authority/issue.h"
#include "authority/renew.h"
#include "base/channel.h"
#include "base/file.h"
#include "server/keeper_indexer.h"
#include "server/keeper_status.h"
#include "server/watch/counts.h"
#include "server/watch/watch.h"

/* What the keeper's files share. */

/* One who asks.  Freed when the loop and every errand have let go of it. */
struct connection {
    struct channel *channel;
    struct caller caller; /* fixed by where it came in */
    bool by_user;         /* through the listener: who it is hangs on user */
    uid_t user;
    atomic_uint holders;
};

struct visit;
struct web;

/* One CONTROL_ISSUE on its way, or what a handler of the web asked for. */
struct errand {
    struct errand *next;
    struct connection *connection; /* NULL: visit's */
    struct visit *visit;           /* not owned */
    uint64_t id;
    struct buffer body; /* what the enrolment views */
    char profile[PROFILE_NAME_MAX];
    char authority[PROFILE_NAME_MAX];
    char origin[STORE_ORIGIN_ROOM];
    struct enrolment enrolment;
    struct renewal renewal; /* asked for when it has a serial */
};

#define ERRANDS_MAX 4096
#define CARRIERS_MAX 16
#define CONNECTIONS_MAX 64

struct errand_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct errand *first, **last;
    size_t count;
    bool is_closed;
};

struct carrier {
    pthread_t thread;
    struct keeper *keeper;
    struct desk desk;
    struct issuance *group; /* SIGNER_GROUP_MAX */
    struct buffer answer;
};

/* Certificates that the fronts were given for themselves. */
struct own_rate {
    pthread_mutex_t lock;
    int64_t since_ms;
    unsigned given;
};

struct keeper {
    struct channel *parent;
    int lock, listener, sign_log;
    uid_t owner; /* of DIR: administers, as root does */
    enum keeper_mode mode;
    char directory[1024];
    char publish[PATH_ROOM]; /* DIR/publish: what anybody may fetch */
    char keys[SIGNER_KEYS_MAX][SHA256_TEXT];
    size_t key_count;

    struct configuration *configuration;
    struct buffer settings; /* chancery.yaml, which it was read from */
    struct signer_client *signer;
    struct store *store;      /* the writer's; authority has it too */
    struct store *checkpoint; /* moves the WAL into the database */
    struct store *counting;   /* the loop's, for status */
    struct store *clerk_reading;
    struct authority authority;

    struct connection *connections[CONNECTIONS_MAX];
    size_t connection_count;
    struct errand_queue queue;
    struct clerk_desk *clerk;
    struct web *web;                 /* NULL: there are no fronts */
    struct doors *doors;             /* with web */
    struct admin_sessions *sessions; /* with web */
    struct own_rate own_rate;
    struct carrier carriers[CARRIERS_MAX];
    size_t carrier_count;
    atomic_uint log_pages; /* written since the last checkpoint, about */
    pthread_mutex_t checkpointing;
    struct indexer indexer;
    struct keeper_status status;
    struct watch watch;
    struct counts counts;
    int64_t nobody_told_ms; /* when a nobody was last journalled */
    bool has_begun;         /* and told so: it tells of its end, too */
    bool stays; /* it serves fronts, and locked on request goes on */
    bool ends;  /* locked on request: nothing is left to serve */
};

/* --- connections (keeper_connection.c) ----------------------------------- */
/* Owns the socket from here on, failure included. */
MUST_CHECK bool connection_new(int socket, const struct caller *caller,
    struct connection **connection, struct failure *why);
/* Who a user of this machine is: root and DIR's owner administer; others are
 * what a person's row says, or nobody. */
struct caller caller_of_user(struct keeper *keeper, uid_t user);
void connection_hold(struct connection *connection);
void connection_release(struct connection *connection); /* NULL is allowed */
/* Takes one that waits at the listener.  Administrators always find room: half
 * of it is the most that others get, and users without a role get little. */
void keeper_accept(struct keeper *keeper);
/* FAILURE_FORBIDDEN: the role it came with has ended or changed since, or the
 * user has none and asks for what needs one. */
MUST_CHECK bool connection_may_ask(struct keeper *keeper,
    const struct connection *connection, uint16_t message, struct failure *why);
/* Answers with a refusal; a peer that has gone is no matter. */
void connection_refuse(
    struct connection *connection, uint64_t id, const struct failure *refusal);

/* --- questions (keeper_questions.c) -------------------------------------- */
/* Takes the frames that are there, and answers or queues them.  False: the
 * connection is of no more use. */
bool keeper_take_frames(struct keeper *keeper, struct connection *connection);

/* --- carriers (keeper_carriers.c) ---------------------------------------- */
/* As many as cores, and one more. */
size_t carriers_wanted(void);
MUST_CHECK bool carriers_start(struct keeper *keeper, struct failure *why);
/* Lets them finish what is queued, and waits for them. */
void carriers_end(struct keeper *keeper);
/* FAILURE_UNAVAILABLE when ERRANDS_MAX wait already; owns the errand. */
MUST_CHECK bool errand_queue_put(
    struct errand_queue *queue, struct errand *errand, struct failure *why);
void errand_free(struct errand *errand); /* NULL is allowed */

#endif
