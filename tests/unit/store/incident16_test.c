#include "fixture.h"

#include "base/clock.h"
#include "store/store_revocations.h"

/* What is revoked stays revoked: random steps against a model, and what a
 * faulty program would do to the tables. */

#define CERTIFICATES 24
#define STEPS 4000
#define LONG_AGO 1000000000

struct known {
    enum certificate_status status;
    enum revocation_reason reason;
    int64_t at, change;
    bool is_released; /* its last change was a release */
    bool has_expired;
    bool is_gone;
};

struct world {
    struct fixture *fixture;
    struct known certificates[CERTIFICATES + 1]; /* by id */
    int64_t last_change;
    uint32_t random;
};

static uint32_t below(struct world *world, uint32_t most)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 17;
    world->random ^= world->random << 5;
    return world->random % most;
}

static void fill(struct world *world)
{
    struct fixture *fixture = world->fixture;
    uint8_t serial[SERIAL_BYTES];
    bool added = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 1; i <= CERTIFICATES; i++) {
        struct certificate_row row = row_of(serial_of(i, serial));

        world->certificates[i].has_expired = i % 3 == 0;
        row.not_after = i % 3 == 0 ? LONG_AGO : clock_now() + 1000;
        assert_done(fixture,
            store_add_certificate(fixture->store, &row, &added, &fixture->why));
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

/* --- steps --------------------------------------------------------------- */

static void assert_kind(const struct world *world, enum failure_kind kind)
{
    assert_int_equal(world->fixture->why.kind, kind);
}

static void try_revoking(
    struct world *world, int64_t id, enum revocation_reason reason, int64_t at)
{
    struct known *known = &world->certificates[id];
    bool is_hold = reason == REASON_CERTIFICATE_HOLD;
    bool changed = false;
    bool done = store_revoke(world->fixture->store, id, 0, at, reason, &changed,
        &world->fixture->why);

    if (known->is_gone || (is_hold && known->status == CERTIFICATE_REVOKED)) {
        assert_false(done);
        assert_kind(
            world, known->is_gone ? FAILURE_NOT_FOUND : FAILURE_CONFLICT);
        return;
    }
    assert_done(world->fixture, done);
    assert_int_equal(
        changed, known->status == CERTIFICATE_VALID ||
                     (known->status == CERTIFICATE_HELD && !is_hold));
    if (!changed)
        return;
    if (known->status == CERTIFICATE_VALID)
        known->at = at;
    known->status = is_hold ? CERTIFICATE_HELD : CERTIFICATE_REVOKED;
    known->reason = reason;
    known->is_released = false;
    known->change = ++world->last_change;
}

static void try_releasing(struct world *world, int64_t id, int64_t at)
{
    struct known *known = &world->certificates[id];
    bool done =
        store_release(world->fixture->store, id, at, &world->fixture->why);

    if (known->is_gone || known->status != CERTIFICATE_HELD) {
        assert_false(done);
        assert_kind(
            world, known->is_gone ? FAILURE_NOT_FOUND : FAILURE_CONFLICT);
        return;
    }
    assert_done(world->fixture, done);
    *known = (struct known){.at = at,
        .change = ++world->last_change,
        .is_released = true,
        .has_expired = known->has_expired};
}

/* No program has such a verb: the tables themselves say no. */
static bool run_faulty(const struct world *world, const char *text, int64_t id)
{
    sqlite3 *database = world->fixture->store->database;
    sqlite3_stmt *statement = NULL;
    int outcome;

    assert_int_equal(
        sqlite3_prepare_v2(database, text, -1, &statement, NULL), SQLITE_OK);
    assert_true(bind_number(statement, 1, id));
    outcome = sqlite3_step(statement);
    (void)sqlite3_finalize(statement);
    return outcome == SQLITE_DONE;
}

/* As what tidies up would, later. */
static void forget_expired(struct world *world, int64_t id)
{
    struct known *known = &world->certificates[id];

    if (known->is_gone || !known->has_expired ||
        known->status != CERTIFICATE_REVOKED)
        return;
    assert_true(
        run_faulty(world, "DELETE FROM revocation WHERE certificate = ?1", id));
    assert_true(
        run_faulty(world, "DELETE FROM released WHERE certificate = ?1", id));
    assert_true(run_faulty(world, "DELETE FROM certificate WHERE id = ?1", id));
    known->is_gone = true;
}

static void try_spoiling(struct world *world, int64_t id)
{
    static const char *const faults[] = {
        "UPDATE certificate SET status = 0 WHERE id = ?1",
        "UPDATE certificate SET status = 2, reason = 6 WHERE id = ?1",
        "DELETE FROM certificate WHERE id = ?1",
        "DELETE FROM revocation WHERE certificate = ?1",
        "UPDATE revocation SET reason = 6 WHERE certificate = ?1",
        "UPDATE revocation SET serial = x'00' WHERE certificate = ?1",
        "UPDATE certificate SET not_after = 5 WHERE id = ?1",
        "REPLACE INTO revocation SELECT certificate, authority, 1, serial, 0,"
        " 6, 0, change FROM revocation WHERE certificate = ?1",
        "REPLACE INTO certificate SELECT id, serial, authority, profile,"
        " issued_at, not_after, 0, 0, 0, sealed, origin, der, request, actor"
        " FROM certificate WHERE id = ?1"};
    const struct known *known = &world->certificates[id];

    if (known->is_gone || known->has_expired ||
        known->status != CERTIFICATE_REVOKED)
        return;
    assert_false(run_faulty(
        world, faults[below(world, sizeof(faults) / sizeof(*faults))], id));
}

static void take_step(struct world *world, int64_t at)
{
    static const enum revocation_reason reasons[] = {REASON_UNSPECIFIED,
        REASON_KEY_COMPROMISE, REASON_SUPERSEDED, REASON_AA_COMPROMISE};
    int64_t id = 1 + below(world, CERTIFICATES);

    switch (below(world, 16)) {
    case 0:
        try_revoking(world, id, reasons[below(world, 4)], at);
        break;
    case 1:
    case 2:
    case 3:
        try_spoiling(world, id);
        break;
    case 4:
        if (below(world, 20) == 0)
            forget_expired(world, id);
        break;
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
        try_revoking(world, id, REASON_CERTIFICATE_HOLD, at);
        break;
    default:
        try_releasing(world, id, at);
        break;
    }
}

/* --- comparing ----------------------------------------------------------- */

struct comparison {
    const struct world *world;
    int64_t after_change;
    int64_t last; /* id or change */
    int64_t count;
};

static bool compare_revocation(
    void *context, const struct revocation_row *row, struct failure *why)
{
    struct comparison *comparison = context;
    const struct known *known =
        &comparison->world->certificates[row->certificate];
    bool all = comparison->after_change == 0;
    int64_t place = all ? row->certificate : row->change;
    uint8_t serial[SERIAL_BYTES];

    (void)why;
    assert_true(place > comparison->last);
    comparison->last = place;
    comparison->count++;
    assert_false(known->is_gone);
    assert_true(bytes_equal(
        row->serial, serial_of((uint32_t)row->certificate, serial)));
    assert_int_equal(row->change, known->change);
    assert_int_equal(row->revoked_at, known->at);
    assert_int_equal(row->reason,
        known->is_released ? REASON_REMOVE_FROM_CRL : known->reason);
    return true;
}

static bool is_listed(const struct known *known, int64_t after_change)
{
    if (known->is_gone || known->change <= after_change)
        return false;
    return known->status != CERTIFICATE_VALID ||
           (after_change > 0 && known->is_released);
}

static void compare_list(const struct world *world, int64_t after_change)
{
    struct fixture *fixture = world->fixture;
    const struct revocation_filter filter = {
        .authority = 1, .shard = -1, .after_change = after_change};
    struct comparison comparison = {
        .world = world, .after_change = after_change};
    int64_t count = -1;
    int64_t expected = 0;

    for (size_t i = 1; i <= CERTIFICATES; i++)
        expected += is_listed(&world->certificates[i], after_change);
    assert_done(fixture, store_list_revocations(fixture->store, &filter,
                             compare_revocation, &comparison, &fixture->why));
    assert_int_equal(comparison.count, expected);
    assert_done(fixture, store_count_revocations(
                             fixture->store, &filter, &count, &fixture->why));
    assert_int_equal(count, expected);
}

static void compare_statuses(const struct world *world)
{
    struct fixture *fixture = world->fixture;
    uint8_t serial[SERIAL_BYTES];

    for (uint32_t i = 1; i <= CERTIFICATES; i++) {
        const struct known *known = &world->certificates[i];
        struct status_row row = {.status = CERTIFICATE_VALID};
        bool found = false;

        assert_done(
            fixture, store_status(fixture->store, 1, serial_of(i, serial), &row,
                         &found, &fixture->why));
        assert_int_equal(found, !known->is_gone);
        assert_int_equal(
            row.status, known->is_gone ? CERTIFICATE_VALID : known->status);
        if (found && known->status != CERTIFICATE_VALID) {
            assert_int_equal(row.reason, known->reason);
            assert_int_equal(row.revoked_at, known->at);
        }
    }
}

static void compare(struct world *world)
{
    struct fixture *fixture = world->fixture;
    int64_t change = -1;

    assert_done(
        fixture, store_last_change(fixture->store, &change, &fixture->why));
    assert_int_equal(change, world->last_change);
    compare_list(world, 0);
    compare_list(world, 1 + below(world, (uint32_t)change + 2));
    compare_statuses(world);
    assert_done(fixture, store_check(fixture->store, &fixture->why));
}

/* A transaction of some steps; one of four is rolled back. */
static void take_steps(struct world *world, int count, int64_t at)
{
    struct fixture *fixture = world->fixture;
    const struct world before = *world;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (int i = 0; i < count; i++)
        take_step(world, at + i);
    if (below(world, 4) == 0) {
        store_roll_back(fixture->store);
        memcpy(world->certificates, before.certificates,
            sizeof(before.certificates));
        world->last_change = before.last_change;
        return;
    }
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void incident16_a_revoked_certificate_stays_on_every_list_until_expiry(
    void **state)
{
    struct world world = {.fixture = *state, .random = 20260116};
    size_t revoked = 0;
    size_t gone = 0;

    fill(&world);
    for (int step = 0; step < STEPS; step += 40) {
        take_steps(&world, 40, step);
        compare(&world);
        if (step % 1000 == 0) {
            close_store(world.fixture);
            reopen(world.fixture);
        }
    }
    for (size_t i = 1; i <= CERTIFICATES; i++) {
        revoked += world.certificates[i].status == CERTIFICATE_REVOKED;
        gone += world.certificates[i].is_gone;
    }
    assert_true(revoked > CERTIFICATES / 2);
    assert_true(gone > 0);
}

static void assert_spoiling_fails(
    struct fixture *fixture, const char *text, const char *words)
{
    assert_false(store_execute(fixture->store, text, "spoil", &fixture->why));
    if (strstr(fixture->why.reason, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", fixture->why.reason, words);
}

static void incident16_the_tables_refuse_what_no_program_may_do(void **state)
{
    struct world world = {.fixture = *state};
    struct fixture *fixture = *state;

    fill(&world);
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    try_revoking(&world, 1, REASON_KEY_COMPROMISE, 5);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));

    assert_spoiling_fails(fixture, "UPDATE certificate SET status = 0",
        "a revoked certificate stays revoked");
    assert_spoiling_fails(fixture, "DELETE FROM certificate WHERE id = 1",
        "a revoked certificate stays until it has expired");
    assert_spoiling_fails(fixture, "UPDATE certificate SET not_after = 5",
        "a certificate does not change");
    assert_spoiling_fails(fixture, "DELETE FROM revocation",
        "a revocation stays until the certificate has expired");
    assert_spoiling_fails(fixture, "UPDATE revocation SET reason = 6",
        "a revocation does not change");
    assert_spoiling_fails(fixture,
        "REPLACE INTO revocation SELECT certificate, authority, shard, serial,"
        " 0, 6, 0, 9 FROM revocation",
        "a revocation stays until the certificate has expired");
    compare(&world);
}

static void incident16_a_revocation_that_is_lost_is_found_by_the_check(
    void **state)
{
    struct fixture *fixture = *state;
    struct world world = {.fixture = fixture};

    fill(&world);
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    try_revoking(&world, 7, REASON_CERTIFICATE_HOLD, 5);
    assert_done(fixture, store_execute(fixture->store, "DELETE FROM revocation",
                             "spoil", &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_false(store_check(fixture->store, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_INTERNAL);
    assert_non_null(
        strstr(fixture->why.reason, "and its revocation are not the same"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(
            incident16_a_revoked_certificate_stays_on_every_list_until_expiry),
        test_with_store(incident16_the_tables_refuse_what_no_program_may_do),
        test_with_store(
            incident16_a_revocation_that_is_lost_is_found_by_the_check),
    };

    return cmocka_run_group_tests_name("incident16", tests, NULL, NULL);
}
