#include "authority/profile_lint_rules.h"

#include <stdarg.h>
#include <stdio.h>

#include "authority/profile_words.h"
#include "base/clock.h"

#define YEAR_S (INT64_C(365) * 86400)
#define LEAF_LONGEST_S (30 * YEAR_S)
#define AUTHORITY_LONGEST_S (50 * YEAR_S)
/* Below this a clock that is a minute wrong decides. */
#define SHORTEST_S 120
#define NO_CHECK_LONGEST_S (INT64_C(92) * 86400)

/* Who may ask beside those that may be asked, in a word; NULL: nobody. */
static const char *asker_beyond(
    const struct profile *profile, unsigned int expected)
{
    for (const struct word *word = profile_askers; word->text != NULL; word++) {
        if ((profile->who & word->value & ~expected) != 0)
            return word->text;
    }
    return NULL;
}

static bool tell(char sentence[static PROFILE_FINDING_TEXT], const char *format,
    ...) __attribute__((format(printf, 2, 3)));

static bool tell(
    char sentence[static PROFILE_FINDING_TEXT], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, PROFILE_FINDING_TEXT, format, arguments);
    va_end(arguments);
    return true;
}

/* --- who gets which name ------------------------------------------------- */

static bool signs_in(const struct profile *profile)
{
    return profile_has_purpose(profile, OID_CLIENT_AUTH) ||
           profile_has_purpose(profile, OID_ANY_EXTENDED_KEY_USAGE);
}

/* What is neither held to allowed-names nor the place of anything: programs
 * read groups from O and OU, and people from the others. */
static const char *free_attribute(const struct profile *profile)
{
    static const enum oid harmless[] = {OID_COMMON_NAME, OID_EMAIL_ADDRESS,
        OID_COUNTRY, OID_STATE, OID_LOCALITY, OID_STREET, OID_POSTAL_CODE};

    for (size_t i = 0; i < profile->subject_count; i++) {
        bool is_free = true;

        for (size_t k = 0; k < sizeof(harmless) / sizeof(*harmless); k++)
            is_free = is_free && profile->subject[i] != harmless[k];
        if (is_free)
            return oid_row(profile->subject[i])->short_name;
    }
    return NULL;
}

static bool signs_in_under_any_name(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    const char *asker = asker_beyond(profile, ASKERS_STAFF);
    const char *attribute = free_attribute(profile);

    if (!profile_is_unattended(profile) || !signs_in(profile))
        return false;
    if (!profile->restricts_names)
        return tell(sentence,
            "%s may ask for a certificate that signs in (clientAuth) under any "
            "name, and nobody looks at it",
            asker);
    if (attribute == NULL)
        return false;
    return tell(sentence,
        "%s may ask for a certificate that signs in (clientAuth) with any %s, "
        "which allowed-names do not restrict, and nobody looks at it",
        asker, attribute);
}

static bool gives_any_name(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    const char *asker = asker_beyond(profile, ASKERS_STAFF | ASKER_ACCOUNT);

    if (asker == NULL || profile->restricts_names || profile->approvals > 0 ||
        profile->is_authority || signs_in(profile) ||
        (profile->name_kinds == 0 && profile->subject_count == 0))
        return false;
    return tell(sentence,
        "%s may ask for a certificate of any name, and nobody looks at it",
        asker);
}

static bool gives_wildcards_to_anyone(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    if (!profile->wildcards || (profile->who & ASKER_ANYONE) == 0 ||
        (profile->name_kinds & 1u << GENERAL_NAME_DNS) == 0)
        return false;
    return tell(sentence,
        "anyone may ask for *.example.org, the name of machines that are not "
        "theirs");
}

/* --- what it is for ------------------------------------------------------ */

static bool is_for_any_purpose(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    if (profile_has_purpose(profile, OID_ANY_EXTENDED_KEY_USAGE))
        return tell(sentence, "its certificates are good for any purpose");
    if (profile->purpose_count > 0 || profile->is_authority)
        return false;
    return tell(
        sentence, "it names no purpose, so its certificates are good for any");
}

static bool mixes_purposes(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    static const enum oid alone[] = {
        OID_CODE_SIGNING, OID_TIME_STAMPING, OID_OCSP_SIGNING};

    for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++) {
        if (profile->purpose_count > 1 &&
            profile_has_purpose(profile, alone[i]))
            return tell(sentence,
                "%s stands beside another purpose: a key that speaks with "
                "strangers would sign what is believed for years",
                profile_word(profile_purposes, alone[i]));
    }
    return false;
}

static bool lets_others_answer(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    const char *asker = asker_beyond(profile, ASKERS_STAFF);

    if (asker == NULL || !profile_has_purpose(profile, OID_OCSP_SIGNING))
        return false;
    return tell(sentence,
        "%s may ask for an OCSP responder's certificate, which says of any "
        "other that it is good",
        asker);
}

/* --- authorities --------------------------------------------------------- */

static bool lets_others_make_authorities(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    const char *asker = asker_beyond(profile, ASKER_ADMINISTRATOR);

    if (asker == NULL || !profile->is_authority)
        return false;
    return tell(sentence,
        "%s may ask for an authority, and so for every certificate there is",
        asker);
}

static bool is_authority_with_purposes(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    if (!profile->is_authority || profile->purpose_count == 0)
        return false;
    return tell(sentence,
        "it makes authorities that are good for %s themselves",
        profile_word(profile_purposes, profile->purposes[0]) == NULL
            ? "any purpose"
            : profile_word(profile_purposes, profile->purposes[0]));
}

/* --- keys and lifetimes -------------------------------------------------- */

static bool takes_no_keys(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    if (profile->key_count > 0)
        return false;
    return tell(sentence, "it takes no kind of key: nothing can be issued");
}

static bool lives_absurdly(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    int64_t most = profile->is_authority ? AUTHORITY_LONGEST_S : LEAF_LONGEST_S;
    char text[DURATION_TEXT], limit[DURATION_TEXT];

    duration_print(most, limit);
    if (profile->longest_lifetime_s > most) {
        duration_print(profile->longest_lifetime_s, text);
        return tell(sentence,
            "its longest-lifetime of %s is above %s: no key is safe for so "
            "long",
            text, limit);
    }
    if (profile->lifetime_s >= SHORTEST_S)
        return false;
    duration_print(profile->lifetime_s, text);
    return tell(sentence,
        "its lifetime of %s ends before clocks agree that it has begun", text);
}

static bool is_unasked_for_long(
    const struct profile *profile, char sentence[static PROFILE_FINDING_TEXT])
{
    char text[DURATION_TEXT];

    if (!profile->ocsp_no_check ||
        profile->longest_lifetime_s <= NO_CHECK_LONGEST_S)
        return false;
    duration_print(profile->longest_lifetime_s, text);
    return tell(sentence,
        "with ocsp-no-check nobody asks whether it is revoked, for %s", text);
}

const struct profile_rule profile_rules[] = {
    {"ESC1", "names chosen by who asks",
        "give the profile approvals, or allowed-names and no more in subject "
        "than CN and places, or leave who at [administrator, operator]",
        signs_in_under_any_name, false},
    {"ESC2", "any purpose", "list what the certificates are for in purposes",
        is_for_any_purpose, false},
    {"open-names", "any name for outsiders",
        "give the profile allowed-names or approvals, or leave who at "
        "[administrator, operator]",
        gives_any_name, false},
    {"open-wildcards", "wildcards for anyone",
        "write wildcards: no, or take anyone out of who",
        gives_wildcards_to_anyone, false},
    {"open-authority", "authorities for others", "write who: [administrator]",
        lets_others_make_authorities, false},
    {"authority-purposes", "an authority that is a leaf too",
        "write purposes: [] for an authority", is_authority_with_purposes,
        false},
    {"open-responder", "revocation answered by others",
        "leave who at [administrator, operator]", lets_others_answer, false},
    {"mixed-purposes", "purposes that stand alone",
        "make a profile for each of them", mixes_purposes, false},
    {"no-keys", "a profile without keys",
        "list kinds of keys in keys, or take the profile out", takes_no_keys,
        true},
    {"lifetime", "a lifetime beyond reason",
        "write a lifetime and longest-lifetime from 2m to 30y, to 50y for an "
        "authority",
        lives_absurdly, false},
    {"no-check-lifetime", "a responder for long",
        "write a longest-lifetime of at most 92d", is_unasked_for_long, false},
    {NULL, NULL, NULL, NULL, false},
};
