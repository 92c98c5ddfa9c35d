#ifndef AUTHORITY_STATUS_ROAD_PARTS_H
#define AUTHORITY_STATUS_ROAD_PARTS_H

#include "authority/status_answer.h"
#include "authority/status_road.h"
#include "authority/status_table.h"

/* What the files of the road of OCSP answers share; for nobody else. */

/* An ended certificate is asked about no more after a day. */
#define ASKED_AFTER_END_S 86400

/* The table of one responder. */
struct lane {
    const struct authority_issuer *issuer;
    size_t responder;
    struct status_table *table;
    struct ocsp_responder_facts put_for; /* as the table knows it */
    int64_t change, newest, swept;       /* how far each has come */
    bool sweeps;
    int64_t sweep_again_ms;
    size_t overdue; /* met in this sweep */
};

/* An answer to be signed. */
struct due {
    uint8_t serial[OCSP_SERIAL_MAX];
    size_t serial_length;
    enum ocsp_id_hash hash;
    struct status_said said;
};

struct status_road {
    struct ocsp_signer *signer;
    struct store *reading;
    struct lane lanes[AUTHORITY_ISSUERS_MAX];
    size_t lane_count;
    struct due dues[STATUS_TURN];
    size_t due_count;
    struct buffer bodies[STATUS_TURN];
    struct status_signing signing;
    int64_t now;
    pthread_mutex_t lock;
    struct status_road_facts facts; /* behind the lock */
};

/* --- what is due, and its signatures (status_due.c) ----------------------- */
/* Room for one serial by both hashes. */
bool status_due_has_room(const struct status_road *road);
/* Puts it among the dues where the table lacks it, or tells otherwise.
 * is_wanted: an answer by this hash is wanted though there is none yet. */
MUST_CHECK bool status_due_consider(struct status_road *road, struct lane *lane,
    const struct due *due, bool is_wanted, struct failure *why);
/* By SHA-1, and by SHA-256 where that was asked for before. */
MUST_CHECK bool status_due_consider_serial(struct status_road *road,
    struct lane *lane, struct bytes serial, struct status_said said,
    struct failure *why);
/* Signs what is due in this lane, and puts it into its table. */
MUST_CHECK bool status_due_sign(
    struct status_road *road, struct lane *lane, struct failure *why);

/* --- walks through the store (status_follow.c) ---------------------------- */
/* Revoked, held and released since. */
MUST_CHECK bool status_follow_changes(struct status_road *road,
    struct lane *lane, bool *is_full, struct failure *why);
MUST_CHECK bool status_follow_new(struct status_road *road, struct lane *lane,
    bool *is_full, struct failure *why);
/* A part of the walk through all; *sweeps becomes true while it lasts. */
MUST_CHECK bool status_follow_sweep(struct status_road *road, struct lane *lane,
    bool *sweeps, struct failure *why);

#endif
