#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "http_cases.h"
#include "server/http/body.h"

size_t http_parted(unsigned parting, uint64_t *seed, size_t left)
{
    size_t length;

    if (parting == HTTP_AT_ONCE)
        return left;
    if (parting == HTTP_ONE_BY_ONE)
        return 1;
    *seed = *seed * 6364136223846793005u + 1442695040888963407u + parting;
    length = 1 + (size_t)(*seed >> 33) % 24;
    return length < left ? length : left;
}

enum http_step http_feed_head(struct bytes bytes, unsigned parting,
    uint8_t *moved, struct http_request *request, size_t *used,
    enum http_rule *broken)
{
    struct http_request_reader reader = {0};
    enum http_step step = HTTP_MORE;
    uint64_t seed = parting;
    size_t fed = 0;

    while (step == HTTP_MORE && fed < bytes.length) {
        uint8_t *copy;

        fed += http_parted(parting, &seed, bytes.length - fed);
        copy = malloc(fed);
        assert_non_null(copy);
        memcpy(copy, bytes.start, fed);
        step = http_request_feed(
            &reader, (struct bytes){copy, fed}, request, used, broken);
        memcpy(moved, copy, fed);
        if (step == HTTP_DONE) {
            struct http_request_reader again = {0};

            assert_int_equal(
                http_request_feed(
                    &again, (struct bytes){moved, fed}, request, used, broken),
                HTTP_DONE);
        }
        free(copy);
    }
    return step;
}

static void fail_row(
    const struct http_case *row, unsigned parting, enum http_rule broken)
{
    fail_msg("%s: parting %u: got %u %s, wanted %u %s", row->rule, parting,
        http_rule_status(broken), http_rule_name(broken), row->status,
        http_rule_name(row->broken));
}

static void check_outcome(const struct http_case *row, unsigned parting,
    enum http_step step, enum http_rule broken)
{
    bool is_taken = row->broken == HTTP_NO_RULE;

    if (is_taken != (step == HTTP_DONE) ||
        !is_taken != (step == HTTP_REFUSED) || broken != row->broken ||
        (!is_taken && http_rule_status(broken) != row->status))
        fail_row(row, parting, broken);
}

void http_check_heads(const struct http_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct http_case *row = &cases[i];
        struct bytes bytes = {(const uint8_t *)row->bytes, row->length};
        uint8_t *moved = malloc(row->length + 1);

        assert_non_null(moved);
        for (unsigned parting = 0; parting < HTTP_PARTINGS; parting++) {
            struct http_request request = {0};
            enum http_rule broken = HTTP_NO_RULE;
            size_t used = 0;
            enum http_step step =
                http_feed_head(bytes, parting, moved, &request, &used, &broken);

            check_outcome(row, parting, step, broken);
            if (step == HTTP_DONE)
                assert_int_equal(used, row->length);
        }
        free(moved);
    }
}

/* One piece after the other, until a piece of received is used up. */
static enum http_step feed_body(struct http_body *body, struct bytes part,
    struct buffer *content, size_t *used, enum http_rule *broken)
{
    enum http_step step = HTTP_MORE;
    struct failure why = {0};
    size_t taken = 0;

    do {
        struct bytes piece;
        size_t now = 0;

        step = http_body_feed(body,
            (struct bytes){part.start + taken, part.length - taken}, &now,
            &piece, broken);
        if (step != HTTP_REFUSED)
            assert_true(buffer_append(content, piece, &why));
        taken += now;
    } while (step == HTTP_MORE && taken < part.length);
    *used += taken;
    return step;
}

enum http_step http_feed_message(struct bytes bytes, unsigned parting,
    uint64_t limit, struct buffer *content, size_t *used,
    enum http_rule *broken)
{
    uint8_t *moved = malloc(bytes.length + 1);
    struct http_request request = {0};
    struct http_body body;
    uint64_t seed = parting;
    enum http_step step;

    assert_non_null(moved);
    *used = 0;
    step = http_feed_head(bytes, parting, moved, &request, used, broken);
    free(moved);
    if (step != HTTP_DONE)
        return step;
    if (!http_body_begin(&body, &request, limit, broken))
        return HTTP_REFUSED;
    step = body.state == HTTP_BODY_COMPLETE ? HTTP_DONE : HTTP_MORE;
    while (step == HTTP_MORE && *used < bytes.length) {
        struct bytes part = {bytes.start + *used,
            http_parted(parting, &seed, bytes.length - *used)};

        step = feed_body(&body, part, content, used, broken);
    }
    return step;
}

void http_check_messages(
    const struct http_case *cases, size_t count, uint64_t limit)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned parting = 0; parting < HTTP_PARTINGS; parting++) {
            const struct http_case *row = &cases[i];
            RELEASED(buffer) content = BUFFER("content", 65536);
            struct bytes bytes = {(const uint8_t *)row->bytes, row->length};
            enum http_rule broken = HTTP_NO_RULE;
            size_t used = 0;
            enum http_step step = http_feed_message(
                bytes, parting, limit, &content, &used, &broken);

            check_outcome(row, parting, step, broken);
            if (step == HTTP_DONE)
                assert_int_equal(used, row->length);
        }
}
