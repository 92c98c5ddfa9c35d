#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "authority/ending.h"

#define DAY_S INT64_C(86400)

static void kb064_the_longest_lifetime_and_90_days_are_told_ahead(void **state)
{
    const struct profile profile = {
        .lifetime_s = 90 * DAY_S, .longest_lifetime_s = 397 * DAY_S};
    const int64_t end = 3650 * DAY_S;

    (void)state;
    assert_false(ends_soon(0, end, &profile, end - 487 * DAY_S));
    assert_true(ends_soon(0, end, &profile, end - 487 * DAY_S + 1));
}

/* Else a new authority would end soon from its first day. */
static void a_lifetime_that_never_fitted_tells_nothing(void **state)
{
    const struct profile profile = {
        .lifetime_s = 1826 * DAY_S, .longest_lifetime_s = 4018 * DAY_S};
    const int64_t end = 3650 * DAY_S;

    (void)state;
    assert_false(ends_soon(0, end, &profile, 0));
    assert_true(ends_soon(0, end, &profile, end - 1916 * DAY_S + 1));
}

static void an_authority_too_short_for_the_usual_lifetime_is_told(void **state)
{
    const struct profile profile = {
        .lifetime_s = 90 * DAY_S, .longest_lifetime_s = 397 * DAY_S};

    (void)state;
    assert_true(ends_soon(0, 100 * DAY_S, &profile, 0));
}

static void of_profiles_of_authorities_the_usual_lifetime_counts(void **state)
{
    const struct profile profile = {.is_authority = true,
        .lifetime_s = 3650 * DAY_S,
        .longest_lifetime_s = 7300 * DAY_S};
    const int64_t end = 9125 * DAY_S;

    (void)state;
    assert_false(ends_soon(0, end, &profile, end - 3740 * DAY_S));
    assert_true(ends_soon(0, end, &profile, end - 3740 * DAY_S + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb064_the_longest_lifetime_and_90_days_are_told_ahead),
        cmocka_unit_test(a_lifetime_that_never_fitted_tells_nothing),
        cmocka_unit_test(an_authority_too_short_for_the_usual_lifetime_is_told),
        cmocka_unit_test(of_profiles_of_authorities_the_usual_lifetime_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
