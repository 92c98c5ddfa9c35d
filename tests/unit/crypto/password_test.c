#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/password.h"

#define PASSWORD "correct horse battery"

static char hashed[PASSWORD_ENCODED_ROOM];

static bool hash(const char *text, char encoded[static PASSWORD_ENCODED_ROOM],
    struct failure *why)
{
    RELEASED(secret) password = {0};

    assert_true(secret_new(&password, strlen(text) + 1, why));
    memcpy(password.start, text, strlen(text));
    password.length = strlen(text);
    return password_hash(&password, encoded, why);
}

static int hash_once(void **state)
{
    struct failure why = {0};

    (void)state;
    return hash(PASSWORD, hashed, &why) ? 0 : -1;
}

static bool matches(const char *encoded, const char *text)
{
    struct failure why = {0};
    bool does = false;

    if (!password_verify(encoded, bytes_of_text(text), &does, &why))
        fail_msg("%s", why.reason);
    return does;
}

static void the_password_matches_its_hash_and_no_other_does(void **state)
{
    (void)state;
    assert_true(matches(hashed, PASSWORD));
    assert_false(matches(hashed, "correct horse batterx"));
    assert_false(matches(hashed, ""));
}

static void two_hashes_of_one_password_differ(void **state)
{
    char again[PASSWORD_ENCODED_ROOM];
    struct failure why = {0};

    (void)state;
    assert_true(hash(PASSWORD, again, &why));
    assert_string_not_equal(again, hashed);
    assert_true(matches(again, PASSWORD));
}

static void a_hash_is_argon2id_with_64_mib_and_3_passes(void **state)
{
    static const char head[] = "$argon2id$v=19$m=65536,t=3,p=1$";

    (void)state;
    assert_memory_equal(hashed, head, sizeof(head) - 1);
    assert_true(password_hash_is_ours(hashed));
    assert_null(strstr(hashed, "horse"));
}

static void assert_not_ours(const char *from, const char *to)
{
    char changed[PASSWORD_ENCODED_ROOM];
    const char *at = strstr(hashed, from);
    struct failure why = {0};
    bool does = true;

    assert_non_null(at);
    (void)snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - hashed),
        hashed, to, at + strlen(from));
    assert_false(password_hash_is_ours(changed));
    assert_false(
        password_verify(changed, bytes_of_text(PASSWORD), &does, &why));
    assert_string_equal(
        why.reason, "a password in the store is not hashed as it should be");
}

static void a_hash_with_other_parameters_is_refused_before_any_work(
    void **state)
{
    (void)state;
    assert_not_ours("m=65536", "m=4194304");
    assert_not_ours("m=65536", "m=8");
    assert_not_ours("t=3", "t=9");
    assert_not_ours("t=3", "t=1");
    assert_not_ours("argon2id", "argon2i");
    assert_false(password_hash_is_ours(""));
    assert_false(password_hash_is_ours("$argon2id$v=19$m=65536,t=3,p=1$"));
    assert_false(password_hash_is_ours(
        "$argon2id$v=19$m=65536,t=3,p=1$504pcTn/UfVCFUhB+h9qMw$"));
}

/* Of nobody as long as of somebody: the same function is run. */
static void nobodys_password_never_matches(void **state)
{
    (void)state;
    assert_false(matches(NULL, PASSWORD));
    assert_false(matches(NULL, ""));
}

static void a_password_has_12_to_1024_bytes(void **state)
{
    char encoded[PASSWORD_ENCODED_ROOM];
    char longest[PASSWORD_LONGEST + 2];
    struct failure why = {0};

    (void)state;
    assert_false(hash("eleven byte", encoded, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "a password has from 12 to 1024 bytes; this one has 11");
    memset(longest, 'a', sizeof(longest));
    longest[PASSWORD_LONGEST + 1] = '\0';
    assert_false(hash(longest, encoded, &why));
    longest[PASSWORD_LONGEST] = '\0';
    assert_true(hash(longest, encoded, &why));
    assert_true(matches(encoded, longest));
    /* One that begins with the whole password is another. */
    longest[PASSWORD_LONGEST] = 'a';
    assert_false(matches(encoded, longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_password_matches_its_hash_and_no_other_does),
        cmocka_unit_test(two_hashes_of_one_password_differ),
        cmocka_unit_test(a_hash_is_argon2id_with_64_mib_and_3_passes),
        cmocka_unit_test(
            a_hash_with_other_parameters_is_refused_before_any_work),
        cmocka_unit_test(nobodys_password_never_matches),
        cmocka_unit_test(a_password_has_12_to_1024_bytes),
    };

    return cmocka_run_group_tests(tests, hash_once, NULL);
}
