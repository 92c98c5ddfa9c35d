#include "server/watch/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "base/clock.h"
#include "base/condition.h"
#include "base/file.h"
#include "base/log.h"
#include "server/watch/self_test.h"

/* --- what it looks at ------------------------------------------------------
 */

/* The first part can fail for one reason alone.  In the second a list may have
 * been replaced in the middle: it has to fail twice. */
static void look_at_verdicts(struct watch *watch, struct warnings *found)
{
    const int64_t now_ms = clock_monotonic_ms();
    struct failure why = {0};

    if (watch->tested_ms == 0 || watch->store_failures > 0 ||
        now_ms - watch->tested_ms >= WATCH_SELF_TEST_MS) {
        watch->tested_ms = now_ms;
        watch->test_failure = (struct failure){0};
        if (!self_test_objects(bytes_of_text(self_test_pem()), &why)) {
            watch->store_failures = 2;
            watch->test_failure = why;
        } else if (!self_test_store(watch->authority, watch->reading, &why)) {
            watch->store_failures++;
            watch->test_failure = why;
        } else {
            watch->store_failures = 0;
        }
    }
    if (watch->store_failures > 1)
        warnings_add(
            found, true, "self-test", "%s", watch->test_failure.reason);
}

static bool is_broken(struct authority *authority)
{
    bool is_so;

    (void)pthread_mutex_lock(&authority->writing);
    is_so = authority->is_broken;
    (void)pthread_mutex_unlock(&authority->writing);
    return is_so;
}

static void look_at_machine(struct watch *watch, struct warnings *found)
{
    struct authority *authority = watch->authority;
    struct failure why = {0};

    if (is_broken(authority))
        warnings_add(found, true, "store",
            "something could not be recorded: nothing is issued until the "
            "server is started anew");
    if (!clock_guard_check(&authority->clock, &why))
        warnings_add(found, true, "clock", "%s", why.reason);
    if (!room_check(&authority->room, &why))
        warnings_add(found, true, "disk", "%s", why.reason);
}

static void look_at_keys(struct watch *watch, struct warnings *found)
{
    struct signer_state *state = calloc(1, sizeof(*state));
    struct failure why = {0};

    if (state == NULL)
        return;
    if (!signer_client_state(watch->authority->signer, state, &why) ||
        !signer_state_is_open(state, FAILURE_UNAVAILABLE, &why))
        warnings_add(
            found, false, "keys", "nothing can be issued: %s", why.reason);
    free(state);
}

static void look_at_answers(struct watch *watch, struct warnings *found)
{
    struct status_road_facts facts = {0};

    keeper_status_facts(watch->status, &facts);
    if (facts.overdue > 0)
        warnings_add(found, false, "ocsp",
            "%zu OCSP answers are more than a tenth of their life late",
            facts.overdue);
}

/* --- what was published -----------------------------------------------------
 */

static bool has_to_end(void *context)
{
    struct watch *watch = context;
    bool ends;

    (void)pthread_mutex_lock(&watch->lock);
    ends = watch->ends;
    (void)pthread_mutex_unlock(&watch->lock);
    return ends;
}

/* -1: none was brought. */
static int take_brought(struct watch *watch)
{
    int brought;

    (void)pthread_mutex_lock(&watch->lock);
    brought = watch->validator;
    watch->validator = -1;
    (void)pthread_mutex_unlock(&watch->lock);
    if (brought >= 0)
        watch->asked_ms = 0;
    return brought;
}

/* The parent starts one, and hands it over as an order; one that does not come
 * is asked for again. */
static void ask_for_validator(struct watch *watch)
{
    const int64_t now_ms = clock_monotonic_ms();
    struct failure gone = {0};
    bool asks;

    (void)pthread_mutex_lock(&watch->lock);
    asks = watch->is_served && watch->parent != NULL;
    (void)pthread_mutex_unlock(&watch->lock);
    if (!asks ||
        (watch->asked_ms != 0 && now_ms - watch->asked_ms < WATCH_VALIDATOR_MS))
        return;
    watch->asked_ms = now_ms;
    (void)!channel_send(watch->parent, KEEPER_NEEDS_VALIDATOR, 0,
        (struct bytes){0}, NULL, 0, 0, &gone);
}

static void look_at_published(struct watch *watch,
    const struct published_desk *desk, bool *is_due, struct failure *why)
{
    if (published_has_address(watch->authority->configuration) &&
        !published_look(&watch->published, desk, is_due, why))
        log_event(
            LOG_LEVEL_WARNING, "published-unknown", "why", why->reason, NULL);
}

/* What goes over the network waits until a validator was brought for it. */
static void look_outside(struct watch *watch, struct warnings *found)
{
    RELEASED(buffer) digest = BUFFER("digest", FETCH_REQUEST_MAX);
    const struct published_desk desk = {
        watch->authority, watch->reading, has_to_end, watch};
    struct published *published = &watch->published;
    struct failure why = {0};
    bool is_due = false, has_digest = false;
    int brought = take_brought(watch);

    if (brought >= 0 && !published_take(published,
                            watch->authority->configuration, brought, &why))
        log_event(LOG_LEVEL_WARNING, "no-validator", "why", why.reason, NULL);
    look_at_published(watch, &desk, &is_due, &why);
    if (!notices_look(&watch->notices, watch->authority, &watch->own,
            watch->reading, &has_digest, &digest, &why))
        log_event(
            LOG_LEVEL_WARNING, "notices-unknown", "why", why.reason, NULL);
    if (brought >= 0 && has_digest)
        notices_send(&watch->notices, published, &desk, watch->authority,
            buffer_view(&digest));
    if (brought >= 0)
        published_check(published, &desk);
    else if (is_due || has_digest)
        ask_for_validator(watch);
    published_warn(published, watch->authority, found);
    notices_warn(&watch->notices, watch->authority, found);
}

/* --- what ends --------------------------------------------------------------
 */

static const char *noun_of(enum expiry_kind kind)
{
    switch (kind) {
    case EXPIRY_AUTHORITY:
        return "the certificate of authority";
    case EXPIRY_LIST:
        return "the revocation list of";
    case EXPIRY_OCSP_SIGNER:
        return "the certificate that signs OCSP answers for";
    case EXPIRY_SERVER:
        return "the TLS certificate of listener";
    case EXPIRY_PERSON:
        return "the certificate of";
    case EXPIRY_TOKEN:
        return "token";
    case EXPIRY_CERTIFICATE:
    case EXPIRY_KINDS:
        break;
    }
    return "the certificate";
}

/* People and tokens that have ended are as they should be. */
static bool add_expiry(
    void *context, const struct expiry *expiry, struct failure *why)
{
    const int step = expiry_step(expiry, clock_now());
    char about[WARNING_ABOUT], ends[CLOCK_TEXT];

    (void)why;
    if (step < 0 || (step == 0 && (expiry->kind == EXPIRY_PERSON ||
                                      expiry->kind == EXPIRY_TOKEN)))
        return true;
    clock_print(expiry->ends, ends);
    (void)snprintf(about, sizeof(about), "%s %s",
        expiry_kind_name(expiry->kind), expiry->name);
    if (step == 0)
        warnings_add(context, true, about, "%s %s ended at %s",
            noun_of(expiry->kind), expiry->name, ends);
    else
        warnings_add(context, false, about, "%s %s ends at %s, within %d day%s",
            noun_of(expiry->kind), expiry->name, ends, step,
            step == 1 ? "" : "s");
    return true;
}

static void look_at_ends(struct watch *watch, struct warnings *found)
{
    struct failure why = {0};

    if ((!watch->has_found_own &&
            !own_ends_find(&watch->own, watch->reading, clock_now(), &why)) ||
        !expiries_visit(watch->authority, &watch->own, watch->reading,
            add_expiry, found, &why)) {
        warnings_add(found, true, "store", "%s", why.reason);
        return;
    }
    watch->has_found_own = true;
}

/* --- a turn -----------------------------------------------------------------
 */

void watch_look(struct watch *watch)
{
    struct warnings *found = calloc(1, sizeof(*found));

    if (found == NULL)
        return;
    look_at_machine(watch, found);
    look_at_verdicts(watch, found);
    look_at_keys(watch, found);
    look_at_answers(watch, found);
    look_at_ends(watch, found);
    look_outside(watch, found);
    (void)pthread_mutex_lock(&watch->lock);
    warnings_settle(found, &watch->found);
    watch->found = *found;
    (void)pthread_mutex_unlock(&watch->lock);
    free(found);
}

void watch_warnings(struct watch *watch, struct warnings *found)
{
    (void)pthread_mutex_lock(&watch->lock);
    *found = watch->found;
    (void)pthread_mutex_unlock(&watch->lock);
}

/* --- the thread -------------------------------------------------------------
 */

/* False: it has to end. */
static bool rest(struct watch *watch)
{
    const int64_t until_ms = clock_monotonic_ms() + WATCH_TURN_MS;
    bool goes_on;

    (void)pthread_mutex_lock(&watch->lock);
    while (!watch->ends && watch->validator < 0 &&
           condition_wait_until(&watch->woken, &watch->lock, until_ms))
        ;
    goes_on = !watch->ends;
    (void)pthread_mutex_unlock(&watch->lock);
    return goes_on;
}

static void *watch_main(void *context)
{
    do
        watch_look(context);
    while (rest(context));
    return NULL;
}

/* --- start and end ----------------------------------------------------------
 */

bool watch_open(struct watch *watch, const char *directory, struct failure *why)
{
    char path[PATH_ROOM];

    return path_join(path, directory, "chancery.db", why) &&
           store_open(path, STORE_READ, &watch->reading, why);
}

bool watch_begin(struct watch *watch, struct authority *authority,
    struct keeper_status *status, struct channel *parent, struct failure *why)
{

    (void)pthread_mutex_init(&watch->lock, NULL);
    condition_begin(&watch->woken);
    watch->authority = authority;
    watch->status = status;
    watch->parent = parent;
    watch->validator = -1;
    if (pthread_create(&watch->thread, NULL, watch_main, watch) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper can't start a thread");
    watch->is_running = true;
    return true;
}

/* --- from the loop ----------------------------------------------------------
 */

void watch_be_served(struct watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
    watch->is_served = true;
    (void)pthread_mutex_unlock(&watch->lock);
}

void watch_take_validator(struct watch *watch, int socket)
{
    (void)pthread_mutex_lock(&watch->lock);
    descriptor_close(&watch->validator);
    watch->validator = socket;
    (void)pthread_cond_signal(&watch->woken);
    (void)pthread_mutex_unlock(&watch->lock);
}

void watch_end(struct watch *watch)
{
    if (watch->is_running) {
        (void)pthread_mutex_lock(&watch->lock);
        watch->ends = true;
        (void)pthread_cond_signal(&watch->woken);
        (void)pthread_mutex_unlock(&watch->lock);
        (void)pthread_join(watch->thread, NULL);
        watch->is_running = false;
        descriptor_close(&watch->validator);
    }
    published_free(&watch->published);
    store_close(watch->reading);
    watch->reading = NULL;
}
