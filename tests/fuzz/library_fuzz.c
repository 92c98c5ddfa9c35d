#include <stdlib.h>
#include <string.h>

#include <chancery/view.h>
#include <jansson.h>

/* The shared library as other programs meet it: one file as everything that a
 * question takes, asked about and shown.  Where there is an answer it is whole,
 * whatever the file is; and what is valid is trusted by itself. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (16 * 1024)
#define NOW INT64_C(1798761600)

static void check_json(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);

    if (value == NULL)
        abort();
    json_decref(value);
}

static void check_answer(
    const struct chancery_answer *answer, enum chancery_result result)
{
    const char *code = chancery_answer_code(answer);

    if (*chancery_answer_sentence(answer) == 0 ||
        chancery_answer_is_valid(answer) != (strcmp(code, "ok") == 0) ||
        (result == CHANCERY_DONE) != (*code != 0))
        abort();
    if (result == CHANCERY_DONE)
        check_json(chancery_answer_json(answer));
    else if (*chancery_answer_json(answer) != 0)
        abort();
}

static void ask(const struct chancery_question *question, const uint8_t *data,
    size_t size, bool trusts)
{
    struct chancery_answer *answer = NULL;
    enum chancery_result result =
        chancery_question_ask(question, data, size, "input", &answer);

    if (answer == NULL)
        abort();
    check_answer(answer, result);
    if (chancery_answer_is_valid(answer) && !trusts)
        abort();
    chancery_answer_free(answer);
}

static void show(const struct chancery_view *view, enum chancery_form form,
    const uint8_t *data, size_t size)
{
    struct chancery_page *page = NULL;
    enum chancery_result result =
        chancery_view_render(view, form, data, size, "input", &page);

    if (page == NULL ||
        (result == CHANCERY_DONE) != (*chancery_page_reason(page) == 0))
        abort();
    if (form == CHANCERY_VIEW_JSON && *chancery_page_text(page) != 0)
        check_json(chancery_page_text(page));
    chancery_page_free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chancery_question *question = chancery_question_new();
    struct chancery_view *view = chancery_view_new();
    bool trusts;

    if (question == NULL || view == NULL || size > INPUT_MAX) {
        chancery_view_free(view);
        chancery_question_free(question);
        return 0;
    }
    chancery_question_set_time(question, NOW);
    (void)chancery_question_add_untrusted(question, data, size, NULL);
    ask(question, data, size, false);
    trusts = chancery_question_add_roots(question, data, size, NULL) ==
             CHANCERY_DONE;
    (void)chancery_question_add_lists(question, data, size, "list");
    (void)chancery_question_add_ocsp(question, data, size, "answer");
    ask(question, data, size, trusts);
    chancery_view_set_time(view, NOW);
    chancery_view_set_question(view, question);
    for (int form = CHANCERY_VIEW_TEXT; form <= CHANCERY_VIEW_HTML; form++)
        show(view, (enum chancery_form)form, data, size);
    chancery_view_free(view);
    chancery_question_free(question);
    return 0;
}
