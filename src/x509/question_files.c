#include "x509/question_files.h"

#include <stdio.h>
#include <stdlib.h>

#include "x509/signed_file.h"

/* --- certificates -------------------------------------------------------- */

size_t question_certificates(const struct input *input, const char *name,
    struct bytes but, struct chain_pool *pool, question_unread *tell,
    void *owner)
{
    size_t added = 0;

    for (size_t i = 0; i < input->count; i++) {
        const struct input_object *object = &input->objects[i];
        struct failure unread = {0};

        if (object->kind != INPUT_CERTIFICATE || bytes_equal(object->der, but))
            continue;
        if (chain_pool_add(pool, object->der, name, &unread))
            added++;
        else if (tell != NULL)
            tell(owner, name, &unread);
    }
    return added;
}

bool question_leaf(struct bytes file, const char *name,
    const struct input *input, struct buffer *room, struct bytes *leaf,
    struct failure *why)
{
    struct failure unread = {0};

    *room = BUFFER("a certificate", CERTIFICATE_MAX);
    if (input_certificate(file, name, room, &unread)) {
        *leaf = buffer_view(room);
        return true;
    }
    for (size_t i = 0; i < input->count; i++) {
        if (input->objects[i].kind == INPUT_CERTIFICATE) {
            *leaf = input->objects[i].der;
            return true;
        }
    }
    return fail_because(why, unread.kind, "%s", unread.reason);
}

/* --- lists and answers --------------------------------------------------- */

static bool add_source(struct question_sources *sources, struct bytes der,
    const char *name, bool is_ocsp, struct failure *why)
{
    struct status_source **grown = NULL;
    struct status_source *source = NULL;

    if (sources->count == QUESTION_SOURCES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "there are more than %d revocation lists", QUESTION_SOURCES_MAX);
    source = calloc(1, sizeof(*source));
    grown = realloc(sources->all, (sources->count + 1) * sizeof(*grown));
    if (grown != NULL)
        sources->all = grown;
    if (grown == NULL || source == NULL) {
        free(source);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    status_source_read(der, name, is_ocsp, source);
    sources->all[sources->count++] = source;
    return true;
}

void question_sources_free(struct question_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        free(sources->all[i]);
    free(sources->all);
    *sources = (struct question_sources){0};
}

/* Why text is no list the reader of text says; as DER it is damaged at offset
 * 0, which tells nobody anything. */
static bool add_unread(struct question_sources *sources, struct bytes file,
    const char *name, const struct failure *unread, struct failure *why)
{
    struct status_source *added = NULL;

    if (!add_source(sources, file, name, false, why))
        return false;
    added = sources->all[sources->count - 1];
    if (added->kind == STATUS_UNREADABLE && file.length > 0 &&
        file.start[0] != DER_SEQUENCE)
        added->of.unreadable = *unread;
    return true;
}

bool question_lists(struct bytes file, const char *name, struct input *input,
    struct question_sources *sources, struct failure *why)
{
    struct failure unread = {0};
    size_t lists = 0;

    if (!input_read(file, name, input, &unread))
        return add_unread(sources, file, name, &unread, why);
    for (size_t i = 0; i < input->count; i++) {
        if (input->objects[i].kind != INPUT_CRL)
            continue;
        lists++;
        if (!add_source(sources, input->objects[i].der, name, false, why))
            return false;
    }
    return lists > 0 || add_source(sources, file, name, false, why);
}

/* PEM is not usual for answers, but what input_read finds in it is one. */
bool question_answer(struct bytes file, const char *name, struct input *input,
    struct question_sources *sources, struct failure *why)
{
    struct failure unread = {0};

    if (file.length > 0 && file.start[0] != DER_SEQUENCE &&
        input_read(file, name, input, &unread) && input->count > 0)
        file = input->objects[0].der;
    return add_source(sources, file, name, true, why);
}

/* --- what it is ---------------------------------------------------------- */

static bool holds_certificate(struct bytes file)
{
    RELEASED(input) input = {0};
    struct failure unread = {0};

    if (!input_read(file, "the file", &input, &unread))
        return false;
    for (size_t i = 0; i < input.count; i++) {
        if (input.objects[i].kind == INPUT_CERTIFICATE)
            return true;
    }
    return false;
}

bool question_is_of_signed_file(struct bytes file, enum chain_purpose purpose)
{
    if (signed_file_is(file))
        return true;
    return (purpose == CHAIN_CODE_SIGNING || purpose == CHAIN_EMAIL) &&
           !holds_certificate(file);
}

void question_malformed(struct verdict *verdict, const struct failure *why)
{
    *verdict = (struct verdict){.code = VERDICT_MALFORMED};
    (void)snprintf(
        verdict->sentence, sizeof(verdict->sentence), "%s", why->reason);
}
