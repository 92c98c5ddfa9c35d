#include "authority/ending.h"

#include <inttypes.h>
#include <stdio.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"

bool ends_soon(int64_t issuer_not_before, int64_t issuer_not_after,
    const struct profile *profile, int64_t now)
{
    bool fits = profile->longest_lifetime_s + ENDING_AHEAD_S <
                issuer_not_after - issuer_not_before;
    int64_t asked_s = profile->is_authority || !fits
                          ? profile->lifetime_s
                          : profile->longest_lifetime_s;

    return issuer_not_after < now + asked_s + ENDING_AHEAD_S;
}

bool ending_notice(const struct authority_issuer *issuer,
    const struct profile *profile, int64_t now, struct buffer *notices,
    struct failure *why)
{
    char end[CLOCK_TEXT];

    if (!ends_soon(
            issuer->issuer.not_before, issuer->issuer.not_after, profile, now))
        return true;
    clock_print(issuer->issuer.not_after, end);
    return buffer_print(notices, why,
        "issuer-ends-soon: the authority \"%s\" ends at %s, and profile %s "
        "gives longer lifetimes: `ca rollover --ca %s` gives it a successor\n",
        issuer->name, end, profile->name, issuer->name);
}

/* --- at the start -------------------------------------------------------- */

static const struct profile *ends_before(
    const struct authority_issuer *issuer, int64_t now)
{
    for (size_t i = 0; i < issuer->rule_count; i++) {
        const struct profile *profile = issuer->rules[i].profile;

        if (ends_soon(issuer->issuer.not_before, issuer->issuer.not_after,
                profile, now))
            return profile;
    }
    return NULL;
}

struct telling {
    const struct authority_issuer *issuer;
    const struct profile *profile;
    char mark[64];
};

static bool record_ending(
    struct authority *authority, void *context, struct failure *why)
{
    const struct telling *telling = context;
    char end[CLOCK_TEXT];

    clock_print(telling->issuer->issuer.not_after, end);
    return store_set_number(
               authority->store, telling->mark, clock_now(), why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_ISSUER_ENDS_SOON,
                   .object = telling->issuer->name,
                   .more = json_pack("{s:s,s:s}", "not_after", end, "profile",
                       telling->profile->name)},
               why);
}

static bool tell_one(struct authority *authority,
    const struct authority_issuer *issuer, struct failure *why)
{
    struct telling telling = {
        .issuer = issuer, .profile = ends_before(issuer, clock_now())};
    int64_t last = 0;

    if (telling.profile == NULL)
        return true;
    (void)snprintf(
        telling.mark, sizeof(telling.mark), "ends-soon:%" PRId64, issuer->id);
    if (!store_number(authority->store, telling.mark, &last, why))
        return false;
    return clock_now() < last + ENDING_AGAIN_S ||
           authority_write(authority, record_ending, &telling, why);
}

bool ending_tell(struct authority *authority, struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].state == AUTHORITY_ACTIVE &&
            !tell_one(authority, &authority->issuers[i], why))
            return false;
    }
    return true;
}
