#ifndef CLI_ISSUE_KEY_H
#define CLI_ISSUE_KEY_H

#include "cli/call.h"
#include "crypto/key.h"

/*
 * The requester's new key on its way to its file.  It is on the disk before the
 * authority is asked, beside its place, so that no certificate can come without
 * its key; and takes its place only when there is a certificate, so that a
 * refusal leaves what was there.
 */
struct staged_key {
    char beside[PATH_ROOM]; /* "" when nothing is there */
    const char *path;
};
/* Before any work: output_file_check, and no key goes to standard output. */
MUST_CHECK bool key_output_check(
    struct call *call, const char *path, struct failure *why);

/* Removes what did not take its place. */
void staged_key_free(struct staged_key *staged);

MUST_CHECK bool stage_key(struct call *call, const struct private_key *key,
    const char *path, struct staged_key *staged, struct failure *why);
MUST_CHECK bool staged_key_settle(
    const struct call *call, struct staged_key *staged, struct failure *why);

#endif
