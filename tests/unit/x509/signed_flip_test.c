#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "signed_desk.h"
#include "x509/pe.h"
#include "x509/pkcs7.h"

/* One flipped byte anywhere in what is signed is found, and one outside it is
 * not called an alteration. */

static enum verdict_code code_with_flip(
    struct desk *desk, size_t place, const char *content)
{
    enum verdict_code code = VERDICT_OK;

    desk->bytes.start[place] ^= 0x20;
    judge_bytes(desk, content);
    code = signed_file_verdict(&desk->file)->code;
    desk->bytes.start[place] ^= 0x20;
    return code;
}

static void every_flipped_byte_of_detached_content_is_an_alteration(
    void **state)
{
    struct desk *desk = *state;
    struct failure why = {0};

    read_signed("detached.der", &desk->bytes);
    read_signed("content.txt", &desk->content);
    for (size_t i = 0; i < desk->content.length; i++) {
        struct bytes content = buffer_view(&desk->content);

        desk->content.start[i] ^= 1;
        signed_file_free(&desk->file);
        assert_true(signed_file_verify(buffer_view(&desk->bytes), &content,
            &desk->question, &desk->file, &why));
        assert_int_equal(
            signed_file_verdict(&desk->file)->code, VERDICT_CONTENT_ALTERED);
        desk->content.start[i] ^= 1;
    }
}

static size_t offset_of(const struct desk *desk, struct bytes view)
{
    return (size_t)(view.start - desk->bytes.start);
}

static void every_flipped_byte_of_attached_content_is_an_alteration(
    void **state)
{
    struct desk *desk = *state;
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};
    size_t first = 0;

    read_signed("attached.der", &desk->bytes);
    assert_true(pkcs7_read(buffer_view(&desk->bytes), &pkcs7, &why));
    first = offset_of(desk, pkcs7.content);
    for (size_t i = first; i < first + pkcs7.content.length; i++)
        assert_int_equal(
            code_with_flip(desk, i, NULL), VERDICT_CONTENT_ALTERED);
}

/* Tags and lengths among them make it unreadable, which is found too. */
static void every_flipped_byte_of_attributes_and_signature_is_found(
    void **state)
{
    struct desk *desk = *state;
    struct pkcs7 pkcs7 = {0};
    struct pkcs7_signer signer = {0};
    struct failure why = {0};
    size_t first = 0, last = 0, arithmetic = 0;

    read_signed("attached.der", &desk->bytes);
    assert_true(pkcs7_read(buffer_view(&desk->bytes), &pkcs7, &why));
    assert_true(pkcs7_next_signer(&pkcs7.signers, &signer, &why));
    first = offset_of(desk, signer.attributes);
    last = offset_of(desk, signer.signature) + signer.signature.length;
    for (size_t i = first; i < last; i++) {
        enum verdict_code code = code_with_flip(desk, i, NULL);

        assert_int_not_equal(code, VERDICT_OK);
        if (code != VERDICT_SIGNATURE_INVALID)
            continue;
        assert_string_equal(signed_file_verdict(&desk->file)->remedy,
            "get the file anew from its origin, and do not use this one");
        arithmetic++;
    }
    assert_true(arithmetic > (last - first) / 2);
}

static void every_flipped_byte_of_a_signed_mail_is_an_alteration(void **state)
{
    struct desk *desk = *state;
    const char *text = "Two lines,\r\nthe second without a last end";
    size_t first = 0;

    read_signed("mail.eml", &desk->bytes);
    while (memcmp(desk->bytes.start + first, text, strlen(text)) != 0)
        first++;
    for (size_t i = first; i < first + strlen(text); i++)
        assert_int_equal(
            code_with_flip(desk, i, NULL), VERDICT_CONTENT_ALTERED);
}

/* --- programs ------------------------------------------------------------- */

static bool is_unsigned(const struct pe *pe, size_t place)
{
    return (place >= pe->checksum && place < pe->checksum + 4) ||
           (place >= pe->directory && place < pe->directory + 8) ||
           (place >= pe->table && place < pe->table + pe->table_length);
}

static void flip_program(struct desk *desk, const char *name)
{
    struct pe pe = {0};
    struct failure why = {0};
    size_t altered = 0, flipped = 0;

    read_signed(name, &desk->bytes);
    assert_true(pe_read(buffer_view(&desk->bytes), &pe, &why));
    for (size_t i = 0; i < desk->bytes.length; i++) {
        enum verdict_code code = VERDICT_OK;

        if (is_unsigned(&pe, i))
            continue;
        code = code_with_flip(desk, i, NULL);
        if (code == VERDICT_OK)
            fail_msg("byte %zu of %s", i, name);
        flipped++;
        altered += code == VERDICT_CONTENT_ALTERED ? 1 : 0;
    }
    /* The rest makes it no program at all, or one that can't be read. */
    assert_true(flipped - altered < 40);
}

static void every_flipped_byte_of_a_program_is_found(void **state)
{
    flip_program(*state, "signed.exe");
    flip_program(*state, "several.exe");
}

static void the_checksum_is_not_signed(void **state)
{
    struct desk *desk = *state;
    struct pe pe = {0};
    struct failure why = {0};

    read_signed("signed.exe", &desk->bytes);
    assert_true(pe_read(buffer_view(&desk->bytes), &pe, &why));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            code_with_flip(desk, pe.checksum + i, NULL), VERDICT_OK);
}

static void what_is_added_behind_a_program_is_an_alteration(void **state)
{
    struct desk *desk = *state;
    struct failure why = {0};

    read_signed("signed.exe", &desk->bytes);
    assert_true(buffer_append_byte(&desk->bytes, 0, &why));
    assert_code_of_bytes(desk, NULL, VERDICT_CONTENT_ALTERED);
}

/* Lengthens the only entry of signed.exe by 8 bytes. */
static void add_to_entry(struct desk *desk, const char *octets)
{
    struct pe pe = {0};
    struct failure why = {0};

    read_signed("signed.exe", &desk->bytes);
    assert_true(pe_read(buffer_view(&desk->bytes), &pe, &why));
    assert_true(buffer_append(
        &desk->bytes, (struct bytes){(const uint8_t *)octets, 8}, &why));
    desk->bytes.start[pe.directory + 4] =
        (uint8_t)(desk->bytes.start[pe.directory + 4] + 8);
    desk->bytes.start[pe.table] = (uint8_t)(desk->bytes.start[pe.table] + 8);
}

/* MS13-098: room in the table for what nobody signed. */
static void bytes_behind_a_signature_in_its_entry_are_refused(void **state)
{
    static const char *const added[] = {"payload!", "\0\0\0\0\0\0\0\0"};
    struct desk *desk = *state;

    for (size_t i = 0; i < sizeof(added) / sizeof(*added); i++) {
        add_to_entry(desk, added[i]);
        assert_code_of_bytes(desk, NULL, VERDICT_MALFORMED);
        assert_non_null(
            strstr(signed_file_verdict(&desk->file)->sentence, "MS13-098"));
    }
}

/* At most 7 zeros round an entry up, and nothing but zeros. */
static void an_entry_is_padded_with_zeros_alone(void **state)
{
    struct desk *desk = *state;

    read_signed("signed.exe", &desk->bytes);
    assert_int_equal(desk->bytes.start[desk->bytes.length - 1], 0);
    desk->bytes.start[desk->bytes.length - 1] = 1;
    assert_code_of_bytes(desk, NULL, VERDICT_MALFORMED);
    assert_non_null(strstr(
        signed_file_verdict(&desk->file)->sentence, "other bytes than zeros"));
}

/* In memory of its own, so that a read behind its end is seen. */
static void judge_cut(struct desk *desk, size_t length)
{
    uint8_t *cut = malloc(length);
    struct failure why = {0};

    assert_non_null(cut);
    memcpy(cut, desk->bytes.start, length);
    signed_file_free(&desk->file);
    assert_true(
        signed_file_verify((struct bytes){.start = cut, .length = length}, NULL,
            &desk->question, &desk->file, &why));
    assert_false(signed_file_verdict(&desk->file)->valid);
    signed_file_free(&desk->file);
    free(cut);
}

static void a_file_that_ends_early_is_never_good(void **state)
{
    static const char *const names[] = {
        "short-stamper.der", "several.exe", "stream.ber"};
    struct desk *desk = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        read_signed(names[i], &desk->bytes);
        for (size_t length = 1; length < desk->bytes.length; length++)
            judge_cut(desk, length);
    }
}

int main(void)
{
#define DESK_TEST(test) \
    cmocka_unit_test_setup_teardown(test, desk_open, desk_close)
    const struct CMUnitTest tests[] = {
        DESK_TEST(every_flipped_byte_of_detached_content_is_an_alteration),
        DESK_TEST(every_flipped_byte_of_attached_content_is_an_alteration),
        DESK_TEST(every_flipped_byte_of_attributes_and_signature_is_found),
        DESK_TEST(every_flipped_byte_of_a_signed_mail_is_an_alteration),
        DESK_TEST(every_flipped_byte_of_a_program_is_found),
        DESK_TEST(the_checksum_is_not_signed),
        DESK_TEST(what_is_added_behind_a_program_is_an_alteration),
        DESK_TEST(bytes_behind_a_signature_in_its_entry_are_refused),
        DESK_TEST(an_entry_is_padded_with_zeros_alone),
        DESK_TEST(a_file_that_ends_early_is_never_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
