#ifndef X509_CHAIN_QUESTION_H
#define X509_CHAIN_QUESTION_H

#include "x509/chain/arithmetic.h"
#include "x509/chain/fetched.h"
#include "x509/chain/policy.h"
#include "x509/chain/pool.h"
#include "x509/chain/reference_name.h"

/* What is asked of the engine; everything is the caller's, and unchanged. */

/* CHAIN_PLAIN: RFC 5280, section 6.  CHAIN_RFC5280: also what section 4 wants
 * of an issuer, as far as a verifier sees it.  CHAIN_WEBPKI: also the
 * CA/Browser Forum's rules. */
enum chain_profile { CHAIN_PLAIN, CHAIN_RFC5280, CHAIN_WEBPKI };

enum chain_purpose {
    CHAIN_ANY_PURPOSE,
    CHAIN_SERVER,
    CHAIN_CLIENT,
    CHAIN_EMAIL,
    CHAIN_CODE_SIGNING,
    CHAIN_TIME_STAMPING,
    CHAIN_OCSP,
    CHAIN_PURPOSES
};

/* Off: not asked.  Soft: a status that can't be learnt is skipped, and said so;
 * revoked is revoked.  Hard: it is refused. */
enum chain_revocation {
    CHAIN_REVOCATION_OFF,
    CHAIN_REVOCATION_SOFT,
    CHAIN_REVOCATION_HARD
};

/* A CRL or OCSP answer at hand, read once (chain/revocation.h). */
struct status_source;

struct chain_question {
    struct bytes leaf;
    const char *leaf_origin;
    const struct chain_pool *roots;      /* the anchors */
    const struct chain_pool *untrusted;  /* may be NULL */
    const struct chain_pool *distrusted; /* may be NULL: refused wherever they
                                            stand, a root among them */
    int64_t time;
    enum chain_profile profile;
    enum chain_purpose purpose;
    const struct bytes *purposes; /* further ones: OBJECT IDENTIFIER contents;
                                     the leaf must allow each */
    size_t purpose_count;
    uint32_t key_usage; /* bits that the leaf must have where it has the
                           extension */
    const struct reference_name *names; /* every one must match */
    size_t name_count;
    bool has_max_depth;
    uint32_t max_depth; /* most intermediates */
    struct policy_question policies;

    enum chain_revocation revocation;
    const struct status_source *const *sources;
    size_t source_count;
    /* For what was signed in the past, as a time-stamp says (time): when lists
     * and answers must be current; 0: at time.  Then a leaf that was revoked
     * later than time may count as good. */
    int64_t status_time;
    bool spares_later_revocation;

    const struct chain_fetched *fetched; /* to be told of */
    size_t fetched_count;

    struct signature_cache *cache; /* may be NULL */
    bool explains; /* record every rule on every path; else only code and
                      sentence are wanted */
};

static inline int64_t chain_status_time(const struct chain_question *question)
{
    return question->status_time != 0 ? question->status_time : question->time;
}

#endif
