#include "server/keeper_state.h"

#include <stdlib.h>
#include <unistd.h>

#include "authority/issuer_chain.h"
#include "authority/journal.h"
#include "base/log.h"
#include "base/message.h"
#include "server/web/visit.h"

/* --- the queue ----------------------------------------------------------- */

void errand_free(struct errand *errand)
{
    if (errand == NULL)
        return;
    connection_release(errand->connection);
    buffer_free(&errand->body);
    renewal_free(&errand->renewal);
    free(errand);
}

bool errand_queue_put(
    struct errand_queue *queue, struct errand *errand, struct failure *why)
{
    bool ok;

    (void)pthread_mutex_lock(&queue->lock);
    ok = queue->count < ERRANDS_MAX && !queue->is_closed;
    if (ok) {
        errand->next = NULL;
        *queue->last = errand;
        queue->last = &errand->next;
        queue->count++;
    }
    (void)pthread_mutex_unlock(&queue->lock);
    /* Who wakes up wants the lock. */
    if (ok) {
        (void)pthread_cond_signal(&queue->filled);
        return true;
    }
    errand_free(errand);
    return fail_because(why, FAILURE_UNAVAILABLE,
        "%d requests are waiting already; try again later", ERRANDS_MAX);
}

/* What is queued, at most a group; NULL: the queue is closed and empty. */
static struct errand *queue_take(struct errand_queue *queue)
{
    struct errand *first;
    struct errand **end;
    size_t count = 0;

    (void)pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->is_closed)
        (void)pthread_cond_wait(&queue->filled, &queue->lock);
    first = queue->first;
    for (end = &queue->first; *end != NULL && count < SIGNER_GROUP_MAX; count++)
        end = &(*end)->next;
    queue->count -= count;
    queue->first = *end;
    *end = NULL;
    if (queue->first == NULL)
        queue->last = &queue->first;
    if (queue->count > 0)
        (void)pthread_cond_signal(&queue->filled);
    (void)pthread_mutex_unlock(&queue->lock);
    return count == 0 ? NULL : first;
}

static void queue_close(struct errand_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->is_closed = true;
    (void)pthread_cond_broadcast(&queue->filled);
    (void)pthread_mutex_unlock(&queue->lock);
}

/* --- answers ------------------------------------------------------------- */

static bool add_notices(
    struct buffer *answer, struct bytes notices, struct failure *why)
{
    while (notices.length > 0) {
        size_t length = 0;

        while (length < notices.length && notices.start[length] != '\n')
            length++;
        if (length > 0 && !message_add(answer, CONTROL_NOTICE,
                              (struct bytes){notices.start, length}, why))
            return false;
        if (length < notices.length)
            length++;
        notices.start += length;
        notices.length -= length;
    }
    return true;
}

static bool add_chain(const struct authority *authority,
    const struct authority_issuer *issuer, struct buffer *answer,
    struct failure *why)
{
    struct bytes chain[ISSUER_CHAIN_MAX];
    size_t count = 0;

    if (!issuer_chain(authority, issuer, chain, &count, why))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!message_add(answer, CONTROL_CHAIN, chain[i], why))
            return false;
    }
    return true;
}

static bool answer_awaits(
    struct buffer *answer, const struct issuance *issuance, struct failure *why)
{
    return message_add_text(answer, CONTROL_ID, issuance->request_id, why) &&
           message_add_number(answer, CONTROL_NUMBER,
               (uint64_t)issuance->rule->profile->approvals, why) &&
           add_notices(answer, buffer_view(&issuance->names.notices), why);
}

static void answer_errand(struct carrier *carrier, const struct errand *errand,
    const struct issuance *issuance)
{
    struct buffer *answer = &carrier->answer;
    struct failure why = issuance->why;
    struct failure gone = {0};

    if (errand->visit != NULL) {
        visit_issued(errand->visit, issuance, carrier->desk.reading);
        return;
    }
    buffer_clear(answer);
    if (why.kind == FAILURE_NONE && issuance->awaits) {
        if (answer_awaits(answer, issuance, &why))
            (void)!channel_answer(errand->connection->channel, CONTROL_AWAITS,
                errand->id, buffer_view(answer), &gone);
        else
            connection_refuse(errand->connection, errand->id, &why);
        return;
    }
    if (why.kind == FAILURE_NONE &&
        message_add(answer, CONTROL_CERTIFICATE,
            buffer_view(&issuance->certificate), &why) &&
        add_chain(
            &carrier->keeper->authority, issuance->issuer, answer, &why) &&
        add_notices(answer, buffer_view(&issuance->names.notices), &why)) {
        (void)!channel_answer(errand->connection->channel, CONTROL_ISSUED,
            errand->id, buffer_view(answer), &gone);
        return;
    }
    connection_refuse(errand->connection, errand->id, &why);
}

/* --- carriers ------------------------------------------------------------ */

/* How much the write-ahead log gathers before one of the carriers moves it into
 * the database, on a connection of its own; the others go on.  Counted in
 * pages, roughly: a certificate writes one or two, a group eight for itself.
 * The more is gathered, the fewer pages are moved twice. */
#define PAGES_PER_CHECKPOINT 8192
#define PAGES_OF_GROUP 8

static void keep_log_short(struct keeper *keeper, size_t count)
{
    unsigned int pages = PAGES_OF_GROUP + (unsigned int)count;
    struct failure why = {0};

    if (atomic_fetch_add(&keeper->log_pages, pages) + pages <
            PAGES_PER_CHECKPOINT ||
        pthread_mutex_trylock(&keeper->checkpointing) != 0)
        return;
    atomic_store(&keeper->log_pages, 0);
    if (!store_checkpoint(keeper->checkpoint, &why))
        log_event(
            LOG_LEVEL_WARNING, "store-checkpoint", "why", why.reason, NULL);
    (void)pthread_mutex_unlock(&keeper->checkpointing);
}

/* A renewal says by its old certificate what is asked for. */
static void begin(
    struct carrier *carrier, struct errand *errand, struct issuance *issuance)
{
    struct failure why = {0};

    issuance_begin(issuance, &errand->enrolment);
    if (errand->renewal.serial.length > 0 &&
        !renewal_prepare(&carrier->keeper->authority, carrier->desk.reading,
            &errand->renewal, &errand->enrolment, &why))
        issuance->why = why;
}

static void carry(struct carrier *carrier, struct errand *errands)
{
    struct keeper *keeper = carrier->keeper;
    struct errand *errand = errands;
    struct failure why = {0};
    size_t count = 0;

    for (; errand != NULL; errand = errand->next)
        begin(carrier, errand, &carrier->group[count++]);
    issue_certificates(
        &keeper->authority, &carrier->desk, carrier->group, count);
    for (size_t i = 0; i < count; i++) {
        errand = errands;
        errands = errand->next;
        counts_issuance(
            &keeper->counts, keeper->configuration, &carrier->group[i]);
        answer_errand(carrier, errand, &carrier->group[i]);
        errand_free(errand);
    }
    if (carrier->desk.has_ticket &&
        !journal_checkpoint_if_due(&keeper->authority, &why))
        log_event(LOG_LEVEL_WARNING, "no-checkpoint", "why", why.reason, NULL);
    indexer_poke(&keeper->indexer);
    keeper_status_poke(&keeper->status);
    keep_log_short(keeper, count);
}

static void *carrier_main(void *context)
{
    struct carrier *carrier = context;
    struct errand *errands;

    while ((errands = queue_take(&carrier->keeper->queue)) != NULL)
        carry(carrier, errands);
    return NULL;
}

/* --- start and end ------------------------------------------------------- */

size_t carriers_wanted(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = cores < 1 ? 2 : (size_t)cores + 1;

    return wanted < CARRIERS_MAX ? wanted : CARRIERS_MAX;
}

static bool start_carrier(
    struct keeper *keeper, struct carrier *carrier, struct failure *why)
{
    carrier->keeper = keeper;
    carrier->answer = BUFFER("answer", CONTROL_FRAME_MAX);
    carrier->group = calloc(SIGNER_GROUP_MAX, sizeof(*carrier->group));
    if (carrier->group == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (pthread_create(&carrier->thread, NULL, carrier_main, carrier) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper can't start a thread");
    return true;
}

bool carriers_start(struct keeper *keeper, struct failure *why)
{
    size_t wanted = carriers_wanted();

    while (keeper->carrier_count < wanted) {
        if (!start_carrier(
                keeper, &keeper->carriers[keeper->carrier_count], why))
            return false;
        keeper->carrier_count++;
    }
    return true;
}

static void free_carrier(struct carrier *carrier)
{
    for (size_t i = 0; carrier->group != NULL && i < SIGNER_GROUP_MAX; i++)
        issuance_free(&carrier->group[i]);
    free(carrier->group);
    buffer_free(&carrier->answer);
    signing_free(&carrier->desk.signing);
    store_close(carrier->desk.reading);
}

void carriers_end(struct keeper *keeper)
{
    queue_close(&keeper->queue);
    for (size_t i = 0; i < keeper->carrier_count; i++)
        (void)pthread_join(keeper->carriers[i].thread, NULL);
    for (size_t i = 0; i < CARRIERS_MAX; i++)
        free_carrier(&keeper->carriers[i]);
}
