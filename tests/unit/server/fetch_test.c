#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/fetch_rule.h"
#include "server/http_answer.h"

/* What the validator reads and judges, without a network; with hostile servers:
 * tests/integration/test_fetch.py. */

/* --- addresses as text ---------------------------------------------------- */

static void assert_url(
    const char *text, const char *host, uint16_t port, const char *target)
{
    struct fetch_url url = {0};
    struct failure why = {0};

    print_message("%s\n", text);
    assert_true(fetch_url_read(bytes_of_text(text), &url, &why));
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_string_equal(url.target, target);
}

static void assert_no_url(
    const char *text, enum failure_kind kind, const char *reason)
{
    struct fetch_url url = {0};
    struct failure why = {0};

    print_message("%s\n", text);
    assert_false(fetch_url_read(bytes_of_text(text), &url, &why));
    assert_non_null(strstr(why.reason, reason));
    assert_int_equal(why.kind, kind);
}

static void an_address_has_a_host_a_port_and_a_target(void **state)
{
    (void)state;
    assert_url("http://ca.example/a.crl", "ca.example", 80, "/a.crl");
    assert_url("HTTP://CA.example", "CA.example", 80, "/");
    assert_url("http://ca.example:8080/", "ca.example", 8080, "/");
    assert_url("http://ca.example:/a", "ca.example", 80, "/a");
    assert_url("http://ca.example?a=b#c", "ca.example", 80, "/?a=b");
    assert_url("http://[2001:db8::1]:443/x", "2001:db8::1", 443, "/x");
    assert_url("http://a_b-c.1/", "a_b-c.1", 80, "/");
}

static void another_scheme_is_refused_by_its_name(void **state)
{
    (void)state;
    assert_no_url("https://a/", FAILURE_FORBIDDEN, "https is not followed");
    assert_no_url("ldap:///cn=a", FAILURE_FORBIDDEN, "ldap is not followed");
    assert_no_url(
        "file:///etc/passwd", FAILURE_FORBIDDEN, "file is not followed");
    assert_no_url("gopher://a/", FAILURE_FORBIDDEN, "gopher is not");
    assert_no_url("//a/b", FAILURE_MALFORMED, "no address");
    assert_no_url("", FAILURE_MALFORMED, "no address");
    assert_no_url("ca.example/a", FAILURE_MALFORMED, "no address");
}

static void an_address_that_hides_something_is_refused(void **state)
{
    (void)state;
    assert_no_url(
        "http://a:b@c/", FAILURE_FORBIDDEN, "name or password in an address");
    assert_no_url("http:///a", FAILURE_MALFORMED, "no host");
    assert_no_url("http://a/b c", FAILURE_MALFORMED, "a blank");
    assert_no_url("http://a/\r\nHost: b", FAILURE_MALFORMED, "a blank");
    assert_no_url("http://a\\b/", FAILURE_MALFORMED, "no name and no address");
    assert_no_url("http://a%2e/", FAILURE_MALFORMED, "no name and no address");
    assert_no_url("http://[::1/", FAILURE_MALFORMED, "without end");
    assert_no_url("http://[::1]x/", FAILURE_MALFORMED, "behind its host");
    assert_no_url("http://a:99999/", FAILURE_FORBIDDEN, "no port 99999");
    assert_no_url("http://a:0/", FAILURE_FORBIDDEN, "no port 0");
    assert_no_url("http://a:8x/", FAILURE_MALFORMED, "port of no number");
    assert_no_url("http://a:+8/", FAILURE_MALFORMED, "port of no number");
}

static void an_address_has_a_limit(void **state)
{
    char text[FETCH_URL_MAX + 2];
    struct fetch_url url = {0};
    struct failure why = {0};

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "http://b/", 9);
    text[FETCH_URL_MAX] = '\0';
    assert_true(fetch_url_read(bytes_of_text(text), &url, &why));
    assert_int_equal(strlen(url.target), FETCH_URL_MAX - strlen("http://b"));
    text[FETCH_URL_MAX] = 'a';
    text[FETCH_URL_MAX + 1] = '\0';
    assert_no_url(text, FAILURE_MALFORMED, "longer than 1024 bytes");
    text[7 + FETCH_HOST_ROOM] = '\0';
    memset(text + 7, 'a', FETCH_HOST_ROOM);
    assert_no_url(text, FAILURE_MALFORMED, "longer than 253 bytes");
}

static void a_redirect_keeps_the_host_only_with_a_path(void **state)
{
    struct fetch_url from = {0}, url = {0};
    struct failure why = {0};

    (void)state;
    assert_true(fetch_url_read(bytes_of_text("http://a:8080/b"), &from, &why));
    assert_true(fetch_url_follow(&from, bytes_of_text("/c?d#e"), &url, &why));
    assert_string_equal(url.host, "a");
    assert_int_equal(url.port, 8080);
    assert_string_equal(url.target, "/c?d");
    assert_true(
        fetch_url_follow(&from, bytes_of_text("http://f/"), &url, &why));
    assert_string_equal(url.host, "f");
    assert_int_equal(url.port, 80);
    assert_false(fetch_url_follow(&from, bytes_of_text("//f/"), &url, &why));
    assert_false(fetch_url_follow(&from, bytes_of_text("c"), &url, &why));
    assert_false(fetch_url_follow(&from, bytes_of_text("/c d"), &url, &why));
}

/* --- where a connection may go -------------------------------------------- */

struct place {
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } of;
};

static struct place place_of(const char *address)
{
    struct place place = {0};

    if (inet_pton(AF_INET, address, &place.of.four.sin_addr) == 1)
        place.of.four.sin_family = AF_INET;
    else {
        assert_int_equal(
            inet_pton(AF_INET6, address, &place.of.six.sin6_addr), 1);
        place.of.six.sin6_family = AF_INET6;
    }
    return place;
}

static bool judge(const char *allowed, const char *address, uint16_t port,
    struct failure *why)
{
    const struct place place = place_of(address);
    struct fetch_rule rule = {0};

    print_message(
        "%s:%u %s\n", address, (unsigned)port, allowed == NULL ? "" : allowed);
    if (allowed != NULL)
        assert_true(fetch_rule_read(allowed, &rule, why));
    return fetch_rules_judge(
        &rule, allowed == NULL ? 0 : 1, "ca.example", &place.of.any, port, why);
}

static void an_address_of_another_machine_is_let_through(void **state)
{
    const char *const addresses[] = {"192.0.2.1", "10.1.2.3", "192.168.1.1",
        "172.16.0.1", "2001:db8::1", "fd12::1", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "223.255.255.255", "1.0.0.0"};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        assert_true(judge(NULL, addresses[i], 80, &why));
        assert_true(judge(NULL, addresses[i], 443, &why));
        assert_false(judge(NULL, addresses[i], 8080, &why));
        assert_int_equal(why.kind, FAILURE_FORBIDDEN);
        assert_non_null(strstr(why.reason, "port 8080 is none of 80 and 443"));
    }
}

static void a_special_address_is_refused_and_named(void **state)
{
    const struct {
        const char *address, *what;
    } cases[] = {{"127.0.0.1", "loopback"}, {"127.255.255.255", "loopback"},
        {"::1", "loopback"}, {"::ffff:127.0.0.1", "loopback"},
        {"::127.0.0.1", "loopback"}, {"64:ff9b::127.0.0.1", "loopback"},
        {"169.254.1.1", "link-local"}, {"fe80::1", "link-local"},
        {"febf::1", "link-local"}, {"fec0::1", "site-local"},
        {"224.0.0.1", "multicast"}, {"239.255.255.255", "multicast"},
        {"ff02::1", "multicast"}, {"0.0.0.0", "unspecified"},
        {"0.1.2.3", "unspecified"}, {"::", "unspecified"},
        {"255.255.255.255", "reserved"}, {"240.0.0.1", "reserved"},
        {"169.254.169.254", "secrets"}, {"100.100.100.200", "secrets"},
        {"64:ff9b::169.254.169.254", "secrets"}, {"fd00:ec2::254", "secrets"},
        {"2002:7f00:1::1", "a tunnel"}, {"2001::1", "a tunnel"},
        {"64:ff9b:1::1", "translation"}, {"::ffff:0:127.0.0.1", "translation"}};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_false(judge(NULL, cases[i].address, 80, &why));
        assert_int_equal(why.kind, FAILURE_FORBIDDEN);
        assert_non_null(strstr(why.reason, cases[i].what));
        assert_non_null(strstr(why.reason, "--fetch-allow"));
    }
}

static void a_rule_lets_one_place_through_on_one_port(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(judge("127.0.0.1", "127.0.0.1", 80, &why));
    assert_true(judge("127.0.0.1", "127.0.0.1", 443, &why));
    assert_false(judge("127.0.0.1", "127.0.0.1", 8080, &why));
    assert_false(judge("127.0.0.1", "127.0.0.2", 80, &why));
    assert_true(judge("127.0.0.1:8080", "127.0.0.1", 8080, &why));
    assert_true(judge("127.0.0.1:8080", "::ffff:127.0.0.1", 8080, &why));
    assert_false(judge("127.0.0.1:8080", "127.0.0.1", 80, &why));
    assert_true(judge("127.0.0.0/8", "127.200.0.1", 80, &why));
    assert_true(judge("10.0.0.0/9:8080", "10.127.0.1", 8080, &why));
    assert_false(judge("10.0.0.0/9:8080", "10.128.0.1", 8080, &why));
    assert_true(judge("0.0.0.0/0:22", "192.0.2.1", 22, &why));
    assert_true(judge("::1", "::1", 80, &why));
    assert_true(judge("[::1]:8080", "::1", 8080, &why));
    assert_false(judge("[::1]:8080", "::1", 80, &why));
    assert_true(judge("fe80::/10", "fe80::1", 80, &why));
    assert_true(judge("[fe80::]/10:8080", "fe80::1", 8080, &why));
}

static void a_host_that_is_named_is_let_through_wherever_it_is(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(judge("ca.example", "127.0.0.1", 80, &why));
    assert_true(judge("CA.EXAMPLE:8080", "127.0.0.1", 8080, &why));
    assert_false(judge("ca.example:8080", "127.0.0.1", 80, &why));
    assert_false(judge("other.example", "127.0.0.1", 80, &why));
    assert_false(judge("example", "127.0.0.1", 80, &why));
}

static void a_rule_that_is_none_is_refused(void **state)
{
    const char *const texts[] = {"", ":80", "a b", "10.0.0.0/33", "::/129",
        "10.0.0.0/", "10.0.0.0/-1", "a/8", "a:0", "a:65536", "a:b", "[::1",
        "[10.0.0.1]:80", "[a]:80", "[::1]80", "[::1]:", "::1]:80", "*",
        "10.0.0.0/8/8", "http://a/", "a,b", "10.0.0.0/8x"};
    struct fetch_rule rule = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct failure why = {0};

        print_message("%s\n", texts[i]);
        assert_false(fetch_rule_read(texts[i], &rule, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

/* --- answers -------------------------------------------------------------- */

static bool read_head(
    const char *text, struct http_answer *answer, struct failure *why)
{
    print_message("%s\n", text);
    assert_int_equal(http_head_end(bytes_of_text(text)), strlen(text));
    return http_answer_read(bytes_of_text(text), answer, why);
}

static void a_head_is_read(void **state)
{
    struct http_answer answer = {0};
    struct failure why = {0};

    (void)state;
    assert_true(read_head("HTTP/1.1 200 OK\r\ncontent-length:  12 \r\n"
                          "Content-Type: text/html; charset=utf-8\r\n"
                          "Content-Encoding: identity\r\nX-Other: a: b\r\n\r\n",
        &answer, &why));
    assert_int_equal(answer.status, 200);
    assert_true(answer.has_length && answer.length == 12);
    assert_false(answer.is_chunked);
    assert_true(bytes_equal(answer.type, bytes_of_text("text/html")));
    assert_true(read_head("HTTP/1.0 302\r\nLocation: /a\r\n"
                          "Transfer-Encoding: Chunked\r\n\r\n",
        &answer, &why));
    assert_true(answer.is_chunked && !answer.has_length);
    assert_true(bytes_equal(answer.location, bytes_of_text("/a")));
    assert_int_equal(http_head_end(bytes_of_text("HTTP/1.1 200\r\n\r")), 0);
}

static void a_head_that_may_be_read_in_two_ways_is_refused(void **state)
{
    const char *const heads[] = {"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: nameless\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n",
        "HTTP/1.1 200\r\nTransfer-Encoding:chunked\r\nContent-Length:1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 999 What\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "\r\n\r\n"};
    struct http_answer answer = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        struct failure why = {0};

        assert_false(read_head(heads[i], &answer, &why));
        assert_true(
            why.kind == FAILURE_MALFORMED || why.kind == FAILURE_FORBIDDEN);
    }
}

static void a_head_has_a_hundred_fields_at_most(void **state)
{
    RELEASED(buffer) head = BUFFER("a head", HTTP_HEAD_MAX);
    struct http_answer answer = {0};
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&head, "HTTP/1.1 200 OK\r\n", &why));
    for (int i = 0; i <= HTTP_FIELDS_MAX; i++)
        assert_true(buffer_append_text(&head, "A: b\r\n", &why));
    assert_true(buffer_append_text(&head, "\r\n", &why));
    assert_false(http_answer_read(buffer_view(&head), &answer, &why));
    assert_non_null(strstr(why.reason, "more than 100 fields"));
}

/* However the pieces are cut. */
static void a_body_in_chunks_is_put_together(void **state)
{
    const char text[] = "4\r\nfour\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\n"
                        "Trailer: a\r\n\r\n";

    (void)state;
    for (size_t width = 1; width < sizeof(text); width++) {
        RELEASED(buffer) body = BUFFER("a body", 100);
        struct http_chunks chunks = {0};
        struct failure why = {0};

        for (size_t at = 0; at < strlen(text); at += width) {
            size_t left = strlen(text) - at;

            assert_true(http_chunks_take(&chunks,
                (struct bytes){
                    (const uint8_t *)text + at, left < width ? left : width},
                &body, &why));
        }
        assert_int_equal(chunks.at, CHUNKS_ENDED);
        assert_true(
            bytes_equal(buffer_view(&body), bytes_of_text("four0123456789")));
    }
}

static void chunks_that_are_wrong_are_refused(void **state)
{
    const struct {
        const char *text, *reason;
    } cases[] = {{"x\r\n", "size that is no number"},
        {"\r\n", "size that is no number"},
        {"-1\r\n", "size that is no number"},
        {"fffffffffffffffff\r\n", "size that is no number"},
        {"1\r\nab\r\n", "longer than its size"},
        {"0\r\n\r\nmore", "behind its last chunk"},
        {"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", "the line of"},
        {"ff\r\n0123456789012345678901234567890123456789", "a body"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        RELEASED(buffer) body = BUFFER("a body", 32);
        struct http_chunks chunks = {0};
        struct failure why = {0};

        print_message("%s\n", cases[i].text);
        assert_false(http_chunks_take(
            &chunks, bytes_of_text(cases[i].text), &body, &why));
        assert_non_null(strstr(why.reason, cases[i].reason));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_a_host_a_port_and_a_target),
        cmocka_unit_test(another_scheme_is_refused_by_its_name),
        cmocka_unit_test(an_address_that_hides_something_is_refused),
        cmocka_unit_test(an_address_has_a_limit),
        cmocka_unit_test(a_redirect_keeps_the_host_only_with_a_path),
        cmocka_unit_test(an_address_of_another_machine_is_let_through),
        cmocka_unit_test(a_special_address_is_refused_and_named),
        cmocka_unit_test(a_rule_lets_one_place_through_on_one_port),
        cmocka_unit_test(a_host_that_is_named_is_let_through_wherever_it_is),
        cmocka_unit_test(a_rule_that_is_none_is_refused),
        cmocka_unit_test(a_head_is_read),
        cmocka_unit_test(a_head_that_may_be_read_in_two_ways_is_refused),
        cmocka_unit_test(a_head_has_a_hundred_fields_at_most),
        cmocka_unit_test(a_body_in_chunks_is_put_together),
        cmocka_unit_test(chunks_that_are_wrong_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
