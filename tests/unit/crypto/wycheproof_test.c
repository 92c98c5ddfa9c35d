#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/hex.h"
#include "crypto/openssl_scoped.h"
#include "crypto/public_key.h"

/*
 * Project Wycheproof's vectors, where CHANCERY_WYCHEPROOF names the folder of
 * its JSON files (suites/wycheproof.tar.xz unpacked); skipped elsewhere.
 */
#define FIELD_MAX 65536

struct field {
    uint8_t bytes[FIELD_MAX];
    struct bytes view;
};

static struct field key_bits, modulus, exponent, message, signature;

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

/* Big-endian numbers come with a sign byte. */
static void read_field(
    const json_t *object, const char *name, bool is_number, struct field *field)
{
    struct failure why = {0};
    size_t length = 0;
    size_t skipped = 0;

    assert_true(hex_read(text_of(object, name), field->bytes,
        sizeof(field->bytes), &length, &why));
    while (is_number && skipped < length && field->bytes[skipped] == 0)
        skipped++;
    field->view = (struct bytes){field->bytes + skipped, length - skipped};
}

static bool starts_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static void read_parts(
    const json_t *group, const char *file, struct public_key_parts *parts)
{
    const json_t *key = json_object_get(group, "publicKey");
    char name[16] = "ed25519";

    if (starts_with(file, "ecdsa_secp"))
        (void)snprintf(name, sizeof(name), "p%.3s", file + 10);
    if (starts_with(file, "rsa_"))
        (void)snprintf(name, sizeof(name), "rsa%lld",
            (long long)json_integer_value(json_object_get(group, "keySize")));
    if (starts_with(file, "mldsa_"))
        (void)snprintf(name, sizeof(name), "mldsa%.2s", file + 6);
    parts->algorithm = key_algorithm_named(name);
    assert_non_null(parts->algorithm);
    if (parts->algorithm->kind == KEY_KIND_RSA) {
        read_field(key, "modulus", true, &modulus);
        read_field(key, "publicExponent", true, &exponent);
    } else if (json_is_string(key)) {
        read_field(group, "publicKey", false, &key_bits);
    } else {
        read_field(key,
            parts->algorithm->kind == KEY_KIND_EC ? "uncompressed" : "pk",
            false, &key_bits);
    }
    parts->bits = key_bits.view;
    parts->modulus = modulus.view;
    parts->exponent = exponent.view;
}

/* The row with the group's hash ("SHA-256") and, for RSA, its padding. */
static const struct signature_algorithm *algorithm_of(
    const json_t *group, const struct key_algorithm *key, bool pss)
{
    const struct signature_algorithm *row = signature_algorithms();
    const char *sha = text_of(group, "sha");

    if (key->kind == KEY_KIND_RAW)
        return key->signs_with;
    for (; row->name != NULL; row++) {
        if (row->kind == key->kind && row->pss == pss && strlen(sha) == 7 &&
            strcmp(row->digest + 3, sha + 4) == 0)
            return row;
    }
    return NULL;
}

/* What we have no row for must be refused, valid or not: another MGF1, a salt
 * of another length, a context (RFC 9881 has none). */
static bool is_ours(const json_t *group, const json_t *test, bool pss)
{
    json_int_t salt = json_integer_value(json_object_get(group, "sLen"));
    const char *sha = text_of(group, "sha");

    if (text_of(test, "ctx")[0] != '\0')
        return false;
    return !pss || (strcmp(sha, text_of(group, "mgfSha")) == 0 &&
                       salt * 8 == strtol(sha + 4, NULL, 10));
}

static size_t run_group(const json_t *group, const char *file)
{
    bool pss = starts_with(file, "rsa_pss");
    struct public_key_parts parts = {0};
    const struct signature_algorithm *algorithm;
    SCOPED(EVP_PKEY) *key = NULL;
    struct failure why = {0};
    const json_t *test;
    size_t index;
    bool has_key;

    read_parts(group, file, &parts);
    algorithm = algorithm_of(group, parts.algorithm, pss);
    assert_non_null(algorithm);
    has_key = public_key_make(&parts, &key, &why);
    if (!has_key && why.kind == FAILURE_UNAVAILABLE)
        return 0;
    json_array_foreach(json_object_get(group, "tests"), index, test)
    {
        const char *result = text_of(test, "result");
        bool is_valid =
            strcmp(result, "valid") == 0 && is_ours(group, test, pss);
        bool matches;

        read_field(test, "msg", false, &message);
        read_field(test, "sig", false, &signature);
        matches = has_key && signature_verify(key, algorithm, message.view,
                                 signature.view, &why);
        if (matches != is_valid && strcmp(result, "acceptable") != 0)
            fail_msg("%s %lld: %s is %s, %s", file,
                (long long)json_integer_value(json_object_get(test, "tcId")),
                text_of(test, "comment"), result,
                matches ? "and matches" : why.reason);
    }
    return index;
}

static size_t run_file(const char *folder, const char *file)
{
    char path[1024];
    json_error_t error;
    json_t *whole;
    const json_t *group;
    size_t index;
    size_t count = 0;

    (void)snprintf(path, sizeof(path), "%s/%s_test.json", folder, file);
    whole = json_load_file(path, 0, &error);
    if (whole == NULL)
        fail_msg("%s: %s", path, error.text);
    json_array_foreach(json_object_get(whole, "testGroups"), index, group)
        count += run_group(group, file);
    json_decref(whole);
    return count;
}

static void wycheproof_s_signatures_are_judged_as_it_says(void **state)
{
    static const char *const files[] = {"ecdsa_secp256r1_sha256",
        "ecdsa_secp256r1_sha512", "ecdsa_secp384r1_sha256",
        "ecdsa_secp384r1_sha384", "ecdsa_secp384r1_sha512",
        "ecdsa_secp521r1_sha512", "ed25519", "rsa_signature_2048_sha256",
        "rsa_signature_2048_sha384", "rsa_signature_2048_sha512",
        "rsa_signature_3072_sha256", "rsa_signature_3072_sha384",
        "rsa_signature_3072_sha512", "rsa_signature_4096_sha256",
        "rsa_signature_4096_sha384", "rsa_signature_4096_sha512",
        "rsa_pss_2048_sha256_mgf1_32", "rsa_pss_4096_sha512_mgf1_32",
        "mldsa_44_verify", "mldsa_65_verify", "mldsa_87_verify"};
    const char *folder = getenv("CHANCERY_WYCHEPROOF");
    size_t count = 0;

    (void)state;
    if (folder == NULL)
        skip();
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        count += run_file(folder, files[i]);
    print_message("%zu vectors\n", count);
    assert_true(count > 2900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wycheproof_s_signatures_are_judged_as_it_says),
    };

    return cmocka_run_group_tests_name("Wycheproof", tests, NULL, NULL);
}
