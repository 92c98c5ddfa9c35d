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
#include "x509/chain/arithmetic.h"

/*
 * Project Wycheproof's signatures as the chain engine meets them: the key is a
 * SubjectPublicKeyInfo and the algorithm an AlgorithmIdentifier, both read by
 * our own parsers.  Where CHANCERY_WYCHEPROOF names the folder of its JSON
 * files; skipped elsewhere.
 */
#define FIELD_MAX 65536

struct field {
    uint8_t bytes[FIELD_MAX];
    struct bytes view;
};

static struct field key_bytes, message, signature;

static const struct {
    const char *file;
    const char *algorithm; /* NULL: of the group, RSASSA-PSS */
} files[] = {
    {"ecdsa_secp256r1_sha256", "300a06082a8648ce3d040302"},
    {"ecdsa_secp256r1_sha512", "300a06082a8648ce3d040304"},
    {"ecdsa_secp384r1_sha256", "300a06082a8648ce3d040302"},
    {"ecdsa_secp384r1_sha384", "300a06082a8648ce3d040303"},
    {"ecdsa_secp384r1_sha512", "300a06082a8648ce3d040304"},
    {"ecdsa_secp521r1_sha512", "300a06082a8648ce3d040304"},
    {"ed25519", "300506032b6570"},
    {"ed448", "300506032b6571"},
    {"mldsa_44_verify", "300b0609608648016503040311"},
    {"mldsa_65_verify", "300b0609608648016503040312"},
    {"mldsa_87_verify", "300b0609608648016503040313"},
    {"rsa_signature_2048_sha256", "300d06092a864886f70d01010b0500"},
    {"rsa_signature_2048_sha384", "300d06092a864886f70d01010c0500"},
    {"rsa_signature_2048_sha512", "300d06092a864886f70d01010d0500"},
    {"rsa_signature_3072_sha256", "300d06092a864886f70d01010b0500"},
    {"rsa_signature_3072_sha384", "300d06092a864886f70d01010c0500"},
    {"rsa_signature_3072_sha512", "300d06092a864886f70d01010d0500"},
    {"rsa_signature_4096_sha256", "300d06092a864886f70d01010b0500"},
    {"rsa_signature_4096_sha384", "300d06092a864886f70d01010c0500"},
    {"rsa_signature_4096_sha512", "300d06092a864886f70d01010d0500"},
    {"rsa_pss_2048_sha256_mgf1_32", NULL},
    {"rsa_pss_4096_sha512_mgf1_32", NULL},
    {"rsa_pss_misc", NULL},
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

static void read_hex(const char *text, struct field *field)
{
    struct failure why = {0};
    size_t length = 0;

    assert_true(
        hex_read(text, field->bytes, sizeof(field->bytes), &length, &why));
    field->view = (struct bytes){field->bytes, length};
}

/* The last arc of id-sha256 and its kin (NIST CSOR); 0: SHA-1, refused. */
static unsigned int hash_arc(const char *name)
{
    static const char *const names[] = {
        "", "SHA-256", "SHA-384", "SHA-512", "SHA-224"};

    for (unsigned int arc = 1; arc < 5; arc++) {
        if (strcmp(names[arc], name) == 0)
            return arc;
    }
    return 0;
}

/* RFC 4055, 3.1.  False: with a hash that no policy takes. */
static bool pss_algorithm(const json_t *group, char text[static 160])
{
    unsigned int hash = hash_arc(text_of(group, "sha"));
    unsigned int mask = hash_arc(text_of(group, "mgfSha"));
    json_int_t salt = json_integer_value(json_object_get(group, "sLen"));

    if (hash == 0 || mask == 0 || salt > 127)
        return false;
    (void)snprintf(text, 160,
        "304106092a864886f70d01010a3034a00f300d06096086480165030402%02x0500a11c"
        "301a06092a864886f70d010108300d06096086480165030402%02x0500a2030201"
        "%02x",
        hash, mask, (unsigned int)salt);
    return true;
}

static enum signature_answer answer_to(
    const struct signature_key *key, struct bytes algorithm, char *evidence)
{
    enum signature_answer answer = SIGNATURE_DIFFERS;
    struct failure why = {0};

    if (!signature_check(key, algorithm, message.view, signature.view,
            ALGORITHMS_RFC5280, NULL, &answer, evidence, &why))
        fail_msg("%s", why.reason);
    return answer;
}

/* ML-DSA is where the library has it; RFC 9881 has no context. */
static bool may_be_refused(const char *file, const json_t *test)
{
    return strncmp(file, "mldsa", 5) == 0 || text_of(test, "ctx")[0] != '\0';
}

static size_t run_group(
    const json_t *group, const char *file, const char *algorithm_text)
{
    struct der_reader reader;
    struct signature_key key = {0};
    struct field *algorithm = calloc(1, sizeof(*algorithm));
    struct failure why = {0};
    const json_t *test;
    size_t index;
    bool has_key = false;

    assert_non_null(algorithm);
    read_hex(algorithm_text, algorithm);
    read_hex(text_of(group, "publicKeyDer"), &key_bytes);
    reader = der_reader_of(key_bytes.view);
    has_key = spki_read(&reader, &key.spki, &why);
    json_array_foreach(json_object_get(group, "tests"), index, test)
    {
        const char *result = text_of(test, "result");
        char evidence[SIGNATURE_EVIDENCE] = "the key can't be read";
        bool matches = false;

        read_hex(text_of(test, "msg"), &message);
        read_hex(text_of(test, "sig"), &signature);
        matches = has_key && answer_to(&key, algorithm->view, evidence) ==
                                 SIGNATURE_MATCHES;
        if ((matches && strcmp(result, "invalid") == 0) ||
            (!matches && strcmp(result, "valid") == 0 &&
                !may_be_refused(file, test)))
            fail_msg("%s %lld: %s is %s: %s", file,
                (long long)json_integer_value(json_object_get(test, "tcId")),
                text_of(test, "comment"), result, evidence);
    }
    free(algorithm);
    return index;
}

static size_t run_file(
    const char *folder, const char *file, const char *algorithm)
{
    char path[1024], made[160];
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
    {
        if (algorithm != NULL)
            count += run_group(group, file, algorithm);
        else if (pss_algorithm(group, made))
            count += run_group(group, file, made);
    }
    json_decref(whole);
    return count;
}

static void wycheproof_s_signatures_are_what_the_engine_says(void **state)
{
    const char *folder = getenv("CHANCERY_WYCHEPROOF");
    size_t count = 0;

    (void)state;
    if (folder == NULL)
        skip();
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        count += run_file(folder, files[i].file, files[i].algorithm);
    print_message("%zu vectors\n", count);
    assert_true(count > 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wycheproof_s_signatures_are_what_the_engine_says),
    };

    return cmocka_run_group_tests_name(
        "Wycheproof before the engine", tests, NULL, NULL);
}
