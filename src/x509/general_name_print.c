#include <stdio.h>

#include "base/hex.h"
#include "base/text.h"
#include "x509/general_name.h"
#include "x509/name.h"

#define GROUPS 8

static unsigned int group_of(const uint8_t *address, size_t index)
{
    return (unsigned int)address[2 * index] << 8 | address[2 * index + 1];
}

/* RFC 5952, 4.2: the longest run of at least two zero groups, the first of
 * those equally long; *length 0 when there is none. */
static void find_longest_run(
    const uint8_t *address, size_t *start, size_t *length)
{
    size_t run = 0;

    *start = 0;
    *length = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        run = group_of(address, i) == 0 ? run + 1 : 0;
        if (run < 2 || run <= *length)
            continue;
        *length = run;
        *start = i + 1 - run;
    }
}

static bool is_mapped(const uint8_t *address)
{
    for (size_t i = 0; i < 5; i++) {
        if (group_of(address, i) != 0)
            return false;
    }
    return group_of(address, 5) == 0xffff;
}

static bool print_ipv4(
    const uint8_t *address, struct buffer *text, struct failure *why)
{
    return buffer_print(text, why, "%u.%u.%u.%u", address[0], address[1],
        address[2], address[3]);
}

static bool print_ipv6(
    const uint8_t *address, struct buffer *text, struct failure *why)
{
    size_t run_start = 0;
    size_t run_length = 0;

    /* RFC 5952, 5 */
    if (is_mapped(address))
        return buffer_append_text(text, "::ffff:", why) &&
               print_ipv4(address + 12, text, why);
    find_longest_run(address, &run_start, &run_length);
    for (size_t i = 0; i < GROUPS;) {
        if (run_length > 0 && i == run_start) {
            if (!buffer_append_text(text, "::", why))
                return false;
            i += run_length;
            continue;
        }
        bool after_run = run_length > 0 && i == run_start + run_length;
        if (!buffer_print(text, why, "%s%x", i == 0 || after_run ? "" : ":",
                group_of(address, i)))
            return false;
        i++;
    }
    return true;
}

static bool print_hex(
    struct bytes value, struct buffer *text, struct failure *why)
{
    char digits[3] = "";

    for (size_t i = 0; i < value.length; i++) {
        hex_print((struct bytes){value.start + i, 1}, digits);
        if (!buffer_append_text(text, digits, why))
            return false;
    }
    return true;
}

/* An address, or an address and a mask of a name constraint (4.2.1.10). */
static bool print_address(
    struct bytes value, struct buffer *text, struct failure *why)
{
    switch (value.length) {
    case 4:
        return print_ipv4(value.start, text, why);
    case 16:
        return print_ipv6(value.start, text, why);
    case 8:
        return print_ipv4(value.start, text, why) &&
               buffer_append_text(text, "/", why) &&
               print_ipv4(value.start + 4, text, why);
    case 32:
        return print_ipv6(value.start, text, why) &&
               buffer_append_text(text, "/", why) &&
               print_ipv6(value.start + 16, text, why);
    default:
        return buffer_append_text(text, "#", why) &&
               print_hex(value, text, why);
    }
}

bool general_name_print(
    const struct general_name *name, struct buffer *text, struct failure *why)
{
    switch (name->kind) {
    case GENERAL_NAME_DNS:
        return buffer_append_text(text, "dns:", why) &&
               text_append_visible(text, name->value, why);
    case GENERAL_NAME_EMAIL:
        return buffer_append_text(text, "email:", why) &&
               text_append_visible(text, name->value, why);
    case GENERAL_NAME_URI:
        return buffer_append_text(text, "uri:", why) &&
               text_append_visible(text, name->value, why);
    case GENERAL_NAME_IP:
        return buffer_append_text(text, "ip:", why) &&
               print_address(name->value, text, why);
    case GENERAL_NAME_DIRECTORY:
        return buffer_append_text(text, "dirname:", why) &&
               name_print(name->value, text, why);
    case GENERAL_NAME_OTHER:
    case GENERAL_NAME_X400:
    case GENERAL_NAME_EDI:
    case GENERAL_NAME_REGISTERED_ID:
        break;
    }
    return buffer_append_text(text, "other:", why) &&
           print_hex(name->value, text, why);
}
