/*
 * Shows what a file says; with ROOTS also whether its certificates are good.
 *
 *     cc view.c $(pkg-config --cflags --libs chancery) -o view
 *     ./view [--json|--html] FILE [ROOTS]
 *
 * Ends with 0: it was shown; 1: it is damaged, and shown as far as it goes; 2:
 * there is nothing to show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <chancery/view.h>

#include "file.h"

static int complain(const char *sentence)
{
    (void)fprintf(stderr, "view: %s\n", sentence);
    return 2;
}

/* A viewer with another verifier than it was made for would tell of good
 * certificates that they are bad: it doesn't start. */
static bool check_library(void)
{
    char why[CHANCERY_LIBRARY_SENTENCE];

    if (chancery_library_check(
            CHANCERY_LIBRARY_VERSION, CHANCERY_LIBRARY_ABI, why, sizeof(why)))
        return true;
    (void)complain(why);
    return false;
}

static bool is_option(const char *word, enum chancery_form *form)
{
    if (strcmp(word, "--json") == 0)
        *form = CHANCERY_VIEW_JSON;
    else if (strcmp(word, "--html") == 0)
        *form = CHANCERY_VIEW_HTML;
    else
        return false;
    return true;
}

static bool add_roots(struct chancery_question *question, const char *path)
{
    size_t length = 0;
    char *roots = read_file(path, &length);
    bool added = roots != NULL && chancery_question_add_roots(question, roots,
                                      length, path) == CHANCERY_DONE;

    free(roots);
    return added;
}

static int show(
    const struct chancery_view *view, enum chancery_form form, const char *path)
{
    size_t length = 0;
    char *file = read_file(path, &length);
    struct chancery_page *page = NULL;
    enum chancery_result result = CHANCERY_INTERNAL;
    int status = 0;

    if (file == NULL)
        return 2;
    result = chancery_view_render(view, form, file, length, path, &page);
    free(file);
    if (page == NULL)
        return complain("no memory");
    (void)fputs(chancery_page_text(page), stdout);
    if (result != CHANCERY_DONE) {
        status = chancery_page_text(page)[0] == '\0' ? 2 : 1;
        (void)complain(chancery_page_reason(page));
    }
    chancery_page_free(page);
    return status;
}

static int run(const char *path, const char *roots, enum chancery_form form)
{
    struct chancery_view *view = chancery_view_new();
    struct chancery_question *question = chancery_question_new();
    int status = 2;

    if (view == NULL || question == NULL) {
        status = complain("no memory");
    } else if (roots != NULL && !add_roots(question, roots)) {
        status = complain(chancery_question_reason(question));
    } else {
        chancery_view_set_question(view, roots == NULL ? NULL : question);
        status = show(view, form, path);
    }
    chancery_view_free(view);
    chancery_question_free(question);
    return status;
}

int main(int count, char **words)
{
    enum chancery_form form = CHANCERY_VIEW_TEXT;
    int first = count > 1 && is_option(words[1], &form) ? 2 : 1;

    if (!check_library())
        return 2;
    if (count <= first || count > first + 2)
        return complain("view [--json|--html] FILE [ROOTS]");
    return run(words[first], count > first + 1 ? words[first + 1] : NULL, form);
}
