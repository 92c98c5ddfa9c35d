#include "server/keys_client.h"

#include <unistd.h>

#include "base/channel.h"
#include "base/file.h"
#include "base/file_failure.h"
#include "base/process.h"
#include "base/refusal.h"
#include "server/keys_protocol.h"

/* RSA 4096 under a sanitizer takes its time. */
#define ANSWER_WAIT_MS 180000
#define END_WAIT_MS 5000

static const struct channel_rule keys_answers[] = {
    {KEYS_REPORT, "report", 256 * 1024, 1, 0},
    {KEYS_FAILED, "failed", 4096, 1, 0},
    {0},
};

void keys_report_free(struct keys_report *report)
{
    buffer_free(&report->answer);
}

static bool take_report_field(
    struct keys_report *report, const struct field *field, struct failure *why)
{
    char name[32];

    if (field->tag == KEYS_SPKI)
        report->spki = field->value;
    else if (field->tag == KEYS_REQUEST)
        report->request = field->value;
    else if (field->tag == KEYS_ALGORITHM) {
        if (!field_text(field, name, sizeof(name), why))
            return false;
        report->algorithm = key_algorithm_named(name);
    }
    return true;
}

static bool read_report(
    struct bytes message, struct keys_report *report, struct failure *why)
{
    RELEASED(keys_report) read = {.answer = BUFFER("report", 256 * 1024)};
    struct reader reader;

    if (!buffer_append(&read.answer, message, why))
        return false;
    reader = reader_of(buffer_view(&read.answer));
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_report_field(&read, &field, why))
            return false;
    }
    *report = read;
    read = (struct keys_report){0};
    return true;
}

struct key_question {
    uint16_t type;
    struct bytes body;
    int descriptors[CHANNEL_DESCRIPTORS_MAX];
    size_t descriptor_count;
};

static bool ask(struct channel *channel, const struct key_question *question,
    struct keys_report *report, struct failure *why)
{
    struct failure silence = {0};
    struct frame frame = {0};

    if (!channel_send(channel, question->type, 1, question->body,
            question->descriptors, question->descriptor_count, 0, why))
        return false;
    if (!channel_receive(channel, ANSWER_WAIT_MS, &frame, &silence))
        return fail_because(
            why, FAILURE_INTERNAL, "the keys role has ended without an answer");
    if (frame.type == KEYS_FAILED)
        return fail_as_told(why, frame.body, "keys role");
    return read_report(frame.body, report, why);
}

static bool ask_a_process(const char *program,
    const struct key_question *question, struct keys_report *report,
    struct failure *why)
{
    const char *const arguments[] = {"chancery", "--role", "keys", NULL};
    SCOPED_STRUCT(channel) *channel = NULL;
    SCOPED_DESCRIPTOR int theirs = -1;
    const struct process_start start = {
        .program = program != NULL ? program : "/proc/self/exe",
        .arguments = arguments,
        .descriptors = &theirs,
        .descriptor_count = 1,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    struct failure ignored = {0};
    int sockets[2] = {-1, -1};
    pid_t process = 0;
    int status = 0;
    bool ok;

    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    if (!channel_new(sockets[0], keys_answers, 0, &channel, why) ||
        !process_spawn(&start, &process, why))
        return false;
    descriptor_close(&theirs);
    ok = ask(channel, question, report, why);
    channel_free(KEEP(channel, &channel));
    (void)!process_end(process, END_WAIT_MS, &status, &ignored);
    return ok;
}

bool keys_failed_at(const char *path, struct failure *why)
{
    const struct failure told = *why;
    char shown[PATH_SHOWN];

    path_print(path, shown);
    return fail_because(
        why, told.kind, "making %s: %.140s", shown, told.reason);
}

/* The role wrote it; making it durable is for who opened it. */
static bool make_durable(int key_file, struct failure *why)
{
    return fsync(key_file) == 0 || fail_in_file(why, "syncing", "the new key");
}

bool keys_make(const char *program, const struct key_algorithm *algorithm,
    struct bytes subject, int key_file, int passphrase,
    struct keys_report *report, struct failure *why)
{
    RELEASED(buffer) body = BUFFER("question", 16 * 1024);
    struct key_question question = {.type = KEYS_MAKE,
        .descriptors = {key_file, passphrase},
        .descriptor_count = 2};

    if (!message_add_text(&body, KEYS_ALGORITHM, algorithm->name, why) ||
        !message_add(&body, KEYS_SUBJECT, subject, why))
        return false;
    question.body = buffer_view(&body);
    return ask_a_process(program, &question, report, why) &&
           make_durable(key_file, why);
}

bool keys_prove(const char *program, int key_file, const int *passphrases,
    size_t passphrase_count, struct keys_report *report, struct failure *why)
{
    struct key_question question = {
        .type = KEYS_PROVE, .descriptors = {key_file}, .descriptor_count = 1};

    for (size_t i = 0; i < passphrase_count && i < 3; i++)
        question.descriptors[question.descriptor_count++] = passphrases[i];
    return ask_a_process(program, &question, report, why);
}

bool keys_encrypt_anew(const char *program, int key_file, int new_file,
    int old_passphrase, int new_passphrase, struct bytes subject,
    struct keys_report *report, struct failure *why)
{
    RELEASED(buffer) body = BUFFER("question", 16 * 1024);
    struct key_question question = {.type = KEYS_ENCRYPT,
        .descriptors = {key_file, new_file},
        .descriptor_count = 2};

    if (old_passphrase >= 0)
        question.descriptors[question.descriptor_count++] = old_passphrase;
    question.descriptors[question.descriptor_count++] = new_passphrase;
    if (old_passphrase >= 0 &&
        !message_add(&body, KEYS_HAS_OLD_PASSPHRASE, (struct bytes){0}, why))
        return false;
    if (!message_add(&body, KEYS_SUBJECT, subject, why))
        return false;
    question.body = buffer_view(&body);
    return ask_a_process(program, &question, report, why) &&
           make_durable(new_file, why);
}
