#include "support/certificate_inputs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#define PATH_MAX_BYTES 1024

/* A test that is out of memory ends. */
static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static void add(struct certificate_inputs *inputs, struct bytes der)
{
    uint8_t *copy = must(malloc(der.length == 0 ? 1 : der.length));

    if (inputs->count == inputs->room) {
        inputs->room = inputs->room == 0 ? 1024 : inputs->room * 2;
        inputs->certificates = must(realloc(inputs->certificates,
            inputs->room * sizeof(*inputs->certificates)));
    }
    memcpy(copy, der.start, der.length);
    inputs->certificates[inputs->count++] =
        (struct bytes){.start = copy, .length = der.length};
}

size_t inputs_add_bundle(struct certificate_inputs *inputs, const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned char *data = NULL;
    char *label = NULL;
    char *header = NULL;
    long length = 0;
    size_t count = inputs->count;

    if (file == NULL)
        return 0;
    while (PEM_read(file, &label, &header, &data, &length) == 1) {
        add(inputs, (struct bytes){.start = data, .length = (size_t)length});
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    (void)fclose(file);
    return inputs->count - count;
}

static struct bytes read_whole(const char *path, uint8_t **held)
{
    FILE *file = fopen(path, "re");
    size_t length = 0;

    *held = NULL;
    if (file == NULL)
        return (struct bytes){0};
    if (fseek(file, 0, SEEK_END) == 0) {
        long end = ftell(file);

        rewind(file);
        *held = must(malloc(end <= 0 ? 1 : (size_t)end));
        length = fread(*held, 1, end <= 0 ? 0 : (size_t)end, file);
    }
    (void)fclose(file);
    return (struct bytes){.start = *held, .length = length};
}

static int is_der(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 4 && strcmp(entry->d_name + length - 4, ".der") == 0;
}

size_t inputs_add_folder(struct certificate_inputs *inputs, const char *path)
{
    struct dirent **entries = NULL;
    int entry_count = scandir(path, &entries, is_der, alphasort);
    size_t count = inputs->count;

    for (int i = 0; i < entry_count; i++) {
        char name[PATH_MAX_BYTES] = "";
        uint8_t *held = NULL;

        (void)snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        add(inputs, read_whole(name, &held));
        free(held);
        free(entries[i]);
    }
    free(entries);
    return inputs->count - count;
}

size_t inputs_add_records(struct certificate_inputs *inputs, const char *path)
{
    uint8_t *held = NULL;
    struct bytes rest = read_whole(path, &held);
    size_t count = inputs->count;

    while (rest.length >= 4) {
        const uint8_t *head = rest.start;
        size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
                        (size_t)head[2] << 8 | head[3];

        if (length > rest.length - 4)
            abort(); /* a file that was cut off compares nothing */
        add(inputs, (struct bytes){.start = head + 4, .length = length});
        rest = (struct bytes){head + 4 + length, rest.length - 4 - length};
    }
    free(held);
    return inputs->count - count;
}

void certificate_inputs_free(struct certificate_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        /* add() made it with malloc. */
        free((void *)(uintptr_t)inputs->certificates[i].start);
    }
    free(inputs->certificates);
    *inputs = (struct certificate_inputs){0};
}
