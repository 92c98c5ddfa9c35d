#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/path_desk.h"
#include "x509/chain/constraints.h"
#include "x509/chain/profile.h"
#include "x509/chain/search.h"

/*
 * Readers refuse damaged extensions before a rule sees them.  Should one slip
 * through, a rule still ends, says the same whether it is told or not, and
 * takes no damaged constraint for a kept one.
 */

static struct draft drafts[4];
static struct path_desk desk;
static struct reference_name asked[4];

static judge *const judges[] = {judge_constraints, judge_policies, judge_names,
    judge_profile, judge_leaf_purposes, judge_issuer_purposes};

static struct bytes policy(uint8_t number)
{
    return element(DER_OBJECT_IDENTIFIER, kept(BYTES(0x2a, number)));
}

static struct bytes policies(void)
{
    return element(DER_SEQUENCE, joined(element(DER_SEQUENCE, policy(1)),
                                     element(DER_SEQUENCE, policy(2))));
}

static struct bytes subtree(unsigned int tag, struct bytes base)
{
    return element(DER_SEQUENCE, element(tag, base));
}

static struct bytes constraints(void)
{
    return element(DER_SEQUENCE,
        joined(element(DER_CONTEXT_HOLDING(0),
                   joined(subtree(DER_CONTEXT(2), text("example.org")),
                       subtree(DER_CONTEXT_HOLDING(0),
                           joined(policy(7),
                               element(DER_CONTEXT_HOLDING(0),
                                   element(DER_NULL, (struct bytes){0})))))),
            element(DER_CONTEXT_HOLDING(1),
                subtree(DER_CONTEXT(6), text("bad.example")))));
}

static struct bytes all_names(void)
{
    struct bytes names = element(DER_CONTEXT(2), text("www.example.org"));

    names = joined(names, element(DER_CONTEXT(1), text("a@example.org")));
    names = joined(names, element(DER_CONTEXT(6), text("https://example.org")));
    names = joined(names, element(DER_CONTEXT(7), BYTES(192, 0, 2, 1)));
    return element(DER_SEQUENCE, names);
}

static struct bytes points(void)
{
    return element(DER_SEQUENCE,
        element(DER_SEQUENCE,
            element(DER_CONTEXT_HOLDING(0),
                element(DER_CONTEXT_HOLDING(0),
                    element(DER_CONTEXT(6), text("http://example.org/1"))))));
}

static void ask_names(void)
{
    static const struct {
        enum reference_kind kind;
        const char *words;
    } rows[] = {
        {REFERENCE_DNS, "www.example.org"},
        {REFERENCE_EMAIL, "a@example.org"},
        {REFERENCE_URI, "https://example.org"},
        {REFERENCE_IP, "192.0.2.1"},
    };
    struct failure why = {0};

    for (size_t i = 0; i < 4; i++)
        assert_true(reference_name_read(
            rows[i].kind, text(rows[i].words), &asked[i], &why));
}

static void put(enum chain_profile profile)
{
    clear_desk(NULL);
    path_desk_good(drafts, 4);
    for (size_t i = 0; i < 3; i++)
        add(&drafts[i], OID_CERTIFICATE_POLICIES, false, policies());
    for (size_t i = 1; i < 3; i++) {
        add(&drafts[i], OID_POLICY_MAPPINGS, true,
            element(DER_SEQUENCE,
                element(DER_SEQUENCE, joined(policy(1), policy(2)))));
        add(&drafts[i], OID_POLICY_CONSTRAINTS, true,
            element(DER_SEQUENCE, element(DER_CONTEXT(0), BYTES(1))));
        add(&drafts[i], OID_INHIBIT_ANY_POLICY, true,
            element(DER_INTEGER, BYTES(1)));
        add(&drafts[i], OID_NAME_CONSTRAINTS, true, constraints());
    }
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = all_names();
    add(&drafts[0], OID_CRL_DISTRIBUTION_POINTS, false, points());
    path_desk_put(&desk, drafts, 4);
    ask_names();
    desk.question.profile = profile;
    desk.question.purpose = CHAIN_SERVER;
    desk.question.policies.require_explicit = true;
    desk.question.names = asked;
    desk.question.name_count = 4;
}

static bool says_yes(judge *rule, struct verdict_path *record)
{
    struct judgement *judgement = &desk.judgement;
    bool keeps = false;

    judgement->record = record;
    judgement->has_failed = false;
    judgement->evidence[0] = 0;
    desk.budget = (struct chain_budget){0};
    keeps = rule(judgement);
    assert_int_equal(keeps, !judgement->has_failed);
    return keeps;
}

static void forget(struct verdict_path *record)
{
    for (size_t i = 0; i < record->check_count; i++)
        free(record->checks[i].evidence);
    free(record->checks);
    *record = (struct verdict_path){0};
}

static void assert_one_answer(judge *rule)
{
    struct verdict_path record = {0};
    char evidence[VERDICT_EVIDENCE];
    bool keeps = says_yes(rule, NULL);

    memcpy(evidence, desk.judgement.evidence, sizeof(evidence));
    assert_int_equal(says_yes(rule, &record), keeps);
    assert_string_equal(desk.judgement.evidence, evidence);
    forget(&record);
}

static void ask_all(void)
{
    for (size_t i = 0; i < sizeof(judges) / sizeof(*judges); i++)
        assert_one_answer(judges[i]);
}

/* --- the views --------------------------------------------------------------
 */

typedef void damage(struct bytes *view);

/* Shorter, and with each byte inverted or cleared. */
static void spoil(struct bytes *view, damage *then)
{
    struct bytes whole = *view;
    uint8_t *copy = malloc(whole.length + 1);

    assert_non_null(copy);
    for (size_t i = 0; i < whole.length; i++) {
        *view = (struct bytes){copy, whole.length};
        memcpy(copy, whole.start, whole.length);
        copy[i] ^= 0xff;
        then(view);
        copy[i] = 0;
        then(view);
        memcpy(copy, whole.start, whole.length);
        copy[i] ^= 0x01;
        then(view);
        copy[i] = whole.start[i];
        view->length = i;
        then(view);
    }
    free(copy);
    *view = whole;
}

static void ask_of_view(struct bytes *view)
{
    (void)view;
    ask_all();
}

static void damaged_extensions_end_every_rule_with_one_answer(void **state)
{
    (void)state;
    for (int profile = CHAIN_PLAIN; profile <= CHAIN_WEBPKI; profile++) {
        put((enum chain_profile)profile);
        for (size_t i = 0; i < 3; i++) {
            struct bytes *values = desk.certificates[i].values;

            for (size_t j = 0; j < CHAIN_EXTENSIONS; j++)
                spoil(&values[j], ask_of_view);
        }
    }
}

static struct der_reader *spoilt;

static void ask_of_reader(struct bytes *view)
{
    *spoilt = der_reader_of(*view);
    ask_all();
}

static void spoil_reader(struct der_reader *reader)
{
    struct der_reader whole = *reader;
    struct bytes view = der_remaining(reader);

    spoilt = reader;
    spoil(&view, ask_of_reader);
    *reader = whole;
}

static void damaged_lists_end_every_rule_with_one_answer(void **state)
{
    (void)state;
    put(CHAIN_WEBPKI);
    for (size_t i = 0; i < 3; i++) {
        spoil_reader(&desk.certificates[i].other_names);
        spoil_reader(&desk.certificates[i].purposes);
        spoil(&desk.certificates[i].certificate.tbs.subject, ask_of_view);
    }
}

/* What was to keep something out, and can't be read, lets nothing in. */
static void assert_kept_out(struct bytes *view)
{
    (void)view;
    assert_false(says_yes(judge_constraints, NULL));
}

static void constraints_that_are_cut_are_not_kept(void **state)
{
    struct bytes *view = NULL;
    struct bytes whole;

    (void)state;
    put(CHAIN_PLAIN);
    view = &desk.certificates[2].values[CHAIN_NAME_CONSTRAINTS];
    whole = *view;
    for (view->length = 0; view->length < whole.length; view->length++)
        assert_kept_out(view);
}

static void policies_that_are_cut_are_none(void **state)
{
    struct bytes *view = NULL;
    struct bytes whole;

    (void)state;
    put(CHAIN_PLAIN);
    assert_true(says_yes(judge_policies, NULL));
    view = &desk.certificates[0].values[CHAIN_CERTIFICATE_POLICIES];
    whole = *view;
    for (view->length = 0; view->length < whole.length; view->length++)
        assert_false(says_yes(judge_policies, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_extensions_end_every_rule_with_one_answer),
        cmocka_unit_test(damaged_lists_end_every_rule_with_one_answer),
        cmocka_unit_test(constraints_that_are_cut_are_not_kept),
        cmocka_unit_test(policies_that_are_cut_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
