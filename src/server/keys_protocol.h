#ifndef SERVER_KEYS_PROTOCOL_H
#define SERVER_KEYS_PROTOCOL_H

/*
 * What is said to the keys role: a process for one question about one key, so
 * that a private key is never in the memory of a command.
 */
enum keys_message {
    KEYS_MAKE = 1, /* ALGORITHM, SUBJECT; descriptors: key file to write,
                      passphrase */
    KEYS_PROVE,    /* descriptors: key file, passphrases to try */
    KEYS_ENCRYPT,  /* SUBJECT; descriptors: key file, new key file, the old
                      passphrase (or none), the new one: encrypts anew and signs
                      a request with the key */
    KEYS_REPORT,   /* SPKI, REQUEST, ALGORITHM: what is publicly known of it */
    KEYS_FAILED    /* base/refusal.h */
};

enum keys_field {
    KEYS_ALGORITHM = 1, /* name of the row */
    KEYS_SUBJECT,       /* whole Name */
    KEYS_SPKI,
    KEYS_REQUEST,
    KEYS_HAS_OLD_PASSPHRASE
};

#endif
