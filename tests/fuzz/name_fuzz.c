#include <stdlib.h>

#include "base/text.h"
#include "x509/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Printing makes a text longer: what is read back stays below NAME_TEXT_MAX. */
#define INPUT_MAX (8 * 1024)
#define BUFFER_MAX (1024 * 1024)

/* Hostile bytes: walked, checked, printed, shown. */
static void show(struct bytes name)
{
    RELEASED(buffer) text = BUFFER("text", BUFFER_MAX);
    RELEASED(buffer) shown = BUFFER("preview", BUFFER_MAX);
    struct failure why;

    bool whole = name_check(name, &why);
    bool well_formed = name_check_form(name, &why);
    bool printed = name_print(name, &text, &why);
    bool described = name_describe(name, &shown, &why);
    if (whole && !well_formed)
        abort();
    if (!printed && text.length > 0)
        abort();
    if (printed && !text_is_utf8(buffer_view(&text)))
        abort();
    if (described && !text_is_utf8(buffer_view(&shown)))
        abort();
    if (whole && printed && name_is_empty(name) != (text.length == 0))
        abort();
}

/* Hostile text: what is made of it is a name, and prints as a text that is
 * read as the same name. */
static void read_and_print(const char *text)
{
    RELEASED(buffer) name = BUFFER("name", BUFFER_MAX);
    RELEASED(buffer) printed = BUFFER("text", BUFFER_MAX);
    RELEASED(buffer) again = BUFFER("name", BUFFER_MAX);
    const char *printed_text = NULL;
    struct failure why;

    if (!name_read(text, &name, &why)) {
        if (name.length > 0)
            abort();
        return;
    }
    if (!name_check(buffer_view(&name), &why))
        abort();
    if (!name_print(buffer_view(&name), &printed, &why))
        return; /* a number longer than OID_TEXT */
    if (!buffer_as_text(&printed, &printed_text, &why) ||
        !name_read(printed_text, &again, &why))
        abort();
    if (!bytes_equal(buffer_view(&name), buffer_view(&again)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RELEASED(buffer) copy = BUFFER("input", INPUT_MAX);
    struct bytes input = {.start = data, .length = size};
    const char *text = NULL;
    struct failure why;

    if (size > INPUT_MAX)
        return 0;
    show(input);
    if (!buffer_append(&copy, input, &why) ||
        !buffer_as_text(&copy, &text, &why))
        abort();
    read_and_print(text);
    return 0;
}
