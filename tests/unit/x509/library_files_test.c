#include "library_questions.h"

/* --- files of every kind -------------------------------------------------- */

static void what_holds_no_certificate_is_answered_as_malformed(void **state)
{
    struct chancery_question *question = question_of_chain();
    struct chancery_answer *answer = NULL;

    (void)state;
    assert_answers(question, OBJECTS "verify/empty.crl", "malformed",
        "holds a revocation list, not a certificate");
    assert_int_equal(
        chancery_question_ask(question, NULL, 0, NULL, &answer), CHANCERY_DONE);
    assert_string_equal(chancery_answer_code(answer), "malformed");
    chancery_answer_free(answer);
    chancery_question_free(question);
}

static void a_file_that_is_too_long_is_not_looked_at(void **state)
{
    struct chancery_question *question = question_of_chain();
    struct chancery_answer *answer = NULL;
    char *zeros = calloc(1, CHANCERY_FILE_MAX + 1);

    (void)state;
    assert_non_null(zeros);
    assert_refused(chancery_question_add_roots(
                       question, zeros, CHANCERY_FILE_MAX + 1, NULL),
        CHANCERY_UNSUITABLE, question, "67108864");
    assert_int_equal(chancery_question_ask(question, zeros,
                         CHANCERY_FILE_MAX + 1, "long.pem", &answer),
        CHANCERY_UNSUITABLE);
    assert_string_equal(chancery_answer_sentence(answer),
        "long.pem is longer than 67108864 bytes");
    assert_string_equal(chancery_answer_code(answer), "");
    assert_string_equal(chancery_answer_json(answer), "");
    assert_string_equal(chancery_answer_remedy(answer), "");
    assert_false(chancery_answer_is_valid(answer));
    chancery_answer_free(answer);
    chancery_question_free(question);
    free(zeros);
}

static void a_signed_file_is_judged_by_its_signers(void **state)
{
    struct chancery_question *question = chancery_question_new();
    struct chancery_answer *answer = NULL;

    (void)state;
    question_add(
        question, chancery_question_add_roots, OBJECTS "signed/root.crt");
    answer = ask(question, OBJECTS "signed/attached.der");
    assert_string_equal(chancery_answer_code(answer), "ok");
    assert_non_null(strstr(chancery_answer_json(answer), "\"signatures\":["));
    chancery_answer_free(answer);
    chancery_question_free(question);
}

static void a_detached_signature_wants_its_content(void **state)
{
    struct chancery_question *question = chancery_question_new();
    struct chancery_answer *answer = NULL;
    struct held file = {.length = 0};
    struct held content = {.length = 0};

    (void)state;
    question_add(
        question, chancery_question_add_roots, OBJECTS "signed/root.crt");
    read_object(OBJECTS "signed/detached.der", &file);
    read_object(OBJECTS "signed/content.txt", &content);
    assert_int_equal(chancery_question_ask(question, file.bytes, file.length,
                         "letter.p7s", &answer),
        CHANCERY_NOT_FOUND);
    assert_non_null(strstr(chancery_answer_sentence(answer), "is detached"));
    chancery_answer_free(answer);
    assert_int_equal(
        chancery_question_set_content(question, content.bytes, content.length),
        CHANCERY_DONE);
    assert_answers(question, OBJECTS "signed/detached.der", "ok", "valid");
    content.bytes[0] ^= 1;
    assert_int_equal(
        chancery_question_set_content(question, content.bytes, content.length),
        CHANCERY_DONE);
    assert_answers(
        question, OBJECTS "signed/detached.der", "content-altered", "content");
    chancery_question_free(question);
}

/* --- threads -------------------------------------------------------------- */

#define THREADS 8
#define ROUNDS 5

struct asker {
    pthread_t thread;
    const struct chancery_question *question;
    const char *expected;
    int differing;
};

static void *ask_often(void *state)
{
    struct asker *asker = state;
    struct held held = {.length = 0};
    FILE *file = fopen(LEAF, "rb");

    asker->differing = file == NULL;
    if (file == NULL)
        return NULL;
    held.length = fread(held.bytes, 1, sizeof(held.bytes), file);
    (void)fclose(file);
    for (int i = 0; i < ROUNDS; i++) {
        struct chancery_answer *answer = NULL;

        if (chancery_question_ask(asker->question, held.bytes, held.length,
                LEAF, &answer) != CHANCERY_DONE ||
            strcmp(chancery_answer_json(answer), asker->expected) != 0)
            asker->differing++;
        chancery_answer_free(answer);
    }
    return NULL;
}

static void one_question_is_asked_by_many_threads(void **state)
{
    struct chancery_question *question = question_of_chain();
    struct chancery_answer *answer = ask(question, LEAF);
    struct asker askers[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){
            .question = question, .expected = chancery_answer_json(answer)};
        assert_int_equal(
            pthread_create(&askers[i].thread, NULL, ask_often, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
        assert_int_equal(askers[i].differing, 0);
    }
    chancery_answer_free(answer);
    chancery_question_free(question);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_no_certificate_is_answered_as_malformed),
        cmocka_unit_test(a_file_that_is_too_long_is_not_looked_at),
        cmocka_unit_test(a_signed_file_is_judged_by_its_signers),
        cmocka_unit_test(a_detached_signature_wants_its_content),
        cmocka_unit_test(one_question_is_asked_by_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
