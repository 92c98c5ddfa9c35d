#ifndef SERVER_WATCH_WARNINGS_H
#define SERVER_WATCH_WARNINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

/* What is not as it should be, one line for each matter. */
#define WARNING_ABOUT 200
struct warning {
    char about[WARNING_ABOUT]; /* "list issuing": the same while it lasts */
    char sentence[FAILURE_REASON_ROOM];
    bool is_red; /* what is relied on fails already: /health says so */
    int64_t since;
};

/* More are not kept; those that are red come first. */
#define WARNINGS_MAX 128
struct warnings {
    struct warning rows[WARNINGS_MAX];
    size_t count;
};

void warnings_add(struct warnings *warnings, bool is_red, const char *about,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
bool warnings_are_red(const struct warnings *warnings);

/* Red ones first; those that were there before keep their time, what is new and
 * what has ended is told in the log. */
void warnings_settle(struct warnings *found, const struct warnings *before);

#endif
