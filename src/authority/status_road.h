#ifndef AUTHORITY_STATUS_ROAD_H
#define AUTHORITY_STATUS_ROAD_H

#include "authority/ocsp_signer.h"

/*
 * Keeps the tables of signed OCSP answers behind the store: an answer by SHA-1
 * for each certificate of an authority that answers, and by SHA-256 for those
 * that were asked about so.  What the table holds is held against the store,
 * and what differs or is half over is signed anew; so nothing has to be
 * remembered from one life to the next.
 *
 * One thread calls all of it (server/keeper_status.c), but status_road_facts.
 */
struct status_road;

/* Opens DIR/publish/ocsp/NAME.table of each, or begins it; *began: how many
 * were.  reading: a connection of the caller's, for as long. */
MUST_CHECK bool status_road_open(struct authority *authority,
    struct ocsp_signer *signer, struct store *reading,
    struct status_road **road, size_t *began, struct failure *why);
void status_road_close(struct status_road *road); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(status_road, status_road_close)

/* What a turn came to. */
enum status_turn {
    STATUS_AT_REST, /* the tables are as the store is, as far as is known */
    STATUS_SWEEPS,  /* older answers are being looked at */
    STATUS_RUSHED   /* more was issued than a turn takes */
};

/*
 * A slice of the work, of at most STATUS_TURN signatures: revocations first,
 * then what is new, what was asked for, and a part of the sweep through all.
 * A failure (the key has no certificate, the signer is not there) leaves what
 * it hinders for a later turn, and hinders no other authority's; the last
 * reason is told.  FAILURE_MALFORMED: a table was damaged; open them anew.
 */
#define STATUS_TURN 64
MUST_CHECK bool status_road_turn(struct status_road *road, int64_t now,
    enum status_turn *turn, struct failure *why);

struct status_road_facts {
    size_t serials;       /* with an answer */
    int64_t earliest_end; /* among the answers; 0: none */
    uint64_t signatures;  /* since the start */
    /* At the last sweep: answers with less than 40 % of their life left, though
     * they are renewed at half of it (properties 25). */
    size_t overdue;
};
/* Any thread. */
void status_road_facts(
    struct status_road *road, struct status_road_facts *facts);

#endif
