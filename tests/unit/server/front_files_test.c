#include "front_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "server/front/addresses.h"
#include "server/front/answerers.h"
#include "server/front/files.h"

/* --- what may be had -------------------------------------------------------
 */

#define DIGITS "956729594a1b5e80d6c2e0898b87e5dc3255c8f70f936254081c0e14805b"

static void an_address_stands_for_one_file_of_a_type(void **state)
{
    static const struct {
        const char *path, *name, *type;
    } cases[] = {
        {"/roots", "roots.html", "text/html; charset=utf-8"},
        {"/roots.pem", "roots.pem", "application/x-pem-file"},
        {"/roots.mobileconfig", "roots.mobileconfig",
            "application/x-apple-aspen-config"},
        {"/intermediates.pem", "intermediates.pem", "application/x-pem-file"},
        {"/root/" DIGITS "00ff", "root/" DIGITS "00ff",
            "application/pkix-cert"},
        {"/root/" DIGITS "00FF", "root/" DIGITS "00ff",
            "application/pkix-cert"},
        {"/ca/issuing.cer", "ca/issuing.cer", "application/pkix-cert"},
        {"/ca/issuing.p7b", "ca/issuing.p7b", "application/pkcs7-mime"},
        {"/crl/issuing.crl", "crl/issuing.crl", "application/pkix-crl"},
        {"/crl/issuing-delta.crl", "crl/issuing-delta.crl",
            "application/pkix-crl"},
        {"/crl/issuing/7.crl", "crl/issuing/7.crl", "application/pkix-crl"},
        {"/certsrv/CertEnroll/cacerts.htm", "cacerts.htm",
            "text/html; charset=utf-8"},
        {"/CERTSRV/certenroll/CACERTS.HTM", "cacerts.htm",
            "text/html; charset=utf-8"},
        {"/CertEnroll/root.crt", "ca/root.cer", "application/pkix-cert"},
        {"/CertEnroll/root.crl", "crl/root.crl", "application/pkix-crl"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *type = NULL, *cached = NULL;
        char name[FILE_NAME_ROOM];
        struct failure why = {0};

        assert_true(files_name(cases[i].path, name, &type, &cached, &why));
        assert_string_equal(name, cases[i].name);
        assert_string_equal(type, cases[i].type);
        assert_non_null(cached);
    }
}

static void no_other_address_stands_for_a_file(void **state)
{
    static const char *const paths[] = {"/", "/roots.html", "/root/",
        "/root/00ff", "/root/" DIGITS "00fg", "/root/" DIGITS "00ff0",
        "/root/a/b", "/ca/", "/ca/.cer", "/ca/../keys/root.key", "/ca/..",
        "/ca//issuing.cer", "/ca/a/issuing.cer", "/ca/issuing", "/ca/x.pem/",
        "/crl/../../chancery.db", "/crl/a/b/c.crl", "/crl/.hidden.crl",
        "/crl/a\\b.crl", "/crl/a b.crl", "/crl/a\x01.crl", "/CertEnroll/",
        "/CertEnroll/../x.crl", "/CertEnroll/x/y.crl", "/CertEnroll/.crl",
        "/certsrv/CertEnroll/x.asp", "/ocsp/issuing.table", "/ca/issuing.key",
        "/crl/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
        "crl"};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        const char *type = NULL, *cached = NULL;
        char name[FILE_NAME_ROOM];
        struct failure why = {0};

        assert_false(files_name(paths[i], name, &type, &cached, &why));
        assert_int_equal(why.kind, FAILURE_NOT_FOUND);
        assert_string_equal(why.reason, "there is nothing at this address");
    }
}

/* --- files -----------------------------------------------------------------
 */

struct place {
    char directory[PATH_ROOM];
    struct files *files;
};

static void place_free(struct place *place)
{
    struct failure why;

    files_close(place->files);
    assert_true(folder_remove(place->directory, &why));
}

static void put(const struct place *place, const char *name, const char *words)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    assert_true(path_join(path, place->directory, name, &why));
    assert_true(
        file_write(path, bytes_of_text(words), 0644, FILE_REPLACE, &why));
}

static void make_folder(const struct place *place, const char *name)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    assert_true(path_join(path, place->directory, name, &why));
    assert_true(folder_make(path, 0755, &why));
}

static struct place make_place(void)
{
    struct place place = {.directory = "/tmp/chancery-files-XXXXXX"};
    struct failure why = {0};

    assert_non_null(mkdtemp(place.directory));
    make_folder(&place, "publish");
    make_folder(&place, "publish/crl");
    put(&place, "publish/crl/issuing.crl", "a list");
    put(&place, "secret", "not for them");
    assert_true(files_open(place.directory, &place.files, &why));
    return place;
}

static void a_file_is_served_until_another_takes_its_place(void **state)
{
    RELEASED(place) place = make_place();
    struct published *first = NULL, *again = NULL, *second = NULL;
    struct failure why = {0};
    char tag[HTTP_TAG_TEXT];

    (void)state;
    assert_true(files_find(place.files, "/crl/issuing.crl", &first, &why));
    assert_true(bytes_equal(first->content, bytes_of_text("a list")));
    assert_true(files_find(place.files, "/crl/issuing.crl", &again, &why));
    assert_ptr_equal(first, again);
    (void)snprintf(tag, sizeof(tag), "%s", first->tag);

    first = published_hold(first);
    put(&place, "publish/crl/issuing.crl", "b list");
    assert_true(files_find(place.files, "/crl/issuing.crl", &second, &why));
    assert_true(bytes_equal(second->content, bytes_of_text("b list")));
    assert_string_not_equal(second->tag, tag);
    /* Whoever reads the old one goes on. */
    assert_true(bytes_equal(first->content, bytes_of_text("a list")));
    published_release(first);
}

static void more_files_than_are_kept_are_served_all_the_same(void **state)
{
    RELEASED(place) place = make_place();
    struct failure why = {0};

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 100; i++) {
            struct published *found = NULL;
            char path[64], file[64];

            (void)snprintf(path, sizeof(path), "/crl/list-%d.crl", i);
            (void)snprintf(file, sizeof(file), "publish/crl/list-%d.crl", i);
            if (round == 0)
                put(&place, file, path);
            assert_true(files_find(place.files, path, &found, &why));
            assert_true(bytes_equal(found->content, bytes_of_text(path)));
        }
    }
}

static void no_link_is_followed_and_no_folder_served(void **state)
{
    static const char *const paths[] = {"/crl/link.crl", "/crl/away/secret.crl",
        "/crl/folder.crl", "/crl/missing.crl", "/ca/missing.cer"};
    RELEASED(place) place = make_place();
    struct failure why = {0};
    char path[PATH_ROOM];

    (void)state;
    assert_true(path_join(path, place.directory, "publish/crl/link.crl", &why));
    assert_int_equal(symlink("../../secret", path), 0);
    assert_true(path_join(path, place.directory, "publish/crl/away", &why));
    assert_int_equal(symlink("../..", path), 0);
    put(&place, "secret.crl", "not for them either");
    make_folder(&place, "publish/crl/folder.crl");
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct published *found = NULL;

        assert_false(files_find(place.files, paths[i], &found, &why));
        assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    }
}

/* --- addresses -------------------------------------------------------------
 */

static struct address address_read(const char *text)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct address address = {0};

    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1)
        memcpy(&storage, &ipv4, sizeof(ipv4));
    else if (inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1)
        memcpy(&storage, &ipv6, sizeof(ipv6));
    assert_true(address_of(&storage, &address));
    return address;
}

static void a_host_is_counted_by_all_the_addresses_it_has(void **state)
{
    const struct address one = address_read("2001:db8:1:2::1"),
                         same = address_read("2001:db8:1:2:ffff::9"),
                         other = address_read("2001:db8:1:3::1"),
                         old = address_read("192.0.2.7"),
                         mapped = address_read("::ffff:192.0.2.7");
    struct sockaddr_storage local = {.ss_family = AF_UNIX};
    struct address none = {0};

    (void)state;
    assert_true(address_equal(&one, &same));
    assert_false(address_equal(&one, &other));
    assert_true(address_equal(&old, &mapped));
    assert_string_equal(one.text, "2001:db8:1:2::1");
    assert_string_equal(mapped.text, "192.0.2.7");
    assert_false(address_of(&local, &none));
}

static void those_that_come_and_go_are_counted_right(void **state)
{
    enum { HOSTS = 200 };
    struct addresses *addresses = NULL;
    struct address hosts[HOSTS];
    size_t counts[HOSTS] = {0};
    struct failure why = {0};
    uint32_t random = 7;

    (void)state;
    assert_true(addresses_new(HOSTS, &addresses, &why));
    for (unsigned i = 0; i < HOSTS; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "10.0.%u.%u", i / 7, i % 7);
        hosts[i] = address_read(text);
    }
    for (int i = 0; i < 20000; i++) {
        size_t host;

        random = random * 1664525u + 1013904223u;
        host = random >> 8 & 0xff;
        host %= HOSTS;
        if ((random >> 20 & 1) != 0) {
            assert_true(addresses_enter(addresses, &hosts[host], &why));
            counts[host]++;
        } else {
            addresses_leave(addresses, &hosts[host]);
            counts[host] -= counts[host] > 0 ? 1 : 0;
        }
        assert_int_equal(
            addresses_count(addresses, &hosts[host]), counts[host]);
    }
    for (size_t i = 0; i < HOSTS; i++)
        assert_int_equal(addresses_count(addresses, &hosts[i]), counts[i]);
    addresses_free(addresses);
}

static void more_addresses_than_may_be_are_refused(void **state)
{
    struct addresses *addresses = NULL;
    struct failure why = {0};
    size_t entered = 0;

    (void)state;
    assert_true(addresses_new(8, &addresses, &why));
    for (unsigned i = 0; i < 100; i++) {
        struct address host;
        char text[32];

        (void)snprintf(text, sizeof(text), "10.0.0.%u", i);
        host = address_read(text);
        if (addresses_enter(addresses, &host, &why))
            entered++;
    }
    assert_int_equal(entered, 8);
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_non_null(strstr(why.reason, "8 addresses"));
    addresses_free(addresses);
}

/* --- what never changes --------------------------------------------------- */

/* The tag among the headers of the answer, with its quotes. */
static void get_tagged(struct scene *scene, int client, const char *path,
    const char *condition, const char *status, char tag[static HTTP_TAG_TEXT])
{
    char request[256];
    const char *heard, *found;
    bool closed;

    (void)snprintf(request, sizeof(request),
        "GET %s HTTP/1.1\r\nHost: ca.test\r\n%s\r\n", path, condition);
    client_say(client, request);
    heard = client_hear(scene, client, &closed);
    assert_ptr_equal(strstr(heard, status), heard);
    found = strstr(heard, "\r\nETag: ");
    assert_non_null(found);
    (void)snprintf(tag, HTTP_TAG_TEXT, "%s", found + strlen("\r\nETag: "));
    assert_true(tag[0] == '"' && tag[HTTP_TAG_TEXT - 2] == '"');
}

static void what_never_changes_keeps_a_tag_of_its_own(void **state)
{
    SCOPED_STRUCT(scene) *scene = scene_new(&front_limits);
    SCOPED_DESCRIPTOR int client = scene_client(scene, 1);
    char version[HTTP_TAG_TEXT], style[HTTP_TAG_TEXT], again[HTTP_TAG_TEXT];
    char condition[80];

    (void)state;
    scene->front->answerers[ROUTE_FRONT] = answer_constant;
    get_tagged(scene, client, "/version", "", "HTTP/1.1 200 OK\r\n", version);
    get_tagged(scene, client, "/style.css", "", "HTTP/1.1 200 OK\r\n", style);
    assert_string_not_equal(version, style);
    (void)snprintf(
        condition, sizeof(condition), "If-None-Match: %s\r\n", version);
    get_tagged(scene, client, "/version", condition,
        "HTTP/1.1 304 Not Modified\r\n", again);
    assert_string_equal(again, version);
    get_tagged(
        scene, client, "/style.css", condition, "HTTP/1.1 200 OK\r\n", again);
    assert_string_equal(again, style);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_stands_for_one_file_of_a_type),
        cmocka_unit_test(no_other_address_stands_for_a_file),
        cmocka_unit_test(a_file_is_served_until_another_takes_its_place),
        cmocka_unit_test(more_files_than_are_kept_are_served_all_the_same),
        cmocka_unit_test(no_link_is_followed_and_no_folder_served),
        cmocka_unit_test(a_host_is_counted_by_all_the_addresses_it_has),
        cmocka_unit_test(those_that_come_and_go_are_counted_right),
        cmocka_unit_test(more_addresses_than_may_be_are_refused),
        cmocka_unit_test(what_never_changes_keeps_a_tag_of_its_own),
    };

    log_open("front", LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
