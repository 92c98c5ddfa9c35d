#include "server/pages/html.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* --- text ---------------------------------------------------------------- */

/* U+FFFD stands for what is no letter, and for what would change how the
 * letters around it are read. */
static bool append_letter(struct buffer *out, struct bytes letter,
    bool is_visible, struct failure *why)
{
    uint8_t first = letter.start[0];
    const char *escape = text_entity(first);

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

/* What stands behind a percent sign; *taken: how much of the format it was. */
static bool print_value(struct buffer *out, const char *format, size_t *taken,
    va_list *values, struct failure *why)
{
    if (strncmp(format, "lld", 3) == 0) {
        *taken = 3;
        return buffer_print(out, why, "%lld", va_arg(*values, long long));
    }
    if (strncmp(format, "zu", 2) == 0) {
        *taken = 2;
        return buffer_print(out, why, "%zu", va_arg(*values, size_t));
    }
    *taken = 1;
    switch (*format) {
    case 's':
        return html_text(out, va_arg(*values, const char *), why);
    case 'd':
        return buffer_print(out, why, "%d", va_arg(*values, int));
    case '%':
        return buffer_append_byte(out, '%', why);
    default:
        return fail_because(
            why, FAILURE_INTERNAL, "a page is printed with %%%c", *format);
    }
}

static bool print_values(struct buffer *out, const char *format,
    va_list *values, struct failure *why)
{
    while (*format != '\0') {
        struct bytes markup = {(const uint8_t *)format, strcspn(format, "%")};
        size_t taken = 0;

        format += markup.length;
        if (!buffer_append(out, markup, why))
            return false;
        if (*format == '\0')
            break;
        if (!print_value(out, ++format, &taken, values, why))
            return false;
        format += taken;
    }
    return true;
}

bool html_print(
    struct buffer *out, struct failure *why, const char *format, ...)
{
    va_list values;
    bool ok;

    va_start(values, format);
    ok = print_values(out, format, &values, why);
    va_end(values);
    return ok;
}

bool html_fingerprint(struct buffer *out, const char *text, struct failure *why)
{
    return html_print(out, why, "<span class=\"hash\">%s</span>", text);
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
    return html_print(out, why, "<li><a href=\"%s\"", place->path) &&
           html_raw(out,
               is_here(place->path, here) ? " aria-current=\"page\"" : "",
               why) &&
           html_print(out, why, ">%s</a></li>\n", place->name);
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

bool html_page_begin(
    struct buffer *out, const struct html_page *page, struct failure *why)
{
    bool is_home = strcmp(page->title, page->authority) == 0;

    return html_print(out, why,
               "<!doctype html>\n<html lang=\"en\">\n<head>\n"
               "<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" "
               "content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<link rel=\"icon\" href=\"data:,\">\n"
               "<link rel=\"stylesheet\" href=\"/style.css\">\n"
               "<title>%s%s%s</title>\n</head>\n<body>\n"
               "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
               "<header>\n<p class=\"name\">%s</p>\n",
               page->title, is_home ? "" : " \xc2\xb7 ",
               is_home ? "" : page->authority, page->authority) &&
           add_navigation(out, page, why) &&
           (page->who == NULL ||
               html_print(out, why,
                   "<p class=\"who\">Signed in as <b>%s</b></p>\n",
                   page->who)) &&
           (page->sign_out == NULL ||
               html_print(out, why,
                   "<form method=\"post\" action=\"/admin/sign-out\" "
                   "class=\"out\"><input type=\"hidden\" name=\"token\" "
                   "value=\"%s\"><button class=\"quiet\">Sign out</button>"
                   "</form>\n",
                   page->sign_out)) &&
           html_print(out, why, "</header>\n<main id=\"main\">\n<h1>%s</h1>\n",
               page->title);
}

bool html_page_end(struct buffer *out, struct failure *why)
{
    return html_raw(out,
        "</main>\n<footer><p>Served by Chancery.</p></footer>\n"
        "</body>\n</html>\n",
        why);
}
