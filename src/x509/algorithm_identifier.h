#ifndef X509_ALGORITHM_IDENTIFIER_H
#define X509_ALGORITHM_IDENTIFIER_H

#include "x509/der.h"
#include "x509/oid.h"

/* AlgorithmIdentifier (RFC 5280, 4.1.1.2): an object identifier and at most
 * one element of parameters. */

struct algorithm_identifier {
    struct bytes whole;
    struct bytes oid;        /* contents */
    struct bytes parameters; /* whole element; length 0: absent */
};

MUST_CHECK bool algorithm_identifier_read(struct der_reader *reader,
    struct algorithm_identifier *identifier, struct failure *why);

/*
 * What people call it: "sha1WithRSAEncryption", "id-dsa", "secp256k1"; dotted
 * when it is none that we know.  oid: contents that passed der_read_oid, of an
 * algorithm or of a curve.
 */
void algorithm_name_print(struct bytes oid, char text[static OID_TEXT]);

/*
 * Says why a signature with this AlgorithmIdentifier, which has no row, is not
 * taken: "the request is signed with sha1WithRSAEncryption; ...".  what: the
 * signed thing.  Always false, like fail_because; FAILURE_UNSUITABLE.
 */
bool signature_algorithm_refuse(
    struct bytes identifier, const char *what, struct failure *why);

#endif
