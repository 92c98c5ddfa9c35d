#include "server/watch/notices.h"

#include <stdio.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#define RETRY_MS 5000
#define RETRY_MOST_MS (INT64_C(3600) * 1000)

/* --- the digest --------------------------------------------------------------
 */

struct gathering {
    json_t *ends;
    int64_t told_at, now;
    size_t count;
};

/* A digest looks ahead to the next one. */
static int step_at(const struct expiry *expiry, int64_t digest_at)
{
    return expiry_step(expiry, digest_at + NOTICES_AGAIN_S);
}

static bool is_news(
    const struct expiry *expiry, const struct gathering *gathering)
{
    const int step = step_at(expiry, gathering->now);

    return step >= 0 && expiry->ends > gathering->told_at &&
           (gathering->told_at == 0 ||
               step_at(expiry, gathering->told_at) != step);
}

static bool gather(
    void *context, const struct expiry *expiry, struct failure *why)
{
    struct gathering *gathering = context;
    const int64_t left = expiry->ends - gathering->now;
    const int step = step_at(expiry, gathering->now);
    char ends[CLOCK_TEXT];

    if (!is_news(expiry, gathering) || left <= -7 * NOTICES_AGAIN_S)
        return true;
    clock_print(expiry->ends, ends);
    return ++gathering->count > NOTICES_MAX ||
           json_array_append_new(gathering->ends,
               json_pack("{s:s,s:o,s:s,s:i}", "kind",
                   expiry_kind_name(expiry->kind), "name",
                   json_of_text(expiry->name), "ends", ends, "within_days",
                   left <= 0   ? 0
                   : step == 0 ? 1
                               : step)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool notices_write(const struct authority *authority, struct own_ends *own,
    struct store *reading, int64_t told_at, int64_t now, struct buffer *digest,
    size_t *count, struct failure *why)
{
    struct gathering gathering = {
        .ends = json_array(), .told_at = told_at, .now = now};
    SCOPED(json_t) *told = NULL;
    char at[CLOCK_TEXT];

    clock_print(now, at);
    told = json_pack("{s:s,s:s,s:o}", "authority",
        authority->configuration->name, "at", at, "ends", gathering.ends);
    if (told == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!expiries_visit(authority, own, reading, gather, &gathering, why))
        return false;
    *count = gathering.count;
    if (gathering.count > NOTICES_MAX &&
        json_object_set_new(told, "more",
            json_integer((json_int_t)(gathering.count - NOTICES_MAX))) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return gathering.count == 0 || json_append(digest, told, why);
}

bool notices_look(const struct notices *notices,
    const struct authority *authority, struct own_ends *own,
    struct store *reading, bool *is_due, struct buffer *digest,
    struct failure *why)
{
    const int64_t now = clock_now();
    int64_t told_at = 0;
    size_t count = 0;

    *is_due = false;
    if (authority->configuration->notices_webhook[0] == '\0' ||
        clock_monotonic_ms() < notices->next_ms)
        return true;
    if (!store_number(reading, NOTICES_TOLD_AT, &told_at, why))
        return false;
    if (told_at <= now && now - told_at < NOTICES_AGAIN_S)
        return true;
    if (!notices_write(authority, own, reading, told_at < now ? told_at : 0,
            now, digest, &count, why))
        return false;
    *is_due = count > 0;
    return true;
}

/* --- sending
 * ------------------------------------------------------------------ */

static bool record(
    struct authority *authority, void *context, struct failure *why)
{
    const struct bytes *digest = context;

    return store_set_number(
               authority->store, NOTICES_TOLD_AT, clock_now(), why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_NOTICES_SENT,
                   .object = "notices-webhook",
                   .more =
                       json_pack("{s:I}", "bytes", (json_int_t)digest->length)},
               why);
}

void notices_send(struct notices *notices, struct published *published,
    const struct published_desk *desk, struct authority *authority,
    struct bytes digest)
{
    const char *address = authority->configuration->notices_webhook;
    int64_t rest_ms = RETRY_MS;

    notices->why = (struct failure){0};
    if (published_post(published, desk, address, digest, &notices->why) &&
        authority_write(authority, record, &digest, &notices->why)) {
        notices->failures = 0;
        notices->next_ms = 0;
        log_event(LOG_LEVEL_INFO, "notices-sent", NULL);
        return;
    }
    for (unsigned i = 0; i < notices->failures && rest_ms < RETRY_MOST_MS; i++)
        rest_ms *= 2;
    notices->failures++;
    notices->next_ms = clock_monotonic_ms() + rest_ms;
}

void notices_warn(const struct notices *notices,
    const struct authority *authority, struct warnings *found)
{
    if (notices->failures > 0)
        warnings_add(found, false, "notices",
            "what ends soon can't be told to %.150s: %s",
            authority->configuration->notices_webhook, notices->why.reason);
}
