#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http_cases.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define END "\r\nHost: a\r\n\r\n"

static const struct http_case octets[] = {
    {"9112 2.2: LF ends the line", BYTES("GET / HTTP/1.1\n"), 400,
        HTTP_BARE_LF},
    {"9112 2.2: LF before the line", BYTES("\nGET / HTTP/1.1" END), 400,
        HTTP_BARE_LF},
    {"9112 2.2: LF in the target", BYTES("GET /\nx HTTP/1.1" END), 400,
        HTTP_BARE_LF},
    {"9112 2.2: CR in the target", BYTES("GET /\rx HTTP/1.1" END), 400,
        HTTP_BARE_CR},
    {"9112 2.2: CR in the method", BYTES("G\rET / HTTP/1.1" END), 400,
        HTTP_BARE_CR},
    {"9112 2.2: CR CR LF", BYTES("GET / HTTP/1.1\r\r\n"), 400, HTTP_BARE_CR},
    {"9112 2.2: CR before the line", BYTES("\rGET / HTTP/1.1" END), 400,
        HTTP_BARE_CR},
    {"NUL first", BYTES("\0GET / HTTP/1.1" END), 400, HTTP_NUL},
    {"NUL in the method", BYTES("GE\0T / HTTP/1.1" END), 400, HTTP_NUL},
    {"NUL in the target", BYTES("GET /\0 HTTP/1.1" END), 400, HTTP_NUL},
    {"NUL in the version", BYTES("GET / HTTP/1.1\0" END), 400, HTTP_NUL},
    {"0x01 in the target", BYTES("GET /\001 HTTP/1.1" END), 400, HTTP_CONTROL},
    {"BEL in the target", BYTES("GET /\a HTTP/1.1" END), 400, HTTP_CONTROL},
    {"BS in the target", BYTES("GET /\b HTTP/1.1" END), 400, HTTP_CONTROL},
    {"9112 3: VT for a space", BYTES("GET\v/ HTTP/1.1" END), 400, HTTP_CONTROL},
    {"9112 3: FF for a space", BYTES("GET\f/ HTTP/1.1" END), 400, HTTP_CONTROL},
    {"ESC in the target", BYTES("GET /\033[2J HTTP/1.1" END), 400,
        HTTP_CONTROL},
    {"0x1f in the target", BYTES("GET /\037 HTTP/1.1" END), 400, HTTP_CONTROL},
    {"DEL in the target", BYTES("GET /\177 HTTP/1.1" END), 400, HTTP_CONTROL},
    {"0x80 in the target", BYTES("GET /\200 HTTP/1.1" END), 400,
        HTTP_NON_ASCII},
    {"UTF-8 in the target", BYTES("GET /\303\251 HTTP/1.1" END), 400,
        HTTP_NON_ASCII},
    {"0xff in the method", BYTES("G\377T / HTTP/1.1" END), 400, HTTP_NON_ASCII},
    {"a no-break space for a space", BYTES("GET\240/ HTTP/1.1" END), 400,
        HTTP_NON_ASCII},
    {"a byte order mark", BYTES("\357\273\277GET / HTTP/1.1" END), 400,
        HTTP_NON_ASCII},
    {"a TLS hello", BYTES("\026\003\001\002\000\001"), 400, HTTP_CONTROL},
    {"an SSL 2 hello", BYTES("\200\056\001\003\001"), 400, HTTP_NON_ASCII},
};

static const struct http_case empty_lines[] = {
    {"9112 2.2: one CRLF before is passed", BYTES("\r\nGET / HTTP/1.1" END),
        TAKEN},
    {"two CRLFs before are not", BYTES("\r\n\r\nGET / HTTP/1.1" END), 400,
        HTTP_LEADING_LINES},
    {"a space and a CRLF before", BYTES(" \r\nGET / HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"a CRLF and a space before", BYTES("\r\n GET / HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
};

static const struct http_case spaces[] = {
    {"9112 3: before the method", BYTES(" GET / HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: two behind the method", BYTES("GET  / HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: two before the version", BYTES("GET /  HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: behind the version", BYTES("GET / HTTP/1.1 " END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: in the target", BYTES("GET /a b HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: in the version", BYTES("GET / HTTP/ 1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: two versions", BYTES("GET / HTTP/1.1 HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: a tab behind the method", BYTES("GET\t/ HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: a tab before the version", BYTES("GET /\tHTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: a tab in the target", BYTES("GET /\tx HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: a tab before the method", BYTES("\tGET / HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: a tab behind the version", BYTES("GET / HTTP/1.1\t" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: no target", BYTES("GET HTTP/1.1" END), 400, HTTP_LINE_MALFORMED},
    {"9112 3: an empty target", BYTES("GET  HTTP/1.1" END), 400,
        HTTP_LINE_WHITESPACE},
    {"9112 3: HTTP/0.9", BYTES("GET /\r\n"), 400, HTTP_LINE_MALFORMED},
    {"9112 3: one word", BYTES("GET" END), 400, HTTP_LINE_MALFORMED},
    {"9112 3: spaces alone", BYTES("   \r\n"), 400, HTTP_LINE_WHITESPACE},
    {"another protocol's greeting", BYTES("EHLO mail.example\r\n"), 400,
        HTTP_LINE_MALFORMED},
    {"an answer for a request", BYTES("HTTP/1.1 200 OK\r\n"), 400,
        HTTP_VERSION_MALFORMED},
};

static const struct http_case methods[] = {
    {"GET", BYTES("GET / HTTP/1.1" END), TAKEN},
    {"HEAD", BYTES("HEAD / HTTP/1.1" END), TAKEN},
    {"POST", BYTES("POST / HTTP/1.1" END), TAKEN},
    {"PUT", BYTES("PUT / HTTP/1.1" END), TAKEN},
    {"PATCH", BYTES("PATCH / HTTP/1.1" END), TAKEN},
    {"DELETE", BYTES("DELETE / HTTP/1.1" END), TAKEN},
    {"OPTIONS", BYTES("OPTIONS / HTTP/1.1" END), TAKEN},
    {"9110 9.1: methods have case", BYTES("get / HTTP/1.1" END), 501,
        HTTP_METHOD_UNKNOWN},
    {"9110 9.1: Get", BYTES("Get / HTTP/1.1" END), 501, HTTP_METHOD_UNKNOWN},
    {"9110 9.3.8: TRACE", BYTES("TRACE / HTTP/1.1" END), 501,
        HTTP_METHOD_UNKNOWN},
    {"9110 9.3.6: CONNECT", BYTES("CONNECT a:443 HTTP/1.1" END), 501,
        HTTP_METHOD_UNKNOWN},
    {"PROPFIND", BYTES("PROPFIND / HTTP/1.1" END), 501, HTTP_METHOD_UNKNOWN},
    {"GETT", BYTES("GETT / HTTP/1.1" END), 501, HTTP_METHOD_UNKNOWN},
    {"GE", BYTES("GE / HTTP/1.1" END), 501, HTTP_METHOD_UNKNOWN},
    {"a token of signs", BYTES("!#$%&'*+-.^_`|~ / HTTP/1.1" END), 501,
        HTTP_METHOD_UNKNOWN},
    {"9110 9.1: a colon", BYTES("GET: / HTTP/1.1" END), 400,
        HTTP_METHOD_MALFORMED},
    {"9110 9.1: a slash", BYTES("GET/ / HTTP/1.1" END), 400,
        HTTP_METHOD_MALFORMED},
    {"9110 9.1: quotes", BYTES("\"GET\" / HTTP/1.1" END), 400,
        HTTP_METHOD_MALFORMED},
    {"9110 9.1: brackets", BYTES("GET[] / HTTP/1.1" END), 400,
        HTTP_METHOD_MALFORMED},
    {"9110 9.1: a comma", BYTES("GET,POST / HTTP/1.1" END), 400,
        HTTP_METHOD_MALFORMED},
    {"9110 9.1: an at sign", BYTES("GET@ / HTTP/1.1" END), 400,
        HTTP_METHOD_MALFORMED},
};

static const struct http_case versions[] = {
    {"1.1", BYTES("GET / HTTP/1.1" END), TAKEN},
    {"1.0", BYTES("GET / HTTP/1.0" END), TAKEN},
    {"1.0 without Host", BYTES("GET / HTTP/1.0\r\n\r\n"), TAKEN},
    {"0.9", BYTES("GET / HTTP/0.9" END), 505, HTTP_VERSION_UNSUPPORTED},
    {"1.2", BYTES("GET / HTTP/1.2" END), 505, HTTP_VERSION_UNSUPPORTED},
    {"1.9", BYTES("GET / HTTP/1.9" END), 505, HTTP_VERSION_UNSUPPORTED},
    {"2.0", BYTES("GET / HTTP/2.0" END), 505, HTTP_VERSION_UNSUPPORTED},
    {"2.1", BYTES("GET / HTTP/2.1" END), 505, HTTP_VERSION_UNSUPPORTED},
    {"3.0", BYTES("GET / HTTP/3.0" END), 505, HTTP_VERSION_UNSUPPORTED},
    {"0.0", BYTES("GET / HTTP/0.0" END), 505, HTTP_VERSION_UNSUPPORTED},
    {"9113 3.4: HTTP/2's preface", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        505, HTTP_VERSION_UNSUPPORTED},
    {"9112 2.3: one digit", BYTES("GET / HTTP/1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: a digit too many", BYTES("GET / HTTP/1.10" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: a zero before", BYTES("GET / HTTP/01.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: no digit behind", BYTES("GET / HTTP/1." END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: no digit before", BYTES("GET / HTTP/.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: a comma", BYTES("GET / HTTP/1,1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: small letters", BYTES("GET / http/1.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: mixed letters", BYTES("GET / Http/1.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: a sign", BYTES("GET / HTTP/+1.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: a letter", BYTES("GET / HTTP/1.x" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: hexadecimal", BYTES("GET / HTTP/a.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: a dash", BYTES("GET / HTTP-1.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: another protocol", BYTES("GET / RTSP/1.0" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: HTTPS", BYTES("GET / HTTPS/1.1" END), 400,
        HTTP_VERSION_MALFORMED},
    {"9112 2.3: a word", BYTES("GET / x" END), 400, HTTP_VERSION_MALFORMED},
};

static const struct http_case targets[] = {
    {"9112 3.2.1: a path", BYTES("GET /a/b.c HTTP/1.1" END), TAKEN},
    {"9112 3.2.1: a query", BYTES("GET /a?b=c&d=e HTTP/1.1" END), TAKEN},
    {"9112 3.2.1: an empty query", BYTES("GET /? HTTP/1.1" END), TAKEN},
    {"9112 3.2.1: two question marks", BYTES("GET /?? HTTP/1.1" END), TAKEN},
    {"9112 3.2.1: empty segments", BYTES("GET //a//b HTTP/1.1" END), TAKEN},
    {"3986 3.3: all of pchar", BYTES("GET /-._~!$&'()*+,;=:@%41 HTTP/1.1" END),
        TAKEN},
    {"3986 3.2.2: brackets", BYTES("GET /?a[]=1 HTTP/1.1" END), TAKEN},
    {"9112 3.2: a fragment", BYTES("GET /#a HTTP/1.1" END), 400,
        HTTP_TARGET_FRAGMENT},
    {"9112 3.2: a fragment of the query", BYTES("GET /?a#b HTTP/1.1" END), 400,
        HTTP_TARGET_FRAGMENT},
    {"3986 2: a quote", BYTES("GET /\" HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"3986 2: less than", BYTES("GET /< HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"3986 2: greater than", BYTES("GET /> HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"3986 2: a backslash", BYTES("GET /\\x HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"3986 2: a caret", BYTES("GET /^ HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"3986 2: a grave accent", BYTES("GET /` HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"3986 2: a brace", BYTES("GET /{a} HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"3986 2: a bar", BYTES("GET /?a|b HTTP/1.1" END), 400,
        HTTP_TARGET_MALFORMED},
    {"9112 3.2.1: no slash", BYTES("GET a HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.1: a query alone", BYTES("GET ?a HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.1: a dot", BYTES("GET . HTTP/1.1" END), 400, HTTP_TARGET_FORM},
    {"9112 3.2.1: an escaped slash", BYTES("GET %2F HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.4: OPTIONS *", BYTES("OPTIONS * HTTP/1.1" END), TAKEN},
    {"9112 3.2.4: GET *", BYTES("GET * HTTP/1.1" END), 400, HTTP_TARGET_FORM},
    {"9112 3.2.4: OPTIONS **", BYTES("OPTIONS ** HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.3: an authority", BYTES("GET a:80 HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.2: http", BYTES("GET http://a/x HTTP/1.1" END), TAKEN},
    {"9112 3.2.2: https", BYTES("GET https://a/x?y HTTP/1.1" END), TAKEN},
    {"3986 3.1: the scheme has no case", BYTES("GET HTTP://a/ HTTP/1.1" END),
        TAKEN},
    {"9110 4.2.3: the host has no case", BYTES("GET http://A/ HTTP/1.1" END),
        TAKEN},
    {"9110 4.2.3: no path", BYTES("GET http://a HTTP/1.1" END), TAKEN},
    {"9110 4.2.3: a query alone", BYTES("GET http://a?x HTTP/1.1" END), TAKEN},
    {"9112 3.2.2: another host", BYTES("GET http://b/ HTTP/1.1" END), 400,
        HTTP_HOST_DIFFERS},
    {"9112 3.2.2: a longer host", BYTES("GET http://a.b/ HTTP/1.1" END), 400,
        HTTP_HOST_DIFFERS},
    {"9112 3.2.2: a port more", BYTES("GET http://a:80/ HTTP/1.1" END), 400,
        HTTP_HOST_DIFFERS},
    {"9110 4.2.4: a user", BYTES("GET http://u@a/ HTTP/1.1" END), 400,
        HTTP_TARGET_USER},
    {"9110 4.2.4: user and password", BYTES("GET http://u:p@a/ HTTP/1.1" END),
        400, HTTP_TARGET_USER},
    {"9110 4.2.1: no host", BYTES("GET http:/// HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9110 4.2.1: a host of nothing", BYTES("GET http://?x HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.2: one slash", BYTES("GET http:/a HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.2: ftp", BYTES("GET ftp://a/ HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.2: file", BYTES("GET file:///etc HTTP/1.1" END), 400,
        HTTP_TARGET_FORM},
    {"9112 3.2.2: 1.0, no Host", BYTES("GET http://a/ HTTP/1.0\r\n\r\n"),
        TAKEN},
    {"9112 3.2.2: 1.0, a bad host", BYTES("GET http://a:/ HTTP/1.0\r\n\r\n"),
        400, HTTP_HOST_INVALID},
};

static void octets_no_line_may_hold_are_refused(void **state)
{
    (void)state;
    http_check_heads(octets, COUNT(octets));
    http_check_heads(empty_lines, COUNT(empty_lines));
}

static void a_request_line_is_three_words_and_two_spaces(void **state)
{
    (void)state;
    http_check_heads(spaces, COUNT(spaces));
}

static void methods_and_versions_are_known_or_refused(void **state)
{
    (void)state;
    http_check_heads(methods, COUNT(methods));
    http_check_heads(versions, COUNT(versions));
}

static void targets_are_paths_or_addresses_of_this_host(void **state)
{
    (void)state;
    http_check_heads(targets, COUNT(targets));
}

/* A request whose line, without CRLF, has this length. */
static struct bytes line_of(size_t length, char *room)
{
    static const char start[] = "GET /", end[] = " HTTP/1.1" END;
    size_t fill = length - (sizeof(start) - 1) - strlen(" HTTP/1.1");

    memcpy(room, start, sizeof(start) - 1);
    memset(room + sizeof(start) - 1, 'a', fill);
    memcpy(room + sizeof(start) - 1 + fill, end, sizeof(end) - 1);
    return (struct bytes){
        (const uint8_t *)room, sizeof(start) - 1 + fill + sizeof(end) - 1};
}

static void a_request_line_may_have_16384_bytes_and_no_more(void **state)
{
    static char room[HTTP_REQUEST_LINE_MAX + 100];
    struct http_request_reader reader = {0};
    struct http_request request;
    enum http_rule broken = HTTP_NO_RULE;
    size_t used = 0;

    (void)state;
    assert_int_equal(
        http_request_feed(&reader, line_of(HTTP_REQUEST_LINE_MAX, room),
            &request, &used, &broken),
        HTTP_DONE);
    reader = (struct http_request_reader){0};
    assert_int_equal(
        http_request_feed(&reader, line_of(HTTP_REQUEST_LINE_MAX + 1, room),
            &request, &used, &broken),
        HTTP_REFUSED);
    assert_int_equal(broken, HTTP_LINE_LONG);
    assert_int_equal(http_rule_status(broken), 414);
    assert_true(http_rule_closes(broken));
}

/* It is refused as soon as it is seen, not when its end comes. */
static void a_long_line_is_refused_before_its_end(void **state)
{
    static char room[HTTP_REQUEST_LINE_MAX + 1];
    struct http_request_reader reader = {0};
    struct http_request request;
    enum http_rule broken = HTTP_NO_RULE;
    struct bytes bytes = {(const uint8_t *)room, HTTP_REQUEST_LINE_MAX};
    size_t used = 0;

    (void)state;
    memset(room, 'A', sizeof(room));
    assert_int_equal(
        http_request_feed(&reader, bytes, &request, &used, &broken), HTTP_MORE);
    bytes.length++;
    assert_int_equal(
        http_request_feed(&reader, bytes, &request, &used, &broken),
        HTTP_REFUSED);
    assert_int_equal(broken, HTTP_LINE_LONG);
}

static void assert_text(struct bytes view, const char *text)
{
    assert_int_equal(view.length, strlen(text));
    assert_memory_equal(view.start, text, view.length);
}

static void read_head(const char *text, struct http_request *request)
{
    struct http_request_reader reader = {0};
    enum http_rule broken = HTTP_NO_RULE;
    size_t used = 0;

    assert_int_equal(http_request_feed(
                         &reader, bytes_of_text(text), request, &used, &broken),
        HTTP_DONE);
    assert_int_equal(used, strlen(text));
}

static void a_target_is_parted_into_path_and_query(void **state)
{
    struct http_request request;

    (void)state;
    read_head("GET /a/%20?b=c?d HTTP/1.1" END, &request);
    assert_text(request.path, "/a/%20");
    assert_text(request.query, "b=c?d");
    assert_int_equal(request.authority.length, 0);
    read_head("GET /a HTTP/1.1" END, &request);
    assert_null(request.query.start);
    read_head("GET /a? HTTP/1.1" END, &request);
    assert_non_null(request.query.start);
    assert_int_equal(request.query.length, 0);
    read_head("GET http://A?x HTTP/1.1" END, &request);
    assert_text(request.path, "/");
    assert_text(request.query, "x");
    assert_text(request.authority, "A");
    assert_text(request.host.name, "a");
    read_head("GET http://b:81/y HTTP/1.0\r\n\r\n", &request);
    assert_text(request.path, "/y");
    assert_text(request.host.name, "b");
    assert_int_equal(request.host.port, 81);
    read_head("OPTIONS * HTTP/1.1" END, &request);
    assert_text(request.path, "*");
}

static void every_method_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(http_method_name(HTTP_GET), "GET");
    assert_string_equal(http_method_name(HTTP_OPTIONS), "OPTIONS");
    assert_string_equal(http_method_name(HTTP_METHOD_OTHER), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets_no_line_may_hold_are_refused),
        cmocka_unit_test(a_request_line_is_three_words_and_two_spaces),
        cmocka_unit_test(methods_and_versions_are_known_or_refused),
        cmocka_unit_test(targets_are_paths_or_addresses_of_this_host),
        cmocka_unit_test(a_request_line_may_have_16384_bytes_and_no_more),
        cmocka_unit_test(a_long_line_is_refused_before_its_end),
        cmocka_unit_test(a_target_is_parted_into_path_and_query),
        cmocka_unit_test(every_method_has_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
