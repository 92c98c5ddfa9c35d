#include <stdio.h>
#include <string.h>

#include "protocols/rest/schema.h"

/* Schemas as the OpenAPI document tells them: JSON Schema, 2020-12. */

static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value);
}

static json_t *words_to_json(const char *const *words)
{
    json_t *array = json_array();

    for (size_t i = 0; words[i] != NULL; i++)
        (void)json_array_append_new(array, json_string(words[i]));
    return array;
}

static json_t *reference(const struct schema *schema)
{
    char path[120];

    (void)snprintf(path, sizeof(path), "#/components/schemas/%s", schema->name);
    return json_pack("{s:s}", "$ref", path);
}

static json_t *text_to_json(const struct schema_member *member)
{
    json_t *value = json_pack("{s:s}", "type", "string");

    if (member->least != 0)
        set(value, "minLength", json_integer(member->least));
    if (member->most != 0)
        set(value, "maxLength", json_integer(member->most));
    if (member->format != NULL)
        set(value, "format", json_string(member->format));
    if (member->words != NULL)
        set(value, "enum", words_to_json(member->words));
    return value;
}

static json_t *number_to_json(const struct schema_member *member)
{
    json_t *value = json_pack("{s:s}", "type", "integer");

    if (member->least != 0 || member->most != 0) {
        set(value, "minimum", json_integer(member->least));
        set(value, "maximum", json_integer(member->most));
    }
    return value;
}

static json_t *array_to_json(const struct schema_member *member, json_t *items)
{
    json_t *value = json_pack("{s:s,s:o}", "type", "array", "items", items);

    if (member->items_most != 0)
        set(value, "maxItems", json_integer(member->items_most));
    return value;
}

static json_t *kind_to_json(const struct schema_member *member)
{
    switch (member->kind) {
    case SCHEMA_TEXT:
        return text_to_json(member);
    case SCHEMA_NUMBER:
        return number_to_json(member);
    case SCHEMA_BOOLEAN:
        return json_pack("{s:s}", "type", "boolean");
    case SCHEMA_TEXTS:
        return array_to_json(member, text_to_json(member));
    case SCHEMA_OBJECT:
        return reference(member->of);
    case SCHEMA_OBJECTS:
        return array_to_json(member, reference(member->of));
    case SCHEMA_ANY:
        break;
    }
    return json_pack("{s:[s,s]}", "type", "object", "string");
}

/* An enumeration would not take null beside its words. */
static json_t *or_null(json_t *value)
{
    return json_pack("{s:[o,{s:s}]}", "anyOf", value, "type", "null");
}

json_t *schema_member_to_json(const struct schema_member *member)
{
    json_t *value = kind_to_json(member);

    if ((member->flags & SCHEMA_NULLABLE) != 0)
        value = or_null(value);
    if (member->tells != NULL)
        set(value, "description", json_string(member->tells));
    return value;
}

json_t *schema_to_json(const struct schema *schema)
{
    json_t *properties = json_object();
    json_t *required = json_array();

    for (const struct schema_member *member = schema->members;
         member->name != NULL; member++) {
        set(properties, member->name, schema_member_to_json(member));
        if ((member->flags & SCHEMA_REQUIRED) != 0)
            (void)json_array_append_new(required, json_string(member->name));
    }
    return json_pack("{s:s,s:s,s:o,s:o,s:b}", "type", "object", "description",
        schema->tells, "properties", properties, "required", required,
        "additionalProperties", 0);
}
