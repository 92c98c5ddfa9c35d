#ifndef X509_VIEW_RENDER_H
#define X509_VIEW_RENDER_H

#include "base/json.h"
#include "x509/view/document.h"

/* A document for the terminal, for programs and for browsers. */

#define VIEW_RENDERED_MAX (64 * 1024 * 1024) /* bytes */

struct view_look {
    size_t width;    /* in columns; 40 at least */
    bool has_colour; /* a terminal's codes */
    bool shows_raw;
};

MUST_CHECK bool view_render_text(const struct view_document *document,
    const struct view_look *look, struct buffer *out, struct failure *why);

/*
 * {"kind","damaged","cut","general","details","path","command","raw"}: keys are
 * the labels in snake_case, groups objects, lists arrays; in a list a labelled
 * text is
 * {"name","value"}.  A note of "valid_until" is "valid_until_note".  raw: only
 * where it is wanted; command: of a root, how to trust it.
 */
MUST_CHECK bool view_render_json(const struct view_document *document,
    bool shows_raw, json_t **json, struct failure *why);

/* One self-contained page without scripts: begin, documents, end. */
MUST_CHECK bool view_html_begin(
    struct buffer *out, const char *title, struct failure *why);
MUST_CHECK bool view_html_document(const struct view_document *document,
    struct buffer *out, struct failure *why);
MUST_CHECK bool view_html_end(struct buffer *out, struct failure *why);

#endif
