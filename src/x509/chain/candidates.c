#include <stdlib.h>
#include <string.h>

#include "x509/chain/search.h"

bool is_anchor_for(const struct chain_search *search,
    const struct chain_certificate *certificate)
{
    const struct tbs_certificate *tbs = &certificate->certificate.tbs;
    const struct chain_certificate *only = search->only_anchor;

    return chain_pool_find(search->question->roots, certificate->sha256) !=
               NULL &&
           (only == NULL ||
               (bytes_equal(only->certificate.tbs.subject, tbs->subject) &&
                   bytes_equal(
                       only->certificate.tbs.key.whole, tbs->key.whole)));
}

uint8_t key_fits(const struct chain_certificate *child,
    const struct chain_certificate *issuer)
{
    struct bytes wanted = child->authority_key.identifier;

    if (wanted.length == 0 || issuer->key_identifier.length == 0)
        return 1;
    return bytes_equal(wanted, issuer->key_identifier) ? 0 : 2;
}

static int compare(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    if (a->is_anchor != b->is_anchor)
        return (int)b->is_anchor - (int)a->is_anchor;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->is_current != b->is_current)
        return (int)b->is_current - (int)a->is_current;
    return memcmp(a->certificate->sha256, b->certificate->sha256, SHA256_BYTES);
}

static bool push(struct chain_search *search,
    const struct chain_certificate *child,
    const struct chain_certificate *issuer, bool is_anchor)
{
    size_t room = search->candidate_room == 0 ? 8 : 2 * search->candidate_room;
    struct candidate *grown = search->candidates;

    if (search->candidate_count == search->candidate_room) {
        grown = realloc(search->candidates, room * sizeof(*grown));
        if (grown == NULL) {
            search->has_failure = true;
            return fail_because(
                search->failure, FAILURE_INTERNAL, "out of memory");
        }
        search->candidates = grown;
        search->candidate_room = room;
    }
    grown[search->candidate_count++] = (struct candidate){issuer, is_anchor,
        key_fits(child, issuer), is_current(issuer, search->question->time)};
    return true;
}

/* The pool's order is by SHA-256, so that it is always the same ones that are
 * beyond the limit. */
static bool push_all(struct chain_search *search,
    const struct chain_certificate *child, const struct chain_pool *pool,
    bool are_roots, size_t first)
{
    struct bytes name = child->certificate.tbs.issuer;
    const struct chain_certificate *issuer = NULL;
    size_t place = 0;

    if (pool == NULL)
        return true;
    while (search->candidate_count - first <= BUDGET_EDGES &&
           (issuer = chain_pool_next_named(pool, name, &place)) != NULL) {
        if (!are_roots &&
            chain_pool_find(search->question->roots, issuer->sha256) != NULL)
            continue;
        if (!push(search, child, issuer,
                are_roots && is_anchor_for(search, issuer)))
            return false;
    }
    return true;
}

bool candidates_push(struct chain_search *search,
    const struct chain_certificate *child, size_t *first)
{
    *first = search->candidate_count;
    if (!push_all(search, child, search->question->roots, true, *first) ||
        !push_all(search, child, search->question->untrusted, false, *first))
        return false;
    if (search->candidate_count - *first > 1)
        qsort(search->candidates + *first, search->candidate_count - *first,
            sizeof(*search->candidates), compare);
    return true;
}
