#include "authority/query.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define DAY_S 86400

#define KNOWN                                                                \
    "profile, name, actor, approver, authority, serial, status, issued and " \
    "not-after"

static const struct {
    const char *name;
    enum query_field field;
} fields[] = {
    {"profile", QUERY_PROFILE},
    {"name", QUERY_NAME},
    {"actor", QUERY_ACTOR},
    {"approver", QUERY_APPROVER},
    {"authority", QUERY_AUTHORITY},
    {"serial", QUERY_SERIAL},
    {"status", QUERY_STATUS},
    {"issued", QUERY_ISSUED},
    {"not-after", QUERY_NOT_AFTER},
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

/* A query on its way: text, and where it is read. */
struct reading {
    const char *text;
    size_t at;
};

static bool refuse(const struct reading *reading, const char *what,
    const char *value, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "the query, column %zu: %s%.60s%s", reading->at + 1, what, value,
        *value == '\0' ? "" : "\"");
}

static void skip_blanks(struct reading *reading)
{
    reading->at += strspn(reading->text + reading->at, " \t\r\n");
}

/* --- field and comparison ------------------------------------------------ */

static bool read_field(
    struct reading *reading, struct query_term *term, struct failure *why)
{
    const char *start = reading->text + reading->at;
    size_t length = strcspn(start, " \t\r\n=<>!\"");
    char word[40];

    for (size_t i = 0; i < FIELDS; i++) {
        if (strlen(fields[i].name) == length &&
            strncasecmp(fields[i].name, start, length) == 0) {
            term->field = fields[i].field;
            reading->at += length;
            return true;
        }
    }
    if (length == 0)
        return refuse(reading, "a field is missing; there are " KNOWN, "", why);
    (void)snprintf(word, sizeof(word), "%.*s",
        (int)(length < sizeof(word) ? length : sizeof(word) - 1), start);
    return refuse(reading, "there are the fields " KNOWN ", not \"", word, why);
}

enum comparison { IS, IS_NOT, BELOW, AT_MOST, ABOVE, AT_LEAST };

static bool read_comparison(struct reading *reading, const char **shown,
    enum comparison *comparison, struct failure *why)
{
    /* The longer ones first. */
    static const struct {
        const char *text;
        enum comparison comparison;
    } known[] = {{"!=", IS_NOT}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"=", IS},
        {"<", BELOW}, {">", ABOVE}};

    skip_blanks(reading);
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        size_t length = strlen(known[i].text);

        if (strncmp(reading->text + reading->at, known[i].text, length) != 0)
            continue;
        *shown = known[i].text;
        *comparison = known[i].comparison;
        reading->at += length;
        skip_blanks(reading);
        return true;
    }
    return refuse(reading, "=, !=, <, <=, > or >= is missing", "", why);
}

/* --- values -------------------------------------------------------------- */

static bool take_value(struct reading *reading, const char *start,
    size_t length, char value[static QUERY_VALUE_ROOM], struct failure *why)
{
    if (length == 0)
        return refuse(reading, "a value is missing", "", why);
    if (length >= QUERY_VALUE_ROOM)
        return refuse(reading, "a value has more than 255 characters", "", why);
    memcpy(value, start, length);
    value[length] = '\0';
    return true;
}

static bool read_value(struct reading *reading,
    char value[static QUERY_VALUE_ROOM], struct failure *why)
{
    const char *start = reading->text + reading->at;
    bool is_quoted = *start == '"';
    size_t length =
        is_quoted ? strcspn(start + 1, "\"") : strcspn(start, " \t\r\n\"");

    if (is_quoted && start[1 + length] != '"')
        return refuse(reading, "a quotation mark is not closed", "", why);
    if (!take_value(reading, is_quoted ? start + 1 : start, length, value, why))
        return false;
    reading->at += length + (is_quoted ? 2 : 0);
    if (strchr(" \t\r\n", reading->text[reading->at]) == NULL)
        return refuse(reading, "a blank is missing behind a value", "", why);
    return true;
}

/* A day has all its seconds. */
static bool read_time(
    const char *value, int64_t *first, int64_t *last, struct failure *why)
{
    char text[CLOCK_TEXT];
    bool is_day = strlen(value) == strlen("2026-01-01") && value[4] == '-' &&
                  value[7] == '-';

    if (!is_day) {
        bool ok = clock_read(value, first, why);

        *last = *first;
        return ok;
    }
    (void)snprintf(text, sizeof(text), "%.10sT00:00:00Z", value);
    if (!clock_read(text, first, why))
        return false;
    *last = *first + DAY_S - 1;
    return true;
}

static bool bound_time(struct reading *reading, size_t value_at,
    enum comparison comparison, struct query_term *term, struct failure *why)
{
    struct failure cause = {0};
    int64_t first = 0;
    int64_t last = 0;

    if (!read_time(term->text, &first, &last, &cause)) {
        reading->at = value_at;
        return refuse(reading,
            "a time is a day (2026-01-31), RFC 3339 or seconds since 1970, "
            "not \"",
            term->text, why);
    }
    term->from = comparison == IS || comparison == AT_LEAST ? first
                 : comparison == ABOVE                      ? last + 1
                                                            : INT64_MIN;
    term->until = comparison == IS || comparison == AT_MOST ? last
                  : comparison == BELOW                     ? first - 1
                                                            : INT64_MAX;
    return true;
}

/* As serials are shown: lower-case, no colons, no zeros in front. */
static void plain_serial(char *text)
{
    bool is_whole = strchr(text, '*') == NULL;
    const char *from = text;
    char *to = text;

    if (from[0] == '0' && (from[1] == 'x' || from[1] == 'X'))
        from += 2;
    while (is_whole && from[0] == '0' && from[1] != '\0')
        from++;
    for (; *from != '\0'; from++) {
        if (*from != ':')
            *to++ = *from;
    }
    *to = '\0';
}

static bool is_status(const char *text)
{
    return strcmp(text, "valid") == 0 || strcmp(text, "expired") == 0 ||
           strcmp(text, "held") == 0 || strcmp(text, "revoked") == 0;
}

/* --- terms --------------------------------------------------------------- */

static bool is_time(enum query_field field)
{
    return field == QUERY_ISSUED || field == QUERY_NOT_AFTER;
}

static bool read_term(
    struct reading *reading, struct query_term *term, struct failure *why)
{
    enum comparison comparison = IS;
    const char *shown = "";
    size_t field_at = reading->at;
    size_t value_at;

    if (!read_field(reading, term, why) ||
        !read_comparison(reading, &shown, &comparison, why))
        return false;
    value_at = reading->at;
    if (!read_value(reading, term->text, why))
        return false;
    if (is_time(term->field) ? comparison == IS_NOT : comparison > IS_NOT) {
        reading->at = field_at;
        return refuse(reading,
            is_time(term->field) ? "a time takes =, <, <=, > and >=, not \""
                                 : "this field takes = and !=, not \"",
            shown, why);
    }
    term->is_not = comparison == IS_NOT;
    if (is_time(term->field))
        return bound_time(reading, value_at, comparison, term, why);
    if (term->field == QUERY_SERIAL)
        plain_serial(term->text);
    if (term->field == QUERY_STATUS && !is_status(term->text)) {
        reading->at = value_at;
        return refuse(reading,
            "a status is valid, expired, held or revoked, not \"", term->text,
            why);
    }
    return true;
}

static bool read_and(struct reading *reading, struct failure *why)
{
    const char *start = reading->text + reading->at;

    if (strncasecmp(start, "and", 3) != 0 || start[3] == '\0' ||
        strchr(" \t\r\n", start[3]) == NULL)
        return refuse(reading, "terms are joined by \"and\"", "", why);
    reading->at += 3;
    skip_blanks(reading);
    return true;
}

bool query_read(const char *text, struct query *query, struct failure *why)
{
    struct reading reading = {.text = text};
    struct query made = {.count = 0};

    if (strlen(text) > QUERY_TEXT_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the query has more than %d characters", QUERY_TEXT_MAX);
    skip_blanks(&reading);
    do {
        if (made.count == QUERY_TERMS_MAX)
            return refuse(&reading, "more than 20 terms", "", why);
        if ((made.count > 0 && !read_and(&reading, why)) ||
            !read_term(&reading, &made.terms[made.count], why))
            return false;
        made.count++;
        skip_blanks(&reading);
    } while (text[reading.at] != '\0');
    *query = made;
    return true;
}
