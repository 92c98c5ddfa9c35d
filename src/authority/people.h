#ifndef AUTHORITY_PEOPLE_H
#define AUTHORITY_PEOPLE_H

#include "authority/authority.h"
#include "authority/caller.h"
#include "store/store_people.h"
#include "x509/general_name.h"

/*
 * People with a role, tokens for programs, accounts for /certsrv and EST.  Who
 * makes one makes its secret too: here comes only what is stored of it, the
 * SHA-256 of a link or token, the argon2id hash of a password (properties 43).
 *
 * What changes the store takes one transaction with its event.  dry: all of
 * it is done and undone again.
 */
#define PERSON_NAME_ROOM 65 /* a name and its zero */
#define LINK_LIFETIME_S (24 * 3600)
#define TOKEN_LIFETIME_MAX_S (INT64_C(90) * 24 * 3600)

/* NULL, or what is wrong with the name of a person, token or account: it has 1
 * to 64 bytes of visible UTF-8 without blanks at its ends, no colon (as
 * "uid:0"), and is not "keeper" or "local". */
const char *person_name_fault(const char *name);

/* By the name that role_name gives; ROLE_NOBODY is no one's. */
MUST_CHECK bool role_named(
    const char *name, enum enrolment_role *role, struct failure *why);

enum enrolment_role role_from_store(enum person_role role);

/* --- people (people.c) ---------------------------------------------------- */

struct person_change {
    const struct caller *caller;
    const char *name;
    enum enrolment_role role;
    struct bytes certificate; /* DER; length 0: none */
    int64_t local_user;       /* uid; -1: none */
    int64_t owner;            /* uid of DIR's owner, who administers anyway */
    const char *link_sha256;  /* "": none */
    bool dry;                 /* then it may be without any of the three */
};

struct person_changed {
    bool was_there; /* given another way in; otherwise new */
    char certificate_sha256[SHA256_TEXT];
    int64_t not_after;  /* of the certificate; 0 */
    int64_t link_until; /* 0 */
};

/* FAILURE_CONFLICT: the name is another's, was, or has another role; the
 * certificate or user is another's.  FAILURE_UNSUITABLE: a name that can't be
 * one, an expired certificate, root or DIR's owner. */
MUST_CHECK bool person_add(struct authority *authority,
    const struct person_change *change, struct person_changed *changed,
    struct failure *why);

/* FAILURE_NOT_FOUND; FAILURE_CONFLICT: nobody else who administers would have a
 * way in. */
MUST_CHECK bool person_end(struct authority *authority,
    const struct caller *caller, const char *name, bool dry,
    struct failure *why);

/* A certificate or link that has not ended, or a local user. */
bool person_has_way_in(const struct person_row *row, int64_t now);

/* --- tokens and accounts (people_rights.c) -------------------------------- */

/* What its holder may have: nothing that is not listed (incident 18). */
#define RIGHTS_ROOM 4096

struct rights {
    char profiles[RIGHTS_ROOM]; /* names with spaces between */
    char names[RIGHTS_ROOM];    /* patterns with spaces between */
};
MUST_CHECK bool rights_add_profile(struct rights *rights,
    const struct configuration *configuration, const char *profile,
    struct failure *why);
MUST_CHECK bool rights_add_name(
    struct rights *rights, const char *pattern, struct failure *why);
bool rights_have_profile(const struct rights *rights, const char *profile);
bool rights_have_name(
    const struct rights *rights, const struct general_name *name);

struct token_change {
    const struct caller *caller;
    const char *name;
    enum enrolment_role role; /* operator, approver or auditor */
    const struct rights *rights;
    int64_t lifetime_s;
    const char *sha256;
    bool dry;
};
MUST_CHECK bool token_make(struct authority *authority,
    const struct token_change *change, int64_t *expires_at,
    struct failure *why);
MUST_CHECK bool token_end(struct authority *authority,
    const struct caller *caller, const char *name, bool dry,
    struct failure *why);

struct account_change {
    const struct caller *caller;
    const char *name;
    const struct rights *rights;
    const char *password; /* hashed: crypto/password.h; "" when dry */
    bool dry;
};
MUST_CHECK bool account_add(struct authority *authority,
    const struct account_change *change, struct failure *why);
MUST_CHECK bool account_end(struct authority *authority,
    const struct caller *caller, const char *name, bool dry,
    struct failure *why);

/* --- who enters (people_check.c) ------------------------------------------ */

/* Each door calls one of these, and sets caller.door itself.  Whoever is
 * unknown, ended, expired, or has the wrong secret gets one answer,
 * FAILURE_UNAUTHENTICATED, after the same work. */

/* *found is false where the user is no person's. */
MUST_CHECK bool people_by_user(struct store *store, int64_t local_user,
    bool *found, struct caller *caller, struct failure *why);
/* The exact certificate, DER, whose owner proved its key. */
MUST_CHECK bool people_by_certificate(struct store *store,
    struct bytes certificate, struct caller *caller, struct failure *why);

struct holder {
    struct caller caller; /* of an account: ROLE_NOBODY; it only asks */
    struct rights rights;
};
MUST_CHECK bool people_check_token(struct store *store, struct bytes token,
    struct holder *holder, struct failure *why);
MUST_CHECK bool people_check_password(struct store *store, const char *name,
    struct bytes password, struct holder *holder, struct failure *why);

/* Gives the person whose link it is this certificate, and ends the link; who
 * comes with it is not known otherwise.  A refusal is journalled. */
MUST_CHECK bool people_take_link(struct authority *authority,
    const struct caller *caller, struct bytes link, struct bytes certificate,
    int64_t *person, struct failure *why);

#endif
