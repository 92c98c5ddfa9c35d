#include <stdlib.h>

#include "x509/extension.h"

#define TEXT_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was checked once can be walked without a failure. */
static void show_names(struct der_reader names)
{
    struct general_name name = {0};
    struct failure why = {0};

    while (!der_at_end(&names)) {
        RELEASED(buffer) text = BUFFER("text", TEXT_MAX);

        if (!general_name_next(&names, &name, &why))
            abort();
        (void)!general_name_check(&name, &why);
        (void)!general_name_print(&name, &text, &why);
    }
}

static void read_as_every_type(struct bytes value)
{
    struct failure why = {0};
    struct basic_constraints constraints = {0};
    struct authority_key_identifier authority = {0};
    struct der_reader names = {0};
    struct der_reader purposes = {0};
    struct bytes identifier = {0};
    uint32_t usage = 0;

    (void)!extension_key_usage(value, &usage, &why);
    (void)!extension_basic_constraints(value, &constraints, &why);
    (void)!extension_purposes(value, &purposes, &why);
    (void)!extension_key_identifier(value, &identifier, &why);
    if (extension_authority_key_identifier(value, &authority, &why))
        show_names(der_reader_of(authority.issuer));
    if (extension_general_names(value, &names, &why))
        show_names(names);
}

/* A list of extensions, and the bytes themselves as a value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {.start = data, .length = size};
    struct der_reader reader = der_reader_of(input);
    struct extension extension = {0};
    struct failure why = {0};

    read_as_every_type(input);
    if (!extensions_check(reader, &why))
        return 0;
    while (!der_at_end(&reader)) {
        if (!extension_next(&reader, &extension, &why))
            abort();
        read_as_every_type(extension.value);
    }
    return 0;
}
