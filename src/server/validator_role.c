#include "server/validator_role.h"

#include <nss.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "server/validator_protocol.h"

#define PARENT_DESCRIPTOR 3

static const struct channel_rule parent_rules[] = {
    {VALIDATOR_FETCH, "fetch", VALIDATOR_QUESTION_MAX, 1, 1},
    {0},
};

/* One question, on its own thread. */
struct task {
    struct channel *channel;
    uint64_t id;
    int file;
    struct buffer message; /* a copy of the frame's */
    struct fetch_wish wish;
    struct fetch_rule rules[FETCH_RULES_MAX];
};

static void task_free(struct task *task)
{
    if (task == NULL)
        return;
    descriptor_close(&task->file);
    buffer_free(&task->message);
    free(task);
}
DEFINE_SCOPED_STRUCT(task, task_free)

/* --- the question --------------------------------------------------------- */

static bool take_rule(
    struct task *task, const struct field *field, struct failure *why)
{
    char text[FETCH_RULE_TEXT];

    if (task->wish.rule_count == FETCH_RULES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "there are more than %d rules", FETCH_RULES_MAX);
    return field_text(field, text, sizeof(text), why) &&
           fetch_rule_read(text, &task->rules[task->wish.rule_count++], why);
}

static bool take_field(
    struct task *task, const struct field *field, struct failure *why)
{
    uint64_t number = 0;

    switch (field->tag) {
    case VALIDATOR_KIND:
        if (!field_number(field, &number, why) || number >= FETCH_KINDS)
            return fail_because(
                why, FAILURE_MALFORMED, "there is no such kind of fetch");
        task->wish.kind = (enum fetch_kind)number;
        return true;
    case VALIDATOR_ADDRESS:
        task->wish.address = field->value;
        return true;
    case VALIDATOR_REQUEST:
        task->wish.request = field->value;
        return true;
    case VALIDATOR_RULE:
        return take_rule(task, field, why);
    default:
        return fail_because(
            why, FAILURE_MALFORMED, "a question has a field of no meaning");
    }
}

static bool read_question(struct task *task, struct failure *why)
{
    struct reader reader = reader_of(buffer_view(&task->message));

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(task, &field, why))
            return false;
    }
    task->wish.rules = task->rules;
    return true;
}

/* --- the answer ----------------------------------------------------------- */

static bool fetch_into_file(struct task *task, struct failure *why)
{
    RELEASED(buffer)
    body = BUFFER("what was fetched", fetch_bytes_max(task->wish.kind));

    return fetch(&task->wish, &body, why) &&
           descriptor_write(
               task->file, "what was fetched", buffer_view(&body), why);
}

static void answer(const struct task *task, bool ok, int64_t milliseconds,
    const struct failure *refusal)
{
    RELEASED(buffer) message = BUFFER("an answer", 4096);
    struct failure gone = {0};

    if (message_add_number(&message, VALIDATOR_MILLISECONDS,
            milliseconds > 0 ? (uint64_t)milliseconds : 0, &gone) &&
        (ok || refusal_write(&message, refusal, &gone)))
        (void)!channel_answer(task->channel,
            ok ? VALIDATOR_FETCHED : VALIDATOR_FAILED, task->id,
            buffer_view(&message), &gone);
}

static void *work(void *state)
{
    SCOPED_STRUCT(task) *task = state;
    const int64_t started = clock_monotonic_ms();
    struct failure refusal = {0};
    const bool ok =
        read_question(task, &refusal) && fetch_into_file(task, &refusal);

    answer(task, ok, clock_monotonic_ms() - started, &refusal);
    return NULL;
}

/* --- the role ------------------------------------------------------------- */

static bool begin(
    struct channel *channel, struct frame *frame, struct failure *why)
{
    SCOPED_STRUCT(task) *task = calloc(1, sizeof(*task));
    pthread_attr_t detached;
    pthread_t thread;
    int error;

    if (task == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *task = (struct task){.channel = channel,
        .id = frame->id,
        .file = -1,
        .message = BUFFER("a question", VALIDATOR_QUESTION_MAX)};
    task->wish.deadline_ms = clock_monotonic_ms() + frame->time_left_ms;
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "a question brought no file");
    task->file = descriptor_keep(&frame->descriptors[0]);
    if (!buffer_append(&task->message, frame->body, why))
        return false;
    (void)pthread_attr_init(&detached);
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    error = pthread_create(&thread, &detached, work, task);
    (void)pthread_attr_destroy(&detached);
    if (error != 0)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "no thread can be started");
    (void)KEEP(task, &task);
    return true;
}

static bool serve(struct channel *channel, struct failure *why)
{
    for (;;) {
        struct frame frame = {0};

        if (!channel_receive(channel, -1, &frame, why))
            return why->kind == FAILURE_NOT_FOUND;
        if (!begin(channel, &frame, why)) {
            frame_close_descriptors(&frame);
            return false;
        }
    }
}

/* What the C library asks for names; those that this machine has not got are
 * left out, since a lock can't name what is not there. */
static void find_readable(const char *readable[static 8])
{
    static const char *const files[] = {"/etc/resolv.conf", "/etc/hosts",
        "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf"};
    size_t count = 0;

    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        if (access(files[i], R_OK) == 0)
            readable[count++] = files[i];
    }
    readable[count] = NULL;
}

static bool lock_in(struct failure *why)
{
    const char *readable[8];
    const struct sandbox sandbox = {
        .role = SANDBOX_VALIDATOR, .readable = readable};
    char degraded[120] = "";

    find_readable(readable);
    /* Both are within the C library (glibc 2.34); whatever else nsswitch.conf
     * names would be a library to load, which the lock forbids. */
    if (__nss_configure_lookup("hosts", "files dns") != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the C library does not take files and DNS for names");
    return sandbox_enter(&sandbox, degraded, why);
}

int validator_main(void)
{
    struct channel *channel = NULL;
    struct failure why = {0};

    log_open("validator", LOG_LEVEL_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!sandbox_keep_private(&why) ||
        !channel_new(PARENT_DESCRIPTOR, parent_rules, VALIDATOR_CREDIT,
            &channel, &why) ||
        !lock_in(&why) || !serve(channel, &why)) {
        log_event(LOG_LEVEL_ERROR, "failed", "why", why.reason, NULL);
        _exit(9);
    }
    /* Threads that still wait for a name or a server hold the channel, and end
     * here. */
    _exit(0);
}
