#include "cli/verify_inquiry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/machine_roots.h"
#include "cli/output.h"
#include "cli/verify_signed.h"

/* A certificate with its chain, a list of lists: each is a file. */
#define FILE_MAX (64 * 1024 * 1024)

/* --- files --------------------------------------------------------------- */

/* Reads a file and what is in it; the inquiry owns both. */
static bool read_file(struct inquiry *inquiry, const char *path,
    struct inquiry_file **file, struct failure *why)
{
    struct inquiry_file *read = &inquiry->files[inquiry->file_count++];

    read->bytes = BUFFER("the file", FILE_MAX);
    *file = read;
    return strcmp(path, "-") == 0 ? descriptor_read(STDIN_FILENO,
                                        "standard input", &read->bytes, why)
                                  : file_read(path, &read->bytes, why);
}

static bool read_objects(struct inquiry *inquiry, const char *path,
    struct inquiry_file **file, struct failure *why)
{
    return read_file(inquiry, path, file, why) &&
           input_read(buffer_view(&(*file)->bytes), path, &(*file)->input, why);
}

/* --- certificates -------------------------------------------------------- */

static void tell_passed_over(
    void *owner, const char *path, const struct failure *why)
{
    const struct call *call = owner;

    notice(call, "passed over a certificate of %s: %s", path, why->reason);
}

static size_t add_certificates(struct call *call, const struct input *input,
    const char *path, struct bytes but, struct chain_pool *pool)
{
    return question_certificates(
        input, path, but, pool, tell_passed_over, call);
}

static bool read_pool(struct call *call, struct inquiry *inquiry,
    const char *path, struct chain_pool *pool, struct failure *why)
{
    struct inquiry_file *file = NULL;
    size_t added = 0;

    if (!read_objects(inquiry, path, &file, why))
        return false;
    added = add_certificates(call, &file->input, path, (struct bytes){0}, pool);
    return added > 0 || fail_because(why, FAILURE_MALFORMED,
                            "%s holds no certificate that can be read", path);
}

static bool read_pools(struct call *call, struct inquiry *inquiry,
    const char *option, struct chain_pool *pool, struct failure *why)
{
    const char *path = NULL;
    size_t position = 0;

    while ((path = option_next(&call->options, option, &position)) != NULL) {
        if (!read_pool(call, inquiry, path, pool, why))
            return false;
    }
    return true;
}

static bool read_machine_roots(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    inquiry->roots_file = machine_roots_file();
    if (inquiry->roots_file != NULL)
        return read_pool(
            call, inquiry, inquiry->roots_file, inquiry->roots, why);
    advise(call, "name the trusted roots with --roots FILE");
    return fail_because(why, FAILURE_NOT_FOUND,
        "this machine has no store of trusted roots at %s",
        MACHINE_ROOTS_USUAL);
}

static bool read_roots(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    return call_given(call, "roots")
               ? read_pools(call, inquiry, "roots", inquiry->roots, why)
               : read_machine_roots(call, inquiry, why);
}

/* --- lists and answers --------------------------------------------------- */

static bool read_crl_file(
    struct inquiry *inquiry, const char *path, struct failure *why)
{
    struct inquiry_file *file = NULL;

    return read_file(inquiry, path, &file, why) &&
           question_lists(buffer_view(&file->bytes), path, &file->input,
               &inquiry->sources, why);
}

static bool read_ocsp_file(
    struct inquiry *inquiry, const char *path, struct failure *why)
{
    struct inquiry_file *file = NULL;

    return read_file(inquiry, path, &file, why) &&
           question_answer(buffer_view(&file->bytes), path, &file->input,
               &inquiry->sources, why);
}

static bool read_sources(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    const char *path = NULL;
    size_t position = 0;

    while ((path = option_next(&call->options, "crl", &position)) != NULL) {
        if (!read_crl_file(inquiry, path, why))
            return false;
    }
    position = 0;
    while ((path = option_next(&call->options, "ocsp", &position)) != NULL) {
        if (!read_ocsp_file(inquiry, path, why))
            return false;
    }
    inquiry->question.sources =
        (const struct status_source *const *)inquiry->sources.all;
    inquiry->question.source_count = inquiry->sources.count;
    return true;
}

/* --- FILE ---------------------------------------------------------------- */

static bool read_leaf(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    const char *path = call->options.operands[0];
    struct inquiry_file *file = NULL;

    if (!read_file(inquiry, path, &file, why))
        return false;
    inquiry->signed_bytes = buffer_view(&file->bytes);
    inquiry->is_signed_file = verify_is_signed_file(
        call, inquiry->signed_bytes, inquiry->question.purpose);
    if (inquiry->is_signed_file)
        return true;
    if (!input_read(inquiry->signed_bytes, path, &file->input, why) ||
        !question_leaf(inquiry->signed_bytes, path, &file->input,
            &inquiry->leaf, &inquiry->question.leaf, why))
        return false;
    inquiry->question.leaf_origin = path;
    (void)add_certificates(
        call, &file->input, path, inquiry->question.leaf, inquiry->untrusted);
    return true;
}

/* --- all ----------------------------------------------------------------- */

static bool make_room(
    const struct call *call, struct inquiry *inquiry, struct failure *why)
{
    size_t most = call->options.value_count + 2; /* FILE, the machine's roots */

    inquiry->files = calloc(most, sizeof(*inquiry->files));
    inquiry->names = calloc(most, sizeof(*inquiry->names));
    inquiry->oids = calloc(most, sizeof(*inquiry->oids));
    inquiry->policies = calloc(most, sizeof(*inquiry->policies));
    if (inquiry->files == NULL || inquiry->names == NULL ||
        inquiry->oids == NULL || inquiry->policies == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return chain_pool_new(&inquiry->roots, why) &&
           chain_pool_new(&inquiry->untrusted, why) &&
           chain_pool_new(&inquiry->distrusted, why);
}

bool inquiry_read(
    struct call *call, struct inquiry *inquiry, struct failure *why)
{
    if (!make_room(call, inquiry, why) ||
        !inquiry_read_asked(call, inquiry, why) ||
        !read_leaf(call, inquiry, why) || !read_roots(call, inquiry, why) ||
        !read_pools(call, inquiry, "untrusted", inquiry->untrusted, why) ||
        !read_pools(call, inquiry, "distrusted", inquiry->distrusted, why) ||
        !read_sources(call, inquiry, why))
        return false;
    inquiry->question.roots = inquiry->roots;
    inquiry->question.untrusted = inquiry->untrusted;
    inquiry->question.distrusted = inquiry->distrusted;
    inquiry->question.explains = true;
    return true;
}

void inquiry_free(struct inquiry *inquiry)
{
    for (size_t i = 0; i < inquiry->file_count; i++) {
        input_free(&inquiry->files[i].input);
        buffer_free(&inquiry->files[i].bytes);
    }
    question_sources_free(&inquiry->sources);
    free(inquiry->files);
    free(inquiry->names);
    free(inquiry->oids);
    free(inquiry->policies);
    buffer_free(&inquiry->leaf);
    chain_pool_free(inquiry->roots);
    chain_pool_free(inquiry->untrusted);
    chain_pool_free(inquiry->distrusted);
    *inquiry = (struct inquiry){0};
}
