#include "server/keeper_status.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/file.h"
#include "base/log.h"

/* What was committed is gathered for so long; certificates are looked after
 * about as often when nothing happens. */
#define REST_MS 200
#define IDLE_MS 1000
/* A rush of issuances leaves three quarters of the time to others. */
#define RUSH_REST 3

/* --- what is told --------------------------------------------------------- */

/* Once for each new reason, and when it is over. */
static void tell(struct keeper_status *status, const struct failure *why)
{
    if (strcmp(status->said, why->reason) == 0)
        return;
    (void)snprintf(status->said, sizeof(status->said), "%s", why->reason);
    if (why->kind == FAILURE_NONE)
        log_event(LOG_LEVEL_INFO, "status-follows", NULL);
    else
        log_event(
            LOG_LEVEL_WARNING, "status-not-followed", "why", why->reason, NULL);
}

/* More than a tenth of their life late (properties 25). */
static void tell_overdue(struct keeper_status *status, size_t *told)
{
    struct status_road_facts facts = {0};
    char count[32];

    status_road_facts(status->road, &facts);
    if (facts.overdue == *told)
        return;
    *told = facts.overdue;
    (void)snprintf(count, sizeof(count), "%zu", facts.overdue);
    log_event(facts.overdue > 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
        "status-answers-overdue", "count", count, NULL);
}

/* --- the work ------------------------------------------------------------- */

static bool open_road(struct keeper_status *status, struct failure *why)
{
    struct status_road *road = NULL;
    size_t began = 0;

    if (status->road != NULL)
        return true;
    if (!status_road_open(status->authority, status->signer, status->reading,
            &road, &began, why))
        return false;
    if (began > 0)
        log_event(LOG_LEVEL_INFO, "status-table-begun", NULL);
    (void)pthread_mutex_lock(&status->lock);
    status->road = road;
    (void)pthread_mutex_unlock(&status->lock);
    return true;
}

static void close_road(struct keeper_status *status)
{
    (void)pthread_mutex_lock(&status->lock);
    status_road_close(status->road);
    status->road = NULL;
    (void)pthread_mutex_unlock(&status->lock);
}

/* A certificate that can't be had hinders no other responder. */
static bool work(
    struct keeper_status *status, enum status_turn *turn, struct failure *why)
{
    struct failure lacking = {0};
    bool ok;

    *turn = STATUS_AT_REST;
    if (!open_road(status, why))
        return false;
    ok = ocsp_signer_care(
        status->signer, &status->desk, status->reading, clock_now(), &lacking);
    if (!status_road_turn(status->road, clock_now(), turn, why)) {
        if (why->kind == FAILURE_MALFORMED)
            close_road(status);
        return false;
    }
    if (!ok)
        *why = lacking;
    return ok;
}

/* --- the thread ----------------------------------------------------------- */

static void wait_until(
    struct keeper_status *status, int64_t wait_ms, bool for_news)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;

    (void)pthread_mutex_lock(&status->lock);
    while (!status->ends && !(for_news && atomic_load(&status->has_news)) &&
           condition_wait_until(&status->woken, &status->lock, until_ms))
        ;
    (void)pthread_mutex_unlock(&status->lock);
}

static bool has_to_end(struct keeper_status *status)
{
    bool ends;

    (void)pthread_mutex_lock(&status->lock);
    ends = status->ends;
    (void)pthread_mutex_unlock(&status->lock);
    return ends;
}

static void rest(
    struct keeper_status *status, enum status_turn turn, int64_t worked_ms)
{
    switch (turn) {
    case STATUS_AT_REST:
        wait_until(status, REST_MS, false);
        wait_until(status, IDLE_MS, true);
        return;
    case STATUS_SWEEPS:
        wait_until(status, worked_ms, false);
        return;
    case STATUS_RUSHED:
        wait_until(status, worked_ms * RUSH_REST, false);
        return;
    }
}

static void *status_main(void *context)
{
    struct keeper_status *status = context;
    size_t told = 0;

    while (!has_to_end(status)) {
        int64_t begin_ms = clock_monotonic_ms();
        enum status_turn turn = STATUS_AT_REST;
        struct failure why = {0};

        atomic_store(&status->has_news, false);
        if (!work(status, &turn, &why))
            turn = STATUS_AT_REST;
        tell(status, &why);
        if (status->road != NULL)
            tell_overdue(status, &told);
        rest(status, turn, clock_monotonic_ms() - begin_ms);
    }
    return NULL;
}

/* --- start and end -------------------------------------------------------- */

bool keeper_status_open(
    struct keeper_status *status, const char *directory, struct failure *why)
{
    char path[PATH_ROOM];

    return path_join(path, directory, "chancery.db", why) &&
           store_open(path, STORE_READ, &status->reading, why);
}

bool keeper_status_begin(struct keeper_status *status,
    struct authority *authority, struct failure *why)
{

    if (!ocsp_signer_new(authority, &status->signer, why))
        return false;
    (void)pthread_mutex_init(&status->lock, NULL);
    condition_begin(&status->woken);
    status->authority = authority;
    status->desk.reading = status->reading;
    authority->ocsp = status->signer;
    return true;
}

bool keeper_status_connect(
    struct keeper_status *status, int socket, struct failure *why)
{
    if (status->signer == NULL) {
        descriptor_close(&socket);
        return fail_because(why, FAILURE_INTERNAL,
            "a status signer came to a keeper that has no use for it");
    }
    if (!ocsp_signer_connect(status->signer, socket, why))
        return false;
    if (status->is_running) {
        keeper_status_poke(status);
        return true;
    }
    if (pthread_create(&status->thread, NULL, status_main, status) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper can't start a thread");
    status->is_running = true;
    return true;
}

void keeper_status_poke(struct keeper_status *status)
{
    if (status->signer == NULL || atomic_exchange(&status->has_news, true))
        return;
    (void)pthread_mutex_lock(&status->lock);
    (void)pthread_cond_signal(&status->woken);
    (void)pthread_mutex_unlock(&status->lock);
}

void keeper_status_facts(
    struct keeper_status *status, struct status_road_facts *facts)
{
    *facts = (struct status_road_facts){0};
    if (status->signer == NULL)
        return;
    (void)pthread_mutex_lock(&status->lock);
    if (status->road != NULL)
        status_road_facts(status->road, facts);
    (void)pthread_mutex_unlock(&status->lock);
}

void keeper_status_end(struct keeper_status *status)
{
    if (status->is_running) {
        (void)pthread_mutex_lock(&status->lock);
        status->ends = true;
        (void)pthread_cond_signal(&status->woken);
        (void)pthread_mutex_unlock(&status->lock);
        (void)pthread_join(status->thread, NULL);
        status->is_running = false;
    }
    status_road_close(status->road);
    status->road = NULL;
    ocsp_signer_free(status->signer);
    status->signer = NULL;
    signing_free(&status->desk.signing);
    store_close(status->reading);
    status->reading = NULL;
}
