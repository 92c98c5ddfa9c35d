#include <stdio.h>

#include "authority/names_limits.h"
#include "authority/names_parts.h"
#include "base/text.h"
#include "x509/lint/printable.h"
#include "x509/name_draft.h"

#define LIST_MAX 1024

static bool takes_attribute(const struct profile *profile, enum oid type)
{
    for (size_t i = 0; i < profile->subject_count; i++) {
        if (profile->subject[i] == type && type != OID_UNKNOWN)
            return true;
    }
    return false;
}

/* "CN", or "1.2.3" for one that has no name here. */
static void print_type(
    const struct name_attribute *attribute, char type[static OID_TEXT])
{
    struct failure unprinted = {0};
    const char *name = attribute->type == OID_UNKNOWN
                           ? NULL
                           : oid_row(attribute->type)->short_name;

    if (name != NULL)
        (void)snprintf(type, OID_TEXT, "%s", name);
    else if (!oid_print(attribute->type_contents, type, &unprinted))
        (void)snprintf(type, OID_TEXT, "an attribute");
}

static bool refuse_attribute(const struct name_attribute *attribute,
    const struct profile *profile, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the attributes", LIST_MAX);
    char type[OID_TEXT];
    const char *taken = NULL;

    for (size_t i = 0; i < profile->subject_count; i++) {
        if (!buffer_print(&list, why, "%s%s", i == 0 ? "" : ", ",
                oid_row(profile->subject[i])->short_name))
            return false;
    }
    if (!buffer_as_text(&list, &taken, why))
        return false;
    print_type(attribute, type);
    return fail_because(why, FAILURE_UNSUITABLE,
        "profile %s takes no %s in the subject; it takes %s", profile->name,
        type, *taken == 0 ? "none" : taken);
}

/* Incident 30: zero bytes and their like make another name of it for readers
 * that stop there. */
static bool check_text(const struct name_attribute *attribute,
    struct bytes text, struct failure *why)
{
    char shown[NAME_SHOWN], type[OID_TEXT];

    for (size_t i = 0; i < text.length; i++) {
        bool second_page = i > 0 && text.start[i - 1] == 0xc2 &&
                           text.start[i] >= 0x80 && text.start[i] < 0xa0;

        if (text.start[i] >= 0x20 && text.start[i] != 0x7f && !second_page)
            continue;
        name_show(text, shown);
        print_type(attribute, type);
        return fail_because(why, FAILURE_UNSUITABLE,
            "%s \"%s\" holds a control character", type, shown);
    }
    return true;
}

static bool keeps_bytes(const struct name_attribute *attribute)
{
    switch (attribute->tag) {
    case DER_PRINTABLE_STRING:
        return is_printable_string(attribute->value);
    case DER_UTF8_STRING:
    case DER_IA5_STRING:
        return true;
    default:
        return false;
    }
}

static bool check_value(const struct name_attribute *attribute,
    struct bytes text, const struct profile *profile, struct failure *why)
{
    char type[OID_TEXT];

    print_type(attribute, type);
    return check_text(attribute, text, why) &&
           name_limits_check(attribute, type, text, why) &&
           names_check_subject_text(attribute->type, text, profile, why);
}

static bool check_attribute(const struct name_attribute *attribute,
    const struct profile *profile, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a name", REQUEST_MAX * 4);

    if (!takes_attribute(profile, attribute->type))
        return refuse_attribute(attribute, profile, why);
    if (keeps_bytes(attribute) && attribute->tag != DER_UTF8_STRING)
        return check_value(attribute, attribute->value, profile, why);
    return name_attribute_append_text(attribute, &text, why) &&
           check_value(attribute, buffer_view(&text), profile, why);
}

/* Checks every attribute; *rewrite: at least one can't keep its bytes. */
static bool check_subject(struct bytes asked, const struct profile *profile,
    bool *rewrite, struct failure *why)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};

    *rewrite = false;
    if (!name_check(asked, why) || !name_walk_start(asked, &walk, why))
        return false;
    while (!name_walk_at_end(&walk)) {
        if (!name_walk_next(&walk, &attribute, why) ||
            !check_attribute(&attribute, profile, why))
            return false;
        *rewrite = *rewrite || !keeps_bytes(&attribute);
    }
    return true;
}

/* As it stands: name_draft_add_element would choose its string type anew. */
static bool keep_attribute(struct name_draft *draft,
    const struct name_attribute *attribute, struct failure *why)
{
    size_t offset = draft->encodings.length;

    if (draft->count == NAME_DRAFT_ATTRIBUTES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the subject has more than %d attributes",
            NAME_DRAFT_ATTRIBUTES_MAX);
    if (!buffer_append(&draft->encodings, attribute->whole, why))
        return false;
    draft->parts[draft->count++] =
        (struct name_part){.relative = attribute->relative,
            .offset = offset,
            .length = attribute->whole.length};
    return true;
}

/* kb 38: BMPString, UniversalString and TeletexString are what others fail to
 * read; UTF8String says the same. */
static bool rewrite_attribute(struct name_draft *draft,
    const struct name_attribute *attribute, struct buffer *notices,
    struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a name", REQUEST_MAX * 4);
    char type[OID_TEXT];

    if (keeps_bytes(attribute))
        return keep_attribute(draft, attribute, why);
    print_type(attribute, type);
    return name_attribute_append_text(attribute, &text, why) &&
           name_draft_add_text(draft, attribute->relative,
               attribute->type_contents, buffer_view(&text), why) &&
           buffer_print(notices, why,
               "the text of %s was encoded anew, since many programs can't "
               "read "
               "the string type that the request has\n",
               type);
}

static bool rewrite_subject(
    struct bytes asked, struct issuance_names *names, struct failure *why)
{
    RELEASED(name_draft) draft = name_draft_new();
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};

    if (!name_walk_start(asked, &walk, why))
        return false;
    while (!name_walk_at_end(&walk)) {
        if (!name_walk_next(&walk, &attribute, why) ||
            !rewrite_attribute(&draft, &attribute, &names->notices, why))
            return false;
    }
    return name_draft_finish(&draft, false, &names->own_subject, why);
}

bool names_decide_subject(struct bytes asked, const struct profile *profile,
    struct issuance_names *names, struct failure *why)
{
    bool rewrite = false;

    if (!check_subject(asked, profile, &rewrite, why))
        return false;
    names->subject = asked;
    if (!rewrite)
        return true;
    if (!rewrite_subject(asked, names, why))
        return false;
    names->subject = buffer_view(&names->own_subject);
    return true;
}
