#ifndef SERVER_FOUNDING_H
#define SERVER_FOUNDING_H

#include "authority/configuration.h"
#include "crypto/algorithm.h"
#include "crypto/key_inventory.h"
#include "server/place.h"

/*
 * Making an authority: keys, root, issuing authority, store and settings,
 * built whole in DIR/.init-building and put in place by one rename.  Whatever
 * fails before it leaves the disk as it was; a kill leaves a folder that the
 * next `init` removes.
 */
struct founding {
    const char *directory; /* need not exist; its parent must */
    const char *program;   /* of ourselves; NULL: /proc/self/exe */
    const char *name;      /* UTF-8: the issuing authority's common name; the
                              root's is NAME Root */
    const char *url;       /* or "" */
    const struct key_algorithm *algorithm; /* of keys that are made */
    bool one_tier;
    bool subordinate; /* no root: the key waits for `ca install` */
    int crl_shards;
    struct bytes settings; /* chancery.yaml given by --config; else length 0 */
    /* An existing key in DIR/keys for the authority that issues: the SHA-256
     * of its SubjectPublicKeyInfo; NULL: a new one. */
    const char *use_key;
    int use_key_passphrase; /* descriptor, or -1 */
    /* Descriptors of passphrases, or -1: random ones in keys/unlock and
     * keys/unlock-root (0400). */
    int passphrase, root_passphrase;
    const char *root_out; /* a folder to be made for root key and unlock-root;
                             NULL: they stay in DIR/keys */
    void (*progress)(const char *step); /* called before each; may be NULL */
};

struct founded {
    struct buffer root;    /* certificate, DER */
    struct buffer issuing; /* empty with one_tier */
    struct buffer
        request; /* PKCS#10, DER: with subordinate, in place of both */
    char root_key[PATH_ROOM];
    bool unlocks_by_itself; /* keys/unlock was written */
};
void founded_free(struct founded *founded);

/*
 * Kinds: FAILURE_CONFLICT (DIR is in use), FAILURE_MALFORMED (name, url),
 * FAILURE_UNAVAILABLE (an algorithm this library does not have, no space),
 * FAILURE_NOT_FOUND (use_key), FAILURE_FORBIDDEN.
 */
MUST_CHECK bool found_authority(const struct founding *founding,
    struct founded *founded, struct failure *why);

/* The Name an authority of this name gets: CN=NAME (and CN=NAME Root).  For
 * the preview before anything is made. */
MUST_CHECK bool founding_name(
    const char *name, bool root, struct buffer *der, struct failure *why);

/* --- keys, through the keys role ----------------------------------------- */

/*
 * Lists every key in DIR/keys (and keys/root): each is opened with the
 * passphrase that belongs to it where there is one, and proved in a process of
 * its own (crypto/key_inventory.h).  Works on a folder that holds only keys.
 * passphrase: tried before keys/unlock; or -1.
 */
MUST_CHECK bool list_keys(const char *directory, const char *program,
    int passphrase, struct key_inventory *inventory, struct failure *why);

/*
 * Encrypts the key of an authority anew.  old_passphrase, new_passphrase:
 * descriptors; old -1: keys/unlock; new -1: a random one in keys/unlock.
 * The new file is read back and proved before it takes the old one's place;
 * keys/unlock goes when it no longer opens anything.
 */
MUST_CHECK bool change_passphrase(const struct place *place,
    const char *program, const char *authority, bool root, int old_passphrase,
    int new_passphrase, struct failure *why);

#endif
