#include "server/household.h"

#include <stdio.h>

#include "x509/certificate.h"

static bool find_extension(const struct certificate *certificate, enum oid type,
    const char *what, struct bytes *value, struct failure *why)
{
    struct extension extension = {0};
    bool found = false;

    if (!extensions_find(
            certificate->tbs.extensions, type, &extension, &found, why))
        return false;
    if (!found)
        return fail_because(
            why, FAILURE_UNSUITABLE, "its certificate has no %s", what);
    *value = extension.value;
    return true;
}

/* What may make authorities at all, or sign its lists. */
static bool read_powers(const struct certificate *certificate,
    struct basic_constraints *constraints, uint32_t *key_usage,
    struct failure *why)
{
    struct bytes value = {0};

    if (!find_extension(certificate, OID_BASIC_CONSTRAINTS, "basicConstraints",
            &value, why) ||
        !extension_basic_constraints(value, constraints, why))
        return false;
    if (!constraints->is_authority)
        return fail_because(why, FAILURE_UNSUITABLE,
            "its certificate is none of an authority (CA:FALSE)");
    return find_extension(
               certificate, OID_KEY_USAGE, "keyUsage", &value, why) &&
           extension_key_usage(value, key_usage, why);
}

bool household_limit(struct household_key *key, const char *name,
    const struct configuration *configuration, bool ceremony,
    struct failure *why)
{
    struct certificate certificate = {0};
    struct basic_constraints constraints = {0};
    struct bytes identifier = {0};
    uint32_t key_usage = 0;

    if (!certificate_read(buffer_view(&key->certificate), &certificate, why) ||
        !find_extension(&certificate, OID_SUBJECT_KEY_IDENTIFIER,
            "subjectKeyIdentifier", &identifier, why) ||
        !read_powers(&certificate, &constraints, &key_usage, why))
        return false;
    key->limits =
        signer_limits_of(configuration->profiles, configuration->profile_count);
    (void)snprintf(key->limits.name, sizeof(key->limits.name), "%.63s", name);
    key->limits.issuer = certificate.tbs.subject;
    key->limits.own_key = certificate.tbs.key.whole;
    key->limits.not_after = certificate.tbs.not_after;
    if (ceremony)
        signer_limits_allow_authorities(&key->limits, &constraints, key_usage);
    if (ceremony &&
        bytes_equal(certificate.tbs.issuer, certificate.tbs.subject))
        signer_limits_allow_itself(&key->limits);
    return extension_key_identifier(
        identifier, &key->limits.key_identifier, why);
}
