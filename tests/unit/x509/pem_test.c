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

static void a_block_is_decoded_wherever_it_begins(void **state)
{
    static const char *const texts[] = {
        CERTIFICATE,
        "subject=CN = a\nissuer=CN = b\n\n" CERTIFICATE,
        "-----BEGIN CERTIFICATE-----\r\nMAA=\r\n-----END CERTIFICATE-----\r\n",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----- \nM A\n\nA= \t\n"
        "-----END CERTIFICATE----- \n",
        "x-----BEGIN CERTIFICATE-----\n- -----\n" CERTIFICATE,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        RELEASED(buffer) der = DER_BUFFER();
        struct bytes text = bytes_of_text(texts[i]);
        struct bytes label = {0};
        struct failure why = {0};
        size_t position = 0;

        assert_true(pem_next(text, &position, &label, &der, &why));
        assert_label(label, "CERTIFICATE");
        assert_sequence(&der);
        assert_int_equal(position, text.length);
        assert_false(pem_next(text, &position, &label, &der, &why));
        assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    }
}

static void blocks_follow_one_another(void **state)
{
    struct bytes text = bytes_of_text(
        CERTIFICATE "text between\n"
                    "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n");
    RELEASED(buffer) der = DER_BUFFER();
    struct bytes label = {0};
    struct failure why = {0};
    size_t position = 0;

    (void)state;
    assert_true(pem_next(text, &position, &label, &der, &why));
    assert_label(label, "CERTIFICATE");
    assert_true(pem_next(text, &position, &label, &der, &why));
    assert_label(label, "X509 CRL");
    assert_int_equal(der.length, 4);
}

static void what_is_not_pem_is_refused_with_its_line(void **state)
{
    static const char *const rows[][2] = {
        {"a\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n",
            "PEM, line 4: this ends \"X509 CRL\" where \"CERTIFICATE\" was "
            "begun"},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n",
            "PEM, line 1: the block that begins here never ends"},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n" CERTIFICATE,
            "PEM, line 3: a block is not ended before this line of dashes"},
        {"a\nb\n-----END CERTIFICATE-----\n",
            "PEM, line 3: a block ends here that no line begins"},
        {"-----BEGIN CERTIFICATE----\nMAA=\n-----END CERTIFICATE-----\n",
            "PEM, line 1: five dashes do not end this line"},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE----\n",
            "PEM, line 3: five dashes do not end this line"},
        {"-----BEGIN certificate-----\nMAA=\n-----END certificate-----\n",
            "PEM, line 1: a label is words of A to Z and 0 to 9 with a space "
            "between"},
        {"-----BEGIN  A-----\nMAA=\n-----END  A-----\n",
            "PEM, line 1: a label is words of A to Z and 0 to 9 with a space "
            "between"},
        {"-----BEGIN A -----\nMAA=\n-----END A -----\n",
            "PEM, line 1: a label is words of A to Z and 0 to 9 with a space "
            "between"},
        {"-----BEGIN -----\nMAA=\n-----END -----\n",
            "PEM, line 1: a label is words of A to Z and 0 to 9 with a space "
            "between"},
        {"-----BEGIN AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
         "AAAAAAA-----\n",
            "PEM, line 1: the label is longer than 64 characters"},
        {"-----BEGIN A-----\nMA*=\n-----END A-----\n",
            "PEM, line 2: a character that is not base64"},
        {"-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END A-----\n",
            "PEM, line 2: a header (RFC 1421) is not taken; convert the object "
            "first"},
        {"-----BEGIN A-----\n\n-----END A-----\n",
            "PEM, line 1: the block that begins here is empty"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) der = DER_BUFFER();
        struct bytes label = {0};
        struct failure why = {0};
        size_t position = 0;

        assert_false(
            pem_next(bytes_of_text(rows[i][0]), &position, &label, &der, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, rows[i][1]);
        assert_int_equal(position, 0);
        assert_int_equal(der.length, 0);
    }
}

static void base64_that_is_cut_off_is_refused(void **state)
{
    RELEASED(buffer) der = DER_BUFFER();
    struct bytes label = {0};
    struct failure why = {0};
    size_t position = 0;

    (void)state;
    assert_false(
        pem_next(bytes_of_text("-----BEGIN A-----\nMAAwM\n-----END A-----\n"),
            &position, &label, &der, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_memory_equal(why.reason, "PEM, line 1: ", 13);
    assert_int_equal(der.length, 0);
}

static void what_is_appended_is_what_openssl_writes(void **state)
{
    uint8_t object[100];
    RELEASED(buffer) ours = DER_BUFFER();
    RELEASED(buffer) der = DER_BUFFER();
    BIO *theirs = BIO_new(BIO_s_mem());
    char *text = NULL;
    struct bytes label = {0};
    struct failure why = {0};
    size_t position = 0;

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

    assert_true(pem_next(buffer_view(&ours), &position, &label, &der, &why));
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
    static const char crl[] =
        "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n";
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
        pem_or_der(bytes_of_text(crl), certificate_labels, &der, &why));
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
            "PEM, line 1: the block that begins here never ends"},
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
    struct bytes label = {0};
    struct failure why = {0};
    size_t position = 0;

    (void)state;
    memset(room, '\n', sizeof(room));
    struct bytes text = {.start = room, .length = PEM_MAX};
    assert_false(pem_next(text, &position, &label, &der, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    text.length++;
    assert_false(pem_next(text, &position, &label, &der, &why));
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
    struct bytes label = {0};
    struct failure why = {0};
    size_t position = 0;
    while (pem_next((struct bytes){.start = room, .length = size}, &position,
        &label, &der, &why))
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
 * quadratic one a hundred, and forty is far from both.
 */
static void incident22_ten_times_the_size_takes_no_hundred_times_as_long(
    void **state)
{
    static const char *const pieces[] = {CERTIFICATE, "-----BEGIN",
        "-----BEGIN A-----\n", "MAAw\n", "-----", "-",
        "-----BEGIN A-----\nMAAw\n-----END B-----\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
        assert_true(shortest_of(pieces[i], PEM_MAX) <=
                    40 * shortest_of(pieces[i], PEM_MAX / 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_decoded_wherever_it_begins),
        cmocka_unit_test(blocks_follow_one_another),
        cmocka_unit_test(what_is_not_pem_is_refused_with_its_line),
        cmocka_unit_test(base64_that_is_cut_off_is_refused),
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
