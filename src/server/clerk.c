#include "server/clerk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/journal.h"
#include "authority/lists.h"
#include "authority/refusals_told.h"
#include "base/clock.h"
#include "base/condition.h"
#include "base/json.h"
#include "base/log.h"
#include "base/message.h"
#include "server/keeper_indexer.h"
#include "server/web/visit.h"

/* One question on its way. */
struct task {
    struct task *next;
    struct connection *connection; /* NULL: visit's */
    struct visit *visit;           /* not owned */
    const struct caller *caller;
    const struct clerk_row *row;
    uint64_t id;
    struct buffer body;
    int descriptors[CHANNEL_DESCRIPTORS_MAX];
    size_t descriptor_count;
};

#define TASKS_MAX 256
/* So often lists are looked after, whether something is asked or not: they are
 * made anew when half of their time is over (properties 11). */
#define CARE_MS 10000
/* Who is nobody may fetch with a proof, and may not keep those waiting who have
 * a role. */
#define TASKS_OF_NOBODY_MAX 16

struct clerk_desk {
    struct clerk clerk;
    struct refusals_told told; /* of nobody's; the thread's */
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct task *first, **last;
    size_t count, of_nobody;
    bool is_closed;
};

/* --- the queue ----------------------------------------------------------- */

static void task_free(struct task *task)
{
    if (task == NULL)
        return;
    connection_release(task->connection);
    for (size_t i = 0; i < task->descriptor_count; i++)
        descriptor_close(&task->descriptors[i]);
    buffer_free(&task->body);
    free(task);
}

static bool is_nobodys(const struct task *task)
{
    return task->caller->role == ROLE_NOBODY;
}

static bool has_room(const struct clerk_desk *desk, const struct task *task)
{
    return desk->count < TASKS_MAX && !desk->is_closed &&
           (!is_nobodys(task) || desk->of_nobody < TASKS_OF_NOBODY_MAX);
}

static bool put(struct clerk_desk *desk, struct task *task, struct failure *why)
{
    bool ok;

    (void)pthread_mutex_lock(&desk->lock);
    ok = has_room(desk, task);
    if (ok) {
        *desk->last = task;
        desk->last = &task->next;
        desk->count++;
        desk->of_nobody += is_nobodys(task);
        (void)pthread_cond_signal(&desk->filled);
    }
    (void)pthread_mutex_unlock(&desk->lock);
    if (ok)
        return true;
    task_free(task);
    return fail_because(why, FAILURE_UNAVAILABLE,
        "too many questions are waiting already; try again later");
}

/* NULL and *goes_on false: the queue is closed and empty; NULL alone: nothing
 * came until then. */
static struct task *take(
    struct clerk_desk *desk, int64_t until_ms, bool *goes_on)
{
    struct task *task;

    (void)pthread_mutex_lock(&desk->lock);
    while (desk->first == NULL && !desk->is_closed &&
           condition_wait_until(&desk->filled, &desk->lock, until_ms))
        ;
    task = desk->first;
    *goes_on = task != NULL || !desk->is_closed;
    if (task != NULL) {
        desk->first = task->next;
        desk->count--;
        desk->of_nobody -= is_nobodys(task);
    }
    if (desk->first == NULL)
        desk->last = &desk->first;
    (void)pthread_mutex_unlock(&desk->lock);
    return task;
}

static const struct clerk_row *row_of(uint16_t message)
{
    for (const struct clerk_row *row = clerk_rows(); row->name != NULL; row++) {
        if (row->message == message)
            return row;
    }
    return NULL;
}

bool clerk_knows(uint16_t message)
{
    return row_of(message) != NULL;
}

static void take_descriptors(struct task *task, struct frame *frame)
{
    for (size_t i = 0; i < frame->descriptor_count; i++)
        task->descriptors[i] = descriptor_keep(&frame->descriptors[i]);
    task->descriptor_count = frame->descriptor_count;
}

bool clerk_ask(struct keeper *keeper, struct connection *connection,
    struct frame *frame, struct failure *why)
{
    struct task *task = calloc(1, sizeof(*task));

    if (task == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    connection_hold(connection);
    task->connection = connection;
    task->caller = &connection->caller;
    task->row = row_of(frame->type);
    task->id = frame->id;
    task->body = BUFFER("question", CONTROL_FRAME_MAX);
    take_descriptors(task, frame);
    if (task->row == NULL || !buffer_append(&task->body, frame->body, why)) {
        task_free(task);
        return false;
    }
    return put(keeper->clerk, task, why);
}

bool clerk_ask_visit(struct keeper *keeper, struct visit *visit,
    uint16_t message, struct failure *why)
{
    struct task *task = calloc(1, sizeof(*task));

    if (task == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    task->visit = visit;
    task->caller = &visit->exchange.caller;
    task->row = row_of(message);
    task->body = BUFFER("question", CONTROL_FRAME_MAX);
    if (!buffer_append(&task->body, buffer_view(&visit->fields), why)) {
        task_free(task);
        return false;
    }
    return put(keeper->clerk, task, why);
}

bool clerk_next(struct reader *reader, struct field *field, struct failure *why)
{
    return !reader_at_end(reader) && message_next(reader, field, why);
}

/* --- one question -------------------------------------------------------- */

static bool may_ask(const struct clerk_row *row, const struct caller *caller,
    struct failure *why)
{
    return (row->roles & ROLE_BIT(caller->role)) != 0 ||
           fail_because(why, FAILURE_FORBIDDEN, "%s, as %s, may not %s here",
               caller->actor, role_name(caller->role), row->name);
}

struct refusal {
    const struct task *task;
    const char *object;
    const struct failure *why;
    int64_t untold;
};

static bool journal_refused_verb(
    struct authority *authority, void *context, struct failure *why)
{
    const struct refusal *refusal = context;
    const struct task *task = refusal->task;
    const bool is_allowed =
        (task->row->roles & ROLE_BIT(task->caller->role)) != 0;

    return journal_event(authority->store,
        &(struct event){
            .kind = is_allowed ? task->row->refusal : EVENT_NOT_ALLOWED,
            .caller = task->caller,
            .object = refusal->object,
            .refusal = refusal->why,
            .more = refusal->untold == 0
                        ? json_pack("{s:s}", "asked", task->row->name)
                        : json_pack("{s:s,s:I}", "asked", task->row->name,
                              "untold_before", (json_int_t)refusal->untold)},
        why);
}

static void tell_refusal(struct clerk_desk *desk, struct refusal *refusal)
{
    struct failure why = {0};

    if (is_nobodys(refusal->task) &&
        !refusals_told_may(&desk->told, clock_monotonic_ms(), &refusal->untold))
        return;
    if (!authority_write(
            desk->clerk.authority, journal_refused_verb, refusal, &why))
        log_event(LOG_LEVEL_WARNING, "refusal-not-journalled", "why",
            why.reason, NULL);
}

static void refuse(struct clerk_desk *desk, const struct task *task,
    const char *object, const struct failure *refusal)
{
    struct refusal told = {task, object, refusal, 0};

    tell_refusal(desk, &told);
    if (task->visit != NULL)
        visit_settle(task->visit, false, refusal);
    else
        connection_refuse(task->connection, task->id, refusal);
}

static bool answer(const struct clerk *clerk, const struct task *task,
    json_t *facts, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("answer", CONTROL_FRAME_MAX);
    RELEASED(buffer) body = BUFFER("answer", CONTROL_FRAME_MAX);

    if (task->visit != NULL) {
        visit_told(task->visit, facts, clerk->reading);
        return true;
    }
    return json_append(&text, facts, why) &&
           message_add(&body, CONTROL_JSON, buffer_view(&text), why) &&
           channel_answer(task->connection->channel, CONTROL_DONE, task->id,
               buffer_view(&body), why);
}

static void do_task(struct clerk_desk *desk, struct task *task)
{
    struct clerk *clerk = &desk->clerk;
    SCOPED(json_t) *facts = json_object();
    const struct clerk_question question = {task->caller,
        buffer_view(&task->body), task->descriptors, task->descriptor_count};
    struct failure why = {0};
    char object[128] = "";

    if (!may_ask(task->row, question.caller, &why) ||
        !task->row->verb(clerk, &question, facts, object, &why)) {
        refuse(desk, task, object, &why);
        return;
    }
    indexer_poke(&clerk->keeper->indexer);
    keeper_status_poke(&clerk->keeper->status);
    if (!answer(clerk, task, facts, &why))
        log_event(LOG_LEVEL_WARNING, "not-answered", "why", why.reason, NULL);
    /* A locked key signs the next time. */
    if (!journal_checkpoint_if_due(clerk->authority, &why) &&
        why.kind != FAILURE_UNAVAILABLE)
        log_event(LOG_LEVEL_WARNING, "no-checkpoint", "why", why.reason, NULL);
}

/* Lists that a kill or a lost file left behind the store, or that are half
 * over, are made again.  What hinders it is told once. */
static void catch_up(struct clerk *clerk, char said[static FAILURE_REASON_ROOM])
{
    struct failure why = {0};

    if (lists_catch_up(clerk->authority, clerk->reading, &why))
        why.reason[0] = '\0';
    else if (strcmp(said, why.reason) != 0)
        log_event(LOG_LEVEL_WARNING, "lists-behind", "why", why.reason, NULL);
    (void)snprintf(said, FAILURE_REASON_ROOM, "%s", why.reason);
}

static void *clerk_main(void *context)
{
    struct clerk_desk *desk = context;
    const bool cares = desk->clerk.keeper->mode == KEEPER_SERVES;
    char said[FAILURE_REASON_ROOM] = "";
    int64_t care_ms = 0;
    bool goes_on = true;

    while (goes_on) {
        struct task *task;

        if (clock_monotonic_ms() >= care_ms) {
            if (cares)
                catch_up(&desk->clerk, said);
            care_ms = clock_monotonic_ms() + CARE_MS;
        }
        task = take(desk, care_ms, &goes_on);
        if (task != NULL)
            do_task(desk, task);
        task_free(task);
    }
    return NULL;
}

/* --- start and end ------------------------------------------------------- */

bool clerk_start(struct keeper *keeper, struct failure *why)
{
    struct clerk_desk *desk = calloc(1, sizeof(*desk));

    if (desk == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    keeper->clerk = desk;
    desk->clerk = (struct clerk){.keeper = keeper,
        .authority = &keeper->authority,
        .reading = keeper->clerk_reading,
        .desk = {.reading = keeper->clerk_reading}};
    desk->last = &desk->first;
    desk->told = refusals_told_from(clock_monotonic_ms());
    (void)pthread_mutex_init(&desk->lock, NULL);
    condition_begin(&desk->filled);
    desk->runs = pthread_create(&desk->thread, NULL, clerk_main, desk) == 0;
    return desk->runs || fail_because(why, FAILURE_INTERNAL,
                             "the keeper can't start a thread");
}

void clerk_end(struct keeper *keeper)
{
    struct clerk_desk *desk = keeper->clerk;

    if (desk == NULL)
        return;
    (void)pthread_mutex_lock(&desk->lock);
    desk->is_closed = true;
    (void)pthread_cond_broadcast(&desk->filled);
    (void)pthread_mutex_unlock(&desk->lock);
    if (desk->runs)
        (void)pthread_join(desk->thread, NULL);
    signing_free(&desk->clerk.desk.signing);
    (void)pthread_cond_destroy(&desk->filled);
    (void)pthread_mutex_destroy(&desk->lock);
    free(desk);
    keeper->clerk = NULL;
}
