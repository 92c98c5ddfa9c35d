#include "authority/caller.h"

bool caller_is_limited(const struct caller *caller)
{
    return caller->way == CALLER_TOKEN || caller->way == CALLER_ACCOUNT;
}

const char *role_name(enum enrolment_role role)
{
    switch (role) {
    case ROLE_NOBODY:
        return "nobody";
    case ROLE_ADMINISTRATOR:
        return "administrator";
    case ROLE_OPERATOR:
        return "operator";
    case ROLE_APPROVER:
        return "approver";
    case ROLE_AUDITOR:
        return "auditor";
    }
    return "nobody";
}
