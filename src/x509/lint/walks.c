#include "x509/lint/rules.h"

/* By the tag's number alone: whether it is the right form is for
 * subject-alt-name-count to say, and a wrong one hides no name behind it. */
bool lint_next_name(struct der_reader *names, struct general_name *name)
{
    if (der_at_end(names))
        return false;

    struct der_reader contents = {0};
    struct bytes element = {0};
    struct failure unread = {0};
    uint8_t tag = 0;
    if (!der_read_any(names, &tag, &contents, &element, &unread) ||
        (tag & 0xc0) != 0x80 || (tag & 0x1f) > GENERAL_NAME_REGISTERED_ID)
        return false;
    name->kind = (enum general_name_kind)(tag & 0x1f);
    name->value = der_remaining(&contents);
    return true;
}

/* DistributionPointName: [0] fullName, [1] nameRelativeToCRLIssuer. */
static void read_point_name(struct der_reader name, struct lint_point *point)
{
    struct failure unread = {0};

    point->has_name = true;
    point->has_relative_name = der_peek(&name) == DER_CONTEXT_HOLDING(1);
    if (!point->has_relative_name &&
        !der_read(&name, DER_CONTEXT_HOLDING(0), &point->full_names, &unread))
        point->full_names = (struct der_reader){0};
}

bool lint_next_point(struct der_reader *points, struct lint_point *point)
{
    if (der_at_end(points))
        return false;

    struct der_reader inside = {0}, name = {0}, passed = {0};
    struct failure unread = {0};
    bool has_name = false;
    *point = (struct lint_point){0};
    if (!der_read(points, DER_SEQUENCE, &inside, &unread) ||
        !der_read_optional(
            &inside, DER_CONTEXT_HOLDING(0), &name, &has_name, &unread))
        return false;
    if (has_name)
        read_point_name(name, point);
    return der_read_optional(&inside, DER_CONTEXT(1), &passed,
               &point->has_reasons, &unread) &&
           der_read_optional(&inside, DER_CONTEXT_HOLDING(2), &passed,
               &point->has_issuer, &unread);
}

bool lint_next_access(struct der_reader *list, struct lint_access *access)
{
    if (der_at_end(list))
        return false;

    struct der_reader inside = {0};
    struct bytes method = {0};
    struct failure unread = {0};
    if (!der_read(list, DER_SEQUENCE, &inside, &unread) ||
        !der_read_oid(&inside, &method, &unread))
        return false;
    access->method = oid_of(method);
    return lint_next_name(&inside, &access->location);
}

bool lint_next_policy(
    struct der_reader *list, struct lint_policy_information *policy)
{
    if (der_at_end(list))
        return false;

    struct der_reader inside = {0};
    struct failure unread = {0};
    *policy = (struct lint_policy_information){0};
    if (!der_read(list, DER_SEQUENCE, &inside, &unread) ||
        !der_read_oid(&inside, &policy->identifier, &unread))
        return false;
    return der_read_optional(&inside, DER_SEQUENCE, &policy->qualifiers,
        &policy->has_qualifiers, &unread);
}

struct lint_subtrees lint_subtrees_of(const struct lint_facts *facts)
{
    struct der_reader list = lint_list(facts, OID_NAME_CONSTRAINTS);
    struct lint_subtrees found = {0};

    if (der_at_end(&list))
        return found;
    struct failure unread = {0};
    if (!der_read_optional(&list, DER_CONTEXT_HOLDING(0), &found.permitted,
            &found.has_permitted, &unread) ||
        !der_read_optional(&list, DER_CONTEXT_HOLDING(1), &found.excluded,
            &found.has_excluded, &unread))
        return (struct lint_subtrees){0};
    return found;
}

/* A minimum of zero is the default; written out or not. */
static bool read_distances(
    struct der_reader *inside, struct lint_subtree *subtree)
{
    struct der_reader minimum = {0}, maximum = {0};
    struct failure unread = {0};
    bool present = false;

    if (!der_read_optional(
            inside, DER_CONTEXT(0), &minimum, &present, &unread) ||
        !der_read_optional(
            inside, DER_CONTEXT(1), &maximum, &subtree->has_maximum, &unread))
        return false;
    struct bytes value = der_remaining(&minimum);
    subtree->has_minimum =
        present && !(value.length == 1 && value.start[0] == 0);
    return true;
}

bool lint_next_subtree(
    struct lint_subtrees *subtrees, struct lint_subtree *subtree)
{
    bool is_excluded = der_at_end(&subtrees->permitted);
    struct der_reader *from =
        is_excluded ? &subtrees->excluded : &subtrees->permitted;

    if (der_at_end(from))
        return false;

    struct der_reader inside = {0};
    struct failure unread = {0};
    *subtree = (struct lint_subtree){.is_excluded = is_excluded};
    return der_read(from, DER_SEQUENCE, &inside, &unread) &&
           lint_next_name(&inside, &subtree->base) &&
           read_distances(&inside, subtree);
}
