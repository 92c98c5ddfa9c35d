#include "crypto/algorithm.h"

#include "crypto/key.h"

bool key_algorithm_probe(
    const struct key_algorithm *algorithm, struct failure *why)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    struct failure cause = {0};

    if (!key_generate(algorithm, &key, &cause) ||
        !private_key_prove(key, &cause))
        return fail_because(why, FAILURE_UNAVAILABLE, "%s", cause.reason);
    return true;
}

bool key_algorithms_offered(struct buffer *names, struct failure *why)
{
    const struct key_algorithm *row = key_algorithms();
    const char *before = "";
    struct failure not_offered = {0};

    for (; row->name != NULL; row++) {
        if (!key_algorithm_probe(row, &not_offered))
            continue;
        if (!buffer_print(names, why, "%s%s", before, row->name))
            return false;
        before = ", ";
    }
    return true;
}
