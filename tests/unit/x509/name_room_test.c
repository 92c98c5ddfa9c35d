#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "x509/general_name.h"
#include "x509/name.h"

/*
 * What is printed fits, or is refused by the name of its ceiling: each text is
 * made with every ceiling up to its own length, and only the last is enough.
 */

#define TEXT_MAX 1024

typedef bool print(
    struct bytes value, struct buffer *text, struct failure *why);

/* spare: bytes that are asked for beyond those that are written. */
static void assert_fits(print *prints, struct bytes value, size_t spare)
{
    RELEASED(buffer) whole = BUFFER("a text", TEXT_MAX);
    struct failure why = {0};
    bool has_fitted = false;

    if (!prints(value, &whole, &why))
        fail_msg("%s", why.reason);
    for (size_t ceiling = 0; ceiling <= whole.length + spare; ceiling++) {
        RELEASED(buffer) text = BUFFER("a text", ceiling);
        char reason[64];

        if (prints(value, &text, &why)) {
            assert_true(ceiling >= whole.length);
            assert_true(bytes_equal(buffer_view(&text), buffer_view(&whole)));
            has_fitted = true;
            continue;
        }
        assert_false(has_fitted);
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        (void)snprintf(reason, sizeof(reason),
            "a text is longer than its ceiling of %zu bytes", ceiling);
        assert_string_equal(why.reason, reason);
    }
    assert_true(has_fitted);
}

static void assert_fits_or_is_refused(print *prints, struct bytes value)
{
    assert_fits(prints, value, 0);
}

/* What is encoded backwards asks for room for the longest heads. */
#define SPARE 64

/* --- names -----------------------------------------------------------------
 */

static struct buffer name = {.ceiling = TEXT_MAX, .name = "a name"};

static struct bytes name_of(const char *text)
{
    struct failure why = {0};

    buffer_clear(&name);
    if (!name_read(text, &name, &why))
        fail_msg("%s", why.reason);
    return buffer_view(&name);
}

/* A Name of one attribute: cn in this string type. */
static struct bytes name_in(uint8_t tag, const char *value, uint8_t length)
{
    const uint8_t head[] = {0x30, (uint8_t)(length + 11), 0x31,
        (uint8_t)(length + 9), 0x30, (uint8_t)(length + 7), 0x06, 3, 0x55, 4, 3,
        tag, length};
    struct failure why = {0};

    buffer_clear(&name);
    assert_true(buffer_append(&name, (struct bytes){head, sizeof(head)}, &why));
    assert_true(buffer_append(
        &name, (struct bytes){(const uint8_t *)value, length}, &why));
    return buffer_view(&name);
}

static void a_name_fits_or_is_refused(void **state)
{
    const char *const texts[] = {"CN=a", "CN=a,O=b\\,c\\+d,C=DE",
        "CN=a+OU=b+O=c,1.2.3=#0c0141", "CN=\\20a\\20,O=\\#x",
        "CN=\\01\\7f,DC=example"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_fits_or_is_refused(name_print, name_of(texts[i]));
        assert_fits_or_is_refused(name_describe, name_of(texts[i]));
    }
}

static void a_value_that_is_no_text_fits_as_its_bytes_or_is_refused(
    void **state)
{
    (void)state;
    assert_fits_or_is_refused(name_print, name_in(0x0c, "\xff\xfe", 2));
    assert_fits_or_is_refused(name_describe, name_in(0x0c, "\xff\xfe", 2));
    assert_fits_or_is_refused(name_print, name_in(0x1e, "a", 1));
    assert_fits_or_is_refused(name_describe, name_in(0x04, "a", 1));
}

static void each_string_type_is_described_by_its_name(void **state)
{
    static const struct {
        uint8_t tag;
        const char *value;
        uint8_t length;
        const char *described;
    } rows[] = {
        {0x0c, "a", 1, "CN  UTF8String       \"a\"\n"},
        {0x12, "1", 1, "CN  NumericString    \"1\"\n"},
        {0x13, "a", 1, "CN  PrintableString  \"a\"\n"},
        {0x14, "\xe4", 1, "CN  TeletexString    \"\xc3\xa4\"\n"},
        {0x16, "a", 1, "CN  IA5String        \"a\"\n"},
        {0x1a, "a", 1, "CN  VisibleString    \"a\"\n"},
        {0x1c, "\0\0\0a", 4, "CN  UniversalString  \"a\"\n"},
        {0x1e, "\0a", 2, "CN  BMPString        \"a\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) text = BUFFER("a text", TEXT_MAX);
        struct failure why = {0};
        const char *described = NULL;

        assert_true(name_describe(
            name_in(rows[i].tag, rows[i].value, rows[i].length), &text, &why));
        assert_true(buffer_as_text(&text, &described, &why));
        assert_string_equal(described, rows[i].described);
    }
}

/* --- general names ---------------------------------------------------------
 */

static enum general_name_kind kind;

static bool print_general(
    struct bytes value, struct buffer *text, struct failure *why)
{
    const struct general_name general = {kind, value};

    return general_name_print(&general, text, why);
}

static bool append_general(
    struct bytes value, struct buffer *encoding, struct failure *why)
{
    const struct general_name general = {kind, value};

    return general_name_append(&general, encoding, why);
}

static void a_general_name_fits_or_is_refused(void **state)
{
    static const struct {
        enum general_name_kind kind;
        const char *value;
        size_t length;
    } rows[] = {
        {GENERAL_NAME_DNS, "example.org", 11},
        {GENERAL_NAME_EMAIL, "a@example.org", 13},
        {GENERAL_NAME_URI, "urn:\1", 5},
        {GENERAL_NAME_IP, "\xc0\0\2\1", 4},
        {GENERAL_NAME_IP, "\xc0\0\2\1\xff\xff\xff\0", 8},
        {GENERAL_NAME_IP, " \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16},
        {GENERAL_NAME_IP, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16},
        {GENERAL_NAME_IP, " \1\r\xb8\0\1\0\2\0\3\0\4\0\5\0\6", 16},
        {GENERAL_NAME_IP,
            " \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\0"
            "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0",
            32},
        {GENERAL_NAME_IP, "\1\2\3", 3},
        {GENERAL_NAME_OTHER, "\6\1\x2a\xa0\2\5\0", 7},
        {GENERAL_NAME_X400, "\5\0", 2},
        {GENERAL_NAME_EDI, "\5\0", 2},
        {GENERAL_NAME_REGISTERED_ID, "\x2a\3", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct bytes value = {(const uint8_t *)rows[i].value, rows[i].length};

        kind = rows[i].kind;
        assert_fits_or_is_refused(print_general, value);
        assert_fits(append_general, value, SPARE);
    }
    kind = GENERAL_NAME_DIRECTORY;
    assert_fits_or_is_refused(print_general, name_of("CN=a,O=b"));
    assert_fits(append_general, name_of("CN=a,O=b"), SPARE);
}

static void an_address_with_its_mask_is_printed_as_two(void **state)
{
    RELEASED(buffer) text = BUFFER("a text", TEXT_MAX);
    struct general_name range = {GENERAL_NAME_IP,
        {(const uint8_t *)" \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\0"
                          "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0",
            32}};
    struct failure why = {0};
    const char *printed = NULL;

    (void)state;
    assert_true(general_name_print(&range, &text, &why));
    assert_true(buffer_as_text(&text, &printed, &why));
    assert_string_equal(printed, "ip:2001:db8::/ffff:ffff::");
}

/* --- what is read ----------------------------------------------------------
 */

static bool read_name(
    struct bytes value, struct buffer *encoding, struct failure *why)
{
    return name_read((const char *)value.start, encoding, why);
}

static bool read_general(
    struct bytes value, struct buffer *encoding, struct failure *why)
{
    return general_name_read((const char *)value.start, encoding, why);
}

static void a_name_that_is_read_fits_or_is_refused(void **state)
{
    const char *const names[] = {"CN=a,O=b,C=DE", "/C=DE/O=a\\/b/CN=c+OU=d",
        "1.2.3=#0c0141", "CN=\\C3\\A4"};
    const char *const generals[] = {"dns:example.org", "192.0.2.1",
        "email:a@example.org", "uri:https://example.org/"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_fits(read_name, bytes_of_text(names[i]), SPARE);
    for (size_t i = 0; i < sizeof(generals) / sizeof(*generals); i++)
        assert_fits(read_general, bytes_of_text(generals[i]), SPARE);
}

static int free_name(void **state)
{
    (void)state;
    buffer_free(&name);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_fits_or_is_refused),
        cmocka_unit_test(
            a_value_that_is_no_text_fits_as_its_bytes_or_is_refused),
        cmocka_unit_test(each_string_type_is_described_by_its_name),
        cmocka_unit_test(a_general_name_fits_or_is_refused),
        cmocka_unit_test(an_address_with_its_mask_is_printed_as_two),
        cmocka_unit_test(a_name_that_is_read_fits_or_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, free_name);
}
