#ifndef X509_CHAIN_REVOCATION_PARTS_H
#define X509_CHAIN_REVOCATION_PARTS_H

#include "x509/chain/judgement.h"
#include "x509/chain/revocation.h"

/* What the parts of chain/revocation.h share: a desk with the lists and
 * answers at hand on one side and the path's certificates on the other. */

/* ReasonFlags (4.2.1.13): bits 1 to 8; bit 0 is not used. */
#define ALL_REASONS 0x1feu

/*
 * Why nothing is known of a certificate: of several causes the one is told
 * that came nearest to an answer.
 */
enum gap_rank {
    GAP_NOTED_NOTHING,
    GAP_ABSENT, /* nothing at hand is about it */
    GAP_OTHER,  /* of its issuer, and of another scope */
    GAP_SOME_REASONS,
    GAP_UNREADABLE, /* it may have been about it */
    GAP_USELESS,    /* critical and unknown, contradictory, no number */
    GAP_SIGNER,
    GAP_NOT_CURRENT,
    GAP_ALGORITHM,
    GAP_SIGNATURE,
    GAP_ANSWERED_UNKNOWN
};

/* One certificate of the path, and what is known of it so far. */
struct standing {
    const struct chain_certificate *certificate, *issuer;
    uint32_t reasons; /* that lists have covered */
    bool is_answered; /* an OCSP answer says good */
    bool is_revoked;
    int64_t revoked_at, invalid_since; /* invalid_since 0: not said */
    char evidence[VERDICT_EVIDENCE];   /* of revoked, or of the last good */

    enum gap_rank rank;
    enum chain_rule rule;
    enum verdict_code code;
    char gap[VERDICT_EVIDENCE];

    /* While the entries of one list are walked. */
    bool is_sought;    /* the list is about it */
    bool is_entrys;    /* the entry at hand is of its issuer */
    bool is_withdrawn; /* the delta list says removeFromCRL */
};

struct status_list {
    const struct status_source *source;
    const struct crl *crl;
    bool has_number, number_is_critical;
    struct bytes number;
    bool is_delta;
    struct bytes base;
    bool has_point;
    struct bytes point_value; /* the whole issuingDistributionPoint */
    struct issuing_distribution_point point;
    struct authority_key_identifier authority_key;
    bool is_judged;                         /* its signer has been looked for */
    const struct chain_certificate *signer; /* NULL: the list is not used */
};

/* Comparisons of general names for one path: distribution points may have
 * thousands on either side. */
#define REVOCATION_COMPARISONS_MAX 100000

struct revocation_desk {
    struct judgement *judgement;
    int64_t time;
    struct standing *standings;
    size_t standing_count;
    struct status_list *lists;
    size_t list_count;
    size_t comparisons;
};

/* Keeps the cause when none before it came nearer. */
void standing_note(struct standing *standing, enum gap_rank rank,
    enum chain_rule rule, enum verdict_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Revoked is never taken back; the earliest time counts. */
void standing_revoke(struct standing *standing, int64_t revoked_at,
    int64_t invalid_since, int reason, const char *source);

/* chain/revocation_scope.c: 6.3.3 (b), (d).  The reasons for which the list
 * tells of this certificate, 0: it does not; *why_not then says why, or is NULL
 * for a list of another issuer. */
uint32_t list_covers(struct revocation_desk *desk,
    const struct status_list *list, const struct standing *standing,
    const char **why_not);

/* chain/revocation_list.c.  Reads the list's extensions.  FAILURE_MALFORMED
 * names what can't be, 5.1 and 5.2. */
MUST_CHECK bool status_list_read(const struct status_source *source,
    struct status_list *list, struct failure *why);
/* Finds the signer of a list that is about a certificate here, or notes why it
 * is not used. */
void status_list_admit(struct revocation_desk *desk, struct status_list *list);

/* Drops one whose signer is off the path and revoked by a list at hand: the
 * signer's path is valid or not like any other (6.3.3 (f)). */
void status_list_audit(struct revocation_desk *desk, struct status_list *list);

/* chain/revocation_signer.c: 6.3.3 (f), (g).  NULL: the cause is in gap. */
struct signer_gap {
    enum gap_rank rank;
    enum chain_rule rule;
    enum verdict_code code;
    char evidence[VERDICT_EVIDENCE];
};
const struct chain_certificate *status_list_signer(struct revocation_desk *desk,
    const struct status_list *list, struct signer_gap *gap);

bool desk_has_on_path(const struct revocation_desk *desk,
    const struct chain_certificate *certificate);

/* One signature by the key of this certificate, paid from the budget.  False
 * when it could not be decided: the judgement says why. */
struct signed_bytes {
    struct bytes algorithm, message, signature;
};
MUST_CHECK bool desk_check_signature(struct revocation_desk *desk,
    const struct chain_certificate *signer, const struct signed_bytes *bytes,
    enum algorithm_policy policy, enum signature_answer *answer,
    char evidence[static SIGNATURE_EVIDENCE]);
/* The question's. */
enum algorithm_policy desk_policy(const struct revocation_desk *desk);
/* Nothing more is looked at: the budget or the memory is used up. */
bool desk_is_spent(const struct revocation_desk *desk);

/* chain/revocation_entries.c: 6.3.3 (i) to (l), for every certificate that the
 * complete list is about, in one pass over it and one over its delta list. */
void status_list_apply(
    struct revocation_desk *desk, const struct status_list *complete);

/* Does a list at hand revoke this one, which is not on the path?  What is not
 * known of it forbids nothing. */
bool status_lists_revoke(
    struct revocation_desk *desk, const struct chain_certificate *certificate);

/* chain/revocation_answer.c: RFC 6960, 3.2. */
void status_answer_apply(
    struct revocation_desk *desk, const struct status_source *source);

/* "the list of CN=Acme (acme.crl, 2026-01-01T00:00:00Z)" */
#define STATUS_SOURCE_TEXT (CHAIN_NAME_TEXT + 128)
void status_list_print(
    const struct status_list *list, char text[static STATUS_SOURCE_TEXT]);

/* "CN=Acme", visible and cut. */
void issuer_name_print(struct bytes name, char text[static CHAIN_NAME_TEXT]);

#endif
