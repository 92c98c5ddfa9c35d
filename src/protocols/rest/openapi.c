#include <stdio.h>
#include <string.h>

#include "authority/caller.h"
#include "protocols/rest/certificates.h"
#include "protocols/rest/schemas.h"

/*
 * The OpenAPI document (3.1), from the table of operations.  json_pack and what
 * is set into objects take NULL for a want of memory and pass it on; who asked
 * gets it as one failure at the end.
 */

static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value);
}

/* --- parameters ---------------------------------------------------------- */

static json_t *parameter(
    const char *name, const char *where, json_t *schema, const char *tells)
{
    return json_pack("{s:s,s:s,s:b,s:o,s:s*}", "name", name, "in", where,
        "required", strcmp(where, "path") == 0, "schema", schema, "description",
        tells);
}

static void add_path_parameter(json_t *array, const char *path)
{
    static const struct schema_member text = {.least = 1, .most = 255};
    const char *start = strchr(path, '{');
    char name[32];

    if (start == NULL)
        return;
    (void)snprintf(
        name, sizeof(name), "%.*s", (int)strcspn(start + 1, "}"), start + 1);
    (void)json_array_append_new(
        array, parameter(name, "path", schema_member_to_json(&text), NULL));
}

static json_t *parameters_of(const struct operation *row)
{
    static const struct schema_member key = {.least = 1, .most = 255};
    json_t *array = json_array();

    add_path_parameter(array, row->path);
    for (const struct schema_member *member = row->query;
         member != NULL && member->name != NULL; member++)
        (void)json_array_append_new(
            array, parameter(member->name, "query",
                       schema_member_to_json(member), NULL));
    if ((row->flags & TAKES_IDEMPOTENCY_KEY) != 0)
        (void)json_array_append_new(array,
            parameter("Idempotency-Key", "header", schema_member_to_json(&key),
                "The same request with the same key gets the same answer; "
                "another one is refused with 409"));
    return array;
}

/* --- bodies and answers -------------------------------------------------- */

static json_t *content_of(const char *type, const char *schema)
{
    char path[120];

    (void)snprintf(path, sizeof(path), "#/components/schemas/%s", schema);
    return json_pack("{s:{s:{s:s}}}", type, "schema", "$ref", path);
}

static json_t *body_of(const struct operation *row)
{
    return json_pack("{s:b,s:o}", "required",
        (row->flags & BODY_IS_NEEDED) != 0, "content",
        content_of("application/json", row->body->name));
}

static json_t *answer_of(
    const struct operation *row, const struct operation_answer *answer)
{
    json_t *content = content_of("application/json", answer->schema->name);
    json_t *value = json_pack(
        "{s:s,s:o}", "description", answer->tells, "content", content);

    for (size_t i = FORM_CHAIN;
         (row->flags & GIVES_CERTIFICATE) != 0 && i < REST_FORMS; i++)
        set(content, rest_form_types[i], json_object());
    if (answer->status == 201 || answer->status == 202)
        set(value, "headers",
            json_pack("{s:{s:s,s:{s:s}}}", "Location", "description",
                "Where it is", "schema", "type", "string"));
    return value;
}

static bool can_be(const struct operation *row, int status)
{
    switch (status) {
    case 404:
        return true;
    case 406:
        return (row->flags & GIVES_CERTIFICATE) != 0;
    case 409:
        return row->method == EXCHANGE_POST ||
               strstr(row->path, "{serial}") != NULL;
    case 413:
    case 415:
    case 422:
        return row->method == EXCHANGE_POST;
    default:
        return true;
    }
}

static json_t *answers_of(const struct operation *row)
{
    static const int refusals[] = {
        400, 401, 403, 404, 406, 409, 413, 415, 422, 503};
    json_t *value = json_object();
    char status[12];

    for (size_t i = 0; i < OPERATION_ANSWERS_MAX && row->answers[i].status != 0;
         i++) {
        (void)snprintf(status, sizeof(status), "%u", row->answers[i].status);
        set(value, status, answer_of(row, &row->answers[i]));
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        (void)snprintf(status, sizeof(status), "%d", refusals[i]);
        if (can_be(row, refusals[i]))
            set(value, status,
                json_pack("{s:s}", "$ref", "#/components/responses/Problem"));
    }
    return value;
}

/* --- operations ---------------------------------------------------------- */

static json_t *roles_of(const struct operation *row)
{
    json_t *array = json_array();

    for (int role = ROLE_ADMINISTRATOR; role <= ROLE_AUDITOR; role++) {
        if ((row->roles & ROLE_BIT(role)) != 0)
            (void)json_array_append_new(
                array, json_string(role_name((enum enrolment_role)role)));
    }
    return array;
}

static json_t *security_of(const struct operation *row)
{
    json_t *array = json_pack("[{s:[]},{s:[]}]", "token", "certificate");

    if (row->askers == ASKED_BY_ANYONE)
        (void)json_array_append_new(array, json_object());
    return array;
}

static json_t *operation_to_json(const struct operation *row)
{
    json_t *value = json_pack("{s:s,s:s,s:o,s:o,s:o}", "operationId", row->id,
        "summary", row->tells, "parameters", parameters_of(row), "responses",
        answers_of(row), "security", security_of(row));

    if (row->body != NULL)
        set(value, "requestBody", body_of(row));
    if (row->askers == ASKED_BY_ROLES)
        set(value, "x-roles", roles_of(row));
    return value;
}

static json_t *paths(void)
{
    json_t *value = json_object();

    for (const struct operation *row = operations(); row->path != NULL; row++) {
        json_t *path = json_object_get(value, row->path);

        if (path == NULL) {
            path = json_object();
            set(value, row->path, path);
        }
        set(path, row->method == EXCHANGE_GET ? "get" : "post",
            operation_to_json(row));
    }
    return value;
}

/* --- the document -------------------------------------------------------- */

static json_t *schemas(void)
{
    json_t *value = json_object();

    for (size_t i = 0; schemas_all[i] != NULL; i++)
        set(value, schemas_all[i]->name, schema_to_json(schemas_all[i]));
    return value;
}

static json_t *security_schemes(void)
{
    return json_pack("{s:{s:s,s:s,s:s},s:{s:s,s:s}}", "token", "type", "http",
        "scheme", "bearer", "description",
        "A token, as `chancery token create` makes it", "certificate", "type",
        "mutualTLS", "description",
        "The certificate of a person with a role, at a listener that asks for "
        "one");
}

static json_t *components(void)
{
    return json_pack("{s:o,s:{s:{s:s,s:o}},s:o}", "schemas", schemas(),
        "responses", "Problem", "description",
        "A refusal; 503 says when to try again with Retry-After", "content",
        content_of(PROBLEM_TYPE, "Problem"), "securitySchemes",
        security_schemes());
}

static json_t *document(void)
{
    return json_pack("{s:s,s:{s:s,s:s,s:s},s:[{s:s}],s:o,s:o}", "openapi",
        "3.1.0", "info", "title", "Chancery", "version", CHANCERY_VERSION,
        "description",
        "Certificates of this authority. Keys of objects are those of the "
        "commands' --json. Times are RFC 3339 in UTC, serials hexadecimal.",
        "servers", "url", REST_ROOT, "paths", paths(), "components",
        components());
}

bool rest_document(struct exchange *exchange, struct failure *why)
{
    SCOPED(json_t) *value = document();

    if (value == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return exchange_answer_json(exchange, 200, "application/json", value, why);
}
