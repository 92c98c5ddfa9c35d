#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "signed_desk.h"
#include "x509/view/render.h"
#include "x509/view/signatures.h"
#include "x509/view/view.h"

/* Of the headers of a program: its date, which is signed. */
#define MADE_AT 72

/* What view shows of signatures: each verdict is that of signed_file_verify. */

static void judge(struct desk *desk, const char *name)
{
    read_signed(name, &desk->bytes);
    judge_bytes(desk, NULL);
}

static void render(const struct view_document *document, struct buffer *text)
{
    const struct view_look look = {.width = SIZE_MAX};
    struct failure why = {0};

    assert_true(view_render_text(document, &look, text, &why));
    assert_true(buffer_append_byte(text, '\0', &why));
}

static void assert_tells(const struct buffer *text, const char *words)
{
    if (strstr((const char *)text->start, words) == NULL)
        fail_msg("\"%s\" is not in:\n%s", words, (const char *)text->start);
}

static void show_file(struct desk *desk, const char *name, struct buffer *text)
{
    RELEASED(view_document) document = {0};
    struct failure why = {0};

    judge(desk, name);
    assert_true(view_signed_file(&desk->file, &document, &why));
    buffer_clear(text);
    render(&document, text);
}

static void each_signature_of_a_program_has_its_verdict_and_path(void **state)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    struct desk *desk = *state;

    desk->question.purpose = CHAIN_CODE_SIGNING;
    show_file(desk, "several.exe", &text);
    assert_tells(&text, "Program\n");
    assert_tells(&text, "  Signatures  2\n");
    assert_tells(&text, "      Signed by     CN=signer,O=Chancery Tests\n");
    assert_tells(&text, "      Signed by     CN=second,O=Chancery Tests\n");
    assert_tells(&text, "          Verdict              trusted\n");
    assert_tells(&text, "  Code     ok\n");
}

static void a_time_stamp_is_shown_with_its_time_and_authority(void **state)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    struct desk *desk = *state;

    desk->question.purpose = CHAIN_CODE_SIGNING;
    show_file(desk, "short-stamped.exe", &text);
    assert_tells(&text, "          Kind        time-stamp (RFC 3161)\n");
    assert_tells(&text, "          Stamped at  2026-03-01T00:00:00Z\n");
    assert_tells(&text, "          Stamped by  CN=stamper,O=Chancery Tests\n");
    show_file(desk, "short-counter.exe", &text);
    assert_tells(&text, "          Kind        countersignature\n");
}

static void an_altered_program_and_an_unsigned_one_are_told_apart(void **state)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    RELEASED(view_document) document = {0};
    struct desk *desk = *state;
    struct failure why = {0};

    show_file(desk, "plain.exe", &text);
    assert_tells(&text, "  Signatures  0\n");
    assert_tells(&text, "  Code     no-signature\n");
    judge(desk, "signed.exe");
    desk->bytes.start[MADE_AT] ^= 1;
    judge_bytes(desk, NULL);
    assert_true(view_signed_file(&desk->file, &document, &why));
    buffer_clear(&text);
    render(&document, &text);
    assert_tells(&text, "  Code     content-altered\n");
    assert_tells(&text, "      Rules not kept\n        content");
}

static void a_mail_says_whose_certificate_has_no_trusted_root(void **state)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    struct desk *desk = *state;

    desk->question.roots = desk->strangers;
    show_file(desk, "mail.eml", &text);
    assert_tells(&text, "Signed mail\n");
    assert_tells(&text, "the content is as it was signed, but CN=");
    assert_tells(&text, "      Signed by     CN=signer,O=Chancery Tests\n");
}

static void signatures_go_into_the_path_of_what_carries_them(void **state)
{
    RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
    RELEASED(view_document) document = {0};
    const struct view_options options = {.now = SIGNED_IN};
    struct desk *desk = *state;
    struct input_object object = {.kind = INPUT_PKCS7};
    struct failure why = {0};

    judge(desk, "two.der");
    object.der = buffer_view(&desk->bytes);
    assert_true(view_object(&object, &options, &document, &why));
    view_signatures(&document, &desk->file);
    render(&document, &text);
    assert_tells(&text, "PKCS#7 or CMS\n");
    assert_tells(
        &text, "Path\n  Verdict  the content is as it was signed, and");
    assert_tells(&text, "    #2\n      Verdict       ok\n");
}

static void a_cms_cut_anywhere_says_its_type_and_where_it_ends(void **state)
{
    const struct view_options options = {.now = SIGNED_IN};
    struct desk *desk = *state;
    struct failure why = {0};

    judge(desk, "attached.der");
    for (size_t length = 20; length < desk->bytes.length; length += 7) {
        RELEASED(buffer) text = BUFFER("text", VIEW_RENDERED_MAX);
        RELEASED(view_document) document = {0};
        const struct bytes cut = {desk->bytes.start, length};
        const struct input_object object = {
            .kind = input_kind_of(cut), .der = cut};

        assert_true(view_object(&object, &options, &document, &why));
        assert_true(document.is_damaged);
        render(&document, &text);
        assert_tells(&text, "signedData (1.2.840.113549.1.7.2)\n");
        assert_tells(&text,
            "  Damaged  an element reaches beyond its end at offset 4\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            each_signature_of_a_program_has_its_verdict_and_path, desk_open,
            desk_close),
        cmocka_unit_test_setup_teardown(
            a_time_stamp_is_shown_with_its_time_and_authority, desk_open,
            desk_close),
        cmocka_unit_test_setup_teardown(
            an_altered_program_and_an_unsigned_one_are_told_apart, desk_open,
            desk_close),
        cmocka_unit_test_setup_teardown(
            a_mail_says_whose_certificate_has_no_trusted_root, desk_open,
            desk_close),
        cmocka_unit_test_setup_teardown(
            signatures_go_into_the_path_of_what_carries_them, desk_open,
            desk_close),
        cmocka_unit_test_setup_teardown(
            a_cms_cut_anywhere_says_its_type_and_where_it_ends, desk_open,
            desk_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
