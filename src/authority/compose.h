#ifndef AUTHORITY_COMPOSE_H
#define AUTHORITY_COMPOSE_H

#include "authority/enrolment.h"
#include "authority/profile.h"
#include "x509/spki.h"

/*
 * Drafts: the to-be-signed bytes of certificates (RFC 5280, 4.1).  What is the
 * same for all certificates of a profile below an issuer is encoded once, in a
 * composer; a draft fills in serial, dates, names and key.
 */

/* The authority that will sign, as far as its certificates carry it. */
struct issuer {
    int64_t authority;             /* its row's id in the store */
    const char *name;              /* "issuing": the last part of its address */
    struct bytes subject;          /* whole Name, as its certificate has it */
    struct bytes key_identifier;   /* subjectKeyIdentifier of its certificate */
    int64_t not_before, not_after; /* of its certificate */
    const struct signature_algorithm *algorithm; /* what it signs with */
    /* Where its certificate and its revocation lists are published and its
     * responder answers; "" or NULL: nowhere, and no certificate names an
     * address.  A root's own certificate never does: whoever composes it leaves
     * this out. */
    const char *url;
    /* Of its revocation lists: with one (0 is taken as 1) they are at
     * URL/crl/NAME.crl, with more at URL/crl/NAME/SHARD.crl (shard.h). */
    int crl_shards;
};

struct composer;

/* Copies what it needs of both.  FAILURE_UNSUITABLE: the name does not fit into
 * an address (letters, digits, "-", "_" and "."). */
MUST_CHECK bool composer_new(const struct profile *profile,
    const struct issuer *issuer, struct composer **composer,
    struct failure *why);
void composer_free(struct composer *composer); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(composer, composer_free)

/* What a single certificate is to say; views. */
struct draft_wishes {
    struct bytes serial; /* big-endian, positive */
    int64_t not_before, not_after;
    struct bytes subject; /* a whole Name */
    struct spki key;
    /* Length 0: derived from the key.  An authority's, which the certificates
     * below it name, stays as it is. */
    struct bytes key_identifier;
    const struct key_algorithm *algorithm; /* of that key */
    struct bytes general_names; /* encoded, one after another; maybe none */
};

#define DRAFT_MAX (192 * 1024)

/* Appends the draft.  Any number of threads may use one composer at once.
 * FAILURE_UNSUITABLE: the profile takes no such keys, or has no use for them.
 */
MUST_CHECK bool compose_draft(const struct composer *composer,
    const struct draft_wishes *wishes, struct buffer *draft,
    struct failure *why);

/*
 * From when until when: what the enrolment asks for, else the profile's
 * lifetime, ending at latest with the issuer.  An end that was asked for is
 * given or refused (FAILURE_UNSUITABLE); one that comes from the profile is cut
 * at the issuer's end, with a sentence in the notices, or refused as well, as
 * the profile's beyond-issuer says (kb 64).
 */
MUST_CHECK bool compose_validity(const struct enrolment *enrolment,
    const struct profile *profile, const struct issuer *issuer, int64_t now,
    int64_t *not_before, int64_t *not_after, struct buffer *notices,
    struct failure *why);

#endif
