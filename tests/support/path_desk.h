#ifndef TESTS_SUPPORT_PATH_DESK_H
#define TESTS_SUPPORT_PATH_DESK_H

#include "support/lint_draft.h"
#include "x509/chain/judgement.h"

/* A path of certificates that nobody signed, before one rule: rules do no
 * arithmetic. */
#define PATH_DESK_MAX 6

struct path_desk {
    struct chain_certificate certificates[PATH_DESK_MAX];
    const struct chain_certificate *path[PATH_DESK_MAX];
    struct chain_question question;
    struct chain_budget budget;
    struct verdict_path record;
    struct judgement judgement;
};

/* Leaf first; the last is the anchor. */
void path_desk_put(
    struct path_desk *desk, const struct draft *drafts, size_t count);

/* The drafts, the uppermost a root: good_leaf, under as many authorities. */
void path_desk_good(struct draft *drafts, size_t count);

typedef bool judge(struct judgement *judgement);

/* Both ways of asking, with a record and without, say the same. */
void assert_keeps(struct path_desk *desk, judge *rule);
/* ... and fail first by this rule, code and place, with these words somewhere
 * in the evidence. */
void assert_fails(struct path_desk *desk, judge *rule, enum chain_rule failed,
    enum verdict_code code, size_t place, const char *words);
/* What was recorded of a pass ends with these words. */
void assert_tells(struct path_desk *desk, judge *rule, enum chain_rule kept,
    const char *words);

#endif
