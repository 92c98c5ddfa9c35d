#include "decisions_fixture.h"

#include <pthread.h>
#include <time.h>

#include "authority/doors.h"
#include "authority/password_queue.h"
#include "authority/people.h"
#include "crypto/key.h"
#include "support/self_signed.h"

#define NOW 1800000000
#define LATER 1900000000
#define PASSWORD "correct horse battery"
#define WRONG "correct horse batterx"
#define REFUSED "there is no such account, or the password is another"
#define LOCKED                                                               \
    "5 wrong passwords came for this account from your address; it may try " \
    "again in 15 minutes"

static char password_hashed[PASSWORD_ENCODED_ROOM];
static int64_t now_ms;
static struct doors *doors;

static int64_t milliseconds(void)
{
    return now_ms;
}

static int make_once(void **state)
{
    RELEASED(secret) password = {0};
    struct failure why = {0};

    (void)state;
    if (!secret_new(&password, strlen(PASSWORD), &why))
        return -1;
    memcpy(password.start, PASSWORD, strlen(PASSWORD));
    return password_hash(&password, password_hashed, &why) ? 0 : -1;
}

static int open_doors(void **state)
{
    struct fixture *fixture;

    (void)set_up(state);
    fixture = *state;
    clock_set(NOW);
    now_ms = 1000000;
    assert_done(fixture,
        doors_new(&fixture->authority, milliseconds, &doors, &fixture->why));
    return 0;
}

static int close_doors(void **state)
{
    doors_free(doors);
    return tear_down(state);
}

static struct door_visit visit_from(
    const struct fixture *fixture, const char *peer)
{
    return (struct door_visit){
        .reading = fixture->store, .door = DOOR_CERTSRV, .peer = peer};
}

/* --- accounts ------------------------------------------------------------ */

static void add_account(struct fixture *fixture, const char *name)
{
    const struct caller caller = administrator();
    const struct rights rights = {
        .profiles = "server", .names = "*.example.org"};

    assert_done(fixture, account_add(&fixture->authority,
                             &(struct account_change){.caller = &caller,
                                 .name = name,
                                 .rights = &rights,
                                 .password = password_hashed},
                             &fixture->why));
}

static bool enter(struct fixture *fixture, const char *name,
    const char *password, const char *peer)
{
    const struct door_visit visit = visit_from(fixture, peer);
    struct caller caller;

    return door_account(
        doors, &visit, name, bytes_of_text(password), &caller, &fixture->why);
}

static void fail_times(
    struct fixture *fixture, const char *name, const char *peer, int times)
{
    for (int i = 0; i < times; i++)
        assert_refused(fixture, enter(fixture, name, WRONG, peer),
            FAILURE_UNAUTHENTICATED, REFUSED);
}

static void an_account_enters_with_its_rights_and_no_role(void **state)
{
    struct fixture *fixture = *state;
    const struct door_visit visit = visit_from(fixture, "192.0.2.7");
    struct caller caller = {.role = ROLE_ADMINISTRATOR};

    add_account(fixture, "printer");
    assert_done(fixture, door_account(doors, &visit, "printer",
                             bytes_of_text(PASSWORD), &caller, &fixture->why));
    assert_int_equal(caller.way, CALLER_ACCOUNT);
    assert_int_equal(caller.door, DOOR_CERTSRV);
    assert_int_equal(caller.role, ROLE_NOBODY);
    assert_string_equal(caller.actor, "account:printer");
    assert_string_equal(caller.profiles, "server");
    assert_string_equal(caller.names, "*.example.org");
}

static void properties32_five_tries_and_nobody_else_is_locked_out(void **state)
{
    struct fixture *fixture = *state;

    add_account(fixture, "printer");
    add_account(fixture, "scanner");
    fail_times(fixture, "printer", "192.0.2.7", DOOR_TRIES_MAX);
    assert_refused(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"),
        FAILURE_FORBIDDEN, LOCKED);
    assert_done(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.8"));
    assert_done(fixture, enter(fixture, "scanner", PASSWORD, "192.0.2.7"));
    /* What is known from elsewhere unlocks nothing here. */
    assert_refused(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"),
        FAILURE_FORBIDDEN, LOCKED);
    now_ms += DOOR_TRIES_WINDOW_MS - 1;
    assert_refused(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"),
        FAILURE_FORBIDDEN, "may try again in 1 minutes");
    now_ms += 1;
    assert_done(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"));
}

static void an_unknown_account_is_locked_like_one_that_is_there(void **state)
{
    struct fixture *fixture = *state;

    fail_times(fixture, "nobody", "192.0.2.7", DOOR_TRIES_MAX);
    assert_refused(fixture, enter(fixture, "nobody", WRONG, "192.0.2.7"),
        FAILURE_FORBIDDEN, LOCKED);
}

/* No query is made of what somebody types. */
static void incident14_a_name_is_no_part_of_a_query(void **state)
{
    static const char *const names[] = {
        "printer' OR '1'='1", "\" OR 1=1 --", "print%", "PRINTER", ""};
    struct fixture *fixture = *state;

    add_account(fixture, "printer");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_refused(fixture, enter(fixture, names[i], PASSWORD, "192.0.2.7"),
            FAILURE_UNAUTHENTICATED, REFUSED);
}

static void a_right_password_forgives_the_tries_before_it(void **state)
{
    struct fixture *fixture = *state;

    add_account(fixture, "printer");
    fail_times(fixture, "printer", "192.0.2.7", DOOR_TRIES_MAX - 1);
    assert_done(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"));
    fail_times(fixture, "printer", "192.0.2.7", 1);
    assert_done(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"));
}

/* Whoever has a network of IPv6 has more addresses than there are tries. */
static void half_of_an_ipv6_address_is_the_address(void **state)
{
    struct fixture *fixture = *state;

    fail_times(fixture, "nobody", "2001:db8::1", 3);
    fail_times(fixture, "nobody", "2001:db8::2:2", 2);
    assert_refused(fixture, enter(fixture, "nobody", WRONG, "2001:db8::3"),
        FAILURE_FORBIDDEN, LOCKED);
    assert_refused(fixture, enter(fixture, "nobody", WRONG, "2001:db8:0:1::1"),
        FAILURE_UNAUTHENTICATED, REFUSED);
}

static int64_t processor_ms(void)
{
    struct timespec time;

    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int64_t cost_of(
    struct fixture *fixture, const char *password, bool enters)
{
    int64_t began = processor_ms();

    assert_int_equal(enter(fixture, "printer", password, "192.0.2.7"), enters);
    return processor_ms() - began;
}

static void a_right_password_is_known_again_for_five_minutes(void **state)
{
    struct fixture *fixture = *state;
    int64_t first, again = 0;

    add_account(fixture, "printer");
    first = cost_of(fixture, PASSWORD, true);
    for (int i = 0; i < 20; i++)
        again += cost_of(fixture, PASSWORD, true);
    assert_true(first > 20 && again < first);
    assert_true(cost_of(fixture, WRONG, false) > 20);
    now_ms += DOOR_PASSWORD_KEPT_MS;
    assert_true(cost_of(fixture, PASSWORD, true) > 20);
}

static void an_ended_account_does_not_enter_by_what_is_known(void **state)
{
    struct fixture *fixture = *state;
    const struct caller caller = administrator();

    add_account(fixture, "printer");
    assert_done(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"));
    assert_done(fixture, account_end(&fixture->authority, &caller, "printer",
                             false, &fixture->why));
    assert_refused(fixture, enter(fixture, "printer", PASSWORD, "192.0.2.7"),
        FAILURE_UNAUTHENTICATED, REFUSED);
}

/* --- how many at once ---------------------------------------------------- */

static void an_address_never_has_all_places(void **state)
{
    struct password_queue queue;
    struct failure why = {0};
    size_t mine = 9, others = 9, none = 9;

    (void)state;
    password_queue_start(&queue);
    assert_true(password_queue_enter(&queue, 1, 0, &mine, &why));
    assert_false(password_queue_enter(&queue, 1, 0, &none, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_true(password_queue_enter(&queue, 3, 0, &others, &why));
    assert_false(password_queue_enter(&queue, 5, 0, &none, &why));
    assert_string_equal(why.reason,
        "too many passwords are being checked; try again in a few seconds");
    password_queue_leave(&queue, others);
    assert_true(password_queue_enter(&queue, 5, 0, &others, &why));
    password_queue_leave(&queue, others);
    password_queue_leave(&queue, mine);
    password_queue_end(&queue);
}

static void *leave_soon(void *context)
{
    const struct timespec moment = {.tv_nsec = 50000000};

    (void)nanosleep(&moment, NULL);
    password_queue_leave(context, 0);
    return NULL;
}

static void who_waits_gets_the_place_that_is_left(void **state)
{
    struct password_queue queue;
    struct failure why = {0};
    pthread_t thread;
    size_t place = 9;

    (void)state;
    password_queue_start(&queue);
    assert_true(password_queue_enter(&queue, 1, 0, &place, &why));
    assert_int_equal(place, 0);
    assert_int_equal(pthread_create(&thread, NULL, leave_soon, &queue), 0);
    assert_true(password_queue_enter(&queue, 1, 10000, &place, &why));
    assert_int_equal(pthread_join(thread, NULL), 0);
    password_queue_leave(&queue, place);
    password_queue_end(&queue);
}

/* --- tokens -------------------------------------------------------------- */

static void make_token(struct fixture *fixture, const char *token)
{
    const struct caller caller = administrator();
    const struct rights rights = {.profiles = "server", .names = "a.example"};
    char sha256[SHA256_TEXT];
    int64_t expires_at = 0;

    assert_done(
        fixture, sha256_text(bytes_of_text(token), sha256, &fixture->why));
    assert_done(fixture, token_make(&fixture->authority,
                             &(struct token_change){.caller = &caller,
                                 .name = "ci",
                                 .role = ROLE_OPERATOR,
                                 .rights = &rights,
                                 .lifetime_s = 3600,
                                 .sha256 = sha256},
                             &expires_at, &fixture->why));
}

static bool enter_by_token(
    struct fixture *fixture, const char *token, struct caller *caller)
{
    const struct door_visit visit = visit_from(fixture, "192.0.2.7");

    return door_token(
        doors, &visit, bytes_of_text(token), caller, &fixture->why);
}

static void a_token_enters_with_its_role_and_rights_until_it_ends(void **state)
{
    struct fixture *fixture = *state;
    struct caller caller;

    make_token(fixture, "chy_one");
    assert_done(fixture, enter_by_token(fixture, "chy_one", &caller));
    assert_int_equal(caller.way, CALLER_TOKEN);
    assert_int_equal(caller.door, DOOR_CERTSRV);
    assert_int_equal(caller.role, ROLE_OPERATOR);
    assert_string_equal(caller.profiles, "server");
    assert_string_equal(caller.names, "a.example");
    assert_refused(fixture, enter_by_token(fixture, "chy_two", &caller),
        FAILURE_UNAUTHENTICATED, "this token is unknown, or was ended");
    clock_set(NOW + 3600);
    assert_refused(fixture, enter_by_token(fixture, "chy_one", &caller),
        FAILURE_UNAUTHENTICATED, "token:ci expired at 2027-01-15T09:00:00Z");
}

static void nobody_in_particular_has_no_role_and_no_rights(void **state)
{
    struct caller caller = door_anyone(DOOR_WEB);

    (void)state;
    assert_int_equal(caller.way, CALLER_ANYONE);
    assert_int_equal(caller.door, DOOR_WEB);
    assert_int_equal(caller.role, ROLE_NOBODY);
    assert_string_equal(caller.actor, "anyone");
    assert_string_equal(caller.profiles, "");
}

/* --- certificates -------------------------------------------------------- */

static void add_person(struct fixture *fixture, struct bytes certificate)
{
    const struct caller caller = administrator();
    struct person_changed changed;

    assert_done(fixture, person_add(&fixture->authority,
                             &(struct person_change){.caller = &caller,
                                 .name = "alice",
                                 .role = ROLE_APPROVER,
                                 .certificate = certificate,
                                 .local_user = -1,
                                 .link_sha256 = ""},
                             &changed, &fixture->why));
}

static void issue_it(struct fixture *fixture, struct bytes der)
{
    struct certificate certificate = {0};
    bool added = false;

    assert_done(fixture, certificate_read(der, &certificate, &fixture->why));
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, store_add_certificate(fixture->store,
                     &(struct certificate_row){.serial = certificate.tbs.serial,
                         .der = der,
                         .sealed = true,
                         .authority = 1,
                         .profile = "client",
                         .issued_at = NOW,
                         .not_after = LATER,
                         .status = CERTIFICATE_REVOKED,
                         .revoked_at = NOW,
                         .reason = REASON_KEY_COMPROMISE},
                     &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void incident17_a_revoked_certificate_signs_nobody_in(void **state)
{
    struct fixture *fixture = *state;
    const struct door_visit visit = visit_from(fixture, "192.0.2.7");
    SCOPED_STRUCT(private_key) *key = NULL;
    RELEASED(buffer) certificate = BUFFER("certificate", 4096);
    struct caller caller;

    assert_done(fixture,
        key_generate(key_algorithm_named("p256"), &key, &fixture->why));
    assert_true(self_signed(key->public_key, "alice", LATER, &certificate));
    add_person(fixture, buffer_view(&certificate));
    assert_done(
        fixture, door_certificate(doors, &visit, buffer_view(&certificate),
                     &caller, &fixture->why));
    assert_int_equal(caller.way, CALLER_PERSON);
    assert_int_equal(caller.door, DOOR_CERTSRV);
    assert_int_equal(caller.role, ROLE_APPROVER);
    issue_it(fixture, buffer_view(&certificate));
    assert_refused(fixture,
        door_certificate(
            doors, &visit, buffer_view(&certificate), &caller, &fixture->why),
        FAILURE_UNAUTHENTICATED, "this certificate was revoked");
}

/* --- the journal --------------------------------------------------------- */

struct told {
    size_t count;
    char all[16384], last[1024];
};

static bool keep_told(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct told *told = context;
    size_t used = strlen(told->all);

    (void)why;
    if (strcmp(event->kind, "sign-in-refused") != 0)
        return true;
    told->count++;
    (void)snprintf(
        told->last, sizeof(told->last), "%s %s", event->object, event->detail);
    (void)snprintf(told->all + used, sizeof(told->all) - used, "%s %s %s\n",
        event->actor, event->object, event->detail);
    return true;
}

static struct told told_in(struct fixture *fixture)
{
    struct told told = {0};

    assert_done(fixture,
        store_list_journal(fixture->store, 0, keep_told, &told, &fixture->why));
    return told;
}

static void properties39_a_flood_of_refusals_is_told_by_its_number(void **state)
{
    struct fixture *fixture = *state;
    struct caller caller;
    struct told told;

    for (int i = 0; i < 50; i++)
        assert_false(enter_by_token(fixture, "chy_guess", &caller));
    told = told_in(fixture);
    assert_int_equal(told.count, 20);
    assert_non_null(strstr(told.last, "\"address\":\"192.0.2.7\""));
    now_ms += 30000;
    assert_false(enter_by_token(fixture, "chy_guess", &caller));
    assert_false(enter_by_token(fixture, "chy_guess", &caller));
    told = told_in(fixture);
    assert_int_equal(told.count, 21);
    assert_non_null(strstr(told.last, "\"untold_before\":30"));
    assert_null(strstr(told.all, "chy_guess"));
}

/* People type their password where their name belongs. */
static void properties43_what_is_no_accounts_name_is_not_journalled(
    void **state)
{
    struct fixture *fixture = *state;
    struct told told;

    add_account(fixture, "printer");
    assert_false(enter(fixture, "printer", WRONG, "192.0.2.7"));
    told = told_in(fixture);
    assert_int_equal(strncmp(told.last, "printer ", 8), 0);
    assert_non_null(strstr(told.last, "\"way\":\"account\""));
    assert_non_null(strstr(told.last, "\"door\":\"certsrv\""));
    assert_false(enter(fixture, PASSWORD, WRONG, "192.0.2.7"));
    told = told_in(fixture);
    assert_int_equal(told.count, 2);
    assert_null(strstr(told.all, PASSWORD));
    assert_null(strstr(told.all, WRONG));
}

#define at_doors(function) \
    cmocka_unit_test_setup_teardown(function, open_doors, close_doors)

int main(void)
{
    const struct CMUnitTest tests[] = {
        at_doors(an_account_enters_with_its_rights_and_no_role),
        at_doors(properties32_five_tries_and_nobody_else_is_locked_out),
        at_doors(an_unknown_account_is_locked_like_one_that_is_there),
        at_doors(incident14_a_name_is_no_part_of_a_query),
        at_doors(a_right_password_forgives_the_tries_before_it),
        at_doors(half_of_an_ipv6_address_is_the_address),
        at_doors(a_right_password_is_known_again_for_five_minutes),
        at_doors(an_ended_account_does_not_enter_by_what_is_known),
        cmocka_unit_test(an_address_never_has_all_places),
        cmocka_unit_test(who_waits_gets_the_place_that_is_left),
        at_doors(a_token_enters_with_its_role_and_rights_until_it_ends),
        at_doors(nobody_in_particular_has_no_role_and_no_rights),
        at_doors(incident17_a_revoked_certificate_signs_nobody_in),
        at_doors(properties39_a_flood_of_refusals_is_told_by_its_number),
        at_doors(properties43_what_is_no_accounts_name_is_not_journalled),
    };

    return cmocka_run_group_tests(tests, make_once, NULL);
}
