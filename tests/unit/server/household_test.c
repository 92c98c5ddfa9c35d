#include "road_fixture.h"

/* Which keys a command has its signer open. */

/* --- finding ------------------------------------------------------------- */

static void find_keys(
    const struct household_wishes *wishes, struct household_keys *keys)
{
    SCOPED_STRUCT(configuration) *configuration = new_configuration();
    struct place place = {0};
    struct failure why = {0};

    assert_done(place_open(folder, &place, &why), why);
    assert_done(
        household_find_keys(&place, configuration, wishes, keys, &why), why);
}

static void properties10_without_a_ceremony_no_root_is_found(void **state)
{
    RELEASED(household_keys) keys = {0};

    (void)state;
    find_keys(&(struct household_wishes){0}, &keys);
    assert_int_equal(keys.count, 1);
    assert_string_equal(keys.keys[0].limits.name, "issuing");
    assert_false(keys.keys[0].is_root);
    assert_false(keys.keys[0].limits.may_make_authorities);
    assert_int_equal(keys.keys[0].limits.key_usage & KEY_USAGE_CERT_SIGN, 0);
}

static void properties10_a_ceremony_finds_roots_that_make_authorities(
    void **state)
{
    RELEASED(household_keys) keys = {0};

    (void)state;
    find_keys(&(struct household_wishes){.ceremony = true}, &keys);
    assert_int_equal(keys.count, 2);
    /* Its path length is 0. */
    assert_false(keys.keys[0].limits.may_make_authorities);
    assert_string_equal(keys.keys[1].limits.name, "root");
    assert_true(keys.keys[1].is_root);
    assert_true(keys.keys[1].limits.may_make_authorities);
}

static void roots_are_found_where_they_were_put(void **state)
{
    char apart[FOLDER_ROOM];
    const struct household_wishes wishes = {
        .ceremony = true, .root_folder = apart};
    RELEASED(household_keys) keys = {0};
    RELEASED(household_keys) none = {0};

    (void)state;
    new_folder(apart);
    copy_folder(path_in(folder, "keys/root"), apart);
    remove_folder(path_in(folder, "keys/root"));
    find_keys(&wishes, &keys);
    assert_int_equal(keys.count, 2);
    assert_true(keys.keys[1].is_root);
    remove_folder(apart);
    /* A root that isn't there is no failure. */
    find_keys(&wishes, &none);
    assert_int_equal(none.count, 1);
}

static void retire_issuing(void)
{
    struct failure why = {0};

    assert_done(folder_make(path_in(folder, "keys/retired"), 0700, &why), why);
    assert_int_equal(rename(path_in(folder, "keys/issuing.crt"),
                         path_in(folder, "keys/retired/issuing.crt")),
        0);
    assert_int_equal(rename(path_in(folder, "keys/issuing.key"),
                         path_in(folder, "keys/retired/issuing.key")),
        0);
}

static void a_retired_key_is_found_for_lists_alone(void **state)
{
    RELEASED(household_keys) keys = {0};

    (void)state;
    retire_issuing();
    find_keys(&(struct household_wishes){.ceremony = true}, &keys);
    assert_int_equal(keys.count, 2);
    assert_true(keys.keys[0].limits.signs_lists_only);
    assert_false(keys.keys[0].limits.may_make_authorities);
    assert_true(keys.keys[0].file >= 0);
    assert_false(keys.keys[1].limits.signs_lists_only);
}

/* --- what lies around ---------------------------------------------------- */

static void kb023_what_lies_around_changes_nothing(void **state)
{
    SCOPED_STRUCT(client) *client = NULL;
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) certificate = EMPTY_CERTIFICATE;
    struct client_issue wish = {.profile = "server"};

    (void)state;
    put_file(folder, "keys/old.crt", "no certificate", 0600);
    put_file(folder, "keys/stray.key", "no key", 0600);
    put_file(folder, "keys/.hidden.crt", "", 0600);
    open_client(folder, &client);
    new_request("DNS:www.example.org", &request);
    wish.request = buffer_view(&request);
    must_issue(client, &wish, &certificate);
}

static void kb023_a_key_that_cant_be_read_is_told_by_its_state(void **state)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct household_keys keys = {0};

    (void)state;
    put_file(folder, "keys/issuing.key", "no key", 0644);
    find_keys(&(struct household_wishes){0}, &keys);
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.keys[0].file, -1);
    assert_non_null(strstr(keys.keys[0].why, "issuing.key"));
    household_keys_free(&keys);
    assert_int_equal(unlink(path_in(folder, "keys/issuing.key")), 0);
    open_client(folder, &client);
    assert_false(client->household.keys.keys[0].is_usable);
    assert_non_null(strstr(client->household.keys.keys[0].why, "issuing.key"));
}

/* --- a ceremony ---------------------------------------------------------- */

static void properties10_a_root_is_opened_by_a_command_of_its_own(void **state)
{
    const struct client_options options = {.directory = folder,
        .passphrase = -1,
        .ceremony = true,
        .root_passphrase = -1};
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};

    (void)state;
    assert_done(client_open(&options, &client, &why), why);
    assert_int_equal(client->household.keys.key_count, 2);
    assert_true(client->household.keys.keys[0].is_usable);
    if (!client->household.keys.keys[1].is_usable)
        fail_msg("%s", client->household.keys.keys[1].why);
}

static void properties10_no_root_is_opened_while_somebody_serves(void **state)
{
    const struct client_options options = {.directory = folder,
        .passphrase = -1,
        .ceremony = true,
        .root_passphrase = -1};
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED_STRUCT(client) *locking = NULL;
    struct client_state now = {0};
    struct failure why = {0};
    char reason[PATH_ROOM + 200];

    (void)state;
    assert_done(client_stay_unlocked(&options, &why), why);
    assert_false(client_open(&options, &client, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    (void)snprintf(reason, sizeof(reason),
        "%s is being served; roots are opened only by a command of their own: "
        "stop the server, or `chancery lock`, first",
        folder);
    assert_string_equal(why.reason, reason);
    open_client(folder, &locking);
    assert_done(client_lock(locking, &now, &why), why);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_copy(properties10_without_a_ceremony_no_root_is_found),
        on_a_copy(properties10_a_ceremony_finds_roots_that_make_authorities),
        on_a_copy(roots_are_found_where_they_were_put),
        on_a_copy(a_retired_key_is_found_for_lists_alone),
        on_a_copy(kb023_what_lies_around_changes_nothing),
        on_a_copy(kb023_a_key_that_cant_be_read_is_told_by_its_state),
        on_a_copy(properties10_a_root_is_opened_by_a_command_of_its_own),
        on_a_copy(properties10_no_root_is_opened_while_somebody_serves),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
