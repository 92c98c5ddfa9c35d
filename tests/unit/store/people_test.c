#include "fixture.h"

#include "store/store_people.h"

static struct person_row person_named(const char *name)
{
    return (struct person_row){.name = name,
        .role = PERSON_OPERATOR,
        .certificate_sha256 = "",
        .local_user = -1,
        .link_sha256 = "",
        .added_at = 100,
        .added_by = "local"};
}

/* Fails in its own transaction alone. */
#define within(fixture, call) (begin(fixture), commit(fixture, call))

static void begin(struct fixture *fixture)
{
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
}

static bool commit(struct fixture *fixture, bool outcome)
{
    assert_true(store_commit(fixture->store, &(struct failure){0}));
    return outcome;
}

static bool add_person(struct fixture *fixture, const struct person_row *row)
{
    int64_t id = 0;

    return within(
        fixture, store_add_person(fixture->store, row, &id, &fixture->why));
}

static bool end_person(struct fixture *fixture, const char *name)
{
    return within(
        fixture, store_end_person(fixture->store, name, 500, &fixture->why));
}

static bool take_link(
    struct fixture *fixture, const char *link, int64_t now, const char *sha256)
{
    int64_t person = 0;

    return within(fixture, store_take_link(fixture->store, link, now, sha256,
                               900, &person, &fixture->why)) &&
           person > 0;
}

static bool print_person(
    void *context, const struct person_row *row, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 128 - used, "%s/%d/%s/%lld/%lld/%s/%lld/%lld ",
        row->name, (int)row->role, row->certificate_sha256,
        (long long)row->certificate_not_after, (long long)row->local_user,
        row->link_sha256, (long long)row->link_until, (long long)row->ended_at);
    return true;
}

static void assert_people(struct fixture *fixture, const char *people)
{
    char text[128] = "";

    assert_done(fixture,
        store_list_people(fixture->store, print_person, text, &fixture->why));
    assert_string_equal(text, people);
}

static void assert_certificate_of(
    struct fixture *fixture, const char *sha256, const char *person)
{
    char text[128] = "";
    bool found = false;

    assert_done(fixture, store_person_by_certificate(fixture->store, sha256,
                             &found, print_person, text, &fixture->why));
    assert_int_equal(found, person != NULL);
    if (person != NULL)
        assert_string_equal(text, person);
}

static void assert_user_of(
    struct fixture *fixture, int64_t user, const char *person)
{
    char text[128] = "";
    bool found = false;

    assert_done(fixture, store_person_by_user(fixture->store, user, &found,
                             print_person, text, &fixture->why));
    assert_int_equal(found, person != NULL);
    if (person != NULL)
        assert_string_equal(text, person);
}

/* --- people -------------------------------------------------------------- */

static void a_person_is_found_by_certificate_and_local_user(void **state)
{
    struct fixture *fixture = *state;
    struct person_row row = person_named("Zo\xc3\xab '--");

    row.certificate_sha256 = "aa";
    row.certificate_not_after = 700;
    row.local_user = 0;
    assert_done(fixture, add_person(fixture, &row));
    row = person_named("nobody yet");
    assert_done(fixture, add_person(fixture, &row));
    assert_certificate_of(fixture, "aa", "Zo\xc3\xab '--/2/aa/700/0//0/0 ");
    assert_user_of(fixture, 0, "Zo\xc3\xab '--/2/aa/700/0//0/0 ");
    assert_certificate_of(fixture, "bb", NULL);
    assert_certificate_of(fixture, "", NULL);
    assert_user_of(fixture, 1, NULL);
    assert_user_of(fixture, -1, NULL);
}

static void assert_taken(
    struct fixture *fixture, const struct person_row *row, const char *words)
{
    assert_false(add_person(fixture, row));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    if (strstr(fixture->why.reason, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", fixture->why.reason, words);
}

static void a_name_certificate_user_or_link_is_one_persons(void **state)
{
    struct fixture *fixture = *state;
    struct person_row row = person_named("alice");

    row.certificate_sha256 = "aa";
    row.local_user = 1000;
    row.link_sha256 = "11";
    assert_done(fixture, add_person(fixture, &row));
    row = person_named("alice");
    assert_taken(fixture, &row, "named alice");
    row = person_named("bob");
    row.certificate_sha256 = "aa";
    assert_taken(fixture, &row, "the certificate aa");
    row = person_named("bob");
    row.local_user = 1000;
    assert_taken(fixture, &row, "the local user 1000");
    row = person_named("bob");
    row.link_sha256 = "11";
    assert_taken(fixture, &row, "link");
    row = person_named("bob");
    assert_done(fixture, add_person(fixture, &row));
}

static void an_ended_person_stays_with_the_name_and_frees_the_rest(void **state)
{
    struct fixture *fixture = *state;
    struct person_row row = person_named("alice");

    row.certificate_sha256 = "aa";
    row.local_user = 1000;
    assert_done(fixture, add_person(fixture, &row));
    assert_done(fixture, end_person(fixture, "alice"));
    assert_certificate_of(fixture, "aa", NULL);
    assert_user_of(fixture, 1000, NULL);
    assert_taken(fixture, &row, "named alice");
    row.name = "bob";
    assert_done(fixture, add_person(fixture, &row));
    assert_people(fixture, "alice/2/aa/0/1000//0/500 bob/2/aa/0/1000//0/0 ");
    assert_false(end_person(fixture, "alice"));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
}

static void the_last_administrator_can_not_be_ended(void **state)
{
    struct fixture *fixture = *state;
    struct person_row row = person_named("alice");

    row.role = PERSON_ADMINISTRATOR;
    assert_done(fixture, add_person(fixture, &row));
    row = person_named("carol");
    assert_done(fixture, add_person(fixture, &row));
    assert_false(end_person(fixture, "alice"));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "the last administrator"));
    assert_done(fixture, end_person(fixture, "carol"));

    row = person_named("bob");
    row.role = PERSON_ADMINISTRATOR;
    assert_done(fixture, add_person(fixture, &row));
    assert_done(fixture, end_person(fixture, "alice"));
    assert_false(end_person(fixture, "bob"));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
}

static void a_link_is_taken_once_and_in_time(void **state)
{
    struct fixture *fixture = *state;
    struct person_row row = person_named("alice");

    row.link_sha256 = "11";
    row.link_until = 200;
    assert_done(fixture, add_person(fixture, &row));
    row = person_named("bob");
    row.certificate_sha256 = "bb";
    assert_done(fixture, add_person(fixture, &row));

    assert_false(take_link(fixture, "", 150, "aa"));
    assert_int_equal(fixture->why.kind, FAILURE_UNAUTHENTICATED);
    assert_false(take_link(fixture, "12", 150, "aa"));
    assert_int_equal(fixture->why.kind, FAILURE_UNAUTHENTICATED);
    assert_false(take_link(fixture, "11", 201, "aa"));
    assert_int_equal(fixture->why.kind, FAILURE_UNAUTHENTICATED);
    assert_false(take_link(fixture, "11", 200, "bb"));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_true(take_link(fixture, "11", 200, "aa"));
    assert_false(take_link(fixture, "11", 200, "aa"));
    assert_int_equal(fixture->why.kind, FAILURE_UNAUTHENTICATED);
    assert_certificate_of(fixture, "aa", "alice/2/aa/900/-1//0/0 ");
}

static void renewing_changes_what_is_given_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct person_row row = person_named("alice");

    row.certificate_sha256 = "aa";
    row.certificate_not_after = 300;
    row.local_user = 5;
    assert_done(fixture, add_person(fixture, &row));
    row = person_named("alice");
    row.link_sha256 = "11";
    row.link_until = 400;
    row.role = PERSON_ADMINISTRATOR;
    assert_done(fixture, within(fixture, store_renew_person(fixture->store,
                                             &row, &fixture->why)));
    assert_people(fixture, "alice/2/aa/300/5/11/400/0 ");
    row = person_named("alice");
    row.certificate_sha256 = "bb";
    row.certificate_not_after = 800;
    row.local_user = 6;
    assert_done(fixture, within(fixture, store_renew_person(fixture->store,
                                             &row, &fixture->why)));
    assert_people(fixture, "alice/2/bb/800/6/11/400/0 ");
    row.name = "bob";
    assert_false(within(
        fixture, store_renew_person(fixture->store, &row, &fixture->why)));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
}

/* --- tokens and accounts ------------------------------------------------- */

static bool print_token(
    void *context, const struct token_row *row, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 128 - used, "%s/%s/%d/%s/%s/%lld/%lld/%lld/%s ",
        row->name, row->sha256, (int)row->role, row->profiles, row->names,
        (long long)row->made_at, (long long)row->expires_at,
        (long long)row->ended_at, row->made_by);
    return true;
}

static void a_token_is_found_by_its_hash_until_it_ends(void **state)
{
    struct fixture *fixture = *state;
    struct token_row row = {.name = "build",
        .sha256 = "aa",
        .role = PERSON_OPERATOR,
        .profiles = "server client",
        .names = "*.example.org",
        .made_at = 1,
        .expires_at = 2,
        .made_by = "alice"};
    char text[128] = "";
    bool found = false;

    begin(fixture);
    assert_done(fixture, store_add_token(fixture->store, &row, &fixture->why));
    assert_false(store_add_token(fixture->store, &row, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_done(fixture, store_token_by_hash(fixture->store, "aa", &found,
                             print_token, text, &fixture->why));
    assert_true(found);
    assert_string_equal(
        text, "build/aa/2/server client/*.example.org/1/2/0/alice ");
    assert_done(
        fixture, store_end_token(fixture->store, "build", 5, &fixture->why));
    assert_done(fixture, store_token_by_hash(fixture->store, "aa", &found,
                             print_token, text, &fixture->why));
    assert_false(found);
    assert_false(store_end_token(fixture->store, "build", 6, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    row.sha256 = "bb";
    assert_false(store_add_token(fixture->store, &row, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    text[0] = '\0';
    assert_done(fixture,
        store_list_tokens(fixture->store, print_token, text, &fixture->why));
    assert_string_equal(
        text, "build/aa/2/server client/*.example.org/1/2/5/alice ");
    (void)commit(fixture, true);
}

static bool print_account(
    void *context, const struct account_row *row, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 128 - used, "%s/%s/%s/%s/%lld/%lld/%s ",
        row->name, row->password, row->profiles, row->names,
        (long long)row->made_at, (long long)row->ended_at, row->made_by);
    return true;
}

static void an_account_is_found_by_its_name_until_it_ends(void **state)
{
    struct fixture *fixture = *state;
    const struct account_row row = {.name = "pump",
        .password = "$argon2id$",
        .profiles = "",
        .names = "",
        .made_at = 1,
        .made_by = "alice"};
    char text[128] = "";
    bool found = false;

    begin(fixture);
    assert_done(
        fixture, store_add_account(fixture->store, &row, &fixture->why));
    assert_done(fixture, store_account_by_name(fixture->store, "pump", &found,
                             print_account, text, &fixture->why));
    assert_true(found);
    assert_string_equal(text, "pump/$argon2id$///1/0/alice ");
    assert_done(
        fixture, store_end_account(fixture->store, "pump", 5, &fixture->why));
    assert_done(fixture, store_account_by_name(fixture->store, "pump", &found,
                             print_account, text, &fixture->why));
    assert_false(found);
    assert_false(store_end_account(fixture->store, "pump", 6, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_false(store_add_account(fixture->store, &row, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    text[0] = '\0';
    assert_done(fixture, store_list_accounts(fixture->store, print_account,
                             text, &fixture->why));
    assert_string_equal(text, "pump/$argon2id$///1/5/alice ");
    (void)commit(fixture, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(a_person_is_found_by_certificate_and_local_user),
        test_with_store(a_name_certificate_user_or_link_is_one_persons),
        test_with_store(an_ended_person_stays_with_the_name_and_frees_the_rest),
        test_with_store(the_last_administrator_can_not_be_ended),
        test_with_store(a_link_is_taken_once_and_in_time),
        test_with_store(renewing_changes_what_is_given_and_nothing_else),
        test_with_store(a_token_is_found_by_its_hash_until_it_ends),
        test_with_store(an_account_is_found_by_its_name_until_it_ends),
    };

    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
