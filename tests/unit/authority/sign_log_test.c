#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <fcntl.h>

#include "authority/sign_log.h"
#include "base/scoped.h"

static int new_file(void)
{
    int descriptor = memfd_create("sign.log", MFD_CLOEXEC);

    assert_true(descriptor >= 0);
    assert_int_equal(fcntl(descriptor, F_SETFL, O_APPEND), 0);
    return descriptor;
}

static struct sign_log opened(int descriptor)
{
    struct sign_log log = {0};
    struct failure why = {0};
    uint64_t torn = 99;

    if (!sign_log_open(descriptor, &log, &torn, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(torn, 0);
    return log;
}

static struct bytes of(const char *text)
{
    return bytes_of_text(text);
}

static void add_record(
    struct sign_log *log, enum sign_log_type type, struct bytes payload)
{
    struct failure why = {0};

    if (!sign_log_add(log, type, &payload, 1, &why))
        fail_msg("%s", why.reason);
}

static void write_out(struct sign_log *log)
{
    struct failure why = {0};

    if (!sign_log_write(log, &why))
        fail_msg("%s", why.reason);
}

static off_t size_of(int descriptor)
{
    struct stat status;

    assert_int_equal(fstat(descriptor, &status), 0);
    return status.st_size;
}

static void flip(int descriptor, off_t offset)
{
    uint8_t byte;

    assert_int_equal(pread(descriptor, &byte, 1, offset), 1);
    byte ^= 0x10;
    /* pwrite(2): a descriptor with O_APPEND writes at the end. */
    assert_int_equal(fcntl(descriptor, F_SETFL, 0), 0);
    assert_int_equal(pwrite(descriptor, &byte, 1, offset), 1);
    assert_int_equal(fcntl(descriptor, F_SETFL, O_APPEND), 0);
}

/* What a visit saw. */
struct seen {
    size_t count;
    enum sign_log_type types[400];
    uint64_t ends[400];
    size_t lengths[400];
    uint8_t first[400];
    size_t refuse_at;
};

static bool see(void *context, const struct sign_log_record *record,
    struct failure *why)
{
    struct seen *seen = context;

    assert_true(seen->count < 400);
    if (seen->refuse_at != 0 && seen->count + 1 == seen->refuse_at)
        return fail_because(why, FAILURE_FORBIDDEN, "seen enough");
    seen->types[seen->count] = record->type;
    seen->lengths[seen->count] = record->payload.length;
    seen->first[seen->count] =
        record->payload.length == 0 ? 0 : record->payload.start[0];
    seen->ends[seen->count++] = record->end;
    return true;
}

static void visit_all(int descriptor, uint64_t from, struct seen *seen)
{
    struct failure why = {0};

    if (!sign_log_visit(descriptor, from, see, seen, &why))
        fail_msg("%s", why.reason);
}

/* STARTED, INTENT, SIGNED, REFUSED, CHECKPOINT. */
static void write_five(struct sign_log *log)
{
    add_record(log, SIGN_LOG_STARTED, of("12345678"));
    add_record(log, SIGN_LOG_INTENT, of("an intent"));
    add_record(log, SIGN_LOG_SIGNED, of("a signature"));
    add_record(log, SIGN_LOG_REFUSED, of("a refusal"));
    add_record(log, SIGN_LOG_CHECKPOINT, of("a checkpoint"));
    write_out(log);
}

/* --- reading what was written ------------------------------------------------- */

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
            (struct bytes){payload, i % 3 == 0 ? sizeof(payload)
                                               : 1 + 3001 * i});
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
        add_record(&log, SIGN_LOG_INTENT,
            (struct bytes){payload, sizeof(payload)});
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

/* --- a torn tail, and damage ------------------------------------------------------ */

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
        {{0, 0, 0, 0, 0}, 5,
            "a sign log record of no known type at offset 9"},
        {{0, 0, 0, 0, 6}, 5,
            "a sign log record of no known type at offset 9"},
        {{0, 0, 0, 0, 1}, 41,
            "a sign log record's two lengths differ at offset 9"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sign_log_record record = {0};
        uint8_t hash[SHA256_BYTES] = {0};
        struct failure why = {0};

        assert_false(sign_log_read_record(
            (struct bytes){rows[i].bytes, rows[i].length}, 9, hash, &record,
            &why));
        assert_string_equal(why.reason, rows[i].reason);
    }
}

/* --- payloads ------------------------------------------------------------------------ */

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
    assert_false(sign_log_signed_read(
        (struct bytes){payload, 2}, &result, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

/* --- a disk that fails ------------------------------------------------------------------ */

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
    assert_string_equal(why.reason,
        "the sign log can't be made durable: Invalid argument");
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
        cmocka_unit_test(a_last_record_cut_off_at_any_byte_is_taken_away),
        cmocka_unit_test(a_last_record_with_any_byte_changed_is_taken_away),
        cmocka_unit_test(a_group_whose_beginning_is_missing_is_taken_away),
        cmocka_unit_test(damage_before_what_was_synced_is_a_conflict_and_stays),
        cmocka_unit_test(a_tail_longer_than_any_group_is_damage),
        cmocka_unit_test(a_file_that_was_never_a_log_becomes_an_empty_one),
        cmocka_unit_test(a_record_that_follows_another_is_refused),
        cmocka_unit_test(a_record_that_is_none_is_refused_with_its_offset),
        cmocka_unit_test(an_intent_is_time_key_and_draft),
        cmocka_unit_test(a_result_is_serial_and_signature),
        cmocka_unit_test(properties18_a_full_disk_fails_the_write),
        cmocka_unit_test(a_log_that_can_t_be_synced_says_so),
        cmocka_unit_test(a_log_that_can_t_be_read_is_unavailable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
