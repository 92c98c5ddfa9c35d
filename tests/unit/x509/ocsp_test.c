#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/status_desk.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

#define THIS_UPDATE INT64_C(1767225600) /* 2026-01-01 */
#define NEXT_UPDATE INT64_C(1769904000)
#define REVOKED_AT INT64_C(1766188800) /* 2025-12-20 */

static struct status_objects objects;

static int load_objects(void **state)
{
    (void)state;
    status_objects_load(&objects);
    return 0;
}

static int free_objects(void **state)
{
    (void)state;
    status_objects_free(&objects);
    return 0;
}

static struct ocsp_response response_of(const char *name)
{
    struct ocsp_response response = {0};
    struct failure why = {0};

    assert_true(
        ocsp_response_read(status_object(&objects, name), &response, &why));
    return response;
}

static struct ocsp_single first_single(const struct ocsp_response *response)
{
    struct der_reader singles = response->singles;
    struct ocsp_single single = {0};
    struct failure why = {0};

    assert_true(ocsp_next_single(&singles, &single, &why));
    return single;
}

/* --- what is read --------------------------------------------------------- */

static void a_good_answer_is_read_field_by_field(void **state)
{
    const uint8_t serial[] = {0x10, 0x01};
    struct ocsp_response response = response_of("ocsp-good");
    struct ocsp_single single = first_single(&response);

    (void)state;
    assert_int_equal(response.status, OCSP_SUCCESSFUL);
    assert_int_equal(response.produced_at, THIS_UPDATE);
    assert_true(response.responder_name.length > 0);
    assert_int_equal(response.responder_key.length, 0);
    assert_true(der_at_end(&response.certificates));
    assert_int_equal(response.nonce.length, 0);
    assert_int_equal(single.status, OCSP_GOOD);
    assert_int_equal(single.this_update, THIS_UPDATE);
    assert_int_equal(single.next_update, NEXT_UPDATE);
    assert_int_equal(single.id.name_hash.length, 20);
    assert_int_equal(single.id.key_hash.length, 20);
    assert_true(
        bytes_equal(single.id.serial, (struct bytes){serial, sizeof(serial)}));
}

static void a_revoked_answer_has_its_date_and_reason(void **state)
{
    struct ocsp_response response = response_of("ocsp-revoked");
    struct ocsp_single single = first_single(&response);

    (void)state;
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_int_equal(single.revoked_at, REVOKED_AT);
    assert_int_equal(single.reason, CRL_SUPERSEDED);
}

static void unknown_is_neither_good_nor_revoked(void **state)
{
    struct ocsp_response response = response_of("ocsp-unknown");
    struct ocsp_single single = first_single(&response);

    (void)state;
    assert_int_equal(single.status, OCSP_UNKNOWN);
    assert_int_equal(single.reason, CRL_REASON_ABSENT);
}

static void a_responder_may_be_named_by_its_key(void **state)
{
    struct ocsp_response response = response_of("ocsp-good-sha256");
    struct ocsp_single single = first_single(&response);

    (void)state;
    assert_int_equal(response.responder_name.length, 0);
    assert_int_equal(response.responder_key.length, 20);
    assert_int_equal(single.id.key_hash.length, 32);
}

static void enclosed_certificates_are_found_one_by_one(void **state)
{
    struct ocsp_response response = response_of("ocsp-delegated-by-key");
    struct bytes certificate = {0};
    struct failure why = {0};

    (void)state;
    assert_true(
        ocsp_next_certificate(&response.certificates, &certificate, &why));
    assert_true(bytes_equal(certificate, status_object(&objects, "root")));
    assert_true(
        ocsp_next_certificate(&response.certificates, &certificate, &why));
    assert_true(bytes_equal(certificate, status_object(&objects, "responder")));
    assert_true(der_at_end(&response.certificates));
}

static void a_nonce_is_found_and_a_critical_stranger_is_told(void **state)
{
    struct ocsp_response response = response_of("ocsp-nonce");

    (void)state;
    assert_true(bytes_equal(response.nonce, bytes_of_text("0123456789abcdef")));
    assert_false(response.has_unknown_critical);
    response = response_of("ocsp-critical");
    assert_true(response.has_unknown_critical);
}

static void an_answer_that_is_none_says_its_status(void **state)
{
    struct ocsp_response response = response_of("ocsp-try-later");

    (void)state;
    assert_int_equal(response.status, OCSP_TRY_LATER);
    assert_string_equal(ocsp_response_status_name(response.status), "tryLater");
}

/* --- what is refused ------------------------------------------------------ */

static void assert_refused(struct bytes der, const char *reason)
{
    struct ocsp_response response = {0};
    struct failure why = {0};

    assert_false(ocsp_response_read(der, &response, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    if (strstr(why.reason, reason) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", why.reason, reason);
}

static void a_status_without_a_meaning_is_refused(void **state)
{
    const uint8_t four[] = {0x30, 0x03, 0x0a, 0x01, 0x04};
    const uint8_t seven[] = {0x30, 0x03, 0x0a, 0x01, 0x07};
    const uint8_t two_bytes[] = {0x30, 0x04, 0x0a, 0x02, 0x00, 0x01};

    (void)state;
    assert_refused((struct bytes){four, sizeof(four)},
        "there is no OCSPResponseStatus 4 (RFC 6960, 4.2.1)");
    assert_refused((struct bytes){seven, sizeof(seven)},
        "there is no OCSPResponseStatus 7 (RFC 6960, 4.2.1)");
    assert_refused((struct bytes){two_bytes, sizeof(two_bytes)},
        "an ENUMERATED of an OCSP answer has no meaning at offset 4");
}

static void success_and_an_answer_go_together(void **state)
{
    const uint8_t empty[] = {0x30, 0x03, 0x0a, 0x01, 0x00};
    const uint8_t both[] = {0x30, 0x07, 0x0a, 0x01, 0x03, 0xa0, 0x02, 0x30, 0};

    (void)state;
    assert_refused((struct bytes){empty, sizeof(empty)},
        "the OCSP answer is successful and lacks a response");
    assert_refused((struct bytes){both, sizeof(both)},
        "the OCSP answer is tryLater and has a response");
}

/* A copy of the answer with one byte of this text changed. */
static void assert_refused_with(const char *name, struct bytes text,
    size_t place, uint8_t byte, const char *reason)
{
    struct bytes der = status_object(&objects, name);
    uint8_t *copy = malloc(der.length);
    uint8_t *found = NULL;

    assert_non_null(copy);
    memcpy(copy, der.start, der.length);
    found = memmem(copy, der.length, text.start, text.length);
    assert_non_null(found);
    found[place] = byte;
    assert_refused((struct bytes){copy, der.length}, reason);
    free(copy);
}

static void another_type_of_answer_is_refused(void **state)
{
    const uint8_t basic[] = {0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1};

    (void)state;
    assert_refused_with("ocsp-good", (struct bytes){basic, sizeof(basic)}, 8, 9,
        "of another type than id-pkix-ocsp-basic (RFC 6960, 4.2.1)");
}

static void a_time_that_is_no_generalized_time_is_refused(void **state)
{
    const uint8_t head[] = {0x18, 0x0f, '2', '0', '2', '6'};

    (void)state;
    assert_refused_with("ocsp-good", (struct bytes){head, sizeof(head)}, 0,
        0x17, "a time of an OCSP answer is no GeneralizedTime");
}

static void a_nonce_that_is_no_octet_string_is_refused(void **state)
{
    const uint8_t nonce[] = {0x04, 0x10, '0', '1', '2', '3'};

    (void)state;
    assert_refused_with("ocsp-nonce", (struct bytes){nonce, sizeof(nonce)}, 0,
        0x02, "tag 0x02 where 0x04 belongs");
}

static void kb051_every_truncation_is_refused(void **state)
{
    struct bytes der = status_object(&objects, "ocsp-delegated");

    (void)state;
    for (size_t length = 0; length < der.length; length++) {
        /* A copy of its own: a reader past its end is found. */
        uint8_t *cut = malloc(length + (length == 0));
        struct ocsp_response response = {0};
        struct failure why = {0};

        assert_non_null(cut);
        memcpy(cut, der.start, length);
        assert_false(
            ocsp_response_read((struct bytes){cut, length}, &response, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        free(cut);
    }
}

static void an_answer_above_its_limit_is_refused(void **state)
{
    const uint8_t byte = 0x30;

    (void)state;
    assert_refused((struct bytes){&byte, OCSP_RESPONSE_MAX + 1},
        "the OCSP answer has 262145 bytes; at most 262144 are read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_answer_is_read_field_by_field),
        cmocka_unit_test(a_revoked_answer_has_its_date_and_reason),
        cmocka_unit_test(unknown_is_neither_good_nor_revoked),
        cmocka_unit_test(a_responder_may_be_named_by_its_key),
        cmocka_unit_test(enclosed_certificates_are_found_one_by_one),
        cmocka_unit_test(a_nonce_is_found_and_a_critical_stranger_is_told),
        cmocka_unit_test(an_answer_that_is_none_says_its_status),
        cmocka_unit_test(a_status_without_a_meaning_is_refused),
        cmocka_unit_test(success_and_an_answer_go_together),
        cmocka_unit_test(another_type_of_answer_is_refused),
        cmocka_unit_test(a_time_that_is_no_generalized_time_is_refused),
        cmocka_unit_test(a_nonce_that_is_no_octet_string_is_refused),
        cmocka_unit_test(kb051_every_truncation_is_refused),
        cmocka_unit_test(an_answer_above_its_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, load_objects, free_objects);
}
