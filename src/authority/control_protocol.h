#ifndef AUTHORITY_CONTROL_PROTOCOL_H
#define AUTHORITY_CONTROL_PROTOCOL_H

/*
 * What a command says to the keeper, over DIR/control.sock or over the socket
 * it was born with, and what the parent tells the keeper at its start.
 * FIELD names are apart from the signer's.
 */
enum control_message {
    /* from the parent */
    KEEPER_START = 1, /* DIRECTORY, STAYS, MODE, KEY...; descriptors: parent
                         keeps the order signer, lock, connection, listener */
    KEEPER_READY,     /* RECOVERED: certificates taken in from the sign log */

    /* from a command */
    CONTROL_ISSUE,   /* PROFILE, REQUEST, ... as server/client.h; a renewal:
                        RENEWS, REQUEST, and PROOF or DER (a PKCS#7) */
    CONTROL_ISSUED,  /* CERTIFICATE, CHAIN..., NOTICE... */
    CONTROL_FOUND,   /* ROOT_REQUEST, ISSUING_REQUEST; only while founding */
    CONTROL_FOUNDED, /* CERTIFICATE of the root, then of the issuing one */
    CONTROL_STATUS,  /* nothing */
    CONTROL_STATE,   /* KEY_NAME, KEY_STATE per key; STAYS; numbers */
    CONTROL_UNLOCK,  /* a descriptor of the passphrase */
    CONTROL_LOCK,    /* nothing; both are answered by CONTROL_STATE */
    CONTROL_FAILED,  /* base/refusal.h */
    CONTROL_AWAITS,  /* an answer to ISSUE: ID of the request that waits for
                        people; NUMBER of approvals it needs, NOTICE... */
    CONTROL_DONE,    /* the answer to all below: JSON, the facts */

    /* Those below are answered by the clerk, one after the other
     * (server/clerk.h); which fields each has stands with its verb. */
    CONTROL_REVOKE = 32,
    CONTROL_HOLD,
    CONTROL_UNHOLD,
    CONTROL_REVOKE_WHERE,
    CONTROL_CRL,

    CONTROL_APPROVE = 48,
    CONTROL_DENY,
    CONTROL_WITHDRAW,
    CONTROL_FETCH, /* ID, PROOF: a request, for whoever has its key */
    CONTROL_PAUSE,
    CONTROL_RESUME,

    CONTROL_PERSON_ADD = 64,
    CONTROL_PERSON_END,
    CONTROL_TOKEN_MAKE,
    CONTROL_TOKEN_END,
    CONTROL_ACCOUNT_ADD,
    CONTROL_ACCOUNT_END,

    CONTROL_AUTHORITY_ADD = 80,
    CONTROL_AUTHORITY_AWAIT,
    CONTROL_AUTHORITY_INSTALL,
    CONTROL_CROSS_SIGN,
    CONTROL_ROLLOVER,
    CONTROL_AUTHORITY_RETIRE,

    CONTROL_TELL = 96, /* an event that a command caused by itself */
    CONTROL_ACCEPT_CLOCK,

    /* from the parent that serves, after the start; not answered */
    KEEPER_FRONT = 128, /* NUMBER: the enum listener; a descriptor: the channel
                           of a front, whose ceiling this is from here on */
    KEEPER_STATUS_SIGNER,  /* a descriptor: the channel to the signer of OCSP
                              answers, which is new (again) */
    KEEPER_VALIDATOR,      /* a descriptor: the channel to a validator, which is
                              new; the answer to KEEPER_NEEDS_VALIDATOR */
    KEEPER_STOP,           /* finish what is under way, and end */
    KEEPER_NEEDS_VALIDATOR /* nothing: said by a keeper that serves */
};

enum control_field {
    CONTROL_DIRECTORY = 1,
    CONTROL_MODE, /* an enum keeper_mode */
    CONTROL_KEY,  /* SHA-256 of an SPKI as text, in the signer's order */
    CONTROL_RECOVERED,
    CONTROL_PROFILE,
    CONTROL_AUTHORITY,
    CONTROL_REQUEST,
    CONTROL_SUBJECT,
    CONTROL_GENERAL_NAMES,
    CONTROL_LIFETIME,
    CONTROL_NOT_AFTER,
    CONTROL_ORIGIN,
    CONTROL_CERTIFICATE,
    CONTROL_CHAIN,
    CONTROL_NOTICE,
    CONTROL_ROOT_REQUEST,
    CONTROL_ISSUING_REQUEST,
    CONTROL_KEY_NAME,
    CONTROL_KEY_STATE, /* usable (1 byte), then why not in words */
    CONTROL_SIGNATURES,
    CONTROL_CERTIFICATES, /* how many the store holds */
    CONTROL_RENEWS,       /* serial of the certificate that is renewed */
    CONTROL_PROOF,        /* a signature that proves who asks */
    CONTROL_STAYS,        /* 1: `lock` closes the keys and does not end the
                             keeper, whose parent serves */

    /* of the clerk's verbs, each as its verb says */
    CONTROL_JSON = 64,
    CONTROL_SERIAL, /* contents of the INTEGER */
    CONTROL_REASON, /* a number of RFC 5280, 5.3.1 */
    CONTROL_WORDS,  /* a reason in words */
    CONTROL_ID,     /* of a request */
    CONTROL_NAME,
    CONTROL_ROLE,
    CONTROL_NUMBER,
    CONTROL_TIME,
    CONTROL_QUERY,
    CONTROL_DRY, /* 1: say what would be done */
    CONTROL_HASH,
    CONTROL_KIND,
    CONTROL_DER,
    CONTROL_NAMES,
    CONTROL_PROFILES,
    CONTROL_FORCE /* 1: do what is refused otherwise */
};

/* The steps of CONTROL_REVOKE_WHERE (server/clerk_revoke_where.c). */
enum where_step { WHERE_BEGINS = 1, WHERE_GOES_ON, WHERE_ENDS };

enum keeper_mode {
    KEEPER_SERVES = 1, /* an authority that exists */
    KEEPER_FOUNDS      /* one that is being made */
};

#define CONTROL_FRAME_MAX (512 * 1024)
#define CONTROL_CREDIT 1024

#endif
