#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"

#define LEVELS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every node has a place and what its kind promises. */
static void check(
    const struct yaml_node *node, const struct yaml_node *above, int levels)
{
    if (node->line == 0 || node->column == 0 || levels > LEVELS_MAX)
        abort();
    if ((node->kind == YAML_TEXT) != (node->text != NULL))
        abort();
    if (above != NULL && above->kind == YAML_MAPPING &&
        yaml_find(above, node->key) != node)
        abort();
    for (const struct yaml_node *child = node->first; child != NULL;
         child = child->next)
        check(child, node, levels + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_STRUCT(yaml_document) *document = NULL;
    struct bytes text = {.start = data, .length = size};
    struct failure why = {0};

    if (yaml_read(text, "fuzz", &document, &why))
        check(yaml_root(document), NULL, 0);
    else if (why.kind != FAILURE_MALFORMED || strlen(why.reason) == 0)
        abort();
    return 0;
}
