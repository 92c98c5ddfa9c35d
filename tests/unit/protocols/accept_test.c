#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocols/rest/accept.h"

/* RFC 9110, 12.5.1. */

static const char *const types[] = {
    "application/json", "application/pem-certificate-chain", "text/plain"};

static void the_best_liked_type_is_chosen(void **state)
{
    static const struct {
        const char *accept;
        size_t chosen;
    } cases[] = {
        {NULL, 0},
        {"*/*", 0},
        {"application/*", 0},
        {"text/*", 2},
        {"text/plain", 2},
        {"TEXT/Plain", 2},
        {"application/json;q=0.5, text/plain;q=0.6", 2},
        {"application/json;q=0.5 , text/plain;q=0.4", 0},
        {"application/json; q=0, */*", 1},
        {"*/*;q=0.1, application/pem-certificate-chain;q=0.2", 1},
        {"*/*, application/json;q=0.9", 1},
        {"text/plain;charset=utf-8;q=0.8, application/json;q=0.7", 2},
        {"text/plain;q=1.000", 2},
        {"image/png, text/plain", 2},
        {"  text/plain  ", 2},
        {",,text/plain,,", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (accept_choose(cases[i].accept, types, 3) != cases[i].chosen)
            fail_msg("%s", cases[i].accept);
    }
}

static void what_is_not_liked_or_can_not_be_read_is_not_chosen(void **state)
{
    static const char *const cases[] = {"", ",", "image/png", "text/plain;q=0",
        "*/*;q=0", "text/plain;q=2", "text/plain;q=0.1234", "text/plain;q=x",
        "text/plain;q=", "text/plain;q=1.001", "text", "*", "text/", "/plain",
        "text/plainer", "tex/*", ";q=1", "application"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (accept_choose(cases[i], types, 3) != 3)
            fail_msg("%s", cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_liked_type_is_chosen),
        cmocka_unit_test(what_is_not_liked_or_can_not_be_read_is_not_chosen),
    };

    return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
