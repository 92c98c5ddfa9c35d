#include "authority/rollover.h"

#include <stdlib.h>

#include "authority/event.h"
#include "authority/lists.h"
#include "base/clock.h"
#include "base/json.h"

struct counting {
    const struct authority_issuer *issuer;
    struct retirement *retirement;
};

static bool count_valid(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct counting *counting = context;

    (void)why;
    if (row->status == CERTIFICATE_REVOKED ||
        bytes_equal(row->der, buffer_view(&counting->issuer->der)))
        return true;
    counting->retirement->valid++;
    if (row->not_after > counting->retirement->until)
        counting->retirement->until = row->not_after;
    return true;
}

struct retiring {
    const struct caller *caller;
    const struct authority_issuer *issuer;
    struct retirement *retirement;
};

static bool record_retired(
    struct authority *authority, void *context, struct failure *why)
{
    const struct retiring *retiring = context;
    const struct retirement *retirement = retiring->retirement;

    return store_set_authority_state(authority->store, retiring->issuer->id,
               retirement->state, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_AUTHORITY_RETIRED,
                   .caller = retiring->caller,
                   .object = retiring->issuer->name,
                   .more = json_pack("{s:b,s:I}", "signs_lists",
                       (int)(retirement->state == AUTHORITY_RETIRING), "valid",
                       (json_int_t)retirement->valid)},
               why);
}

/* The last list is good for as long as one may be; of an authority that has
 * ended, and of a key that is lost, there is none. */
static bool sign_last_list(struct authority *authority, struct store *reading,
    const struct authority_issuer *issuer, bool forced,
    struct rollover_done *done, struct failure *why)
{
    struct authority_issuer *last;
    struct lists_made made = {0};
    bool ok;

    if (issuer->issuer.not_after <= clock_now() ||
        (forced && issuer->key >= SIGNER_KEYS_MAX))
        return true;
    last = malloc(sizeof(*last));
    if (last == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *last = *issuer;
    last->state = AUTHORITY_RETIRED;
    ok = lists_publish(authority, reading, last, &made, why);
    free(last);
    done->made_list = ok;
    done->list_until = made.next_update;
    return ok;
}

static bool check_retirement(struct store *reading,
    const struct authority_issuer *issuer, struct failure *why)
{
    RELEASED(rollover) rollover = {0};

    if (issuer->state == AUTHORITY_COMING)
        return fail_because(why, FAILURE_CONFLICT,
            "\"%s\" is not in use yet: `ca rollover --undo` takes it back",
            issuer->name);
    if (!rollover_read(reading, issuer->name, &rollover, why))
        return false;
    if (issuer->state == AUTHORITY_ACTIVE && rollover.old_id == issuer->id &&
        rollover.done >= ROLLOVER_KEY)
        return fail_because(why, FAILURE_CONFLICT,
            "\"%s\" is being given a new key: finish that by `ca rollover`, "
            "or take it back by --undo",
            issuer->name);
    return true;
}

bool authority_retire(struct authority *authority, struct store *reading,
    const struct caller *caller, const char *name, bool forced,
    struct retirement *retirement, struct failure *why)
{
    const struct authority_issuer *issuer = NULL;
    struct certificate_filter filter = {.by_end = true,
        .not_after_from = clock_now(),
        .not_after_until = INT64_MAX};
    struct counting counting = {.retirement = retirement};
    struct retiring retiring = {.caller = caller, .retirement = retirement};

    if (!lists_issuer(authority, name, &issuer, why) ||
        !check_retirement(reading, issuer, why))
        return false;
    counting.issuer = retiring.issuer = issuer;
    filter.authority = issuer->id;
    retirement->state = AUTHORITY_RETIRED;
    if (!store_list_certificates(reading, &filter, count_valid, &counting, why))
        return false;
    if (issuer->state == AUTHORITY_RETIRED)
        return true;
    if (retirement->valid > 0 && !forced) {
        retirement->state = AUTHORITY_RETIRING;
        return issuer->state == AUTHORITY_RETIRING ||
               authority_write(authority, record_retired, &retiring, why);
    }
    return sign_last_list(
               authority, reading, issuer, forced, &retirement->lists, why) &&
           authority_write(authority, record_retired, &retiring, why);
}
