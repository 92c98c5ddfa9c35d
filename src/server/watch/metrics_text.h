#ifndef SERVER_WATCH_METRICS_TEXT_H
#define SERVER_WATCH_METRICS_TEXT_H

#include "base/bytes.h"

/*
 * Prometheus' text format 0.0.4: a family's HELP and TYPE, then its samples.
 * A failed writer stays failed, and says why.
 */
struct metrics_text {
    struct buffer *text;
    const char *family;
    struct failure why;
};

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

/* name, help: constants; help is one line without a backslash. */
void metrics_family(struct metrics_text *metrics, const char *name,
    enum metric_type type, const char *help);
/* labels: name, value, ... NULL; a value is any text. */
void metrics_sample(
    struct metrics_text *metrics, double value, const char *const *labels);

#endif
