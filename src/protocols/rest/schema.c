#include "protocols/rest/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* --- complaints ---------------------------------------------------------- */

static void copy_beginning(char *text, size_t room, const char *from)
{
    struct bytes beginning = text_beginning(bytes_of_text(from), room - 1);

    memcpy(text, beginning.start, beginning.length);
    text[beginning.length] = '\0';
}

bool blame_field(struct problem_field *blame, struct failure *why,
    const char *field, const char *rule, const char *found, const char *allowed)
{
    copy_beginning(blame->field, sizeof(blame->field), field);
    copy_beginning(blame->found, sizeof(blame->found), found);
    copy_beginning(blame->allowed, sizeof(blame->allowed), allowed);
    blame->rule = rule;
    return fail_because(why, FAILURE_MALFORMED,
        "%s%s%s breaks the rule %s: it is %s; allowed is %s",
        field[0] == '\0' ? "the body" : "\"", blame->field,
        field[0] == '\0' ? "" : "\"", rule, blame->found, blame->allowed);
}

static const char *type_found(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a truth value";
    case JSON_NULL:
        break;
    }
    return "null";
}

static const char *type_allowed(enum schema_kind kind)
{
    switch (kind) {
    case SCHEMA_TEXT:
        return "a text";
    case SCHEMA_NUMBER:
        return "a whole number";
    case SCHEMA_BOOLEAN:
        return "true or false";
    case SCHEMA_TEXTS:
        return "an array of texts";
    case SCHEMA_OBJECT:
        return "an object";
    case SCHEMA_OBJECTS:
        return "an array of objects";
    case SCHEMA_ANY:
        break;
    }
    return "an object or a text";
}

static bool blame_number(struct problem_field *blame, struct failure *why,
    const char *field, const char *rule, const char *unit, int64_t found,
    int64_t limit)
{
    bool is_least =
        strcmp(rule, "too-short") == 0 || strcmp(rule, "too-small") == 0;
    char said[60], allowed[60];

    (void)snprintf(said, sizeof(said), "%" PRId64 "%s", found, unit);
    (void)snprintf(allowed, sizeof(allowed), "at %s %" PRId64 "%s",
        is_least ? "least" : "most", limit, unit);
    return blame_field(blame, why, field, rule, said, allowed);
}

static bool blame_words(struct problem_field *blame, struct failure *why,
    const char *field, const char *found, const char *const *words)
{
    RELEASED(buffer) list = BUFFER("words", 1024);
    const char *allowed = "";
    struct failure full = {0};

    for (size_t i = 0; words[i] != NULL; i++) {
        if (!buffer_print(&list, &full, "%s%s", i == 0 ? "" : ", ", words[i]))
            break;
    }
    if (!buffer_as_text(&list, &allowed, &full))
        allowed = words[0];
    return blame_field(blame, why, field, "unknown-word", found, allowed);
}

/* --- values -------------------------------------------------------------- */

/* Code points: what JSON Schema counts. */
static int64_t characters_of(const char *text)
{
    int64_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool is_among(const char *text, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

static bool check_text(const struct schema_member *member, const char *name,
    const char *text, struct problem_field *blame, struct failure *why)
{
    int64_t characters = characters_of(text);

    if (member->least != 0 && characters < member->least)
        return blame_number(blame, why, name, "too-short", " characters",
            characters, member->least);
    if (member->most != 0 && characters > member->most)
        return blame_number(blame, why, name, "too-long", " characters",
            characters, member->most);
    return member->words == NULL || is_among(text, member->words) ||
           blame_words(blame, why, name, text, member->words);
}

static bool check_number(const struct schema_member *member, const char *name,
    int64_t number, struct problem_field *blame, struct failure *why)
{
    if (member->least == 0 && member->most == 0)
        return true;
    if (number < member->least)
        return blame_number(
            blame, why, name, "too-small", "", number, member->least);
    return number <= member->most || blame_number(blame, why, name, "too-large",
                                         "", number, member->most);
}

static bool blame_type(enum schema_kind kind, const char *name,
    const json_t *value, struct problem_field *blame, struct failure *why)
{
    return blame_field(
        blame, why, name, "wrong-type", type_found(value), type_allowed(kind));
}

#define NAME_ROOM 200

static bool check_members(const struct schema *schema, const char *prefix,
    json_t *value, struct problem_field *blame, struct failure *why);

static bool check_items(const struct schema_member *member, const char *name,
    json_t *value, struct problem_field *blame, struct failure *why)
{
    int64_t count = (int64_t)json_array_size(value);
    json_t *item = NULL;
    size_t index = 0;

    if (member->items_most != 0 && count > member->items_most)
        return blame_number(
            blame, why, name, "too-many", "", count, member->items_most);
    json_array_foreach(value, index, item)
    {
        char path[NAME_ROOM];
        bool fits = member->kind == SCHEMA_TEXTS ? json_is_string(item)
                                                 : json_is_object(item);

        (void)snprintf(path, sizeof(path), "%.150s/%zu", name, index);
        if (!fits)
            return blame_type(
                member->kind == SCHEMA_TEXTS ? SCHEMA_TEXT : SCHEMA_OBJECT,
                path, item, blame, why);
        if (!(member->kind == SCHEMA_TEXTS
                    ? check_text(
                          member, path, json_string_value(item), blame, why)
                    : check_members(member->of, path, item, blame, why)))
            return false;
    }
    return true;
}

static bool has_kind(enum schema_kind kind, const json_t *value)
{
    switch (kind) {
    case SCHEMA_TEXT:
        return json_is_string(value);
    case SCHEMA_NUMBER:
        return json_is_integer(value);
    case SCHEMA_BOOLEAN:
        return json_is_boolean(value);
    case SCHEMA_TEXTS:
    case SCHEMA_OBJECTS:
        return json_is_array(value);
    case SCHEMA_OBJECT:
        return json_is_object(value);
    case SCHEMA_ANY:
        return json_is_object(value) || json_is_string(value);
    }
    return false;
}

bool schema_check_member(const struct schema_member *member, const char *name,
    json_t *value, struct problem_field *blame, struct failure *why)
{
    if (json_is_null(value) && (member->flags & SCHEMA_NULLABLE) != 0)
        return true;
    if (!has_kind(member->kind, value))
        return blame_type(member->kind, name, value, blame, why);
    switch (member->kind) {
    case SCHEMA_TEXT:
        return check_text(member, name, json_string_value(value), blame, why);
    case SCHEMA_NUMBER:
        return check_number(
            member, name, json_integer_value(value), blame, why);
    case SCHEMA_TEXTS:
    case SCHEMA_OBJECTS:
        return check_items(member, name, value, blame, why);
    case SCHEMA_OBJECT:
        return check_members(member->of, name, value, blame, why);
    case SCHEMA_BOOLEAN:
    case SCHEMA_ANY:
        break;
    }
    return true;
}

/* --- objects ------------------------------------------------------------- */

static void join(
    char path[static NAME_ROOM], const char *prefix, const char *name)
{
    (void)snprintf(path, NAME_ROOM, "%.120s%s%.70s", prefix,
        prefix[0] == '\0' ? "" : "/", name);
}

static bool has_member(const struct schema *schema, const char *name)
{
    for (const struct schema_member *member = schema->members;
         member->name != NULL; member++) {
        if (strcmp(member->name, name) == 0)
            return true;
    }
    return false;
}

static bool blame_unknown(const struct schema *schema, const char *field,
    struct problem_field *blame, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("members", 1024);
    const char *allowed = "";
    struct failure full = {0};

    for (const struct schema_member *member = schema->members;
         member->name != NULL; member++) {
        if (!buffer_print(&list, &full, "%s%s", list.length == 0 ? "" : ", ",
                member->name))
            break;
    }
    if (list.length == 0 || !buffer_as_text(&list, &allowed, &full))
        allowed = "no member at all";
    return blame_field(blame, why, field, "unknown-member",
        "a name that the interface does not have", allowed);
}

static bool refuse_unknown(const struct schema *schema, const char *prefix,
    json_t *value, struct problem_field *blame, struct failure *why)
{
    const char *name = NULL;
    json_t *ignored = NULL;

    json_object_foreach(value, name, ignored)
    {
        char path[NAME_ROOM];

        join(path, prefix, name);
        if (!has_member(schema, name))
            return blame_unknown(schema, path, blame, why);
    }
    return true;
}

static bool check_members(const struct schema *schema, const char *prefix,
    json_t *value, struct problem_field *blame, struct failure *why)
{
    if (!refuse_unknown(schema, prefix, value, blame, why))
        return false;
    for (const struct schema_member *member = schema->members;
         member->name != NULL; member++) {
        json_t *found = json_object_get(value, member->name);
        char path[NAME_ROOM];

        join(path, prefix, member->name);
        if (found == NULL && (member->flags & SCHEMA_REQUIRED) != 0)
            return blame_field(blame, why, path, "missing", "not there",
                type_allowed(member->kind));
        if (found != NULL &&
            !schema_check_member(member, path, found, blame, why))
            return false;
    }
    return true;
}

bool schema_check(const struct schema *schema, json_t *value,
    struct problem_field *blame, struct failure *why)
{
    if (!json_is_object(value))
        return blame_type(SCHEMA_OBJECT, "", value, blame, why);
    return check_members(schema, "", value, blame, why);
}
