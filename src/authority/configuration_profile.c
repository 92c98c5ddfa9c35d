#include "authority/configuration_setting.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Above this a date of the year 9999 could be passed. */
#define LIFETIME_LONGEST_S (INT64_C(100) * 365 * 86400)

static const struct word purposes[] = {
    {"serverAuth", OID_SERVER_AUTH},
    {"clientAuth", OID_CLIENT_AUTH},
    {"codeSigning", OID_CODE_SIGNING},
    {"emailProtection", OID_EMAIL_PROTECTION},
    {"timeStamping", OID_TIME_STAMPING},
    {"OCSPSigning", OID_OCSP_SIGNING},
    {NULL, 0},
};

/* keyCertSign and cRLSign are missing: this file makes no authorities. */
static const struct word key_usages[] = {
    {"digitalSignature", KEY_USAGE_DIGITAL_SIGNATURE},
    {"nonRepudiation", KEY_USAGE_NON_REPUDIATION},
    {"keyEncipherment", KEY_USAGE_KEY_ENCIPHERMENT},
    {"dataEncipherment", KEY_USAGE_DATA_ENCIPHERMENT},
    {"keyAgreement", KEY_USAGE_KEY_AGREEMENT},
    {NULL, 0},
};

static const struct word name_kinds[] = {
    {"dns", GENERAL_NAME_DNS},
    {"ip", GENERAL_NAME_IP},
    {"email", GENERAL_NAME_EMAIL},
    {"uri", GENERAL_NAME_URI},
    {NULL, 0},
};

static const struct word attributes[] = {
    {"CN", OID_COMMON_NAME},
    {"O", OID_ORGANIZATION},
    {"OU", OID_ORGANIZATIONAL_UNIT},
    {"C", OID_COUNTRY},
    {"ST", OID_STATE},
    {"L", OID_LOCALITY},
    {"street", OID_STREET},
    {"postalCode", OID_POSTAL_CODE},
    {"DC", OID_DOMAIN_COMPONENT},
    {"UID", OID_USER_ID},
    {"SN", OID_SURNAME},
    {"GN", OID_GIVEN_NAME},
    {"title", OID_TITLE},
    {"emailAddress", OID_EMAIL_ADDRESS},
    {"serialNumber", OID_SERIAL_NUMBER},
    {"organizationIdentifier", OID_ORGANIZATION_IDENTIFIER},
    {NULL, 0},
};

_Static_assert(sizeof(purposes) / sizeof(*purposes) - 1 <= PROFILE_PURPOSES_MAX,
    "a list without duplicates fits");
_Static_assert(
    sizeof(attributes) / sizeof(*attributes) - 1 <= PROFILE_SUBJECT_MAX,
    "a list without duplicates fits");

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

static void take_name_kind(void *into, uint32_t value)
{
    struct profile *profile = into;

    profile->name_kinds |= 1u << value;
}

static void take_attribute(void *into, uint32_t value)
{
    struct profile *profile = into;

    profile->subject[profile->subject_count++] = (enum oid)value;
}

static bool read_purposes(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(document, node, purposes, take_purpose, into, why);
}

static bool read_key_usage(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(document, node, key_usages, take_key_usage, into, why);
}

static bool read_names(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(document, node, name_kinds, take_name_kind, into, why);
}

static bool read_names_required(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return setting_boolean(document, node, &profile->names_required, why);
}

static bool read_subject(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(document, node, attributes, take_attribute, into, why);
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

static const struct setting settings[] = {
    {"purposes", read_purposes},
    {"key-usage", read_key_usage},
    {"names", read_names},
    {"names-required", read_names_required},
    {"subject", read_subject},
    {"keys", read_keys},
    {"lifetime", read_lifetime},
    {"longest-lifetime", read_longest_lifetime},
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
    if (strcmp(node->key, profile_root()->name) == 0 ||
        strcmp(node->key, profile_subordinate()->name) == 0)
        return fail_at_yaml(why, document, node,
            "the profile name \"%s\" belongs to a built-in profile", shown);
    (void)snprintf(profile->name, sizeof(profile->name), "%s", node->key);
    return true;
}

/* What is left out would mean "anything" to those who read the certificate:
 * an absent extendedKeyUsage or keyUsage allows every use (AD CS ESC2). */
static bool check_complete(const struct yaml_document *document,
    const struct yaml_node *node, const struct profile *profile,
    struct failure *why)
{
    if (profile->purpose_count == 0)
        return fail_at_yaml(why, document, node,
            "profile %s says no purposes; without one its certificates would "
            "be good for all",
            profile->name);
    if (profile->key_usage == 0)
        return fail_at_yaml(why, document, node,
            "profile %s says no key-usage; without one its certificates would "
            "be good for all",
            profile->name);
    if (yaml_find(node, "keys") == NULL)
        return fail_at_yaml(why, document, node,
            "profile %s says no keys; keys: [] means none", profile->name);
    if (profile->lifetime_s == 0)
        return fail_at_yaml(
            why, document, node, "profile %s says no lifetime", profile->name);
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
    return true;
}

bool profile_read(const struct yaml_document *document,
    const struct yaml_node *node, struct profile *profile, struct failure *why)
{
    struct profile read = {.path_length = -1};

    if (!take_name(document, node, &read, why) ||
        !settings_read(document, node, "a profile", settings, &read, why) ||
        !check_complete(document, node, &read, why))
        return false;
    if (read.longest_lifetime_s == 0)
        read.longest_lifetime_s = read.lifetime_s;
    if (!check_consistent(document, node, &read, why))
        return false;
    *profile = read;
    return true;
}
