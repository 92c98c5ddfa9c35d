#ifndef TESTS_UNIT_X509_CHAIN_RULES_DESK_H
#define TESTS_UNIT_X509_CHAIN_RULES_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/chain_desk.h"
#include "x509/chain/search.h"

/* One rule after another, asked of whole paths: its code, its name and its
 * words, whether they are wanted or not. */

static struct bytes between[4];
static struct chain_question question;
static struct verdict last;

static inline int begin(void **state)
{
    (void)state;
    question = (struct chain_question){0};
    return 0;
}

static inline int clear(void **state)
{
    (void)state;
    verdict_free(&last);
    last = (struct verdict){0};
    desk_clear();
    return 0;
}

/* A root, the authority "issuing" (key 2) below it, and this leaf (key 3). */
static inline struct desk_plan leaf_plan(void)
{
    return (struct desk_plan){.subject = "leaf",
        .issuer = "issuing",
        .key = 3,
        .signer = 2,
        .has_key_identifier = true};
}

static inline struct desk_plan issuing_plan(void)
{
    return (struct desk_plan){.subject = "issuing",
        .issuer = "root",
        .key = 2,
        .signer = 1,
        .basic = "critical,CA:TRUE",
        .has_key_identifier = true};
}

static inline void put(
    const struct desk_plan *leaf, const struct desk_plan *issuing)
{
    struct bytes root = desk_root("root", 1);

    between[0] = desk_make(issuing);
    question.leaf = desk_make(leaf);
    question.roots = desk_pool(&root, 1);
    question.untrusted = desk_pool(between, 1);
    question.time = DESK_NOW;
}

static inline void put_leaf(const struct desk_plan *leaf)
{
    struct desk_plan issuing = issuing_plan();

    put(leaf, &issuing);
}

static inline void assert_said(
    enum verdict_code code, enum chain_rule rule, const char *words)
{
    for (int explains = 0; explains < 2; explains++) {
        verdict_free(&last);
        last = (struct verdict){0};
        question.explains = explains != 0;
        if (desk_ask(&question, &last) != code ||
            strstr(last.sentence, words) == NULL)
            fail_msg("%s: %s", verdict_code_name(last.code), last.sentence);
        if (code != VERDICT_OK)
            assert_string_equal(
                chain_rule_name(last.rule), chain_rule_name(rule));
    }
}

static inline void assert_valid(void)
{
    assert_said(VERDICT_OK, RULE_READABLE, "is valid");
}

/* What the explained path tells of this rule. */
static inline void assert_told(
    enum chain_rule rule, enum verdict_outcome outcome, const char *evidence)
{
    const struct verdict_path *path = last.paths;

    for (size_t i = 0; i < path->check_count; i++) {
        if (path->checks[i].rule == rule && path->checks[i].place == 0) {
            assert_int_equal(path->checks[i].outcome, outcome);
            assert_string_equal(path->checks[i].evidence, evidence);
            return;
        }
    }
    fail_msg("%s was not judged", chain_rule_name(rule));
}

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, clear)

#endif
