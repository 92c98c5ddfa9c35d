#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocols/rest/operation.h"
#include "server/clerk.h"

static const struct clerk_row *row_of(uint16_t message)
{
    for (const struct clerk_row *row = clerk_rows(); row->name != NULL; row++) {
        if (row->message == message)
            return row;
    }
    return NULL;
}

/* The document tells the roles of REST's table; the clerk goes by his own. */
static void the_roles_that_the_document_tells_are_the_clerks(void **state)
{
    size_t verbs = 0;

    (void)state;
    for (const struct operation *row = operations(); row->path != NULL; row++) {
        const struct clerk_row *clerk = row_of(row->verb);

        if (row->verb == 0)
            continue;
        assert_non_null(clerk);
        if (row->askers == ASKED_BY_ROLES)
            assert_int_equal(row->roles, clerk->roles);
        else
            assert_true((clerk->roles & ROLE_BIT(ROLE_NOBODY)) != 0);
        verbs++;
    }
    assert_int_equal(verbs, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_roles_that_the_document_tells_are_the_clerks),
    };

    return cmocka_run_group_tests_name("rest rights", tests, NULL, NULL);
}
