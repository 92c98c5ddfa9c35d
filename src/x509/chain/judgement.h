#ifndef X509_CHAIN_JUDGEMENT_H
#define X509_CHAIN_JUDGEMENT_H

#include "x509/chain/budget.h"
#include "x509/chain/question.h"
#include "x509/chain/verdict.h"

/*
 * One path before its judge.  A rule is a function that looks at it and says
 * pass, fail or skip; it knows nothing of who asked, nor of other rules.
 *
 *     static bool judge_path_length(struct judgement *judgement, size_t place)
 *     {
 *         ...
 *         if (below > basic->path_length)
 *             return judge_fail(judgement, RULE_PATH_LENGTH,
 *                 VERDICT_PATH_TOO_LONG, place, "%s allows %u below ...", ...);
 *         judge_pass(judgement, RULE_PATH_LENGTH, place, "%zu of %u", ...);
 *         return true;
 *     }
 *
 * While paths are searched only the first failure matters and nothing is
 * recorded; a path that is to be explained is judged again with a record.
 * Judging twice gives the same: a rule has no state.
 */
struct judgement {
    const struct chain_question *question;
    /* Leaf first; the last is the anchor when has_anchor, else nothing was
     * found above it. */
    const struct chain_certificate *const *path;
    size_t length;
    bool has_anchor;

    struct chain_search *search; /* whose path it is; chain/search.h */
    struct chain_budget *budget;
    struct verdict_path *record; /* NULL: only the first failure is kept */
    bool out_of_memory;

    /* The first failure. */
    bool has_failed;
    enum chain_rule rule;
    enum verdict_code code;
    size_t place;
    char evidence[VERDICT_EVIDENCE];
};

/* Is evidence wanted?  For what costs something to word. */
static inline bool judge_tells(const struct judgement *judgement)
{
    return judgement->record != NULL;
}

/* After a failure rules go on only where everything is recorded. */
static inline bool judge_goes_on(const struct judgement *judgement)
{
    return !judgement->has_failed || judgement->record != NULL;
}

void judge_pass(struct judgement *judgement, enum chain_rule rule, size_t place,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
void judge_skip(struct judgement *judgement, enum chain_rule rule, size_t place,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Always false. */
bool judge_fail(struct judgement *judgement, enum chain_rule rule,
    enum verdict_code code, size_t place, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Of the certificate at this place: its name for evidence. */
const char *judge_name(const struct judgement *judgement, size_t place,
    char text[static CHAIN_NAME_TEXT]);

/*
 * For signers of lists and OCSP answers that are not on the path: does a path
 * lead from this certificate to an anchor of the question, under its time and
 * profile, without its names and purposes, and is none of it revoked?
 * key_usage: bits it must have where it has the extension.  Costs the same
 * budget.
 */
bool judge_signer(struct judgement *judgement,
    const struct chain_certificate *signer, uint32_t key_usage,
    char evidence[static VERDICT_EVIDENCE]);

#endif
