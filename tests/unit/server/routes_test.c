#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "server/route.h"
#include "server/web/own_names.h"
#include "x509/general_name.h"

/* The table of routes, and what holds for every row whoever adds it. */

#define BIT(kind) LISTENER_BIT(LISTENER_##kind)

static bool begins_with(const char *path, const char *beginning)
{
    return strncmp(path, beginning, strlen(beginning)) == 0;
}

static void every_row_is_one_that_can_be_answered(void **state)
{
    (void)state;
    for (const struct route *route = routes(); route->path != NULL; route++) {
        const char *star = strchr(route->path, '*');

        assert_int_equal(route->path[0], '/');
        assert_true(star == NULL || star[1] == '\0');
        assert_true(route->methods != 0 && route->listeners != 0);
        if (route->place == ROUTE_KEEPER && route->handler == NULL)
            fail_msg("%s has no handler", route->path);
        if (route->place == ROUTE_FILE || route->place == ROUTE_FRONT) {
            assert_null(route->handler);
            assert_int_equal(route->body_max, 0);
            assert_int_equal(route->methods, EXCHANGE_GET);
        }
        /* Only what has a body is sent one. */
        if (route->methods == EXCHANGE_GET)
            assert_int_equal(route->body_max, 0);
    }
}

/* The first that fits is meant: none stands behind one that takes its paths. */
static void no_row_hides_behind_another(void **state)
{
    (void)state;
    for (const struct route *route = routes(); route->path != NULL; route++) {
        for (const struct route *before = routes(); before != route; before++) {
            size_t length = strcspn(before->path, "*");

            if (before->path[length] == '*' &&
                strncmp(before->path, route->path, length) == 0)
                fail_msg("%s hides %s", before->path, route->path);
        }
    }
}

/* Incidents 1, 2: nothing that comes over the network enters by these doors. */
static void incident1_no_route_opens_the_doors_within(void **state)
{
    (void)state;
    for (const struct route *route = routes(); route->path != NULL; route++) {
        if (route->handler == NULL)
            continue;
        assert_int_not_equal(route->door, DOOR_CONTROL);
        assert_int_not_equal(route->door, DOOR_FOUNDING);
        assert_int_not_equal(route->door, DOOR_OWN);
    }
}

static void the_admin_listener_alone_has_the_admin_pages(void **state)
{
    (void)state;
    for (const struct route *route = routes(); route->path != NULL; route++) {
        if (begins_with(route->path, "/admin"))
            assert_int_equal(route->listeners, BIT(ADMIN));
        if (route->door == DOOR_ADMIN && route->handler != NULL)
            assert_int_equal(route->listeners, BIT(ADMIN));
    }
}

/* Credentials are nobody's to read on the way. */
static void the_plain_listener_has_nothing_to_sign_in_to(void **state)
{
    (void)state;
    for (const struct route *route = routes(); route->path != NULL; route++) {
        if ((route->listeners & BIT(PLAIN)) == 0)
            continue;
        assert_int_equal(route->ways, WAY_ANYONE);
        if (route->place == ROUTE_FILE)
            assert_int_equal(route->listeners,
                BIT(PLAIN) | BIT(PUBLIC) | BIT(ADMIN) | BIT(MTLS));
    }
}

static void paths_are_found_by_their_row(void **state)
{
    static const struct {
        const char *path, *row;
    } rows[] = {
        {"/roots.pem", "/roots.pem"},
        {"/roots", "/roots"},
        {"/Roots", NULL},
        {"/roots/", NULL},
        {"/crl/issuing.crl", "/crl/*"},
        {"/certsrv/certenroll/cacerts.htm", "/certsrv/CertEnroll/*"},
        {"/CERTENROLL/x", "/CertEnroll/*"},
        {"/certsrv/", "/certsrv/*"},
        {"/CertSrv/certfnsh.asp", "/certsrv/*"},
        {"/ocsp", "/ocsp"},
        {"/ocsp/", "/ocsp/*"},
        {"/health", "/health"},
        {"/healthy", NULL},
        {"//roots", NULL},
        {"*", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct route *route = route_of(rows[i].path, LISTENER_PLAIN);

        assert_int_equal(route != NULL, rows[i].row != NULL);
        if (route != NULL)
            assert_string_equal(route->path, rows[i].row);
    }
}

/* --- the server's own names ------------------------------------------------
 */

static void assert_own_names(
    const struct configuration *configuration, const char *expected)
{
    RELEASED(buffer) names = BUFFER("names", 4096);
    RELEASED(buffer) printed = BUFFER("names", 4096);
    struct der_reader reader;
    struct failure why = {0};
    const char *text = NULL;

    assert_true(own_names_write(configuration, &names, &why));
    reader = der_reader_of(buffer_view(&names));
    while (!der_at_end(&reader)) {
        struct general_name name = {0};

        assert_true(general_name_next(&reader, &name, &why));
        assert_true(general_name_print(&name, &printed, &why));
        assert_true(buffer_append_byte(&printed, ' ', &why));
    }
    assert_true(buffer_as_text(&printed, &text, &why));
    assert_string_equal(text, expected);
}

static void the_servers_own_names_are_those_declared(void **state)
{
    static const struct {
        const char *url, *expected;
    } rows[] = {
        {"", "dns:localhost ip:127.0.0.1 ip:::1 "},
        {"http://localhost:8080", "dns:localhost ip:127.0.0.1 ip:::1 "},
        {"https://pki.example.org",
            "dns:pki.example.org dns:localhost ip:127.0.0.1 ip:::1 "},
        {"https://pki.example.org:8443/a?b#c",
            "dns:pki.example.org dns:localhost ip:127.0.0.1 ip:::1 "},
        {"http://[2001:db8::7]:80/",
            "ip:2001:db8::7 dns:localhost ip:127.0.0.1 ip:::1 "},
        {"http://127.0.0.1/", "ip:127.0.0.1 dns:localhost ip:::1 "},
        /* What can't be certified is left out, and the others are not. */
        {"http://no_name_/", "dns:localhost ip:127.0.0.1 ip:::1 "},
    };
    static struct configuration configuration;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        (void)snprintf(
            configuration.url, sizeof(configuration.url), "%s", rows[i].url);
        assert_own_names(&configuration, rows[i].expected);
    }
    (void)snprintf(
        configuration.serve.names[0], SERVE_NAME_ROOM, "ca.example.org");
    (void)snprintf(configuration.serve.names[1], SERVE_NAME_ROOM, "127.0.0.1");
    configuration.serve.name_count = 2;
    (void)snprintf(
        configuration.url, sizeof(configuration.url), "http://ca.example.org");
    assert_own_names(&configuration,
        "dns:ca.example.org ip:127.0.0.1 dns:localhost ip:::1 ");
}

/* --- the list that was looked at ------------------------------------------ */

static void add_methods(
    const struct route *route, struct buffer *out, struct failure *why)
{
    static const struct {
        enum exchange_method method;
        const char *name;
    } rows[] = {{EXCHANGE_GET, " GET"}, {EXCHANGE_POST, " POST"},
        {EXCHANGE_PUT, " PUT"}, {EXCHANGE_PATCH, " PATCH"},
        {EXCHANGE_DELETE, " DELETE"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if ((route->methods & rows[i].method) != 0)
            assert_true(buffer_append_text(out, rows[i].name, why));
    }
}

static void add_listener(
    enum listener listener, struct buffer *out, struct failure *why)
{
    assert_true(buffer_print(out, why, "%s:\n", listener_name(listener)));
    for (const struct route *route = routes(); route->path != NULL; route++) {
        if ((route->listeners & LISTENER_BIT(listener)) == 0)
            continue;
        assert_true(buffer_print(out, why, "    %s", route->path));
        add_methods(route, out, why);
        assert_true(buffer_append_byte(out, '\n', why));
    }
}

/* Who opens a path to a listener changes tests/golden/routes.txt with it, and
 * so it is seen. */
static void incident10_every_listener_has_the_paths_that_are_listed(
    void **state)
{
    RELEASED(buffer) found = BUFFER("routes", 64 * 1024);
    RELEASED(buffer) listed = BUFFER("routes", 64 * 1024);
    const char *found_text = NULL, *listed_text = NULL;
    struct failure why = {0};

    (void)state;
    for (int i = 0; i < LISTENER_KINDS; i++)
        add_listener((enum listener)i, &found, &why);
    assert_true(
        file_read(PROJECT_FOLDER "/tests/golden/routes.txt", &listed, &why));
    assert_true(buffer_as_text(&found, &found_text, &why));
    assert_true(buffer_as_text(&listed, &listed_text, &why));
    assert_string_equal(found_text, listed_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_one_that_can_be_answered),
        cmocka_unit_test(no_row_hides_behind_another),
        cmocka_unit_test(incident1_no_route_opens_the_doors_within),
        cmocka_unit_test(the_admin_listener_alone_has_the_admin_pages),
        cmocka_unit_test(the_plain_listener_has_nothing_to_sign_in_to),
        cmocka_unit_test(paths_are_found_by_their_row),
        cmocka_unit_test(the_servers_own_names_are_those_declared),
        cmocka_unit_test(
            incident10_every_listener_has_the_paths_that_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
