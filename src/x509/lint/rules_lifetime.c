#include "x509/lint/rules.h"

#define DAY_S INT64_C(86400)

/* The days on which a ballot came into force, as Unix times at 00:00 UTC. */
#define FROM_2016_07_01 INT64_C(1467331200)
#define FROM_2018_03_01 INT64_C(1519862400)
#define FROM_2020_09_01 INT64_C(1598918400)
#define FROM_2026_03_01 INT64_C(1772323200)
#define FROM_2026_03_15 INT64_C(1773532800)
#define FROM_2027_03_15 INT64_C(1805068800)
#define FROM_2029_03_15 INT64_C(1868227200)

/* BR 1.6.1: the last second counts, a day is 86,400 of them. */
static int64_t seconds_of(const struct lint_facts *facts)
{
    return facts->body->not_after - facts->body->not_before + 1;
}

static void check_days(const struct lint_facts *facts, int64_t from,
    int64_t days, struct lint_pen *pen)
{
    if (facts->body->not_before >= from && seconds_of(facts) > days * DAY_S)
        lint_find(pen, "it is valid for more than %d days", (int)days);
}

static void server_days(const struct lint_facts *facts, int64_t from,
    int64_t days, struct lint_pen *pen)
{
    if (lint_is_server(facts))
        check_days(facts, from, days, pen);
}

static void check_39_months(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct date from, until;
    int months = 0;

    from = date_of(facts->body->not_before);
    until = date_of(facts->body->not_after);
    months = (until.year - from.year) * 12 + until.month - from.month;
    if (months > 39 || (months == 39 && until.day > from.day))
        lint_find(pen, "it is valid for more than 39 months");
}

static void months_39(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) && facts->body->not_before >= FROM_2016_07_01)
        check_39_months(facts, pen);
}

static void code_months_39(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_code_signing(facts))
        check_39_months(facts, pen);
}

static void days_825(const struct lint_facts *facts, struct lint_pen *pen)
{
    server_days(facts, FROM_2018_03_01, 825, pen);
}

static void days_398(const struct lint_facts *facts, struct lint_pen *pen)
{
    server_days(facts, FROM_2020_09_01, 398, pen);
}

static void days_397(const struct lint_facts *facts, struct lint_pen *pen)
{
    server_days(facts, FROM_2020_09_01, 397, pen);
}

static void days_200(const struct lint_facts *facts, struct lint_pen *pen)
{
    server_days(facts, FROM_2026_03_15, 200, pen);
}

static void days_100(const struct lint_facts *facts, struct lint_pen *pen)
{
    server_days(facts, FROM_2027_03_15, 100, pen);
}

static void days_47(const struct lint_facts *facts, struct lint_pen *pen)
{
    server_days(facts, FROM_2029_03_15, 47, pen);
}

static void code_days_460(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_code_signing(facts))
        check_days(facts, FROM_2026_03_01, 460, pen);
}

#define LIFETIME(title, where, function)                            \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = LINT_BR                                            \
    }

const struct lint_rule lint_rules_of_lifetime[] = {
    LIFETIME("server-39-months", "CA/Browser Forum BR 1.3, 6.3.2", months_39),
    LIFETIME("server-825-days", "CA/Browser Forum BR 1.4.9, 6.3.2", days_825),
    LIFETIME("server-398-days", "CA/Browser Forum BR, 6.3.2", days_398),
    LIFETIME("server-397-days", "CA/Browser Forum BR, 6.3.2", days_397),
    LIFETIME("server-200-days", "CA/Browser Forum BR, 6.3.2", days_200),
    LIFETIME("server-100-days", "CA/Browser Forum BR, 6.3.2", days_100),
    LIFETIME("server-47-days", "CA/Browser Forum BR, 6.3.2", days_47),
    LIFETIME("code-signing-39-months", "CA/Browser Forum CS BR, 6.3.2",
        code_months_39),
    LIFETIME("code-signing-460-days", "CA/Browser Forum CS BR, 6.3.2",
        code_days_460),
    {0},
};
