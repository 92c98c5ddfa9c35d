#ifndef AUTHORITY_LISTS_PARTS_H
#define AUTHORITY_LISTS_PARTS_H

#include "authority/lists.h"
#include "x509/crl_writer.h"

/* What lists.c (one list) and lists_follow.c (which are due) share. */
struct list_wish {
    struct authority *authority;
    struct store *reading;
    const struct authority_issuer *issuer;
    int kind; /* CRL_COMPLETE, CRL_DELTA or the shard */
};

/* Makes, signs, records and publishes one list; *row: what was recorded. */
MUST_CHECK bool list_publish(
    const struct list_wish *wish, struct crl_row *row, struct failure *why);

/* *is_out: the list of this row reached its file, and the file is there. */
MUST_CHECK bool list_is_out(const struct list_wish *wish,
    const struct crl_row *row, bool *is_out, struct failure *why);

/*
 * The list that lies sealed in the file, its body at *body, is one that this
 * issuer's certificate verifies; nothing else is published (kb 108).
 * FAILURE_INTERNAL names the authority.
 */
MUST_CHECK bool list_check(const struct authority_issuer *issuer, int file,
    const struct crl_span *body, struct bytes signature, struct failure *why);

#endif
