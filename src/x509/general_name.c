#include "x509/general_name.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "x509/der_element.h"
#include "x509/der_writer.h"
#include "x509/name.h"

/* A head of at most 6 bytes, twice for a directory name. */
#define HEADS_ROOM 12

static const uint8_t tags[] = {
    [GENERAL_NAME_OTHER] = DER_CONTEXT_HOLDING(0),
    [GENERAL_NAME_EMAIL] = DER_CONTEXT(1),
    [GENERAL_NAME_DNS] = DER_CONTEXT(2),
    [GENERAL_NAME_X400] = DER_CONTEXT_HOLDING(3),
    [GENERAL_NAME_DIRECTORY] = DER_CONTEXT_HOLDING(4),
    [GENERAL_NAME_EDI] = DER_CONTEXT_HOLDING(5),
    [GENERAL_NAME_URI] = DER_CONTEXT(6),
    [GENERAL_NAME_IP] = DER_CONTEXT(7),
    [GENERAL_NAME_REGISTERED_ID] = DER_CONTEXT(8),
};

static bool kind_of_tag(
    uint8_t tag, enum general_name_kind *kind, struct failure *why)
{
    unsigned int number = tag & 0x1fu;

    if (number >= sizeof(tags) || tags[number] != tag)
        return fail_because(why, FAILURE_MALFORMED,
            "tag 0x%02x is no general name (RFC 5280, 4.2.1.6)", tag);
    *kind = (enum general_name_kind)number;
    return true;
}

bool general_name_next(
    struct der_reader *names, struct general_name *name, struct failure *why)
{
    struct general_name found = {0};
    struct der_reader next = *names;
    struct der_reader contents = {0};
    struct bytes element = {0};
    uint8_t tag = 0;

    if (!der_read_any(&next, &tag, &contents, &element, why) ||
        !kind_of_tag(tag, &found.kind, why))
        return false;
    found.value = der_remaining(&contents);
    /* A Name is a CHOICE, so its tag is explicit (X.680, 31.2.7). */
    if (found.kind == GENERAL_NAME_DIRECTORY &&
        !name_check_form(found.value, why))
        return false;
    *name = found;
    *names = next;
    return true;
}

bool general_names_check(
    struct der_reader names, size_t *count, struct failure *why)
{
    struct general_name name = {0};
    size_t found = 0;

    while (!der_at_end(&names)) {
        if (found == GENERAL_NAMES_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "there are more than %d names in one list", GENERAL_NAMES_MAX);
        if (!general_name_next(&names, &name, why))
            return false;
        found++;
    }
    *count = found;
    return true;
}

bool general_name_append(const struct general_name *name,
    struct buffer *encoding, struct failure *why)
{
    size_t room = name->value.length + HEADS_ROOM;
    struct der_writer writer = {0};
    struct bytes element = {0};

    if (!buffer_reserve(encoding, room, why))
        return false;
    writer = der_writer_in(encoding->start + encoding->length, room);
    der_write_element(&writer, tags[name->kind], name->value);
    if (!der_writer_take(&writer, &element, why))
        return false;
    /* Written at the end of the room, wanted at its beginning. */
    memmove(encoding->start + encoding->length, element.start, element.length);
    encoding->length += element.length;
    return true;
}

/* A name in words: its kind, the text of its value, and room for what an
 * address is in bytes. */
struct words {
    enum general_name_kind kind;
    const char *value;
};

static bool has_kind(const char *text, struct words *words)
{
    static const struct {
        const char *prefix;
        enum general_name_kind kind;
    } kinds[] = {
        {"dns:", GENERAL_NAME_DNS},
        {"ip:", GENERAL_NAME_IP},
        {"ip address:", GENERAL_NAME_IP}, /* as openssl shows it */
        {"email:", GENERAL_NAME_EMAIL},
        {"uri:", GENERAL_NAME_URI},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        size_t length = strlen(kinds[i].prefix);

        if (strncasecmp(text, kinds[i].prefix, length) != 0)
            continue;
        *words = (struct words){.kind = kinds[i].kind, .value = text + length};
        return true;
    }
    return false;
}

#define ADDRESS_MAX 16

static bool address_of(
    const char *text, uint8_t address[static ADDRESS_MAX], size_t *length)
{
    if (inet_pton(AF_INET, text, address) == 1) {
        *length = 4;
        return true;
    }
    *length = 16;
    return inet_pton(AF_INET6, text, address) == 1;
}

static struct words guess_kind(const char *text)
{
    uint8_t address[ADDRESS_MAX] = {0};
    struct words words = {.kind = GENERAL_NAME_DNS, .value = text};
    size_t length = 0;

    if (strchr(text, '@') != NULL)
        words.kind = GENERAL_NAME_EMAIL;
    else if (address_of(text, address, &length))
        words.kind = GENERAL_NAME_IP;
    return words;
}

bool general_name_read(
    const char *text, struct buffer *name, struct failure *why)
{
    uint8_t address[ADDRESS_MAX] = {0};
    struct general_name found = {0};
    struct words words = {0};

    if (!has_kind(text, &words)) {
        if (strstr(text, "://") != NULL)
            return fail_because(why, FAILURE_UNSUITABLE,
                "\"%.100s\" looks like a URI; write uri:%.100s", text, text);
        words = guess_kind(text);
    }
    found.kind = words.kind;
    found.value = bytes_of_text(words.value);
    if (words.kind == GENERAL_NAME_IP) {
        if (!address_of(words.value, address, &found.value.length))
            return fail_because(why, FAILURE_UNSUITABLE,
                "\"%.100s\" is no IP address: four numbers as 192.0.2.1, or "
                "IPv6 as 2001:db8::1, without a prefix length",
                words.value);
        found.value.start = address;
    }
    return general_name_check(&found, why) &&
           general_name_append(&found, name, why);
}
