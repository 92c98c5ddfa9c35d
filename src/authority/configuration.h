#ifndef AUTHORITY_CONFIGURATION_H
#define AUTHORITY_CONFIGURATION_H

#include "authority/configuration_serve.h"
#include "authority/profile.h"
#include "base/bytes.h"

/*
 * chancery.yaml: all settings.  Written once by init, then a person's; a file
 * that is wrong is refused whole, with line and column (unknown keys too).
 *
 *     name: Example
 *     url: https://pki.example.org     # where what is published can be fetched
 *     profiles:
 *       server:
 *         purposes: [serverAuth]
 *         key-usage: [digitalSignature, keyEncipherment]
 *         names: [dns, ip]
 *         names-required: yes
 *         subject: [CN]
 *         keys: [p256, p384, rsa2048, rsa3072, rsa4096, ed25519]
 *         lifetime: 90d
 *         longest-lifetime: 397d
 *         beyond-issuer: cap               # or refuse
 *         allowed-names: ["*.example.org"]
 *         wildcards: no
 *         who: [administrator, operator, account]
 *         approvals: 1
 *
 * Reading says whether the file is well-formed; profile_lint whether it is
 * wise, and what it finds is not used.
 *
 * A key that became known, or is weak in a way no test finds, is never
 * certified again by the SHA-256 of its SubjectPublicKeyInfo:
 *
 *     blocked-keys: [9f86d081884c7d659a2feaa0c55ad015...]
 *
 * What ends soon is posted, in a digest a day, to (docs/watch.md):
 *
 *     notices-webhook: http://localhost:9000/chancery
 *
 * `serve:` stands in authority/configuration_serve.h.
 *
 * For `init --config` the same file may also say: key, one-tier, crl-shards.
 */
#define CONFIGURATION_PROFILES_MAX 64
#define CONFIGURATION_MAX (1024 * 1024)

struct configuration {
    char name[260]; /* UTF-8, 1 to 64 characters; "" when absent */
    char url[512];  /* without a final slash; "" when absent */
    struct profile profiles[CONFIGURATION_PROFILES_MAX];
    size_t profile_count;
    char notices_webhook[512]; /* where what ends soon is posted; "" */
    /* SHA-256 of SubjectPublicKeyInfos that are never certified, sorted. */
    uint8_t (*blocked_keys)[SHA256_BYTES];
    size_t blocked_key_count;
    struct serve_settings serve;
    /* for init: */
    const struct key_algorithm *key; /* NULL when absent */
    bool one_tier;
    int crl_shards; /* 1 when absent; a number fixed when the authority is made
                     */
};

/* name: what complaints call the file. */
MUST_CHECK bool configuration_read(struct bytes text, const char *name,
    struct configuration **configuration, struct failure *why);
void configuration_free(struct configuration *configuration);
DEFINE_SCOPED_STRUCT(configuration, configuration_free)

/* Is the key with this hash on the blocked list? */
bool configuration_blocks_key(const struct configuration *configuration,
    const uint8_t sha256[static SHA256_BYTES]);

/* FAILURE_NOT_FOUND lists the profiles there are. */
MUST_CHECK bool configuration_profile(const struct configuration *configuration,
    const char *name, const struct profile **profile, struct failure *why);

/* The file that init writes: comments, the given name, url and algorithm, and
 * seven profiles in full: server, client, email, code-signing, time-stamping,
 * ocsp and subordinate.  configuration_read reads it. */
MUST_CHECK bool configuration_write_first(const char *name, const char *url,
    const struct key_algorithm *key, bool one_tier, int crl_shards,
    struct buffer *text, struct failure *why);

#endif
