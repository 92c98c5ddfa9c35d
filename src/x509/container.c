#include "x509/container.h"

#include <stdlib.h>

struct container container_new(void)
{
    return (struct container){
        .bytes = BUFFER("what a container holds", CONTAINER_BYTES_MAX)};
}

void container_free(struct container *container)
{
    free(container->objects);
    buffer_free(&container->bytes);
    container->objects = NULL;
    container->count = 0;
}

struct bytes container_der(
    const struct container *container, const struct container_object *object)
{
    if (object->length == 0)
        return (struct bytes){0};
    return (struct bytes){.start = container->bytes.start + object->start,
        .length = object->length};
}

bool container_add(struct container *container,
    const struct container_object *object, struct bytes der,
    struct failure *why)
{
    struct container_object *moved;

    if (container->count == CONTAINER_OBJECTS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "it holds more than %d objects, which is the limit",
            CONTAINER_OBJECTS_MAX);
    moved =
        realloc(container->objects, (container->count + 1) * sizeof(*moved));
    if (moved == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    container->objects = moved;
    moved += container->count;
    *moved = *object;
    moved->start = container->bytes.length;
    moved->length = der.length;
    if (!buffer_append(&container->bytes, der, why))
        return false;
    container->count++;
    return true;
}
