#include "authority/rollover_parts.h"

#include <stdio.h>
#include <string.h>

#include "authority/event.h"
#include "authority/lists.h"
#include "authority/revoke.h"
#include "base/clock.h"

#define BRIDGES_MAX 8

struct bridges {
    int64_t authority;
    struct buffer ders[BRIDGES_MAX];
    bool is_kept[BRIDGES_MAX]; /* it belongs to an earlier step */
    size_t count;
    bool keeps_new_with_old;
};

static void bridges_free(struct bridges *bridges)
{
    for (size_t i = 0; i < bridges->count; i++)
        buffer_free(&bridges->ders[i]);
}

static bool take_bridge(
    void *context, const struct cross_certificate *row, struct failure *why)
{
    struct bridges *bridges = context;

    if (row->authority != bridges->authority || bridges->count == BRIDGES_MAX)
        return true;
    bridges->ders[bridges->count] = BUFFER("certificate", CERTIFICATE_MAX);
    bridges->is_kept[bridges->count] =
        bridges->keeps_new_with_old &&
        strcmp(row->kind, BRIDGE_NEW_WITH_OLD) == 0;
    return buffer_append(
        &bridges->ders[bridges->count++], row->certificate, why);
}

/* A certificate of a key that is given up is of no use to anybody. */
static bool revoke_one(
    const struct taking *taking, struct bytes der, struct failure *why)
{
    struct certificate certificate = {0};
    struct revoked revoked = {0};
    struct revocation revocation = {.act = ACT_REVOKE,
        .caller = taking->wish->caller,
        .reason = REASON_CESSATION_OF_OPERATION};

    if (!certificate_read(der, &certificate, why))
        return false;
    revocation.serial = certificate.tbs.serial;
    return revoke_certificate(taking->authority, &revocation, &revoked, why);
}

static bool revoke_bridges(const struct taking *taking,
    const struct bridges *bridges, struct failure *why)
{
    for (size_t i = 0; i < bridges->count; i++) {
        if (!bridges->is_kept[i] &&
            !revoke_one(taking, buffer_view(&bridges->ders[i]), why))
            return false;
    }
    return true;
}

struct undoing {
    const struct taking *taking;
    const struct bridges *bridges;
};

static bool forget_bridges(struct authority *authority,
    const struct bridges *bridges, struct failure *why)
{
    if (!store_forget_cross_certificates(
            authority->store, bridges->authority, why))
        return false;
    for (size_t i = 0; i < bridges->count; i++) {
        const struct cross_certificate row = {.authority = bridges->authority,
            .kind = BRIDGE_NEW_WITH_OLD,
            .certificate = buffer_view(&bridges->ders[i]),
            .made_at = clock_now()};

        if (bridges->is_kept[i] &&
            !store_add_cross_certificate(authority->store, &row, why))
            return false;
    }
    return true;
}

static bool undo_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    const struct undoing *undoing = context;
    const struct rollover *rollover = undoing->taking->rollover;
    struct store *store = authority->store;
    bool ok = true;

    if (rollover->done == ROLLOVER_PLAN)
        ok = rollover_mark(store, "plan", rollover->old_id, 0, why);
    else if (rollover->done == ROLLOVER_KEY)
        ok = store_forget_awaited(store, rollover->new_name, why) &&
             forget_bridges(authority, undoing->bridges, why);
    else if (rollover->done == ROLLOVER_CERTIFY)
        ok = store_set_authority_state(
                 store, rollover->new_id, AUTHORITY_RETIRED, why) &&
             forget_bridges(authority, undoing->bridges, why);
    else if (rollover->done == ROLLOVER_CROSS)
        ok = rollover_mark(store, "cross", rollover->new_id, 0, why) &&
             forget_bridges(authority, undoing->bridges, why);
    else
        ok = rollover_mark(store, "publish", rollover->new_id, 0, why);
    return ok &&
           rollover_tell(undoing->taking, EVENT_ROLLOVER_UNDONE,
               json_pack("{s:s}", "step", rollover_step_name(rollover->done)),
               why);
}

static bool revoke_given_up(const struct taking *taking,
    const struct bridges *bridges, struct failure *why)
{
    const struct rollover *rollover = taking->rollover;
    const struct authority_issuer *new =
        authority_by_id(taking->authority, rollover->new_id);

    if (rollover->done == ROLLOVER_PUBLISH)
        return true;
    if (!revoke_bridges(taking, bridges, why))
        return false;
    return rollover->done != ROLLOVER_CERTIFY || rollover->is_root ||
           rollover->is_foreign || new == NULL ||
           revoke_one(taking, buffer_view(&new->der), why);
}

static bool undo(struct taking *taking, struct failure *why)
{
    RELEASED(bridges)
    bridges = {.authority = taking->rollover->old_id,
        .keeps_new_with_old = taking->rollover->done == ROLLOVER_CROSS};
    struct undoing undoing = {taking, &bridges};

    return store_list_cross_certificates(
               taking->reading, take_bridge, &bridges, why) &&
           revoke_given_up(taking, &bridges, why) &&
           authority_write(taking->authority, undo_in_store, &undoing, why);
}

bool rollover_undo(struct authority *authority, struct store *reading,
    const struct rollover_wish *wish, enum rollover_step *undone,
    struct failure *why)
{
    RELEASED(rollover) rollover = {0};
    struct taking taking = {authority, NULL, reading, wish, &rollover, NULL};

    if (!rollover_read(reading, wish->name, &rollover, why))
        return false;
    *undone = rollover.done;
    if (rollover.done >= ROLLOVER_SWITCH)
        return fail_because(why, FAILURE_CONFLICT,
            "\"%s\" issues since the switch, and certificates hang below it: "
            "no step is taken back from there on; `ca rollover --ca %s` gives "
            "it a new key",
            rollover.new_name, rollover.new_name);
    return rollover.done == ROLLOVER_NONE || undo(&taking, why);
}
