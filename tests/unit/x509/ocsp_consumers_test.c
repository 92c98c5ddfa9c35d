#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process_capture.h"
#include "crypto/openssl_scoped.h"
#include "crypto/signature.h"
#include "x509/chain/chain.h"
#include "x509/chain/pool.h"
#include "x509/chain/revocation.h"
#include "x509/ocsp_question.h"
#include "x509/ocsp_writer.h"

/*
 * Answers of ours before programs that read them, and requests of theirs before
 * our reader: openssl ocsp, ocsptool of GnuTLS, python-cryptography and our own
 * verdict engine.
 */
#define OUTPUT_MAX ((size_t)64 * 1024)
#define LEAF_SERIAL 0x41424344

DEFINE_SCOPED(X509_EXTENSION, X509_EXTENSION_free)

struct holder {
    EVP_PKEY *key;
    X509 *certificate;
    uint8_t *der;
    size_t length;
    char path[96];
};

static struct {
    char folder[48];
    char answer[96], request[96];
    struct holder root, responder, leaf;
    int64_t now;
} scene;

/* --- a small authority ---------------------------------------------------- */

static void add_extension(
    X509 *certificate, X509V3_CTX *about, int type, const char *value)
{
    SCOPED(X509_EXTENSION) *extension =
        X509V3_EXT_conf_nid(NULL, about, type, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
}

static void make_body(struct holder *holder, const struct holder *issuer,
    const char *name, long serial)
{
    X509 *made = holder->certificate;

    assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), serial), 1);
    assert_non_null(
        ASN1_TIME_set(X509_getm_notBefore(made), scene.now - 86400));
    assert_non_null(
        ASN1_TIME_set(X509_getm_notAfter(made), scene.now + 86400 * 90));
    assert_int_equal(X509_set_pubkey(made, holder->key), 1);
    assert_int_equal(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN",
            MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0),
        1);
    assert_int_equal(
        X509_set_issuer_name(made, X509_get_subject_name(issuer->certificate)),
        1);
}

/* extensions: pairs of type and value, ended by a value of NULL. */
static void make_holder(struct holder *holder, const struct holder *issuer,
    const char *name, long serial, const int *types, const char *const *values)
{
    X509V3_CTX about;

    holder->key = EVP_EC_gen("P-256");
    holder->certificate = X509_new();
    assert_non_null(holder->key);
    assert_non_null(holder->certificate);
    make_body(holder, issuer, name, serial);
    X509V3_set_ctx(
        &about, issuer->certificate, holder->certificate, NULL, NULL, 0);
    for (size_t i = 0; values[i] != NULL; i++)
        add_extension(holder->certificate, &about, types[i], values[i]);
    assert_true(X509_sign(holder->certificate, issuer->key, EVP_sha256()) > 0);

    int length = i2d_X509(holder->certificate, &holder->der);
    assert_true(length > 0);
    holder->length = (size_t)length;
    (void)snprintf(
        holder->path, sizeof(holder->path), "%s/%s.pem", scene.folder, name);
    FILE *file = fopen(holder->path, "we");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, holder->certificate), 1);
    assert_int_equal(fclose(file), 0);
}

static void free_holder(struct holder *holder)
{
    EVP_PKEY_free(holder->key);
    X509_free(holder->certificate);
    OPENSSL_free(holder->der);
}

static int open_scene(void **state)
{
    static const int root_types[] = {
        NID_basic_constraints, NID_key_usage, NID_subject_key_identifier};
    static const char *const root_values[] = {
        "critical,CA:TRUE", "critical,keyCertSign,cRLSign", "hash", NULL};
    static const int responder_types[] = {NID_key_usage, NID_ext_key_usage,
        NID_id_pkix_OCSP_noCheck, NID_authority_key_identifier};
    static const char *const responder_values[] = {
        "critical,digitalSignature", "OCSPSigning", "NULL", "keyid", NULL};
    static const int leaf_types[] = {
        NID_key_usage, NID_authority_key_identifier};
    static const char *const leaf_values[] = {
        "critical,digitalSignature", "keyid", NULL};

    (void)state;
    scene.now = clock_now();
    (void)snprintf(scene.folder, sizeof(scene.folder), "/tmp/ocsp-XXXXXX");
    assert_non_null(mkdtemp(scene.folder));
    (void)snprintf(
        scene.answer, sizeof(scene.answer), "%s/answer.der", scene.folder);
    (void)snprintf(
        scene.request, sizeof(scene.request), "%s/request.der", scene.folder);
    make_holder(&scene.root, &scene.root, "root", 1, root_types, root_values);
    make_holder(&scene.responder, &scene.root, "responder", 2, responder_types,
        responder_values);
    make_holder(
        &scene.leaf, &scene.root, "leaf", LEAF_SERIAL, leaf_types, leaf_values);
    return 0;
}

static int close_scene(void **state)
{
    struct failure why = {0};

    (void)state;
    free_holder(&scene.root);
    free_holder(&scene.responder);
    free_holder(&scene.leaf);
    return folder_remove(scene.folder, &why) ? 0 : -1;
}

static struct bytes der_of(const struct holder *holder)
{
    return (struct bytes){holder->der, holder->length};
}

/* --- an answer ------------------------------------------------------------ */

static void sign(struct bytes message, struct buffer *signature,
    const struct signature_algorithm **algorithm)
{
    SCOPED_STRUCT(signature_operation) *operation = NULL;
    uint8_t room[SIGNATURE_MAX];
    struct failure why = {0};
    size_t length = 0;

    *algorithm = key_algorithm_named("p256")->signs_with;
    assert_true(signature_operation_new(
        scene.responder.key, *algorithm, SIGNATURE_SIGN, &operation, &why));
    assert_true(
        signature_operation_sign(operation, message, room, &length, &why));
    assert_true(buffer_append(signature, (struct bytes){room, length}, &why));
}

static void write_file(const char *path, struct bytes bytes)
{
    struct failure why = {0};

    assert_true(file_write(path, bytes, 0600, FILE_REPLACE, &why));
}

/* Signs an answer and writes it to the scene's file. */
static void answer(const struct ocsp_answer_single *singles, size_t count,
    struct bytes nonce, struct buffer *whole)
{
    RELEASED(buffer) body = BUFFER("body", OUTPUT_MAX);
    RELEASED(buffer) signature = BUFFER("signature", SIGNATURE_MAX);
    const struct signature_algorithm *algorithm = NULL;
    struct certificate responder = {0};
    struct failure why = {0};
    uint8_t key[SHA_DIGEST_LENGTH];

    assert_true(certificate_read(der_of(&scene.responder), &responder, &why));
    (void)SHA1(
        responder.tbs.key.bits.start, responder.tbs.key.bits.length, key);
    struct ocsp_answer_plan plan = {.responder_key = {key, sizeof(key)},
        .produced_at = scene.now,
        .singles = singles,
        .single_count = count,
        .nonce = nonce};
    if (!ocsp_answer_body(&plan, &body, &why))
        fail_msg("%s", why.reason);
    sign(buffer_view(&body), &signature, &algorithm);
    buffer_clear(whole);
    assert_true(ocsp_answer_seal(buffer_view(&body), algorithm->identifier,
        buffer_view(&signature), der_of(&scene.responder), whole, &why));
    write_file(scene.answer, buffer_view(whole));
}

static struct ocsp_answer_single single_of(
    struct bytes id, enum ocsp_status status)
{
    return (struct ocsp_answer_single){.id = id,
        .status = status,
        .reason =
            status == OCSP_REVOKED ? CRL_KEY_COMPROMISE : CRL_REASON_ABSENT,
        .revoked_at = scene.now - 600,
        .this_update = scene.now - 60,
        .next_update = scene.now + 3600};
}

static void id_of_leaf(const char *digest, struct buffer *id)
{
    struct certificate leaf = {0}, root = {0};
    struct failure why = {0};

    assert_true(certificate_read(der_of(&scene.leaf), &leaf, &why));
    assert_true(certificate_read(der_of(&scene.root), &root, &why));
    buffer_clear(id);
    assert_true(ocsp_certificate_id_write(
        digest, leaf.tbs.issuer, root.tbs.key.bits, leaf.tbs.serial, id, &why));
}

/* --- programs ------------------------------------------------------------- */

static bool runs(const char *const *arguments, struct buffer *said)
{
    struct process_start start = {.program = arguments[0],
        .arguments = arguments,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    struct failure why = {0};
    int status = -1;

    buffer_clear(said);
    if (!process_capture(&start, 60000, said, &status, &why))
        fail_msg("%s", why.reason);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void run(const char *const *arguments, struct buffer *said)
{
    if (!runs(arguments, said))
        fail_msg("%s: %.*s", arguments[0], (int)said->length,
            (const char *)said->start);
}

static void assert_says(const struct buffer *said, const char *part)
{
    if (memmem(said->start, said->length, part, strlen(part)) == NULL)
        fail_msg("\"%.*s\" lacks \"%s\"", (int)said->length,
            (const char *)said->start, part);
}

static const struct {
    enum ocsp_status status;
    const char *openssl, *gnutls, *python;
} statuses[] = {
    {OCSP_GOOD, "leaf.pem: good", "Certificate Status: good", "status GOOD"},
    {OCSP_REVOKED, "leaf.pem: revoked", "Certificate Status: revoked",
        "status REVOKED"},
    {OCSP_UNKNOWN, "leaf.pem: unknown", "Certificate Status: unknown",
        "status UNKNOWN"},
};
static const char *const digests[] = {"SHA1", "SHA256"};

#define FOR_EVERY_ANSWER(status, digest)                                \
    for (size_t status = 0; status < 3; status++)                       \
        for (const char *const *digest = digests; digest < digests + 2; \
             digest++)

static void make_answer(size_t place, const char *digest, struct buffer *whole)
{
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);

    id_of_leaf(digest, &id);
    struct ocsp_answer_single single =
        single_of(buffer_view(&id), statuses[place].status);
    answer(&single, 1, (struct bytes){0}, whole);
}

/* --- answers before their readers ----------------------------------------- */

static void openssl_verifies_an_answer_of_every_status(void **state)
{
    RELEASED(buffer) said = BUFFER("output", OUTPUT_MAX);
    RELEASED(buffer) whole = BUFFER("answer", OUTPUT_MAX);

    (void)state;
    FOR_EVERY_ANSWER(place, digest)
    {
        const char *const arguments[] = {"/usr/bin/openssl", "ocsp",
            "-no_nonce", strcmp(*digest, "SHA1") == 0 ? "-sha1" : "-sha256",
            "-issuer", scene.root.path, "-cert", scene.leaf.path, "-respin",
            scene.answer, "-CAfile", scene.root.path, NULL};

        make_answer(place, *digest, &whole);
        run(arguments, &said);
        assert_says(&said, "Response verify OK");
        assert_says(&said, statuses[place].openssl);
        if (statuses[place].status == OCSP_REVOKED)
            assert_says(&said, "Reason: keyCompromise");
    }
}

static void gnutls_verifies_an_answer_of_every_status(void **state)
{
    RELEASED(buffer) said = BUFFER("output", OUTPUT_MAX);
    RELEASED(buffer) whole = BUFFER("answer", OUTPUT_MAX);
    const char *const verify[] = {"/usr/bin/ocsptool", "--verify-response",
        "--load-response", scene.answer, "--load-trust", scene.root.path, NULL};
    const char *const show[] = {"/usr/bin/ocsptool", "--response-info",
        "--load-response", scene.answer, NULL};

    (void)state;
    FOR_EVERY_ANSWER(place, digest)
    {
        make_answer(place, *digest, &whole);
        run(verify, &said);
        assert_says(&said, "Success");
        run(show, &said);
        assert_says(&said, statuses[place].gnutls);
    }
}

static void python_reads_an_answer_of_every_status(void **state)
{
    RELEASED(buffer) said = BUFFER("output", OUTPUT_MAX);
    RELEASED(buffer) whole = BUFFER("answer", OUTPUT_MAX);
    const char *const arguments[] = {"/usr/bin/python3",
        PROJECT_FOLDER "/tests/unit/x509/ocsp_consumers.py", scene.answer,
        scene.responder.path, NULL};
    char serial[48];

    (void)state;
    (void)snprintf(serial, sizeof(serial), "serial %d", LEAF_SERIAL);
    FOR_EVERY_ANSWER(place, digest)
    {
        make_answer(place, *digest, &whole);
        run(arguments, &said);
        assert_says(&said, "response SUCCESSFUL");
        assert_says(&said, statuses[place].python);
        assert_says(&said, serial);
        assert_says(
            &said, strcmp(*digest, "SHA1") == 0 ? "hash sha1" : "hash sha256");
        assert_says(&said, "enclosed 1");
        assert_says(&said, statuses[place].status == OCSP_REVOKED
                               ? "reason keyCompromise"
                               : "reason None");
    }
}

static void our_own_engine_takes_good_and_refuses_the_others(void **state)
{
    RELEASED(buffer) whole = BUFFER("answer", OUTPUT_MAX);

    (void)state;
    FOR_EVERY_ANSWER(place, digest)
    {
        RELEASED(verdict) verdict = {0};
        struct status_source source = {0};
        const struct status_source *at_hand[] = {&source};
        SCOPED_STRUCT(chain_pool) *roots = NULL;
        struct failure why = {0};

        make_answer(place, *digest, &whole);
        status_source_read(buffer_view(&whole), "answer", true, &source);
        assert_true(chain_pool_new(&roots, &why));
        assert_true(chain_pool_add(roots, der_of(&scene.root), "roots", &why));
        struct chain_question question = {.leaf = der_of(&scene.leaf),
            .roots = roots,
            .time = scene.now,
            .revocation = CHAIN_REVOCATION_HARD,
            .sources = at_hand,
            .source_count = 1};
        assert_true(chain_verify(&question, &verdict, &why));
        assert_string_equal(verdict_code_name(verdict.code),
            verdict_code_name(statuses[place].status == OCSP_GOOD ? VERDICT_OK
                              : statuses[place].status == OCSP_REVOKED
                                  ? VERDICT_REVOKED
                                  : VERDICT_REVOCATION_UNKNOWN));
    }
}

static void an_answer_without_a_body_is_understood(void **state)
{
    RELEASED(buffer) said = BUFFER("output", OUTPUT_MAX);
    const char *const arguments[] = {"/usr/bin/python3",
        PROJECT_FOLDER "/tests/unit/x509/ocsp_consumers.py", scene.answer,
        scene.responder.path, NULL};
    static const struct {
        enum ocsp_response_status status;
        const char *name;
    } rows[] = {
        {OCSP_MALFORMED_REQUEST, "response MALFORMED_REQUEST"},
        {OCSP_INTERNAL_ERROR, "response INTERNAL_ERROR"},
        {OCSP_TRY_LATER, "response TRY_LATER"},
        {OCSP_SIG_REQUIRED, "response SIG_REQUIRED"},
        {OCSP_UNAUTHORIZED, "response UNAUTHORIZED"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_file(scene.answer, ocsp_answer_without_body(rows[i].status));
        run(arguments, &said);
        assert_says(&said, rows[i].name);
    }
}

/* --- their requests, answered --------------------------------------------- */

static void read_request(struct buffer *request, struct ocsp_question *question)
{
    struct failure why = {0};

    buffer_clear(request);
    assert_true(file_read(scene.request, request, &why));
    if (!ocsp_question_read(buffer_view(request), question, &why))
        fail_msg("%s", why.reason);
}

/* Two certificates and a nonce: what openssl asks is answered, and it is
 * content; so is another reader with the same nonce. */
static void openssl_is_answered_what_it_asked(void **state)
{
    RELEASED(buffer) said = BUFFER("output", OUTPUT_MAX);
    RELEASED(buffer) request = BUFFER("request", OUTPUT_MAX);
    RELEASED(buffer) whole = BUFFER("answer", OUTPUT_MAX);
    struct ocsp_answer_single singles[2];
    struct ocsp_question question = {0};
    const char *const ask[] = {"/usr/bin/openssl", "ocsp", "-issuer",
        scene.root.path, "-cert", scene.leaf.path, "-sha256", "-cert",
        scene.responder.path, "-nonce", "-reqout", scene.request, NULL};
    const char *const hear[] = {"/usr/bin/openssl", "ocsp", "-reqin",
        scene.request, "-respin", scene.answer, "-CAfile", scene.root.path,
        "-resp_text", NULL};

    (void)state;
    run(ask, &said);
    read_request(&request, &question);
    assert_int_equal(question.id_count, 2);
    assert_int_equal(question.ids[0].hash, OCSP_ID_SHA1);
    assert_int_equal(question.ids[1].hash, OCSP_ID_SHA256);
    assert_true(question.nonce.length > 0);
    singles[0] = single_of(question.ids[0].whole, OCSP_GOOD);
    singles[1] = single_of(question.ids[1].whole, OCSP_REVOKED);
    answer(singles, 2, question.nonce, &whole);
    run(hear, &said);
    assert_says(&said, "Response verify OK");
    assert_says(&said, "Cert Status: good");
    assert_says(&said, "Cert Status: revoked");
    assert_null(memmem(said.start, said.length, "no nonce", 8));
    question.nonce.length--;
    answer(singles, 2, question.nonce, &whole);
    assert_false(runs(hear, &said));
    assert_says(&said, "Nonce Verify error");
}

static void a_nonce_of_128_octets_is_read_by_python(void **state)
{
    RELEASED(buffer) said = BUFFER("output", OUTPUT_MAX);
    RELEASED(buffer) whole = BUFFER("answer", OUTPUT_MAX);
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    const char *const read[] = {"/usr/bin/python3",
        PROJECT_FOLDER "/tests/unit/x509/ocsp_consumers.py", scene.answer,
        scene.responder.path, NULL};
    uint8_t nonce[OCSP_NONCE_MAX];
    char wanted[2 * OCSP_NONCE_MAX + 8] = "nonce ";

    (void)state;
    memset(nonce, 0x5a, sizeof(nonce));
    for (size_t i = 0; i < sizeof(nonce); i++)
        (void)snprintf(wanted + 6 + 2 * i, 3, "%02x", nonce[i]);
    id_of_leaf("SHA1", &id);
    struct ocsp_answer_single single = single_of(buffer_view(&id), OCSP_GOOD);
    answer(&single, 1, (struct bytes){nonce, sizeof(nonce)}, &whole);
    run(read, &said);
    assert_says(&said, wanted);
}

static void gnutls_is_answered_what_it_asked(void **state)
{
    RELEASED(buffer) said = BUFFER("output", OUTPUT_MAX);
    RELEASED(buffer) request = BUFFER("request", OUTPUT_MAX);
    RELEASED(buffer) whole = BUFFER("answer", OUTPUT_MAX);
    struct ocsp_question question = {0};
    const char *const ask[] = {"/usr/bin/ocsptool", "--generate-request",
        "--load-issuer", scene.root.path, "--load-cert", scene.leaf.path,
        "--outfile", scene.request, NULL};
    const char *const hear[] = {"/usr/bin/ocsptool", "--verify-response",
        "--load-response", scene.answer, "--load-trust", scene.root.path, NULL};

    (void)state;
    run(ask, &said);
    read_request(&request, &question);
    assert_int_equal(question.id_count, 1);
    struct ocsp_answer_single single =
        single_of(question.ids[0].whole, OCSP_GOOD);
    answer(&single, 1, (struct bytes){0}, &whole);
    run(hear, &said);
    assert_says(&said, "Success");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_verifies_an_answer_of_every_status),
        cmocka_unit_test(gnutls_verifies_an_answer_of_every_status),
        cmocka_unit_test(python_reads_an_answer_of_every_status),
        cmocka_unit_test(our_own_engine_takes_good_and_refuses_the_others),
        cmocka_unit_test(an_answer_without_a_body_is_understood),
        cmocka_unit_test(openssl_is_answered_what_it_asked),
        cmocka_unit_test(a_nonce_of_128_octets_is_read_by_python),
        cmocka_unit_test(gnutls_is_answered_what_it_asked),
    };

    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
