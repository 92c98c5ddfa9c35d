#include <stdlib.h>
#include <string.h>

#include "authority/authorities.h"
#include "authority/ending.h"
#include "base/clock.h"
#include "protocols/rest/operation.h"
#include "store/store_requests.h"

/* --- keys ---------------------------------------------------------------- */

static const char *name_of_key(const struct authority *authority, size_t number)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].key == number)
            return authority->issuers[i].name;
    }
    return NULL;
}

static json_t *key_to_json(const char *name, bool is_usable, const char *reason)
{
    return json_pack("{s:s,s:b,s:o}", "name", name, "usable", (int)is_usable,
        "why", json_of_text(reason));
}

/* A signer that has gone is a state, not a failure. */
static json_t *keys_to_json(const struct authority *authority, bool *is_locked)
{
    struct signer_state *state = calloc(1, sizeof(*state));
    json_t *array = json_array();
    struct failure gone = {0};
    bool is_there =
        state != NULL && signer_client_state(authority->signer, state, &gone);

    *is_locked = false;
    for (size_t i = 0; is_there && i < state->key_count; i++) {
        const struct signer_key_state *key = &state->keys[i];
        const char *name = name_of_key(authority, i);

        if (name == NULL)
            continue;
        *is_locked |= strncmp(key->why, "locked", strlen("locked")) == 0;
        (void)json_array_append_new(
            array, key_to_json(name, key->is_usable, key->why));
    }
    for (size_t i = 0; !is_there && i < authority->issuer_count; i++)
        (void)json_array_append_new(
            array, key_to_json(authority->issuers[i].name, false, gone.reason));
    free(state);
    return array;
}

/* --- pauses and ends ----------------------------------------------------- */

static bool add_pause(void *context, const char *profile, const char *actor,
    const char *reason, int64_t at, struct failure *why)
{
    char since[CLOCK_TEXT];

    clock_print(at, since);
    return json_array_append_new(
               context, json_pack("{s:s,s:o,s:o,s:s}", "profile", profile,
                            "actor", json_of_text(actor), "reason",
                            json_of_text(reason), "since", since)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* The first profile that it would have to cut (kb 64), or NULL. */
static const struct profile *cut_profile(
    const struct configuration *settings, const struct authority_known *row)
{
    for (size_t i = 0; i < settings->profile_count; i++) {
        const struct profile *profile = &settings->profiles[i];

        if (row->state == AUTHORITY_ACTIVE &&
            profile->is_authority == !row->issues &&
            ends_soon(row->facts.not_before_time, row->facts.not_after_time,
                profile, clock_now()))
            return profile;
    }
    return NULL;
}

static json_t *endings_to_json(
    const struct configuration *settings, const struct authorities *authorities)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < authorities->count; i++) {
        const struct authority_known *row = &authorities->rows[i];
        const struct profile *profile = cut_profile(settings, row);

        if (profile != NULL)
            (void)json_array_append_new(array,
                json_pack("{s:s,s:s,s:s}", "name", row->name, "not_after",
                    row->facts.not_after, "profile", profile->name));
    }
    return array;
}

/* --- all of it ----------------------------------------------------------- */

static bool answer(struct rest_call *call,
    const struct authorities *authorities, struct failure *why)
{
    struct exchange *exchange = call->exchange;
    const struct configuration *settings = exchange->authority->configuration;
    SCOPED(json_t) *paused = json_array();
    SCOPED(json_t) *rows = NULL;
    SCOPED(json_t) *facts = NULL;
    int64_t count = 0;
    bool is_locked = false;
    json_t *keys;

    if (!store_list_pauses(exchange->store, add_pause, paused, why) ||
        !store_count_certificates(exchange->store, &count, why) ||
        !authorities_to_json(authorities, &rows, why))
        return false;
    keys = keys_to_json(exchange->authority, &is_locked);
    facts = json_pack("{s:s,s:s,s:b,s:b,s:I,s:o,s:O,s:O,s:o}", "name",
        settings->name, "version", CHANCERY_VERSION, "locked", (int)is_locked,
        "served", 1, "certificates", (json_int_t)count, "keys", keys,
        "authorities", rows, "paused", paused, "ends_soon",
        endings_to_json(settings, authorities));
    return rest_answer_facts(call, facts, why);
}

bool rest_show_status(struct rest_call *call, struct failure *why)
{
    struct authorities *authorities = calloc(1, sizeof(*authorities));
    bool ok;

    if (authorities == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = authorities_read(call->exchange->store, authorities, why) &&
         answer(call, authorities, why);
    authorities_free(authorities);
    free(authorities);
    return ok;
}
