#include "x509/pe.h"

#include <string.h>

/* "PE Format": the stub names the place of the headers, which are a signature
 * of 4 bytes, the file header, the optional header, and the section table. */
#define STUB_BYTES 0x40
#define STUB_HEADERS 0x3c
#define FILE_HEADER 20
#define SECTIONS_COUNT 6   /* in the signature and file header */
#define OPTIONAL_LENGTH 20 /* there */
#define MAGIC_PE32 0x10b
#define MAGIC_PE32_PLUS 0x20b
#define CHECKSUM 64 /* in the optional header */
#define DIRECTORIES_PE32 96
#define DIRECTORIES_PE32_PLUS 112
#define CERTIFICATE_TABLE 4 /* of the data directories, 8 bytes each */
#define SECTION_BYTES 40
#define SECTION_LENGTH 16
#define SECTION_PLACE 20
#define CERTIFICATE_HEAD 8
#define CERTIFICATE_ALIGNED 8

static uint32_t little_endian(struct bytes file, size_t place, size_t count)
{
    uint32_t value = 0;

    for (size_t i = count; i > 0; i--)
        value = value << 8 | file.start[place + i - 1];
    return value;
}

/* Where "PE\0\0" is, or 0. */
static size_t headers_of(struct bytes file)
{
    size_t place = 0;

    if (file.length < STUB_BYTES || memcmp(file.start, "MZ", 2) != 0)
        return 0;
    place = little_endian(file, STUB_HEADERS, 4);
    if (place < 4 || place > file.length || file.length - place < 4 ||
        memcmp(file.start + place, "PE\0\0", 4) != 0)
        return 0;
    return place;
}

bool pe_is(struct bytes file)
{
    return headers_of(file) != 0;
}

static bool refuse(const char *rule, struct failure *why)
{
    return fail_because(
        why, FAILURE_MALFORMED, "the program can't be read: %s", rule);
}

/* --- the headers ---------------------------------------------------------- */

struct headers {
    size_t optional, optional_length;
    size_t sections, section_count;
};

static bool read_headers(
    struct bytes file, struct headers *headers, struct failure *why)
{
    size_t place = headers_of(file);

    if (place == 0)
        return refuse("it does not begin as one", why);
    if (file.length - place < 4 + FILE_HEADER)
        return refuse("it ends within the file header", why);
    headers->section_count = little_endian(file, place + SECTIONS_COUNT, 2);
    headers->optional_length = little_endian(file, place + OPTIONAL_LENGTH, 2);
    headers->optional = place + 4 + FILE_HEADER;
    if (file.length - headers->optional < headers->optional_length)
        return refuse("it ends within the optional header", why);
    headers->sections = headers->optional + headers->optional_length;
    if ((file.length - headers->sections) / SECTION_BYTES <
        headers->section_count)
        return refuse("it ends within the section table", why);
    return true;
}

static bool read_optional(
    const struct headers *headers, struct pe *pe, struct failure *why)
{
    size_t directories = 0;
    uint32_t magic = 0;

    if (headers->optional_length < 2)
        return refuse("it has no optional header", why);
    magic = little_endian(pe->file, headers->optional, 2);
    if (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)
        return refuse("it is neither PE32 nor PE32+", why);
    directories =
        magic == MAGIC_PE32 ? DIRECTORIES_PE32 : DIRECTORIES_PE32_PLUS;
    if (headers->optional_length < directories + 8 * (CERTIFICATE_TABLE + 1) ||
        little_endian(pe->file, headers->optional + directories - 4, 4) <=
            CERTIFICATE_TABLE)
        return refuse("its headers have no room for a certificate table", why);
    pe->checksum = headers->optional + CHECKSUM;
    pe->directory = headers->optional + directories + 8 * CERTIFICATE_TABLE;
    return true;
}

/* Code that lies in the table would run and not be signed. */
static bool check_sections(
    const struct headers *headers, const struct pe *pe, struct failure *why)
{
    for (size_t i = 0; i < headers->section_count; i++) {
        size_t section = headers->sections + i * SECTION_BYTES;
        size_t length = little_endian(pe->file, section + SECTION_LENGTH, 4);
        size_t place = little_endian(pe->file, section + SECTION_PLACE, 4);

        if (length > 0 && place < pe->table + pe->table_length &&
            pe->table < place + length)
            return refuse("a section lies in the certificate table", why);
    }
    return true;
}

static bool read_table(
    const struct headers *headers, struct pe *pe, struct failure *why)
{
    pe->table = little_endian(pe->file, pe->directory, 4);
    pe->table_length = little_endian(pe->file, pe->directory + 4, 4);
    if (pe->table_length == 0)
        return true;
    if (pe->table > pe->file.length ||
        pe->file.length - pe->table < pe->table_length)
        return refuse("its certificate table ends behind the file", why);
    if (pe->table < headers->sections + headers->section_count * SECTION_BYTES)
        return refuse("its certificate table lies in the headers", why);
    return check_sections(headers, pe, why);
}

bool pe_read(struct bytes file, struct pe *pe, struct failure *why)
{
    struct headers headers = {0};
    struct pe found = {.file = file};

    if (!read_headers(file, &headers, why) ||
        !read_optional(&headers, &found, why) ||
        !read_table(&headers, &found, why))
        return false;
    *pe = found;
    return true;
}

/* --- what is signed ------------------------------------------------------- */

static struct bytes between(struct bytes file, size_t from, size_t to)
{
    return (struct bytes){.start = file.start + from, .length = to - from};
}

void pe_signed_parts(const struct pe *pe, struct bytes parts[static PE_PARTS])
{
    size_t end = pe->table_length == 0 ? pe->file.length : pe->table;

    parts[0] = between(pe->file, 0, pe->checksum);
    parts[1] = between(pe->file, pe->checksum + 4, pe->directory);
    parts[2] = between(pe->file, pe->directory + 8, end);
    /* Bytes behind the table count as signed, so nobody can add any. */
    parts[3] = between(pe->file, end + pe->table_length, pe->file.length);
}

/* --- the table ------------------------------------------------------------ */

static size_t aligned(size_t length)
{
    return (length + CERTIFICATE_ALIGNED - 1) / CERTIFICATE_ALIGNED *
           CERTIFICATE_ALIGNED;
}

bool pe_next_certificate(const struct pe *pe, size_t *position,
    struct pe_certificate *certificate, bool *found, struct failure *why)
{
    size_t place = pe->table + *position;
    size_t left = pe->table_length - *position;
    size_t length = 0;

    *found = left > 0;
    if (!*found)
        return true;
    if (left < CERTIFICATE_HEAD)
        return refuse("its certificate table ends within an entry", why);
    length = little_endian(pe->file, place, 4);
    if (length < CERTIFICATE_HEAD || length > left)
        return refuse(
            "an entry of its certificate table is longer than it", why);
    certificate->revision = (uint16_t)little_endian(pe->file, place + 4, 2);
    certificate->type = (uint16_t)little_endian(pe->file, place + 6, 2);
    certificate->contents =
        between(pe->file, place + CERTIFICATE_HEAD, place + length);
    *position += aligned(length) < left ? aligned(length) : left;
    return true;
}
