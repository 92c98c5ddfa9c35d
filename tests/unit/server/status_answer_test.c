#include "ocsp_asking.h"

/* Answers that are signed for who asks, alone and in groups. */

static int open_all(void **state)
{
    (void)open_inside(state);
    must_care();
    return 0;
}

static void assert_without_body(
    const struct ocsp_question *question, enum ocsp_response_status status)
{
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct ocsp_response response = {0};
    struct failure why = {0};

    assert_done(
        ocsp_response_read(answer_one(question, &answer), &response, &why),
        why);
    assert_int_equal(response.status, status);
}

static void an_issuer_that_is_not_ours_is_unauthorized(void **state)
{
    RELEASED(buffer) request = BUFFER("request", OCSP_QUESTION_MAX);
    struct ocsp_question question = {0};
    uint8_t other[20] = {0};

    (void)state;
    issue_one();
    question_of(&leaf, "SHA1", (struct bytes){0}, &request, &question);
    question.ids[1] = question.ids[0];
    question.ids[1].id.key_hash = (struct bytes){other, sizeof(other)};
    question.id_count = 2;
    assert_without_body(&question, OCSP_UNAUTHORIZED);
}

static void without_a_certificate_in_force_the_answer_is_try_later(void **state)
{
    RELEASED(buffer) request = BUFFER("request", OCSP_QUESTION_MAX);
    struct ocsp_question question = {0};

    (void)state;
    issue_one();
    begin_day(clock_now() + 15 * DAY_S);
    question_of(&leaf, "SHA1", (struct bytes){0}, &request, &question);
    assert_without_body(&question, OCSP_TRY_LATER);
}

/* --- groups --------------------------------------------------------------- */

#define GROUP 5

/* One of a group: its question, and who is asked about. */
struct one {
    struct buffer request;
    struct ocsp_question question;
    uint8_t nonce[32];
};

static void make_one(struct one *one, const struct certificate *certificate,
    const char *digest, uint8_t number)
{
    memset(one->nonce, number, sizeof(one->nonce));
    one->request = BUFFER("request", OCSP_QUESTION_MAX);
    question_of(certificate, digest,
        (struct bytes){one->nonce, number == 0 ? 0 : sizeof(one->nonce)},
        &one->request, &one->question);
}

static void assert_answers(const struct one *one,
    const struct status_asked *asked, enum ocsp_status status)
{
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};

    assert_int_equal(asked->why.kind, FAILURE_NONE);
    single = read_answer(asked->answer, &response);
    assert_int_equal(single.status, status);
    assert_true(bytes_equal(response.nonce, one->question.nonce));
    assert_true(bytes_equal(single.id.serial, one->question.ids[0].id.serial));
    assert_int_equal(single.next_update,
        clock_now() +
            (status == OCSP_UNKNOWN ? STATUS_UNKNOWN_LIFE_S : STATUS_LIFE_S));
}

static void assert_status(
    const struct status_asked *asked, enum ocsp_response_status status)
{
    struct ocsp_response response = {0};
    struct failure why = {0};

    assert_int_equal(asked->why.kind, FAILURE_NONE);
    assert_done(ocsp_response_read(asked->answer, &response, &why), why);
    assert_int_equal(response.status, status);
}

static void make_group(struct one group[static GROUP])
{
    static const uint8_t serial[] = {0x01, 0x02, 0x03};
    struct certificate forged = leaf;

    forged.tbs.serial = (struct bytes){serial, sizeof(serial)};
    make_one(&group[0], &leaf, "SHA256", 1);
    make_one(&group[1], &forged, "SHA1", 2);
    make_one(&group[2], &leaf, "SHA1", 3);
    make_one(&group[3], &leaf, "SHA1", 0);
    make_one(&group[4], &leaf, "SHA1", 4);
}

/* Answers the group in a room that was used before. */
static void answer_group(struct status_room *room, struct one *group,
    struct status_asked *asked, int64_t now)
{
    for (size_t i = 0; i < GROUP; i++)
        asked[i] = (struct status_asked){.question = &group[i].question};
    status_answer(room, ocsp.signer, here.reading, asked, GROUP, now);
}

static void each_of_a_group_gets_its_own_answer(void **state)
{
    static const uint8_t other[20];
    SCOPED_STRUCT(status_room) *room = NULL;
    struct status_asked asked[GROUP];
    struct ocsp_wish wish = {0};
    struct one group[GROUP];
    struct failure why = {0};

    (void)state;
    issue_one();
    make_group(group);
    group[2].question.ids[0].id.key_hash = (struct bytes){other, sizeof(other)};
    assert_done(status_room_new(GROUP, &room, &why), why);
    for (int round = 0; round < 2; round++) {
        answer_group(room, group, asked, clock_now());
        assert_answers(&group[0], &asked[0], OCSP_GOOD);
        assert_answers(&group[1], &asked[1], OCSP_UNKNOWN);
        assert_status(&asked[2], OCSP_UNAUTHORIZED);
        assert_answers(&group[3], &asked[3], OCSP_GOOD);
        assert_answers(&group[4], &asked[4], OCSP_GOOD);
        assert_true(ocsp_signer_take_wish(ocsp.signer, &wish));
        assert_false(ocsp_signer_take_wish(ocsp.signer, &wish));
    }
    for (size_t i = 0; i < GROUP; i++)
        buffer_free(&group[i].request);
}

static void a_group_without_a_certificate_in_force_is_to_try_later(void **state)
{
    SCOPED_STRUCT(status_room) *room = NULL;
    struct status_asked asked[GROUP];
    struct one group[GROUP];
    struct failure why = {0};

    (void)state;
    issue_one();
    make_group(group);
    assert_done(status_room_new(GROUP, &room, &why), why);
    answer_group(room, group, asked, clock_now() + 15 * DAY_S);
    for (size_t i = 0; i < GROUP; i++) {
        assert_status(&asked[i], OCSP_TRY_LATER);
        buffer_free(&group[i].request);
    }
}

/* The signer refuses what lies in the past: each by itself. */
static void what_the_signer_refuses_is_to_try_later(void **state)
{
    SCOPED_STRUCT(status_room) *room = NULL;
    struct status_asked asked[GROUP];
    struct one group[GROUP];
    struct failure why = {0};

    (void)state;
    issue_one();
    make_group(group);
    assert_done(status_room_new(GROUP, &room, &why), why);
    answer_group(room, group, asked, clock_now() - 3 * DAY_S);
    for (size_t i = 0; i < GROUP; i++) {
        assert_status(&asked[i], OCSP_TRY_LATER);
        buffer_free(&group[i].request);
    }
}

static void more_than_a_signer_takes_is_no_room(void **state)
{
    struct status_room *room = NULL;
    struct failure why = {0};

    (void)state;
    assert_false(status_room_new(STATUS_GROUP_MAX + 1, &room, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
}

#define at_a_desk(function) \
    cmocka_unit_test_setup_teardown(function, open_all, close_inside)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        at_a_desk(an_issuer_that_is_not_ours_is_unauthorized),
        at_a_desk(without_a_certificate_in_force_the_answer_is_try_later),
        at_a_desk(each_of_a_group_gets_its_own_answer),
        at_a_desk(a_group_without_a_certificate_in_force_is_to_try_later),
        at_a_desk(what_the_signer_refuses_is_to_try_later),
        cmocka_unit_test(more_than_a_signer_takes_is_no_room),
    };
    struct failure why = {0};
    int failed;

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0) {
        shared_clock_take();
        return role_main(arguments[2]);
    }
    if (!crypto_start(&why))
        return 9;
    failed = cmocka_run_group_tests(tests, make_template, remove_template);
    buffer_free(&issued);
    return failed;
}
