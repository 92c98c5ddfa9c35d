#include <stdlib.h>

#include "base/base64.h"
#include "x509/ocsp_question.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* What was read from a path is read again from its own base64, as a path. */
static void expect_same_again(struct bytes der)
{
    RELEASED(buffer) text = BUFFER("text", 4 * OCSP_QUESTION_MAX);
    RELEASED(buffer) again = BUFFER("request", 2 * OCSP_QUESTION_MAX);
    struct failure why = {0};

    expect(base64_append(&text, der, 0, &why));
    /* A first slash is passed over: such a path says something else. */
    if (text.length == 0 || text.start[0] == '/')
        return;
    expect(ocsp_question_from_path(buffer_view(&text), &again, &why));
    expect(bytes_equal(buffer_view(&again), der));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RELEASED(buffer) der = BUFFER("request", 2 * OCSP_QUESTION_MAX);
    struct failure why = {0};

    if (!ocsp_question_from_path(
            (struct bytes){.start = data, .length = size}, &der, &why)) {
        expect(why.kind == FAILURE_MALFORMED);
        expect(der.length == 0);
        return 0;
    }
    expect(der.length <= size);
    expect_same_again(buffer_view(&der));
    return 0;
}
