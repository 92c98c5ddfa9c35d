#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "x509/der_writer.h"
#include "x509/extension.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

static void an_extension_is_views_of_its_parts(void **state)
{
    const struct bytes encoding = BYTES(0x30, 0x0e, 0x06, 0x03, 0x55, 0x1d,
        0x0f, 0x01, 0x01, 0xff, 0x04, 0x04, 0x03, 0x02, 0x05, 0xa0);
    struct der_reader reader = der_reader_of(encoding);
    struct extension extension = {0};
    struct failure why = {0};
    uint32_t usage = 0;

    (void)state;
    assert_true(extension_next(&reader, &extension, &why));
    assert_true(der_at_end(&reader));
    assert_int_equal(extension.type, OID_KEY_USAGE);
    assert_true(extension.critical);
    assert_ptr_equal(extension.whole.start, encoding.start);
    assert_int_equal(extension.whole.length, encoding.length);
    assert_true(extension_key_usage(extension.value, &usage, &why));
    assert_int_equal(
        usage, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT);
}

/* Roots of trust stores have it; X.690, 11.5 would leave it out. */
static void critical_false_written_out_is_read(void **state)
{
    struct der_reader reader = der_reader_of(BYTES(0x30, 0x0b, 0x06, 0x03, 0x55,
        0x1d, 0x0e, 0x01, 0x01, 0x00, 0x04, 0x01, 0x05));
    struct extension extension = {0};
    struct failure why = {0};

    (void)state;
    extension.critical = true;
    assert_true(extension_next(&reader, &extension, &why));
    assert_false(extension.critical);
}

/* Extensions of the types 1.2.3.0, 1.2.3.1, ... and one more of the last. */
static struct bytes extensions_of(size_t count, const uint8_t *types)
{
    static uint8_t room[2048];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    struct failure why = {0};

    for (size_t i = count; i > 0; i--) {
        size_t mark = der_writer_mark(&writer);

        der_write_element(&writer, DER_OCTET_STRING, (struct bytes){0});
        der_write_oid(&writer, BYTES(0x2a, 0x03, types[i - 1]));
        der_write_head(&writer, DER_SEQUENCE, mark);
    }
    assert_true(der_writer_take(&writer, &encoding, &why));
    return encoding;
}

static void a_second_extension_of_a_type_is_refused_by_name(void **state)
{
    const uint8_t types[] = {1, 2, 3, 2};
    const struct bytes twice_known = BYTES(0x30, 0x07, 0x06, 0x03, 0x55, 0x1d,
        0x0e, 0x04, 0x00, 0x30, 0x07, 0x06, 0x03, 0x55, 0x1d, 0x0e, 0x04, 0x00);
    struct failure why = {0};

    (void)state;
    assert_true(extensions_check(der_reader_of(extensions_of(3, types)), &why));
    assert_false(
        extensions_check(der_reader_of(extensions_of(4, types)), &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(
        why.reason, "the extension 1.2.3.2 is there twice (RFC 5280, 4.2)");
    assert_false(extensions_check(der_reader_of(twice_known), &why));
    assert_string_equal(why.reason,
        "the extension subjectKeyIdentifier is there twice (RFC 5280, 4.2)");
}

static void more_than_64_extensions_are_refused(void **state)
{
    uint8_t types[EXTENSIONS_MAX + 1] = {0};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++)
        types[i] = (uint8_t)i;
    assert_true(extensions_check(
        der_reader_of(extensions_of(EXTENSIONS_MAX, types)), &why));
    assert_false(extensions_check(
        der_reader_of(extensions_of(EXTENSIONS_MAX + 1, types)), &why));
    assert_string_equal(why.reason, "there are more than 64 extensions");
}

static void an_extension_is_found_by_its_type(void **state)
{
    const struct der_reader extensions =
        der_reader_of(BYTES(0x30, 0x07, 0x06, 0x03, 0x55, 0x1d, 0x0f, 0x04,
            0x00, 0x30, 0x08, 0x06, 0x03, 0x55, 0x1d, 0x0e, 0x04, 0x01, 0x07));
    struct extension extension = {0};
    struct failure why = {0};
    bool found = false;

    (void)state;
    assert_true(extensions_find(
        extensions, OID_SUBJECT_KEY_IDENTIFIER, &extension, &found, &why));
    assert_true(found);
    assert_int_equal(extension.value.length, 1);
    assert_int_equal(extension.value.start[0], 7);
    assert_true(extensions_find(
        extensions, OID_BASIC_CONSTRAINTS, &extension, &found, &why));
    assert_false(found);
}

static void key_usage_is_its_named_bits(void **state)
{
    const struct {
        struct bytes value;
        uint32_t usage;
    } usages[] = {
        {BYTES(0x03, 0x02, 0x01, 0x06),
            KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN},
        {BYTES(0x03, 0x03, 0x07, 0x00, 0x80), KEY_USAGE_DECIPHER_ONLY},
        {BYTES(0x03, 0x02, 0x00, 0xa0), /* trailing zeros, as roots have */
            KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT},
        {BYTES(0x03, 0x01, 0x00), 0},
    };
    struct failure why = {0};
    uint32_t usage = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(usages) / sizeof(*usages); i++) {
        assert_true(extension_key_usage(usages[i].value, &usage, &why));
        assert_int_equal(usage, usages[i].usage);
    }
    assert_false(extension_key_usage(
        BYTES(0x03, 0x06, 0x00, 1, 2, 3, 4, 5), &usage, &why));
    assert_string_equal(why.reason,
        "keyUsage has 5 bytes; its nine bits take two, and at most 4 are read");
    assert_false(
        extension_key_usage(BYTES(0x03, 0x02, 0x05, 0xa0, 0x00), &usage, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

static void basic_constraints_are_authority_and_path_length(void **state)
{
    struct basic_constraints constraints = {0};
    struct failure why = {0};

    (void)state;
    assert_true(extension_basic_constraints(
        BYTES(0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x03), &constraints,
        &why));
    assert_true(constraints.is_authority);
    assert_true(constraints.has_path_length);
    assert_int_equal(constraints.path_length, 3);
    assert_true(
        extension_basic_constraints(BYTES(0x30, 0x00), &constraints, &why));
    assert_false(constraints.is_authority);
    assert_false(constraints.has_path_length);
    assert_true(extension_basic_constraints(
        BYTES(0x30, 0x03, 0x01, 0x01, 0x00), &constraints, &why));
    assert_false(constraints.is_authority);
}

static void constraints_that_say_something_else_are_refused(void **state)
{
    const struct bytes values[] = {
        BYTES(0x30, 0x03, 0x01, 0x01, 0x01),                   /* neither */
        BYTES(0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x80), /* negative */
        BYTES(0x30, 0x08, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00, 0x05, 0x00),
        BYTES(0x30, 0x00, 0x00),
        BYTES(0x31, 0x00),
    };
    struct basic_constraints constraints = {0};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        assert_false(
            extension_basic_constraints(values[i], &constraints, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

static void incident4_an_empty_list_of_purposes_is_refused(void **state)
{
    struct der_reader purposes = {0};
    struct failure why = {0};
    struct bytes purpose = {0};

    (void)state;
    assert_false(extension_purposes(BYTES(0x30, 0x00), &purposes, &why));
    assert_string_equal(why.reason,
        "extKeyUsage is empty; it names at least one purpose (RFC 5280, "
        "4.2.1.12)");
    assert_false(extension_purposes(
        BYTES(0x30, 0x03, 0x06, 0x01, 0x80), &purposes, &why));
    assert_true(extension_purposes(BYTES(0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06,
                                       0x01, 0x05, 0x05, 0x07, 0x03, 0x01),
        &purposes, &why));
    assert_true(der_read_oid(&purposes, &purpose, &why));
    assert_int_equal(oid_of(purpose), OID_SERVER_AUTH);
    assert_true(der_at_end(&purposes));
}

static void key_identifiers_are_views(void **state)
{
    struct authority_key_identifier authority = {0};
    struct bytes identifier = {0};
    struct failure why = {0};

    (void)state;
    assert_true(extension_key_identifier(
        BYTES(0x04, 0x02, 0xab, 0xcd), &identifier, &why));
    assert_int_equal(identifier.length, 2);
    assert_true(extension_authority_key_identifier(
        BYTES(0x30, 0x0c, 0x80, 0x01, 0xab, 0xa1, 0x04, 0x82, 0x02, 0x61, 0x62,
            0x82, 0x01, 0x05),
        &authority, &why));
    assert_int_equal(authority.identifier.length, 1);
    assert_int_equal(authority.issuer.length, 4);
    assert_int_equal(authority.serial.start[0], 5);
    assert_true(extension_authority_key_identifier(
        BYTES(0x30, 0x00), &authority, &why));
    assert_int_equal(authority.identifier.length, 0);
    assert_int_equal(authority.issuer.length, 0);
    assert_int_equal(authority.serial.length, 0);
    assert_false(extension_authority_key_identifier(
        BYTES(0x30, 0x02, 0xa1, 0x00), &authority, &why));
    assert_false(extension_authority_key_identifier(
        BYTES(0x30, 0x02, 0x82, 0x00), &authority, &why));
}

static void a_list_of_names_has_one_at_least(void **state)
{
    struct der_reader names = {0};
    struct failure why = {0};

    (void)state;
    assert_false(extension_general_names(BYTES(0x30, 0x00), &names, &why));
    assert_string_equal(why.reason,
        "the list of names is empty; it has at least one (RFC 5280, 4.2.1.6)");
    assert_true(extension_general_names(
        BYTES(0x30, 0x03, 0x82, 0x01, 0x61), &names, &why));
}

static void incident32_more_than_10000_names_are_refused(void **state)
{
    static uint8_t room[4 * GENERAL_NAMES_MAX];
    struct der_reader names = {0};
    struct failure why = {0};

    (void)state;
    for (size_t count = GENERAL_NAMES_MAX; count <= GENERAL_NAMES_MAX + 1;
         count++) {
        struct der_writer writer = der_writer_in(room, sizeof(room));
        struct bytes value = {0};
        size_t mark = der_writer_mark(&writer);

        for (size_t i = 0; i < count; i++)
            der_write_element(&writer, DER_CONTEXT(2), BYTES('a'));
        der_write_head(&writer, DER_SEQUENCE, mark);
        assert_true(der_writer_take(&writer, &value, &why));
        assert_int_equal(extension_general_names(value, &names, &why),
            count == GENERAL_NAMES_MAX);
    }
    assert_string_equal(
        why.reason, "there are more than 10000 names in one list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_extension_is_views_of_its_parts),
        cmocka_unit_test(critical_false_written_out_is_read),
        cmocka_unit_test(a_second_extension_of_a_type_is_refused_by_name),
        cmocka_unit_test(more_than_64_extensions_are_refused),
        cmocka_unit_test(an_extension_is_found_by_its_type),
        cmocka_unit_test(key_usage_is_its_named_bits),
        cmocka_unit_test(basic_constraints_are_authority_and_path_length),
        cmocka_unit_test(constraints_that_say_something_else_are_refused),
        cmocka_unit_test(incident4_an_empty_list_of_purposes_is_refused),
        cmocka_unit_test(key_identifiers_are_views),
        cmocka_unit_test(a_list_of_names_has_one_at_least),
        cmocka_unit_test(incident32_more_than_10000_names_are_refused),
    };

    return cmocka_run_group_tests_name("extension", tests, NULL, NULL);
}
