#ifndef SERVER_CONTROL_PROTOCOL_H
#define SERVER_CONTROL_PROTOCOL_H

/*
 * What a command says to the keeper, over DIR/control.sock or over the socket
 * it was born with, and what the parent tells the keeper at its start.
 * FIELD names are apart from the signer's.
 */
enum control_message {
    /* from the parent */
    KEEPER_START = 1, /* DIRECTORY, MODE, KEY...; descriptors: parent keeps the
                         order signer, lock, connection, listener */
    KEEPER_READY,     /* RECOVERED: certificates taken in from the sign log */

    /* from a command */
    CONTROL_ISSUE,   /* PROFILE, REQUEST, ... as server/client.h */
    CONTROL_ISSUED,  /* CERTIFICATE, CHAIN..., NOTICE... */
    CONTROL_FOUND,   /* ROOT_REQUEST, ISSUING_REQUEST; only while founding */
    CONTROL_FOUNDED, /* CERTIFICATE of the root, then of the issuing one */
    CONTROL_STATUS,  /* nothing */
    CONTROL_STATE,   /* KEY_NAME, KEY_STATE per key; numbers */
    CONTROL_UNLOCK,  /* a descriptor of the passphrase */
    CONTROL_LOCK,    /* nothing; both are answered by CONTROL_STATE */
    CONTROL_FAILED   /* base/refusal.h */
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
    CONTROL_CERTIFICATES /* how many the store holds */
};

enum keeper_mode {
    KEEPER_SERVES = 1, /* an authority that exists */
    KEEPER_FOUNDS      /* one that is being made */
};

#define CONTROL_FRAME_MAX (512 * 1024)
#define CONTROL_CREDIT 1024

#endif
