#include "x509/chain/search.h"

/* The rules that only chain/arithmetic.c can answer. */

static struct signature_key key_at(
    const struct judgement *judgement, size_t place)
{
    const struct chain_certificate *certificate = judgement->path[place];

    return (struct signature_key){.spki = certificate->certificate.tbs.key,
        .inherited =
            inherited_parameters(judgement->path, judgement->length, place),
        .identifier = certificate->key_identifier};
}

/* The signature of the certificate at this place, by the key above. */
static bool answer_at(
    struct judgement *judgement, size_t place, enum signature_answer *answer)
{
    struct signature_key key = key_at(judgement, place + 1);

    return edge_answer(judgement->search, judgement->path[place],
        judgement->path[place + 1], key.inherited, answer);
}

static bool stop_at_limit(struct judgement *judgement, size_t place)
{
    if (judgement->search->has_failure)
        judgement->out_of_memory = true;
    return judge_fail(judgement, RULE_BUDGET, VERDICT_BUDGET_EXCEEDED, place,
        "the limit of %s is reached",
        judgement->budget->exceeded == NULL ? "memory"
                                            : judgement->budget->exceeded);
}

/* Computed once more for its words: failures are few. */
static bool fail_signature(struct judgement *judgement, size_t place,
    enum chain_rule rule, enum verdict_code code)
{
    const struct certificate *signed_one = &judgement->path[place]->certificate;
    struct signature_key key = key_at(judgement, place + 1);
    enum signature_answer answer = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE] = "";
    struct failure why = {0};

    if (!signature_check(&key, signed_one->signature_algorithm,
            signed_one->tbs.whole, signed_one->signature,
            judgement->search->algorithms, NULL, &answer, evidence, &why))
        judgement->out_of_memory = true;
    return judge_fail(judgement, rule, code, place, "%s", evidence);
}

static void pass_signature(
    struct judgement *judgement, size_t place, enum chain_rule rule)
{
    struct signature_key key = {0};
    char evidence[SIGNATURE_EVIDENCE];

    if (!judge_tells(judgement))
        return;
    key = key_at(judgement, place + 1);
    signature_print(&key,
        judgement->path[place]->certificate.signature_algorithm, evidence);
    judge_pass(judgement, rule, place, "%s", evidence);
}

static const struct {
    enum chain_rule rule;
    enum signature_answer refusal;
    enum verdict_code code;
} rules[] = {
    {RULE_SIGNATURE_ALGORITHM, SIGNATURE_ALGORITHM_REFUSED,
        VERDICT_ALGORITHM_REFUSED},
    {RULE_KEY_STRENGTH, SIGNATURE_KEY_REFUSED, VERDICT_KEY_TOO_WEAK},
    {RULE_SIGNATURE, SIGNATURE_DIFFERS, VERDICT_SIGNATURE_INVALID},
};

/* The leaf's key signs nothing here, and must be strong all the same. */
static bool judge_leaf_key(struct judgement *judgement)
{
    const struct signature_key key = key_at(judgement, 0);
    enum signature_answer answer = SIGNATURE_MATCHES;
    char evidence[SIGNATURE_EVIDENCE] = "";

    if (judgement->length > 1 && answer_at(judgement, 0, &answer) &&
        answer == SIGNATURE_DIFFERS) {
        judge_skip(judgement, RULE_KEY_STRENGTH, 0,
            "what an unsigned certificate says of its key is nobody's word");
        return true;
    }
    if (lacks_parameters(judgement->path[0]) && key.inherited.length == 0) {
        judge_skip(judgement, RULE_KEY_STRENGTH, 0,
            "its parameters are those of an issuer that is not here");
        return true;
    }
    if (!signature_key_is_taken(&key, judgement->search->algorithms, evidence))
        return judge_fail(judgement, RULE_KEY_STRENGTH, VERDICT_KEY_TOO_WEAK, 0,
            "%s", evidence);
    judge_pass(judgement, RULE_KEY_STRENGTH, 0, "%s", evidence);
    return true;
}

static bool judge_edges(struct judgement *judgement, size_t row)
{
    enum signature_answer answer = SIGNATURE_DIFFERS;

    for (size_t place = 0;
         place + 1 < judgement->length && judge_goes_on(judgement); place++) {
        if (!answer_at(judgement, place, &answer))
            return stop_at_limit(judgement, place);
        if (answer == rules[row].refusal)
            (void)fail_signature(
                judgement, place, rules[row].rule, rules[row].code);
        else if (answer == SIGNATURE_MATCHES || answer == SIGNATURE_DIFFERS ||
                 rules[row].rule == RULE_SIGNATURE_ALGORITHM)
            pass_signature(judgement, place, rules[row].rule);
        else
            judge_skip(judgement, rules[row].rule, place,
                "an earlier rule about it failed");
    }
    return !judgement->has_failed;
}

bool judge_signatures(struct judgement *judgement)
{
    for (size_t row = 0; row < 3 && judge_goes_on(judgement); row++) {
        if (rules[row].rule == RULE_KEY_STRENGTH)
            (void)judge_leaf_key(judgement);
        if (judge_goes_on(judgement))
            (void)judge_edges(judgement, row);
    }
    return !judgement->has_failed;
}
