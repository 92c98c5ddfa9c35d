#include "cli/verify_as.h"

#include <stdio.h>

#include "cli/output.h"
#include "cli/verify_tell.h"
#include "x509/chain/explain.h"

#define STATUS_NO 1

/* Each byte of the output may be told by six, and parted by a semicolon. */
#define WORDS_MAX (8 * AS_OUTPUT_MAX)

bool verify_as_begin(struct call *call, const struct as_program **program,
    char path[static PATH_ROOM], struct failure *why)
{
    const char *word = call_text(call, "as");

    *program = word == NULL ? NULL : as_program_named(word);
    if (word == NULL)
        return true;
    if (*program == NULL)
        return fail_usage(call, why,
            "--as knows no program \"%.80s\"; it knows: %s", word,
            AS_PROGRAM_WORDS);
    return as_program_find(*program, NULL, path, why);
}

/* --- for people ----------------------------------------------------------- */

static bool print_answer(const struct as_program *program,
    struct as_answer *answer, struct failure *why)
{
    const char *words = NULL;

    if (!buffer_as_text(&answer->words, &words, why))
        return false;
    (void)printf("%s %s says: %s", program->word, answer->version,
        answer->is_valid ? "valid" : "not valid: ");
    if (!answer->is_valid && !print_shown(words, why))
        return false;
    (void)putchar('\n');
    return true;
}

static void print_difference(const struct as_program *program,
    const struct as_answer *answer, const struct verdict *verdict)
{
    if (answer->is_valid == verdict->valid)
        return;
    if (verdict->valid)
        (void)printf("they differ: %s refuses what is valid here, for the "
                     "reason that it gives\n",
            program->word);
    else
        (void)printf("they differ: %s accepts what is refused here as %s, by "
                     "the rule %s (%s)\n",
            program->word, verdict_code_name(verdict->code),
            chain_rule_name(verdict->rule),
            chain_rule_reference(verdict->rule));
}

static void print_not_asked(
    const struct as_program *program, const struct as_question *question)
{
    for (size_t i = 0; i < question->not_asked_count; i++)
        (void)printf("%s was not asked for %s\n", program->command,
            question->not_asked[i]);
}

/* --- for programs --------------------------------------------------------- */

static bool make_json(const struct as_program *program,
    const struct as_question *question, struct as_answer *answer, json_t **json,
    struct failure *why)
{
    SCOPED(json_t) *not_asked = json_array();
    const char *words = NULL;

    if (!buffer_as_text(&answer->words, &words, why))
        return false;
    for (size_t i = 0; i < question->not_asked_count; i++)
        (void)json_array_append_new(
            not_asked, json_string(question->not_asked[i]));
    *json = json_pack("{s:s, s:s, s:b, s:o, s:O}", "program", program->word,
        "version", answer->version, "valid", (int)answer->is_valid, "words",
        json_of_text(words), "not_asked", not_asked);
    return *json != NULL ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool tell_json(const struct as_program *program,
    const struct as_question *question, struct as_answer *answer,
    const struct verdict *verdict, struct failure *why)
{
    SCOPED(json_t) *told = NULL;
    json_t *as = NULL;

    if (!explain_json(verdict, &told, why) ||
        !make_json(program, question, answer, &as, why))
        return false;
    if (json_object_set_new(told, "as", as) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return output_json(told, why);
}

/* --- both ----------------------------------------------------------------- */

static bool tell(struct call *call, const struct as_program *program,
    const struct as_question *question, struct as_answer *answer,
    const struct verdict *verdict, struct failure *why)
{
    if (call->json)
        return tell_json(program, question, answer, verdict, why);
    if (!verdict_tell(call, verdict, call_given(call, "all-rules"), why) ||
        !print_answer(program, answer, why))
        return false;
    print_difference(program, answer, verdict);
    print_not_asked(program, question);
    return output_finish(why);
}

bool verify_as_tell(struct call *call, const struct as_program *program,
    const char *path, const struct inquiry *inquiry,
    const struct verdict *verdict, struct failure *why)
{
    RELEASED(as_question) question = {0};
    struct as_answer answer = {
        .words = BUFFER("the words of a program", WORDS_MAX)};
    bool done;

    done = program->compose(call, inquiry, &question, why) &&
           as_program_ask(program, path, &question, &answer, why) &&
           tell(call, program, &question, &answer, verdict, why);
    buffer_free(&answer.words);
    if (done)
        call->status = answer.is_valid ? 0 : STATUS_NO;
    return done;
}
