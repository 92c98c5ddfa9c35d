#include "server/pages/html.h"

#include <string.h>

#include "base/text.h"

/* --- text ---------------------------------------------------------------- */

static const char *escape_of(uint8_t byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* U+FFFD stands for what is no letter, and for what would change how the
 * letters around it are read. */
static bool append_letter(struct buffer *out, struct bytes letter,
    bool is_visible, struct failure *why)
{
    uint8_t first = letter.start[0];
    const char *escape = escape_of(first);

    if (escape != NULL)
        return buffer_append_text(out, escape, why);
    if (is_visible || first == '\n' || first == '\t')
        return buffer_append(out, letter, why);
    return buffer_append_text(out, "\xef\xbf\xbd", why);
}

bool html_value(struct buffer *out, struct bytes text, struct failure *why)
{
    while (text.length > 0) {
        bool is_visible = false;
        struct bytes letter = {text.start, text_first(text, &is_visible)};

        if (!append_letter(out, letter, is_visible, why))
            return false;
        text.start += letter.length;
        text.length -= letter.length;
    }
    return true;
}

bool html_text(struct buffer *out, const char *text, struct failure *why)
{
    return html_value(out, bytes_of_text(text), why);
}

bool html_raw(struct buffer *out, const char *markup, struct failure *why)
{
    return buffer_append_text(out, markup, why);
}

/* --- the frame of a page ------------------------------------------------- */

struct place {
    const char *path, *name;
};

static const struct place public_places[] = {
    {"/", "Home"},
    {"/roots", "Roots"},
    {"/enrol", "Enrol"},
    {"/status", "Status"},
    {"/view", "View"},
    {NULL, NULL},
};

static const struct place admin_places[] = {
    {"/admin/", "Overview"},
    {"/admin/requests", "Requests"},
    {"/admin/certificates", "Certificates"},
    {"/admin/profiles", "Profiles"},
    {"/admin/authorities", "Authorities"},
    {"/admin/crl", "Lists"},
    {"/admin/journal", "Journal"},
    {"/admin/people", "People"},
    {NULL, NULL},
};

/* The page itself, or one below it. */
static bool is_here(const char *place, const char *here)
{
    size_t length = strlen(place);

    if (here == NULL || strncmp(place, here, length) != 0)
        return false;
    return here[length] == '\0' ||
           (here[length] == '/' && length > 1 && place[length - 1] != '/');
}

static bool add_place(struct buffer *out, const struct place *place,
    const char *here, struct failure *why)
{
    return buffer_print(out, why, "<li><a href=\"%s\"%s>%s</a></li>\n",
        place->path, is_here(place->path, here) ? " aria-current=\"page\"" : "",
        place->name);
}

static bool add_navigation(
    struct buffer *out, const struct html_page *page, struct failure *why)
{
    const struct place *places = page->is_admin ? admin_places : public_places;

    if (page->is_plain)
        return true;
    if (!html_raw(out, "<nav aria-label=\"Main\"><ul>\n", why))
        return false;
    for (; places->path != NULL; places++) {
        if (!add_place(out, places, page->here, why))
            return false;
    }
    return html_raw(out, "</ul></nav>\n", why);
}

static bool add_who(
    struct buffer *out, const struct html_page *page, struct failure *why)
{
    return page->who == NULL ||
           (html_raw(out, "<p class=\"who\">Signed in as <b>", why) &&
               html_text(out, page->who, why) &&
               html_raw(out, "</b></p>\n", why));
}

bool html_page_begin(
    struct buffer *out, const struct html_page *page, struct failure *why)
{
    return html_raw(out,
               "<!doctype html>\n<html lang=\"en\">\n<head>\n"
               "<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" "
               "content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<link rel=\"icon\" href=\"data:,\">\n"
               "<link rel=\"stylesheet\" href=\"/style.css\">\n<title>",
               why) &&
           html_text(out, page->title, why) &&
           html_raw(out, " \xc2\xb7 ", why) &&
           html_text(out, page->authority, why) &&
           html_raw(out,
               "</title>\n</head>\n<body>\n"
               "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
               "<header>\n<p class=\"name\">",
               why) &&
           html_text(out, page->authority, why) &&
           html_raw(out, "</p>\n", why) && add_navigation(out, page, why) &&
           add_who(out, page, why) &&
           html_raw(out, "</header>\n<main id=\"main\">\n<h1>", why) &&
           html_text(out, page->title, why) && html_raw(out, "</h1>\n", why);
}

bool html_page_end(
    struct buffer *out, const struct html_page *page, struct failure *why)
{
    (void)page;
    return html_raw(out,
        "</main>\n<footer><p>Served by Chancery.</p></footer>\n"
        "</body>\n</html>\n",
        why);
}
