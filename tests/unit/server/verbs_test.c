#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "server/clerk.h"

/*
 * Who may ask what, written down a second time: the rule is the table of
 * clerk_verbs.c, and a verb that this table does not have fails the test
 * (properties 9, incident 1).
 */
#define ADMINISTRATOR ROLE_BIT(ROLE_ADMINISTRATOR)
#define OPERATOR ROLE_BIT(ROLE_OPERATOR)
#define APPROVER ROLE_BIT(ROLE_APPROVER)
#define AUDITOR ROLE_BIT(ROLE_AUDITOR)
#define NOBODY ROLE_BIT(ROLE_NOBODY)

static const struct {
    uint16_t message;
    unsigned int roles;
} expected[] = {
    {CONTROL_REVOKE, ADMINISTRATOR | OPERATOR},
    {CONTROL_HOLD, ADMINISTRATOR | OPERATOR},
    {CONTROL_UNHOLD, ADMINISTRATOR | OPERATOR},
    {CONTROL_REVOKE_WHERE, ADMINISTRATOR | OPERATOR},
    {CONTROL_CRL, ADMINISTRATOR | OPERATOR},
    {CONTROL_APPROVE, ADMINISTRATOR | OPERATOR | APPROVER},
    {CONTROL_DENY, ADMINISTRATOR | OPERATOR | APPROVER},
    {CONTROL_WITHDRAW, ADMINISTRATOR | OPERATOR | APPROVER},
    /* By proof of the request's key, whoever brings it. */
    {CONTROL_FETCH, ADMINISTRATOR | OPERATOR | APPROVER | AUDITOR | NOBODY},
    {CONTROL_PAUSE, ADMINISTRATOR | OPERATOR},
    {CONTROL_RESUME, ADMINISTRATOR | OPERATOR},
    {CONTROL_PERSON_ADD, ADMINISTRATOR},
    {CONTROL_PERSON_END, ADMINISTRATOR},
    {CONTROL_TOKEN_MAKE, ADMINISTRATOR},
    {CONTROL_TOKEN_END, ADMINISTRATOR},
    {CONTROL_ACCOUNT_ADD, ADMINISTRATOR},
    {CONTROL_ACCOUNT_END, ADMINISTRATOR},
    {CONTROL_AUTHORITY_ADD, ADMINISTRATOR},
    {CONTROL_AUTHORITY_AWAIT, ADMINISTRATOR},
    {CONTROL_AUTHORITY_INSTALL, ADMINISTRATOR},
    {CONTROL_CROSS_SIGN, ADMINISTRATOR},
    {CONTROL_ROLLOVER, ADMINISTRATOR},
    {CONTROL_AUTHORITY_RETIRE, ADMINISTRATOR},
    {CONTROL_TELL, ADMINISTRATOR},
    {CONTROL_ACCEPT_CLOCK, ADMINISTRATOR},
};

#define EXPECTED (sizeof(expected) / sizeof(*expected))

static const enum enrolment_role roles[] = {ROLE_NOBODY, ROLE_ADMINISTRATOR,
    ROLE_OPERATOR, ROLE_APPROVER, ROLE_AUDITOR};

static unsigned int expected_of(const struct clerk_row *row)
{
    for (size_t i = 0; i < EXPECTED; i++) {
        if (expected[i].message == row->message)
            return expected[i].roles;
    }
    fail_msg("the verb \"%s\" is not in the table of this test", row->name);
    return 0;
}

static void properties09_every_verb_is_for_the_roles_of_the_table_alone(
    void **state)
{
    (void)state;
    for (const struct clerk_row *row = clerk_rows(); row->name != NULL; row++) {
        unsigned int wanted = expected_of(row);

        for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
            if ((row->roles & ROLE_BIT(roles[i])) !=
                (wanted & ROLE_BIT(roles[i])))
                fail_msg("%s and \"%s\"", role_name(roles[i]), row->name);
        }
        assert_int_equal(row->roles, wanted);
    }
}

static void properties37_an_auditor_changes_nothing(void **state)
{
    (void)state;
    for (const struct clerk_row *row = clerk_rows(); row->name != NULL; row++)
        assert_true(
            (row->roles & AUDITOR) == 0 || row->message == CONTROL_FETCH);
}

static void properties39_every_verb_says_how_its_refusal_is_journalled(
    void **state)
{
    (void)state;
    for (const struct clerk_row *row = clerk_rows(); row->name != NULL; row++) {
        assert_non_null(row->verb);
        assert_true(row->refusal < EVENT_KINDS);
        if (strstr(event_name(row->refusal), "refused") == NULL &&
            strstr(event_name(row->refusal), "failed") == NULL &&
            row->refusal != EVENT_NOT_ALLOWED)
            fail_msg("\"%s\": %s", row->name, event_name(row->refusal));
    }
}

static void no_message_has_two_rows(void **state)
{
    (void)state;
    for (const struct clerk_row *row = clerk_rows(); row->name != NULL; row++) {
        for (const struct clerk_row *other = clerk_rows(); other != row;
             other++)
            assert_int_not_equal(row->message, other->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            properties09_every_verb_is_for_the_roles_of_the_table_alone),
        cmocka_unit_test(properties37_an_auditor_changes_nothing),
        cmocka_unit_test(
            properties39_every_verb_says_how_its_refusal_is_journalled),
        cmocka_unit_test(no_message_has_two_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
