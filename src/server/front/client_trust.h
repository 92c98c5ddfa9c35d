#ifndef SERVER_FRONT_CLIENT_TRUST_H
#define SERVER_FRONT_CLIENT_TRUST_H

#include "x509/chain/pool.h"
#include "x509/question_files.h"

/*
 * What client certificates are judged by: DIR/publish/roots.pem,
 * intermediates.pem and the complete lists and deltas of DIR/publish/crl (the
 * lists of shards tell nothing besides).  The machine's trust store has no part
 * in it.  Read when it changed, never for a handshake (kb 92).
 */
#define TRUST_LISTS_MAX 128               /* files */
#define TRUST_LIST_MAX (64 * 1024 * 1024) /* bytes of one */
#define TRUST_LISTS_BYTES_MAX (128 * 1024 * 1024)

/* Names of authorities that a client is told (kb 85): those that issue.  When
 * they are longer in all, none is told, which means any (RFC 8446, 4.2.4). */
#define TRUST_NAMES_BYTES_MAX (8 * 1024)
#define TRUST_NAMES_MAX 64

struct client_trust {
    struct chain_pool *roots, *intermediates;
    struct question_sources sources;
    struct bytes names[TRUST_NAMES_MAX];
    size_t name_count;
    uint64_t reading; /* which; another after each change */

    /* what the above is a view of */
    struct trust_file *files;
    size_t file_count;
    uint64_t stamp;
};

/*
 * Looks, and reads where something changed (or *trust is NULL).  A file that is
 * missing holds nothing.  Failing, *trust stays as it was, and the same files
 * are not read again: the reason is told once.  A list that can't be taken (too
 * long, too many) is left out and told in *left_out, whose kind is FAILURE_NONE
 * otherwise.
 */
MUST_CHECK bool client_trust_look(const char *directory,
    struct client_trust **trust, uint64_t *failed_stamp,
    struct failure *left_out, struct failure *why);
void client_trust_free(struct client_trust *trust);
DEFINE_SCOPED_STRUCT(client_trust, client_trust_free)

#endif
