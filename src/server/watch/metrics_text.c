#include "server/watch/metrics_text.h"

static bool failed(const struct metrics_text *metrics)
{
    return metrics->why.kind != FAILURE_NONE;
}

void metrics_family(struct metrics_text *metrics, const char *name,
    enum metric_type type, const char *help)
{
    metrics->family = name;
    if (!failed(metrics))
        (void)!buffer_print(metrics->text, &metrics->why,
            "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
            type == METRIC_COUNTER ? "counter" : "gauge");
}

/* "label values: backslash, double quote and line feed are escaped". */
static bool append_value(
    struct buffer *text, const char *value, struct failure *why)
{
    for (; *value != '\0'; value++) {
        const bool is_escaped =
            *value == '\\' || *value == '"' || *value == '\n';

        if ((is_escaped && !buffer_append_byte(text, '\\', why)) ||
            !buffer_append_byte(
                text, *value == '\n' ? 'n' : (uint8_t)*value, why))
            return false;
    }
    return true;
}

static bool append_labels(
    struct buffer *text, const char *const *labels, struct failure *why)
{
    for (size_t i = 0; labels[i] != NULL; i += 2) {
        if (!buffer_print(
                text, why, "%s%s=\"", i == 0 ? "{" : ",", labels[i]) ||
            !append_value(text, labels[i + 1], why) ||
            !buffer_append_byte(text, '"', why))
            return false;
    }
    return labels[0] == NULL || buffer_append_byte(text, '}', why);
}

void metrics_sample(
    struct metrics_text *metrics, double value, const char *const *labels)
{
    const bool is_whole = value == (double)(int64_t)value;

    if (failed(metrics) ||
        !buffer_append_text(metrics->text, metrics->family, &metrics->why) ||
        !append_labels(metrics->text, labels, &metrics->why))
        return;
    (void)!buffer_print(
        metrics->text, &metrics->why, is_whole ? " %.0f\n" : " %.6f\n", value);
}
