#include "authority/signer_limits.h"

#define BEHIND_S 3600
#define AHEAD_S 300
/* A clock that was set back leaves numbers ahead of it, and revocation goes on:
 * the next is last + 1.  Far enough for any clock, and no keeper uses the
 * numbers up. */
#define NUMBER_AHEAD_S (INT64_C(100) * 366 * 86400)

static bool exceeds(
    struct failure *why, const struct signer_limits *limits, const char *what)
{
    return fail_because(why, FAILURE_FORBIDDEN,
        "the signer's limits for \"%s\" do not allow a revocation list %s",
        limits->name, what);
}

static bool allow_signer(const struct signer_limits *limits,
    const struct crl_facts *list, struct bytes algorithm, struct failure *why)
{
    const struct bytes issuer = {list->issuer, list->issuer_length};
    const struct bytes listed = {list->algorithm, list->algorithm_length};
    const struct bytes identifier = {
        list->key_identifier, list->key_identifier_length};

    if (!bytes_equal(issuer, limits->issuer))
        return exceeds(why, limits, "of another issuer");
    if (!bytes_equal(identifier, limits->key_identifier))
        return exceeds(why, limits, "with another key's identifier");
    if (!bytes_equal(listed, algorithm))
        return exceeds(why, limits, "with another signature algorithm");
    return true;
}

static bool allow_times(const struct signer_limits *limits,
    const struct crl_facts *list, int64_t now, struct failure *why)
{
    if (list->this_update < now - BEHIND_S)
        return exceeds(why, limits, "that began more than an hour ago");
    if (list->this_update > now + AHEAD_S)
        return exceeds(why, limits, "that begins in the future");
    if (list->next_update <= list->this_update)
        return exceeds(why, limits, "that ends before it begins");
    if (list->next_update - list->this_update > SIGNER_LIST_LIFETIME_S)
        return exceeds(why, limits, "for more than 400 days");
    if (list->next_update > limits->not_after)
        return exceeds(why, limits, "that ends after its issuer");
    return true;
}

static bool allow_number(const struct signer_limits *limits,
    const struct crl_facts *list, int64_t now, struct failure *why)
{
    if (list->number == 0 ||
        list->number > (uint64_t)(now + NUMBER_AHEAD_S) * 1000)
        return exceeds(why, limits, "with a number that is not of its time");
    if (list->base_number >= list->number)
        return exceeds(why, limits, "that changes no earlier one");
    return true;
}

bool signer_limits_allow_list(const struct signer_limits *limits,
    const struct crl_facts *list, struct bytes algorithm, int64_t now,
    struct failure *why)
{
    return allow_signer(limits, list, algorithm, why) &&
           allow_times(limits, list, now, why) &&
           allow_number(limits, list, now, why);
}
