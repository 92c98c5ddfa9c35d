#include "front_fixture.h"

#include <string.h>
#include <unistd.h>

#include "../authority/status_fixture.h"
#include "base/base64.h"
#include "base/log.h"
#include "server/front_protocol.h"
#include "x509/ocsp.h"

/* --- questions ------------------------------------------------------------ */

/* Puts an element of less than 128 bytes around what is there. */
static void wrap(struct buffer *der, uint8_t tag)
{
    uint8_t head[2] = {tag, (uint8_t)der->length};
    RELEASED(buffer) whole = BUFFER("an element", 512);
    struct failure why = {0};

    assert_true(der->length < 128);
    assert_true(buffer_append(&whole, (struct bytes){head, 2}, &why) &&
                buffer_append(&whole, buffer_view(der), &why));
    buffer_clear(der);
    assert_true(buffer_append(der, buffer_view(&whole), &why));
}

/* RFC 6960, 4.1.1, with a nonce of RFC 9654 where it is wanted. */
static void write_question(
    uint64_t number, bool has_nonce, struct buffer *question)
{
    static const uint8_t nonce[] = {0xa2, 0x17, 0x30, 0x15, 0x30, 0x13, 0x06,
        0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02, 0x04, 0x06,
        0x04, 0x04, 1, 2, 3, 4};
    struct failure why = {0};

    status_id(number, OCSP_ID_SHA1, question);
    wrap(question, 0x30); /* Request */
    wrap(question, 0x30); /* requestList */
    if (has_nonce)
        assert_true(buffer_append(
            question, (struct bytes){nonce, sizeof(nonce)}, &why));
    wrap(question, 0x30); /* TBSRequest */
    wrap(question, 0x30);
}

static void post(int client, const char *type, struct bytes body)
{
    char head[256];

    (void)snprintf(head, sizeof(head),
        "POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n"
        "Content-Length: %zu\r\n\r\n",
        type, body.length);
    client_say(client, head);
    client_send(client, body);
}

/* Base64 as it stands, or with what a URL would escape escaped. */
static void get(
    int client, struct bytes question, bool is_escaped, const char *condition)
{
    RELEASED(buffer) base64 = BUFFER("base64", 1024);
    RELEASED(buffer) words = BUFFER("a request", 4096);
    const char *text = NULL;
    struct failure why = {0};

    assert_true(base64_append(&base64, question, 0, &why));
    assert_true(buffer_append_text(&words, "GET /ocsp/", &why));
    for (size_t i = 0; i < base64.length; i++) {
        const uint8_t letter = base64.start[i];

        if (is_escaped && strchr("/+=", letter) != NULL)
            assert_true(buffer_print(&words, &why, "%%%02X", letter));
        else
            assert_true(buffer_append_byte(&words, letter, &why));
    }
    assert_true(buffer_print(
        &words, &why, " HTTP/1.1\r\nHost: a\r\n%s\r\n", condition));
    assert_true(buffer_as_text(&words, &text, &why));
    client_say(client, text);
}

/* --- answers -------------------------------------------------------------- */

static struct bytes content_of(struct bytes heard)
{
    const uint8_t *end = memmem(heard.start, heard.length, "\r\n\r\n", 4);

    assert_non_null(end);
    return (struct bytes){
        end + 4, heard.length - (size_t)(end + 4 - heard.start)};
}

/* An answer of HTTP 200 about this serial. */
static void expect_good(struct bytes heard, uint64_t number)
{
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};
    struct failure why = {0};
    uint8_t serial[8];

    assert_non_null(strstr((const char *)heard.start, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr((const char *)heard.start,
        "\r\nContent-Type: application/ocsp-response\r\n"));
    if (!ocsp_response_read(content_of(heard), &response, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(response.status, OCSP_SUCCESSFUL);
    assert_true(ocsp_next_single(&response.singles, &single, &why));
    assert_true(bytes_equal(single.id.serial, status_serial(number, serial)));
    assert_int_equal(single.status, OCSP_GOOD);
}

static void expect_bodiless(
    struct bytes heard, enum ocsp_response_status status)
{
    const uint8_t wanted[] = {0x30, 3, 0x0a, 1, (uint8_t)status};

    assert_non_null(strstr((const char *)heard.start, "HTTP/1.1 200 OK\r\n"));
    assert_true(
        bytes_equal(content_of(heard), (struct bytes){wanted, sizeof(wanted)}));
}

struct stage {
    struct status_scene table;
    struct scene *scene;
    int client;
};

static void stage_begin(struct stage *stage)
{
    status_begin(&stage->table, 100);
    for (uint64_t number = 0; number < 64; number++) {
        struct status_told told = status_good(number);

        status_put(stage->table.table, &told);
    }
    stage->scene = scene_new(&front_limits);
    stage->scene->front->statuses = status_map_of(&stage->table);
    stage->client = scene_client(stage->scene, 1);
}

static void stage_free(struct stage *stage)
{
    descriptor_close(&stage->client);
    scene_free(stage->scene);
    status_end(&stage->table);
}

static struct bytes hear(struct stage *stage)
{
    bool closed;
    struct bytes heard = client_receive(stage->scene, stage->client, &closed);

    assert_false(closed);
    return heard;
}

/* --- from the table ------------------------------------------------------- */

static void properties25_an_answer_needs_no_keeper(void **state)
{
    RELEASED(stage) stage = {.client = -1};
    RELEASED(buffer) question = BUFFER("a question", 512);

    (void)state;
    stage_begin(&stage);
    write_question(7, false, &question);
    post(stage.client, "application/ocsp-request", buffer_view(&question));
    expect_good(hear(&stage), 7);
}

static void incident46_a_question_in_the_path_means_the_same_escaped_or_not(
    void **state)
{
    RELEASED(stage) stage = {.client = -1};

    (void)state;
    stage_begin(&stage);
    for (uint64_t number = 0; number < 64; number++) {
        RELEASED(buffer) question = BUFFER("a question", 512);

        write_question(number, false, &question);
        get(stage.client, buffer_view(&question), false, "");
        expect_good(hear(&stage), number);
        get(stage.client, buffer_view(&question), true, "");
        expect_good(hear(&stage), number);
    }
}

static void an_answer_by_get_may_be_kept_until_it_ends(void **state)
{
    RELEASED(stage) stage = {.client = -1};
    RELEASED(buffer) question = BUFFER("a question", 512);
    struct bytes heard;
    char condition[128];
    const char *tag;

    (void)state;
    stage_begin(&stage);
    clock_set(STATUS_NOW + 400);
    write_question(7, false, &question);
    get(stage.client, buffer_view(&question), false, "");
    heard = hear(&stage);
    expect_good(heard, 7);
    assert_non_null(strstr((const char *)heard.start,
        "\r\nCache-Control: max-age=86000, public, no-transform, "
        "must-revalidate\r\n"));
    assert_non_null(strstr((const char *)heard.start,
        "\r\nLast-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n"));
    assert_non_null(strstr((const char *)heard.start,
        "\r\nExpires: Sun, 22 Nov 2026 00:00:00 GMT\r\n"));
    tag = strstr((const char *)heard.start, "\r\nETag: ");
    assert_non_null(tag);
    (void)snprintf(
        condition, sizeof(condition), "If-None-Match: %.34s\r\n", tag + 8);
    get(stage.client, buffer_view(&question), false, condition);
    heard = hear(&stage);
    assert_non_null(
        strstr((const char *)heard.start, "HTTP/1.1 304 Not Modified\r\n"));
    assert_int_equal(content_of(heard).length, 0);
}

/* --- by the keeper -------------------------------------------------------- */

static void a_nonce_and_an_unknown_serial_are_the_keepers(void **state)
{
    RELEASED(stage) stage = {.client = -1};
    struct frame frame = {0};

    (void)state;
    stage_begin(&stage);
    scene_keeper(stage.scene);
    for (int i = 0; i < 2; i++) {
        RELEASED(buffer) question = BUFFER("a question", 512);

        write_question(i == 0 ? 7 : 1000, i == 0, &question);
        post(stage.client, "application/ocsp-request", buffer_view(&question));
        assert_true(keeper_hear(stage.scene, &frame));
        assert_string_equal(keeper_field(&frame, FRONT_FIELD_PATH), "/ocsp");
        assert_non_null(memmem(frame.body.start, frame.body.length,
            question.start, question.length));
        keeper_answer(stage.scene, frame.id, 200, "signed just now");
        assert_non_null(
            strstr((const char *)hear(&stage).start, "signed just now"));
    }
}

static void without_a_keeper_they_are_to_try_later(void **state)
{
    RELEASED(stage) stage = {.client = -1};
    RELEASED(buffer) question = BUFFER("a question", 512);
    struct frame frame = {0};

    (void)state;
    stage_begin(&stage);
    write_question(7, true, &question);
    post(stage.client, "application/ocsp-request", buffer_view(&question));
    expect_bodiless(hear(&stage), OCSP_TRY_LATER);

    scene_keeper(stage.scene);
    post(stage.client, "application/ocsp-request", buffer_view(&question));
    assert_true(keeper_hear(stage.scene, &frame));
    scene_keeper_dies(stage.scene);
    expect_bodiless(hear(&stage), OCSP_TRY_LATER);
}

static void what_is_no_question_is_malformed(void **state)
{
    RELEASED(stage) stage = {.client = -1};
    RELEASED(buffer) question = BUFFER("a question", 512);

    (void)state;
    stage_begin(&stage);
    write_question(7, false, &question);
    post(stage.client, "text/plain", buffer_view(&question));
    expect_bodiless(hear(&stage), OCSP_MALFORMED_REQUEST);
    question.start[0] = 0x31;
    post(stage.client, "application/ocsp-request", buffer_view(&question));
    expect_bodiless(hear(&stage), OCSP_MALFORMED_REQUEST);
    client_say(stage.client, "GET /ocsp HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_bodiless(hear(&stage), OCSP_MALFORMED_REQUEST);
}

static void a_broken_frame_is_told_by_http(void **state)
{
    RELEASED(stage) stage = {.client = -1};
    const char *heard;
    bool closed;

    (void)state;
    stage_begin(&stage);
    client_say(stage.client,
        "POST /ocsp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "\r\n0_0\r\n\r\n");
    heard = client_hear(stage.scene, stage.client, &closed);
    assert_true(closed);
    assert_non_null(strstr(heard, "HTTP/1.1 400 Bad Request\r\n"));
}

static void an_answer_that_has_ended_is_not_given(void **state)
{
    RELEASED(stage) stage = {.client = -1};
    RELEASED(buffer) question = BUFFER("a question", 512);

    (void)state;
    stage_begin(&stage);
    clock_set(STATUS_NOW + STATUS_DAY + 1);
    write_question(7, false, &question);
    post(stage.client, "application/ocsp-request", buffer_view(&question));
    expect_bodiless(hear(&stage), OCSP_TRY_LATER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties25_an_answer_needs_no_keeper),
        cmocka_unit_test(
            incident46_a_question_in_the_path_means_the_same_escaped_or_not),
        cmocka_unit_test(an_answer_by_get_may_be_kept_until_it_ends),
        cmocka_unit_test(a_nonce_and_an_unknown_serial_are_the_keepers),
        cmocka_unit_test(without_a_keeper_they_are_to_try_later),
        cmocka_unit_test(what_is_no_question_is_malformed),
        cmocka_unit_test(a_broken_frame_is_told_by_http),
        cmocka_unit_test(an_answer_that_has_ended_is_not_given),
    };

    log_open("front", LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
