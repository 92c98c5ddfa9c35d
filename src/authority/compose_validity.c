#include "authority/compose.h"
#include "base/clock.h"

/* Clocks of the machines that verify differ: a certificate begins a minute
 * early, but never by more than a 60th of its life. */
#define EARLY_MOST_S 60

static int64_t early_by(int64_t lifetime_s)
{
    int64_t share = lifetime_s / 60;

    return share < EARLY_MOST_S ? share : EARLY_MOST_S;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* asked: what was asked for, as a lifetime or as a moment (kb 58). */
static bool refuse_longer(
    const struct profile *profile, const char *asked, struct failure *why)
{
    char longest[DURATION_TEXT];

    duration_print(profile->longest_lifetime_s, longest);
    return fail_because(why, FAILURE_UNSUITABLE,
        "profile %s gives certificates for at most %s; more was asked for: %s",
        profile->name, longest, asked);
}

static bool refuse_outliving(
    int64_t asked, const struct issuer *issuer, struct failure *why)
{
    char ours[CLOCK_TEXT], theirs[CLOCK_TEXT];

    clock_print(asked, ours);
    clock_print(issuer->not_after, theirs);
    return fail_because(why, FAILURE_UNSUITABLE,
        "a certificate until %s would outlive its issuer, which ends at %s",
        ours, theirs);
}

static bool check_issuer(
    const struct issuer *issuer, int64_t now, struct failure *why)
{
    char end[CLOCK_TEXT];

    if (issuer->not_before <= now && now < issuer->not_after)
        return true;
    clock_print(
        now < issuer->not_before ? issuer->not_before : issuer->not_after, end);
    return fail_because(why, FAILURE_UNSUITABLE,
        now < issuer->not_before
            ? "the issuing authority %s is not valid before %s"
            : "the issuing authority %s was valid until %s",
        issuer->name, end);
}

/* A moment that was asked for.  It begins early as far as the longest lifetime
 * allows. */
static bool until_moment(int64_t not_after, const struct profile *profile,
    const struct issuer *issuer, int64_t now, int64_t *not_before,
    struct failure *why)
{
    int64_t latest_start = not_after + 1 - profile->longest_lifetime_s;
    char asked[CLOCK_TEXT];

    if (not_after <= now)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the end that was asked for has passed already");
    if (latest_start > now) {
        clock_print(not_after, asked);
        return refuse_longer(profile, asked, why);
    }
    if (not_after > issuer->not_after)
        return refuse_outliving(not_after, issuer, why);
    *not_before = larger(latest_start, now - early_by(not_after - now));
    return true;
}

static bool by_lifetime(int64_t lifetime_s, bool was_asked_for,
    const struct profile *profile, const struct issuer *issuer, int64_t now,
    int64_t *not_before, int64_t *not_after, struct buffer *notices,
    struct failure *why)
{
    char end[CLOCK_TEXT];
    char asked[DURATION_TEXT];

    if (lifetime_s < 1)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the lifetime that was asked for is not positive");
    if (lifetime_s > profile->longest_lifetime_s) {
        duration_print(lifetime_s, asked);
        return refuse_longer(profile, asked, why);
    }
    /* RFC 5280, 4.1.2.5: both ends belong to it. */
    *not_before = larger(now - early_by(lifetime_s), issuer->not_before);
    *not_after = *not_before + lifetime_s - 1;
    if (*not_after <= issuer->not_after)
        return true;
    if (was_asked_for || profile->beyond_issuer == BEYOND_ISSUER_REFUSE)
        return refuse_outliving(*not_after, issuer, why);
    *not_after = issuer->not_after;
    clock_print(*not_after, end);
    return buffer_print(notices, why,
        "validity-capped: the certificate ends with its issuer, at %s\n", end);
}

bool compose_validity(const struct enrolment *enrolment,
    const struct profile *profile, const struct issuer *issuer, int64_t now,
    int64_t *not_before, int64_t *not_after, struct buffer *notices,
    struct failure *why)
{
    bool was_asked_for = enrolment->lifetime_s != 0;
    int64_t from = 0, until = enrolment->not_after;

    if (!check_issuer(issuer, now, why))
        return false;
    if (until != 0) {
        if (!until_moment(until, profile, issuer, now, &from, why))
            return false;
    } else if (!by_lifetime(
                   was_asked_for ? enrolment->lifetime_s : profile->lifetime_s,
                   was_asked_for, profile, issuer, now, &from, &until, notices,
                   why)) {
        return false;
    }
    *not_before = larger(from, issuer->not_before);
    *not_after = until;
    return true;
}
