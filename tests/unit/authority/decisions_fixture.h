#ifndef TESTS_UNIT_AUTHORITY_DECISIONS_FIXTURE_H
#define TESTS_UNIT_AUTHORITY_DECISIONS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority/authority.h"
#include "base/clock.h"
#include "base/file.h"
#include "store/store_people.h"
#include "store/store_requests.h"

/* A store with one authority, and as much of an authority as decisions need:
 * neither keys nor a signer. */
struct fixture {
    char folder[64];
    struct authority authority;
    struct store *store;
    struct failure why;
};

#define assert_done(fixture, expression)           \
    do {                                           \
        if (!(expression))                         \
            fail_msg("%s", (fixture)->why.reason); \
    } while (false)

static inline void assert_refused(const struct fixture *fixture, bool done,
    enum failure_kind kind, const char *part)
{
    assert_false(done);
    if (strstr(fixture->why.reason, part) == NULL)
        fail_msg("another reason: %s", fixture->why.reason);
    assert_int_equal(fixture->why.kind, kind);
}

static inline void open_store(struct fixture *fixture)
{
    char path[96];
    int64_t id = 0;

    (void)snprintf(path, sizeof(path), "%s/chancery.db", fixture->folder);
    assert_done(fixture,
        store_open(path, STORE_CREATE, &fixture->store, &fixture->why));
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, store_add_authority(fixture->store,
                             &(struct authority_row){.name = "issuing",
                                 .certificate = bytes_of_text("certificate"),
                                 .key_sha256 = "key",
                                 .issues = true,
                                 .crl_shards = 1},
                             &id, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    (void)snprintf(
        fixture->folder, sizeof(fixture->folder), "/tmp/chancery-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    open_store(fixture);
    fixture->authority.store = fixture->store;
    (void)pthread_mutex_init(&fixture->authority.writing, NULL);
    (void)pthread_cond_init(&fixture->authority.turn, NULL);
    assert_done(fixture, clock_guard_start(&fixture->authority.clock,
                             fixture->store, &fixture->why));
    assert_done(fixture, pauses_start(&fixture->authority.pauses,
                             fixture->store, &fixture->why));
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    struct failure why = {0};

    clock_follow_the_machine();
    pauses_end(&fixture->authority.pauses);
    clock_guard_end(&fixture->authority.clock);
    (void)pthread_cond_destroy(&fixture->authority.turn);
    (void)pthread_mutex_destroy(&fixture->authority.writing);
    store_close(fixture->store);
    assert_true(folder_remove(fixture->folder, &why));
    free(fixture);
    return 0;
}

#define on_a_store(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* --- people -------------------------------------------------------------- */

static inline struct caller administrator(void)
{
    return (struct caller){
        .role = ROLE_ADMINISTRATOR, .actor = "uid:0", .who = "local"};
}

/* A person with a role, as who they come in. */
static inline struct caller person(
    struct fixture *fixture, const char *name, enum person_role role)
{
    struct caller caller = {
        .role = role == PERSON_OPERATOR ? ROLE_OPERATOR : ROLE_APPROVER};
    static int64_t user = 5000;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, store_add_person(fixture->store,
                             &(struct person_row){.name = name,
                                 .role = role,
                                 .certificate_sha256 = "",
                                 .local_user = ++user,
                                 .link_sha256 = "",
                                 .added_by = "test"},
                             &caller.person, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    (void)snprintf(caller.actor, sizeof(caller.actor), "%s", name);
    (void)snprintf(
        caller.who, sizeof(caller.who), "person:%d", (int)caller.person);
    return caller;
}

static inline void end_person(struct fixture *fixture, const char *name)
{
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, store_end_person(fixture->store, name, 5, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

/* --- the journal --------------------------------------------------------- */

struct events {
    const char *kind;
    size_t count;
};

static inline bool count_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct events *events = context;

    (void)why;
    events->count += strcmp(event->kind, events->kind) == 0;
    return true;
}

static inline size_t events_of(struct fixture *fixture, const char *kind)
{
    struct events events = {kind, 0};

    assert_done(fixture, store_list_journal(fixture->store, 0, count_event,
                             &events, &fixture->why));
    return events.count;
}

#endif
