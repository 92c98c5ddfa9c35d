#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "server/http/basic.h"
#include "server/http/conditional.h"
#include "server/http/date.h"
#include "server/http/media.h"
#include "server/http/response.h"
#include "server/http/syntax.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
/* RFC 9110, 5.6.7: its example. */
#define MOMENT 784111777
#define MOMENT_TEXT "Sun, 06 Nov 1994 08:49:37 GMT"

static void dates_are_written_as_rfc_9110_has_them(void **state)
{
    char text[HTTP_DATE_TEXT];

    (void)state;
    http_date_print(MOMENT, text);
    assert_string_equal(text, MOMENT_TEXT);
    http_date_print(0, text);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
    http_date_print(951782400, text);
    assert_string_equal(text, "Tue, 29 Feb 2000 00:00:00 GMT");
    http_date_print(-1, text);
    assert_string_equal(text, "Wed, 31 Dec 1969 23:59:59 GMT");
}

static void dates_are_read_in_three_forms_and_no_other(void **state)
{
    static const struct {
        const char *text;
        int64_t time; /* -1: refused */
    } rows[] = {
        {MOMENT_TEXT, MOMENT},
        {"Sunday, 06-Nov-94 08:49:37 GMT", MOMENT},
        {"Sun Nov  6 08:49:37 1994", MOMENT},
        {"Sun Nov 16 08:49:37 1994", MOMENT + 864000},
        {"Tuesday, 01-Jan-30 00:00:00 GMT", 1893456000},
        {"Saturday, 01-Jan-77 00:00:00 GMT", 220924800},
        {"Sun, 6 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
        {"Sun, 06 Nov 1994 08:49:37 +0000", -1},
        {"Sun, 06 Nov 1994 08:49:37", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {" " MOMENT_TEXT, -1},
        {"sun, 06 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 nov 1994 08:49:37 GMT", -1},
        {"Xxx, 06 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 31 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 00 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:61 GMT", -1},
        {"Sun, 06-Nov-94 08:49:37 GMT", -1},
        {"Someday, 06-Nov-94 08:49:37 GMT", -1},
        {"Su", -1},
        {"Sun, ", -1},
        {"1994-11-06T08:49:37Z", -1},
        {"784111777", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t time = -1;
        bool is_read =
            http_date_read(bytes_of_text(rows[i].text), 1764547200, &time);

        if (is_read != (rows[i].time >= 0) || time != rows[i].time)
            fail_msg("%s: %lld", rows[i].text, (long long)time);
    }
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

#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

static void conditions_are_judged_as_rfc_9110_orders_them(void **state)
{
    static const struct {
        const char *rule, *method, *fields;
        bool is_not_modified;
    } rows[] = {
        {"no condition", "GET", "", false},
        {"13.1.2: the tag", "GET", "If-None-Match: \"t\"\r\n", true},
        {"13.1.2: for HEAD", "HEAD", "If-None-Match: \"t\"\r\n", true},
        {"13.1.2: not for POST", "POST", "If-None-Match: \"t\"\r\n", false},
        {"13.1.2: weakly", "GET", "If-None-Match: W/\"t\"\r\n", true},
        {"13.1.2: another", "GET", "If-None-Match: \"u\"\r\n", false},
        {"13.1.2: of two", "GET", "If-None-Match: \"u\", \"t\"\r\n", true},
        {"13.1.2: of two lines", "GET",
            "If-None-Match: \"u\"\r\nIf-None-Match: \"t\"\r\n", true},
        {"13.1.2: without blanks", "GET", "If-None-Match: \"u\",\"t\"\r\n",
            true},
        {"13.1.2: a comma in a tag", "GET", "If-None-Match: \"u,\", \"t\"\r\n",
            true},
        {"8.8.3: a backslash escapes nothing", "GET",
            "If-None-Match: \"\\\",\"t\"\r\n", true},
        {"13.1.2: any", "GET", "If-None-Match: *\r\n", true},
        {"13.1.2: no quotes", "GET", "If-None-Match: t\r\n", false},
        {"13.1.2: an open quote", "GET", "If-None-Match: \"t\r\n", false},
        {"13.1.2: a small w", "GET", "If-None-Match: w/\"t\"\r\n", false},
        {"13.1.2: no comma", "GET", "If-None-Match: \"u\" \"t\"\r\n", false},
        {"13.1.2: empty", "GET", "If-None-Match:\r\n", false},
        {"13.1.3: the moment", "GET", "If-Modified-Since: " MOMENT_TEXT "\r\n",
            true},
        {"13.1.3: later", "GET", "If-Modified-Since: " AFTER "\r\n", true},
        {"13.1.3: earlier", "GET", "If-Modified-Since: " BEFORE "\r\n", false},
        {"13.1.3: not for POST", "POST", "If-Modified-Since: " AFTER "\r\n",
            false},
        {"13.1.3: in the future", "GET",
            "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT\r\n", false},
        {"13.1.3: no date", "GET", "If-Modified-Since: yesterday\r\n", false},
        {"13.1.3: another tag comes first", "GET",
            "If-None-Match: \"u\"\r\nIf-Modified-Since: " AFTER "\r\n", false},
        {"13.1.3: the tag comes first", "GET",
            "If-None-Match: \"t\"\r\nIf-Modified-Since: " BEFORE "\r\n", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_request request;
        char head[400];

        assert_true(
            snprintf(head, sizeof(head), "%s / HTTP/1.1\r\nHost: a\r\n%s\r\n",
                rows[i].method, rows[i].fields) < (int)sizeof(head));
        read_head(head, &request);
        if (http_is_not_modified(&request, "\"t\"", MOMENT, 1764547200) !=
            rows[i].is_not_modified)
            fail_msg("%s", rows[i].rule);
    }
}

static void without_tag_or_date_nothing_is_unmodified(void **state)
{
    struct http_request request;

    (void)state;
    read_head(
        "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"t\"\r\n\r\n", &request);
    assert_false(http_is_not_modified(&request, NULL, 0, MOMENT));
    read_head("GET / HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: " MOMENT_TEXT
              "\r\n\r\n",
        &request);
    assert_false(http_is_not_modified(&request, NULL, 0, MOMENT));
}

static void a_tag_is_a_digest_in_quotes(void **state)
{
    static const uint8_t digest[16] = {0x01, 0xab, [15] = 0xff};
    char tag[HTTP_TAG_TEXT];

    (void)state;
    http_tag_print(digest, tag);
    assert_string_equal(tag, "\"01ab00000000000000000000000000ff\"");
}

static void check_answer(
    const struct http_response *response, const char *wanted)
{
    RELEASED(buffer) head = BUFFER("head", HTTP_RESPONSE_HEAD_MAX);
    struct failure why = {0};
    const char *text = NULL;

    clock_set(MOMENT);
    assert_true(http_response_write(response, &head, &why));
    assert_true(buffer_as_text(&head, &text, &why));
    assert_string_equal(text, wanted);
    clock_follow_the_machine();
}

static void an_answer_has_status_date_and_length(void **state)
{
    struct http_response response = {.status = 200, .content_length = 5};
    struct failure why = {0};

    (void)state;
    assert_true(
        http_response_add(&response, "Content-Type", "text/plain", &why));
    check_answer(&response,
        "HTTP/1.1 200 OK\r\nDate: " MOMENT_TEXT "\r\n"
        "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
    response = (struct http_response){.status = 404, .closes = true};
    check_answer(&response,
        "HTTP/1.1 404 Not Found\r\nDate: " MOMENT_TEXT "\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n");
    response = (struct http_response){.status = 304};
    check_answer(&response,
        "HTTP/1.1 304 Not Modified\r\nDate: " MOMENT_TEXT "\r\n\r\n");
    assert_string_equal(http_status_phrase(299), "Unknown");
}

static void an_answer_without_a_body_says_so_by_its_kind(void **state)
{
    const struct http_response ok = {.status = 200, .content_length = 5};
    const struct http_response empty = {.status = 204};
    const struct http_response same = {.status = 304};

    (void)state;
    assert_true(http_response_has_body(&ok, HTTP_GET));
    assert_false(http_response_has_body(&ok, HTTP_HEAD));
    assert_false(http_response_has_body(&empty, HTTP_POST));
    assert_false(http_response_has_body(&same, HTTP_GET));
}

static void nothing_makes_a_line_of_its_own_in_an_answer(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"Location", "/a\r\nSet-Cookie: b"},
        {"Location", "/a\nb"},
        {"Location", "/a\rb"},
        {"Location", "/a\tb"},
        {"Location", "/\303\251"},
        {"Location", "/\177"},
        {"A B", "c"},
        {"A:", "c"},
        {"A\r\nB", "c"},
        {"", "c"},
        {"content-length", "5"},
        {"Transfer-Encoding", "chunked"},
        {"Connection", "close"},
        {"DATE", MOMENT_TEXT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_response response = {.status = 200};
        struct failure why = {0};

        assert_false(
            http_response_add(&response, rows[i].name, rows[i].value, &why));
        assert_int_equal(why.kind, FAILURE_INTERNAL);
        assert_int_equal(response.field_count, 0);
    }
}

static void an_answer_has_room_for_24_headers(void **state)
{
    struct http_response response = {.status = 200};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < HTTP_RESPONSE_FIELDS_MAX; i++)
        assert_true(http_response_add(&response, "A", "b", &why));
    assert_false(http_response_add(&response, "A", "b", &why));
    assert_string_equal(why.reason, "a response has room for 24 headers");
}

static void the_interim_answer_is_whole(void **state)
{
    (void)state;
    assert_true(bytes_equal(
        http_continue(), bytes_of_text("HTTP/1.1 100 Continue\r\n\r\n")));
}

static void basic_credentials_are_a_user_and_a_password(void **state)
{
    static const struct {
        const char *value, *user, *password; /* user NULL: refused */
        enum failure_kind kind;
    } rows[] = {
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame",
            FAILURE_NONE},
        {"basic YTpi", "a", "b", FAILURE_NONE},
        {"BASIC   YTpi", "a", "b", FAILURE_NONE},
        {"Basic dGVzdDoxMjPCow==", "test", "123\302\243", FAILURE_NONE},
        {"Basic YTpiOmM=", "a", "b:c", FAILURE_NONE},
        {"Basic YTo=", "a", "", FAILURE_NONE},
        {"Basic OmI=", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YQ==", NULL, NULL, FAILURE_MALFORMED},
        {"Basic ", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YTpi=", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YTp", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YTp i", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YT\tpi", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YTpi,", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YTp\303\251", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YTr/", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YToA", NULL, NULL, FAILURE_MALFORMED},
        {"Basic YTpiCg==", NULL, NULL, FAILURE_MALFORMED},
        {"Basic", NULL, NULL, FAILURE_UNAUTHENTICATED},
        {"BasicYTpi", NULL, NULL, FAILURE_UNAUTHENTICATED},
        {"Bearer YTpi", NULL, NULL, FAILURE_UNAUTHENTICATED},
        {"Negotiate YTpi", NULL, NULL, FAILURE_UNAUTHENTICATED},
        {"", NULL, NULL, FAILURE_UNAUTHENTICATED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        RELEASED(http_basic) basic = {0};
        struct failure why = {0};
        bool is_read =
            http_basic_read(bytes_of_text(rows[i].value), &basic, &why);

        if (is_read != (rows[i].user != NULL) || why.kind != rows[i].kind)
            fail_msg("%s: %s", rows[i].value, why.reason);
        if (!is_read)
            continue;
        assert_string_equal(basic.user, rows[i].user);
        assert_true(bytes_equal(
            secret_view(&basic.password), bytes_of_text(rows[i].password)));
    }
}

/* 86 groups of "aaa" are a name of 258 bytes.
 */
static void long_credentials_are_refused_before_they_are_kept(void **state)
{
    static char value[4000];
    RELEASED(http_basic) basic = {0};
    struct failure why = {0};
    size_t length = strlen("Basic ");

    (void)state;
    memcpy(value, "Basic ", length);
    for (size_t i = 0; i < 86; i++)
        memcpy(value + length + 4 * i, "YWFh", 4);
    memcpy(value + length + (size_t)4 * 86, "OmE=", 5);
    assert_false(http_basic_read(bytes_of_text(value), &basic, &why));
    assert_string_equal(
        why.reason, "a user's name may have 256 bytes and a password 1024");
    memset(value + length, 'A', sizeof(value) - length - 1);
    assert_false(http_basic_read(bytes_of_text(value), &basic, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

static void the_most_specific_range_weighs_a_type(void **state)
{
    static const struct {
        const char *accept, *type;
        unsigned weight;
    } rows[] = {
        {"text/html", "text/html", 1000},
        {"TEXT/HTML", "text/html", 1000},
        {"text/plain", "text/html", 0},
        {"*/*", "text/html", 1000},
        {"text/*;q=0.5", "text/html", 500},
        {"text/*;q=0.5, */*;q=0.1", "application/json", 100},
        {"*/*;q=0.1, text/html;q=0.7", "text/html", 700},
        {"text/html;q=0, */*", "text/html", 0},
        {"text/html;level=1;q=0.25", "text/html", 250},
        {"text/html;q=1.000", "text/html", 1000},
        {"text/html;q=0.123", "text/html", 123},
        {"text/html;q=1.001", "text/html", 0},
        {"text/html;q=2", "text/html", 0},
        {"text/html;q=.5", "text/html", 0},
        {"text/html;q=0.1234", "text/html", 0},
        {"text/html;q=0.x", "text/html", 0},
        {"text/*", "textual/html", 0},
        {"", "text/html", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (http_accept_weight(bytes_of_text(rows[i].accept), rows[i].type) !=
            rows[i].weight)
            fail_msg("%s of %s", rows[i].type, rows[i].accept);
    assert_int_equal(http_accept_weight((struct bytes){0}, "text/html"), 1000);
}

static void a_media_type_has_two_tokens_and_parameters(void **state)
{
    static const struct {
        const char *value;
        bool is_read;
    } rows[] = {
        {"text/html", true},
        {"text/html; charset=utf-8", true},
        {"text/html;charset=\"utf-8\"", true},
        {"text/html;", true},
        {"a/b; c=\"d;e\\\"f\"", true},
        {"text", false},
        {"text/", false},
        {"/html", false},
        {"text/html/x", false},
        {"text /html", false},
        {"text/html, a/b", false},
        {"text/html; charset", false},
        {"text/html; charset=", false},
        {"text/html; charset =utf-8", false},
        {"text/html; =a", false},
        {"text/html; a=\"b", false},
        {"text/html; a=b c", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_media media;
        enum http_rule broken = HTTP_NO_RULE;

        if (http_media_read(bytes_of_text(rows[i].value), &media, &broken) !=
            rows[i].is_read)
            fail_msg("%s", rows[i].value);
        if (!rows[i].is_read)
            assert_int_equal(broken, HTTP_MEDIA_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_written_as_rfc_9110_has_them),
        cmocka_unit_test(dates_are_read_in_three_forms_and_no_other),
        cmocka_unit_test(conditions_are_judged_as_rfc_9110_orders_them),
        cmocka_unit_test(without_tag_or_date_nothing_is_unmodified),
        cmocka_unit_test(a_tag_is_a_digest_in_quotes),
        cmocka_unit_test(an_answer_has_status_date_and_length),
        cmocka_unit_test(an_answer_without_a_body_says_so_by_its_kind),
        cmocka_unit_test(nothing_makes_a_line_of_its_own_in_an_answer),
        cmocka_unit_test(an_answer_has_room_for_24_headers),
        cmocka_unit_test(the_interim_answer_is_whole),
        cmocka_unit_test(basic_credentials_are_a_user_and_a_password),
        cmocka_unit_test(long_credentials_are_refused_before_they_are_kept),
        cmocka_unit_test(the_most_specific_range_weighs_a_type),
        cmocka_unit_test(a_media_type_has_two_tokens_and_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
