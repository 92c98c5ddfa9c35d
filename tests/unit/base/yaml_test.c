#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"

static struct yaml_document *read_yaml(const char *text)
{
    struct yaml_document *document = NULL;
    struct failure why = {0};

    if (!yaml_read(bytes_of_text(text), "chancery.yaml", &document, &why))
        fail_msg("%s", why.reason);
    return document;
}

static void assert_refused(const char *text, const char *reason)
{
    struct yaml_document *document = NULL;
    struct failure why = {0};

    assert_false(
        yaml_read(bytes_of_text(text), "chancery.yaml", &document, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_null(document);
}

static void a_tree_keeps_order_and_places(void **state)
{
    SCOPED_STRUCT(yaml_document) *document = read_yaml("name: Example\n"
                                                       "issuers:\n"
                                                       "  - root\n"
                                                       "  - \"issuing\"\n"
                                                       "limits: {days: 90}\n");
    const struct yaml_node *root = yaml_root(document);
    const struct yaml_node *issuers = yaml_find(root, "issuers");
    const struct yaml_node *days;

    (void)state;
    assert_int_equal(root->kind, YAML_MAPPING);
    assert_string_equal(root->first->key, "name");
    assert_string_equal(root->first->text, "Example");
    assert_false(root->first->quoted);
    assert_int_equal(issuers->kind, YAML_SEQUENCE);
    assert_null(issuers->first->key);
    assert_string_equal(issuers->first->text, "root");
    assert_string_equal(issuers->first->next->text, "issuing");
    assert_true(issuers->first->next->quoted);
    assert_null(issuers->first->next->next);
    days = yaml_find(yaml_find(root, "limits"), "days");
    assert_string_equal(days->text, "90");
    assert_int_equal(days->line, 5);
    assert_int_equal(days->column, 16);
    assert_null(yaml_find(root, "absent"));
    assert_null(yaml_find(issuers, "root"));
}

static void a_plain_value_is_a_text_and_nothing_else(void **state)
{
    const char *const texts[] = {"no", "1.10", "0x1f", "null", "2026-11-21"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        SCOPED_STRUCT(yaml_document) *document = read_yaml(texts[i]);

        assert_int_equal(yaml_root(document)->kind, YAML_TEXT);
        assert_string_equal(yaml_root(document)->text, texts[i]);
    }
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    SCOPED_STRUCT(yaml_document) *document = read_yaml("\xef\xbb\xbfname: x\n");

    (void)state;
    assert_non_null(yaml_find(yaml_root(document), "name"));
}

static void what_is_refused_is_named_with_line_and_column(void **state)
{
    const char *const refusals[][2] = {
        {"", "chancery.yaml, line 1, column 1: there is nothing in it"},
        {"# nothing\n",
            "chancery.yaml, line 1, column 1: there is nothing in it"},
        {"a: &x 1\n", "chancery.yaml, line 1, column 4: anchors (&name) are "
                      "not allowed here"},
        {"a: *x\n", "chancery.yaml, line 1, column 4: aliases (*name) are not "
                    "allowed here"},
        {"a:\n  b: !!int 1\n", "chancery.yaml, line 2, column 6: tags (!name) "
                               "are not allowed here"},
        {"&x a: 1\n", "chancery.yaml, line 1, column 1: anchors (&name) are "
                      "not allowed here"},
        {"a: ! {b: 1}\n", "chancery.yaml, line 1, column 4: tags (!name) are "
                          "not allowed here"},
        {"a: &y [1]\n", "chancery.yaml, line 1, column 4: anchors (&name) are "
                        "not allowed here"},
        {"a: 1\nb: 2\n\"a\": 3\n",
            "chancery.yaml, line 3, column 1: this key is there twice: a"},
        {"\"\\e[31m\": 1\n\"\\e[31m\": 2\n",
            "chancery.yaml, line 2, column 1: this key is there twice: "
            "\\u{1b}[31m"},
        {"? [a]\n: 1\n",
            "chancery.yaml, line 1, column 3: a key is not a text"},
        {"\"\": 1\n", "chancery.yaml, line 1, column 1: a key is empty"},
        {"a: \"x\\0y\"\n",
            "chancery.yaml, line 1, column 4: a text has a zero within"},
        {"a: 1\n---\nb: 2\n",
            "chancery.yaml, line 2, column 1: a second document starts"},
        {"a: 1\n  b: 2\n", "chancery.yaml, line 2, column 4: mapping values "
                           "are not allowed in this context"},
        {"a: 1\nb: \xff\n", "chancery.yaml, line 2, column 4: invalid leading "
                            "UTF-8 octet"},
        {"a: [1\n", "chancery.yaml, line 2, column 1: did not find expected "
                    "',' or ']'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        assert_refused(refusals[i][0], refusals[i][1]);
}

static void more_than_16_levels_are_refused(void **state)
{
    char text[40] = "";

    (void)state;
    memset(text, '[', 16);
    memset(text + 16, ']', 16);
    yaml_document_free(read_yaml(text));
    memset(text, '[', 17);
    memset(text + 17, ']', 17);
    assert_refused(
        text, "chancery.yaml, line 1, column 17: more than 16 levels");
}

static void more_than_10000_values_are_refused(void **state)
{
    RELEASED(buffer) text = BUFFER("a file", 100000);
    struct yaml_document *document = NULL;
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < 9999; i++)
        assert_true(buffer_append_text(&text, "- a\n", &why));
    assert_true(
        yaml_read(buffer_view(&text), "chancery.yaml", &document, &why));
    yaml_document_free(document);
    assert_true(buffer_append_text(&text, "- a\n", &why));
    assert_false(
        yaml_read(buffer_view(&text), "chancery.yaml", &document, &why));
    assert_string_equal(why.reason,
        "chancery.yaml, line 10000, column 3: more than 10000 values");
}

static void more_than_1_mib_is_refused(void **state)
{
    size_t length = (size_t)1024 * 1024 + 1;
    char *text = malloc(length);
    struct bytes bytes = {.start = (uint8_t *)text, .length = length};
    struct yaml_document *document = NULL;
    struct failure why = {0};

    (void)state;
    assert_non_null(text);
    memset(text, '\n', length);
    assert_false(yaml_read(bytes, "chancery.yaml", &document, &why));
    assert_string_equal(
        why.reason, "chancery.yaml is longer than 1048576 bytes");
    free(text);
}

static void a_complaint_of_the_reader_names_the_place(void **state)
{
    SCOPED_STRUCT(yaml_document) *document = read_yaml("a:\n  b: seven\n");
    const struct yaml_node *node =
        yaml_find(yaml_find(yaml_root(document), "a"), "b");
    struct failure why = {0};

    (void)state;
    assert_false(
        fail_at_yaml(&why, document, node, "\"%s\" is no number", node->text));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(
        why.reason, "chancery.yaml, line 2, column 6: \"seven\" is no number");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_keeps_order_and_places),
        cmocka_unit_test(a_plain_value_is_a_text_and_nothing_else),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(what_is_refused_is_named_with_line_and_column),
        cmocka_unit_test(more_than_16_levels_are_refused),
        cmocka_unit_test(more_than_10000_values_are_refused),
        cmocka_unit_test(more_than_1_mib_is_refused),
        cmocka_unit_test(a_complaint_of_the_reader_names_the_place),
    };

    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
