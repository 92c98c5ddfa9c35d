#include "fixture.h"

#include "base/channel.h"
#include "base/process.h"
#include "crypto/start.h"
#include "server/reader_protocol.h"
#include "server/reader_view.h"
#include "server/roles.h"

/* What /view shows, in this process and in the reader; this program is its own
 * --role reader. */

#define ROOM (4 * 1024 * 1024)

static void read_input(const char *name, struct buffer *file)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    (void)snprintf(
        path, sizeof(path), "%s/tests/objects/%s", PROJECT_FOLDER, name);
    assert_done(file_read(path, file, &why), why);
}

static bool view(struct bytes file, struct bytes roots, struct buffer *markup,
    struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", ROOM);

    return reader_view_ask(
               "it", file, roots, (struct bytes){0}, &question, why) &&
           reader_view(buffer_view(&question), markup, why);
}

static const char *shown(struct bytes file, struct buffer *markup)
{
    const char *text = NULL;
    struct failure why = {0};

    buffer_clear(markup);
    assert_done(view(file, (struct bytes){0}, markup, &why), why);
    assert_done(buffer_as_text(markup, &text, &why), why);
    return text;
}

static void assert_refused(
    struct bytes file, enum failure_kind kind, const char *part)
{
    RELEASED(buffer) markup = BUFFER("markup", READER_MARKUP_MAX);
    struct failure why = {0};

    assert_false(view(file, (struct bytes){0}, &markup, &why));
    assert_int_equal(why.kind, kind);
    if (strstr(why.reason, part) == NULL)
        fail_msg("%s", why.reason);
    assert_int_equal(markup.length, 0);
}

static void objects_are_shown_as_documents_without_a_frame(void **state)
{
    static const char *const files[] = {"input/openssl.pem",
        "input/openssl.der", "input/request.pem", "input/inter.crl",
        "input/openssl-chain.p7b", "input/iconv-utf16.pem", "view/revoked.ocsp",
        "view/token.tst"};
    RELEASED(buffer) file = BUFFER("file", ROOM);
    RELEASED(buffer) markup = BUFFER("markup", READER_MARKUP_MAX);

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        print_message("%s\n", files[i]);
        buffer_clear(&file);
        read_input(files[i], &file);
        const char *text = shown(buffer_view(&file), &markup);
        assert_memory_equal(text, "<article>", strlen("<article>"));
        assert_null(strstr(text, "<html"));
        assert_null(strstr(text, "<style"));
        assert_null(strstr(text, "<script"));
    }
}

static void a_path_is_told_by_the_roots_that_stand_by(void **state)
{
    RELEASED(buffer) file = BUFFER("file", ROOM);
    RELEASED(buffer) with = BUFFER("markup", READER_MARKUP_MAX);
    RELEASED(buffer) without = BUFFER("markup", READER_MARKUP_MAX);
    const char *text = NULL;
    struct failure why = {0};

    (void)state;
    read_input("view/root.der", &file);
    assert_non_null(
        strstr(shown(buffer_view(&file), &without), "self-signed-untrusted"));
    assert_done(view(buffer_view(&file), buffer_view(&file), &with, &why), why);
    assert_done(buffer_as_text(&with, &text, &why), why);
    assert_null(strstr(text, "self-signed-untrusted"));
}

static void a_private_key_is_refused_in_any_encoding(void **state)
{
    static const char *const files[] = {"input/key-pkcs8.pem",
        "input/key-pkcs8.der", "input/key-sec1.pem", "input/key-rsa.der",
        "input/key-encrypted.pem", "input/key-proc-type.pem",
        "input/key-and-certificate.pem", "input/openssl.p12", "input/nss.p12"};
    RELEASED(buffer) file = BUFFER("file", ROOM);

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        print_message("%s\n", files[i]);
        buffer_clear(&file);
        read_input(files[i], &file);
        assert_refused(
            buffer_view(&file), FAILURE_UNSUITABLE, "holds a private key");
    }
}

static void a_key_is_seen_in_a_damaged_file_and_between_zeros(void **state)
{
    RELEASED(buffer) file = BUFFER("file", ROOM);
    RELEASED(buffer) wide = BUFFER("file", ROOM);
    struct failure why = {0};

    (void)state;
    read_input("input/key-pkcs8.pem", &file);
    file.length /= 2;
    assert_refused(
        buffer_view(&file), FAILURE_UNSUITABLE, "holds a private key");
    for (size_t i = 0; i < file.length; i++) {
        assert_done(buffer_append_byte(&wide, file.start[i], &why), why);
        assert_done(buffer_append_byte(&wide, 0, &why), why);
    }
    assert_refused(
        buffer_view(&wide), FAILURE_UNSUITABLE, "holds a private key");
}

static void what_is_damaged_is_shown_and_what_is_nothing_is_refused(
    void **state)
{
    RELEASED(buffer) file = BUFFER("file", ROOM);
    RELEASED(buffer) markup = BUFFER("markup", READER_MARKUP_MAX);

    (void)state;
    read_input("input/openssl.der", &file);
    file.length -= 20;
    assert_non_null(strstr(shown(buffer_view(&file), &markup), "amaged"));
    assert_refused(bytes_of_text("hello"), FAILURE_MALFORMED, "");
    assert_refused((struct bytes){0}, FAILURE_MALFORMED, "the file is empty");
}

static void a_file_beyond_a_mebibyte_is_refused(void **state)
{
    static uint8_t zeros[READER_VIEW_MAX + 1];

    (void)state;
    assert_refused((struct bytes){zeros, sizeof(zeros)}, FAILURE_UNSUITABLE,
        "the file has 1048577 bytes; at most 1048576 are viewed here");
}

static void the_reader_answers_over_the_socket_it_was_started_with(void **state)
{
    static const struct channel_rule rules[] = {
        {READER_SHOWN, "shown", READER_SHOWN_MAX, 1, 0},
        {READER_FAILED, "failed", 4096, 1, 0},
        {0},
    };
    static const char *const arguments[] = {
        "chancery", "--role", "reader", NULL};
    RELEASED(buffer) file = BUFFER("file", ROOM);
    RELEASED(buffer) question = BUFFER("question", ROOM);
    SCOPED_STRUCT(channel) *channel = NULL;
    struct process_start start = {.program = "/proc/self/exe",
        .arguments = arguments,
        .descriptor_count = 1,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    struct frame frame = {0};
    struct failure why = {0};
    int sockets[2], status = 0;
    pid_t process = 0;

    (void)state;
    read_input("input/openssl.pem", &file);
    assert_done(channel_pair(sockets, &why), why);
    start.descriptors = &sockets[1];
    assert_done(process_spawn(&start, &process, &why), why);
    descriptor_close(&sockets[1]);
    assert_done(channel_new(sockets[0], rules, 0, &channel, &why), why);
    assert_done(reader_view_ask("it", buffer_view(&file), (struct bytes){0},
                    (struct bytes){0}, &question, &why),
        why);
    assert_done(channel_send(channel, READER_VIEW, 7, buffer_view(&question),
                    NULL, 0, 0, &why),
        why);
    assert_done(channel_receive(channel, 20000, &frame, &why), why);
    assert_int_equal(frame.type, READER_SHOWN);
    assert_int_equal(frame.id, 7);
    assert_true(frame.body.length > 1000);
    assert_done(process_end(process, 20000, &status, &why), why);
    assert_int_equal(status, 0);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_shown_as_documents_without_a_frame),
        cmocka_unit_test(a_path_is_told_by_the_roots_that_stand_by),
        cmocka_unit_test(a_private_key_is_refused_in_any_encoding),
        cmocka_unit_test(a_key_is_seen_in_a_damaged_file_and_between_zeros),
        cmocka_unit_test(
            what_is_damaged_is_shown_and_what_is_nothing_is_refused),
        cmocka_unit_test(a_file_beyond_a_mebibyte_is_refused),
        cmocka_unit_test(
            the_reader_answers_over_the_socket_it_was_started_with),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
