#include "x509/chain/extension_walk.h"

#include <string.h>

#include "x509/general_name.h"

/* One element of a list: moves past it. */
typedef bool walk_element(struct der_reader *list, struct failure *why);

/* The rest of a list that has at least one element (SIZE (1..MAX)). */
static bool walk_all(
    struct der_reader list, walk_element *walk, struct failure *why)
{
    if (der_at_end(&list))
        return fail_because(why, FAILURE_MALFORMED,
            "a list is empty at offset %zu; it has at least one element",
            list.position);
    while (!der_at_end(&list)) {
        if (!walk(&list, why))
            return false;
    }
    return true;
}

/* A value that is one SEQUENCE OF. */
static bool walk_sequence(
    struct bytes value, walk_element *walk, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           der_finish(&reader, "the list", why) &&
           walk_all(contents, walk, why);
}

static bool walk_any(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};
    struct bytes element = {0};
    uint8_t tag = 0;

    return der_read_any(list, &tag, &inside, &element, why);
}

static bool walk_oid(struct der_reader *list, struct failure *why)
{
    struct bytes oid = {0};

    return der_read_oid(list, &oid, why);
}

/* PolicyQualifierInfo, RFC 5280, 4.2.1.4 */
static bool walk_qualifier(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           walk_oid(&inside, why) && walk_any(&inside, why) &&
           der_finish(&inside, "a policy qualifier", why);
}

static bool walk_policy(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0}, qualifiers = {0};
    bool present = false;

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           walk_oid(&inside, why) &&
           der_read_optional(
               &inside, DER_SEQUENCE, &qualifiers, &present, why) &&
           der_finish(&inside, "a policy", why) &&
           (!present || walk_all(qualifiers, walk_qualifier, why));
}

bool walk_policies(struct bytes value, struct failure *why)
{
    return walk_sequence(value, walk_policy, why);
}

/* id-qt-cps and id-qt-unotice: 1.3.6.1.5.5.7.2.1 and .2 */
static bool is_known_qualifier(struct bytes type)
{
    static const uint8_t arc[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02};

    return type.length == sizeof(arc) + 1 &&
           memcmp(type.start, arc, sizeof(arc)) == 0 &&
           (type.start[sizeof(arc)] == 1 || type.start[sizeof(arc)] == 2);
}

static bool check_qualifier(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};
    struct bytes type = {0};

    if (!der_read(list, DER_SEQUENCE, &inside, why) ||
        !der_read_oid(&inside, &type, why))
        return false;
    return is_known_qualifier(type) ||
           fail_because(why, FAILURE_UNSUITABLE, "a qualifier is not known");
}

static bool check_qualifiers(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0}, qualifiers = {0};
    bool present = false;

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           walk_oid(&inside, why) &&
           der_read_optional(
               &inside, DER_SEQUENCE, &qualifiers, &present, why) &&
           (!present || walk_all(qualifiers, check_qualifier, why));
}

bool policy_qualifiers_are_known(struct bytes value)
{
    struct failure unknown = {0};

    return walk_sequence(value, check_qualifiers, &unknown);
}

static bool walk_mapping(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           walk_oid(&inside, why) && walk_oid(&inside, why) &&
           der_finish(&inside, "a policy mapping", why);
}

bool walk_policy_mappings(struct bytes value, struct failure *why)
{
    return walk_sequence(value, walk_mapping, why);
}

/* An IMPLICIT INTEGER (0..MAX) that may be absent. */
static bool walk_skip_certificates(
    struct der_reader *reader, unsigned int tag, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;

    if (!der_read_optional(reader, tag, &contents, &present, why))
        return false;
    struct bytes number = der_remaining(&contents);
    if (!present || (number.length > 0 && number.length <= 4 &&
                        (number.start[0] & 0x80) == 0 &&
                        (number.length == 1 || number.start[0] != 0 ||
                            (number.start[1] & 0x80) != 0)))
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "the number at offset %zu is not one from 0 to 2147483647",
        contents.position);
}

/* Empty is against 4.2.1.11 and unambiguous: it constrains nothing. */
bool walk_policy_constraints(struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader inside = {0};

    return der_read(&reader, DER_SEQUENCE, &inside, why) &&
           der_finish(&reader, "policyConstraints", why) &&
           walk_skip_certificates(&inside, DER_CONTEXT(0), why) &&
           walk_skip_certificates(&inside, DER_CONTEXT(1), why) &&
           der_finish(&inside, "policyConstraints", why);
}

bool walk_inhibit_any_policy(struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    uint32_t skipped = 0;

    return der_read_small_integer(&reader, &skipped, why) &&
           der_finish(&reader, "inhibitAnyPolicy", why);
}

/* RFC 5280, 4.2.1.10: GeneralSubtree */
static bool walk_subtree(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};
    struct general_name base = {0};

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           general_name_next(&inside, &base, why) &&
           walk_skip_certificates(&inside, DER_CONTEXT(0), why) &&
           walk_skip_certificates(&inside, DER_CONTEXT(1), why) &&
           der_finish(&inside, "a subtree", why);
}

static bool walk_subtrees(
    struct der_reader *reader, unsigned int tag, struct failure *why)
{
    struct der_reader subtrees = {0};
    bool present = false;

    return der_read_optional(reader, tag, &subtrees, &present, why) &&
           (!present || walk_all(subtrees, walk_subtree, why));
}

bool walk_name_constraints(struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader inside = {0};

    return der_read(&reader, DER_SEQUENCE, &inside, why) &&
           der_finish(&reader, "nameConstraints", why) &&
           walk_subtrees(&inside, DER_CONTEXT_HOLDING(0), why) &&
           walk_subtrees(&inside, DER_CONTEXT_HOLDING(1), why) &&
           der_finish(&inside, "nameConstraints", why);
}

static bool walk_name(struct der_reader *list, struct failure *why)
{
    struct general_name name = {0};

    return general_name_next(list, &name, why);
}

static bool walk_names(
    struct der_reader *reader, unsigned int tag, struct failure *why)
{
    struct der_reader names = {0};
    bool present = false;

    return der_read_optional(reader, tag, &names, &present, why) &&
           (!present || walk_all(names, walk_name, why));
}

/* AttributeTypeAndValue of nameRelativeToCRLIssuer */
static bool walk_attribute(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           walk_oid(&inside, why) && walk_any(&inside, why) &&
           der_finish(&inside, "an attribute", why);
}

/* DistributionPointName: a CHOICE, so its tag is explicit. */
static bool walk_point_name(struct der_reader *reader, struct failure *why)
{
    struct der_reader choice = {0}, relative = {0};
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(0), &choice, &present, why))
        return false;
    if (!present)
        return true;
    if (der_peek(&choice) == DER_CONTEXT_HOLDING(0))
        return walk_names(&choice, DER_CONTEXT_HOLDING(0), why) &&
               der_finish(&choice, "the name of a distribution point", why);
    return der_read(&choice, DER_CONTEXT_HOLDING(1), &relative, why) &&
           der_finish(&choice, "the name of a distribution point", why) &&
           walk_all(relative, walk_attribute, why);
}

/* As many as crl_extension.c reads of the nine bits (4.2.1.13), and before
 * them the number of spare ones. */
#define REASONS_LENGTH_MAX 5

/* IMPLICIT. */
static bool walk_reasons(struct der_reader *reader, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;

    if (!der_read_optional(reader, DER_CONTEXT(1), &contents, &present, why))
        return false;
    struct bytes bits = der_remaining(&contents);
    return !present ||
           (bits.length > 0 && bits.length <= REASONS_LENGTH_MAX &&
               bits.start[0] <= (bits.length > 1 ? 7 : 0)) ||
           fail_because(why, FAILURE_MALFORMED,
               "the reasons at offset %zu are no BIT STRING",
               contents.position);
}

/* RFC 5280, 4.2.1.13 */
static bool walk_point(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           walk_point_name(&inside, why) && walk_reasons(&inside, why) &&
           walk_names(&inside, DER_CONTEXT_HOLDING(2), why) &&
           der_finish(&inside, "a distribution point", why);
}

bool walk_distribution_points(struct bytes value, struct failure *why)
{
    return walk_sequence(value, walk_point, why);
}

/* AccessDescription, RFC 5280, 4.2.2.1 */
static bool walk_description(struct der_reader *list, struct failure *why)
{
    struct der_reader inside = {0};

    return der_read(list, DER_SEQUENCE, &inside, why) &&
           walk_oid(&inside, why) && walk_name(&inside, why) &&
           der_finish(&inside, "an access description", why);
}

bool walk_access(struct bytes value, struct failure *why)
{
    return walk_sequence(value, walk_description, why);
}

static bool walk_feature(struct der_reader *list, struct failure *why)
{
    uint32_t feature = 0;

    return der_read_small_integer(list, &feature, why);
}

/* RFC 7633, 4.1 */
bool walk_tls_feature(struct bytes value, struct failure *why)
{
    return walk_sequence(value, walk_feature, why);
}

/* RFC 6960, 4.2.2.2.1: NULL */
bool walk_ocsp_no_check(struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    return der_read(&reader, DER_NULL, &contents, why) &&
           der_finish(&contents, "id-pkix-ocsp-nocheck", why) &&
           der_finish(&reader, "id-pkix-ocsp-nocheck", why);
}
