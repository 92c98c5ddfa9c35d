#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "server/front_protocol.h"
#include "server/web/front_request.h"

/* The one kind of request that a front sends, read strictly. */

#define ID "abcdefghijklmnopqrstuvwxyz"

struct part {
    uint8_t tag;
    const char *text;
};

static const struct part sound[] = {
    {FRONT_FIELD_METHOD, "GET"},
    {FRONT_FIELD_PATH, "/roots"},
    {FRONT_FIELD_PEER, "2001:db8::7"},
    {FRONT_FIELD_REQUEST_ID, ID},
    {0, NULL},
};

static void write_parts(const struct part *parts, struct buffer *frame)
{
    struct failure why = {0};

    for (; parts->text != NULL; parts++)
        assert_true(message_add_text(frame, parts->tag, parts->text, &why));
}

static bool read_parts(const struct part *more, enum listener listener,
    struct front_request *request, struct buffer *frame, struct failure *why)
{
    *frame = BUFFER("frame", FRONT_REQUEST_MAX);
    write_parts(sound, frame);
    write_parts(more, frame);
    return front_request_read(buffer_view(frame), listener, request, why);
}

static void assert_text(struct bytes value, const char *text)
{
    assert_non_null(value.start);
    assert_true(bytes_equal(value, bytes_of_text(text)));
}

static void what_was_sent_is_found_and_nothing_else(void **state)
{
    static const struct part more[] = {
        {FRONT_FIELD_QUERY, ""},
        {FRONT_FIELD_HEADER_NAME, "accept"},
        {FRONT_FIELD_HEADER_VALUE, "text/html"},
        {FRONT_FIELD_HEADER_NAME, "origin"},
        {FRONT_FIELD_HEADER_VALUE, ""},
        {FRONT_FIELD_BODY, "body"},
        {0, NULL},
    };
    RELEASED(buffer) frame = {0};
    struct front_request request = {0};
    struct failure why = {0};

    (void)state;
    assert_true(read_parts(more, LISTENER_PLAIN, &request, &frame, &why));
    assert_text(request.method, "GET");
    assert_text(request.path, "/roots");
    assert_text(request.peer, "2001:db8::7");
    assert_text(request.request_id, ID);
    assert_text(request.query, "");
    assert_text(request.body, "body");
    assert_text(front_request_header(&request, "accept"), "text/html");
    assert_text(front_request_header(&request, "origin"), "");
    assert_null(front_request_header(&request, "cookie").start);
    assert_null(request.host.start);
    assert_null(request.certificate.start);
    assert_false(request.has_header_twice);
}

static void each_field_has_its_limits_and_its_letters(void **state)
{
    static char long_path[20000];
    const struct {
        struct part parts[3];
        const char *reason;
    } rows[] = {
        {{{FRONT_FIELD_METHOD, "GET"}}, "a request with two fields method"},
        {{{FRONT_FIELD_QUERY, ""}, {FRONT_FIELD_QUERY, ""}},
            "a request with two fields query"},
        {{{FRONT_FIELD_QUERY, "a b"}},
            "the field query holds a byte that none may have"},
        {{{FRONT_FIELD_QUERY, "a\r\nb"}},
            "the field query holds a byte that none may have"},
        {{{FRONT_FIELD_HOST, "h\x7f"}},
            "the field host holds a byte that none may have"},
        {{{FRONT_FIELD_QUERY, long_path}},
            "the field query has 19999 bytes, and 0 to 16384 belong there"},
        {{{FRONT_FIELD_HEADER_NAME, "x-forwarded-for"}},
            "a request with a header that no front passes on"},
        {{{FRONT_FIELD_HEADER_NAME, "accept"}},
            "a request with a header without a value"},
        {{{FRONT_FIELD_HEADER_NAME, "accept"}, {FRONT_FIELD_BODY, "x"}},
            "a request with a header without a value"},
        {{{FRONT_FIELD_HEADER_NAME, "accept"},
             {FRONT_FIELD_HEADER_VALUE, "a\nb"}},
            "a request with a header that is no line"},
        {{{FRONT_FIELD_HEADER_VALUE, "a"}},
            "a field 10 that a request does not have"},
        {{{FRONT_FIELD_STATUS, "200"}},
            "a field 17 that a request does not have"},
        {{{FRONT_FIELD_CERTIFICATE_CODE, "OK"}},
            "the field certificate's code holds a byte that none may have"},
        {{{FRONT_FIELD_CERTIFICATE, ""}},
            "the field certificate has 0 bytes, and 1 to 262144 belong there"},
    };

    (void)state;
    memset(long_path, 'a', sizeof(long_path) - 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) frame = {0};
        struct front_request request = {0};
        struct failure why = {0};

        assert_false(
            read_parts(rows[i].parts, LISTENER_ADMIN, &request, &frame, &why));
        assert_string_equal(why.reason, rows[i].reason);
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_null(request.method.start);
    }
}

static void a_request_without_one_of_four_is_none(void **state)
{
    (void)state;
    for (size_t left_out = 0; left_out < 4; left_out++) {
        RELEASED(buffer) frame = BUFFER("frame", 4096);
        struct front_request request = {0};
        struct failure why = {0};

        for (size_t i = 0; i < 4; i++) {
            if (i != left_out)
                assert_true(message_add_text(
                    &frame, sound[i].tag, sound[i].text, &why));
        }
        assert_false(front_request_read(
            buffer_view(&frame), LISTENER_PUBLIC, &request, &why));
        assert_string_equal(
            why.reason, "a request without method, path, peer or id");
    }
}

static void a_repeated_header_is_the_clients_fault(void **state)
{
    static const struct part more[] = {
        {FRONT_FIELD_HEADER_NAME, "accept"},
        {FRONT_FIELD_HEADER_VALUE, ""},
        {FRONT_FIELD_HEADER_NAME, "accept"},
        {FRONT_FIELD_HEADER_VALUE, "b"},
        {0, NULL},
    };
    RELEASED(buffer) frame = {0};
    struct front_request request = {0};
    struct failure why = {0};

    (void)state;
    assert_true(read_parts(more, LISTENER_PUBLIC, &request, &frame, &why));
    assert_true(request.has_header_twice);
}

/* The ceiling is the channel's, not what the front says. */
static void a_certificate_comes_from_two_listeners_alone(void **state)
{
    static const struct part more[] = {
        {FRONT_FIELD_CERTIFICATE, "der"},
        {FRONT_FIELD_CERTIFICATE_CODE, "ok"},
        {0, NULL},
    };

    (void)state;
    for (unsigned i = 0; i < LISTENER_KINDS; i++) {
        RELEASED(buffer) frame = {0};
        struct front_request request = {0};
        struct failure why = {0};
        bool may = i == LISTENER_ADMIN || i == LISTENER_MTLS;

        assert_int_equal(
            read_parts(more, (enum listener)i, &request, &frame, &why), may);
        if (!may)
            assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    }
}

static void a_cut_frame_is_refused_wherever_it_is_cut(void **state)
{
    RELEASED(buffer) frame = {0};
    struct front_request request = {0};
    struct failure why = {0};

    (void)state;
    assert_true(read_parts(&sound[4], LISTENER_PUBLIC, &request, &frame, &why));
    for (size_t length = 0; length < frame.length; length++) {
        uint8_t *copy = malloc(length + 1);

        assert_non_null(copy);
        memcpy(copy, frame.start, length);
        assert_false(front_request_read(
            (struct bytes){copy, length}, LISTENER_PUBLIC, &request, &why));
        free(copy);
    }
}

static void assert_below(const char *path, bool is_below)
{
    RELEASED(buffer) frame = BUFFER("frame", 1024);
    struct failure why = {0};

    assert_true(message_add_text(&frame, FRONT_FIELD_METHOD, "GET", &why));
    assert_true(message_add_text(&frame, FRONT_FIELD_PATH, path, &why));
    if (front_request_is_below(buffer_view(&frame), "/ocsp") != is_below)
        fail_msg("%s", path);
}

static void who_reads_a_frame_is_chosen_by_its_path(void **state)
{
    RELEASED(buffer) frame = BUFFER("frame", 1024);
    struct failure why = {0};

    (void)state;
    assert_below("/ocsp", true);
    assert_below("/ocsp/MEUw", true);
    assert_below("/ocsp/", true);
    assert_below("/ocspa", false);
    assert_below("/ocs", false);
    assert_below("/", false);
    assert_below("/api/v1/ocsp", false);
    assert_false(front_request_is_below((struct bytes){0}, "/ocsp"));
    assert_true(message_add_text(&frame, FRONT_FIELD_PATH, "/ocsp", &why));
    frame.length--;
    assert_false(front_request_is_below(buffer_view(&frame), "/ocsp"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_is_found_and_nothing_else),
        cmocka_unit_test(each_field_has_its_limits_and_its_letters),
        cmocka_unit_test(a_request_without_one_of_four_is_none),
        cmocka_unit_test(a_repeated_header_is_the_clients_fault),
        cmocka_unit_test(a_certificate_comes_from_two_listeners_alone),
        cmocka_unit_test(a_cut_frame_is_refused_wherever_it_is_cut),
        cmocka_unit_test(who_reads_a_frame_is_chosen_by_its_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
