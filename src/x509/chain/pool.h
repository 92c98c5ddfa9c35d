#ifndef X509_CHAIN_POOL_H
#define X509_CHAIN_POOL_H

#include "x509/chain/chain_certificate.h"

/*
 * Certificates to build paths from: roots, or what was offered beside the leaf.
 * Found by their subject, by RFC 5280's comparison of names (7.1), in constant
 * time; equal ones are kept once.  Order of addition changes nothing (kb 95).
 *
 * The bytes stay the caller's and must outlive the pool.  After the last
 * addition a pool may be read by several threads at once.
 */
struct chain_pool;

#define CHAIN_POOL_MAX 100000 /* certificates */

MUST_CHECK bool chain_pool_new(struct chain_pool **pool, struct failure *why);
void chain_pool_free(struct chain_pool *pool);
DEFINE_SCOPED_STRUCT(chain_pool, chain_pool_free)

/* origin: where it is from, for people ("chain.pem"); not copied.  A
 * certificate that can't be read is FAILURE_MALFORMED, and no question finds
 * it: the caller decides whether to go on.  Its bytes must outlive the pool all
 * the same, as it may be told of. */
MUST_CHECK bool chain_pool_add(struct chain_pool *pool, struct bytes der,
    const char *origin, struct failure *why);

/* Adds what is in another pool, with what is told of the damaged ones. */
MUST_CHECK bool chain_pool_add_all(struct chain_pool *pool,
    const struct chain_pool *other, struct failure *why);

size_t chain_pool_count(const struct chain_pool *pool);
const struct chain_certificate *chain_pool_at(
    const struct chain_pool *pool, size_t place);

/* Those whose subject matches this whole Name, in the order of their SHA-256:
 * start with *place 0; NULL behind the last. */
const struct chain_certificate *chain_pool_next_named(
    const struct chain_pool *pool, struct bytes name, size_t *place);

/* Of those that were added and have an extension that can't be read: why the
 * one of this whole Name can't be used, and where it is from.  NULL: there is
 * none. It lives as long as the pool. */
struct pool_damage {
    struct bytes der, subject;
    const char *origin;
    struct failure why;
};
const struct pool_damage *chain_pool_damaged(
    const struct chain_pool *pool, struct bytes name);

/* The one with these bytes, or NULL. */
const struct chain_certificate *chain_pool_find(
    const struct chain_pool *pool, const uint8_t sha256[static SHA256_BYTES]);

#endif
