#ifndef SERVER_HTTP_FORM_H
#define SERVER_HTTP_FORM_H

#include "base/bytes.h"
#include "server/http/rule.h"

#define FORM_FIELDS_MAX 64

/*
 * The fields of a query or of an application/x-www-form-urlencoded body, in
 * their order (URL Standard, 5.1).
 *
 *     RELEASED(form) form = {0};
 */
struct form_field {
    size_t name, name_length, value, value_length; /* in text */
};

struct form {
    struct buffer text;
    size_t count;
    struct form_field fields[FORM_FIELDS_MAX];
};

/* Stricter than browsers' readers: names and values are UTF-8 without NUL,
 * what must be escaped is escaped, empty pieces ("a=1&&b=2") are refused, a
 * piece without '=' has an empty value.  raw may be empty. On failure the form
 * is to be freed, not read. */
MUST_CHECK bool form_read(
    struct bytes raw, struct form *form, enum http_rule *broken);
void form_free(struct form *form);

struct bytes form_name(const struct form *form, size_t index);
struct bytes form_value(const struct form *form, size_t index);

/* The value of the one field of this name; *is_there says whether there is
 * one. Fails with HTTP_FORM_TWICE when there are two: which of them counts is
 * not guessed. */
MUST_CHECK bool form_find(const struct form *form, const char *name,
    bool *is_there, struct bytes *value, enum http_rule *broken);

#endif
