#include "signer_desk.h"

/* --- hostile questions --------------------------------------------------- */

static void a_group_of_no_drafts_or_too_many_is_refused_whole(void **state)
{
    RELEASED(buffer) question = BUFFER("question", SIGNER_FRAME_MAX);
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    assert_false(
        ask_signer(&signer, SIGNER_SIGN, (struct bytes){0}, -1, &answer, &why));
    assert_string_equal(why.reason, "a group without drafts");
    for (size_t i = 0; i <= SIGNER_GROUP_MAX; i++)
        assert_true(
            message_add(&question, FIELD_DRAFT, bytes_of_text("draft"), &why));
    assert_false(ask_signer(
        &signer, SIGNER_SIGN, buffer_view(&question), -1, &answer, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, "a group of more than 256 drafts");
}

static void a_draft_above_64_kib_is_refused(void **state)
{
    static const uint8_t large[SIGNER_DRAFT_MAX + 1];
    RELEASED(buffer) question = BUFFER("question", SIGNER_FRAME_MAX);
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    assert_true(message_add(
        &question, FIELD_DRAFT, (struct bytes){large, sizeof(large)}, &why));
    assert_false(ask_signer(
        &signer, SIGNER_SIGN, buffer_view(&question), -1, &answer, &why));
    assert_string_equal(why.reason, "a draft of more than 65536 bytes");
}

static void a_message_cut_off_is_refused_and_the_next_one_answered(void **state)
{
    static const uint8_t cut[] = {FIELD_DRAFT, 0, 0, 1, 0, 1};
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    assert_false(ask_signer(&signer, SIGNER_SIGN,
        (struct bytes){cut, sizeof(cut)}, -1, &answer, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_false(ask_signer(&signer, SIGNER_RESERVE,
        (struct bytes){cut, sizeof(cut)}, -1, &answer, &why));
    assert_false(ask_signer(&signer, SIGNER_CHECKPOINT,
        (struct bytes){cut, sizeof(cut)}, -1, &answer, &why));
    assert_true(
        ask_signer(&signer, SIGNER_STAT, (struct bytes){0}, -1, &answer, &why));
}

static void assert_ends_at(const uint8_t *bytes, size_t length)
{
    struct pollfd polled = {.events = POLLIN};
    struct failure why = {0};
    struct running_signer broken;
    struct signer_plan plan;
    uint8_t byte;
    int status = 0;

    sign_log = new_log();
    plan = plan_of_one();
    assert_done(try_signer(&plan, &broken, &why), why);
    polled.fd = broken.socket;
    assert_int_equal(write(broken.socket, bytes, length), length);
    assert_int_equal(poll(&polled, 1, 20000), 1);
    /* Reset, where bytes were left unread. */
    assert_true(read(broken.socket, &byte, 1) <= 0);
    assert_true(process_end(broken.process, 20000, &status, &why));
    broken.process = 0;
    /* By itself, neither crashed nor killed. */
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 8);
    descriptor_close(&broken.socket);
    channel_free(broken.parent);
    descriptor_close(&sign_log);
}

static void garbage_ends_the_channel_and_the_process_in_order(void **state)
{
    static const uint8_t garbage[] = "GET / HTTP/1.1\r\nHost: signer\r\n\r\n";
    static const uint8_t long_sign[FRAME_HEAD_BYTES] = {
        0x7f, 0xff, 0xff, 0xff, 0, SIGNER_SIGN};
    static const uint8_t start_again[FRAME_HEAD_BYTES] = {
        0, 0, 0, 0, 0, SIGNER_START};

    (void)state;
    assert_ends_at(garbage, sizeof(garbage));
    assert_ends_at(long_sign, sizeof(long_sign));
    assert_ends_at(start_again, sizeof(start_again));
}

static void the_signer_ends_with_its_parent_and_not_with_its_keeper(
    void **state)
{
    struct running_signer started;
    struct signer_plan plan;
    struct failure why = {0};
    int status = 0;

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    start_signer(&plan, &started);
    channel_free(started.keeper);
    started.keeper = NULL;
    (void)poll(NULL, 0, 100);
    assert_int_equal(waitpid(started.process, &status, WNOHANG), 0);
    channel_free(started.parent);
    assert_true(process_end(started.process, 20000, &status, &why));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    start_signer(&plan, &started);
    channel_free(started.parent);
    started.parent = NULL;
    assert_true(process_end(started.process, 20000, &status, &why));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    channel_free(started.keeper);
    descriptor_close(&sign_log);
}

/* --- checkpoints
 * ----------------------------------------------------------------------------
 */

static struct bytes field_of(struct bytes message, uint8_t tag)
{
    struct reader reader = reader_of(message);
    struct failure why = {0};

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        assert_true(message_next(&reader, &field, &why));
        if (field.tag == tag)
            return field.value;
    }
    fail_msg("the field is not there");
    return (struct bytes){0};
}

static void a_checkpoint_is_worded_by_the_signer_alone(void **state)
{
    static const char head[] = "chancery checkpoint 1\n";
    static const uint8_t hash[SHA256_BYTES] = {0xab};
    RELEASED(buffer) question = BUFFER("question", 256);
    struct frame answer = {0};
    struct failure why = {0};
    struct bytes statement;

    (void)state;
    assert_true(message_add_number(&question, FIELD_KEY, 0, &why));
    assert_true(
        message_add_number(&question, FIELD_JOURNAL_SEQUENCE, 77, &why));
    assert_true(message_add(&question, FIELD_JOURNAL_HASH,
        (struct bytes){hash, sizeof(hash)}, &why));
    assert_done(ask_signer(&signer, SIGNER_CHECKPOINT, buffer_view(&question),
                    -1, &answer, &why),
        why);
    statement = field_of(answer.body, FIELD_STATEMENT);
    assert_int_equal(statement.length,
        sizeof(head) - 1 + 8 + 8 + SHA256_BYTES + 8 + SHA256_BYTES);
    assert_memory_equal(statement.start, head, sizeof(head) - 1);
    assert_int_equal(statement.start[sizeof(head) - 1 + 15], 77);
    assert_memory_equal(
        statement.start + sizeof(head) - 1 + 16, hash, sizeof(hash));
    assert_int_equal(read_log().of[SIGN_LOG_CHECKPOINT], 1);
}

static void a_checkpoint_over_no_hash_is_refused(void **state)
{
    static const uint8_t hash[SHA256_BYTES + 1] = {0x30, 0x82};
    RELEASED(buffer) question = BUFFER("question", 256);
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    assert_true(message_add_number(&question, FIELD_KEY, 0, &why));
    assert_true(message_add(&question, FIELD_JOURNAL_HASH,
        (struct bytes){hash, sizeof(hash)}, &why));
    assert_false(ask_signer(
        &signer, SIGNER_CHECKPOINT, buffer_view(&question), -1, &answer, &why));
    assert_string_equal(why.reason, "a journal hash of 33 bytes");
}

/* --- locked and unlocked ------------------------------------------------- */

static struct signer_state ask_state(uint16_t question, int descriptor)
{
    struct signer_state state = {0};
    struct frame answer = {0};
    struct failure why = {0};

    assert_done(ask_signer(&signer, question, (struct bytes){0}, descriptor,
                    &answer, &why),
        why);
    assert_int_equal(answer.type, SIGNER_STATE);
    assert_true(signer_state_read(answer.body, &state, &why));
    return state;
}

static void a_locked_signer_signs_nothing_until_unlocked(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    SCOPED_DESCRIPTOR int encrypted = key_file_of(authority.key, "right");
    SCOPED_DESCRIPTOR int wrong = file_of_text("wrong\n");
    SCOPED_DESCRIPTOR int right = file_of_text("right\n");
    struct signer_plan plan;
    struct signer_state now;

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    plan.key_files[0] = encrypted;
    start_signer(&plan, &signer);
    assert_false(signer.ready.keys[0].is_usable);
    assert_non_null(strstr(signer.ready.keys[0].why, "locked"));
    good_draft(&draft);
    assert_int_equal(ask_to_sign(&signer, 0, buffer_view(&draft)).why.kind,
        FAILURE_UNAVAILABLE);

    now = ask_state(SIGNER_UNLOCK, wrong);
    assert_false(now.keys[0].is_usable);
    assert_non_null(strstr(now.keys[0].why, "passphrase"));
    now = ask_state(SIGNER_UNLOCK, right);
    assert_true(now.keys[0].is_usable);
    assert_string_equal(now.keys[0].why, "");
    buffer_clear(&draft);
    good_draft(&draft);
    assert_true(ask_to_sign(&signer, 0, buffer_view(&draft)).is_signed);

    now = ask_state(SIGNER_LOCK, -1);
    assert_false(now.keys[0].is_usable);
    assert_string_equal(now.keys[0].why, "locked");
    assert_int_equal(now.signatures, 1);
    buffer_clear(&draft);
    good_draft(&draft);
    assert_refused_as(
        buffer_view(&draft), "the key of \"Issuing\" can't be used: locked");
}

static void a_key_that_is_not_the_certificates_is_unusable(void **state)
{
    struct signer_plan plan;

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    plan.key_files[0] = other_key_file;
    start_signer(&plan, &signer);
    assert_false(signer.ready.keys[0].is_usable);
    assert_string_equal(signer.ready.keys[0].why,
        "the key does not match the certificate of \"Issuing\"");
}

/* --- the log fails
 * ------------------------------------------------------------------------------
 */

static void properties18_a_log_that_is_full_refuses_the_start(void **state)
{
    struct running_signer started;
    struct signer_plan plan;
    struct failure why = {0};

    (void)state;
    sign_log = open("/dev/full", O_RDWR | O_CLOEXEC);
    plan = plan_of_one();
    assert_false(try_signer(&plan, &started, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "the sign log can't be written: No space left on device");
    assert_int_equal(end_signer(&started), 9);
    descriptor_close(&sign_log);
}

static void properties18_a_log_that_fails_stops_the_signer_for_good(
    void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct running_signer started;
    struct outcome outcome;
    struct frame answer = {0};
    struct failure why = {0};
    int status = 0;

    assert_int_equal(start_one(state), 0);
    good_draft(&draft);
    started = signer;
    /* The file may not be written any more: as a disk that has gone. */
    assert_int_equal(fcntl(sign_log, F_ADD_SEALS, F_SEAL_WRITE), 0);
    outcome = ask_to_sign(&started, 0, buffer_view(&draft));
    assert_false(outcome.is_signed);
    assert_int_equal(outcome.why.kind, FAILURE_UNAVAILABLE);
    assert_non_null(strstr(outcome.why.reason, "the sign log"));
    /* It has ended, and says so by its status. */
    assert_false(channel_receive(started.keeper, 20000, &answer, &why));
    assert_true(process_end(started.process, 20000, &status, &why));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 8);
    channel_free(started.keeper);
    channel_free(started.parent);
    assert_int_equal(read_log().of[SIGN_LOG_INTENT], 0);
    descriptor_close(&sign_log);
}

static void a_damaged_log_refuses_the_start_and_stays(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct running_signer started;
    struct signer_plan plan;
    struct failure why = {0};
    struct stat before, after;
    uint8_t byte = 0xff;

    (void)state;
    assert_int_equal(start_one(NULL), 0);
    good_draft(&draft);
    assert_true(ask_to_sign(&signer, 0, buffer_view(&draft)).is_signed);
    assert_int_equal(end_signer(&signer), 0);
    assert_int_equal(fcntl(sign_log, F_SETFL, 0), 0);
    assert_int_equal(pwrite(sign_log, &byte, 1, 10), 1);
    assert_int_equal(fcntl(sign_log, F_SETFL, O_APPEND), 0);
    assert_int_equal(write(sign_log, "x", 1), 1);
    assert_int_equal(fstat(sign_log, &before), 0);
    plan = plan_of_one();
    assert_false(try_signer(&plan, &started, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_int_equal(end_signer(&started), 9);
    assert_int_equal(fstat(sign_log, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    descriptor_close(&sign_log);
}

/* --- a parent's start
 * ------------------------------------------------------------------------------
 */

static void a_start_without_what_it_needs_is_refused(void **state)
{
    struct running_signer started;
    struct signer_plan plan;
    struct failure why = {0};

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    plan.key_count = 0;
    /* No key at all is a signer that signs nothing. */
    start_signer(&plan, &started);
    assert_int_equal(started.ready.key_count, 0);
    assert_int_equal(end_signer(&started), 0);

    plan = plan_of_one();
    plan.limits[0] = &(struct signer_limits){.name = "none"};
    assert_true(try_signer(&plan, &started, &why));
    assert_false(started.ready.keys[0].is_usable);
    assert_int_equal(end_signer(&started), 0);
    descriptor_close(&sign_log);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        with_one(a_group_of_no_drafts_or_too_many_is_refused_whole),
        with_one(a_draft_above_64_kib_is_refused),
        with_one(a_message_cut_off_is_refused_and_the_next_one_answered),
        cmocka_unit_test(garbage_ends_the_channel_and_the_process_in_order),
        cmocka_unit_test(
            the_signer_ends_with_its_parent_and_not_with_its_keeper),
        with_one(a_checkpoint_is_worded_by_the_signer_alone),
        with_one(a_checkpoint_over_no_hash_is_refused),
        with_its_own(a_locked_signer_signs_nothing_until_unlocked),
        with_its_own(a_key_that_is_not_the_certificates_is_unusable),
        cmocka_unit_test(properties18_a_log_that_is_full_refuses_the_start),
        cmocka_unit_test(
            properties18_a_log_that_fails_stops_the_signer_for_good),
        cmocka_unit_test(a_damaged_log_refuses_the_start_and_stays),
        cmocka_unit_test(a_start_without_what_it_needs_is_refused),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_authorities, free_authorities);
}
