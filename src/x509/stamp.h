#ifndef X509_STAMP_H
#define X509_STAMP_H

#include "x509/cms_signer.h"

/*
 * Was this signature made before that time?  A time-stamp over a signature
 * value: RFC 3161's token, or the older countersignature (RFC 5652, 11.4) with
 * a signing-time.  Its signer's path is judged at the time it states, as
 * Authenticode does: a stamp outlives the certificate of the authority that
 * made it.  Revoked authorities are refused whenever that was (RFC 3161, 4).
 */
enum stamp_kind { STAMP_TOKEN, STAMP_COUNTERSIGNATURE };

struct stamp {
    enum stamp_kind kind;
    bool is_valid;
    int64_t time;
    char authority[CHAIN_NAME_TEXT];
    struct signed_notes notes;
};

/* The token over a message: whole ContentInfo.  enclosed: the certificates of
 * the signature that it stamps.  at_its_time: the path is judged at the time
 * that is stamped, else at the question's.  False: undecided. */
MUST_CHECK bool stamp_token_verify(struct bytes token,
    const struct cms_content *stamped, const struct chain_question *question,
    bool at_its_time, struct verdict *verdict, struct stamp *stamp,
    struct failure *why);

/* Every time-stamp among the unsigned attributes of a signer. */
#define STAMPS_MAX 4
struct stamps {
    struct stamp all[STAMPS_MAX];
    size_t count;
    const struct stamp *earliest; /* of the valid ones; NULL: none */
};

MUST_CHECK bool stamps_verify(const struct pkcs7_signer *signer,
    const struct chain_question *question, struct stamps *stamps,
    struct failure *why);

#endif
