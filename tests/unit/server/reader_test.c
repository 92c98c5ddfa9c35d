#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "crypto/start.h"
#include "server/reader.h"
#include "server/roles.h"

/* The reader as a command asks it; this program is its own --role reader.  With
 * a real TLS server: tests/integration/test_view_containers.py. */

static int open_object(const char *name)
{
    char path[PATH_ROOM];
    int file;

    (void)snprintf(
        path, sizeof(path), "%s/tests/objects/pkcs12/%s", PROJECT_FOLDER, name);
    file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    return file;
}

/* A pipe with the password in it. */
static int password_in_a_pipe(const char *password)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(
        write(ends[1], password, strlen(password)), (ssize_t)strlen(password));
    (void)close(ends[1]);
    return ends[0];
}

static bool ask(const char *name, const char *password,
    struct container *container, enum verdict_code *code, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = open_object(name);
    SCOPED_DESCRIPTOR int passphrase =
        password == NULL ? -1 : password_in_a_pipe(password);

    print_message("%s\n", name);
    return reader_open_file(NULL, file, passphrase, container, code, why);
}

static void assert_refused(const char *name, const char *password,
    enum verdict_code wanted, enum failure_kind kind, const char *reason)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    assert_false(ask(name, password, &container, &code, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(code, wanted);
    assert_int_equal(why.kind, kind);
}

/* --- files ---------------------------------------------------------------- */

static void objects_and_facts_come_out_of_it(void **state)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    (void)state;
    assert_done(ask("pbmac1.p12", "geheim\n", &container, &code, &why), why);
    assert_string_equal(container.kind, "PKCS#12");
    assert_string_equal(
        container.integrity, "PBMAC1 with PBKDF2-HMAC-SHA256 and HMAC-SHA256");
    assert_int_equal(container.integrity_iterations, 2048);
    assert_int_equal(container.encryption_iterations, 2048);
    assert_int_equal(container.count, 2);
    assert_int_equal(container.objects[0].kind, INPUT_CERTIFICATE);
    assert_string_equal(container.objects[0].name, "Schl\xc3\xbcssel");
    assert_int_equal(container.objects[1].kind, INPUT_PRIVATE_KEY);
    assert_true(container.objects[1].is_of_private_key);
    assert_int_equal(
        container_der(&container, &container.objects[1]).length, 91);
}

static void kb032_what_old_programs_wrote_is_opened_behind_the_lock(
    void **state)
{
    static const char *const files[] = {
        "3des.p12", "nss.p12", "java.p12", "ber.p12", "scrypt.p12"};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        RELEASED(container) container = container_new();
        enum verdict_code code = VERDICT_OK;
        struct failure why = {0};

        assert_done(ask(files[i], "geheim", &container, &code, &why), why);
        assert_true(container.count >= 1);
    }
}

/* Where the library has RC2 it is opened; a machine without the legacy
 * provider says so, and in no other way. */
static void kb032_rc2_is_opened_or_called_unsupported(void **state)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    (void)state;
    if (ask("rc2-40.p12", "geheim", &container, &code, &why)) {
        assert_int_equal(container.count, 2);
        return;
    }
    assert_int_equal(code, VERDICT_UNSUPPORTED_ALGORITHM);
}

static void bytes_in_memory_are_opened_too(void **state)
{
    RELEASED(container) container = container_new();
    RELEASED(buffer) file = BUFFER("file", 64 * 1024);
    SCOPED_DESCRIPTOR int descriptor = open_object("empty-password.p12");
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    (void)state;
    assert_done(descriptor_read(descriptor, "file", &file, &why), why);
    assert_done(
        reader_open(NULL, buffer_view(&file), -1, &container, &code, &why),
        why);
    assert_int_equal(container.count, 2);
}

static void kb032_refusals_are_told_apart_across_the_channel(void **state)
{
    (void)state;
    assert_refused("aes256.p12", "geheimer", VERDICT_WRONG_PASSWORD,
        FAILURE_UNAUTHENTICATED,
        "this is not the password of the PKCS#12, or the file was altered: "
        "its MAC (HMAC-SHA256 with the derivation of PKCS#12) does not match");
    assert_refused("unknown-mac.p12", "geheim", VERDICT_UNSUPPORTED_ALGORITHM,
        FAILURE_UNSUITABLE,
        "the MAC of the PKCS#12 uses 1.2.3.4, which is not read here");
    assert_refused("certificate.der", NULL, VERDICT_MALFORMED,
        FAILURE_MALFORMED,
        "this is not a PKCS#12: tag 0x30 where 0x02 belongs, at offset 4");
    assert_refused("bomb-mac.p12", "geheim", VERDICT_BUDGET_EXCEEDED,
        FAILURE_UNSUITABLE,
        "the PKCS#12 wants 5000001 iterations for one key; 5000000 are the "
        "limit");
}

static void a_file_beyond_its_ceiling_is_refused_by_name(void **state)
{
    RELEASED(container) container = container_new();
    SCOPED_DESCRIPTOR int zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    (void)state;
    assert_false(reader_open_file(NULL, zeros, -1, &container, &code, &why));
    assert_int_equal(code, VERDICT_BUDGET_EXCEEDED);
    assert_non_null(strstr(why.reason, "16777216"));
}

/* --- a process that dies -------------------------------------------------- */

static void assert_death(const char *program, enum verdict_code wanted,
    enum failure_kind kind, const char *reason)
{
    RELEASED(container) container = container_new();
    SCOPED_DESCRIPTOR int file = open_object("aes256.p12");
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    assert_false(reader_open_file(program, file, -1, &container, &code, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(code, wanted);
    assert_int_equal(why.kind, kind);
}

static void write_program(const char *path, const char *text)
{
    struct failure why = {0};

    assert_done(
        file_write(path, bytes_of_text(text), 0700, FILE_REPLACE, &why), why);
}

static void incident36_a_reader_that_dies_is_a_sentence(void **state)
{
    char folder[FOLDER_ROOM];
    char program[PATH_ROOM];

    (void)state;
    new_folder(folder);
    (void)snprintf(program, sizeof(program), "%s/program", folder);
    write_program(program, "#!/bin/sh\nkill -XCPU $$\n");
    assert_death(program, VERDICT_BUDGET_EXCEEDED, FAILURE_UNSUITABLE,
        "the process that opens the file was ended: it needed more than 20 s "
        "of CPU, which is the limit");
    write_program(program, "#!/bin/sh\nkill -SEGV $$\n");
    assert_death(program, VERDICT_MALFORMED, FAILURE_INTERNAL,
        "the process that opens the file died of it (Segmentation fault); "
        "nothing else was touched");
    write_program(program, "#!/bin/sh\nexit 9\n");
    assert_death(program, VERDICT_MALFORMED, FAILURE_INTERNAL,
        "the process that opens the file ended without an answer (9)");
    remove_folder(folder);
}

/* --- hosts ---------------------------------------------------------------- */

/* A listener on a port of its own choice; says the words to whoever comes. */
static int listen_somewhere(char port[static READER_PORT_ROOM])
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(
        bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(
        getsockname(listener, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(
        port, READER_PORT_ROOM, "%u", (unsigned int)ntohs(address.sin_port));
    return listener;
}

static pid_t answer_once(int listener, struct bytes words)
{
    const pid_t child = fork();
    char hello[4096];
    int peer;

    if (child != 0)
        return child;
    peer = accept(listener, NULL, NULL);
    if (read(peer, hello, sizeof(hello)) > 0)
        (void)!write(peer, words.start, words.length);
    (void)close(peer);
    _exit(0);
}

static void assert_no_tls(struct bytes words, const char *reason)
{
    RELEASED(container) container = container_new();
    char port[READER_PORT_ROOM];
    char wanted[FAILURE_REASON_ROOM];
    SCOPED_DESCRIPTOR int listener = listen_somewhere(port);
    const pid_t child = answer_once(listener, words);
    struct failure why = {0};

    assert_false(reader_connect(NULL, "127.0.0.1", port, &container, &why));
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)snprintf(wanted, sizeof(wanted), "127.0.0.1:%s: %s", port, reason);
    assert_string_equal(why.reason, wanted);
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
}

static void what_does_not_speak_tls_is_told_so(void **state)
{
    /* RFC 8446, 6: a fatal handshake_failure. */
    static const uint8_t alert[] = {0x15, 3, 3, 0, 2, 2, 40};

    (void)state;
    assert_no_tls(bytes_of_text("HTTP/1.1 400 Bad Request\r\n\r\n"),
        "the TCP connection stands, but what answers does not speak TLS "
        "(wrong version number): plain HTTP or a protocol with STARTTLS?");
    assert_no_tls((struct bytes){0},
        "the other end closed the connection in the TLS handshake");
    assert_no_tls((struct bytes){alert, sizeof(alert)},
        "the other end ended the TLS handshake with the alert "
        "\"handshake failure\"");
}

static void a_port_where_nothing_listens_is_a_refusal_of_tcp(void **state)
{
    RELEASED(container) container = container_new();
    char port[READER_PORT_ROOM];
    char wanted[FAILURE_REASON_ROOM];
    struct failure why = {0};
    int listener = listen_somewhere(port);

    (void)state;
    (void)close(listener);
    assert_false(reader_connect(NULL, "127.0.0.1", port, &container, &why));
    (void)snprintf(wanted, sizeof(wanted),
        "127.0.0.1:%s: TCP was refused: nothing listens there", port);
    assert_string_equal(why.reason, wanted);
}

static void a_server_that_says_nothing_is_waited_for_five_seconds(void **state)
{
    RELEASED(container) container = container_new();
    char port[READER_PORT_ROOM];
    const int listener = listen_somewhere(port);
    const int64_t start = clock_monotonic_ms();
    struct failure why = {0};

    (void)state;
    assert_false(reader_connect(NULL, "127.0.0.1", port, &container, &why));
    assert_non_null(strstr(why.reason,
        "the TCP connection stands, but TLS got no answer in time"));
    assert_in_range(clock_monotonic_ms() - start, 4500, 15000);
    (void)close(listener);
}

static void a_name_that_does_not_exist_is_a_failure_of_dns(void **state)
{
    RELEASED(container) container = container_new();
    struct failure why = {0};

    (void)state;
    assert_false(
        reader_connect(NULL, "no-such-host.invalid", "443", &container, &why));
    assert_non_null(strstr(
        why.reason, "no-such-host.invalid: DNS has no address for it: "));
}

static void an_address_is_split_at_its_last_colon(void **state)
{
    static const struct {
        const char *address, *host, *port;
    } good[] = {{"www.example.org:443", "www.example.org", "443"},
        {"[::1]:8443", "::1", "8443"}, {"127.0.0.1:1", "127.0.0.1", "1"}};
    static const char *const bad[] = {"", ":443", "host", "host:", "host:0",
        "host:65536", "host:https", "::1:443", "host:443:", "host:99999999"};
    char host[READER_HOST_ROOM];
    char port[READER_PORT_ROOM];
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_done(
            reader_address_split(good[i].address, host, port, &why), why);
        assert_string_equal(host, good[i].host);
        assert_string_equal(port, good[i].port);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        print_message("%s\n", bad[i]);
        assert_false(reader_address_split(bad[i], host, port, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_and_facts_come_out_of_it),
        cmocka_unit_test(
            kb032_what_old_programs_wrote_is_opened_behind_the_lock),
        cmocka_unit_test(kb032_rc2_is_opened_or_called_unsupported),
        cmocka_unit_test(bytes_in_memory_are_opened_too),
        cmocka_unit_test(kb032_refusals_are_told_apart_across_the_channel),
        cmocka_unit_test(a_file_beyond_its_ceiling_is_refused_by_name),
        cmocka_unit_test(incident36_a_reader_that_dies_is_a_sentence),
        cmocka_unit_test(what_does_not_speak_tls_is_told_so),
        cmocka_unit_test(a_port_where_nothing_listens_is_a_refusal_of_tcp),
        cmocka_unit_test(a_server_that_says_nothing_is_waited_for_five_seconds),
        cmocka_unit_test(a_name_that_does_not_exist_is_a_failure_of_dns),
        cmocka_unit_test(an_address_is_split_at_its_last_colon),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
