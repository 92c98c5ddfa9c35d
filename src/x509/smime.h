#ifndef X509_SMIME_H
#define X509_SMIME_H

#include "base/bytes.h"

/*
 * Signed mail (RFC 8551, 3.4 and 3.5; RFC 1847; RFC 2045, 2046) as far as a
 * signature needs it: a message whose outermost part is multipart/signed, or
 * application/pkcs7-mime.  Parts inside others are not looked for: a signature
 * that a gateway has wrapped is told as none.
 */
#define SMIME_HEADERS_MAX (64 * 1024)
#define SMIME_BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */
#define SMIME_MAX (64 * 1024 * 1024)

enum smime_kind {
    SMIME_NONE,   /* no message, or none that is signed */
    SMIME_OPAQUE, /* the content is within the SignedData */
    SMIME_DETACHED
};

struct smime {
    enum smime_kind kind;
    struct bytes content; /* SMIME_DETACHED: as it stands in the message */
    struct bytes encoded; /* the body with the signature */
    bool is_base64;       /* else it is DER or BER as it is */
};

/* FAILURE_MALFORMED: it says it is signed mail, and its parts are not there. */
MUST_CHECK bool smime_read(
    struct bytes file, struct smime *smime, struct failure *why);

/* Appends the text with CR LF at every line's end (RFC 8551, 3.1.1). */
MUST_CHECK bool smime_canonical(
    struct bytes text, struct buffer *canonical, struct failure *why);

#endif
