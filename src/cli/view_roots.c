#include "cli/view_roots.h"

#include <stdlib.h>

#include "base/clock.h"
#include "cli/machine_roots.h"
#include "x509/input.h"

struct root_file {
    struct buffer bytes;
    struct input input;
};

/* One that can't be read is passed over: a store of many roots must not become
 * useless by one. */
static size_t add_certificates(
    struct chain_pool *pool, const struct input *input, const char *origin)
{
    size_t added = 0;

    for (size_t i = 0; i < input->count; i++) {
        struct failure unread = {0};

        added += input->objects[i].kind == INPUT_CERTIFICATE &&
                 chain_pool_add(pool, input->objects[i].der, origin, &unread);
    }
    return added;
}

static bool read_roots(
    struct view_roots *roots, const char *path, struct failure *why)
{
    struct root_file *file = &roots->files[roots->file_count++];

    file->bytes = BUFFER("the file of roots", PEM_MAX);
    if (!file_read(path, &file->bytes, why) ||
        !input_read(buffer_view(&file->bytes), path, &file->input, why))
        return false;
    return add_certificates(roots->roots, &file->input, path) > 0 ||
           fail_because(why, FAILURE_MALFORMED,
               "%s holds no certificate that can be read", path);
}

/* A machine without roots trusts none, and the verdict says so. */
static bool read_all_roots(
    const struct call *call, struct view_roots *roots, struct failure *why)
{
    const char *path = machine_roots_file();
    struct failure unread = {0};
    size_t position = 0;

    if (!call_given(call, "roots")) {
        (void)!(path == NULL || read_roots(roots, path, &unread));
        return true;
    }
    while ((path = option_next(&call->options, "roots", &position)) != NULL) {
        if (!read_roots(roots, path, why))
            return false;
    }
    return true;
}

bool view_roots_read(const struct call *call, struct view_roots *roots,
    struct chain_question *question, struct failure *why)
{
    roots->files = calloc(call->options.value_count + 1, sizeof(*roots->files));
    if (roots->files == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!chain_pool_new(&roots->roots, why) ||
        !read_all_roots(call, roots, why))
        return false;
    *question = (struct chain_question){.roots = roots->roots,
        .time = clock_now(),
        .revocation = CHAIN_REVOCATION_OFF,
        .explains = true};
    return true;
}

void view_roots_free(struct view_roots *roots)
{
    for (size_t i = 0; i < roots->file_count; i++) {
        input_free(&roots->files[i].input);
        buffer_free(&roots->files[i].bytes);
    }
    free(roots->files);
    chain_pool_free(roots->roots);
    *roots = (struct view_roots){0};
}
