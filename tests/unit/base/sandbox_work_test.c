#include "sandbox_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

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

static void a_secret_refused_to_a_role_is_a_sentence_and_no_death(void **state)
{
    (void)state;
    need_seccomp(); /* and the sanitizers leave mlock out */
    expect_in_child(enter_without_locked_memory, "");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signer_still_unlocks_signs_and_verifies),
        cmocka_unit_test(the_keys_role_still_makes_and_proves_keys),
        cmocka_unit_test(the_signer_still_logs_talks_and_keeps_secrets),
        cmocka_unit_test(a_role_that_was_stopped_goes_on),
        cmocka_unit_test(a_secret_refused_to_a_role_is_a_sentence_and_no_death),
    };

    return cmocka_run_group_tests_name(
        "sandbox_work", tests, make_keys, free_keys);
}
