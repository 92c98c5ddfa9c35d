#ifndef TESTS_UNIT_X509_REVOCATION_STAND_H
#define TESTS_UNIT_X509_REVOCATION_STAND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/status_desk.h"
#include "support/words.h"
#include "x509/chain/judgement.h"
#include "x509/chain/revocation.h"
#include "x509/chain/search.h"

/* One path of tests/objects/revocation, and what is at hand for its status. */

#define NOW INT64_C(1768435200) /* 2026-01-15 */
#define DAY INT64_C(86400)
#define SOURCES_MAX 6

static struct status_objects objects;

static inline int load_objects(void **state)
{
    (void)state;
    status_objects_load(&objects);
    return 0;
}

static inline int free_objects(void **state)
{
    (void)state;
    status_objects_free(&objects);
    return 0;
}

/* --- one path and what is at hand ----------------------------------------- */

struct stand {
    struct chain_certificate certificates[3];
    const struct chain_certificate *path[3];
    struct status_source sources[SOURCES_MAX];
    const struct status_source *at_hand[SOURCES_MAX];
    struct chain_pool *roots, *untrusted;
    struct chain_question question;
    struct chain_budget budget;
    struct chain_search search;
    struct verdict_path record;
    struct judgement judgement;
};

static inline void read_certificate(
    const char *name, struct chain_certificate *certificate)
{
    struct failure why = {0};
    bool at_extension = false;

    assert_true(chain_certificate_read(
        status_object(&objects, name), name, certificate, &at_extension, &why));
}

/* leaf, ca, root: the root's list is there, so that the leaf's status alone is
 * in question. */
static inline void stand_open(struct stand *stand, const char *leaf)
{
    const char *const others[] = {
        "ca-other", "ca-mute", "indirect", "indirect-two"};
    struct failure why = {0};

    *stand = (struct stand){0};
    read_certificate(leaf, &stand->certificates[0]);
    read_certificate("ca", &stand->certificates[1]);
    read_certificate("root", &stand->certificates[2]);
    for (size_t i = 0; i < 3; i++)
        stand->path[i] = &stand->certificates[i];
    assert_true(chain_pool_new(&stand->roots, &why));
    assert_true(chain_pool_new(&stand->untrusted, &why));
    assert_true(chain_pool_add(
        stand->roots, status_object(&objects, "root"), "roots", &why));
    assert_true(chain_pool_add(
        stand->roots, status_object(&objects, "root-two"), "roots", &why));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_true(chain_pool_add(stand->untrusted,
            status_object(&objects, others[i]), others[i], &why));
    stand->question =
        (struct chain_question){.leaf = status_object(&objects, leaf),
            .roots = stand->roots,
            .untrusted = stand->untrusted,
            .time = NOW,
            .revocation = CHAIN_REVOCATION_HARD,
            .sources = stand->at_hand};
    stand->budget.cpu_started_ms = clock_thread_cpu_ms();
    stand->judgement = (struct judgement){.question = &stand->question,
        .path = stand->path,
        .length = 3,
        .has_anchor = true,
        .budget = &stand->budget,
        .search = &stand->search,
        .record = &stand->record};
}

static inline void stand_free(struct stand *stand)
{
    for (size_t i = 0; i < stand->record.check_count; i++)
        free(stand->record.checks[i].evidence);
    free(stand->record.checks);
    chain_pool_free(stand->roots);
    chain_pool_free(stand->untrusted);
}

static inline void add_source(struct stand *stand, const char *name)
{
    size_t place = stand->question.source_count++;

    assert_true(place < SOURCES_MAX);
    status_source_read(status_object(&objects, name), name,
        strncmp(name, "ocsp", 4) == 0, &stand->sources[place]);
    stand->at_hand[place] = &stand->sources[place];
}

/* Names are separated by blanks. */
static inline void add_sources(struct stand *stand, const char *names)
{
    char *copy = strdup(names);
    char *rest = copy;

    assert_non_null(copy);
    for (char *name = next_word(&rest, " "); name != NULL;
         name = next_word(&rest, " ")) {
        for (size_t i = 0; i < objects.count; i++) {
            /* The name outlives the copy. */
            if (strcmp(objects.objects[i].name, name) == 0)
                add_source(stand, objects.objects[i].name);
        }
    }
    free(copy);
}

static inline void assert_evidence(const char *evidence, const char *part)
{
    if (strstr(evidence, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", evidence, part);
}

/* The root's list covers the authority; what else is at hand is given. */
static inline void assert_good(const char *leaf, const char *at_hand)
{
    RELEASED(stand) stand;

    stand_open(&stand, leaf);
    add_source(&stand, "root-empty");
    add_sources(&stand, at_hand);
    if (!judge_revocation(&stand.judgement))
        fail_msg("%s with %s: %s", leaf, at_hand, stand.judgement.evidence);
}

static inline void assert_bad(const char *leaf, const char *at_hand,
    enum verdict_code code, enum chain_rule rule, const char *evidence)
{
    RELEASED(stand) stand;

    stand_open(&stand, leaf);
    add_source(&stand, "root-empty");
    add_sources(&stand, at_hand);
    if (judge_revocation(&stand.judgement))
        fail_msg("%s with %s is good", leaf, at_hand);
    assert_evidence(stand.judgement.evidence, evidence);
    assert_string_equal(
        verdict_code_name(stand.judgement.code), verdict_code_name(code));
    assert_string_equal(
        chain_rule_name(stand.judgement.rule), chain_rule_name(rule));
    assert_int_equal(stand.judgement.place, 0);
}

static inline void assert_revoked(const char *leaf, const char *at_hand)
{
    assert_bad(leaf, at_hand, VERDICT_REVOKED, RULE_REVOKED,
        "revoked at 2025-12-20T00:00:00Z");
}

static inline void assert_unknown(const char *leaf, const char *at_hand,
    enum chain_rule rule, const char *evidence)
{
    assert_bad(leaf, at_hand, VERDICT_REVOCATION_UNKNOWN, rule, evidence);
}

#endif
