#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority/configuration.h"

static bool read_text(
    const char *text, struct configuration **configuration, struct failure *why)
{
    return configuration_read(
        bytes_of_text(text), "chancery.yaml", configuration, why);
}

static void assert_address(const struct serve_settings *settings,
    enum serve_listener which, const char *text)
{
    char found[SERVE_ADDRESS_TEXT];

    serve_address_print(&settings->addresses[which], found);
    assert_string_equal(found, text);
}

static void without_a_section_three_listeners_are_served(void **state)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(read_text("name: Example\n", &configuration, &why));
    assert_address(&configuration->serve, SERVE_PUBLIC, "[::]:8443");
    assert_address(&configuration->serve, SERVE_PLAIN, "[::]:8080");
    assert_address(&configuration->serve, SERVE_ADMIN, "127.0.0.1:8444");
    assert_address(&configuration->serve, SERVE_MTLS, "none");
    assert_int_equal(configuration->serve.name_count, 0);
    assert_int_equal(configuration->serve.per_address, SERVE_PER_ADDRESS);
}

static void a_section_says_each_address_and_name(void **state)
{
    static const char text[] =
        "serve:\n"
        "  listen: \":443\"\n"
        "  http-listen: 192.0.2.7:80\n"
        "  admin-listen: none\n"
        "  mtls-listen: \"[2001:db8::7]:9443\"\n"
        "  names: [PKI.Example.org, 192.0.2.7, \"2001:db8::7\"]\n"
        "  connections-per-address: 7\n";
    SCOPED_STRUCT(configuration) *configuration = NULL;
    struct failure why = {0};

    (void)state;
    if (!read_text(text, &configuration, &why))
        fail_msg("%s", why.reason);
    assert_address(&configuration->serve, SERVE_PUBLIC, "[::]:443");
    assert_true(configuration->serve.addresses[SERVE_PUBLIC].is_any_family);
    assert_address(&configuration->serve, SERVE_PLAIN, "192.0.2.7:80");
    assert_address(&configuration->serve, SERVE_ADMIN, "none");
    assert_address(&configuration->serve, SERVE_MTLS, "[2001:db8::7]:9443");
    assert_int_equal(configuration->serve.name_count, 3);
    assert_string_equal(configuration->serve.names[0], "pki.example.org");
    assert_string_equal(configuration->serve.names[2], "2001:db8::7");
    assert_int_equal(configuration->serve.per_address, 7);
}

static void kb113_settings_that_contradict_each_other_are_refused(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } refusals[] = {
        {"serve:\n  mtls-listen: \":8443\"\n",
            "chancery.yaml, line 2, column 16: mtls-listen can't be at "
            "[::]:8443: listen is at that port already"},
        {"serve:\n  admin-listen: 127.0.0.1:8080\n",
            "chancery.yaml, line 2, column 17: admin-listen can't be at "
            "127.0.0.1:8080: http-listen is at that port already"},
        {"serve:\n  listen: 127.0.0.1:8444\n",
            "chancery.yaml, line 2, column 11: admin-listen can't be at "
            "127.0.0.1:8444: listen is at that port already"},
        {"serve:\n  http-listen: \":0\"\n",
            "chancery.yaml, line 2, column 16: port 0 is a port that nobody "
            "could be told of"},
        {"serve:\n  http-client-certificates: yes\n",
            "chancery.yaml, line 2, column 3: \"http-client-certificates\" is "
            "not known here; allowed: listen, http-listen, admin-listen, "
            "mtls-listen, names, connections-per-address"},
        {"serve:\n  listen: none\n  http-listen: none\n  admin-listen: none\n",
            "chancery.yaml, line 2, column 3: every listener is none: nothing "
            "would be served"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct configuration *configuration = NULL;
        struct failure why = {0};

        assert_false(read_text(refusals[i].text, &configuration, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, refusals[i].reason);
    }
}

/* Two addresses of one port are two listeners. */
static void one_port_at_two_addresses_is_no_contradiction(void **state)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(read_text("serve:\n  listen: 192.0.2.7:443\n"
                          "  mtls-listen: 192.0.2.8:443\n",
        &configuration, &why));
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const texts[] = {"", "8443", "localhost:8443",
        "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:0x50",
        "127.0.0.1:+1", "127.0.0.1: 1", "::1:8443", "[::1]", "[::1]8443",
        "[127.0.0.1]:1", "[]:1", "[:1", "]:1", "256.0.0.1:1", "1.2.3:1",
        "127.0.0.1:000080", "none:1", "[fe80::1%eth0]:1"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct serve_address address = {.port = 1};

        if (serve_address_fault(texts[i], &address) == NULL)
            fail_msg("\"%s\" is taken", texts[i]);
        assert_int_equal(address.port, 1);
    }
}

static void what_is_no_name_of_a_server_is_refused(void **state)
{
    static const char *const names[] = {"\"\"", "\"*.example.org\"",
        "\"https://a\"", "\"a:443\"", "\"a..b\"", "\"-a\"", "\"a-\"", "\"a.\"",
        "\"a b\"", "\"é.example\"", "[a]"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct configuration *configuration = NULL;
        struct failure why = {0};
        char text[128];

        (void)snprintf(text, sizeof(text), "serve:\n  names: [%s]\n", names[i]);
        if (read_text(text, &configuration, &why))
            fail_msg("%s is taken", names[i]);
        assert_non_null(strstr(why.reason, "line 2, column 11: "));
    }
}

static void connections_per_address_have_a_ceiling(void **state)
{
    static const char *const texts[] = {"0", "4097", "-1", "many", "1e3"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct configuration *configuration = NULL;
        struct failure why = {0};
        char text[128];

        (void)snprintf(text, sizeof(text),
            "serve:\n  connections-per-address: %s\n", texts[i]);
        assert_false(read_text(text, &configuration, &why));
        assert_string_equal(why.reason,
            "chancery.yaml, line 2, column 28: connections-per-address is a "
            "number from 1 to 4096");
    }
}

/* What init writes in comments is read when the comments are taken away. */
static void the_section_that_init_writes_in_comments_is_right(void **state)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    SCOPED_STRUCT(configuration) *configuration = NULL;
    char section[2048] = "";
    struct failure why = {0};
    const char *line = NULL;

    (void)state;
    assert_true(
        configuration_write_first("Example", "", NULL, false, 1, &text, &why));
    assert_true(buffer_as_text(&text, &line, &why));
    line = strstr(line, "# serve:");
    assert_non_null(line);
    while (line[0] == '#') {
        size_t length = strcspn(line, "\n") + 1;

        (void)snprintf(section + strlen(section),
            sizeof(section) - strlen(section), "%.*s", (int)length - 2,
            line + 2);
        line += length;
    }
    if (!read_text(section, &configuration, &why))
        fail_msg("%s", why.reason);
    assert_address(&configuration->serve, SERVE_PUBLIC, "[::]:8443");
    assert_address(&configuration->serve, SERVE_ADMIN, "127.0.0.1:8444");
    assert_int_equal(configuration->serve.name_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_section_three_listeners_are_served),
        cmocka_unit_test(a_section_says_each_address_and_name),
        cmocka_unit_test(kb113_settings_that_contradict_each_other_are_refused),
        cmocka_unit_test(one_port_at_two_addresses_is_no_contradiction),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(what_is_no_name_of_a_server_is_refused),
        cmocka_unit_test(connections_per_address_have_a_ceiling),
        cmocka_unit_test(the_section_that_init_writes_in_comments_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
