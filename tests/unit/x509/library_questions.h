#ifndef TESTS_UNIT_X509_LIBRARY_QUESTIONS_H
#define TESTS_UNIT_X509_LIBRARY_QUESTIONS_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <chancery/view.h>

#include "support/library_desk.h"

/* A question to the library, and what it is to answer. */

static inline struct chancery_answer *ask(
    const struct chancery_question *question, const char *path)
{
    struct chancery_answer *answer = NULL;
    struct held held = {.length = 0};

    read_object(path, &held);
    assert_int_equal(
        chancery_question_ask(question, held.bytes, held.length, path, &answer),
        CHANCERY_DONE);
    return answer;
}

static inline void assert_answers(const struct chancery_question *question,
    const char *path, const char *code, const char *words)
{
    struct chancery_answer *answer = ask(question, path);

    assert_string_equal(chancery_answer_code(answer), code);
    assert_int_equal(chancery_answer_is_valid(answer), strcmp(code, "ok") == 0);
    if (strstr(chancery_answer_sentence(answer), words) == NULL)
        fail_msg("%s", chancery_answer_sentence(answer));
    chancery_answer_free(answer);
}

/* Gives the question back. */
static inline void assert_leaf_answers(
    struct chancery_question *question, const char *code, const char *words)
{
    assert_answers(question, LEAF, code, words);
    chancery_question_free(question);
}

static inline void assert_refused(enum chancery_result result,
    enum chancery_result expected, const struct chancery_question *question,
    const char *words)
{
    assert_int_equal(result, expected);
    if (strstr(chancery_question_reason(question), words) == NULL)
        fail_msg("%s", chancery_question_reason(question));
}

#endif
