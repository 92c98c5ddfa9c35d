#include "support/name_assertions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void assert_read(const char *text, struct buffer *name)
{
    struct failure why = {0};

    if (!name_read(text, name, &why))
        fail_msg("%s: %s", text, why.reason);
    assert_true(name_check(buffer_view(name), &why));
}

void assert_printed(struct bytes name, const char *expected)
{
    RELEASED(buffer) text = NAME_BUFFER();
    const char *printed = NULL;
    struct failure why = {0};

    assert_true(name_print(name, &text, &why));
    assert_true(buffer_as_text(&text, &printed, &why));
    assert_string_equal(printed, expected);
}
