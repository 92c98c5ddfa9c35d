#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/chain_desk.h"

/* Damaged certificates that a pool keeps to tell of, and the places of those it
 * takes: the order of addition changes nothing (kb 95). */

#define DAMAGED 12 /* more than the first room */

static int clear(void **state)
{
    (void)state;
    desk_clear();
    return 0;
}

static struct bytes damaged(const char *issuer, long serial)
{
    return desk_make(&(struct desk_plan){.subject = "damaged",
        .issuer = issuer,
        .key = 1,
        .signer = DESK_ED25519,
        .serial = serial,
        .other = "2.5.29.19=DER:0500"});
}

static struct bytes subject_of(struct bytes der)
{
    struct certificate read = {0};
    struct failure why = {0};

    assert_true(certificate_read(der, &read, &why));
    return read.tbs.subject;
}

static struct chain_pool *pool_from(
    const struct bytes *certificates, size_t count, size_t first)
{
    struct chain_pool *pool = desk_pool(NULL, 0);
    struct failure why = {0};

    for (size_t i = 0; i < count; i++)
        assert_false(chain_pool_add(
            pool, certificates[(first + i) % count], "desk", &why));
    assert_int_equal(chain_pool_count(pool), 0);
    return pool;
}

static void assert_told(const struct chain_pool *pool, struct bytes expected)
{
    const struct pool_damage *told =
        chain_pool_damaged(pool, subject_of(expected));

    assert_non_null(told);
    assert_true(bytes_equal(told->der, expected));
}

static void kb095_of_damaged_ones_the_least_bytes_are_told(void **state)
{
    struct bytes certificates[DAMAGED];

    (void)state;
    for (size_t i = 0; i < DAMAGED; i++)
        certificates[i] = damaged("the longer name", (long)i + 2);
    for (size_t first = 0; first < DAMAGED; first++)
        assert_told(pool_from(certificates, DAMAGED, first), certificates[0]);
    certificates[DAMAGED - 1] = damaged("short", 99);
    for (size_t first = 0; first < DAMAGED; first++)
        assert_told(
            pool_from(certificates, DAMAGED, first), certificates[DAMAGED - 1]);
}

static void a_pool_takes_the_damaged_ones_of_another_along(void **state)
{
    const struct bytes one = damaged("issuer", 2);
    const struct bytes root = desk_root("root", 1);
    const struct chain_pool *other = pool_from(&one, 1, 0);
    struct chain_pool *pool = desk_pool(&root, 1);
    struct failure why = {0};

    (void)state;
    assert_null(chain_pool_damaged(pool, subject_of(one)));
    assert_true(chain_pool_add_all(pool, other, &why));
    assert_int_equal(chain_pool_count(pool), 1);
    assert_told(pool, one);
    assert_null(chain_pool_damaged(pool, subject_of(root)));
}

static void a_place_with_a_name_is_told_rather_than_none(void **state)
{
    const struct bytes root = desk_root("root", 1);
    const char *const ways[][3] = {
        {NULL, "b", "a"}, {"a", NULL, "b"}, {"b", "a", NULL}};

    (void)state;
    for (size_t way = 0; way < 3; way++) {
        struct chain_pool *pool = desk_pool(NULL, 0);
        struct failure why = {0};

        for (size_t i = 0; i < 3; i++)
            assert_true(chain_pool_add(pool, root, ways[way][i], &why));
        assert_int_equal(chain_pool_count(pool), 1);
        assert_string_equal(chain_pool_at(pool, 0)->origin, "a");
    }
}

/* What is beyond is refused like the rest, and not told of. */
static void damaged_ones_are_kept_up_to_the_limit_of_a_pool(void **state)
{
    const struct bytes one = damaged("the longer name", 2);
    const struct bytes late = damaged("short", 3);
    struct chain_pool *pool = desk_pool(NULL, 0);
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < CHAIN_POOL_MAX; i++)
        assert_false(chain_pool_add(pool, one, "desk", &why));
    assert_false(chain_pool_add(pool, late, "desk", &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_told(pool, one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb095_of_damaged_ones_the_least_bytes_are_told),
        cmocka_unit_test(a_pool_takes_the_damaged_ones_of_another_along),
        cmocka_unit_test(a_place_with_a_name_is_told_rather_than_none),
        cmocka_unit_test(damaged_ones_are_kept_up_to_the_limit_of_a_pool),
    };

    return cmocka_run_group_tests(tests, NULL, clear);
}
