#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "x509/facade/facade.h"

/* --- made and given back -------------------------------------------------- */

struct chancery_question *chancery_question_new(void)
{
    struct chancery_question *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return NULL;
    made->content = BUFFER("the content", CHANCERY_CONTENT_MAX);
    if (!chain_pool_new(&made->roots, &made->failure) ||
        !chain_pool_new(&made->untrusted, &made->failure) ||
        !chain_pool_new(&made->distrusted, &made->failure)) {
        chancery_question_free(made);
        return NULL;
    }
    return made;
}

static void free_file(struct facade_file *file)
{
    input_free(&file->input);
    buffer_free(&file->bytes);
    free(file->name);
    free(file);
}

static void free_oids(struct facade_oids *oids)
{
    for (size_t i = 0; i < oids->count; i++)
        free(oids->held[i]);
    free(oids->held);
    free(oids->views);
}

void chancery_question_free(struct chancery_question *question)
{
    if (question == NULL)
        return;
    for (size_t i = 0; i < question->file_count; i++)
        free_file(question->files[i]);
    free(question->files);
    for (size_t i = 0; i < question->name_count; i++)
        free(question->name_texts[i]);
    free(question->name_texts);
    free(question->names);
    free_oids(&question->policies);
    free_oids(&question->purposes);
    question_sources_free(&question->sources);
    buffer_free(&question->content);
    chain_pool_free(question->roots);
    chain_pool_free(question->untrusted);
    chain_pool_free(question->distrusted);
    free(question);
}

const char *chancery_question_reason(const struct chancery_question *question)
{
    return question->failure.reason;
}

/* The result of a change, its reason remembered. */
static enum chancery_result settle(
    struct chancery_question *question, bool is_done, const struct failure *why)
{
    if (is_done)
        return CHANCERY_DONE;
    question->failure = *why;
    return facade_result(why);
}

bool facade_grow(void *array, size_t count, size_t element, struct failure *why)
{
    void *held = NULL;
    void *grown = NULL;

    memcpy(&held, array, sizeof(held)); /* whatever it points to */
    grown = realloc(held, (count + 1) * element);
    if (grown == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    memcpy(array, &grown, sizeof(grown));
    return true;
}

/* --- files ---------------------------------------------------------------- */

static bool fill_file(struct facade_file *file, struct bytes bytes,
    const char *name, struct failure *why)
{
    file->bytes = BUFFER("the file", CHANCERY_FILE_MAX);
    file->name = strdup(name == NULL ? FACADE_NAMELESS : name);
    if (file->name == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return buffer_append(&file->bytes, bytes, why);
}

static bool hold_file(struct chancery_question *question, struct bytes bytes,
    const char *name, struct facade_file **file, struct failure *why)
{
    struct facade_file *made = NULL;

    if (question->file_count == CHANCERY_FILES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a question has at most %d files", CHANCERY_FILES_MAX);
    if (!facade_grow(&question->files, question->file_count,
            sizeof(*question->files), why))
        return false;
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!fill_file(made, bytes, name, why)) {
        free_file(made);
        return false;
    }
    question->files[question->file_count++] = made;
    *file = made;
    return true;
}

static bool read_file(struct chancery_question *question, struct bytes bytes,
    const char *name, struct facade_file **file, struct failure *why)
{
    struct facade_file *held = NULL;

    if (!hold_file(question, bytes, name, &held, why))
        return false;
    *file = held;
    if (input_read(buffer_view(&held->bytes), held->name, &held->input, why))
        return true;
    free_file(question->files[--question->file_count]);
    return false;
}

/* A file that was read stays: the pool tells of what is damaged in it. */
static bool add_certificates(struct chancery_question *question,
    struct bytes bytes, const char *name, struct chain_pool *pool,
    struct failure *why)
{
    struct facade_file *file = NULL;

    return read_file(question, bytes, name, &file, why) &&
           (question_certificates(&file->input, file->name, (struct bytes){0},
                pool, NULL, NULL) > 0 ||
               fail_because(why, FAILURE_MALFORMED,
                   "%.300s holds no certificate that can be read", file->name));
}

static enum chancery_result add_to(struct chancery_question *question,
    struct bytes bytes, const char *name, struct chain_pool *pool)
{
    struct failure why = {0};

    return settle(
        question, add_certificates(question, bytes, name, pool, &why), &why);
}

enum chancery_result chancery_question_add_roots(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name)
{
    return add_to(question, facade_bytes(bytes, length), name, question->roots);
}

enum chancery_result chancery_question_add_untrusted(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name)
{
    return add_to(
        question, facade_bytes(bytes, length), name, question->untrusted);
}

enum chancery_result chancery_question_add_distrusted(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name)
{
    return add_to(
        question, facade_bytes(bytes, length), name, question->distrusted);
}

typedef bool read_sources(struct bytes file, const char *name,
    struct input *input, struct question_sources *sources, struct failure *why);

/* All of a file, or nothing. */
static bool add_sources(struct chancery_question *question, struct bytes bytes,
    const char *name, read_sources *read, struct failure *why)
{
    struct question_sources *sources = &question->sources;
    size_t count = sources->count;
    struct facade_file *file = NULL;

    if (!hold_file(question, bytes, name, &file, why))
        return false;
    if (read(buffer_view(&file->bytes), file->name, &file->input, sources, why))
        return true;
    while (sources->count > count)
        free(sources->all[--sources->count]);
    free_file(question->files[--question->file_count]);
    return false;
}

enum chancery_result chancery_question_add_lists(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name)
{
    struct failure why = {0};

    return settle(question,
        add_sources(
            question, facade_bytes(bytes, length), name, question_lists, &why),
        &why);
}

enum chancery_result chancery_question_add_ocsp(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name)
{
    struct failure why = {0};

    return settle(question,
        add_sources(
            question, facade_bytes(bytes, length), name, question_answer, &why),
        &why);
}

enum chancery_result chancery_question_set_content(
    struct chancery_question *question, const void *bytes, size_t length)
{
    struct failure why = {0};
    bool is_done = false;

    if (length > CHANCERY_CONTENT_MAX) {
        (void)fail_because(&why, FAILURE_UNSUITABLE,
            "the content is longer than %ld bytes", CHANCERY_CONTENT_MAX);
    } else {
        buffer_clear(&question->content);
        is_done = buffer_append(
            &question->content, facade_bytes(bytes, length), &why);
        question->has_content = is_done;
    }
    return settle(question, is_done, &why);
}

/* --- what the engine is asked --------------------------------------------- */

void facade_question(
    const struct chancery_question *question, struct chain_question *asked)
{
    *asked = question->asked;
    asked->roots = question->roots;
    asked->untrusted = question->untrusted;
    asked->distrusted = question->distrusted;
    asked->names = question->names;
    asked->name_count = question->name_count;
    asked->purposes = question->purposes.views;
    asked->purpose_count = question->purposes.count;
    asked->policies.initial = question->policies.views;
    asked->policies.initial_count = question->policies.count;
    asked->sources = (const struct status_source *const *)question->sources.all;
    asked->source_count = question->sources.count;
    asked->explains = true;
    if (!question->has_time)
        asked->time = clock_now();
    if (!question->has_revocation)
        asked->revocation = question->sources.count > 0 ? CHAIN_REVOCATION_SOFT
                                                        : CHAIN_REVOCATION_OFF;
}
