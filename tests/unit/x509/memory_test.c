#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "support/chain_desk.h"
#include "support/status_desk.h"
#include "x509/chain/explain.h"
#include "x509/chain/revocation.h"
#include "x509/chain/search.h"
#include "x509/crl_writer.h"
#include "x509/name.h"

/*
 * No memory is a failure like any other, and never a verdict.  The linker puts
 * the functions below in the place of the allocator for everything of ours;
 * each work is done again and again, until no allocation of it fails any more.
 */

static size_t until_failure; /* 0: nothing fails */
static bool stays_empty;     /* one allocation fails, or all from there on */
static bool has_run_out;

static bool runs_out(void)
{
    if (until_failure == 0)
        return false;
    if (until_failure > 1) {
        until_failure--;
        return false;
    }
    has_run_out = true;
    if (!stays_empty)
        until_failure = 0;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *there, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *there, size_t size);
char *__wrap_strdup(const char *text);
int __real_pthread_mutex_init(
    pthread_mutex_t *lock, const pthread_mutexattr_t *kind);
int __wrap_pthread_mutex_init(
    pthread_mutex_t *lock, const pthread_mutexattr_t *kind);

void *__wrap_malloc(size_t size)
{
    return runs_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return runs_out() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *there, size_t size)
{
    return runs_out() ? NULL : __real_realloc(there, size);
}

char *__wrap_strdup(const char *text)
{
    return runs_out() ? NULL : __real_strdup(text);
}

int __wrap_pthread_mutex_init(
    pthread_mutex_t *lock, const pthread_mutexattr_t *kind)
{
    return runs_out() ? ENOMEM : __real_pthread_mutex_init(lock, kind);
}

/* --- the loop --------------------------------------------------------------
 */

/* True: it was done.  It asserts itself that nothing else came of it. */
typedef bool work(struct failure *why);

#define ALLOCATIONS_MAX 20000

static void run_out_everywhere(work *done)
{
    for (int stays = 0; stays < 2; stays++) {
        for (size_t nth = 1; nth < ALLOCATIONS_MAX; nth++) {
            struct failure why = {0};
            bool is_done = false;

            stays_empty = stays != 0;
            has_run_out = false;
            until_failure = nth;
            is_done = done(&why);
            until_failure = 0;
            if (!is_done && (!has_run_out || why.kind != FAILURE_INTERNAL))
                fail_msg("at allocation %zu: %s", nth, why.reason);
            if (!has_run_out) {
                assert_true(is_done);
                assert_true(nth > 1);
                break;
            }
        }
    }
}

/* --- one certificate in every way ------------------------------------------
 */

#define NOW INT64_C(1768435200) /* 2026-01-15 */

static struct status_objects objects;
static struct chain_question question;
static enum verdict_code expected;

static bool ask(struct failure *why)
{
    RELEASED(verdict) verdict = {0};
    bool is_done = chain_verify(&question, &verdict, why);

    until_failure = 0;
    if (is_done && verdict.code != expected)
        fail_msg("%s, not %s: %s", verdict_code_name(verdict.code),
            verdict_code_name(expected), verdict.sentence);
    return is_done;
}

/* jansson's memory is ours too while this lasts. */
static struct verdict told;

static bool tell(struct failure *why)
{
    json_t *json = NULL;
    bool is_done = false;

    json_set_alloc_funcs(__wrap_malloc, free);
    is_done = explain_json(&told, &json, why);
    json_set_alloc_funcs(__real_malloc, free);
    if (is_done)
        assert_int_equal(
            json_array_size(json_object_get(json, "path")), told.paths->length);
    json_decref(json);
    return is_done;
}

static void tell_without_memory(void)
{
    struct failure why = {0};

    question.explains = true;
    assert_true(chain_verify(&question, &told, &why));
    run_out_everywhere(tell);
    verdict_free(&told);
    told = (struct verdict){0};
}

static void ask_without_memory(enum verdict_code code)
{
    struct failure why = {0};

    expected = code;
    assert_true(ask(&why));
    for (int explains = 0; explains < 2; explains++) {
        question.explains = explains != 0;
        run_out_everywhere(ask);
    }
    tell_without_memory();
}

static struct bytes object(const char *name)
{
    return status_object(&objects, name);
}

/* Names end with NULL. */
static void put_sources(struct status_source *sources,
    const struct status_source **at_hand, const char *const *names)
{
    question.source_count = 0;
    question.sources = at_hand;
    for (; *names != NULL; names++) {
        size_t place = question.source_count++;

        status_source_read(object(*names), *names,
            strncmp(*names, "ocsp", 4) == 0, &sources[place]);
        at_hand[place] = &sources[place];
    }
}

static void ask_of_status(
    const char *leaf, const char *const *names, enum verdict_code code)
{
    struct bytes between[] = {object("ca"), object("ca-other"),
        object("ca-mute"), object("indirect")};
    struct bytes root = object("root");
    struct status_source sources[8];
    const struct status_source *at_hand[8];

    question = (struct chain_question){.leaf = object(leaf),
        .roots = desk_pool(&root, 1),
        .untrusted = desk_pool(between, 4),
        .time = NOW,
        .revocation = CHAIN_REVOCATION_HARD};
    put_sources(sources, at_hand, names);
    ask_without_memory(code);
}

static void a_status_that_memory_ends_in_is_none(void **state)
{
    const char *const revoked[] = {"root-empty", "revoked", "delta", NULL};
    const char *const good[] = {"root-empty", "empty", NULL};
    const char *const other[] = {"root-empty", "indirect-revoked", NULL};
    const char *const nothing[] = {NULL};

    (void)state;
    ask_of_status("leaf", good, VERDICT_OK);
    ask_of_status("leaf", revoked, VERDICT_REVOKED);
    ask_of_status("leaf", nothing, VERDICT_REVOCATION_UNKNOWN);
    ask_of_status("leaf", other, VERDICT_REVOCATION_UNKNOWN);
}

/* --- policies, constraints, two ways up ------------------------------------
 */

/* 1.2.3 and 1.2.4; the one for the other. */
#define POLICIES "2.5.29.32=DER:300c300406022a03300406022a04"
#define MAPPINGS "2.5.29.33=DER:300a300806022a0306022a04"

static struct bytes authority_with(
    const char *constraints, const char *other, size_t key)
{
    return desk_make(&(struct desk_plan){.subject = "issuing",
        .issuer = "root",
        .key = key,
        .signer = 1,
        .basic = "critical,CA:TRUE",
        .constraints = constraints,
        .other = other});
}

static struct bytes leaf_of(size_t signer, const char *name)
{
    return desk_make(&(struct desk_plan){.subject = "leaf",
        .issuer = "issuing",
        .key = 3,
        .signer = signer,
        .names = name,
        .purposes = "serverAuth",
        .other = POLICIES});
}

static void a_path_that_memory_ends_on_is_no_verdict(void **state)
{
    struct bytes root = desk_root("root", 1);
    struct bytes between[] = {
        authority_with("permitted;DNS:example.org", POLICIES, 2),
        authority_with(NULL, MAPPINGS, 4)};
    struct failure why = {0};
    struct reference_name name = {0};

    (void)state;
    assert_true(reference_name_read(
        REFERENCE_DNS, bytes_of_text("www.example.org"), &name, &why));
    question = (struct chain_question){
        .leaf = leaf_of(2, "DNS:www.example.org,email:a@example.org"),
        .roots = desk_pool(&root, 1),
        .untrusted = desk_pool(between, 2),
        .time = DESK_NOW,
        .purpose = CHAIN_SERVER,
        .names = &name,
        .name_count = 1,
        .policies = {.require_explicit = true}};
    ask_without_memory(VERDICT_OK);
    question.leaf = leaf_of(4, "DNS:www.example.org");
    ask_without_memory(VERDICT_POLICY_VIOLATED);
    question.policies.require_explicit = false;
    question.leaf = leaf_of(4, "DNS:www.example.net");
    ask_without_memory(VERDICT_NAME_MISMATCH);
    question.name_count = 0;
    question.leaf = leaf_of(2, "DNS:www.example.net");
    ask_without_memory(VERDICT_NAME_CONSTRAINT_VIOLATED);
    question.leaf = leaf_of(9, "DNS:www.example.org");
    ask_without_memory(VERDICT_SIGNATURE_INVALID);
    question.leaf.length--;
    ask_without_memory(VERDICT_MALFORMED);
}

/* --- pools, words, names, lists --------------------------------------------
 */

#define POOLED 20

static struct bytes pooled[POOLED];

static bool fill_pool(struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;

    if (!chain_pool_new(&pool, why))
        return false;
    for (size_t i = 0; i < POOLED; i++) {
        size_t count = chain_pool_count(pool);

        if (!chain_pool_add(pool, pooled[i], "desk", why)) {
            assert_int_equal(chain_pool_count(pool), count);
            return false;
        }
    }
    assert_int_equal(chain_pool_count(pool), POOLED);
    return true;
}

static void a_pool_without_memory_stays_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < POOLED; i++)
        pooled[i] = desk_make(&(struct desk_plan){.subject = "one",
            .issuer = "other",
            .key = 1,
            .signer = 1,
            .serial = (long)i + 1});
    run_out_everywhere(fill_pool);
}

/* What is only told of is left out without memory, and nothing else. */
static bool keep_damage(struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    struct failure unread = {0};

    if (!chain_pool_new(&pool, why))
        return false;
    for (size_t i = 0; i < POOLED; i++) {
        assert_false(chain_pool_add(pool, pooled[i], "desk", &unread));
        if (unread.kind == FAILURE_INTERNAL) {
            *why = unread;
            return false;
        }
    }
    return true;
}

static void damage_without_memory_is_not_told_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < POOLED; i++)
        pooled[i] = desk_make(&(struct desk_plan){.subject = "one",
            .issuer = "other",
            .key = 1,
            .signer = 1,
            .serial = (long)i + 1,
            .other = "2.5.29.19=DER:0500"});
    run_out_everywhere(keep_damage);
}

static struct chain_pool *other_pool;

static bool fill_from_other(struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;

    return chain_pool_new(&pool, why) &&
           chain_pool_add_all(pool, other_pool, why);
}

static void a_pool_takes_all_of_another_or_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < POOLED; i++)
        pooled[i] = desk_make(&(struct desk_plan){.subject = "one",
            .issuer = "other",
            .key = 1,
            .signer = 1,
            .serial = (long)i + 1});
    other_pool = desk_pool(pooled, POOLED);
    run_out_everywhere(fill_from_other);
}

static bool make_cache(struct failure *why)
{
    SCOPED_STRUCT(signature_cache) *cache = NULL;

    return signature_cache_new(&cache, why);
}

static bool draft_name(struct failure *why)
{
    RELEASED(buffer) name = BUFFER("a name", 4096);
    RELEASED(buffer) text = BUFFER("a text", 4096);

    return name_read(
               "CN=a\\,b+OU=\\C3\\A4,1.2.3=#0c0141,O=Acme,C=DE", &name, why) &&
           name_print(buffer_view(&name), &text, why) &&
           name_describe(buffer_view(&name), &text, why);
}

static void a_name_without_memory_is_not_made(void **state)
{
    (void)state;
    run_out_everywhere(make_cache);
    run_out_everywhere(draft_name);
}

static bool make_writer(struct failure *why)
{
    SCOPED_STRUCT(crl_writer) *writer = NULL;

    return crl_writer_new(-1, &writer, why);
}

/* Outside a search: no edge of the path is known before. */
static bool judge_alone(struct failure *why)
{
    struct chain_certificate certificates[2];
    const struct chain_certificate *path[] = {
        &certificates[0], &certificates[1]};
    struct chain_budget budget = {0};
    struct chain_search search = {.question = &question,
        .algorithms = ALGORITHMS_RFC5280,
        .budget = &budget,
        .failure = why};
    struct judgement judgement = {.question = &question,
        .path = path,
        .length = 2,
        .search = &search,
        .budget = &budget};
    bool at_extension = false, is_good = false;

    for (size_t i = 0; i < 2; i++) {
        if (!chain_certificate_read(
                pooled[i], "desk", &certificates[i], &at_extension, why))
            return false;
    }
    is_good = judge_signatures(&judgement);
    chain_search_free(&search);
    if (!is_good) {
        assert_true(judgement.out_of_memory);
        assert_string_equal(
            judgement.evidence, "the limit of memory is reached");
    }
    return is_good;
}

static void a_path_is_not_judged_without_memory(void **state)
{
    (void)state;
    question = (struct chain_question){.time = DESK_NOW};
    pooled[0] = desk_leaf("root", 1);
    pooled[1] = desk_root("root", 1);
    run_out_everywhere(judge_alone);
    run_out_everywhere(make_writer);
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
        cmocka_unit_test(a_status_that_memory_ends_in_is_none),
        cmocka_unit_test(a_path_that_memory_ends_on_is_no_verdict),
        cmocka_unit_test(a_pool_without_memory_stays_as_it_was),
        cmocka_unit_test(damage_without_memory_is_not_told_of),
        cmocka_unit_test(a_pool_takes_all_of_another_or_fails),
        cmocka_unit_test(a_name_without_memory_is_not_made),
        cmocka_unit_test(a_path_is_not_judged_without_memory),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
