#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority/compose.h"
#include "base/clock.h"

#define DAY_S INT64_C(86400)
#define NOW INT64_C(1767225600) /* 2026-01-01 */

static const struct profile server = {.name = "server",
    .lifetime_s = 90 * DAY_S,
    .longest_lifetime_s = 397 * DAY_S};

static struct issuer root_issuer(void)
{
    return (struct issuer){.name = "root",
        .not_before = NOW - DAY_S,
        .not_after = NOW + 3650 * DAY_S};
}

struct span {
    bool decided;
    int64_t from, until;
    char notices[256];
    struct failure why;
};

static struct span validity_of(
    const struct enrolment *enrolment, const struct issuer *issuer, int64_t now)
{
    RELEASED(buffer) notices = BUFFER("notices", 1024);
    struct span span = {0};

    span.decided = compose_validity(enrolment, &server, issuer, now, &span.from,
        &span.until, &notices, &span.why);
    (void)snprintf(span.notices, sizeof(span.notices), "%.*s",
        (int)notices.length, (const char *)notices.start);
    return span;
}

static void kb004_a_lifetime_is_the_profiles_on_every_day(void **state)
{
    struct issuer issuer = root_issuer();
    const struct enrolment enrolment = {0};
    const struct date first = {.year = 2024, .month = 1, .day = 1};
    const struct date last = {.year = 2104, .month = 12, .day = 31};
    struct failure why = {0};
    int64_t from = 0, until = 0;

    (void)state;
    assert_true(date_to_time(&first, &from, &why));
    assert_true(date_to_time(&last, &until, &why));
    issuer.not_before = from - DAY_S;
    issuer.not_after = until + 3650 * DAY_S;
    for (int64_t day = from; day <= until; day += DAY_S) {
        struct span span = validity_of(&enrolment, &issuer, day);

        assert_true(span.decided);
        assert_int_equal(span.until - span.from + 1, 90 * DAY_S);
        assert_true(span.from <= day && day - span.from <= 60);
    }
}

static void a_lifetime_that_was_asked_for_is_given_or_refused(void **state)
{
    struct issuer issuer = root_issuer();
    struct enrolment enrolment = {.lifetime_s = 30};
    struct span span;

    (void)state;
    span = validity_of(&enrolment, &issuer, NOW);
    assert_true(span.decided);
    assert_int_equal(span.from, NOW);
    assert_int_equal(span.until, NOW + 29);

    enrolment.lifetime_s = 397 * DAY_S;
    assert_true(validity_of(&enrolment, &issuer, NOW).decided);
    enrolment.lifetime_s++;
    span = validity_of(&enrolment, &issuer, NOW);
    assert_false(span.decided);
    assert_int_equal(span.why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(span.why.reason,
        "profile server gives certificates for at most 397d; more was asked "
        "for: 34300801s");
    enrolment.lifetime_s = -1;
    assert_false(validity_of(&enrolment, &issuer, NOW).decided);
}

static void an_end_that_was_asked_for_is_given_or_refused(void **state)
{
    struct issuer issuer = root_issuer();
    struct enrolment enrolment = {.not_after = NOW + DAY_S};
    struct span span = validity_of(&enrolment, &issuer, NOW);

    (void)state;
    assert_true(span.decided);
    assert_int_equal(span.until, NOW + DAY_S);
    assert_int_equal(span.from, NOW - 60);

    enrolment.not_after = NOW + 397 * DAY_S - 1;
    span = validity_of(&enrolment, &issuer, NOW);
    assert_true(span.decided);
    assert_int_equal(span.until - span.from + 1, 397 * DAY_S);
    enrolment.not_after++;
    assert_false(validity_of(&enrolment, &issuer, NOW).decided);

    enrolment.not_after = NOW;
    span = validity_of(&enrolment, &issuer, NOW);
    assert_string_equal(
        span.why.reason, "the end that was asked for has passed already");
}

static void kb064_an_issuers_end_cuts_only_what_nobody_asked_for(void **state)
{
    struct issuer issuer = root_issuer();
    struct enrolment enrolment = {0};
    struct span span;

    (void)state;
    issuer.not_after = NOW + 30 * DAY_S;
    span = validity_of(&enrolment, &issuer, NOW);
    assert_true(span.decided);
    assert_int_equal(span.until, issuer.not_after);
    assert_string_equal(span.notices,
        "validity-capped: the certificate ends with its issuer, at "
        "2026-01-31T00:00:00Z\n");

    enrolment.lifetime_s = 60 * DAY_S;
    span = validity_of(&enrolment, &issuer, NOW);
    assert_false(span.decided);
    assert_non_null(strstr(span.why.reason, "would outlive its issuer"));
    enrolment = (struct enrolment){.not_after = issuer.not_after + 1};
    assert_false(validity_of(&enrolment, &issuer, NOW).decided);
}

static void kb064_a_profile_may_refuse_what_would_be_cut(void **state)
{
    RELEASED(buffer) notices = BUFFER("notices", 1024);
    struct profile refusing = server;
    struct issuer issuer = root_issuer();
    const struct enrolment enrolment = {0};
    int64_t from = 0, until = 0;
    struct failure why = {0};

    (void)state;
    refusing.beyond_issuer = BEYOND_ISSUER_REFUSE;
    assert_true(compose_validity(
        &enrolment, &refusing, &issuer, NOW, &from, &until, &notices, &why));
    issuer.not_after = NOW + 30 * DAY_S;
    assert_false(compose_validity(
        &enrolment, &refusing, &issuer, NOW, &from, &until, &notices, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "a certificate until 2026-03-31T23:58:59Z would outlive its issuer, "
        "which ends at 2026-01-31T00:00:00Z");
    assert_int_equal(notices.length, 0);
}

static void a_certificate_does_not_begin_before_its_issuer(void **state)
{
    struct issuer issuer = root_issuer();
    const struct enrolment enrolment = {0};
    struct span span;

    (void)state;
    issuer.not_before = NOW - 10;
    span = validity_of(&enrolment, &issuer, NOW);
    assert_int_equal(span.from, NOW - 10);
    assert_string_equal(validity_of(&enrolment, &issuer, NOW - 11).why.reason,
        "the issuing authority root is not valid before "
        "2025-12-31T23:59:50Z");
    assert_string_equal(
        validity_of(&enrolment, &issuer, issuer.not_after).why.reason,
        "the issuing authority root was valid until 2035-12-30T00:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb004_a_lifetime_is_the_profiles_on_every_day),
        cmocka_unit_test(a_lifetime_that_was_asked_for_is_given_or_refused),
        cmocka_unit_test(an_end_that_was_asked_for_is_given_or_refused),
        cmocka_unit_test(kb064_an_issuers_end_cuts_only_what_nobody_asked_for),
        cmocka_unit_test(kb064_a_profile_may_refuse_what_would_be_cut),
        cmocka_unit_test(a_certificate_does_not_begin_before_its_issuer),
    };

    return cmocka_run_group_tests_name("validity", tests, NULL, NULL);
}
