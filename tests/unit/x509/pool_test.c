#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/certificate_inputs.h"
#include "x509/chain/pool.h"

#define OBJECTS PROJECT_FOLDER "/tests/objects/certificates"

static struct certificate_inputs inputs;

static int read_inputs(void **state)
{
    (void)state;
    return inputs_add_folder(&inputs, OBJECTS) > 30 ? 0 : -1;
}

static int free_inputs(void **state)
{
    (void)state;
    certificate_inputs_free(&inputs);
    return 0;
}

/* All objects that can be read, beginning with one of them. */
static size_t fill(struct chain_pool *pool, size_t first)
{
    struct failure why = {0};
    size_t added = 0;

    for (size_t i = 0; i < inputs.count; i++) {
        size_t place = (first + i * 7) % inputs.count;

        if (chain_pool_add(pool, inputs.certificates[place], "objects", &why))
            added++;
    }
    return added;
}

static struct bytes subject_at(const struct chain_pool *pool, size_t place)
{
    return chain_pool_at(pool, place)->certificate.tbs.subject;
}

/* The SHA-256 of those of one subject, one after another. */
static size_t named(const struct chain_pool *pool, struct bytes subject,
    uint8_t digests[static 64 * SHA256_BYTES])
{
    const struct chain_certificate *found = NULL;
    size_t place = 0, count = 0;

    while ((found = chain_pool_next_named(pool, subject, &place)) != NULL)
        memcpy(digests + SHA256_BYTES * count++, found->sha256, SHA256_BYTES);
    return count;
}

static void equal_certificates_are_kept_once(void **state)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    struct failure why = {0};
    size_t added = 0;

    (void)state;
    assert_true(chain_pool_new(&pool, &why));
    added = fill(pool, 0);
    assert_true(added > 20);
    assert_int_equal(chain_pool_count(pool), added);
    assert_int_equal(fill(pool, 3), added);
    assert_int_equal(chain_pool_count(pool), added);
    for (size_t i = 0; i < added; i++)
        assert_ptr_equal(chain_pool_find(pool, chain_pool_at(pool, i)->sha256),
            chain_pool_at(pool, i));
}

static void what_cannot_be_read_leaves_the_pool_as_it_was(void **state)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    const uint8_t digest[SHA256_BYTES] = {1};
    struct failure why = {0};
    size_t place = 0;

    (void)state;
    assert_true(chain_pool_new(&pool, &why));
    assert_null(chain_pool_find(pool, digest));
    assert_null(chain_pool_next_named(
        pool, (struct bytes){(const uint8_t *)"0", 2}, &place));
    assert_false(chain_pool_add(
        pool, (struct bytes){(const uint8_t *)"0", 2}, "empty", &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_int_equal(chain_pool_count(pool), 0);
    assert_null(chain_pool_find(pool, digest));
}

/* kb 95 */
static void kb095_the_order_of_addition_changes_no_answer(void **state)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    SCOPED_STRUCT(chain_pool) *other = NULL;
    uint8_t digests[64 * SHA256_BYTES], others[64 * SHA256_BYTES];
    struct failure why = {0};

    (void)state;
    assert_true(chain_pool_new(&pool, &why));
    assert_true(chain_pool_new(&other, &why));
    assert_int_equal(fill(pool, 0), fill(other, 5));
    for (size_t i = 0; i < chain_pool_count(pool); i++) {
        size_t count = named(pool, subject_at(pool, i), digests);

        assert_true(count >= 1);
        assert_int_equal(count, named(other, subject_at(pool, i), others));
        assert_memory_equal(digests, others, count * SHA256_BYTES);
        for (size_t j = 1; j < count; j++)
            assert_true(memcmp(digests + (j - 1) * SHA256_BYTES,
                            digests + j * SHA256_BYTES, SHA256_BYTES) < 0);
    }
}

static void of_two_places_of_a_certificate_the_first_by_name_is_told(
    void **state)
{
    const char *const origins[] = {"b.pem", "a.pem", "c.pem"};
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(chain_pool_new(&pool, &why));
    for (size_t i = 0; i < 3; i++)
        assert_true(
            chain_pool_add(pool, inputs.certificates[5], origins[i], &why));
    assert_int_equal(chain_pool_count(pool), 1);
    assert_string_equal(chain_pool_at(pool, 0)->origin, "a.pem");
}

/* Whatever the order; nobody finds it as an issuer. */
static void of_damaged_ones_the_same_is_told_in_any_order(void **state)
{
    const struct pool_damage *told[2] = {0};
    struct chain_pool *pools[2] = {0};
    struct failure why = {0};
    size_t count = 0;

    (void)state;
    for (size_t way = 0; way < 2; way++) {
        assert_true(chain_pool_new(&pools[way], &why));
        (void)fill(pools[way], way * 11);
    }
    for (size_t i = 0; i < inputs.count; i++) {
        struct certificate read = {0};

        if (!certificate_read(inputs.certificates[i], &read, &why))
            continue;
        for (size_t way = 0; way < 2; way++)
            told[way] = chain_pool_damaged(pools[way], read.tbs.subject);
        assert_int_equal(told[0] == NULL, told[1] == NULL);
        if (told[0] == NULL)
            continue;
        assert_true(bytes_equal(told[0]->der, told[1]->der));
        assert_non_null(strstr(told[0]->why.reason, " can't be read: "));
        assert_string_equal(told[0]->origin, "objects");
        count++;
    }
    assert_true(count > 0);
    chain_pool_free(pools[0]);
    chain_pool_free(pools[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_certificates_are_kept_once),
        cmocka_unit_test(what_cannot_be_read_leaves_the_pool_as_it_was),
        cmocka_unit_test(kb095_the_order_of_addition_changes_no_answer),
        cmocka_unit_test(
            of_two_places_of_a_certificate_the_first_by_name_is_told),
        cmocka_unit_test(of_damaged_ones_the_same_is_told_in_any_order),
    };

    return cmocka_run_group_tests(tests, read_inputs, free_inputs);
}
