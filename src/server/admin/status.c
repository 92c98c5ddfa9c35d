#include "server/admin/status.h"

#include <stdio.h>
#include <stdlib.h>

#include "authority/ocsp_signer.h"
#include "server/keeper_status.h"

bool status_of_list(const struct exchange *exchange,
    const struct authority_issuer *issuer, int kind, struct list_state *list,
    struct failure *why)
{
    struct crl_row row = {0};

    *list = (struct list_state){0};
    if (!store_crl(
            exchange->store, issuer->id, kind, &row, &list->is_there, why))
        return false;
    clock_print(row.this_update, list->made);
    clock_print(row.next_update, list->next);
    list->is_late = row.next_update <= clock_now();
    list->entries = row.entries;
    return true;
}

void status_of_ocsp(const struct exchange *exchange, struct ocsp_state *state)
{
    struct status_road_facts facts = {0};

    *state = (struct ocsp_state){0};
    if (exchange->ocsp_answers == NULL)
        return;
    keeper_status_facts(exchange->ocsp_answers, &facts);
    state->serials = facts.serials;
    state->overdue = facts.overdue;
    if (facts.earliest_end != 0)
        clock_print(facts.earliest_end, state->earliest_end);
}

static bool add_responder(struct buffer *out, struct ocsp_signer *signer,
    size_t responder, struct failure *why)
{
    const char *name = ocsp_signer_issuer(signer, responder)->name;
    struct ocsp_responder_facts facts;
    struct failure without = {0};
    char until[CLOCK_TEXT];

    if (!ocsp_signer_facts(
            signer, responder, clock_now(), &facts, NULL, &without))
        return html_print(out, why,
            "<p class=\"note warn\">%s: no responder signs now: %s</p>\n", name,
            without.reason);
    clock_print(facts.not_after, until);
    return html_print(out, why,
        "<p>%s: its responder's certificate is good until %s.</p>\n", name,
        until);
}

bool status_add_responders(
    struct buffer *out, const struct exchange *exchange, struct failure *why)
{
    struct ocsp_signer *signer = exchange->authority->ocsp;

    if (signer == NULL)
        return html_raw(out,
            "<p class=\"note warn\">Nobody signs OCSP answers.</p>\n", why);
    for (size_t i = 0; i < ocsp_signer_count(signer); i++) {
        if (!add_responder(out, signer, i, why))
            return false;
    }
    return true;
}

/* --- keys ---------------------------------------------------------------- */

/* A signer that has gone is a state, not a failure. */
bool key_states_read(const struct authority *authority, struct key_states *keys,
    struct failure *why)
{
    struct failure gone = {0};

    *keys = (struct key_states){.state = calloc(1, sizeof(*keys->state))};
    if (keys->state == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (signer_client_state(authority->signer, keys->state, &gone))
        return true;
    key_states_free(keys);
    (void)snprintf(keys->reason, sizeof(keys->reason), "%s", gone.reason);
    return true;
}

void key_states_free(struct key_states *keys)
{
    free(keys->state);
    keys->state = NULL;
}

bool key_states_usable(const struct key_states *keys,
    const struct authority_issuer *issuer, const char **reason)
{
    const struct signer_key_state *key;

    *reason = keys->reason;
    if (keys->state == NULL)
        return false;
    *reason = "the signer was not given it";
    if (issuer->key >= keys->state->key_count)
        return false;
    key = &keys->state->keys[issuer->key];
    *reason = key->why;
    return key->is_usable;
}
