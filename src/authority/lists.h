#ifndef AUTHORITY_LISTS_H
#define AUTHORITY_LISTS_H

#include "authority/authority.h"
#include "store/store_revocations.h"

/*
 * Revocation lists of an authority: made from the store's rows as a stream,
 * signed, checked, and put where they are fetched (DIR/publish/crl).
 *
 * The complete list is NAME.crl.  With several shards each certificate names
 * its own, NAME/SHARD.crl, and these are made too.  The delta, NAME-delta.crl,
 * holds what changed since the complete list.
 *
 * Numbers only grow: max(last + 1, milliseconds since 1970), also over a
 * restored store.  A list never ends after its issuer.  An entry is left out
 * once its certificate has been past its end for LIST_KEEPS_S.
 */
#define LIST_KEEPS_S (INT64_C(30) * 86400)

/* How long a list is good: that of an authority which issues, and of one that
 * is kept apart. */
#define LIST_LIFE_S (INT64_C(7) * 86400)
#define LIST_LIFE_APART_S (INT64_C(180) * 86400)
/* The last list of one that is retired: as long as a signer signs any for. */
#define LIST_LIFE_LAST_S (INT64_C(400) * 86400)

/* `revoke` makes the complete list up to here, a delta beyond. */
#define LIST_COMPLETE_ENTRIES 100000

/* What was published.  Neither complete list nor delta: they told of all
 * already. */
struct lists_made {
    bool has_complete, has_delta;
    size_t shards;         /* made anew */
    int64_t number;        /* of the delta, where one was made */
    int64_t entries;       /* of the last complete list */
    int64_t delta_entries; /* of the delta that was made */
    int64_t next_update;   /* of the last complete list */
    int64_t older_until;   /* how long others may go by an older one */
};

/*
 * Makes, signs and publishes complete list and shards.  reading: a connection
 * of the caller's.  Kinds: FAILURE_UNAVAILABLE (the key is not open; no room),
 * those of the signer.
 */
MUST_CHECK bool lists_publish(struct authority *authority,
    struct store *reading, const struct authority_issuer *issuer,
    struct lists_made *made, struct failure *why);

/*
 * What is behind the store, alone: shards with changes, and the complete list
 * or, with more than LIST_COMPLETE_ENTRIES in it, the delta.  Behind is also a
 * list that never reached its file (a kill, a lost file), or whose time is half
 * over.
 */
MUST_CHECK bool lists_follow(struct authority *authority, struct store *reading,
    const struct authority_issuer *issuer, struct lists_made *made,
    struct failure *why);

/* Would lists_follow publish something? */
MUST_CHECK bool lists_are_behind(struct authority *authority,
    struct store *reading, const struct authority_issuer *issuer,
    bool *are_behind, struct failure *why);

/* What a kill left in DIR/publish of files that never got their names goes
 * away. */
MUST_CHECK bool lists_sweep(
    const struct authority *authority, struct failure *why);

/* For the start: lists_sweep, and lists_follow for each authority whose key is
 * open.  Goes on after a failure, and tells the last. */
MUST_CHECK bool lists_catch_up(
    struct authority *authority, struct store *reading, struct failure *why);

/* The issuer with this row, or with this name, whatever its state; NULL name:
 * the only active one that issues. */
const struct authority_issuer *authority_by_id(
    const struct authority *authority, int64_t id);
MUST_CHECK bool lists_issuer(const struct authority *authority,
    const char *name, const struct authority_issuer **issuer,
    struct failure *why);

#endif
