#include "server/front/answerers.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "server/front/files.h"
#include "server/pages/html.h"

bool connection_answer_tagged(struct connection *connection,
    struct answer *answer, const char *tag, const char *modified,
    int64_t modified_at, struct failure *why)
{
    if (!answer_add(answer, "ETag", tag, why) ||
        (modified != NULL &&
            !answer_add(answer, "Last-Modified", modified, why)))
        return false;
    if (http_is_not_modified(
            &connection->request, tag, modified_at, clock_now())) {
        answer->status = 304;
        answer->type = NULL;
    }
    return connection_answer(connection, answer, why);
}

bool answer_file(struct connection *connection, struct failure *why)
{
    struct published *file = NULL;
    struct answer answer = {.status = 200};
    const char *path = NULL;

    if (!connection_path(connection, &path, why) ||
        !files_find(connection->front->files, path, &file, why))
        return false;
    answer.type = file->type;
    answer.content = file->content;
    answer.file = file;
    return answer_add(&answer, "Cache-Control", file->cached, why) &&
           connection_answer_tagged(connection, &answer, file->tag,
               file->modified, file->seen.st_mtim.tv_sec, why);
}

/* --- what never changes ----------------------------------------------------
 */

static const char *version(void)
{
    return "{\"version\":\"" CHANCERY_VERSION "\"}\n";
}

struct constant {
    const char *path, *type;
    const char *(*text)(void);
    char tag[HTTP_TAG_TEXT]; /* "": it was not asked for yet */
};

static struct constant constants[] = {
    {.path = "/version", .type = "application/json", .text = version},
    {.path = "/style.css",
        .type = "text/css; charset=utf-8",
        .text = html_style},
};

static struct constant *constant_at(const char *path)
{
    for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++) {
        if (strcmp(constants[i].path, path) == 0)
            return &constants[i];
    }
    return NULL;
}

static bool make_tag(
    struct constant *constant, struct bytes content, struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (constant->tag[0] != '\0')
        return true;
    if (!sha256(&content, 1, digest, why))
        return false;
    http_tag_print(digest, constant->tag);
    return true;
}

bool answer_constant(struct connection *connection, struct failure *why)
{
    struct answer answer = {.status = 200};
    struct constant *constant = NULL;
    const char *path = NULL;

    if (!connection_path(connection, &path, why))
        return false;
    constant = constant_at(path);
    if (constant == NULL)
        return fail_because(
            why, FAILURE_NOT_FOUND, "there is nothing at this address");
    answer.type = constant->type;
    answer.content = bytes_of_text(constant->text());
    return make_tag(constant, answer.content, why) &&
           answer_add(&answer, "Cache-Control", "no-cache", why) &&
           connection_answer_tagged(
               connection, &answer, constant->tag, NULL, 0, why);
}
