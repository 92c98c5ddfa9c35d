#include <stdlib.h>

#include "base/text.h"
#include "x509/chain/chain.h"
#include "x509/chain/explain.h"
#include "x509/facade/facade.h"
#include "x509/signed_file.h"

#define WORDS_MAX (64 * 1024)
/* Of a verdict; what the command prints has the same. */
#define JSON_MAX (16 * 1024 * 1024)

struct chancery_answer {
    bool is_valid;
    const char *code;
    struct buffer sentence, remedy, json; /* each ends with a zero */
};

/* --- filled in ------------------------------------------------------------ */

static bool set_text(
    struct buffer *text, const char *words, struct failure *why)
{
    const char *ended = NULL;

    buffer_clear(text);
    return text_append_shown(text, words, why) &&
           buffer_as_text(text, &ended, why);
}

static bool set_json(
    struct chancery_answer *answer, const json_t *verdict, struct failure *why)
{
    const char *ended = NULL;

    return json_append(&answer->json, verdict, why) &&
           buffer_append_byte(&answer->json, '\n', why) &&
           buffer_as_text(&answer->json, &ended, why);
}

static bool set_verdict(struct chancery_answer *answer,
    const struct verdict *verdict, const json_t *json, struct failure *why)
{
    if (!set_text(&answer->sentence, verdict->sentence, why) ||
        !set_text(&answer->remedy, verdict->remedy, why) ||
        !set_json(answer, json, why))
        return false;
    answer->is_valid = verdict->valid;
    answer->code = verdict_code_name(verdict->code);
    return true;
}

static bool tell(struct chancery_answer *answer, const struct verdict *verdict,
    struct failure *why)
{
    SCOPED(json_t) *json = NULL;

    return explain_json(verdict, &json, why) &&
           set_verdict(answer, verdict, json, why);
}

/* --- asked ---------------------------------------------------------------- */

static bool ask_signed(const struct chancery_question *question,
    struct bytes bytes, struct chancery_answer *answer, struct failure *why)
{
    RELEASED(signed_file) file = {0};
    SCOPED(json_t) *json = NULL;
    struct chain_question asked = {0};
    struct bytes content = buffer_view(&question->content);

    facade_question(question, &asked);
    return signed_file_verify(bytes, question->has_content ? &content : NULL,
               &asked, &file, why) &&
           signed_file_json(&file, &json, why) &&
           set_verdict(answer, signed_file_verdict(&file), json, why);
}

/* What stands beside the leaf goes into a pool of its own, as the question is
 * asked by several threads; where nothing does, the question's is enough. */
static bool choose_untrusted(const struct chancery_question *question,
    const struct input *input, struct chain_question *asked,
    struct chain_pool *beside, struct failure *why)
{
    if (question_certificates(
            input, asked->leaf_origin, asked->leaf, beside, NULL, NULL) == 0)
        return true;
    asked->untrusted = beside;
    return chain_pool_add_all(beside, question->untrusted, why);
}

static bool ask_leaf(const struct chancery_question *question,
    const struct input *input, struct bytes leaf, const char *name,
    struct chancery_answer *answer, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *beside = NULL;
    struct chain_question asked = {0};
    struct verdict verdict = {0};
    bool is_told;

    facade_question(question, &asked);
    asked.leaf = leaf;
    asked.leaf_origin = name;
    if (!chain_pool_new(&beside, why) ||
        !choose_untrusted(question, input, &asked, beside, why) ||
        !chain_verify(&asked, &verdict, why))
        return false;
    is_told = tell(answer, &verdict, why);
    verdict_free(&verdict);
    return is_told;
}

static bool tell_malformed(struct chancery_answer *answer,
    const struct failure *unread, struct failure *why)
{
    struct verdict verdict = {0};

    question_malformed(&verdict, unread);
    return tell(answer, &verdict, why);
}

static bool ask_certificate(const struct chancery_question *question,
    struct bytes bytes, const char *name, struct chancery_answer *answer,
    struct failure *why)
{
    RELEASED(input) input = {0};
    RELEASED(buffer) room = {0};
    struct bytes leaf = {0};
    struct failure unread = {0};

    if (input_read(bytes, name, &input, &unread) &&
        question_leaf(bytes, name, &input, &room, &leaf, &unread))
        return ask_leaf(question, &input, leaf, name, answer, why);
    if (unread.kind == FAILURE_MALFORMED)
        return tell_malformed(answer, &unread, why);
    *why = unread;
    return false;
}

static bool ask(const struct chancery_question *question, struct bytes bytes,
    const char *name, struct chancery_answer *answer, struct failure *why)
{
    if (!facade_start(why))
        return false;
    if (bytes.length > CHANCERY_FILE_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "%.200s is longer than %d bytes", name, CHANCERY_FILE_MAX);
    return question->has_content ||
                   question_is_of_signed_file(bytes, question->asked.purpose)
               ? ask_signed(question, bytes, answer, why)
               : ask_certificate(question, bytes, name, answer, why);
}

static struct chancery_answer *answer_new(struct failure *why)
{
    struct chancery_answer *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return NULL;
    made->code = "";
    made->sentence = BUFFER("a sentence", WORDS_MAX);
    made->remedy = BUFFER("a remedy", WORDS_MAX);
    made->json = BUFFER("a verdict", JSON_MAX);
    if (set_text(&made->sentence, "", why) && set_text(&made->remedy, "", why))
        return made;
    chancery_answer_free(made);
    return NULL;
}

enum chancery_result chancery_question_ask(
    const struct chancery_question *question, const void *bytes, size_t length,
    const char *name, struct chancery_answer **answer)
{
    struct failure why = {0};
    struct failure unsaid = {0};
    struct chancery_answer *made = answer_new(&why);

    *answer = made;
    if (made == NULL)
        return CHANCERY_INTERNAL;
    if (ask(question, facade_bytes(bytes, length),
            name == NULL ? FACADE_NAMELESS : name, made, &why))
        return CHANCERY_DONE;
    buffer_free(&made->json);
    if (!set_text(&made->sentence, why.reason, &unsaid))
        buffer_free(&made->sentence);
    return facade_result(&why);
}

/* --- read ----------------------------------------------------------------- */

/* Each was ended with a zero when it was filled. */
static const char *text_of(const struct buffer *text)
{
    return text->length == 0 ? "" : (const char *)text->start;
}

void chancery_answer_free(struct chancery_answer *answer)
{
    if (answer == NULL)
        return;
    buffer_free(&answer->sentence);
    buffer_free(&answer->remedy);
    buffer_free(&answer->json);
    free(answer);
}

bool chancery_answer_is_valid(const struct chancery_answer *answer)
{
    return answer->is_valid;
}

const char *chancery_answer_code(const struct chancery_answer *answer)
{
    return answer->code;
}

const char *chancery_answer_sentence(const struct chancery_answer *answer)
{
    return text_of(&answer->sentence);
}

const char *chancery_answer_remedy(const struct chancery_answer *answer)
{
    return text_of(&answer->remedy);
}

const char *chancery_answer_json(const struct chancery_answer *answer)
{
    return text_of(&answer->json);
}
