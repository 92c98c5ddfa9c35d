#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "x509/chain/explain.h"
#include "x509/pem.h"

#define OBJECTS PROJECT_FOLDER "/tests/objects/verify/"
/* 2027-01-01: within the validity of all three. */
#define AT INT64_C(1798761600)

/* A path as the engine leaves it, over the objects. */
struct scene {
    struct buffer leaf, issuing, root;
    struct chain_pool *roots, *untrusted;
    struct chain_question question;
    struct verdict verdict;
};

static void read_object(const char *path, struct buffer *der)
{
    static const char *const labels[] = {"CERTIFICATE", NULL};
    RELEASED(buffer) file = BUFFER("an object", PEM_MAX);
    struct failure why = {0};

    *der = BUFFER("an object", CERTIFICATE_MAX);
    if (!file_read(path, &file, &why) ||
        !pem_or_der(buffer_view(&file), labels, der, &why))
        fail_msg("%s", why.reason);
}

static void open_scene(struct scene *scene)
{
    struct failure why = {0};

    *scene = (struct scene){0};
    clock_set(AT);
    read_object(OBJECTS "leaf.pem", &scene->leaf);
    read_object(OBJECTS "issuing.pem", &scene->issuing);
    read_object(OBJECTS "root.pem", &scene->root);
    assert_true(chain_pool_new(&scene->roots, &why));
    assert_true(chain_pool_new(&scene->untrusted, &why));
    scene->question = (struct chain_question){
        .leaf = buffer_view(&scene->leaf),
        .roots = scene->roots,
        .untrusted = scene->untrusted,
        .time = AT,
    };
}

static void close_scene(struct scene *scene)
{
    verdict_free(&scene->verdict);
    chain_pool_free(scene->roots);
    chain_pool_free(scene->untrusted);
    buffer_free(&scene->leaf);
    buffer_free(&scene->issuing);
    buffer_free(&scene->root);
    clock_follow_the_machine();
}

static void add_path(struct verdict *verdict, size_t paths)
{
    verdict->paths = calloc(paths, sizeof(*verdict->paths));
    assert_non_null(verdict->paths);
    verdict->path_count = paths;
}

static void add_certificate(
    struct verdict_path *path, const struct buffer *der, const char *origin)
{
    struct verdict_certificate *grown = realloc(
        path->certificates, (path->length + 1) * sizeof(*path->certificates));

    assert_non_null(grown);
    path->certificates = grown;
    path->certificates[path->length] =
        (struct verdict_certificate){.der = buffer_view(der), .origin = origin};
    memset(path->certificates[path->length++].sha256, 0xa5, SHA256_BYTES);
}

static void add_check(struct verdict_path *path, enum chain_rule rule,
    enum verdict_outcome outcome, size_t place, const char *evidence)
{
    struct verdict_check *grown =
        realloc(path->checks, (path->check_count + 1) * sizeof(*path->checks));

    assert_non_null(grown);
    path->checks = grown;
    path->checks[path->check_count++] = (struct verdict_check){.rule = rule,
        .outcome = outcome,
        .place = place,
        .evidence = strdup(evidence)};
}

/* The leaf below the issuing authority, refused. */
static void refuse(struct scene *scene, enum verdict_code code,
    enum chain_rule rule, size_t place, const char *evidence)
{
    struct verdict *verdict = &scene->verdict;

    add_path(verdict, 1);
    add_certificate(verdict->paths, &scene->leaf, "leaf.pem");
    add_certificate(verdict->paths, &scene->issuing, "chain.pem");
    verdict->paths->code = verdict->code = code;
    verdict->paths->rule = verdict->rule = rule;
    verdict->paths->place = verdict->place = place;
    (void)snprintf(verdict->paths->evidence, VERDICT_EVIDENCE, "%s", evidence);
}

static void assert_says(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, wanted);
}

/* --- sentences ----------------------------------------------------------- */

static void a_valid_one_is_told_with_the_end_of_its_path(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    scene.verdict.valid = true;
    add_path(&scene.verdict, 1);
    add_certificate(scene.verdict.paths, &scene.leaf, "leaf.pem");
    add_certificate(scene.verdict.paths, &scene.root, "roots.pem");
    explain_verdict(&scene.question, &scene.verdict);
    assert_string_equal(scene.verdict.sentence,
        "CN=www.example.org is valid: a path of 2 certificates ends at "
        "O=Example,CN=Verify Root, from roots.pem");
    assert_string_equal(scene.verdict.remedy, "");
    close_scene(&scene);
}

static void kb058_a_refusal_names_certificate_rule_and_what_was_found(
    void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    refuse(&scene, VERDICT_PATH_TOO_LONG, RULE_PATH_LENGTH, 1,
        "1 intermediate is below it, 0 are allowed");
    explain_verdict(&scene.question, &scene.verdict);
    assert_string_equal(scene.verdict.sentence,
        "CN=Verify Issuing (certificate 2 of the path, from chain.pem) has too "
        "many certificates below it: 1 intermediate is below it, 0 are allowed "
        "(rule path-length, RFC 5280, 6.1.4 (m))");
    assert_string_equal(
        scene.verdict.remedy, explain_code(VERDICT_PATH_TOO_LONG)->remedy);
    close_scene(&scene);
}

static void kb071_a_missing_issuer_is_named_with_its_key_and_where_was_looked(
    void **state)
{
    struct scene scene;
    struct failure why = {0};

    (void)state;
    open_scene(&scene);
    assert_true(chain_pool_add(
        scene.roots, buffer_view(&scene.root), "roots.pem", &why));
    refuse(&scene, VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, 0, "");
    scene.verdict.paths->length = 1;
    explain_verdict(&scene.question, &scene.verdict);
    assert_says(scene.verdict.sentence,
        "CN=www.example.org has an issuer that is missing, CN=Verify Issuing "
        "(key identifier 71:d0:09:f1:");
    assert_says(scene.verdict.sentence, "; looked in roots.pem (rule issuer-");
    assert_says(scene.verdict.remedy, "get the certificate of CN=Verify Iss");
    assert_says(scene.verdict.remedy,
        "it may be at http://ca.example.org/issuing.cer; add it with "
        "--untrusted FILE");
    close_scene(&scene);
}

static void kb071_an_issuer_without_an_address_is_not_given_one(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    refuse(&scene, VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, 1, "");
    explain_verdict(&scene.question, &scene.verdict);
    assert_says(
        scene.verdict.sentence, "there were no certificates to look in");
    assert_null(strstr(scene.verdict.remedy, "it may be at"));
    close_scene(&scene);
}

static void an_untrusted_root_is_told_with_its_fingerprint(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    refuse(&scene, VERDICT_ROOT_UNTRUSTED, RULE_ANCHOR, 1, "");
    explain_verdict(&scene.question, &scene.verdict);
    assert_says(scene.verdict.remedy,
        "if you trust CN=Verify Issuing, whose SHA-256 is a5a5a5a5");
    assert_says(scene.verdict.remedy, ", add it with --roots FILE");
    close_scene(&scene);
}

/* --- clocks -------------------------------------------------------------- */

static void kb096_a_wrong_clock_is_named_where_time_was_the_rule(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    clock_set(0);
    scene.question.time = 60;
    refuse(&scene, VERDICT_NOT_YET_VALID, RULE_NOT_BEFORE, 0, "");
    explain_verdict(&scene.question, &scene.verdict);
    assert_says(scene.verdict.remedy,
        "this machine's clock says 1970-01-01T00:01:00Z, which can't be");
    close_scene(&scene);
}

static void kb096_no_other_code_speaks_of_clocks(void **state)
{
    (void)state;
    for (enum verdict_code code = VERDICT_MALFORMED; code < VERDICT_CODES;
         code++) {
        struct scene scene;
        bool is_of_time = code == VERDICT_EXPIRED ||
                          code == VERDICT_NOT_YET_VALID ||
                          code == VERDICT_CRL_EXPIRED;

        open_scene(&scene);
        clock_set(0);
        scene.question.time = 0;
        refuse(&scene, code, RULE_SIGNATURE, 0, "found");
        explain_verdict(&scene.question, &scene.verdict);
        assert_null(strstr(scene.verdict.sentence, "clock"));
        assert_int_equal(
            strstr(scene.verdict.remedy, "clock") != NULL, is_of_time);
        close_scene(&scene);
    }
}

static void kb096_a_time_that_was_asked_for_blames_no_clock(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    scene.question.time = 0;
    refuse(&scene, VERDICT_NOT_YET_VALID, RULE_NOT_BEFORE, 0, "");
    explain_verdict(&scene.question, &scene.verdict);
    assert_null(strstr(scene.verdict.remedy, "clock"));
    close_scene(&scene);
}

/* --- what is odd --------------------------------------------------------- */

static void a_verdict_without_a_path_is_told_too(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    scene.verdict.code = VERDICT_MALFORMED;
    scene.verdict.rule = RULE_READABLE;
    explain_verdict(&scene.question, &scene.verdict);
    assert_string_equal(scene.verdict.sentence,
        "the certificate can't be read (rule certificate-readable, RFC 5280, "
        "4.1)");
    close_scene(&scene);
}

static void bytes_that_are_no_certificate_have_no_name(void **state)
{
    struct scene scene;
    struct failure why = {0};

    (void)state;
    open_scene(&scene);
    buffer_clear(&scene.leaf);
    assert_true(buffer_append_text(&scene.leaf, "no certificate", &why));
    refuse(&scene, VERDICT_ISSUER_MISSING, RULE_ISSUER_FOUND, 0, "");
    explain_verdict(&scene.question, &scene.verdict);
    assert_says(
        scene.verdict.sentence, "the certificate has an issuer that is");
    assert_says(scene.verdict.remedy, "get the certificate of the issuer; ");
    close_scene(&scene);
}

static void a_sentence_that_is_full_is_cut_and_ends(void **state)
{
    struct scene scene;
    char origin[2 * VERDICT_SENTENCE];

    (void)state;
    open_scene(&scene);
    memset(origin, 'o', sizeof(origin));
    origin[sizeof(origin) - 1] = 0;
    refuse(&scene, VERDICT_REVOKED, RULE_REVOKED, 1, "evidence");
    scene.verdict.paths->certificates[1].origin = origin;
    explain_verdict(&scene.question, &scene.verdict);
    assert_int_equal(strlen(scene.verdict.sentence), VERDICT_SENTENCE - 1);
    close_scene(&scene);
}

/* --- JSON ---------------------------------------------------------------- */

static const char *text_at(const json_t *value, const char *key)
{
    return json_string_value(json_object_get(value, key));
}

static void the_json_has_the_keys_of_the_interface(void **state)
{
    struct scene scene;
    struct failure why = {0};
    json_t *json = NULL;
    const json_t *row, *check;

    (void)state;
    open_scene(&scene);
    refuse(&scene, VERDICT_EXPIRED, RULE_NOT_AFTER, 1, "ended");
    add_check(scene.verdict.paths, RULE_NOT_AFTER, VERDICT_PASS, 0, "ends");
    add_check(scene.verdict.paths, RULE_NOT_AFTER, VERDICT_FAIL, 1, "ended");
    explain_verdict(&scene.question, &scene.verdict);
    assert_true(explain_json(&scene.verdict, &json, &why));
    assert_int_equal(json_object_size(json), 6);
    assert_true(json_is_false(json_object_get(json, "valid")));
    assert_string_equal(text_at(json, "code"), "expired");
    assert_string_equal(text_at(json, "sentence"), scene.verdict.sentence);
    assert_string_equal(text_at(json, "remedy"), scene.verdict.remedy);
    assert_int_equal(json_array_size(json_object_get(json, "path")), 2);
    assert_int_equal(json_array_size(json_object_get(json, "other_paths")), 0);
    row = json_array_get(json_object_get(json, "path"), 1);
    assert_int_equal(json_object_size(row), 3);
    assert_string_equal(text_at(row, "subject"), "CN=Verify Issuing");
    assert_int_equal(strlen(text_at(row, "sha256")), 64);
    assert_int_equal(json_array_size(json_object_get(row, "checks")), 1);
    check = json_array_get(json_object_get(row, "checks"), 0);
    assert_int_equal(json_object_size(check), 4);
    assert_string_equal(text_at(check, "rule"), "not-after");
    assert_string_equal(text_at(check, "reference"), "RFC 5280, 6.1.3 (a)(2)");
    assert_string_equal(text_at(check, "outcome"), "fail");
    assert_string_equal(text_at(check, "evidence"), "ended");
    json_decref(json);
    close_scene(&scene);
}

static void other_paths_say_what_they_failed_by(void **state)
{
    struct scene scene;
    struct failure why = {0};
    json_t *json = NULL;
    const json_t *other;

    (void)state;
    open_scene(&scene);
    scene.verdict.valid = true;
    add_path(&scene.verdict, 2);
    add_certificate(&scene.verdict.paths[0], &scene.leaf, NULL);
    add_certificate(&scene.verdict.paths[1], &scene.root, NULL);
    scene.verdict.paths[1].code = VERDICT_DISTRUSTED;
    scene.verdict.paths[1].rule = RULE_DISTRUST;
    assert_true(explain_json(&scene.verdict, &json, &why));
    other = json_array_get(json_object_get(json, "other_paths"), 0);
    assert_string_equal(text_at(other, "code"), "distrusted");
    assert_string_equal(text_at(other, "rule"), "not-distrusted");
    assert_int_equal(json_array_size(json_object_get(other, "path")), 1);
    json_decref(json);
    close_scene(&scene);
}

static void evidence_that_was_cut_within_a_letter_is_still_json(void **state)
{
    struct scene scene;
    struct failure why = {0};
    json_t *json = NULL;

    (void)state;
    open_scene(&scene);
    refuse(&scene, VERDICT_EXPIRED, RULE_NOT_AFTER, 1, "\xc3");
    add_check(scene.verdict.paths, RULE_NOT_AFTER, VERDICT_FAIL, 1, "\xc3");
    explain_verdict(&scene.question, &scene.verdict);
    assert_true(explain_json(&scene.verdict, &json, &why));
    assert_says(text_at(json, "sentence"), "\\x{c3}");
    json_decref(json);
    close_scene(&scene);
}

static void every_code_has_a_page_of_its_name(void **state)
{
    (void)state;
    for (enum verdict_code code = VERDICT_OK; code < VERDICT_CODES; code++) {
        const struct code_page *page = explain_code(code);

        assert_string_equal(page->name, verdict_code_name(code));
        assert_true(strlen(page->meaning) > 20);
        assert_int_equal(*page->remedy == 0, code == VERDICT_OK);
    }
    assert_null(explain_code(VERDICT_CODES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_one_is_told_with_the_end_of_its_path),
        cmocka_unit_test(
            kb058_a_refusal_names_certificate_rule_and_what_was_found),
        cmocka_unit_test(
            kb071_a_missing_issuer_is_named_with_its_key_and_where_was_looked),
        cmocka_unit_test(kb071_an_issuer_without_an_address_is_not_given_one),
        cmocka_unit_test(an_untrusted_root_is_told_with_its_fingerprint),
        cmocka_unit_test(kb096_a_wrong_clock_is_named_where_time_was_the_rule),
        cmocka_unit_test(kb096_no_other_code_speaks_of_clocks),
        cmocka_unit_test(kb096_a_time_that_was_asked_for_blames_no_clock),
        cmocka_unit_test(a_verdict_without_a_path_is_told_too),
        cmocka_unit_test(bytes_that_are_no_certificate_have_no_name),
        cmocka_unit_test(a_sentence_that_is_full_is_cut_and_ends),
        cmocka_unit_test(the_json_has_the_keys_of_the_interface),
        cmocka_unit_test(other_paths_say_what_they_failed_by),
        cmocka_unit_test(evidence_that_was_cut_within_a_letter_is_still_json),
        cmocka_unit_test(every_code_has_a_page_of_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
