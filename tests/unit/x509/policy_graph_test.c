#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "x509/chain/policy_graph.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

static struct policy_graph graph;

static int begin(void **state)
{
    (void)state;
    return policy_graph_new(&graph) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    policy_graph_free(&graph);
    return 0;
}

static void shorter_policies_stand_first_and_then_by_their_bytes(void **state)
{
    (void)state;
    assert_true(policy_compare(BYTES(0x2b), BYTES(0x2a, 1)) < 0);
    assert_true(policy_compare(BYTES(0x2a, 1), BYTES(0x2b)) > 0);
    assert_true(policy_compare(BYTES(0x2a, 1), BYTES(0x2a, 2)) < 0);
    assert_true(policy_compare(BYTES(0x2a, 2), BYTES(0x2a, 1)) > 0);
    assert_int_equal(policy_compare(BYTES(0x2a, 1), BYTES(0x2a, 1)), 0);
    assert_int_equal(policy_compare((struct bytes){0}, (struct bytes){0}), 0);
}

static void a_graph_begins_with_any_policy(void **state)
{
    (void)state;
    assert_int_equal(graph.node_count, 1);
    assert_int_equal(graph.expected_count, 1);
    assert_int_equal(graph.used, 2);
    assert_true(policy_graph_has_any(&graph));
    assert_false(graph.is_null || graph.is_exhausted || graph.out_of_memory);
}

static void a_policy_below_any_policy_is_a_node_with_one_parent(void **state)
{
    const struct bytes policies[] = {BYTES(0x2a, 1), BYTES(0x2a, 2)};

    (void)state;
    policy_graph_descend(&graph, policies, 2, true);
    assert_int_equal(graph.node_count, 3);
    assert_int_equal(graph.level, 1);
    assert_int_equal(graph.parent_count, 2);
    assert_int_equal(graph.used, 6); /* three nodes, two edges, anyPolicy */
    assert_false(policy_graph_has_any(&graph));
    for (size_t node = 1; node < 3; node++) {
        assert_int_equal(graph.nodes[node].first_parent, node - 1);
        assert_int_equal(graph.nodes[node].parent_count, 1);
        assert_int_equal(graph.parents[node - 1], 0);
    }
}

static void no_policy_and_no_expected_policy_make_it_null(void **state)
{
    const struct bytes first = BYTES(0x2a, 1), second = BYTES(0x2a, 2);

    (void)state;
    policy_graph_descend(&graph, &first, 1, true);
    policy_graph_map(&graph, NULL, 0, false);
    assert_false(graph.is_null);
    assert_int_equal(graph.expected_count, 1);
    policy_graph_descend(&graph, &second, 1, true);
    assert_true(graph.is_null);
    assert_int_equal(graph.level, graph.node_count);
    assert_int_equal(graph.expected_count, 0);
    assert_false(graph.is_exhausted || graph.out_of_memory);
}

/* The last node, edge or expectation that is allowed is made, and none more. */
static void nothing_is_made_beyond_the_limit(void **state)
{
    const struct bytes policy = BYTES(0x2a, 1);

    (void)state;
    for (size_t left = 0; left < 3; left++) {
        policy_graph_free(&graph);
        assert_true(policy_graph_new(&graph));
        graph.used = POLICIES_MAX - left;
        policy_graph_descend(&graph, &policy, 1, true);
        assert_int_equal(graph.node_count, left > 0 ? 2 : 1);
        assert_int_equal(graph.parent_count, left > 1 ? 1 : 0);
        assert_int_equal(graph.used, POLICIES_MAX);
        assert_int_equal(graph.is_exhausted, left < 2);
        assert_int_equal(graph.is_null, left < 2);
        assert_false(graph.out_of_memory);
    }
    policy_graph_map(&graph, NULL, 0, false);
    assert_int_equal(graph.expected_count, 0);
    assert_true(graph.is_exhausted && graph.is_null);
}

/* 6.1.4 (b): one mapping after another of the same policy. */
static void a_policy_that_is_mapped_may_be_called_by_each_name(void **state)
{
    const struct bytes policy = BYTES(0x2a, 1);
    struct policy_pair pairs[] = {{policy, BYTES(0x2a, 3), false},
        {policy, BYTES(0x2a, 2), false}, {BYTES(0x2a, 9), policy, false}};

    (void)state;
    policy_graph_descend(&graph, &policy, 1, true);
    policy_graph_map(&graph, pairs, 3, false);
    assert_int_equal(graph.expected_count, 2);
    assert_true(bytes_equal(graph.expected[0].policy, pairs[1].subject));
    assert_true(bytes_equal(graph.expected[1].policy, pairs[0].subject));
    assert_int_equal(graph.expected[0].node, 1);
    assert_int_equal(graph.expected[1].node, 1);
    assert_int_equal(graph.node_count, 2);
    policy_graph_map(&graph, pairs, 3, true);
    assert_true(graph.is_null);
}

int main(void)
{
#define GRAPH_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        GRAPH_TEST(shorter_policies_stand_first_and_then_by_their_bytes),
        GRAPH_TEST(a_graph_begins_with_any_policy),
        GRAPH_TEST(a_policy_below_any_policy_is_a_node_with_one_parent),
        GRAPH_TEST(no_policy_and_no_expected_policy_make_it_null),
        GRAPH_TEST(nothing_is_made_beyond_the_limit),
        GRAPH_TEST(a_policy_that_is_mapped_may_be_called_by_each_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
