#include "authority/configuration.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/configuration_setting.h"
#include "base/hex.h"
#include "base/text.h"

/* X.520: ub-common-name; the name becomes the authority's CN. */
#define NAME_CHARACTERS_MAX 64
#define HOST_MAX 253

/* The bytes are UTF-8: U+0080 to U+009F are 0xc2 and the code itself. */
static bool holds_control(const char *text)
{
    const uint8_t *byte = (const uint8_t *)text;

    for (; *byte != 0; byte++) {
        if (*byte < 0x20 || *byte == 0x7f)
            return true;
        if (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0)
            return true;
    }
    return false;
}

static size_t characters_of(const char *text)
{
    size_t count = 0;

    for (; *text != 0; text++)
        count += (*text & 0xc0) != 0x80;
    return count;
}

const char *configuration_name_fault(const char *name)
{
    if (name[strspn(name, " ")] == 0)
        return "the name is empty";
    if (!text_is_utf8(bytes_of_text(name)))
        return "the name is not UTF-8";
    if (holds_control(name))
        return "the name holds a control character";
    if (characters_of(name) > NAME_CHARACTERS_MAX)
        return "the name is longer than 64 characters";
    return NULL;
}

static const char *host_end(const char *host)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    size_t length = strspn(host, letters);

    if (*host != '[')
        return host + length;
    length = strspn(host + 1, "0123456789abcdefABCDEF:.");
    return length > 0 && host[length + 1] == ']' ? host + length + 2 : host;
}

/* Moves past ":443" where there is one; NULL when it is no port. */
static const char *port_end(const char *port)
{
    size_t length;

    if (*port != ':')
        return port;
    length = strspn(port + 1, "0123456789");
    if (length == 0 || length > 5 || strtoul(port + 1, NULL, 10) > 65535)
        return NULL;
    return port + 1 + length;
}

/* RFC 3986, 3.3: the characters of a path, "%" with two digits. */
static bool is_path(const char *path)
{
    for (; *path != 0; path++) {
        if (*path == '%') {
            if (!isxdigit((unsigned char)path[1]) ||
                !isxdigit((unsigned char)path[2]))
                return false;
        } else if (!isalnum((unsigned char)*path) &&
                   strchr("-._~!$&'()*+,;=:@/", *path) == NULL) {
            return false;
        }
    }
    return true;
}

const char *configuration_url_fault(const char *url)
{
    const char *host = strncmp(url, "https://", 8) == 0  ? url + 8
                       : strncmp(url, "http://", 7) == 0 ? url + 7
                                                         : NULL;
    const char *end;

    if (host == NULL)
        return "the url begins with neither http:// nor https://";
    if (strlen(url) >= sizeof(((struct configuration *)NULL)->url))
        return "the url is longer than 511 characters";
    if (strpbrk(host, "?#") != NULL)
        return "the url has a query or a fragment; it is what paths are "
               "appended to";
    end = host_end(host);
    if (end == host || end - host > HOST_MAX || *host == '.')
        return "the url has no host";
    end = port_end(end);
    if (end == NULL || (*end != '/' && *end != 0))
        return "the url's host is followed by neither a port nor a path";
    return is_path(end) ? NULL
                        : "the url's path holds a character that "
                          "must be written with %";
}

static bool read_name(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;
    const char *fault, *text = NULL;

    if (!setting_text(document, node, &text, why))
        return false;
    fault = configuration_name_fault(text);
    if (fault != NULL)
        return fail_at_yaml(why, document, node, "%s", fault);
    (void)snprintf(
        configuration->name, sizeof(configuration->name), "%s", text);
    return true;
}

/* A character of UTF-8 has at most 4 bytes. */
_Static_assert(
    NAME_CHARACTERS_MAX * 4 < sizeof(((struct configuration *)NULL)->name),
    "a name that keeps the rule fits");

static bool read_url(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;
    const char *fault, *text = NULL;
    size_t length;

    if (!setting_text(document, node, &text, why))
        return false;
    fault = configuration_url_fault(text);
    if (fault != NULL)
        return fail_at_yaml(why, document, node, "%s", fault);
    length = strlen(text);
    while (text[length - 1] == '/')
        length--;
    (void)snprintf(configuration->url, sizeof(configuration->url), "%.*s",
        (int)length, text);
    return true;
}

/* The validator, which posts there, follows http alone (docs/fetching.md). */
static bool read_notices_webhook(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;
    const char *fault, *text = NULL;

    if (!setting_text(document, node, &text, why))
        return false;
    fault = strncmp(text, "http://", 7) == 0
                ? configuration_url_fault(text)
                : "notices-webhook begins with http://; a relay takes it on "
                  "to https";
    if (fault != NULL)
        return fail_at_yaml(why, document, node, "%s", fault);
    (void)snprintf(configuration->notices_webhook,
        sizeof(configuration->notices_webhook), "%s", text);
    return true;
}

static bool read_profiles(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;

    if (node->kind != YAML_MAPPING)
        return fail_at_yaml(why, document, node,
            "profiles is written as names with what each profile says");
    for (const struct yaml_node *child = node->first; child != NULL;
         child = child->next) {
        if (strcmp(child->key, profile_root()->name) == 0)
            return fail_at_yaml(why, document, child,
                "the profile name \"%s\" belongs to a built-in profile",
                child->key);
        if (configuration->profile_count == CONFIGURATION_PROFILES_MAX)
            return fail_at_yaml(why, document, child,
                "there are more than %d profiles", CONFIGURATION_PROFILES_MAX);
        if (!profile_read(document, child,
                &configuration->profiles[configuration->profile_count], why))
            return false;
        configuration->profile_count++;
    }
    return true;
}

static bool read_key(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;

    return setting_key_algorithm(document, node, &configuration->key, why);
}

static bool read_one_tier(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;

    return setting_boolean(document, node, &configuration->one_tier, why);
}

static bool read_crl_shards(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;
    const char *text = NULL;
    size_t digits;
    unsigned long value;

    if (!setting_text(document, node, &text, why))
        return false;
    digits = strspn(text, "0123456789");
    value = strtoul(text, NULL, 10);
    if (digits == 0 || digits > 4 || text[digits] != 0 || value < 1 ||
        value > CONFIGURATION_CRL_SHARDS_MAX)
        return fail_at_yaml(why, document, node,
            "crl-shards is a number from 1 to %d",
            CONFIGURATION_CRL_SHARDS_MAX);
    configuration->crl_shards = (int)value;
    return true;
}

static bool read_blocked_key(const struct yaml_document *document,
    const struct yaml_node *item, uint8_t sha256[static SHA256_BYTES],
    struct failure *why)
{
    const char *text = NULL;
    struct failure unread = {0};
    size_t length = 0;

    if (!setting_text(document, item, &text, why))
        return false;
    if (!hex_read(text, sha256, SHA256_BYTES, &length, &unread) ||
        length != SHA256_BYTES)
        return fail_at_yaml(why, document, item,
            "a blocked key is the SHA-256 of its SubjectPublicKeyInfo in %d "
            "hexadecimal digits",
            2 * SHA256_BYTES);
    return true;
}

static int compare_hashes(const void *left, const void *right)
{
    return memcmp(left, right, SHA256_BYTES);
}

static bool read_blocked_keys(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;
    size_t count = 0;

    if (node->kind != YAML_SEQUENCE)
        return fail_at_yaml(
            why, document, node, "blocked-keys is a list of hashes");
    for (const struct yaml_node *item = node->first; item != NULL;
         item = item->next)
        count++;
    configuration->blocked_keys =
        calloc(count + 1, sizeof(*configuration->blocked_keys));
    if (configuration->blocked_keys == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (const struct yaml_node *item = node->first; item != NULL;
         item = item->next) {
        if (!read_blocked_key(document, item,
                configuration->blocked_keys[configuration->blocked_key_count],
                why))
            return false;
        configuration->blocked_key_count++;
    }
    qsort(configuration->blocked_keys, configuration->blocked_key_count,
        SHA256_BYTES, compare_hashes);
    return true;
}

bool configuration_blocks_key(const struct configuration *configuration,
    const uint8_t sha256[static SHA256_BYTES])
{
    return configuration->blocked_key_count > 0 &&
           bsearch(sha256, configuration->blocked_keys,
               configuration->blocked_key_count, SHA256_BYTES,
               compare_hashes) != NULL;
}

static bool read_serve(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct configuration *configuration = into;

    return serve_settings_read(document, node, &configuration->serve, why);
}

static const struct setting settings[] = {
    {"name", read_name},
    {"url", read_url},
    {"profiles", read_profiles},
    {"blocked-keys", read_blocked_keys},
    {"serve", read_serve},
    {"notices-webhook", read_notices_webhook},
    {"key", read_key},
    {"one-tier", read_one_tier},
    {"crl-shards", read_crl_shards},
    {NULL, NULL},
};

bool configuration_read(struct bytes text, const char *name,
    struct configuration **configuration, struct failure *why)
{
    SCOPED_STRUCT(configuration) *read = calloc(1, sizeof(*read));
    SCOPED_STRUCT(yaml_document) *document = NULL;

    if (read == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    read->crl_shards = 1;
    serve_settings_default(&read->serve);
    if (!yaml_read(text, name, &document, why) ||
        !settings_read(
            document, yaml_root(document), "the file", settings, read, why))
        return false;
    *configuration = KEEP(configuration, &read);
    return true;
}

void configuration_free(struct configuration *configuration)
{
    if (configuration == NULL)
        return;
    free(configuration->blocked_keys);
    free(configuration);
}

static bool fail_unknown_profile(const struct configuration *configuration,
    const char *name, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the profiles", 8192);
    char shown[SETTING_SHOWN];
    const char *names = NULL;

    for (size_t i = 0; i < configuration->profile_count; i++) {
        if (!buffer_print(&list, why, "%s%s", i == 0 ? "" : ", ",
                configuration->profiles[i].name))
            return false;
    }
    if (!buffer_as_text(&list, &names, why))
        return false;
    setting_show(name, shown);
    return fail_because(why, FAILURE_NOT_FOUND,
        "there is no profile \"%s\"; there are: %s", shown,
        *names == 0 ? "none" : names);
}

bool configuration_profile(const struct configuration *configuration,
    const char *name, const struct profile **profile, struct failure *why)
{
    for (size_t i = 0; i < configuration->profile_count; i++) {
        if (strcmp(configuration->profiles[i].name, name) == 0) {
            *profile = &configuration->profiles[i];
            return true;
        }
    }
    return fail_unknown_profile(configuration, name, why);
}
