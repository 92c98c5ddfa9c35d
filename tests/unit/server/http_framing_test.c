#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http_cases.h"
#include "server/http/response.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define WITH(lines) BYTES(POST lines "\r\n\r\n")
#define LENGTH(value) BYTES(POST "Content-Length:" value "\r\n\r\n")
#define CODING(value) BYTES(POST "Transfer-Encoding:" value "\r\n\r\n")

static const struct http_case lengths[] = {
    {"9110 8.6: none", WITH("A: b"), TAKEN},
    {"9110 8.6: zero", LENGTH(" 0"), TAKEN},
    {"9110 8.6: zeros", LENGTH(" 000"), TAKEN},
    {"9110 8.6: five", LENGTH(" 5"), TAKEN},
    {"9110 8.6: a zero before", LENGTH(" 05"), TAKEN},
    {"9110 8.6: blanks around", LENGTH("\t 5 \t"), TAKEN},
    {"9110 8.6: 18 digits", LENGTH(" 999999999999999999"), TAKEN},
    {"9110 8.6: 19 digits", LENGTH(" 1000000000000000000"), 400,
        HTTP_LENGTH_OVERFLOW},
    {"9110 8.6: 2^63", LENGTH(" 9223372036854775808"), 400,
        HTTP_LENGTH_OVERFLOW},
    {"9110 8.6: 2^64", LENGTH(" 18446744073709551616"), 400,
        HTTP_LENGTH_OVERFLOW},
    {"9110 8.6: 2^64 and 5", LENGTH(" 18446744073709551621"), 400,
        HTTP_LENGTH_OVERFLOW},
    {"9110 8.6: zeros beyond all room", LENGTH(" 0000000000000000005"), 400,
        HTTP_LENGTH_OVERFLOW},
    {"9112 6.3: empty", LENGTH(""), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: blanks", LENGTH("  "), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a plus", LENGTH(" +5"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a minus", LENGTH(" -5"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: minus nothing", LENGTH(" -0"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: hexadecimal", LENGTH(" 0x5"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a hexadecimal digit", LENGTH(" a"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a space inside", LENGTH(" 1 0"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a tab inside", LENGTH(" 1\t0"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a point", LENGTH(" 5.0"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: an exponent", LENGTH(" 1e1"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: an underscore", LENGTH(" 1_0"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: quotes", LENGTH(" \"5\""), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a semicolon", LENGTH(" 5;"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a list of one", LENGTH(" 5,"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a list of equals", LENGTH(" 5, 5"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a list of others", LENGTH(" 5, 6"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: a word", LENGTH(" chunked"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: octal", LENGTH(" 0o5"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: words behind", LENGTH(" 5 bytes"), 400, HTTP_LENGTH_MALFORMED},
    {"9112 6.3: two equal ones", WITH("Content-Length: 5\r\nContent-Length: 5"),
        400, HTTP_LENGTH_TWICE},
    {"9112 6.3: two others", WITH("Content-Length: 5\r\nContent-Length: 6"),
        400, HTTP_LENGTH_TWICE},
    {"9112 6.3: two of either case",
        WITH("Content-Length: 5\r\ncontent-length: 0"), 400, HTTP_LENGTH_TWICE},
    {"9112 6.3: two, something between",
        WITH("Content-Length: 5\r\nA: b\r\nContent-Length: 5"), 400,
        HTTP_LENGTH_TWICE},
    {"9112 6.3: two, one empty", WITH("Content-Length: 5\r\nContent-Length:"),
        400, HTTP_LENGTH_TWICE},
    {"another name", WITH("Content_Length: x"), TAKEN},
    {"another name with a suffix", WITH("Content-Length-X: x"), TAKEN},
};

static const struct http_case codings[] = {
    {"9112 7.1: chunked", CODING(" chunked"), TAKEN},
    {"9112 7: codings have no case", CODING(" CHUNKED"), TAKEN},
    {"9112 7: mixed letters", CODING(" Chunked"), TAKEN},
    {"9112 7.1: blanks around", CODING("\t chunked \t"), TAKEN},
    {"9112 6.1: with a length",
        WITH("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400,
        HTTP_LENGTH_WITH_CODING},
    {"9112 6.1: before a length",
        WITH("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400,
        HTTP_LENGTH_WITH_CODING},
    {"9112 6.1: with a length of nothing",
        WITH("Content-Length: 0\r\nTransfer-Encoding: chunked"), 400,
        HTTP_LENGTH_WITH_CODING},
    {"9112 6.1: unknown, with a length",
        WITH("Content-Length: 5\r\nTransfer-Encoding: x"), 400,
        HTTP_LENGTH_WITH_CODING},
    {"9112 6.1: empty, with a length",
        WITH("Content-Length: 5\r\nTransfer-Encoding:"), 400,
        HTTP_LENGTH_WITH_CODING},
    {"9112 6.1: identity, with a length",
        WITH("Content-Length: 5\r\nTransfer-Encoding: identity"), 400,
        HTTP_LENGTH_WITH_CODING},
    {"9112 6.1: in HTTP/1.0",
        BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400,
        HTTP_CODING_IN_1_0},
    {"9112 6.1: with a length in HTTP/1.0",
        BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"
              "Content-Length: 5\r\n\r\n"),
        400, HTTP_LENGTH_WITH_CODING},
    {"9112 6.1: twice",
        WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400,
        HTTP_CODING_TWICE},
    {"9112 6.1: two others",
        WITH("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"), 400,
        HTTP_CODING_TWICE},
    {"9112 6.1: two, the second unknown",
        WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: x"), 400,
        HTTP_CODING_TWICE},
    {"9112 6.1: chunked twice in a list", CODING(" chunked, chunked"), 400,
        HTTP_CODING_TWICE},
    {"9112 6.1: around another", CODING(" chunked, gzip, chunked"), 400,
        HTTP_CODING_TWICE},
    {"9112 6.3: not last", CODING(" chunked, gzip"), 400, HTTP_CODING_NOT_LAST},
    {"9112 6.3: not last but identity", CODING(" chunked, identity"), 400,
        HTTP_CODING_NOT_LAST},
    {"9112 6.1: gzip and chunked", CODING(" gzip, chunked"), 501,
        HTTP_CODING_UNKNOWN},
    {"9112 6.1: identity and chunked", CODING(" identity, chunked"), 501,
        HTTP_CODING_UNKNOWN},
    {"9112 6.1: gzip", CODING(" gzip"), 501, HTTP_CODING_UNKNOWN},
    {"9112 6.1: identity", CODING(" identity"), 501, HTTP_CODING_UNKNOWN},
    {"9112 6.1: a longer word", CODING(" xchunked"), 501, HTTP_CODING_UNKNOWN},
    {"9112 6.1: a shorter word", CODING(" chunke"), 501, HTTP_CODING_UNKNOWN},
    {"9112 6.1: chunked-ish", CODING(" chunked-false"), 501,
        HTTP_CODING_UNKNOWN},
    {"9112 6.1: empty", CODING(""), 400, HTTP_CODING_MALFORMED},
    {"9112 6.1: a comma", CODING(" ,"), 400, HTTP_CODING_MALFORMED},
    {"9112 6.1: a comma behind", CODING(" chunked,"), 400,
        HTTP_CODING_MALFORMED},
    {"9112 6.1: a comma before", CODING(" ,chunked"), 400,
        HTTP_CODING_MALFORMED},
    {"9112 7: a parameter", CODING(" chunked;a=b"), 400, HTTP_CODING_MALFORMED},
    {"9112 7: a semicolon", CODING(" chunked;"), 400, HTTP_CODING_MALFORMED},
    {"9112 7: quotes", CODING(" \"chunked\""), 400, HTTP_CODING_MALFORMED},
    {"9112 7: two words", CODING(" chunked gzip"), 400, HTTP_CODING_MALFORMED},
    {"9112 7: a tab inside", CODING(" chun\tked"), 400, HTTP_CODING_MALFORMED},
    {"9112 7: VT before", CODING("\vchunked"), 400, HTTP_CONTROL},
    {"9112 7: NUL behind", CODING(" chunked\0"), 400, HTTP_NUL},
    {"9112 5.2: folded", CODING("\r\n chunked"), 400, HTTP_FIELD_FOLDED},
    {"another name", WITH("Transfer_Encoding: chunked"), TAKEN},
    {"TE is no framing", WITH("TE: trailers"), TAKEN},
};

static const struct http_case others[] = {
    {"9110 10.1.1: 100-continue",
        WITH("Content-Length: 5\r\nExpect: 100-continue"), TAKEN},
    {"9110 10.1.1: expectations have no case",
        WITH("Content-Length: 5\r\nExpect: 100-Continue"), TAKEN},
    {"9110 10.1.1: without a body", WITH("Expect: 100-continue"), TAKEN},
    {"9110 10.1.1: another", WITH("Expect: 200-ok"), 417, HTTP_EXPECTATION},
    {"9110 10.1.1: empty", WITH("Expect:"), 417, HTTP_EXPECTATION},
    {"9110 10.1.1: two", WITH("Expect: 100-continue\r\nExpect: a"), 417,
        HTTP_EXPECTATION},
    {"9110 10.1.1: a list", WITH("Expect: 100-continue, a"), 417,
        HTTP_EXPECTATION},
    {"9110 10.1.1: a parameter", WITH("Expect: 100-continue;a"), 417,
        HTTP_EXPECTATION},
    {"9110 10.1.1: not looked at in HTTP/1.0",
        BYTES("POST / HTTP/1.0\r\nExpect: a\r\n\r\n"), TAKEN},
    {"9110 8.4: gzip", WITH("Content-Encoding: gzip"), 415,
        HTTP_CONTENT_CODING},
    {"9110 8.4: identity", WITH("Content-Encoding: identity"), 415,
        HTTP_CONTENT_CODING},
    {"9110 8.4: empty", WITH("Content-Encoding:"), 415, HTTP_CONTENT_CODING},
    {"9110 8.4: a list", WITH("Content-Encoding: gzip, br"), 415,
        HTTP_CONTENT_CODING},
    {"the frame comes before the coding",
        WITH("Content-Encoding: gzip\r\nContent-Length: x"), 400,
        HTTP_LENGTH_MALFORMED},
    {"the frame comes before the method",
        BYTES("X / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"), 400,
        HTTP_LENGTH_MALFORMED},
    {"9110 7.8: an upgrade is passed over",
        WITH("Connection: Upgrade\r\nUpgrade: h2c"), TAKEN},
};

static void a_length_is_digits_once(void **state)
{
    (void)state;
    http_check_heads(lengths, COUNT(lengths));
}

static void a_transfer_coding_is_chunked_alone(void **state)
{
    (void)state;
    http_check_heads(codings, COUNT(codings));
}

static void expectations_and_content_codings_are_refused(void **state)
{
    (void)state;
    http_check_heads(others, COUNT(others));
}

static enum http_step read_head(
    const char *text, struct http_request *request, enum http_rule *broken)
{
    struct http_request_reader reader = {0};
    size_t used = 0;

    *broken = HTTP_NO_RULE;
    return http_request_feed(
        &reader, bytes_of_text(text), request, &used, broken);
}

static void a_sound_frame_lets_a_refused_request_be_drained(void **state)
{
    struct http_request request = {0};
    enum http_rule broken;

    (void)state;
    assert_int_equal(read_head("BREW / HTTP/1.1\r\nHost: a\r\n"
                               "Content-Length: 5\r\n\r\n",
                         &request, &broken),
        HTTP_REFUSED);
    assert_int_equal(broken, HTTP_METHOD_UNKNOWN);
    assert_int_equal(request.content_length, 5);
    assert_true(http_connection_ends(&request, broken, false));
    assert_false(http_connection_ends(&request, broken, true));
    assert_int_equal(
        read_head(POST "Content-Encoding: br\r\n\r\n", &request, &broken),
        HTTP_REFUSED);
    assert_false(http_connection_ends(&request, broken, false));
    assert_int_equal(
        read_head(POST "Expect: b\r\n\r\n", &request, &broken), HTTP_REFUSED);
    assert_true(http_connection_ends(&request, broken, true));
}

static void a_connection_goes_on_unless_it_is_closed(void **state)
{
    static const struct {
        const char *head;
        bool keeps_alive;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: a\r\n"
         "Connection: close\r\n\r\n",
            false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_request request = {0};
        enum http_rule broken;

        assert_int_equal(read_head(rows[i].head, &request, &broken), HTTP_DONE);
        assert_int_equal(request.keeps_alive, rows[i].keeps_alive);
        assert_int_equal(http_connection_ends(&request, HTTP_NO_RULE, true),
            !rows[i].keeps_alive);
    }
}

/* RFC 9110, 10.1.1: not for HTTP/1.0, not without a body, and not when the
 * body is on its way. */
static void a_body_is_asked_for_when_it_is_waited_with(void **state)
{
    struct http_request request = {0};
    enum http_rule broken;

    (void)state;
    assert_int_equal(read_head(POST "Content-Length: 5\r\n"
                                    "Expect: 100-continue\r\n\r\n",
                         &request, &broken),
        HTTP_DONE);
    assert_true(http_wants_continue(&request, 0));
    assert_false(http_wants_continue(&request, 1));
    assert_true(http_connection_ends(&request, HTTP_NO_RULE, false));
    assert_int_equal(read_head(POST "Transfer-Encoding: chunked\r\n"
                                    "Expect: 100-continue\r\n\r\n",
                         &request, &broken),
        HTTP_DONE);
    assert_true(http_wants_continue(&request, 0));
    assert_int_equal(read_head(POST "Content-Length: 0\r\n"
                                    "Expect: 100-continue\r\n\r\n",
                         &request, &broken),
        HTTP_DONE);
    assert_false(http_wants_continue(&request, 0));
    assert_int_equal(read_head("POST / HTTP/1.0\r\nContent-Length: 5\r\n"
                               "Expect: 100-continue\r\n\r\n",
                         &request, &broken),
        HTTP_DONE);
    assert_false(http_wants_continue(&request, 0));
}

/* A rule that was added without its words would show them to nobody. */
static void every_rule_has_status_name_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < HTTP_RULE_COUNT; i++) {
        enum http_rule rule = (enum http_rule)i;

        assert_non_null(http_rule_name(rule));
        assert_non_null(http_rule_sentence(rule));
        assert_non_null(http_rule_reference(rule));
        if (rule != HTTP_NO_RULE)
            assert_true(http_rule_status(rule) >= 400);
        assert_string_not_equal(
            http_status_phrase(http_rule_status(rule)), "Unknown");
    }
}

static void a_rule_becomes_a_failure_of_its_kind(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_false(http_rule_fail(HTTP_BARE_LF, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(
        why.reason, "a line ends with a line feed alone (RFC 9112, 2.2)");
    assert_false(http_rule_fail(HTTP_BODY_LONG, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_false(http_rule_fail(HTTP_MEMORY, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_is_digits_once),
        cmocka_unit_test(a_transfer_coding_is_chunked_alone),
        cmocka_unit_test(expectations_and_content_codings_are_refused),
        cmocka_unit_test(a_sound_frame_lets_a_refused_request_be_drained),
        cmocka_unit_test(a_connection_goes_on_unless_it_is_closed),
        cmocka_unit_test(a_body_is_asked_for_when_it_is_waited_with),
        cmocka_unit_test(every_rule_has_status_name_and_words),
        cmocka_unit_test(a_rule_becomes_a_failure_of_its_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
