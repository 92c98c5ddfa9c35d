#include "x509/chain/fetched.h"

#include <stdio.h>
#include <string.h>

#include "x509/chain/judgement.h"

const char *chain_fetched_outcome_name(enum chain_fetched_outcome outcome)
{
    static const char *const names[] = {
        [CHAIN_FETCHED] = "fetched",
        [CHAIN_FETCH_UNREACHABLE] = "not reachable",
        [CHAIN_FETCH_REFUSED] = "refused",
        [CHAIN_FETCH_DAMAGED] = "damaged",
        [CHAIN_FETCH_LEFT] = "not waited for",
    };

    return names[outcome];
}

/* The reason comes last: of a line that is cut, it is cut. */
static void tell(struct judgement *judgement, size_t place,
    const struct chain_fetched *fetched)
{
    if (fetched->outcome == CHAIN_FETCHED)
        judge_pass(judgement, RULE_FETCHED, place,
            "%s %s: fetched in %u ms, %s", fetched->what, fetched->address,
            fetched->milliseconds, fetched->reason);
    else
        judge_skip(judgement, RULE_FETCHED, place, "%s %s: %s after %u ms: %s",
            fetched->what, fetched->address,
            chain_fetched_outcome_name(fetched->outcome), fetched->milliseconds,
            fetched->reason);
}

bool judge_fetched(struct judgement *judgement)
{
    const struct chain_question *question = judgement->question;

    if (!judge_tells(judgement))
        return true;
    for (size_t place = 0; place < judgement->length; place++) {
        for (size_t i = 0; i < question->fetched_count; i++) {
            if (memcmp(question->fetched[i].named_by,
                    judgement->path[place]->sha256, SHA256_BYTES) == 0)
                tell(judgement, place, &question->fetched[i]);
        }
    }
    return true;
}

void fetched_gap(const struct chain_question *question,
    const uint8_t named_by[static SHA256_BYTES], bool is_of_issuer,
    char text[static FETCHED_GAP])
{
    text[0] = '\0';
    for (size_t i = 0; i < question->fetched_count; i++) {
        const struct chain_fetched *one = &question->fetched[i];

        if (memcmp(one->named_by, named_by, SHA256_BYTES) != 0 ||
            (strcmp(one->what, FETCHED_ISSUER) == 0) != is_of_issuer)
            continue;
        if (one->outcome == CHAIN_FETCHED) {
            text[0] = '\0';
            return;
        }
        if (text[0] == '\0')
            (void)snprintf(text, FETCHED_GAP, "; %s %.120s: %s: %s", one->what,
                one->address, chain_fetched_outcome_name(one->outcome),
                one->reason);
    }
}
