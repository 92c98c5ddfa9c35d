#include "cli/verify_batch.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/verify_line.h"

/*
 * The main thread reads lines into a ring of slots, the workers answer them,
 * and whoever finishes the oldest writes out what has become ready, in order.
 * Counters only grow; a slot is its counter modulo the window.
 */
#define WORKERS_MAX 64
#define CHUNK (64 * 1024)

struct slot {
    struct buffer line, answer;
    size_t number;
    bool is_too_long, is_done;
};

struct batch {
    struct signature_cache *cache;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct slot slots[BATCH_WINDOW];
    size_t read, taken, written;
    size_t held; /* bytes of the lines under way */
    bool at_end;
    bool has_failed;
    struct failure failure; /* the first one */
};

/* Reads standard input by pieces. */
struct source {
    uint8_t bytes[CHUNK];
    size_t position, end;
    size_t line_number;
};

static struct slot *slot_of(struct batch *batch, size_t counter)
{
    return &batch->slots[counter % BATCH_WINDOW];
}

static void fail_batch(struct batch *batch, const struct failure *failure)
{
    if (!batch->has_failed)
        batch->failure = *failure;
    batch->has_failed = true;
}

/* --- workers ------------------------------------------------------------- */

/* Under the lock: answers leave in the order of their lines.  Flushed when
 * nothing more is under way, for those who ask one line at a time. */
static void write_ready(struct batch *batch)
{
    struct failure why = {0};

    while (batch->written < batch->taken && !batch->has_failed) {
        struct slot *slot = slot_of(batch, batch->written);

        if (!slot->is_done)
            return;
        if (!output_bytes(buffer_view(&slot->answer), &why))
            fail_batch(batch, &why);
        slot->is_done = false;
        batch->held -= slot->line.length;
        if (slot->line.length > CHUNK)
            buffer_free(&slot->line);
        batch->written++;
    }
    if (batch->written == batch->read && !output_finish(&why))
        fail_batch(batch, &why);
}

/* Under the lock.  NULL: there is no more work. */
static struct slot *take_line(struct batch *batch)
{
    while (batch->taken == batch->read && !batch->at_end && !batch->has_failed)
        (void)pthread_cond_wait(&batch->changed, &batch->lock);
    if (batch->taken == batch->read || batch->has_failed)
        return NULL;
    return slot_of(batch, batch->taken++);
}

static bool answer(struct batch *batch, struct slot *slot, struct failure *why)
{
    const struct batch_line line = {.text = buffer_view(&slot->line),
        .number = slot->number,
        .is_too_long = slot->is_too_long};

    buffer_clear(&slot->answer);
    return batch_line_answer(&line, batch->cache, &slot->answer, why);
}

static void *work(void *state)
{
    struct batch *batch = state;
    struct slot *slot;

    (void)pthread_mutex_lock(&batch->lock);
    while ((slot = take_line(batch)) != NULL) {
        struct failure why = {0};
        bool answered;

        (void)pthread_mutex_unlock(&batch->lock);
        answered = answer(batch, slot, &why);
        (void)pthread_mutex_lock(&batch->lock);
        if (!answered)
            fail_batch(batch, &why);
        slot->is_done = true;
        write_ready(batch);
        (void)pthread_cond_broadcast(&batch->changed);
    }
    (void)pthread_mutex_unlock(&batch->lock);
    return NULL;
}

/* --- reading ------------------------------------------------------------- */

static bool fill(struct source *source, bool *at_end, struct failure *why)
{
    ssize_t count;

    if (source->position < source->end)
        return true;
    do
        count = read(STDIN_FILENO, source->bytes, sizeof(source->bytes));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "standard input can't be read: %s", strerror(errno));
    source->position = 0;
    source->end = (size_t)count;
    *at_end = count == 0;
    return true;
}

/* Appends up to the newline, or as far as there is; a line that is too long is
 * passed over to its end. */
static bool take_piece(struct source *source, struct slot *slot, bool *is_whole,
    struct failure *why)
{
    const uint8_t *start = source->bytes + source->position;
    size_t there = source->end - source->position;
    const uint8_t *newline = memchr(start, '\n', there);
    size_t length = newline == NULL ? there : (size_t)(newline - start);

    *is_whole = newline != NULL;
    source->position += length + (newline != NULL);
    slot->is_too_long |= length > BATCH_LINE_MAX - slot->line.length;
    if (slot->is_too_long)
        return true;
    return buffer_append(&slot->line, (struct bytes){start, length}, why);
}

static bool is_blank(struct bytes line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.start[i] != ' ' && line.start[i] != '\t' &&
            line.start[i] != '\r')
            return false;
    }
    return true;
}

/* The next line that is not blank; *at_end: there is none. */
static bool read_line(
    struct source *source, struct slot *slot, bool *at_end, struct failure *why)
{
    bool is_whole = false;

    buffer_clear(&slot->line);
    slot->is_too_long = false;
    for (;;) {
        if (!fill(source, at_end, why))
            return false;
        if (!*at_end && !take_piece(source, slot, &is_whole, why))
            return false;
        if (!is_whole && !*at_end)
            continue;
        slot->number = ++source->line_number;
        if (!is_blank(buffer_view(&slot->line)) || slot->is_too_long) {
            *at_end = false;
            return true;
        }
        if (*at_end)
            return true;
        buffer_clear(&slot->line);
    }
}

/* Under the lock: long lines are fewer at a time. */
static bool is_full(const struct batch *batch)
{
    return batch->read - batch->written == BATCH_WINDOW ||
           batch->held > BATCH_HELD_MAX;
}

/* Waits for a free slot; the reader alone fills it, without the lock. */
static struct slot *free_slot(struct batch *batch)
{
    struct slot *slot = NULL;

    (void)pthread_mutex_lock(&batch->lock);
    while (is_full(batch) && !batch->has_failed)
        (void)pthread_cond_wait(&batch->changed, &batch->lock);
    if (!batch->has_failed)
        slot = slot_of(batch, batch->read);
    (void)pthread_mutex_unlock(&batch->lock);
    return slot;
}

static void hand_over(struct batch *batch)
{
    (void)pthread_mutex_lock(&batch->lock);
    batch->held += slot_of(batch, batch->read)->line.length;
    batch->read++;
    (void)pthread_cond_broadcast(&batch->changed);
    (void)pthread_mutex_unlock(&batch->lock);
}

static void finish_reading(struct batch *batch, const struct failure *failure)
{
    (void)pthread_mutex_lock(&batch->lock);
    batch->at_end = true;
    if (failure->kind != FAILURE_NONE)
        fail_batch(batch, failure);
    (void)pthread_cond_broadcast(&batch->changed);
    (void)pthread_mutex_unlock(&batch->lock);
}

static void read_all(struct batch *batch)
{
    struct source source = {0};
    struct failure why = {0};
    struct slot *slot;

    while ((slot = free_slot(batch)) != NULL) {
        bool at_end = false;

        if (!read_line(&source, slot, &at_end, &why) || at_end)
            break;
        hand_over(batch);
    }
    finish_reading(batch, &why);
}

/* --- the run ------------------------------------------------------------- */

static size_t count_workers(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores < 1)
        return 1;
    return cores > WORKERS_MAX ? WORKERS_MAX : (size_t)cores;
}

/* Fewer threads than wanted are enough. */
static bool run_workers(struct batch *batch, struct failure *why)
{
    pthread_t workers[WORKERS_MAX];
    size_t wanted = count_workers();
    size_t count = 0;

    while (count < wanted &&
           pthread_create(&workers[count], NULL, work, batch) == 0)
        count++;
    if (count == 0)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "no thread can be started");
    read_all(batch);
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(workers[i], NULL);
    if (batch->has_failed)
        *why = batch->failure;
    return !batch->has_failed;
}

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; i < BATCH_WINDOW; i++) {
        buffer_free(&batch->slots[i].line);
        buffer_free(&batch->slots[i].answer);
    }
    signature_cache_free(batch->cache);
    (void)pthread_mutex_destroy(&batch->lock);
    (void)pthread_cond_destroy(&batch->changed);
}

bool verify_batch(struct failure *why)
{
    RELEASED(batch)
    batch = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

    for (size_t i = 0; i < BATCH_WINDOW; i++) {
        batch.slots[i].line = BUFFER("a line", BATCH_LINE_MAX);
        batch.slots[i].answer = BUFFER("an answer", BATCH_ANSWER_MAX);
    }
    return signature_cache_new(&batch.cache, why) && run_workers(&batch, why);
}
