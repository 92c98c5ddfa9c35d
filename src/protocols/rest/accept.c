#include "protocols/rest/accept.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WEIGHT_FULL 1000

static const char *pass_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* "0.25" in thousandths; -1: no weight. */
static int weight_read(const char *text, size_t length)
{
    int weight = 0, step = WEIGHT_FULL;

    if (length == 0 || length > 5 || (text[0] != '0' && text[0] != '1') ||
        (length > 1 && text[1] != '.'))
        return -1;
    weight = (text[0] - '0') * WEIGHT_FULL;
    for (size_t i = 2; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        step /= 10;
        weight += (text[i] - '0') * step;
    }
    return weight > WEIGHT_FULL ? -1 : weight;
}

/* The weight among a range's parameters; -1: one that can't be read. */
static int weight_of(const char *parameters, size_t length)
{
    const char *end = parameters + length;

    while (parameters < end && *parameters == ';') {
        const char *name = pass_blanks(parameters + 1);
        size_t size = strcspn(name, ";,");

        while (size > 0 && (name[size - 1] == ' ' || name[size - 1] == '\t'))
            size--;
        if (size >= 2 && (name[0] == 'q' || name[0] == 'Q') && name[1] == '=')
            return weight_read(name + 2, size - 2);
        parameters = name + strcspn(name, ";,");
    }
    return WEIGHT_FULL;
}

/* How closely a range names a type: 3 exactly, 2 by its first half, 1 as
 * anything, 0 not at all. */
static int closeness(const char *range, size_t length, const char *type)
{
    size_t half = strcspn(type, "/") + 1;

    if (length == strlen(type) && strncasecmp(range, type, length) == 0)
        return 3;
    if (length == half + 1 && range[half] == '*' &&
        strncasecmp(range, type, half) == 0)
        return 2;
    return length == 3 && memcmp(range, "*/*", 3) == 0 ? 1 : 0;
}

static int liking(const char *accept, const char *type)
{
    int best = 0, weight = 0;

    while (*accept != '\0') {
        const char *range = pass_blanks(accept);
        size_t whole = strcspn(range, ",");
        size_t length = strcspn(range, ";, \t");
        int close = closeness(range, length, type);
        const char *parameters = pass_blanks(range + length);
        int here = weight_of(parameters, (size_t)(range + whole - parameters));

        if (close > best && here >= 0) {
            best = close;
            weight = here;
        }
        accept = range + whole;
        accept += *accept == ',';
    }
    return weight;
}

size_t accept_choose(const char *accept, const char *const *types, size_t count)
{
    size_t chosen = count;
    int most = 0;

    if (accept == NULL)
        return 0;
    for (size_t i = 0; i < count; i++) {
        int weight = liking(accept, types[i]);

        if (weight > most) {
            most = weight;
            chosen = i;
        }
    }
    return chosen;
}
