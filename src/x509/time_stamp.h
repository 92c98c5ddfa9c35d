#ifndef X509_TIME_STAMP_H
#define X509_TIME_STAMP_H

#include "x509/algorithm_identifier.h"
#include "x509/time.h"

/*
 * Time-stamps (RFC 3161, 5816): bytes plus views found by one bounds-checked
 * walk.  Whether one is good is x509/stamp.h's answer.
 */
#define TIME_STAMP_MAX (256 * 1024)

/* TSTInfo, 2.4.2 */
struct time_stamp {
    struct bytes policy; /* contents of the OBJECT IDENTIFIER */
    struct algorithm_identifier hash_algorithm;
    struct bytes imprint;
    struct bytes serial;
    int64_t time; /* fractions of a second dropped */
    bool has_nonce;
    struct bytes nonce;
    bool has_critical_extension;
};

/* Reads one that fills the bytes. */
MUST_CHECK bool time_stamp_read(
    struct bytes der, struct time_stamp *stamp, struct failure *why);

/* The answer of a time-stamping server, 2.4.2: status 0 and 1 come with a
 * token, which is a ContentInfo. */
struct time_stamp_response {
    uint32_t status;
    struct bytes token; /* length 0: none */
};

MUST_CHECK bool time_stamp_response_read(struct bytes der,
    struct time_stamp_response *response, struct failure *why);

/* Does it look like one, by its outer elements? */
bool time_stamp_is_response(struct bytes der);

#endif
