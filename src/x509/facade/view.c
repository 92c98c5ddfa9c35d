#include "chancery/view.h"

#include <stdlib.h>

#include "base/clock.h"
#include "x509/facade/facade.h"
#include "x509/view/viewing.h"

#define COLUMNS_LEAST 40

struct chancery_view {
    const struct chancery_question *question; /* NULL: none */
    bool has_time;
    struct view_options options;
    struct view_look look;
};

struct chancery_page {
    struct buffer text; /* ends with a zero */
    struct failure damage;
};

struct chancery_view *chancery_view_new(void)
{
    struct chancery_view *made = calloc(1, sizeof(*made));

    if (made != NULL)
        made->look.width = SIZE_MAX;
    return made;
}

void chancery_view_free(struct chancery_view *view)
{
    free(view);
}

void chancery_view_set_question(
    struct chancery_view *view, const struct chancery_question *question)
{
    view->question = question;
}

void chancery_view_set_time(struct chancery_view *view, int64_t seconds)
{
    view->options.now = seconds;
    view->has_time = true;
}

void chancery_view_set_raw(struct chancery_view *view, bool shows)
{
    view->look.shows_raw = shows;
}

void chancery_view_set_all(struct chancery_view *view, bool shows)
{
    view->options.shows_all = shows;
}

void chancery_view_set_terminal(
    struct chancery_view *view, size_t columns, bool has_colour)
{
    view->look.width = columns;
    if (columns == 0)
        view->look.width = SIZE_MAX;
    else if (columns < COLUMNS_LEAST)
        view->look.width = COLUMNS_LEAST;
    view->look.has_colour = has_colour;
}

/* --- rendering ------------------------------------------------------------ */

/* What one rendering asks the engine. */
struct asking {
    const struct chancery_question *question;
};

static bool give_question(
    void *owner, struct chain_question *question, struct failure *why)
{
    const struct asking *asking = owner;

    facade_question(asking->question, question);
    return facade_start(why);
}

static bool show(
    struct viewing *viewing, struct bytes file, struct failure *why)
{
    if (file.length > CHANCERY_VIEW_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "%.200s is longer than %d bytes", viewing->name, CHANCERY_VIEW_MAX);
    return viewing_begin(viewing, why) &&
           viewing_show_file(viewing, file, why) && viewing_end(viewing, why);
}

/* The page takes what was shown over. */
static bool take_shown(
    struct viewing *viewing, struct chancery_page *page, struct failure *why)
{
    struct buffer *shown = viewing->makes_json ? &viewing->json : &viewing->out;
    const char *ended = NULL;

    page->damage = viewing->damage;
    if (!buffer_as_text(shown, &ended, why))
        return false;
    page->text = *shown;
    *shown = (struct buffer){0};
    return true;
}

static struct viewing viewing_of(const struct chancery_view *view,
    enum chancery_form form, const char *name, struct asking *asking)
{
    struct viewing viewing = viewing_new(name == NULL ? FACADE_NAMELESS : name);

    viewing.makes_json = form == CHANCERY_VIEW_JSON;
    viewing.makes_page = form == CHANCERY_VIEW_HTML;
    viewing.options = view->options;
    viewing.options.file = name;
    if (!view->has_time)
        viewing.options.now = clock_now();
    viewing.look = view->look;
    viewing.look.shows_raw |= view->options.shows_all;
    viewing.question = asking->question == NULL ? NULL : give_question;
    viewing.owner = asking;
    return viewing;
}

enum chancery_result chancery_view_render(const struct chancery_view *view,
    enum chancery_form form, const void *bytes, size_t length, const char *name,
    struct chancery_page **page)
{
    struct asking asking = {view->question};
    RELEASED(viewing) viewing = viewing_of(view, form, name, &asking);
    struct failure why = {0};

    *page = calloc(1, sizeof(**page));
    if (*page == NULL)
        return CHANCERY_INTERNAL;
    if (show(&viewing, facade_bytes(bytes, length), &why) &&
        take_shown(&viewing, *page, &why))
        return facade_result(&(*page)->damage);
    (*page)->damage = why;
    return facade_result(&why);
}

void chancery_page_free(struct chancery_page *page)
{
    if (page == NULL)
        return;
    buffer_free(&page->text);
    free(page);
}

const char *chancery_page_text(const struct chancery_page *page)
{
    return page->text.length == 0 ? "" : (const char *)page->text.start;
}

const char *chancery_page_reason(const struct chancery_page *page)
{
    return page->damage.reason;
}
