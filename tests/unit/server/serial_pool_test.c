#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/serial_pool.h"

#define NOW_MS INT64_C(1000000)

static int new_pool(void **state)
{
    struct serial_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL)
        return -1;
    pool->instance = 1;
    *state = pool;
    return 0;
}

static int free_pool(void **state)
{
    free(*state);
    return 0;
}

static void reserve(
    struct serial_pool *pool, int64_t now_ms, uint8_t serial[SERIAL_BYTES])
{
    struct failure why = {0};

    if (!serial_pool_reserve(pool, now_ms, serial, &why))
        fail_msg("%s", why.reason);
}

static bool use(struct serial_pool *pool, int64_t now_ms,
    const uint8_t serial[SERIAL_BYTES], struct failure *why)
{
    return serial_pool_use(
        pool, now_ms, (struct bytes){serial, SERIAL_BYTES}, why);
}

static void kb043_serials_are_positive_and_17_bytes(void **state)
{
    struct serial_pool *pool = *state;

    assert_int_equal(SERIAL_BYTES, 17);
    for (int instance = 0x01; instance <= 0x7f; instance++) {
        uint8_t serial[SERIAL_BYTES] = {0};

        pool->instance = (uint8_t)instance;
        reserve(pool, NOW_MS, serial);
        /* Neither zero nor a sign bit: the INTEGER has exactly these bytes. */
        assert_int_equal(serial[0], instance);
    }
}

static void properties5_a_serial_is_good_for_one_use(void **state)
{
    struct serial_pool *pool = *state;
    struct failure why = {0};
    uint8_t serial[SERIAL_BYTES];

    reserve(pool, NOW_MS, serial);
    assert_true(use(pool, NOW_MS, serial, &why));
    assert_false(use(pool, NOW_MS, serial, &why));
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    assert_string_equal(why.reason,
        "the draft's serial was not given out, or was used already");
    assert_int_equal(pool->open, 0);
}

static void properties5_a_serial_that_was_not_given_out_is_refused(void **state)
{
    struct serial_pool *pool = *state;
    uint8_t serial[SERIAL_BYTES];

    reserve(pool, NOW_MS, serial);
    for (size_t i = 0; i < SERIAL_BYTES * 8; i++) {
        struct failure why = {0};
        uint8_t other[SERIAL_BYTES];

        memcpy(other, serial, sizeof(other));
        other[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_false(use(pool, NOW_MS, other, &why));
        assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    }
    assert_int_equal(pool->open, 1);
}

static void a_serial_of_another_length_is_refused_by_its_length(void **state)
{
    static const uint8_t serial[20] = {1};
    struct serial_pool *pool = *state;

    for (size_t length = 0; length <= sizeof(serial); length++) {
        struct failure why = {0};

        assert_false(serial_pool_use(
            pool, NOW_MS, (struct bytes){serial, length}, &why));
        assert_int_equal(why.kind, FAILURE_FORBIDDEN);
        if (length == 16)
            assert_string_equal(
                why.reason, "a serial of 16 bytes was not given out");
    }
}

static void a_serial_lapses_after_60_seconds(void **state)
{
    struct serial_pool *pool = *state;
    struct failure why = {0};
    uint8_t serial[SERIAL_BYTES];

    reserve(pool, NOW_MS, serial);
    assert_true(use(pool, NOW_MS + 60000, serial, &why));
    reserve(pool, NOW_MS, serial);
    assert_false(use(pool, NOW_MS + 60001, serial, &why));
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    assert_string_equal(
        why.reason, "the draft's serial was given out more than 60 s ago");
    /* Too old once is too old for ever. */
    assert_false(use(pool, NOW_MS, serial, &why));
    assert_int_equal(pool->open, 0);
}

static void at_most_2048_serials_are_open(void **state)
{
    struct serial_pool *pool = *state;
    struct failure why = {0};
    uint8_t first[SERIAL_BYTES], serial[SERIAL_BYTES];

    reserve(pool, NOW_MS, first);
    for (size_t i = 1; i < 2048; i++)
        reserve(pool, NOW_MS, serial);
    assert_false(serial_pool_reserve(pool, NOW_MS, serial, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason,
        "2048 serials are reserved and not used; they lapse after 60 s");
    assert_true(use(pool, NOW_MS, first, &why));
    reserve(pool, NOW_MS, serial);
    assert_false(serial_pool_reserve(pool, NOW_MS, serial, &why));
    /* Those that lapsed make room. */
    reserve(pool, NOW_MS + 60001, serial);
    assert_int_equal(pool->open, 1);
}

/* Each of the 128 bits is set in half of them: sigma is sqrt(n) / 2. */
static void kb043_every_bit_is_set_in_half_of_100000_serials(void **state)
{
    enum { SERIALS = 100000, SIGMA = 158 };
    struct serial_pool *pool = *state;
    int set[SERIAL_BYTES * 8] = {0};

    for (int i = 0; i < SERIALS; i++) {
        uint8_t serial[SERIAL_BYTES];
        struct failure why = {0};

        reserve(pool, NOW_MS, serial);
        assert_true(use(pool, NOW_MS, serial, &why));
        for (size_t bit = 0; bit < SERIAL_BYTES * 8; bit++)
            set[bit] += serial[bit / 8] >> bit % 8 & 1;
    }
    for (size_t bit = 8; bit < SERIAL_BYTES * 8; bit++)
        assert_in_range(
            set[bit], SERIALS / 2 - 5 * SIGMA, SERIALS / 2 + 5 * SIGMA);
}

#define with_pool(function) \
    cmocka_unit_test_setup_teardown(function, new_pool, free_pool)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_pool(kb043_serials_are_positive_and_17_bytes),
        with_pool(properties5_a_serial_is_good_for_one_use),
        with_pool(properties5_a_serial_that_was_not_given_out_is_refused),
        with_pool(a_serial_of_another_length_is_refused_by_its_length),
        with_pool(a_serial_lapses_after_60_seconds),
        with_pool(at_most_2048_serials_are_open),
        with_pool(kb043_every_bit_is_set_in_half_of_100000_serials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
