#include <stdlib.h>
#include <string.h>

#include "protocols/certsrv/attributes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes text = {data, size};
    char template_name[PROFILE_NAME_MAX] = "";
    struct failure why = {0};

    if (certsrv_attributes_read(text, template_name, &why)) {
        insist(strlen(template_name) < sizeof(template_name));
        insist(template_name[0] == '\0' || memmem(data, size, template_name,
                                               strlen(template_name)) != NULL);
        return 0;
    }
    insist(why.kind == FAILURE_UNSUITABLE || why.kind == FAILURE_MALFORMED ||
           why.kind == FAILURE_NOT_FOUND);
    insist(why.reason[0] != '\0');
    return 0;
}
