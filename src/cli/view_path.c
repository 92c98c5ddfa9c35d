#include "cli/view_path.h"

#include <stdlib.h>

#include "base/clock.h"
#include "cli/machine_roots.h"
#include "x509/chain/chain.h"
#include "x509/input.h"
#include "x509/view/path.h"

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
    struct view_asker *asker, const char *path, struct failure *why)
{
    struct root_file *file = &asker->files[asker->file_count++];

    file->bytes = BUFFER("the file of roots", PEM_MAX);
    if (!file_read(path, &file->bytes, why) ||
        !input_read(buffer_view(&file->bytes), path, &file->input, why))
        return false;
    return add_certificates(asker->roots, &file->input, path) > 0 ||
           fail_because(why, FAILURE_MALFORMED,
               "%s holds no certificate that can be read", path);
}

/* A machine without roots trusts none, and the verdict says so. */
static bool read_all_roots(
    const struct call *call, struct view_asker *asker, struct failure *why)
{
    const char *path = machine_roots_file();
    struct failure unread = {0};
    size_t position = 0;

    if (!call_given(call, "roots")) {
        (void)!(path == NULL || read_roots(asker, path, &unread));
        return true;
    }
    while ((path = option_next(&call->options, "roots", &position)) != NULL) {
        if (!read_roots(asker, path, why))
            return false;
    }
    return true;
}

bool view_asker_start(const struct call *call, const char *origin,
    struct view_asker *asker, struct failure *why)
{
    asker->origin = origin;
    asker->files = calloc(call->options.value_count + 1, sizeof(*asker->files));
    asker->offered = calloc(INPUT_OBJECTS_MAX, sizeof(*asker->offered));
    if (asker->files == NULL || asker->offered == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return chain_pool_new(&asker->roots, why) &&
           read_all_roots(call, asker, why);
}

void view_asker_offer(struct view_asker *asker, struct bytes certificate)
{
    if (asker->offered_count < INPUT_OBJECTS_MAX)
        asker->offered[asker->offered_count++] = certificate;
}

/* All but the leaf, as verify has it: what was looked through is told. */
static void fill_untrusted(const struct view_asker *asker, struct bytes leaf,
    struct chain_pool *untrusted)
{
    for (size_t i = 0; i < asker->offered_count; i++) {
        struct failure unread = {0};

        if (!bytes_equal(asker->offered[i], leaf))
            (void)!chain_pool_add(
                untrusted, asker->offered[i], asker->origin, &unread);
    }
}

bool view_asker_ask(struct view_asker *asker, struct bytes leaf,
    struct view_document *document, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *untrusted = NULL;
    struct chain_question question = {.leaf = leaf,
        .leaf_origin = asker->origin,
        .roots = asker->roots,
        .time = clock_now(),
        .revocation = CHAIN_REVOCATION_OFF,
        .explains = true};
    struct verdict verdict = {0};

    if (asker->asked++ >= VIEW_JUDGED_MAX) {
        view_no_path(document, "not asked: this file holds many certificates");
        return true;
    }
    if (!chain_pool_new(&untrusted, why))
        return false;
    fill_untrusted(asker, leaf, untrusted);
    question.untrusted = untrusted;
    if (!chain_verify(&question, &verdict, why))
        return false;
    view_path(document, &verdict);
    verdict_free(&verdict);
    return true;
}

void view_asker_free(struct view_asker *asker)
{
    for (size_t i = 0; i < asker->file_count; i++) {
        input_free(&asker->files[i].input);
        buffer_free(&asker->files[i].bytes);
    }
    free(asker->files);
    chain_pool_free(asker->roots);
    free(asker->offered);
    *asker = (struct view_asker){0};
}
