#ifndef AUTHORITY_OCSP_SIGNER_H
#define AUTHORITY_OCSP_SIGNER_H

#include "authority/authority.h"
#include "authority/status_client.h"
#include "authority/status_identity.h"

/*
 * Our OCSP responders, one for each authority that answers for its
 * certificates: active ones that issue, and retiring ones.  The keys are the
 * status signer's; their certificates come down the one road, of the profile
 * "ocsp", by the authority they answer for (RFC 6960, 4.2.2.2), and are
 * renewed when two thirds of their life are over.  A signer that was started
 * anew has new keys, which get certificates of their own; what older keys
 * signed stays good for as long as it says.
 *
 * Any thread may call, ocsp_signer_care one at a time.
 */
struct ocsp_signer;

MUST_CHECK bool ocsp_signer_new(struct authority *authority,
    struct ocsp_signer **signer, struct failure *why);
void ocsp_signer_free(struct ocsp_signer *signer); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(ocsp_signer, ocsp_signer_free)

/* A status signer is there (again).  Owns the socket from here on, failure
 * included; the next care asks it for its keys. */
MUST_CHECK bool ocsp_signer_connect(
    struct ocsp_signer *signer, int socket, struct failure *why);

/*
 * Has certificates issued where there is none, or where one is due.  One that
 * can't be had (a locked key) hinders no other: the last reason is told, and it
 * is tried again a little later.  desk, reading: the caller's.
 */
MUST_CHECK bool ocsp_signer_care(struct ocsp_signer *signer, struct desk *desk,
    struct store *reading, int64_t now, struct failure *why);

size_t ocsp_signer_count(const struct ocsp_signer *signer);
const struct authority_issuer *ocsp_signer_issuer(
    const struct ocsp_signer *signer, size_t responder);

/* Which responder answers for this CertID; false: none of ours. */
bool ocsp_signer_find(const struct ocsp_signer *signer,
    const struct ocsp_certificate_id *id, size_t *responder);

struct ocsp_responder_facts {
    struct status_hash key; /* SHA-1 of its key's bits: how answers name it */
    int64_t not_after;      /* of its certificate */
};
/* As it is now; certificate (NULL: not wanted): its DER, appended.
 * FAILURE_UNAVAILABLE: it has none in force. */
MUST_CHECK bool ocsp_signer_facts(struct ocsp_signer *signer, size_t responder,
    int64_t now, struct ocsp_responder_facts *facts, struct buffer *certificate,
    struct failure *why);

/* status_client_sign, by this responder. */
MUST_CHECK bool ocsp_signer_sign(struct ocsp_signer *signer, size_t responder,
    const struct bytes *bodies, size_t count, struct status_signing *signing,
    struct failure *why);

/* That an answer for this serial is worth having ready: whoever keeps the table
 * takes these (authority/status_road.h).  When many wait, it is let go. */
#define OCSP_SERIAL_MAX 20
struct ocsp_wish {
    size_t responder;
    uint8_t serial[OCSP_SERIAL_MAX];
    size_t serial_length;
    enum ocsp_id_hash hash;
};
void ocsp_signer_wish(struct ocsp_signer *signer, size_t responder,
    struct bytes serial, enum ocsp_id_hash hash);
/* False: none waits. */
bool ocsp_signer_take_wish(struct ocsp_signer *signer, struct ocsp_wish *wish);

#endif
