#include "x509/chain/policy.h"

#include <stdlib.h>

#include "x509/chain/judgement.h"
#include "x509/chain/policy_extension.h"
#include "x509/chain/policy_graph.h"

#define POLICIES_SHOWN 240

/* The state variables of RFC 5280, 6.1.2 (d) to (f): counted down with every
 * certificate that is not self-issued; 0: it holds. */
struct policy_state {
    struct judgement *judgement;
    struct policy_graph graph;
    size_t top; /* the place of the first certificate below the anchor */
    size_t explicit_policy, policy_mapping, inhibit_any;
};

/* --- lists of a certificate, sorted, each once -----------------------------
 */

struct policy_list {
    struct bytes *policies;
    struct policy_pair *pairs;
    size_t count;
};

static void policy_list_free(struct policy_list *list)
{
    free(list->policies);
    free(list->pairs);
    *list = (struct policy_list){0};
}

static int compare_policies(const void *a, const void *b)
{
    const struct bytes *left = a, *right = b;

    return policy_compare(*left, *right);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct policy_pair *left = a, *right = b;
    int order = policy_compare(left->issuer, right->issuer);

    return order != 0 ? order : policy_compare(left->subject, right->subject);
}

/* Elements of a list, which was walked when the certificate was read. */
static size_t count_elements(struct der_reader list)
{
    struct der_reader inside = {0};
    struct failure unread = {0};
    size_t count = 0;

    while (
        !der_at_end(&list) && der_read(&list, DER_SEQUENCE, &inside, &unread))
        count++;
    return count;
}

static bool take_policies(
    struct policy_graph *graph, struct bytes value, struct policy_list *list)
{
    struct der_reader reader = {0};
    struct failure unread = {0};
    size_t count = 0, kept = 0;

    if (!policies_read(value, &reader, &unread))
        return true;
    graph->is_exhausted = count_elements(reader) > POLICIES_MAX;
    if (graph->is_exhausted)
        return false;
    list->policies =
        calloc(count_elements(reader) + 1, sizeof(*list->policies));
    graph->out_of_memory = list->policies == NULL;
    if (graph->out_of_memory)
        return false;
    while (!der_at_end(&reader) &&
           policies_next(&reader, &list->policies[count], &unread))
        count++;
    qsort(list->policies, count, sizeof(*list->policies), compare_policies);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 ||
            !bytes_equal(list->policies[kept - 1], list->policies[i]))
            list->policies[kept++] = list->policies[i];
    }
    list->count = kept;
    return true;
}

static bool take_pairs(
    struct policy_graph *graph, struct bytes value, struct policy_list *list)
{
    struct der_reader reader = {0};
    struct failure unread = {0};
    size_t count = 0, kept = 0;

    if (!policy_mappings_read(value, &reader, &unread))
        return true;
    graph->is_exhausted = count_elements(reader) > POLICIES_MAX;
    if (graph->is_exhausted)
        return false;
    list->pairs = calloc(count_elements(reader) + 1, sizeof(*list->pairs));
    graph->out_of_memory = list->pairs == NULL;
    if (graph->out_of_memory)
        return false;
    while (!der_at_end(&reader) &&
           policy_mappings_next(&reader, &list->pairs[count].issuer,
               &list->pairs[count].subject, &unread))
        count++;
    qsort(list->pairs, count, sizeof(*list->pairs), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 ||
            compare_pairs(&list->pairs[kept - 1], &list->pairs[i]) != 0)
            list->pairs[kept++] = list->pairs[i];
    }
    list->count = kept;
    return true;
}

/* --- one certificate -------------------------------------------------------
 */

/* 6.1.3 (d), (e) */
static void descend(struct policy_state *state, size_t place)
{
    const struct chain_certificate *certificate = state->judgement->path[place];
    struct policy_list list = {0};
    bool any_counts =
        state->inhibit_any > 0 || (place > 0 && certificate->is_self_issued);

    if (state->graph.is_null)
        return;
    if (!chain_has(certificate, CHAIN_CERTIFICATE_POLICIES) ||
        take_policies(&state->graph,
            certificate->values[CHAIN_CERTIFICATE_POLICIES], &list))
        policy_graph_descend(
            &state->graph, list.policies, list.count, any_counts);
    policy_list_free(&list);
}

/* 6.1.4 (b) */
static void map(struct policy_state *state, size_t place)
{
    const struct chain_certificate *certificate = state->judgement->path[place];
    struct policy_list list = {0};

    if (state->graph.is_null)
        return;
    if (!chain_has(certificate, CHAIN_POLICY_MAPPINGS) ||
        take_pairs(
            &state->graph, certificate->values[CHAIN_POLICY_MAPPINGS], &list))
        policy_graph_map(
            &state->graph, list.pairs, list.count, state->policy_mapping == 0);
    policy_list_free(&list);
}

/* 6.1.4 (a): anyPolicy is neither mapped nor mapped to. */
static bool judge_mapping(struct judgement *judgement, size_t place)
{
    const struct chain_certificate *certificate = judgement->path[place];
    struct der_reader pairs = {0};
    struct policy_pair pair = {0};
    struct failure unread = {0};
    char name[CHAIN_NAME_TEXT];

    if (!chain_has(certificate, CHAIN_POLICY_MAPPINGS) ||
        !policy_mappings_read(
            certificate->values[CHAIN_POLICY_MAPPINGS], &pairs, &unread))
        return true;
    while (!der_at_end(&pairs) &&
           policy_mappings_next(&pairs, &pair.issuer, &pair.subject, &unread)) {
        if (policy_is_any(pair.issuer) || policy_is_any(pair.subject))
            return judge_fail(judgement, RULE_POLICY_MAPPING,
                VERDICT_POLICY_VIOLATED, place,
                "%.160s maps anyPolicy, which stands for no policy of its own",
                judge_name(judgement, place, name));
    }
    if (judge_tells(judgement))
        judge_pass(judgement, RULE_POLICY_MAPPING, place,
            "%.160s maps policies, anyPolicy not among them",
            judge_name(judgement, place, name));
    return true;
}

static void lower(size_t *variable, size_t value)
{
    if (value < *variable)
        *variable = value;
}

static void count_down(size_t *variable)
{
    if (*variable > 0)
        --*variable;
}

/* 6.1.4 (h) to (j) */
static void constrain(struct policy_state *state, size_t place)
{
    const struct chain_certificate *certificate = state->judgement->path[place];
    struct policy_constraints constraints = {0};
    struct failure unread = {0};
    uint32_t after = 0;

    if (!certificate->is_self_issued) {
        count_down(&state->explicit_policy);
        count_down(&state->policy_mapping);
        count_down(&state->inhibit_any);
    }
    if (chain_has(certificate, CHAIN_POLICY_CONSTRAINTS) &&
        policy_constraints_read(certificate->values[CHAIN_POLICY_CONSTRAINTS],
            &constraints, &unread)) {
        if (constraints.has_explicit)
            lower(&state->explicit_policy, constraints.explicit_after);
        if (constraints.has_mapping)
            lower(&state->policy_mapping, constraints.mapping_until);
    }
    if (chain_has(certificate, CHAIN_INHIBIT_ANY_POLICY) &&
        inhibit_any_policy_read(
            certificate->values[CHAIN_INHIBIT_ANY_POLICY], &after, &unread))
        lower(&state->inhibit_any, after);
}

/* 6.1.5 (a), (b) */
static void wrap_up(struct policy_state *state)
{
    const struct chain_certificate *leaf = state->judgement->path[0];
    struct policy_constraints constraints = {0};
    struct failure unread = {0};

    count_down(&state->explicit_policy);
    if (chain_has(leaf, CHAIN_POLICY_CONSTRAINTS) &&
        policy_constraints_read(
            leaf->values[CHAIN_POLICY_CONSTRAINTS], &constraints, &unread) &&
        constraints.has_explicit && constraints.explicit_after == 0)
        state->explicit_policy = 0;
}

/* --- the verdict -----------------------------------------------------------
 */

static bool fail_policy(
    struct policy_state *state, size_t place, const char *because)
{
    struct judgement *judgement = state->judgement;
    char name[CHAIN_NAME_TEXT];

    if (state->graph.out_of_memory) {
        judgement->out_of_memory = true;
        return false;
    }
    if (state->graph.is_exhausted)
        return judge_fail(judgement, RULE_POLICY, VERDICT_BUDGET_EXCEEDED,
            place, "the policies of this path take more than %d steps",
            POLICIES_MAX);
    return judge_fail(judgement, RULE_POLICY, VERDICT_POLICY_VIOLATED, place,
        "a policy is required, and at %.160s %s",
        judge_name(judgement, place, name), because);
}

static bool is_asked(
    const struct policy_question *question, struct bytes policy)
{
    for (size_t i = 0; i < question->initial_count; i++) {
        if (bytes_equal(question->initial[i], policy) ||
            policy_is_any(question->initial[i]))
            return true;
    }
    return question->initial_count == 0;
}

static void list_policy(struct bytes policy, struct buffer *listed)
{
    char text[OID_TEXT] = "";
    struct failure cut = {0};

    if (listed->length >= POLICIES_SHOWN || !oid_print(policy, text, &cut))
        return;
    (void)!buffer_print(
        listed, &cut, "%s%s", listed->length > 0 ? ", " : "", text);
}

/* 6.1.5 (g): how many policies are the authorities' and the caller's. */
static size_t list_policies(struct policy_state *state, struct buffer *listed)
{
    const struct policy_question *question =
        &state->judgement->question->policies;
    size_t count = 0;

    if (state->graph.is_null)
        return 0;
    policy_graph_reach(&state->graph);
    for (size_t node = 0; node < state->graph.node_count; node++) {
        struct bytes policy = state->graph.nodes[node].policy;

        if (!policy_graph_is_domain(&state->graph, node) ||
            !is_asked(question, policy))
            continue;
        count++;
        list_policy(policy, listed);
    }
    if (policy_graph_has_any(&state->graph)) {
        count++;
        list_policy(oid_contents(OID_ANY_POLICY), listed);
    }
    return count;
}

static bool judge_set(struct policy_state *state)
{
    RELEASED(buffer) listed = BUFFER("policies", 4096);
    struct failure cut = {0};
    const char *text = "";
    size_t count = list_policies(state, &listed);

    if (count == 0 && state->explicit_policy == 0)
        return fail_policy(state, 0,
            "none is left that every authority gave and that was asked for");
    if (count == 0 || !buffer_as_text(&listed, &text, &cut))
        text = "none, and none is required";
    judge_pass(
        state->judgement, RULE_POLICY, 0, "policies that hold: %s", text);
    return true;
}

/* 6.1.3 (f): wanted as soon as explicit_policy is 0. */
static bool walk(struct policy_state *state)
{
    for (size_t place = state->top; place-- > 0;) {
        descend(state, place);
        if (state->graph.is_null && state->explicit_policy == 0)
            return fail_policy(state, place, "none is left");
        if (place == 0)
            break;
        if (!judge_mapping(state->judgement, place))
            return false;
        map(state, place);
        constrain(state, place);
    }
    wrap_up(state);
    return judge_set(state);
}

/*
 * Where nobody requires a policy the graph decides nothing.  It is made all the
 * same for who wants to be told what holds.
 */
static bool policy_may_be_required(const struct judgement *judgement)
{
    if (judgement->question->policies.require_explicit)
        return true;
    for (size_t place = 0; place < judgement->length; place++) {
        if (chain_has(judgement->path[place], CHAIN_POLICY_CONSTRAINTS))
            return true;
    }
    return false;
}

static bool judge_mappings_alone(struct judgement *judgement, size_t top)
{
    for (size_t place = top; place-- > 1;) {
        if (!judge_mapping(judgement, place))
            return false;
    }
    return true;
}

bool judge_policies(struct judgement *judgement)
{
    const struct policy_question *question = &judgement->question->policies;
    size_t top = judgement->length - (judgement->has_anchor ? 1 : 0);
    struct policy_state state = {.judgement = judgement,
        .top = top,
        .explicit_policy = question->require_explicit ? 0 : top + 1,
        .policy_mapping = question->inhibit_mapping ? 0 : top + 1,
        .inhibit_any = question->inhibit_any ? 0 : top + 1};
    bool holds = true;

    if (!policy_may_be_required(judgement) && !judge_tells(judgement))
        return judge_mappings_alone(judgement, top);
    if (!policy_graph_new(&state.graph))
        judgement->out_of_memory = true;
    else
        holds = top == 0 || walk(&state);
    policy_graph_free(&state.graph);
    return holds;
}
