#include "authority/approvals.h"

#include <stdlib.h>
#include <string.h>

#include "store/store_people.h"
#include "store/store_requests.h"

struct sought {
    int64_t person;
    bool may_approve;
};

static bool look_at_person(
    void *context, const struct person_row *row, struct failure *why)
{
    struct sought *sought = context;

    (void)why;
    if (row->id == sought->person)
        sought->may_approve = row->ended_at == 0 && row->role != PERSON_AUDITOR;
    return true;
}

/* Who has a role today: somebody's may have ended since they approved, or since
 * they came in. */
static bool still_approves(
    struct store *store, const char *who, bool *does, struct failure *why)
{
    static const char person[] = "person:";
    struct sought sought = {0};

    *does = strcmp(who, "local") == 0;
    if (strncmp(who, person, sizeof(person) - 1) != 0)
        return true;
    sought.person = strtoll(who + sizeof(person) - 1, NULL, 10);
    if (!store_list_people(store, look_at_person, &sought, why))
        return false;
    *does = sought.may_approve;
    return true;
}

bool approvals_check_caller(
    struct store *store, const struct caller *caller, struct failure *why)
{
    bool does = false;

    if (!still_approves(store, caller->who, &does, why))
        return false;
    return does || fail_because(why, FAILURE_FORBIDDEN,
                       "%s may not approve any more", caller->actor);
}

struct tally {
    struct store *store;
    int approvals;
};

static bool count_approval(void *context, const char *who, const char *actor,
    int64_t at, struct failure *why)
{
    struct tally *tally = context;
    bool does = false;

    (void)actor;
    (void)at;
    if (!still_approves(tally->store, who, &does, why))
        return false;
    tally->approvals += does;
    return true;
}

bool approvals_count(
    struct store *store, int64_t request, int *approvals, struct failure *why)
{
    struct tally tally = {.store = store};

    if (!store_list_approvals(store, request, count_approval, &tally, why))
        return false;
    *approvals = tally.approvals;
    return true;
}
