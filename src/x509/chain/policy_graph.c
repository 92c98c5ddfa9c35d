#include "x509/chain/policy_graph.h"

#include <stdlib.h>
#include <string.h>

#include "x509/oid.h"

bool policy_is_any(struct bytes policy)
{
    return bytes_equal(policy, oid_contents(OID_ANY_POLICY));
}

int policy_compare(struct bytes a, struct bytes b)
{
    if (a.length != b.length)
        return a.length < b.length ? -1 : 1;
    return a.length == 0 ? 0 : memcmp(a.start, b.start, a.length);
}

static int compare_expectations(const void *a, const void *b)
{
    const struct policy_expectation *left = a, *right = b;
    int order = policy_compare(left->policy, right->policy);

    if (order != 0)
        return order;
    return left->node < right->node ? -1 : left->node > right->node;
}

static void become_null(struct policy_graph *graph)
{
    graph->is_null = true;
    graph->level = graph->node_count;
    graph->expected_count = 0;
}

/* One node, edge or expectation more. */
static bool spend(struct policy_graph *graph)
{
    if (graph->used < POLICIES_MAX) {
        graph->used++;
        return true;
    }
    graph->is_exhausted = true;
    return false;
}

/* Room grows by doubling; a full array has a power of two. */
static bool make_room(void **array, size_t count, size_t size)
{
    void *grown = NULL;

    if (count != 0 && (count & (count - 1)) != 0)
        return true;
    grown = realloc(*array, (count == 0 ? 1 : 2 * count) * size);
    if (grown == NULL)
        return false;
    *array = grown;
    return true;
}

#define ROOM(graph, array, count)                                         \
    (spend(graph) && (make_room((void **)&(graph)->array, (graph)->count, \
                          sizeof(*(graph)->array)) ||                     \
                         !((graph)->out_of_memory = true)))

static bool add_node(struct policy_graph *graph, struct bytes policy)
{
    if (!ROOM(graph, nodes, node_count))
        return false;
    graph->nodes[graph->node_count++] = (struct policy_node){
        .policy = policy, .first_parent = graph->parent_count};
    return true;
}

/* Of the last node. */
static bool add_parent(struct policy_graph *graph, size_t parent)
{
    if (!ROOM(graph, parents, parent_count))
        return false;
    graph->parents[graph->parent_count++] = parent;
    graph->nodes[graph->node_count - 1].parent_count++;
    return true;
}

static bool expect(struct policy_graph *graph, struct bytes policy, size_t node)
{
    if (!ROOM(graph, expected, expected_count))
        return false;
    graph->expected[graph->expected_count++] =
        (struct policy_expectation){policy, node};
    return true;
}

static void sort_expected(struct policy_graph *graph)
{
    if (graph->expected_count > 0)
        qsort(graph->expected, graph->expected_count, sizeof(*graph->expected),
            compare_expectations);
}

bool policy_graph_new(struct policy_graph *graph)
{
    struct bytes any = oid_contents(OID_ANY_POLICY);

    *graph = (struct policy_graph){0};
    return add_node(graph, any) && expect(graph, any, 0);
}

void policy_graph_free(struct policy_graph *graph)
{
    free(graph->nodes);
    free(graph->parents);
    free(graph->expected);
    *graph = (struct policy_graph){0};
}

/* --- 6.1.3 (d) ------------------------------------------------------------ */

/* The first expectation of this policy, or where it would stand. */
static size_t find_expected(
    const struct policy_graph *graph, struct bytes policy)
{
    size_t low = 0, high = graph->expected_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (policy_compare(graph->expected[middle].policy, policy) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_expected(
    const struct policy_graph *graph, size_t place, struct bytes policy)
{
    return place < graph->expected_count &&
           bytes_equal(graph->expected[place].policy, policy);
}

static bool is_among(
    const struct bytes *policies, size_t count, struct bytes policy)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = policy_compare(policies[middle], policy);

        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* A node below all that expect it. */
static bool add_expected(struct policy_graph *graph, size_t place)
{
    struct bytes policy = graph->expected[place].policy;

    if (!add_node(graph, policy))
        return false;
    for (; is_expected(graph, place, policy); place++) {
        if (!add_parent(graph, graph->expected[place].node))
            return false;
    }
    return true;
}

/* The node of the level that stands for every policy; node_count: none. */
static size_t find_any(const struct policy_graph *graph)
{
    size_t node = graph->level;

    while (
        node < graph->node_count && !policy_is_any(graph->nodes[node].policy))
        node++;
    return node;
}

/* (1): what the certificate names and somebody above expects. */
static bool add_named(struct policy_graph *graph, struct bytes policy,
    size_t any, size_t level_end)
{
    size_t place = find_expected(graph, policy);

    if (policy_is_any(policy))
        return true;
    if (is_expected(graph, place, policy))
        return add_expected(graph, place);
    return any == level_end ||
           (add_node(graph, policy) && add_parent(graph, any));
}

/* (2): anyPolicy takes over what is expected and not named. */
static bool add_unnamed(
    struct policy_graph *graph, const struct bytes *policies, size_t count)
{
    size_t place = 0;

    while (place < graph->expected_count) {
        struct bytes policy = graph->expected[place].policy;

        if ((policy_is_any(policy) || !is_among(policies, count, policy)) &&
            !add_expected(graph, place))
            return false;
        while (is_expected(graph, place, policy))
            place++;
    }
    return true;
}

static bool descend(struct policy_graph *graph, const struct bytes *policies,
    size_t count, bool any_counts)
{
    size_t level_end = graph->node_count, any = find_any(graph);

    for (size_t i = 0; i < count; i++) {
        if (!add_named(graph, policies[i], any, level_end))
            return false;
    }
    if (any_counts && is_among(policies, count, oid_contents(OID_ANY_POLICY)) &&
        !add_unnamed(graph, policies, count))
        return false;
    graph->level = level_end;
    return true;
}

void policy_graph_descend(struct policy_graph *graph,
    const struct bytes *policies, size_t count, bool any_counts)
{
    if (graph->is_null)
        return;
    if (count == 0 || !descend(graph, policies, count, any_counts) ||
        graph->level == graph->node_count)
        become_null(graph);
}

/* --- 6.1.4 (b) ------------------------------------------------------------ */

static size_t find_pair(
    const struct policy_pair *pairs, size_t count, struct bytes issuer)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (policy_compare(pairs[middle].issuer, issuer) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_mapped(const struct policy_pair *pairs, size_t count,
    size_t place, struct bytes issuer)
{
    return place < count && bytes_equal(pairs[place].issuer, issuer);
}

/* What the next certificate may call this node; one that can't be called is
 * deleted. */
static bool expect_of_node(struct policy_graph *graph, size_t node,
    const struct policy_pair *pairs, size_t count, bool is_forbidden)
{
    struct bytes policy = graph->nodes[node].policy;
    size_t place = find_pair(pairs, count, policy);

    if (!is_mapped(pairs, count, place, policy))
        return expect(graph, policy, node);
    if (is_forbidden)
        return true;
    for (; is_mapped(pairs, count, place, policy); place++) {
        if (!expect(graph, pairs[place].subject, node))
            return false;
    }
    return true;
}

static void mark_pairs(
    const struct policy_graph *graph, struct policy_pair *pairs, size_t count)
{
    for (size_t node = graph->level; node < graph->node_count; node++) {
        struct bytes policy = graph->nodes[node].policy;
        size_t place = find_pair(pairs, count, policy);

        if (is_mapped(pairs, count, place, policy))
            pairs[place].has_node = true;
    }
}

/* A mapped policy that only anyPolicy stands for gets a node beside it. */
static bool add_mapped(
    struct policy_graph *graph, struct policy_pair *pairs, size_t count)
{
    size_t any = find_any(graph);

    if (any == graph->node_count)
        return true;
    mark_pairs(graph, pairs, count);
    for (size_t i = 0; i < count; i++) {
        if ((i > 0 && bytes_equal(pairs[i].issuer, pairs[i - 1].issuer)) ||
            pairs[i].has_node)
            continue;
        if (!add_node(graph, pairs[i].issuer) ||
            !add_parent(graph, graph->parents[graph->nodes[any].first_parent]))
            return false;
    }
    return true;
}

static bool map(struct policy_graph *graph, struct policy_pair *pairs,
    size_t count, bool is_forbidden)
{
    if (!is_forbidden && !add_mapped(graph, pairs, count))
        return false;
    graph->expected_count = 0;
    for (size_t node = graph->level; node < graph->node_count; node++) {
        if (!expect_of_node(graph, node, pairs, count, is_forbidden))
            return false;
    }
    sort_expected(graph);
    return true;
}

void policy_graph_map(struct policy_graph *graph, struct policy_pair *pairs,
    size_t count, bool is_forbidden)
{
    if (graph->is_null)
        return;
    if (!map(graph, pairs, count, is_forbidden) || graph->expected_count == 0)
        become_null(graph);
}

/* --- 6.1.5 (g) ------------------------------------------------------------ */

void policy_graph_reach(struct policy_graph *graph)
{
    for (size_t node = graph->node_count; node-- > 0;) {
        struct policy_node *child = &graph->nodes[node];

        if (node >= graph->level)
            child->is_reachable = true;
        if (!child->is_reachable)
            continue;
        for (size_t i = 0; i < child->parent_count; i++)
            graph->nodes[graph->parents[child->first_parent + i]].is_reachable =
                true;
    }
}

bool policy_graph_is_domain(const struct policy_graph *graph, size_t node)
{
    const struct policy_node *found = &graph->nodes[node];

    return found->is_reachable && found->parent_count > 0 &&
           !policy_is_any(found->policy) &&
           policy_is_any(
               graph->nodes[graph->parents[found->first_parent]].policy);
}

bool policy_graph_has_any(const struct policy_graph *graph)
{
    return find_any(graph) < graph->node_count;
}
