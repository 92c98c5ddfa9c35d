#ifndef X509_BER_H
#define X509_BER_H

#include "base/bytes.h"

/*
 * BER written anew as DER (X.690, 8 and 10), for what programs stream: CMS and
 * S/MIME with indefinite lengths, PKCS#12 of older libraries.  Rewritten are
 * indefinite lengths, lengths written long, OCTET STRINGs and texts in parts,
 * and the [0] in parts that CMS encrypts into (RFC 5652, 6.1).
 *
 * What is signed as it stands keeps its bytes: certificates, lists, and the
 * attributes of a signer in SignedData, where their length is definite.  No
 * value is changed and no SET OF is sorted: whether what is left is good DER is
 * for its own reader to say.
 */
#define BER_MAX (16 * 1024 * 1024) /* bytes in */
#define BER_DEPTH_MAX 32
#define BER_ELEMENTS_MAX 200000

/*
 * The one element that fills the bytes, appended to *der; DER comes out as it
 * went in.  FAILURE_MALFORMED names the offset, FAILURE_UNSUITABLE the limit.
 */
MUST_CHECK bool ber_to_der(
    struct bytes ber, struct buffer *der, struct failure *why);

/* Is it one element whose outer length is indefinite?  What only such a file
 * needs may be left out for others. */
bool ber_is_indefinite(struct bytes ber);

#endif
