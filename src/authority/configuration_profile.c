#include "authority/configuration_setting.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/configuration_profile.h"
#include "authority/profile_words.h"
#include "base/clock.h"

/* Above this a date of the year 9999 could be passed. */
#define LIFETIME_LONGEST_S (INT64_C(100) * 365 * 86400)

static void take_purpose(void *into, uint32_t value)
{
    struct profile *profile = into;

    profile->purposes[profile->purpose_count++] = (enum oid)value;
}

/* RFC 3279, 2.3.1: only an RSA key can encrypt. */
static void take_key_usage(void *into, uint32_t value)
{
    struct profile *profile = into;

    profile->key_usage |= value;
    if (value == KEY_USAGE_KEY_ENCIPHERMENT ||
        value == KEY_USAGE_DATA_ENCIPHERMENT)
        profile->key_usage_rsa_only |= value;
}

static void take_asker(void *into, uint32_t value)
{
    struct profile *profile = into;

    profile->who |= value;
}

static bool read_purposes(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(
        document, node, profile_purposes, take_purpose, into, why);
}

static bool read_key_usage(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(
        document, node, profile_key_usages, take_key_usage, into, why);
}

static bool read_keys(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;
    const struct key_algorithm *algorithm = NULL;

    if (node->kind != YAML_SEQUENCE)
        return fail_at_yaml(why, document, node,
            "keys is a list: write [p256, rsa3072], or [] for none");
    for (const struct yaml_node *item = node->first; item != NULL;
         item = item->next) {
        if (!setting_key_algorithm(document, item, &algorithm, why))
            return false;
        if (profile_allows_key(profile, algorithm))
            return fail_at_yaml(why, document, item, "%s stands twice in keys",
                algorithm->name);
        if (profile->key_count == PROFILE_KEYS_MAX)
            return fail_at_yaml(why, document, item,
                "a profile has at most %d kinds of keys", PROFILE_KEYS_MAX);
        profile->keys[profile->key_count++] = algorithm;
    }
    return true;
}

static bool read_duration(const struct yaml_document *document,
    const struct yaml_node *node, int64_t *duration_s, struct failure *why)
{
    struct failure unread = {0};
    char shown[SETTING_SHOWN];
    const char *text = NULL;
    int64_t value = 0;

    if (!setting_text(document, node, &text, why))
        return false;
    setting_show(text, shown);
    if (!duration_read(text, &value, &unread))
        return fail_at_yaml(why, document, node,
            "\"%s\" is no %s; write a number and s, m, h, d, w or y: 90d",
            shown, node->key);
    if (value < 1 || value > LIFETIME_LONGEST_S)
        return fail_at_yaml(why, document, node,
            "%s \"%s\" is not between 1s and 100y", node->key, shown);
    *duration_s = value;
    return true;
}

static bool read_lifetime(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return read_duration(document, node, &profile->lifetime_s, why);
}

static bool read_longest_lifetime(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return read_duration(document, node, &profile->longest_lifetime_s, why);
}

/* A whole number from least to most, in digits. */
static bool read_count(const struct yaml_document *document,
    const struct yaml_node *node, int most, int *count, struct failure *why)
{
    const char *text = NULL;
    size_t digits;
    unsigned long value;

    if (!setting_text(document, node, &text, why))
        return false;
    digits = strspn(text, "0123456789");
    value = digits == 0 || digits > 3 ? ULONG_MAX : strtoul(text, NULL, 10);
    if (text[digits] != 0 || value > (unsigned long)most)
        return fail_at_yaml(why, document, node, "%s is a number from 0 to %d",
            node->key, most);
    *count = (int)value;
    return true;
}

static bool read_approvals(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return read_count(document, node, 2, &profile->approvals, why);
}

static bool read_path_length(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return read_count(
        document, node, PROFILE_PATH_LENGTH_MAX, &profile->path_length, why);
}

static bool read_authority(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return setting_boolean(document, node, &profile->is_authority, why);
}

static bool read_ocsp_no_check(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return setting_boolean(document, node, &profile->ocsp_no_check, why);
}

static bool read_browser_key(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return setting_boolean(document, node, &profile->browser_key, why);
}

static bool read_who(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    profile->who = 0;
    return setting_words(document, node, profile_askers, take_asker, into, why);
}

static bool read_beyond_issuer(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;
    const char *text = NULL;

    if (!setting_text(document, node, &text, why))
        return false;
    for (const struct word *word = profile_beyond_issuer; word->text != NULL;
         word++) {
        if (strcmp(word->text, text) == 0) {
            profile->beyond_issuer = (enum beyond_issuer)word->value;
            return true;
        }
    }
    return fail_at_yaml(why, document, node,
        "beyond-issuer is cap (the certificate ends with its issuer, and that "
        "is told) or refuse");
}

static const struct setting settings[] = {
    {"purposes", read_purposes},
    {"key-usage", read_key_usage},
    {"authority", read_authority},
    {"path-length", read_path_length},
    {"ocsp-no-check", read_ocsp_no_check},
    {"names", profile_read_names},
    {"names-required", profile_read_names_required},
    {"allowed-names", profile_read_allowed_names},
    {"wildcards", profile_read_wildcards},
    {"subject", profile_read_subject},
    {"keys", read_keys},
    {"lifetime", read_lifetime},
    {"longest-lifetime", read_longest_lifetime},
    {"beyond-issuer", read_beyond_issuer},
    {"who", read_who},
    {"approvals", read_approvals},
    {"browser-key", read_browser_key},
    {NULL, NULL},
};

/* The name stands in addresses (/acme/PROFILE) and in the journal. */
static bool is_profile_name(const char *name)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(name);

    return length >= 1 && length < PROFILE_NAME_MAX && name[0] != '-' &&
           strspn(name, alphabet) == length;
}

static bool take_name(const struct yaml_document *document,
    const struct yaml_node *node, struct profile *profile, struct failure *why)
{
    char shown[SETTING_SHOWN];

    setting_show(node->key, shown);
    if (!is_profile_name(node->key))
        return fail_at_yaml(why, document, node,
            "the profile name \"%s\" is not 1 to %d of a-z, 0-9, - and _",
            shown, PROFILE_NAME_MAX - 1);
    (void)snprintf(profile->name, sizeof(profile->name), "%s", node->key);
    return true;
}

/* What is left out would mean "anything" to those who read the certificate:
 * an absent extendedKeyUsage or keyUsage allows every use (AD CS ESC2). */
static bool check_complete(const struct yaml_document *document,
    const struct yaml_node *node, const struct profile *profile,
    struct failure *why)
{
    if (profile->purpose_count == 0 && !profile->is_authority)
        return fail_at_yaml(why, document, node,
            "profile %s says no purposes; without one its certificates would "
            "be good for all (ESC2)",
            profile->name);
    if (profile->key_usage == 0)
        return fail_at_yaml(why, document, node,
            "profile %s says no key-usage; without one its certificates would "
            "be good for all (ESC2)",
            profile->name);
    if (yaml_find(node, "keys") == NULL)
        return fail_at_yaml(why, document, node,
            "profile %s says no keys; keys: [] means none", profile->name);
    if (profile->lifetime_s == 0)
        return fail_at_yaml(
            why, document, node, "profile %s says no lifetime", profile->name);
    return true;
}

/* RFC 5280, 4.2.1.3 and 4.2.1.9: who may sign certificates, says so in both. */
static bool check_authority(const struct yaml_document *document,
    const struct yaml_node *node, const struct profile *profile,
    struct failure *why)
{
    const uint32_t signing = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN;

    if (profile->is_authority &&
        (profile->key_usage & KEY_USAGE_CERT_SIGN) == 0)
        return fail_at_yaml(why, document, node,
            "profile %s makes authorities, and its key-usage lacks keyCertSign",
            profile->name);
    if (!profile->is_authority && (profile->key_usage & signing) != 0)
        return fail_at_yaml(why, document, node,
            "profile %s has keyCertSign or cRLSign, which are for authorities "
            "alone (authority: yes)",
            profile->name);
    if (!profile->is_authority && profile->path_length >= 0)
        return fail_at_yaml(why, document, node,
            "profile %s has a path-length, which is for authorities alone "
            "(authority: yes)",
            profile->name);
    return true;
}

static bool check_consistent(const struct yaml_document *document,
    const struct yaml_node *node, const struct profile *profile,
    struct failure *why)
{
    if (profile->names_required && profile->name_kinds == 0)
        return fail_at_yaml(why, document, node,
            "profile %s requires names and allows no kind of them",
            profile->name);
    if (profile->lifetime_s > profile->longest_lifetime_s)
        return fail_at_yaml(why, document, node,
            "the lifetime of profile %s is above its longest-lifetime",
            profile->name);
    if (profile->ocsp_no_check &&
        !profile_has_purpose(profile, OID_OCSP_SIGNING))
        return fail_at_yaml(why, document, node,
            "profile %s has ocsp-no-check, which is for the purpose "
            "OCSPSigning alone (RFC 6960, 4.2.2.2.1)",
            profile->name);
    return !profile->browser_key || profile->approvals == 0 ||
           fail_at_yaml(why, document, node,
               "profile %s has browser-key and approvals: a key that is made "
               "in a page is gone when the page is closed, so it can't wait "
               "for people",
               profile->name);
}

/* What a profile that does not say it gets. */
static void take_defaults(const struct yaml_node *node, struct profile *profile)
{
    if (profile->longest_lifetime_s == 0)
        profile->longest_lifetime_s = profile->lifetime_s;
    if (yaml_find(node, "wildcards") == NULL)
        profile->wildcards = (profile->who & ~(uint32_t)ASKERS_STAFF) == 0;
}

bool profile_read(const struct yaml_document *document,
    const struct yaml_node *node, struct profile *profile, struct failure *why)
{
    struct profile read = {.path_length = -1, .who = ASKERS_STAFF};

    if (!take_name(document, node, &read, why) ||
        !settings_read(document, node, "a profile", settings, &read, why) ||
        !check_complete(document, node, &read, why) ||
        !check_authority(document, node, &read, why))
        return false;
    take_defaults(node, &read);
    if (!check_consistent(document, node, &read, why))
        return false;
    *profile = read;
    return true;
}
