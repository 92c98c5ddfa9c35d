#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/notify.h"

/* A manager that listens; name begins with '@' for one without a file. */
static int listen_as(const char *name)
{
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = 0;
    assert_true(descriptor >= 0);
    assert_int_equal(
        bind(descriptor, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return descriptor;
}

static void hear(int descriptor, char heard[static 512])
{
    ssize_t count = recv(descriptor, heard, 511, MSG_DONTWAIT);

    heard[count < 0 ? 0 : count] = 0;
}

static void a_manager_hears_that_the_service_is_ready(void **state)
{
    char folder[] = "/tmp/notify-XXXXXX";
    char path[64], heard[512];
    int manager;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/socket", folder);
    manager = listen_as(path);
    notify(NOTICE_READY, "serving https on [::]:8443");
    hear(manager, heard);
    assert_string_equal(heard, "READY=1\nSTATUS=serving https on [::]:8443\n");
    notify(NOTICE_STOPPING, NULL);
    hear(manager, heard);
    assert_string_equal(heard, "STOPPING=1\n");
    (void)close(manager);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void a_manager_without_a_file_hears_of_reloading_with_its_time(
    void **state)
{
    char name[64], heard[512];
    int64_t before_ms = clock_monotonic_ms();
    long long said = 0;
    int manager;

    (void)state;
    (void)snprintf(name, sizeof(name), "@chancery-test-%d", (int)getpid());
    manager = listen_as(name);
    notify(NOTICE_RELOADING, NULL);
    hear(manager, heard);
    assert_int_equal(strncmp(heard, "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
    said = strtoll(heard + 27, NULL, 10);
    assert_true(said > before_ms * 1000);
    (void)close(manager);
}

static void without_a_manager_nothing_is_said(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    notify(NOTICE_READY, NULL);
    assert_int_equal(setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1), 0);
    notify(NOTICE_READY, NULL);
    assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
    notify(NOTICE_READY, NULL);
}

static void a_watchdog_of_this_process_alone_is_fed_at_half_its_time(
    void **state)
{
    char own[32];

    (void)state;
    (void)snprintf(own, sizeof(own), "%d", (int)getpid());
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
    assert_int_equal(notify_watchdog_ms(), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
    assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
    assert_int_equal(notify_watchdog_ms(), 15000);
    assert_int_equal(setenv("WATCHDOG_PID", own, 1), 0);
    assert_int_equal(notify_watchdog_ms(), 15000);
    assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
    assert_int_equal(notify_watchdog_ms(), 0);
    assert_int_equal(setenv("WATCHDOG_PID", own, 1), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "12x", 1), 0);
    assert_int_equal(notify_watchdog_ms(), 0);
}

static void sockets_of_the_manager_are_known_by_name(void **state)
{
    char own[32];
    int descriptor = 0;

    (void)state;
    (void)snprintf(own, sizeof(own), "%d", (int)getpid());
    assert_int_equal(dup2(1, 3), 3);
    assert_int_equal(dup2(1, 4), 4);
    assert_int_equal(setenv("LISTEN_PID", own, 1), 0);
    assert_int_equal(setenv("LISTEN_FDS", "2", 1), 0);
    assert_int_equal(setenv("LISTEN_FDNAMES", "public:plain:admin", 1), 0);
    notify_socket("plain", &descriptor);
    assert_int_equal(descriptor, 4);
    assert_true((fcntl(4, F_GETFD) & FD_CLOEXEC) != 0);
    notify_socket("admin", &descriptor); /* named, but not there */
    assert_int_equal(descriptor, -1);
    notify_socket("pla", &descriptor);
    assert_int_equal(descriptor, -1);
    assert_int_equal(setenv("LISTEN_PID", "1", 1), 0);
    notify_socket("plain", &descriptor);
    assert_int_equal(descriptor, -1);
    (void)close(3);
    (void)close(4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manager_hears_that_the_service_is_ready),
        cmocka_unit_test(
            a_manager_without_a_file_hears_of_reloading_with_its_time),
        cmocka_unit_test(without_a_manager_nothing_is_said),
        cmocka_unit_test(
            a_watchdog_of_this_process_alone_is_fed_at_half_its_time),
        cmocka_unit_test(sockets_of_the_manager_are_known_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
