#ifndef AUTHORITY_HIERARCHY_H
#define AUTHORITY_HIERARCHY_H

#include "authority/issue.h"

/*
 * Authorities below authorities.  What is made here is made in a ceremony
 * (server/client.h): a signer that serves makes none.  The store's row is the
 * truth; files in DIR/keys and DIR/publish are made from it, again where a kill
 * left them out (server/ceremony.h).
 */

/* An authority whose key is the signer's or the keys role's: its request is
 * signed by it. */
struct hierarchy_wish {
    const struct caller *caller;
    const char *name;     /* --ca takes it: check_authority_name */
    const char *parent;   /* NULL: the root */
    struct bytes request; /* PKCS#10, DER */
    int path_length;      /* -1: as the profile says.  Above 0: it is kept
                             apart, and makes authorities alone */
    int64_t lifetime_s;   /* 0: the profile's */
    int64_t follows;      /* row of the one it takes over from; 0: none */
};

struct hierarchy_made {
    struct buffer certificate; /* DER */
    struct buffer notices;
    char parent[PROFILE_NAME_MAX];
    bool was_there; /* the same key had this name already: nothing changed */
};
void hierarchy_made_free(struct hierarchy_made *made);

/*
 * By the profile "subordinate" of the settings, or the built-in one.
 * FAILURE_CONFLICT: another key has the name, or another authority the same
 * distinguished name.  FAILURE_UNSUITABLE: the profile wants approvals.
 */
MUST_CHECK bool hierarchy_add(struct authority *authority, struct desk *desk,
    const struct hierarchy_wish *wish, struct hierarchy_made *made,
    struct failure *why);

/* 1 to 63 letters, digits, "-", "_", "." and no dot in front: it becomes the
 * name of files and a part of addresses.  FAILURE_MALFORMED. */
MUST_CHECK bool check_authority_name(const char *name, struct failure *why);

/* --- keys of other authorities ------------------------------------------- */

/* A further certificate for a name and key that are an authority's already. */
struct cross_wish {
    const struct caller *caller;
    const struct authority_issuer *issuer;
    struct spki key;
    struct bytes subject;        /* whole Name */
    struct bytes key_identifier; /* as it is in the authority's own */
    struct profile profile;      /* what it may be: cross_wish_take, or a
                                    root's */
    int64_t lifetime_s;          /* 0: until not_after */
    int64_t not_after;
    /* What the store is to know of it.  An authority's own new certificate
     * founds that authority; any other is kept by its kind. */
    const char *founds;
    bool founds_issuing;
    int founds_shards;
    int64_t follows;
    const char *kind;
    int64_t authority; /* whose key; 0: a foreign one */
};

/*
 * Name, key, identifier and constraints of an authority's certificate; its
 * views.  path_length: narrower than its own, or -1.  FAILURE_UNSUITABLE: it is
 * no authority's, has no identifier, or is limited in a way that ours could not
 * repeat (name constraints and the like).
 */
MUST_CHECK bool cross_wish_take(struct cross_wish *wish,
    const struct certificate *certificate, int path_length,
    struct failure *why);

/* Composes, lints, signs and records it; the certificate is appended.  There is
 * no request: who certifies a certificate's key has its signature. */
MUST_CHECK bool cross_certify(struct authority *authority, struct desk *desk,
    const struct cross_wish *wish, struct buffer *certificate,
    struct failure *why);

/* A foreign authority's certificate, certified by the authority of this name
 * (NULL: the root). */
struct cross_sign {
    const struct caller *caller;
    const char *authority;
    struct bytes certificate;
    int path_length; /* -1: as it has */
    int64_t lifetime_s;
};
MUST_CHECK bool hierarchy_cross_sign(struct authority *authority,
    struct desk *desk, const struct cross_sign *sign,
    struct buffer *certificate, char name[static PROFILE_NAME_MAX],
    struct failure *why);

/* --- asked of others ----------------------------------------------------- */

/* A key whose certificate another authority will give. */
MUST_CHECK bool hierarchy_await(struct authority *authority,
    const struct caller *caller, const char *name, struct bytes request,
    int64_t follows, struct failure *why);

#define HIERARCHY_CHAIN_MAX 16

/* The answer: certificates in any order. */
struct hierarchy_answer {
    const struct caller *caller;
    const char *file; /* what it is called in a reason */
    struct bytes certificates[HIERARCHY_CHAIN_MAX];
    size_t count;
    struct bytes roots[HIERARCHY_CHAIN_MAX]; /* of --root */
    size_t root_count;
};

struct hierarchy_installed {
    char name[PROFILE_NAME_MAX];
    bool was_there;
    bool is_coming; /* of a rollover: it waits for the switch */
    size_t above;   /* certificates above it, the root among them */
    char root_sha256[SHA256_TEXT];
};

/*
 * The chain is checked whole before anything is used of it: the key is one that
 * is awaited, critical CA:TRUE with keyCertSign and cRLSign (kb 45), each
 * signed by the next up to a self-signed root or one of roots, dates nested,
 * path lengths kept.  A reason names the certificate, and where an issuer is
 * missing its name and key identifier and what was looked in (kb 70, 71).
 */
MUST_CHECK bool hierarchy_install(struct authority *authority,
    const struct hierarchy_answer *answer,
    struct hierarchy_installed *installed, struct failure *why);

/* The same without installing anything, from a store that is only read. */
MUST_CHECK bool hierarchy_check(struct store *store,
    const struct hierarchy_answer *answer,
    struct hierarchy_installed *installed, struct failure *why);

/* Kinds of what stands above an installed authority in the store's list of
 * cross-certificates. */
#define ABOVE_CHAIN "chain"
#define ABOVE_ROOT "root"

/* --- for authority.c and record.c ---------------------------------------- */

/* Finds what stands above the issuers that were certified by others, and which
 * authority is awaited. */
MUST_CHECK bool hierarchy_read_above(
    struct authority *authority, struct failure *why);

/* In the transaction of a certificate: the authority it founds, or that it is a
 * further one of an authority's. */
MUST_CHECK bool hierarchy_record(struct authority *authority,
    struct issuance *issuance, struct failure *why);

/* Did this authority sign itself? */
bool issuer_is_root(const struct authority_issuer *issuer);

#endif
