#ifndef TESTS_UNIT_X509_VIEW_SHOWN_H
#define TESTS_UNIT_X509_VIEW_SHOWN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "x509/chain/chain.h"
#include "x509/view/path.h"
#include "x509/view/render.h"
#include "x509/view/view.h"

/* An object of tests/objects, shown in every way. */

#define OBJECTS PROJECT_FOLDER "/tests/objects/"
#define GOLDEN PROJECT_FOLDER "/tests/golden/view/"
#define NOW INT64_C(1790000000) /* 2026-09-21T14:13:20Z */

struct shown {
    struct buffer file, text, page;
    json_t *json;
    size_t damaged; /* objects */
};

static inline void shown_free(struct shown *shown)
{
    buffer_free(&shown->file);
    buffer_free(&shown->text);
    buffer_free(&shown->page);
    json_decref(shown->json);
}

static inline void show_object(
    const struct input_object *object, struct shown *shown)
{
    RELEASED(view_document) document = {0};
    struct view_options options = {.now = NOW, .file = "a file.pem"};
    struct view_look look = {.width = 78, .shows_raw = true};
    struct failure why = {0};
    json_t *json = NULL;

    assert_true(view_object(object, &options, &document, &why));
    assert_true(view_render_text(&document, &look, &shown->text, &why));
    assert_true(view_html_document(&document, &shown->page, &why));
    assert_true(view_render_json(&document, true, &json, &why));
    assert_int_equal(json_array_append_new(shown->json, json), 0);
    shown->damaged += document.is_damaged;
}

static inline void start(struct shown *shown)
{
    *shown = (struct shown){.file = BUFFER("file", 1024 * 1024),
        .text = BUFFER("text", VIEW_RENDERED_MAX),
        .page = BUFFER("page", VIEW_RENDERED_MAX),
        .json = json_array()};
}

static inline void show_der(struct bytes der, struct shown *shown)
{
    struct input_object object = {.kind = input_kind_of(der), .der = der};

    show_object(&object, shown);
}

/* A file that input_read refuses is shown as the DER that it is. */
static inline void show_file(const char *name, struct shown *shown)
{
    RELEASED(input) input = {0};
    struct failure why = {0};
    char path[512] = "";

    start(shown);
    (void)snprintf(path, sizeof(path), OBJECTS "%s", name);
    assert_true(file_read(path, &shown->file, &why));
    if (!input_read(buffer_view(&shown->file), name, &input, &why)) {
        show_der(buffer_view(&shown->file), shown);
        return;
    }
    for (size_t i = 0; i < input.count; i++)
        show_object(&input.objects[i], shown);
}

static inline const char *text_of(struct shown *shown)
{
    struct failure why = {0};
    const char *text = NULL;

    assert_true(buffer_as_text(&shown->text, &text, &why));
    return text;
}

static inline void assert_shows(struct shown *shown, const char *words)
{
    if (strstr(text_of(shown), words) == NULL)
        fail_msg("\"%s\" is not in:\n%s", words, text_of(shown));
}

static inline const char *page_of(struct shown *shown)
{
    struct failure why = {0};
    const char *text = NULL;

    assert_true(buffer_as_text(&shown->page, &text, &why));
    return text;
}

static inline bool tells(const struct buffer *text, const char *words)
{
    return memmem(text->start, text->length, words, strlen(words)) != NULL;
}

#endif
