#ifndef X509_SIGNED_OBJECT_H
#define X509_SIGNED_OBJECT_H

#include "x509/der.h"

/*
 * What certificates, requests and revocation lists have in common: a SEQUENCE
 * of a body, an AlgorithmIdentifier and the signature over the body's bytes
 * (RFC 5280, 4.1.1).
 */
struct signed_object {
    struct bytes whole;
    struct der_reader contents; /* of the body; offsets count from whole */
    struct bytes body;          /* the signed element */
    struct bytes algorithm;     /* whole AlgorithmIdentifier */
    struct bytes signature;     /* bits, no spare ones */
};

/* Reads one that fills the bytes. */
MUST_CHECK bool signed_object_read(
    struct bytes der, struct signed_object *object, struct failure *why);

/* Joins the three, appended to der. */
MUST_CHECK bool signed_object_append(struct bytes body, struct bytes algorithm,
    struct bytes signature, struct buffer *der, struct failure *why);

#endif
