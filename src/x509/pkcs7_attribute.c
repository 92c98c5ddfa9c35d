#include "x509/pkcs7_attribute.h"

bool pkcs7_attribute_next(struct der_reader *list,
    struct pkcs7_attribute *attribute, struct failure *why)
{
    struct pkcs7_attribute found = {0};
    struct der_reader next = *list;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_SEQUENCE, &contents, why) ||
        !der_read_oid(&contents, &found.type, why) ||
        !der_read(&contents, DER_SET, &found.values, why) ||
        !der_finish(&contents, "an attribute of the signer", why))
        return false;
    *attribute = found;
    *list = next;
    return true;
}

bool pkcs7_attribute_find(struct der_reader list, struct bytes type,
    const char *name, struct der_reader *values, bool *found,
    struct failure *why)
{
    struct pkcs7_attribute attribute = {0};
    bool seen = false;

    while (!der_at_end(&list)) {
        if (!pkcs7_attribute_next(&list, &attribute, why))
            return false;
        if (!bytes_equal(attribute.type, type))
            continue;
        if (seen)
            return fail_because(why, FAILURE_MALFORMED,
                "the signer has signed two attributes %s", name);
        seen = true;
        *values = attribute.values;
    }
    *found = seen;
    return true;
}
