#include <string.h>

#include "authority/names_parts.h"
#include "authority/names_pattern.h"

#define PATTERNS_SHOWN 200

/* --- wildcards ----------------------------------------------------------- */

static bool is_wildcard(const struct general_name *name)
{
    return name->kind == GENERAL_NAME_DNS && name->value.length > 2 &&
           memcmp(name->value.start, "*.", 2) == 0;
}

static bool refuse_wildcard(const struct general_name *name,
    const struct profile *profile, struct failure *why)
{
    char shown[NAME_SHOWN];

    name_show(name->value, shown);
    return fail_because(why, FAILURE_UNSUITABLE,
        "profile %s takes no wildcards, as \"%s\" is (wildcards: no)",
        profile->name, shown);
}

/* --- allowed-names ------------------------------------------------------- */

static bool append_patterns(
    const struct profile *profile, struct buffer *list, struct failure *why)
{
    const char *name = NULL;

    while ((name = profile_next_allowed_name(profile, name)) != NULL) {
        if (list->length + strlen(name) > PATTERNS_SHOWN)
            return buffer_append_text(list, " ...", why);
        if (!buffer_print(
                list, why, "%s%s", list->length == 0 ? "" : ", ", name))
            return false;
    }
    return list->length > 0 || buffer_append_text(list, "none", why);
}

static bool refuse_name(
    struct bytes text, const struct profile *profile, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the allowed names", 1024);
    char shown[NAME_SHOWN];
    const char *patterns = NULL;

    if (!append_patterns(profile, &list, why) ||
        !buffer_as_text(&list, &patterns, why))
        return false;
    name_show(text, shown);
    return fail_because(why, FAILURE_UNSUITABLE,
        "\"%s\" matches none of the allowed-names of profile %s: %s", shown,
        profile->name, patterns);
}

static bool is_allowed(const void *context, const struct general_name *name)
{
    const struct profile *profile = context;
    const char *pattern = NULL;

    while ((pattern = profile_next_allowed_name(profile, pattern)) != NULL) {
        if (name_pattern_matches(pattern, name))
            return true;
    }
    return false;
}

bool names_check_allowed(const struct general_name *name,
    const struct profile *profile, struct failure *why)
{
    RELEASED(buffer) printed = BUFFER("a name", 1024 * 1024);

    if (is_wildcard(name) && !profile->wildcards)
        return refuse_wildcard(name, profile, why);
    if (!profile->restricts_names || is_allowed(profile, name))
        return true;
    return general_name_print(name, &printed, why) &&
           refuse_name(buffer_view(&printed), profile, why);
}

/* --- names in the subject ------------------------------------------------ */

/* A text in the subject that a program might take for a host, an address or a
 * mailbox: it holds what those hold, and no blank. */
static bool looks_like_name(struct bytes text)
{
    return text.length > 0 && memchr(text.start, ' ', text.length) == NULL &&
           (memchr(text.start, '.', text.length) != NULL ||
               memchr(text.start, '@', text.length) != NULL ||
               memchr(text.start, ':', text.length) != NULL);
}

/* Does a program that signs people in find a person in CN, whatever it looks
 * like, and nobody has looked at it (AD CS ESC1)? */
static bool signs_in_unattended(const struct profile *profile)
{
    return profile_is_unattended(profile) &&
           (profile_has_purpose(profile, OID_CLIENT_AUTH) ||
               profile_has_purpose(profile, OID_ANY_EXTENDED_KEY_USAGE));
}

bool names_match_as_any(struct bytes text, names_match *matches,
    const void *context, struct failure *why)
{
    RELEASED(buffer) words = BUFFER("a name", REQUEST_MAX * 4);
    RELEASED(buffer) encoded = BUFFER("a name", REQUEST_MAX * 4);
    struct der_reader reader;
    struct general_name name = {0};
    const char *as_text = NULL;

    if (!buffer_append(&words, text, why) ||
        !buffer_as_text(&words, &as_text, why) ||
        !general_name_read(as_text, &encoded, why))
        return false;
    reader = der_reader_of(buffer_view(&encoded));
    return general_name_next(&reader, &name, why) && matches(context, &name);
}

bool names_is_name_in_subject(
    enum oid type, struct bytes text, const struct profile *profile)
{
    return type == OID_EMAIL_ADDRESS ||
           (type == OID_COMMON_NAME &&
               (looks_like_name(text) || signs_in_unattended(profile)));
}

/* Readers of old look for hosts in CN and for mailboxes in emailAddress: what
 * may not stand in subjectAltName may not stand there either. */
bool names_check_subject_text(enum oid type, struct bytes text,
    const struct profile *profile, struct failure *why)
{
    struct failure unread = {0};

    if (!profile->restricts_names ||
        !names_is_name_in_subject(type, text, profile))
        return true;
    return names_match_as_any(text, is_allowed, profile, &unread) ||
           refuse_name(text, profile, why);
}
