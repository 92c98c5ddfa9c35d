#include "sandbox_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the parent binds and what the loop needs are there before the lock. */
static int listening = -1, client = -1, loop = -1;

static void open_before(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    loop = epoll_create1(EPOLL_CLOEXEC);
    assert_int_equal(
        bind(listening, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listening, 8), 0);
    assert_int_equal(
        getsockname(listening, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(
        connect(client, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(send(client, "hello", 5, 0), 5);
}

static int serve_a_client(const char *folder)
{
    struct epoll_event wanted = {.events = EPOLLIN};
    struct epoll_event came = {0};
    char room[8];
    int accepted;

    (void)folder;
    if (epoll_ctl(loop, EPOLL_CTL_ADD, listening, &wanted) != 0 ||
        epoll_wait(loop, &came, 1, 5000) != 1)
        return 1;
    accepted = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0)
        return 2;
    if (recv(accepted, room, sizeof(room), 0) != 5 ||
        send(accepted, room, 5, MSG_NOSIGNAL) != 5 ||
        shutdown(accepted, SHUT_WR) != 0 || close(accepted) != 0)
        return 3;
    return 0;
}

static int keep_within_folders(const char *folder)
{
    RELEASED(buffer) contents = BUFFER("a file", 100);
    char publish[PATH_ROOM], tls[PATH_ROOM], key[PATH_ROOM], other[PATH_ROOM];
    struct failure why = {0};

    if (!path_join(publish, folder, "publish/roots.pem", &why) ||
        !path_join(tls, folder, "tls/public/own.pem", &why) ||
        !path_join(key, folder, "keys/issuing.pem", &why) ||
        !path_join(other, folder, "tls/admin/own.key", &why) ||
        !file_read(publish, &contents, &why) ||
        !file_write(tls, bytes_of_text("own"), 0600, FILE_REPLACE, &why)) {
        (void)fprintf(stderr, "%s\n", why.reason);
        return 1;
    }
    if (!is_refused(open(key, O_RDONLY)) ||
        !is_refused(open(other, O_RDONLY)) ||
        !is_refused(open("/etc/passwd", O_RDONLY)))
        return 2;
    return is_refused(open(publish, O_WRONLY)) ? 0 : 3;
}

static int make_socket(const char *folder)
{
    (void)folder;
    return is_refused(socket(AF_INET, SOCK_STREAM, 0)) ? 0 : 1;
}

static int connect_out(const char *folder)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    (void)folder;
    return connect(
        listening, (const struct sockaddr *)&address, sizeof(address));
}

static int run_a_program(const char *folder)
{
    char *const arguments[] = {NULL};

    (void)folder;
    return execve("/bin/true", arguments, arguments);
}

static void put(const char *folder, const char *name)
{
    char path[PATH_ROOM];
    struct failure why;

    assert_true(path_join(path, folder, name, &why));
    assert_true(
        file_write(path, bytes_of_text("contents"), 0600, FILE_NEW_ONLY, &why));
}

static void make_folders(const char *folder)
{
    static const char *const names[] = {
        "publish", "tls", "tls/public", "tls/admin", "keys"};
    char path[PATH_ROOM];
    struct failure why;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_true(path_join(path, folder, names[i], &why));
        assert_true(folder_make(path, 0700, &why));
    }
    put(folder, "publish/roots.pem");
    put(folder, "tls/admin/own.key");
    put(folder, "keys/issuing.pem");
}

static void properties35_a_front_serves_and_reaches_nothing_else(void **state)
{
    char folder[PATH_ROOM], publish[PATH_ROOM], tls[PATH_ROOM];
    const char *readable[] = {publish, NULL}, *writable[] = {tls, NULL};
    const struct sandbox front = {
        .role = SANDBOX_FRONT, .readable = readable, .writable = writable};
    struct failure why;

    (void)state;
    open_before();
    make_folder(folder);
    make_folders(folder);
    assert_true(path_join(publish, folder, "publish", &why));
    assert_true(path_join(tls, folder, "tls/public", &why));
    expect_done(&front, serve_a_client, folder);
    expect_done(&front, keep_within_folders, folder);
    if (SECCOMP_HOLDS) {
        expect_done(&front, make_socket, folder);
        expect_killed(&front, connect_out);
        expect_killed(&front, run_a_program);
    }
    remove_folder(folder);
}

static void properties35_a_front_has_at_most_60_calls(void **state)
{
    static const char *const never[] = {"socket", "connect", "bind", "listen",
        "execve", "clone", "fork", "ptrace", "kill", "prctl", "ioctl",
        "mprotect"};
    size_t count = 0;

    (void)state;
    for (const char *const *call = sandbox_calls(SANDBOX_FRONT); *call != NULL;
         call++) {
        count++;
        for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
            assert_string_not_equal(*call, never[i]);
    }
    assert_in_range(count, 20, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties35_a_front_serves_and_reaches_nothing_else),
        cmocka_unit_test(properties35_a_front_has_at_most_60_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
