#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http_cases.h"
#include "server/http/syntax.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define GET "GET / HTTP/1.1\r\n"
/* A whole head with this line, and one that ends after it. */
#define WITH(line) BYTES(GET "Host: a\r\n" line "\r\n\r\n")
#define HOST(value) BYTES(GET "Host:" value "\r\n\r\n")

static const struct http_case lines[] = {
    {"9112 5: name and value", WITH("A: b"), TAKEN},
    {"9112 5: no space behind the colon", WITH("A:b"), TAKEN},
    {"9112 5: white space around", WITH("A: \t b \t "), TAKEN},
    {"9110 5.5: an empty value", WITH("A:"), TAKEN},
    {"9110 5.5: blanks alone", WITH("A:  \t"), TAKEN},
    {"9110 5.5: a tab inside", WITH("A: b\tc"), TAKEN},
    {"9110 5.5: colons inside", WITH("A: b:c"), TAKEN},
    {"9110 5.1: all of tchar", WITH("!#$%&'*+-.^_`|~09azAZ: b"), TAKEN},
    {"9110 5.5: all visible signs", WITH("A: !\"#$%&'()*+,-./:;<=>?@[\\]^"),
        TAKEN},
    {"9110 5.3: unknown names may repeat", WITH("A: b\r\nA: c"), TAKEN},
    {"9112 5.1: a space before the colon", WITH("A : b"), 400,
        HTTP_FIELD_SPACE},
    {"9112 5.1: a tab before the colon", WITH("A\t: b"), 400, HTTP_FIELD_SPACE},
    {"9112 5.1: two spaces before the colon", WITH("A  : b"), 400,
        HTTP_FIELD_SPACE},
    {"9112 5.1: before Content-Length's", WITH("Content-Length : 5"), 400,
        HTTP_FIELD_SPACE},
    {"9112 5.1: before Transfer-Encoding's",
        WITH("Transfer-Encoding : chunked"), 400, HTTP_FIELD_SPACE},
    {"9112 5.2: a folded line", WITH("A: b\r\n c"), 400, HTTP_FIELD_FOLDED},
    {"9112 5.2: folded with a tab", WITH("A: b\r\n\tc"), 400,
        HTTP_FIELD_FOLDED},
    {"9112 5.2: a fold of blanks", WITH("A: b\r\n "), 400, HTTP_FIELD_FOLDED},
    {"9112 5.2: a folded name", WITH("A\r\n : b"), 400, HTTP_FIELD_COLON},
    {"9112 5.2: a folded length", WITH("Content-Length:\r\n 5"), 400,
        HTTP_FIELD_FOLDED},
    {"9112 2.2: blanks before the first", BYTES(GET " A: b\r\nHost: a\r\n\r\n"),
        400, HTTP_FIELD_BEFORE},
    {"9112 2.2: a tab before the first", BYTES(GET "\tHost: a\r\n\r\n"), 400,
        HTTP_FIELD_BEFORE},
    {"9112 2.2: a line of a space", BYTES(GET " \r\nHost: a\r\n\r\n"), 400,
        HTTP_FIELD_BEFORE},
    {"9112 5: no colon", WITH("A"), 400, HTTP_FIELD_COLON},
    {"9112 5: a sentence", WITH("A b"), 400, HTTP_FIELD_COLON},
    {"9112 5: a request line again", WITH("GET / HTTP/1.1"), 400,
        HTTP_FIELD_COLON},
    {"9112 5: no name", WITH(": b"), 400, HTTP_FIELD_NAMELESS},
    {"9112 5: a colon alone", WITH(":"), 400, HTTP_FIELD_NAMELESS},
    {"9113 8.3: a pseudo header", WITH(":path: /"), 400, HTTP_FIELD_NAMELESS},
    {"9110 5.1: a space in the name", WITH("A B: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: a slash", WITH("A/B: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: parentheses", WITH("A(): c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: an at sign", WITH("A@: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: a comma", WITH("A,B: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: quotes", WITH("\"A\": c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: a semicolon", WITH("A;: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: an equals sign", WITH("A=: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: a question mark", WITH("A?: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: brackets", WITH("A[]: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: a backslash", WITH("A\\: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: braces", WITH("A{}: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: a tab in the name", WITH("A\tB: c"), 400, HTTP_FIELD_NAME},
    {"9110 5.1: less than", WITH("<A: c"), 400, HTTP_FIELD_NAME},
};

static const struct http_case octets[] = {
    {"9112 2.2: LF ends a line", BYTES(GET "A: b\nHost: a\r\n\r\n"), 400,
        HTTP_BARE_LF},
    {"9112 2.2: LF ends the section", BYTES(GET "Host: a\r\n\n"), 400,
        HTTP_BARE_LF},
    {"9112 2.2: two LF end the section", BYTES(GET "Host: a\n\n"), 400,
        HTTP_BARE_LF},
    {"9112 2.2: CR in a value", WITH("A: b\rc"), 400, HTTP_BARE_CR},
    {"9112 2.2: CR hides a header", WITH("A: b\rContent-Length: 5"), 400,
        HTTP_BARE_CR},
    {"9112 2.2: CR in a name", WITH("A\rB: c"), 400, HTTP_BARE_CR},
    {"9112 2.2: CR CR LF", WITH("A: b\r"), 400, HTTP_BARE_CR},
    {"9112 2.2: CR begins a line", WITH("\rA: b"), 400, HTTP_BARE_CR},
    {"9110 5.5: NUL in a value", WITH("A: b\0c"), 400, HTTP_NUL},
    {"9110 5.5: NUL ends a value", WITH("A: b\0"), 400, HTTP_NUL},
    {"9110 5.5: NUL in a name", WITH("A\0: b"), 400, HTTP_NUL},
    {"9110 5.5: 0x01", WITH("A: \001"), 400, HTTP_CONTROL},
    {"9110 5.5: VT before the colon", WITH("A\v: b"), 400, HTTP_CONTROL},
    {"9110 5.5: VT before the value", WITH("A:\vb"), 400, HTTP_CONTROL},
    {"9110 5.5: FF", WITH("A: \f"), 400, HTTP_CONTROL},
    {"9110 5.5: ESC", WITH("A: \033[1m"), 400, HTTP_CONTROL},
    {"9110 5.5: BS", WITH("A: b\b"), 400, HTTP_CONTROL},
    {"9110 5.5: DEL", WITH("A: \177"), 400, HTTP_CONTROL},
    {"9110 5.5: 0x1f", WITH("A: \037"), 400, HTTP_CONTROL},
    {"9110 5.5: 0x80", WITH("A: \200"), 400, HTTP_NON_ASCII},
    {"9110 5.5: UTF-8", WITH("A: \303\251"), 400, HTTP_NON_ASCII},
    {"9110 5.5: Latin-1", WITH("A: \351"), 400, HTTP_NON_ASCII},
    {"9110 5.1: UTF-8 in a name", WITH("\303\251: b"), 400, HTTP_NON_ASCII},
    {"9110 5.5: 0xff", WITH("A: \377"), 400, HTTP_NON_ASCII},
    {"9110 5.5: 0x85 for an end", WITH("A: b\205B: c"), 400, HTTP_NON_ASCII},
};

static const struct http_case hosts[] = {
    {"9112 3.2: a name", HOST(" example.org"), TAKEN},
    {"9112 3.2: no space", HOST("example.org"), TAKEN},
    {"9110 7.2: a port", HOST(" a:8443"), TAKEN},
    {"9110 7.2: the last port", HOST(" a:65535"), TAKEN},
    {"1034 3.1: a dot behind", HOST(" example.org."), TAKEN},
    {"a hyphen and an underscore", HOST(" a-b_c"), TAKEN},
    {"3986 3.2.2: IPv4", HOST(" 192.0.2.1"), TAKEN},
    {"3986 3.2.2: IPv4 and a port", HOST(" 192.0.2.1:80"), TAKEN},
    {"3986 3.2.2: IPv6", HOST(" [2001:db8::1]"), TAKEN},
    {"3986 3.2.2: IPv6 and a port", HOST(" [::1]:8443"), TAKEN},
    {"3986 3.2.2: IPv4 in IPv6", HOST(" [::ffff:192.0.2.1]"), TAKEN},
    {"digits in a label before the last", HOST(" 1.2.example"), TAKEN},
    {"9112 3.2: none", BYTES(GET "A: b\r\n\r\n"), 400, HTTP_HOST_MISSING},
    {"9112 3.2: no header at all", BYTES(GET "\r\n"), 400, HTTP_HOST_MISSING},
    {"9112 3.2: two", BYTES(GET "Host: a\r\nHost: b\r\n\r\n"), 400,
        HTTP_HOST_TWICE},
    {"9112 3.2: the same twice", BYTES(GET "Host: a\r\nhost: a\r\n\r\n"), 400,
        HTTP_HOST_TWICE},
    {"9112 3.2: two in HTTP/1.0",
        BYTES("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400,
        HTTP_HOST_TWICE},
    {"9112 3.2: a bad one in HTTP/1.0",
        BYTES("GET / HTTP/1.0\r\nHost: a/b\r\n\r\n"), 400, HTTP_HOST_INVALID},
    {"9112 3.2: empty", HOST(""), 400, HTTP_HOST_INVALID},
    {"9112 3.2: a blank", HOST(" "), 400, HTTP_HOST_INVALID},
    {"9112 3.2: a list", HOST(" a, b"), 400, HTTP_HOST_INVALID},
    {"9112 3.2: two words", HOST(" a b"), 400, HTTP_HOST_INVALID},
    {"3986 3.2: a user", HOST(" u@a"), 400, HTTP_HOST_INVALID},
    {"3986 3.2: a path", HOST(" a/b"), 400, HTTP_HOST_INVALID},
    {"3986 3.2: a query", HOST(" a?b"), 400, HTTP_HOST_INVALID},
    {"3986 3.2: a fragment", HOST(" a#b"), 400, HTTP_HOST_INVALID},
    {"3986 3.2: an address", HOST(" http://a"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: an escape", HOST(" a%2e"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: quotes", HOST(" \"a\""), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: a sub-delimiter", HOST(" a$b"), 400, HTTP_HOST_INVALID},
    {"a star", HOST(" *.example"), 400, HTTP_HOST_INVALID},
    {"a template's braces", HOST(" {{a}}"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: an empty port", HOST(" a:"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: port 0", HOST(" a:0"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: port 65536", HOST(" a:65536"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: six digits", HOST(" a:000080"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: a sign", HOST(" a:+80"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: a letter", HOST(" a:8a"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: two ports", HOST(" a:80:80"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.3: a port alone", HOST(" :80"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: IPv6 without brackets", HOST(" ::1"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: an open bracket", HOST(" [::1"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: empty brackets", HOST(" []"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: a name in brackets", HOST(" [a]"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: IPv4 in brackets", HOST(" [192.0.2.1]"), 400,
        HTTP_HOST_INVALID},
    {"6874: a zone", HOST(" [fe80::1%25eth0]"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: behind the bracket", HOST(" [::1]a"), 400, HTTP_HOST_INVALID},
    {"3986 3.2.2: a future address", HOST(" [v1.a]"), 400, HTTP_HOST_INVALID},
    {"URL 3.5: a short IPv4", HOST(" 127.1"), 400, HTTP_HOST_INVALID},
    {"URL 3.5: a number", HOST(" 2130706433"), 400, HTTP_HOST_INVALID},
    {"URL 3.5: IPv4 out of range", HOST(" 256.1.1.1"), 400, HTTP_HOST_INVALID},
    {"URL 3.5: IPv4 and a dot", HOST(" 192.0.2.1."), 400, HTTP_HOST_INVALID},
    {"1035 2.3.1: a dot before", HOST(" .a"), 400, HTTP_HOST_INVALID},
    {"1035 2.3.1: two dots", HOST(" a..b"), 400, HTTP_HOST_INVALID},
    {"1035 2.3.1: a dot alone", HOST(" ."), 400, HTTP_HOST_INVALID},
    {"1035 2.3.4: a label of 64",
        HOST(" aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaa"),
        400, HTTP_HOST_INVALID},
};

static const struct http_case single[] = {
    {"9110 8.3: Content-Type twice",
        WITH("Content-Type: a/b\r\ncontent-type: a/b"), 400, HTTP_FIELD_TWICE},
    {"9110 11.6.2: Authorization twice",
        WITH("Authorization: a\r\nAuthorization: b"), 400, HTTP_FIELD_TWICE},
    {"6454 7.3: Origin twice", WITH("Origin: null\r\nOrigin: https://a"), 400,
        HTTP_FIELD_TWICE},
    {"9110 13.1.3: If-Modified-Since twice",
        WITH("If-Modified-Since: a\r\nIf-Modified-Since: a"), 400,
        HTTP_FIELD_TWICE},
    {"9110 10.1.3: Referer twice", WITH("Referer: a\r\nReferer: b"), 400,
        HTTP_FIELD_TWICE},
    {"9110 10.1.5: User-Agent twice", WITH("User-Agent: a\r\nUser-Agent: b"),
        400, HTTP_FIELD_TWICE},
    {"9110 12.5.1: Accept is a list", WITH("Accept: a/b\r\nAccept: c/d"),
        TAKEN},
    {"9110 13.1.2: If-None-Match is a list",
        WITH("If-None-Match: \"a\"\r\nIf-None-Match: \"b\""), TAKEN},
};

static void lines_that_are_no_fields_are_refused(void **state)
{
    (void)state;
    http_check_heads(lines, COUNT(lines));
    http_check_heads(octets, COUNT(octets));
}

static void a_request_names_one_host_and_a_valid_one(void **state)
{
    (void)state;
    http_check_heads(hosts, COUNT(hosts));
}

static void fields_that_are_no_lists_stand_once(void **state)
{
    (void)state;
    http_check_heads(single, COUNT(single));
}

/* Feeds a head of a first line and count lines of the given length. */
static enum http_step feed_lines(
    size_t count, size_t length, enum http_rule *broken)
{
    RELEASED(buffer) head = BUFFER("head", 1000000);
    struct http_request_reader reader = {0};
    struct http_request request;
    struct failure why = {0};
    size_t used = 0;

    assert_true(buffer_append_text(&head, GET "Host: a\r\n", &why));
    for (size_t i = 1; i < count; i++) {
        assert_true(buffer_append_text(&head, "A:", &why));
        for (size_t j = 2; j < length; j++)
            assert_true(buffer_append_byte(&head, 'b', &why));
        assert_true(buffer_append_text(&head, "\r\n", &why));
    }
    assert_true(buffer_append_text(&head, "\r\n", &why));
    return http_request_feed(
        &reader, buffer_view(&head), &request, &used, broken);
}

static void a_hundred_lines_are_taken_and_no_more(void **state)
{
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    assert_int_equal(feed_lines(HTTP_FIELDS_MAX, 10, &broken), HTTP_DONE);
    assert_int_equal(
        feed_lines(HTTP_FIELDS_MAX + 1, 10, &broken), HTTP_REFUSED);
    assert_int_equal(broken, HTTP_FIELDS_MANY);
    assert_int_equal(http_rule_status(broken), 431);
}

static void a_line_of_8192_bytes_is_taken_and_no_longer_one(void **state)
{
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    assert_int_equal(feed_lines(2, HTTP_FIELD_LINE_MAX, &broken), HTTP_DONE);
    assert_int_equal(
        feed_lines(2, HTTP_FIELD_LINE_MAX + 1, &broken), HTTP_REFUSED);
    assert_int_equal(broken, HTTP_FIELD_LONG);
    assert_int_equal(http_rule_status(broken), 431);
}

/* "Host: a" and the empty line are 11 bytes with their ends; the other 32757
 * are 61 lines of 537. */
static void a_section_of_32768_bytes_is_taken_and_no_longer_one(void **state)
{
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    assert_int_equal(feed_lines(62, 535, &broken), HTTP_DONE);
    assert_int_equal(feed_lines(62, 536, &broken), HTTP_REFUSED);
    assert_int_equal(broken, HTTP_SECTION_LONG);
    assert_int_equal(http_rule_status(broken), 431);
}

static void read_head(const char *text, struct http_request *request)
{
    struct http_request_reader reader = {0};
    enum http_rule broken = HTTP_NO_RULE;
    size_t used = 0;

    assert_int_equal(http_request_feed(
                         &reader, bytes_of_text(text), request, &used, &broken),
        HTTP_DONE);
}

static void fields_are_found_in_any_case_and_trimmed(void **state)
{
    struct http_request request;
    struct bytes value;

    (void)state;
    read_head(
        GET "Host: a\r\nX-One: \t b c\t \r\nx-one: d, E\r\n\r\n", &request);
    assert_int_equal(request.field_count, 3);
    assert_true(http_request_field(&request, "x-ONE", &value));
    assert_true(bytes_equal(value, bytes_of_text("b c")));
    assert_true(
        bytes_equal(http_request_name(&request, 2), bytes_of_text("x-one")));
    assert_true(http_request_lists(&request, "X-One", "e"));
    assert_true(http_request_lists(&request, "X-One", "b c"));
    assert_false(http_request_lists(&request, "X-One", "b"));
    assert_false(http_request_field(&request, "X-On", &value));
}

static void hosts_are_parted_into_name_and_port(void **state)
{
    struct http_host host;
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    assert_true(
        http_host_read(bytes_of_text("[2001:db8::1]:8443"), &host, &broken));
    assert_true(bytes_equal(host.name, bytes_of_text("2001:db8::1")));
    assert_int_equal(host.port, 8443);
    assert_true(host.is_address);
    assert_true(http_host_read(bytes_of_text("a.example"), &host, &broken));
    assert_int_equal(host.port, 0);
    assert_false(host.is_address);
}

/* Pipelining: the second request begins where the first has ended. */
static void two_requests_in_one_piece_are_read_one_by_one(void **state)
{
    static const char text[] = GET "Host: a\r\n\r\n"
                                   "HEAD /b HTTP/1.1\r\nHost: c\r\n\r\n";
    struct http_request_reader reader = {0};
    struct http_request request;
    struct bytes rest = bytes_of_text(text);
    enum http_rule broken = HTTP_NO_RULE;
    size_t used = 0;

    (void)state;
    assert_int_equal(
        http_request_feed(&reader, rest, &request, &used, &broken), HTTP_DONE);
    assert_int_equal(used, strlen(GET "Host: a\r\n\r\n"));
    rest = http_slice(rest, used, rest.length - used);
    reader = (struct http_request_reader){0};
    assert_int_equal(
        http_request_feed(&reader, rest, &request, &used, &broken), HTTP_DONE);
    assert_int_equal(request.method, HTTP_HEAD);
    assert_int_equal(used, rest.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_are_no_fields_are_refused),
        cmocka_unit_test(a_request_names_one_host_and_a_valid_one),
        cmocka_unit_test(fields_that_are_no_lists_stand_once),
        cmocka_unit_test(a_hundred_lines_are_taken_and_no_more),
        cmocka_unit_test(a_line_of_8192_bytes_is_taken_and_no_longer_one),
        cmocka_unit_test(a_section_of_32768_bytes_is_taken_and_no_longer_one),
        cmocka_unit_test(fields_are_found_in_any_case_and_trimmed),
        cmocka_unit_test(hosts_are_parted_into_name_and_port),
        cmocka_unit_test(two_requests_in_one_piece_are_read_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
