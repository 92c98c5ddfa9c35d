#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sqlite3.h>

#include "base/file.h"
#include "base/sandbox.h"

#ifdef CHANCERY_SANITIZED
#define SECCOMP_HOLDS false
#else
#define SECCOMP_HOLDS true
#endif

/* What a child does inside; 0: as it should be.  No assertions in here: they
 * would jump back into the parent's tests. */
typedef int (*deed)(const char *folder);

#define COULD_NOT_ENTER 99

static const struct sandbox signer = {.role = SANDBOX_SIGNER};
static const struct sandbox keys = {.role = SANDBOX_KEYS};

static int enter_and_do(
    const struct sandbox *sandbox, deed inside, const char *folder)
{
    char degraded[120] = "";
    struct failure why = {0};

    if (!sandbox_enter(sandbox, degraded, &why)) {
        (void)fprintf(stderr, "%s\n", why.reason);
        return COULD_NOT_ENTER;
    }
    return inside(folder);
}

/* The wait status of a child that does it as this role. */
static int status_of(
    const struct sandbox *sandbox, deed inside, const char *folder)
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(enter_and_do(sandbox, inside, folder));
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void expect_done(
    const struct sandbox *sandbox, deed inside, const char *folder)
{
    int status = status_of(sandbox, inside, folder);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void expect_killed(const struct sandbox *sandbox, deed inside)
{
    int status = status_of(sandbox, inside, "/");

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void make_folder(char folder[static PATH_ROOM])
{
    (void)snprintf(folder, PATH_ROOM, "/tmp/chancery-sandbox-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static void remove_folder(const char *folder)
{
    struct failure why;

    assert_true(folder_remove(folder, &why));
}

static bool is_refused(int result)
{
    return result < 0 && (errno == EPERM || errno == EACCES);
}

static int open_files(const char *folder)
{
    (void)folder;
    if (!is_refused(open("/etc/passwd", O_RDONLY)) ||
        !is_refused(openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY)) ||
        !is_refused(open("/tmp/chancery-new", O_WRONLY | O_CREAT, 0600)))
        return 1;
    return 0;
}

static void properties35_the_signer_can_open_no_file(void **state)
{
    (void)state;
    expect_done(&signer, open_files, "");
    expect_done(&keys, open_files, "");
}

static int make_sockets(const char *folder)
{
    (void)folder;
    return is_refused(socket(AF_UNIX, SOCK_STREAM, 0)) &&
                   is_refused(socket(AF_INET, SOCK_STREAM, 0))
               ? 0
               : 1;
}

/* Prints that it did not look, and why. */
static void need_seccomp(void)
{
    if (SECCOMP_HOLDS)
        return;
    print_message("seccomp is left out of a build with sanitizers\n");
    skip();
}

static void properties35_the_signer_can_make_no_socket(void **state)
{
    (void)state;
    need_seccomp();
    expect_done(&signer, make_sockets, "");
    expect_done(&keys, make_sockets, "");
}

static int execute(const char *folder)
{
    char *nothing[] = {NULL};

    (void)folder;
    return is_refused(execve("/bin/true", nothing, nothing)) ? 1 : 2;
}

static void properties35_a_role_can_execute_nothing(void **state)
{
    const struct sandbox keeper = {.role = SANDBOX_KEEPER};
    const struct sandbox *roles[] = {&signer, &keys, &keeper};

    (void)state;
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        int status = status_of(roles[i], execute, "");

        if (SECCOMP_HOLDS)
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
        else
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    }
}

static int make_process(const char *folder)
{
    (void)folder;
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    return 0;
}

static int signal_another(const char *folder)
{
    (void)folder;
    return kill(1, 0);
}

static int trace(const char *folder)
{
    (void)folder;
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    return 0;
}

static int map_code(const char *folder)
{
    (void)folder;
    (void)mmap(
        NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return 0;
}

static int turn_into_code(const char *folder)
{
    void *page = mmap(
        NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)folder;
    (void)mprotect(page, 4096, PROT_READ | PROT_EXEC);
    return 0;
}

static int connect_out(const char *folder)
{
    const struct sockaddr nowhere = {.sa_family = AF_UNIX};

    (void)folder;
    (void)connect(0, &nowhere, sizeof(nowhere));
    return 0;
}

static int listen_for_others(const char *folder)
{
    (void)folder;
    (void)listen(0, 1);
    return 0;
}

static void properties35_a_call_that_is_not_listed_kills(void **state)
{
    const struct sandbox keeper = {.role = SANDBOX_KEEPER};
    const struct sandbox *roles[] = {&signer, &keys, &keeper};
    const deed deeds[] = {make_process, signal_another, trace, map_code,
        turn_into_code, connect_out, listen_for_others};

    (void)state;
    need_seccomp();
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        for (size_t j = 0; j < sizeof(deeds) / sizeof(*deeds); j++)
            expect_killed(roles[i], deeds[j]);
    }
}

/* What the way to a sentence asks, and what the C library can guess. */
static int ask_in_vain(const char *folder)
{
    const long results[] = {syscall(SYS_newfstatat, AT_FDCWD, "/", NULL, 0),
        syscall(SYS_statx, AT_FDCWD, "/", 0, 0, NULL),
        syscall(SYS_faccessat, AT_FDCWD, "/", 0),
        syscall(SYS_faccessat2, AT_FDCWD, "/", 0, 0), syscall(SYS_geteuid),
        syscall(SYS_getuid), syscall(SYS_lseek, 0, 0, SEEK_CUR),
        syscall(SYS_sysinfo, NULL), syscall(SYS_sched_getaffinity, 0, 0, NULL),
        syscall(SYS_prlimit64, 0, RLIMIT_MEMLOCK, NULL, NULL)};

    (void)folder;
    for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
        if (results[i] != -1)
            return 1 + (int)i;
    }
    return errno == EPERM ? 0 : 50;
}

static void questions_are_refused_without_death(void **state)
{
    (void)state;
    need_seccomp();
    expect_done(&signer, ask_in_vain, "");
    expect_done(&keys, ask_in_vain, "");
}

static int open_and_say(const char *path)
{
    struct failure why = {0};

    if (open(path, O_RDONLY) >= 0 || fail_in_file(&why, "reading", path))
        return 1;
    if (why.kind != FAILURE_FORBIDDEN)
        return 2;
    return strcmp(why.reason,
               "reading /etc/passwd: Operation not permitted; this process has "
               "locked itself in (docs/sandbox.md)") == 0
               ? 0
               : 3;
}

static void a_file_refused_to_a_role_is_a_sentence_and_no_death(void **state)
{
    (void)state;
    need_seccomp();
    expect_done(&signer, open_and_say, "/etc/passwd");
    expect_done(&keys, open_and_say, "/etc/passwd");
}

static size_t count_calls(enum sandbox_role role)
{
    size_t count = 0;

    for (const char *const *call = sandbox_calls(role); *call != NULL; call++)
        count++;
    return count;
}

static void assert_without(enum sandbox_role role, const char *name)
{
    for (const char *const *call = sandbox_calls(role); *call != NULL; call++)
        assert_string_not_equal(*call, name);
}

static void properties35_the_signer_has_20_calls_and_none_that_reaches_out(
    void **state)
{
    const char *const kept_out[] = {"open", "openat", "openat2", "socket",
        "connect", "bind", "listen", "execve", "execveat", "ptrace", "kill",
        "tgkill", "fork", "vfork", "clone3", "process_vm_readv", "prctl",
        "io_uring_setup", "bpf", "ioctl"};

    (void)state;
    assert_int_equal(count_calls(SANDBOX_SIGNER), 20);
    assert_int_equal(count_calls(SANDBOX_KEYS), 18);
    for (size_t i = 0; i < sizeof(kept_out) / sizeof(*kept_out); i++) {
        assert_without(SANDBOX_SIGNER, kept_out[i]);
        assert_without(SANDBOX_KEYS, kept_out[i]);
        if (i > 1)
            assert_without(SANDBOX_KEEPER, kept_out[i]);
    }
}

/* The keys a signer holds when it locks itself in. */
#define KEY_COUNT 5
static EVP_PKEY *held[KEY_COUNT];
static char *held_pem;
static long held_pem_length;

static bool sign_and_verify(EVP_PKEY *key)
{
    const unsigned char body[3000] = {0x30};
    unsigned char signature[1024];
    size_t length = sizeof(signature);
    bool hashes_itself = EVP_PKEY_is_a(key, "ED25519");
    const EVP_MD *digest = hashes_itself ? NULL : EVP_sha256();
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    EVP_MD_CTX *verifying = EVP_MD_CTX_new();
    bool done =
        EVP_DigestSignInit(signing, NULL, digest, NULL, key) == 1 &&
        EVP_DigestSign(signing, signature, &length, body, sizeof(body)) == 1 &&
        EVP_DigestVerifyInit(verifying, NULL, digest, NULL, key) == 1 &&
        EVP_DigestVerify(verifying, signature, length, body, sizeof(body)) == 1;

    EVP_MD_CTX_free(signing);
    EVP_MD_CTX_free(verifying);
    return done;
}

static bool unlock_and_sign(void)
{
    char passphrase[] = "a passphrase";
    BIO *pem = BIO_new_mem_buf(held_pem, (int)held_pem_length);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, passphrase);
    bool done = key != NULL && sign_and_verify(key);

    EVP_PKEY_free(key);
    BIO_free(pem);
    return done;
}

static int make_keys(void **state)
{
    BIO *pem = BIO_new(BIO_s_mem());

    (void)state;
    held[0] = EVP_EC_gen("P-256");
    held[1] = EVP_EC_gen("P-384");
    held[2] = EVP_EC_gen("P-521");
    held[3] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    held[4] = EVP_RSA_gen(2048);
    if (PEM_write_bio_PKCS8PrivateKey(pem, held[4], EVP_aes_256_cbc(),
            "a passphrase", 12, NULL, NULL) != 1)
        return -1;
    held_pem_length = BIO_get_mem_data(pem, &held_pem);
    held_pem = memcpy(
        malloc((size_t)held_pem_length), held_pem, (size_t)held_pem_length);
    BIO_free(pem);
    return unlock_and_sign() ? 0 : -1; /* the warm-up */
}

static int free_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_COUNT; i++)
        EVP_PKEY_free(held[i]);
    free(held_pem);
    return 0;
}

static int sign_with_all(const char *folder)
{
    (void)folder;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (!sign_and_verify(held[i]))
            return 1 + (int)i;
    }
    return unlock_and_sign() ? 0 : 20;
}

static void the_signer_still_unlocks_signs_and_verifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_COUNT; i++)
        assert_true(sign_and_verify(held[i]));
    expect_done(&signer, sign_with_all, "");
}

static int make_keys_inside(const char *folder)
{
    EVP_PKEY *made[] = {EVP_EC_gen("P-256"), EVP_RSA_gen(2048),
        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
    bool done = true;

    (void)folder;
    for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
        done = done && made[i] != NULL && sign_and_verify(made[i]);
        EVP_PKEY_free(made[i]);
    }
    return done ? 0 : 1;
}

static void the_keys_role_still_makes_and_proves_keys(void **state)
{
    (void)state;
    expect_done(&keys, make_keys_inside, "");
}

/* What the signer was given before it locked itself in. */
static int held_log = -1;
static int held_sockets[2] = {-1, -1};

static bool write_the_log(void)
{
    char first = 0;

    return write(held_log, "intent", 6) == 6 && fdatasync(held_log) == 0 &&
           pread(held_log, &first, 1, 0) == 1 && first == 'i';
}

static bool talk(void)
{
    char text[4] = "";
    struct iovec piece = {.iov_base = text, .iov_len = sizeof(text)};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    struct pollfd ready = {.fd = held_sockets[1], .events = POLLIN};

    return sendmsg(held_sockets[0], &message, MSG_NOSIGNAL) == 4 &&
           poll(&ready, 1, 1000) == 1 &&
           recvmsg(held_sockets[1], &message, MSG_CMSG_CLOEXEC) == 4;
}

static bool keep_a_secret(void)
{
    RELEASED(secret) secret = {0};
    struct failure why;

    return secret_new(&secret, 32, &why);
}

static int keep_a_secret_in_vain(const char *folder)
{
    struct secret secret = {0};
    struct failure why = {0};

    (void)folder;
    if (secret_new(&secret, 32, &why) || why.kind != FAILURE_UNAVAILABLE)
        return 1;
    return strcmp(why.reason,
               "32 bytes for a secret can't be locked into memory: this "
               "process may lock no more (RLIMIT_MEMLOCK; raise it with "
               "ulimit -l or LimitMEMLOCK=)") == 0
               ? 0
               : 2;
}

/* Root may lock without a limit. */
static int enter_without_locked_memory(const char *folder)
{
    const struct rlimit none = {0};

    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 ||
        (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0))
        return COULD_NOT_ENTER;
    return enter_and_do(&signer, keep_a_secret_in_vain, folder);
}

static bool use_much_memory(void)
{
    char *many = malloc((size_t)1 << 20);
    char *more = realloc(many, (size_t)16 << 20);
    bool done = more != NULL;

    if (done)
        more[0] = 1;
    free(more);
    return done;
}

static int work_as_signer(const char *folder)
{
    (void)folder;
    if (!write_the_log())
        return 1;
    if (!talk())
        return 2;
    if (!keep_a_secret())
        return 3;
    return use_much_memory() ? 0 : 4;
}

static void the_signer_still_logs_talks_and_keeps_secrets(void **state)
{
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    struct failure why;

    (void)state;
    make_folder(folder);
    assert_true(path_join(path, folder, "sign.log", &why));
    held_log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(held_log >= 0);
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, held_sockets), 0);
    expect_done(&signer, work_as_signer, "");

    descriptor_close(&held_log);
    descriptor_close(&held_sockets[0]);
    descriptor_close(&held_sockets[1]);
    remove_folder(folder);
}

static int wait_for_a_byte(const char *folder)
{
    struct pollfd ready = {.fd = held_sockets[1], .events = POLLIN};

    (void)folder;
    (void)!write(held_sockets[1], "r", 1);
    return poll(&ready, 1, 5000) == 1 ? 0 : 1;
}

/* poll goes on through restart_syscall after a stop. */
static void a_role_that_was_stopped_goes_on(void **state)
{
    int status = -1;
    char ready;
    pid_t child;

    (void)state;
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, held_sockets), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(enter_and_do(&signer, wait_for_a_byte, ""));
    assert_int_equal(read(held_sockets[0], &ready, 1), 1);
    (void)usleep(20000);
    assert_int_equal(kill(child, SIGSTOP), 0);
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_int_equal(kill(child, SIGCONT), 0);
    (void)usleep(20000);
    assert_int_equal(write(held_sockets[0], "x", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    descriptor_close(&held_sockets[0]);
    descriptor_close(&held_sockets[1]);
}

static int write_in_folder(const char *folder)
{
    RELEASED(buffer) contents = BUFFER("a file", 100);
    char path[PATH_ROOM];
    char second[PATH_ROOM];
    struct failure why = {0};

    if (path_join(path, folder, "published", &why) &&
        path_join(second, folder, "within", &why) &&
        file_write(path, bytes_of_text("old"), 0644, FILE_NEW_ONLY, &why) &&
        file_write(path, bytes_of_text("new"), 0644, FILE_REPLACE, &why) &&
        folder_make(second, 0700, &why) && folder_remove(second, &why) &&
        file_read(path, &contents, &why) && unlink(path) == 0)
        return 0;
    (void)fprintf(stderr, "%s\n", why.reason);
    return 1;
}

static int write_into_readable(const char *folder)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    if (!path_join(path, folder, "new", &why) ||
        is_refused(open(folder, O_RDONLY | O_DIRECTORY)))
        return 1;
    return is_refused(open(path, O_WRONLY | O_CREAT, 0600)) ? 0 : 2;
}

static int leave_folder(const char *folder)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    if (!is_refused(open("/etc/passwd", O_RDONLY)))
        return 1;
    if (!path_join(path, folder, "link", &why) ||
        !is_refused(open(path, O_RDONLY)))
        return 2;
    if (!path_join(path, folder, "../elsewhere", &why) ||
        !is_refused(open(path, O_WRONLY | O_CREAT, 0600)))
        return 3;
    return 0;
}

static void *touch_memory(void *unused)
{
    void *some = malloc(100000);

    (void)unused;
    free(some);
    return NULL;
}

static int start_threads(const char *folder)
{
    (void)folder;
    for (size_t i = 0; i < 3; i++) {
        pthread_t threads[4];

        for (size_t j = 0; j < 4; j++) {
            if (pthread_create(&threads[j], NULL, touch_memory, NULL) != 0)
                return 1;
        }
        for (size_t j = 0; j < 4; j++)
            (void)pthread_join(threads[j], NULL);
    }
    return 0;
}

static int use_sqlite(const char *folder)
{
    sqlite3 *store = NULL;
    char path[PATH_ROOM];
    struct failure why;
    int result = 1;

    if (path_join(path, folder, "chancery.db", &why) &&
        sqlite3_open(path, &store) == SQLITE_OK)
        result = sqlite3_exec(store,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE IF NOT EXISTS t(a, b);"
            "BEGIN IMMEDIATE; INSERT INTO t VALUES(1, zeroblob(100000));"
            "COMMIT; CREATE INDEX IF NOT EXISTS i ON t(a); PRAGMA "
            "wal_checkpoint(TRUNCATE);"
            "VACUUM; SELECT * FROM t ORDER BY a; PRAGMA integrity_check",
            NULL, NULL, NULL);
    if (result != SQLITE_OK)
        (void)fprintf(stderr, "%s\n", sqlite3_errmsg(store));
    if (sqlite3_close(store) != SQLITE_OK)
        result = 2;
    return result;
}

static void properties35_the_keeper_works_in_its_folders_alone(void **state)
{
    const deed deeds[] = {
        write_in_folder, leave_folder, start_threads, use_sqlite, use_sqlite};
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    struct failure why;
    const char *folders[] = {folder, NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .writable = folders};
    const struct sandbox reader = {.role = SANDBOX_KEEPER, .readable = folders};

    (void)state;
    make_folder(folder);
    assert_true(path_join(path, folder, "link", &why));
    assert_int_equal(symlink("/etc/passwd", path), 0);
    for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++)
        expect_done(&keeper, deeds[i], folder);
    expect_done(&reader, write_into_readable, folder);
    remove_folder(folder);
}

static int read_named_file(const char *path)
{
    RELEASED(buffer) contents = BUFFER("a file", 1000000);
    struct failure why;

    if (!file_read(path, &contents, &why))
        return 1;
    return is_refused(open("/etc/group", O_RDONLY)) ? 0 : 2;
}

static void a_single_file_can_be_named_too(void **state)
{
    const char *files[] = {"/etc/passwd", NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .readable = files};

    (void)state;
    expect_done(&keeper, read_named_file, "/etc/passwd");
}

static void properties35_the_keeper_can_make_no_socket(void **state)
{
    const struct sandbox keeper = {.role = SANDBOX_KEEPER};

    (void)state;
    need_seccomp();
    expect_done(&keeper, make_sockets, "");
}

static int look_for_privacy(const char *folder)
{
    struct rlimit core = {.rlim_cur = 1, .rlim_max = 1};
    struct failure why;

    (void)folder;
    if (!sandbox_keep_private(&why))
        return 1;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 ||
        core.rlim_max != 0)
        return 2;
    return prctl(PR_GET_DUMPABLE) == 0 ? 0 : 3;
}

static void properties34_a_role_leaves_no_core_and_no_way_to_its_memory(
    void **state)
{
    int status = -1;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(look_for_privacy(""));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int enter_with_nowhere(const char *nowhere)
{
    const char *folders[] = {nowhere, NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .writable = folders};
    char degraded[120];
    struct failure why = {0};

    if (sandbox_enter(&keeper, degraded, &why))
        return 1;
    return why.kind == FAILURE_NOT_FOUND &&
                   strcmp(why.reason,
                       "locking in to /nowhere: No such file or directory") == 0
               ? 0
               : 2;
}

/* A probe that succeeds. */
static int enter_with_everything(const char *everything)
{
    const char *folders[] = {everything, NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .readable = folders};
    char degraded[120];
    struct failure why = {0};

    if (sandbox_enter(&keeper, degraded, &why))
        return 1;
    return why.kind == FAILURE_INTERNAL &&
                   strcmp(why.reason, "the sandbox does not hold: the folder / "
                                      "can be opened") == 0
               ? 0
               : 2;
}

static void *wait_for_long(void *unused)
{
    (void)pause();
    return unused;
}

static int enter_with_a_thread(const char *unused)
{
    pthread_t thread;
    char degraded[120];
    struct failure why = {0};

    (void)unused;
    if (pthread_create(&thread, NULL, wait_for_long, NULL) != 0)
        return 1;
    if (sandbox_enter(&signer, degraded, &why))
        return 2;
    return strcmp(why.reason,
               "a role locks itself in before it starts threads") == 0
               ? 0
               : 3;
}

static void expect_in_child(deed outside, const char *folder)
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(outside(folder));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_secret_refused_to_a_role_is_a_sentence_and_no_death(void **state)
{
    (void)state;
    need_seccomp(); /* and the sanitizers leave mlock out */
    expect_in_child(enter_without_locked_memory, "");
}

static void a_lock_that_would_not_hold_is_refused(void **state)
{
    (void)state;
    expect_in_child(enter_with_nowhere, "/nowhere");
    expect_in_child(enter_with_everything, "/");
}

static void a_role_with_threads_can_not_lock_itself_in(void **state)
{
    (void)state;
    if (!SECCOMP_HOLDS) {
        print_message("a sanitizer may have a thread of its own\n");
        skip();
    }
    expect_in_child(enter_with_a_thread, "");
}

static int look_at_degraded(const char *unused)
{
    char degraded[120] = "x";
    struct failure why;
    const char *expected =
        SECCOMP_HOLDS ? "" : "no seccomp in a build with sanitizers";

    (void)unused;
    if (!sandbox_enter(&signer, degraded, &why))
        return 1;
    return strcmp(degraded, expected) == 0 ? 0 : 2;
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    expect_in_child(look_at_degraded, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties35_the_signer_can_open_no_file),
        cmocka_unit_test(properties35_the_signer_can_make_no_socket),
        cmocka_unit_test(properties35_a_role_can_execute_nothing),
        cmocka_unit_test(properties35_a_call_that_is_not_listed_kills),
        cmocka_unit_test(questions_are_refused_without_death),
        cmocka_unit_test(a_file_refused_to_a_role_is_a_sentence_and_no_death),
        cmocka_unit_test(a_secret_refused_to_a_role_is_a_sentence_and_no_death),
        cmocka_unit_test(
            properties35_the_signer_has_20_calls_and_none_that_reaches_out),
        cmocka_unit_test(the_signer_still_unlocks_signs_and_verifies),
        cmocka_unit_test(the_keys_role_still_makes_and_proves_keys),
        cmocka_unit_test(the_signer_still_logs_talks_and_keeps_secrets),
        cmocka_unit_test(a_role_that_was_stopped_goes_on),
        cmocka_unit_test(properties35_the_keeper_works_in_its_folders_alone),
        cmocka_unit_test(a_single_file_can_be_named_too),
        cmocka_unit_test(properties35_the_keeper_can_make_no_socket),
        cmocka_unit_test(
            properties34_a_role_leaves_no_core_and_no_way_to_its_memory),
        cmocka_unit_test(a_lock_that_would_not_hold_is_refused),
        cmocka_unit_test(a_role_with_threads_can_not_lock_itself_in),
        cmocka_unit_test(what_is_missing_is_said),
    };

    return cmocka_run_group_tests_name("sandbox", tests, make_keys, free_keys);
}
