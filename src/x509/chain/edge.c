#include <stdlib.h>

#include "base/clock.h"
#include "x509/algorithm_identifier.h"
#include "x509/chain/algorithm_policy.h"
#include "x509/chain/search.h"

/* A thread's clock costs a system call. */
#define EDGES_BETWEEN_CLOCKS 16

static bool within_time(struct chain_budget *budget)
{
    if (clock_thread_cpu_ms() - budget->cpu_started_ms > BUDGET_CPU_MS)
        budget->exceeded = "200 ms of computing";
    return budget->exceeded == NULL;
}

bool budget_spend_edge(struct chain_budget *budget)
{
    if (budget->exceeded != NULL)
        return false;
    if (budget->edges == BUDGET_EDGES) {
        budget->exceeded = "2000 pairs of certificate and issuer";
        return false;
    }
    return ++budget->edges % EDGES_BETWEEN_CLOCKS != 0 || within_time(budget);
}

bool budget_spend_signature(struct chain_budget *budget)
{
    if (budget->exceeded != NULL)
        return false;
    if (budget->signatures == BUDGET_SIGNATURES) {
        budget->exceeded = "200 signature checks";
        return false;
    }
    return ++budget->signatures % 4 != 0 || within_time(budget);
}

bool lacks_parameters(const struct chain_certificate *certificate)
{
    struct der_reader reader =
        der_reader_of(certificate->certificate.tbs.key.algorithm);
    struct algorithm_identifier algorithm = {0};
    struct failure unread = {0};

    return algorithm_identifier_read(&reader, &algorithm, &unread) &&
           algorithm.parameters.length == 0 &&
           family_row_of(algorithm.oid)->family == FAMILY_DSA;
}

struct bytes inherited_parameters(
    const struct chain_certificate *const *path, size_t length, size_t place)
{
    struct algorithm_identifier algorithm = {0};
    struct failure unread = {0};

    if (!lacks_parameters(path[place]))
        return (struct bytes){0};
    while (++place < length) {
        struct der_reader reader =
            der_reader_of(path[place]->certificate.tbs.key.algorithm);

        if (!algorithm_identifier_read(&reader, &algorithm, &unread) ||
            family_row_of(algorithm.oid)->family != FAMILY_DSA)
            break;
        if (algorithm.parameters.length > 0)
            return algorithm.parameters;
    }
    return (struct bytes){0};
}

static struct chain_edge *known_edge(const struct chain_search *search,
    const struct chain_certificate *child,
    const struct chain_certificate *issuer, const uint8_t *inherited)
{
    for (size_t i = search->edge_count; i > 0; i--) {
        struct chain_edge *edge = &search->edges[i - 1];

        if (edge->child == child && edge->issuer == issuer &&
            edge->inherited == inherited)
            return edge;
    }
    return NULL;
}

static bool end_search(struct chain_search *search)
{
    search->has_failure = true;
    return false;
}

static bool make_room(struct chain_search *search)
{
    size_t room = search->edge_room == 0 ? 8 : 2 * search->edge_room;
    struct chain_edge *grown = NULL;

    if (search->edge_count < search->edge_room)
        return true;
    grown = realloc(search->edges, room * sizeof(*grown));
    if (grown == NULL) {
        (void)fail_because(search->failure, FAILURE_INTERNAL, "out of memory");
        return end_search(search);
    }
    search->edges = grown;
    search->edge_room = room;
    return true;
}

bool edge_answer(struct chain_search *search,
    const struct chain_certificate *child,
    const struct chain_certificate *issuer, struct bytes inherited,
    enum signature_answer *answer)
{
    const struct certificate *signed_one = &child->certificate;
    const struct signature_key key = {
        .spki = issuer->certificate.tbs.key, .inherited = inherited};
    const struct chain_edge *known =
        known_edge(search, child, issuer, inherited.start);

    if (known != NULL) {
        *answer = known->answer;
        return true;
    }
    if (!make_room(search) || !budget_spend_signature(search->budget))
        return false;
    if (!signature_check(&key, signed_one->signature_algorithm,
            signed_one->tbs.whole, signed_one->signature, search->algorithms,
            search->question->cache, answer, NULL, search->failure))
        return end_search(search);
    search->edges[search->edge_count++] =
        (struct chain_edge){child, issuer, inherited.start, *answer};
    return true;
}
