#ifndef CHANCERY_VIEW_H
#define CHANCERY_VIEW_H

#include <chancery/verify.h>

/*
 * What a certificate, chain, request, revocation list, key, OCSP answer,
 * PKCS#7, CMS or time-stamp says, as `chancery view` shows it: text for a
 * terminal, JSON for programs, one self-contained page without scripts.
 *
 *     struct chancery_view *view = chancery_view_new();
 *     struct chancery_page *page = NULL;
 *
 *     if (view != NULL &&
 *         chancery_view_render(view, CHANCERY_VIEW_TEXT, file, file_length,
 *             "www.pem", &page) == CHANCERY_DONE)
 *         fputs(chancery_page_text(page), stdout);
 *     chancery_page_free(page);
 *     chancery_view_free(view);
 *
 * What would not show as it stands is shown escaped.  Of a private key only the
 * public part is shown, and a PKCS#12 store stays closed: to open one takes a
 * process that can do nothing else, which the command has.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct chancery_view;
struct chancery_page;

/* NULL: no memory. */
CHANCERY_API struct chancery_view *chancery_view_new(void);
CHANCERY_API void chancery_view_free(struct chancery_view *view);

/* The part Path tells what the question answers of each certificate, by the
 * same function; without one it is left out.  The question is the caller's and
 * must outlive the view; NULL: none. */
CHANCERY_API void chancery_view_set_question(
    struct chancery_view *view, const struct chancery_question *question);

/* When what is shown is looked at ("expired 3 days ago"), in seconds since
 * 1970; otherwise now.  The question has a time of its own. */
CHANCERY_API void chancery_view_set_time(
    struct chancery_view *view, int64_t seconds);

/* Also every element of the DER, with its offset; every entry of a list; a
 * terminal's width in columns (0: lines are not broken) and colours.  All off
 * at first. */
CHANCERY_API void chancery_view_set_raw(struct chancery_view *view, bool shows);
CHANCERY_API void chancery_view_set_all(struct chancery_view *view, bool shows);
CHANCERY_API void chancery_view_set_terminal(
    struct chancery_view *view, size_t columns, bool has_colour);

#define CHANCERY_VIEW_MAX (512 * 1024 * 1024)

enum chancery_form {
    CHANCERY_VIEW_TEXT = 0,
    CHANCERY_VIEW_JSON = 1, /* an object, or an array of several; a newline */
    CHANCERY_VIEW_HTML = 2
};

/*
 * Shows a file of at most CHANCERY_VIEW_MAX bytes, whatever is in it.  name is
 * as in chancery/verify.h; where it is given, a root ends with the command that
 * trusts the file of that name.  What is damaged is shown as far as it goes,
 * which is CHANCERY_MALFORMED with a page that has text and a reason.
 *
 * *page is made whenever there is memory.  Where nothing can be shown its text
 * is "", and its reason says why.
 */
CHANCERY_API enum chancery_result chancery_view_render(
    const struct chancery_view *view, enum chancery_form form,
    const void *bytes, size_t length, const char *name,
    struct chancery_page **page);
CHANCERY_API void chancery_page_free(struct chancery_page *page);

/* UTF-8; no zero stands within. */
CHANCERY_API const char *chancery_page_text(const struct chancery_page *page);
/* What is damaged, at which offset; "" where nothing is. */
CHANCERY_API const char *chancery_page_reason(const struct chancery_page *page);

#ifdef __cplusplus
}
#endif

#endif
