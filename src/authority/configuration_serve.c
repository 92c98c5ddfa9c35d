#include "authority/configuration_serve.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/configuration_setting.h"

#define LABEL_MAX 63

static const char *const keys[SERVE_LISTENERS] = {
    [SERVE_PUBLIC] = "listen",
    [SERVE_PLAIN] = "http-listen",
    [SERVE_ADMIN] = "admin-listen",
    [SERVE_MTLS] = "mtls-listen",
};

const char *serve_listener_key(enum serve_listener listener)
{
    return keys[listener];
}

void serve_settings_default(struct serve_settings *settings)
{
    *settings = (struct serve_settings){.per_address = SERVE_PER_ADDRESS,
        .addresses = {
            [SERVE_PUBLIC] = {"::", 8443, true},
            [SERVE_PLAIN] = {"::", 8080, true},
            [SERVE_ADMIN] = {"127.0.0.1", 8444, false},
        }};
}

/* --- one address --------------------------------------------------------- */

static const char address_shape[] =
    "an address to listen at is written ADDR:PORT, [V6]:PORT or :PORT, or none";

static const char *port_fault(const char *text, uint16_t *port)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long number = strtoul(text, NULL, 10);

    if (digits == 0 || digits > 5 || text[digits] != 0 || number > 65535)
        return address_shape;
    if (number == 0)
        return "port 0 is a port that nobody could be told of";
    *port = (uint16_t)number;
    return NULL;
}

static bool take_host(
    const char *text, size_t length, int family, struct serve_address *address)
{
    uint8_t bytes[16];

    if (length >= sizeof(address->host))
        return false;
    memcpy(address->host, text, length);
    address->host[length] = 0;
    return inet_pton(family, address->host, bytes) == 1;
}

const char *serve_address_fault(const char *text, struct serve_address *address)
{
    struct serve_address read = {0};
    const char *colon = strrchr(text, ':');
    const char *fault;
    size_t length;

    if (strcmp(text, "none") == 0) {
        *address = read;
        return NULL;
    }
    if (colon == NULL)
        return address_shape;
    length = (size_t)(colon - text);
    if (length > 0 && text[0] == '[') {
        if (length < 2 || text[length - 1] != ']' ||
            !take_host(text + 1, length - 2, AF_INET6, &read))
            return address_shape;
    } else if (length > 0 && !take_host(text, length, AF_INET, &read)) {
        return address_shape;
    }
    read.is_any_family = length == 0;
    fault = port_fault(colon + 1, &read.port);
    if (fault == NULL)
        *address = read;
    return fault;
}

void serve_address_print(
    const struct serve_address *address, char text[static SERVE_ADDRESS_TEXT])
{
    const char *host = address->host[0] == 0 ? "::" : address->host;
    bool is_v6 = strchr(host, ':') != NULL;

    if (address->port == 0)
        (void)snprintf(text, SERVE_ADDRESS_TEXT, "none");
    else
        (void)snprintf(text, SERVE_ADDRESS_TEXT, is_v6 ? "[%s]:%u" : "%s:%u",
            host, address->port);
}

/* --- what can't be together ---------------------------------------------- */

static bool is_all(const struct serve_address *address)
{
    return address->host[0] == 0 || strcmp(address->host, "::") == 0 ||
           strcmp(address->host, "0.0.0.0") == 0;
}

static bool are_one(
    const struct serve_address *one, const struct serve_address *other)
{
    return one->port != 0 && one->port == other->port &&
           (is_all(one) || is_all(other) ||
               strcmp(one->host, other->host) == 0);
}

bool serve_settings_clash(const struct serve_settings *settings,
    enum serve_listener *first, enum serve_listener *second)
{
    for (size_t i = 0; i < SERVE_LISTENERS; i++) {
        for (size_t j = i + 1; j < SERVE_LISTENERS; j++) {
            if (are_one(&settings->addresses[i], &settings->addresses[j])) {
                *first = (enum serve_listener)i;
                *second = (enum serve_listener)j;
                return true;
            }
        }
    }
    return false;
}

static bool is_silent(const struct serve_settings *settings)
{
    for (size_t i = 0; i < SERVE_LISTENERS; i++) {
        if (settings->addresses[i].port != 0)
            return false;
    }
    return true;
}

bool serve_settings_check(
    const struct serve_settings *settings, struct failure *why)
{
    enum serve_listener first, second;
    char text[SERVE_ADDRESS_TEXT];

    if (is_silent(settings))
        return fail_because(why, FAILURE_UNSUITABLE,
            "every listener is none: nothing would be served");
    if (!serve_settings_clash(settings, &first, &second))
        return true;
    serve_address_print(&settings->addresses[second], text);
    return fail_because(why, FAILURE_UNSUITABLE,
        "%s can't be at %s: %s is at that port already", keys[second], text,
        keys[first]);
}

/* --- the section --------------------------------------------------------- */

static bool read_address(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct serve_settings *settings = into;
    const char *text = NULL, *fault;
    size_t listener = 0;

    while (strcmp(keys[listener], node->key) != 0)
        listener++;
    if (!setting_text(document, node, &text, why))
        return false;
    fault = serve_address_fault(text, &settings->addresses[listener]);
    return fault == NULL || fail_at_yaml(why, document, node, "%s", fault);
}

/* RFC 1123, 2.1; in lower case. */
static bool take_host_name(const char *text, char name[static SERVE_NAME_ROOM])
{
    size_t length = strlen(text), label = 0;

    if (length == 0 || length >= SERVE_NAME_ROOM)
        return false;
    for (size_t i = 0; i <= length; i++) {
        unsigned char letter = (unsigned char)text[i];

        if (letter == '.' || letter == 0) {
            if (label == 0 || label > LABEL_MAX || text[i - 1] == '-')
                return false;
            label = 0;
        } else if (isalnum(letter) || (letter == '-' && label > 0)) {
            label++;
        } else {
            return false;
        }
        name[i] = (char)tolower(letter);
    }
    return true;
}

static bool take_name(const char *text, char name[static SERVE_NAME_ROOM])
{
    uint8_t bytes[16];

    if (inet_pton(AF_INET, text, bytes) == 1 ||
        inet_pton(AF_INET6, text, bytes) == 1) {
        (void)snprintf(name, SERVE_NAME_ROOM, "%s", text);
        return true;
    }
    return take_host_name(text, name);
}

static bool read_names(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct serve_settings *settings = into;

    if (node->kind != YAML_SEQUENCE)
        return fail_at_yaml(why, document, node,
            "names is a list: write [pki.example.org, 192.0.2.7]");
    for (const struct yaml_node *item = node->first; item != NULL;
         item = item->next) {
        const char *text = NULL;

        if (!setting_text(document, item, &text, why))
            return false;
        if (settings->name_count == SERVE_NAMES_MAX)
            return fail_at_yaml(why, document, item,
                "there are more than %d names", SERVE_NAMES_MAX);
        if (!take_name(text, settings->names[settings->name_count]))
            return fail_at_yaml(why, document, item,
                "a name of this server is a host name or an address, without "
                "wildcard, port or scheme");
        settings->name_count++;
    }
    return true;
}

static bool read_per_address(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct serve_settings *settings = into;
    const char *text = NULL;
    size_t digits;
    unsigned long number;

    if (!setting_text(document, node, &text, why))
        return false;
    digits = strspn(text, "0123456789");
    number = strtoul(text, NULL, 10);
    if (digits == 0 || digits > 4 || text[digits] != 0 || number == 0 ||
        number > SERVE_PER_ADDRESS_MAX)
        return fail_at_yaml(why, document, node,
            "connections-per-address is a number from 1 to %d",
            SERVE_PER_ADDRESS_MAX);
    settings->per_address = (unsigned int)number;
    return true;
}

static const struct setting settings_of_section[] = {
    {"listen", read_address},
    {"http-listen", read_address},
    {"admin-listen", read_address},
    {"mtls-listen", read_address},
    {"names", read_names},
    {"connections-per-address", read_per_address},
    {NULL, NULL},
};

/* Said where the one stands that was written, as the other is by default. */
static bool check_section(const struct yaml_document *document,
    const struct yaml_node *section, const struct serve_settings *settings,
    struct failure *why)
{
    enum serve_listener first, second;
    const struct yaml_node *node;
    struct failure clash = {0};

    if (serve_settings_check(settings, &clash))
        return true;
    if (!serve_settings_clash(settings, &first, &second))
        return fail_at_yaml(why, document, section, "%s", clash.reason);
    node = yaml_find(section, keys[second]);
    if (node == NULL)
        node = yaml_find(section, keys[first]);
    return fail_at_yaml(
        why, document, node == NULL ? section : node, "%s", clash.reason);
}

bool serve_settings_read(const struct yaml_document *document,
    const struct yaml_node *node, struct serve_settings *settings,
    struct failure *why)
{
    serve_settings_default(settings);
    return settings_read(
               document, node, "serve", settings_of_section, settings, why) &&
           check_section(document, node, settings, why);
}
