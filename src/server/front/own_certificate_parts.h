#ifndef SERVER_FRONT_OWN_CERTIFICATE_PARTS_H
#define SERVER_FRONT_OWN_CERTIFICATE_PARTS_H

#include "server/front/own_certificate.h"
#include "x509/certificate.h"

/* What own_certificate.c asks of own_certificate_files.c. */

/* FAILURE_UNSUITABLE: the certificate is for another key. */
MUST_CHECK bool own_files_match(const struct private_key *key,
    const struct certificate *leaf, struct failure *why);

/* own->next as own.next. */
MUST_CHECK bool own_files_write_next(
    const struct own_certificate *own, struct failure *why);

/* The chain as own.pem, then own.next becomes own.key. */
MUST_CHECK bool own_files_write(const struct own_certificate *own,
    const struct bytes *chain, size_t count, struct failure *why);

/* Copies the chain into own, as the one in use; the key is the caller's to
 * set. */
MUST_CHECK bool own_files_hold(struct own_certificate *own,
    const struct bytes *chain, size_t count, struct failure *why);

#endif
