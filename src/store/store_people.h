#ifndef STORE_STORE_PEOPLE_H
#define STORE_STORE_PEOPLE_H

#include "store/store.h"

/*
 * People who administer, tokens for programs, accounts for /certsrv and EST.
 * Secrets are never here: a token and a link as SHA-256, a password as an
 * encoded argon2id hash.  Ended rows stay, so that a name in the journal keeps
 * its meaning; their names are not given again.
 */
enum person_role { /* the numbers are kept in the store */
    PERSON_ADMINISTRATOR = 1,
    PERSON_OPERATOR = 2, /* CA operations */
    PERSON_APPROVER = 3, /* RA */
    PERSON_AUDITOR = 4   /* never combined */
};

struct person_row {
    int64_t id; /* set by the store */
    const char *name;
    enum person_role role;
    /* How they are known; "" or -1 where not.  No certificate, local user or
     * link is two people's: an ended one's is free again. */
    const char *certificate_sha256; /* of the whole certificate */
    int64_t certificate_not_after;
    int64_t local_user;      /* uid on this machine, for control.sock; -1 */
    const char *link_sha256; /* single use */
    int64_t link_until;
    int64_t added_at;
    const char *added_by;
    int64_t ended_at; /* 0: not ended */
};
/* FAILURE_CONFLICT: name, certificate or local user is another's. */
MUST_CHECK bool store_add_person(struct store *store,
    const struct person_row *row, int64_t *id, struct failure *why);
typedef bool person_visitor(
    void *context, const struct person_row *row, struct failure *why);
MUST_CHECK bool store_list_people(struct store *store, person_visitor *visit,
    void *context, struct failure *why);
/* *found is false when nobody has it.  Ended people are not found. */
MUST_CHECK bool store_person_by_certificate(struct store *store,
    const char *sha256, bool *found, person_visitor *visit, void *context,
    struct failure *why);
MUST_CHECK bool store_person_by_user(struct store *store, int64_t local_user,
    bool *found, person_visitor *visit, void *context, struct failure *why);
/* Takes a link: gives the person this certificate and ends the link.
 * FAILURE_UNAUTHENTICATED: no such link, used or too old. */
MUST_CHECK bool store_take_link(struct store *store, const char *link_sha256,
    int64_t now, const char *certificate_sha256, int64_t certificate_not_after,
    int64_t *person, struct failure *why);
/* Gives the person of this name, who is there, another certificate, link or
 * local user: what is "" or -1 in the row stays as it is, and so do role and
 * the rest.  FAILURE_NOT_FOUND; FAILURE_CONFLICT as above. */
MUST_CHECK bool store_renew_person(
    struct store *store, const struct person_row *row, struct failure *why);
/* FAILURE_NOT_FOUND; FAILURE_CONFLICT: the last administrator. */
MUST_CHECK bool store_end_person(
    struct store *store, const char *name, int64_t at, struct failure *why);

struct token_row {
    int64_t id;
    const char *name;
    const char *sha256; /* of the token */
    enum person_role role;
    const char *profiles; /* names with spaces between; "" none (incident 18) */
    const char *names;    /* patterns with spaces between; "" none */
    int64_t made_at, expires_at, ended_at;
    const char *made_by;
};
MUST_CHECK bool store_add_token(
    struct store *store, const struct token_row *row, struct failure *why);
typedef bool token_visitor(
    void *context, const struct token_row *row, struct failure *why);
MUST_CHECK bool store_list_tokens(struct store *store, token_visitor *visit,
    void *context, struct failure *why);
/* Ended ones are not found; whether one is too old is for the caller to say. */
MUST_CHECK bool store_token_by_hash(struct store *store, const char *sha256,
    bool *found, token_visitor *visit, void *context, struct failure *why);
MUST_CHECK bool store_end_token(
    struct store *store, const char *name, int64_t at, struct failure *why);

struct account_row {
    int64_t id;
    const char *name;
    const char *password; /* encoded argon2id hash */
    const char *profiles, *names;
    int64_t made_at, ended_at;
    const char *made_by;
};
MUST_CHECK bool store_add_account(
    struct store *store, const struct account_row *row, struct failure *why);
typedef bool account_visitor(
    void *context, const struct account_row *row, struct failure *why);
MUST_CHECK bool store_list_accounts(struct store *store, account_visitor *visit,
    void *context, struct failure *why);
/* Ended ones are not found. */
MUST_CHECK bool store_account_by_name(struct store *store, const char *name,
    bool *found, account_visitor *visit, void *context, struct failure *why);
MUST_CHECK bool store_end_account(
    struct store *store, const char *name, int64_t at, struct failure *why);

#endif
