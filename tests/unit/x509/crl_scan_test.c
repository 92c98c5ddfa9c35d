#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/crl_desk.h"
#include "x509/crl_scan.h"

/* --- what the sink was given ---------------------------------------------- */

static bool collect(void *context, struct bytes piece, struct failure *why)
{
    return buffer_append(context, piece, why);
}

static bool refuse_all(void *context, struct bytes piece, struct failure *why)
{
    (void)context;
    return fail_because(
        why, FAILURE_INTERNAL, "%zu bytes are not wanted", piece.length);
}

/* From a file, not at its beginning, and with other bytes behind. */
static bool scan_file(struct bytes body, struct buffer *seen,
    struct crl_facts *facts, struct failure *why)
{
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    struct crl_span span = {.offset = 77, .length = body.length};

    assert_int_equal(
        pwrite(descriptor, body.start, body.length, 77), body.length);
    assert_int_equal(
        pwrite(descriptor, "beyond", 6, (off_t)(77 + body.length)), 6);
    return crl_scan(descriptor, &span, collect, seen, facts, why);
}

static void assert_facts(
    const struct crl_facts *facts, const struct crl_plan *plan, size_t count)
{
    assert_int_equal(facts->entries, count);
    assert_int_equal(facts->this_update, plan->this_update);
    assert_int_equal(facts->next_update, plan->next_update);
    assert_int_equal(facts->number, plan->number);
    assert_int_equal(facts->base_number, plan->base_number);
    assert_true(bytes_equal(
        plan->issuer, (struct bytes){facts->issuer, facts->issuer_length}));
    assert_true(bytes_equal(plan->algorithm,
        (struct bytes){facts->algorithm, facts->algorithm_length}));
    assert_true(bytes_equal(plan->key_identifier,
        (struct bytes){facts->key_identifier, facts->key_identifier_length}));
    assert_string_equal(facts->distribution_point,
        plan->distribution_point == NULL ? "" : plan->distribution_point);
    assert_string_equal(
        facts->freshest, plan->freshest == NULL ? "" : plan->freshest);
}

static void assert_scanned(const struct crl_plan *plan, size_t count)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    RELEASED(buffer) seen = BUFFER("seen", CRL_DESK_MAX);
    struct crl_facts facts = {0};
    struct failure why = {0};

    crl_write_body(plan, count, &body);
    if (!scan_file(buffer_view(&body), &seen, &facts, &why))
        fail_msg("%zu entries: %s", count, why.reason);
    assert_true(bytes_equal(buffer_view(&seen), buffer_view(&body)));
    assert_facts(&facts, plan, count);
    memset(&facts, 0, sizeof(facts));
    assert_true(crl_scan_bytes(buffer_view(&body), &facts, &why));
    assert_facts(&facts, plan, count);
}

static void what_is_written_passes_and_is_digested_once(void **state)
{
    static const size_t counts[] = {0, 1, 2, 127, 128, 1300, 1309, 1310, 1311,
        1312, 1313, 1314, 2619, 2620, 2621};
    struct crl_plan plan = crl_good_plan();

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        assert_scanned(&plan, counts[i]);
    plan.freshest = "http://pki.example/crl/issuing-delta.crl";
    assert_scanned(&plan, 65535);
}

static void a_delta_of_a_shard_passes_with_its_facts(void **state)
{
    struct crl_plan plan = crl_good_plan();

    (void)state;
    plan.base_number = 1;
    plan.distribution_point = "http://pki.example/crl/issuing/7.crl";
    assert_scanned(&plan, 3);
    plan.number = UINT64_MAX;
    plan.base_number = UINT64_MAX - 1;
    assert_scanned(&plan, 0);
}

/* The list ends at every place around the end of a piece. */
static void an_end_anywhere_around_a_piece_is_found(void **state)
{
    char url[CRL_URL_MAX + 1] = "";
    struct crl_plan plan = crl_good_plan();

    (void)state;
    plan.distribution_point = url;
    for (size_t length = 1; length <= 160; length++) {
        memset(url, 'a', length);
        assert_scanned(&plan, 1540);
    }
}

/* --- what is refused ------------------------------------------------------ */

static void assert_refused(struct bytes body, const char *sentence)
{
    RELEASED(buffer) seen = BUFFER("seen", CRL_DESK_MAX);
    struct crl_facts facts = {.entries = 4711};
    struct failure why = {0}, again = {0};

    assert_false(crl_scan_bytes(body, &facts, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    if (strstr(why.reason, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, why.reason);
    assert_false(scan_file(body, &seen, &facts, &again));
    assert_string_equal(why.reason, again.reason);
    assert_int_equal(facts.entries, 4711);
}

/* The place of some bytes in the body. */
static size_t place_of(
    const struct buffer *body, const void *bytes, size_t length)
{
    const uint8_t *found = memmem(body->start, body->length, bytes, length);

    assert_non_null(found);
    return (size_t)(found - body->start);
}

/* Replaces the first such bytes by as many others; the reason names what is
 * wrong. */
static void assert_change_is_refused(const struct crl_plan *plan,
    const void *bytes, const void *others, size_t length, const char *sentence)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);

    crl_write_body(plan, 10, &body);
    memcpy(body.start + place_of(&body, bytes, length), others, length);
    assert_refused(buffer_view(&body), sentence);
}

#define CHANGE(plan, bytes, others, sentence) \
    assert_change_is_refused(plan, bytes, others, sizeof(bytes) - 1, sentence)

static void entries_of_other_forms_are_refused(void **state)
{
    struct crl_plan plan = crl_good_plan();

    (void)state;
    CHANGE(&plan, "\x02\x11\x7a", "\x02\x11\xfa", "no positive number");
    CHANGE(&plan, "\x02\x11\x7a\x00", "\x02\x11\x00\x00", "needless byte");
    CHANGE(&plan, "\x0a\x01\x01", "\x0a\x01\x00", "no meaning");
    CHANGE(&plan, "\x0a\x01\x01", "\x0a\x01\x07", "no meaning");
    CHANGE(&plan, "\x0a\x01\x01", "\x0a\x01\x0b", "no meaning");
    CHANGE(&plan, "\x0a\x01\x01", "\x0a\x01\x08", "removeFromCRL");
    CHANGE(&plan, "\x0a\x01\x01", "\x02\x01\x01", "the entry at offset");
    CHANGE(&plan, "\x55\x1d\x15", "\x55\x1d\x1d", "the entry at offset");
    CHANGE(&plan, "\x55\x1d\x15", "\x55\x1d\x19",
        "neither reasonCode nor invalidityDate");
    CHANGE(&plan, "251231022343Z", "251331022343Z", "the entry at offset");
    CHANGE(
        &plan, "\x30\x22\x02\x11", "\x30\x23\x02\x11", "the entry at offset");
}

static void heads_of_other_forms_are_refused(void **state)
{
    struct crl_plan plan = crl_good_plan();

    (void)state;
    CHANGE(&plan, "\x02\x01\x01\x30", "\x02\x01\x00\x30",
        "the version is not 2, at offset 4 of the revocation list");
    CHANGE(&plan, "\x02\x01\x01\x30", "\x02\x01\x02\x30", "version is not 2");
    CHANGE(&plan, "\x30\x0a\x06\x08", "\x30\x0a\x06\x07", "the algorithm");
    CHANGE(&plan, "\x31\x1a\x30\x18", "\x32\x1a\x30\x18", "the issuer");
    CHANGE(&plan, "260101000000Z", "261301000000Z", "the time at offset");
    CHANGE(&plan, "260101000000Z", "260201000000Z",
        "nextUpdate is not after thisUpdate");
}

static void extensions_of_other_forms_are_refused(void **state)
{
    struct crl_plan plan = crl_good_plan();

    (void)state;
    plan.base_number = 5;
    plan.distribution_point = "http://pki.example/crl/issuing/7.crl";
    CHANGE(
        &plan, "\x55\x1d\x23", "\x55\x1d\x12", "is none that a list of ours");
    CHANGE(&plan, "\x55\x1d\x23", "\x55\x1d\x14", "is there twice");
    CHANGE(&plan, "\x1b\x01\x01\xff", "\x1b\x01\x01\x00",
        "not encoded as a list of ours");
    CHANGE(&plan, "\x04\x03\x02\x01\x05", "\x04\x03\x02\x01\x00",
        "not encoded as a list of ours");
    CHANGE(&plan, "\x04\x03\x02\x01\x05", "\x04\x03\x02\x01\x85",
        "the CRL number is negative");
    CHANGE(&plan, "\x86\x24http", "\x82\x24http", "is no URL");
    CHANGE(&plan, "pki.example", "pki example", "is no URL");
}

/* Bytes that a body of two halves gets between them. */
static void insert(struct buffer *body, size_t place, const char *bytes)
{
    size_t length = strlen(bytes);
    struct failure why = {0};

    assert_true(buffer_reserve(body, length, &why));
    memmove(body->start + place + length, body->start + place,
        body->length - place);
    memcpy(body->start + place, bytes, length);
    body->length += length;
}

static void bytes_behind_the_list_are_refused(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();

    (void)state;
    crl_write_body(&plan, 1, &body);
    insert(&body, body.length, "\x05");
    assert_refused(buffer_view(&body), "left over after the list's body");
    /* ... and when the body's head counts them. */
    assert_int_equal(body.start[1], 0x81);
    body.start[2]++;
    assert_refused(buffer_view(&body), "bytes are left over, at offset");
}

static void an_empty_list_of_entries_is_refused(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();

    (void)state;
    crl_write_body(&plan, 0, &body);
    assert_true(body.start[1] == 0x81);
    size_t extensions = place_of(&body, "Z\xa0", 2) + 1;
    /* 30 00, whose zero strlen does not see. */
    insert(&body, extensions, "\x30\x01");
    body.start[extensions + 1] = 0;
    body.start[2] = (uint8_t)(body.start[2] + 2);
    assert_refused(buffer_view(&body), "the list of entries is empty");
}

static void a_body_cut_anywhere_is_refused(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct crl_facts facts;
    struct failure why = {0};

    (void)state;
    crl_write_body(&plan, 3, &body);
    for (size_t length = 0; length < body.length; length++) {
        assert_false(
            crl_scan_bytes((struct bytes){body.start, length}, &facts, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

/* Whatever single bit differs, the two readers never disagree: what the scan
 * lets pass is a list to crl_body_read. */
static void what_passes_is_a_list_to_the_reader_too(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct crl_facts facts;
    struct crl crl = {0};
    struct failure why = {0};
    size_t passed = 0;

    (void)state;
    plan.distribution_point = "http://pki.example/crl/issuing/7.crl";
    crl_write_body(&plan, 3, &body);
    for (size_t bit = 0; bit < body.length * 8; bit++) {
        body.start[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (crl_scan_bytes(buffer_view(&body), &facts, &why)) {
            assert_true(crl_body_read(buffer_view(&body), &crl, &why));
            passed++;
        }
        body.start[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(passed > 0);
}

static void an_element_longer_than_its_limit_is_refused(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();

    (void)state;
    crl_write_body(&plan, 65535, &body);
    /* The algorithm claims the bytes of the first entries. */
    memcpy(body.start + place_of(&body, "\x30\x0a\x06\x08", 4),
        "\x30\x82\x10\x00", 4);
    assert_refused(buffer_view(&body),
        "an element has 4100 bytes; at most 256 are taken, at offset 8 of");
}

static void a_file_that_ends_before_its_list_is_named(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    RELEASED(buffer) seen = BUFFER("seen", CRL_DESK_MAX);
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    struct crl_plan plan = crl_good_plan();
    struct crl_facts facts;
    struct failure why = {0};

    (void)state;
    crl_write_body(&plan, 10, &body);
    struct crl_span span = {.length = body.length};
    assert_int_equal(
        pwrite(descriptor, body.start, body.length - 1, 0), body.length - 1);
    assert_false(crl_scan(descriptor, &span, collect, &seen, &facts, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "the file of a revocation list ends before the list does");
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    SCOPED_DESCRIPTOR int descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const struct crl_span span = {.length = 100};
    RELEASED(buffer) seen = BUFFER("seen", CRL_DESK_MAX);
    struct crl_facts facts;
    struct failure why = {0};

    (void)state;
    assert_true(descriptor >= 0);
    assert_false(crl_scan(descriptor, &span, collect, &seen, &facts, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    assert_string_equal(
        why.reason, "reading a revocation list: Bad file descriptor");
}

static void a_sink_ends_the_scan(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    struct crl_plan plan = crl_good_plan();
    struct crl_facts facts;
    struct failure why = {0};

    (void)state;
    crl_write_body(&plan, 1, &body);
    struct crl_span span = {.length = body.length};
    assert_int_equal(
        pwrite(descriptor, body.start, body.length, 0), body.length);
    assert_false(crl_scan(descriptor, &span, refuse_all, NULL, &facts, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_passes_and_is_digested_once),
        cmocka_unit_test(a_delta_of_a_shard_passes_with_its_facts),
        cmocka_unit_test(an_end_anywhere_around_a_piece_is_found),
        cmocka_unit_test(entries_of_other_forms_are_refused),
        cmocka_unit_test(heads_of_other_forms_are_refused),
        cmocka_unit_test(extensions_of_other_forms_are_refused),
        cmocka_unit_test(bytes_behind_the_list_are_refused),
        cmocka_unit_test(an_empty_list_of_entries_is_refused),
        cmocka_unit_test(a_body_cut_anywhere_is_refused),
        cmocka_unit_test(what_passes_is_a_list_to_the_reader_too),
        cmocka_unit_test(an_element_longer_than_its_limit_is_refused),
        cmocka_unit_test(a_file_that_ends_before_its_list_is_named),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(a_sink_ends_the_scan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
