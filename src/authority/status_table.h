#ifndef AUTHORITY_STATUS_TABLE_H
#define AUTHORITY_STATUS_TABLE_H

#include "x509/ocsp_question.h"

/*
 * The signed OCSP answers of one authority, in a file that fronts map read
 * only and the keeper alone writes: DIR/publish/ocsp/NAME.table.  Answers are
 * only ever appended; a hash index finds the newest for a serial.  When it is
 * full, or much of it is old, a new generation is written and renamed into its
 * place; whoever mapped the old one sees that it was replaced and maps the new
 * one.  Answers are served while keeper and signers are down (properties 25).
 *
 * What is kept is an answer's body and signature; the responder's certificate,
 * the same in all, is kept once, and the whole is put together when it is
 * served.  Every offset and length is checked when it is read, and each record
 * by its sum: a damaged table answers nothing (FAILURE_MALFORMED) and harms
 * nobody.  A record is published by one atomic store behind its bytes, so a
 * reader never sees half of one.
 *
 * A file has its last size when it gets its name (a hole holds the place of
 * what is to come) and is never cut or written over: a page that was mapped
 * stays, and reading it ends in SIGBUS only where the disk itself fails.
 * Whoever restores one from a copy renames it into place, as everywhere in
 * publish/.
 */

/* --- the keeper's side ---------------------------------------------------- */
struct status_table; /* open for writing */

/* The issuer whose certificates it tells of; views while the table is open. */
struct status_issuer {
    struct bytes name;     /* whole Name */
    struct bytes key_bits; /* of the subjectPublicKey, hashed in CertIDs */
};

/*
 * Opens path, or begins it for about `expected` serials.  *began: there was
 * none, or it was damaged and is a new one with what was whole in it; the
 * caller says so in the log and puts all answers again.  FAILURE_CONFLICT: it
 * is another issuer's.
 */
MUST_CHECK bool status_table_open(const char *path,
    const struct status_issuer *issuer, size_t expected,
    struct status_table **table, bool *began, struct failure *why);
void status_table_close(struct status_table *table); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(status_table, status_table_close)

/* The responder's certificate that the answers put from here on were signed
 * for, before the first of them; length 0: the issuer signs them itself. */
MUST_CHECK bool status_table_responder(
    struct status_table *table, struct bytes certificate, struct failure *why);

/*
 * An answer for one serial, by a CertID of this hash; takes the place of the
 * older one.  Grows by a new generation when there is no room; what has ended
 * then stays behind.  FAILURE_UNSUITABLE: the body is no answer for this issuer
 * and serial alone, without a nonce, that ends at next_update.
 * FAILURE_MALFORMED: the file was damaged meanwhile; open it anew.
 *
 * It is served at once, and not on the disk before status_table_sync: after the
 * machine went down, the caller puts again what changed since.
 */
MUST_CHECK bool status_table_put(struct status_table *table,
    struct bytes serial, enum ocsp_id_hash hash, struct bytes body,
    struct bytes signature, struct bytes algorithm, int64_t next_update,
    struct failure *why);

/* The body of the newest answer for a serial by a CertID of this hash; *found
 * is false when there is none.  A view until the next put.  Whoever keeps the
 * table holds it against the store by this: what differs, or is half over, is
 * signed anew. */
MUST_CHECK bool status_table_find(const struct status_table *table,
    struct bytes serial, enum ocsp_id_hash hash, struct bytes *body,
    int64_t *next_update, bool *found, struct failure *why);

/* All that was put is on the disk. */
MUST_CHECK bool status_table_sync(
    const struct status_table *table, struct failure *why);

/* How many serials it holds, and the earliest end among their newest answers
 * (0: it has none).  records: answers that were put, replaced ones too, since
 * it was opened or renewed, and those it had then. */
struct status_table_facts {
    size_t serials, records, bytes;
    int64_t earliest_end;
};
void status_table_facts(
    struct status_table *table, struct status_table_facts *facts);

/* --- a front's side ------------------------------------------------------- */
struct status_map; /* every table in a folder, mapped */

/* folder: DIR/publish/ocsp, opened before the sandbox closes; it may be empty
 * or missing tables that come later.  A damaged table is left out, and said in
 * why of status_map_refresh. */
MUST_CHECK bool status_map_open(
    const char *folder, struct status_map **map, struct failure *why);
void status_map_close(struct status_map *map);
DEFINE_SCOPED_STRUCT(status_map, status_map_close)
/* Looks whether tables were replaced or added; about once a second. */
MUST_CHECK bool status_map_refresh(struct status_map *map, struct failure *why);

/*
 * The whole answer for a request of one CertID without a nonce, appended.
 * *found is false when the table has none that is in force at `now`: then the
 * keeper is asked, and with no keeper the answer is tryLater.  *until: the end
 * of the answer, and *since its beginning, for Cache-Control and Expires (RFC
 * 5019, 6.2).
 */
MUST_CHECK bool status_map_answer(struct status_map *map,
    const struct ocsp_question *question, int64_t now, struct buffer *answer,
    bool *found, int64_t *since, int64_t *until, struct failure *why);

#endif
