#include "fixture.h"

#include "crypto/start.h"
#include "server/roles.h"

/* keys list over a folder with everything that can be wrong with a key. */
static char folder[FOLDER_ROOM];
static struct private_key *key;
static char sha256_of_key[SHA256_TEXT];

static int make_folder_with_keys(void **state)
{
    RELEASED(buffer) spki = BUFFER("key", KEY_FILE_MAX);
    struct failure why = {0};

    (void)state;
    new_folder(folder);
    assert_int_equal(mkdir(path_in(folder, "keys"), 0700), 0);
    key = new_key("p256");
    assert_true(private_key_append_spki(key, &spki, &why));
    assert_true(sha256_text(buffer_view(&spki), sha256_of_key, &why));
    return 0;
}

static int remove_it(void **state)
{
    (void)state;
    private_key_free(key);
    remove_folder(folder);
    return 0;
}

static void put_bytes(const char *name, struct bytes bytes)
{
    struct failure why = {0};

    assert_done(
        file_write(path_in(folder, name), bytes, 0600, FILE_REPLACE, &why),
        why);
}

static void pem_of_key(const char *passphrase, struct buffer *pem)
{
    RELEASED(secret) secret = {0};
    struct failure why = {0};

    if (passphrase != NULL)
        make_secret(&secret, passphrase);
    assert_done(
        key_file_write(key, passphrase == NULL ? NULL : &secret, pem, &why),
        why);
}

static void put_key(const char *name, const char *passphrase)
{
    RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);

    pem_of_key(passphrase, &pem);
    put_bytes(name, buffer_view(&pem));
}

static struct key_inventory *listed(int passphrase)
{
    struct key_inventory *inventory = key_inventory_new();
    struct failure why = {0};

    assert_done(list_keys(folder, NULL, passphrase, inventory, &why), why);
    return inventory;
}

static const struct key_record *record_of(
    const struct key_inventory *inventory, const char *label)
{
    for (size_t i = 0; i < key_inventory_count(inventory); i++) {
        const struct key_record *record = key_inventory_at(inventory, i);

        if (strcmp(record->label, label) == 0)
            return record;
    }
    fail_msg("%s is not listed", label);
    return NULL;
}

/* Listed, with these words, and never offered. */
static void assert_unusable(const char *label, const char *words)
{
    SCOPED_STRUCT(key_inventory) *inventory = listed(-1);
    const struct key_record *record = record_of(inventory, label);

    assert_false(record->usable);
    if (strstr(record->why, words) == NULL)
        fail_msg("%s: %s", label, record->why);
    assert_null(key_inventory_find_usable(inventory, sha256_of_key));
}

static void a_key_that_signs_is_usable(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;
    const struct key_record *record;

    (void)state;
    put_key("keys/mine.key", NULL);
    inventory = listed(-1);
    record = record_of(inventory, "mine.key");
    assert_true(record->usable);
    assert_string_equal(record->why, "");
    assert_string_equal(record->sha256, sha256_of_key);
    assert_string_equal(record->algorithm->name, "p256");
    assert_ptr_equal(
        key_inventory_find_usable(inventory, sha256_of_key), record);
}

static void a_folder_without_keys_is_an_empty_list(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;

    (void)state;
    inventory = listed(-1);
    assert_int_equal(key_inventory_count(inventory), 0);
    assert_int_equal(rmdir(path_in(folder, "keys")), 0);
    key_inventory_free(inventory);
    inventory = listed(-1);
    assert_int_equal(key_inventory_count(inventory), 0);
}

static void q235964_garbage_is_listed_unusable_with_the_reason(void **state)
{
    (void)state;
    put_file(folder, "keys/garbage.key", "this is no key\n", 0600);
    assert_unusable("garbage.key", "key");
    put_file(folder, "keys/empty.key", "", 0600);
    assert_unusable("empty.key", "");
}

static void q235964_a_key_cut_off_is_listed_unusable(void **state)
{
    RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);

    (void)state;
    pem_of_key(NULL, &pem);
    put_bytes("keys/cut.key", (struct bytes){pem.start, pem.length / 2});
    assert_unusable("cut.key", "");
}

/* A link is not followed: what it points to is not in this folder. */
static void kb017_what_can_t_be_opened_is_listed_unusable(void **state)
{
    (void)state;
    assert_int_equal(
        symlink("/etc/shadow", path_in(folder, "keys/link.key")), 0);
    assert_unusable("link.key", "link.key");
    assert_int_equal(mkfifo(path_in(folder, "keys/pipe.key"), 0600), 0);
    assert_unusable("pipe.key", "");
    if (geteuid() == 0)
        return;
    put_key("keys/closed.key", NULL);
    assert_int_equal(chmod(path_in(folder, "keys/closed.key"), 0), 0);
    assert_unusable("closed.key", "owner");
}

static void kb017_a_key_of_another_certificate_is_never_offered(void **state)
{
    struct signing_authority other;
    SCOPED_STRUCT(configuration) *configuration = new_configuration();
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    static const uint8_t serial[SERIAL_BYTES] = {1};
    uint8_t signature[SIGNATURE_MAX];
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    new_authority(&other, "CN=Other", configuration);
    compose_server(configuration, &other.limits, serial, &draft);
    assert_done(private_key_sign(other.key, other.key->algorithm->signs_with,
                    buffer_view(&draft), signature, &length, &why),
        why);
    assert_done(certificate_seal(buffer_view(&draft),
                    other.key->algorithm->signs_with->identifier,
                    (struct bytes){signature, length}, &der, &why),
        why);
    put_key("keys/mine.key", NULL);
    put_bytes("keys/mine.crt", buffer_view(&der));
    assert_unusable("mine.key", "its certificate mine.crt is of another key");
    put_file(folder, "keys/mine.crt", "no certificate", 0600);
    assert_unusable("mine.key", "");
    signing_authority_free(&other);
}

static void a_locked_key_opens_with_its_passphrase_alone(void **state)
{
    SCOPED_DESCRIPTOR int right = file_of_text("right\n");
    SCOPED_DESCRIPTOR int wrong = file_of_text("wrong\n");
    SCOPED_STRUCT(key_inventory) *inventory = NULL;

    (void)state;
    put_key("keys/locked.key", "right");
    assert_unusable("locked.key", "locked");
    inventory = listed(wrong);
    assert_false(record_of(inventory, "locked.key")->usable);
    key_inventory_free(inventory);
    inventory = listed(right);
    assert_true(record_of(inventory, "locked.key")->usable);
}

static void keys_unlock_opens_keys_unless_they_are_locked_away(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;

    (void)state;
    put_key("keys/mine.key", "right");
    put_file(folder, "keys/unlock", "right\n", 0400);
    inventory = listed(-1);
    assert_int_equal(key_inventory_count(inventory), 1);
    assert_true(record_of(inventory, "mine.key")->usable);
    put_file(folder, "keys/locked", "", 0600);
    assert_unusable("mine.key", "locked");
}

static void roots_kept_apart_are_listed_below_root(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;

    (void)state;
    assert_int_equal(mkdir(path_in(folder, "keys/root"), 0700), 0);
    put_key("keys/root/root.key", NULL);
    inventory = listed(-1);
    assert_int_equal(key_inventory_count(inventory), 1);
    assert_true(record_of(inventory, "root/root.key")->usable);
}

static void the_same_key_twice_is_offered_once(void **state)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;

    (void)state;
    put_key("keys/a.key", NULL);
    put_key("keys/b.key", NULL);
    inventory = listed(-1);
    assert_int_equal(key_inventory_count(inventory), 1);
    assert_true(record_of(inventory, "a.key")->usable);
}

#define with_keys(function) \
    cmocka_unit_test_setup_teardown(function, make_folder_with_keys, remove_it)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        with_keys(a_key_that_signs_is_usable),
        with_keys(a_folder_without_keys_is_an_empty_list),
        with_keys(q235964_garbage_is_listed_unusable_with_the_reason),
        with_keys(q235964_a_key_cut_off_is_listed_unusable),
        with_keys(kb017_what_can_t_be_opened_is_listed_unusable),
        with_keys(kb017_a_key_of_another_certificate_is_never_offered),
        with_keys(a_locked_key_opens_with_its_passphrase_alone),
        with_keys(keys_unlock_opens_keys_unless_they_are_locked_away),
        with_keys(roots_kept_apart_are_listed_below_root),
        with_keys(the_same_key_twice_is_offered_once),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
