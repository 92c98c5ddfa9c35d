#ifndef X509_OCSP_PARTS_H
#define X509_OCSP_PARTS_H

#include "x509/der_writer.h"
#include "x509/extension.h"
#include "x509/ocsp_question.h"

/* What requests and answers of OCSP have in common (RFC 6960, 4.1 and 4.2). */

/* Contents of id-pkix-ocsp-basic, id-pkix-ocsp-nonce, id-sha1, id-sha256. */
struct bytes ocsp_basic_type(void);
struct bytes ocsp_nonce_type(void);
struct bytes ocsp_sha1_type(void);
struct bytes ocsp_sha256_type(void);

bool ocsp_is_nonce(const struct extension *extension);

/* A reader at its end, for what is absent. */
struct der_reader ocsp_ended(const struct der_reader *reader);

/* The contents of an element, whatever they are. */
MUST_CHECK bool ocsp_read_octets(struct der_reader *reader, unsigned int tag,
    struct bytes *octets, struct failure *why);

/* [0] EXPLICIT Version DEFAULT v1, or none; what: "answer". */
MUST_CHECK bool ocsp_read_version(
    struct der_reader *reader, const char *what, struct failure *why);

MUST_CHECK bool ocsp_read_id(struct der_reader *reader,
    struct ocsp_certificate_id *id, struct failure *why);

/* [number] EXPLICIT Extensions, or none; none of them is there twice. */
MUST_CHECK bool ocsp_read_extensions(struct der_reader *reader,
    unsigned int number, struct der_reader *extensions, struct failure *why);

/* value: of the extension.  FAILURE_MALFORMED: a length that RFC 9654
 * forbids. */
MUST_CHECK bool ocsp_read_nonce(
    struct bytes value, struct bytes *nonce, struct failure *why);
/* [number] EXPLICIT Extensions with the nonce alone; nothing for none. */
void ocsp_write_nonce(
    struct der_writer *writer, unsigned int number, struct bytes nonce);

#endif
