#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/verify_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every line is answered, by one object of four keys, and no line of a fuzzer
 * holds a path that it signed. */
static void check(const struct buffer *answer)
{
    SCOPED(json_t) *value = NULL;
    struct failure why = {0};
    const char *code;

    if (!json_read(buffer_view(answer), "an answer", &value, &why) ||
        json_object_size(value) != 4 ||
        !json_is_boolean(json_object_get(value, "valid")) ||
        !json_is_string(json_object_get(value, "sentence")))
        abort();
    code = json_string_value(json_object_get(value, "code"));
    if (code == NULL || json_is_true(json_object_get(value, "valid")) !=
                            (strcmp(code, "ok") == 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct batch_line line = {
        .text = {.start = data, .length = size}, .number = 1};
    RELEASED(buffer) answer = BUFFER("an answer", BATCH_ANSWER_MAX);
    struct failure why = {0};

    if (!batch_line_answer(&line, NULL, &answer, &why))
        abort();
    check(&answer);
    return 0;
}
