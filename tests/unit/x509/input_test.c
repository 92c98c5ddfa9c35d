#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "input_fixture.h"
#include "x509/certificate.h"
#include "x509/input.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* --- one certificate ------------------------------------------------------ */

static void assert_leaf(struct bytes file, const char *name)
{
    RELEASED(buffer) leaf = OBJECT_BUFFER();
    RELEASED(buffer) der = OBJECT_BUFFER();
    struct failure why = {0};

    read_object("openssl.der", &leaf);
    if (!input_certificate(file, name, &der, &why))
        fail_msg("%s", why.reason);
    assert_bytes(buffer_view(&der), buffer_view(&leaf));
}

static void kb047_one_certificate_in_any_encoding_is_the_same(void **state)
{
    static const char *const files[] = {"openssl.der", "openssl.pem",
        "openssl-text.pem", "openssl-trusted.pem", "certtool-text.pem",
        "keytool.pem", "keytool.der", "certutil.pem", "certutil.der",
        "iconv-utf16.pem", "iconv-utf16le.pem", "iconv-utf16be.pem", "one.p7b",
        "one.p7c", "bare.b64", "key-and-certificate.pem"};

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();

        print_message("%s\n", files[i]);
        read_object(files[i], &file);
        assert_leaf(buffer_view(&file), files[i]);
    }
}

static void kb053_the_leaf_of_a_chain_is_found_in_any_container(void **state)
{
    static const char *const files[] = {"chain.pem", "openssl-chain.p7b",
        "openssl-chain.p7c", "certtool-chain.p7b"};

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        struct input chain = {0};
        struct failure why = {0};

        print_message("%s\n", files[i]);
        read_object(files[i], &file);
        assert_leaf(buffer_view(&file), files[i]);
        assert_true(
            input_certificates(buffer_view(&file), files[i], &chain, &why));
        assert_int_equal(chain.count, 3);
        input_free(&chain);
    }
}

static void lists_are_found_in_any_container(void **state)
{
    static const char *const files[] = {"inter.crl", "inter.crl.pem",
        "openssl-chain.p7b", "openssl-chain.p7c", "certtool-chain.p7b"};
    RELEASED(buffer) expected = OBJECT_BUFFER();

    (void)state;
    read_object("inter.crl", &expected);
    for (size_t i = 0; i < COUNT(files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        struct input crls = {0};
        struct failure why = {0};

        print_message("%s\n", files[i]);
        read_object(files[i], &file);
        if (!input_crls(buffer_view(&file), files[i], &crls, &why))
            fail_msg("%s", why.reason);
        assert_int_equal(crls.count, 1);
        assert_bytes(crls.objects[0].der, buffer_view(&expected));
        input_free(&crls);
    }
}

/* --- order and duplicates ------------------------------------------------- */

#define SHUFFLES 1000
#define DRAWN_MAX 9

/* Numbers that look random and are the same in every run (Numerical Recipes).
 */
static uint32_t next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* Every certificate of the chain once, and up to six of them again. */
static void append_shuffled(
    const struct input *chain, uint32_t *numbers, struct buffer *text)
{
    size_t drawn[DRAWN_MAX] = {0, 1, 2};
    size_t count = 3 + next_number(numbers) % (DRAWN_MAX - 3 + 1);
    struct failure why = {0};

    for (size_t i = 3; i < count; i++)
        drawn[i] = next_number(numbers) % 3;
    for (size_t i = count - 1; i > 0; i--) {
        size_t other = next_number(numbers) % (i + 1);
        size_t held = drawn[i];

        drawn[i] = drawn[other];
        drawn[other] = held;
    }
    for (size_t i = 0; i < count; i++)
        assert_true(pem_append(
            text, "CERTIFICATE", chain->objects[drawn[i]].der, &why));
}

static void kb052_a_thousand_shuffles_give_the_same_chain_and_leaf(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) text = OBJECT_BUFFER();
    struct input chain = {0};
    struct failure why = {0};
    uint32_t numbers = 52;

    (void)state;
    read_object("chain.pem", &file);
    assert_true(input_certificates(buffer_view(&file), "chain", &chain, &why));
    for (size_t i = 0; i < SHUFFLES; i++) {
        struct input found = {0};

        buffer_clear(&text);
        append_shuffled(&chain, &numbers, &text);
        assert_true(
            input_certificates(buffer_view(&text), "shuffled", &found, &why));
        assert_int_equal(found.count, chain.count);
        for (size_t j = 0; j < chain.count; j++)
            assert_bytes(found.objects[j].der, chain.objects[j].der);
        input_free(&found);
        if (i % 100 == 0)
            assert_leaf(buffer_view(&text), "shuffled");
    }
    input_free(&chain);
}

static void two_leaves_are_a_conflict(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) more = OBJECT_BUFFER();
    RELEASED(buffer) der = OBJECT_BUFFER();
    struct failure why = {0};

    (void)state;
    read_object("chain.pem", &file);
    read_object("other.pem", &more);
    assert_true(buffer_append(&file, buffer_view(&more), &why));
    assert_false(input_certificate(buffer_view(&file), "both.pem", &der, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_string_equal(why.reason,
        "both.pem holds 2 certificates that issued none of the others, and one "
        "is wanted, alone or with its chain");
    assert_int_equal(der.length, 0);
}

/* --- requests ------------------------------------------------------------- */

static void kb060_a_renewal_gives_its_request_and_the_old_certificate(
    void **state)
{
    static const char *const files[] = {"cms.der", "cms-ber.der", "cms.pem",
        "cms.p7m", "smime.der", "smime.pem", "smime.p7m", "cms-chain.der",
        "cms-keyid.der", "cms-around-pem.der"};
    RELEASED(buffer) request = OBJECT_BUFFER();
    RELEASED(buffer) leaf = OBJECT_BUFFER();

    (void)state;
    read_object("request.der", &request);
    read_object("openssl.der", &leaf);
    for (size_t i = 0; i < COUNT(files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        RELEASED(buffer) found = OBJECT_BUFFER();
        RELEASED(buffer) old = OBJECT_BUFFER();
        struct failure why = {0};

        print_message("%s\n", files[i]);
        read_object(files[i], &file);
        if (!input_request(buffer_view(&file), files[i], &found, &old, &why))
            fail_msg("%s", why.reason);
        assert_bytes(buffer_view(&found), buffer_view(&request));
        assert_bytes(buffer_view(&old), buffer_view(&leaf));
    }
}

/* IIS wrote a renewal under the label of a request. */
static void kb060_a_renewal_under_the_label_of_a_request_is_read(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) text = OBJECT_BUFFER();
    RELEASED(buffer) found = OBJECT_BUFFER();
    RELEASED(buffer) old = OBJECT_BUFFER();
    struct failure why = {0};

    (void)state;
    read_object("smime.der", &file);
    assert_true(
        pem_append(&text, "NEW CERTIFICATE REQUEST", buffer_view(&file), &why));
    assert_true(
        input_request(buffer_view(&text), "iis.txt", &found, &old, &why));
    assert_true(old.length > 0);
}

static void kb047_a_request_in_any_encoding_is_the_same(void **state)
{
    RELEASED(buffer) der = OBJECT_BUFFER();
    RELEASED(buffer) pem = OBJECT_BUFFER();
    RELEASED(buffer) wide = OBJECT_BUFFER();
    RELEASED(buffer) bare = OBJECT_BUFFER();
    struct failure why = {0};

    (void)state;
    read_object("request.der", &der);
    read_object("request.pem", &pem);
    for (size_t i = 0; i < pem.length; i++) {
        assert_true(buffer_append_byte(&wide, 0, &why));
        assert_true(buffer_append_byte(&wide, pem.start[i], &why));
    }
    assert_true(buffer_append(
        &bare, (struct bytes){pem.start + 36, pem.length - 36 - 34}, &why));
    const struct bytes files[] = {buffer_view(&der), buffer_view(&pem),
        buffer_view(&wide), buffer_view(&bare)};
    for (size_t i = 0; i < COUNT(files); i++) {
        RELEASED(buffer) found = OBJECT_BUFFER();
        RELEASED(buffer) old = OBJECT_BUFFER();

        if (!input_request(files[i], "request", &found, &old, &why))
            fail_msg("%zu: %s", i, why.reason);
        assert_bytes(buffer_view(&found), buffer_view(&der));
        assert_int_equal(old.length, 0);
    }
}

/* --- refusals ------------------------------------------------------------- */

#define REQUEST_CURE                                                       \
    "; a key stays with its owner, and \"openssl req -new -key\" makes a " \
    "request with it"
#define PKCS12_CURE \
    "; \"openssl pkcs12 -nokeys\" takes the certificates out of PKCS#12"

enum wanted { WANTED_REQUEST, WANTED_CERTIFICATE, WANTED_CRL };

static bool read_wanted(enum wanted wanted, struct bytes file, const char *name,
    struct failure *why)
{
    RELEASED(buffer) der = OBJECT_BUFFER();
    RELEASED(buffer) old = OBJECT_BUFFER();
    RELEASED(input) crls = {0};

    switch (wanted) {
    case WANTED_REQUEST:
        return input_request(file, name, &der, &old, why);
    case WANTED_CERTIFICATE:
        return input_certificate(file, name, &der, why);
    case WANTED_CRL:
        return input_crls(file, name, &crls, why);
    }
    return false;
}

static const struct refusal {
    enum wanted wanted;
    const char *file; /* of tests/objects/input, or NULL: text */
    const char *text;
    enum failure_kind kind;
    const char *reason;
} refusals[] = {
    {WANTED_REQUEST, NULL,
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
        "-----END CERTIFICATE REQUEST-----\n",
        FAILURE_MALFORMED,
        "text, the block on line 1: tag 0x00 where 0x30 belongs, at offset 0"},
    {WANTED_REQUEST, "key-sec1.pem", NULL, FAILURE_MALFORMED,
        "key-sec1.pem holds a private key, not a request" REQUEST_CURE},
    {WANTED_REQUEST, "key-pkcs8.pem", NULL, FAILURE_MALFORMED,
        "key-pkcs8.pem holds a private key, not a request" REQUEST_CURE},
    {WANTED_REQUEST, "key-pkcs8.der", NULL, FAILURE_MALFORMED,
        "key-pkcs8.der holds a private key, not a request" REQUEST_CURE},
    {WANTED_REQUEST, "key-rsa.der", NULL, FAILURE_MALFORMED,
        "key-rsa.der holds a private key, not a request" REQUEST_CURE},
    {WANTED_REQUEST, "key-encrypted.pem", NULL, FAILURE_MALFORMED,
        "key-encrypted.pem holds an encrypted private key, not a "
        "request" REQUEST_CURE},
    {WANTED_CERTIFICATE, "key-proc-type.pem", NULL, FAILURE_MALFORMED,
        "key-proc-type.pem holds an encrypted private key, not a certificate"},
    {WANTED_CERTIFICATE, "public.pem", NULL, FAILURE_MALFORMED,
        "public.pem holds a public key, not a certificate"},
    {WANTED_CERTIFICATE, "parameters.pem", NULL, FAILURE_MALFORMED,
        "parameters.pem, the block on line 1: tag 0x06 where 0x30 belongs, at "
        "offset 0"},
    {WANTED_CERTIFICATE, "openssl.p12", NULL, FAILURE_MALFORMED,
        "openssl.p12 holds a PKCS#12 store, not a certificate" PKCS12_CURE},
    {WANTED_CERTIFICATE, "nss.p12", NULL, FAILURE_MALFORMED,
        "nss.p12 holds a PKCS#12 store, not a certificate" PKCS12_CURE},
    {WANTED_CERTIFICATE, "request.pem", NULL, FAILURE_MALFORMED,
        "request.pem holds a request, not a certificate"},
    {WANTED_REQUEST, "openssl.pem", NULL, FAILURE_MALFORMED,
        "openssl.pem holds a certificate, not a request"},
    {WANTED_REQUEST, "openssl-chain.p7b", NULL, FAILURE_MALFORMED,
        "openssl-chain.p7b holds 3 certificates, a revocation list, a PKCS#7 "
        "object, not a request"},
    {WANTED_CERTIFICATE, "inter.crl", NULL, FAILURE_MALFORMED,
        "inter.crl holds a revocation list, not a certificate"},
    {WANTED_CRL, "chain.pem", NULL, FAILURE_MALFORMED,
        "chain.pem holds 3 certificates, not a revocation list"},
    {WANTED_REQUEST, "cms-nocerts.der", NULL, FAILURE_NOT_FOUND,
        "cms-nocerts.der: the old certificate is not enclosed in this renewal"},
    {WANTED_REQUEST, "cms-sha1.der", NULL, FAILURE_UNSUITABLE,
        "cms-sha1.der: the renewal is hashed with SHA-1; SHA-256, SHA-384 and "
        "SHA-512 are taken"},
    {WANTED_REQUEST, NULL, "", FAILURE_MALFORMED,
        "text: there are no bytes in it"},
    {WANTED_REQUEST, NULL, "hello\n", FAILURE_MALFORMED,
        "text: neither PEM nor DER: no line begins with -----BEGIN, and the "
        "first byte is 0x68 where DER begins with 0x30"},
    {WANTED_REQUEST, NULL, "\xe2\x80\x94 a dash\n", FAILURE_MALFORMED,
        "text: neither PEM nor DER: no line begins with -----BEGIN, and the "
        "first byte is 0xe2 where DER begins with 0x30"},
    {WANTED_REQUEST, NULL, "Mister Smith\n", FAILURE_MALFORMED,
        "text: no line begins with -----BEGIN, and this is not base64 alone: "
        "PEM, line 2, byte 1: the base64 before this is cut off: its "
        "characters come in groups of four"},
    {WANTED_REQUEST, NULL, "MAAA", FAILURE_MALFORMED,
        "text: the base64 holds no DER: bytes are left over after the object "
        "at offset 2"},
    {WANTED_REQUEST, NULL, "\x30\x05\x02", FAILURE_MALFORMED,
        "text: the DER is damaged: an element reaches beyond its end at offset "
        "2"},
    {WANTED_REQUEST, NULL, "\x30\x82\x01\x01\x02", FAILURE_MALFORMED,
        "text: the DER is damaged: an element reaches beyond its end at offset "
        "4"},
    {WANTED_REQUEST, NULL, "\x30\x80\x02", FAILURE_MALFORMED,
        "text: this is BER with indefinite lengths, and DER is wanted"},
    {WANTED_REQUEST, NULL,
        "\n-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n"
        "-----END CERTIFICATE-----\n",
        FAILURE_MALFORMED,
        "text: PEM, line 4, byte 1: this ends \"CERTIFICATE\" where "
        "\"CERTIFICATE REQUEST\" was begun"},
    {WANTED_CERTIFICATE, NULL,
        "\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        FAILURE_MALFORMED,
        "text, the block on line 2: an element is cut off at offset 2"},
};

static bool read_refused(const struct refusal *row, struct failure *why)
{
    RELEASED(buffer) file = OBJECT_BUFFER();

    if (row->file == NULL)
        return read_wanted(row->wanted, bytes_of_text(row->text), "text", why);
    read_object(row->file, &file);
    return read_wanted(row->wanted, buffer_view(&file), row->file, why);
}

static void kb050_every_cause_of_a_refusal_is_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct failure why = {0};

        assert_false(read_refused(&refusals[i], &why));
        assert_string_equal(why.reason, refusals[i].reason);
        assert_int_equal(why.kind, refusals[i].kind);
    }
    for (size_t i = 0; i < COUNT(refusals); i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(refusals[i].reason, refusals[j].reason);
    }
}

/* Every cut and every changed byte of a PEM file: whatever is said, it is not
 * that, and nothing that is wrong is our fault. */
static void kb049_no_refusal_speaks_of_a_password(void **state)
{
    static const char *const files[] = {"request.pem", "key-proc-type.pem"};

    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++)
        assert_null(strcasestr(refusals[i].reason, "password"));
    for (size_t i = 0; i < COUNT(files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        struct failure why = {0};

        read_object(files[i], &file);
        for (size_t j = 0; j < file.length; j++) {
            struct bytes cut = {.start = file.start, .length = j};
            uint8_t kept = file.start[j];

            assert_false(read_wanted(WANTED_CERTIFICATE, cut, "cut", &why));
            assert_null(strcasestr(why.reason, "password"));
            file.start[j] ^= 0x11;
            assert_false(read_wanted(
                WANTED_CERTIFICATE, buffer_view(&file), "changed", &why));
            assert_null(strcasestr(why.reason, "password"));
            assert_int_not_equal(why.kind, FAILURE_INTERNAL);
            file.start[j] = kept;
        }
    }
}

static void a_label_that_contradicts_its_content_is_refused(void **state)
{
    RELEASED(buffer) der = OBJECT_BUFFER();
    RELEASED(buffer) text = OBJECT_BUFFER();
    struct input input = {0};
    struct failure why = {0};

    (void)state;
    read_object("request.der", &der);
    assert_true(pem_append(&text, "CERTIFICATE", buffer_view(&der), &why));
    assert_false(input_read(buffer_view(&text), "lying.pem", &input, &why));
    assert_string_equal(why.reason,
        "lying.pem: the block that begins on line 1: it says CERTIFICATE and "
        "holds a request");
}

static void two_requests_are_a_conflict_and_one_twice_is_not(void **state)
{
    RELEASED(buffer) text = OBJECT_BUFFER();
    RELEASED(buffer) renewal = OBJECT_BUFFER();
    RELEASED(buffer) found = OBJECT_BUFFER();
    RELEASED(buffer) old = OBJECT_BUFFER();
    struct failure why = {0};

    (void)state;
    read_object("request.pem", &text);
    assert_true(buffer_reserve(&text, text.length, &why));
    assert_true(buffer_append(&text, buffer_view(&text), &why));
    assert_true(input_request(buffer_view(&text), "two", &found, &old, &why));
    read_object("cms.pem", &renewal);
    assert_true(buffer_append(&text, buffer_view(&renewal), &why));
    assert_false(input_request(buffer_view(&text), "two", &found, &old, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_string_equal(
        why.reason, "two holds 2 different requests, and one is wanted");
}

/* --- all of a file -------------------------------------------------------- */

static void every_object_has_its_kind_and_its_place(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(input) input = {0};
    struct failure why = {0};

    (void)state;
    read_object("key-and-certificate.pem", &file);
    assert_true(input_read(buffer_view(&file), "bundle", &input, &why));
    assert_int_equal(input.count, 3);
    assert_int_equal(input.objects[0].kind, INPUT_OTHER);
    assert_int_equal(input.objects[0].line, 1);
    assert_int_equal(input.objects[1].kind, INPUT_PRIVATE_KEY);
    assert_int_equal(input.objects[1].line, 4);
    assert_int_equal(input.objects[2].kind, INPUT_CERTIFICATE);
    assert_int_equal(input.objects[2].line, 9);
}

static void members_of_a_pkcs7_follow_it_with_their_offset(void **state)
{
    static const enum input_kind kinds[] = {INPUT_PKCS7, INPUT_CERTIFICATE,
        INPUT_CERTIFICATE, INPUT_CERTIFICATE, INPUT_CRL};
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(input) input = {0};
    struct failure why = {0};

    (void)state;
    read_object("openssl-chain.p7c", &file);
    assert_true(input_read(buffer_view(&file), "chain", &input, &why));
    assert_int_equal(input.count, COUNT(kinds));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        assert_int_equal(input.objects[i].kind, kinds[i]);
        assert_ptr_equal(
            input.objects[i].der.start, file.start + input.objects[i].offset);
    }
}

static void more_than_a_thousand_objects_are_refused(void **state)
{
    static const char block[] = "-----BEGIN A-----\nMAA=\n-----END A-----\n";
    RELEASED(buffer) text = OBJECT_BUFFER();
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < INPUT_OBJECTS_MAX; i++)
        assert_true(buffer_append_text(&text, block, &why));
    RELEASED(input) most = {0};
    assert_true(input_read(buffer_view(&text), "many", &most, &why));
    assert_int_equal(most.count, INPUT_OBJECTS_MAX);
    assert_true(buffer_append_text(&text, block, &why));
    RELEASED(input) more = {0};
    assert_false(input_read(buffer_view(&text), "many", &more, &why));
    assert_string_equal(why.reason,
        "many: the block that begins on line 3001: there are more than 1000 "
        "objects in it");
}

static void incident22_a_file_of_more_than_1_mib_is_refused(void **state)
{
    static uint8_t room[PEM_MAX + 1];
    struct bytes file = {.start = room, .length = sizeof(room)};
    struct failure why = {0};

    (void)state;
    memset(room, 'M', sizeof(room));
    assert_false(read_wanted(WANTED_REQUEST, file, "large", &why));
    assert_string_equal(
        why.reason, "large has 1048577 bytes; at most 1048576 are read");
    assert_false(read_wanted(WANTED_CRL, file, "large", &why));
    assert_string_equal(why.reason,
        "large: PEM of 1048577 bytes is refused: 1048576 are the most");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb047_one_certificate_in_any_encoding_is_the_same),
        cmocka_unit_test(kb053_the_leaf_of_a_chain_is_found_in_any_container),
        cmocka_unit_test(lists_are_found_in_any_container),
        cmocka_unit_test(
            kb052_a_thousand_shuffles_give_the_same_chain_and_leaf),
        cmocka_unit_test(two_leaves_are_a_conflict),
        cmocka_unit_test(
            kb060_a_renewal_gives_its_request_and_the_old_certificate),
        cmocka_unit_test(kb060_a_renewal_under_the_label_of_a_request_is_read),
        cmocka_unit_test(kb047_a_request_in_any_encoding_is_the_same),
        cmocka_unit_test(kb050_every_cause_of_a_refusal_is_told_apart),
        cmocka_unit_test(kb049_no_refusal_speaks_of_a_password),
        cmocka_unit_test(a_label_that_contradicts_its_content_is_refused),
        cmocka_unit_test(two_requests_are_a_conflict_and_one_twice_is_not),
        cmocka_unit_test(every_object_has_its_kind_and_its_place),
        cmocka_unit_test(members_of_a_pkcs7_follow_it_with_their_offset),
        cmocka_unit_test(more_than_a_thousand_objects_are_refused),
        cmocka_unit_test(incident22_a_file_of_more_than_1_mib_is_refused),
    };

    return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
