#include "rest_fixture.h"

/* The document is whole: what it names is there, and it tells of every
 * operation. */

static json_t *read_document(struct fixture *fixture)
{
    struct exchange *exchange = &fixture->exchange;
    json_t *document = NULL;

    forget_answer(fixture);
    *exchange =
        (struct exchange){.method = EXCHANGE_GET, .path = "/api/openapi.json"};
    assert_done(rest_document(exchange, &fixture->why), &fixture->why);
    assert_int_equal(exchange->status, 200);
    assert_string_equal(exchange->answer_type, "application/json");
    assert_done(json_read(buffer_view(&exchange->answer), "document", &document,
                    &fixture->why),
        &fixture->why);
    return document;
}

/* What "#/a/b" points at. */
static const json_t *follow(const json_t *document, const char *reference)
{
    char copy[200], *rest = copy, *piece;

    assert_memory_equal(reference, "#/", 2);
    (void)snprintf(copy, sizeof(copy), "%s", reference + 2);
    while (document != NULL && (piece = strsep(&rest, "/")) != NULL)
        document = json_object_get(document, piece);
    return document;
}

static size_t check_references(const json_t *document, json_t *value)
{
    const char *name = NULL;
    json_t *member = NULL;
    size_t index = 0, found = 0;

    json_array_foreach(value, index, member)
    {
        found += check_references(document, member);
    }
    json_object_foreach(value, name, member)
    {
        if (strcmp(name, "$ref") == 0) {
            if (follow(document, json_string_value(member)) == NULL)
                fail_msg("%s is not there", json_string_value(member));
            found++;
        }
        found += check_references(document, member);
    }
    return found;
}

static void every_reference_points_at_something(void **state)
{
    struct fixture *fixture = *state;
    SCOPED(json_t) *document = read_document(fixture);

    assert_string_equal(
        json_string_value(json_object_get(document, "openapi")), "3.1.0");
    assert_true(check_references(document, document) > 150);
}

static void every_operation_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    SCOPED(json_t) *document = read_document(fixture);
    const json_t *paths = json_object_get(document, "paths");

    for (const struct operation *row = operations(); row->path != NULL; row++) {
        const json_t *told = json_object_get(json_object_get(paths, row->path),
            row->method == EXCHANGE_GET ? "get" : "post");
        const json_t *answers = json_object_get(told, "responses");

        assert_string_equal(
            json_string_value(json_object_get(told, "operationId")), row->id);
        assert_int_equal(json_object_get(told, "requestBody") != NULL,
            row->method == EXCHANGE_POST);
        assert_non_null(json_object_get(
            answers, row->answers[0].status == 201 ? "201" : "200"));
        assert_non_null(json_object_get(answers, "401"));
        assert_null(json_object_get(answers, "500"));
        for (const struct operation *other = operations(); other != row;
             other++)
            assert_string_not_equal(other->id, row->id);
    }
}

static bool is_listed(const struct schema *schema)
{
    for (size_t i = 0; schemas_all[i] != NULL; i++) {
        if (schemas_all[i] == schema)
            return true;
    }
    return false;
}

static void every_schema_of_a_row_is_among_the_components(void **state)
{
    (void)state;
    for (const struct operation *row = operations(); row->path != NULL; row++) {
        assert_true(row->body == NULL || is_listed(row->body));
        for (size_t i = 0;
             i < OPERATION_ANSWERS_MAX && row->answers[i].status != 0; i++)
            assert_true(is_listed(row->answers[i].schema));
    }
    for (size_t i = 0; schemas_all[i] != NULL; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(schemas_all[i]->name, schemas_all[j]->name);
    }
}

/* DESIGN.md 7: not over REST, by any name. */
static void what_rest_must_not_do_is_not_in_it(void **state)
{
    static const char *const never[] = {"init", "key", "export", "import",
        "passphrase", "backup", "restore", "rollover", "install", "admin",
        "trust", "deploy", "unlock", "token", "account"};
    char path[200];

    (void)state;
    for (const struct operation *row = operations(); row->path != NULL; row++) {
        (void)snprintf(path, sizeof(path), "%s ", row->path);
        for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
            if (strstr(path, never[i]) != NULL)
                fail_msg("%s", row->path);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(every_reference_points_at_something),
        on_a_store(every_operation_is_told_once),
        cmocka_unit_test(every_schema_of_a_row_is_among_the_components),
        cmocka_unit_test(what_rest_must_not_do_is_not_in_it),
    };

    return cmocka_run_group_tests_name("openapi", tests, NULL, NULL);
}
