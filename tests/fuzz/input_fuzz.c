#include <stdlib.h>

#include "x509/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (64 * 1024)

static bool lies_in(struct bytes part, struct bytes whole)
{
    return part.length == 0 ||
           (part.start >= whole.start &&
               part.start + part.length <= whole.start + whole.length);
}

/* Each object is a view into the file or into what was decoded. */
static void read_all(struct bytes file)
{
    RELEASED(input) input = {0};
    struct failure why = {0};

    if (!input_read(file, "file", &input, &why)) {
        if (why.kind == FAILURE_NONE || why.kind == FAILURE_INTERNAL)
            abort();
        return;
    }
    for (size_t i = 0; i < input.count; i++) {
        struct bytes der = input.objects[i].der;

        if (!lies_in(der, file) && !lies_in(der, buffer_view(&input.bytes)))
            abort();
    }
}

static void read_wanted(struct bytes file)
{
    RELEASED(buffer) der = BUFFER("object", INPUT_MAX);
    RELEASED(buffer) request = BUFFER("request", INPUT_MAX);
    RELEASED(buffer) old = BUFFER("old certificate", INPUT_MAX);
    RELEASED(input) certificates = {0};
    RELEASED(input) crls = {0};
    struct failure why = {0};

    if (input_certificate(file, "file", &der, &why) &&
        input_kind_of(buffer_view(&der)) == INPUT_PRIVATE_KEY)
        abort();
    if (!input_request(file, "file", &request, &old, &why) &&
        request.length + old.length > 0)
        abort();
    (void)!input_certificates(file, "file", &certificates, &why);
    (void)!input_crls(file, "file", &crls, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file = {.start = data, .length = size};

    if (size > INPUT_MAX)
        return 0;
    read_all(file);
    read_wanted(file);
    return 0;
}
