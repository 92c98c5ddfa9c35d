#ifndef X509_CHAIN_ARITHMETIC_H
#define X509_CHAIN_ARITHMETIC_H

#include "crypto/digest.h"
#include "x509/spki.h"

/*
 * Is this signature by this key?  The one place that says "signature invalid"
 * (Q305929, kb 88): only here is the arithmetic done, by OpenSSL, for
 * certificates, lists, OCSP answers, time-stamps and signed files alike.
 *
 * Which algorithms and keys are taken is data (chain/algorithm_policy.c): rows
 * with the names people know, and for each policy whether it takes them.
 */
enum algorithm_policy {
    ALGORITHMS_RFC5280, /* what RFC 3279, 4055, 5480, 5758, 8410, 9881 have and
                           is not broken: no MD2, MD5, SHA-1 under RSA or ECDSA;
                           RSA from 1,024 bits */
    ALGORITHMS_WEBPKI,  /* Baseline Requirements, 6.1.5, 7.1.3 */
    ALGORITHMS_OLD_OCSP /* as RFC5280, with sha1WithRSAEncryption: for OCSP
                           answers before OLD_OCSP_END alone */
};

/* 2022-06-01: Baseline Requirements, 7.1.3.2.1.  Until then half of the answers
 * in the world were signed so. */
#define OLD_OCSP_END INT64_C(1654041600)

enum signature_answer {
    SIGNATURE_MATCHES,
    SIGNATURE_DIFFERS,           /* the arithmetic says no */
    SIGNATURE_ALGORITHM_REFUSED, /* unknown, broken, or not for this key */
    SIGNATURE_KEY_REFUSED        /* too weak, too large, no key on its curve */
};

/* RFC 3279, 2.3.2: a DSA key without parameters has its issuer's. */
struct signature_key {
    struct spki spki;
    struct bytes inherited; /* whole parameters element; length 0: none */
    /* What certificates call the key, for evidence; length 0: it is computed
     * (RFC 7093, 2 (1)). */
    struct bytes identifier;
};

/* Checked signatures that need not be checked again: bounded, the oldest goes;
 * for several threads.  NULL wherever one is taken: none. */
struct signature_cache;
#define SIGNATURE_CACHE_MAX 4096      /* signatures */
#define SIGNATURE_CACHE_KEYS_MAX 1024 /* keys made ready */
MUST_CHECK bool signature_cache_new(
    struct signature_cache **cache, struct failure *why);
void signature_cache_free(struct signature_cache *cache);
DEFINE_SCOPED_STRUCT(signature_cache, signature_cache_free)

#define SIGNATURE_EVIDENCE 320

/*
 * algorithm: the whole AlgorithmIdentifier beside the signature.  evidence:
 * what was found, for people: "ecdsa-with-SHA256 by the key of 256 bits (P-256)
 * with identifier 7d:...", and with a refusal the rule.  Only DIFFERS says that
 * a signature is invalid.  NULL: nothing is told, and faster.  False: the
 * question could not be decided (FAILURE_INTERNAL, no memory), which is no
 * answer.
 */
MUST_CHECK bool signature_check(const struct signature_key *key,
    struct bytes algorithm, struct bytes message, struct bytes signature,
    enum algorithm_policy policy, struct signature_cache *cache,
    enum signature_answer *answer, char *evidence, struct failure *why);

/* Is the key one that the policy takes, whoever signs with it (KEY_STRENGTH of
 * a leaf)?  A kind that signs nothing is taken under ALGORITHMS_RFC5280. */
bool signature_key_is_taken(const struct signature_key *key,
    enum algorithm_policy policy, char evidence[static SIGNATURE_EVIDENCE]);

/* The evidence of a signature that matched, without computing it again. */
void signature_print(const struct signature_key *key, struct bytes algorithm,
    char text[static SIGNATURE_EVIDENCE]);

/* "sha256WithRSAEncryption", and "RSA 2048", "ECDSA P-256", for the viewer. */
void signature_algorithm_print(
    struct bytes algorithm, char text[static SIGNATURE_EVIDENCE]);
void spki_print_kind(
    const struct spki *spki, char text[static SIGNATURE_EVIDENCE]);

#endif
