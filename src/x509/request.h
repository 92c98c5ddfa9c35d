#ifndef X509_REQUEST_H
#define X509_REQUEST_H

#include "x509/certificate.h"

/* A certification request (PKCS#10, RFC 2986): bytes plus views. */
struct request {
    struct bytes whole;
    struct bytes information; /* the signed element */
    struct bytes subject;
    struct spki key;
    struct der_reader attributes;
    struct der_reader
        extensions; /* of extensionRequest; at its end when none */
    struct bytes signature_algorithm;
    struct bytes signature;
};

#define REQUEST_MAX (64 * 1024)

/* Reads one request that fills the bytes; walks names and attributes, and
 * refuses a second extensionRequest. */
MUST_CHECK bool request_read(
    struct bytes der, struct request *request, struct failure *why);

/*
 * The key is fit (crypto/key_strength.h), and proof of possession: the request
 * is signed by the key it asks for.  *parts describe that key.
 * FAILURE_UNSUITABLE: an algorithm without a row (SHA-1 among them, named), or
 * "the signature does not match".
 */
MUST_CHECK bool request_verify(const struct request *request,
    struct public_key_parts *parts, struct failure *why);

/* Makes a request with this key, for `issue --key-out`: subject is a whole
 * Name, general_names encoded GeneralNames one after another (may be empty). */
struct private_key;
MUST_CHECK bool request_make(const struct private_key *key,
    struct bytes subject, struct bytes general_names, struct buffer *der,
    struct failure *why);

#endif
