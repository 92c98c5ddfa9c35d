#include "server/serve_state.h"

#include <sys/stat.h>

#include "authority/profile_lint.h"
#include "base/log.h"
#include "base/notify.h"

/* What is under way when the settings change may be a list of a million. */
#define KEEPER_END_MS 10000

/* As the keeper holds them: it must not refuse at its start what was taken
 * here. */
bool serve_read_settings(const struct place *place,
    struct configuration **configuration, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    SCOPED_STRUCT(configuration) *read = NULL;
    struct settings_place standing = {0};
    char path[PATH_ROOM];

    if (!place_path(place, "chancery.yaml", path, why) ||
        !file_read(path, &text, why) ||
        !configuration_read(buffer_view(&text), "chancery.yaml", &read, why))
        return false;
    if (stat(place->directory, &standing.folder) != 0 ||
        stat(path, &standing.file) != 0)
        return fail_in_file(why, "looking at", path);
    if (!profiles_lint_check(read, &standing, why))
        return false;
    *configuration = KEEP(configuration, &read);
    return true;
}

bool serve_addresses(const struct server *server,
    const struct configuration *configuration,
    struct serve_address addresses[static SERVE_LISTENERS], struct failure *why)
{
    struct serve_settings settings = configuration->serve;

    for (size_t i = 0; i < SERVE_LISTENERS; i++) {
        if (server->is_inherited[i])
            settings.addresses[i] = server->addresses[i];
        else if (server->plan->given[i] != NULL)
            settings.addresses[i] = *server->plan->given[i];
    }
    if (!serve_settings_check(&settings, why))
        return false;
    for (size_t i = 0; i < SERVE_LISTENERS; i++)
        addresses[i] = settings.addresses[i];
    return true;
}

static void tell_moved_listeners(const struct server *server,
    const struct serve_address addresses[static SERVE_LISTENERS])
{
    for (size_t i = 0; i < SERVE_LISTENERS; i++) {
        char before[SERVE_ADDRESS_TEXT], after[SERVE_ADDRESS_TEXT];

        serve_address_print(&server->addresses[i], before);
        serve_address_print(&addresses[i], after);
        if (bytes_equal(bytes_of_text(before), bytes_of_text(after)))
            continue;
        log_event(LOG_LEVEL_WARNING, "listener-needs-a-restart", "listener",
            listener_name((enum listener)i), "is-at", before, "should-be-at",
            after, NULL);
    }
}

/* The signer keeps its open keys where its limits stay what they were. */
static bool signer_is_to_change(
    struct server *server, bool *changes, struct failure *why)
{
    static const struct household_wishes nothing_else = {0};
    RELEASED(household_keys) keys = {0};
    RELEASED(buffer) told = BUFFER("keys", server->keys_told.ceiling);

    if (!household_find_keys(
            &server->place, server->configuration, &nothing_else, &keys, why) ||
        !household_tell_keys(&keys, &told, why))
        return false;
    *changes =
        !bytes_equal(buffer_view(&told), buffer_view(&server->keys_told));
    return true;
}

static bool take_settings(struct server *server, struct failure *why)
{
    SCOPED_STRUCT(configuration) *read = NULL;
    struct serve_address addresses[SERVE_LISTENERS];
    struct configuration *before = server->configuration;
    bool changes = false;

    if (!serve_read_settings(&server->place, &read, why) ||
        !serve_addresses(server, read, addresses, why))
        return false;
    server->configuration = read;
    if (!signer_is_to_change(server, &changes, why)) {
        server->configuration = before;
        return false;
    }
    read = before;
    server->renews_signer = changes;
    tell_moved_listeners(server, addresses);
    return true;
}

void serve_reload(struct server *server)
{
    struct failure why = {0};

    notify(NOTICE_RELOADING, NULL);
    if (!take_settings(server, &why)) {
        log_event(LOG_LEVEL_ERROR, "settings-refused", "why", why.reason,
            "what", "the settings from before hold", NULL);
        notify(NOTICE_READY, why.reason);
        return;
    }
    log_event(LOG_LEVEL_INFO, "settings-changed", "keys-anew",
        server->renews_signer ? "yes" : "no", NULL);
    server->is_reloading = true;
    fronts_reload(server);
    child_stop(&server->children[CHILD_KEEPER], KEEPER_END_MS);
}
