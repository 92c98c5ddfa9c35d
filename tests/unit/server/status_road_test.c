#include "ocsp_asking.h"

#include <errno.h>

#include "authority/status_road.h"
#include "authority/status_table.h"

static struct status_road *road;

static void open_road(void)
{
    size_t began = 0;
    struct failure why = {0};

    assert_done(status_road_open(&here.authority, ocsp.signer, here.reading,
                    &road, &began, &why),
        why);
}

static int open_all(void **state)
{
    (void)open_inside(state);
    assert_int_equal(mkdir(here.publish, 0755) == 0 || errno == EEXIST, 1);
    must_care();
    open_road();
    return 0;
}

static int close_all(void **state)
{
    status_road_close(road);
    road = NULL;
    return close_inside(state);
}

/* Until nothing is left to do. */
static void follow(void)
{
    enum status_turn turn = STATUS_RUSHED;
    struct failure why = {0};

    while (turn != STATUS_AT_REST)
        assert_done(status_road_turn(road, clock_now(), &turn, &why), why);
}

static struct status_road_facts road_facts(void)
{
    struct status_road_facts facts = {0};

    status_road_facts(road, &facts);
    return facts;
}

/* --- certificates --------------------------------------------------------- */

struct change {
    int64_t id, at;
    enum revocation_reason reason;
    bool releases;
};

static bool find_id(
    void *context, const struct certificate_row *row, struct failure *why)
{
    int64_t *id = context;

    (void)why;
    *id = row->id;
    return true;
}

static bool change_it(
    struct authority *authority, void *context, struct failure *why)
{
    const struct change *change = context;
    bool changed = false;

    if (change->releases)
        return store_release(authority->store, change->id, change->at, why);
    return store_revoke(authority->store, change->id, 0, change->at,
        change->reason, &changed, why);
}

static void change_leaf_at(
    int64_t at, enum revocation_reason reason, bool releases)
{
    struct change change = {.at = at, .reason = reason, .releases = releases};
    struct failure why = {0};

    assert_done(store_certificate_by_serial(
                    here.reading, leaf.tbs.serial, find_id, &change.id, &why),
        why);
    assert_done(
        authority_write(&here.authority, change_it, &change, &why), why);
}

static void change_leaf(enum revocation_reason reason, bool releases)
{
    change_leaf_at(clock_now(), reason, releases);
}

/* --- asking --------------------------------------------------------------- */

/* As a front answers: from the table. */
static bool ask_table(const struct certificate *certificate, const char *digest,
    struct ocsp_single *single)
{
    RELEASED(buffer) request = BUFFER("request", OCSP_QUESTION_MAX);
    static struct buffer answer;
    SCOPED_STRUCT(status_map) *map = NULL;
    struct ocsp_question question = {0};
    struct ocsp_response response = {0};
    struct failure why = {0};
    int64_t since = 0, until = 0;
    bool found = false;

    buffer_free(&answer);
    answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    question_of(certificate, digest, (struct bytes){0}, &request, &question);
    assert_done(
        status_map_open(path_in(here.publish, "ocsp"), &map, &why), why);
    assert_done(status_map_refresh(map, &why), why);
    assert_done(status_map_answer(map, &question, clock_now(), &answer, &found,
                    &since, &until, &why),
        why);
    if (found)
        *single = read_answer(buffer_view(&answer), &response);
    return found;
}

/* --- the table ------------------------------------------------------------ */

static void what_is_issued_is_good_in_the_table(void **state)
{
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    assert_false(ask_table(&leaf, "SHA1", &single));
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_GOOD);
    assert_in_range(single.next_update, clock_now() + STATUS_LIFE_S - 60,
        clock_now() + STATUS_LIFE_S);
}

static void a_revocation_is_told_with_its_reason_and_time(void **state)
{
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    follow();
    change_leaf(REASON_KEY_COMPROMISE, false);
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_int_equal(single.reason, REASON_KEY_COMPROMISE);
    assert_int_equal(single.revoked_at, clock_now());
}

/* The clock was ahead when it was revoked. */
static void a_revocation_to_come_holds_now_and_hinders_no_other(void **state)
{
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    follow();
    change_leaf_at(clock_now() + 7200, REASON_KEY_COMPROMISE, false);
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_in_range(single.revoked_at, clock_now() - 60, clock_now());
    issue_one();
    change_leaf(REASON_SUPERSEDED, false);
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.reason, REASON_SUPERSEDED);
}

static void one_without_a_reason_tells_none(void **state)
{
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    change_leaf(REASON_UNSPECIFIED, false);
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_int_equal(single.reason, CRL_REASON_ABSENT);
}

static void one_that_is_held_is_revoked_until_it_is_released(void **state)
{
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    change_leaf(REASON_CERTIFICATE_HOLD, false);
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_int_equal(single.reason, REASON_CERTIFICATE_HOLD);
    change_leaf(REASON_CERTIFICATE_HOLD, true);
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_GOOD);
}

/* A keeper that died between the commit and the answer. */
static void what_changed_while_nobody_followed_is_found_at_the_start(
    void **state)
{
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    follow();
    status_road_close(road);
    change_leaf(REASON_SUPERSEDED, false);
    open_road();
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_REVOKED);
}

static void a_table_that_was_lost_is_signed_anew(void **state)
{
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    follow();
    status_road_close(road);
    assert_int_equal(unlink(path_in(here.publish, "ocsp/issuing.table")), 0);
    open_road();
    follow();
    assert_true(ask_table(&leaf, "SHA1", &single));
}

static void more_than_a_turn_takes_is_followed_all_the_same(void **state)
{
    const struct rows rows = {.der = buffer_view(&issued),
        .not_after = clock_now() + 30 * DAY_S,
        .first = 1,
        .count = 3 * STATUS_TURN + 5};
    enum status_turn turn = STATUS_AT_REST;
    struct failure why = {0};

    (void)state;
    follow();
    must_add(&rows);
    assert_done(status_road_turn(road, clock_now(), &turn, &why), why);
    assert_int_equal(turn, STATUS_RUSHED);
    follow();
    clock_set(clock_now());
    status_road_close(road);
    open_road();
    follow();
    assert_int_equal(road_facts().signatures, 0);
    assert_true(road_facts().serials >= rows.count);
}

static void an_id_by_sha256_is_in_the_table_once_it_was_asked_for(void **state)
{
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    follow();
    assert_false(ask_table(&leaf, "SHA256", &single));
    single = ask_keeper(&leaf, "SHA256", (struct bytes){0}, &response);
    assert_int_equal(single.status, OCSP_GOOD);
    follow();
    assert_true(ask_table(&leaf, "SHA256", &single));
    change_leaf(REASON_SUPERSEDED, false);
    follow();
    assert_true(ask_table(&leaf, "SHA256", &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(single.status, OCSP_REVOKED);
}

/* --- live ----------------------------------------------------------------- */

static void a_nonce_is_echoed_and_the_answer_is_not_kept(void **state)
{
    static const uint8_t nonce[OCSP_NONCE_MAX] = {1, 2, 3};
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};

    (void)state;
    issue_one();
    single = ask_keeper(
        &leaf, "SHA256", (struct bytes){nonce, sizeof(nonce)}, &response);
    assert_int_equal(single.status, OCSP_GOOD);
    assert_true(
        bytes_equal(response.nonce, (struct bytes){nonce, sizeof(nonce)}));
    follow();
    assert_false(ask_table(&leaf, "SHA256", &single));
}

/* The certificate's twin with another serial, which was never issued. */
static void incident51_a_serial_that_was_never_issued_is_unknown_never_good(
    void **state)
{
    static const uint8_t serial[] = {0x01, 0x02, 0x03};
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};
    struct certificate forged;

    (void)state;
    issue_one();
    forged = leaf;
    forged.tbs.serial = (struct bytes){serial, sizeof(serial)};
    follow();
    assert_false(ask_table(&forged, "SHA1", &single));
    single = ask_keeper(&forged, "SHA1", (struct bytes){0}, &response);
    assert_int_equal(single.status, OCSP_UNKNOWN);
    assert_int_equal(single.next_update, clock_now() + STATUS_UNKNOWN_LIFE_S);
    follow();
    assert_false(ask_table(&forged, "SHA1", &single));
}

/* --- time ----------------------------------------------------------------- */

/* The road is opened anew where a sweep is wanted at once. */
static void sweep_at(int64_t time)
{
    begin_day(time);
    must_care();
    status_road_close(road);
    open_road();
    follow();
}

static void answers_are_renewed_at_half_of_their_life_and_not_before(
    void **state)
{
    struct ocsp_single single = {0};
    int64_t begin = clock_now();

    (void)state;
    begin_day(begin);
    issue_one();
    follow();
    sweep_at(begin + STATUS_LIFE_S * 3 / 8 - 60);
    assert_int_equal(road_facts().signatures, 0);
    sweep_at(begin + STATUS_LIFE_S / 2 + 60);
    assert_true(road_facts().signatures > 0);
    assert_int_equal(road_facts().overdue, 0);
    assert_true(ask_table(&leaf, "SHA1", &single));
    assert_int_equal(
        single.next_update, begin + STATUS_LIFE_S / 2 + 60 + STATUS_LIFE_S);
}

/* Properties 25: a backlog of more than a tenth of the life is told. */
static void properties25_answers_that_are_renewed_too_late_are_counted(
    void **state)
{
    int64_t begin = clock_now();

    (void)state;
    begin_day(begin);
    issue_one();
    follow();
    sweep_at(begin + STATUS_LIFE_S * 7 / 10);
    assert_true(road_facts().overdue > 0);
    sweep_at(begin + STATUS_LIFE_S * 8 / 10);
    assert_int_equal(road_facts().overdue, 0);
}

/* Properties 13: 30 days, each answer in force and none beyond its signer. */
static void properties13_no_answer_ends_after_the_responders_certificate(
    void **state)
{
    int64_t begin = clock_now();

    (void)state;
    issue_one();
    for (int day = 0; day < 30; day++) {
        struct ocsp_single single = {0};

        sweep_at(begin + day * DAY_S);
        assert_true(ask_table(&leaf, "SHA1", &single));
        assert_true(single.next_update > clock_now());
        assert_true(single.next_update <= facts_now(NULL).not_after);
    }
}

static void a_certificate_that_ended_days_ago_is_not_signed_for_any_more(
    void **state)
{
    const struct rows rows = {.der = buffer_view(&issued),
        .not_after = clock_now() - 2 * DAY_S,
        .first = 1000,
        .count = 10};
    size_t before;

    (void)state;
    follow();
    before = road_facts().serials;
    status_road_close(road);
    must_add(&rows);
    open_road();
    follow();
    assert_int_equal(road_facts().serials, before);
}

#define on_a_road(function) \
    cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_road(what_is_issued_is_good_in_the_table),
        on_a_road(a_revocation_is_told_with_its_reason_and_time),
        on_a_road(a_revocation_to_come_holds_now_and_hinders_no_other),
        on_a_road(one_without_a_reason_tells_none),
        on_a_road(one_that_is_held_is_revoked_until_it_is_released),
        on_a_road(what_changed_while_nobody_followed_is_found_at_the_start),
        on_a_road(a_table_that_was_lost_is_signed_anew),
        on_a_road(more_than_a_turn_takes_is_followed_all_the_same),
        on_a_road(an_id_by_sha256_is_in_the_table_once_it_was_asked_for),
        on_a_road(a_nonce_is_echoed_and_the_answer_is_not_kept),
        on_a_road(
            incident51_a_serial_that_was_never_issued_is_unknown_never_good),
        on_a_road(answers_are_renewed_at_half_of_their_life_and_not_before),
        on_a_road(properties25_answers_that_are_renewed_too_late_are_counted),
        on_a_road(properties13_no_answer_ends_after_the_responders_certificate),
        on_a_road(a_certificate_that_ended_days_ago_is_not_signed_for_any_more),
    };
    struct failure why = {0};
    int failed;

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0) {
        shared_clock_take();
        return role_main(arguments[2]);
    }
    if (!crypto_start(&why))
        return 9;
    failed = cmocka_run_group_tests(tests, make_template, remove_template);
    buffer_free(&issued);
    return failed;
}
