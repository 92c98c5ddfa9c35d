#ifndef X509_PKCS7_H
#define X509_PKCS7_H

#include "x509/algorithm_identifier.h"
#include "x509/der.h"

/*
 * SignedData in a ContentInfo (PKCS#7, RFC 2315; CMS, RFC 5652), in DER: its
 * bytes plus views found by one bounds-checked walk.  It carries chains and
 * revocation lists (nobody signs those), and renewals: a PKCS#10 signed with
 * the key of the certificate that is to be renewed (kb 53, 60).
 *
 * Nothing is copied; the views live as long as the bytes.  Every optional field
 * may be absent.  How large it may be is the caller's rule.
 */
struct pkcs7 {
    struct bytes whole;
    uint32_t version;
    struct bytes content_type;      /* contents of its object identifier */
    bool has_content;               /* false: absent, or signed beside it */
    uint8_t content_tag;            /* of what content is the inside of */
    struct bytes content;           /* of the OCTET STRING */
    struct der_reader certificates; /* at their end when there are none */
    struct der_reader crls;
    struct der_reader signers;
};

#define PKCS7_SIGNERS_MAX 16
/* Request, or signed attributes, of a renewal. */
#define RENEWAL_MAX (256 * 1024)

/* Is this the beginning of a ContentInfo of PKCS#7's or S/MIME's types, signed
 * or not? */
bool pkcs7_is_content_info(struct bytes der);

/*
 * Reads one that fills the bytes and walks all of it.  What is enveloped or
 * encrypted is refused by the name of its type; indefinite lengths (BER) are
 * refused with how to write it in DER.
 */
MUST_CHECK bool pkcs7_read(
    struct bytes der, struct pkcs7 *pkcs7, struct failure *why);

/* The next X.509 certificate or revocation list; the other kinds that the
 * standard has room for are passed over.  *element has length 0 at the end. */
MUST_CHECK bool pkcs7_next_certificate(struct der_reader *certificates,
    struct bytes *element, struct failure *why);
MUST_CHECK bool pkcs7_next_crl(
    struct der_reader *crls, struct bytes *element, struct failure *why);

/*
 * Appends a SignedData that nobody signed: certificates on their way (RFC 5652,
 * 5.1; what .p7b files are).  They stand in the order of their bytes, as DER
 * wants a SET (X.690, 11.6); whoever reads them sorts the chain.  FAILURE_
 * UNSUITABLE: none, or more than PKCS7_CERTIFICATES_MAX.
 */
#define PKCS7_CERTIFICATES_MAX 64
MUST_CHECK bool pkcs7_certificates_write(const struct bytes *certificates,
    size_t count, struct buffer *der, struct failure *why);

/* SignerInfo, RFC 5652, 5.3. */
struct pkcs7_signer {
    struct bytes issuer;         /* whole Name; length 0: by key identifier */
    struct bytes serial;         /* contents of the INTEGER */
    struct bytes key_identifier; /* length 0: by issuer and serial */
    struct algorithm_identifier digest;
    bool has_attributes;
    struct bytes attributes; /* the signed ones: whole, their tag [0] */
    struct der_reader attribute_list;
    struct algorithm_identifier algorithm;
    struct bytes signature;
    struct der_reader unsigned_attributes; /* at their end when none */
};

MUST_CHECK bool pkcs7_next_signer(struct der_reader *signers,
    struct pkcs7_signer *signer, struct failure *why);

/*
 * A renewal: SignedData around a PKCS#10, with one signer.  A CMC full request
 * (RFC 5272) and any other content are refused with the list of what is
 * accepted (kb 60).
 */
struct pkcs7_renewal {
    struct bytes request;     /* the content; not yet read as PKCS#10 */
    struct bytes certificate; /* the signer's, if it is enclosed; else length 0:
                                 the caller finds it by signer.issuer and serial
                                 or key_identifier */
    struct pkcs7_signer signer;
};

MUST_CHECK bool pkcs7_renewal_read(
    struct bytes der, struct pkcs7_renewal *renewal, struct failure *why);

/*
 * Verifies the signature over the request with the key of this certificate,
 * which must be the one that the signer names.  Its dates, its issuer and its
 * revocation are the caller's rules.  FAILURE_UNSUITABLE: the signature does
 * not match, or its algorithm or key has no row.
 */
MUST_CHECK bool pkcs7_renewal_verify(const struct pkcs7_renewal *renewal,
    struct bytes certificate, struct failure *why);

/* "PKCS#10 in PEM, DER or base64, or ...": for sentences that refuse. */
#define REQUESTS_ACCEPTED                                                  \
    "accepted are PKCS#10 in PEM, DER or base64, and as a renewal PKCS#7 " \
    "or CMS SignedData around a PKCS#10, signed with the old key"

#endif
