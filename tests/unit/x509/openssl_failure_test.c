#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/chain_desk.h"
#include "support/openssl_failure.h"
#include "support/status_desk.h"
#include "x509/chain/revocation.h"

/*
 * Q305929: what could not be computed is not invalid.  Each question is asked
 * again and again, and each time another call into OpenSSL fails as it does
 * without memory, until none is left.
 */

#define NOW INT64_C(1768435200) /* 2026-01-15 */
#define CALLS_MAX 5000

static struct status_objects objects;

static struct bytes object(const char *name)
{
    return status_object(&objects, name);
}

/* An answer that can't be hashed is nobody's: its status stays unknown. */
static bool is_verdict(
    const struct verdict *verdict, enum verdict_code expected, bool has_failed)
{
    return verdict->code == expected ||
           (has_failed && verdict->code == VERDICT_REVOCATION_UNKNOWN);
}

/* False: this call is one too many. */
static bool ask_at(struct chain_question question, size_t nth,
    enum verdict_code expected, bool is_cached)
{
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    RELEASED(verdict) verdict = {0};
    struct failure why = {0};
    bool is_done = false, has_failed = false;

    assert_true(signature_cache_new(&cache, &why));
    question.cache = is_cached ? cache : NULL;
    openssl_fails_at(nth);
    is_done = chain_verify(&question, &verdict, &why);
    has_failed = openssl_has_failed();
    openssl_fails_at(0);
    if (is_done && !is_verdict(&verdict, expected, has_failed))
        fail_msg("at call %zu: %s", nth, verdict.sentence);
    if (!is_done && (!has_failed || why.kind != FAILURE_INTERNAL))
        fail_msg("at call %zu: %s", nth, why.reason);
    return has_failed;
}

static void ask_everywhere(
    struct chain_question question, enum verdict_code expected)
{
    for (int turn = 0; turn < 4; turn++) {
        size_t nth = 1;

        question.explains = turn >= 2;
        while (ask_at(question, nth, expected, turn % 2 != 0))
            assert_true(nth++ < CALLS_MAX);
        assert_true(nth > 2);
    }
}

static void a_path_is_no_verdict_where_the_library_fails(void **state)
{
    struct bytes root = desk_root("root", 1);
    struct bytes rsa = desk_authority("rsa", DESK_RSA, "root", 1);
    struct bytes raw = desk_authority("raw", DESK_ED25519, "root", 1);
    struct bytes between[] = {rsa, raw};
    struct chain_question question = {.roots = desk_pool(&root, 1),
        .untrusted = desk_pool(between, 2),
        .time = DESK_NOW};

    (void)state;
    question.leaf = desk_leaf("rsa", DESK_RSA);
    ask_everywhere(question, VERDICT_OK);
    question.leaf = desk_leaf("raw", DESK_ED25519);
    ask_everywhere(question, VERDICT_OK);
    question.leaf = desk_flip(question.leaf, question.leaf.length * 8 - 9);
    ask_everywhere(question, VERDICT_SIGNATURE_INVALID);
    question.leaf = desk_leaf("root", 1);
    question.profile = CHAIN_WEBPKI;
    question.roots = desk_pool(NULL, 0);
    ask_everywhere(question, VERDICT_ISSUER_MISSING);
}

static void ask_of_status(
    const char *leaf, const char *const names[2], enum verdict_code expected)
{
    struct bytes between[] = {
        object("ca"), object("ca-other"), object("indirect")};
    struct bytes root = object("root");
    struct status_source sources[2];
    const struct status_source *at_hand[2];

    for (size_t i = 0; i < 2; i++) {
        status_source_read(object(names[i]), names[i],
            strncmp(names[i], "ocsp", 4) == 0, &sources[i]);
        at_hand[i] = &sources[i];
    }
    ask_everywhere((struct chain_question){.leaf = object(leaf),
                       .roots = desk_pool(&root, 1),
                       .untrusted = desk_pool(between, 3),
                       .time = NOW,
                       .revocation = CHAIN_REVOCATION_HARD,
                       .sources = at_hand,
                       .source_count = 2},
        expected);
}

static void a_status_is_not_made_up_where_the_library_fails(void **state)
{
    (void)state;
    ask_of_status(
        "leaf", (const char *const[]){"root-empty", "empty"}, VERDICT_OK);
    ask_of_status("leaf", (const char *const[]){"root-empty", "by-other-key"},
        VERDICT_OK);
    ask_of_status(
        "leaf", (const char *const[]){"root-empty", "ocsp-good"}, VERDICT_OK);
    ask_of_status("leaf", (const char *const[]){"root-empty", "ocsp-delegated"},
        VERDICT_OK);
    ask_of_status("leaf",
        (const char *const[]){"root-empty", "ocsp-delegated-by-key"},
        VERDICT_OK);
    ask_of_status("leaf-indirect",
        (const char *const[]){"root-empty", "indirect-revoked"},
        VERDICT_REVOKED);
}

static int set_up(void **state)
{
    (void)state;
    status_objects_load(&objects);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_clear();
    status_objects_free(&objects);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_no_verdict_where_the_library_fails),
        cmocka_unit_test(a_status_is_not_made_up_where_the_library_fails),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
