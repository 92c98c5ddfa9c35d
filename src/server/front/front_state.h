#ifndef SERVER_FRONT_FRONT_STATE_H
#define SERVER_FRONT_FRONT_STATE_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "server/front/addresses.h"
#include "server/front/link.h"
#include "server/front/transport.h"
#include "server/http/body.h"
#include "server/http/request.h"
#include "server/route.h"

/*
 * What the files of a front share: the front, its connections, and the request
 * that each of them has at the moment.  One thread, one loop.
 */

/* Ceilings and deadlines; tests shorten them.  A deadline is absolute: bytes
 * that trickle in don't move it. */
struct front_limits {
    int64_t handshake_ms, head_ms;
    int64_t body_ms, body_ms_per_kib;
    int64_t answer_ms, answer_ms_per_kib; /* until it is written */
    int64_t keeper_ms;                    /* for the keeper to answer */
    int64_t drain_ms, idle_ms;
    int64_t tick_ms;            /* how often deadlines are looked at */
    size_t per_address, in_all; /* connections */
    size_t held_max;            /* bytes that all connections keep together */
};
extern const struct front_limits front_limits;

struct channel;
struct connection;
struct files;
struct published;
struct reading;
struct status_map;
struct tls_listener;

/* Answers the request of a connection: connection_answer, or
 * connection_ask_keeper.  A failure is worded in the route's manner. */
typedef bool front_answerer(struct connection *connection, struct failure *why);

/* Lists of connections, each in the order in which they were put in. */
enum connection_list {
    CONNECTIONS_OPEN, /* all */
    CONNECTIONS_IDLE, /* those between two requests */
    CONNECTION_LISTS
};
struct connections {
    struct connection *first, *last;
};
struct connection_place {
    struct connection *next, *previous;
};

struct front {
    enum listener listener;
    struct front_limits limits;
    const struct route *(*route_of)(const char *path, enum listener listener);
    front_answerer *answerers[ROUTE_KEEPER + 1]; /* by enum route_place */

    struct event_base *loop;
    struct event *accepting, *ticking;
    int socket;               /* that listens; -1 once it stops */
    struct tls_listener *tls; /* NULL: plain */
    struct link *link;
    struct channel *parent; /* whom readers are asked of; NULL: nobody */
    struct files *files;
    struct status_map *statuses;

    struct connections lists[CONNECTION_LISTS];
    size_t count; /* of those that are open */
    size_t held;  /* bytes, of all connections */
    struct addresses *addresses;
    bool stops;           /* takes no more, and ends with the last */
    int64_t refreshed_ms; /* statuses */

    struct buffer path; /* of the present request, decoded */
    struct buffer head; /* of the answer being written, and small contents */
    struct buffer question;     /* to the keeper */
    struct buffer content;      /* of an answer that is put together here */
    uint8_t scratch[32 * 1024]; /* what was read last */
};

enum connection_state {
    CONNECTION_HANDSHAKES,
    CONNECTION_HEAD, /* reads one; idle as long as nothing of it has come */
    CONNECTION_BODY,
    CONNECTION_WAITS, /* for the keeper, or a reader */
    CONNECTION_WRITES,
    CONNECTION_DRAINS /* has said all; takes what still comes */
};

struct connection {
    struct front *front;
    struct transport *transport;
    struct event readable, writable;
    bool awaits_read, awaits_write; /* what of these is added */
    struct connection_place places[CONNECTION_LISTS];
    bool is_idle, is_counted;
    struct address address;

    enum connection_state state;
    enum transport_step wants;
    int64_t deadline_ms;
    size_t held; /* its part of front->held */

    struct buffer received; /* what was read and not used */
    bool has_unseen;        /* some of it was not looked at */

    /* --- the request ------------------------------------------------------ */
    struct http_request_reader reader;
    struct http_request request;
    struct buffer head; /* what request points into once it has to last */
    struct http_body body_reader;
    struct buffer body;
    bool body_was_read;
    enum http_rule broken;
    const struct route *route; /* NULL: none */
    enum route_manner manner;
    char request_id[EXCHANGE_REQUEST_ID_TEXT];
    uint64_t question;       /* at the keeper */
    struct reading *reading; /* by a reader; NULL: none */
    int64_t began_ms;
    char path[128]; /* its beginning, for the log */

    /* --- the answer ------------------------------------------------------- */
    unsigned status;
    uint64_t answer_bytes;
    bool is_cut;    /* its time is over */
    bool ends;      /* with this answer */
    bool lingers;   /* something may come still that nobody reads */
    bool is_broken; /* the socket takes nothing more */
    bool said_all;
    struct buffer outgoing; /* what the socket did not take */
    size_t written;         /* of outgoing */
    struct bytes content;   /* behind it: a part of file */
    struct published *file; /* held while content is written */
};

#endif
