#ifndef AUTHORITY_STATUS_PROTOCOL_H
#define AUTHORITY_STATUS_PROTOCOL_H

/*
 * What is said to the status signer, the process that holds the keys of OCSP
 * responders.  It makes them itself, in memory, one for each authority it may
 * answer for, and they end with it: there is nothing to unlock, to back up or
 * to steal from a disk.  The parent says for whom it may answer; the keeper
 * has each key certified and asks for signatures under answers.
 *
 * No log is kept of what it signs: an answer promises nothing beyond its own
 * few days, and what it says can be signed anew from the store at any time.
 */
enum status_message {
    /* from the parent */
    STATUS_ISSUER = 1, /* NAME, ISSUER: the authority's certificate; one for
                          each it may answer for */
    STATUS_START,      /* behind them; a descriptor: the keeper's channel */
    STATUS_READY,      /* the answer */
    STATUS_KEEPER,     /* a descriptor: the channel of a new keeper; the keys
                          stay.  Not answered */

    /* from the keeper */
    STATUS_KEY,     /* NAME; FRESH: the old key is forgotten, certificate and
                       all */
    STATUS_KEY_IS,  /* REQUEST: PKCS#10, signed by the key */
    STATUS_CERTIFY, /* NAME, CERTIFICATE: of that key, by that authority */
    STATUS_DONE,    /* the answer */
    STATUS_SIGN,    /* NAME, a BODY each: ResponseData */
    STATUS_SIGNED,  /* ALGORITHM, then a SIGNATURE or REFUSAL each, in order */

    STATUS_FAILED /* base/refusal.h: the whole question is refused */
};

enum status_field {
    STATUS_FIELD_NAME = 1,
    STATUS_FIELD_ISSUER,
    STATUS_FIELD_FRESH, /* 1 */
    STATUS_FIELD_REQUEST,
    STATUS_FIELD_CERTIFICATE,
    STATUS_FIELD_BODY,
    STATUS_FIELD_ALGORITHM, /* whole AlgorithmIdentifier of the signatures */
    STATUS_FIELD_SIGNATURE,
    STATUS_FIELD_REFUSAL /* kind (1 byte), reason */
};

#define STATUS_ISSUERS_MAX 16
#define STATUS_GROUP_MAX 256
#define STATUS_BODY_MAX (8 * 1024)
#define STATUS_FRAME_MAX (4 * 1024 * 1024)

#endif
