#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/ending.h"
#include "authority/pause.h"
#include "base/clock.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/unlocking.h"
#include "server/client.h"

struct condition {
    struct place place;
    struct authorities authorities;
    struct client_state state;
    struct configuration *settings;
    json_t *paused; /* {"profile","actor","reason","since"}, "*": all */
    bool locked, served;
};

static void condition_free(struct condition *condition)
{
    authorities_free(&condition->authorities);
    configuration_free(condition->settings);
    json_decref(condition->paused);
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

static bool read_pauses(
    struct store *store, json_t **paused, struct failure *why)
{
    SCOPED(json_t) *array = json_array();

    if (!store_list_pauses(store, add_pause, array, why))
        return false;
    *paused = KEEP(json_t, &array);
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
           read_pauses(store, &condition->paused, why) &&
           authorities_read(store, &condition->authorities, why);
}

/* --- issuers that end before what is asked of them (kb 64) --------------- */

/* The first profile that an authority would have to cut, or NULL. */
static const struct profile *cut_profile(
    const struct condition *condition, const struct authority_known *authority)
{
    const struct configuration *settings = condition->settings;

    for (size_t i = 0; i < settings->profile_count; i++) {
        const struct profile *profile = &settings->profiles[i];

        if (authority->state == AUTHORITY_ACTIVE &&
            profile->is_authority == !authority->issues &&
            ends_soon(authority->facts.not_before_time,
                authority->facts.not_after_time, profile, clock_now()))
            return profile;
    }
    return NULL;
}

static json_t *endings_to_json(const struct condition *condition)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < condition->authorities.count; i++) {
        const struct authority_known *row = &condition->authorities.rows[i];
        const struct profile *profile = cut_profile(condition, row);

        if (profile != NULL)
            (void)json_array_append_new(array,
                json_pack("{s:s, s:s, s:s}", "name", row->name, "not_after",
                    row->facts.not_after, "profile", profile->name));
    }
    return array;
}

static void print_endings(const struct condition *condition)
{
    for (size_t i = 0; i < condition->authorities.count; i++) {
        const struct authority_known *row = &condition->authorities.rows[i];
        const struct profile *profile = cut_profile(condition, row);

        if (profile != NULL)
            (void)printf("ends soon    %s, at %s: profile %s gives longer "
                         "lifetimes; run chancery ca rollover --ca %s\n",
                row->name, row->facts.not_after, profile->name, row->name);
    }
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
    value = json_pack("{s:o, s:s, s:s, s:b, s:b, s:I, s:o, s:O, s:O, s:o}",
        "directory", json_of_text(condition->place.directory), "name",
        condition->settings->name, "version", CHANCERY_VERSION, "locked",
        (int)condition->locked, "served", (int)condition->served,
        "certificates", (json_int_t)condition->state.certificates, "keys",
        keys_to_json(&condition->state), "authorities", authorities, "paused",
        condition->paused, "ends_soon", endings_to_json(condition));
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

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool print_pauses(const json_t *paused, struct failure *why)
{
    const json_t *pause = NULL;
    size_t index = 0;

    json_array_foreach(paused, index, pause)
    {
        const char *profile = text_of(pause, "profile");
        const char *reason = text_of(pause, "reason");

        (void)printf("paused       %s, by ",
            strcmp(profile, PAUSE_ALL) == 0 ? "every profile" : profile);
        if (!print_shown(text_of(pause, "actor"), why))
            return false;
        (void)printf(" since %s%s", text_of(pause, "since"),
            reason[0] == '\0' ? "" : ": ");
        if (!print_shown(reason, why))
            return false;
        (void)putchar('\n');
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
        condition->served && !condition->locked
            ? ", keys held open by a process"
            : "",
        (unsigned long long)condition->state.certificates);
    print_endings(condition);
    return print_pauses(condition->paused, why) &&
           print_keys(&condition->state, why) &&
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
