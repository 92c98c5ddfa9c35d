#include "x509/view/asker.h"

#include <stdlib.h>

#include "x509/chain/chain.h"
#include "x509/input.h"
#include "x509/view/path.h"

bool view_asker_start(const struct chain_question *question, const char *origin,
    struct view_asker *asker, struct failure *why)
{
    *asker = (struct view_asker){.question = *question,
        .origin = origin,
        .offered = calloc(INPUT_OBJECTS_MAX, sizeof(*asker->offered))};
    return asker->offered != NULL ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

void view_asker_offer(struct view_asker *asker, struct bytes certificate)
{
    if (asker->offered_count < INPUT_OBJECTS_MAX)
        asker->offered[asker->offered_count++] = certificate;
}

/* All but the leaf, as verify has it: what was looked through is told. */
static bool fill_untrusted(const struct view_asker *asker, struct bytes leaf,
    struct chain_pool *untrusted, struct failure *why)
{
    const struct chain_pool *given = asker->question.untrusted;
    struct failure unread = {0};

    for (size_t i = 0; i < asker->offered_count; i++) {
        if (!bytes_equal(asker->offered[i], leaf))
            (void)!chain_pool_add(
                untrusted, asker->offered[i], asker->origin, &unread);
    }
    return given == NULL || chain_pool_add_all(untrusted, given, why);
}

static bool put(const struct view_asker *asker,
    const struct chain_question *question, struct chain_pool *untrusted,
    struct verdict *verdict, struct failure *why)
{
    return asker->judge == NULL
               ? chain_verify(question, verdict, why)
               : asker->judge(asker->owner, question, untrusted, verdict, why);
}

bool view_asker_ask(struct view_asker *asker, struct bytes leaf,
    struct view_document *document, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *untrusted = NULL;
    struct chain_question question = asker->question;
    struct verdict verdict = {0};

    if (asker->asked++ >= VIEW_JUDGED_MAX) {
        view_no_path(document, "not asked: this file holds many certificates");
        return true;
    }
    if (!chain_pool_new(&untrusted, why) ||
        !fill_untrusted(asker, leaf, untrusted, why))
        return false;
    question.leaf = leaf;
    question.leaf_origin = asker->origin;
    question.untrusted = untrusted;
    if (!put(asker, &question, untrusted, &verdict, why))
        return false;
    view_path(document, &verdict);
    verdict_free(&verdict);
    return true;
}

void view_asker_free(struct view_asker *asker)
{
    free(asker->offered);
    *asker = (struct view_asker){0};
}
