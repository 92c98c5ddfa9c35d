#ifndef AUTHORITY_ISSUE_H
#define AUTHORITY_ISSUE_H

#include "authority/authority.h"
#include "authority/enrolment.h"
#include "authority/names.h"
#include "store/store_requests.h"

/*
 * The one road from an enrolment to a certificate.
 *
 * Every door (the command line now; REST, the web pages, ACME, EST, SCEP and
 * CMP to come) authenticates its caller, fills in an enrolment and takes this
 * road; none of them signs, stores or publishes by itself.
 *
 * A group travels together so that many issuances share one durable commit;
 * one issuance is a group of one.  A member that is refused leaves the road
 * with its own reason, and the others go on.
 */
struct issuance {
    const struct enrolment *enrolment; /* the caller's */

    /* Set on the way, each by the step that is named. */
    struct request request;                /* receive: views of the enrolment */
    struct public_key_parts key;           /* authenticate */
    const struct authority_issuer *issuer; /* authorise */
    const struct authority_rule *rule;     /* authorise */
    struct issuance_names names;           /* compose */
    uint8_t serial[SERIAL_BYTES];          /* compose */
    struct reserved_serial reserved;       /* the same, until sign takes it */
    int64_t not_before, not_after;         /* compose */
    struct buffer draft;                   /* compose; immutable from then on */
    struct buffer certificate;             /* seal: draft and signature, DER */

    /* await: it was stored, and waits for people under this id; a sentence of
     * what it waits for is the caller's. */
    bool awaits;
    char request_id[REQUEST_ID_TEXT];

    bool is_repeat;     /* its origin had its certificate already: this is it */
    int64_t founded;    /* record: the row of the authority that was made */
    struct failure why; /* FAILURE_NONE while it is on the road */
};

/* Makes an issuance ready for its enrolment; its buffers keep their room. */
void issuance_begin(
    struct issuance *issuance, const struct enrolment *enrolment);
void issuance_free(struct issuance *issuance);

/*
 * Takes the group (at most SIGNER_GROUP_MAX) down the road.  Afterwards each
 * member has either its certificate, recorded and ready to be handed out, or
 * waits for people under an id (awaits), or has a reason in its why; when a
 * common step fails, every member still on the road gets that reason.  Several
 * threads may, each at a desk of its own.
 */
void issue_certificates(struct authority *authority, struct desk *desk,
    struct issuance *group, size_t count);

#endif
