#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/key.h"
#include "crypto/openssl_scoped.h"
#include "support/crl_desk.h"
#include "support/x509v3_scoped.h"
#include "x509/time.h"

DEFINE_SCOPED(X509_CRL, X509_CRL_free)
DEFINE_SCOPED(ASN1_ENUMERATED, ASN1_ENUMERATED_free)
DEFINE_SCOPED(ASN1_INTEGER, ASN1_INTEGER_free)
DEFINE_SCOPED(ISSUING_DIST_POINT, ISSUING_DIST_POINT_free)
DEFINE_SCOPED(CRL_DIST_POINTS, CRL_DIST_POINTS_free)

static X509_CRL *read_with_openssl(struct bytes list)
{
    const unsigned char *place = list.start;
    X509_CRL *crl = d2i_X509_CRL(NULL, &place, (long)list.length);

    assert_non_null(crl);
    assert_ptr_equal(place, list.start + list.length);
    return crl;
}

static size_t entries_of(X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl);

    return revoked == NULL ? 0 : (size_t)sk_X509_REVOKED_num(revoked);
}

static void assert_same_entry(
    const struct crl_entry *ours, const X509_REVOKED *theirs)
{
    const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(theirs);
    struct tm parts = {0};
    int critical = 0;
    SCOPED(ASN1_ENUMERATED) *reason =
        X509_REVOKED_get_ext_d2i(theirs, NID_crl_reason, &critical, NULL);

    assert_int_equal(ours->serial.length, ASN1_STRING_length(serial));
    assert_memory_equal(
        ours->serial.start, ASN1_STRING_get0_data(serial), ours->serial.length);
    assert_true(
        ASN1_TIME_to_tm(X509_REVOKED_get0_revocationDate(theirs), &parts));
    assert_int_equal(timegm(&parts), ours->revoked_at);
    if (ours->reason == CRL_REASON_ABSENT) {
        assert_null(reason);
        return;
    }
    assert_non_null(reason);
    assert_int_equal(critical, 0);
    assert_int_equal(ASN1_ENUMERATED_get(reason), ours->reason);
}

/* What was written is read by us and by OpenSSL, with the same entries. */
static void assert_written(const struct crl_plan *plan, size_t count)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    struct crl ours = {0};
    struct crl_entry entry = {0};
    struct failure why = {0};

    crl_write_list(plan, count, &list);
    SCOPED(X509_CRL) *theirs = read_with_openssl(buffer_view(&list));
    assert_true(crl_read(buffer_view(&list), &ours, &why));
    assert_int_equal(ours.version, 1);
    assert_int_equal(X509_CRL_get_version(theirs), 1);
    assert_true(bytes_equal(ours.issuer, plan->issuer));
    assert_true(bytes_equal(ours.body_algorithm, plan->algorithm));
    assert_int_equal(ours.this_update, plan->this_update);
    assert_int_equal(ours.next_update, plan->next_update);
    assert_int_equal(ours.has_entries, count > 0);
    assert_int_equal(entries_of(theirs), count);
    for (size_t i = 0; i < count; i++) {
        assert_true(crl_next_entry(&ours.entries, &entry, &why));
        assert_same_entry(&entry,
            sk_X509_REVOKED_value(X509_CRL_get_REVOKED(theirs), (int)i));
    }
    assert_true(der_at_end(&ours.entries));
}

static void lists_of_every_size_are_read_by_openssl(void **state)
{
    static const size_t counts[] = {
        0, 1, 2, 3, 127, 128, 1309, 1310, 1311, 1312, 1313};
    struct crl_plan plan = crl_good_plan();

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        assert_written(&plan, counts[i]);
}

static void a_list_of_65535_entries_is_read_by_openssl(void **state)
{
    struct crl_plan plan = crl_good_plan();

    (void)state;
    assert_written(&plan, 65535);
}

/* One entry's worth at a time over the lengths where DER's heads grow: 127,
 * 255 and 65,535 bytes of entries, of body and of list. */
static void heads_grow_where_der_lets_them(void **state)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct crl crl = {0};
    struct failure why = {0};

    (void)state;
    for (size_t serial_length = 4; serial_length <= 20; serial_length++) {
        for (size_t count = 1; count < 14; count++) {
            SCOPED_DESCRIPTOR int descriptor = crl_new_file();
            SCOPED_STRUCT(crl_writer) *writer = NULL;
            struct crl_span tbs = {0};

            assert_true(crl_writer_new(descriptor, &writer, &why));
            crl_add_entries(writer, count, serial_length, 0x01000000);
            assert_true(crl_writer_finish(writer, &plan, &tbs, &why));
            buffer_clear(&list);
            crl_take_span(descriptor, &tbs, &list);
            assert_true(crl_body_read(buffer_view(&list), &crl, &why));
            assert_int_equal(tbs.entries, count);
        }
    }
    for (size_t count = 1480; count < 1500; count++)
        assert_written(&plan, count);
}

static void times_are_utctime_until_2049_and_generalizedtime_after(void **state)
{
    static const struct {
        int64_t time;
        uint8_t tag;
        const char *text;
    } cases[] = {
        {INT64_C(-631152000), DER_UTC_TIME, "500101000000Z"},
        {0, DER_UTC_TIME, "700101000000Z"},
        {INT64_C(2524607999), DER_UTC_TIME, "491231235959Z"},
        {INT64_C(2524608000), DER_GENERALIZED_TIME, "20500101000000Z"},
        {TIME_WITHOUT_END, DER_GENERALIZED_TIME, "99991231235959Z"},
    };
    static const uint8_t serial[] = {0x01};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
        SCOPED_DESCRIPTOR int descriptor = crl_new_file();
        SCOPED_STRUCT(crl_writer) *writer = NULL;
        struct crl_plan plan = crl_good_plan();
        struct crl_span tbs = {0};
        struct crl crl = {0};
        struct crl_entry entry = {0};

        plan.this_update = INT64_C(2524607999);
        plan.next_update = INT64_C(2524608000);
        assert_true(crl_writer_new(descriptor, &writer, &why));
        assert_true(crl_writer_add(writer,
            (struct bytes){serial, sizeof(serial)}, cases[i].time, 1, &why));
        assert_true(crl_writer_finish(writer, &plan, &tbs, &why));
        crl_take_span(descriptor, &tbs, &body);
        assert_true(crl_body_read(buffer_view(&body), &crl, &why));
        assert_int_equal(crl.this_update, plan.this_update);
        assert_int_equal(crl.next_update, plan.next_update);
        assert_true(crl_next_entry(&crl.entries, &entry, &why));
        assert_int_equal(entry.revoked_at, cases[i].time);
        const uint8_t *time = entry.serial.start + 1;
        assert_int_equal(time[0], cases[i].tag);
        assert_int_equal(time[1], strlen(cases[i].text));
        assert_memory_equal(time + 2, cases[i].text, strlen(cases[i].text));
    }
}

static void assert_url(const GENERAL_NAMES *names, const char *url)
{
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, 0);
    int type = 0;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    assert_int_equal(type, GEN_URI);
    assert_int_equal(ASN1_STRING_length(value), strlen(url));
    assert_memory_equal(ASN1_STRING_get0_data(value), url, strlen(url));
}

static void assert_number(X509_CRL *crl, int nid, bool critical, uint64_t value)
{
    int is_critical = 0;
    uint64_t found = 0;
    SCOPED(ASN1_INTEGER) *number =
        X509_CRL_get_ext_d2i(crl, nid, &is_critical, NULL);

    assert_non_null(number);
    assert_int_equal(is_critical, critical);
    assert_int_equal(ASN1_INTEGER_get_uint64(&found, number), 1);
    assert_int_equal(found, value);
}

static void a_delta_of_a_shard_names_base_and_place_critically(void **state)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    int critical = 0;

    (void)state;
    plan.number = UINT64_MAX;
    plan.base_number = 0x80;
    plan.distribution_point = "http://pki.example/crl/issuing/7.crl";
    crl_write_list(&plan, 1, &list);
    SCOPED(X509_CRL) *crl = read_with_openssl(buffer_view(&list));
    assert_int_equal(X509_CRL_get_ext_count(crl), 4);
    assert_number(crl, NID_crl_number, false, UINT64_MAX);
    assert_number(crl, NID_delta_crl, true, 0x80);
    SCOPED(AUTHORITY_KEYID) *key = X509_CRL_get_ext_d2i(
        crl, NID_authority_key_identifier, &critical, NULL);
    assert_non_null(key);
    assert_int_equal(critical, 0);
    assert_int_equal(
        ASN1_STRING_length(key->keyid), plan.key_identifier.length);
    assert_memory_equal(ASN1_STRING_get0_data(key->keyid),
        plan.key_identifier.start, plan.key_identifier.length);
    SCOPED(ISSUING_DIST_POINT) *point = X509_CRL_get_ext_d2i(
        crl, NID_issuing_distribution_point, &critical, NULL);
    assert_non_null(point);
    assert_int_equal(critical, 1);
    assert_int_equal(point->indirectCRL, 0);
    assert_url(point->distpoint->name.fullname, plan.distribution_point);
}

static void a_complete_list_names_its_delta(void **state)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    int critical = 0;

    (void)state;
    plan.freshest = "http://pki.example/crl/issuing-delta.crl";
    crl_write_list(&plan, 1, &list);
    SCOPED(X509_CRL) *crl = read_with_openssl(buffer_view(&list));
    assert_int_equal(X509_CRL_get_ext_count(crl), 3);
    SCOPED(CRL_DIST_POINTS) *points =
        X509_CRL_get_ext_d2i(crl, NID_freshest_crl, &critical, NULL);
    assert_non_null(points);
    assert_int_equal(critical, 0);
    assert_int_equal(sk_DIST_POINT_num(points), 1);
    assert_url(sk_DIST_POINT_value(points, 0)->distpoint->name.fullname,
        plan.freshest);
}

static void assert_entry_is_refused(
    struct bytes serial, int64_t time, int reason, const char *sentence)
{
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct failure why = {0};

    assert_true(crl_writer_new(descriptor, &writer, &why));
    assert_false(crl_writer_add(writer, serial, time, reason, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, sentence));
}

static void an_entry_that_breaks_a_rule_is_not_written(void **state)
{
    static const uint8_t zero[] = {0x00}, negative[] = {0x80};
    static const uint8_t padded[] = {0x00, 0x7f}, good[] = {0x00, 0x80};
    static const uint8_t long_one[21] = {0x01};
    struct bytes serial = {good, sizeof(good)};

    (void)state;
    assert_entry_is_refused(
        (struct bytes){zero, 1}, 0, 1, "no positive number");
    assert_entry_is_refused(
        (struct bytes){zero, 0}, 0, 1, "no positive number");
    assert_entry_is_refused(
        (struct bytes){negative, 1}, 0, 1, "no positive number");
    assert_entry_is_refused(
        (struct bytes){padded, 2}, 0, 1, "no positive number");
    assert_entry_is_refused(
        (struct bytes){long_one, 21}, 0, 1, "at most 20 octets");
    assert_entry_is_refused(serial, 0, 7, "no meaning (RFC 5280, 5.3.1)");
    assert_entry_is_refused(serial, 0, 11, "no meaning");
    assert_entry_is_refused(serial, 0, -2, "no meaning");
    assert_entry_is_refused(
        serial, INT64_C(-631152001), 1, "outside the years 1950 to 9999");
    assert_entry_is_refused(
        serial, TIME_WITHOUT_END + 1, 1, "outside the years 1950 to 9999");
}

static void assert_plan_is_refused(
    const struct crl_plan *plan, const char *sentence)
{
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct crl_span tbs = {0};
    struct failure why = {0};

    assert_true(crl_writer_new(descriptor, &writer, &why));
    assert_false(crl_writer_finish(writer, plan, &tbs, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, sentence));
    assert_int_equal(tbs.length, 0);
}

static void a_plan_that_makes_no_list_is_refused_with_its_rule(void **state)
{
    static const uint8_t long_name[CRL_ISSUER_MAX + 1] = {0x30};
    static char long_url[CRL_URL_MAX + 2];
    struct crl_plan good = crl_good_plan(), plan = good;

    (void)state;
    memset(long_url, 'a', CRL_URL_MAX + 1);
    plan.issuer = (struct bytes){long_name, sizeof(long_name)};
    assert_plan_is_refused(&plan, "more than 3,072 bytes");
    plan = good;
    plan.issuer.length = 2;
    assert_plan_is_refused(&plan, "name is empty");
    plan = good;
    plan.algorithm.length = 0;
    assert_plan_is_refused(&plan, "algorithm is missing");
    plan = good;
    plan.key_identifier.length = 0;
    assert_plan_is_refused(&plan, "key identifier is missing");
    plan = good;
    plan.next_update = plan.this_update;
    assert_plan_is_refused(&plan, "nextUpdate is not after its thisUpdate");
    plan = good;
    plan.next_update = TIME_WITHOUT_END + 1;
    assert_plan_is_refused(&plan, "outside the years");
    plan = good;
    plan.distribution_point = "http://pki.example/a b";
    assert_plan_is_refused(&plan, "no visible ASCII");
    plan.distribution_point = long_url;
    assert_plan_is_refused(&plan, "1 to 2,048 bytes");
    plan.distribution_point = "";
    assert_plan_is_refused(&plan, "1 to 2,048 bytes");
    plan = good;
    plan.base_number = plan.number;
    assert_plan_is_refused(&plan, "not older");
    plan.base_number = 1;
    plan.freshest = "http://pki.example/delta.crl";
    assert_plan_is_refused(&plan, "is a delta and names one");
}

static void the_longest_parts_fit_into_the_room_in_front(void **state)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    uint8_t name[CRL_ISSUER_MAX] = {0};
    uint8_t algorithm[CRL_ALGORITHM_MAX] = {0};
    char url[CRL_URL_MAX + 1] = "";
    struct crl_plan plan = crl_good_plan();
    struct crl crl = {0};
    struct failure why = {0};
    /* One relative name whose value fills the rest. */
    const uint8_t heads[] = {0x30, 0x82, 0x0b, 0xfc, 0x31, 0x82, 0x0b, 0xf8,
        0x30, 0x82, 0x0b, 0xf4, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x82, 0x0b,
        0xeb};
    const uint8_t algorithm_heads[] = {
        0x30, 0x81, 0xfd, 0x06, 0x02, 0x2a, 0x03, 0x04, 0x81, 0xf6};

    (void)state;
    memset(name, 'a', sizeof(name));
    memcpy(name, heads, sizeof(heads));
    memcpy(algorithm, algorithm_heads, sizeof(algorithm_heads));
    memset(url, 'a', CRL_URL_MAX);
    plan.issuer = (struct bytes){name, sizeof(name)};
    plan.algorithm = (struct bytes){algorithm, sizeof(algorithm)};
    plan.distribution_point = url;
    plan.freshest = url;
    crl_write_list(&plan, 65535, &list);
    assert_true(crl_read(buffer_view(&list), &crl, &why));
    assert_true(bytes_equal(crl.issuer, plan.issuer));
}

static void a_finished_list_takes_no_more(void **state)
{
    static const uint8_t serial[] = {0x01};
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct crl_plan plan = crl_good_plan();
    struct crl_span tbs = {0};
    struct failure why = {0};

    (void)state;
    assert_true(crl_writer_new(descriptor, &writer, &why));
    assert_true(crl_writer_finish(writer, &plan, &tbs, &why));
    assert_false(crl_writer_finish(writer, &plan, &tbs, &why));
    assert_string_equal(why.reason, "a revocation list is finished twice");
    assert_false(crl_writer_add(
        writer, (struct bytes){serial, sizeof(serial)}, 0, 1, &why));
    assert_string_equal(
        why.reason, "an entry comes after its list was finished");
    assert_int_equal(why.kind, FAILURE_INTERNAL);
}

static void a_file_that_cannot_be_written_is_named(void **state)
{
    SCOPED_DESCRIPTOR int descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct crl_plan plan = crl_good_plan();
    struct crl_span tbs = {0};
    struct failure why = {0};

    (void)state;
    assert_true(descriptor >= 0);
    assert_true(crl_writer_new(descriptor, &writer, &why));
    assert_false(crl_writer_finish(writer, &plan, &tbs, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "writing a revocation list: No space left on device");
}

static void a_seal_needs_room_and_a_file(void **state)
{
    SCOPED_DESCRIPTOR int descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
    const struct crl_plan plan = crl_good_plan();
    const struct bytes signature = plan.algorithm;
    struct crl_span whole = {0};
    struct failure why = {0};

    (void)state;
    assert_true(descriptor >= 0);
    assert_false(crl_seal(descriptor, &(struct crl_span){.length = 99},
        plan.algorithm, signature, &whole, &why));
    assert_string_equal(
        why.reason, "a revocation list has no room in front of its body");
    assert_false(
        crl_seal(descriptor, &(struct crl_span){.offset = 99, .length = 99},
            plan.algorithm, signature, &whole, &why));
    assert_string_equal(
        why.reason, "writing a revocation list: No space left on device");
    assert_int_equal(whole.length, 0);
}

static void a_sealed_list_verifies_here_and_in_openssl(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    SCOPED_STRUCT(private_key) *key = NULL;
    uint8_t signature[SIGNATURE_MAX];
    size_t length = 0;
    struct crl_plan plan = crl_good_plan();
    struct crl_span tbs = {0}, whole = {0};
    struct crl crl = {0};
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    assert_true(crl_writer_new(descriptor, &writer, &why));
    crl_add_entries(writer, 1000, 17, 0);
    assert_true(crl_writer_finish(writer, &plan, &tbs, &why));
    crl_take_span(descriptor, &tbs, &body);
    assert_true(private_key_sign(key, key->algorithm->signs_with,
        buffer_view(&body), signature, &length, &why));
    assert_true(crl_seal(descriptor, &tbs, plan.algorithm,
        (struct bytes){signature, length}, &whole, &why));
    crl_take_span(descriptor, &whole, &list);
    assert_true(crl_read(buffer_view(&list), &crl, &why));
    assert_true(bytes_equal(crl.body, buffer_view(&body)));
    assert_true(crl_verify(&crl, key->public_key, &why));
    SCOPED(X509_CRL) *theirs = read_with_openssl(buffer_view(&list));
    assert_int_equal(X509_CRL_verify(theirs, key->public_key), 1);

    /* One bit of one entry. */
    list.start[list.length / 2] ^= 0x01;
    if (crl_read(buffer_view(&list), &crl, &why))
        assert_false(crl_verify(&crl, key->public_key, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_every_size_are_read_by_openssl),
        cmocka_unit_test(a_list_of_65535_entries_is_read_by_openssl),
        cmocka_unit_test(heads_grow_where_der_lets_them),
        cmocka_unit_test(
            times_are_utctime_until_2049_and_generalizedtime_after),
        cmocka_unit_test(a_delta_of_a_shard_names_base_and_place_critically),
        cmocka_unit_test(a_complete_list_names_its_delta),
        cmocka_unit_test(an_entry_that_breaks_a_rule_is_not_written),
        cmocka_unit_test(a_plan_that_makes_no_list_is_refused_with_its_rule),
        cmocka_unit_test(the_longest_parts_fit_into_the_room_in_front),
        cmocka_unit_test(a_finished_list_takes_no_more),
        cmocka_unit_test(a_file_that_cannot_be_written_is_named),
        cmocka_unit_test(a_seal_needs_room_and_a_file),
        cmocka_unit_test(a_sealed_list_verifies_here_and_in_openssl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
