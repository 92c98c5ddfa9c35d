#include "server/reader.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/file.h"
#include "base/process.h"
#include "base/refusal.h"
#include "server/reader_connection.h"
#include "server/reader_protocol.h"
#include "server/reader_role.h"

/* More than its CPU takes, on a machine that is busy. */
#define ANSWER_WAIT_MS (4 * READER_CPU_SECONDS * 1000)
#define END_WAIT_MS 1000

static const struct channel_rule reader_answers[] = {
    {READER_CONTENTS, "contents", READER_ANSWER_MAX, 1, 0},
    {READER_FAILED, "failed", 4096, 1, 0},
    {0},
};

struct question {
    uint16_t type;
    struct bytes body;
    int descriptors[2];
    size_t descriptor_count;
};

/* --- its answer ----------------------------------------------------------- */

static bool take_object_field(struct container_object *object,
    const struct field *field, struct container *container, struct failure *why)
{
    uint64_t number = 0;

    switch (field->tag) {
    case READER_NAME:
        return field_text(field, object->name, sizeof(object->name), why);
    case READER_OBJECT_KIND:
        if (!field_number(field, &number, why) || number >= INPUT_KINDS)
            return fail_because(why, FAILURE_INTERNAL,
                "the reader tells of an object of no kind");
        object->kind = (enum input_kind)number;
        return true;
    case READER_OF_PRIVATE_KEY:
        if (!field_number(field, &number, why))
            return false;
        object->is_of_private_key = number != 0;
        return true;
    case READER_DER:
        if (!container_add(container, object, field->value, why))
            return false;
        *object = (struct container_object){0};
        return true;
    default:
        return true;
    }
}

static bool take_field(struct container_object *object,
    const struct field *field, struct container *container, struct failure *why)
{
    switch (field->tag) {
    case READER_KIND:
        return field_text(field, container->kind, CONTAINER_NAME, why);
    case READER_INTEGRITY:
        return field_text(field, container->integrity, CONTAINER_TEXT, why);
    case READER_ENCRYPTION:
        return field_text(field, container->encryption, CONTAINER_TEXT, why);
    case READER_INTEGRITY_ITERATIONS:
        return field_number(field, &container->integrity_iterations, why);
    case READER_ENCRYPTION_ITERATIONS:
        return field_number(field, &container->encryption_iterations, why);
    default:
        return take_object_field(object, field, container, why);
    }
}

static bool read_contents(
    struct bytes message, struct container *container, struct failure *why)
{
    RELEASED(container) read = container_new();
    struct container_object object = {0};
    struct reader reader = reader_of(message);

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(&object, &field, &read, why))
            return false;
    }
    *container = read;
    read = (struct container){0};
    return true;
}

static bool read_refusal(
    struct bytes message, enum verdict_code *code, struct failure *why)
{
    struct reader reader = reader_of(message);
    struct field field = {0};
    uint64_t number = VERDICT_CODES;
    struct failure ignored = {0};

    while (!reader_at_end(&reader) && message_next(&reader, &field, &ignored)) {
        if (field.tag == READER_CODE)
            (void)!field_number(&field, &number, &ignored);
    }
    if (number < VERDICT_CODES)
        *code = (enum verdict_code)number;
    return fail_as_told(why, message, "reader");
}

/* --- its process ---------------------------------------------------------- */

static bool tell_death(
    int status, bool came_in_time, enum verdict_code *code, struct failure *why)
{
    const int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (number == SIGXCPU || !came_in_time) {
        *code = VERDICT_BUDGET_EXCEEDED;
        return fail_because(why, FAILURE_UNSUITABLE,
            "the process that opens the file was ended: it needed more than "
            "%d s of CPU, which is the limit",
            READER_CPU_SECONDS);
    }
    *code = VERDICT_MALFORMED;
    if (number != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the process that opens the file died of it (%s); nothing else was "
            "touched",
            sigdescr_np(number));
    return fail_because(why, FAILURE_INTERNAL,
        "the process that opens the file ended without an answer (%d)",
        WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

static bool ask(struct channel *channel, const struct question *question,
    struct frame *frame, bool *came_in_time)
{
    struct failure ignored = {0};

    *came_in_time = true;
    if (!channel_send(channel, question->type, 1, question->body,
            question->descriptors, question->descriptor_count, 0, &ignored))
        return false;
    if (channel_receive(channel, ANSWER_WAIT_MS, frame, &ignored))
        return true;
    *came_in_time = ignored.kind != FAILURE_UNAVAILABLE;
    return false;
}

static bool start(const char *program, struct channel **channel, pid_t *process,
    struct failure *why)
{
    const char *const arguments[] = {"chancery", "--role", "reader", NULL};
    SCOPED_DESCRIPTOR int theirs = -1;
    const struct process_start how = {
        .program = program != NULL ? program : "/proc/self/exe",
        .arguments = arguments,
        .descriptors = &theirs,
        .descriptor_count = 1,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    int sockets[2] = {-1, -1};

    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    return channel_new(sockets[0], reader_answers, 0, channel, why) &&
           process_spawn(&how, process, why);
}

static bool ask_a_process(const char *program, const struct question *question,
    struct container *container, enum verdict_code *code, struct failure *why)
{
    SCOPED_STRUCT(channel) *channel = NULL;
    struct frame frame = {0};
    struct failure ignored = {0};
    pid_t process = 0;
    int status = 0;
    bool came_in_time = true;
    bool answered;
    bool ok = false;

    if (!start(program, &channel, &process, why))
        return false;
    answered = ask(channel, question, &frame, &came_in_time);
    if (answered && frame.type == READER_CONTENTS)
        ok = read_contents(frame.body, container, why);
    else if (answered)
        ok = read_refusal(frame.body, code, why);
    channel_free(KEEP(channel, &channel));
    (void)!process_end(
        process, came_in_time ? END_WAIT_MS : 0, &status, &ignored);
    return answered ? ok : tell_death(status, came_in_time, code, why);
}

/* --- the questions -------------------------------------------------------- */

bool reader_open_file(const char *program, int file, int passphrase,
    struct container *container, enum verdict_code *code, struct failure *why)
{
    const struct question question = {.type = READER_OPEN,
        .descriptors = {file, passphrase},
        .descriptor_count = passphrase < 0 ? 1 : 2};

    *code = VERDICT_MALFORMED;
    return ask_a_process(program, &question, container, code, why);
}

bool reader_open(const char *program, struct bytes file, int passphrase,
    struct container *container, enum verdict_code *code, struct failure *why)
{
    SCOPED_DESCRIPTOR int memory = memfd_create("container", MFD_CLOEXEC);

    *code = VERDICT_MALFORMED;
    if (memory < 0)
        return fail_in_file(why, "making memory for", "a container");
    if (!descriptor_write(memory, "a container", file, why))
        return false;
    if (lseek(memory, 0, SEEK_SET) != 0)
        return fail_in_file(why, "reading again", "a container");
    return reader_open_file(program, memory, passphrase, container, code, why);
}

bool reader_connect(const char *program, const char *host, const char *port,
    struct container *container, struct failure *why)
{
    RELEASED(buffer) body = BUFFER("question", READER_NAME_MAX + 16);
    SCOPED_DESCRIPTOR int socket = -1;
    enum verdict_code code = VERDICT_OK;
    struct failure cause = {0};
    struct question question = {
        .type = READER_HANDSHAKE, .descriptor_count = 1};

    if (!reader_connection_make(host, port, &socket, why) ||
        !message_add_text(&body, READER_NAME, host, why))
        return false;
    question.body = buffer_view(&body);
    question.descriptors[0] = socket;
    return ask_a_process(program, &question, container, &code, &cause) ||
           fail_because(
               why, cause.kind, "%.120s:%s: %.250s", host, port, cause.reason);
}
