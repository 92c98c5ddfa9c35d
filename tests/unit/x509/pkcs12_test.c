#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/provider.h>

#include "input_fixture.h"
#include "x509/pkcs12.h"

/* Files of tests/objects/pkcs12, which make_pkcs12.py made. */

#define PASSWORD "geheim"

static void read_file(const char *name, struct buffer *file)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    (void)snprintf(
        path, sizeof(path), "%s/tests/objects/pkcs12/%s", PROJECT_FOLDER, name);
    if (!file_read(path, file, &why))
        fail_msg("%s", why.reason);
}

/* password NULL: none is given. */
static bool open_bytes(struct bytes file, const char *password,
    struct container *container, enum verdict_code *code, struct failure *why)
{
    RELEASED(secret) passphrase = {0};

    if (password == NULL)
        return pkcs12_read(file, NULL, container, code, why);
    assert_true(secret_new(&passphrase, strlen(password) + 1, why));
    memcpy(passphrase.start, password, strlen(password));
    passphrase.length = strlen(password);
    return pkcs12_read(file, &passphrase, container, code, why);
}

static bool open_file(const char *name, const char *password,
    struct container *container, enum verdict_code *code, struct failure *why)
{
    RELEASED(buffer) file = OBJECT_BUFFER();

    print_message("%s\n", name);
    read_file(name, &file);
    return open_bytes(buffer_view(&file), password, container, code, why);
}

/* The certificate and the public part of its key, whoever wrote the file. */
static void assert_holds_the_pair(const struct container *container)
{
    RELEASED(buffer) certificate = OBJECT_BUFFER();
    RELEASED(buffer) public_part = OBJECT_BUFFER();
    size_t found = 0;

    read_file("certificate.der", &certificate);
    read_file("public.der", &public_part);
    for (size_t i = 0; i < container->count; i++) {
        const struct container_object *object = &container->objects[i];
        struct bytes der = container_der(container, object);

        if (object->kind == INPUT_CERTIFICATE) {
            assert_bytes(der, buffer_view(&certificate));
            found |= 1;
        } else {
            assert_int_equal(object->kind, INPUT_PRIVATE_KEY);
            assert_true(object->is_of_private_key);
            assert_bytes(der, buffer_view(&public_part));
            found |= 2;
        }
    }
    assert_int_equal(found, 3);
}

struct opened {
    const char *name, *password, *integrity, *encryption;
    uint64_t integrity_iterations, encryption_iterations;
};

static void assert_opened(const struct opened *wanted)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    if (!open_file(wanted->name, wanted->password, &container, &code, &why))
        fail_msg("%s", why.reason);
    assert_string_equal(container.kind, "PKCS#12");
    assert_string_equal(container.integrity, wanted->integrity);
    assert_string_equal(container.encryption, wanted->encryption);
    assert_int_equal(
        container.integrity_iterations, wanted->integrity_iterations);
    assert_int_equal(
        container.encryption_iterations, wanted->encryption_iterations);
    assert_holds_the_pair(&container);
}

#define PBES2_AES "PBES2 with PBKDF2 and aes-256-cbc"
#define OLD_MAC "HMAC-SHA1 with the derivation of PKCS#12"
#define CLASSIC_MAC "HMAC-SHA256 with the derivation of PKCS#12"

static void kb032_what_each_program_writes_is_opened(void **state)
{
    static const struct opened files[] = {
        {"aes256.p12", PASSWORD, CLASSIC_MAC, PBES2_AES, 2048, 2048},
        {"3des.p12", PASSWORD, OLD_MAC, "pbeWithSHA1And3-KeyTripleDES-CBC",
            2048, 2048},
        {"pbmac1.p12", PASSWORD,
            "PBMAC1 with PBKDF2-HMAC-SHA256 and HMAC-SHA256", PBES2_AES, 2048,
            2048},
        {"ber.p12", PASSWORD, CLASSIC_MAC, PBES2_AES, 2048, 2048},
        {"no-mac.p12", PASSWORD, "", PBES2_AES, 0, 2048},
        {"empty-password.p12", NULL, CLASSIC_MAC, PBES2_AES, 2048, 2048},
        {"empty-password.p12", "", CLASSIC_MAC, PBES2_AES, 2048, 2048},
        {"nss.p12", PASSWORD, CLASSIC_MAC,
            PBES2_AES ", PBES2 with PBKDF2 and aes-128-cbc", 600000, 600000},
        {"java.p12", PASSWORD, CLASSIC_MAC, PBES2_AES, 10000, 10000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        assert_opened(&files[i]);
}

static void a_friendly_name_comes_with_its_object(void **state)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    (void)state;
    assert_true(open_file("aes256.p12", PASSWORD, &container, &code, &why));
    assert_int_equal(container.count, 2);
    assert_string_equal(container.objects[0].name, "Schl\xc3\xbcssel");
    assert_string_equal(container.objects[1].name, "Schl\xc3\xbcssel");
}

static void scrypt_within_its_limit_is_opened(void **state)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    (void)state;
    if (!open_file("scrypt.p12", PASSWORD, &container, &code, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(container.count, 1);
    assert_true(container.objects[0].is_of_private_key);
    assert_string_equal(
        container.encryption, "PBES2 with scrypt and aes-256-cbc");
}

static void no_password_at_all_is_another_than_an_empty_one(void **state)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    (void)state;
    assert_true(
        open_file("absent-password.p12", NULL, &container, &code, &why));
    assert_int_equal(container.count, 0);
}

/* --- refusals ------------------------------------------------------------- */

static void assert_refused(const char *name, const char *password,
    enum verdict_code wanted, const char *reason)
{
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_OK;
    struct failure why = {0};

    assert_false(open_file(name, password, &container, &code, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(code, wanted);
}

static void kb032_a_wrong_password_is_said_where_the_mac_does_not_match(
    void **state)
{
    (void)state;
    assert_refused("aes256.p12", "geheimer", VERDICT_WRONG_PASSWORD,
        "this is not the password of the PKCS#12, or the file was altered: "
        "its MAC (" CLASSIC_MAC ") does not match");
    assert_refused("3des.p12", "x", VERDICT_WRONG_PASSWORD,
        "this is not the password of the PKCS#12, or the file was altered: "
        "its MAC (" OLD_MAC ") does not match");
    assert_refused("pbmac1.p12", "x", VERDICT_WRONG_PASSWORD,
        "this is not the password of the PKCS#12, or the file was altered: "
        "its MAC (PBMAC1 with PBKDF2-HMAC-SHA256 and HMAC-SHA256) does not "
        "match");
    assert_refused("rc2-40.p12", "x", VERDICT_WRONG_PASSWORD,
        "this is not the password of the PKCS#12, or the file was altered: "
        "its MAC (" OLD_MAC ") does not match");
    assert_refused("aes256.p12", NULL, VERDICT_WRONG_PASSWORD,
        "the PKCS#12 has a password: its MAC matches neither none nor an "
        "empty one");
}

static void kb032_without_a_mac_nobody_says_wrong_password(void **state)
{
    (void)state;
    assert_refused("no-mac.p12", "falsch", VERDICT_MALFORMED,
        "a part of the PKCS#12 does not decrypt; it has no MAC, so whether "
        "the password or the file is wrong can't be told");
}

static void kb032_what_is_not_read_here_is_named(void **state)
{
    (void)state;
    assert_refused("unknown-mac.p12", PASSWORD, VERDICT_UNSUPPORTED_ALGORITHM,
        "the MAC of the PKCS#12 uses 1.2.3.4, which is not read here");
    assert_refused("enveloped.p12", PASSWORD, VERDICT_UNSUPPORTED_ALGORITHM,
        "a part of the PKCS#12 is encrypted for a certificate, not under a "
        "password, which is not read here");
    assert_refused("certificate.der", PASSWORD, VERDICT_MALFORMED,
        "this is not a PKCS#12: tag 0x30 where 0x02 belongs, at offset 4");
}

/* RC2 is in the legacy provider, which this process loads last. */
static void kb032_rc2_is_unsupported_until_the_library_has_it(void **state)
{
    static const struct opened legacy = {"rc2-40.p12", PASSWORD, OLD_MAC,
        "pbeWithSHA1And40BitRC2-CBC", 2048, 2048};
    OSSL_PROVIDER *ours;
    OSSL_PROVIDER *provider;

    (void)state;
    assert_refused("rc2-40.p12", PASSWORD, VERDICT_UNSUPPORTED_ALGORITHM,
        "the PKCS#12 is encrypted with pbeWithSHA1And40BitRC2-CBC, which this "
        "machine's OpenSSL does not have; where there is one that has it, "
        "\"openssl pkcs12 -legacy\" opens it");
    ours = OSSL_PROVIDER_load(NULL, "default");
    provider = OSSL_PROVIDER_load(NULL, "legacy");
    if (provider == NULL) {
        OSSL_PROVIDER_unload(ours);
        skip(); /* a library without it */
    }
    assert_opened(&legacy);
    OSSL_PROVIDER_unload(provider);
    OSSL_PROVIDER_unload(ours);
}

static void incident36_a_bomb_is_refused_by_a_named_limit(void **state)
{
    (void)state;
    assert_refused("bomb-mac.p12", PASSWORD, VERDICT_BUDGET_EXCEEDED,
        "the PKCS#12 wants 5000001 iterations for one key; 5000000 are the "
        "limit");
    assert_refused("bomb-pbmac1.p12", PASSWORD, VERDICT_BUDGET_EXCEEDED,
        "the PKCS#12 wants 1099511627776 iterations for one key; 5000000 are "
        "the limit");
    assert_refused("bomb-negative.p12", PASSWORD, VERDICT_BUDGET_EXCEEDED,
        "the PKCS#12 wants 18446744073709551615 iterations for one key; "
        "5000000 are the limit");
    assert_refused("bomb-scrypt.p12", PASSWORD, VERDICT_BUDGET_EXCEEDED,
        "the PKCS#12 wants scrypt with N 4194304, r 8, p 1; 128 * N * r * p = "
        "268435456 bytes are the limit");
}

static void every_cut_is_refused_and_never_called_a_wrong_password(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();

    (void)state;
    read_file("aes256.p12", &file);
    for (size_t length = 0; length < file.length; length++) {
        RELEASED(container) container = container_new();
        enum verdict_code code = VERDICT_OK;
        struct failure why = {0};

        assert_false(open_bytes((struct bytes){file.start, length}, PASSWORD,
            &container, &code, &why));
        assert_int_equal(code, VERDICT_MALFORMED);
    }
}

/* A flipped bit in what the MAC is over is found by the MAC, in whatever part
 * of the file. */
static void a_flipped_byte_is_never_opened_unseen(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();

    (void)state;
    read_file("aes256.p12", &file);
    for (size_t place = 30; place < file.length - 80; place += 7) {
        RELEASED(container) container = container_new();
        enum verdict_code code = VERDICT_OK;
        struct failure why = {0};

        file.start[place] ^= 1;
        assert_false(
            open_bytes(buffer_view(&file), PASSWORD, &container, &code, &why));
        assert_int_equal(code, VERDICT_WRONG_PASSWORD);
        file.start[place] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb032_what_each_program_writes_is_opened),
        cmocka_unit_test(a_friendly_name_comes_with_its_object),
        cmocka_unit_test(scrypt_within_its_limit_is_opened),
        cmocka_unit_test(no_password_at_all_is_another_than_an_empty_one),
        cmocka_unit_test(
            kb032_a_wrong_password_is_said_where_the_mac_does_not_match),
        cmocka_unit_test(kb032_without_a_mac_nobody_says_wrong_password),
        cmocka_unit_test(kb032_what_is_not_read_here_is_named),
        cmocka_unit_test(incident36_a_bomb_is_refused_by_a_named_limit),
        cmocka_unit_test(
            every_cut_is_refused_and_never_called_a_wrong_password),
        cmocka_unit_test(a_flipped_byte_is_never_opened_unseen),
        cmocka_unit_test(kb032_rc2_is_unsupported_until_the_library_has_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
