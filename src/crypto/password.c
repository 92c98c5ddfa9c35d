#include "crypto/password.h"

#include <string.h>

#include <argon2.h>

#include "base/random.h"

#define MEMORY_KIB (64 * 1024)
#define PASSES 3
#define LANES 1
#define SALT_BYTES 16
#define HASH_BYTES 32

/* The head is the same in every one of ours; what follows is 22 characters of
 * salt, "$", and 43 of the hash. */
#define HEAD "$argon2id$v=19$m=65536,t=3,p=1$"
#define SALT_TEXT 22
#define HASH_TEXT 43

/* For whom nobody knows: random bytes, not the hash of anything. */
#define NOBODY \
    HEAD "504pcTn/UfVCFUhB+h9qMw$wakQZjhwAuvSrxqB43fSZPzAcn8XF9JH9oAcnzg4QYQ"

static bool fail_in_argon2(int error, struct failure *why)
{
    return fail_because(why,
        error == ARGON2_MEMORY_ALLOCATION_ERROR ? FAILURE_UNAVAILABLE
                                                : FAILURE_INTERNAL,
        "a password can't be hashed: %s", argon2_error_message(error));
}

bool password_hash(const struct secret *password,
    char encoded[static PASSWORD_ENCODED_ROOM], struct failure *why)
{
    uint8_t salt[SALT_BYTES];
    int error;

    if (password->length < PASSWORD_SHORTEST ||
        password->length > PASSWORD_LONGEST)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a password has from %d to %d bytes; this one has %zu",
            PASSWORD_SHORTEST, PASSWORD_LONGEST, password->length);
    random_fill(salt, sizeof(salt));
    error = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password->start,
        password->length, salt, sizeof(salt), HASH_BYTES, encoded,
        PASSWORD_ENCODED_ROOM);
    return error == ARGON2_OK || fail_in_argon2(error, why);
}

static bool is_base64(const char *text, size_t length)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return strspn(text, alphabet) == length;
}

bool password_hash_is_ours(const char *encoded)
{
    const char *salt = encoded + sizeof(HEAD) - 1;

    return strncmp(encoded, HEAD, sizeof(HEAD) - 1) == 0 &&
           is_base64(salt, SALT_TEXT) && salt[SALT_TEXT] == '$' &&
           is_base64(salt + SALT_TEXT + 1, HASH_TEXT) &&
           salt[SALT_TEXT + 1 + HASH_TEXT] == '\0';
}

bool password_verify(const char *encoded, struct bytes password, bool *matches,
    struct failure *why)
{
    bool may_match = encoded != NULL && password.length >= PASSWORD_SHORTEST &&
                     password.length <= PASSWORD_LONGEST;
    int error;

    if (encoded != NULL && !password_hash_is_ours(encoded))
        return fail_because(why, FAILURE_INTERNAL,
            "a password in the store is not hashed as it should be");
    /* What is longer has matched nothing already: its length is not ours to
     * spend time on. */
    if (password.length > PASSWORD_LONGEST)
        password.length = PASSWORD_LONGEST;
    error = argon2id_verify(
        encoded == NULL ? NOBODY : encoded, password.start, password.length);
    if (error != ARGON2_OK && error != ARGON2_VERIFY_MISMATCH)
        return fail_in_argon2(error, why);
    *matches = may_match && error == ARGON2_OK;
    return true;
}
