#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "authority/profile.h"

static void incident18_a_profile_without_keys_allows_none(void **state)
{
    const struct profile profile = {.name = "empty"};

    (void)state;
    for (const struct key_algorithm *row = key_algorithms(); row->name != NULL;
         row++)
        assert_false(profile_allows_key(&profile, row));
}

static void a_profile_allows_the_keys_it_lists_alone(void **state)
{
    const struct profile profile = {
        .keys = {key_algorithm_named("p256")}, .key_count = 1};

    (void)state;
    assert_true(profile_allows_key(&profile, key_algorithm_named("p256")));
    assert_false(profile_allows_key(&profile, key_algorithm_named("p384")));
    assert_false(profile_allows_key(&profile, NULL));
}

static void the_founding_profiles_make_authorities_of_any_key(void **state)
{
    const struct profile *const founding[] = {
        profile_root(), profile_subordinate()};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct key_algorithm *row = key_algorithms();

        assert_true(founding[i]->is_authority);
        assert_int_equal(
            founding[i]->key_usage, KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN);
        assert_int_equal(founding[i]->purpose_count, 0);
        assert_int_equal(founding[i]->name_kinds, 0);
        assert_true(founding[i]->lifetime_s <= founding[i]->longest_lifetime_s);
        for (; row->name != NULL; row++)
            assert_true(profile_allows_key(founding[i], row));
    }
    assert_int_equal(profile_root()->path_length, -1);
    assert_int_equal(profile_subordinate()->path_length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incident18_a_profile_without_keys_allows_none),
        cmocka_unit_test(a_profile_allows_the_keys_it_lists_alone),
        cmocka_unit_test(the_founding_profiles_make_authorities_of_any_key),
    };

    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
