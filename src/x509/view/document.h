#ifndef X509_VIEW_DOCUMENT_H
#define X509_VIEW_DOCUMENT_H

#include "x509/der.h"

/*
 * What is shown of one object: a tree of labelled fields, the same for the
 * terminal, JSON and HTML.  Every text in it is safe to show: what came from
 * outside was made visible on its way in (base/text.h).
 *
 * Building it never fails on the way: a document that ran out of memory takes
 * nothing more, and says so at the end (view_finish); one that reached a limit
 * is cut, which is shown.
 */
enum view_kind {
    VIEW_GROUP, /* fields with labels of ours, each once */
    VIEW_LIST,  /* any number of fields, maybe with labels from outside */
    VIEW_TEXT,
    VIEW_NUMBER,
    VIEW_YES_NO
};

enum view_tone { VIEW_PLAIN, VIEW_GOOD, VIEW_BAD, VIEW_FAINT };

struct view_node {
    enum view_kind kind;
    enum view_tone tone;
    size_t label, value, note; /* in texts; 0: none */
    int64_t number;            /* VIEW_NUMBER, VIEW_YES_NO */
    size_t offset, length;     /* in the DER; length 0: not told */
    size_t first, last, next;  /* 0: none, since nobody holds the root */
};

#define VIEW_NODES_MAX 200000
#define VIEW_TEXTS_MAX (16 * 1024 * 1024) /* bytes */
#define VIEW_VALUE_MAX 4096               /* bytes of one text from outside */
#define VIEW_HEX_MAX 1024                 /* bytes shown of one value */
#define VIEW_ROOT ((size_t)0)
#define VIEW_NOWHERE SIZE_MAX /* takes everything, and shows nothing */

struct view_document {
    struct bytes der;
    struct view_node *nodes;
    size_t count, capacity;
    struct buffer texts;
    bool has_failed;
    struct failure failure;
    bool is_damaged;       /* shown as far as it goes */
    struct failure damage; /* the first */
    bool is_cut;           /* a limit above was reached */
    size_t general, details, path, raw;
    size_t command; /* in texts: what to do next; 0: nothing */
};

/* kind: "certificate", its key in JSON; title: "Certificate". */
MUST_CHECK bool view_start(struct view_document *document, struct bytes der,
    const char *kind, const char *title, struct failure *why);
MUST_CHECK bool view_finish(
    const struct view_document *document, struct failure *why);
void view_document_free(struct view_document *document);

/* Each adds a field to the parent and gives its place. */
size_t view_group(
    struct view_document *document, size_t parent, const char *label);
size_t view_list(
    struct view_document *document, size_t parent, const char *label);
/* A text from outside. */
size_t view_text(struct view_document *document, size_t parent,
    const char *label, struct bytes value);
/* Words of ours, and texts that printers of x509 wrote; a backslash stays one,
 * since RFC 4514 uses it. */
size_t view_print(struct view_document *document, size_t parent,
    const char *label, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
size_t view_words(struct view_document *document, size_t parent,
    const char *label, struct bytes words);
size_t view_hex(struct view_document *document, size_t parent,
    const char *label, struct bytes value);
size_t view_number(struct view_document *document, size_t parent,
    const char *label, int64_t number);
size_t view_yes_no(
    struct view_document *document, size_t parent, const char *label, bool yes);

void view_note(struct view_document *document, size_t node, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
void view_tone(
    struct view_document *document, size_t node, enum view_tone tone);
/* Where it stands: a part of the document's DER. */
void view_at(struct view_document *document, size_t node, struct bytes part);
/* The document is damaged: why, under the parent. */
void view_damage(
    struct view_document *document, size_t parent, const struct failure *why);

/* The line that it ends with: a command, which no renderer breaks. */
void view_close(struct view_document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

const struct view_node *view_node_at(
    const struct view_document *document, size_t node);
/* A text of a node; "" where there is none. */
const char *view_text_at(const struct view_document *document, size_t text);

#endif
