#ifndef SERVER_FOUNDING_STAGE_H
#define SERVER_FOUNDING_STAGE_H

#include "server/founding.h"
#include "server/keys_client.h"

/*
 * The folder an authority is built in, before it is put in place.  Everything
 * made so far is taken away again by stage_free unless stage_keep was called.
 */
struct stage {
    char directory[PATH_ROOM];   /* DIR */
    struct place building;       /* DIR/.init-building */
    char root_folder[PATH_ROOM]; /* where the root's key lies: keys/root, keys
                                    (one tier), or root_out */
    int hold;                    /* locked while init is at work */
    int root_out_hold; /* the same, in root_out: what a kill leaves there is
                          known by it */
    bool made_directory, made_root_out;
    bool is_kept;
};

/* FAILURE_CONFLICT: DIR is in use, or another init is at work there. */
MUST_CHECK bool stage_begin(
    const struct founding *founding, struct stage *stage, struct failure *why);
void stage_free(struct stage *stage);

/* The new file keys/NAME (or in the root's folder), open for writing, 0600. */
MUST_CHECK bool stage_new_key(const struct stage *stage, bool root,
    const char *name, int *descriptor, char path[static PATH_ROOM],
    struct failure *why);

/* Gives everything built to DIR's owner, when that is another user. */
MUST_CHECK bool stage_give_to_owner(
    const struct stage *stage, struct failure *why);

/* A random passphrase, 256 bits in hexadecimal, in a new file (0400). */
MUST_CHECK bool write_random_passphrase(
    const char *path, int *descriptor, struct failure *why);

/* One rename: from here on the authority exists. */
MUST_CHECK bool stage_keep(struct stage *stage, struct failure *why);

#endif
