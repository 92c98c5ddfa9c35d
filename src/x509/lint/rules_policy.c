#include "base/text.h"
#include "x509/lint/rules.h"

/* certificatePolicies, policyMappings, policyConstraints. */

#define EXPLICIT_TEXT_MOST 200

static void policies_once(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_CERTIFICATE_POLICIES);
    struct lint_policy_information policy = {0}, other = {0};
    struct failure unread = {0};
    char text[OID_TEXT];

    while (lint_next_policy(&list, &policy)) {
        struct der_reader rest = list;

        while (lint_next_policy(&rest, &other)) {
            if (bytes_equal(policy.identifier, other.identifier) &&
                oid_print(policy.identifier, text, &unread))
                lint_find(pen, "the policy %s stands twice", text);
        }
    }
}

/* id-qt-cps and id-qt-unotice: 1.3.6.1.5.5.7.2.1 and .2. */
static bool is_qualifier(struct bytes type, uint8_t number)
{
    const uint8_t known[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02, number};

    return bytes_equal(type, (struct bytes){known, sizeof(known)});
}

typedef void qualifier_check(const struct lint_policy_information *policy,
    struct bytes type, struct der_reader value, struct lint_pen *pen);

static void each_qualifier(const struct lint_facts *facts,
    qualifier_check *check, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_CERTIFICATE_POLICIES);
    struct lint_policy_information policy = {0};

    while (lint_next_policy(&list, &policy)) {
        struct failure unread = {0};
        struct der_reader inside = {0};
        struct bytes type = {0};

        while (!der_at_end(&policy.qualifiers) &&
               der_read(&policy.qualifiers, DER_SEQUENCE, &inside, &unread) &&
               der_read_oid(&inside, &type, &unread))
            check(&policy, type, inside, pen);
    }
}

static void check_any_policy(const struct lint_policy_information *policy,
    struct bytes type, struct der_reader value, struct lint_pen *pen)
{
    (void)value;
    if (oid_of(policy->identifier) == OID_ANY_POLICY &&
        !is_qualifier(type, 1) && !is_qualifier(type, 2))
        lint_find(pen, "anyPolicy has a qualifier that is neither a CPS nor a "
                       "notice");
}

static void any_policy_qualifiers(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_qualifier(facts, check_any_policy, pen);
}

static void check_cps(const struct lint_policy_information *policy,
    struct bytes type, struct der_reader value, struct lint_pen *pen)
{
    (void)policy;
    (void)value;
    if (!is_qualifier(type, 1))
        lint_find(pen, "a policy has a qualifier that is no CPS");
}

static void cps_qualifiers(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_qualifier(facts, check_cps, pen);
}

/* UserNotice: SEQUENCE { noticeRef SEQUENCE OPTIONAL, explicitText OPTIONAL }.
 */
static bool read_notice(struct bytes type, struct der_reader value,
    bool *has_reference, uint8_t *tag, struct bytes *text)
{
    struct der_reader notice = {0}, contents = {0};
    struct bytes element = {0};
    struct failure unread = {0};

    if (!is_qualifier(type, 2) ||
        !der_read(&value, DER_SEQUENCE, &notice, &unread) ||
        !der_read_optional(
            &notice, DER_SEQUENCE, &contents, has_reference, &unread))
        return false;
    *tag = 0;
    if (!der_at_end(&notice) &&
        der_read_any(&notice, tag, &contents, &element, &unread))
        *text = der_remaining(&contents);
    return true;
}

static void check_notice_reference(const struct lint_policy_information *policy,
    struct bytes type, struct der_reader value, struct lint_pen *pen)
{
    struct bytes text = {0};
    uint8_t tag = 0;
    bool has_reference = false;

    (void)policy;
    if (read_notice(type, value, &has_reference, &tag, &text) && has_reference)
        lint_find(pen, "a notice refers to another text (noticeRef)");
}

static void notice_reference(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_qualifier(facts, check_notice_reference, pen);
}

typedef const char *text_fault(uint8_t tag, struct bytes text);

static const char *fault_of_ia5(uint8_t tag, struct bytes text)
{
    (void)text;
    return tag == DER_IA5_STRING ? "is an IA5String" : NULL;
}

static const char *fault_of_type(uint8_t tag, struct bytes text)
{
    (void)text;
    return tag != DER_UTF8_STRING ? "is no UTF8String" : NULL;
}

static const char *fault_of_length(uint8_t tag, struct bytes text)
{
    size_t count = tag == DER_BMP_STRING ? text.length / 2 : text.length;

    for (size_t i = 0; tag == DER_UTF8_STRING && i < text.length; i++)
        count -= (text.start[i] & 0xc0) == 0x80;
    return count > EXPLICIT_TEXT_MOST ? "has more than 200 characters" : NULL;
}

/* U+0000 to U+001F and U+007F to U+009F. */
static const char *fault_of_controls(uint8_t tag, struct bytes text)
{
    for (size_t i = 0; tag == DER_UTF8_STRING && i < text.length; i++) {
        uint8_t byte = text.start[i];

        if (byte < 0x20 || byte == 0x7f ||
            (i > 0 && text.start[i - 1] == 0xc2 && byte < 0xa0))
            return "holds a control character";
    }
    return NULL;
}

static void each_explicit_text(
    const struct lint_facts *facts, text_fault *fault_of, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_CERTIFICATE_POLICIES);
    struct lint_policy_information policy = {0};

    while (lint_next_policy(&list, &policy)) {
        struct failure unread = {0};
        struct der_reader inside = {0};
        struct bytes type = {0}, text = {0};
        uint8_t tag = 0;
        bool has_reference = false;

        while (!der_at_end(&policy.qualifiers) &&
               der_read(&policy.qualifiers, DER_SEQUENCE, &inside, &unread) &&
               der_read_oid(&inside, &type, &unread)) {
            const char *fault = NULL;

            if (read_notice(type, inside, &has_reference, &tag, &text) &&
                tag != 0)
                fault = fault_of(tag, text);
            if (fault != NULL)
                lint_find(pen, "the explicitText of a notice %s", fault);
        }
    }
}

static void explicit_text_ia5(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_explicit_text(facts, fault_of_ia5, pen);
}

static void explicit_text_utf8(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_explicit_text(facts, fault_of_type, pen);
}

static void explicit_text_length(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_explicit_text(facts, fault_of_length, pen);
}

static void explicit_text_controls(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_explicit_text(facts, fault_of_controls, pen);
}

/* --- mappings and constraints ----------------------------------------------
 */

static bool asserts_policy(const struct lint_facts *facts, struct bytes policy)
{
    struct der_reader list = lint_list(facts, OID_CERTIFICATE_POLICIES);
    struct lint_policy_information found = {0};

    while (lint_next_policy(&list, &found)) {
        if (bytes_equal(found.identifier, policy))
            return true;
    }
    return false;
}

static bool next_mapping(
    struct der_reader *list, struct bytes *ours, struct bytes *theirs)
{
    struct der_reader inside = {0};
    struct failure unread = {0};

    return !der_at_end(list) &&
           der_read(list, DER_SEQUENCE, &inside, &unread) &&
           der_read_oid(&inside, ours, &unread) &&
           der_read_oid(&inside, theirs, &unread);
}

static void mapping_any_policy(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_POLICY_MAPPINGS);
    struct bytes ours = {0}, theirs = {0};

    while (next_mapping(&list, &ours, &theirs)) {
        if (oid_of(ours) == OID_ANY_POLICY || oid_of(theirs) == OID_ANY_POLICY)
            lint_find(pen, "policyMappings maps anyPolicy");
    }
}

static void mapping_asserted(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_POLICY_MAPPINGS);
    struct bytes ours = {0}, theirs = {0};
    struct failure unread = {0};
    char text[OID_TEXT];

    while (next_mapping(&list, &ours, &theirs)) {
        if (!asserts_policy(facts, ours) && oid_print(ours, text, &unread))
            lint_find(pen,
                "policyMappings maps %s, which certificatePolicies "
                "does not hold",
                text);
    }
}

static void constraints_not_empty(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_POLICY_CONSTRAINTS);

    if (lint_extension(facts, OID_POLICY_CONSTRAINTS) != NULL &&
        der_at_end(&list))
        lint_find(pen, "policyConstraints is empty");
}

/* --- who asserts which ------------------------------------------------------
 */

static void leaf_policies(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) &&
        lint_extension(facts, OID_CERTIFICATE_POLICIES) == NULL)
        lint_find(pen, "certificatePolicies is missing");
}

static void leaf_policies_some(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) && facts->policy_count == 0)
        lint_find(pen, "certificatePolicies names no policy");
}

static void subordinate_policies(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_subordinate(facts) &&
        lint_extension(facts, OID_CERTIFICATE_POLICIES) == NULL)
        lint_find(
            pen, "a subordinate authority's certificatePolicies is missing");
}

static unsigned int count_bits(unsigned int bits)
{
    unsigned int count = 0;

    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

static void subordinate_reserved_once(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_subordinate(facts) &&
        count_bits(facts->policies & LINT_POLICIES_TLS) > 1)
        lint_find(pen, "a subordinate authority asserts more than one of the "
                       "Forum's reserved policies");
}

#define POLICY(title, where, function)                                         \
    {                                                                          \
        .name = (title), .reference = "RFC 5280, " where, .check = (function), \
        .scope = LINT_RFC5280, .on_drafts = true                               \
    }
#define FORUM(title, where, function)                                \
    {                                                                \
        .name = (title), .reference = "CA/Browser Forum BR, " where, \
        .check = (function), .scope = LINT_BR                        \
    }

const struct lint_rule lint_rules_of_policy[] = {
    POLICY("policies-once", "4.2.1.4", policies_once),
    POLICY("any-policy-qualifiers", "4.2.1.4", any_policy_qualifiers),
    POLICY("notice-reference", "4.2.1.4", notice_reference),
    POLICY("explicit-text-ia5", "4.2.1.4", explicit_text_ia5),
    POLICY("explicit-text-utf8", "4.2.1.4", explicit_text_utf8),
    POLICY("explicit-text-length", "4.2.1.4", explicit_text_length),
    POLICY("explicit-text-controls", "4.2.1.4", explicit_text_controls),
    POLICY("mapping-any-policy", "4.2.1.5", mapping_any_policy),
    POLICY("mapping-asserted", "4.2.1.5", mapping_asserted),
    POLICY("policy-constraints-not-empty", "4.2.1.11", constraints_not_empty),
    FORUM("cps-qualifiers", "7.1.2.7.9", cps_qualifiers),
    FORUM("leaf-policies", "7.1.2.7.6", leaf_policies),
    FORUM("leaf-policies-some", "7.1.2.7.9", leaf_policies_some),
    FORUM("subordinate-policies", "7.1.2.10.5", subordinate_policies),
    FORUM("subordinate-reserved-once", "7.1.2.10.5", subordinate_reserved_once),
    {0},
};
