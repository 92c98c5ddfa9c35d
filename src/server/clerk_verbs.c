#include "server/clerk.h"

#define ADMINISTRATOR ROLE_BIT(ROLE_ADMINISTRATOR)
#define OPERATORS (ADMINISTRATOR | ROLE_BIT(ROLE_OPERATOR))
#define APPROVERS (OPERATORS | ROLE_BIT(ROLE_APPROVER))
/* With proof of the request's key. */
#define EVERYBODY (APPROVERS | ROLE_BIT(ROLE_AUDITOR) | ROLE_BIT(ROLE_NOBODY))

/* The rule for each verb; a verb without a row is refused (incident 1). */
static const struct clerk_row rows[] = {
    {CONTROL_APPROVE, "approve", APPROVERS, EVENT_APPROVAL_REFUSED, 0,
        clerk_approve},
    {CONTROL_DENY, "deny", APPROVERS, EVENT_DENIAL_REFUSED, 0, clerk_deny},
    {CONTROL_WITHDRAW, "withdraw", APPROVERS, EVENT_DENIAL_REFUSED, 0,
        clerk_withdraw},
    {CONTROL_FETCH, "fetch requests", EVERYBODY, EVENT_FETCH_REFUSED, 0,
        clerk_fetch},
    {CONTROL_PAUSE, "pause", OPERATORS, EVENT_PAUSE_REFUSED, 0, clerk_pause},
    {CONTROL_RESUME, "resume", OPERATORS, EVENT_RESUME_REFUSED, 0,
        clerk_resume},
    {CONTROL_REVOKE, "revoke", OPERATORS, EVENT_REVOCATION_REFUSED, 0,
        clerk_revoke},
    {CONTROL_HOLD, "hold", OPERATORS, EVENT_REVOCATION_REFUSED, 0, clerk_hold},
    {CONTROL_UNHOLD, "unhold", OPERATORS, EVENT_REVOCATION_REFUSED, 0,
        clerk_unhold},
    {CONTROL_REVOKE_WHERE, "revoke", OPERATORS, EVENT_REVOCATION_REFUSED, 0,
        clerk_revoke_where},
    {CONTROL_CRL, "publish lists", OPERATORS, EVENT_CRL_FAILED, 0, clerk_crl},
    {CONTROL_PERSON_ADD, "add people", ADMINISTRATOR, EVENT_PERSON_REFUSED, 0,
        clerk_person_add},
    {CONTROL_PERSON_END, "end people's roles", ADMINISTRATOR,
        EVENT_PERSON_REFUSED, 0, clerk_person_end},
    {CONTROL_TOKEN_MAKE, "make tokens", ADMINISTRATOR, EVENT_TOKEN_REFUSED, 0,
        clerk_token_make},
    {CONTROL_TOKEN_END, "end tokens", ADMINISTRATOR, EVENT_TOKEN_REFUSED, 0,
        clerk_token_end},
    {CONTROL_ACCOUNT_ADD, "add accounts", ADMINISTRATOR, EVENT_ACCOUNT_REFUSED,
        0, clerk_account_add},
    {CONTROL_ACCOUNT_END, "end accounts", ADMINISTRATOR, EVENT_ACCOUNT_REFUSED,
        0, clerk_account_end},
    {CONTROL_AUTHORITY_ADD, "add an authority", ADMINISTRATOR, EVENT_REFUSED, 0,
        clerk_authority_add},
    {CONTROL_AUTHORITY_AWAIT, "ask for an authority's certificate",
        ADMINISTRATOR, EVENT_REFUSED, 0, clerk_authority_await},
    {CONTROL_AUTHORITY_INSTALL, "install an authority's certificate",
        ADMINISTRATOR, EVENT_INSTALL_REFUSED, 0, clerk_authority_install},
    {CONTROL_CROSS_SIGN, "certify other authorities", ADMINISTRATOR,
        EVENT_CROSS_SIGN_REFUSED, 0, clerk_cross_sign},
    {CONTROL_ROLLOVER, "give an authority a new key", ADMINISTRATOR,
        EVENT_ROLLOVER_REFUSED, 0, clerk_rollover},
    {CONTROL_AUTHORITY_RETIRE, "retire an authority", ADMINISTRATOR,
        EVENT_RETIRE_REFUSED, 0, clerk_authority_retire},
    {CONTROL_TELL, "tell of an event", ADMINISTRATOR, EVENT_TELL_REFUSED, 0,
        clerk_tell},
    {CONTROL_ACCEPT_CLOCK, "accept the clock", ADMINISTRATOR,
        EVENT_CLOCK_REFUSED, 0, clerk_accept_clock},
    {.name = NULL},
};

const struct clerk_row *clerk_rows(void)
{
    return rows;
}
