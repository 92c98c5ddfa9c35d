/*
 * Tells whether a certificate is good, and what to do when it isn't.
 *
 *     cc verify.c $(pkg-config --cflags --libs chancery) -o verify
 *     ./verify [--json] ROOTS FILE [NAME]...
 *
 * Ends with 0: it is; 1: it is not; 2: the question could not be asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <chancery/verify.h>

#include "file.h"

static int complain(const char *sentence)
{
    (void)fprintf(stderr, "verify: %s\n", sentence);
    return 2;
}

/* A program that was built against another library doesn't start. */
static bool check_library(void)
{
    char why[CHANCERY_LIBRARY_SENTENCE];

    if (chancery_library_check(
            CHANCERY_LIBRARY_VERSION, CHANCERY_LIBRARY_ABI, why, sizeof(why)))
        return true;
    (void)complain(why);
    return false;
}

static bool add_roots(struct chancery_question *question, const char *path)
{
    size_t length = 0;
    char *roots = read_file(path, &length);
    bool added = roots != NULL && chancery_question_add_roots(question, roots,
                                      length, path) == CHANCERY_DONE;

    free(roots); /* the question has its own */
    return added;
}

static bool add_names(
    struct chancery_question *question, char **names, int count)
{
    for (int i = 0; i < count; i++) {
        if (chancery_question_add_name(question, names[i]) != CHANCERY_DONE)
            return false;
    }
    return true;
}

static int tell(const struct chancery_answer *answer, bool as_json)
{
    if (as_json) {
        (void)fputs(chancery_answer_json(answer), stdout);
    } else {
        (void)printf("%s: %s\n", chancery_answer_code(answer),
            chancery_answer_sentence(answer));
        if (chancery_answer_remedy(answer)[0] != '\0')
            (void)printf("what to do: %s\n", chancery_answer_remedy(answer));
    }
    return chancery_answer_is_valid(answer) ? 0 : 1;
}

static int ask(
    const struct chancery_question *question, const char *path, bool as_json)
{
    struct chancery_answer *answer = NULL;
    size_t length = 0;
    char *file = read_file(path, &length);
    int status = 2;

    if (file != NULL && chancery_question_ask(question, file, length, path,
                            &answer) == CHANCERY_DONE)
        status = tell(answer, as_json);
    else if (answer != NULL)
        status = complain(chancery_answer_sentence(answer));
    chancery_answer_free(answer);
    free(file);
    return status;
}

int main(int count, char **words)
{
    bool as_json = count > 1 && strcmp(words[1], "--json") == 0;
    int first = as_json ? 2 : 1;
    struct chancery_question *question;
    int status;

    if (!check_library())
        return 2;
    if (count < first + 2)
        return complain("verify [--json] ROOTS FILE [NAME]...");
    question = chancery_question_new();
    if (question == NULL)
        return complain("no memory");
    if (add_roots(question, words[first]) &&
        add_names(question, words + first + 2, count - first - 2))
        status = ask(question, words[first + 1], as_json);
    else
        status = complain(chancery_question_reason(question));
    chancery_question_free(question);
    return status;
}
