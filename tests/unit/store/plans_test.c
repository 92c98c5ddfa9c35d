#include "fixture.h"

#include "store/store_people.h"
#include "store/store_requests.h"
#include "store/store_revocations.h"

/* What is asked often finds its rows by an index or by their number, however
 * many there are: SQLite itself says how it would go. */

static bool ignore_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

static bool ignore_revocation(
    void *context, const struct revocation_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

static bool ignore_request(
    void *context, const struct request_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

static bool ignore_approval(void *context, const char *who, const char *actor,
    int64_t at, struct failure *why)
{
    (void)context;
    (void)who;
    (void)actor;
    (void)at;
    (void)why;
    return true;
}

static bool ignore_person(
    void *context, const struct person_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

static bool ignore_token(
    void *context, const struct token_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

static bool ignore_account(
    void *context, const struct account_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

static bool ignore_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    (void)context;
    (void)event;
    (void)why;
    return true;
}

/* --- each verb once, so that its statement is prepared ------------------- */

static void use_certificates(struct fixture *fixture)
{
    struct store *store = fixture->store;
    struct failure *why = &fixture->why;
    struct certificate_filter filter = {.limit = 10};
    uint8_t serial[SERIAL_BYTES];
    bool found = false;

    assert_done(fixture, add_numbered(store, 1, "control:1", &found, why));
    assert_done(
        fixture, store_certificate_by_serial(store, serial_of(1, serial),
                     ignore_certificate, NULL, why));
    assert_done(fixture, store_certificate_by_origin(store, "control:1", &found,
                             ignore_certificate, NULL, why));
    assert_done(fixture,
        store_certificate_by_id(store, 1, ignore_certificate, NULL, why));
    assert_done(
        fixture, store_certificates_by_prefix(store, (struct bytes){serial, 2},
                     3, 10, ignore_certificate, NULL, why));
    for (int i = 0; i < 2; i++) {
        filter.by_status = i == 1;
        filter.status = CERTIFICATE_REVOKED;
        assert_done(fixture, store_list_certificates(store, &filter,
                                 ignore_certificate, NULL, why));
    }
    assert_done(fixture, journal_issued(store, 1, why));
    assert_done(
        fixture, store_journal_event(store, 1, ignore_event, NULL, why));
    assert_done(fixture, store_list_journal(store, 1, ignore_event, NULL, why));
}

static void use_revocations(struct fixture *fixture)
{
    const struct revocation_filter changes = {
        .authority = 1, .shard = -1, .after_change = 1};
    struct store *store = fixture->store;
    struct failure *why = &fixture->why;
    uint8_t serial[SERIAL_BYTES];
    struct status_row row;
    struct crl_row crl = {.authority = 1, .number = 1};
    bool found = false;
    int64_t count = 0;

    assert_done(fixture,
        store_revoke(store, 1, 0, 5, REASON_CERTIFICATE_HOLD, &found, why));
    assert_done(fixture, store_release(store, 1, 6, why));
    assert_done(fixture,
        store_list_revocations(store, &changes, ignore_revocation, NULL, why));
    assert_done(fixture, store_count_revocations(store, &changes, &count, why));
    assert_done(fixture,
        store_status(store, 1, serial_of(1, serial), &row, &found, why));
    assert_done(fixture, store_set_crl(store, &crl, why));
    assert_done(fixture, store_crl(store, 1, 0, &crl, &found, why));
}

static void use_requests(struct fixture *fixture)
{
    const struct request_row row = {.id = "a",
        .key_sha256 = "00",
        .authority = 1,
        .profile = "server",
        .profile_sha256 = "a1",
        .door = "control",
        .actor = "alice",
        .reason = "",
        .origin = "control:1",
        .der = bytes_of_text("der")};
    const struct request_filter filters[] = {
        {.limit = 5}, {.by_state = true}, {.key_sha256 = "00"}};
    struct store *store = fixture->store;
    struct failure *why = &fixture->why;
    char origin[STORE_ORIGIN_ROOM];
    int64_t number = 0;
    int approvals = 0;
    bool added = false;

    assert_done(
        fixture, store_keep_profile(store, "a1", "server", "{}", 1, why));
    for (int i = 0; i < 2; i++)
        assert_done(
            fixture, store_add_request(store, &row, &number, &added, why));
    assert_done(fixture,
        store_origin_beginning(store, "control:", &added, origin, why));
    assert_true(added);
    assert_string_equal(origin, "control:1");
    assert_done(
        fixture, store_request_by_id(store, "a", ignore_request, NULL, why));
    for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
        assert_done(fixture,
            store_list_requests(store, &filters[i], ignore_request, NULL, why));
    assert_done(fixture,
        store_approve(store, number, "person:1", "bob", 1, &approvals, why));
    assert_done(fixture,
        store_list_approvals(store, number, ignore_approval, NULL, why));
    assert_done(fixture,
        store_decide_request(store, number, REQUEST_DENIED, 1, "no", 0, why));
}

static void use_people(struct fixture *fixture)
{
    struct store *store = fixture->store;
    struct failure *why = &fixture->why;
    int64_t person = 0;
    bool found = false;

    assert_done(fixture, store_person_by_certificate(
                             store, "aa", &found, ignore_person, NULL, why));
    assert_done(fixture,
        store_person_by_user(store, 5, &found, ignore_person, NULL, why));
    assert_false(store_take_link(store, "11", 1, "aa", 2, &person, why));
    assert_done(fixture,
        store_token_by_hash(store, "aa", &found, ignore_token, NULL, why));
    assert_done(fixture, store_account_by_name(
                             store, "pump", &found, ignore_account, NULL, why));
}

/* --- plans --------------------------------------------------------------- */

/* "SCAN x" goes over all of it; what is sorted was read whole before. */
static void assert_plan(sqlite3 *database, const char *text)
{
    char explained[2048];
    sqlite3_stmt *plan = NULL;

    (void)snprintf(explained, sizeof(explained), "EXPLAIN QUERY PLAN %s", text);
    assert_int_equal(
        sqlite3_prepare_v2(database, explained, -1, &plan, NULL), SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *step = column_text(plan, 3);

        if (strncmp(step, "SCAN ", 5) == 0 &&
            strcmp(step, "SCAN CONSTANT ROW") != 0)
            fail_msg("%s: %s", step, text);
        if (strstr(step, "TEMP B-TREE") != NULL)
            fail_msg("%s: %s", step, text);
    }
    (void)sqlite3_finalize(plan);
}

static void what_is_asked_often_never_reads_a_whole_table(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture->store;
    size_t plans = 0;

    assert_done(fixture, store_begin(store, &fixture->why));
    use_certificates(fixture);
    use_revocations(fixture);
    use_requests(fixture);
    use_people(fixture);
    for (size_t i = STATEMENT_ADD_CERTIFICATE; i < STATEMENTS; i++) {
        const char *text = store->statements[i] == NULL
                               ? NULL
                               : sqlite3_sql(store->statements[i]);

        /* The end of a walk that is not taken; a handful that is sorted. */
        if (text == NULL || i == STATEMENT_JOURNAL_HEAD ||
            i == STATEMENT_LIST_APPROVALS)
            continue;
        assert_plan(store->database, text);
        plans++;
    }
    assert_in_range(plans, 35, STATEMENTS);
    store_roll_back(store);
}

/* Where a walk over all numbers would do as well, and must not. */
static void assert_uses(
    struct fixture *fixture, enum store_statement which, const char *index)
{
    char explained[2048];
    sqlite3_stmt *plan = NULL;

    (void)snprintf(explained, sizeof(explained), "EXPLAIN QUERY PLAN %s",
        sqlite3_sql(fixture->store->statements[which]));
    assert_int_equal(sqlite3_prepare_v2(
                         fixture->store->database, explained, -1, &plan, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(plan), SQLITE_ROW);
    if (strstr(column_text(plan, 3), index) == NULL)
        fail_msg("\"%s\" is not by %s", column_text(plan, 3), index);
    (void)sqlite3_finalize(plan);
}

static void a_filter_walks_along_its_own_index(void **state)
{
    struct fixture *fixture = *state;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    use_certificates(fixture);
    use_requests(fixture);
    assert_uses(fixture, STATEMENT_LIST_REQUESTS_BY_KEY, "request_key");
    assert_uses(fixture, STATEMENT_LIST_REQUESTS_BY_STATE, "request_state");
    assert_uses(fixture, STATEMENT_CERTIFICATES_BY_PREFIX,
        "sqlite_autoindex_certificate_1 (serial>? AND serial<?)");
    assert_uses(fixture, STATEMENT_LIST_REVOKED_CERTIFICATES,
        "SEARCH revocation USING INTEGER PRIMARY KEY");
    store_roll_back(fixture->store);
}

static void issuing_writes_no_index_but_serial_and_origin(void **state)
{
    struct fixture *fixture = *state;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(fixture->store->database,
            "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema"
            " WHERE tbl_name = 'certificate' AND (type = 'index'"
            " OR sql LIKE '% INSERT %') ORDER BY name)",
            -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal(column_text(statement, 0),
        "certificate_origin,sqlite_autoindex_certificate_1");
    (void)sqlite3_finalize(statement);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(what_is_asked_often_never_reads_a_whole_table),
        test_with_store(a_filter_walks_along_its_own_index),
        test_with_store(issuing_writes_no_index_but_serial_and_origin),
    };

    return cmocka_run_group_tests_name("plans", tests, NULL, NULL);
}
