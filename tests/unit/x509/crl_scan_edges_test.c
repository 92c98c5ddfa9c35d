#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "x509/crl_scan.h"
#include "x509/crl_window.h"

/* The extensions of a list, by hand: what the writer would never write. */

#define CRL_NUMBER "0603551d14"

static void assert_refused(const char *hex, const char *words)
{
    uint8_t room[256];
    size_t length = 0;
    struct crl_facts facts = {0};
    struct failure why = {0};

    assert_true(hex_read(hex, room, sizeof(room), &length, &why));
    assert_false(crl_scan_extensions(
        (struct bytes){room, length}, 0, false, &facts, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    if (strstr(why.reason, words) == NULL)
        fail_msg("%s, not \"%s\"", why.reason, words);
}

static void a_number_has_at_most_64_bits(void **state)
{
    (void)state;
    assert_refused("a01630143012" CRL_NUMBER "040b0209010203040506070809",
        "a CRL number has more than 64 bits");
    assert_refused("a01730153013" CRL_NUMBER "040c020a00ff020304050607080a",
        "a CRL number has more than 64 bits");
    assert_refused("a01630143012" CRL_NUMBER "040b020900ff02030405060708",
        "the issuer's key identifier is missing (RFC 5280, 5.2.1)");
}

static void a_key_identifier_has_room_or_is_refused(void **state)
{
    char hex[512] = "a050304e304c0603551d23044530438041";

    (void)state;
    for (size_t i = 0; i < 65; i++)
        memcpy(hex + strlen(hex), "7f", 3);
    assert_refused(hex, "a key identifier has more than");
}

static void what_is_behind_an_extension_is_refused(void **state)
{
    (void)state;
    assert_refused("a10e300c300a" CRL_NUMBER "0403020101", "");
    assert_refused("a0023100", "");
    assert_refused("a00e300c300b" CRL_NUMBER "0403020101", "");
    /* The same one twice */
    assert_refused("a01a3018"
                   "300a" CRL_NUMBER "0403020101"
                   "300a" CRL_NUMBER "0403020101",
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_has_at_most_64_bits),
        cmocka_unit_test(a_key_identifier_has_room_or_is_refused),
        cmocka_unit_test(what_is_behind_an_extension_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
