#include "road_fixture.h"

#include <fcntl.h>

/* What no command of ours asks, and the journal tells of all the same. */

/* As it was founded, its keys encrypted. */
static char sealed_folder[FOLDER_ROOM];

static int make_both(void **state)
{
    new_folder(sealed_folder);
    found_in(sealed_folder);
    new_folder(template_folder);
    copy_folder(sealed_folder, template_folder);
    decrypt_key(template_folder, "keys/issuing.key");
    (void)state;
    return 0;
}

static int remove_both(void **state)
{
    remove_folder(sealed_folder);
    return remove_template(state);
}

static void assert_told(const char *kind)
{
    assert_int_equal(events_in(folder, kind), 1);
}

static void properties39_a_wrong_passphrase_is_told(void **state)
{
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED_DESCRIPTOR int passphrase = -1;
    struct client_state unlocked = {0};
    struct failure why = {0};

    (void)state;
    copy_folder(path_in(sealed_folder, "keys"), path_in(folder, "keys"));
    put_file(folder, "keys/locked", "", 0600);
    put_file(folder, "wrong", "a passphrase that opens nothing", 0600);
    passphrase = open(path_in(folder, "wrong"), O_RDONLY | O_CLOEXEC);
    open_client(folder, &client);
    assert_false(client_unlock(client, passphrase, &unlocked, &why));
    assert_int_equal(why.kind, FAILURE_UNAUTHENTICATED);
    assert_told("unlock-refused");
}

static void properties39_a_clock_is_accepted_without_a_word_more(void **state)
{
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED(json_t) *facts = NULL;
    struct failure why = {0};

    (void)state;
    open_client(folder, &client);
    assert_false(client_call(
        client, CONTROL_ACCEPT_CLOCK, bytes_of_text("now"), -1, &facts, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_told("clock-refused");
}

static void properties39_a_question_that_can_not_be_read_is_told(void **state)
{
    static const struct {
        uint16_t verb;
        const char *kind;
    } rows[] = {{CONTROL_RESUME, "resume-refused"},
        {CONTROL_AUTHORITY_INSTALL, "install-refused"}};
    SCOPED_STRUCT(client) *client = NULL;

    (void)state;
    open_client(folder, &client);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        SCOPED(json_t) *facts = NULL;
        struct failure why = {0};

        assert_false(client_call(
            client, rows[i].verb, bytes_of_text("x"), -1, &facts, &why));
        assert_told(rows[i].kind);
    }
}

static void properties39_a_command_tells_of_nothing_but_its_own(void **state)
{
    static const char *const kinds[] = {"issued", "revoked", "checkpoint"};
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};

    (void)state;
    open_client(folder, &client);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        RELEASED(buffer) question = BUFFER("question", 256);
        SCOPED(json_t) *facts = NULL;
        size_t before = events_in(folder, kinds[i]);

        assert_done(
            message_add_text(&question, CONTROL_KIND, kinds[i], &why), why);
        assert_false(client_call(
            client, CONTROL_TELL, buffer_view(&question), -1, &facts, &why));
        assert_int_equal(why.kind, FAILURE_FORBIDDEN);
        assert_int_equal(events_in(folder, "tell-refused"), i + 1);
        if (strcmp(kinds[i], "checkpoint") != 0)
            assert_int_equal(events_in(folder, kinds[i]), before);
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_copy(properties39_a_wrong_passphrase_is_told),
        on_a_copy(properties39_a_clock_is_accepted_without_a_word_more),
        on_a_copy(properties39_a_question_that_can_not_be_read_is_told),
        on_a_copy(properties39_a_command_tells_of_nothing_but_its_own),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_both, remove_both);
}
