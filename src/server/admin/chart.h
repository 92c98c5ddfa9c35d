#ifndef SERVER_ADMIN_CHART_H
#define SERVER_ADMIN_CHART_H

#include "base/bytes.h"

/* A chart of bars as SVG in the page, without scripts and styles of its own,
 * and the same as a table for who can't see it. */
#define CHART_BARS_MAX 31

struct chart_bar {
    char label[24];
    int64_t value;
};

struct chart {
    const char *id, *title, *label_head, *value_head;
    struct chart_bar bars[CHART_BARS_MAX];
    size_t count;
    size_t each; /* every how many bars, from the last, have their label */
};
MUST_CHECK bool chart_print(
    struct buffer *out, const struct chart *chart, struct failure *why);

#endif
