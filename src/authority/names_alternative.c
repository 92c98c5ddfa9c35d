#include <stdio.h>
#include <strings.h>

#include "authority/names_parts.h"

#define LIST_MAX 256

static const char *kind_name(enum general_name_kind kind)
{
    switch (kind) {
    case GENERAL_NAME_EMAIL:
        return "email";
    case GENERAL_NAME_DNS:
        return "dns";
    case GENERAL_NAME_DIRECTORY:
        return "dirname";
    case GENERAL_NAME_URI:
        return "uri";
    case GENERAL_NAME_IP:
        return "ip";
    case GENERAL_NAME_OTHER:
    case GENERAL_NAME_X400:
    case GENERAL_NAME_EDI:
    case GENERAL_NAME_REGISTERED_ID:
        break;
    }
    return "other";
}

static bool takes_kind(
    const struct profile *profile, enum general_name_kind kind)
{
    return (profile->name_kinds & 1u << kind) != 0;
}

static bool append_kinds(
    const struct profile *profile, struct buffer *list, struct failure *why)
{
    for (int kind = 0; kind <= GENERAL_NAME_REGISTERED_ID; kind++) {
        if (takes_kind(profile, (enum general_name_kind)kind) &&
            !buffer_print(list, why, "%s%s", list->length == 0 ? "" : ", ",
                kind_name((enum general_name_kind)kind)))
            return false;
    }
    return true;
}

static bool refuse_kind(const struct general_name *name,
    const struct profile *profile, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the kinds of names", LIST_MAX);
    RELEASED(buffer) printed = BUFFER("a name", 1024 * 1024);
    char shown[NAME_SHOWN];
    const char *taken = NULL;

    if (!append_kinds(profile, &list, why) ||
        !buffer_as_text(&list, &taken, why) ||
        !general_name_print(name, &printed, why))
        return false;
    name_show(buffer_view(&printed), shown);
    return fail_because(why, FAILURE_UNSUITABLE,
        "profile %s takes no %s names, as \"%s\" is; it takes %s",
        profile->name, kind_name(name->kind), shown,
        *taken == 0 ? "none" : taken);
}

static bool check_names(
    struct bytes asked, const struct profile *profile, struct failure *why)
{
    struct der_reader reader = der_reader_of(asked);
    struct general_name name = {0};

    while (!der_at_end(&reader)) {
        if (!general_name_next(&reader, &name, why))
            return false;
        if (!takes_kind(profile, name.kind))
            return refuse_kind(&name, profile, why);
        if (!general_name_check(&name, why) ||
            !names_check_allowed(&name, profile, why))
            return false;
    }
    return true;
}

/* Appends the name if it is one of the kind and the profile takes that. */
static bool take_as(enum general_name_kind kind, const char *common_name,
    const struct profile *profile, struct issuance_names *names)
{
    RELEASED(buffer) words = BUFFER("a name", 1024);
    struct failure unread = {0};
    const char *text = NULL;

    return takes_kind(profile, kind) &&
           buffer_print(
               &words, &unread, "%s:%s", kind_name(kind), common_name) &&
           buffer_as_text(&words, &text, &unread) &&
           general_name_read(text, &names->own_general_names, &unread);
}

static bool take_common_name(const struct name_attribute *attribute,
    const struct profile *profile, struct issuance_names *names,
    struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a name", REQUEST_MAX * 4);
    const char *common_name = NULL;

    if (!name_attribute_append_text(attribute, &text, why) ||
        !buffer_as_text(&text, &common_name, why))
        return false;
    if (!take_as(GENERAL_NAME_IP, common_name, profile, names) &&
        !take_as(GENERAL_NAME_DNS, common_name, profile, names))
        return true;
    if (!check_names(buffer_view(&names->own_general_names), profile, why))
        return false;
    names->general_names = buffer_view(&names->own_general_names);
    names->general_name_count = 1;
    return buffer_print(&names->notices, why,
        "the name %s was taken from CN, since verifiers read only "
        "subjectAltName\n",
        common_name);
}

/* RFC 9525, 2: a verifier of servers does not look at CN.  The last one is
 * the most specific. */
static bool take_from_subject(const struct profile *profile,
    struct issuance_names *names, struct failure *why)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0}, common_name = {0};

    if (!name_walk_start(names->subject, &walk, why))
        return false;
    while (!name_walk_at_end(&walk)) {
        if (!name_walk_next(&walk, &attribute, why))
            return false;
        if (attribute.type == OID_COMMON_NAME)
            common_name = attribute;
    }
    return common_name.type != OID_COMMON_NAME ||
           take_common_name(&common_name, profile, names, why);
}

/* --- the same name twice ------------------------------------------------- */

/* DNS names are the same in either case (RFC 4343). */
static bool is_same(
    const struct general_name *left, const struct general_name *right)
{
    if (left->kind != right->kind || left->value.length != right->value.length)
        return false;
    return left->kind == GENERAL_NAME_DNS
               ? strncasecmp((const char *)left->value.start,
                     (const char *)right->value.start, left->value.length) == 0
               : bytes_equal(left->value, right->value);
}

/* Was it asked for before, in front of this place? */
static bool is_repeated(struct bytes asked, const struct general_name *name)
{
    struct der_reader reader = der_reader_of(asked);
    struct general_name earlier = {0};
    struct failure unread = {0};

    while (general_name_next(&reader, &earlier, &unread) &&
           earlier.value.start < name->value.start) {
        if (is_same(&earlier, name))
            return true;
    }
    return false;
}

static bool has_repeated(struct bytes asked)
{
    struct der_reader reader = der_reader_of(asked);
    struct general_name name = {0};
    struct failure unread = {0};

    while (general_name_next(&reader, &name, &unread)) {
        if (is_repeated(asked, &name))
            return true;
    }
    return false;
}

/* Each name once: what was given by --san and stands in the request too is no
 * mistake of anybody's. */
static bool keep_once(
    struct bytes asked, struct issuance_names *names, struct failure *why)
{
    struct der_reader reader = der_reader_of(asked);
    struct general_name name = {0};

    while (!der_at_end(&reader)) {
        if (!general_name_next(&reader, &name, why))
            return false;
        if (is_repeated(asked, &name))
            continue;
        if (!general_name_append(&name, &names->own_general_names, why))
            return false;
        names->general_name_count++;
    }
    names->general_names = buffer_view(&names->own_general_names);
    return true;
}

bool names_decide_alternative(struct bytes asked, const struct profile *profile,
    struct issuance_names *names, struct failure *why)
{
    size_t count = 0;

    if (!general_names_check(der_reader_of(asked), &count, why))
        return false;
    if (count > NAMES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "%zu alternative names were given; a certificate has at most %d",
            count, NAMES_MAX);
    if (count == 0)
        return !profile_has_purpose(profile, OID_SERVER_AUTH) ||
               take_from_subject(profile, names, why);
    if (!check_names(asked, profile, why))
        return false;
    if (has_repeated(asked))
        return keep_once(asked, names, why);
    names->general_names = asked;
    names->general_name_count = count;
    return true;
}
