#include <stdio.h>

#include "x509/chain/search.h"

static bool may_sign(const struct chain_certificate *signer, uint32_t key_usage,
    char evidence[static VERDICT_EVIDENCE])
{
    if (chain_has(signer, CHAIN_KEY_USAGE) &&
        (signer->key_usage & key_usage) != key_usage) {
        (void)snprintf(evidence, VERDICT_EVIDENCE,
            "the signer's key usage is 0x%03x; 0x%03x are needed",
            signer->key_usage, key_usage);
        return false;
    }
    return true;
}

/* The best path is judged once more for its words. */
static void tell(
    struct chain_search *search, char evidence[static VERDICT_EVIDENCE])
{
    struct judgement judgement = {.question = search->question,
        .path = search->best.certificates,
        .length = search->best.length,
        .has_anchor = search->best.has_anchor,
        .search = search,
        .budget = search->budget};

    if (search->best.length == 0) {
        (void)snprintf(evidence, VERDICT_EVIDENCE, "the limit of %s is reached",
            search->budget->exceeded == NULL ? "memory"
                                             : search->budget->exceeded);
        return;
    }
    (void)judge_path(&judgement);
    if (!search->best.has_anchor && search->only_anchor != NULL)
        (void)snprintf(evidence, VERDICT_EVIDENCE,
            "no path leads from the signer to the root of this path: %.280s",
            judgement.evidence);
    else
        (void)snprintf(evidence, VERDICT_EVIDENCE, "%.*s", VERDICT_EVIDENCE - 1,
            judgement.evidence);
}

bool judge_signer(struct judgement *judgement,
    const struct chain_certificate *signer, uint32_t key_usage,
    char evidence[static VERDICT_EVIDENCE])
{
    const struct chain_question *asked = judgement->question;
    const struct chain_question question = {.roots = asked->roots,
        .untrusted = asked->untrusted,
        .distrusted = asked->distrusted,
        .time = chain_status_time(asked),
        /* A signer that was revoked says nothing (PKITS 4.4.21); one whose
         * status can't be learnt may: its own list may be signed by it.  Who
         * signs its list is not asked again, or two could ask for ever. */
        .revocation = asked->revocation == CHAIN_REVOCATION_OFF ||
                              judgement->search->is_of_signer
                          ? CHAIN_REVOCATION_OFF
                          : CHAIN_REVOCATION_SOFT,
        .sources = asked->sources,
        .source_count = asked->source_count,
        .cache = asked->cache};
    struct failure failure = {0};
    struct chain_search search = {.question = &question,
        .algorithms = asked->profile == CHAIN_WEBPKI ? ALGORITHMS_WEBPKI
                                                     : ALGORITHMS_RFC5280,
        .budget = judgement->budget,
        .is_of_signer = true,
        .only_anchor = judgement->has_anchor
                           ? judgement->path[judgement->length - 1]
                           : NULL,
        .failure = &failure};
    bool is_good = false;

    if (!may_sign(signer, key_usage, evidence))
        return false;
    chain_search_run(&search, signer);
    is_good = search.best.length > 0 && search.best.rule == CHAIN_RULE_COUNT;
    if (search.has_failure)
        judgement->out_of_memory = true;
    if (!is_good)
        tell(&search, evidence);
    chain_search_free(&search);
    return is_good;
}
