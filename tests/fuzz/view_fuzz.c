#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "x509/view/render.h"
#include "x509/view/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (64 * 1024)
#define NOW INT64_C(1790000000)

/* Whatever the object says, only line ends control the terminal. */
static void check_text(const struct view_document *document)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    struct view_look look = {.width = 60, .shows_raw = true};
    struct failure why = {0};

    if (!view_render_text(document, &look, &text, &why) ||
        !text_is_utf8(buffer_view(&text)))
        abort();
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] < 0x20 && text.start[i] != '\n')
            abort();
    }
}

static void check_json(const struct view_document *document)
{
    SCOPED(json_t) *json = NULL;
    RELEASED(buffer) text = BUFFER("json", VIEW_RENDERED_MAX);
    struct failure why = {0};

    if (!view_render_json(document, true, &json, &why) ||
        !json_append(&text, json, &why))
        abort();
}

static bool holds(struct bytes text, const char *word)
{
    return text.length > 0 &&
           memmem(text.start, text.length, word, strlen(word)) != NULL;
}

/* No markup but ours: it opens no script, image, link or handler. */
static void check_html(const struct view_document *document)
{
    RELEASED(buffer) page = BUFFER("page", VIEW_RENDERED_MAX);
    struct failure why = {0};

    if (!view_html_document(document, &page, &why) ||
        !text_is_utf8(buffer_view(&page)) ||
        holds(buffer_view(&page), "<script") ||
        holds(buffer_view(&page), "<img") || holds(buffer_view(&page), "<a "))
        abort();
}

static void show(struct bytes der, enum input_kind kind)
{
    struct input_object object = {.kind = kind, .der = der};
    struct view_options options = {.now = NOW, .file = "a file.pem"};
    RELEASED(view_document) document = {0};
    struct failure why = {0};

    if (!view_object(&object, &options, &document, &why))
        abort();
    check_text(&document);
    check_json(&document);
    check_html(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file = {.start = data, .length = size};

    if (size > INPUT_MAX)
        return 0;
    show(file, input_kind_of(file));
    return 0;
}
