#ifndef AUTHORITY_PEOPLE_H
#define AUTHORITY_PEOPLE_H

#include "authority/authority.h"
#include "authority/caller.h"
#include "crypto/password.h"
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
#define RIGHTS_ROOM CALLER_LIMITS_ROOM

struct rights {
    char profiles[RIGHTS_ROOM]; /* names with spaces between */
    char names[RIGHTS_ROOM];    /* patterns with spaces between */
};
MUST_CHECK bool rights_add_profile(struct rights *rights,
    const struct configuration *configuration, const char *profile,
    struct failure *why);
MUST_CHECK bool rights_add_name(
    struct rights *rights, const char *pattern, struct failure *why);
/* Of its profiles those that don't take such askers yet (who), with spaces
 * between. */
void rights_not_open(const struct rights *rights,
    const struct configuration *configuration, enum profile_asker asker,
    char closed[static RIGHTS_ROOM]);
/* Of such a list, as a caller has it too. */
bool rights_have_profile(const char *profiles, const char *profile);
bool rights_have_name(const char *names, const struct general_name *name);

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

/* What the doors (authority/doors.h) find out with.  caller->door is the
 * caller's own to set, and stays.  Whoever is unknown, ended, or has the wrong
 * secret gets one answer, FAILURE_UNAUTHENTICATED, after the same work. */

/* *found is false where the user is no person's. */
MUST_CHECK bool people_by_user(struct store *store, int64_t local_user,
    bool *found, struct caller *caller, struct failure *why);
/* The exact certificate, DER, whose owner proved its key.  One that was issued
 * here must not be revoked or on hold (incidents 13, 17). */
MUST_CHECK bool people_by_certificate(struct store *store,
    struct bytes certificate, struct caller *caller, struct failure *why);

/* One that is too old is told so: who knows the whole token may know that. */
MUST_CHECK bool people_check_token(struct store *store, struct bytes token,
    struct caller *caller, struct failure *why);

struct account_seen {
    bool is_known;
    struct caller caller;                 /* ROLE_NOBODY: it only asks */
    char password[PASSWORD_ENCODED_ROOM]; /* hashed; "" of nobody */
};
/* Of this name, or of nobody: no refusal, since nothing is proven yet. */
MUST_CHECK bool people_find_account(struct store *store, const char *name,
    struct account_seen *seen, struct failure *why);
/* Takes 64 MiB and a tenth of a second, also for nobody. */
MUST_CHECK bool people_check_password(const struct account_seen *seen,
    struct bytes password, struct failure *why);

/* Gives the person whose link it is this certificate, and ends the link; who
 * comes with it is not known otherwise.  A refusal is journalled. */
MUST_CHECK bool people_take_link(struct authority *authority,
    const struct caller *caller, struct bytes link, struct bytes certificate,
    int64_t *person, struct failure *why);

#endif
