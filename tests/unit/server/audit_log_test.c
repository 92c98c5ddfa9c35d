#include "audit_scene.h"

/* The sign log, which the journal is held against. */

static bool verify_with_log(
    const char *sign_log_path, struct audit_report *report, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED_DESCRIPTOR int sign_log = open(sign_log_path, O_RDONLY | O_CLOEXEC);

    assert_done(store_open(template_store, STORE_READ, &store, why), *why);
    return audit_verify(store, sign_log, report, why);
}

static void a_sign_log_that_was_edited_or_cut_is_found_at_every_hundredth_byte(
    void **state)
{
    RELEASED(buffer) log = BUFFER("sign log", 1024 * 1024);
    char path[PATH_ROOM];
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    (void)snprintf(path, PATH_ROOM, "%s", path_in(scene, "log"));
    assert_done(file_read(path_in(scene, "sign.log"), &log, &why), why);
    for (size_t at = 0; at < log.length; at += 100) {
        log.start[at] ^= 4;
        assert_done(
            file_write(path, buffer_view(&log), 0600, FILE_REPLACE, &why), why);
        log.start[at] ^= 4;
        assert_false(verify_with_log(path, &report, &why));
        assert_done(file_write(path, (struct bytes){log.start, at}, 0600,
                        FILE_REPLACE, &why),
            why);
        assert_false(verify_with_log(path, &report, &why));
    }
}

static void a_record_that_was_being_written_is_told_and_is_no_damage(
    void **state)
{
    RELEASED(buffer) log = BUFFER("sign log", 1024 * 1024);
    char path[PATH_ROOM];
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    (void)snprintf(path, PATH_ROOM, "%s", path_in(scene, "log"));
    assert_done(file_read(path_in(scene, "sign.log"), &log, &why), why);
    assert_true(buffer_append_text(&log, "torn", &why));
    assert_done(
        file_write(path, buffer_view(&log), 0600, FILE_REPLACE, &why), why);
    assert_done(verify_with_log(path, &report, &why), why);
    assert_int_equal(report.log_torn, 4);
}

/* The last checkpoint of a log, as its own signer signed it. */
static bool keep_checkpoint(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct buffer *kept = context;

    if (record->type != SIGN_LOG_CHECKPOINT)
        return true;
    buffer_clear(kept);
    return buffer_append(kept, record->payload, why);
}

static void append_checkpoint(const char *path, struct bytes payload)
{
    RELEASED(sign_log) log = {0};
    SCOPED_DESCRIPTOR int file = open(path, O_RDWR | O_CLOEXEC);
    struct failure why = {0};
    uint64_t torn = 0;

    assert_done(sign_log_open(file, &log, &torn, &why), why);
    assert_done(
        sign_log_add(&log, SIGN_LOG_CHECKPOINT, &payload, 1, &why), why);
    assert_done(sign_log_write(&log, &why), why);
}

/* Whoever can write the log can chain a record into it, and sign none. */
static void properties40_a_checkpoint_that_no_authority_signed_is_found(
    void **state)
{
    RELEASED(buffer) payload = BUFFER("checkpoint", 64 * 1024);
    SCOPED_DESCRIPTOR int whole =
        open(path_in(scene, "sign.log"), O_RDONLY | O_CLOEXEC);
    char path[PATH_ROOM];
    struct audit_report report;
    struct failure why = {0};

    (void)state;
    (void)snprintf(path, PATH_ROOM, "%s", path_in(scene, "log"));
    assert_done(sign_log_visit(whole, 0, keep_checkpoint, &payload, &why), why);
    copy_file(path_in(scene, "sign.log"), path);
    append_checkpoint(path, buffer_view(&payload));
    assert_false(verify_with_log(path, &report, &why));
    assert_non_null(strstr(why.reason, "was signed for another place"));
    payload.start[payload.length - 1] ^= 1;
    copy_file(path_in(scene, "sign.log"), path);
    append_checkpoint(path, buffer_view(&payload));
    assert_false(verify_with_log(path, &report, &why));
    assert_non_null(
        strstr(why.reason, "is signed by no authority of this store"));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_sign_log_that_was_edited_or_cut_is_found_at_every_hundredth_byte),
        cmocka_unit_test(
            a_record_that_was_being_written_is_told_and_is_no_damage),
        cmocka_unit_test(
            properties40_a_checkpoint_that_no_authority_signed_is_found),
    };

    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_scene, remove_scene);
}
