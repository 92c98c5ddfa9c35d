#ifndef X509_CHAIN_SEARCH_H
#define X509_CHAIN_SEARCH_H

#include "x509/chain/judgement.h"

/* What chain.c, search.c and the rules of finding a path share. */

/* The answer to one signature, kept while a question lasts. */
struct chain_edge {
    const struct chain_certificate *child, *issuer;
    const uint8_t *inherited; /* DSA parameters from above, or NULL */
    enum signature_answer answer;
};

/* One that may have issued the certificate at the top. */
struct candidate {
    const struct chain_certificate *certificate;
    bool is_anchor;
    uint8_t key; /* 0: its key identifier is the wanted one, 1: nothing is
                    said, 2: it is another */
    bool is_current;
};

struct found_path {
    const struct chain_certificate *certificates[BUDGET_PATH_LENGTH];
    size_t length;
    bool has_anchor;
    enum chain_rule rule; /* that failed first; CHAIN_RULE_COUNT: none */
    enum verdict_code code;
    size_t place;
    char evidence[VERDICT_EVIDENCE];
};

struct chain_search {
    const struct chain_question *question;
    enum algorithm_policy algorithms;
    struct chain_budget *budget;
    bool is_of_signer; /* its leaf signs lists or answers (judge_signer) */
    /* RFC 5280, 6.3.3 (f): a signer's path ends where the one that it speaks
     * of does, by name and key; NULL: at any root. */
    const struct chain_certificate *only_anchor;

    struct chain_edge *edges;
    size_t edge_count, edge_room;

    struct candidate *candidates; /* a stack: each level its own part */
    size_t candidate_count, candidate_room;

    const struct chain_certificate *path[BUDGET_PATH_LENGTH];
    size_t length;
    bool explores; /* also edges that break a rule, to tell of them */

    struct found_path best;    /* the one that came furthest; length 0: none */
    struct found_path *others; /* VERDICT_OTHER_PATHS_MAX, where it is told */
    size_t other_count;
    bool others_cut;

    struct failure *failure; /* it could not be decided */
    bool has_failure;
};

/* Finds the best path from this leaf: best.rule says whether it keeps every
 * rule. */
void chain_search_run(
    struct chain_search *search, const struct chain_certificate *leaf);
void chain_search_free(struct chain_search *search);

/* --- edge.c --- */

/* Spends; false when the budget is at its end. */
bool budget_spend_edge(struct chain_budget *budget);
bool budget_spend_signature(struct chain_budget *budget);

/* Is child's signature by issuer's key?  False: the search ends. */
bool edge_answer(struct chain_search *search,
    const struct chain_certificate *child,
    const struct chain_certificate *issuer, struct bytes inherited,
    enum signature_answer *answer);

/* RFC 3279, 2.3.2: the parameters that the DSA key at this place has from
 * above it; length 0: it has its own, or is no such key. */
struct bytes inherited_parameters(
    const struct chain_certificate *const *path, size_t length, size_t place);
bool lacks_parameters(const struct chain_certificate *certificate);

/* --- candidates.c --- */

/* Is it a root that this search may end at? */
bool is_anchor_for(const struct chain_search *search,
    const struct chain_certificate *certificate);

/* Pushes all that are named as the issuer, the most likely first; *first is
 * where they begin.  False: no memory. */
bool candidates_push(struct chain_search *search,
    const struct chain_certificate *child, size_t *first);

/* 0, 1 or 2 as in struct candidate. */
uint8_t key_fits(const struct chain_certificate *child,
    const struct chain_certificate *issuer);

/* --- judge.c and beside --- */

/* All rules, in the order of rule.h. */
bool judge_path(struct judgement *judgement);

bool judge_signatures(struct judgement *judgement);
bool judge_issuer_purposes(struct judgement *judgement);
bool judge_leaf_purposes(struct judgement *judgement);

bool is_current(const struct chain_certificate *certificate, int64_t time);
bool may_be_issuer(const struct chain_certificate *certificate, bool is_anchor);
/* Does its extended key usage, if any, leave room for what is asked of the
 * leaf?  The one it lacks is in *lacking. */
bool leaves_purposes(const struct chain_question *question,
    const struct chain_certificate *certificate, struct bytes *lacking);

#endif
