#include "server/watch/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "server/keeper_state.h"
#include "server/watch/metrics_text.h"
#include "server/web/visit.h"
#include "store/store_requests.h"
#include "store/store_revocations.h"

#define TYPE "text/plain; version=0.0.4; charset=utf-8"

#define LABELS(...)       \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }
static const char *const none[] = {NULL};

/* --- what was done ----------------------------------------------------------
 */

static void write_issued(
    struct metrics_text *metrics, const struct keeper *keeper)
{
    const struct configuration *settings = keeper->configuration;

    metrics_family(metrics, "chancery_issued_total", METRIC_COUNTER,
        "Certificates issued since the keeper started.");
    for (size_t i = 0; i < settings->profile_count; i++)
        metrics_sample(metrics, (double)atomic_load(&keeper->counts.issued[i]),
            LABELS("profile", settings->profiles[i].name));
    metrics_family(metrics, "chancery_refused_total", METRIC_COUNTER,
        "Requests refused since the keeper started, by the kind of failure.");
    for (unsigned kind = FAILURE_NONE + 1; kind < COUNTS_KINDS; kind++)
        metrics_sample(metrics,
            (double)atomic_load(&keeper->counts.refused[kind]),
            LABELS("reason", failure_code((enum failure_kind)kind)));
}

static void write_answered(
    struct metrics_text *metrics, const struct keeper *keeper)
{
    char status[16];

    metrics_family(metrics, "chancery_http_requests_total", METRIC_COUNTER,
        "Requests the keeper answered since it started; files and OCSP "
        "answers that a front has at hand are not among them.");
    for (unsigned listener = 0; listener < LISTENER_KINDS; listener++) {
        for (unsigned i = 0; i < COUNTS_STATUSES; i++) {
            unsigned long count =
                atomic_load(&keeper->counts.answered[listener][i]);

            (void)snprintf(status, sizeof(status), "%u", i + 100);
            if (count > 0)
                metrics_sample(metrics, (double)count,
                    LABELS("listener", listener_name((enum listener)listener),
                        "status", status));
        }
    }
}

/* A signer that is away has no number: a counter that falls to 0 would be taken
 * for a new beginning. */
static void write_signed(
    struct metrics_text *metrics, const struct keeper *keeper)
{
    struct signer_state *state = calloc(1, sizeof(*state));
    struct failure why = {0};

    if (state != NULL && signer_client_state(keeper->signer, state, &why)) {
        metrics_family(metrics, "chancery_signed_total", METRIC_COUNTER,
            "Signatures by authorities' keys since the signer started.");
        metrics_sample(metrics, (double)state->signatures, none);
    }
    free(state);
}

static bool write_revoked(
    struct metrics_text *metrics, struct store *reading, struct failure *why)
{
    int64_t change = 0;

    if (!store_last_change(reading, &change, why))
        return false;
    metrics_family(metrics, "chancery_revoked_total", METRIC_COUNTER,
        "Certificates revoked, held or released since the authority was made.");
    metrics_sample(metrics, (double)change, none);
    return true;
}

/* --- what waits --------------------------------------------------------------
 */

static bool count_request(
    void *context, const struct request_row *row, struct failure *why)
{
    (void)row;
    (void)why;
    ++*(double *)context;
    return true;
}

static bool write_waiting(struct metrics_text *metrics, struct keeper *keeper,
    struct store *reading, struct failure *why)
{
    const struct request_filter filter = {
        .by_state = true, .state = REQUEST_WAITING};
    double waiting = 0;
    size_t queued;

    if (!store_list_requests(reading, &filter, count_request, &waiting, why))
        return false;
    (void)pthread_mutex_lock(&keeper->queue.lock);
    queued = keeper->queue.count;
    (void)pthread_mutex_unlock(&keeper->queue.lock);
    metrics_family(metrics, "chancery_queue", METRIC_GAUGE,
        "Issuances that wait for their turn.");
    metrics_sample(metrics, (double)queued, none);
    metrics_family(metrics, "chancery_requests_waiting", METRIC_GAUGE,
        "Requests that wait for people's approval.");
    metrics_sample(metrics, waiting, none);
    return true;
}

/* --- what ends ---------------------------------------------------------------
 */

static bool write_expiry(
    void *context, const struct expiry *expiry, struct failure *why)
{
    (void)why;
    metrics_sample(context, (double)(expiry->ends - clock_now()),
        LABELS("kind", expiry_kind_name(expiry->kind), "name", expiry->name));
    return true;
}

static bool write_ends(struct metrics_text *metrics, struct keeper *keeper,
    struct store *reading, struct failure *why)
{
    metrics_family(metrics, "chancery_expiry_seconds", METRIC_GAUGE,
        "Seconds until the end of what the server has of its own, of people's "
        "certificates and of tokens; below 0 behind it.");
    return expiries_visit(&keeper->authority, &keeper->watch.own, reading,
        write_expiry, metrics, why);
}

/* --- how it is ---------------------------------------------------------------
 */

static bool write_health(
    struct metrics_text *metrics, struct keeper *keeper, struct failure *why)
{
    struct warnings *found = calloc(1, sizeof(*found));

    if (found == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    watch_warnings(&keeper->watch, found);
    metrics_family(metrics, "chancery_healthy", METRIC_GAUGE,
        "1 while /health says ok, 0 while it is red.");
    metrics_sample(metrics, warnings_are_red(found) ? 0 : 1, none);
    metrics_family(metrics, "chancery_warning", METRIC_GAUGE,
        "1 for each matter that is not as it should be, 2 for one that makes "
        "/health red.");
    for (size_t i = 0; i < found->count; i++)
        metrics_sample(metrics, found->rows[i].is_red ? 2 : 1,
            LABELS("about", found->rows[i].about));
    free(found);
    return true;
}

static void write_answers(struct metrics_text *metrics, struct keeper *keeper)
{
    struct status_road_facts facts = {0};

    keeper_status_facts(&keeper->status, &facts);
    metrics_family(metrics, "chancery_ocsp_answers", METRIC_GAUGE,
        "Certificates with a signed OCSP answer at hand.");
    metrics_sample(metrics, (double)facts.serials, none);
    metrics_family(metrics, "chancery_ocsp_overdue", METRIC_GAUGE,
        "OCSP answers more than a tenth of their life late.");
    metrics_sample(metrics, (double)facts.overdue, none);
}

static void write_process(struct metrics_text *metrics)
{
    metrics_family(metrics, "chancery_keeper_cpu_seconds_total", METRIC_COUNTER,
        "Seconds of computing by the keeper.");
    metrics_sample(metrics, (double)clock() / CLOCKS_PER_SEC, none);
    metrics_family(metrics, "chancery_build_info", METRIC_GAUGE,
        "1, with the version of the program.");
    metrics_sample(metrics, 1, LABELS("version", CHANCERY_VERSION));
}

bool metrics_tell(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("metrics", EXCHANGE_ANSWER_MAX);
    struct keeper *keeper = visit_of(exchange)->keeper;
    struct metrics_text metrics = {.text = &text};

    write_issued(&metrics, keeper);
    write_answered(&metrics, keeper);
    write_signed(&metrics, keeper);
    write_answers(&metrics, keeper);
    write_process(&metrics);
    if (!write_revoked(&metrics, exchange->store, why) ||
        !write_waiting(&metrics, keeper, exchange->store, why) ||
        !write_ends(&metrics, keeper, exchange->store, why) ||
        !write_health(&metrics, keeper, why))
        return false;
    if (metrics.why.kind != FAILURE_NONE) {
        *why = metrics.why;
        return false;
    }
    return exchange_header(exchange, "Cache-Control", "no-store", why) &&
           exchange_answer(exchange, 200, TYPE, buffer_view(&text), why);
}
