#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/chain_desk.h"

static int clear(void **state)
{
    (void)state;
    desk_clear();
    return 0;
}

#define LIST(...)                        \
    (const struct bytes[]){__VA_ARGS__}, \
        sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes)

static struct chain_question question_of(
    struct bytes leaf, struct chain_pool *roots, struct chain_pool *untrusted)
{
    return (struct chain_question){.leaf = leaf,
        .leaf_origin = "leaf.pem",
        .roots = roots,
        .untrusted = untrusted,
        .time = DESK_NOW,
        .explains = true};
}

static void assert_verdict(const struct chain_question *question,
    enum verdict_code code, enum chain_rule rule, size_t place)
{
    RELEASED(verdict) verdict = {0};

    if (desk_ask(question, &verdict) != code)
        fail_msg("%s: %s", verdict_code_name(verdict.code), verdict.sentence);
    if (code != VERDICT_OK && verdict.rule != rule)
        fail_msg("%s: %s", chain_rule_name(verdict.rule), verdict.sentence);
    if (code != VERDICT_OK)
        assert_int_equal(verdict.place, place);
    assert_int_equal(verdict.valid, code == VERDICT_OK);
}

static void assert_length(const struct chain_question *question, size_t length)
{
    RELEASED(verdict) verdict = {0};

    if (desk_ask(question, &verdict) != VERDICT_OK)
        fail_msg("%s: %s", verdict_code_name(verdict.code), verdict.sentence);
    assert_int_equal(verdict.paths[0].length, length);
    assert_true(verdict.paths[0].certificates[length - 1].is_anchor);
}

/* The usual three; a plan of the intermediate that a test spoils. */
static struct desk_plan usual_authority(void)
{
    return (struct desk_plan){.subject = "issuing",
        .issuer = "root",
        .key = 2,
        .signer = 1,
        .basic = "critical,CA:TRUE",
        .key_usage = "critical,keyCertSign,cRLSign",
        .has_key_identifier = true};
}

static struct desk_plan usual_leaf(void)
{
    return (struct desk_plan){.subject = "leaf",
        .issuer = "issuing",
        .key = 3,
        .signer = 2,
        .key_usage = "critical,digitalSignature",
        .purposes = "serverAuth",
        .names = "DNS:www.example.org",
        .has_key_identifier = true};
}

static struct chain_question chain_with(
    const struct desk_plan *authority, const struct desk_plan *leaf)
{
    return question_of(desk_make(leaf), desk_pool(LIST(desk_root("root", 1))),
        desk_pool(LIST(desk_make(authority))));
}

static void a_chain_of_three_is_valid_and_told_rule_by_rule(void **state)
{
    struct desk_plan authority = usual_authority(), leaf = usual_leaf();
    struct chain_question question = chain_with(&authority, &leaf);
    RELEASED(verdict) verdict = {0};

    (void)state;
    question.purpose = CHAIN_SERVER;
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_OK);
    assert_string_equal(verdict.sentence,
        "CN=leaf is valid: a path of 3 certificates ends at CN=root, from "
        "desk");
    assert_int_equal(verdict.path_count, 1);
    assert_int_equal(verdict.paths[0].length, 3);
    for (size_t i = 0; i < verdict.paths[0].check_count; i++) {
        assert_true(verdict.paths[0].checks[i].outcome != VERDICT_FAIL);
        if (i > 0)
            assert_true(verdict.paths[0].checks[i].rule >=
                        verdict.paths[0].checks[i - 1].rule);
    }
    assert_length(&question, 3);
    question.explains = false;
    assert_length(&question, 3);
}

#define SPOIL(name, what)                                                 \
    static void name(struct desk_plan *authority, struct desk_plan *leaf) \
    {                                                                     \
        (void)authority;                                                  \
        (void)leaf;                                                       \
        what;                                                             \
    }
SPOIL(leaf_by_another_key, leaf->signer = 4; leaf->wanted_key = 2)
SPOIL(authority_by_another_key, authority->signer = 4;
      authority->wanted_key = 1)
SPOIL(leaf_by_an_unknown_key, leaf->signer = 4)
SPOIL(leaf_expired, leaf->from = -9; leaf->until = -1)
SPOIL(authority_expired, authority->from = -9; authority->until = -1)
SPOIL(leaf_of_tomorrow, leaf->from = 1; leaf->until = 9)
SPOIL(no_basic_constraints, authority->basic = NULL)
SPOIL(no_authority, authority->basic = "CA:FALSE")
SPOIL(old_authority, authority->is_v1 = true; authority->basic = NULL;
      authority->key_usage = NULL; authority->has_key_identifier = false)
SPOIL(no_cert_sign, authority->key_usage = "cRLSign")
SPOIL(critical_authority, authority->other = "1.2.3.4=critical,DER:0500")
SPOIL(critical_leaf, leaf->other = "1.2.3.4=critical,DER:0500")
SPOIL(
    critical_staple, leaf->other = "1.3.6.1.5.5.7.1.24=critical,DER:3003020105")
SPOIL(critical_hint, authority->other = "issuerAltName=critical,DNS:x.test")
SPOIL(critical_no_check, leaf->other = "1.3.6.1.5.5.7.48.1.5=critical,DER:0500")
SPOIL(authority_for_clients, authority->purposes = "clientAuth")
SPOIL(leaf_for_clients, leaf->purposes = "clientAuth")
SPOIL(no_issuer, authority->subject = "other")
SPOIL(no_root, authority->issuer = "other")
SPOIL(untrusted_root, authority->issuer = "issuing"; authority->signer = 2)
SPOIL(leaf_by_itself, leaf->issuer = "leaf"; leaf->signer = 3)

static const struct {
    void (*spoil)(struct desk_plan *authority, struct desk_plan *leaf);
    enum verdict_code code;
    enum chain_rule rule;
    size_t place;
} faults[] = {
    {leaf_by_another_key, VERDICT_SIGNATURE_INVALID, RULE_SIGNATURE, 0},
    {authority_by_another_key, VERDICT_SIGNATURE_INVALID, RULE_SIGNATURE, 1},
    {leaf_by_an_unknown_key, VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, 0},
    {leaf_expired, VERDICT_EXPIRED, RULE_NOT_AFTER, 0},
    {authority_expired, VERDICT_EXPIRED, RULE_NOT_AFTER, 1},
    {leaf_of_tomorrow, VERDICT_NOT_YET_VALID, RULE_NOT_BEFORE, 0},
    {no_basic_constraints, VERDICT_NOT_AN_AUTHORITY, RULE_BASIC_CONSTRAINTS, 1},
    {no_authority, VERDICT_NOT_AN_AUTHORITY, RULE_BASIC_CONSTRAINTS, 1},
    {old_authority, VERDICT_NOT_AN_AUTHORITY, RULE_ISSUER_VERSION, 1},
    {no_cert_sign, VERDICT_NOT_AN_AUTHORITY, RULE_KEY_CERT_SIGN, 1},
    {critical_authority, VERDICT_CRITICAL_EXTENSION_UNKNOWN,
        RULE_CRITICAL_EXTENSIONS, 1},
    {critical_leaf, VERDICT_CRITICAL_EXTENSION_UNKNOWN,
        RULE_CRITICAL_EXTENSIONS, 0},
    {critical_staple, VERDICT_CRITICAL_EXTENSION_UNKNOWN,
        RULE_CRITICAL_EXTENSIONS, 0},
    {critical_hint, VERDICT_CRITICAL_EXTENSION_UNKNOWN,
        RULE_CRITICAL_EXTENSIONS, 1},
    {critical_no_check, VERDICT_OK, RULE_READABLE, 0},
    {authority_for_clients, VERDICT_USAGE_MISMATCH, RULE_ISSUER_PURPOSE, 1},
    {leaf_for_clients, VERDICT_USAGE_MISMATCH, RULE_LEAF_PURPOSE, 0},
    {no_issuer, VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, 0},
    {no_root, VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, 1},
    {untrusted_root, VERDICT_ROOT_UNTRUSTED, RULE_ANCHOR, 1},
    {leaf_by_itself, VERDICT_SELF_SIGNED_UNTRUSTED, RULE_ANCHOR, 0},
};

static void each_fault_of_a_chain_has_its_code_and_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        struct desk_plan authority = usual_authority(), leaf = usual_leaf();
        struct chain_question question = {0};

        faults[i].spoil(&authority, &leaf);
        question = chain_with(&authority, &leaf);
        question.purpose = CHAIN_SERVER;
        assert_verdict(
            &question, faults[i].code, faults[i].rule, faults[i].place);
    }
}

/* Nothing is missing to whoever looks into the folder. */
static void an_issuer_that_is_here_and_damaged_is_told_of(void **state)
{
    struct desk_plan authority = usual_authority(), leaf = usual_leaf();
    struct chain_question question = {0};
    RELEASED(verdict) verdict = {0};

    (void)state;
    authority.other = "2.5.29.33=DER:3000";
    question = (struct chain_question){.leaf = desk_make(&leaf),
        .roots = desk_pool(LIST(desk_root("root", 1))),
        .untrusted = desk_damaged_pool(desk_make(&authority)),
        .time = DESK_NOW};
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_ISSUER_MISSING);
    assert_string_equal(verdict.paths[0].evidence,
        "CN=issuing, from desk can't be used: policyMappings can't be read: a "
        "list is empty at offset 2; it has at least one element (RFC 5280, "
        "4.2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_three_is_valid_and_told_rule_by_rule),
        cmocka_unit_test(each_fault_of_a_chain_has_its_code_and_rule),
        cmocka_unit_test(an_issuer_that_is_here_and_damaged_is_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, clear);
}
