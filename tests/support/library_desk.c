#include "support/library_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void read_object(const char *path, struct held *held)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        fail_msg("%s can't be read", path);
    held->length = fread(held->bytes, 1, sizeof(held->bytes), file);
    assert_true(held->length < sizeof(held->bytes));
    (void)fclose(file);
}

void question_add(
    struct chancery_question *question, add_file *add_to, const char *path)
{
    struct held held = {.length = 0};

    read_object(path, &held);
    if (add_to(question, held.bytes, held.length, path) != CHANCERY_DONE)
        fail_msg("%s", chancery_question_reason(question));
    memset(held.bytes, 0xa5, sizeof(held.bytes));
}

struct chancery_question *question_of_chain(void)
{
    struct chancery_question *question = chancery_question_new();

    assert_non_null(question);
    question_add(question, chancery_question_add_roots, ROOT);
    question_add(question, chancery_question_add_untrusted, ISSUING);
    chancery_question_set_time(question, AT);
    return question;
}
