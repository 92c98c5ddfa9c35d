#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "crypto/key.h"
#include "crypto/openssl_scoped.h"
#include "x509/certificate.h"
#include "x509/template.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define DER_ROOM 4096

static void is_filled_to(const struct template *template,
    const struct bytes *holes, size_t hole_count, struct bytes expected)
{
    uint8_t room[DER_ROOM] = {0};
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    struct failure why = {0};

    template_fill(template, holes, hole_count, &writer);
    assert_true(der_writer_take(&writer, &encoding, &why));
    assert_int_equal(encoding.length, expected.length);
    assert_memory_equal(encoding.start, expected.start, expected.length);
}

static void pieces_and_holes_keep_their_order(void **state)
{
    RELEASED(template) template = {0};
    const struct bytes holes[] = {
        BYTES(0x02, 0x01, 0x05), BYTES(0x05, 0x00, 0x05, 0x00)};
    struct failure why = {0};

    (void)state;
    assert_true(
        template_enter(&template, DER_SEQUENCE, &why) &&
        template_bytes(&template, BYTES(0x01, 0x01), &why) &&
        template_bytes(&template, BYTES(0xff), &why) &&
        template_hole(&template, 0, &why) &&
        template_enter(&template, DER_OCTET_STRING, &why) &&
        template_hole(&template, 1, &why) && template_leave(&template, &why) &&
        template_leave(&template, &why) && template_finish(&template, 2, &why));
    assert_int_equal(template.piece_count, 7); /* bytes behind bytes are one */
    is_filled_to(&template, holes, 2,
        BYTES(0x30, 0x0c, 0x01, 0x01, 0xff, 0x02, 0x01, 0x05, 0x04, 0x04, 0x05,
            0x00, 0x05, 0x00));
}

static void an_element_of_an_empty_hole_is_left_out_whole(void **state)
{
    RELEASED(template) template = {0};
    const struct bytes filled[] = {BYTES(0x05, 0x00), BYTES(0x0c, 0x00)};
    const struct bytes without_first[] = {{0}, BYTES(0x0c, 0x00)};
    struct failure why = {0};

    (void)state;
    assert_true(
        template_bytes(&template, BYTES(0x01, 0x01, 0xff), &why) &&
        template_enter_if(&template, DER_SEQUENCE, 0, &why) &&
        template_bytes(&template, BYTES(0x06, 0x01, 0x2a), &why) &&
        template_enter(&template, DER_OCTET_STRING, &why) &&
        template_hole(&template, 0, &why) && template_leave(&template, &why) &&
        template_leave(&template, &why) && template_hole(&template, 1, &why) &&
        template_finish(&template, 2, &why));
    is_filled_to(&template, filled, 2,
        BYTES(0x01, 0x01, 0xff, 0x30, 0x07, 0x06, 0x01, 0x2a, 0x04, 0x02, 0x05,
            0x00, 0x0c, 0x00));
    is_filled_to(
        &template, without_first, 2, BYTES(0x01, 0x01, 0xff, 0x0c, 0x00));
    is_filled_to(&template, NULL, 0, BYTES(0x01, 0x01, 0xff));
}

static void an_element_may_be_first_and_left_out(void **state)
{
    RELEASED(template) template = {0};
    struct failure why = {0};

    (void)state;
    assert_true(template_enter_if(&template, DER_SEQUENCE, 0, &why) &&
                template_leave(&template, &why) &&
                template_bytes(&template, BYTES(0x05, 0x00), &why));
    is_filled_to(&template, NULL, 0, BYTES(0x05, 0x00));
}

static void a_room_too_small_is_told_when_it_is_taken(void **state)
{
    RELEASED(template) template = {0};
    uint8_t room[2] = {0};
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    struct failure why = {0};

    (void)state;
    assert_true(template_enter(&template, DER_SEQUENCE, &why) &&
                template_bytes(&template, BYTES(0x05, 0x00), &why) &&
                template_leave(&template, &why));
    template_fill(&template, NULL, 0, &writer);
    assert_false(der_writer_take(&writer, &encoding, &why));
}

static void a_template_that_does_not_close_is_refused(void **state)
{
    RELEASED(template) template = {0};
    struct failure why = {0};

    (void)state;
    assert_false(template_leave(&template, &why));
    assert_string_equal(
        why.reason, "a template leaves an element that it did not enter");
    assert_true(template_enter(&template, DER_SEQUENCE, &why));
    assert_false(template_finish(&template, 0, &why));
    assert_string_equal(why.reason, "a template does not leave 1 elements");
}

static void a_template_has_its_limits(void **state)
{
    RELEASED(template) deep = {0};
    RELEASED(template) wide = {0};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < TEMPLATE_DEPTH_MAX; i++)
        assert_true(template_enter(&deep, DER_SEQUENCE, &why));
    assert_false(template_enter(&deep, DER_SEQUENCE, &why));
    assert_string_equal(why.reason, "a template is more than 16 elements deep");
    for (size_t i = 0; i < TEMPLATE_PIECES_MAX; i++)
        assert_true(template_hole(&wide, 3, &why));
    assert_false(template_hole(&wide, 3, &why));
    assert_string_equal(why.reason, "a template has more than 64 pieces");
    assert_false(template_finish(&wide, 3, &why));
    assert_string_equal(why.reason, "a template has 4 holes, and 3 are filled");
    assert_false(template_hole(&wide, TEMPLATE_HOLES_MAX, &why));
}

/* --- a whole certificate ------------------------------------------------- */

enum hole {
    HOLE_SERIAL,
    HOLE_VALIDITY,
    HOLE_SUBJECT,
    HOLE_KEY,
    HOLE_NAMES,
    HOLE_COUNT
};

/* basicConstraints and keyUsage, as a leaf's profile has them. */
static const uint8_t constant_extensions[] = {0x30, 0x0c, 0x06, 0x03, 0x55,
    0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00, 0x30, 0x0e, 0x06,
    0x03, 0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff, 0x04, 0x04, 0x03, 0x02, 0x07,
    0x80};

static bool compile(struct template *template, struct bytes algorithm,
    struct bytes issuer, struct failure *why)
{
    static const uint8_t alt_name[] = {0x06, 0x03, 0x55, 0x1d, 0x11};

    return template_enter(template, DER_SEQUENCE, why) &&
           template_bytes(template, BYTES(0xa0, 0x03, 0x02, 0x01, 0x02), why) &&
           template_enter(template, DER_INTEGER, why) &&
           template_hole(template, HOLE_SERIAL, why) &&
           template_leave(template, why) &&
           template_bytes(template, algorithm, why) &&
           template_bytes(template, issuer, why) &&
           template_hole(template, HOLE_VALIDITY, why) &&
           template_hole(template, HOLE_SUBJECT, why) &&
           template_hole(template, HOLE_KEY, why) &&
           template_enter(template, DER_CONTEXT_HOLDING(3), why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           template_bytes(template,
               (struct bytes){.start = constant_extensions,
                   .length = sizeof(constant_extensions)},
               why) &&
           template_enter_if(template, DER_SEQUENCE, HOLE_NAMES, why) &&
           template_bytes(template,
               (struct bytes){.start = alt_name, .length = sizeof(alt_name)},
               why) &&
           template_enter(template, DER_OCTET_STRING, why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           template_hole(template, HOLE_NAMES, why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_finish(template, HOLE_COUNT, why);
}

static struct bytes validity_in(uint8_t *room, size_t size)
{
    struct der_writer writer = der_writer_in(room, size);
    struct bytes encoding = {0};
    struct failure why = {0};
    size_t mark = der_writer_mark(&writer);

    der_write_time(&writer, INT64_C(2524608000)); /* 2050: GeneralizedTime */
    der_write_time(&writer, INT64_C(1700000000));
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return encoding;
}

static void sign_and_seal(
    const struct private_key *key, struct bytes tbs, struct buffer *der)
{
    const struct signature_algorithm *algorithm = key->algorithm->signs_with;
    uint8_t signature[SIGNATURE_MAX] = {0};
    struct failure why = {0};
    size_t length = 0;

    assert_true(
        private_key_sign(key, algorithm, tbs, signature, &length, &why));
    assert_true(certificate_seal(tbs, algorithm->identifier,
        (struct bytes){.start = signature, .length = length}, der, &why));
}

static void openssl_verifies(struct bytes der, const struct private_key *key)
{
    const unsigned char *start = der.start;
    SCOPED(X509) *certificate = d2i_X509(NULL, &start, (long)der.length);

    assert_non_null(certificate);
    assert_ptr_equal(start, der.start + der.length);
    assert_int_equal(X509_verify(certificate, key->public_key), 1);
    assert_int_equal(X509_get_ext_count(certificate), 3);
    assert_int_equal(X509_check_host(certificate, "a.example", 0, 0, NULL), 1);
}

static void a_certificate_of_a_template_is_taken_by_openssl(void **state)
{
    RELEASED(template) template = {0};
    RELEASED(buffer) issuer = BUFFER("issuer", DER_ROOM);
    RELEASED(buffer) names = BUFFER("names", DER_ROOM);
    RELEASED(buffer) spki = BUFFER("key", DER_ROOM);
    RELEASED(buffer) der = BUFFER("certificate", DER_ROOM);
    SCOPED_STRUCT(private_key) *key = NULL;
    struct certificate certificate = {0};
    uint8_t validity[64] = {0};
    uint8_t room[DER_ROOM] = {0};
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes tbs = {0};
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    assert_true(name_of_common_name("Issuing", &issuer, &why));
    assert_true(general_name_read("dns:a.example", &names, &why));
    assert_true(private_key_append_spki(key, &spki, &why));
    assert_true(compile(&template, key->algorithm->signs_with->identifier,
        buffer_view(&issuer), &why));
    const struct bytes holes[HOLE_COUNT] = {
        [HOLE_SERIAL] = BYTES(0x01, 0x02, 0x03),
        [HOLE_VALIDITY] = validity_in(validity, sizeof(validity)),
        [HOLE_SUBJECT] = BYTES(0x30, 0x00),
        [HOLE_KEY] = buffer_view(&spki),
        [HOLE_NAMES] = buffer_view(&names)};
    template_fill(&template, holes, HOLE_COUNT, &writer);
    assert_true(der_writer_take(&writer, &tbs, &why));

    sign_and_seal(key, tbs, &der);
    openssl_verifies(buffer_view(&der), key);
    assert_true(certificate_read(buffer_view(&der), &certificate, &why));
    assert_true(certificate_verify(&certificate, key->public_key, &why));
    assert_true(bytes_equal(certificate.tbs.whole, tbs));
    assert_int_equal(certificate.tbs.not_after, INT64_C(2524608000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_and_holes_keep_their_order),
        cmocka_unit_test(an_element_of_an_empty_hole_is_left_out_whole),
        cmocka_unit_test(an_element_may_be_first_and_left_out),
        cmocka_unit_test(a_room_too_small_is_told_when_it_is_taken),
        cmocka_unit_test(a_template_that_does_not_close_is_refused),
        cmocka_unit_test(a_template_has_its_limits),
        cmocka_unit_test(a_certificate_of_a_template_is_taken_by_openssl),
    };

    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
