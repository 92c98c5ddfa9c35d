#ifndef X509_CERTIFICATE_H
#define X509_CERTIFICATE_H

#include "x509/extension.h"
#include "x509/name.h"
#include "x509/spki.h"
#include "x509/time.h"

/*
 * A certificate (RFC 5280, 4.1): its encoded bytes plus views found by one
 * bounds-checked walk.  Nothing is copied; the views live as long as the bytes.
 */
struct tbs_certificate {
    struct bytes whole;  /* the to-be-signed element */
    uint32_t version;    /* 0: v1, 2: v3 */
    struct bytes serial; /* contents of the INTEGER */
    struct bytes signature_algorithm;
    struct bytes issuer; /* whole Name */
    int64_t not_before, not_after;
    struct bytes subject;
    struct spki key;
    struct der_reader extensions; /* at its end when there are none */
};

struct certificate {
    struct bytes whole;
    struct tbs_certificate tbs;
    struct bytes signature_algorithm;
    struct bytes signature; /* bits, no spare ones */
};

#define CERTIFICATE_MAX (256 * 1024)

/* Reads one certificate that fills the bytes.  Checks structure and
 * encodings (names walked, extensions walked, no duplicates, the two
 * algorithms equal), no rule of policy. */
MUST_CHECK bool certificate_read(
    struct bytes der, struct certificate *certificate, struct failure *why);

/* Reads a bare to-be-signed body: a draft. */
MUST_CHECK bool tbs_certificate_read(
    struct bytes der, struct tbs_certificate *tbs, struct failure *why);

/* Verifies the signature with the issuer's key. */
MUST_CHECK bool certificate_verify(const struct certificate *certificate,
    EVP_PKEY *issuer_key, struct failure *why);

/* Joins a draft and its signature, appended to der, and reads the result: a
 * draft that names another algorithm or is no certificate is refused. */
MUST_CHECK bool certificate_seal(struct bytes tbs, struct bytes algorithm,
    struct bytes signature, struct buffer *der, struct failure *why);

/* Lower-case hexadecimal without separators or zeros in front ("00": zero);
 * "-" before a negative one; more than 28 bytes are cut with "...". */
#define SERIAL_TEXT 64
void serial_print(struct bytes serial, char text[static SERIAL_TEXT]);
/* INTERFACES.md: hexadecimal with or without 0x or a colon after each two
 * digits, any case, zeros in front allowed, never decimal; at most 20 bytes.
 * *length: bytes without leading zeros, 0 for zero. */
MUST_CHECK bool serial_read(const char *text, uint8_t serial[static 20],
    size_t *length, struct failure *why);

#endif
