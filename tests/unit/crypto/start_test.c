#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/start.h"

static void the_start_succeeds_twice(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(crypto_start(&why));
    assert_true(crypto_start(&why));
}

/* OPENSSL_CONF names a file that asks for FIPS-only algorithms; with it in
 * force no digest could be fetched. */
static void the_configuration_of_openssl_has_no_influence(void **state)
{
    EVP_MD *digest;

    (void)state;
    digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    assert_non_null(digest);
    EVP_MD_free(digest);
}

static void incident25_a_libcrypto_with_known_holes_is_refused_by_version(
    void **state)
{
    struct failure why = {0};

    (void)state;
    assert_false(libcrypto_check(3, 0, 20, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason,
        "libcrypto is 3.0.20; of 3.0, at least 3.0.21 is needed "
        "(CVE-2026-45447): install the distribution's updates");
    assert_false(libcrypto_check(1, 1, 99, &why));
    assert_true(libcrypto_check(3, 0, 21, &why));
    assert_true(libcrypto_check(3, 5, 1, &why));
    assert_true(libcrypto_check(4, 0, 0, &why));
}

static char configuration[] = "/tmp/chancery-openssl-XXXXXX";

static int write_configuration(void **state)
{
    static const char text[] = "openssl_conf = init\n"
                               "[init]\nalg_section = algorithms\n"
                               "[algorithms]\n"
                               "default_properties = fips=yes\n";
    int descriptor = mkstemp(configuration);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");

    (void)state;
    if (file == NULL || fputs(text, file) == EOF || fclose(file) != 0)
        return -1;
    return setenv("OPENSSL_CONF", configuration, 1);
}

static int remove_configuration(void **state)
{
    (void)state;
    return remove(configuration);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_start_succeeds_twice),
        cmocka_unit_test(the_configuration_of_openssl_has_no_influence),
        cmocka_unit_test(
            incident25_a_libcrypto_with_known_holes_is_refused_by_version),
    };

    return cmocka_run_group_tests_name(
        "start", tests, write_configuration, remove_configuration);
}
