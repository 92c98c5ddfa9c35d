#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/http/basic.h"
#include "server/http/date.h"
#include "server/http/form.h"
#include "server/http/host.h"
#include "server/http/media.h"
#include "server/http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void read_path(struct bytes text)
{
    RELEASED(buffer) path = BUFFER("path", HTTP_PATH_MAX);
    enum http_rule broken = HTTP_NO_RULE;

    if (!url_path_decode(text, URL_SLASH_REFUSED, &path, &broken)) {
        insist(broken != HTTP_NO_RULE);
        return;
    }
    insist(text_is_utf8(buffer_view(&path)));
    insist(path.length == 0 || memchr(path.start, 0, path.length) == NULL);
    insist(path.length == 0 || memchr(path.start, '\\', path.length) == NULL);
}

static void read_form(struct bytes text)
{
    RELEASED(form) form = {0};
    enum http_rule broken = HTTP_NO_RULE;

    if (!form_read(text, &form, &broken)) {
        insist(broken != HTTP_NO_RULE);
        return;
    }
    insist(form.count <= FORM_FIELDS_MAX);
    insist(form.text.length <= text.length);
    for (size_t i = 0; i < form.count; i++)
        insist(text_is_utf8(form_name(&form, i)) &&
               text_is_utf8(form_value(&form, i)));
}

static void read_media(struct bytes text)
{
    struct http_media media;
    enum http_rule broken = HTTP_NO_RULE;
    char value[71];

    insist(http_accept_weight(text, "text/html") <= 1000);
    if (http_media_read(text, &media, &broken) &&
        http_media_parameter(&media, "boundary", value, sizeof(value)))
        insist(strlen(value) < sizeof(value));
}

/* A date that is read is written as one that is read again as the same. */
static void read_date(struct bytes text)
{
    char again[HTTP_DATE_TEXT];
    int64_t time = 0, second = 1;

    if (!http_date_read(text, 1764547200, &time))
        return;
    http_date_print(time, again);
    insist(http_date_read(bytes_of_text(again), 1764547200, &second));
    insist(time == second);
}

/* The texts of headers and addresses; the first byte chooses the reader. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure why = {0};
    enum http_rule broken = HTTP_NO_RULE;

    if (size < 2)
        return 0;
    struct bytes text = {data + 1, size - 1};
    switch (data[0]) {
    case 'p':
        read_path(text);
        break;
    case 'f':
        read_form(text);
        break;
    case 'm':
        read_media(text);
        break;
    case 'd':
        read_date(text);
        break;
    case 'h': {
        struct http_host host;

        if (http_host_read(text, &host, &broken))
            insist(host.name.length > 0 && host.port <= 65535);
        break;
    }
    default: {
        RELEASED(http_basic) basic = {0};

        if (http_basic_read(text, &basic, &why))
            insist(strlen(basic.user) > 0);
    }
    }
    return 0;
}
