#ifndef PROTOCOLS_REST_SCHEMA_H
#define PROTOCOLS_REST_SCHEMA_H

#include "base/json.h"
#include "protocols/problem.h"

/*
 * What a JSON object of the interface looks like.  One table checks what comes
 * in, is told in the OpenAPI document, and is held against every answer by the
 * tests; so the three can't say different things.
 */
enum schema_kind {
    SCHEMA_TEXT,
    SCHEMA_NUMBER, /* whole */
    SCHEMA_BOOLEAN,
    SCHEMA_TEXTS,   /* an array */
    SCHEMA_OBJECT,  /* of the schema it names */
    SCHEMA_OBJECTS, /* an array of such */
    SCHEMA_ANY      /* an object whose members nobody lists, or a text */
};

#define SCHEMA_REQUIRED 1u
#define SCHEMA_NULLABLE 2u

struct schema;
struct schema_member {
    const char *name;
    enum schema_kind kind;
    unsigned flags;
    /* Characters of a text (of each of an array), a number's bounds; both 0:
     * none. */
    int64_t least, most;
    int64_t items_most; /* of an array; 0: none */
    const char *format; /* "date-time": told, the handler reads it; or NULL */
    const char *const *words; /* those allowed, ended by NULL; or NULL */
    const struct schema *of;
    const char *tells;
};

struct schema {
    const char *name;
    const char *tells;
    const struct schema_member *members; /* ended by one without a name */
};

/*
 * Does the value fit?  FAILURE_MALFORMED, and *blame names the field, the rule
 * ("unknown-member", "missing", "wrong-type", "too-short", "too-long",
 * "too-small", "too-large", "too-many", "unknown-word"), what was found and
 * what is allowed.
 */
MUST_CHECK bool schema_check(const struct schema *schema, json_t *value,
    struct problem_field *blame, struct failure *why);

/* One member's value alone; name: what it is called in complaints. */
MUST_CHECK bool schema_check_member(const struct schema_member *member,
    const char *name, json_t *value, struct problem_field *blame,
    struct failure *why);

/* As JSON Schema (2020-12); those it names are "#/components/schemas/NAME".
 * NULL: no memory. */
json_t *schema_to_json(const struct schema *schema);
json_t *schema_member_to_json(const struct schema_member *member);

/* Fills in blame and fails as FAILURE_MALFORMED.  The sentence is made of
 * these. */
bool blame_field(struct problem_field *blame, struct failure *why,
    const char *field, const char *rule, const char *found,
    const char *allowed);

#endif
