#ifndef X509_PKCS12_PARTS_H
#define X509_PKCS12_PARTS_H

#include "x509/algorithm_identifier.h"
#include "x509/der.h"
#include "x509/pkcs12.h"

/* What the parts of the reader share while one file is read. */
struct pkcs12_work {
    /* NULL with length 0: no password at all, which PKCS#12 derives from
     * otherwise than from an empty one (RFC 7292, B.1). */
    const char *password;
    int password_length;
    bool has_mac;
    uint64_t iterations_left;
    struct container *container;
    enum verdict_code code;
};

/* As pkcs12_read, within another sum of iterations: for the fuzzer, which has
 * no time. */
MUST_CHECK bool pkcs12_read_within(uint64_t iterations, struct bytes file,
    const struct secret *passphrase, struct container *container,
    enum verdict_code *code, struct failure *why);

/* Records the code with the failure.  Always false. */
bool pkcs12_refuse(struct pkcs12_work *work, enum verdict_code code,
    struct failure *why, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Salt and iterations of one derivation, held against the limits. */
struct pkcs12_derivation {
    struct bytes salt;
    uint64_t iterations;
};
MUST_CHECK bool pkcs12_read_salt(struct pkcs12_work *work,
    struct der_reader *reader, struct bytes *salt, struct failure *why);
MUST_CHECK bool pkcs12_read_iterations(struct pkcs12_work *work,
    struct der_reader *reader, uint64_t *iterations, struct failure *why);
/* An INTEGER; what does not fit is UINT64_MAX, beyond every limit. */
MUST_CHECK bool pkcs12_read_number(
    struct der_reader *reader, uint64_t *number, struct failure *why);

/* PBKDF2-params (RFC 8018, A.2); prf: NID of the HMAC. */
struct pkcs12_pbkdf2 {
    struct pkcs12_derivation derivation;
    uint64_t key_length; /* 0: absent */
    int prf;
};
MUST_CHECK bool pkcs12_read_pbkdf2(struct pkcs12_work *work,
    struct der_reader parameters, struct pkcs12_pbkdf2 *pbkdf2,
    struct failure *why);

/* The name of an algorithm for people: OpenSSL's, or dotted. */
void pkcs12_algorithm_name(struct bytes oid, char name[static CONTAINER_NAME]);
int pkcs12_nid(struct bytes oid);

/* Holds MacData (RFC 7292, 4) against the content; leaves in work the kind of
 * missing password that fits. */
MUST_CHECK bool pkcs12_check_mac(struct pkcs12_work *work,
    struct der_reader mac, struct bytes content, struct failure *why);

/* Decrypts under a password-based algorithm; *plain is a secret of its own. */
MUST_CHECK bool pkcs12_decrypt(struct pkcs12_work *work, struct bytes algorithm,
    struct bytes encrypted, struct secret *plain, struct failure *why);

#endif
