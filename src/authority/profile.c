#include "authority/profile.h"

#include <pthread.h>
#include <string.h>

#define YEAR_S (INT64_C(365) * 86400)

/* Attributes that the names of authorities are made of in practice. */
#define AUTHORITY_SUBJECT                                                   \
    .subject = {OID_COMMON_NAME, OID_ORGANIZATION, OID_ORGANIZATIONAL_UNIT, \
        OID_COUNTRY, OID_STATE, OID_LOCALITY, OID_SERIAL_NUMBER,            \
        OID_ORGANIZATION_IDENTIFIER, OID_DOMAIN_COMPONENT},                 \
    .subject_count = 9

static struct profile root = {
    .name = "root",
    .lifetime_s = 20 * YEAR_S,
    .longest_lifetime_s = 40 * YEAR_S,
    .key_usage = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN,
    .is_authority = true,
    .path_length = -1,
    .who = ASKER_ADMINISTRATOR,
    AUTHORITY_SUBJECT,
};

/* Path length 0: an issuing authority makes leaves, no further authority. */
static struct profile subordinate = {
    .name = "subordinate",
    .lifetime_s = 10 * YEAR_S,
    .longest_lifetime_s = 20 * YEAR_S,
    .key_usage = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN,
    .is_authority = true,
    .path_length = 0,
    .who = ASKER_ADMINISTRATOR,
    AUTHORITY_SUBJECT,
};

static pthread_once_t keys_taken = PTHREAD_ONCE_INIT;

static void take_keys(struct profile *profile)
{
    const struct key_algorithm *row = key_algorithms();

    while (row->name != NULL && profile->key_count < PROFILE_KEYS_MAX)
        profile->keys[profile->key_count++] = row++;
}

/* The rows of key_algorithms are no constants of this file. */
static void take_keys_of_both(void)
{
    take_keys(&root);
    take_keys(&subordinate);
}

bool profile_allows_key(
    const struct profile *profile, const struct key_algorithm *algorithm)
{
    for (size_t i = 0; i < profile->key_count; i++) {
        if (profile->keys[i] == algorithm)
            return true;
    }
    return false;
}

const char *profile_next_allowed_name(
    const struct profile *profile, const char *name)
{
    const char *next = profile->allowed_names;

    if (profile->allowed_name_count == 0)
        return NULL;
    if (name != NULL)
        next = name + strlen(name) + 1;
    /* Behind the last one the room is all zero. */
    if (next >= profile->allowed_names + sizeof(profile->allowed_names) ||
        *next == 0)
        return NULL;
    return next;
}

bool profile_allows_asker(
    const struct profile *profile, enum profile_asker asker)
{
    return (profile->who & (ASKER_ANYONE | (unsigned int)asker)) != 0;
}

bool profile_is_unattended(const struct profile *profile)
{
    return (profile->who & ~(unsigned int)ASKERS_STAFF) != 0 &&
           profile->approvals == 0;
}

bool profile_has_purpose(const struct profile *profile, enum oid purpose)
{
    for (size_t i = 0; i < profile->purpose_count; i++) {
        if (profile->purposes[i] == purpose)
            return true;
    }
    return false;
}

const struct profile *profile_root(void)
{
    (void)pthread_once(&keys_taken, take_keys_of_both);
    return &root;
}

const struct profile *profile_subordinate(void)
{
    (void)pthread_once(&keys_taken, take_keys_of_both);
    return &subordinate;
}
