#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>

#include <cmocka.h>

#include "crypto/key_inventory.h"

#define HASH_A \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct key_record usable(const char *label, const char *sha256)
{
    struct key_record record = {.algorithm = key_algorithm_named("p256"),
        .home = KEY_HOME_FILE,
        .usable = true};

    (void)snprintf(record.label, sizeof(record.label), "%s", label);
    (void)snprintf(record.sha256, sizeof(record.sha256), "%s", sha256);
    return record;
}

static struct key_record unusable(
    const char *label, const char *sha256, const char *why)
{
    struct key_record record = usable(label, sha256);

    record.usable = false;
    (void)snprintf(record.why, sizeof(record.why), "%s", why);
    return record;
}

static void add(
    struct key_inventory *inventory, const struct key_record *record)
{
    struct failure why = {0};

    assert_true(key_inventory_add(inventory, record, &why));
}

static void a_usable_key_is_found_by_its_hash(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record record = usable("root.key", HASH_A);
    const struct key_record *found;

    (void)state;
    add(inventory, &record);
    found = key_inventory_find_usable(inventory, HASH_A);
    assert_non_null(found);
    assert_string_equal(found->label, "root.key");
    assert_ptr_equal(found->algorithm, key_algorithm_named("p256"));
    assert_ptr_equal(found, key_inventory_at(inventory, 0));
    assert_null(key_inventory_find_usable(inventory, HASH_B));
    assert_null(key_inventory_at(inventory, 1));
}

static void q235964_an_unusable_key_is_listed_and_never_offered(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record garbage = unusable("last.key", "", "the file is cut off");
    struct key_record stranger =
        unusable("own.key", HASH_A, "its certificate has another key");

    (void)state;
    add(inventory, &garbage);
    add(inventory, &stranger);
    assert_int_equal(key_inventory_count(inventory), 2);
    assert_string_equal(
        key_inventory_at(inventory, 0)->why, "the file is cut off");
    assert_null(key_inventory_find_usable(inventory, ""));
    assert_null(key_inventory_find_usable(inventory, HASH_A));
}

static void kb017_broken_files_don_t_hide_each_other_or_a_good_one(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record one = unusable("1.key", "", "the file is cut off");
    struct key_record two = unusable("2.key", "", "the file is empty");
    struct key_record copy = unusable("copy.key", HASH_A, "locked");
    struct key_record good = usable("good.key", HASH_A);

    (void)state;
    add(inventory, &one);
    add(inventory, &two);
    add(inventory, &copy);
    add(inventory, &good);
    assert_int_equal(key_inventory_count(inventory), 4);
    assert_string_equal(
        key_inventory_find_usable(inventory, HASH_A)->label, "good.key");
}

static void kb029_files_of_one_key_tell_of_each_other(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record first = usable("root.key", HASH_A);
    struct key_record again = usable("old.key", HASH_A);
    struct key_record locked = unusable("locked.key", HASH_A, "locked");
    struct key_record other = usable("other.key", HASH_B);
    struct failure why = {0};

    (void)state;
    add(inventory, &first);
    add(inventory, &other);
    assert_int_equal(key_inventory_at(inventory, 0)->copy_count, 0);
    assert_false(key_inventory_add(inventory, &again, &why));
    add(inventory, &locked);
    assert_int_equal(key_inventory_count(inventory), 3);
    assert_int_equal(key_inventory_at(inventory, 0)->copy_count, 2);
    assert_string_equal(key_inventory_at(inventory, 0)->copies[0], "old.key");
    assert_string_equal(
        key_inventory_at(inventory, 0)->copies[1], "locked.key");
    assert_int_equal(key_inventory_at(inventory, 1)->copy_count, 0);
    assert_int_equal(key_inventory_at(inventory, 2)->copy_count, 1);
    assert_string_equal(key_inventory_at(inventory, 2)->copies[0], "root.key");
}

static void kb029_unknown_keys_are_nobodys_copies(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record first = unusable("a.key", "", "it is empty");
    struct key_record second = unusable("b.key", "", "it is empty");

    (void)state;
    add(inventory, &first);
    add(inventory, &second);
    assert_int_equal(key_inventory_at(inventory, 0)->copy_count, 0);
    assert_int_equal(key_inventory_at(inventory, 1)->copy_count, 0);
}

static void kb029_a_known_key_in_a_file_can_be_exported(void **state)
{
    struct key_record record = usable("root.key", HASH_A);

    (void)state;
    assert_true(key_is_exportable(&record));
    record.home = KEY_HOME_TPM;
    assert_false(key_is_exportable(&record));
    record.home = KEY_HOME_FILE;
    record.algorithm = NULL;
    assert_false(key_is_exportable(&record));
}

static void the_same_usable_key_under_another_label_is_a_conflict(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record first = usable("first.key", HASH_A);
    struct key_record second = usable("second.key", HASH_A);
    struct failure why = {0};

    (void)state;
    add(inventory, &first);
    assert_false(key_inventory_add(inventory, &second, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_string_equal(
        why.reason, "the key second.key is recorded already, as \"first.key\"");
    assert_int_equal(key_inventory_count(inventory), 1);
}

static void a_record_that_contradicts_itself_is_refused(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record records[] = {usable("a", ""), usable("b", HASH_A),
        unusable("c", HASH_A, ""), unusable("d", HASH_A, "cut off")};

    (void)state;
    records[1].algorithm = NULL;
    records[3].usable = true;
    for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
        struct failure why = {0};

        assert_false(key_inventory_add(inventory, &records[i], &why));
        assert_int_equal(why.kind, FAILURE_INTERNAL);
    }
    assert_int_equal(key_inventory_count(inventory), 0);
}

static void certificates_and_users_join_the_usable_key(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record copy = unusable("copy.key", HASH_A, "locked");
    struct key_record good = usable("good.key", HASH_A);
    const struct key_record *found;
    struct failure why = {0};

    (void)state;
    add(inventory, &copy);
    add(inventory, &good);
    assert_true(key_inventory_add_certificate(inventory, HASH_A, HASH_B, &why));
    assert_true(key_inventory_add_certificate(inventory, HASH_A, HASH_B, &why));
    assert_true(key_inventory_add_certificate(inventory, HASH_A, HASH_A, &why));
    assert_true(key_inventory_add_user(inventory, HASH_A, "root", &why));

    found = key_inventory_find_usable(inventory, HASH_A);
    assert_int_equal(found->certificate_count, 2);
    assert_string_equal(found->certificates[0], HASH_B);
    assert_string_equal(found->certificates[1], HASH_A);
    assert_int_equal(found->used_by_count, 1);
    assert_string_equal(found->used_by[0], "root");
    assert_int_equal(key_inventory_at(inventory, 0)->certificate_count, 0);
}

static void what_belongs_to_no_key_here_is_not_found(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record garbage = unusable("x.key", "", "the file is cut off");
    struct failure why = {0};

    (void)state;
    add(inventory, &garbage);
    assert_false(
        key_inventory_add_certificate(inventory, HASH_B, HASH_A, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_string_equal(
        why.reason, "no key here has the SHA-256 \"" HASH_B "\"");
    assert_false(key_inventory_add_user(inventory, "", "root", &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
}

static void an_overlong_user_is_refused_and_changes_nothing(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record record = usable("root.key", HASH_A);
    struct failure why = {0};

    (void)state;
    add(inventory, &record);
    assert_false(key_inventory_add_user(inventory, HASH_A, HASH_B, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "the name of a key's user is longer than 63 bytes");
    assert_int_equal(key_inventory_at(inventory, 0)->used_by_count, 0);
}

static void a_record_is_copied_with_what_it_points_to(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    struct key_record record = usable("root.key", HASH_A);
    char certificates[][SHA256_TEXT] = {HASH_B};
    char users[][64] = {"root", "issuing"};

    (void)state;
    record.certificates = certificates;
    record.certificate_count = 1;
    record.used_by = users;
    record.used_by_count = 2;
    add(inventory, &record);
    users[1][0] = 'X';
    assert_string_equal(key_inventory_at(inventory, 0)->used_by[1], "issuing");
    assert_string_equal(
        key_inventory_at(inventory, 0)->certificates[0], HASH_B);
}

static void the_inventory_grows_past_its_first_room(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        struct key_record record = usable("leaf", "");

        (void)snprintf(record.sha256, sizeof(record.sha256), "%064zx", i);
        add(inventory, &record);
        assert_int_equal(key_inventory_count(inventory), i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usable_key_is_found_by_its_hash),
        cmocka_unit_test(q235964_an_unusable_key_is_listed_and_never_offered),
        cmocka_unit_test(
            kb017_broken_files_don_t_hide_each_other_or_a_good_one),
        cmocka_unit_test(kb029_files_of_one_key_tell_of_each_other),
        cmocka_unit_test(kb029_unknown_keys_are_nobodys_copies),
        cmocka_unit_test(kb029_a_known_key_in_a_file_can_be_exported),
        cmocka_unit_test(the_same_usable_key_under_another_label_is_a_conflict),
        cmocka_unit_test(a_record_that_contradicts_itself_is_refused),
        cmocka_unit_test(certificates_and_users_join_the_usable_key),
        cmocka_unit_test(what_belongs_to_no_key_here_is_not_found),
        cmocka_unit_test(an_overlong_user_is_refused_and_changes_nothing),
        cmocka_unit_test(a_record_is_copied_with_what_it_points_to),
        cmocka_unit_test(the_inventory_grows_past_its_first_room),
    };

    return cmocka_run_group_tests_name("key inventory", tests, NULL, NULL);
}
