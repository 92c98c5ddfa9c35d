#ifndef AUTHORITY_STATUS_CLIENT_H
#define AUTHORITY_STATUS_CLIENT_H

#include "authority/status_protocol.h"
#include "base/bytes.h"

/*
 * The keeper's end of the channel to the status signer.  Any thread may call;
 * one question is there at a time.  Without a signer, or when it has gone,
 * everything is FAILURE_UNAVAILABLE until the parent brings the next one.
 */
struct status_client;

MUST_CHECK bool status_client_new(
    struct status_client **client, struct failure *why);
void status_client_free(struct status_client *client); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(status_client, status_client_free)

/* A signer is there (again): its channel.  Owns the socket from here on,
 * failure included. */
MUST_CHECK bool status_client_connect(
    struct status_client *client, int socket, struct failure *why);

/* The request that the signer's key for this authority signed, appended.
 * fresh: a new key, and the old one is forgotten. */
MUST_CHECK bool status_client_key(struct status_client *client,
    const char *authority, bool fresh, struct buffer *request,
    struct failure *why);

/* Hands over the certificate for that key. */
MUST_CHECK bool status_client_certify(struct status_client *client,
    const char *authority, struct bytes certificate, struct failure *why);

struct signed_status {
    struct bytes signature; /* a view of the signing's answer */
    struct failure why;     /* FAILURE_NONE when there is a signature */
};

/* What came of one group.  All zero at first; used again and again. */
struct status_signing {
    struct buffer answer;
    struct bytes algorithm;
    struct signed_status answers[STATUS_GROUP_MAX];
    size_t count;
};
void status_signing_free(struct status_signing *signing);

/* Fails only as a whole; bodies that the signer refuses say so. */
MUST_CHECK bool status_client_sign(struct status_client *client,
    const char *authority, const struct bytes *bodies, size_t count,
    struct status_signing *signing, struct failure *why);

#endif
