#include "x509/chain/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "x509/chain/explain.h"
#include "x509/chain/search.h"

static bool no_memory(struct failure *why)
{
    return fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* --- a path of the verdict ----------------------------------------------- */

static bool put_certificates(struct verdict_path *path,
    const struct chain_certificate *const *certificates, size_t length,
    bool has_anchor, struct failure *why)
{
    path->certificates = calloc(length, sizeof(*path->certificates));
    if (path->certificates == NULL)
        return no_memory(why);
    path->length = length;
    for (size_t i = 0; i < length; i++) {
        struct verdict_certificate *put = &path->certificates[i];

        memcpy(put->sha256, certificates[i]->sha256, SHA256_BYTES);
        put->der = certificates[i]->certificate.whole;
        put->origin = certificates[i]->origin;
        put->is_anchor = has_anchor && i + 1 == length;
    }
    return true;
}

static void put_failure(
    struct verdict_path *path, const struct judgement *judgement)
{
    if (!judgement->has_failed)
        return;
    path->code = judgement->code;
    path->rule = judgement->rule;
    path->place = judgement->place;
    memcpy(path->evidence, judgement->evidence, sizeof(path->evidence));
}

/* Judged once more, with a record where it is wanted.  Its signatures are
 * known; what lists and answers cost is in a budget of its own. */
static bool put_path(struct chain_search *search,
    const struct found_path *found, struct chain_budget *budget,
    struct verdict_path *path, struct failure *why)
{
    const struct chain_question *question = search->question;
    bool is_good = found->rule == CHAIN_RULE_COUNT;
    struct judgement judgement = {.question = question,
        .path = found->certificates,
        .length = found->length,
        .has_anchor = found->has_anchor,
        .search = search,
        .budget = budget,
        .record = question->explains ? path : NULL};

    if (!put_certificates(
            path, found->certificates, found->length, found->has_anchor, why))
        return false;
    if (!question->explains) {
        path->code = found->code;
        path->rule = is_good ? RULE_READABLE : found->rule;
        path->place = found->place;
        memcpy(path->evidence, found->evidence, sizeof(path->evidence));
        return true;
    }
    search->budget = budget;
    (void)judge_path(&judgement);
    put_failure(path, &judgement);
    return !judgement.out_of_memory || no_memory(why);
}

static bool are_same(const struct found_path *a, const struct found_path *b)
{
    return a->length == b->length && a->has_anchor == b->has_anchor &&
           memcmp(a->certificates, b->certificates,
               a->length * sizeof(*a->certificates)) == 0;
}

static bool put_paths(
    struct chain_search *search, struct verdict *verdict, struct failure *why)
{
    struct chain_budget budget = {.cpu_started_ms = clock_thread_cpu_ms()};

    verdict->paths = calloc(1 + search->other_count, sizeof(*verdict->paths));
    if (verdict->paths == NULL)
        return no_memory(why);
    verdict->path_count = 1;
    if (!put_path(search, &search->best, &budget, verdict->paths, why))
        return false;
    for (size_t i = 0; i < search->other_count; i++) {
        if (are_same(&search->others[i], &search->best))
            continue;
        if (!put_path(search, &search->others[i], &budget,
                &verdict->paths[verdict->path_count++], why))
            return false;
    }
    verdict->paths_cut = search->others_cut;
    return true;
}

/* --- a verdict without a path -------------------------------------------- */

/* The leaf alone, with the one rule that ended it. */
static bool put_leaf(const struct chain_certificate *leaf, enum chain_rule rule,
    enum verdict_code code, const char *evidence, struct verdict *verdict,
    struct failure *why)
{
    struct verdict_path *path = calloc(1, sizeof(*path));
    struct judgement judgement = {.path = &leaf, .length = 1, .record = path};

    if (path == NULL)
        return no_memory(why);
    verdict->paths = path;
    verdict->path_count = 1;
    if (!put_certificates(path, &leaf, 1, false, why))
        return false;
    (void)judge_fail(&judgement, rule, code, 0, "%s", evidence);
    put_failure(path, &judgement);
    return !judgement.out_of_memory || no_memory(why);
}

static bool put_unreadable(const struct chain_question *question,
    bool at_extension, const char *reason, struct verdict *verdict,
    struct failure *why)
{
    struct chain_certificate leaf = {
        .certificate.whole = question->leaf, .origin = question->leaf_origin};

    return sha256(&question->leaf, 1, leaf.sha256, why) &&
           put_leaf(&leaf,
               at_extension ? RULE_EXTENSIONS_READABLE : RULE_READABLE,
               VERDICT_MALFORMED, reason, verdict, why);
}

static bool put_exceeded(const struct chain_search *search,
    const struct chain_certificate *leaf, struct verdict *verdict,
    struct failure *why)
{
    char evidence[VERDICT_EVIDENCE];

    (void)snprintf(evidence, sizeof(evidence),
        "the limit of %s is reached, and no good path was found before",
        search->budget->exceeded);
    return put_leaf(
        leaf, RULE_BUDGET, VERDICT_BUDGET_EXCEEDED, evidence, verdict, why);
}

/* --- the question -------------------------------------------------------- */

static bool put_found(struct chain_search *search,
    const struct chain_certificate *leaf, struct verdict *verdict,
    struct failure *why)
{
    if (search->has_failure) {
        *why = *search->failure;
        return false;
    }
    if (search->best.length > 0 && (search->budget->exceeded == NULL ||
                                       search->best.rule == CHAIN_RULE_COUNT))
        return put_paths(search, verdict, why);
    return put_exceeded(search, leaf, verdict, why);
}

static bool search_paths(const struct chain_question *question,
    const struct chain_certificate *leaf, struct verdict *verdict,
    struct failure *why)
{
    struct chain_budget budget = {.cpu_started_ms = clock_thread_cpu_ms()};
    struct failure failure = {0};
    struct chain_search search = {.question = question,
        .algorithms = question->profile == CHAIN_WEBPKI ? ALGORITHMS_WEBPKI
                                                        : ALGORITHMS_RFC5280,
        .budget = &budget,
        .failure = &failure};
    bool is_done = false;

    if (question->explains) {
        search.others =
            calloc(1 + VERDICT_OTHER_PATHS_MAX, sizeof(*search.others));
        if (search.others == NULL)
            return no_memory(why);
    }
    chain_search_run(&search, leaf);
    is_done = put_found(&search, leaf, verdict, why);
    chain_search_free(&search);
    return is_done;
}

static bool find(const struct chain_question *question, struct verdict *verdict,
    struct failure *why)
{
    struct chain_certificate leaf = {0};
    bool at_extension = false;
    struct failure unread = {0};

    if (chain_certificate_read(question->leaf, question->leaf_origin, &leaf,
            &at_extension, &unread))
        return search_paths(question, &leaf, verdict, why);
    if (unread.kind == FAILURE_INTERNAL) {
        *why = unread;
        return false;
    }
    return put_unreadable(question, at_extension, unread.reason, verdict, why);
}

bool chain_verify(const struct chain_question *question,
    struct verdict *verdict, struct failure *why)
{
    RELEASED(verdict) found = {0};
    const struct verdict_path *best = NULL;

    if (!find(question, &found, why))
        return false;
    best = found.paths;
    found.code = best->code;
    found.rule = best->rule;
    found.place = best->place;
    found.valid = best->code == VERDICT_OK;
    explain_verdict(question, &found);
    *verdict = found;
    found = (struct verdict){0};
    return true;
}
