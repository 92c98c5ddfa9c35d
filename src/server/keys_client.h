#ifndef SERVER_KEYS_CLIENT_H
#define SERVER_KEYS_CLIENT_H

#include "base/bytes.h"
#include "crypto/algorithm.h"

/* A command's end of the keys role: each call starts a process of its own. */

struct keys_report {
    struct buffer answer; /* owns the rest */
    struct bytes spki;
    struct bytes request; /* PKCS#10; length 0 when none was asked for */
    const struct key_algorithm *algorithm;
};
void keys_report_free(struct keys_report *report);

/* Makes a key, writes it encrypted to key_file, durable, and has it sign a
 * request for the subject.  program: of ourselves; NULL: /proc/self/exe. */
MUST_CHECK bool keys_make(const char *program,
    const struct key_algorithm *algorithm, struct bytes subject, int key_file,
    int passphrase, struct keys_report *report, struct failure *why);

/*
 * Opens a key, with the passphrases in turn where it needs one, signs and
 * verifies.  Kinds as key_file_read; FAILURE_UNSUITABLE: it signs wrongly.
 */
MUST_CHECK bool keys_prove(const char *program, int key_file,
    const int *passphrases, size_t passphrase_count, struct keys_report *report,
    struct failure *why);

/* Encrypts a key anew into new_file; subject: of a request to sign (length 0:
 * none).  old_passphrase: -1 when the key needs none. */
MUST_CHECK bool keys_encrypt_anew(const char *program, int key_file,
    int new_file, int old_passphrase, int new_passphrase, struct bytes subject,
    struct keys_report *report, struct failure *why);

/* The role knows its file as a descriptor alone: puts its path in front of the
 * reason.  Always false. */
bool keys_failed_at(const char *path, struct failure *why);

#endif
