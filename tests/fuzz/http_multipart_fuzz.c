#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/http/multipart.h"

#define TOLD_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void tell(const struct multipart *form,
    const struct multipart_event *event, struct buffer *told)
{
    struct failure why = {0};

    if (event->kind == MULTIPART_PART) {
        insist(form->part.name[0] != '\0');
        insist(text_is_utf8(bytes_of_text(form->part.name)));
        insist(text_is_utf8(bytes_of_text(form->part.file_name)));
        insist(buffer_append_text(told, form->part.name, &why));
    } else if (event->kind == MULTIPART_PIECE) {
        insist(event->piece.length > 0);
        insist(buffer_append(told, event->piece, &why));
    } else if (event->kind == MULTIPART_PART_END) {
        insist(buffer_append_byte(told, ';', &why));
    }
}

static bool feed_part(struct multipart *form, struct bytes part,
    struct buffer *told, enum http_rule *broken)
{
    struct multipart_event event;
    size_t used = 0;

    do {
        if (!multipart_feed(form, part, &used, &event, broken))
            return false;
        insist(used <= part.length);
        tell(form, &event, told);
        part.start += used;
        part.length -= used;
    } while (part.length > 0 || event.kind != MULTIPART_NOTHING);
    return true;
}

/* The rule that was broken, or HTTP_NO_RULE. */
static enum http_rule feed(
    struct bytes bytes, size_t length, struct buffer *told)
{
    static struct multipart form;
    struct http_media media;
    enum http_rule broken = HTTP_NO_RULE;

    insist(http_media_read(
        bytes_of_text("multipart/form-data; boundary=X"), &media, &broken));
    insist(multipart_begin(&form, &media, &broken));
    while (bytes.length > 0) {
        size_t now = bytes.length < length ? bytes.length : length;
        uint8_t *copy = malloc(now);
        bool is_sound;

        insist(copy != NULL);
        memcpy(copy, bytes.start, now);
        is_sound = feed_part(&form, (struct bytes){copy, now}, told, &broken);
        free(copy);
        if (!is_sound)
            return broken;
        bytes.start += now;
        bytes.length -= now;
    }
    (void)!multipart_end(&form, &broken);
    return broken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RELEASED(buffer) whole = BUFFER("whole", TOLD_MAX);
    struct bytes bytes = {data, size};
    enum http_rule broken;

    if (size == 0 || size > TOLD_MAX / 4)
        return 0;
    broken = feed(bytes, size, &whole);
    for (size_t length = 1; length <= 15; length += 7) {
        RELEASED(buffer) parted = BUFFER("parted", TOLD_MAX);

        insist(feed(bytes, length, &parted) == broken);
        if (broken == HTTP_NO_RULE)
            insist(bytes_equal(buffer_view(&whole), buffer_view(&parted)));
    }
    return 0;
}
