#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "crypto/openssl_scoped.h"
#include "x509/certificate.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define DER_ROOM 4096

struct made {
    struct buffer der;
    EVP_PKEY *key;
};

static void made_free(struct made *made)
{
    buffer_free(&made->der);
    EVP_PKEY_free(made->key);
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* A certificate of OpenSSL's making, for the faults below. */
static struct made make_certificate(void)
{
    struct made made = {.der = BUFFER("certificate", DER_ROOM),
        .key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")};
    SCOPED(X509) *certificate = X509_new();
    SCOPED(openssl_bytes) *encoding = NULL;
    struct failure why = {0};

    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 0x8001);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
        MBSTRING_ASC, (const unsigned char *)"subject", -1, -1, 0);
    X509_NAME_add_entry_by_txt(X509_get_issuer_name(certificate), "CN",
        MBSTRING_ASC, (const unsigned char *)"issuer", -1, -1, 0);
    ASN1_TIME_set(X509_getm_notBefore(certificate), 1700000000);
    ASN1_TIME_set(X509_getm_notAfter(certificate), 1800000000);
    assert_int_equal(X509_set_pubkey(certificate, made.key), 1);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_subject_alt_name, "DNS:a.example");
    assert_true(X509_sign(certificate, made.key, EVP_sha256()) > 0);
    int length = i2d_X509(certificate, &encoding);
    assert_true(length > 0);
    assert_true(buffer_append(&made.der,
        (struct bytes){.start = encoding, .length = (size_t)length}, &why));
    return made;
}

static void a_certificate_is_views_of_its_parts(void **state)
{
    RELEASED(made) made = make_certificate();
    struct certificate certificate = {0};
    struct tbs_certificate draft = {0};
    struct extension extension = {0};
    struct failure why = {0};

    (void)state;
    assert_true(certificate_read(buffer_view(&made.der), &certificate, &why));
    assert_int_equal(certificate.tbs.version, 2);
    assert_int_equal(certificate.tbs.serial.length, 3);
    assert_int_equal(certificate.tbs.not_before, 1700000000);
    assert_int_equal(certificate.tbs.not_after, 1800000000);
    assert_true(extension_next(&certificate.tbs.extensions, &extension, &why));
    assert_int_equal(extension.type, OID_BASIC_CONSTRAINTS);
    assert_true(certificate_verify(&certificate, made.key, &why));

    assert_true(tbs_certificate_read(certificate.tbs.whole, &draft, &why));
    assert_true(bytes_equal(draft.subject, certificate.tbs.subject));
    assert_true(bytes_equal(draft.key.whole, certificate.tbs.key.whole));
}

/* The subject becomes a Name with an empty set, notBefore the year 0. */
static void make_odd(struct made *made)
{
    static const uint8_t odd_name[] = {0x30, 0x02, 0x31, 0x00};
    const unsigned char *start = made->der.start;
    const unsigned char *name_start = odd_name;
    SCOPED(X509) *certificate = d2i_X509(NULL, &start, (long)made->der.length);
    X509_NAME *name = d2i_X509_NAME(NULL, &name_start, sizeof(odd_name));
    SCOPED(openssl_bytes) *encoding = NULL;
    struct failure why = {0};

    assert_int_equal(X509_set_subject_name(certificate, name), 1);
    X509_NAME_free(name);
    assert_int_equal(ASN1_TIME_set_string(
                         X509_getm_notBefore(certificate), "00000101000000Z"),
        1);
    assert_true(X509_sign(certificate, made->key, EVP_sha256()) > 0);
    int length = i2d_X509(certificate, &encoding);
    assert_true(length > 0);
    buffer_clear(&made->der);
    assert_true(buffer_append(&made->der,
        (struct bytes){.start = encoding, .length = (size_t)length}, &why));
}

/* The bytes are unambiguous; lint says what is wrong with them. */
static void what_others_certified_oddly_is_read(void **state)
{
    RELEASED(made) made = make_certificate();
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    make_odd(&made);
    assert_true(certificate_read(buffer_view(&made.der), &certificate, &why));
    assert_true(
        bytes_equal(certificate.tbs.subject, BYTES(0x30, 0x02, 0x31, 0x00)));
    assert_true(certificate.tbs.not_before == INT64_C(-62167219200));
    assert_true(certificate_verify(&certificate, made.key, &why));
}

static void another_keys_signature_does_not_match(void **state)
{
    RELEASED(made) made = make_certificate();
    RELEASED(made) other = make_certificate();
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    assert_true(certificate_read(buffer_view(&made.der), &certificate, &why));
    assert_false(certificate_verify(&certificate, other.key, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, "the signature does not match"));
}

static void every_prefix_of_a_certificate_is_refused(void **state)
{
    RELEASED(made) made = make_certificate();
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    for (size_t length = 0; length < made.der.length; length++) {
        assert_false(certificate_read(
            (struct bytes){.start = made.der.start, .length = length},
            &certificate, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    assert_true(buffer_append_byte(&made.der, 0, &why));
    assert_false(certificate_read(buffer_view(&made.der), &certificate, &why));
    assert_non_null(strstr(why.reason, "are left over after"));
}

/* Whatever byte is turned over, nothing is read beyond the end. */
static void a_turned_byte_never_reads_beyond_the_end(void **state)
{
    RELEASED(made) made = make_certificate();
    struct certificate certificate = {0};
    struct failure why = {0};
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < made.der.length * 8; i++) {
        uint8_t bit = (uint8_t)(1u << i % 8);

        made.der.start[i / 8] ^= bit;
        if (!certificate_read(buffer_view(&made.der), &certificate, &why))
            refused++;
        made.der.start[i / 8] ^= bit;
    }
    assert_true(refused > made.der.length);
}

/* Turns over a byte at a place of the certificate and reads it. */
static void refuses_with(struct made *made, const uint8_t *place,
    uint8_t becomes, const char *reason)
{
    struct certificate certificate = {0};
    struct failure why = {0};
    size_t offset = (size_t)(place - made->der.start);
    uint8_t was = made->der.start[offset];

    made->der.start[offset] = becomes;
    assert_false(certificate_read(buffer_view(&made->der), &certificate, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    made->der.start[offset] = was;
}

static void what_breaks_the_form_is_refused_by_name(void **state)
{
    RELEASED(made) made = make_certificate();
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    assert_true(certificate_read(buffer_view(&made.der), &certificate, &why));
    const uint8_t *version = certificate.tbs.serial.start - 3;
    assert_int_equal(*version, 2);
    refuses_with(&made, version, 3,
        "the certificate has version 4; there are 1, 2 and 3");
    refuses_with(&made,
        certificate.signature_algorithm.start +
            certificate.signature_algorithm.length - 1,
        3,
        "the signature algorithm inside the certificate is not the one beside "
        "its signature (RFC 5280, 4.1.1.2)");
    uint8_t last =
        certificate.signature.start[certificate.signature.length - 1];
    if ((last & 1) == 0)
        refuses_with(&made, certificate.signature.start - 1, 1,
            "the signature has 1 spare bits; it is whole bytes");
}

static void a_certificate_beyond_256_kib_is_refused(void **state)
{
    static const uint8_t zeros[CERTIFICATE_MAX + 1];
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    assert_false(certificate_read(
        (struct bytes){.start = zeros, .length = sizeof(zeros)}, &certificate,
        &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "the certificate has 262145 bytes; at most 262144 are read");
}

static void what_is_sealed_is_what_was_taken_apart(void **state)
{
    RELEASED(made) made = make_certificate();
    RELEASED(buffer) sealed = BUFFER("sealed", DER_ROOM);
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    assert_true(certificate_read(buffer_view(&made.der), &certificate, &why));
    assert_true(certificate_seal(certificate.tbs.whole,
        certificate.signature_algorithm, certificate.signature, &sealed, &why));
    assert_true(bytes_equal(buffer_view(&sealed), buffer_view(&made.der)));
}

static void a_seal_of_another_algorithm_leaves_nothing(void **state)
{
    RELEASED(made) made = make_certificate();
    RELEASED(buffer) sealed = BUFFER("sealed", DER_ROOM);
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    assert_true(certificate_read(buffer_view(&made.der), &certificate, &why));
    assert_false(certificate_seal(certificate.tbs.whole,
        BYTES(0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70), certificate.signature,
        &sealed, &why));
    assert_int_equal(sealed.length, 0);
    assert_non_null(strstr(why.reason, "is not the one beside"));
}

static void a_serial_is_shown_in_lower_case_without_zeros_in_front(void **state)
{
    const struct {
        struct bytes serial;
        const char *text;
    } serials[] = {
        {BYTES(0x00, 0x80, 0x01), "8001"},
        {BYTES(0x0a, 0xbc), "0abc"},
        {BYTES(0x00), "00"},
        {BYTES(0xff), "-01"},
        {BYTES(0xff, 0x00), "-0100"},
    };
    static const uint8_t endless[40] = {0x7f};
    char text[SERIAL_TEXT] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(serials) / sizeof(*serials); i++) {
        serial_print(serials[i].serial, text);
        assert_string_equal(text, serials[i].text);
    }
    serial_print(
        (struct bytes){.start = endless, .length = sizeof(endless)}, text);
    assert_int_equal(strlen(text), 28 * 2 + 3);
}

static void a_serial_is_read_as_people_write_it(void **state)
{
    static const char *const texts[] = {
        "0abc12", "ABC12", "0xabc12", "0A:bc:12", "0X000abc12", "00:0a:bc:12"};
    uint8_t serial[20] = {0};
    struct failure why = {0};
    size_t length = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_true(serial_read(texts[i], serial, &length, &why));
        assert_int_equal(length, 3);
        assert_memory_equal(serial, "\x0a\xbc\x12", 3);
    }
    assert_true(serial_read("000000ffffffffffffffffffffffffffffffffffffffff",
        serial, &length, &why));
    assert_int_equal(length, 20);
    assert_true(serial_read("0", serial, &length, &why));
    assert_int_equal(length, 0);
}

static void what_is_no_serial_is_refused(void **state)
{
    static const char *const texts[] = {"", "0x", "g1", "1:2", "01:2",
        "01:", ":01", "01::02", "0102:03", "01:0203", "-1", "1 2", "01-02",
        "1ffffffffffffffffffffffffffffffffffffffff"};
    uint8_t serial[20] = {0};
    struct failure why = {0};
    size_t length = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_false(serial_read(texts[i], serial, &length, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_int_equal(length, 7);
    }
    assert_string_equal(
        why.reason, "a serial number has at most 20 bytes (RFC 5280, 4.1.2.2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_views_of_its_parts),
        cmocka_unit_test(what_others_certified_oddly_is_read),
        cmocka_unit_test(another_keys_signature_does_not_match),
        cmocka_unit_test(every_prefix_of_a_certificate_is_refused),
        cmocka_unit_test(a_turned_byte_never_reads_beyond_the_end),
        cmocka_unit_test(what_breaks_the_form_is_refused_by_name),
        cmocka_unit_test(a_certificate_beyond_256_kib_is_refused),
        cmocka_unit_test(what_is_sealed_is_what_was_taken_apart),
        cmocka_unit_test(a_seal_of_another_algorithm_leaves_nothing),
        cmocka_unit_test(
            a_serial_is_shown_in_lower_case_without_zeros_in_front),
        cmocka_unit_test(a_serial_is_read_as_people_write_it),
        cmocka_unit_test(what_is_no_serial_is_refused),
    };

    return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
