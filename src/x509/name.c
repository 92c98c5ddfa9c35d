#include "x509/name.h"

#include <string.h>

static bool is_empty_set_next(const struct der_reader *names)
{
    struct bytes rest = der_remaining(names);

    return rest.length >= 2 && rest.start[0] == DER_SET && rest.start[1] == 0;
}

static void pass_empty_sets(struct name_walk *walk)
{
    while (der_at_end(&walk->set) && is_empty_set_next(&walk->names)) {
        walk->names.position += 2;
        walk->opened++;
        walk->empty++;
    }
}

bool name_walk_start(
    struct bytes name, struct name_walk *walk, struct failure *why)
{
    struct der_reader reader = der_reader_of(name);
    struct der_reader names = {0};

    if (!der_read(&reader, DER_SEQUENCE, &names, why))
        return false;
    if (!der_finish(&reader, "the name", why))
        return false;
    *walk = (struct name_walk){.names = names};
    pass_empty_sets(walk);
    return true;
}

bool name_walk_at_end(const struct name_walk *walk)
{
    return der_at_end(&walk->set) && der_at_end(&walk->names);
}

/* RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue */
static bool open_set(struct name_walk *walk, struct failure *why)
{
    if (!der_read(&walk->names, DER_SET, &walk->set, why))
        return false;
    walk->opened++;
    return true;
}

/* AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY } */
static bool read_attribute(struct der_reader *set,
    struct name_attribute *attribute, struct failure *why)
{
    struct der_reader fields = {0};
    struct der_reader value = {0};
    size_t start = set->position;

    if (!der_read(set, DER_SEQUENCE, &fields, why))
        return false;
    if (!der_read_oid(&fields, &attribute->type_contents, why))
        return false;
    if (!der_read_any(
            &fields, &attribute->tag, &value, &attribute->value_element, why))
        return false;
    if (!der_finish(&fields, "the value of an attribute", why))
        return false;

    attribute->type = oid_of(attribute->type_contents);
    attribute->value = der_remaining(&value);
    attribute->whole = (struct bytes){
        .start = set->whole.start + start, .length = set->position - start};
    return true;
}

bool name_walk_next(struct name_walk *walk, struct name_attribute *attribute,
    struct failure *why)
{
    struct name_walk next = *walk;
    struct name_attribute found = {0};

    if (der_at_end(&next.set) && !open_set(&next, why))
        return false;
    if (!read_attribute(&next.set, &found, why))
        return false;
    found.relative = next.opened - 1;
    pass_empty_sets(&next);
    *attribute = found;
    *walk = next;
    return true;
}

/* X.690, 11.6: members of a SET OF ascend.  No whole element is the start of
 * another one, so the padding of that rule never matters. */
static bool is_in_order(struct bytes first, struct bytes second)
{
    size_t common = first.length < second.length ? first.length : second.length;

    return memcmp(first.start, second.start, common) <= 0;
}

/* *empty: how many relative names have no attribute. */
static bool check_attributes(
    struct bytes name, size_t most, size_t *empty, struct failure *why)
{
    struct name_walk walk = {0};
    struct name_attribute before = {0};
    struct name_attribute attribute = {0};

    if (!name_walk_start(name, &walk, why))
        return false;
    for (size_t count = 0; !name_walk_at_end(&walk); count++) {
        if (count == most)
            return fail_because(why, FAILURE_MALFORMED,
                "a name has more than %zu attributes", most);
        if (!name_walk_next(&walk, &attribute, why))
            return false;
        if (count > 0 && before.relative == attribute.relative &&
            !is_in_order(before.whole, attribute.whole))
            return fail_because(why, FAILURE_MALFORMED,
                "the attributes of a relative name are not in DER order");
        before = attribute;
    }
    *empty = walk.empty;
    return true;
}

bool name_check_form(struct bytes name, struct failure *why)
{
    size_t empty = 0;

    return check_attributes(name, NAME_ATTRIBUTES_MAX, &empty, why);
}

bool name_check(struct bytes name, struct failure *why)
{
    size_t empty = 0;

    if (!check_attributes(name, NAME_DRAFT_ATTRIBUTES_MAX, &empty, why))
        return false;
    return empty == 0 || fail_because(why, FAILURE_MALFORMED,
                             "a relative name has no attribute (X.501, 9.3)");
}

bool name_is_empty(struct bytes name)
{
    return name.length == 2 && name.start[0] == DER_SEQUENCE &&
           name.start[1] == 0;
}
