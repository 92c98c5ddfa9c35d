#include "fixture.h"

static bool compare_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct certificate_row *wanted = context;

    (void)why;
    assert_true(row->id > 0);
    assert_true(bytes_equal(row->serial, wanted->serial));
    assert_true(bytes_equal(row->der, wanted->der));
    assert_int_equal(row->sealed, wanted->sealed);
    assert_int_equal(row->authority, wanted->authority);
    assert_string_equal(row->profile, wanted->profile);
    assert_int_equal(row->issued_at, wanted->issued_at);
    assert_int_equal(row->not_after, wanted->not_after);
    assert_int_equal(row->status, wanted->status);
    assert_int_equal(row->revoked_at, wanted->revoked_at);
    assert_int_equal(row->reason, wanted->reason);
    if (wanted->origin == NULL)
        assert_null(row->origin);
    else
        assert_string_equal(row->origin, wanted->origin);
    assert_int_equal(row->request, wanted->request);
    assert_string_equal(row->actor, wanted->actor);
    return true;
}

static void every_column_of_a_certificate_comes_back(void **state)
{
    struct fixture *fixture = *state;
    uint8_t serial[SERIAL_BYTES];
    struct certificate_row row = row_of(serial_of(7, serial));
    bool added = false;
    bool found = false;

    row.sealed = false;
    row.status = CERTIFICATE_REVOKED;
    row.revoked_at = -5;
    row.not_after = 253402300799;
    row.reason = REASON_AA_COMPROMISE;
    row.origin = "acme:\xe2\x82\xac'\"--";
    row.request = 99;
    row.actor = "person:Zo\xc3\xab";
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        store_add_certificate(fixture->store, &row, &added, &fixture->why));
    assert_true(added);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));

    assert_done(fixture, store_certificate_by_serial(fixture->store, row.serial,
                             compare_row, &row, &fixture->why));
    assert_done(fixture, store_certificate_by_id(fixture->store, 1, compare_row,
                             &row, &fixture->why));
    assert_done(fixture, store_certificate_by_origin(fixture->store, row.origin,
                             &found, compare_row, &row, &fixture->why));
    assert_true(found);
    assert_done(fixture, store_certificate_by_origin(fixture->store, "rest:1",
                             &found, compare_row, &row, &fixture->why));
    assert_false(found);
}

static void an_origin_that_is_there_adds_nothing_and_fails_nothing(void **state)
{
    struct fixture *fixture = *state;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        add_numbered(fixture->store, 1, "acme:1", &added, &fixture->why));
    assert_true(added);
    assert_done(fixture,
        add_numbered(fixture->store, 2, "acme:1", &added, &fixture->why));
    assert_false(added);
    assert_done(fixture,
        add_numbered(fixture->store, 3, "acme:3", &added, &fixture->why));
    assert_true(added);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_int_equal(count_of(fixture->store), 2);
}

static void the_same_row_again_is_already_there_not_a_conflict(void **state)
{
    struct fixture *fixture = *state;
    bool added = true;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        add_numbered(fixture->store, 1, "acme:1", &added, &fixture->why));
    assert_done(fixture,
        add_numbered(fixture->store, 1, "acme:1", &added, &fixture->why));
    assert_false(added);
    store_roll_back(fixture->store);
}

static void any_number_of_certificates_has_no_origin(void **state)
{
    struct fixture *fixture = *state;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 0; i < 5; i++) {
        assert_done(fixture,
            add_numbered(fixture->store, i, NULL, &added, &fixture->why));
        assert_true(added);
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_int_equal(count_of(fixture->store), 5);
}

static void a_serial_that_is_there_is_named_and_the_transaction_goes_on(
    void **state)
{
    struct fixture *fixture = *state;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        add_numbered(fixture->store, 1, "acme:1", &added, &fixture->why));
    assert_false(
        add_numbered(fixture->store, 1, "acme:2", &added, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    assert_non_null(
        strstr(fixture->why.reason, "0100000000000000000000000000000001"));
    assert_done(fixture,
        add_numbered(fixture->store, 2, "acme:2", &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_int_equal(count_of(fixture->store), 2);
}

static void a_certificate_of_an_unknown_authority_is_refused(void **state)
{
    struct fixture *fixture = *state;
    uint8_t serial[SERIAL_BYTES];
    struct certificate_row row = row_of(serial_of(1, serial));
    bool added = false;

    row.authority = 9;
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_false(
        store_add_certificate(fixture->store, &row, &added, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_non_null(strstr(fixture->why.reason, "has the id 9"));
    row.authority = 1;
    assert_done(fixture,
        store_add_certificate(fixture->store, &row, &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void what_was_rolled_back_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, add_numbered(fixture->store, 1, NULL, &added, &fixture->why));
    store_roll_back(fixture->store);
    store_roll_back(fixture->store);
    assert_int_equal(count_of(fixture->store), 0);
}

static void nothing_is_written_outside_a_transaction(void **state)
{
    struct fixture *fixture = *state;
    bool added = false;

    assert_false(add_numbered(fixture->store, 1, NULL, &added, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_UNAVAILABLE);
    assert_false(journal_issued(fixture->store, 1, &fixture->why));
    assert_false(store_set_number(fixture->store, "a", 1, &fixture->why));
}

static bool collect(
    void *context, const struct certificate_row *row, struct failure *why)
{
    char *ids = context;
    size_t used = strlen(ids);

    (void)why;
    (void)snprintf(ids + used, 64 - used, "%lld ", (long long)row->id);
    return true;
}

static void assert_listed(struct fixture *fixture,
    const struct certificate_filter *filter, const char *ids)
{
    char found[64] = "";

    assert_done(fixture, store_list_certificates(fixture->store, filter,
                             collect, found, &fixture->why));
    assert_string_equal(found, ids);
}

static void a_listing_keeps_to_its_filter_and_the_order_of_ids(void **state)
{
    struct fixture *fixture = *state;
    uint8_t serial[SERIAL_BYTES];
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 1; i <= 6; i++) {
        struct certificate_row row = row_of(serial_of(100 - i, serial));

        row.status = i % 2 == 0 ? CERTIFICATE_REVOKED : CERTIFICATE_VALID;
        row.not_after = i * 10;
        assert_done(fixture,
            store_add_certificate(fixture->store, &row, &added, &fixture->why));
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));

    assert_listed(fixture, &(struct certificate_filter){0}, "1 2 3 4 5 6 ");
    assert_listed(fixture, &(struct certificate_filter){.limit = 2}, "1 2 ");
    assert_listed(fixture, &(struct certificate_filter){.after_id = 4}, "5 6 ");
    assert_listed(fixture,
        &(struct certificate_filter){
            .by_status = true, .status = CERTIFICATE_REVOKED},
        "2 4 6 ");
    assert_listed(fixture,
        &(struct certificate_filter){
            .by_end = true, .not_after_from = 20, .not_after_until = 40},
        "3 4 ");
    assert_listed(fixture,
        &(struct certificate_filter){.by_status = true,
            .by_end = true,
            .not_after_until = 30,
            .after_id = 1,
            .limit = 1},
        "3 ");
}

static void a_listing_keeps_to_profile_authority_actor_and_issuing(void **state)
{
    static const char *const actors[] = {NULL, "person:1", "person:2"};
    struct fixture *fixture = *state;
    uint8_t serial[SERIAL_BYTES];
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 1; i <= 6; i++) {
        struct certificate_row row = row_of(serial_of(i, serial));

        row.profile = i <= 3 ? "server" : "client";
        row.actor = actors[i % 3];
        row.issued_at = 100 * i;
        assert_done(fixture,
            store_add_certificate(fixture->store, &row, &added, &fixture->why));
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));

    assert_listed(
        fixture, &(struct certificate_filter){.profile = "client"}, "4 5 6 ");
    assert_listed(
        fixture, &(struct certificate_filter){.actor = "person:2"}, "2 5 ");
    assert_listed(fixture, &(struct certificate_filter){.actor = ""}, "3 6 ");
    assert_listed(
        fixture, &(struct certificate_filter){.authority = 1}, "1 2 3 4 5 6 ");
    assert_listed(fixture, &(struct certificate_filter){.authority = 2}, "");
    assert_listed(fixture,
        &(struct certificate_filter){.issued_from = 200, .issued_until = 400},
        "2 3 4 ");
    assert_listed(fixture,
        &(struct certificate_filter){.profile = "server' OR '1'='1"}, "");
}

static void assert_begins(
    struct fixture *fixture, struct bytes prefix, int half, const char *ids)
{
    char found[64] = "";

    assert_done(fixture, store_certificates_by_prefix(fixture->store, prefix,
                             half, 0, collect, found, &fixture->why));
    assert_string_equal(found, ids);
}

static void serials_are_found_by_their_first_digits_in_their_order(void **state)
{
    static const uint8_t serials[][3] = {{0x7f, 0xff, 0xff}, {0x01, 0x23, 0x45},
        {0x01, 0x2f, 0x00}, {0x01, 0x30, 0x00}, {0x01, 0xf0, 0x01},
        {0x02, 0x00, 0x00}, {0xff, 0xff, 0x01}};
    struct fixture *fixture = *state;
    bool added = false;
    char found[64] = "";

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (size_t i = 0; i < 7; i++) {
        struct certificate_row row = row_of((struct bytes){serials[i], 3});

        assert_done(fixture,
            store_add_certificate(fixture->store, &row, &added, &fixture->why));
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));

    assert_begins(fixture, (struct bytes){serials[1], 1}, -1, "2 3 4 5 ");
    assert_begins(fixture, (struct bytes){serials[1], 1}, 2, "2 3 ");
    assert_begins(fixture, (struct bytes){serials[1], 1}, 15, "5 ");
    assert_begins(fixture, (struct bytes){serials[1], 3}, -1, "2 ");
    assert_begins(fixture, (struct bytes){serials[1], 3}, 0, "");
    assert_begins(fixture, (struct bytes){serials[0], 1}, -1, "1 ");
    assert_begins(fixture, (struct bytes){serials[0], 0}, 7, "1 ");
    assert_begins(fixture, (struct bytes){serials[6], 2}, -1, "7 ");
    assert_begins(fixture, (struct bytes){serials[6], 1}, 15, "7 ");
    assert_begins(fixture, (struct bytes){serials[0], 0}, 15, "7 ");
    assert_begins(fixture, (struct bytes){serials[0], 0}, -1, "2 3 4 5 6 1 7 ");
    assert_done(
        fixture, store_certificates_by_prefix(fixture->store, (struct bytes){0},
                     -1, 2, collect, found, &fixture->why));
    assert_string_equal(found, "2 3 ");
}

static void a_prefix_longer_than_any_serial_finds_nothing(void **state)
{
    static const uint8_t prefix[64] = {0};
    struct fixture *fixture = *state;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(
        fixture, add_numbered(fixture->store, 1, NULL, &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_begins(fixture, (struct bytes){prefix, 63}, 0, "");
    assert_begins(fixture, (struct bytes){prefix, 64}, -1, "");
    assert_begins(fixture, (struct bytes){prefix, 64}, 5, "");
}

static void an_id_that_is_not_there_is_named(void **state)
{
    struct fixture *fixture = *state;

    assert_false(store_certificate_by_id(
        fixture->store, 77, collect, NULL, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    assert_non_null(strstr(fixture->why.reason, "the id 77"));
}

static bool refuse(
    void *context, const struct certificate_row *row, struct failure *why)
{
    int *visits = context;

    (void)row;
    (*visits)++;
    return fail_because(why, FAILURE_FORBIDDEN, "enough");
}

static bool list_again(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct certificate_filter all = {0};

    (void)row;
    return store_list_certificates(context, &all, list_again, context, why);
}

static void a_visitor_that_refuses_ends_the_walk_with_its_reason(void **state)
{
    struct fixture *fixture = *state;
    const struct certificate_filter all = {0};
    int visits = 0;
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 0; i < 3; i++)
        assert_done(fixture,
            add_numbered(fixture->store, i, NULL, &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));

    assert_false(store_list_certificates(
        fixture->store, &all, refuse, &visits, &fixture->why));
    assert_int_equal(visits, 1);
    assert_string_equal(fixture->why.reason, "enough");
    assert_false(store_list_certificates(
        fixture->store, &all, list_again, fixture->store, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_INTERNAL);
    assert_listed(fixture, &all, "1 2 3 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(every_column_of_a_certificate_comes_back),
        test_with_store(an_origin_that_is_there_adds_nothing_and_fails_nothing),
        test_with_store(the_same_row_again_is_already_there_not_a_conflict),
        test_with_store(any_number_of_certificates_has_no_origin),
        test_with_store(
            a_serial_that_is_there_is_named_and_the_transaction_goes_on),
        test_with_store(a_certificate_of_an_unknown_authority_is_refused),
        test_with_store(what_was_rolled_back_is_not_there),
        test_with_store(nothing_is_written_outside_a_transaction),
        test_with_store(a_listing_keeps_to_its_filter_and_the_order_of_ids),
        test_with_store(a_listing_keeps_to_profile_authority_actor_and_issuing),
        test_with_store(serials_are_found_by_their_first_digits_in_their_order),
        test_with_store(a_prefix_longer_than_any_serial_finds_nothing),
        test_with_store(an_id_that_is_not_there_is_named),
        test_with_store(a_visitor_that_refuses_ends_the_walk_with_its_reason),
    };

    return cmocka_run_group_tests_name("certificates", tests, NULL, NULL);
}
