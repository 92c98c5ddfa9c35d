#include "decisions_fixture.h"

#include "authority/requests.h"
#include "crypto/key.h"
#include "x509/name.h"

#define VERSION "a1b2"
#define DAY_S INT64_C(86400)
#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaa"

/* --- asking -------------------------------------------------------------- */

static void ask(struct fixture *fixture, const struct caller *asker, int needed,
    const char *door, struct bytes der)
{
    int64_t number = 0;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, store_keep_profile(fixture->store, VERSION, "duo",
                             "{}", 5, &fixture->why));
    assert_done(fixture, store_add_request(fixture->store,
                             &(struct request_row){.id = ID,
                                 .state = REQUEST_WAITING,
                                 .key_sha256 = "c0de",
                                 .authority = 1,
                                 .profile = "duo",
                                 .profile_sha256 = VERSION,
                                 .door = door,
                                 .actor = asker->actor,
                                 .person = asker->person,
                                 .der = der,
                                 .approvals_needed = needed,
                                 .asked_at = clock_now(),
                                 .reason = ""},
                             &number, &added, &fixture->why));
    assert_true(added);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void ask_for_two(struct fixture *fixture, const struct caller *asker)
{
    ask(fixture, asker, 2, REQUEST_BY_ROLE, bytes_of_text("der"));
}

/* Approvals after this one; -1: refused. */
static int approve(struct fixture *fixture, const struct caller *caller)
{
    struct approved approved = {0};
    struct desk desk = {0};

    fixture->why = (struct failure){0};
    if (!request_approve(&fixture->authority, &desk, fixture->store,
            &(struct request_decision){.caller = caller, .id = ID}, &approved,
            &fixture->why))
        return -1;
    assert_int_equal(approved.needed, 2);
    return approved.approvals;
}

static bool take_state(
    void *context, const struct request_row *row, struct failure *why)
{
    enum request_state *state = context;

    (void)why;
    *state = row->state;
    return true;
}

static enum request_state state_now(struct fixture *fixture)
{
    enum request_state state = REQUEST_FAILED;

    assert_done(fixture, store_request_by_id(fixture->store, ID, take_state,
                             &state, &fixture->why));
    return state;
}

/* --- two people ---------------------------------------------------------- */

static void properties37_the_same_person_is_not_counted_twice(void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller bob = person(fixture, "bob", PERSON_APPROVER);

    ask_for_two(fixture, &root);
    assert_int_equal(approve(fixture, &bob), 1);
    assert_int_equal(approve(fixture, &bob), -1);
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_int_equal(state_now(fixture), REQUEST_WAITING);
    assert_int_equal(events_of(fixture, "request-approved"), 1);
}

static void properties37_who_asked_is_neither_of_the_two(void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller alice = person(fixture, "alice", PERSON_OPERATOR);

    ask_for_two(fixture, &alice);
    assert_refused(fixture, approve(fixture, &alice) >= 0, FAILURE_CONFLICT,
        "alice asked for this");
    assert_int_equal(approve(fixture, &root), 1);
    assert_int_equal(events_of(fixture, "request-approved"), 1);
}

static void properties37_the_local_administrator_is_one_person(void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller owner = administrator();

    (void)snprintf(owner.actor, sizeof(owner.actor), "uid:1000");
    ask_for_two(fixture, &root);
    assert_refused(
        fixture, approve(fixture, &owner) >= 0, FAILURE_CONFLICT, "two others");
}

static void who_asked_with_the_old_key_alone_is_no_administrator(void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller nobody = {.actor = "uid:1000", .who = "uid:1000"};

    ask(fixture, &nobody, 2, REQUEST_BY_KEY, bytes_of_text("der"));
    assert_int_equal(approve(fixture, &root), 1);
}

static void an_approver_whose_role_ended_does_not_count(void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller bob = person(fixture, "bob", PERSON_APPROVER);
    struct caller carol = person(fixture, "carol", PERSON_APPROVER);

    ask_for_two(fixture, &root);
    assert_int_equal(approve(fixture, &bob), 1);
    end_person(fixture, "bob");
    assert_int_equal(approve(fixture, &carol), 1);
    assert_int_equal(state_now(fixture), REQUEST_WAITING);
}

static void a_connection_from_before_the_role_ended_approves_nothing(
    void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller bob = person(fixture, "bob", PERSON_APPROVER);
    struct caller eve = person(fixture, "eve", PERSON_AUDITOR);

    ask_for_two(fixture, &root);
    end_person(fixture, "bob");
    assert_refused(fixture, approve(fixture, &bob) >= 0, FAILURE_FORBIDDEN,
        "bob may not approve any more");
    assert_refused(fixture, approve(fixture, &eve) >= 0, FAILURE_FORBIDDEN,
        "eve may not approve");
    assert_int_equal(events_of(fixture, "request-approved"), 0);
}

/* --- what stops ---------------------------------------------------------- */

static void incident52_a_paused_profile_is_not_approved(void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller bob = person(fixture, "bob", PERSON_APPROVER);
    bool changed = false;

    ask_for_two(fixture, &root);
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, store_pause(fixture->store, "duo", "root", "an audit",
                             5, &changed, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_done(fixture, pauses_refresh(&fixture->authority.pauses,
                             fixture->store, &fixture->why));
    assert_refused(
        fixture, approve(fixture, &bob) >= 0, FAILURE_UNAVAILABLE, "an audit");
    assert_int_equal(events_of(fixture, "request-approved"), 0);
}

static void what_was_decided_is_decided(void **state)
{
    struct fixture *fixture = *state;
    struct caller root = administrator();
    struct caller bob = person(fixture, "bob", PERSON_APPROVER);
    const struct request_decision without = {.caller = &bob, .id = ID};
    const struct request_decision with = {
        .caller = &bob, .id = ID, .words = "not ours"};

    ask_for_two(fixture, &root);
    assert_refused(fixture,
        request_deny(&fixture->authority, &without, &fixture->why),
        FAILURE_UNSUITABLE, "in words");
    assert_refused(fixture,
        request_withdraw(&fixture->authority, &with, &fixture->why),
        FAILURE_FORBIDDEN, "did not ask");
    assert_done(
        fixture, request_deny(&fixture->authority, &with, &fixture->why));
    assert_int_equal(state_now(fixture), REQUEST_DENIED);
    assert_refused(fixture, approve(fixture, &bob) >= 0, FAILURE_CONFLICT,
        "denied already");
    assert_refused(fixture,
        request_deny(&fixture->authority, &with, &fixture->why),
        FAILURE_CONFLICT, "denied already");
    assert_int_equal(events_of(fixture, "request-denied"), 1);
}

/* --- proof of the key ---------------------------------------------------- */

static struct private_key *new_key(void)
{
    struct private_key *key = NULL;
    struct failure why = {0};

    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    return key;
}

static bool prove(struct fixture *fixture, const struct private_key *key,
    const char *id, struct bytes der)
{
    const struct request_row row = {.id = ID, .der = der};
    uint8_t signature[SIGNATURE_MAX];
    char text[100];
    size_t length = 0;

    (void)snprintf(text, sizeof(text), "%s%s", REQUEST_PROOF, id);
    assert_done(
        fixture, private_key_sign(key, key->algorithm->signs_with,
                     bytes_of_text(text), signature, &length, &fixture->why));
    return request_prove(
        &row, (struct bytes){signature, length}, &fixture->why);
}

static void kb059_its_own_key_proves_a_request_and_no_other(void **state)
{
    struct fixture *fixture = *state;
    RELEASED(buffer) der = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) name = BUFFER("name", 1000);
    SCOPED_STRUCT(private_key) *key = new_key();
    SCOPED_STRUCT(private_key) *other = new_key();

    assert_done(fixture, name_read("CN=a", &name, &fixture->why));
    assert_done(fixture, request_make(key, buffer_view(&name),
                             (struct bytes){0}, &der, &fixture->why));
    clock_set(clock_now() + 400 * DAY_S);
    assert_done(fixture, prove(fixture, key, ID, buffer_view(&der)));
    assert_refused(fixture, prove(fixture, other, ID, buffer_view(&der)),
        FAILURE_UNAUTHENTICATED, "not signed by the key");
    assert_refused(fixture,
        prove(fixture, key, "bbbbbbbbbbbbbbbbbbbbbbbbbb", buffer_view(&der)),
        FAILURE_UNAUTHENTICATED, "not signed by the key");
    assert_refused(fixture,
        request_prove(&(struct request_row){.id = ID, .der = buffer_view(&der)},
            (struct bytes){0}, &fixture->why),
        FAILURE_UNAUTHENTICATED, "not signed by the key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(properties37_the_same_person_is_not_counted_twice),
        on_a_store(properties37_who_asked_is_neither_of_the_two),
        on_a_store(properties37_the_local_administrator_is_one_person),
        on_a_store(who_asked_with_the_old_key_alone_is_no_administrator),
        on_a_store(an_approver_whose_role_ended_does_not_count),
        on_a_store(a_connection_from_before_the_role_ended_approves_nothing),
        on_a_store(incident52_a_paused_profile_is_not_approved),
        on_a_store(what_was_decided_is_decided),
        on_a_store(kb059_its_own_key_proves_a_request_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
