#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority/event.h"
#include "authority/people.h"
#include "base/clock.h"
#include "base/file.h"
#include "crypto/key.h"
#include "crypto/password.h"
#include "support/self_signed.h"

#define NOW 1800000000
#define LATER 1900000000
#define OWNER 1000
#define LINK "link-of-the-tests"
#define PASSWORD "correct horse battery"

static struct private_key *key;
static char password_hashed[PASSWORD_ENCODED_ROOM];

static struct {
    char folder[64], path[96];
    struct authority authority;
    struct caller caller;
    struct failure why;
} here;

static struct buffer alices = {.ceiling = 4096, .name = "certificate"};
static struct buffer expired = {.ceiling = 4096, .name = "certificate"};

static int make_once(void **state)
{
    RELEASED(secret) password = {0};
    struct failure why = {0};

    (void)state;
    if (!secret_new(&password, strlen(PASSWORD), &why))
        return -1;
    memcpy(password.start, PASSWORD, strlen(PASSWORD));
    return key_generate(key_algorithm_named("p256"), &key, &why) &&
                   password_hash(&password, password_hashed, &why) &&
                   self_signed(key->public_key, "alice", LATER, &alices) &&
                   self_signed(key->public_key, "old", NOW, &expired)
               ? 0
               : -1;
}

static int free_once(void **state)
{
    (void)state;
    private_key_free(key);
    buffer_free(&alices);
    buffer_free(&expired);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    memset(&here, 0, sizeof(here));
    clock_set(NOW);
    (void)snprintf(
        here.folder, sizeof(here.folder), "/tmp/chancery-people-XXXXXX");
    if (mkdtemp(here.folder) == NULL)
        return -1;
    (void)snprintf(here.path, sizeof(here.path), "%s/chancery.db", here.folder);
    (void)pthread_mutex_init(&here.authority.writing, NULL);
    (void)pthread_mutex_init(&here.authority.clock.lock, NULL);
    here.caller = (struct caller){
        .role = ROLE_ADMINISTRATOR, .actor = "uid:0", .who = "local"};
    return store_open(here.path, STORE_CREATE, &here.authority.store, &here.why)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(here.authority.store);
    clock_follow_the_machine();
    return folder_remove(here.folder, &here.why) ? 0 : -1;
}

#define assert_done(call)                    \
    do {                                     \
        if (!(call))                         \
            fail_msg("%s", here.why.reason); \
    } while (0)

#define assert_fails(call, wanted, said)             \
    do {                                             \
        assert_false(call);                          \
        if (strstr(here.why.reason, (said)) == NULL) \
            fail_msg("%s", here.why.reason);         \
        assert_int_equal(here.why.kind, (wanted));   \
    } while (0)

/* --- the journal --------------------------------------------------------- */

struct looking {
    char kind[40], object[80];
    char all[8192];
};

static bool keep_last(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct looking *looking = context;
    size_t used = strlen(looking->all);

    (void)why;
    (void)snprintf(looking->kind, sizeof(looking->kind), "%s", event->kind);
    (void)snprintf(
        looking->object, sizeof(looking->object), "%s", event->object);
    (void)snprintf(looking->all + used, sizeof(looking->all) - used, "%s %s\n",
        event->object, event->detail);
    return true;
}

static void assert_told(enum event_kind kind, const char *object)
{
    struct looking looking = {0};

    assert_done(store_list_journal(
        here.authority.store, 0, keep_last, &looking, &here.why));
    assert_string_equal(looking.kind, event_name(kind));
    assert_string_equal(looking.object, object);
}

/* --- people -------------------------------------------------------------- */

static struct person_change person(const char *name, enum enrolment_role role)
{
    return (struct person_change){.caller = &here.caller,
        .name = name,
        .role = role,
        .local_user = -1,
        .owner = OWNER,
        .link_sha256 = ""};
}

static bool add(const struct person_change *change)
{
    struct person_changed changed;

    return person_add(&here.authority, change, &changed, &here.why);
}

static bool add_user(const char *name, enum enrolment_role role, int64_t user)
{
    struct person_change change = person(name, role);

    change.local_user = user;
    return add(&change);
}

static bool add_certificate(
    const char *name, enum enrolment_role role, const struct buffer *der)
{
    struct person_change change = person(name, role);

    change.certificate = buffer_view(der);
    return add(&change);
}

static bool end(const char *name)
{
    return person_end(&here.authority, &here.caller, name, false, &here.why);
}

static bool by_certificate(const struct buffer *der, struct caller *caller)
{
    return people_by_certificate(
        here.authority.store, buffer_view(der), caller, &here.why);
}

static void the_exact_certificate_signs_in_and_another_one_does_not(
    void **state)
{
    RELEASED(buffer) same_name = BUFFER("certificate", 4096);
    struct caller caller = {0};

    (void)state;
    assert_done(add_certificate("alice", ROLE_OPERATOR, &alices));
    assert_told(EVENT_PERSON_ADDED, "alice");
    assert_done(by_certificate(&alices, &caller));
    assert_int_equal(caller.role, ROLE_OPERATOR);
    assert_string_equal(caller.actor, "alice");
    assert_string_equal(caller.who, "person:1");
    assert_true(self_signed(key->public_key, "alice", LATER + 1, &same_name));
    assert_fails(by_certificate(&same_name, &caller), FAILURE_UNAUTHENTICATED,
        "this certificate is nobody's here, or has ended");
}

static void an_expired_certificate_signs_nobody_in(void **state)
{
    struct caller caller = {0};

    (void)state;
    assert_fails(add_certificate("old", ROLE_OPERATOR, &expired),
        FAILURE_UNSUITABLE, "nobody can sign in with it");
    assert_done(add_certificate("alice", ROLE_OPERATOR, &alices));
    clock_set(LATER);
    assert_fails(by_certificate(&alices, &caller), FAILURE_UNAUTHENTICATED,
        "this certificate is nobody's here, or has ended");
}

static void an_ended_person_is_nobody(void **state)
{
    struct caller caller = {0};

    (void)state;
    assert_done(add_certificate("alice", ROLE_OPERATOR, &alices));
    assert_done(end("alice"));
    assert_told(EVENT_PERSON_ENDED, "alice");
    assert_false(by_certificate(&alices, &caller));
    assert_fails(end("alice"), FAILURE_NOT_FOUND, "no person named alice");
    assert_fails(add_user("alice", ROLE_OPERATOR, 2000), FAILURE_CONFLICT,
        "a name is given only once");
}

static void properties37_a_person_has_one_role(void **state)
{
    (void)state;
    assert_done(add_user("alice", ROLE_AUDITOR, 2000));
    assert_fails(add_user("alice", ROLE_OPERATOR, 2001), FAILURE_CONFLICT,
        "alice has the role auditor already, and a person has one role");
    assert_fails(add_user("bob", ROLE_OPERATOR, 2000), FAILURE_CONFLICT,
        "the local user 2000 is another person's");
    assert_done(add_certificate("carol", ROLE_AUDITOR, &alices));
    assert_fails(add_certificate("dave", ROLE_OPERATOR, &alices),
        FAILURE_CONFLICT, "is another person's");
}

static void properties37_root_and_the_owner_have_no_other_role(void **state)
{
    (void)state;
    assert_fails(add_user("alice", ROLE_AUDITOR, 0), FAILURE_UNSUITABLE,
        "they have no other role");
    assert_fails(add_user("alice", ROLE_AUDITOR, OWNER), FAILURE_UNSUITABLE,
        "they have no other role");
}

static void the_same_name_and_role_gets_another_way_in(void **state)
{
    struct caller caller = {0};
    bool found = false;

    (void)state;
    assert_done(add_certificate("alice", ROLE_ADMINISTRATOR, &alices));
    clock_set(LATER);
    assert_done(add_user("alice", ROLE_ADMINISTRATOR, 2000));
    assert_told(EVENT_PERSON_RENEWED, "alice");
    assert_done(
        people_by_user(here.authority.store, 2000, &found, &caller, &here.why));
    assert_true(found);
    assert_string_equal(caller.who, "person:1");
}

static void the_last_administrator_with_a_way_in_stays(void **state)
{
    (void)state;
    assert_done(add_user("alice", ROLE_ADMINISTRATOR, 2000));
    assert_fails(end("alice"), FAILURE_CONFLICT,
        "alice is the last administrator with a way in");
    assert_done(add_user("olga", ROLE_OPERATOR, 2001));
    assert_fails(end("alice"), FAILURE_CONFLICT, "the last administrator");
    assert_done(add_certificate("bob", ROLE_ADMINISTRATOR, &alices));
    /* bob's certificate has ended by then */
    clock_set(LATER);
    assert_fails(end("alice"), FAILURE_CONFLICT, "the last administrator");
    clock_set(NOW);
    assert_done(end("alice"));
}

static void a_dry_run_leaves_nothing(void **state)
{
    struct person_change change = person("alice", ROLE_OPERATOR);
    struct looking looking = {0};

    (void)state;
    change.dry = true;
    change.local_user = 2000;
    assert_done(add(&change));
    assert_done(store_list_journal(
        here.authority.store, 0, keep_last, &looking, &here.why));
    assert_string_equal(looking.all, "");
    assert_done(add_user("alice", ROLE_OPERATOR, 2000));
    assert_done(
        person_end(&here.authority, &here.caller, "alice", true, &here.why));
    assert_done(end("alice"));
}

static void a_name_can_be_read_in_the_journal_for_what_it_is(void **state)
{
    char longest[66];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    longest[65] = '\0';
    assert_non_null(person_name_fault(longest));
    longest[64] = '\0';
    assert_null(person_name_fault(longest));
    assert_null(person_name_fault("Zoë Müller"));
    assert_non_null(person_name_fault(""));
    assert_non_null(person_name_fault("uid:0"));
    assert_non_null(person_name_fault("keeper"));
    assert_non_null(person_name_fault("local"));
    assert_non_null(person_name_fault(" alice"));
    assert_non_null(person_name_fault("alice "));
    assert_non_null(person_name_fault("ali\nce"));
    assert_non_null(person_name_fault("ali\xe2\x80\xae"
                                      "ce"));
    assert_non_null(person_name_fault("\xff"));
    assert_fails(add_user("uid:0", ROLE_OPERATOR, 2000), FAILURE_UNSUITABLE,
        "the name of a person: a name has no colon");
}

/* --- links --------------------------------------------------------------- */

static bool take_link(const char *link, const struct buffer *der)
{
    const struct caller visitor = {.actor = "192.0.2.1"};
    int64_t taken = 0;

    return people_take_link(&here.authority, &visitor, bytes_of_text(link),
               buffer_view(der), &taken, &here.why) &&
           taken == 1;
}

static void add_link(void)
{
    struct person_change change = person("alice", ROLE_APPROVER);
    char sha256[SHA256_TEXT];

    assert_done(sha256_text(bytes_of_text(LINK), sha256, &here.why));
    change.link_sha256 = sha256;
    assert_done(add(&change));
    assert_told(EVENT_LINK_MADE, "alice");
}

static void a_link_binds_a_certificate_once(void **state)
{
    struct caller caller = {0};

    (void)state;
    add_link();
    assert_fails(take_link("another", &alices), FAILURE_UNAUTHENTICATED,
        "this link is unknown, was used, or is too old");
    assert_told(EVENT_LINK_REFUSED, "");
    assert_done(take_link(LINK, &alices));
    assert_told(EVENT_LINK_USED, "person:1");
    assert_done(by_certificate(&alices, &caller));
    assert_int_equal(caller.role, ROLE_APPROVER);
    assert_fails(take_link(LINK, &alices), FAILURE_UNAUTHENTICATED,
        "this link is unknown, was used, or is too old");
}

static void a_link_ends_after_a_day(void **state)
{
    (void)state;
    add_link();
    clock_set(NOW + LINK_LIFETIME_S + 1);
    assert_fails(take_link(LINK, &alices), FAILURE_UNAUTHENTICATED,
        "this link is unknown, was used, or is too old");
}

static void properties43_no_link_is_in_the_journal(void **state)
{
    struct looking looking = {0};

    (void)state;
    add_link();
    assert_false(take_link("wrong-" LINK, &alices));
    assert_done(take_link(LINK, &alices));
    assert_done(store_list_journal(
        here.authority.store, 0, keep_last, &looking, &here.why));
    assert_true(strlen(looking.all) > 0);
    assert_null(strstr(looking.all, LINK));
}

/* --- tokens and accounts ------------------------------------------------- */

static const struct rights server_rights = {
    .profiles = "server client", .names = "*.example.org 10.0.0.0/8"};
static const struct rights no_rights;

static bool make_token(const char *name, const char *token,
    enum enrolment_role role, int64_t lifetime_s)
{
    char sha256[SHA256_TEXT];
    const struct token_change change = {.caller = &here.caller,
        .name = name,
        .role = role,
        .rights = &server_rights,
        .lifetime_s = lifetime_s,
        .sha256 = sha256};
    int64_t expires_at = 0;

    assert_done(sha256_text(bytes_of_text(token), sha256, &here.why));
    return token_make(&here.authority, &change, &expires_at, &here.why) &&
           expires_at == NOW + lifetime_s;
}

static bool enter_by_token(const char *token, struct caller *caller)
{
    return people_check_token(
        here.authority.store, bytes_of_text(token), caller, &here.why);
}

static void a_token_enters_until_it_ends(void **state)
{
    static const char refused[] = "this token is unknown, or was ended";
    struct caller caller = {0};

    (void)state;
    assert_done(make_token("ci", "chy_one", ROLE_OPERATOR, 3600));
    assert_told(EVENT_TOKEN_MADE, "ci");
    assert_done(enter_by_token("chy_one", &caller));
    assert_int_equal(caller.role, ROLE_OPERATOR);
    assert_string_equal(caller.actor, "token:ci");
    assert_fails(
        enter_by_token("chy_two", &caller), FAILURE_UNAUTHENTICATED, refused);
    clock_set(NOW + 3600);
    assert_fails(enter_by_token("chy_one", &caller), FAILURE_UNAUTHENTICATED,
        "token:ci expired at 2027-01-15T09:00:00Z");
    clock_set(NOW);
    assert_done(
        token_end(&here.authority, &here.caller, "ci", false, &here.why));
    assert_told(EVENT_TOKEN_ENDED, "ci");
    assert_fails(
        enter_by_token("chy_one", &caller), FAILURE_UNAUTHENTICATED, refused);
}

static void a_token_is_never_an_administrators_and_lives_90_days_at_most(
    void **state)
{
    (void)state;
    assert_fails(make_token("a", "t", ROLE_ADMINISTRATOR, 60),
        FAILURE_UNSUITABLE, "never an administrator's");
    assert_fails(make_token("a", "t", ROLE_NOBODY, 60), FAILURE_UNSUITABLE,
        "never an administrator's");
    assert_fails(make_token("a", "t", ROLE_AUDITOR, TOKEN_LIFETIME_MAX_S + 1),
        FAILURE_UNSUITABLE, "at most 90 days");
    assert_fails(make_token("a", "t", ROLE_AUDITOR, 0), FAILURE_UNSUITABLE,
        "at most 90 days");
    assert_done(make_token("a", "t", ROLE_AUDITOR, TOKEN_LIFETIME_MAX_S));
}

static bool add_account(
    const char *name, const char *password, const struct rights *rights)
{
    const struct account_change change = {.caller = &here.caller,
        .name = name,
        .rights = rights,
        .password = password};

    return account_add(&here.authority, &change, &here.why);
}

static bool enter(const char *name, const char *password, struct caller *caller)
{
    struct account_seen seen;

    if (!people_find_account(here.authority.store, name, &seen, &here.why) ||
        !people_check_password(&seen, bytes_of_text(password), &here.why))
        return false;
    *caller = seen.caller;
    return true;
}

static void unknown_name_and_wrong_password_get_one_answer(void **state)
{
    static const char refused[] =
        "there is no such account, or the password is another";
    struct caller caller = {0};

    (void)state;
    assert_done(add_account("printer", password_hashed, &server_rights));
    assert_told(EVENT_ACCOUNT_ADDED, "printer");
    assert_done(enter("printer", PASSWORD, &caller));
    assert_int_equal(caller.role, ROLE_NOBODY);
    assert_string_equal(caller.actor, "account:printer");
    assert_fails(enter("printer", "correct horse batterx", &caller),
        FAILURE_UNAUTHENTICATED, refused);
    assert_fails(
        enter("nobody", PASSWORD, &caller), FAILURE_UNAUTHENTICATED, refused);
    assert_done(account_end(
        &here.authority, &here.caller, "printer", false, &here.why));
    assert_told(EVENT_ACCOUNT_ENDED, "printer");
    assert_fails(
        enter("printer", PASSWORD, &caller), FAILURE_UNAUTHENTICATED, refused);
}

static int64_t processor_ms(void)
{
    struct timespec time;

    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The work is the same; what the clock says depends on the machine. */
static void an_unknown_name_takes_as_long_as_a_wrong_password(void **state)
{
    struct caller caller = {0};
    int64_t began, known, unknown;

    (void)state;
    assert_done(add_account("printer", password_hashed, &server_rights));
    began = processor_ms();
    assert_false(enter("printer", "correct horse batterx", &caller));
    known = processor_ms() - began;
    began = processor_ms();
    assert_false(enter("nobody", "correct horse batterx", &caller));
    unknown = processor_ms() - began;
    assert_true(known > 20 && unknown > 20);
    assert_true(unknown * 2 > known && known * 2 > unknown);
}

static void a_password_that_is_not_hashed_is_not_stored(void **state)
{
    (void)state;
    assert_fails(add_account("printer", PASSWORD, &server_rights),
        FAILURE_MALFORMED, "a password comes hashed with argon2id");
    assert_fails(add_account("printer", "", &server_rights), FAILURE_MALFORMED,
        "a password comes hashed with argon2id");
}

/* --- rights -------------------------------------------------------------- */

static bool may_name(const struct rights *rights, const char *text)
{
    RELEASED(buffer) encoded = BUFFER("name", 1024);
    struct general_name name = {0};
    struct der_reader reader;

    assert_done(general_name_read(text, &encoded, &here.why));
    reader = der_reader_of(buffer_view(&encoded));
    assert_done(general_name_next(&reader, &name, &here.why));
    return rights_have_name(rights->names, &name);
}

static void incident18_an_empty_list_allows_nothing(void **state)
{
    (void)state;
    assert_false(rights_have_profile(no_rights.profiles, "server"));
    assert_false(rights_have_profile(no_rights.profiles, ""));
    assert_false(may_name(&no_rights, "dns:www.example.org"));
}

static void what_is_listed_is_allowed_and_nothing_else(void **state)
{
    (void)state;
    assert_true(rights_have_profile(server_rights.profiles, "server"));
    assert_true(rights_have_profile(server_rights.profiles, "client"));
    assert_false(rights_have_profile(server_rights.profiles, "serve"));
    assert_false(rights_have_profile(server_rights.profiles, "server client"));
    assert_true(may_name(&server_rights, "dns:www.example.org"));
    assert_true(may_name(&server_rights, "ip:10.1.2.3"));
    assert_false(may_name(&server_rights, "dns:example.com"));
    assert_false(may_name(&server_rights, "ip:192.0.2.1"));
}

static void a_pattern_with_a_blank_or_a_fault_is_refused(void **state)
{
    struct rights rights = {0};

    (void)state;
    assert_fails(rights_add_name(&rights, "a.example b.example", &here.why),
        FAILURE_UNSUITABLE, "a pattern has no blank in it");
    assert_fails(rights_add_name(&rights, "*", &here.why), FAILURE_UNSUITABLE,
        "is no pattern of names");
    assert_done(rights_add_name(&rights, "a.example", &here.why));
    assert_done(rights_add_name(&rights, "@a.example", &here.why));
    assert_string_equal(rights.names, "a.example @a.example");
}

static void a_list_has_a_limit(void **state)
{
    struct rights rights = {0};
    char pattern[32];
    bool ok = true;

    (void)state;
    for (int i = 0; ok && i < 1000; i++) {
        (void)snprintf(pattern, sizeof(pattern), "h%d.example.org", i);
        ok = rights_add_name(&rights, pattern, &here.why);
    }
    assert_false(ok);
    assert_string_equal(
        here.why.reason, "the list of names is longer than 4095 bytes");
}

#define test_here(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_here(the_exact_certificate_signs_in_and_another_one_does_not),
        test_here(an_expired_certificate_signs_nobody_in),
        test_here(an_ended_person_is_nobody),
        test_here(properties37_a_person_has_one_role),
        test_here(properties37_root_and_the_owner_have_no_other_role),
        test_here(the_same_name_and_role_gets_another_way_in),
        test_here(the_last_administrator_with_a_way_in_stays),
        test_here(a_dry_run_leaves_nothing),
        test_here(a_name_can_be_read_in_the_journal_for_what_it_is),
        test_here(a_link_binds_a_certificate_once),
        test_here(a_link_ends_after_a_day),
        test_here(properties43_no_link_is_in_the_journal),
        test_here(a_token_enters_until_it_ends),
        test_here(a_token_is_never_an_administrators_and_lives_90_days_at_most),
        test_here(unknown_name_and_wrong_password_get_one_answer),
        test_here(an_unknown_name_takes_as_long_as_a_wrong_password),
        test_here(a_password_that_is_not_hashed_is_not_stored),
        test_here(incident18_an_empty_list_allows_nothing),
        test_here(what_is_listed_is_allowed_and_nothing_else),
        test_here(a_pattern_with_a_blank_or_a_fault_is_refused),
        test_here(a_list_has_a_limit),
    };

    return cmocka_run_group_tests(tests, make_once, free_once);
}
