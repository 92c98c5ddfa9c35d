#include "view_shown.h"

/* --- golden ---------------------------------------------------------------
 */

/* CHANCERY_WRITE_GOLDEN=1 writes them anew; the change is then to be read. */
static void compare(const char *name, const char *kind, struct bytes contents)
{
    RELEASED(buffer) golden = BUFFER("golden", VIEW_RENDERED_MAX);
    struct failure why = {0};
    char path[512] = "";

    (void)snprintf(path, sizeof(path), GOLDEN "%s.%s", name, kind);
    if (getenv("CHANCERY_WRITE_GOLDEN") != NULL) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        assert_int_equal(
            fwrite(contents.start, 1, contents.length, file), contents.length);
        assert_int_equal(fclose(file), 0);
    }
    assert_true(file_read(path, &golden, &why));
    if (!bytes_equal(buffer_view(&golden), contents))
        fail_msg("%s is shown otherwise:\n%.*s", path, (int)contents.length,
            (const char *)contents.start);
}

static void compare_all(const char *file, const char *name)
{
    struct shown shown = {0};
    struct failure why = {0};
    char *json = NULL;

    show_file(file, &shown);
    json = json_dumps(shown.json, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    assert_non_null(json);
    compare(name, "txt", buffer_view(&shown.text));
    compare(name, "json", bytes_of_text(json));
    free(json);
    assert_true(buffer_append_text(&shown.page, "\n", &why));
    compare(name, "html", buffer_view(&shown.page));
    shown_free(&shown);
}

static void every_kind_of_object_is_shown_as_its_golden_files_say(void **state)
{
    static const struct {
        const char *file, *name;
    } objects[] = {
        {"view/zoo.der", "zoo"},
        {"view/root.der", "root"},
        {"view/names.der", "names"},
        {"view/revoked.ocsp", "ocsp"},
        {"view/token.tst", "token"},
        {"view/answer.tsr", "answer"},
        {"certificates/openssl-ee-ed25519.der", "ed25519"},
        {"certificates/zlint-aiacrit.der", "damaged-extensions"},
        {"certificates/zlint-etsi-qcnaturallwithdisallowedku.der", "qualified"},
        {"input/request.der", "request"},
        {"input/inter.crl", "crl"},
        {"input/cms-chain.der", "chain"},
        {"input/cms-enveloped.der", "enveloped"},
        {"input/key-sec1.pem", "private-key"},
        {"input/public.pem", "public-key"},
        {"hostile/requests/cut-after-half.csr", "cut"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++)
        compare_all(objects[i].file, objects[i].name);
}

/* --- what is promised ------------------------------------------------------
 */

static void a_root_ends_with_the_line_that_trusts_it(void **state)
{
    struct shown shown = {0};
    RELEASED(buffer) line = BUFFER("line", 4096);
    struct failure why = {0};
    char fingerprint[SHA256_TEXT] = "";
    uint8_t digest[SHA256_BYTES] = {0};
    struct bytes der = {0};

    (void)state;
    show_file("view/root.der", &shown);
    der = buffer_view(&shown.file);
    assert_true(sha256(&der, 1, digest, &why));
    for (size_t i = 0; i < sizeof(digest); i++)
        (void)snprintf(fingerprint + 2 * i, 3, "%02x", digest[i]);
    assert_true(buffer_print(&line, &why,
        "\nchancery trust add 'a file.pem' --fingerprint %s\n", fingerprint));
    assert_true(shown.text.length > line.length);
    assert_memory_equal(shown.text.start + shown.text.length - line.length,
        line.start, line.length);
    shown_free(&shown);
    show_file("view/zoo.der", &shown);
    assert_null(strstr(text_of(&shown), "trust add"));
    shown_free(&shown);
}

static void kb046_a_missing_purpose_is_named_in_general(void **state)
{
    struct shown shown = {0};

    (void)state;
    show_file("view/names.der", &shown);
    assert_shows(&shown, "any purpose: no extended key usage");
    shown_free(&shown);
    show_file("view/token.tst", &shown);
    assert_shows(&shown, "For                  time-stamps\n");
    shown_free(&shown);
}

/* Zero, escape, line end, bidi: in none of the three as they stand. */
static void kb039_names_that_deceive_are_shown_escaped(void **state)
{
    struct shown shown = {0};
    char *json = NULL;

    (void)state;
    show_file("view/names.der", &shown);
    json = json_dumps(shown.json, 0);
    assert_shows(&shown, "\\u{202e}gnp.exe\\u{2066} (UTF8String)");
    assert_shows(&shown, "www.example.org\\u{0}.evil.example (UTF8String)");
    assert_shows(&shown, "one\\u{a}two\\u{1b}[31mred\\u{1b}[0m (UTF8String)");
    assert_shows(&shown, "dns:a.example\\u{0}.evil\n");
    assert_null(strstr(text_of(&shown), "\x1b"));
    assert_null(strstr(text_of(&shown), "\xe2\x80\xae"));
    assert_null(strstr(json, "\xe2\x80\xae"));
    assert_null(strstr(json, "\\u001b"));
    assert_null(strstr(page_of(&shown), "\xe2\x80\xae"));
    assert_null(strstr(page_of(&shown), "<script"));
    assert_null(strstr(page_of(&shown), "<img"));
    assert_null(strstr(page_of(&shown), "<b>+"));
    assert_non_null(
        strstr(page_of(&shown), "&lt;script&gt;alert(&#39;x&#39;)"));
    free(json);
    shown_free(&shown);
}

static void nothing_of_a_private_key_is_shown_but_its_public_part(void **state)
{
    static const char *const files[] = {
        "input/key-sec1.pem", "input/key-pkcs8.der"};
    struct shown shown = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        show_file(files[i], &shown);
        assert_shows(&shown, "the public part only");
        assert_shows(&shown, "ECDSA P-256");
        assert_null(strstr(text_of(&shown), "Raw"));
        assert_int_equal(json_array_size(json_object_get(
                             json_array_get(shown.json, 0), "raw")),
            0);
        shown_free(&shown);
    }
}

/* A key that lost its end is no other object, whose bytes are shown. */
static void a_key_cut_anywhere_shows_none_of_its_bytes(void **state)
{
    static const char *const files[] = {
        "input/key-pkcs8.der", "input/key-rsa.der"};
    struct shown whole = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        show_file(files[i], &whole);
        for (size_t length = 8; length < whole.file.length; length++) {
            struct shown shown = {0};

            start(&shown);
            show_der((struct bytes){whole.file.start, length}, &shown);
            assert_null(strstr(text_of(&shown), "Raw"));
            shown_free(&shown);
        }
        shown_free(&whole);
    }
}

/* --- path ------------------------------------------------------------------
 */

/* The verdict of this leaf, told by the engine, as the part Path shows it. */
static void show_path(
    const char *leaf_file, const char *root_file, struct buffer *text)
{
    RELEASED(buffer) leaf = BUFFER("leaf", 64 * 1024);
    RELEASED(buffer) root = BUFFER("root", 64 * 1024);
    SCOPED_STRUCT(chain_pool) *roots = NULL;
    RELEASED(view_document) document = {0};
    struct view_options options = {.now = NOW};
    struct view_look look = {.width = 400};
    struct input_object object = {.kind = INPUT_CERTIFICATE};
    struct verdict verdict = {0};
    struct failure why = {0};

    assert_true(file_read(leaf_file, &leaf, &why) &&
                file_read(root_file, &root, &why) &&
                chain_pool_new(&roots, &why) &&
                chain_pool_add(roots, buffer_view(&root), "root.der", &why));
    object.der = buffer_view(&leaf);
    assert_true(view_object(&object, &options, &document, &why));
    assert_true(chain_verify(&(struct chain_question){.leaf = object.der,
                                 .leaf_origin = "leaf.der",
                                 .roots = roots,
                                 .time = NOW,
                                 .explains = true},
        &verdict, &why));
    view_path(&document, &verdict);
    verdict_free(&verdict);
    assert_true(view_render_text(&document, &look, text, &why));
}

static void path_shows_the_verdict_and_the_rule_that_failed(void **state)
{
    RELEASED(buffer) good = BUFFER("text", VIEW_RENDERED_MAX);
    RELEASED(buffer) bad = BUFFER("text", VIEW_RENDERED_MAX);

    (void)state;
    show_path(OBJECTS "view/names.der", OBJECTS "view/root.der", &good);
    assert_true(tells(&good, "  Code     name-constraint-violated\n"));
    assert_true(tells(&good, "      Rules not kept\n"));
    assert_true(tells(&good,
        "        constraint-form  dns:a.example\\u{0}.evil is no DNS name"));
    assert_true(tells(&good, "Verdict              trusted\n"));
    show_path(OBJECTS "view/root.der",
        OBJECTS "certificates/openssl-ee-ed25519.der", &bad);
    assert_true(tells(&bad, "  Code     self-signed-untrusted\n"));
    assert_true(tells(&bad, "  Valid    no\n"));
    assert_true(tells(&bad, "        anchor-trusted  "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_object_is_shown_as_its_golden_files_say),
        cmocka_unit_test(a_root_ends_with_the_line_that_trusts_it),
        cmocka_unit_test(kb046_a_missing_purpose_is_named_in_general),
        cmocka_unit_test(kb039_names_that_deceive_are_shown_escaped),
        cmocka_unit_test(nothing_of_a_private_key_is_shown_but_its_public_part),
        cmocka_unit_test(a_key_cut_anywhere_shows_none_of_its_bytes),
        cmocka_unit_test(path_shows_the_verdict_and_the_rule_that_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
