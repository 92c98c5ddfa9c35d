#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signed_fixture.h"
#include "x509/smime.h"

static void read_text(const char *text, struct smime *smime)
{
    struct failure why = {0};

    if (!smime_read(bytes_of_text(text), smime, &why))
        fail_msg("%s", why.reason);
}

static void assert_text(struct bytes found, const char *expected)
{
    assert_int_equal(found.length, strlen(expected));
    assert_memory_equal(found.start, expected, found.length);
}

static void the_parts_of_a_signed_mail_are_views_of_it(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct smime smime = {0};
    struct failure why = {0};

    (void)state;
    read_signed("mail.eml", &file);
    assert_true(smime_read(buffer_view(&file), &smime, &why));
    assert_int_equal(smime.kind, SMIME_DETACHED);
    assert_text(smime.content, "Two lines,\r\nthe second without a last end");
    assert_true(smime.is_base64);
    read_signed("mail-opaque.eml", &file);
    assert_true(smime_read(buffer_view(&file), &smime, &why));
    assert_int_equal(smime.kind, SMIME_OPAQUE);
    assert_true(smime.is_base64);
}

#define SIGNED(boundary, body)                                           \
    "Subject: x\r\nContent-Type: multipart/signed; micalg=sha-256;\r\n"  \
    "\tprotocol=\"application/pkcs7-signature\";\r\n boundary=" boundary \
    "\r\n\r\n" body
#define SIGNATURE                                               \
    "Content-Type: application/pkcs7-signature; name=x.p7s\r\n" \
    "Content-Transfer-Encoding: BASE64\r\n\r\nMAA=\r\n"

/* RFC 2046, 5.1.1: the line end in front of a boundary is the boundary's. */
static void the_content_ends_before_the_line_end_of_its_boundary(void **state)
{
    struct smime smime = {0};

    (void)state;
    read_text(
        SIGNED("b",
            "preamble\r\n--b  \r\nA: b\r\n\r\ntext\r\n\r\n--b\r\n" SIGNATURE
            "--b--\r\nepilogue"),
        &smime);
    assert_text(smime.content, "A: b\r\n\r\ntext\r\n");
    assert_text(smime.encoded, "MAA=");
}

static void a_boundary_may_be_quoted_and_the_headers_folded(void **state)
{
    struct smime smime = {0};

    (void)state;
    read_text(SIGNED("\"a;b c\"; x=y",
                  "--a;b c\n\nt\n--a;b c\n" SIGNATURE "--a;b c--\n"),
        &smime);
    assert_int_equal(smime.kind, SMIME_DETACHED);
    assert_text(smime.content, "\nt");
}

static void a_line_that_only_begins_as_the_boundary_is_content(void **state)
{
    struct smime smime = {0};

    (void)state;
    read_text(
        SIGNED("b", "--b\n--bc\n--b--x\n--b\n" SIGNATURE "--b--\n"), &smime);
    assert_text(smime.content, "--bc\n--b--x");
}

static void refuses(const char *text, const char *rule)
{
    struct smime smime = {0};
    struct failure why = {0};

    assert_false(smime_read(bytes_of_text(text), &smime, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_non_null(strstr(why.reason, rule));
}

static void signed_mail_without_its_two_parts_is_refused(void **state)
{
    (void)state;
    refuses(SIGNED("b", "--b\n\nt\n"), "does not have two parts");
    refuses(SIGNED("b", "--b\n\nt\n--b--\n"), "does not have two parts");
    refuses(SIGNED("b", "--b\n\nt\n--b\n" SIGNATURE "--b\n\nx\n--b--\n"),
        "more than two parts");
    refuses(SIGNED("b", "--b\n\nt\n--b\nContent-Type: text/plain\n\nx\n--b--"),
        "is no signature of S/MIME");
    refuses("Content-Type: multipart/signed\n\nx", "names no boundary");
}

/* kb 99: what was taken away is told as none. */
static void kb099_other_mail_and_other_text_is_not_signed(void **state)
{
    static const char *const texts[] = {"", "text", "\n\n",
        "Subject: x\n\ntext", "Subject: x", "no header\n\n",
        "Content-Type: text/plain\n\ntext",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
        "Content-Type: multipart/signedness; boundary=b\n\n"};
    struct smime smime = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        smime.kind = SMIME_OPAQUE;
        read_text(texts[i], &smime);
        assert_int_equal(smime.kind, SMIME_NONE);
    }
}

/* --- the canonical form --------------------------------------------------- */

static void every_line_ends_with_cr_lf_and_nothing_else_changes(void **state)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"", ""},
        {"a", "a"},
        {"a\nb\n", "a\r\nb\r\n"},
        {"a\r\nb\n", "a\r\nb\r\n"},
        {"\n\n", "\r\n\r\n"},
        {"a\rb", "a\rb"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        RELEASED(buffer) canonical = SIGNED_BUFFER();
        struct failure why = {0};

        assert_true(
            smime_canonical(bytes_of_text(cases[i].text), &canonical, &why));
        assert_int_equal(canonical.length, strlen(cases[i].canonical));
        if (canonical.length > 0)
            assert_memory_equal(
                canonical.start, cases[i].canonical, canonical.length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_a_signed_mail_are_views_of_it),
        cmocka_unit_test(the_content_ends_before_the_line_end_of_its_boundary),
        cmocka_unit_test(a_boundary_may_be_quoted_and_the_headers_folded),
        cmocka_unit_test(a_line_that_only_begins_as_the_boundary_is_content),
        cmocka_unit_test(signed_mail_without_its_two_parts_is_refused),
        cmocka_unit_test(kb099_other_mail_and_other_text_is_not_signed),
        cmocka_unit_test(every_line_ends_with_cr_lf_and_nothing_else_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
