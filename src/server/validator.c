#include "server/validator.h"

#include <stdlib.h>

#include "base/channel.h"
#include "base/process.h"
#include "base/refusal.h"
#include "server/validator_protocol.h"

#define END_WAIT_MS 500

static const struct channel_rule validator_answers[] = {
    {VALIDATOR_FETCHED, "fetched", 4096, 1, 0},
    {VALIDATOR_FAILED, "failed", 4096, 1, 0},
    {0},
};

struct validator {
    const char *program;
    struct channel *channel; /* NULL: not started */
    pid_t process;
    const char *const *rules;
    size_t rule_count;
    size_t open;
};

bool validator_new(
    const char *program, struct validator **validator, struct failure *why)
{
    struct validator *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->program = program != NULL ? program : "/proc/self/exe";
    *validator = made;
    return true;
}

bool validator_take(
    int socket, struct validator **validator, struct failure *why)
{
    SCOPED_STRUCT(channel) *channel = NULL;

    if (!channel_new(socket, validator_answers, 0, &channel, why) ||
        !validator_new(NULL, validator, why))
        return false;
    (*validator)->channel = KEEP(channel, &channel);
    return true;
}

void validator_allow(
    struct validator *validator, const char *const *rules, size_t count)
{
    validator->rules = rules;
    validator->rule_count = count;
}

/* Whose end of the channel has gone ends by itself, however many servers its
 * threads still wait for. */
void validator_free(struct validator *validator)
{
    struct failure ignored = {0};
    int status = 0;

    if (validator == NULL)
        return;
    if (validator->channel != NULL) {
        channel_free(validator->channel);
        if (validator->process > 0)
            (void)!process_end(
                validator->process, END_WAIT_MS, &status, &ignored);
    }
    free(validator);
}

static bool start(struct validator *validator, struct failure *why)
{
    const char *const arguments[] = {"chancery", "--role", "validator", NULL};
    SCOPED_STRUCT(channel) *channel = NULL;
    SCOPED_DESCRIPTOR int theirs = -1;
    const struct process_start how = {.program = validator->program,
        .arguments = arguments,
        .descriptors = &theirs,
        .descriptor_count = 1,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    int sockets[2] = {-1, -1};

    if (validator->channel != NULL)
        return true;
    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    if (!channel_new(sockets[0], validator_answers, 0, &channel, why) ||
        !process_spawn(&how, &validator->process, why))
        return false;
    validator->channel = KEEP(channel, &channel);
    return true;
}

static bool write_question(const struct validator *validator,
    const struct validator_question *question, struct buffer *message,
    struct failure *why)
{
    if (!message_add_number(
            message, VALIDATOR_KIND, (uint64_t)question->kind, why) ||
        !message_add(message, VALIDATOR_ADDRESS, question->address, why) ||
        !message_add(message, VALIDATOR_REQUEST, question->request, why))
        return false;
    for (size_t i = 0; i < validator->rule_count; i++) {
        if (!message_add_text(
                message, VALIDATOR_RULE, validator->rules[i], why))
            return false;
    }
    return true;
}

bool validator_ask(struct validator *validator,
    const struct validator_question *question, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("a question", VALIDATOR_QUESTION_MAX);

    if (validator->open == VALIDATOR_OPEN_MAX)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "more than %d fetches are open", VALIDATOR_OPEN_MAX);
    if (!start(validator, why) ||
        !write_question(validator, question, &message, why) ||
        !channel_send(validator->channel, VALIDATOR_FETCH, question->id,
            buffer_view(&message), &question->file, 1, question->time_ms, why))
        return false;
    validator->open++;
    return true;
}

static bool read_answer(const struct frame *frame,
    struct validator_answer *answer, struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct validator_answer read = {
        .id = frame->id, .is_fetched = frame->type == VALIDATOR_FETCHED};
    uint64_t milliseconds = 0;

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            (field.tag == VALIDATOR_MILLISECONDS &&
                !field_number(&field, &milliseconds, why)))
            return false;
    }
    read.milliseconds =
        milliseconds < 1000000 ? (unsigned int)milliseconds : 1000000;
    if (!read.is_fetched)
        (void)fail_as_told(&read.failure, frame->body, "validator");
    *answer = read;
    return true;
}

bool validator_next(struct validator *validator, int timeout_ms,
    struct validator_answer *answer, bool *came, struct failure *why)
{
    struct frame frame = {0};
    struct failure failure = {0};

    *came = false;
    if (validator->channel == NULL)
        return true;
    if (!channel_receive(validator->channel, timeout_ms, &frame, &failure)) {
        if (failure.kind == FAILURE_UNAVAILABLE)
            return true;
        return fail_because(why, FAILURE_INTERNAL,
            "the process that fetches ended: %.200s", failure.reason);
    }
    if (!read_answer(&frame, answer, why))
        return false;
    if (validator->open > 0)
        validator->open--;
    *came = true;
    return true;
}
