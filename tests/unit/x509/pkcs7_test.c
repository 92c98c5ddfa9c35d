#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pkcs7.h>

#include "input_fixture.h"
#include "x509/certificate.h"
#include "x509/der_writer.h"
#include "x509/pem.h"
#include "x509/pkcs7.h"

static size_t count_members(struct der_reader members,
    bool (*next)(struct der_reader *, struct bytes *, struct failure *))
{
    struct bytes element = {0};
    struct failure why = {0};
    size_t count = 0;

    while (!der_at_end(&members)) {
        assert_true(next(&members, &element, &why));
        count += element.length > 0 ? 1 : 0;
    }
    return count;
}

static void a_chain_and_a_list_are_views_of_it(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    (void)state;
    read_object("openssl-chain.p7c", &file);
    assert_true(pkcs7_read(buffer_view(&file), &pkcs7, &why));
    assert_int_equal(pkcs7.version, 1);
    assert_false(pkcs7.has_content);
    assert_int_equal(
        count_members(pkcs7.certificates, pkcs7_next_certificate), 3);
    assert_int_equal(count_members(pkcs7.crls, pkcs7_next_crl), 1);
    assert_true(der_at_end(&pkcs7.signers));
}

/* RFC 5652, 10.2: attribute certificates and other formats have tags [0] to
 * [3]. */
static void what_is_no_x509_certificate_is_passed_over(void **state)
{
    static const uint8_t members[] = {
        0xa2, 0x02, 0x05, 0x00, 0x30, 0x00, 0xa3, 0x00};
    struct der_reader reader =
        der_reader_of((struct bytes){members, sizeof(members)});

    (void)state;
    assert_int_equal(count_members(reader, pkcs7_next_certificate), 1);
}

/* --- renewals ------------------------------------------------------------- */

static void kb060_a_renewal_of_either_program_is_verified(void **state)
{
    static const char *const files[] = {"cms.der", "smime.der", "cms-chain.der",
        "cms-keyid.der", "cms-noattr.der", "cms-sha384.der", "cms-rsa.der",
        "smime-rsa.der", "cms-rsa-pss.der"};
    RELEASED(buffer) request = OBJECT_BUFFER();

    (void)state;
    read_object("request.der", &request);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        struct pkcs7_renewal renewal = {0};
        struct failure why = {0};

        print_message("%s\n", files[i]);
        read_object(files[i], &file);
        assert_true(pkcs7_renewal_read(buffer_view(&file), &renewal, &why));
        assert_bytes(renewal.request, buffer_view(&request));
        assert_true(renewal.certificate.length > 0);
        if (!pkcs7_renewal_verify(&renewal, renewal.certificate, &why))
            fail_msg("%s", why.reason);
    }
}

static void the_old_certificate_is_the_signers_among_those_enclosed(
    void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) leaf = OBJECT_BUFFER();
    struct pkcs7_renewal renewal = {0};
    struct failure why = {0};

    (void)state;
    read_object("openssl.der", &leaf);
    read_object("cms-chain.der", &file);
    assert_true(pkcs7_renewal_read(buffer_view(&file), &renewal, &why));
    assert_bytes(renewal.certificate, buffer_view(&leaf));
}

static void a_renewal_without_its_certificate_is_verified_with_a_given_one(
    void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) leaf = OBJECT_BUFFER();
    struct pkcs7_renewal renewal = {0};
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    read_object("openssl.der", &leaf);
    read_object("cms-nocerts.der", &file);
    assert_true(pkcs7_renewal_read(buffer_view(&file), &renewal, &why));
    assert_int_equal(renewal.certificate.length, 0);
    assert_true(certificate_read(buffer_view(&leaf), &certificate, &why));
    assert_bytes(renewal.signer.issuer, certificate.tbs.issuer);
    assert_bytes(renewal.signer.serial, certificate.tbs.serial);
    assert_true(pkcs7_renewal_verify(&renewal, buffer_view(&leaf), &why));
}

static void another_certificate_than_the_signers_is_refused(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) text = OBJECT_BUFFER();
    RELEASED(buffer) other = OBJECT_BUFFER();
    static const char *const files[] = {"cms-nocerts.der", "cms-keyid.der"};
    struct pem_block block = {0};
    struct failure why = {0};

    (void)state;
    read_object("other.pem", &text);
    struct pem_walk walk = pem_walk_of(buffer_view(&text));
    assert_true(pem_next(&walk, &block, &other, &why));
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        struct pkcs7_renewal renewal = {0};

        read_object(files[i], &file);
        assert_true(pkcs7_renewal_read(buffer_view(&file), &renewal, &why));
        assert_false(pkcs7_renewal_verify(&renewal, buffer_view(&other), &why));
        assert_string_equal(
            why.reason, "the signer of this renewal names another certificate");
    }
}

#define ACCEPTED                                                           \
    "accepted are PKCS#10 in PEM, DER or base64, and as a renewal PKCS#7 " \
    "or CMS SignedData around a PKCS#10, signed with the old key"

static void kb060_what_is_no_renewal_is_told_what_is_accepted(void **state)
{
    static const char *const rows[][2] = {
        {"cms-cmc.der", "this is a CMC full request (RFC 5272), which is not "
                        "taken; " ACCEPTED},
        {"cms-detached.der", "the PKCS#7 has no content, so there is no "
                             "request in it; " ACCEPTED},
        {"cms-two-signers.der",
            "more than one has signed this PKCS#7; a renewal is signed with "
            "the old key alone"},
        {"cms-enveloped.der",
            "the PKCS#7 holds enveloped data, which is encrypted; signed data "
            "is wanted"},
        {"cms-ber.der",
            "this is BER with indefinite lengths, and DER is wanted: \"openssl "
            "cms -cmsout -inform DER -outform DER\" writes it anew"},
        {"openssl.der", "tag 0x30 where 0x06 belongs, at offset 4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        struct pkcs7_renewal renewal = {0};
        struct failure why = {0};

        read_object(rows[i][0], &file);
        assert_false(pkcs7_renewal_read(buffer_view(&file), &renewal, &why));
        assert_string_equal(why.reason, rows[i][1]);
    }
}

static void a_renewal_hashed_with_sha1_is_refused(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    struct pkcs7_renewal renewal = {0};
    struct failure why = {0};

    (void)state;
    read_object("cms-sha1.der", &file);
    assert_true(pkcs7_renewal_read(buffer_view(&file), &renewal, &why));
    assert_false(pkcs7_renewal_verify(&renewal, renewal.certificate, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "the renewal is hashed with SHA-1; SHA-256, SHA-384 and SHA-512 are "
        "taken");
}

/* Verifies a copy in which one byte of a part was changed. */
static void refuse_changed(const char *name,
    struct bytes (*part)(const struct pkcs7_renewal *), struct failure *why)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    struct pkcs7_renewal renewal = {0};

    read_object(name, &file);
    assert_true(pkcs7_renewal_read(buffer_view(&file), &renewal, why));
    struct bytes bytes = part(&renewal);
    size_t place = (size_t)(bytes.start - file.start) + bytes.length - 1;
    file.start[place] ^= 1;
    assert_false(pkcs7_renewal_verify(&renewal, renewal.certificate, why));
}

static struct bytes request_part(const struct pkcs7_renewal *renewal)
{
    return renewal->request;
}

static struct bytes attributes_part(const struct pkcs7_renewal *renewal)
{
    return renewal->signer.attributes;
}

static struct bytes signature_part(const struct pkcs7_renewal *renewal)
{
    return renewal->signer.signature;
}

static void a_byte_changed_anywhere_signed_is_refused(void **state)
{
    struct failure why = {0};

    (void)state;
    refuse_changed("cms.der", request_part, &why);
    assert_string_equal(why.reason,
        "the request in this renewal is not the one that was signed: its "
        "digest is another");
    refuse_changed("cms-rsa.der", signature_part, &why);
    assert_string_equal(why.reason,
        "the renewal is not signed with the old certificate's key: the "
        "signature does not match");
    refuse_changed("cms-noattr.der", request_part, &why);
    assert_string_equal(why.reason,
        "the renewal is not signed with the old certificate's key: the "
        "signature does not match");
    refuse_changed("cms.der", attributes_part, &why);
}

/* --- optional fields ------------------------------------------------------ */

/* Copies the elements in a reader, all but the one with this number (counted
 * over the whole tree), with heads that fit again. */
static void write_without(struct der_writer *writer, struct der_reader elements,
    size_t *number, size_t dropped)
{
    struct der_reader inside[64] = {0};
    struct bytes element[64] = {0};
    uint8_t tags[64] = {0};
    size_t numbers[64] = {0};
    struct failure why = {0};
    size_t count = 0;

    for (; !der_at_end(&elements); count++) {
        assert_true(count < 64);
        assert_true(der_read_any(
            &elements, &tags[count], &inside[count], &element[count], &why));
        numbers[count] = *number;
        *number += 1;
    }
    /* A writer goes from the back to the front. */
    while (count-- > 0) {
        size_t mark = der_writer_mark(writer);

        if (numbers[count] == dropped)
            continue;
        if ((tags[count] & 0x20) == 0) {
            der_write_raw(writer, element[count]);
            continue;
        }
        write_without(writer, inside[count], number, dropped);
        der_write_head(writer, tags[count], mark);
    }
}

static void use_all_of(struct bytes der)
{
    struct pkcs7 pkcs7 = {0};
    struct pkcs7_renewal renewal = {0};
    struct failure why = {0};

    if (pkcs7_read(der, &pkcs7, &why)) {
        (void)count_members(pkcs7.certificates, pkcs7_next_certificate);
        (void)count_members(pkcs7.crls, pkcs7_next_crl);
    } else {
        assert_int_not_equal(why.kind, FAILURE_INTERNAL);
    }
    if (pkcs7_renewal_read(der, &renewal, &why) &&
        renewal.certificate.length > 0 &&
        !pkcs7_renewal_verify(&renewal, renewal.certificate, &why))
        assert_int_not_equal(why.kind, FAILURE_INTERNAL);
}

static void incident29_any_field_may_be_absent(void **state)
{
    static const char *const files[] = {"cms-chain.der", "smime.der",
        "cms-keyid.der", "cms-noattr.der", "openssl-chain.p7c",
        "cms-rsa-pss.der"};
    static uint8_t room[16 * 1024];

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        RELEASED(buffer) file = OBJECT_BUFFER();
        size_t count = 0;

        read_object(files[i], &file);
        for (size_t dropped = 0; dropped == 0 || dropped <= count; dropped++) {
            struct der_writer writer = der_writer_in(room, sizeof(room));
            struct bytes der = {0};
            struct failure why = {0};

            count = 0;
            write_without(
                &writer, der_reader_of(buffer_view(&file)), &count, dropped);
            assert_true(der_writer_take(&writer, &der, &why));
            /* In memory of its own length: a read beyond it is seen. */
            RELEASED(buffer) exact = OBJECT_BUFFER();
            assert_true(buffer_append(&exact, der, &why));
            use_all_of(buffer_view(&exact));
            if (dropped == count)
                assert_bytes(der, buffer_view(&file));
        }
        assert_true(count > 30);
    }
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    (void)state;
    read_object("cms-chain.der", &file);
    for (size_t length = 0; length < file.length; length++) {
        RELEASED(buffer) cut = OBJECT_BUFFER();

        assert_true(
            buffer_append(&cut, (struct bytes){file.start, length}, &why));
        assert_false(pkcs7_read(buffer_view(&cut), &pkcs7, &why));
    }
}

/* --- certificates alone --------------------------------------------------- */

static size_t take_certificates(
    struct bytes file, struct bytes *certificates, size_t room)
{
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};
    size_t count = 0;

    assert_true(pkcs7_read(file, &pkcs7, &why));
    while (!der_at_end(&pkcs7.certificates) && count < room) {
        assert_true(pkcs7_next_certificate(
            &pkcs7.certificates, &certificates[count], &why));
        count++;
    }
    return count;
}

static void written_certificates_are_what_openssl_writes_in_any_order(
    void **state)
{
    RELEASED(buffer) file = OBJECT_BUFFER();
    RELEASED(buffer) written = OBJECT_BUFFER();
    RELEASED(buffer) turned = OBJECT_BUFFER();
    struct bytes certificates[3] = {{0}}, read_again[3] = {{0}};
    struct failure why = {0};
    const uint8_t *position;
    uint8_t *openssls = NULL;
    PKCS7 *opened;
    int length;

    (void)state;
    read_object("openssl-chain.p7c", &file);
    assert_int_equal(take_certificates(buffer_view(&file), certificates, 3), 3);
    assert_true(pkcs7_certificates_write(certificates, 3, &written, &why));
    assert_int_equal(
        take_certificates(buffer_view(&written), read_again, 3), 3);
    position = written.start;
    opened = d2i_PKCS7(NULL, &position, (long)written.length);
    assert_non_null(opened);
    length = i2d_PKCS7(opened, &openssls);
    assert_bytes(
        buffer_view(&written), ((struct bytes){openssls, (size_t)length}));
    OPENSSL_free(openssls);
    PKCS7_free(opened);

    struct bytes swapped[3] = {
        certificates[2], certificates[0], certificates[1]};
    assert_true(pkcs7_certificates_write(swapped, 3, &turned, &why));
    assert_bytes(buffer_view(&turned), buffer_view(&written));
}

static void no_certificates_or_too_many_are_not_written(void **state)
{
    static struct bytes many[PKCS7_CERTIFICATES_MAX + 1];
    RELEASED(buffer) written = OBJECT_BUFFER();
    struct failure why = {0};

    (void)state;
    assert_false(pkcs7_certificates_write(many, 0, &written, &why));
    assert_false(pkcs7_certificates_write(
        many, PKCS7_CERTIFICATES_MAX + 1, &written, &why));
    assert_string_equal(
        why.reason, "a PKCS#7 of 65 certificates; it takes 1 to 64");
    assert_int_equal(written.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_and_a_list_are_views_of_it),
        cmocka_unit_test(what_is_no_x509_certificate_is_passed_over),
        cmocka_unit_test(kb060_a_renewal_of_either_program_is_verified),
        cmocka_unit_test(
            the_old_certificate_is_the_signers_among_those_enclosed),
        cmocka_unit_test(
            a_renewal_without_its_certificate_is_verified_with_a_given_one),
        cmocka_unit_test(another_certificate_than_the_signers_is_refused),
        cmocka_unit_test(kb060_what_is_no_renewal_is_told_what_is_accepted),
        cmocka_unit_test(a_renewal_hashed_with_sha1_is_refused),
        cmocka_unit_test(a_byte_changed_anywhere_signed_is_refused),
        cmocka_unit_test(incident29_any_field_may_be_absent),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(
            written_certificates_are_what_openssl_writes_in_any_order),
        cmocka_unit_test(no_certificates_or_too_many_are_not_written),
    };

    return cmocka_run_group_tests_name("pkcs7", tests, NULL, NULL);
}
