#ifndef AUTHORITY_LIFE_H
#define AUTHORITY_LIFE_H

#include "authority/authority.h"

/*
 * What the journal tells of the keeper's own life: its start, what is another
 * than at the last one, and its end in good order.
 */
struct life {
    const char *version;   /* of the program */
    struct bytes settings; /* the text of chancery.yaml */
    bool stays;            /* open for others, until it is locked */
};

/* The store's numbers: of the last start, the first 7 bytes of the settings'
 * SHA-256, and the number of the schema. */
#define LIFE_SETTINGS "settings-sha256-begins"
#define LIFE_SCHEMA "schema-seen"
/* 1 from when the reserve was given up until it is filled again. */
#define LIFE_RESERVE "reserve-is-freed"

/*
 * In one transaction: the start; a newer schema; other settings; versions of
 * profiles that are new, which are kept from here on; keys that can't be used
 * (locked ones can); roots that were opened; the reserve, filled again.
 */
MUST_CHECK bool life_begin(
    struct authority *authority, const struct life *life, struct failure *why);

/* The end, and the last checkpoint.  Without a key it is not signed: the next
 * keeper does.  On a full disk neither start nor end is told. */
MUST_CHECK bool life_end(struct authority *authority, struct failure *why);

#endif
