#ifndef X509_CHAIN_POLICY_GRAPH_H
#define X509_CHAIN_POLICY_GRAPH_H

#include "x509/chain/policy.h"

/*
 * The graph of valid policies (RFC 9618, 4): one node for a policy at a depth,
 * with all its parents, so that no certificate multiplies what others said.
 * Nodes stand parents first; the deepest level is the last of them.
 */
struct policy_node {
    struct bytes policy;
    size_t first_parent, parent_count; /* in parents[] */
    bool is_reachable;
};

/* A policy that the next certificate may name, and the node it then extends. */
struct policy_expectation {
    struct bytes policy;
    size_t node;
};

struct policy_pair {
    struct bytes issuer, subject;
    bool has_node; /* of the first of an issuer's: used while mapping */
};

struct policy_graph {
    struct policy_node *nodes;
    size_t node_count, level; /* where the deepest level begins */
    size_t *parents;
    size_t parent_count;
    struct policy_expectation *expected; /* sorted by policy */
    size_t expected_count;
    size_t used; /* nodes, edges, expectations: at most POLICIES_MAX */
    bool is_null, is_exhausted, out_of_memory;
};

/* Depth 0: anyPolicy.  False: no memory. */
bool policy_graph_new(struct policy_graph *graph);
void policy_graph_free(struct policy_graph *graph);

/* 6.1.3 (d): a certificate with these policies, sorted and each once; none:
 * (e), the graph is null.  Exhaustion and want of memory are marked in the
 * graph, which is null then. */
void policy_graph_descend(struct policy_graph *graph,
    const struct bytes *policies, size_t count, bool any_counts);

/* 6.1.4 (b): pairs sorted by issuer's policy; forbidden: policy_mapping is 0.
 */
void policy_graph_map(struct policy_graph *graph, struct policy_pair *pairs,
    size_t count, bool is_forbidden);

/* 6.1.5 (g): marks what a leaf-level node descends from. */
void policy_graph_reach(struct policy_graph *graph);

/* After policy_graph_reach: named by the authorities themselves (its parent is
 * anyPolicy), and held to the leaf. */
bool policy_graph_is_domain(const struct policy_graph *graph, size_t node);

/* At the deepest level. */
bool policy_graph_has_any(const struct policy_graph *graph);

bool policy_is_any(struct bytes policy);
int policy_compare(struct bytes a, struct bytes b);

#endif
