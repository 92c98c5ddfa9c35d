#ifndef CLI_VERIFY_AS_QUESTION_H
#define CLI_VERIFY_AS_QUESTION_H

#include "cli/verify_inquiry.h"

/*
 * The question as another program takes it: an argument vector, and files that
 * exist in memory alone and are reached as /dev/fd/3, 4, ...: nothing is left
 * behind, and no name of a file of the caller's reaches the program.
 */
#define AS_FILES_MAX 4
#define AS_ARGUMENTS_MAX 120
#define AS_TEXTS_MAX 16
#define AS_NOT_ASKED_MAX 16

struct as_question {
    const char *arguments[AS_ARGUMENTS_MAX + 1];
    size_t argument_count;
    char texts[AS_TEXTS_MAX][PATH_ROOM]; /* that arguments point into */
    size_t text_count;
    int files[AS_FILES_MAX];
    size_t file_count;
    const char *not_asked[AS_NOT_ASKED_MAX]; /* options, with what is lost */
    size_t not_asked_count;
};

void as_question_free(struct as_question *question); /* closes the files */

/* How each program is asked (cli/verify_as_question.c): the names of its
 * options are in chancery-verify's documents.  FAILURE_UNSUITABLE: it is more
 * than a program can be told. */
MUST_CHECK bool as_question_of_openssl(struct call *call,
    const struct inquiry *inquiry, struct as_question *question,
    struct failure *why);
MUST_CHECK bool as_question_of_gnutls(struct call *call,
    const struct inquiry *inquiry, struct as_question *question,
    struct failure *why);

#endif
