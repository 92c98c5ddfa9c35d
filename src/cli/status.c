#include <stdio.h>
#include <stdlib.h>

#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/unlocking.h"
#include "server/client.h"

struct condition {
    struct place place;
    struct authorities authorities;
    struct client_state state;
    struct configuration *settings;
    bool locked, served;
};

static void condition_free(struct condition *condition)
{
    authorities_free(&condition->authorities);
    configuration_free(condition->settings);
}

static bool ask(struct condition *condition, struct failure *why)
{
    struct client_options options = {.directory = condition->place.directory,
        .passphrase = -1,
        .credentials = getenv("CREDENTIALS_DIRECTORY")};
    SCOPED_STRUCT(client) *client = NULL;

    condition->served = client_is_served(&condition->place);
    if (!client_open(&options, &client, why) ||
        !client_state(client, &condition->state, why))
        return false;
    for (size_t i = 0; i < condition->state.key_count; i++) {
        bool is_locked = false;

        (void)unusable_key(
            &condition->state, condition->state.keys[i].name, &is_locked);
        condition->locked = condition->locked || is_locked;
    }
    return true;
}

static bool read_condition(
    struct call *call, struct condition *condition, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;

    return call_place(call, &condition->place, why) &&
           place_read_settings(
               &condition->place, NULL, &condition->settings, why) &&
           ask(condition, why) &&
           place_open_store(&condition->place, &store, why) &&
           authorities_read(store, &condition->authorities, why);
}

static json_t *keys_to_json(const struct client_state *state)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < state->key_count; i++)
        (void)json_array_append_new(
            array, json_pack("{s:o, s:b, s:o}", "name",
                       json_of_text(state->keys[i].name), "usable",
                       (int)state->keys[i].is_usable, "why",
                       json_of_text(state->keys[i].why)));
    return array;
}

static bool print_in_json(
    const struct condition *condition, struct failure *why)
{
    SCOPED(json_t) *authorities = NULL;
    SCOPED(json_t) *value = NULL;

    if (!authorities_to_json(&condition->authorities, &authorities, why))
        return false;
    value = json_pack("{s:o, s:s, s:s, s:b, s:b, s:I, s:o, s:O}", "directory",
        json_of_text(condition->place.directory), "name",
        condition->settings->name, "version", CHANCERY_VERSION, "locked",
        (int)condition->locked, "served", (int)condition->served,
        "certificates", (json_int_t)condition->state.certificates, "keys",
        keys_to_json(&condition->state), "authorities", authorities);
    return output_json(value, why);
}

static bool print_keys(const struct client_state *state, struct failure *why)
{
    for (size_t i = 0; i < state->key_count; i++) {
        (void)printf("key          %s: %s", state->keys[i].name,
            state->keys[i].is_usable ? "usable" : "not usable, ");
        if (!print_shown(state->keys[i].why, why))
            return false;
        (void)putchar('\n');
    }
    return true;
}

static bool print_authorities(
    const struct authorities *authorities, struct failure *why)
{
    for (size_t i = 0; i < authorities->count; i++) {
        const struct authority_known *row = &authorities->rows[i];

        (void)printf("authority    %s: ", row->name);
        if (!print_shown(row->facts.subject, why))
            return false;
        (void)printf(", until %s%s\n", row->facts.not_after,
            row->issues ? "" : ", kept apart");
    }
    return true;
}

static bool print_for_people(
    const struct condition *condition, struct failure *why)
{
    enum colour colour = condition->locked ? COLOUR_RED : COLOUR_GREEN;

    (void)printf("directory    ");
    if (!print_shown(condition->place.directory, why))
        return false;
    (void)printf("\nname         ");
    if (!print_shown(condition->settings->name, why))
        return false;
    (void)printf("\nstate        %s%s%s%s\ncertificates %llu\n",
        colour_begin(stdout, colour),
        condition->locked ? "locked: run chancery unlock" : "unlocked",
        colour_end(stdout, colour),
        condition->served ? ", keys held open by a process" : "",
        (unsigned long long)condition->state.certificates);
    return print_keys(&condition->state, why) &&
           print_authorities(&condition->authorities, why);
}

bool run_status(struct call *call, struct failure *why)
{
    RELEASED(condition) condition = {0};

    if (!read_condition(call, &condition, why))
        return false;
    return call->json ? print_in_json(&condition, why)
                      : print_for_people(&condition, why);
}
