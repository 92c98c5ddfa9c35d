#include "cli/verify_line.h"

#include <stdio.h>

#include "base/text.h"
#include "cli/output.h"
#include "cli/verify_batch.h"
#include "cli/verify_line_question.h"
#include "x509/chain/chain.h"

/* What the line calls itself, given back; null where it is no short text or
 * number. */
#define ID_MAX 4096

static json_t *id_of(const json_t *line)
{
    json_t *id = json_object_get(line, "id");

    if (json_is_number(id) ||
        (json_is_string(id) && json_string_length(id) <= ID_MAX))
        return id;
    return json_null();
}

static bool append_answer(const json_t *line, const struct verdict *verdict,
    struct buffer *answer, struct failure *why)
{
    SCOPED(json_t) *value = json_pack("{s:O, s:b, s:s, s:o}", "id", id_of(line),
        "valid", (int)verdict->valid, "code", verdict_code_name(verdict->code),
        "sentence", json_of_text(verdict->sentence));

    if (value == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return json_append(answer, value, why) &&
           buffer_append_byte(answer, '\n', why);
}

/* number: 0 where the id says which line it is. */
static void word_malformed(
    struct verdict *verdict, size_t number, const struct failure *unread)
{
    *verdict = (struct verdict){.code = VERDICT_MALFORMED};
    if (number > 0)
        (void)snprintf(verdict->sentence, sizeof(verdict->sentence),
            "line %zu can't be read: %s", number, unread->reason);
    else
        (void)snprintf(verdict->sentence, sizeof(verdict->sentence),
            "the question can't be read: %s", unread->reason);
}

static bool read_line(
    const struct batch_line *line, json_t **value, struct failure *why)
{
    if (line->is_too_long)
        return fail_because(why, FAILURE_MALFORMED,
            "it is longer than %zu bytes", BATCH_LINE_MAX);
    return json_read_within(line->text, BATCH_LINE_MAX, "the JSON", value, why);
}

/* Memory that ran out is no verdict. */
static bool judge(const json_t *line, struct signature_cache *cache,
    struct verdict *verdict, struct failure *why)
{
    struct line_question asked = {0};
    bool done = line_question_read(line, &asked, why);

    asked.question.cache = cache;
    if (done)
        done = chain_verify(&asked.question, verdict, why);
    else if (why->kind != FAILURE_INTERNAL) {
        word_malformed(verdict, 0, why);
        done = true;
    }
    line_question_free(&asked);
    return done;
}

bool batch_line_answer(const struct batch_line *line,
    struct signature_cache *cache, struct buffer *answer, struct failure *why)
{
    SCOPED(json_t) *value = NULL;
    struct verdict verdict = {0};
    bool answered;

    if (!read_line(line, &value, why)) {
        if (why->kind == FAILURE_INTERNAL)
            return false;
        word_malformed(&verdict, line->number, why);
    } else if (!judge(value, cache, &verdict, why)) {
        return false;
    }
    answered = append_answer(value, &verdict, answer, why);
    verdict_free(&verdict);
    return answered;
}
