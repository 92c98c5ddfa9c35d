#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/verify_batch.h"
#include "cli/verify_line.h"
#include "cli/verify_line_question.h"
#include "x509/chain/question_words.h"
#include "x509/pem.h"

#define OBJECTS PROJECT_FOLDER "/tests/objects/verify/"
#define AT "1798761600"

/* A file as a JSON text: its lines ended by \n. */
static void append_pem(struct buffer *line, const char *name)
{
    RELEASED(buffer) file = BUFFER("an object", PEM_MAX);
    struct failure why = {0};
    char path[PATH_ROOM];

    (void)snprintf(path, sizeof(path), OBJECTS "%s", name);
    assert_true(file_read(path, &file, &why));
    assert_true(buffer_append_byte(line, '"', &why));
    for (size_t i = 0; i < file.length; i++) {
        if (file.start[i] == '\n')
            assert_true(buffer_append_text(line, "\\n", &why));
        else
            assert_true(buffer_append_byte(line, file.start[i], &why));
    }
    assert_true(buffer_append_byte(line, '"', &why));
}

/* The same as base64 of its DER. */
static void append_base64(struct buffer *line, const char *name)
{
    static const char *const labels[] = {"CERTIFICATE", "X509 CRL", NULL};
    RELEASED(buffer) file = BUFFER("an object", PEM_MAX);
    RELEASED(buffer) der = BUFFER("an object", PEM_MAX);
    struct failure why = {0};
    char path[PATH_ROOM];

    (void)snprintf(path, sizeof(path), OBJECTS "%s", name);
    assert_true(file_read(path, &file, &why));
    assert_true(pem_or_der(buffer_view(&file), labels, &der, &why));
    assert_true(buffer_append_byte(line, '"', &why));
    assert_true(base64_append(line, buffer_view(&der), 0, &why));
    assert_true(buffer_append_byte(line, '"', &why));
}

/* "@name" of the format becomes a file in PEM, "#name" in base64; each ends at
 * a blank. */
static void word(struct buffer *line, const char *format)
{
    struct failure why = {0};

    while (*format != 0) {
        char name[64];
        size_t length = strcspn(format, " ");

        if (*format != '@' && *format != '#') {
            assert_true(buffer_append_byte(line, (uint8_t)*format++, &why));
            continue;
        }
        (void)snprintf(name, sizeof(name), "%.*s", (int)length - 1, format + 1);
        if (*format == '@')
            append_pem(line, name);
        else
            append_base64(line, name);
        format += length;
    }
}

#define GOOD                                                                \
    "{\"id\": \"one\", \"time\": " AT ", \"leaf\": @leaf.pem , \"roots\": " \
    "[@root.pem ], \"untrusted\": [#issuing.pem ]"

static json_t *answer_bytes(struct bytes text, bool is_too_long)
{
    const struct batch_line line = {
        .text = text, .number = 7, .is_too_long = is_too_long};
    RELEASED(buffer) answer = BUFFER("an answer", BATCH_ANSWER_MAX);
    struct failure why = {0};
    json_t *value = NULL;

    if (!batch_line_answer(&line, NULL, &answer, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(answer.start[answer.length - 1], '\n');
    if (!json_read(buffer_view(&answer), "the answer", &value, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(json_object_size(value), 4);
    return value;
}

static json_t *answer(const char *format)
{
    RELEASED(buffer) line = BUFFER("a line", BATCH_LINE_MAX);

    word(&line, format);
    return answer_bytes(buffer_view(&line), false);
}

static const char *text_of(const json_t *value, const char *key)
{
    return json_string_value(json_object_get(value, key));
}

static void assert_answer(const char *format, const char *code)
{
    SCOPED(json_t) *value = answer(format);

    if (strcmp(text_of(value, "code"), code) != 0)
        fail_msg("%s: %s", text_of(value, "code"), text_of(value, "sentence"));
    assert_int_equal(
        json_is_true(json_object_get(value, "valid")), strcmp(code, "ok") == 0);
}

static void assert_malformed(const char *format, const char *sentence)
{
    SCOPED(json_t) *value = answer(format);

    assert_string_equal(text_of(value, "code"), "malformed");
    if (strstr(text_of(value, "sentence"), sentence) == NULL)
        fail_msg("%s", text_of(value, "sentence"));
}

/* --- what is answered ---------------------------------------------------- */

static void pem_and_base64_stand_for_the_same_certificates(void **state)
{
    (void)state;
    assert_answer(GOOD "}", "ok");
    assert_answer("{\"time\": \"2027-01-01T00:00:00Z\", \"leaf\": #leaf.pem ,"
                  "\"roots\": [#root.pem ], \"untrusted\": [@issuing.pem ]}",
        "ok");
}

static void an_id_comes_back_and_one_that_is_no_short_text_is_null(void **state)
{
    SCOPED(json_t) *named = answer(GOOD "}");
    SCOPED(json_t) *numbered = answer("{\"id\": 12}");
    SCOPED(json_t) *unnamed = answer("{\"id\": {}}");

    (void)state;
    assert_string_equal(text_of(named, "id"), "one");
    assert_int_equal(json_integer_value(json_object_get(numbered, "id")), 12);
    assert_true(json_is_null(json_object_get(unnamed, "id")));
}

static void each_key_is_heeded(void **state)
{
    (void)state;
    assert_answer(GOOD ", \"names\": [{\"kind\": \"dns\", \"value\": "
                       "\"www.example.org\"}]}",
        "ok");
    assert_answer(GOOD ", \"names\": [{\"kind\": \"dns\", \"value\": "
                       "\"www.example.org\"}, {\"kind\": \"dns\", "
                       "\"value\": \"other.example.org\"}]}",
        "name-mismatch");
    assert_answer(GOOD ", \"names\": [{\"kind\": \"ip\", \"value\": "
                       "\"192.0.2.1\"}]}",
        "name-missing");
    assert_answer(GOOD ", \"purpose\": \"server\"}", "ok");
    assert_answer(GOOD ", \"purpose\": \"client\"}", "usage-mismatch");
    assert_answer(GOOD ", \"purpose\": null, \"profile\": null}", "ok");
    assert_answer(GOOD ", \"extended_key_usage\": [\"serverAuth\"]}", "ok");
    assert_answer(GOOD ", \"extended_key_usage\": [\"1.3.6.1.5.5.7.3.2\"]}",
        "usage-mismatch");
    assert_answer(GOOD ", \"key_usage\": [\"digitalSignature\"]}", "ok");
    assert_answer(GOOD ", \"key_usage\": [\"keyCertSign\"]}", "usage-mismatch");
    assert_answer(GOOD ", \"max_depth\": 1}", "ok");
    assert_answer(GOOD ", \"max_depth\": 0}", "path-too-long");
    assert_answer(GOOD ", \"policies\": {\"require_explicit\": true}}",
        "policy-violated");
    assert_answer(GOOD ", \"distrusted\": [@root.pem ]}", "distrusted");
}

static void lists_say_who_is_revoked_and_what_is_unknown(void **state)
{
    (void)state;
    assert_answer(GOOD ", \"revocation\": \"soft\", \"crls\": "
                       "[@revoked.crl ]}",
        "revoked");
    assert_answer(
        GOOD ", \"revocation\": \"soft\", \"crls\": [#empty.crl ]}", "ok");
    assert_answer(GOOD ", \"revocation\": \"hard\"}", "revocation-unknown");
    assert_answer(GOOD ", \"revocation\": \"off\", \"crls\": "
                       "[@revoked.crl ]}",
        "ok");
    /* as --crl without --revocation */
    assert_answer(GOOD ", \"crls\": [@revoked.crl ]}", "revoked");
    assert_answer(GOOD ", \"revocation\": null, \"crls\": "
                       "[@revoked.crl ]}",
        "revoked");
    assert_answer(GOOD ", \"crls\": [#empty.crl ]}", "ok");
}

static void an_intermediate_that_cannot_be_read_is_passed_over(void **state)
{
    (void)state;
    assert_answer("{\"time\": " AT ", \"leaf\": @leaf.pem , \"roots\": "
                  "[\"AAAA\", @root.pem ], \"untrusted\": [\"?\", "
                  "\"-----BEGIN CERTIFICATE-----\", #issuing.pem ]}",
        "ok");
}

static void keys_that_nobody_knows_are_passed_over(void **state)
{
    (void)state;
    assert_answer(GOOD ", \"note\": [1, {\"a\": 2}]}", "ok");
}

static void without_the_issuer_it_is_missing(void **state)
{
    (void)state;
    assert_answer("{\"time\": " AT ", \"leaf\": @leaf.pem , \"roots\": "
                  "[@root.pem ]}",
        "issuer-missing");
    assert_answer("{\"time\": " AT ", \"leaf\": @leaf.pem , \"roots\": []}",
        "issuer-missing");
}

/* --- what can't be read -------------------------------------------------- */

static void a_line_that_is_no_json_is_malformed_with_its_number(void **state)
{
    (void)state;
    assert_malformed(
        "{\"id\": ", "line 7 can't be read: the JSON, line 1, column");
    assert_malformed("{\"id\": 1, \"id\": 2}", "line 7 can't be read: ");
    assert_malformed("[]", "it is JSON, but no object");
    assert_malformed("{}", "leaf is wanted");
}

static void a_line_above_the_limit_is_malformed_and_names_it(void **state)
{
    SCOPED(json_t) *value = answer_bytes((struct bytes){0}, true);

    (void)state;
    assert_string_equal(text_of(value, "code"), "malformed");
    assert_string_equal(text_of(value, "sentence"),
        "line 7 can't be read: it is longer than 8388608 bytes");
    assert_true(json_is_null(json_object_get(value, "id")));
}

static void a_leaf_that_is_no_certificate_is_malformed(void **state)
{
    (void)state;
    assert_answer("{\"leaf\": \"AAAA\", \"roots\": []}", "malformed");
    assert_malformed("{\"leaf\": \"?\", \"roots\": []}", "leaf: ");
    assert_malformed("{\"leaf\": 1, \"roots\": []}", "leaf is wanted");
    assert_malformed("{\"leaf\": \"\", \"roots\": []}", "");
}

static void each_key_of_the_wrong_kind_is_named(void **state)
{
    static const struct {
        const char *rest, *sentence;
    } rows[] = {
        {", \"time\": \"yesterday\"}", "yesterday"},
        {", \"time\": 1.5}", "time is wanted"},
        {", \"max_depth\": -1}", "max_depth is wanted"},
        {", \"purpose\": 1}", "purpose is wanted as a text"},
        {", \"purpose\": \"tea\"}", "a purpose is one of"},
        {", \"profile\": \"none\"}", "a profile is rfc5280 or webpki"},
        {", \"revocation\": \"maybe\"}", "revocation is one of"},
        {", \"key_usage\": [\"tea\"]}", "no key usage \"tea\""},
        {", \"key_usage\": \"keyAgreement\"}", "key_usage is wanted as an"},
        {", \"extended_key_usage\": [\"tea\"]}", "\"tea\" is no object id"},
        {", \"extended_key_usage\": [1]}", "other than texts"},
        {", \"names\": {}}", "names is wanted"},
        {", \"names\": [{\"kind\": \"tea\", \"value\": \"a\"}]}",
            "a name's kind is one of"},
        {", \"names\": [{\"kind\": \"dns\"}]}", "a name is wanted"},
        {", \"names\": [{\"kind\": \"ip\", \"value\": \"a\"}]}", ""},
        {", \"policies\": []}", "policies is wanted as an object"},
        {", \"policies\": {\"inhibit_any\": 1}}", "inhibit_any is wanted"},
        {", \"crls\": \"AAAA\"}", "crls is wanted as an array"},
        {", \"crls\": [1]}", "crls holds something other than texts"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char format[512];

        (void)snprintf(format, sizeof(format),
            "{\"leaf\": \"AAAA\", \"roots\": []%s", rows[i].rest);
        assert_malformed(format, rows[i].sentence);
    }
}

static void the_roots_may_not_be_left_out(void **state)
{
    (void)state;
    assert_malformed("{\"leaf\": @leaf.pem }", "roots is wanted as an array");
}

/* --- words --------------------------------------------------------------- */

static void key_usages_are_known_in_any_spelling(void **state)
{
    struct failure why = {0};
    uint32_t bits = 0;

    (void)state;
    assert_true(question_key_usage("digital_signature", &bits, &why));
    assert_true(question_key_usage("CRL Sign", &bits, &why));
    assert_true(question_key_usage("contentCommitment", &bits, &why));
    assert_int_equal(bits, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_CRL_SIGN |
                               KEY_USAGE_NON_REPUDIATION);
    assert_false(question_key_usage("keyCert", &bits, &why));
    assert_false(question_key_usage("keyCertSigns", &bits, &why));
}

static void purposes_are_named_or_numbered(void **state)
{
    struct question_oid oid = {0};
    struct failure why = {0};

    (void)state;
    assert_true(question_oid_read("anyExtendedKeyUsage", &oid, &why));
    assert_true(bytes_equal((struct bytes){oid.contents, oid.length},
        oid_contents(OID_ANY_EXTENDED_KEY_USAGE)));
    assert_true(question_oid_read("1.3.6.1.5.5.7.3.1", &oid, &why));
    assert_true(bytes_equal((struct bytes){oid.contents, oid.length},
        oid_contents(OID_SERVER_AUTH)));
    assert_false(question_oid_read("1", &oid, &why));
    assert_string_equal(
        why.reason, "\"1\" is no object identifier and no name of one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_and_base64_stand_for_the_same_certificates),
        cmocka_unit_test(
            an_id_comes_back_and_one_that_is_no_short_text_is_null),
        cmocka_unit_test(each_key_is_heeded),
        cmocka_unit_test(lists_say_who_is_revoked_and_what_is_unknown),
        cmocka_unit_test(an_intermediate_that_cannot_be_read_is_passed_over),
        cmocka_unit_test(keys_that_nobody_knows_are_passed_over),
        cmocka_unit_test(without_the_issuer_it_is_missing),
        cmocka_unit_test(a_line_that_is_no_json_is_malformed_with_its_number),
        cmocka_unit_test(a_line_above_the_limit_is_malformed_and_names_it),
        cmocka_unit_test(a_leaf_that_is_no_certificate_is_malformed),
        cmocka_unit_test(each_key_of_the_wrong_kind_is_named),
        cmocka_unit_test(the_roots_may_not_be_left_out),
        cmocka_unit_test(key_usages_are_known_in_any_spelling),
        cmocka_unit_test(purposes_are_named_or_numbered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
