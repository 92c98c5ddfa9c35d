#ifndef PROTOCOLS_REST_ENROL_H
#define PROTOCOLS_REST_ENROL_H

#include "protocols/rest/operation.h"

/*
 * The origin for an Idempotency-Key: 16 bytes of the hash of the key, then 16
 * of the hash of what was asked, in hexadecimal.  An origin that is there with
 * the same first half and another second one was asked for something else:
 * FAILURE_CONFLICT.  "": no key was given.
 */
#define REST_ORIGIN_ROOM 80
MUST_CHECK bool rest_origin(struct rest_call *call,
    char origin[static REST_ORIGIN_ROOM], struct failure *why);

/* The PKCS#10 of the member csr: PEM, or base64 of its DER; appended. */
MUST_CHECK bool rest_read_request(
    struct rest_call *call, struct buffer *request, struct failure *why);

/* Bytes of a member in base64; appended, nothing where it is absent. */
MUST_CHECK bool rest_read_base64(struct rest_call *call, const char *name,
    struct buffer *bytes, struct failure *why);

/* Hands the wish on; what comes of it is answered with 201 or 202.  profile:
 * its name, for the answer. */
MUST_CHECK bool rest_hand_on(struct rest_call *call,
    const struct exchange_wish *wish, const char *profile, struct failure *why);

#endif
