#ifndef X509_CHAIN_EXPLAIN_WORDS_H
#define X509_CHAIN_EXPLAIN_WORDS_H

#include "x509/chain/chain_certificate.h"

/* Parts of explain.c's sentences. */

/* The subject of a certificate of a path; "the certificate" for bytes that are
 * none. */
void explain_name(struct bytes der, char text[static CHAIN_NAME_TEXT]);

/*
 * Who issued it, and how its key is known: "CN=Root (key identifier 7d:...)",
 * with what authorityKeyIdentifier says.  Empty when the bytes are no
 * certificate.
 */
#define EXPLAIN_ISSUER (CHAIN_NAME_TEXT + 120)
void explain_issuer(struct bytes der, char text[static EXPLAIN_ISSUER]);

/* The first address of caIssuers in authorityInfoAccess that begins with
 * http, made visible; false: there is none, or it is too long to be told. */
#define EXPLAIN_ADDRESS 256
bool explain_issuer_address(
    struct bytes der, char text[static EXPLAIN_ADDRESS]);

#endif
