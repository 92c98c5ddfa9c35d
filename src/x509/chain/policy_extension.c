#include "x509/chain/policy_extension.h"

static bool read_sequence(struct bytes value, const char *what,
    struct der_reader *list, struct failure *why)
{
    struct der_reader reader = der_reader_of(value), found = {0};

    if (!der_read(&reader, DER_SEQUENCE, &found, why) ||
        !der_finish(&reader, what, why))
        return false;
    *list = found;
    return true;
}

bool policies_read(
    struct bytes value, struct der_reader *policies, struct failure *why)
{
    return read_sequence(value, "certificatePolicies", policies, why);
}

bool policies_next(
    struct der_reader *policies, struct bytes *policy, struct failure *why)
{
    struct der_reader information = {0};

    return der_read(policies, DER_SEQUENCE, &information, why) &&
           der_read_oid(&information, policy, why);
}

bool policy_mappings_read(
    struct bytes value, struct der_reader *mappings, struct failure *why)
{
    return read_sequence(value, "policyMappings", mappings, why);
}

bool policy_mappings_next(struct der_reader *mappings,
    struct bytes *issuer_policy, struct bytes *subject_policy,
    struct failure *why)
{
    struct der_reader pair = {0};

    return der_read(mappings, DER_SEQUENCE, &pair, why) &&
           der_read_oid(&pair, issuer_policy, why) &&
           der_read_oid(&pair, subject_policy, why) &&
           der_finish(&pair, "a pair of policyMappings", why);
}

static bool read_skip(struct bytes integer, uint32_t *skip, struct failure *why)
{
    uint32_t value = 0;

    if (integer.length == 0 || (integer.start[0] & 0x80) != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a number of certificates is negative (RFC 5280, 4.2.1.11)");
    for (size_t i = 0; i < integer.length; i++) {
        value = value << 8 | integer.start[i];
        if (value > SKIP_CERTIFICATES_MAX)
            value = SKIP_CERTIFICATES_MAX;
    }
    *skip = value;
    return true;
}

static bool read_optional_skip(struct der_reader *list, unsigned int tag,
    bool *present, uint32_t *skip, struct failure *why)
{
    struct der_reader contents = {0};

    return der_read_optional(list, tag, &contents, present, why) &&
           (!*present || read_skip(der_remaining(&contents), skip, why));
}

bool policy_constraints_read(struct bytes value,
    struct policy_constraints *constraints, struct failure *why)
{
    struct policy_constraints found = {0};
    struct der_reader list = {0};

    if (!read_sequence(value, "policyConstraints", &list, why) ||
        !read_optional_skip(&list, DER_CONTEXT(0), &found.has_explicit,
            &found.explicit_after, why) ||
        !read_optional_skip(&list, DER_CONTEXT(1), &found.has_mapping,
            &found.mapping_until, why) ||
        !der_finish(&list, "policyConstraints", why))
        return false;
    *constraints = found;
    return true;
}

bool inhibit_any_policy_read(
    struct bytes value, uint32_t *after, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct bytes integer = {0};

    return der_read_integer(&reader, &integer, why) &&
           der_finish(&reader, "inhibitAnyPolicy", why) &&
           read_skip(integer, after, why);
}
