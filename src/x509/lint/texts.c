#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "x509/lint/rules.h"

void lint_show(struct bytes text, char shown[static LINT_SHOWN])
{
    RELEASED(buffer) visible = BUFFER("a shown name", 4096);
    struct failure unshown = {0};
    const char *as_text = "?";

    if (text.length > LINT_SHOWN / 2)
        text.length = LINT_SHOWN / 2;
    if (text_append_visible(&visible, text, &unshown))
        (void)!buffer_as_text(&visible, &as_text, &unshown);
    (void)snprintf(shown, LINT_SHOWN, "%s", as_text);
}

const char *lint_attribute_name(const struct name_attribute *attribute)
{
    return attribute->type == OID_UNKNOWN ? "an attribute without a name"
                                          : oid_row(attribute->type)->name;
}

bool lint_has_byte(struct bytes text, uint8_t byte)
{
    return text.length > 0 && memchr(text.start, byte, text.length) != NULL;
}

bool lint_begins(struct bytes text, const char *with)
{
    size_t length = strlen(with);

    return text.length >= length &&
           strncasecmp((const char *)text.start, with, length) == 0;
}

bool lint_equals(struct bytes text, const char *other)
{
    return text.length == strlen(other) && lint_begins(text, other);
}

bool lint_is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] >= 0x80)
            return false;
    }
    return true;
}

bool lint_next_label(struct bytes *rest, struct bytes *label)
{
    const uint8_t *dot = NULL;

    if (rest->start == NULL)
        return false;
    if (rest->length > 0)
        dot = memchr(rest->start, '.', rest->length);
    *label = *rest;
    if (dot == NULL) {
        *rest = (struct bytes){0};
        return true;
    }
    label->length = (size_t)(dot - rest->start);
    *rest = (struct bytes){dot + 1, rest->length - label->length - 1};
    return true;
}

static struct bytes behind(struct bytes text, size_t count)
{
    return (struct bytes){text.start + count, text.length - count};
}

static struct bytes before_any(struct bytes text, const char *marks)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] != 0 && strchr(marks, text.start[i]) != NULL)
            return (struct bytes){text.start, i};
    }
    return text;
}

/* RFC 3986, 3.2. */
struct bytes lint_host_of(struct bytes uri)
{
    struct bytes scheme = before_any(uri, ":");
    struct bytes host, user;

    if (scheme.length + 3 > uri.length ||
        memcmp(uri.start + scheme.length, "://", 3) != 0)
        return (struct bytes){0};
    host = before_any(behind(uri, scheme.length + 3), "/?#");
    user = before_any(host, "@");
    if (user.length < host.length)
        host = behind(host, user.length + 1);
    if (host.length > 0 && host.start[0] == '[')
        return before_any(behind(host, 1), "]");
    return before_any(host, ":");
}

bool lint_read_address(
    struct bytes text, uint8_t address[static 16], size_t *length)
{
    char zero_ended[INET6_ADDRSTRLEN] = "";

    if (text.length == 0 || text.length >= sizeof(zero_ended) ||
        lint_has_byte(text, 0))
        return false;
    memcpy(zero_ended, text.start, text.length);
    *length = 4;
    if (inet_pton(AF_INET, zero_ended, address) == 1)
        return true;
    *length = 16;
    return inet_pton(AF_INET6, zero_ended, address) == 1;
}

bool lint_is_address_text(struct bytes host)
{
    uint8_t address[16] = {0};
    size_t length = 0;

    return lint_read_address(host, address, &length);
}

bool lint_is_qualified(struct bytes host)
{
    struct general_name name = {.kind = GENERAL_NAME_DNS, .value = host};
    struct failure why = {0};

    return lint_has_byte(host, '.') && general_name_check(&name, &why);
}

struct block {
    uint8_t bits;
    uint8_t prefix[16];
};

static bool is_in(struct bytes address, const struct block *block)
{
    size_t whole = block->bits / 8u, rest = block->bits % 8u;
    uint8_t mask = (uint8_t)(0xffu << (8 - rest));

    return memcmp(address.start, block->prefix, whole) == 0 &&
           (rest == 0 ||
               ((address.start[whole] ^ block->prefix[whole]) & mask) == 0);
}

/* The special-purpose registries of IANA (RFC 6890 and its updates). */
bool lint_is_reserved_address(struct bytes address)
{
    static const struct block four[] = {{8, {0}}, {8, {10}}, {10, {100, 64}},
        {8, {127}}, {16, {169, 254}}, {12, {172, 16}}, {24, {192, 0, 0}},
        {24, {192, 0, 2}}, {24, {192, 88, 99}}, {16, {192, 168}},
        {15, {198, 18}}, {24, {198, 51, 100}}, {24, {203, 0, 113}}, {4, {224}},
        {4, {240}}};
    static const struct block six[] = {{127, {0}}, /* :: and ::1 */
        {96, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}},
        {48, {0, 0x64, 0xff, 0x9b, 0, 1}}, {64, {1}}, {23, {0x20, 1}},
        {32, {0x20, 1, 0x0d, 0xb8}}, {16, {0x20, 2}}, {20, {0x3f, 0xff}},
        {7, {0xfc}}, {10, {0xfe, 0x80}}, {8, {0xff}}};

    for (size_t i = 0; address.length == 4 && i < sizeof(four) / sizeof(*four);
         i++) {
        if (is_in(address, &four[i]))
            return true;
    }
    for (size_t i = 0; address.length == 16 && i < sizeof(six) / sizeof(*six);
         i++) {
        if (is_in(address, &six[i]))
            return true;
    }
    return false;
}
