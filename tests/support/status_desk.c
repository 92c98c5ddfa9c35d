#include "support/status_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/file.h"
#include "support/words.h"

#define FILE_MAX (1024 * 1024)
#define OBJECT_MAX (64 * 1024)

static void add_object(
    struct status_objects *objects, const char *name, const char *encoded)
{
    struct buffer der = BUFFER("object", OBJECT_MAX);
    struct failure why = {0};

    assert_true(objects->count < STATUS_OBJECTS_MAX);
    assert_true(base64_read(bytes_of_text(encoded), &der, &why));
    objects->objects[objects->count].name = name;
    objects->objects[objects->count].der = der.start;
    objects->objects[objects->count++].length = der.length;
}

void status_objects_load(struct status_objects *objects)
{
    RELEASED(buffer) file = BUFFER("objects.txt", FILE_MAX);
    struct failure why = {0};
    const char *text = NULL;
    char *rest;

    *objects = (struct status_objects){0};
    assert_true(file_read(
        PROJECT_FOLDER "/tests/objects/revocation/objects.txt", &file, &why));
    assert_true(buffer_as_text(&file, &text, &why));
    objects->text = strdup(text);
    assert_non_null(objects->text);
    rest = objects->text;
    for (char *line = next_word(&rest, "\n"); line != NULL;
         line = next_word(&rest, "\n")) {
        char *blank = strchr(line, ' ');

        assert_non_null(blank);
        *blank = '\0';
        add_object(objects, line, blank + 1);
    }
}

void status_objects_free(struct status_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++)
        free(objects->objects[i].der);
    free(objects->text);
}

struct bytes status_object(
    const struct status_objects *objects, const char *name)
{
    for (size_t i = 0; i < objects->count; i++) {
        if (strcmp(objects->objects[i].name, name) == 0)
            return (struct bytes){
                objects->objects[i].der, objects->objects[i].length};
    }
    fail_msg("no object %s", name);
    return (struct bytes){0};
}
