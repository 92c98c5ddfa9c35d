#include "x509/lint/rules.h"

/* nameConstraints: RFC 5280, 4.2.1.10. */

static void constraints_of_authority(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!facts->basic.is_authority &&
        lint_extension(facts, OID_NAME_CONSTRAINTS) != NULL)
        lint_find(pen, "nameConstraints is there though this is no authority");
}

static void constraints_some(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct lint_subtrees trees = lint_subtrees_of(facts);

    if (lint_extension(facts, OID_NAME_CONSTRAINTS) != NULL &&
        der_at_end(&trees.permitted) && der_at_end(&trees.excluded))
        lint_find(pen, "nameConstraints constrains nothing");
}

typedef const char *subtree_fault(const struct lint_subtree *subtree);

static void each_subtree(const struct lint_facts *facts,
    subtree_fault *fault_of, struct lint_pen *pen)
{
    struct lint_subtrees trees = lint_subtrees_of(facts);
    struct lint_subtree subtree = {0};
    char shown[LINT_SHOWN];

    while (lint_next_subtree(&trees, &subtree)) {
        const char *fault = fault_of(&subtree);

        if (fault == NULL)
            continue;
        lint_show(subtree.base.value, shown);
        lint_find(pen, "the constraint \"%s\" %s", shown, fault);
    }
}

#define EACH(check, fault_of)                                               \
    static void check(const struct lint_facts *facts, struct lint_pen *pen) \
    {                                                                       \
        each_subtree(facts, fault_of, pen);                                 \
    }

static const char *fault_of_minimum(const struct lint_subtree *subtree)
{
    return subtree->has_minimum ? "has a minimum other than zero" : NULL;
}
EACH(constraint_minimum, fault_of_minimum)

static const char *fault_of_maximum(const struct lint_subtree *subtree)
{
    return subtree->has_maximum ? "has a maximum" : NULL;
}
EACH(constraint_maximum, fault_of_maximum)

static const char *fault_of_x400(const struct lint_subtree *subtree)
{
    return subtree->base.kind == GENERAL_NAME_X400 ? "is on X.400 addresses"
                                                   : NULL;
}
EACH(constraint_x400, fault_of_x400)

static const char *fault_of_edi(const struct lint_subtree *subtree)
{
    return subtree->base.kind == GENERAL_NAME_EDI ? "is on EDI party names"
                                                  : NULL;
}
EACH(constraint_edi, fault_of_edi)

static const char *fault_of_registered(const struct lint_subtree *subtree)
{
    return subtree->base.kind == GENERAL_NAME_REGISTERED_ID
               ? "is on registered identifiers"
               : NULL;
}
EACH(constraint_registered, fault_of_registered)

/* A host, or a domain behind a dot. */
static const char *fault_of_uri(const struct lint_subtree *subtree)
{
    struct bytes host = subtree->base.value;

    if (subtree->base.kind != GENERAL_NAME_URI)
        return NULL;
    if (host.length > 0 && host.start[0] == '.')
        host = (struct bytes){host.start + 1, host.length - 1};
    return lint_is_qualified(host) ? NULL
                                   : "on URIs is no fully qualified host";
}
EACH(constraint_uri, fault_of_uri)

/* The dot in front is of URIs; for DNS names everything below is meant. */
static const char *fault_of_dot(const struct lint_subtree *subtree)
{
    return subtree->base.kind == GENERAL_NAME_DNS &&
                   subtree->base.value.length > 0 &&
                   subtree->base.value.start[0] == '.'
               ? "on DNS names begins with a dot"
               : NULL;
}
EACH(constraint_dot, fault_of_dot)

/* An address and its mask, whose ones stand in front. */
static const char *fault_of_range(const struct lint_subtree *subtree)
{
    struct bytes value = subtree->base.value;
    bool ended = false;

    if (subtree->base.kind != GENERAL_NAME_IP)
        return NULL;
    if (value.length != 8 && value.length != 32)
        return "on addresses is no address and mask";
    for (size_t i = value.length * 4; i < value.length * 8; i++) {
        bool is_one = (value.start[i / 8] & 0x80u >> i % 8) != 0;

        if (is_one && ended)
            return "on addresses has a mask with a hole";
        ended |= !is_one;
    }
    return NULL;
}
EACH(constraint_range, fault_of_range)

static bool intersects(struct bytes range)
{
    size_t length = range.length / 2;
    uint8_t first[16] = {0}, last[16] = {0};

    for (size_t i = 0; i < length; i++) {
        uint8_t mask = range.start[length + i];

        first[i] = range.start[i] & mask;
        last[i] = (uint8_t)(first[i] | (uint8_t)~mask);
    }
    return lint_is_reserved_address((struct bytes){first, length}) ||
           lint_is_reserved_address((struct bytes){last, length});
}

static const char *fault_of_reserved(const struct lint_subtree *subtree)
{
    struct bytes value = subtree->base.value;

    return !subtree->is_excluded && subtree->base.kind == GENERAL_NAME_IP &&
                   (value.length == 8 || value.length == 32) &&
                   intersects(value)
               ? "permits addresses of a private or reserved network"
               : NULL;
}
EACH(constraint_reserved, fault_of_reserved)

#define CONSTRAINT(title, function)                                           \
    {                                                                         \
        .name = "name-constraints-" title, .reference = "RFC 5280, 4.2.1.10", \
        .check = (function), .scope = LINT_RFC5280, .on_drafts = true         \
    }

const struct lint_rule lint_rules_of_constraint[] = {
    CONSTRAINT("of-authority", constraints_of_authority),
    CONSTRAINT("some", constraints_some),
    CONSTRAINT("minimum", constraint_minimum),
    CONSTRAINT("maximum", constraint_maximum),
    CONSTRAINT("x400", constraint_x400),
    CONSTRAINT("edi", constraint_edi),
    CONSTRAINT("registered", constraint_registered),
    CONSTRAINT("uri", constraint_uri),
    CONSTRAINT("dot", constraint_dot),
    CONSTRAINT("range", constraint_range),
    {.name = "name-constraints-reserved",
        .reference = "CA/Browser Forum BR, 7.1.2.10.8",
        .check = constraint_reserved,
        .scope = LINT_BR},
    {0},
};
