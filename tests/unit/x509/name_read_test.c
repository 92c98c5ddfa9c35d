#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509.h>

#include "support/name_assertions.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

/* text is read, printed as expected, and what was printed is the same name. */
static void assert_reads_as(const char *text, const char *expected)
{
    RELEASED(buffer) name = NAME_BUFFER();
    RELEASED(buffer) again = NAME_BUFFER();

    assert_read(text, &name);
    assert_printed(buffer_view(&name), expected);
    assert_read(expected, &again);
    assert_true(bytes_equal(buffer_view(&name), buffer_view(&again)));
}

static void a_name_is_written_most_general_first(void **state)
{
    RELEASED(buffer) name = NAME_BUFFER();

    (void)state;
    assert_read("CN=a,O=b", &name);
    assert_true(bytes_equal(buffer_view(&name),
        BYTES(0x30, 0x18, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x0a,
            0x0c, 0x01, 'b', 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04,
            0x03, 0x0c, 0x01, 'a')));
}

static void rfc_4514_texts_are_read_and_printed(void **state)
{
    static const char *const rows[][2] = {
        {"UID=jsmith,DC=example,DC=net", "UID=jsmith,DC=example,DC=net"},
        {"CN=J.  Smith+OU=Sales,DC=example,DC=net",
            "OU=Sales+CN=J.  Smith,DC=example,DC=net"},
        {"CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
            "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net"},
        {"CN=Before\\0dAfter,DC=example", "CN=Before\\0dAfter,DC=example"},
        {"1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=#04024869"},
        {"CN=Lu\\C4\\8Di\\C4\\87", "CN=Lu\xc4\x8di\xc4\x87"},
        {"", ""},
        {"   ", ""},
        {"CN=", "CN="},
        {"CN=a=b", "CN=a=b"},
        {"cn = a , o = b", "CN=a,O=b"},
        {"CN=a ;O=b", "CN=a,O=b"},
        {"CN=\\ a\\ ", "CN=\\ a\\ "},
        {"CN=\\ ", "CN=\\ "},
        {"CN=  \\20 ", "CN=\\ "},
        {"CN=\\#a#", "CN=\\#a#"},
        {"CN=\\\\\\+\\;\\<\\>", "CN=\\\\\\+\\;\\<\\>"},
        {"CN=\"a, \\\"b\\\" \",O=\" c\"", "CN=a\\, \\\"b\\\"\\ ,O=\\ c"},
        {"CN=\"\" , O=b", "CN=,O=b"},
        {"CN=AT&T/x", "CN=AT&T/x"},
        {"CN=a\\7f\\1f", "CN=a\\7f\\1f"},
        {"2.5.4.3=a", "CN=a"},
        {"OID.2.5.4.3=a", "CN=a"},
        {"commonName=a", "CN=a"},
        {"1.2.3=abc", "1.2.3=#0c03616263"},
        {"2.5.29.15=abc", "2.5.29.15=#0c03616263"},
        {"CN=#0500", "CN=#0500"},
        {"CN=#0c0161", "CN=a"},
        {"1.2.3=#130161", "1.2.3=#130161"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_reads_as(rows[i][0], rows[i][1]);
}

static void openssl_texts_are_read_in_their_order(void **state)
{
    static const char *const rows[][2] = {
        {"/", ""},
        {"/O=b/CN=a", "CN=a,O=b"},
        {"/O=b/OU=c+CN=a/L=d", "L=d,CN=a+OU=c,O=b"},
        {"/CN=a\\/b", "CN=a/b"},
        {"/CN=a\\+b\\\\c", "CN=a\\+b\\\\c"},
        {"/CN=Acme, \"Inc.\" <x>;/O=b",
            "O=b,CN=Acme\\, \\\"Inc.\\\" \\<x\\>\\;"},
        {"/CN= a ", "CN=\\ a\\ "},
        {"/CN=#0500", "CN=\\#0500"},
        {"/CN=", "CN="},
        {"/CN=a\\41", "CN=a41"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_reads_as(rows[i][0], rows[i][1]);
}

static void texts_that_are_no_name_are_refused_with_the_character(void **state)
{
    static const char *const rows[][2] = {
        {"CN", "name, character 1: TYPE=value is wanted; a comma in a value is "
               "written \\,"},
        {"CN=a,", "name, character 6: TYPE=value is wanted; a comma in a value "
                  "is written \\,"},
        {"O=Acme, Inc.", "name, character 9: TYPE=value is wanted; a comma in "
                         "a value is written \\,"},
        {"O=\xc3\xa4\xc3\xb6,x", "name, character 6: TYPE=value is wanted; a "
                                 "comma in a value is written \\,"},
        {"=a", "name, character 1: TYPE=value is wanted; a comma in a value is "
               "written \\,"},
        {"/CN=a/b", "name, character 7: TYPE=value is wanted; a slash in a "
                    "value is written \\/"},
        {"/CN=a/", "name, character 7: TYPE=value is wanted; a slash in a "
                   "value is written \\/"},
        {"XY=a", "name, character 1: \"XY\" is no attribute of a name; others "
                 "are written by number, as 1.2.3="},
        {"keyUsage=a",
            "name, character 1: \"keyUsage\" is no attribute of a name; others "
            "are written by number, as 1.2.3="},
        {"CN=a,1.x=b", "name, character 6: \"1.x\" is no object identifier: "
                       "wanted are numbers joined by dots"},
        {"CN=a\"b", "name, character 5: a quote, < or > in a value is written "
                    "with a backslash"},
        {"CN=\"a", "name, character 4: this quote is never closed"},
        {"CN=\"a\"b", "name, character 7: a comma or plus is wanted behind a "
                      "value"},
        {"CN=a\\",
            "name, character 5: a backslash stands before one of ,+\"\\<>;#= "
            "or a space, or before two hexadecimal digits"},
        {"CN=a\\4",
            "name, character 5: a backslash stands before one of ,+\"\\<>;#= "
            "or a space, or before two hexadecimal digits"},
        {"CN=\\ff", "name, character 4: the value is not UTF-8"},
        {"CN=#", "name, character 4: an element is cut off at offset 0"},
        {"CN=#0c0", "name, character 4: half a byte ends this hexadecimal "
                    "value"},
        {"CN=#0c01", "name, character 4: an element reaches beyond its end at "
                     "offset 2"},
        {"CN=#050000", "name, character 4: bytes are left over after the "
                       "value at offset 2"},
        {"CN=#0c01ff", "name, character 4: a UTF8String is not UTF-8"},
        {"CN=#0500x", "name, character 9: a comma or plus is wanted behind a "
                      "value"},
        {"DC=\xc3\xa4", "name, character 4: DC takes ASCII alone; write a "
                        "domain as its A-label (xn--)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) name = NAME_BUFFER();
        struct failure why = {0};

        assert_false(name_read(rows[i][0], &name, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, rows[i][1]);
        assert_int_equal(name.length, 0);
    }
}

static void texts_beyond_their_limits_are_refused(void **state)
{
    RELEASED(buffer) text = NAME_BUFFER();
    RELEASED(buffer) name = NAME_BUFFER();
    const char *whole = NULL;
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < NAME_DRAFT_ATTRIBUTES_MAX; i++)
        assert_true(buffer_append_text(&text, i == 0 ? "O=a" : ",O=a", &why));
    assert_true(buffer_as_text(&text, &whole, &why));
    assert_read(whole, &name);
    buffer_clear(&name);
    assert_true(buffer_append_text(&text, ",O=a", &why));
    assert_true(buffer_as_text(&text, &whole, &why));
    assert_false(name_read(whole, &name, &why));
    assert_string_equal(why.reason,
        "name, character 1027: a name has more than 256 attributes");

    buffer_clear(&text);
    assert_true(buffer_append_text(&text, "CN=", &why));
    while (text.length <= NAME_TEXT_MAX)
        assert_true(buffer_append_byte(&text, 'x', &why));
    assert_true(buffer_as_text(&text, &whole, &why));
    assert_false(name_read(whole, &name, &why));
    assert_string_equal(
        why.reason, "a name of more than 65536 bytes is refused");
    text.length--;
    assert_true(buffer_as_text(&text, &whole, &why));
    assert_read(whole, &name);
}

/* The tags of the attributes of what text is read as, in their order. */
static void assert_tags(const char *text, const uint8_t *tags, size_t count)
{
    RELEASED(buffer) name = NAME_BUFFER();
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure why = {0};

    assert_read(text, &name);
    assert_true(name_walk_start(buffer_view(&name), &walk, &why));
    for (size_t i = 0; i < count; i++) {
        assert_true(name_walk_next(&walk, &attribute, &why));
        assert_int_equal(attribute.tag, tags[i]);
    }
    assert_true(name_walk_at_end(&walk));
}

static void types_choose_their_string(void **state)
{
    static const uint8_t printable[] = {DER_PRINTABLE_STRING,
        DER_PRINTABLE_STRING, DER_PRINTABLE_STRING, DER_PRINTABLE_STRING};
    static const uint8_t ascii[] = {DER_IA5_STRING, DER_IA5_STRING};
    static const uint8_t unicode[] = {
        DER_UTF8_STRING, DER_UTF8_STRING, DER_UTF8_STRING};

    (void)state;
    assert_tags("/C=DE/serialNumber=a-1/dnQualifier=x y/jurisdictionC=DE",
        printable, 4);
    assert_tags("/DC=example/emailAddress=a@b", ascii, 2);
    assert_tags("/CN=a/C=D_/serialNumber=a\\*", unicode, 3);
}

static void kb038_no_bmp_string_is_ever_written(void **state)
{
    static const char *const texts[] = {"/CN=AT&T", "/CN=\xe2\x82\xac",
        "/O=\xf0\x9f\x98\x80", "CN=#1e0420ac0041", "CN=#1c0400000041",
        "CN=#1401e9", "1.2.3=#1e020041"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_tags(texts[i], (const uint8_t[]){DER_UTF8_STRING}, 1);
}

static void multi_valued_names_are_put_in_der_order(void **state)
{
    RELEASED(buffer) one = NAME_BUFFER();
    RELEASED(buffer) other = NAME_BUFFER();

    (void)state;
    assert_read("OU=long name+CN=b+CN=a,O=x", &one);
    assert_read("CN=a+CN=b+OU=long name,O=x", &other);
    assert_true(bytes_equal(buffer_view(&one), buffer_view(&other)));
    assert_printed(buffer_view(&one), "CN=a+CN=b+OU=long name,O=x");
}

static void openssl_reads_what_was_written(void **state)
{
    static const char expected[] =
        "CN=Caf\xc3\xa9 \\, \\\"x\\\"+OU=b,O=AT&T,C=DE";
    RELEASED(buffer) name = NAME_BUFFER();

    (void)state;
    assert_read(expected, &name);
    const uint8_t *place = name.start;
    X509_NAME *theirs = d2i_X509_NAME(NULL, &place, (long)name.length);
    assert_non_null(theirs);
    uint8_t *again = NULL;
    int length = i2d_X509_NAME(theirs, &again);
    assert_int_equal(length, name.length);
    assert_memory_equal(again, name.start, name.length);

    BIO *text = BIO_new(BIO_s_mem());
    char *printed = NULL;
    assert_true(X509_NAME_print_ex(text, theirs, 0,
                    XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) > 0);
    long printed_length = BIO_get_mem_data(text, &printed);
    assert_int_equal(printed_length, strlen(expected));
    assert_memory_equal(printed, expected, strlen(expected));
    BIO_free(text);
    OPENSSL_free(again);
    X509_NAME_free(theirs);
}

static void the_empty_name_is_two_bytes(void **state)
{
    RELEASED(buffer) name = NAME_BUFFER();

    (void)state;
    assert_read("", &name);
    assert_true(bytes_equal(buffer_view(&name), BYTES(0x30, 0x00)));
    assert_true(name_is_empty(buffer_view(&name)));
    assert_false(name_is_empty(BYTES(0x30, 0x01, 0x00)));
}

static void a_common_name_is_taken_as_it_is(void **state)
{
    RELEASED(buffer) name = NAME_BUFFER();
    struct failure why = {0};

    (void)state;
    assert_true(name_of_common_name("/O=x, \"y\" ", &name, &why));
    assert_printed(buffer_view(&name), "CN=/O=x\\, \\\"y\\\"\\ ");
    assert_false(name_of_common_name("", &name, &why));
    assert_string_equal(why.reason, "a common name needs a character");
    assert_false(name_of_common_name("\xff", &name, &why));
    assert_string_equal(why.reason, "the value is not UTF-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_written_most_general_first),
        cmocka_unit_test(rfc_4514_texts_are_read_and_printed),
        cmocka_unit_test(openssl_texts_are_read_in_their_order),
        cmocka_unit_test(texts_that_are_no_name_are_refused_with_the_character),
        cmocka_unit_test(texts_beyond_their_limits_are_refused),
        cmocka_unit_test(types_choose_their_string),
        cmocka_unit_test(kb038_no_bmp_string_is_ever_written),
        cmocka_unit_test(multi_valued_names_are_put_in_der_order),
        cmocka_unit_test(openssl_reads_what_was_written),
        cmocka_unit_test(the_empty_name_is_two_bytes),
        cmocka_unit_test(a_common_name_is_taken_as_it_is),
    };

    return cmocka_run_group_tests_name("name read", tests, NULL, NULL);
}
