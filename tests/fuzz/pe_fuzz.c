#include <stdlib.h>

#include "x509/indirect_data.h"
#include "x509/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte but those of the checksum, the directory's entry and the table is
 * signed once. */
static void hold_parts(const struct pe *pe)
{
    struct bytes parts[PE_PARTS] = {0};
    size_t sum = 0;

    pe_signed_parts(pe, parts);
    for (size_t i = 0; i < PE_PARTS; i++) {
        if (parts[i].length > pe->file.length)
            abort();
        sum += parts[i].length;
    }
    if (sum != pe->file.length - 4 - 8 - pe->table_length)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file = {.start = data, .length = size};
    struct indirect_data indirect = {0};
    struct pe_certificate entry = {0};
    struct pe pe = {0};
    struct failure why = {0};
    size_t position = 0;
    bool found = true;

    (void)!indirect_data_read(file, &indirect, &why);
    if (!pe_read(file, &pe, &why))
        return 0;
    if (!pe_is(file))
        abort();
    hold_parts(&pe);
    while (found && pe_next_certificate(&pe, &position, &entry, &found, &why)) {
        if (position > pe.table_length)
            abort();
    }
    return 0;
}
