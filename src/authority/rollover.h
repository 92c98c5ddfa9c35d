#ifndef AUTHORITY_ROLLOVER_H
#define AUTHORITY_ROLLOVER_H

#include "authority/hierarchy.h"

/*
 * An authority gets a new key, under the name it has, in steps that can be
 * interrupted, repeated and, up to the switch, taken back one by one.  How far
 * it has come is in the store alone.
 *
 *     plan      said; nothing is made
 *     key       the new key, NAME-2 (-3, ...), waits for its certificate
 *     certify   the authority above certifies it, or a root certifies its
 *               successor and that one itself
 *     cross     a root's old key is certified by the new one as well
 *     publish   its certificates and its first list can be fetched
 *     switch    the new one issues; the old one signs its lists alone
 *     retire    the old one signs nothing any more
 */
enum rollover_step {
    ROLLOVER_NONE,
    ROLLOVER_PLAN,
    ROLLOVER_KEY,
    ROLLOVER_CERTIFY,
    ROLLOVER_CROSS,
    ROLLOVER_PUBLISH,
    ROLLOVER_SWITCH,
    ROLLOVER_RETIRE,
    ROLLOVER_STEPS
};

/* "plan"; ROLLOVER_NONE for no such word. */
const char *rollover_step_name(enum rollover_step step);
enum rollover_step rollover_step_named(const char *name);

struct rollover {
    int64_t old_id, new_id; /* new_id 0: it has no row yet */
    char old_name[PROFILE_NAME_MAX], new_name[PROFILE_NAME_MAX];
    bool is_root;    /* it signed itself */
    bool is_foreign; /* it was certified outside: so is its successor */
    bool issues;     /* leaves; false: it is kept apart */
    char parent[PROFILE_NAME_MAX]; /* who certifies; "" for those two */
    struct buffer certificate;     /* of the old one, DER */
    struct buffer request;         /* of the new key, once it is made */
    int64_t old_not_after;
    /* A root certified its successor's key already (first half of certify). */
    bool has_bridge;
    enum rollover_step done; /* the last one that was */
};
void rollover_free(struct rollover *rollover);

/*
 * How far the rollover of this authority has come; NULL name: of the only one
 * that issues.  Named may be either of the two.  FAILURE_NOT_FOUND,
 * FAILURE_CONFLICT: several.
 */
MUST_CHECK bool rollover_read(struct store *store, const char *name,
    struct rollover *rollover, struct failure *why);

/* Marks in the store's numbers. */
bool rollover_is_published(
    struct store *store, int64_t authority, bool *is, struct failure *why);

/* Kinds of a root's bridges among the cross-certificates: both are kept with
 * the old one's row. */
#define BRIDGE_NEW_WITH_OLD "new-with-old"
#define BRIDGE_OLD_WITH_NEW "old-with-new"

/* --- the steps, in the keeper (rollover_steps.c) ------------------------- */

struct rollover_wish {
    const struct caller *caller;
    const char *name; /* NULL: as rollover_read */
    enum rollover_step step;
    struct bytes request; /* ROLLOVER_KEY: signed by the new key */
    bool forced;          /* ROLLOVER_RETIRE: though certificates are valid */
};

struct rollover_done {
    bool is_half;      /* certify of a root: the new key signs next */
    bool needs_answer; /* certify of one that others certify: `ca install` */
    bool made_list;    /* publish, retire */
    int64_t list_until;
};

/*
 * The step must be the next one: FAILURE_CONFLICT says which is.  What was done
 * already is done again without effect.
 */
MUST_CHECK bool rollover_take(struct authority *authority, struct desk *desk,
    struct store *reading, const struct rollover_wish *wish,
    struct rollover_done *done, struct failure *why);

/* Takes back the last step; *undone is ROLLOVER_NONE where there is none.
 * FAILURE_CONFLICT: from the switch on nothing is. */
MUST_CHECK bool rollover_undo(struct authority *authority,
    struct store *reading, const struct rollover_wish *wish,
    enum rollover_step *undone, struct failure *why);

/*
 * An authority issues nothing any more.  While what it issued is valid it goes
 * on to sign its lists (*state: AUTHORITY_RETIRING), then, or forced, it signs
 * its last list and nothing after it (AUTHORITY_RETIRED).  *valid: how many of
 * its certificates are, *until: the last one's end.
 */
struct retirement {
    enum authority_state state;
    int64_t valid, until;
    struct rollover_done lists;
};
MUST_CHECK bool authority_retire(struct authority *authority,
    struct store *reading, const struct caller *caller, const char *name,
    bool forced, struct retirement *retirement, struct failure *why);

#endif
