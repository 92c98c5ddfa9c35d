#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "x509/pem.h"

#define DER_BUFFER() BUFFER("object", 2 * 1024 * 1024)
#define CRL "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"
#define CERTIFICATE                 \
    "-----BEGIN CERTIFICATE-----\n" \
    "MAA=\n"                        \
    "-----END CERTIFICATE-----\n"

static const uint8_t empty_sequence[] = {0x30, 0x00};

static void assert_sequence(const struct buffer *der)
{
    assert_int_equal(der->length, sizeof(empty_sequence));
    assert_memory_equal(der->start, empty_sequence, sizeof(empty_sequence));
}

static void assert_label(struct bytes label, const char *expected)
{
    assert_true(bytes_equal(label, bytes_of_text(expected)));
}

/* The one block of a text: a CERTIFICATE that is an empty SEQUENCE. */
static void assert_one_certificate(struct bytes text, size_t line)
{
    RELEASED(buffer) der = DER_BUFFER();
    struct pem_walk walk = pem_walk_of(text);
    struct pem_block block = {0};
    struct failure why = {0};

    if (!pem_next(&walk, &block, &der, &why))
        fail_msg("%s", why.reason);
    assert_label(block.label, "CERTIFICATE");
    assert_int_equal(block.line, line);
    assert_false(block.is_encrypted);
    assert_sequence(&der);
    assert_false(pem_next(&walk, &block, &der, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
}

static void a_block_is_decoded_wherever_it_begins(void **state)
{
    static const struct {
        const char *text;
        size_t line;
    } rows[] = {
        {CERTIFICATE, 1},
        {"subject=CN = a\nissuer=CN = b\n\n" CERTIFICATE, 4},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", 1},
        {"x-----BEGIN CERTIFICATE-----\n- -----\n" CERTIFICATE, 3},
        {CERTIFICATE "regards,\n-- \nA. Person\n", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_one_certificate(bytes_of_text(rows[i].text), rows[i].line);
}

/* The tools of these articles said "invalid password" or "keycheck failed". */
static void kb049_what_editors_and_mail_do_to_a_block_is_read(void **state)
{
    static const struct {
        const char *damage;
        const char *text;
        size_t line;
    } rows[] = {
        {"blank lines",
            "\n\n-----BEGIN CERTIFICATE-----\n\nMA\n\nA=\n\n"
            "-----END CERTIFICATE-----\n\n",
            3},
        {"trailing blanks",
            "-----BEGIN CERTIFICATE-----  \nMAA= \t\n"
            "-----END CERTIFICATE----- \n",
            1},
        {"END moved to the last line of base64",
            "-----BEGIN CERTIFICATE-----\nMAA=-----END CERTIFICATE-----\n", 1},
        {"END moved behind a blank",
            "-----BEGIN CERTIFICATE-----\nMAA= -----END CERTIFICATE-----\n", 1},
        {"everything on one line",
            "-----BEGIN CERTIFICATE----- MAA= -----END CERTIFICATE-----", 1},
        {"CR and LF",
            "-----BEGIN CERTIFICATE-----\r\nMAA=\r\n"
            "-----END CERTIFICATE-----\r\n",
            1},
        {"CR alone",
            "a\rb\r-----BEGIN CERTIFICATE-----\rMA\rA=\r"
            "-----END CERTIFICATE-----\r",
            3},
        {"CR and LF before it", "a\r\nb\r\n\r\n" CERTIFICATE, 4},
        {"indentation",
            "cert: |\n    -----BEGIN CERTIFICATE-----\n    MAA=\n"
            "    -----END CERTIFICATE-----\n",
            2},
        {"tabs",
            "\t-----BEGIN CERTIFICATE-----\n\tMAA=\n"
            "\t-----END CERTIFICATE-----\n",
            1},
        {"the mark of UTF-8", "\xef\xbb\xbf" CERTIFICATE, 1},
        {"a mail's header",
            "From: a@example\nSubject: -----your "
            "certificate-----\n\n" CERTIFICATE,
            4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        print_message("%s\n", rows[i].damage);
        assert_one_certificate(bytes_of_text(rows[i].text), rows[i].line);
    }
}

static void blocks_follow_one_another(void **state)
{
    static const char *const texts[] = {
        CERTIFICATE "text between\n" CRL,
        CERTIFICATE CRL,
        /* cat of two files of which the first has no line end */
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----" CRL,
        CERTIFICATE "\xef\xbb\xbf" CRL,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        RELEASED(buffer) der = DER_BUFFER();
        struct pem_walk walk = pem_walk_of(bytes_of_text(texts[i]));
        struct pem_block block = {0};
        struct failure why = {0};

        assert_true(pem_next(&walk, &block, &der, &why));
        assert_label(block.label, "CERTIFICATE");
        assert_true(pem_next(&walk, &block, &der, &why));
        assert_label(block.label, "X509 CRL");
        assert_int_equal(der.length, 4);
    }
}

static void a_key_that_headers_encrypt_is_told_apart(void **state)
{
    struct pem_walk walk = pem_walk_of(
        bytes_of_text("-----BEGIN RSA PRIVATE KEY-----\n"
                      "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
                      "MAA=\n-----END RSA PRIVATE KEY-----\n" CERTIFICATE));
    RELEASED(buffer) der = DER_BUFFER();
    struct pem_block block = {0};
    struct failure why = {0};

    (void)state;
    assert_true(pem_next(&walk, &block, &der, &why));
    assert_label(block.label, "RSA PRIVATE KEY");
    assert_true(block.is_encrypted);
    assert_int_equal(der.length, 0);
    assert_true(pem_next(&walk, &block, &der, &why));
    assert_false(block.is_encrypted);
    assert_int_equal(block.line, 7);
    assert_sequence(&der);
}

static void what_is_not_pem_is_refused_with_its_line_and_byte(void **state)
{
    static const char *const rows[][2] = {
        {"a\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n",
            "PEM, line 4, byte 1: this ends \"X509 CRL\" where \"CERTIFICATE\" "
            "was begun"},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n",
            "PEM, line 1, byte 1: the block that begins here never ends"},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n" CERTIFICATE,
            "PEM, line 3, byte 1: a block is not ended before these dashes"},
        {"a\nb\n-----END CERTIFICATE-----\n",
            "PEM, line 3, byte 1: a block ends here that no line begins"},
        {"-----BEGIN CERTIFICATE----\nMAA=\n-----END CERTIFICATE-----\n",
            "PEM, line 1, byte 1: five dashes do not end the label here"},
        {"-----BEGIN CERTIFICATE-----\nMAA=-----END CERTIFICATE----\n",
            "PEM, line 2, byte 5: five dashes do not end the label here"},
        {"-----BEGIN certificate-----\nMAA=\n-----END certificate-----\n",
            "PEM, line 1, byte 1: a label is words of A to Z and 0 to 9 with a "
            "space between"},
        {"-----BEGIN  A-----\nMAA=\n-----END  A-----\n",
            "PEM, line 1, byte 1: a label is words of A to Z and 0 to 9 with a "
            "space between"},
        {"-----BEGIN A -----\nMAA=\n-----END A -----\n",
            "PEM, line 1, byte 1: a label is words of A to Z and 0 to 9 with a "
            "space between"},
        {"-----BEGIN -----\nMAA=\n-----END -----\n",
            "PEM, line 1, byte 1: a label is words of A to Z and 0 to 9 with a "
            "space between"},
        {"-----BEGIN AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
         "AAAAAAA-----\n",
            "PEM, line 1, byte 1: the label is longer than 64 characters"},
        {"-----BEGIN A-----\r\n  MA*=\r\n-----END A-----\r\n",
            "PEM, line 2, byte 5: a character that is not base64"},
        {"-----BEGIN A-----\rMAA=\rMAA\xc2\xa0\r-----END A-----\r",
            "PEM, line 3, byte 1: a character after the padding"},
        {"-----BEGIN A-----\nMA\xc2\xa0=\n-----END A-----\n",
            "PEM, line 2, byte 3: a character that is not base64"},
        {"-----BEGIN A-----\nM=A=\n-----END A-----\n",
            "PEM, line 2, byte 2: padding where no padding belongs"},
        {"-----BEGIN A-----\nMAAw\nMAA\n-----END A-----\n",
            "PEM, line 4, byte 1: the base64 before this is cut off: its "
            "characters come in groups of four"},
        {"-----BEGIN A-----\nMAB=\n-----END A-----\n",
            "PEM, line 3, byte 1: the padding before this leaves bits over "
            "that are not zero (RFC 4648, 3.5)"},
        {"-----BEGIN A-----\nContent-Domain: RFC822\n\nMAA=\n-----END "
         "A-----\n",
            "PEM, line 2, byte 8: a header (RFC 1421) is not taken; convert "
            "the object first"},
        {"-----BEGIN A-----\n\n-----END A-----\n",
            "PEM, line 1, byte 18: no base64 stands here"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) der = DER_BUFFER();
        struct pem_walk walk = pem_walk_of(bytes_of_text(rows[i][0]));
        struct pem_block block = {0};
        struct failure why = {0};

        assert_false(pem_next(&walk, &block, &der, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, rows[i][1]);
        assert_int_equal(walk.position, 0);
        assert_int_equal(der.length, 0);
    }
}

/* --- UTF-16 --------------------------------------------------------------- */

enum wide_form { LITTLE_MARKED, BIG_MARKED, LITTLE_BARE, BIG_BARE, WIDE_FORMS };

static void append_unit(struct buffer *wide, unsigned int unit, bool is_big)
{
    uint8_t pair[2] = {(uint8_t)unit, (uint8_t)(unit >> 8)};
    struct failure why = {0};

    if (is_big) {
        pair[0] = (uint8_t)(unit >> 8);
        pair[1] = (uint8_t)unit;
    }
    assert_true(buffer_append(wide, (struct bytes){pair, 2}, &why));
}

static void widen(const char *text, enum wide_form form, struct buffer *wide)
{
    bool is_big = form == BIG_MARKED || form == BIG_BARE;

    if (form == LITTLE_MARKED || form == BIG_MARKED)
        append_unit(wide, 0xfeff, is_big);
    for (; *text != 0; text++)
        append_unit(wide, (unsigned char)*text, is_big);
}

static void kb049_a_unicode_file_is_read(void **state)
{
    (void)state;
    for (unsigned int form = 0; form < WIDE_FORMS; form++) {
        RELEASED(buffer) wide = DER_BUFFER();
        RELEASED(buffer) room = DER_BUFFER();
        struct bytes text = {0};
        struct failure why = {0};

        widen("a\r\n" CERTIFICATE, (enum wide_form)form, &wide);
        assert_true(pem_text(buffer_view(&wide), &room, &text, &why));
        assert_one_certificate(text, 2);
    }
}

static void joined_unicode_files_are_read(void **state)
{
    RELEASED(buffer) wide = DER_BUFFER();
    RELEASED(buffer) room = DER_BUFFER();
    RELEASED(buffer) der = DER_BUFFER();
    struct pem_block block = {0};
    struct bytes text = {0};
    struct failure why = {0};

    (void)state;
    widen(CERTIFICATE, LITTLE_MARKED, &wide);
    widen(CRL, LITTLE_MARKED, &wide);
    assert_true(pem_text(buffer_view(&wide), &room, &text, &why));
    struct pem_walk walk = pem_walk_of(text);
    assert_true(pem_next(&walk, &block, &der, &why));
    assert_true(pem_next(&walk, &block, &der, &why));
    assert_label(block.label, "X509 CRL");
}

static void half_a_character_is_refused(void **state)
{
    RELEASED(buffer) wide = DER_BUFFER();
    RELEASED(buffer) room = DER_BUFFER();
    struct bytes text = {0};
    struct failure why = {0};

    (void)state;
    widen("MAA=", LITTLE_MARKED, &wide);
    wide.length--;
    assert_false(pem_text(buffer_view(&wide), &room, &text, &why));
    assert_string_equal(
        why.reason, "UTF-16 text of 9 bytes: half a character is missing");
}

/* --- base64 alone --------------------------------------------------------- */

static void base64_without_begin_and_end_is_read(void **state)
{
    static const char *const texts[] = {
        "MAA=",
        "\xef\xbb\xbf MA\r\nA=\r\n",
        "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime\n\nMAA=\n\n",
        "MIME-Version: 1.0\r\nContent-Type: a/b\r\n\r\nMAA=\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        RELEASED(buffer) der = DER_BUFFER();
        struct failure why = {0};

        assert_true(pem_bare_base64(bytes_of_text(texts[i]), &der, &why));
        assert_sequence(&der);
    }
}

static void a_text_that_is_not_base64_of_der_is_not_taken_for_it(void **state)
{
    static const char *const texts[] = {"", "\n", "hello", "a: b\n", "a: b"};
    RELEASED(buffer) der = DER_BUFFER();
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_false(pem_bare_base64(bytes_of_text(texts[i]), &der, &why));
        assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    }
    assert_false(pem_bare_base64(bytes_of_text("MAA=\nMail\n"), &der, &why));
    assert_string_equal(
        why.reason, "PEM, line 2, byte 1: a character after the padding");
}

static void what_is_appended_is_what_openssl_writes(void **state)
{
    uint8_t object[100];
    RELEASED(buffer) ours = DER_BUFFER();
    RELEASED(buffer) der = DER_BUFFER();
    BIO *theirs = BIO_new(BIO_s_mem());
    char *text = NULL;
    struct pem_block block = {0};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(object); i++)
        object[i] = (uint8_t)(i * 7);
    struct bytes whole = {.start = object, .length = sizeof(object)};
    assert_true(pem_append(&ours, "CERTIFICATE REQUEST", whole, &why));
    assert_true(PEM_write_bio(theirs, "CERTIFICATE REQUEST", "", object,
                    sizeof(object)) > 0);
    assert_int_equal(BIO_get_mem_data(theirs, &text), ours.length);
    assert_memory_equal(text, ours.start, ours.length);
    BIO_free(theirs);

    struct pem_walk walk = pem_walk_of(buffer_view(&ours));
    assert_true(pem_next(&walk, &block, &der, &why));
    assert_true(bytes_equal(buffer_view(&der), whole));
}

static void nothing_is_appended_beyond_a_ceiling(void **state)
{
    RELEASED(buffer) text = BUFFER("answer", 40);
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&text, "x\n", &why));
    assert_false(pem_append(&text, "CERTIFICATE",
        (struct bytes){.start = empty_sequence, .length = 2}, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(text.length, 2);
}

static const char *const request_labels[] = {
    "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", NULL};
static const char *const certificate_labels[] = {"CERTIFICATE", NULL};

static void either_encoding_gives_the_object(void **state)
{
    static const char mixed[] =
        "-----BEGIN EC PARAMETERS-----\nBgA=\n-----END EC PARAMETERS-----\n"
        "-----BEGIN NEW CERTIFICATE REQUEST-----\nMAA=\n"
        "-----END NEW CERTIFICATE REQUEST-----\n";
    const struct bytes files[] = {bytes_of_text(mixed),
        {.start = empty_sequence, .length = sizeof(empty_sequence)}};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        RELEASED(buffer) der = DER_BUFFER();
        struct failure why = {0};

        assert_true(pem_or_der(files[i], request_labels, &der, &why));
        assert_sequence(&der);
    }
}

static void another_object_is_refused_by_name(void **state)
{
    RELEASED(buffer) der = DER_BUFFER();
    struct failure why = {0};

    (void)state;
    assert_false(
        pem_or_der(bytes_of_text(CERTIFICATE), request_labels, &der, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason,
        "this is a CERTIFICATE; a CERTIFICATE REQUEST or a NEW CERTIFICATE "
        "REQUEST is wanted");
    assert_false(
        pem_or_der(bytes_of_text(CRL), certificate_labels, &der, &why));
    assert_string_equal(
        why.reason, "this is an X509 CRL; a CERTIFICATE is wanted");
}

static void a_file_of_neither_encoding_is_refused(void **state)
{
    const struct {
        struct bytes file;
        const char *reason;
    } rows[] = {
        {{0}, "neither PEM nor DER: there are no bytes"},
        {bytes_of_text("hello"),
            "neither PEM nor DER: no line begins with -----BEGIN, and the "
            "first byte is 0x68 where DER begins with 0x30"},
        {bytes_of_text("\x30\x05\x02"),
            "neither PEM nor DER: an element reaches beyond its end at offset "
            "2"},
        {bytes_of_text("\x30\x01\x05\n"),
            "neither PEM nor DER: bytes are left over after the SEQUENCE at "
            "offset 3"},
        {bytes_of_text("-----BEGIN A-----\n"),
            "PEM, line 1, byte 1: the block that begins here never ends"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) der = DER_BUFFER();
        struct failure why = {0};

        assert_false(pem_or_der(rows[i].file, certificate_labels, &der, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, rows[i].reason);
    }
}

static void incident22_more_than_1_mib_is_refused(void **state)
{
    static uint8_t room[PEM_MAX + 1];
    RELEASED(buffer) der = DER_BUFFER();
    RELEASED(buffer) wide = DER_BUFFER();
    struct pem_block block = {0};
    struct failure why = {0};

    (void)state;
    memset(room, '\n', sizeof(room));
    struct bytes text = {.start = room, .length = PEM_MAX};
    struct pem_walk walk = pem_walk_of(text);
    assert_false(pem_next(&walk, &block, &der, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    text.length++;
    assert_false(pem_text(text, &wide, &text, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    walk = pem_walk_of(text);
    assert_false(pem_next(&walk, &block, &der, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(
        why.reason, "PEM of 1048577 bytes is refused: 1048576 are the most");
}

/* CPU time to read this many bytes of blocks one after another. */
static double seconds_for(const char *piece, size_t size)
{
    static uint8_t room[PEM_MAX];
    size_t length = strlen(piece);
    struct timespec start = {0};
    struct timespec end = {0};

    size = size / length * length;
    for (size_t i = 0; i < size; i += length)
        memcpy(room + i, piece, length);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);

    RELEASED(buffer) der = DER_BUFFER();
    struct pem_walk walk =
        pem_walk_of((struct bytes){.start = room, .length = size});
    struct pem_block block = {0};
    struct failure why = {0};
    while (pem_next(&walk, &block, &der, &why))
        buffer_clear(&der);

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return (double)(end.tv_sec - start.tv_sec) +
           (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

#define RUNS 5

/* What else the machine does only ever makes a run longer. */
static double shortest_of(const char *piece, size_t size)
{
    double shortest = seconds_for(piece, size);

    for (size_t i = 1; i < RUNS; i++) {
        double seconds = seconds_for(piece, size);

        shortest = seconds < shortest ? seconds : shortest;
    }
    return shortest;
}

/*
 * The reader counts nothing that a test could look at, so this one measures CPU
 * time, and only as a ratio: a linear reader takes ten times as long, a
 * quadratic one a hundred, and forty is far from both.  What is refused at its
 * beginning takes no time at all; the milliseconds beside stand for that.
 */
static void incident22_ten_times_the_size_takes_no_hundred_times_as_long(
    void **state)
{
    static const char *const pieces[] = {CERTIFICATE, "-----BEGIN",
        "-----BEGIN A-----\n", "MAAw\n", "-----", "-", "\r", "a\r\n", " ",
        "\xef\xbb\xbf", "-----BEGIN A-----MAAw-----END A-----",
        "-----BEGIN A-----\nMAAw\n-----END B-----\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
        assert_true(shortest_of(pieces[i], PEM_MAX) <=
                    40 * shortest_of(pieces[i], PEM_MAX / 10) + 0.005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_decoded_wherever_it_begins),
        cmocka_unit_test(kb049_what_editors_and_mail_do_to_a_block_is_read),
        cmocka_unit_test(blocks_follow_one_another),
        cmocka_unit_test(a_key_that_headers_encrypt_is_told_apart),
        cmocka_unit_test(what_is_not_pem_is_refused_with_its_line_and_byte),
        cmocka_unit_test(kb049_a_unicode_file_is_read),
        cmocka_unit_test(joined_unicode_files_are_read),
        cmocka_unit_test(half_a_character_is_refused),
        cmocka_unit_test(base64_without_begin_and_end_is_read),
        cmocka_unit_test(a_text_that_is_not_base64_of_der_is_not_taken_for_it),
        cmocka_unit_test(what_is_appended_is_what_openssl_writes),
        cmocka_unit_test(nothing_is_appended_beyond_a_ceiling),
        cmocka_unit_test(either_encoding_gives_the_object),
        cmocka_unit_test(another_object_is_refused_by_name),
        cmocka_unit_test(a_file_of_neither_encoding_is_refused),
        cmocka_unit_test(incident22_more_than_1_mib_is_refused),
        cmocka_unit_test(
            incident22_ten_times_the_size_takes_no_hundred_times_as_long),
    };

    return cmocka_run_group_tests_name("pem", tests, NULL, NULL);
}
