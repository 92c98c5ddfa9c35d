#ifndef SERVER_ADMIN_BLAST_H
#define SERVER_ADMIN_BLAST_H

#include "authority/certificate_row.h"
#include "server/admin/call.h"

/*
 * What a revocation would touch, found before it is done: who else has the
 * certificate's key or one of its names, and, of an authority, what was issued
 * below it.  Looks at the newest BLAST_ROWS_MAX certificates, and says when
 * there are more.
 */
#define BLAST_ROWS_MAX 20000
#define BLAST_SHOWN 10

struct blast_other {
    char serial[SERIAL_TEXT];
    const char *what; /* a constant: "the same key" */
};

struct blast {
    size_t same_key, same_name, below;
    struct blast_other others[BLAST_SHOWN];
    size_t other_count;
    bool is_authority;
    bool is_cut; /* there are more rows than were looked at */
};

MUST_CHECK bool blast_measure(struct exchange *exchange,
    const struct certificate_row *row, struct blast *blast,
    struct failure *why);

#endif
