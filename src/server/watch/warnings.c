#include "server/watch/warnings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

void warnings_add(struct warnings *warnings, bool is_red, const char *about,
    const char *format, ...)
{
    struct warning *row = &warnings->rows[warnings->count];
    va_list arguments;

    if (warnings->count == WARNINGS_MAX)
        return;
    *row = (struct warning){.is_red = is_red, .since = clock_now()};
    (void)snprintf(row->about, sizeof(row->about), "%s", about);
    va_start(arguments, format);
    (void)vsnprintf(row->sentence, sizeof(row->sentence), format, arguments);
    va_end(arguments);
    warnings->count++;
}

bool warnings_are_red(const struct warnings *warnings)
{
    for (size_t i = 0; i < warnings->count; i++) {
        if (warnings->rows[i].is_red)
            return true;
    }
    return false;
}

static const struct warning *find(
    const struct warnings *warnings, const char *about)
{
    for (size_t i = 0; i < warnings->count; i++) {
        if (strcmp(warnings->rows[i].about, about) == 0)
            return &warnings->rows[i];
    }
    return NULL;
}

static int red_first(const void *first, const void *second)
{
    const struct warning *one = first, *other = second;

    if (one->is_red != other->is_red)
        return one->is_red ? -1 : 1;
    return strcmp(one->about, other->about);
}

static void tell(const struct warning *row)
{
    log_event(row->is_red ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "watch-warns",
        "about", row->about, "what", row->sentence, NULL);
}

void warnings_settle(struct warnings *found, const struct warnings *before)
{
    for (size_t i = 0; i < found->count; i++) {
        struct warning *row = &found->rows[i];
        const struct warning *known = find(before, row->about);

        if (known != NULL)
            row->since = known->since;
        if (known == NULL || known->is_red != row->is_red)
            tell(row);
    }
    for (size_t i = 0; i < before->count; i++) {
        if (find(found, before->rows[i].about) == NULL)
            log_event(LOG_LEVEL_INFO, "watch-is-content", "about",
                before->rows[i].about, NULL);
    }
    qsort(found->rows, found->count, sizeof(*found->rows), red_first);
}
