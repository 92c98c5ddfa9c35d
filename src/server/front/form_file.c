#include "server/front/form_file.h"

#include <stdio.h>
#include <string.h>

void form_file_free(struct form_file *file)
{
    buffer_free(&file->contents);
}

static bool begin(const struct http_request *request, struct multipart *form,
    struct failure *why)
{
    struct http_media media = {0};
    struct bytes type = {0};
    enum http_rule broken = HTTP_NO_RULE;

    if (!http_request_field(request, "Content-Type", &type))
        return fail_because(why, FAILURE_MALFORMED,
            "a file comes in multipart/form-data; no type was said");
    if (!http_media_read(type, &media, &broken) ||
        !multipart_begin(form, &media, &broken))
        return http_rule_fail(broken, why);
    return true;
}

static bool take(const struct multipart *form,
    const struct multipart_event *event, bool *is_file, struct form_file *file,
    struct failure *why)
{
    if (event->kind == MULTIPART_PART) {
        *is_file = strcmp(form->part.name, "file") == 0;
        if (*is_file)
            (void)snprintf(
                file->name, sizeof(file->name), "%s", form->part.file_name);
    }
    return event->kind != MULTIPART_PIECE || !*is_file ||
           buffer_append(&file->contents, event->piece, why);
}

bool form_file_read(const struct http_request *request, struct bytes body,
    struct form_file *file, struct failure *why)
{
    struct multipart form = {0};
    struct multipart_event event = {0};
    enum http_rule broken = HTTP_NO_RULE;
    bool is_file = false;

    if (!begin(request, &form, why))
        return false;
    do {
        size_t used = 0;

        if (!multipart_feed(&form, body, &used, &event, &broken))
            return http_rule_fail(broken, why);
        body = (struct bytes){body.start + used, body.length - used};
        if (!take(&form, &event, &is_file, file, why))
            return false;
    } while (body.length > 0 || event.kind != MULTIPART_NOTHING);
    if (!multipart_end(&form, &broken))
        return http_rule_fail(broken, why);
    return file->contents.length > 0 ||
           fail_because(why, FAILURE_MALFORMED, "the field file is empty");
}
