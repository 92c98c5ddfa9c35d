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

static const char version[] = "{\"version\":\"" CHANCERY_VERSION "\"}\n";

static bool tag_of(
    struct bytes content, char tag[static HTTP_TAG_TEXT], struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (!sha256(&content, 1, digest, why))
        return false;
    http_tag_print(digest, tag);
    return true;
}

bool answer_constant(struct connection *connection, struct failure *why)
{
    struct answer answer = {.status = 200};
    char tag[HTTP_TAG_TEXT];
    const char *path = NULL;

    if (!connection_path(connection, &path, why))
        return false;
    if (strcmp(path, "/version") == 0) {
        answer.type = "application/json";
        answer.content = bytes_of_text(version);
    } else if (strcmp(path, "/style.css") == 0) {
        answer.type = "text/css; charset=utf-8";
        answer.content = bytes_of_text(html_style());
    } else {
        return fail_because(
            why, FAILURE_NOT_FOUND, "there is nothing at this address");
    }
    return tag_of(answer.content, tag, why) &&
           answer_add(&answer, "Cache-Control", "no-cache", why) &&
           connection_answer_tagged(connection, &answer, tag, NULL, 0, why);
}
