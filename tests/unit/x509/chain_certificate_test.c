#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/certificate_inputs.h"
#include "x509/chain/chain_certificate.h"
#include "x509/chain/extension_walk.h"

#define OBJECTS PROJECT_FOLDER "/tests/objects/certificates"

static struct bytes object(const char *name)
{
    static uint8_t rooms[2][8192];
    static size_t next = 0;
    char path[512];
    uint8_t *room = rooms[next++ % 2];
    FILE *file = NULL;
    size_t length = 0;

    (void)snprintf(path, sizeof(path), "%s/%s.der", OBJECTS, name);
    file = fopen(path, "re");
    assert_non_null(file);
    length = fread(room, 1, sizeof(rooms[0]), file);
    (void)fclose(file);
    return (struct bytes){room, length};
}

static struct chain_certificate read_object(const char *name)
{
    struct chain_certificate certificate = {0};
    struct failure why = {0};
    bool at_extension = true;

    assert_true(chain_certificate_read(
        object(name), "a file", &certificate, &at_extension, &why));
    assert_false(at_extension);
    return certificate;
}

static void an_authority_is_seen_with_all_its_extensions_say(void **state)
{
    struct chain_certificate found =
        read_object("bettertls-pathbuilding-tc54-inter");
    char text[CHAIN_NAME_TEXT];

    (void)state;
    assert_true(found.basic.is_authority);
    assert_true((found.key_usage & KEY_USAGE_CERT_SIGN) != 0);
    assert_true(chain_has(&found, CHAIN_BASIC_CONSTRAINTS));
    assert_false(chain_has(&found, CHAIN_SUBJECT_ALT_NAME));
    assert_true((found.critical >> CHAIN_BASIC_CONSTRAINTS & 1) != 0);
    assert_true(der_at_end(&found.other_names));
    assert_int_equal(found.unknown_critical.length, 0);
    assert_string_equal(found.origin, "a file");
    chain_certificate_print(&found, text);
    assert_non_null(strstr(text, "CN="));
}

static void a_critical_extension_without_a_rule_is_named(void **state)
{
    struct chain_certificate found =
        read_object("rfc5280-unknown-critical-extension-unrelated-root-trust");
    char dotted[OID_TEXT] = "";
    struct failure why = {0};

    (void)state;
    assert_true(found.is_self_issued);
    assert_true(oid_print(found.unknown_critical, dotted, &why));
    assert_string_equal(dotted, "1.3.6.1.4.1.55738.666.1");
}

static void a_damaged_extension_is_told_from_no_certificate(void **state)
{
    struct chain_certificate found = {0};
    struct failure why = {0};
    bool at_extension = false;

    (void)state;
    assert_false(chain_certificate_read(object("rfc5280-eku-ee-eku-empty-leaf"),
        NULL, &found, &at_extension, &why));
    assert_true(at_extension);
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason,
        "extendedKeyUsage can't be read: extKeyUsage is empty; it names at "
        "least one purpose (RFC 5280, 4.2.1.12)");
    assert_false(
        chain_certificate_read(object("rfc5280-duplicate-extensions-leaf"),
            NULL, &found, &at_extension, &why));
    assert_false(at_extension);
}

static void assert_truncations_are_refused(
    const struct certificate_inputs *inputs)
{
    struct chain_certificate found = {0};
    struct failure why = {0};
    bool at_extension = false;

    for (size_t i = 0; i < inputs->count; i++) {
        for (size_t length = 0; length < inputs->certificates[i].length;
             length++) {
            struct bytes cut = {inputs->certificates[i].start, length};

            assert_false(
                chain_certificate_read(cut, NULL, &found, &at_extension, &why));
        }
    }
}

static void every_truncation_of_every_object_is_refused(void **state)
{
    struct certificate_inputs inputs = {0};

    (void)state;
    assert_true(inputs_add_folder(&inputs, OBJECTS) > 30);
    assert_truncations_are_refused(&inputs);
    certificate_inputs_free(&inputs);
}

/* Where CHANCERY_SUITES names the file of extract_suites.py. */
static void every_truncation_of_every_suite_certificate_is_refused(void **state)
{
    const char *path = getenv("CHANCERY_SUITES");
    struct certificate_inputs inputs = {0};

    (void)state;
    if (path == NULL)
        skip();
    assert_true(inputs_add_records(&inputs, path) > 1000);
    assert_truncations_are_refused(&inputs);
    print_message("%zu certificates\n", inputs.count);
    certificate_inputs_free(&inputs);
}

static void a_name_for_people_is_cut_between_characters(void **state)
{
    struct chain_certificate found = {0};
    RELEASED(buffer) name = BUFFER("name", 1024);
    char text[CHAIN_NAME_TEXT];
    char wished[400] = "CN=a";
    struct failure why = {0};

    (void)state;
    for (size_t i = strlen(wished); i + 2 < sizeof(wished); i += 2)
        memcpy(wished + i, "\xc3\xa4", 3);
    assert_true(name_read(wished, &name, &why));
    found.certificate.tbs.subject = buffer_view(&name);
    chain_certificate_print(&found, text);
    assert_int_equal(strlen(text), 158);
    found.certificate.tbs.subject = (struct bytes){(const uint8_t *)"0", 2};
    found.certificate.tbs.serial = (struct bytes){(const uint8_t *)"\x0a", 1};
    chain_certificate_print(&found, text);
    assert_string_equal(text, "the certificate with serial 0a");
}

static void without_a_subject_the_first_name_tells_which_it_is(void **state)
{
    /* subjectAltName of a.example and b.example; an empty Name. */
    static const uint8_t extension[] =
        "\x30\x1f\x06\x03\x55\x1d\x11\x04\x18\x30\x16"
        "\x82\x09\x61.example\x82\x09\x62.example";
    struct chain_certificate found = {0};
    char text[CHAIN_NAME_TEXT];

    (void)state;
    found.certificate.tbs.subject = (struct bytes){(const uint8_t *)"0", 2};
    found.certificate.tbs.serial = (struct bytes){(const uint8_t *)"\x0a", 1};
    found.certificate.tbs.extensions =
        der_reader_of((struct bytes){extension, sizeof(extension) - 1});
    chain_certificate_print(&found, text);
    assert_string_equal(text, "the certificate for dns:a.example");
}

static void qualifiers_other_than_the_two_of_rfc5280_are_not_known(void **state)
{
    /* anyPolicy with one qualifier, its type the last arc but one. */
    uint8_t value[] = {0x30, 0x17, 0x30, 0x15, 0x06, 0x04, 0x55, 0x1d, 0x20,
        0x00, 0x30, 0x0d, 0x30, 0x0b, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05,
        0x07, 0x02, 0x01, 0x05, 0x00};
    const struct bytes bytes = {value, sizeof(value) - 1};

    (void)state;
    value[1] = (uint8_t)(sizeof(value) - 2);
    value[3] = (uint8_t)(sizeof(value) - 4);
    value[11] = (uint8_t)(sizeof(value) - 12);
    value[13] = (uint8_t)(sizeof(value) - 14);
    assert_true(
        policy_qualifiers_are_known((struct bytes){value, sizeof(value)}));
    value[23] = 2;
    assert_true(
        policy_qualifiers_are_known((struct bytes){value, sizeof(value)}));
    value[23] = 3;
    assert_false(
        policy_qualifiers_are_known((struct bytes){value, sizeof(value)}));
    assert_false(policy_qualifiers_are_known(bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            qualifiers_other_than_the_two_of_rfc5280_are_not_known),
        cmocka_unit_test(an_authority_is_seen_with_all_its_extensions_say),
        cmocka_unit_test(a_critical_extension_without_a_rule_is_named),
        cmocka_unit_test(a_damaged_extension_is_told_from_no_certificate),
        cmocka_unit_test(every_truncation_of_every_object_is_refused),
        cmocka_unit_test(
            every_truncation_of_every_suite_certificate_is_refused),
        cmocka_unit_test(a_name_for_people_is_cut_between_characters),
        cmocka_unit_test(without_a_subject_the_first_name_tells_which_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
