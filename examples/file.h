#ifndef EXAMPLES_FILE_H
#define EXAMPLES_FILE_H

#include <stdio.h>
#include <stdlib.h>

/* A whole file, which the caller frees; NULL: it can't be read. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    size_t room = 0;
    size_t count = 0;

    *length = 0;
    while (file != NULL && feof(file) == 0 && ferror(file) == 0) {
        room += 65536;
        bytes = (char *)realloc(bytes, room);
        if (bytes == NULL)
            abort();
        count = fread(bytes + *length, 1, room - *length, file);
        *length += count;
    }
    if (file == NULL || ferror(file) != 0) {
        free(bytes);
        bytes = NULL;
    }
    if (file != NULL)
        (void)fclose(file);
    if (bytes == NULL)
        (void)fprintf(stderr, "%s can't be read\n", path);
    return bytes;
}

#endif
