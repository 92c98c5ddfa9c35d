#include "fixture.h"

#include "store/store_requests.h"

#define DAY_S INT64_C(86400)
#define VERSION "a1b2"

static bool keep_version(struct fixture *fixture)
{
    return store_keep_profile(fixture->store, VERSION, "server",
        "{\"name\":\"server\"}", 5, &fixture->why);
}

static struct request_row row_with(const char *id)
{
    return (struct request_row){.id = id,
        .state = REQUEST_WAITING,
        .key_sha256 = "c0de",
        .authority = 1,
        .profile = "server",
        .profile_sha256 = VERSION,
        .door = "control",
        .actor = "person:alice",
        .person = 7,
        .der = bytes_of_text("der"),
        .approvals_needed = 2,
        .asked_at = 1700000000,
        .reason = ""};
}

static int64_t add_request(
    struct fixture *fixture, const struct request_row *row, bool *added)
{
    int64_t number = 0;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, keep_version(fixture));
    assert_done(fixture,
        store_add_request(fixture->store, row, &number, added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    return number;
}

static int64_t ask(struct fixture *fixture, const char *id)
{
    const struct request_row row = row_with(id);
    bool added = false;
    int64_t number = add_request(fixture, &row, &added);

    assert_true(added);
    return number;
}

static bool decide(struct fixture *fixture, int64_t number,
    enum request_state state, const char *reason)
{
    bool ok = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    ok = store_decide_request(fixture->store, number, state, 1700000500, reason,
        state == REQUEST_ISSUED ? 4 : 0, &fixture->why);
    assert_true(store_commit(fixture->store, &(struct failure){0}));
    return ok;
}

static int approve(struct fixture *fixture, int64_t number, const char *who)
{
    int approvals = -1;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    if (!store_approve(fixture->store, number, who, who, 1700000100, &approvals,
            &fixture->why))
        approvals = -1;
    assert_true(store_commit(fixture->store, &(struct failure){0}));
    return approvals;
}

/* --- requests ------------------------------------------------------------ */

static bool compare_request(
    void *context, const struct request_row *row, struct failure *why)
{
    const struct request_row *wanted = context;

    (void)why;
    assert_true(row->number > 0);
    assert_string_equal(row->id, wanted->id);
    assert_int_equal(row->state, wanted->state);
    assert_string_equal(row->key_sha256, wanted->key_sha256);
    assert_int_equal(row->authority, wanted->authority);
    assert_string_equal(row->profile, wanted->profile);
    assert_string_equal(row->profile_sha256, wanted->profile_sha256);
    assert_string_equal(row->door, wanted->door);
    assert_string_equal(row->actor, wanted->actor);
    assert_int_equal(row->person, wanted->person);
    assert_true(bytes_equal(row->der, wanted->der));
    assert_true(bytes_equal(row->subject, wanted->subject));
    assert_true(bytes_equal(row->general_names, wanted->general_names));
    assert_int_equal(row->lifetime_s, wanted->lifetime_s);
    assert_int_equal(row->not_after, wanted->not_after);
    assert_int_equal(row->approvals_needed, wanted->approvals_needed);
    assert_int_equal(row->asked_at, wanted->asked_at);
    assert_int_equal(row->decided_at, wanted->decided_at);
    assert_string_equal(row->reason, wanted->reason);
    assert_int_equal(row->certificate, wanted->certificate);
    if (wanted->origin == NULL)
        assert_null(row->origin);
    else
        assert_string_equal(row->origin, wanted->origin);
    return true;
}

static void every_column_of_a_request_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct request_row row = row_with("abcdefghijkmnpqrstuvwxyz23");
    bool added = false;

    row.subject = bytes_of_text("subject");
    row.general_names = bytes_of_text("names");
    row.lifetime_s = 90 * DAY_S;
    row.not_after = 253402300799;
    row.origin = "control:'\xe2\x82\xac--";
    assert_int_equal(add_request(fixture, &row, &added), 1);
    assert_done(fixture, store_request_by_id(fixture->store, row.id,
                             compare_request, &row, &fixture->why));
    assert_done(fixture, decide(fixture, 1, REQUEST_ISSUED, ""));
    row.state = REQUEST_ISSUED;
    row.decided_at = 1700000500;
    row.certificate = 4;
    assert_done(fixture, store_request_by_id(fixture->store, row.id,
                             compare_request, &row, &fixture->why));
}

static void kb059_a_request_of_400_days_ago_is_found_by_its_id(void **state)
{
    struct fixture *fixture = *state;
    struct request_row row = row_with("old");
    bool added = false;
    char id[16];

    row.asked_at -= 400 * DAY_S;
    (void)add_request(fixture, &row, &added);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(id, sizeof(id), "newer%d", i);
        (void)ask(fixture, id);
    }
    close_store(fixture);
    reopen(fixture);
    assert_done(fixture, store_request_by_id(fixture->store, "old",
                             compare_request, &row, &fixture->why));
    assert_false(store_request_by_id(
        fixture->store, "older", compare_request, &row, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
}

static bool print_id(
    void *context, const struct request_row *row, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 64 - used, "%s ", row->id);
    return true;
}

static void assert_listed(struct fixture *fixture,
    const struct request_filter *filter, const char *ids)
{
    char text[64] = "";

    assert_done(fixture, store_list_requests(fixture->store, filter, print_id,
                             text, &fixture->why));
    assert_string_equal(text, ids);
}

static void kb037_any_number_of_requests_waits_for_one_name_and_key(
    void **state)
{
    struct fixture *fixture = *state;
    struct request_row other = row_with("d");
    bool added = false;

    assert_int_equal(ask(fixture, "a"), 1);
    assert_int_equal(ask(fixture, "b"), 2);
    assert_int_equal(ask(fixture, "c"), 3);
    other.key_sha256 = "beef";
    assert_int_equal(add_request(fixture, &other, &added), 4);
    assert_done(fixture, decide(fixture, 2, REQUEST_DENIED, "no"));

    assert_listed(fixture, &(struct request_filter){0}, "a b c d ");
    assert_listed(
        fixture, &(struct request_filter){.by_state = true}, "a c d ");
    assert_listed(
        fixture, &(struct request_filter){.key_sha256 = "c0de"}, "a b c ");
    assert_listed(fixture,
        &(struct request_filter){
            .key_sha256 = "c0de", .by_state = true, .state = REQUEST_DENIED},
        "b ");
    assert_listed(fixture,
        &(struct request_filter){
            .by_state = true, .after_number = 1, .limit = 1},
        "c ");
}

static void kb073_the_same_origin_asks_once(void **state)
{
    struct fixture *fixture = *state;
    struct request_row row = row_with("a");
    bool added = false;

    row.origin = "acme:1";
    assert_int_equal(add_request(fixture, &row, &added), 1);
    assert_true(added);
    assert_int_equal(ask(fixture, "b"), 2);
    row.id = "c";
    assert_int_equal(add_request(fixture, &row, &added), 1);
    assert_false(added);
    assert_listed(fixture, &(struct request_filter){0}, "a b ");
}

static void a_request_that_names_what_is_not_there_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct request_row row = row_with("a");
    int64_t number = 0;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_false(store_add_request(
        fixture->store, &row, &number, &added, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_done(fixture, keep_version(fixture));
    row.authority = 9;
    assert_false(store_add_request(
        fixture->store, &row, &number, &added, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    row.authority = 1;
    assert_done(fixture, store_add_request(fixture->store, &row, &number,
                             &added, &fixture->why));
    assert_false(store_add_request(
        fixture->store, &row, &number, &added, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    store_roll_back(fixture->store);
}

static void a_request_is_decided_once_and_says_how_it_was(void **state)
{
    struct fixture *fixture = *state;
    int64_t number = ask(fixture, "a");

    assert_false(decide(fixture, number + 1, REQUEST_DENIED, "no"));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_done(fixture, decide(fixture, number, REQUEST_DENIED, "no"));
    assert_false(decide(fixture, number, REQUEST_ISSUED, ""));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(
        strstr(fixture->why.reason, "it was denied at 2023-11-14T22:21:40Z"));
    assert_int_equal(approve(fixture, number, "person:1"), -1);
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
}

/* --- approvals ----------------------------------------------------------- */

static bool print_approval(void *context, const char *who, const char *actor,
    int64_t at, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    assert_string_equal(who, actor);
    assert_int_equal(at, 1700000100);
    (void)snprintf(text + used, 64 - used, "%s ", who);
    return true;
}

static void properties37_one_person_approves_a_request_once(void **state)
{
    struct fixture *fixture = *state;
    int64_t first = ask(fixture, "a");
    int64_t second = ask(fixture, "b");
    char text[64] = "";

    assert_int_equal(approve(fixture, first, "person:7"), 1);
    assert_int_equal(approve(fixture, first, "person:7"), -1);
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "are of two people"));
    assert_int_equal(approve(fixture, second, "person:7"), 1);
    assert_int_equal(approve(fixture, first, "local"), 2);
    assert_done(fixture, store_list_approvals(fixture->store, first,
                             print_approval, text, &fixture->why));
    assert_string_equal(text, "person:7 local ");
    assert_int_equal(approve(fixture, 99, "person:7"), -1);
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
}

/* --- profiles and pauses ------------------------------------------------- */

static void incident43_a_request_keeps_its_version_of_the_profile(void **state)
{
    struct fixture *fixture = *state;
    RELEASED(buffer) text = BUFFER("profile", 4096);
    struct request_row row = row_with("a");

    (void)ask(fixture, "a");
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, store_keep_profile(fixture->store, "ffff", "server",
                     "{\"name\":\"server\",\"lifetime\":1}", 6, &fixture->why));
    assert_done(fixture, keep_version(fixture));
    assert_false(store_keep_profile(
        fixture->store, VERSION, "server", "{}", 7, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));

    assert_done(fixture, store_request_by_id(fixture->store, "a",
                             compare_request, &row, &fixture->why));
    assert_done(fixture,
        store_profile_text(fixture->store, VERSION, &text, &fixture->why));
    assert_true(bytes_equal(
        buffer_view(&text), bytes_of_text("{\"name\":\"server\"}")));
    assert_false(
        store_profile_text(fixture->store, "eeee", &text, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
}

static void incident43_the_tables_refuse_to_change_what_was_asked(void **state)
{
    static const char *const faults[] = {
        "UPDATE profile_version SET text = '{}'", "DELETE FROM profile_version",
        "UPDATE request SET profile_sha256 = 'ffff'",
        "UPDATE request SET der = x'00'", "UPDATE request SET key_sha256 = ''",
        "REPLACE INTO profile_version VALUES ('a1b2', 'server', 5, '{}')"};
    struct fixture *fixture = *state;

    (void)ask(fixture, "a");
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
        assert_false(
            store_execute(fixture->store, faults[i], "spoil", &fixture->why));
}

static bool print_pause(void *context, const char *profile, const char *actor,
    const char *reason, int64_t at, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 64 - used, "%s/%s/%s/%lld ", profile, actor,
        reason, (long long)at);
    return true;
}

static void kb073_a_profile_is_paused_and_resumed_once(void **state)
{
    struct fixture *fixture = *state;
    char text[64] = "";
    bool changed[4];

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (int i = 0; i < 2; i++)
        assert_done(
            fixture, store_pause(fixture->store, i == 0 ? "server" : "*",
                         "alice", "audit", i, &changed[i], &fixture->why));
    assert_true(changed[0] && changed[1]);
    assert_done(fixture, store_pause(fixture->store, "server", "bob", "again",
                             9, &changed[0], &fixture->why));
    assert_false(changed[0]);
    assert_done(fixture,
        store_list_pauses(fixture->store, print_pause, text, &fixture->why));
    assert_string_equal(text, "*/alice/audit/1 server/alice/audit/0 ");
    for (int i = 0; i < 2; i++)
        assert_done(fixture, store_resume(fixture->store, "server",
                                 &changed[2 + i], &fixture->why));
    assert_true(changed[2]);
    assert_false(changed[3]);
    store_roll_back(fixture->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(every_column_of_a_request_comes_back),
        test_with_store(kb059_a_request_of_400_days_ago_is_found_by_its_id),
        test_with_store(
            kb037_any_number_of_requests_waits_for_one_name_and_key),
        test_with_store(kb073_the_same_origin_asks_once),
        test_with_store(a_request_that_names_what_is_not_there_is_refused),
        test_with_store(a_request_is_decided_once_and_says_how_it_was),
        test_with_store(properties37_one_person_approves_a_request_once),
        test_with_store(incident43_a_request_keeps_its_version_of_the_profile),
        test_with_store(incident43_the_tables_refuse_to_change_what_was_asked),
        test_with_store(kb073_a_profile_is_paused_and_resumed_once),
    };

    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
