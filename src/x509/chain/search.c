#include "x509/chain/search.h"

#include <stdlib.h>
#include <string.h>

static const struct chain_certificate *top_of(const struct chain_search *search)
{
    return search->path[search->length - 1];
}

static bool is_over(const struct chain_search *search)
{
    return search->has_failure || search->budget->exceeded != NULL ||
           (search->best.length > 0 && search->best.rule == CHAIN_RULE_COUNT);
}

/* --- paths that were found ----------------------------------------------- */

static void copy_path(const struct chain_search *search,
    const struct judgement *judgement, struct found_path *path)
{
    memcpy(path->certificates, search->path,
        search->length * sizeof(*search->path));
    path->length = search->length;
    path->has_anchor = judgement->has_anchor;
    path->rule = judgement->has_failed ? judgement->rule : CHAIN_RULE_COUNT;
    path->code = judgement->code;
    path->place = judgement->place;
    memcpy(path->evidence, judgement->evidence, sizeof(path->evidence));
}

/* Among paths that fail the one that came furthest is told of; of two that
 * came as far the first, and the order of the search is always the same. */
static bool came_further(
    const struct judgement *judgement, const struct found_path *best)
{
    if (best->length == 0 || !judgement->has_failed)
        return true;
    if (judgement->has_anchor != best->has_anchor)
        return judgement->has_anchor;
    return judgement->rule > best->rule;
}

static void keep_other(
    struct chain_search *search, const struct judgement *judgement)
{
    if (search->others == NULL || !search->explores)
        return;
    if (search->other_count > VERDICT_OTHER_PATHS_MAX)
        search->others_cut = true;
    else
        copy_path(search, judgement, &search->others[search->other_count++]);
}

static void consider(struct chain_search *search, bool has_anchor)
{
    struct judgement judgement = {.question = search->question,
        .path = search->path,
        .length = search->length,
        .has_anchor = has_anchor,
        .search = search,
        .budget = search->budget};

    (void)judge_path(&judgement);
    /* What a limit or the end of memory cut short is no judgement: the rule
     * that could not be asked might have said no. */
    if (judgement.out_of_memory && !search->has_failure) {
        (void)fail_because(search->failure, FAILURE_INTERNAL, "out of memory");
        search->has_failure = true;
    }
    if (search->has_failure ||
        (search->budget->exceeded != NULL && judgement.rule != RULE_BUDGET))
        return;
    keep_other(search, &judgement);
    if (came_further(&judgement, &search->best))
        copy_path(search, &judgement, &search->best);
}

/* --- the walk ------------------------------------------------------------ */

static bool are_same_entity(
    const struct chain_certificate *a, const struct chain_certificate *b)
{
    const struct tbs_certificate *left = &a->certificate.tbs;
    const struct tbs_certificate *right = &b->certificate.tbs;

    return bytes_equal(left->subject, right->subject) &&
           bytes_equal(left->key.whole, right->key.whole) &&
           bytes_equal(a->values[CHAIN_SUBJECT_ALT_NAME],
               b->values[CHAIN_SUBJECT_ALT_NAME]);
}

/* RFC 4158, 2.4.2: the same certificate, or another of the same subject with
 * the same key and alternative names, leads round in a circle. */
static bool would_loop(const struct chain_search *search,
    const struct chain_certificate *certificate)
{
    for (size_t i = 0; i < search->length; i++) {
        const struct chain_certificate *there = search->path[i];

        if (memcmp(there->sha256, certificate->sha256, SHA256_BYTES) == 0 ||
            (i > 0 && are_same_entity(there, certificate)))
            return true;
    }
    return false;
}

/* What costs nothing to see: dates, authority, purposes. */
static bool looks_good(
    const struct chain_search *search, const struct candidate *candidate)
{
    const struct chain_certificate *issuer = candidate->certificate;
    struct bytes lacking = {0};

    return candidate->is_current &&
           may_be_issuer(issuer, candidate->is_anchor) &&
           issuer->unknown_critical.length == 0 &&
           leaves_purposes(search->question, issuer, &lacking);
}

/* The answer of an edge of the walk.  Parameters that are further up are not
 * known yet: such a path is followed, and its signatures are judged as a whole.
 */
static bool walk_answer(struct chain_search *search,
    const struct chain_certificate *issuer, enum signature_answer *answer)
{
    if (lacks_parameters(issuer)) {
        *answer = SIGNATURE_MATCHES;
        return true;
    }
    return edge_answer(
        search, top_of(search), issuer, (struct bytes){0}, answer);
}

static void visit(struct chain_search *search);

static void visit_with(
    struct chain_search *search, const struct chain_certificate *issuer)
{
    if (search->length == BUDGET_PATH_LENGTH) {
        search->budget->exceeded = "a path of 100 certificates";
        return;
    }
    search->path[search->length++] = issuer;
    visit(search);
    search->length--;
}

static void walk_good(struct chain_search *search, size_t first, size_t end)
{
    enum signature_answer answer = SIGNATURE_DIFFERS;

    for (size_t i = first; i < end && !is_over(search); i++) {
        const struct candidate candidate = search->candidates[i];

        if (!budget_spend_edge(search->budget))
            return;
        if (would_loop(search, candidate.certificate) ||
            !looks_good(search, &candidate) ||
            !walk_answer(search, candidate.certificate, &answer))
            continue;
        if (answer == SIGNATURE_MATCHES)
            visit_with(search, candidate.certificate);
    }
}

/* What an edge is worth to whoever wants to know why. */
static bool is_followed(struct chain_search *search,
    const struct candidate *candidate, bool some_match)
{
    enum signature_answer answer = SIGNATURE_DIFFERS;

    if (would_loop(search, candidate->certificate) ||
        !walk_answer(search, candidate->certificate, &answer))
        return false;
    if (some_match)
        return answer == SIGNATURE_MATCHES;
    /* Another key than the wanted one: the issuer is missing, the signature is
     * none of its (rule issuer-found). */
    return answer != SIGNATURE_DIFFERS || candidate->key != 2;
}

static bool some_match(struct chain_search *search, size_t first, size_t end)
{
    enum signature_answer answer = SIGNATURE_DIFFERS;

    for (size_t i = first; i < end; i++) {
        if (!budget_spend_edge(search->budget))
            return false;
        if (walk_answer(search, search->candidates[i].certificate, &answer) &&
            answer == SIGNATURE_MATCHES)
            return true;
    }
    return false;
}

/* True when something was above. */
static bool walk_any(struct chain_search *search, size_t first, size_t end)
{
    bool matches = some_match(search, first, end);
    bool followed = false;

    for (size_t i = first; i < end && !is_over(search); i++) {
        const struct candidate candidate = search->candidates[i];

        if (!budget_spend_edge(search->budget))
            break;
        if (!is_followed(search, &candidate, matches))
            continue;
        followed = true;
        visit_with(search, candidate.certificate);
    }
    return followed;
}

/* What is above the top of the path. */
static void visit(struct chain_search *search)
{
    const struct chain_certificate *top = top_of(search);
    bool is_anchor = is_anchor_for(search, top);
    bool goes_on = false;
    size_t first = 0;

    if (is_anchor)
        consider(search, true);
    if (is_over(search) || (is_anchor && top->is_self_issued))
        return;
    if (!candidates_push(search, top, &first))
        return;
    if (search->explores)
        goes_on = walk_any(search, first, search->candidate_count);
    else
        walk_good(search, first, search->candidate_count);
    search->candidate_count = first;
    if (search->explores && !goes_on && !is_anchor && !is_over(search))
        consider(search, false);
}

static void start(
    struct chain_search *search, const struct chain_certificate *leaf)
{
    search->path[0] = leaf;
    search->length = 1;
    search->candidate_count = 0;
    visit(search);
}

void chain_search_run(
    struct chain_search *search, const struct chain_certificate *leaf)
{
    start(search, leaf);
    /* What was too much once is not tried again. */
    if (is_over(search) ||
        (search->best.length > 0 && search->best.rule == RULE_BUDGET))
        return;
    search->explores = true;
    start(search, leaf);
    /* Without a limit reached there is no good path; a limit that is reached
     * while reasons are looked for changes nothing of that. */
    if (search->best.length > 0 && !search->has_failure)
        search->budget->exceeded = NULL;
}

void chain_search_free(struct chain_search *search)
{
    free(search->edges);
    free(search->candidates);
    free(search->others);
}
