#include "sign_log_fixture.h"

/* --- reading what was written -------------------------------------------- */

static void records_are_read_back_as_they_were_added(void **state)
{
    struct sign_log log = opened(new_file());
    struct seen seen = {0};

    (void)state;
    write_five(&log);
    visit_all(log.descriptor, 0, &seen);
    assert_int_equal(seen.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(seen.types[i], SIGN_LOG_STARTED + i);
    assert_int_equal(seen.lengths[1], strlen("an intent"));
    assert_int_equal(seen.ends[4], log.size);
    assert_int_equal(size_of(log.descriptor), log.size);
    sign_log_free(&log);
}

static void nothing_is_in_the_file_before_it_is_written(void **state)
{
    struct sign_log log = opened(new_file());

    (void)state;
    add_record(&log, SIGN_LOG_STARTED, of("12345678"));
    assert_int_equal(size_of(log.descriptor), 0);
    assert_int_equal(log.size, 0);
    write_out(&log);
    assert_int_equal(size_of(log.descriptor), 8 + SIGN_LOG_FRAME_BYTES);
    sign_log_free(&log);
}

static void a_record_of_several_parts_is_their_sum(void **state)
{
    const struct bytes parts[] = {of("ab"), of(""), of("cde")};
    struct sign_log log = opened(new_file());
    struct failure why = {0};
    struct seen seen = {0};

    (void)state;
    assert_true(sign_log_add(&log, SIGN_LOG_INTENT, parts, 3, &why));
    write_out(&log);
    visit_all(log.descriptor, 0, &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.lengths[0], 5);
    sign_log_free(&log);
}

static void a_payload_above_the_limit_is_refused_by_its_number(void **state)
{
    static const uint8_t large[SIGN_LOG_PAYLOAD_MAX + 1];
    const struct bytes part = {large, sizeof(large)};
    struct sign_log log = opened(new_file());
    struct failure why = {0};

    (void)state;
    assert_false(sign_log_add(&log, SIGN_LOG_INTENT, &part, 1, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "a sign log record of 131073 bytes is above the limit of 131072");
    sign_log_free(&log);
}

static void a_log_goes_on_where_it_ended(void **state)
{
    struct sign_log first = opened(new_file());
    struct sign_log second;
    struct seen seen = {0};

    (void)state;
    write_five(&first);
    second = opened(dup(first.descriptor));
    assert_int_equal(second.size, first.size);
    assert_memory_equal(second.hash, first.hash, SHA256_BYTES);
    write_five(&second);
    visit_all(second.descriptor, 0, &seen);
    assert_int_equal(seen.count, 10);
    sign_log_free(&first);
    sign_log_free(&second);
}

static void a_visit_may_begin_at_the_end_of_any_record(void **state)
{
    struct sign_log log = opened(new_file());
    struct seen all = {0};

    (void)state;
    write_five(&log);
    visit_all(log.descriptor, 0, &all);
    for (size_t i = 0; i < all.count; i++) {
        struct seen rest = {0};

        visit_all(log.descriptor, all.ends[i], &rest);
        assert_int_equal(rest.count, all.count - i - 1);
    }
    sign_log_free(&log);
}

static void a_visit_from_elsewhere_is_refused(void **state)
{
    struct sign_log log = opened(new_file());
    struct seen all = {0};
    size_t next = 0;

    (void)state;
    write_five(&log);
    visit_all(log.descriptor, 0, &all);
    for (uint64_t from = 1; from < log.size + SIGN_LOG_FRAME_BYTES; from++) {
        struct failure why = {0};
        struct seen rest = {0};

        if (from == all.ends[next]) {
            next++;
            continue;
        }
        assert_int_equal(
            sign_log_visit(log.descriptor, from, see, &rest, &why), false);
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_int_equal(rest.count, 0);
    }
    sign_log_free(&log);
}

static void a_log_longer_than_the_window_is_visited_whole(void **state)
{
    static uint8_t payload[SIGN_LOG_PAYLOAD_MAX];
    struct sign_log log = opened(new_file());
    struct seen seen = {0};

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        payload[0] = (uint8_t)i;
        add_record(&log, SIGN_LOG_INTENT,
            (struct bytes){
                payload, i % 3 == 0 ? sizeof(payload) : 1 + 3001 * i});
        if (i % 7 == 0)
            write_out(&log);
    }
    write_out(&log);
    visit_all(log.descriptor, 0, &seen);
    assert_int_equal(seen.count, 40);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(seen.first[i], i);
    sign_log_free(&log);
}

/* Four of the longest records are the window to the byte. */
static void a_log_as_long_as_the_window_is_visited_whole(void **state)
{
    static const uint8_t payload[SIGN_LOG_PAYLOAD_MAX];
    struct sign_log log = opened(new_file());
    struct seen seen = {0};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        add_record(
            &log, SIGN_LOG_INTENT, (struct bytes){payload, sizeof(payload)});
    write_out(&log);
    visit_all(log.descriptor, 0, &seen);
    assert_int_equal(seen.count, 4);
    sign_log_free(&log);
}

static void a_visitor_that_refuses_ends_the_visit_with_its_reason(void **state)
{
    struct sign_log log = opened(new_file());
    struct seen seen = {.refuse_at = 3};
    struct failure why = {0};

    (void)state;
    write_five(&log);
    assert_false(sign_log_visit(log.descriptor, 0, see, &seen, &why));
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    assert_string_equal(why.reason, "seen enough");
    assert_int_equal(seen.count, 2);
    sign_log_free(&log);
}

/* The chain: a record moved to another log, or two changed places. */
static void a_record_that_follows_another_is_refused(void **state)
{
    struct sign_log log = opened(new_file());
    struct sign_log_record record = {0};
    uint8_t hash[SHA256_BYTES] = {1};
    uint8_t bytes[512];
    struct failure why = {0};

    (void)state;
    write_five(&log);
    assert_true(pread(log.descriptor, bytes, sizeof(bytes), 0) > 0);
    assert_false(sign_log_read_record(
        (struct bytes){bytes, (size_t)log.size}, 4711, hash, &record, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason,
        "a sign log record does not follow the one before at offset 4711");
    assert_int_equal(hash[0], 1);
    sign_log_free(&log);
}

static void a_record_that_is_none_is_refused_with_its_offset(void **state)
{
    static const struct {
        uint8_t bytes[60];
        size_t length;
        const char *reason;
    } rows[] = {
        {{0}, 0, "a sign log record is cut off at offset 9"},
        {{0, 0, 0, 1, 1}, 5, "a sign log record is cut off at offset 9"},
        {{0, 2, 0, 1, 1}, 5, "a sign log record is too long at offset 9"},
        {{0xff, 0xff, 0xff, 0xff, 1}, 5,
            "a sign log record is too long at offset 9"},
        {{0, 0, 0, 0, 0}, 5, "a sign log record of no known type at offset 9"},
        {{0, 0, 0, 0, 7}, 5, "a sign log record of no known type at offset 9"},
        {{0, 0, 0, 0, 1}, 41,
            "a sign log record's two lengths differ at offset 9"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sign_log_record record = {0};
        uint8_t hash[SHA256_BYTES] = {0};
        struct failure why = {0};

        assert_false(
            sign_log_read_record((struct bytes){rows[i].bytes, rows[i].length},
                9, hash, &record, &why));
        assert_string_equal(why.reason, rows[i].reason);
    }
}

/* --- payloads ------------------------------------------------------------ */

static void an_intent_is_time_key_and_draft(void **state)
{
    uint8_t payload[8 + SHA256_BYTES + 3] = {0, 0, 0, 0, 0, 0, 1, 2};
    struct sign_log_intent intent = {0};
    struct failure why = {0};

    (void)state;
    payload[8] = 0x77;
    payload[8 + SHA256_BYTES] = 0x30;
    assert_true(sign_log_intent_read(
        (struct bytes){payload, sizeof(payload)}, &intent, &why));
    assert_int_equal(intent.time, 258);
    assert_int_equal(intent.key_sha256.start[0], 0x77);
    assert_int_equal(intent.draft.length, 3);
    assert_int_equal(intent.draft.start[0], 0x30);
    assert_false(sign_log_intent_read(
        (struct bytes){payload, 8 + SHA256_BYTES - 1}, &intent, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

static void a_result_is_serial_and_signature(void **state)
{
    static const uint8_t payload[] = {2, 0xa, 0xb, 0xc};
    struct sign_log_signed result = {0};
    struct failure why = {0};

    (void)state;
    assert_true(sign_log_signed_read(
        (struct bytes){payload, sizeof(payload)}, &result, &why));
    assert_int_equal(result.serial.length, 2);
    assert_int_equal(result.signature.length, 1);
    assert_int_equal(result.signature.start[0], 0xc);
    assert_false(
        sign_log_signed_read((struct bytes){payload, 2}, &result, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_back_as_they_were_added),
        cmocka_unit_test(nothing_is_in_the_file_before_it_is_written),
        cmocka_unit_test(a_record_of_several_parts_is_their_sum),
        cmocka_unit_test(a_payload_above_the_limit_is_refused_by_its_number),
        cmocka_unit_test(a_log_goes_on_where_it_ended),
        cmocka_unit_test(a_visit_may_begin_at_the_end_of_any_record),
        cmocka_unit_test(a_visit_from_elsewhere_is_refused),
        cmocka_unit_test(a_log_longer_than_the_window_is_visited_whole),
        cmocka_unit_test(a_log_as_long_as_the_window_is_visited_whole),
        cmocka_unit_test(a_visitor_that_refuses_ends_the_visit_with_its_reason),
        cmocka_unit_test(a_record_that_follows_another_is_refused),
        cmocka_unit_test(a_record_that_is_none_is_refused_with_its_offset),
        cmocka_unit_test(an_intent_is_time_key_and_draft),
        cmocka_unit_test(a_result_is_serial_and_signature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
