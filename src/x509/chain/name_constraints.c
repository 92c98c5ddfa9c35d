#include "x509/chain/name_constraints.h"

#include <string.h>

#include "x509/chain/host.h"
#include "x509/name_match.h"

bool name_constraints_read(struct bytes value,
    struct name_constraints *constraints, struct failure *why)
{
    struct der_reader reader = der_reader_of(value), list = {0};
    struct name_constraints found = {0};
    bool present = false;

    if (!der_read(&reader, DER_SEQUENCE, &list, why) ||
        !der_finish(&reader, "nameConstraints", why) ||
        !der_read_optional(
            &list, DER_CONTEXT_HOLDING(0), &found.permitted, &present, why) ||
        !der_read_optional(
            &list, DER_CONTEXT_HOLDING(1), &found.excluded, &present, why) ||
        !der_finish(&list, "nameConstraints", why))
        return false;
    *constraints = found;
    return true;
}

/* minimum [0] DEFAULT 0, maximum [1]: 4.2.1.10 wants neither. */
static bool check_distances(struct der_reader *subtree, struct failure *why)
{
    struct der_reader minimum = {0}, maximum = {0};
    bool has_minimum = false, has_maximum = false;
    struct bytes value;

    if (!der_read_optional(
            subtree, DER_CONTEXT(0), &minimum, &has_minimum, why) ||
        !der_read_optional(
            subtree, DER_CONTEXT(1), &maximum, &has_maximum, why) ||
        !der_finish(subtree, "a subtree of nameConstraints", why))
        return false;
    value = der_remaining(&minimum);
    if (has_maximum ||
        (has_minimum && (value.length != 1 || value.start[0] != 0)))
        return fail_because(why, FAILURE_UNSUITABLE,
            "has a minimum or maximum, which no verifier reads");
    return true;
}

static struct bytes without_first(struct bytes text)
{
    return (struct bytes){text.start + 1, text.length - 1};
}

static bool begins_with_dot(struct bytes text)
{
    return text.length > 0 && text.start[0] == '.';
}

/* Empty, a host, or a dot before a host. */
static const char *fault_of_host(struct bytes host)
{
    if (host.length == 0 || host_is_wellformed(host) ||
        (begins_with_dot(host) && host_is_wellformed(without_first(host))))
        return NULL;
    return "is no host";
}

static const char *fault_of_mailbox(struct bytes base)
{
    struct bytes local = {0}, domain = {0};

    if (base.length == 0 || memchr(base.start, '@', base.length) == NULL)
        return fault_of_host(base);
    return mailbox_split(base, &local, &domain) ? NULL : "is no mailbox";
}

/* RFC 4632, 3.1: ones, then zeros. */
static bool is_mask(struct bytes mask)
{
    bool ended = false;

    for (size_t bit = 0; bit < 8 * mask.length; bit++) {
        bool is_one = (mask.start[bit / 8] >> (7 - bit % 8) & 1) != 0;

        if (is_one && ended)
            return false;
        ended = !is_one;
    }
    return true;
}

static const char *fault_of_network(struct bytes base)
{
    size_t half = base.length / 2;

    if (base.length != 8 && base.length != 32)
        return "is no address with its mask, which has 8 or 32 bytes";
    return is_mask((struct bytes){base.start + half, half})
               ? NULL
               : "has a mask with holes (RFC 4632, 3.1)";
}

static const char *fault_of_base(const struct general_name *base)
{
    switch (base->kind) {
    case GENERAL_NAME_DNS:
    case GENERAL_NAME_URI:
        return fault_of_host(base->value);
    case GENERAL_NAME_EMAIL:
        return fault_of_mailbox(base->value);
    case GENERAL_NAME_IP:
        return fault_of_network(base->value);
    case GENERAL_NAME_DIRECTORY:
    case GENERAL_NAME_OTHER:
    case GENERAL_NAME_X400:
    case GENERAL_NAME_EDI:
    case GENERAL_NAME_REGISTERED_ID:
        break;
    }
    return NULL;
}

bool name_constraints_next(
    struct der_reader *subtrees, struct general_name *base, struct failure *why)
{
    struct der_reader next = *subtrees, subtree = {0};
    struct general_name found = {0};
    const char *fault = NULL;

    if (!der_read(&next, DER_SEQUENCE, &subtree, why) ||
        !general_name_next(&subtree, &found, why) ||
        !check_distances(&subtree, why))
        return false;
    fault = fault_of_base(&found);
    if (fault != NULL)
        return fail_because(why, FAILURE_UNSUITABLE, "%s", fault);
    *base = found;
    *subtrees = next;
    return true;
}

/* --- one name against one subtree ----------------------------------------- */

static bool are_of_one_type(struct bytes a, struct bytes b)
{
    struct der_reader left = der_reader_of(a), right = der_reader_of(b);
    struct bytes left_type = {0}, right_type = {0};
    struct failure unread = {0};

    /* What can't be told apart is taken for the same. */
    if (!der_read_oid(&left, &left_type, &unread) ||
        !der_read_oid(&right, &right_type, &unread))
        return true;
    return bytes_equal(left_type, right_type);
}

static bool mailbox_of(const struct general_name *name, struct bytes *mailbox)
{
    *mailbox = name->value;
    return name->kind == GENERAL_NAME_EMAIL ||
           (name->kind == GENERAL_NAME_OTHER &&
               smtp_utf8_mailbox(name->value, mailbox));
}

bool constraint_concerns(
    const struct general_name *base, const struct general_name *name)
{
    struct bytes mailbox = {0};

    if (base->kind == GENERAL_NAME_EMAIL)
        return mailbox_of(name, &mailbox);
    if (base->kind == GENERAL_NAME_OTHER)
        return name->kind == GENERAL_NAME_OTHER &&
               are_of_one_type(base->value, name->value);
    return base->kind == name->kind;
}

bool constraint_has_no_rule(const struct general_name *base)
{
    return base->kind == GENERAL_NAME_OTHER ||
           base->kind == GENERAL_NAME_X400 || base->kind == GENERAL_NAME_EDI;
}

const char *constraint_fault_of_name(const struct general_name *name)
{
    struct bytes mailbox = {0}, local = {0}, domain = {0};
    struct uri_parts uri = {0};

    if (mailbox_of(name, &mailbox))
        return mailbox_split(mailbox, &local, &domain) ? NULL : "is no mailbox";
    if (name->kind == GENERAL_NAME_DNS)
        return host_is_presentable(name->value) ? NULL : "is no DNS name";
    if (name->kind == GENERAL_NAME_IP)
        return name->value.length == 4 || name->value.length == 16
                   ? NULL
                   : "is no address";
    /* 4.2.1.10: a constrained URI must have a domain for its host. */
    if (name->kind == GENERAL_NAME_URI)
        return uri_split(name->value, &uri) && host_is_domain(uri.host)
                   ? NULL
                   : "has no domain for its host";
    return NULL;
}

/* Mailboxes and URIs: the host, or with a dot in front what is below it. */
static bool host_is_meant(struct bytes base, struct bytes host)
{
    return base.length == 0 ||
           (begins_with_dot(base) ? host_is_below(host, without_first(base))
                                  : host_equals(host, base));
}

static bool dns_name_is_within(struct bytes base, struct bytes host)
{
    if (base.length == 0)
        return true;
    if (begins_with_dot(base))
        return host_is_below(host, without_first(base));
    return host_equals(host, base) || host_is_below(host, base);
}

static bool mailbox_is_meant(struct bytes base, struct bytes mailbox)
{
    struct bytes local = {0}, domain = {0};

    if (base.length > 0 && memchr(base.start, '@', base.length) != NULL)
        return mailbox_equals(base, mailbox);
    return mailbox_split(mailbox, &local, &domain) &&
           host_is_meant(base, domain);
}

static bool address_is_within(struct bytes base, struct bytes address)
{
    const uint8_t *mask = base.start + address.length;

    if (base.length != 2 * address.length)
        return false;
    for (size_t i = 0; i < address.length; i++) {
        if (((base.start[i] ^ address.start[i]) & mask[i]) != 0)
            return false;
    }
    return true;
}

/* Arcs below: both are whole, so the bytes of one begin the other. */
static bool identifier_is_within(struct bytes base, struct bytes identifier)
{
    return base.length > 0 && identifier.length >= base.length &&
           memcmp(base.start, identifier.start, base.length) == 0;
}

bool constraint_holds(
    const struct general_name *base, const struct general_name *name)
{
    struct bytes mailbox = {0};
    struct uri_parts uri = {0};

    switch (base->kind) {
    case GENERAL_NAME_DNS:
        return dns_name_is_within(base->value, name->value);
    case GENERAL_NAME_URI:
        return uri_split(name->value, &uri) &&
               host_is_meant(base->value, uri.host);
    case GENERAL_NAME_EMAIL:
        return mailbox_of(name, &mailbox) &&
               mailbox_is_meant(base->value, mailbox);
    case GENERAL_NAME_IP:
        return address_is_within(base->value, name->value);
    case GENERAL_NAME_DIRECTORY:
        return name_is_within(name->value, base->value);
    case GENERAL_NAME_REGISTERED_ID:
        return identifier_is_within(base->value, name->value);
    case GENERAL_NAME_OTHER:
    case GENERAL_NAME_X400:
    case GENERAL_NAME_EDI:
        break;
    }
    return false;
}

bool constraint_may_hold(
    const struct general_name *base, const struct general_name *name)
{
    if (constraint_holds(base, name))
        return true;
    return name->kind == GENERAL_NAME_DNS && name->value.length > 2 &&
           name->value.start[0] == '*' &&
           host_equals(host_parent(base->value), host_parent(name->value));
}
