#include "fixture.h"

#include "store/store_revocations.h"

#define MANY 100000

static void add_certificates(struct fixture *fixture, uint32_t count)
{
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 1; i <= count; i++)
        assert_done(fixture,
            add_numbered(fixture->store, i, NULL, &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static bool revoke_at(struct fixture *fixture, int64_t id, int64_t at,
    enum revocation_reason reason)
{
    bool changed = false;
    bool ok = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    ok = store_revoke(
        fixture->store, id, 3, at, reason, &changed, &fixture->why);
    if (!ok) {
        store_roll_back(fixture->store);
        return false;
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    return changed;
}

static bool release(struct fixture *fixture, int64_t id, int64_t at)
{
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    if (!store_release(fixture->store, id, at, &fixture->why)) {
        store_roll_back(fixture->store);
        return false;
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    return true;
}

/* "certificate/shard/time/reason/change ", one after the other. */
static bool print_row(
    void *context, const struct revocation_row *row, struct failure *why)
{
    char *text = context;
    size_t used = strlen(text);

    (void)why;
    (void)snprintf(text + used, 256 - used, "%lld/%d/%lld/%d/%lld ",
        (long long)row->certificate, row->shard, (long long)row->revoked_at,
        (int)row->reason, (long long)row->change);
    return true;
}

static void assert_listed(struct fixture *fixture,
    const struct revocation_filter *filter, const char *rows)
{
    char text[256] = "";

    assert_done(fixture, store_list_revocations(fixture->store, filter,
                             print_row, text, &fixture->why));
    assert_string_equal(text, rows);
}

static bool compare_status(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const enum certificate_status *status = context;

    (void)why;
    assert_int_equal(row->status, *status);
    return true;
}

static void assert_status(
    struct fixture *fixture, int64_t id, enum certificate_status status)
{
    assert_done(fixture, store_certificate_by_id(fixture->store, id,
                             compare_status, &status, &fixture->why));
}

/* --- revoking ------------------------------------------------------------ */

static void a_hold_that_becomes_a_revocation_keeps_its_time(void **state)
{
    struct fixture *fixture = *state;
    const struct revocation_filter all = {.authority = 1, .shard = -1};

    add_certificates(fixture, 2);
    assert_true(revoke_at(fixture, 1, 100, REASON_CERTIFICATE_HOLD));
    assert_status(fixture, 1, CERTIFICATE_HELD);
    assert_listed(fixture, &all, "1/3/100/6/1 ");
    assert_true(revoke_at(fixture, 1, 200, REASON_KEY_COMPROMISE));
    assert_status(fixture, 1, CERTIFICATE_REVOKED);
    assert_listed(fixture, &all, "1/3/100/1/2 ");
}

static void kb073_revoking_again_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    const struct revocation_filter all = {.authority = 1, .shard = -1};

    add_certificates(fixture, 2);
    assert_true(revoke_at(fixture, 1, 100, REASON_CERTIFICATE_HOLD));
    assert_false(revoke_at(fixture, 1, 150, REASON_CERTIFICATE_HOLD));
    assert_true(revoke_at(fixture, 2, 100, REASON_SUPERSEDED));
    assert_false(revoke_at(fixture, 2, 300, REASON_KEY_COMPROMISE));
    assert_listed(fixture, &all, "1/3/100/6/1 2/3/100/4/2 ");
}

static void what_can_not_be_revoked_held_or_released_says_why(void **state)
{
    struct fixture *fixture = *state;

    add_certificates(fixture, 2);
    assert_false(revoke_at(fixture, 9, 1, REASON_SUPERSEDED));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_false(revoke_at(fixture, 1, 1, REASON_REMOVE_FROM_CRL));
    assert_int_equal(fixture->why.kind, FAILURE_UNSUITABLE);
    assert_false(release(fixture, 9, 1));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_false(release(fixture, 1, 1));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "is not held"));

    assert_true(revoke_at(fixture, 1, 1, REASON_SUPERSEDED));
    assert_false(release(fixture, 1, 1));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "only a hold"));
    assert_false(revoke_at(fixture, 1, 1, REASON_CERTIFICATE_HOLD));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(strstr(fixture->why.reason, "revoked for good"));
    assert_status(fixture, 1, CERTIFICATE_REVOKED);
}

static void a_status_is_changed_only_within_a_transaction(void **state)
{
    struct fixture *fixture = *state;
    bool changed = false;

    add_certificates(fixture, 1);
    assert_false(store_revoke(
        fixture->store, 1, 0, 1, REASON_SUPERSEDED, &changed, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_UNAVAILABLE);
    assert_false(store_release(fixture->store, 1, 1, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_UNAVAILABLE);
}

static void a_certificate_added_as_revoked_is_on_the_list_at_once(void **state)
{
    struct fixture *fixture = *state;
    const struct revocation_filter all = {.authority = 1, .shard = -1};
    uint8_t serial[SERIAL_BYTES];
    struct certificate_row row = row_of(serial_of(1, serial));
    bool added = false;

    row.status = CERTIFICATE_REVOKED;
    row.reason = REASON_SUPERSEDED;
    row.revoked_at = 77;
    row.shard = 5;
    row.origin = "control:1";
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (int i = 0; i < 2; i++)
        assert_done(fixture,
            store_add_certificate(fixture->store, &row, &added, &fixture->why));
    assert_false(added);
    row.serial = serial_of(2, serial);
    row.origin = NULL;
    row.reason = REASON_CERTIFICATE_HOLD;
    assert_false(
        store_add_certificate(fixture->store, &row, &added, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_INTERNAL);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_listed(fixture, &all, "1/5/77/4/1 ");
}

/* --- lists --------------------------------------------------------------- */

static void changes_are_listed_in_their_order_with_releases(void **state)
{
    struct fixture *fixture = *state;
    const struct revocation_filter all = {.authority = 1, .shard = -1};
    const struct revocation_filter later = {
        .authority = 1, .shard = -1, .after_change = 1};
    int64_t count = 0;

    add_certificates(fixture, 4);
    assert_true(revoke_at(fixture, 4, 10, REASON_SUPERSEDED));       /* 1 */
    assert_true(revoke_at(fixture, 3, 20, REASON_CERTIFICATE_HOLD)); /* 2 */
    assert_true(revoke_at(fixture, 2, 30, REASON_CERTIFICATE_HOLD)); /* 3 */
    assert_true(release(fixture, 3, 40));                            /* 4 */
    assert_true(revoke_at(fixture, 1, 50, REASON_KEY_COMPROMISE));   /* 5 */
    assert_listed(fixture, &all, "1/3/50/1/5 2/3/30/6/3 4/3/10/4/1 ");
    assert_listed(fixture, &later, "2/3/30/6/3 3/3/40/8/4 1/3/50/1/5 ");
    assert_done(fixture,
        store_count_revocations(fixture->store, &later, &count, &fixture->why));
    assert_int_equal(count, 3);

    /* Held anew: the release is told of no more. */
    assert_true(revoke_at(fixture, 3, 60, REASON_CERTIFICATE_HOLD)); /* 6 */
    assert_listed(fixture, &later, "2/3/30/6/3 1/3/50/1/5 3/3/60/6/6 ");
    assert_status(fixture, 3, CERTIFICATE_HELD);
}

static void a_list_keeps_to_authority_shard_and_end(void **state)
{
    struct fixture *fixture = *state;
    uint8_t serial[SERIAL_BYTES];
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 1; i <= 4; i++) {
        struct certificate_row row = row_of(serial_of(i, serial));

        row.not_after = 100 * i;
        row.status = CERTIFICATE_REVOKED;
        row.shard = i % 2;
        assert_done(fixture,
            store_add_certificate(fixture->store, &row, &added, &fixture->why));
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_listed(fixture,
        &(struct revocation_filter){.authority = 1, .shard = 1},
        "1/1/0/0/1 3/1/0/0/3 ");
    assert_listed(fixture,
        &(struct revocation_filter){
            .authority = 1, .shard = -1, .not_before = 300},
        "3/1/0/0/3 4/0/0/0/4 ");
    assert_listed(
        fixture, &(struct revocation_filter){.authority = 2, .shard = -1}, "");
}

static bool count_in_order(
    void *context, const struct revocation_row *row, struct failure *why)
{
    int64_t *count = context;
    char serial[16];

    (void)why;
    (*count)++;
    (void)snprintf(serial, sizeof(serial), "%08lld", (long long)*count);
    assert_int_equal(row->certificate, *count);
    assert_true(bytes_equal(row->serial, bytes_of_text(serial)));
    return true;
}

static void a_hundred_thousand_revocations_are_listed_in_order(void **state)
{
    static const char fill[] =
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL"
        " SELECT n + 1 FROM numbers WHERE n < 100000)"
        "INSERT INTO certificate (id, serial, authority, profile, issued_at,"
        " not_after, status, revoked_at, reason, sealed, der)"
        " SELECT n, CAST(printf('%08d', n) AS BLOB), 1, '', 1, 2, 1, 1, 0, 1,"
        " x'3000' FROM numbers;"
        "INSERT INTO revocation SELECT id, 1, 0, serial, 1, 0, 2, 100001 - id"
        " FROM certificate";
    struct fixture *fixture = *state;
    const struct revocation_filter all = {.authority = 1, .shard = -1};
    int64_t visited = 0;
    int64_t count = 0;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, store_execute(fixture->store, fill, "fill", &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_done(fixture, store_list_revocations(fixture->store, &all,
                             count_in_order, &visited, &fixture->why));
    assert_int_equal(visited, MANY);
    assert_done(fixture,
        store_count_revocations(fixture->store, &all, &count, &fixture->why));
    assert_int_equal(count, MANY);
}

/* --- the status of a serial ---------------------------------------------- */

static void incident51_a_serial_of_another_authority_is_not_known(void **state)
{
    struct fixture *fixture = *state;
    uint8_t serial[SERIAL_BYTES];
    struct status_row row = {.status = CERTIFICATE_REVOKED};
    bool found = false;

    add_certificates(fixture, 1);
    assert_done(fixture, store_status(fixture->store, 1, serial_of(1, serial),
                             &row, &found, &fixture->why));
    assert_true(found);
    assert_int_equal(row.status, CERTIFICATE_VALID);
    assert_int_equal(row.not_after, 1707776000);
    assert_done(fixture, store_status(fixture->store, 2, serial_of(1, serial),
                             &row, &found, &fixture->why));
    assert_false(found);
    assert_done(fixture, store_status(fixture->store, 1, serial_of(2, serial),
                             &row, &found, &fixture->why));
    assert_false(found);
}

/* --- CRLs ---------------------------------------------------------------- */

static bool set_crl(
    struct fixture *fixture, int64_t authority, int kind, int64_t number)
{
    const struct crl_row row = {.authority = authority,
        .kind = kind,
        .number = number,
        .this_update = number + 1,
        .next_update = number + 2,
        .change = number + 3,
        .entries = number + 4,
        .sha256 = {(uint8_t)number}};
    bool ok = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    ok = store_set_crl(fixture->store, &row, &fixture->why);
    assert_true(store_commit(fixture->store, &(struct failure){0}));
    return ok;
}

static void the_numbers_of_a_crl_only_grow(void **state)
{
    struct fixture *fixture = *state;
    struct crl_row row = {.number = -1};
    bool found = true;

    assert_done(fixture, store_crl(fixture->store, 1, CRL_COMPLETE, &row,
                             &found, &fixture->why));
    assert_false(found);
    assert_done(fixture, set_crl(fixture, 1, CRL_COMPLETE, 50));
    assert_done(fixture, set_crl(fixture, 1, CRL_DELTA, 7));
    assert_done(fixture, set_crl(fixture, 1, 0, 8));
    for (int64_t number = 49; number <= 50; number++) {
        assert_false(set_crl(fixture, 1, CRL_COMPLETE, number));
        assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
        assert_non_null(strstr(fixture->why.reason, "only grow"));
    }
    assert_done(fixture, set_crl(fixture, 1, CRL_COMPLETE, 51));
    assert_done(fixture, store_crl(fixture->store, 1, CRL_COMPLETE, &row,
                             &found, &fixture->why));
    assert_true(found);
    assert_int_equal(row.authority, 1);
    assert_int_equal(row.kind, CRL_COMPLETE);
    assert_int_equal(row.number, 51);
    assert_int_equal(row.this_update, 52);
    assert_int_equal(row.next_update, 53);
    assert_int_equal(row.change, 54);
    assert_int_equal(row.entries, 55);
    assert_int_equal(row.sha256[0], 51);
    assert_false(set_crl(fixture, 9, CRL_COMPLETE, 51));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);

    assert_false(store_execute(
        fixture->store, "UPDATE crl SET number = 1", "spoil", &fixture->why));
    assert_false(store_execute(
        fixture->store, "DELETE FROM crl", "spoil", &fixture->why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(a_hold_that_becomes_a_revocation_keeps_its_time),
        test_with_store(kb073_revoking_again_changes_nothing),
        test_with_store(what_can_not_be_revoked_held_or_released_says_why),
        test_with_store(a_status_is_changed_only_within_a_transaction),
        test_with_store(a_certificate_added_as_revoked_is_on_the_list_at_once),
        test_with_store(changes_are_listed_in_their_order_with_releases),
        test_with_store(a_list_keeps_to_authority_shard_and_end),
        test_with_store(a_hundred_thousand_revocations_are_listed_in_order),
        test_with_store(incident51_a_serial_of_another_authority_is_not_known),
        test_with_store(the_numbers_of_a_crl_only_grow),
    };

    return cmocka_run_group_tests_name("revocations", tests, NULL, NULL);
}
