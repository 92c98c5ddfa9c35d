#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "x509/name_match.h"

static struct bytes name(const char *text)
{
    static uint8_t rooms[4][512];
    static size_t next = 0;
    RELEASED(buffer) made = BUFFER("name", 512);
    struct failure why = {0};
    uint8_t *room = rooms[next++ % 4];

    assert_true(name_read(text, &made, &why));
    memcpy(room, made.start, made.length);
    return (struct bytes){room, made.length};
}

/* CN=text in a string type of its own: 30 len 31 len 30 len 06 03 ... */
static struct bytes common_name(uint8_t tag, const char *text)
{
    static uint8_t rooms[4][64];
    static size_t next = 0;
    uint8_t *room = rooms[next++ % 4];
    uint8_t length = (uint8_t)strlen(text);
    const uint8_t head[] = {0x30, (uint8_t)(length + 11), 0x31,
        (uint8_t)(length + 9), 0x30, (uint8_t)(length + 7), 0x06, 0x03, 0x55,
        0x04, 0x03, tag, length};

    memcpy(room, head, sizeof(head));
    memcpy(room + sizeof(head), text, length);
    return (struct bytes){room, sizeof(head) + length};
}

static void assert_one_name(struct bytes a, struct bytes b)
{
    assert_true(name_matches(a, b));
    assert_true(name_matches(b, a));
    assert_true(name_hash(a, 7) == name_hash(b, 7));
}

static void names_that_match_have_one_hash(void **state)
{
    (void)state;
    assert_one_name(name("CN=Example  Authority,O=Acme"),
        name("CN= example authority ,O=ACME"));
    assert_one_name(common_name(DER_PRINTABLE_STRING, "  Ab  c "),
        common_name(DER_UTF8_STRING, "aB C"));
    assert_one_name(name(""), name(""));
    assert_true(name_hash(name("CN=a"), 7) != name_hash(name("CN=b"), 7));
    assert_true(name_hash(name("CN=a"), 7) != name_hash(name("CN=a"), 8));
}

static void other_types_orders_and_texts_are_other_names(void **state)
{
    (void)state;
    assert_false(name_matches(name("CN=a"), name("O=a")));
    assert_false(name_matches(name("CN=a,O=b"), name("O=b,CN=a")));
    assert_false(name_matches(name("CN=a,O=b"), name("CN=a+O=b")));
    assert_false(name_matches(name("CN=a"), name("CN=a,O=b")));
    assert_false(name_matches(name("CN=ab"), name("CN=a b")));
}

/* A BIT STRING (x500UniqueIdentifier) has no text to fold. */
static void a_value_that_is_no_text_is_compared_byte_for_byte(void **state)
{
    (void)state;
    assert_one_name(
        common_name(DER_BIT_STRING, "Ab"), common_name(DER_BIT_STRING, "Ab"));
    assert_false(name_matches(
        common_name(DER_BIT_STRING, "Ab"), common_name(DER_BIT_STRING, "ab")));
}

static void a_subtree_holds_the_names_that_begin_with_it(void **state)
{
    struct bytes subtree = name("O=acme,C=DE");

    (void)state;
    assert_true(name_is_within(name("CN=a,O=Acme,C=DE"), subtree));
    assert_true(name_is_within(subtree, subtree));
    assert_true(name_is_within(subtree, name("")));
    assert_false(name_is_within(name("C=DE"), subtree));
    assert_false(name_is_within(name("CN=a,O=other,C=DE"), subtree));
    assert_false(name_is_within(name("O=acme+OU=x,C=DE"), subtree));
    assert_false(name_is_within(name(""), subtree));
}

static void what_is_no_name_matches_only_its_own_bytes(void **state)
{
    const uint8_t broken[] = {0x31, 0x00}, other[] = {0x31, 0x01};

    (void)state;
    assert_true(
        name_matches((struct bytes){broken, 2}, (struct bytes){broken, 2}));
    assert_false(
        name_matches((struct bytes){broken, 2}, (struct bytes){other, 2}));
    assert_false(name_is_within((struct bytes){broken, 2}, name("")));
    assert_true(name_hash((struct bytes){broken, 2}, 1) !=
                name_hash((struct bytes){other, 2}, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_match_have_one_hash),
        cmocka_unit_test(other_types_orders_and_texts_are_other_names),
        cmocka_unit_test(a_value_that_is_no_text_is_compared_byte_for_byte),
        cmocka_unit_test(a_subtree_holds_the_names_that_begin_with_it),
        cmocka_unit_test(what_is_no_name_matches_only_its_own_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
