#include "sign_log_fixture.h"

/* --- a torn tail, and damage --------------------------------------------- */

static void a_last_record_cut_off_at_any_byte_is_taken_away(void **state)
{
    (void)state;
    for (off_t kept = 0; kept < 12 + SIGN_LOG_FRAME_BYTES; kept++) {
        struct sign_log written = opened(new_file());
        struct sign_log log = {0};
        struct failure why = {0};
        struct seen seen = {0};
        uint64_t torn = 0;
        off_t last;

        write_five(&written);
        last = (off_t)written.size - 12 - SIGN_LOG_FRAME_BYTES;
        assert_int_equal(ftruncate(written.descriptor, last + kept), 0);
        if (!sign_log_open(dup(written.descriptor), &log, &torn, &why))
            fail_msg("%s", why.reason);
        assert_int_equal(torn, kept);
        assert_int_equal(size_of(log.descriptor), last);
        add_record(&log, SIGN_LOG_STARTED, of("12345678"));
        write_out(&log);
        visit_all(log.descriptor, 0, &seen);
        assert_int_equal(seen.count, 5);
        assert_int_equal(seen.types[4], SIGN_LOG_STARTED);
        sign_log_free(&log);
        sign_log_free(&written);
    }
}

static void a_last_record_with_any_byte_changed_is_taken_away(void **state)
{
    (void)state;
    for (off_t i = 0; i < 12 + SIGN_LOG_FRAME_BYTES; i++) {
        struct sign_log written = opened(new_file());
        struct sign_log log = {0};
        struct failure why = {0};
        uint64_t torn = 0;

        write_five(&written);
        flip(written.descriptor, (off_t)written.size - 1 - i);
        if (!sign_log_open(dup(written.descriptor), &log, &torn, &why))
            fail_msg("%s", why.reason);
        assert_int_equal(torn, 12 + SIGN_LOG_FRAME_BYTES);
        sign_log_free(&log);
        sign_log_free(&written);
    }
}

/* A group that was being written when the power went: its first page is
 * missing, its second is there.  Nothing of it was synced. */
static void a_group_whose_beginning_is_missing_is_taken_away(void **state)
{
    static uint8_t payload[3000];
    struct sign_log written = opened(new_file());
    struct sign_log log = {0};
    struct failure why = {0};
    uint64_t before, torn = 0;

    (void)state;
    write_five(&written);
    before = written.size;
    for (size_t i = 0; i < 5; i++)
        add_record(&written, SIGN_LOG_INTENT,
            (struct bytes){payload, sizeof(payload)});
    write_out(&written);
    flip(written.descriptor, (off_t)before + 100);
    assert_int_equal(ftruncate(written.descriptor, (off_t)written.size - 7), 0);
    if (!sign_log_open(dup(written.descriptor), &log, &torn, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(log.size, before);
    sign_log_free(&log);
    sign_log_free(&written);
}

static void damage_before_what_was_synced_is_a_conflict_and_stays(void **state)
{
    struct sign_log written = opened(new_file());
    struct failure why = {0};
    struct seen all = {0};
    off_t size;

    (void)state;
    write_five(&written);
    write_five(&written);
    visit_all(written.descriptor, 0, &all);
    size = (off_t)written.size - 3;
    assert_int_equal(ftruncate(written.descriptor, size), 0);
    /* Any byte of a record that a later draft with its result stands behind. */
    for (off_t place = 0; place < (off_t)all.ends[4]; place++) {
        struct sign_log log = {0};
        uint64_t torn = 0;

        flip(written.descriptor, place);
        if (sign_log_open(dup(written.descriptor), &log, &torn, &why))
            fail_msg("damage at %ld was taken for a torn tail", (long)place);
        assert_int_equal(why.kind, FAILURE_CONFLICT);
        assert_int_equal(size_of(written.descriptor), size);
        sign_log_free(&log);
        flip(written.descriptor, place);
    }
    assert_string_equal(
        why.reason, "the sign log is damaged at offset 201 of 505");
    sign_log_free(&written);
}

static void a_tail_longer_than_any_group_is_damage(void **state)
{
    struct sign_log written = opened(new_file());
    struct sign_log log = {0};
    struct failure why = {0};
    uint64_t torn = 0;
    off_t size;

    (void)state;
    write_five(&written);
    size = (off_t)written.size + 17 * 1024 * 1024;
    assert_int_equal(ftruncate(written.descriptor, size), 0);
    assert_false(sign_log_open(dup(written.descriptor), &log, &torn, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_int_equal(size_of(written.descriptor), size);
    sign_log_free(&log);
    sign_log_free(&written);
}

static void a_file_that_was_never_a_log_becomes_an_empty_one(void **state)
{
    struct sign_log log = {0};
    struct failure why = {0};
    uint64_t torn = 0;
    int descriptor = new_file();

    (void)state;
    assert_int_equal(write(descriptor, "garbage", 7), 7);
    assert_true(sign_log_open(descriptor, &log, &torn, &why));
    assert_int_equal(torn, 7);
    assert_int_equal(log.size, 0);
    sign_log_free(&log);
}

/* --- a disk that fails --------------------------------------------------- */

static void properties18_a_full_disk_fails_the_write(void **state)
{
    struct sign_log log = opened(open("/dev/full", O_RDWR | O_CLOEXEC));
    struct failure why = {0};

    (void)state;
    add_record(&log, SIGN_LOG_STARTED, of("12345678"));
    assert_false(sign_log_write(&log, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "the sign log can't be written: No space left on device");
    assert_int_equal(log.size, 0);
    sign_log_free(&log);
}

static void a_log_that_can_t_be_synced_says_so(void **state)
{
    int ends[2];
    struct sign_log log = {0};
    struct failure why = {0};

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    log.descriptor = ends[1];
    assert_false(sign_log_sync(&log, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "the sign log can't be made durable: Invalid argument");
    sign_log_free(&log);
    descriptor_close(&ends[0]);
}

static void a_log_that_can_t_be_read_is_unavailable(void **state)
{
    struct sign_log log = {0};
    struct seen seen = {0};
    struct failure why = {0};
    uint64_t torn = 0;
    int ends[2];
    int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_false(sign_log_open(ends[0], &log, &torn, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_false(sign_log_visit(folder, 0, see, &seen, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "the sign log can't be read: Is a directory");
    descriptor_close(&folder);
    descriptor_close(&ends[0]);
    descriptor_close(&ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_last_record_cut_off_at_any_byte_is_taken_away),
        cmocka_unit_test(a_last_record_with_any_byte_changed_is_taken_away),
        cmocka_unit_test(a_group_whose_beginning_is_missing_is_taken_away),
        cmocka_unit_test(damage_before_what_was_synced_is_a_conflict_and_stays),
        cmocka_unit_test(a_tail_longer_than_any_group_is_damage),
        cmocka_unit_test(a_file_that_was_never_a_log_becomes_an_empty_one),
        cmocka_unit_test(properties18_a_full_disk_fails_the_write),
        cmocka_unit_test(a_log_that_can_t_be_synced_says_so),
        cmocka_unit_test(a_log_that_can_t_be_read_is_unavailable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
