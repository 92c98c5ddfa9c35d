#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "authority/query.h"

static void assert_read(const char *text, struct query *query)
{
    struct failure why = {0};

    if (!query_read(text, query, &why))
        fail_msg("%s: %s", text, why.reason);
}

static void assert_refused(const char *text, const char *reason)
{
    struct query query;
    struct failure why = {0};

    assert_false(query_read(text, &query, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
}

static void every_field_is_read(void **state)
{
    static const struct {
        const char *text;
        enum query_field field;
        const char *value;
    } cases[] = {
        {"profile=server", QUERY_PROFILE, "server"},
        {"name=*.example.org", QUERY_NAME, "*.example.org"},
        {"actor=uid:0", QUERY_ACTOR, "uid:0"},
        {"approver=\"Bob Smith\"", QUERY_APPROVER, "Bob Smith"},
        {"authority=issuing", QUERY_AUTHORITY, "issuing"},
        {"serial=0x00:AB:12", QUERY_SERIAL, "AB12"},
        {"serial=0*", QUERY_SERIAL, "0*"},
        {"status=held", QUERY_STATUS, "held"},
        {"  Profile  =  server  ", QUERY_PROFILE, "server"},
    };
    struct query query;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_read(cases[i].text, &query);
        assert_int_equal(query.count, 1);
        assert_int_equal(query.terms[0].field, cases[i].field);
        assert_string_equal(query.terms[0].text, cases[i].value);
        assert_false(query.terms[0].is_not);
    }
}

static void terms_are_joined_by_and(void **state)
{
    struct query query;

    (void)state;
    assert_read("profile!=server AND issued>=2026-01-01\nand name=a", &query);
    assert_int_equal(query.count, 3);
    assert_true(query.terms[0].is_not);
    assert_int_equal(query.terms[1].field, QUERY_ISSUED);
    assert_string_equal(query.terms[2].text, "a");
}

/* 2026-01-01 begins at 1767225600. */
static void a_day_stands_for_all_its_seconds(void **state)
{
    static const struct {
        const char *text;
        int64_t from, until;
    } cases[] = {
        {"issued=2026-01-01", 1767225600, 1767311999},
        {"issued>=2026-01-01", 1767225600, INT64_MAX},
        {"issued>2026-01-01", 1767312000, INT64_MAX},
        {"issued<=2026-01-01", INT64_MIN, 1767311999},
        {"issued<2026-01-01", INT64_MIN, 1767225599},
        {"not-after<2026-01-01T00:00:01Z", INT64_MIN, 1767225600},
        {"not-after>1767225600", 1767225601, INT64_MAX},
    };
    struct query query;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_read(cases[i].text, &query);
        assert_true(query.terms[0].from == cases[i].from);
        assert_true(query.terms[0].until == cases[i].until);
    }
}

#define KNOWN                                                                \
    "profile, name, actor, approver, authority, serial, status, issued and " \
    "not-after"

static void what_is_wrong_is_named_with_its_column(void **state)
{
    (void)state;
    assert_refused(
        "", "the query, column 1: a field is missing; there are " KNOWN);
    assert_refused(
        "=server", "the query, column 1: a field is missing; there are " KNOWN);
    assert_refused("profil=server",
        "the query, column 1: there are the fields " KNOWN ", not \"profil\"");
    assert_refused("profile=server and",
        "the query, column 16: terms are joined by \"and\"");
    assert_refused("profile=server and ",
        "the query, column 20: a field is missing; there are " KNOWN);
    assert_refused("profile=server or name=a",
        "the query, column 16: terms are joined by \"and\"");
    assert_refused("profile", "the query, column 8: =, !=, <, <=, > or >= is "
                              "missing");
    assert_refused("profile=", "the query, column 9: a value is missing");
    assert_refused("name=\"a", "the query, column 6: a quotation mark is not "
                               "closed");
    assert_refused("name=\"a\"b", "the query, column 9: a blank is missing "
                                  "behind a value");
    assert_refused("profile<server",
        "the query, column 1: this field takes = and !=, not \"<\"");
    assert_refused("issued!=2026-01-01",
        "the query, column 1: a time takes =, <, <=, > and >=, not \"!=\"");
    assert_refused("issued>yesterday",
        "the query, column 8: a time is a day (2026-01-31), RFC 3339 or "
        "seconds since 1970, not \"yesterday\"");
    assert_refused("name=a and issued>2026-02-30",
        "the query, column 19: a time is a day (2026-01-31), RFC 3339 or "
        "seconds since 1970, not \"2026-02-30\"");
    assert_refused("status=gone",
        "the query, column 8: a status is valid, expired, held or revoked, "
        "not \"gone\"");
    assert_refused(
        "name=a' OR 1=1--", "the query, column 9: terms are joined by \"and\"");
}

static void add_term(char *text, size_t room)
{
    size_t length = strlen(text);

    (void)snprintf(text + length, room - length, " and name=a");
}

static void a_query_is_bounded(void **state)
{
    char text[QUERY_TEXT_MAX + 200] = "name=a";
    struct query query;

    (void)state;
    for (int i = 1; i < QUERY_TERMS_MAX; i++)
        add_term(text, sizeof(text));
    assert_read(text, &query);
    assert_int_equal(query.count, QUERY_TERMS_MAX);
    add_term(text, sizeof(text));
    assert_refused(text, "the query, column 217: more than 20 terms");
    memset(text, 'a', QUERY_TEXT_MAX + 1);
    text[QUERY_TEXT_MAX + 1] = '\0';
    assert_refused(text, "the query has more than 2000 characters");
    memcpy(text, "name=", 5);
    text[5 + QUERY_VALUE_ROOM] = '\0';
    assert_refused(
        text, "the query, column 6: a value has more than 255 characters");
}

static bool matches(const char *pattern, const char *text)
{
    return query_matches(pattern, bytes_of_text(text));
}

static void a_star_stands_for_any_characters(void **state)
{
    (void)state;
    assert_true(matches("", ""));
    assert_true(matches("*", ""));
    assert_true(matches("a", "A"));
    assert_false(matches("a", "ab"));
    assert_false(matches("ab", "a"));
    assert_true(matches("*.Example.org", "www.EXAMPLE.org"));
    assert_true(matches("*.example.org", "*.example.org"));
    assert_false(matches("*.example.org", "example.org"));
    assert_true(matches("a*b*c", "aXbXbXc"));
    assert_false(matches("a*b*c", "aXbXbX"));
    assert_true(matches("**a**", "bab"));
}

static void a_hostile_pattern_takes_no_time(void **state)
{
    char text[5001];
    char pattern[QUERY_VALUE_ROOM] = "";

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (size_t i = 0; i + 3 < sizeof(pattern); i += 2)
        memcpy(pattern + i, "*a", 3);
    memcpy(pattern + strlen(pattern) - 1, "b", 2);
    assert_false(matches(pattern, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(terms_are_joined_by_and),
        cmocka_unit_test(a_day_stands_for_all_its_seconds),
        cmocka_unit_test(what_is_wrong_is_named_with_its_column),
        cmocka_unit_test(a_query_is_bounded),
        cmocka_unit_test(a_star_stands_for_any_characters),
        cmocka_unit_test(a_hostile_pattern_takes_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
