#include "server/signer_state.h"

#include <stdio.h>

#include "base/file.h"
#include "x509/spki.h"

static bool matches_certificate(const struct signer_key *key,
    const struct private_key *opened, struct failure *why)
{
    RELEASED(buffer) spki = BUFFER("public key", KEY_FILE_MAX);

    if (!private_key_append_spki(opened, &spki, why))
        return false;
    if (!bytes_equal(buffer_view(&spki), key->limits.own_key))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key does not match the certificate of \"%s\"",
            key->limits.name);
    return true;
}

static bool open_key(struct signer_key *key, const struct secret *passphrase,
    struct failure *why)
{
    SCOPED_STRUCT(private_key) *opened = NULL;

    if (!key_file_read(buffer_view(&key->sealed), passphrase, &opened, why))
        return false;
    if (!matches_certificate(key, opened, why) ||
        !private_key_prove(opened, why))
        return false;
    private_key_free(key->key);
    key->key = KEEP(private_key, &opened);
    key->why[0] = '\0';
    return true;
}

void signer_open_keys(struct signer *signer, const struct secret *passphrase,
    enum signer_keys which)
{
    for (size_t i = 0; i < signer->key_count; i++) {
        struct signer_key *key = &signer->keys[i];
        struct failure why = {0};

        if (key->key != NULL || !key->has_file ||
            key->is_root != (which == SIGNER_ROOT_KEYS))
            continue;
        if (!open_key(key, passphrase, &why))
            (void)snprintf(key->why, sizeof(key->why), "%s", why.reason);
    }
}

bool signer_open_with(struct signer *signer, int descriptor,
    enum signer_keys which, struct failure *why)
{
    RELEASED(secret) passphrase = {0};

    if (!descriptor_read_secret(descriptor, "passphrase", &passphrase, why))
        return false;
    signer_open_keys(signer, &passphrase, which);
    return true;
}

void signer_lock_keys(struct signer *signer)
{
    for (size_t i = 0; i < signer->key_count; i++) {
        struct signer_key *key = &signer->keys[i];

        private_key_free(key->key);
        key->key = NULL;
        if (key->has_file)
            (void)snprintf(key->why, sizeof(key->why), "locked");
    }
}

bool signer_key(struct signer *signer, uint64_t number, struct signer_key **key,
    struct failure *why)
{
    if (signer->is_broken)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the sign log has failed; nothing is signed until a restart");
    if (number >= signer->key_count)
        return fail_because(why, FAILURE_NOT_FOUND,
            "the signer has no key number %llu", (unsigned long long)number);
    if (signer->keys[number].key == NULL)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the key of \"%s\" can't be used: %s",
            signer->keys[number].limits.name, signer->keys[number].why);
    *key = &signer->keys[number];
    return true;
}
