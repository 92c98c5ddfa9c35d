#ifndef X509_INPUT_H
#define X509_INPUT_H

#include "x509/der.h"
#include "x509/pem.h"

/*
 * Files of others, in any encoding, told by what is in them and never by their
 * name (kb 47 to 53): PEM of one or many blocks with whatever is around them,
 * UTF-16 too (x509/pem.h), one object in DER, base64 without BEGIN and END; and
 * a chain in PKCS#7, in BER too, is the same as its certificates one by one.
 *
 * name is what the file is called in a reason: a path, "standard input".
 * Reasons name the line and byte (PEM) or offset (DER), the true cause, and
 * what the file holds instead of what was wanted.
 */
enum input_kind {
    INPUT_CERTIFICATE,
    INPUT_REQUEST, /* PKCS#10 */
    INPUT_CRL,
    INPUT_PRIVATE_KEY,
    INPUT_ENCRYPTED_KEY,
    INPUT_PUBLIC_KEY,
    INPUT_PKCS7,
    INPUT_PKCS12,
    INPUT_OTHER, /* parameters of keys among them */
    INPUT_KINDS
};

/* "a certificate"; "certificates". */
const char *input_kind_name(enum input_kind kind);
const char *input_kind_plural(enum input_kind kind);

/* What a blob of DER is, by the shape of its outer elements alone: that it is a
 * good one is for its own reader to say. */
enum input_kind input_kind_of(struct bytes der);

struct input_object {
    enum input_kind kind;
    struct bytes der;   /* length 0: a key that PEM's headers encrypt */
    struct bytes label; /* of the PEM block; length 0: none */
    size_t line;        /* of its BEGIN, from 1; 0: no PEM */
    size_t offset;      /* in the DER of the file or block: above 0 for what
                           was taken out of a PKCS#7 */
};

/* Objects in one file; those in a PKCS#7 count. */
#define INPUT_OBJECTS_MAX 1000

struct input {
    struct input_object *objects;
    size_t count;
    struct buffer text;  /* UTF-16, converted */
    struct buffer anew;  /* PKCS#7 in BER, written as DER (x509/ber.h) */
    struct buffer bytes; /* PEM, decoded: may hold keys, so it is wiped */
};

void input_free(struct input *input);

/*
 * All the objects of a file, in its order; the certificates and lists of a
 * PKCS#7 follow it.  The objects are views into the file and into the input,
 * and live as long as both.  PEM has at most PEM_MAX bytes, how large DER may
 * be is the caller's rule.
 */
MUST_CHECK bool input_read(struct bytes file, const char *name,
    struct input *input, struct failure *why);

/*
 * What was wanted from a file, which has at most PEM_MAX bytes.  A private key
 * that stands beside it is passed over; a file without it is FAILURE_MALFORMED
 * and the reason says what the file holds.
 *
 * input_certificates leaves in *certificates every certificate once, each read
 * by certificate_read, in an order that is the same however they stood: the
 * place in a file means nothing (kb 52).
 */
MUST_CHECK bool input_certificates(struct bytes file, const char *name,
    struct input *certificates, struct failure *why);

/* The only certificate, or of several the one that issued none of the others:
 * a chain's leaf; appended.  FAILURE_CONFLICT: there is not one such. */
MUST_CHECK bool input_certificate(struct bytes file, const char *name,
    struct buffer *der, struct failure *why);

/*
 * The one PKCS#10, appended to *request.  It may be wrapped as a renewal
 * (x509/pkcs7.h): then the enclosed certificate's signature over it is
 * verified, and that certificate is appended to *old_certificate, which stays
 * empty for a plain request.  Two different requests are FAILURE_CONFLICT; a
 * renewal without its certificate is FAILURE_NOT_FOUND (a caller with a store
 * uses pkcs7_renewal_read).
 */
MUST_CHECK bool input_request(struct bytes file, const char *name,
    struct buffer *request, struct buffer *old_certificate,
    struct failure *why);

/* As input_certificates, for lists; the file may be of any length. */
MUST_CHECK bool input_crls(struct bytes file, const char *name,
    struct input *crls, struct failure *why);

#endif
