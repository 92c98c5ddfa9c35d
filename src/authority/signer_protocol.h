#ifndef AUTHORITY_SIGNER_PROTOCOL_H
#define AUTHORITY_SIGNER_PROTOCOL_H

/*
 * What is said to the signer.  Two channels reach it: the parent's, on which
 * it is started with its keys and their limits, and the keeper's, on which it
 * is asked for signatures.  Neither can hand it bytes to sign that are not a
 * certificate within the limits, or a checkpoint the signer words itself.
 */
enum signer_message {
    /* from the parent */
    SIGNER_KEY = 1, /* one per key: LIMITS, IS_ROOT where it is one; either a
                       descriptor of its file, or WHY that can't be read */
    SIGNER_START,   /* behind the keys: INSTANCE, PASSPHRASES; descriptors:
                       keeper's channel, sign log, then the passphrases */
    SIGNER_READY,   /* the answer: a KEY_STATE per key */

    /* from the keeper */
    SIGNER_RESERVE,    /* COUNT */
    SIGNER_RESERVED,   /* SERIALS: SERIAL_BYTES each */
    SIGNER_SIGN,       /* a DRAFT each; each is for the KEY before it */
    SIGNER_SIGNED,     /* a SIGNATURE or REFUSAL each, in order; LOG_END */
    SIGNER_CHECKPOINT, /* KEY, JOURNAL_SEQUENCE, JOURNAL_HASH */
    SIGNER_CHECKED,    /* STATEMENT, SIGNATURE */
    SIGNER_STAT,       /* nothing */
    SIGNER_STATE,      /* a KEY_STATE per key; SIGNATURES, LOG_END */
    SIGNER_UNLOCK,     /* a descriptor of the passphrase */
    SIGNER_LOCK,       /* nothing; both are answered by SIGNER_STATE */
    SIGNER_SIGN_LIST,  /* KEY, OFFSET, LENGTH, ENTRIES; a descriptor of the
                          to-be-signed list, which is read once */
    SIGNER_LISTED,     /* SIGNATURE, LOG_END */

    /* from the parent, when the keeper is a new one */
    SIGNER_KEEPER, /* a descriptor: its channel.  The one before is closed, and
                      what was still to come from it is not read; answered by
                      READY */

    SIGNER_FAILED /* base/refusal.h: the whole question is refused */
};

enum signer_field {
    FIELD_LIMITS = 1,
    FIELD_KEY, /* which key: its place among the SIGNER_KEYs, from 0 */
    FIELD_COUNT,
    FIELD_SERIALS,
    FIELD_DRAFT,
    FIELD_SIGNATURE,
    FIELD_REFUSAL, /* kind (1 byte), reason */
    FIELD_LOG_END, /* offset of the sign log behind this group */
    FIELD_JOURNAL_SEQUENCE,
    FIELD_JOURNAL_HASH,
    FIELD_STATEMENT,
    FIELD_KEY_STATE,  /* usable (1 byte), then why not in words */
    FIELD_SIGNATURES, /* made since the start */
    FIELD_OFFSET,     /* of the list in what the descriptor opens */
    FIELD_LENGTH,
    FIELD_ENTRIES,
    FIELD_INSTANCE, /* the first byte of every serial: 0x01 to 0x7f */
    FIELD_IS_ROOT,  /* 1: the roots' passphrase opens it; UNLOCK does not */
    FIELD_WHY,
    FIELD_PASSPHRASES /* which came, in this order: bits of
                         signer_passphrase */
};

enum signer_passphrase {
    PASSPHRASE_OF_KEYS = 1 << 0,
    PASSPHRASE_OF_ROOTS = 1 << 1
};

/* Instance byte and 128 random bits: always positive, never the same length
 * twice short (properties 5, kb 43). */
#define SERIAL_BYTES 17

#define SIGNER_KEYS_MAX 16
/* Lists beyond this are not signed; those of keys that can't sign in pieces
 * (Ed25519, ML-DSA) are copied first, and end earlier. */
#define SIGNER_LIST_MAX (1024ull * 1024 * 1024)
#define SIGNER_LIST_COPIED_MAX (8ull * 1024 * 1024)
#define SIGNER_GROUP_MAX 256
#define SIGNER_DRAFT_MAX (64 * 1024)
#define SIGNER_FRAME_MAX (8 * 1024 * 1024)
#define SIGNER_OPEN_SERIALS_MAX 2048
#define SIGNER_SERIAL_LIFE_MS 60000

#endif
