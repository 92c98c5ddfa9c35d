#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <fcntl.h>

#include "support/crl_desk.h"
#include "support/status_desk.h"
#include "x509/crl_scan.h"

/* Lists with one byte changed, to every value: what was taken is read to its
 * end, entry by entry, and what the signer's scan lets pass is a list. */

static struct status_objects objects;

static void assert_read_to_its_end(const struct crl *crl)
{
    struct der_reader entries = crl->entries;
    struct der_reader extensions = crl->extensions;
    struct extension extension = {0};
    struct crl_entry entry = {0};
    struct failure why = {0};

    while (!der_at_end(&entries)) {
        if (!crl_next_entry(&entries, &entry, &why))
            fail_msg("an entry: %s", why.reason);
    }
    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, &why))
            fail_msg("an extension: %s", why.reason);
    }
}

static size_t read_list(struct bytes der)
{
    struct failure why = {0};
    struct crl crl = {0};

    if (!crl_read(der, &crl, &why)) {
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        return 0;
    }
    assert_read_to_its_end(&crl);
    return 1;
}

static void a_list_that_is_taken_is_read_to_its_end(void **state)
{
    static const char *const names[] = {"empty", "indirect-revoked",
        "delta-removes", "shard-1", "critical-entry", "held", "some-reasons",
        "relative", "users"};
    static const uint8_t others[] = {
        0x00, 0x01, 0x02, 0x05, 0x0a, 0x18, 0x30, 0x7f, 0x80, 0xa0, 0xff};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct bytes list = status_object(&objects, names[i]);
        uint8_t *copy = malloc(list.length);
        size_t taken = 0;

        assert_non_null(copy);
        memcpy(copy, list.start, list.length);
        for (size_t j = 0; j < list.length; j++) {
            for (size_t k = 0; k < sizeof(others); k++) {
                copy[j] = others[k];
                taken += read_list((struct bytes){copy, list.length});
            }
            copy[j] = list.start[j];
        }
        assert_true(taken > 0);
        free(copy);
    }
}

/* --- what the signer looks at ----------------------------------------------
 */

static size_t scan_body(struct bytes body)
{
    struct crl_facts facts;
    struct failure why = {0};
    struct crl crl = {0};

    if (!crl_scan_bytes(body, &facts, &why)) {
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        return 0;
    }
    if (!crl_body_read(body, &crl, &why))
        fail_msg("scanned, and not read: %s", why.reason);
    assert_read_to_its_end(&crl);
    assert_true(facts.next_update > facts.this_update);
    return 1;
}

static void sweep_body(struct bytes body)
{
    uint8_t *copy = malloc(body.length);
    size_t passed = 0;

    assert_non_null(copy);
    memcpy(copy, body.start, body.length);
    for (size_t i = 0; i < body.length; i++) {
        for (unsigned int byte = 0; byte <= UINT8_MAX; byte++) {
            copy[i] = (uint8_t)byte;
            passed += scan_body((struct bytes){copy, body.length});
        }
        copy[i] = body.start[i];
    }
    assert_true(passed > 0);
    free(copy);
}

static void what_the_scan_lets_pass_is_a_list(void **state)
{
    RELEASED(buffer) complete = BUFFER("body", CRL_DESK_MAX);
    RELEASED(buffer) delta = BUFFER("body", CRL_DESK_MAX);
    RELEASED(buffer) late = BUFFER("body", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();

    (void)state;
    plan.freshest = "http://pki.example/1";
    crl_write_body(&plan, 2, &complete);
    sweep_body(buffer_view(&complete));
    plan.freshest = NULL;
    plan.base_number = 1767225500000;
    plan.distribution_point = "http://pki.example/2";
    crl_write_body(&plan, 3, &delta);
    sweep_body(buffer_view(&delta));
    plan.this_update = INT64_C(2524608000) - 60; /* 2050 begins between */
    plan.next_update = INT64_C(2524608000) + 60;
    crl_write_body(&plan, 0, &late);
    sweep_body(buffer_view(&late));
}

/* --- a disk that is full somewhere ------------------------------------------
 */

/* A file that can't grow beyond this. */
static int file_of(off_t size)
{
    int descriptor = memfd_create("crl", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    assert_true(descriptor >= 0);
    assert_int_equal(ftruncate(descriptor, size), 0);
    assert_int_equal(fcntl(descriptor, F_ADD_SEALS, F_SEAL_GROW), 0);
    return descriptor;
}

#define ENTRIES 5000

static bool write_whole(int descriptor, struct failure *why)
{
    static const uint8_t signature[64] = {1};
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct crl_plan plan = crl_good_plan();
    struct crl_span tbs = {0}, whole = {0};

    if (!crl_writer_new(descriptor, &writer, why))
        return false;
    for (size_t i = 0; i < ENTRIES; i++) {
        const uint8_t serial[] = {1, (uint8_t)(i >> 8), (uint8_t)i};

        if (!crl_writer_add(writer, (struct bytes){serial, sizeof(serial)},
                CRL_THIS_UPDATE - (int64_t)i, -1, why))
            return false;
    }
    return crl_writer_finish(writer, &plan, &tbs, why) &&
           crl_seal(descriptor, &tbs, plan.algorithm,
               (struct bytes){signature, sizeof(signature)}, &whole, why);
}

static void a_list_that_no_longer_fits_is_no_list(void **state)
{
    SCOPED_DESCRIPTOR int large = file_of(1024 * 1024);
    struct failure why = {0};
    off_t least = 0, most = 1024 * 1024;

    (void)state;
    assert_true(write_whole(large, &why));
    while (least < most) {
        off_t size = least + (most - least) / 2;
        SCOPED_DESCRIPTOR int descriptor = file_of(size);

        if (write_whole(descriptor, &why)) {
            most = size;
            continue;
        }
        assert_int_equal(why.kind, FAILURE_FORBIDDEN);
        assert_non_null(strstr(
            why.reason, "writing a revocation list: Operation not permitted"));
        least = size + 1;
    }
    assert_true(least > ENTRIES * 20);
    /* Every place at which it could end. */
    for (off_t size = 0; size < least; size += 4096) {
        SCOPED_DESCRIPTOR int descriptor = file_of(size);

        assert_false(write_whole(descriptor, &why));
    }
    for (off_t missing = 1; missing < 100; missing++) {
        SCOPED_DESCRIPTOR int descriptor = file_of(least - missing);

        assert_false(write_whole(descriptor, &why));
    }
}

/* --- plans ------------------------------------------------------------------
 */

static void parts_beyond_their_limits_make_no_list(void **state)
{
    static const uint8_t zeros[512];
    struct crl_plan plans[6];
    static const char *const reasons[] = {"algorithm", "key", "", "", "", ""};

    (void)state;
    for (size_t i = 0; i < 6; i++)
        plans[i] = crl_good_plan();
    plans[0].algorithm = (struct bytes){zeros, CRL_ALGORITHM_MAX + 1};
    plans[1].key_identifier = (struct bytes){zeros, CRL_KEY_IDENTIFIER_MAX + 1};
    plans[2].this_update = INT64_C(-631152001); /* the second before 1950 */
    plans[3].next_update = INT64_C(253402300800);
    plans[4].freshest = "http://pki.example/\x01";
    plans[5].freshest = "";
    for (size_t i = 0; i < 6; i++) {
        SCOPED_DESCRIPTOR int descriptor = crl_new_file();
        SCOPED_STRUCT(crl_writer) *writer = NULL;
        struct crl_span tbs = {0};
        struct failure why = {0};

        assert_true(crl_writer_new(descriptor, &writer, &why));
        if (crl_writer_finish(writer, &plans[i], &tbs, &why))
            fail_msg("plan %zu is taken", i);
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        assert_non_null(strstr(why.reason, reasons[i]));
    }
}

static int load(void **state)
{
    (void)state;
    status_objects_load(&objects);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    status_objects_free(&objects);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_is_taken_is_read_to_its_end),
        cmocka_unit_test(what_the_scan_lets_pass_is_a_list),
        cmocka_unit_test(a_list_that_no_longer_fits_is_no_list),
        cmocka_unit_test(parts_beyond_their_limits_make_no_list),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
