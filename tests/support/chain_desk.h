#ifndef SUPPORT_CHAIN_DESK_H
#define SUPPORT_CHAIN_DESK_H

#include <openssl/evp.h>

#include "x509/chain/chain.h"

/* Certificates for tests of the chain engine, made by OpenSSL on the spot.  A
 * desk keeps what it made until desk_clear. */

#define DESK_NOW INT64_C(1795219200) /* 2026-11-21 */
#define DESK_DAY INT64_C(86400)

/* Pairs by number, made once: P-256, but for the last ten. */
#define DESK_KEYS 90
#define DESK_RSA 80 /* 2,048 bits */
#define DESK_ED25519 85
EVP_PKEY *desk_key(size_t number);

struct desk_plan {
    const char *subject, *issuer; /* common names */
    size_t key, signer;           /* numbers of pairs */
    long serial;                  /* 0: 1 */
    int64_t from, until;          /* days from DESK_NOW; both 0: -1 to 30 */
    bool is_v1;
    /* As openssl's configuration has them; NULL: none. */
    const char *basic, *key_usage, *purposes, *names, *constraints;
    const char *other;       /* lines of "type=value" */
    bool has_key_identifier; /* both identifiers, of the pairs */
    size_t wanted_key;       /* of authorityKeyIdentifier, where it is not
                                signer; 0: signer */
};

struct bytes desk_make(const struct desk_plan *plan);

/* A root, an intermediate below it (key 2), a server's leaf (key 3). */
struct bytes desk_root(const char *name, size_t key);
struct bytes desk_authority(
    const char *name, size_t key, const char *issuer, size_t signer);
struct bytes desk_leaf(const char *issuer, size_t signer);

/* A copy with one bit flipped. */
struct bytes desk_flip(struct bytes der, size_t bit);

void desk_clear(void);
/* ... but for the pairs. */
void desk_clear_made(void);

/* Pools for one question; freed by desk_clear. */
struct chain_pool *desk_pool(const struct bytes *certificates, size_t count);

/* A pool that did not take this one. */
struct chain_pool *desk_damaged_pool(struct bytes certificate);

/* The verdict's code; *verdict is the caller's. */
enum verdict_code desk_ask(
    const struct chain_question *question, struct verdict *verdict);

#endif
