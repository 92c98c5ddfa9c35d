#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http_cases.h"
#include "server/http/body.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKS(body) BYTES(POST "Transfer-Encoding: chunked\r\n\r\n" body)
#define COUNTED(length, body) \
    BYTES(POST "Content-Length: " length "\r\n\r\n" body)
/* What the route of these rows takes. */
#define LIMIT 1000

static const struct http_case counted[] = {
    {"9112 6.3: no body", BYTES(POST "\r\n"), TAKEN},
    {"9112 6.2: nothing", COUNTED("0", ""), TAKEN},
    {"9112 6.2: five bytes", COUNTED("5", "hello"), TAKEN},
    {"9112 6.2: any bytes", COUNTED("6", "\0\r\n\n\r\377"), TAKEN},
    {"9112 6.2: what looks like a request", COUNTED("9", "GET / HTT"), TAKEN},
    {"9110 15.5.14: a byte too many", COUNTED("1001", ""), 413, HTTP_BODY_LONG},
    {"9110 15.5.14: the most that can be said",
        COUNTED("999999999999999999", ""), 413, HTTP_BODY_LONG},
};

static const struct http_case chunks[] = {
    {"9112 7.1: none", CHUNKS("0\r\n\r\n"), TAKEN},
    {"9112 7.1: one", CHUNKS("5\r\nhello\r\n0\r\n\r\n"), TAKEN},
    {"9112 7.1: three", CHUNKS("1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n"),
        TAKEN},
    {"9112 7.1: capital digits", CHUNKS("A\r\n0123456789\r\n0\r\n\r\n"), TAKEN},
    {"9112 7.1: small digits", CHUNKS("a\r\n0123456789\r\n0\r\n\r\n"), TAKEN},
    {"9112 7.1: zeros before", CHUNKS("0005\r\nhello\r\n0\r\n\r\n"), TAKEN},
    {"9112 7.1: zeros at the end", CHUNKS("000\r\n\r\n"), TAKEN},
    {"9112 7.1: any bytes", CHUNKS("7\r\n0\r\n\r\n\0\377\r\n0\r\n\r\n"), TAKEN},
    {"9112 7.1: 15 digits", CHUNKS("000000000000001\r\na\r\n0\r\n\r\n"), TAKEN},
    {"9112 7.1: 16 digits", CHUNKS("0000000000000001\r\n"), 400,
        HTTP_CHUNK_OVERFLOW},
    {"9112 7.1: 2^64 and 5", CHUNKS("10000000000000005\r\n"), 400,
        HTTP_CHUNK_OVERFLOW},
    {"9112 7.1: 2^64 - 1", CHUNKS("ffffffffffffffff\r\n"), 400,
        HTTP_CHUNK_OVERFLOW},
    {"9112 7.1: 2^60 - 1", CHUNKS("fffffffffffffff\r\n"), 413, HTTP_BODY_LONG},
    {"9112 7.1: an empty size", CHUNKS("\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a plus", CHUNKS("+5\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a minus", CHUNKS("-5\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: 0x", CHUNKS("0x5\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a space before", CHUNKS(" 5\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a space behind", CHUNKS("5 \r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a tab behind", CHUNKS("5\t\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a tab before", CHUNKS("\t5\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a letter", CHUNKS("g\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a letter behind", CHUNKS("5g\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: an underscore", CHUNKS("1_0\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a comma", CHUNKS("5,5\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: quotes", CHUNKS("\"5\"\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: a point", CHUNKS("5.0\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 2.2: LF behind a size", CHUNKS("5\nhello"), 400, HTTP_BARE_LF},
    {"9112 2.2: CR behind a size", CHUNKS("5\rhello"), 400, HTTP_BARE_CR},
    {"NUL behind a size", CHUNKS("5\0\r\n"), 400, HTTP_NUL},
    {"a control behind a size", CHUNKS("5\v\r\n"), 400, HTTP_CONTROL},
    {"not ASCII behind a size", CHUNKS("5\240\r\n"), 400, HTTP_NON_ASCII},
    {"9112 7.1: a chunk too long", CHUNKS("5\r\nhello!\r\n"), 400,
        HTTP_CHUNK_END},
    {"9112 7.1: the next size at once", CHUNKS("5\r\nhello0\r\n\r\n"), 400,
        HTTP_CHUNK_END},
    {"9112 7.1: LF behind a chunk", CHUNKS("5\r\nhello\n0\r\n\r\n"), 400,
        HTTP_BARE_LF},
    {"9112 7.1: CR behind a chunk", CHUNKS("5\r\nhello\r0\r\n\r\n"), 400,
        HTTP_BARE_CR},
    {"9112 7.1: a chunk too short", CHUNKS("5\r\nhell\r\n0\r\n\r\n"), 400,
        HTTP_BARE_LF},
    {"9112 7.1: two ends", CHUNKS("5\r\nhello\r\n\r\n"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1: LF ends the body", CHUNKS("0\r\n\n"), 400, HTTP_BARE_LF},
    {"9112 7.1: LF behind the last size", CHUNKS("0\n\r\n"), 400, HTTP_BARE_LF},
    {"9110 15.5.14: a chunk of too much", CHUNKS("3e9\r\n"), 413,
        HTTP_BODY_LONG},
    {"9110 15.5.14: chunks of too much", CHUNKS("5\r\nhello\r\n3e4\r\n"), 413,
        HTTP_BODY_LONG},
};

#define LAST(extension) CHUNKS("0" extension "\r\n\r\n")

static const struct http_case extensions[] = {
    {"9112 7.1.1: a name", LAST(";a"), TAKEN},
    {"9112 7.1.1: a value", LAST(";a=b"), TAKEN},
    {"9112 7.1.1: two", LAST(";a=b;c"), TAKEN},
    {"9112 7.1.1: before content", CHUNKS("1;a=b\r\nx\r\n0\r\n\r\n"), TAKEN},
    {"9112 7.1.1: a semicolon", LAST(";"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: two semicolons", LAST(";;a"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: a semicolon behind", LAST(";a;"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: no name", LAST(";=b"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: no value", LAST(";a="), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: two values", LAST(";a=b=c"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: quotes", LAST(";a=\"b\""), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: BWS before a name", LAST("; a"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: BWS behind a name", LAST(";a =b"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: BWS before all", LAST(" ;a"), 400, HTTP_CHUNK_SIZE},
    {"9112 7.1.1: a slash", LAST(";a/b"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 7.1.1: a comma", LAST(";a,b"), 400, HTTP_CHUNK_EXTENSION},
    {"9112 2.2: LF in an extension", LAST(";a\nb"), 400, HTTP_BARE_LF},
    {"9112 2.2: CR in an extension", LAST(";a\rb"), 400, HTTP_BARE_CR},
    {"NUL in an extension", LAST(";a\0"), 400, HTTP_NUL},
    {"not ASCII in an extension", LAST(";\303\251"), 400, HTTP_NON_ASCII},
};

#define TRAILER(lines) CHUNKS("0\r\n" lines "\r\n\r\n")

static const struct http_case trailers[] = {
    {"9112 7.1.2: one", TRAILER("A: b"), TAKEN},
    {"9112 7.1.2: two", TRAILER("A: b\r\nC:"), TAKEN},
    {"9110 6.5.1: Content-Length", TRAILER("Content-Length: 5"), 400,
        HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Transfer-Encoding", TRAILER("transfer-encoding: chunked"),
        400, HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Host", TRAILER("HOST: b"), 400, HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Authorization", TRAILER("Authorization: b"), 400,
        HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Cookie", TRAILER("Cookie: b"), 400, HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Content-Type", TRAILER("Content-Type: a/b"), 400,
        HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Content-Encoding", TRAILER("Content-Encoding: gzip"), 400,
        HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Expect", TRAILER("Expect: 100-continue"), 400,
        HTTP_TRAILER_FORBIDDEN},
    {"9110 6.5.1: Connection", TRAILER("Connection: close"), 400,
        HTTP_TRAILER_FORBIDDEN},
    {"9112 5.2: folded", TRAILER("A: b\r\n c"), 400, HTTP_FIELD_FOLDED},
    {"9112 2.2: a blank before", TRAILER(" A: b"), 400, HTTP_FIELD_BEFORE},
    {"9112 5.1: a space before the colon", TRAILER("A : b"), 400,
        HTTP_FIELD_SPACE},
    {"9112 5: no colon", TRAILER("A"), 400, HTTP_FIELD_COLON},
    {"9112 5: no name", TRAILER(": b"), 400, HTTP_FIELD_NAMELESS},
    {"9110 5.1: a bad name", TRAILER("A(: b"), 400, HTTP_FIELD_NAME},
    {"9112 5: a request where trailers are", TRAILER("GET / HTTP/1.1"), 400,
        HTTP_FIELD_COLON},
    {"9112 2.2: LF", TRAILER("A: b\nC: d"), 400, HTTP_BARE_LF},
    {"9112 2.2: CR", TRAILER("A: b\rC: d"), 400, HTTP_BARE_CR},
    {"NUL", TRAILER("A: \0"), 400, HTTP_NUL},
    {"a control", TRAILER("A: \001"), 400, HTTP_CONTROL},
    {"not ASCII", TRAILER("A: \377"), 400, HTTP_NON_ASCII},
    {"sixteen",
        TRAILER("A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\n"
                "A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:"),
        TAKEN},
    {"seventeen",
        TRAILER("A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\n"
                "A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:"),
        431, HTTP_TRAILER_LONG},
};

static void bodies_of_a_known_length_end_with_it(void **state)
{
    (void)state;
    http_check_messages(counted, COUNT(counted), LIMIT);
}

static void chunks_have_sizes_and_ends(void **state)
{
    (void)state;
    http_check_messages(chunks, COUNT(chunks), LIMIT);
    http_check_messages(extensions, COUNT(extensions), LIMIT);
}

static void trailers_are_fields_that_change_nothing(void **state)
{
    (void)state;
    http_check_messages(trailers, COUNT(trailers), LIMIT);
}

static void the_content_is_the_same_in_every_parting(void **state)
{
    static const char message[] =
        POST "Transfer-Encoding: chunked\r\n\r\n"
             "5;x\r\nhello\r\n2\r\n\r\n\r\n00b\r\n, \0\r\n0\r\n\r\n!\r\n0\r\n"
             "T: u\r\n\r\nGET /next";
    static const char wanted[] = "hello\r\n, \0\r\n0\r\n\r\n!";

    (void)state;
    for (unsigned parting = 0; parting < HTTP_PARTINGS; parting++) {
        RELEASED(buffer) content = BUFFER("content", LIMIT);
        struct bytes bytes = {(const uint8_t *)message, sizeof(message) - 1};
        enum http_rule broken = HTTP_NO_RULE;
        size_t used = 0;

        assert_int_equal(
            http_feed_message(bytes, parting, LIMIT, &content, &used, &broken),
            HTTP_DONE);
        assert_int_equal(content.length, sizeof(wanted) - 1);
        assert_memory_equal(content.start, wanted, content.length);
        assert_int_equal(used, sizeof(message) - 1 - strlen("GET /next"));
    }
}

/* Begins a chunked body of a route that takes this much. */
static struct http_body chunked_body(uint64_t limit)
{
    const struct http_request request = {.framing = HTTP_BODY_CHUNKED};
    struct http_body body;
    enum http_rule broken = HTTP_NO_RULE;

    assert_true(http_body_begin(&body, &request, limit, &broken));
    return body;
}

static enum http_step feed(
    struct http_body *body, const char *text, enum http_rule *broken)
{
    struct bytes rest = bytes_of_text(text), piece;
    enum http_step step = HTTP_MORE;
    size_t used = 0;

    while (step == HTTP_MORE && rest.length > 0) {
        step = http_body_feed(body, rest, &used, &piece, broken);
        rest.start += used;
        rest.length -= used;
    }
    return step;
}

static void a_line_of_512_bytes_is_taken_and_no_longer_one(void **state)
{
    char line[HTTP_CHUNK_LINE_MAX + 4] = "1;";
    struct http_body body = chunked_body(LIMIT);
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    memset(line + 2, 'a', HTTP_CHUNK_LINE_MAX - 2);
    assert_int_equal(feed(&body, line, &broken), HTTP_MORE);
    assert_int_equal(feed(&body, "\r\nx\r\n", &broken), HTTP_MORE);
    assert_int_equal(feed(&body, line, &broken), HTTP_MORE);
    assert_int_equal(feed(&body, "a", &broken), HTTP_REFUSED);
    assert_int_equal(broken, HTTP_CHUNK_LINE_LONG);
    body = chunked_body(LIMIT);
    line[0] = 'T';
    line[1] = ':';
    assert_int_equal(feed(&body, "0\r\n", &broken), HTTP_MORE);
    assert_int_equal(feed(&body, line, &broken), HTTP_MORE);
    assert_int_equal(feed(&body, "a", &broken), HTTP_REFUSED);
    assert_int_equal(broken, HTTP_TRAILER_LONG);
}

static void extensions_of_1024_bytes_are_taken_and_no_more(void **state)
{
    struct http_body body = chunked_body(LIMIT);
    enum http_rule broken = HTTP_NO_RULE;

    (void)state;
    for (size_t i = 0; i < HTTP_CHUNK_EXTENSIONS_MAX / 8; i++)
        assert_int_equal(feed(&body, "1;abc=def\r\nx\r\n", &broken), HTTP_MORE);
    assert_int_equal(feed(&body, "1;a\r\n", &broken), HTTP_REFUSED);
    assert_int_equal(broken, HTTP_CHUNK_LINE_LONG);
}

static void a_body_of_exactly_the_limit_is_taken(void **state)
{
    struct http_body body = chunked_body(6);
    enum http_rule broken = HTTP_NO_RULE;
    const struct http_request request = {
        .framing = HTTP_BODY_LENGTH, .content_length = 6};

    (void)state;
    assert_int_equal(
        feed(&body, "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", &broken), HTTP_DONE);
    assert_true(http_body_begin(&body, &request, 6, &broken));
    assert_false(http_body_begin(&body, &request, 5, &broken));
    assert_int_equal(broken, HTTP_BODY_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_of_a_known_length_end_with_it),
        cmocka_unit_test(chunks_have_sizes_and_ends),
        cmocka_unit_test(trailers_are_fields_that_change_nothing),
        cmocka_unit_test(the_content_is_the_same_in_every_parting),
        cmocka_unit_test(a_line_of_512_bytes_is_taken_and_no_longer_one),
        cmocka_unit_test(extensions_of_1024_bytes_are_taken_and_no_more),
        cmocka_unit_test(a_body_of_exactly_the_limit_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
