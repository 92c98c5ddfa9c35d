#ifndef AUTHORITY_FACTS_H
#define AUTHORITY_FACTS_H

#include "base/json.h"
#include "crypto/digest.h"
#include "store/store.h"
#include "x509/certificate.h"

/* What a certificate says, as people and programs are shown it. */
struct facts {
    char serial[SERIAL_TEXT];
    struct buffer subject_text, issuer_text; /* own the next two */
    const char *subject, *issuer;            /* RFC 4514 */
    json_t *names;                           /* "dns:a.example", ... */
    const char *key; /* "p256"; "" for one without a row */
    char not_before[CLOCK_TEXT], not_after[CLOCK_TEXT];
    int64_t not_before_time, not_after_time;
    char sha256[SHA256_TEXT]; /* of the certificate; "" of a draft */
};

/* A certificate, or a draft that was never sealed. */
MUST_CHECK bool facts_read(
    struct bytes der, bool sealed, struct facts *facts, struct failure *why);
void facts_free(struct facts *facts);

/* "AA:BB:..." from lower-case hexadecimal. */
#define FINGERPRINT_TEXT (SHA256_BYTES * 3)
void fingerprint_print(const char *sha256, char text[static FINGERPRINT_TEXT]);

/* "dns:a.example, ip:10.0.0.1" of encoded names, one after another. */
MUST_CHECK bool names_print(
    struct bytes general_names, struct buffer *text, struct failure *why);
/* The same as texts of an array. */
MUST_CHECK bool names_to_json(
    struct der_reader names, json_t *array, struct failure *why);

/* The certificate as PEM. */
MUST_CHECK bool certificate_print(
    struct bytes der, struct buffer *pem, struct failure *why);
json_t *certificate_to_json(struct bytes der);

#endif
