#ifndef SERVER_PAGES_HTML_H
#define SERVER_PAGES_HTML_H

#include "base/bytes.h"

/*
 * Pages are written into a buffer, front to back.  Text that is not a constant
 * of ours goes through html_text or html_value alone, which escape; so no
 * name, reason or header of a stranger becomes markup.
 *
 *     html_page_begin(out, &page, why) && html_raw(out, "<p>", why) &&
 *     html_text(out, name, why) && html_raw(out, "</p>", why) && html_page_end
 */
#define HTML_PAGE_MAX (8 * 1024 * 1024)

struct html_page {
    const char *title;     /* of the page; escaped */
    const char *authority; /* name of the authority in the head; escaped */
    const char *here;      /* path of the present page, for the navigation */
    bool is_admin;         /* navigation of the admin pages */
    const char *who;       /* signed in as; NULL */
    const char *sign_out;  /* token of the form that signs out; NULL: none */
    bool is_plain;         /* of the plain listener: no navigation, no form */
};

/* Head and navigation up to the beginning of <main>; the end behind it. */
MUST_CHECK bool html_page_begin(
    struct buffer *out, const struct html_page *page, struct failure *why);
MUST_CHECK bool html_page_end(struct buffer *out, struct failure *why);

/* Markup of ours, as it is: constants alone. */
MUST_CHECK bool html_raw(
    struct buffer *out, const char *markup, struct failure *why);
/* Text between tags, or in the quotes of an attribute: & < > " ' escaped,
 * control characters but newline and tab shown as U+FFFD, as is what is no
 * UTF-8. */
MUST_CHECK bool html_text(
    struct buffer *out, const char *text, struct failure *why);
MUST_CHECK bool html_value(
    struct buffer *out, struct bytes text, struct failure *why);

/*
 * Markup of ours with values in it: each %s is escaped as html_text does, %d,
 * %zu and %lld are numbers, %% a percent sign; anything else, widths too, is
 * FAILURE_INTERNAL.
 *
 *     html_print(out, why, "<dt>%s</dt><dd>%s</dd>\n", name, value)
 */
MUST_CHECK bool html_print(struct buffer *out, struct failure *why,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A fingerprint ("96:C8:...") in one piece, as programs look for it; the style
 * sheet breaks its line between two bytes. */
MUST_CHECK bool html_fingerprint(
    struct buffer *out, const char *text, struct failure *why);

/* The style sheet, one constant for all pages: served as /style.css, light and
 * dark, no outside resource. */
const char *html_style(void);

/* web/enrol.js: the only script, of one page alone. */
const char *html_script(void);

/* The Content-Security-Policy of every other page. */
#define HTML_POLICY                                                \
    "default-src 'none'; style-src 'self'; img-src 'self' data:; " \
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

#endif
