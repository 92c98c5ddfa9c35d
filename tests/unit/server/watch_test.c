#include "revocation_fixture.h"

#include "base/log.h"
#include "server/watch/expiry.h"
#include "server/watch/metrics_text.h"
#include "server/watch/self_test.h"
#include "server/watch/watch.h"
#include "store/store_people.h"

/* What the keeper's watch finds, at an authority in this process. */

#define DAY INT64_C(86400)

/* --- verdicts ------------------------------------------------------------- */

static void kb106_good_revoked_and_unreachable_are_told_apart(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_done(self_test_objects(bytes_of_text(self_test_pem()), &why), why);
}

/* The objects of self_test.pem in this order. */
static void assert_objects(const int order[6], const char *reason)
{
    RELEASED(buffer) pem = BUFFER("objects", 65536);
    const char *blocks[6];
    const char *at = self_test_pem();
    struct failure why = {0};

    for (size_t i = 0; i < 6; i++) {
        blocks[i] = strstr(at, "-----BEGIN");
        assert_non_null(blocks[i]);
        at = blocks[i] + 1;
    }
    for (size_t i = 0; i < 6; i++) {
        const char *start = blocks[order[i]];
        const char *end = strstr(start + 1, "-----BEGIN");

        assert_true(buffer_append(&pem,
            (struct bytes){(const uint8_t *)start,
                end == NULL ? strlen(start) : (size_t)(end - start)},
            &why));
    }
    assert_false(self_test_objects(buffer_view(&pem), &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, FAILURE_INTERNAL);
}

static void kb106_an_engine_that_errs_is_told_by_what_it_says(void **state)
{
    (void)state;
    assert_objects((const int[]){0, 1, 3, 2, 4, 5},
        "the self-test of verdicts fails: its good certificate should be ok, "
        "and is said to be revoked");
    assert_objects((const int[]){0, 1, 2, 4, 3, 5},
        "the self-test of verdicts fails: its revoked certificate should be "
        "revoked, and is said to be revocation-unknown");
    assert_objects((const int[]){0, 1, 2, 3, 2, 5},
        "the self-test of verdicts fails: its certificate without a list "
        "should be revocation-unknown, and is said to be ok");
    assert_objects((const int[]){1, 1, 2, 3, 4, 5},
        "the self-test of verdicts fails: its good certificate should be ok, "
        "and is said to be issuer-missing");
    assert_objects((const int[]){0, 1, 2, 3, 4, 4},
        "the self-test of verdicts fails: its list can't be read");
}

static void must_revoke(const struct issuance *issuance)
{
    struct certificate certificate;
    struct revocation revocation = {
        .caller = &alice, .reason = REASON_SUPERSEDED};
    struct revoked revoked;
    struct failure why = {0};

    assert_done(certificate_read(
                    buffer_view(&issuance->certificate), &certificate, &why),
        why);
    revocation.serial = certificate.tbs.serial;
    assert_done(
        revoke_certificate(&here.authority, &revocation, &revoked, &why), why);
}

static void assert_store_test(const char *reason)
{
    struct failure why = {0};

    if (reason == NULL) {
        assert_done(self_test_store(&here.authority, here.reading, &why), why);
        return;
    }
    assert_false(self_test_store(&here.authority, here.reading, &why));
    assert_string_equal(why.reason, reason);
}

/* A list of before: as a publisher that stopped leaves it. */
static void put_list(const struct buffer *list)
{
    struct failure why = {0};

    assert_done(file_write(path_in(here.publish, "crl/issuing.crl"),
                    buffer_view(list), 0644, FILE_REPLACE, &why),
        why);
}

static void kb106_what_the_store_knows_is_held_against_the_list(void **state)
{
    static struct issuance good, bad;
    RELEASED(buffer) before = BUFFER("list", 65536);
    struct failure why = {0};

    (void)state;
    (void)must_follow();
    assert_store_test(NULL); /* nothing was issued yet */
    issue_here(&good);
    issue_here(&bad);
    assert_store_test(NULL);
    assert_done(
        file_read(path_in(here.publish, "crl/issuing.crl"), &before, &why),
        why);
    must_revoke(&bad);
    assert_store_test(NULL); /* no list tells of it yet */
    (void)must_follow();
    assert_store_test(NULL);
    put_list(&before);
    assert_store_test(
        "the self-test of verdicts fails: a certificate of authority issuing "
        "that the store holds for revoked should be revoked, and is said to "
        "be ok");
    before.start[before.length - 1] ^= 1;
    put_list(&before);
    assert_store_test("the self-test of verdicts fails: a certificate of "
                      "authority issuing that is good should be ok, and is "
                      "said to be crl-signature-invalid");
    issuance_free(&good);
    issuance_free(&bad);
}

/* --- days ----------------------------------------------------------------- */

static int step_of(enum expiry_kind kind, int64_t life_days, int64_t left)
{
    const struct expiry expiry = {
        .kind = kind, .begins = 0, .ends = life_days * DAY};

    return expiry_step(&expiry, expiry.ends - left);
}

static void properties53_ends_are_told_30_14_7_and_1_days_before(void **state)
{
    (void)state;
    assert_int_equal(step_of(EXPIRY_PERSON, 365, 30 * DAY + 1), -1);
    assert_int_equal(step_of(EXPIRY_PERSON, 365, 30 * DAY), 30);
    assert_int_equal(step_of(EXPIRY_PERSON, 365, 14 * DAY + 1), 30);
    assert_int_equal(step_of(EXPIRY_PERSON, 365, 14 * DAY), 14);
    assert_int_equal(step_of(EXPIRY_PERSON, 365, 7 * DAY), 7);
    assert_int_equal(step_of(EXPIRY_PERSON, 365, DAY), 1);
    assert_int_equal(step_of(EXPIRY_PERSON, 365, 1), 1);
    assert_int_equal(step_of(EXPIRY_PERSON, 365, 0), 0);
    assert_int_equal(step_of(EXPIRY_TOKEN, 90, 30 * DAY), 30);
    assert_int_equal(step_of(EXPIRY_TOKEN, 1, 1), -1);
    assert_int_equal(step_of(EXPIRY_TOKEN, 1, -5), 0);
}

/* A list of a week is made anew when half of it is over; a TLS certificate of
 * 90 days when 30 are left. */
static void what_renews_itself_is_told_only_when_it_did_not(void **state)
{
    (void)state;
    assert_int_equal(step_of(EXPIRY_LIST, 7, 3 * DAY), -1);
    assert_int_equal(step_of(EXPIRY_LIST, 7, DAY), 1);
    assert_int_equal(step_of(EXPIRY_LIST, 180, 30 * DAY), 30);
    assert_int_equal(step_of(EXPIRY_SERVER, 90, 30 * DAY), -1);
    assert_int_equal(step_of(EXPIRY_SERVER, 90, 14 * DAY), 14);
    assert_int_equal(step_of(EXPIRY_OCSP_SIGNER, 14, 4 * DAY), -1);
    assert_int_equal(step_of(EXPIRY_OCSP_SIGNER, 14, DAY), 1);
}

/* --- a look --------------------------------------------------------------- */

static struct watch watch;
static struct keeper_status no_status;

static const struct warning *found(const char *about)
{
    static struct warnings rows;

    watch_warnings(&watch, &rows);
    for (size_t i = 0; i < rows.count; i++) {
        if (strcmp(rows.rows[i].about, about) == 0)
            return &rows.rows[i];
    }
    return NULL;
}

static void assert_warned(const char *about, bool is_red, const char *sentence)
{
    const struct warning *row = found(about);

    if (row == NULL)
        fail_msg("no warning of %s", about);
    assert_int_equal(row->is_red, is_red);
    if (strstr(row->sentence, sentence) == NULL)
        fail_msg("%s: %s", about, row->sentence);
}

static size_t warnings_now(void)
{
    struct warnings rows;

    watch_warnings(&watch, &rows);
    return rows.count;
}

static int open_watch(void **state)
{
    assert_int_equal(open_here(state), 0);
    log_open("test", LOG_LEVEL_ERROR);
    watch = (struct watch){.authority = &here.authority,
        .status = &no_status,
        .reading = here.reading,
        .validator = -1,
        .lock = PTHREAD_MUTEX_INITIALIZER};
    (void)must_follow();
    return 0;
}

static int close_watch(void **state)
{
    clock_follow_the_machine();
    return close_here(state);
}

static void an_authority_that_is_well_gives_no_warning(void **state)
{
    (void)state;
    watch_look(&watch);
    assert_int_equal(warnings_now(), 0);
}

/* A list may be replaced while it is looked at; a second look is sure. */
static void a_list_that_is_wrong_is_red_at_the_second_look(void **state)
{
    static struct issuance good;
    RELEASED(buffer) list = BUFFER("list", 65536);
    struct failure why = {0};

    (void)state;
    issue_here(&good);
    assert_done(
        file_read(path_in(here.publish, "crl/issuing.crl"), &list, &why), why);
    list.start[list.length - 1] ^= 1;
    put_list(&list);
    watch_look(&watch);
    assert_int_equal(warnings_now(), 0);
    watch_look(&watch);
    assert_warned("self-test", true, "said to be crl-signature-invalid");
    list.start[list.length - 1] ^= 1;
    put_list(&list);
    watch_look(&watch);
    assert_int_equal(warnings_now(), 0);
    issuance_free(&good);
}

static void a_broken_store_and_a_wrong_clock_are_red(void **state)
{
    (void)state;
    here.authority.is_broken = true;
    here.authority.clock.latest_ms = (clock_now() + 3600) * 1000;
    watch_look(&watch);
    assert_warned("store", true, "nothing is issued until the server");
    assert_warned("clock", true, "clock");
    here.authority.is_broken = false;
}

static bool add_token(
    struct authority *authority, void *context, struct failure *why)
{
    const struct token_row row = {.name = "ci",
        .sha256 = "00",
        .role = PERSON_OPERATOR,
        .profiles = "",
        .names = "",
        .made_at = clock_now(),
        .expires_at = clock_now() + 90 * DAY,
        .made_by = "test"};

    (void)context;
    return store_add_token(authority->store, &row, why);
}

/* Every end is told before it comes, and no warning outlives its matter. */
static void properties53_a_walk_of_the_clock_tells_a_token_before_it_ends(
    void **state)
{
    const int64_t start = clock_now();
    struct failure why = {0};
    int told[4] = {0};

    (void)state;
    assert_done(authority_write(&here.authority, add_token, NULL, &why), why);
    for (int day = 0; day < 92; day++) {
        const struct warning *row;

        clock_set(start + day * DAY);
        watch_look(&watch);
        row = found("token ci");
        assert_true((row != NULL) == (day >= 60 && day < 90));
        for (size_t i = 0; row != NULL && i < 4; i++) {
            char words[32];

            assert_false(row->is_red);
            (void)snprintf(
                words, sizeof(words), "within %d day", expiry_days[i]);
            told[i] += strstr(row->sentence, words) != NULL;
        }
    }
    /* "within 1 day" is no beginning of "within 14 days". */
    assert_int_equal(told[0], 16);
    assert_int_equal(told[1], 7);
    assert_int_equal(told[2], 6);
    assert_int_equal(told[3], 1);
}

/* --- notices ----------------------------------------------------------------
 */

static void add_ci_token(void)
{
    struct failure why = {0};

    assert_done(authority_write(&here.authority, add_token, NULL, &why), why);
}

/* The days that the digest of now tells of the token; -1: it does not. */
static int told_days(int64_t told_at, int64_t now)
{
    RELEASED(buffer) digest = BUFFER("digest", 65536);
    SCOPED(json_t) *told = NULL;
    const json_t *ends;
    size_t count = 0;
    struct failure why = {0};

    assert_done(notices_write(&here.authority, NULL, here.reading, told_at, now,
                    &digest, &count, &why),
        why);
    if (count == 0) {
        assert_int_equal(digest.length, 0);
        return -1;
    }
    assert_done(json_read(buffer_view(&digest), "digest", &told, &why), why);
    ends = json_object_get(told, "ends");
    for (size_t i = 0; i < json_array_size(ends); i++) {
        const json_t *row = json_array_get(ends, i);

        if (strcmp(json_string_value(json_object_get(row, "name")), "ci") == 0)
            return (int)json_integer_value(json_object_get(row, "within_days"));
    }
    return -1;
}

/* A digest every day: each step once, and each before it is reached. */
static void properties53_a_digest_a_day_tells_each_step_once(void **state)
{
    const int64_t start = clock_now();
    int told[5] = {0}, days[5] = {0};
    size_t count = 0;

    (void)state;
    add_ci_token();
    for (int day = 1; day < 100; day++) {
        const int step = told_days(start + (day - 1) * DAY, start + day * DAY);

        if (step < 0)
            continue;
        assert_true(count < 5);
        told[count] = step;
        days[count++] = day;
    }
    assert_int_equal(count, 5);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(told[i], expiry_days[i]);
        assert_int_equal(days[i], 90 - expiry_days[i] - 1);
    }
    /* The last says that it ends within the day that begins. */
    assert_int_equal(told[4], 1);
    assert_int_equal(days[4], 89);
}

static void a_first_digest_tells_what_is_near_already(void **state)
{
    const int64_t start = clock_now();

    (void)state;
    add_ci_token();
    assert_int_equal(told_days(0, start), -1);
    assert_int_equal(told_days(0, start + 80 * DAY), 14);
    assert_int_equal(told_days(start + 79 * DAY, start + 80 * DAY), -1);
    assert_int_equal(told_days(start + 40 * DAY, start + 88 * DAY), 1);
    /* One that ended while nobody was told. */
    assert_int_equal(told_days(start + 85 * DAY, start + 92 * DAY), 0);
    assert_int_equal(told_days(start + 91 * DAY, start + 93 * DAY), -1);
}

static void incident15_an_expired_list_is_told_before_and_loudly_behind(
    void **state)
{
    const int64_t start = clock_now();

    (void)state;
    clock_set(start + 6 * DAY + 3600);
    watch_look(&watch);
    assert_warned("list issuing", false, "the revocation list of issuing ends");
    assert_warned("list issuing", false, "within 1 day");
    clock_set(start + 8 * DAY);
    watch_look(&watch);
    assert_warned("list issuing", true, "the revocation list of issuing ended");
    clock_set(start + DAY);
    watch_look(&watch);
    assert_null(found("list issuing"));
}

/* --- the text of metrics ----------------------------------------------------
 */

static void labels_can_hold_any_text(void **state)
{
    RELEASED(buffer) text = BUFFER("metrics", 4096);
    struct metrics_text metrics = {.text = &text};
    const char *written = NULL;
    struct failure why = {0};

    (void)state;
    metrics_family(&metrics, "some_total", METRIC_COUNTER, "Words.");
    metrics_sample(&metrics, 12345678901.0, (const char *const[]){NULL});
    metrics_sample(&metrics, -0.5,
        (const char *const[]){"a", "q\"b\\c\nd", "e", "", NULL});
    assert_int_equal(metrics.why.kind, FAILURE_NONE);
    assert_true(buffer_as_text(&text, &written, &why));
    assert_string_equal(written,
        "# HELP some_total Words.\n# TYPE some_total counter\n"
        "some_total 12345678901\n"
        "some_total{a=\"q\\\"b\\\\c\\nd\",e=\"\"} -0.500000\n");
}

static void metrics_that_are_too_long_are_no_half_a_text(void **state)
{
    RELEASED(buffer) text = BUFFER("metrics", 40);
    struct metrics_text metrics = {.text = &text};

    (void)state;
    metrics_family(&metrics, "some_total", METRIC_COUNTER, "Words.");
    metrics_sample(&metrics, 1, (const char *const[]){NULL});
    assert_int_equal(metrics.why.kind, FAILURE_UNSUITABLE);
}

#define on_a_watch(function) \
    cmocka_unit_test_setup_teardown(function, open_watch, close_watch)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb106_good_revoked_and_unreachable_are_told_apart),
        cmocka_unit_test(kb106_an_engine_that_errs_is_told_by_what_it_says),
        on_a_desk(kb106_what_the_store_knows_is_held_against_the_list),
        cmocka_unit_test(properties53_ends_are_told_30_14_7_and_1_days_before),
        cmocka_unit_test(what_renews_itself_is_told_only_when_it_did_not),
        on_a_watch(an_authority_that_is_well_gives_no_warning),
        on_a_watch(a_list_that_is_wrong_is_red_at_the_second_look),
        on_a_watch(a_broken_store_and_a_wrong_clock_are_red),
        on_a_watch(
            properties53_a_walk_of_the_clock_tells_a_token_before_it_ends),
        on_a_watch(properties53_a_digest_a_day_tells_each_step_once),
        on_a_watch(a_first_digest_tells_what_is_near_already),
        on_a_watch(incident15_an_expired_list_is_told_before_and_loudly_behind),
        cmocka_unit_test(labels_can_hold_any_text),
        cmocka_unit_test(metrics_that_are_too_long_are_no_half_a_text),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
