#include <stddef.h>

#include "x509/crl.h"

/* ReasonFlags has nine bits; what fits into the result is read. */
#define REASON_BYTES_MAX 4

const char *crl_reason_name(int reason)
{
    static const char *const names[] = {
        [CRL_UNSPECIFIED] = "unspecified",
        [CRL_KEY_COMPROMISE] = "keyCompromise",
        [CRL_CA_COMPROMISE] = "cACompromise",
        [CRL_AFFILIATION_CHANGED] = "affiliationChanged",
        [CRL_SUPERSEDED] = "superseded",
        [CRL_CESSATION_OF_OPERATION] = "cessationOfOperation",
        [CRL_CERTIFICATE_HOLD] = "certificateHold",
        [CRL_REMOVE_FROM_CRL] = "removeFromCRL",
        [CRL_PRIVILEGE_WITHDRAWN] = "privilegeWithdrawn",
        [CRL_AA_COMPROMISE] = "aACompromise",
    };

    if (reason < 0 || (size_t)reason >= sizeof(names) / sizeof(*names))
        return NULL;
    return names[reason];
}

bool extension_crl_number(
    struct bytes value, struct bytes *number, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct bytes found = {0};

    if (!der_read_integer(&reader, &found, why) ||
        !der_finish(&reader, "the CRL number", why))
        return false;
    if ((found.start[0] & 0x80) != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the CRL number is negative (RFC 5280, 5.2.3)");
    if (found.length > CRL_NUMBER_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the CRL number has %zu octets; at most %d are allowed (RFC 5280, "
            "5.2.3)",
            found.length, CRL_NUMBER_MAX);
    *number = found;
    return true;
}

/* --- distribution points (4.2.1.13) --------------------------------------- */

/* At least one name, as in every GeneralNames. */
static bool check_names(
    struct der_reader names, const char *what, struct failure *why)
{
    size_t count = 0;

    if (!general_names_check(names, &count, why))
        return false;
    return count > 0 || fail_because(why, FAILURE_MALFORMED,
                            "the names of %s are empty; there is at least one "
                            "(RFC 5280, 4.2.1.6)",
                            what);
}

/* DistributionPointName is a CHOICE: its [0] is explicit. */
static bool read_point_name(struct der_reader outer,
    struct distribution_point_name *name, struct failure *why)
{
    struct der_reader relative = {0};
    bool is_full = false;

    if (!der_read_optional(
            &outer, DER_CONTEXT_HOLDING(0), &name->names, &is_full, why))
        return false;
    if (is_full)
        return check_names(name->names, "a distribution point", why) &&
               der_finish(&outer, "a distribution point's name", why);
    if (!der_read(&outer, DER_CONTEXT_HOLDING(1), &relative, why) ||
        !der_finish(&outer, "a distribution point's name", why))
        return false;
    name->relative_name = der_remaining(&relative);
    return name->relative_name.length > 0 ||
           fail_because(why, FAILURE_MALFORMED,
               "the nameRelativeToCRLIssuer of a distribution point is empty");
}

static bool read_optional_point_name(struct der_reader *reader,
    struct distribution_point_name *name, struct failure *why)
{
    struct der_reader outer = {0};
    bool present = false;

    return der_read_optional(
               reader, DER_CONTEXT_HOLDING(0), &outer, &present, why) &&
           (!present || read_point_name(outer, name, why));
}

/* An IMPLICIT BIT STRING. */
static bool read_reasons(struct der_reader *reader, unsigned int tag,
    bool *present, uint32_t *reasons, struct failure *why)
{
    struct der_reader contents = {0};
    uint32_t found = 0;

    if (!der_read_optional(reader, tag, &contents, present, why))
        return false;
    if (!*present)
        return true;
    struct bytes bits = der_remaining(&contents);
    if (bits.length == 0 || bits.start[0] > 7 ||
        bits.length - 1 > REASON_BYTES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the reasons of a distribution point are no BIT STRING of nine "
            "bits, at offset %zu",
            contents.position);
    for (size_t i = 0; i < (bits.length - 1) * 8; i++) {
        if ((bits.start[1 + i / 8] & 0x80u >> i % 8) != 0)
            found |= 1u << i;
    }
    *reasons = found;
    return true;
}

/* An IMPLICIT BOOLEAN that is FALSE when absent; FALSE written out is read, as
 * it is for "critical". */
static bool read_flag(struct der_reader *reader, unsigned int number,
    bool *flag, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT(number), &contents, &present, why))
        return false;
    struct bytes value = der_remaining(&contents);
    if (present &&
        (value.length != 1 || (value.start[0] != 0 && value.start[0] != 0xff)))
        return fail_because(why, FAILURE_MALFORMED,
            "a BOOLEAN is neither 00 nor ff at offset %zu", contents.position);
    *flag = present && value.start[0] == 0xff;
    return true;
}

bool extension_issuing_distribution_point(struct bytes value,
    struct issuing_distribution_point *point, struct failure *why)
{
    struct issuing_distribution_point found = {0};
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "issuingDistributionPoint", why) ||
        !read_optional_point_name(&contents, &found.name, why) ||
        !read_flag(&contents, 1, &found.only_users, why) ||
        !read_flag(&contents, 2, &found.only_authorities, why) ||
        !read_reasons(&contents, DER_CONTEXT(3), &found.has_reasons,
            &found.reasons, why) ||
        !read_flag(&contents, 4, &found.indirect, why) ||
        !read_flag(&contents, 5, &found.only_attributes, why) ||
        !der_finish(&contents, "issuingDistributionPoint", why))
        return false;
    *point = found;
    return true;
}

static bool read_crl_issuer(
    struct der_reader *reader, struct bytes *names, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(2), &contents, &present, why))
        return false;
    if (present && !check_names(contents, "a cRLIssuer", why))
        return false;
    *names = der_remaining(&contents);
    return true;
}

bool distribution_point_next(struct der_reader *points,
    struct distribution_point *point, struct failure *why)
{
    struct distribution_point found = {0};
    struct der_reader next = *points;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_SEQUENCE, &contents, why) ||
        !read_optional_point_name(&contents, &found.name, why) ||
        !read_reasons(&contents, DER_CONTEXT(1), &found.has_reasons,
            &found.reasons, why) ||
        !read_crl_issuer(&contents, &found.crl_issuer, why) ||
        !der_finish(&contents, "a distribution point", why))
        return false;
    *point = found;
    *points = next;
    return true;
}

bool extension_distribution_points(
    struct bytes value, struct der_reader *points, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    struct distribution_point point = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the distribution points", why))
        return false;
    if (der_at_end(&contents))
        return fail_because(why, FAILURE_MALFORMED,
            "the list of distribution points is empty; it has at least one "
            "(RFC 5280, 4.2.1.13)");
    struct der_reader walk = contents;
    while (!der_at_end(&walk)) {
        if (!distribution_point_next(&walk, &point, why))
            return false;
    }
    *points = contents;
    return true;
}
