#ifndef SERVER_FRONT_PROTOCOL_H
#define SERVER_FRONT_PROTOCOL_H

/*
 * What a front is told by its parent, what it asks of the parent, and the one
 * kind of request it sends the keeper.  Bodies: base/message.h.
 *
 * The keeper gives a front's channel its listener when the parent hands the
 * channel over (KEEPER_FRONT of authority/control_protocol.h's parent
 * messages); nothing that comes through the channel can change it.
 */
enum front_message {
    /* parent to front */
    FRONT_START = 1, /* LISTENER, DIRECTORY, NAME..., numbers; descriptors: the
                        listening socket, then the channel to the keeper */
    FRONT_READY,     /* the answer; FRONT_FAILED otherwise */
    FRONT_FAILED,    /* base/refusal.h */
    FRONT_KEEPER, /* a keeper is there (again); a descriptor of the channel */
    FRONT_STOP,   /* no new connections; end when the last is done */
    FRONT_RELOAD, /* chancery.yaml changed: the fields of FRONT_START again */

    /* front to parent: bytes of strangers never pass through the parent */
    FRONT_READER = 32, /* a descriptor: one end of a socket pair, which becomes
                          the channel of a new reader */

    /* front to keeper */
    FRONT_REQUEST = 64, /* METHOD, PATH, QUERY, HEADER..., BODY, ... */
    FRONT_ANSWER,       /* STATUS, TYPE, HEADER..., BODY */
    FRONT_CERTIFY,      /* REQUEST: PKCS#10 for the front's own TLS certificate;
                           its names are the keeper's to choose */
    FRONT_CERTIFIED,    /* CERTIFICATE, CHAIN... */
    FRONT_REFUSED       /* base/refusal.h: to FRONT_CERTIFY; to a FRONT_REQUEST
                           that no front may send: the keeper closes the channel
                           behind it, and the front is begun anew */
};

enum front_field {
    FRONT_FIELD_LISTENER = 1, /* an enum listener */
    FRONT_FIELD_DIRECTORY,    /* DIR */
    FRONT_FIELD_NAME, /* a host name or address of ours, for TLS and its names
                       */
    FRONT_FIELD_PER_ADDRESS, /* connections at most from one address */
    FRONT_FIELD_METHOD,      /* "GET" */
    FRONT_FIELD_PATH,        /* raw, as sent */
    FRONT_FIELD_QUERY,       /* raw, without '?' */
    FRONT_FIELD_HOST,
    FRONT_FIELD_HEADER_NAME, /* lower case; then its HEADER_VALUE.  Only those
                                the keeper looks at (front_headers) */
    FRONT_FIELD_HEADER_VALUE,
    FRONT_FIELD_BODY,
    FRONT_FIELD_PEER,        /* "192.0.2.7" */
    FRONT_FIELD_REQUEST_ID,  /* 26 characters */
    FRONT_FIELD_CERTIFICATE, /* the client's leaf, DER; absent without one */
    FRONT_FIELD_CERTIFICATE_CODE,     /* "ok" or a code of verdicts */
    FRONT_FIELD_CERTIFICATE_SENTENCE, /* why not */
    FRONT_FIELD_STATUS,
    FRONT_FIELD_TYPE,
    FRONT_FIELD_REQUEST,
    FRONT_FIELD_CHAIN
};

/* The headers a front passes on, in lower case, ended by NULL. */
const char *const *front_headers(void);

/* Bytes of a frame to the keeper, and of an answer. */
#define FRONT_REQUEST_MAX (2 * 1024 * 1024)
#define FRONT_ANSWER_MAX (9 * 1024 * 1024)
/* Requests that one front may have under way. */
#define FRONT_CREDIT 512

#endif
