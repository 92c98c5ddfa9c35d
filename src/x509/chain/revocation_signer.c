#include <stdio.h>
#include <string.h>

#include "x509/chain/revocation_parts.h"
#include "x509/chain/search.h"
#include "x509/name_match.h"

/* --- the arithmetic, paid for --------------------------------------------- */

bool desk_is_spent(const struct revocation_desk *desk)
{
    return desk->judgement->out_of_memory ||
           desk->judgement->budget->exceeded != NULL;
}

enum algorithm_policy desk_policy(const struct revocation_desk *desk)
{
    return desk->judgement->question->profile == CHAIN_WEBPKI
               ? ALGORITHMS_WEBPKI
               : ALGORITHMS_RFC5280;
}

/* RFC 3279, 2.3.2: of a signer on the path; another has its own. */
static struct bytes parameters_of(
    const struct judgement *judgement, const struct chain_certificate *signer)
{
    for (size_t place = 0; place < judgement->length; place++) {
        if (judgement->path[place] == signer)
            return inherited_parameters(
                judgement->path, judgement->length, place);
    }
    return (struct bytes){0};
}

bool desk_check_signature(struct revocation_desk *desk,
    const struct chain_certificate *signer, const struct signed_bytes *bytes,
    enum algorithm_policy policy, enum signature_answer *answer,
    char evidence[static SIGNATURE_EVIDENCE])
{
    struct judgement *judgement = desk->judgement;
    struct signature_key key = {.spki = signer->certificate.tbs.key,
        .inherited = parameters_of(judgement, signer),
        .identifier = signer->key_identifier};
    struct failure why = {0};

    if (!budget_spend_signature(judgement->budget))
        return false;
    if (signature_check(&key, bytes->algorithm, bytes->message,
            bytes->signature, policy, judgement->question->cache, answer,
            evidence, &why))
        return true;
    judgement->out_of_memory = true;
    return false;
}

bool desk_has_on_path(const struct revocation_desk *desk,
    const struct chain_certificate *certificate)
{
    const struct judgement *judgement = desk->judgement;

    for (size_t place = 0; place < judgement->length; place++) {
        if (judgement->path[place] == certificate ||
            bytes_equal(judgement->path[place]->certificate.whole,
                certificate->certificate.whole))
            return true;
    }
    return false;
}

/* --- who signed the list? ------------------------------------------------- */

struct search {
    struct revocation_desk *desk;
    const struct status_list *list;
    struct signer_gap *gap;
    /* First those whose key identifier is the list's, then the others: an
     * identifier that differs forbids nothing (4.2.1.1), but where it does the
     * arithmetic's no is no news. */
    bool takes_contradicting;
};

static void note(struct search *search, enum gap_rank rank,
    enum chain_rule rule, enum verdict_code code, const char *evidence)
{
    struct signer_gap *gap = search->gap;

    if (rank <= gap->rank)
        return;
    gap->rank = rank;
    gap->rule = rule;
    gap->code = code;
    (void)snprintf(gap->evidence, sizeof(gap->evidence), "%.*s",
        (int)sizeof(gap->evidence) - 1, evidence);
}

static bool contradicts(const struct authority_key_identifier *wanted,
    const struct chain_certificate *signer)
{
    return wanted->identifier.length > 0 && signer->key_identifier.length > 0 &&
           !bytes_equal(wanted->identifier, signer->key_identifier);
}

static bool has_signed(
    struct search *search, const struct chain_certificate *signer)
{
    const struct crl *crl = search->list->crl;
    const struct signed_bytes bytes = {
        crl->signature_algorithm, crl->body, crl->signature};
    enum signature_answer answer = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE];

    if (!desk_check_signature(search->desk, signer, &bytes,
            desk_policy(search->desk), &answer, evidence))
        return false;
    if (answer == SIGNATURE_MATCHES)
        return true;
    if (answer != SIGNATURE_DIFFERS)
        note(search, GAP_ALGORITHM, RULE_CRL_SIGNATURE,
            VERDICT_REVOCATION_UNKNOWN, evidence);
    else if (search->takes_contradicting)
        note(search, GAP_SIGNER, RULE_CRL_ISSUER, VERDICT_REVOCATION_UNKNOWN,
            "is signed by a key that is not at hand");
    else
        note(search, GAP_SIGNATURE, RULE_CRL_SIGNATURE,
            VERDICT_CRL_SIGNATURE_INVALID, evidence);
    return false;
}

/* 6.3.3 (f): keyUsage, where it is there, has cRLSign. */
static bool may_sign_lists(
    struct search *search, const struct chain_certificate *signer)
{
    if (!chain_has(signer, CHAIN_KEY_USAGE) ||
        (signer->key_usage & KEY_USAGE_CRL_SIGN) != 0)
        return true;
    if (!search->takes_contradicting)
        note(search, GAP_SIGNER, RULE_CRL_ISSUER, VERDICT_REVOCATION_UNKNOWN,
            "is of an issuer whose key usage lacks cRLSign");
    return false;
}

/* The names match. */
static bool is_candidate(
    struct search *search, const struct chain_certificate *signer)
{
    return !desk_is_spent(search->desk) &&
           contradicts(&search->list->authority_key, signer) ==
               search->takes_contradicting &&
           may_sign_lists(search, signer) && has_signed(search, signer);
}

/* The authorities of the path are judged with it. */
static const struct chain_certificate *signer_on_path(struct search *search)
{
    const struct judgement *judgement = search->desk->judgement;

    for (size_t place = 1; place < judgement->length; place++) {
        const struct chain_certificate *signer = judgement->path[place];

        if (name_matches(
                signer->certificate.tbs.subject, search->list->crl->issuer) &&
            is_candidate(search, signer))
            return signer;
    }
    return NULL;
}

/* One off the path needs a path of its own. */
static bool is_vouched_for(
    struct search *search, const struct chain_certificate *signer)
{
    char evidence[VERDICT_EVIDENCE];
    char sentence[VERDICT_EVIDENCE + 64];

    if (judge_signer(
            search->desk->judgement, signer, KEY_USAGE_CRL_SIGN, evidence))
        return true;
    (void)snprintf(sentence, sizeof(sentence),
        "is signed by one who can't be trusted: %s", evidence);
    note(search, GAP_SIGNER, RULE_CRL_ISSUER, VERDICT_REVOCATION_UNKNOWN,
        sentence);
    return false;
}

static const struct chain_certificate *signer_in(
    struct search *search, const struct chain_pool *pool)
{
    const struct chain_certificate *signer = NULL;
    size_t place = 0;

    if (pool == NULL)
        return NULL;
    while ((signer = chain_pool_next_named(
                pool, search->list->crl->issuer, &place)) != NULL) {
        if (!desk_has_on_path(search->desk, signer) &&
            is_candidate(search, signer) && is_vouched_for(search, signer))
            return signer;
    }
    return NULL;
}

const struct chain_certificate *status_list_signer(struct revocation_desk *desk,
    const struct status_list *list, struct signer_gap *gap)
{
    const struct chain_question *question = desk->judgement->question;
    struct search search = {.desk = desk, .list = list, .gap = gap};
    const struct chain_certificate *signer = NULL;

    *gap = (struct signer_gap){0};
    note(&search, GAP_USELESS, RULE_CRL_ISSUER, VERDICT_REVOCATION_UNKNOWN,
        "is signed by one whose certificate is not at hand");
    for (size_t pass = 0; pass < 2 && signer == NULL; pass++) {
        search.takes_contradicting = pass == 1;
        signer = signer_on_path(&search);
        if (signer == NULL)
            signer = signer_in(&search, question->roots);
        if (signer == NULL)
            signer = signer_in(&search, question->untrusted);
    }
    return signer;
}
