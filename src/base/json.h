#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/bytes.h"

DEFINE_SCOPED(json_t, json_decref)

/* Reads a strict JSON text (RFC 8259: any value, not only an object; no
 * duplicate keys, no trailing bytes, no zero in a text, depth at most 32, at
 * most 1 MiB).  FAILURE_MALFORMED names line and column. */
MUST_CHECK bool json_read(
    struct bytes text, const char *name, json_t **value, struct failure *why);

/* The same with another limit than 1 MiB. */
MUST_CHECK bool json_read_within(struct bytes text, size_t bytes_max,
    const char *name, json_t **value, struct failure *why);

/* Compact, keys in the order they were set, ASCII only. */
MUST_CHECK bool json_append(
    struct buffer *text, const json_t *value, struct failure *why);

/* A text as JSON; bytes that are no UTF-8, as a path may have, made visible.
 * NULL: no memory. */
json_t *json_of_text(const char *text);

/* As clock_print words it; 0 is no time: null. */
json_t *json_of_time(int64_t time);

/* A text member of an object, a view; "" where it is absent or no text. */
const char *json_text(const json_t *object, const char *key);

#endif
