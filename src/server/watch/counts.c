#include "server/watch/counts.h"

#include "authority/issue.h"

static void count_issued(struct counts *counts,
    const struct configuration *configuration, const struct issuance *issuance)
{
    for (size_t i = 0; i < configuration->profile_count; i++) {
        if (issuance->rule != NULL &&
            issuance->rule->profile == &configuration->profiles[i])
            atomic_fetch_add(&counts->issued[i], 1);
    }
}

void counts_issuance(struct counts *counts,
    const struct configuration *configuration, const struct issuance *issuance)
{
    if (issuance->why.kind != FAILURE_NONE)
        atomic_fetch_add(&counts->refused[issuance->why.kind], 1);
    else if (!issuance->awaits)
        count_issued(counts, configuration, issuance);
}

void counts_answer(
    struct counts *counts, enum listener listener, unsigned status)
{
    if (status >= 100 && status < 100 + COUNTS_STATUSES)
        atomic_fetch_add(&counts->answered[listener][status - 100], 1);
}
