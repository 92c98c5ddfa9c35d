#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signed_fixture.h"
#include "x509/pe.h"

/* Offsets in plain.exe, which portable_executable.py made: PE32+, one section
 * of 0x200 bytes behind 0x200 bytes of headers. */
#define OPTIONAL (0x40 + 24)
#define DIRECTORY (OPTIONAL + 112 + 4 * 8)
#define SECTION (OPTIONAL + 240)

static void put(struct buffer *file, size_t place, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        file->start[place + i] = (uint8_t)(value >> 8 * i);
}

static void a_program_without_a_table_has_none(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct pe pe = {0};
    struct failure why = {0};

    (void)state;
    read_signed("plain.exe", &file);
    assert_true(pe_is(buffer_view(&file)));
    assert_true(pe_read(buffer_view(&file), &pe, &why));
    assert_int_equal(pe.checksum, OPTIONAL + 64);
    assert_int_equal(pe.directory, DIRECTORY);
    assert_int_equal(pe.table_length, 0);
}

static void the_table_its_place_and_the_checksum_alone_are_not_signed(
    void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct bytes parts[PE_PARTS] = {0};
    struct pe pe = {0};
    struct failure why = {0};

    (void)state;
    read_signed("signed.exe", &file);
    assert_true(pe_read(buffer_view(&file), &pe, &why));
    assert_int_equal(pe.table, 0x400);
    assert_int_equal(pe.table + pe.table_length, file.length);
    pe_signed_parts(&pe, parts);
    assert_int_equal(parts[0].length, OPTIONAL + 64);
    assert_ptr_equal(parts[1].start, file.start + OPTIONAL + 68);
    assert_int_equal(parts[1].length, DIRECTORY - OPTIONAL - 68);
    assert_ptr_equal(parts[2].start, file.start + DIRECTORY + 8);
    assert_int_equal(parts[2].length, 0x400 - DIRECTORY - 8);
    assert_int_equal(parts[3].length, 0);
}

static void bytes_behind_the_table_are_signed(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct bytes parts[PE_PARTS] = {0};
    struct pe pe = {0};
    struct failure why = {0};

    (void)state;
    read_signed("signed.exe", &file);
    assert_true(buffer_append_text(&file, "more", &why));
    assert_true(pe_read(buffer_view(&file), &pe, &why));
    pe_signed_parts(&pe, parts);
    assert_int_equal(parts[3].length, 4);
    assert_memory_equal(parts[3].start, "more", 4);
}

static size_t count_entries(const struct pe *pe)
{
    struct pe_certificate entry = {0};
    struct failure why = {0};
    size_t position = 0, count = 0;
    bool found = true;

    for (;;) {
        assert_true(pe_next_certificate(pe, &position, &entry, &found, &why));
        if (!found)
            return count;
        assert_int_equal(entry.type, PE_PKCS_SIGNED_DATA);
        assert_int_equal(entry.revision, 0x200);
        count++;
    }
}

static void every_entry_of_a_table_is_found(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct pe pe = {0};
    struct failure why = {0};

    (void)state;
    read_signed("several.exe", &file);
    assert_true(pe_read(buffer_view(&file), &pe, &why));
    assert_int_equal(count_entries(&pe), 2);
    read_signed("signed.exe", &file);
    assert_true(pe_read(buffer_view(&file), &pe, &why));
    assert_int_equal(count_entries(&pe), 1);
}

static void an_entry_longer_than_its_table_is_refused(void **state)
{
    static const uint32_t lengths[] = {0, 7, 0x10000, 0xffffffff};
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct pe pe = {0};

    (void)state;
    read_signed("signed.exe", &file);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        struct pe_certificate entry = {0};
        struct failure why = {0};
        size_t position = 0;
        bool found = false;

        put(&file, 0x400, lengths[i]);
        assert_true(pe_read(buffer_view(&file), &pe, &why));
        assert_false(pe_next_certificate(&pe, &position, &entry, &found, &why));
        assert_string_equal(why.reason,
            "the program can't be read: an entry of its certificate table is "
            "longer than it");
    }
}

static void refuses(struct buffer *file, const char *rule)
{
    struct pe pe = {0};
    struct failure why = {0};

    assert_false(pe_read(buffer_view(file), &pe, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_non_null(strstr(why.reason, rule));
}

static void a_table_that_is_not_at_a_place_of_its_own_is_refused(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();

    (void)state;
    read_signed("signed.exe", &file);
    put(&file, DIRECTORY + 4, 0x7fffffff);
    refuses(&file, "its certificate table ends behind the file");
    read_signed("signed.exe", &file);
    put(&file, DIRECTORY, 0xfffffff8);
    refuses(&file, "its certificate table ends behind the file");
    read_signed("signed.exe", &file);
    put(&file, DIRECTORY, 0x100);
    refuses(&file, "its certificate table lies in the headers");
}

/* What lies in the table is not signed, and would be loaded. */
static void a_section_that_reaches_into_the_table_is_refused(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();

    (void)state;
    read_signed("signed.exe", &file);
    put(&file, SECTION + 16, 0x201);
    refuses(&file, "a section lies in the certificate table");
    read_signed("signed.exe", &file);
    put(&file, SECTION + 20, 0x400);
    refuses(&file, "a section lies in the certificate table");
}

static void headers_that_end_early_are_refused_wherever_they_end(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct pe pe = {0};

    (void)state;
    read_signed("plain.exe", &file);
    for (size_t length = 0; length < SECTION + 40; length++) {
        struct failure why = {0};

        assert_false(pe_read(
            (struct bytes){.start = file.start, .length = length}, &pe, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

static void another_kind_of_header_is_refused(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();

    (void)state;
    read_signed("plain.exe", &file);
    file.start[OPTIONAL] = 0x07;
    refuses(&file, "it is neither PE32 nor PE32+");
    read_signed("plain.exe", &file);
    put(&file, OPTIONAL + 108, 4);
    refuses(&file, "its headers have no room for a certificate table");
    read_signed("plain.exe", &file);
    put(&file, 0x3c, 0x7fffffff);
    assert_false(pe_is(buffer_view(&file)));
    refuses(&file, "it does not begin as one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_without_a_table_has_none),
        cmocka_unit_test(
            the_table_its_place_and_the_checksum_alone_are_not_signed),
        cmocka_unit_test(bytes_behind_the_table_are_signed),
        cmocka_unit_test(every_entry_of_a_table_is_found),
        cmocka_unit_test(an_entry_longer_than_its_table_is_refused),
        cmocka_unit_test(a_table_that_is_not_at_a_place_of_its_own_is_refused),
        cmocka_unit_test(a_section_that_reaches_into_the_table_is_refused),
        cmocka_unit_test(headers_that_end_early_are_refused_wherever_they_end),
        cmocka_unit_test(another_kind_of_header_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
